"""What a table becomes when it leaves the page: CSV in Italian format, XLSX with native numbers."""

import csv
import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from porfse import money
from porfse.errors import BadInput
from porfse.periods import italian, moment

FORMATS = ("csv", "xlsx")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_APART = re.compile(r"<br ?/?>|</(?:p|li|div|q)>")
_TAG = re.compile(r"<[^>]*>")
Row = Sequence[Any]


def export(kind: str, name: str, rows: Iterable[Row], *, about: Sequence[str] = ()) -> HttpResponse:
    """Return a file of rows, the header first.

    Args:
        about: lines above the header, with an empty one between.

    Raises:
        BadInput: the kind is not one of FORMATS.
    """
    if kind == "csv":
        content, content_type = as_csv([*above(about), *rows]), "text/csv; charset=utf-8"
    elif kind == "xlsx":
        content, content_type = as_xlsx(name, rows, about), _XLSX
    else:
        raise BadInput(f"Il formato «{kind[:20]}» non esiste: scegliere csv oppure xlsx.")
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def above(about: Sequence[str]) -> list[list[str]]:
    """Return the rows of the lines above a header."""
    return [*([line] for line in about), []] if about else []


def plain(cell: object) -> str:
    """Return the words of a cell; markup, which only a page can read, never leaves it."""
    if not isinstance(cell, SafeString):
        return str(cell)
    return " ".join(html.unescape(_TAG.sub("", _APART.sub(" ", cell))).split())


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_csv(rows: Iterable[Row]) -> bytes:
    """Semicolons, decimal comma, UTF-8 with BOM: what an Italian spreadsheet opens as it is."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows([_text(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "sì" if cell else "no"
        case Decimal():
            places = max(2, -int(cell.normalize().as_tuple().exponent))
            return money.number(cell, min(places, 4)).replace(money.MINUS, "-")
        case int():
            return str(cell)
        case datetime():
            return moment(cell)
        case date():
            return italian(cell)
        case _:
            return neutral(plain(cell))


def as_xlsx(name: str, rows: Iterable[Row], about: Sequence[str] = ()) -> bytes:
    """Native numbers and dates, frozen bold header, text never read as a formula."""
    lines = above(about)
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(name[:31])
        formats = {
            Decimal: book.add_format({"num_format": "#,##0.00"}),
            date: book.add_format({"num_format": "dd.mm.yyyy"}),
            datetime: book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"}),
        }
        header: dict[type, Any] = {str: book.add_format({"bold": True, "text_wrap": True})}
        sheet.freeze_panes(len(lines) + 1, 0)
        for line, words in enumerate(lines):  # as long as they are, over the columns beside
            sheet.write_row(line, 0, [neutral(text) for text in words])
        widths: dict[int, int] = {}
        for line, row in enumerate(rows, len(lines)):
            for column, cell in enumerate(row):
                _write(sheet, (line, column), cell, header if line == len(lines) else formats)
                widths[column] = min(60, max(widths.get(column, 10), len(_text(cell)) + 2))
        for column, width in widths.items():
            sheet.set_column(column, column, width)
    return buffer.getvalue()


def _write(sheet: Any, where: tuple[int, int], cell: Any, formats: Mapping[type, Any]) -> None:
    look = formats.get(type(cell))
    match cell:
        case None:
            sheet.write_blank(*where, None)
        case bool():
            sheet.write_string(*where, _text(cell))
        case Decimal() | int():
            sheet.write_number(*where, cell, look)
        case datetime() | date():
            sheet.write_datetime(*where, _naive(cell), look)
        case _:
            sheet.write_string(*where, neutral(plain(cell)), look)


def _naive(at: date) -> date:
    return timezone.make_naive(at) if isinstance(at, datetime) else at
