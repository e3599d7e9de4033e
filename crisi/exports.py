"""The table of the crises as a file that looks like the published one."""

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from crisi.tavola import PLACE_HEADER, SHARE_HEADER, TOTAL_HEADER, Cell, Tavola
from porfse import exports, money
from porfse.errors import BadInput

COLUMNS = 14
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BORDER = {"border": 1, "font_size": 10}
_HEADER = {**_BORDER, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter"}
_NUMBERS = {0: "#,##0", 1: "0.0", 2: "0.00"}  # by decimals; a spreadsheet has its own separators


def export(kind: str, tavola: Tavola) -> HttpResponse:
    """Return the table as `csv` or `xlsx`, with its title, its source and what is not known.

    Raises:
        BadInput: another kind.
    """
    if kind == "csv":
        content, content_type = exports.as_csv(_lines(tavola)), "text/csv; charset=utf-8"
    elif kind == "xlsx":
        content, content_type = as_xlsx(tavola), _XLSX
    else:
        raise BadInput(f"Il formato «{kind[:20]}» non esiste: scegliere csv oppure xlsx.")
    base = tavola.base
    name = f"tavola-crisi-{base.periodo}-{base.fonte}"
    if not tavola.pubblicata:
        name += f"-{base.criterio.replace('_', '-')}"
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def notes(tavola: Tavola) -> Iterator[str]:
    """Yield what a reader of the file must know: source, shares, what is not known."""
    yield f"Fonte: {tavola.fonte}."
    if tavola.pubblicata:
        yield from (f"Cella vuota nella fonte: {note.luogo}." for note in tavola.celle_vuote)
        return
    yield "Le procedure ritirate non contano. Vuoto: non noto."
    for note in tavola.non_noti:
        yield f"Unità con lavoratori non noti, {note.luogo}: {note.figura.raw}."


def _headers(tavola: Tavola) -> list[str]:
    found = [PLACE_HEADER]
    for group in tavola.gruppi:
        found += [group.unita, SHARE_HEADER, group.lavoratori, SHARE_HEADER]
    return [*found, TOTAL_HEADER]


def _lines(tavola: Tavola) -> Iterator[list[Any]]:
    yield [tavola.titolo]
    groups = [""]
    for group in tavola.gruppi:
        groups += [f"{group.titolo} - {group.linee_guida}", "", "", ""]
    yield [*groups, ""]
    yield _headers(tavola)
    for row in tavola.righe:
        yield [row.sigla, *(_plain(cell) for cell in row.cells)]
    yield []
    yield from ([note] for note in notes(tavola))


def _plain(cell: Cell) -> str:
    """A number in Italian format without thousands, as a spreadsheet opens it."""
    if cell.number is None:
        return ""
    return money.number(cell.number, cell.places).replace(".", "").replace(money.MINUS, "-")


def as_xlsx(tavola: Tavola) -> bytes:
    """Merged headers as in the source, numbers as numbers, blanks blank."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(f"Tavola {tavola.base.periodo}")
        sheet.set_landscape()
        sheet.fit_to_pages(1, 1)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, COLUMNS - 1, 12)
        _write_headers(book, sheet, tavola)
        _write_rows(book, sheet, tavola)
        for line, note in enumerate(notes(tavola), 3 + len(tavola.righe) + 1):
            sheet.write_string(line, 0, exports.neutral(note))
    return buffer.getvalue()


def _write_headers(book: Any, sheet: Any, tavola: Tavola) -> None:
    header, last = book.add_format(_HEADER), COLUMNS - 1
    title = book.add_format({"bold": True, "font_size": 14})
    sheet.merge_range(0, 0, 0, last, tavola.titolo, title)
    headers = _headers(tavola)
    sheet.merge_range(1, 0, 2, 0, headers[0], header)
    for number, group in enumerate(tavola.gruppi):
        first = 1 + 4 * number
        words = f"{group.titolo}\n{group.linee_guida}"
        sheet.merge_range(1, first, 1, first + 3, words, header)
        for column in range(first, first + 4):
            sheet.write_string(2, column, headers[column], header)
    sheet.merge_range(1, last, 2, last, headers[last], header)
    sheet.set_row(1, 32)
    sheet.set_row(2, 92)
    sheet.freeze_panes(3, 1)


def _write_rows(book: Any, sheet: Any, tavola: Tavola) -> None:
    looks = {
        (places, bold): book.add_format({**_BORDER, "num_format": shown, "bold": bold})
        for places, shown in _NUMBERS.items()
        for bold in (False, True)
    }
    for line, row in enumerate(tavola.righe, 3):
        sheet.write_string(line, 0, row.sigla, book.add_format({**_BORDER, "bold": row.totale}))
        for column, cell in enumerate(row.cells, 1):
            _write(sheet, (line, column), cell.number, looks[cell.places, row.totale])


def _write(sheet: Any, where: tuple[int, int], number: Decimal | None, look: Any) -> None:
    if number is None:
        sheet.write_blank(*where, None, look)
    else:
        sheet.write_number(*where, number, look)
