"""How cells look, and how they are written."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from porfse.charts import Colour
from porfse.exports import neutral
from reports.documento import Forma, Valore

NUMERI = {
    Forma.TESTO: "General",
    Forma.NUMERO: "#,##0",
    Forma.EURO: '#,##0.00 "€"',
    Forma.ORE: "#,##0.00",
    Forma.PERCENTO: '0.0"%"',  # 12.5 is 12,5%: the number is the one that is printed
    Forma.PUNTI: '#,##0.0 "punti"',
    Forma.DATA: "dd.mm.yyyy",
}
A4 = 9  # as spreadsheets number sizes of paper
MAX_PROPERTY = 250
MAX_TEXT = 16_000  # a cell holds 32,767 UTF-16 units
_FILL = "#e6ecf2"
_LINE = 15  # points
_MOST_LINES = 27  # a row is at most 409 points high


class Stili:
    """The formats of a workbook."""

    def __init__(self, book: Workbook) -> None:
        top = {"valign": "top"}
        wrap = {"text_wrap": True, **top}
        self.titolo = book.add_format({"bold": True, "font_size": 16, "font_color": Colour.NIGHT})
        self.sezione = book.add_format(
            {"bold": True, "font_size": 12, "font_color": Colour.BLUE, "bottom": 1}
        )
        self.titolo_tabella = book.add_format({"bold": True, "font_color": Colour.NIGHT, **top})
        self.etichetta = book.add_format({"bold": True, **wrap})
        self.esempio = book.add_format({"bold": True, "font_color": Colour.RED, **top})
        self.testo = book.add_format(wrap)
        self.legame = book.add_format({"font_color": Colour.BLUE, "underline": 1, **top})
        head = {"bold": True, "bg_color": _FILL, "text_wrap": True, "border": 1}
        self.testata = book.add_format({**head, "valign": "bottom"})
        self.testata_numeri = book.add_format({**head, "valign": "bottom", "align": "right"})
        self.gruppo = book.add_format({**head, "align": "center"})
        self.celle = {forma: book.add_format(_look(forma) | {"valign": "top"}) for forma in NUMERI}
        total = {"bold": True, "top": 1, "bg_color": "#f2f5f8", "valign": "top"}
        self.totali = {forma: book.add_format(_look(forma) | total) for forma in NUMERI}
        self.sinistra = {
            forma: book.add_format({**wrap, "num_format": NUMERI[forma], "align": "left"})
            for forma in NUMERI
        }


def _look(forma: Forma) -> dict[str, Any]:
    if forma is Forma.TESTO:
        return {"text_wrap": True}
    return {"num_format": NUMERI[forma], "align": "right"}


def scrivi_valore(sheet: Worksheet, row: int, column: int, value: Valore, look: Format) -> None:
    """Write a value as what it is; a text is never read as a formula, here or in a copy."""
    match value:
        case None | "":
            sheet.write_blank(row, column, None, look)
        case Decimal() | int():
            sheet.write_number(row, column, value, look)
        case date():
            sheet.write_datetime(row, column, value, look)
        case _:
            sheet.write_string(row, column, neutral(contenuto(value)), look)


def scrivi_largo(
    sheet: Worksheet, row: int, columns: tuple[int, int], text: str, look: Format
) -> None:
    """Write a text across columns, the first and the last."""
    first, last = columns
    if first < last:
        sheet.merge_range(row, first, row, last, "", look)
    sheet.write_string(row, first, contenuto(text), look)


def altezza(texts: Sequence[str], widths: Sequence[int]) -> int:
    """Return how high a row must be for its texts: not every program grows it by itself.

    Args:
        widths: how many characters stand side by side in each column.
    """
    lines = max(map(_lines, texts, widths), default=1)
    return _LINE * min(lines, _MOST_LINES)


def _lines(text: str, width: int) -> int:
    if len(text) <= width and "\n" not in text:
        return 1
    return sum(max(1, len(wrap(part, max(width, 1)))) for part in text.split("\n"))


def contenuto(text: str) -> str:
    """Return as much of a text as a cell holds, with a mark where it was cut."""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]} […]"
