"""The sheet of a table: title and header on top, rows below them, then notes and source."""

import re
from itertools import groupby

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from porfse.exports import neutral
from reports.builders.parole import Nomi, valore
from reports.builders.xlsx.fogli import Foglio
from reports.builders.xlsx.stili import A4, Stili, altezza, contenuto, scrivi_largo, scrivi_valore
from reports.documento import Forma

_WIDE = 95  # characters that stand side by side on an upright A4 page
_WIDEST = 48
_NARROWEST = 9
_LEAST_BELOW = 72
_PLAIN = 8  # the width of a column of which nothing is said
_MARGIN = 110  # a header or footer holds 255 signs in all
# What a spreadsheet takes for a cell or a constant is no name of a range.
_NO_NAME = re.compile(r"[a-z]{1,3}[0-9]+|r[0-9]*(c[0-9]*)?|c[0-9]*|true|false|[^a-z_].*")


def scrivi(book: Workbook, foglio: Foglio, stili: Stili, sigla: str, nomi: Nomi) -> Worksheet:
    """Write the sheet of a table and name its ranges.

    Args:
        sigla: what stands on every printed page.
        nomi: the names of ranges that are taken.
    """
    sheet = book.add_worksheet(foglio.nome)
    widths = _widths(foglio)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    _header(sheet, foglio, stili, widths)
    _rows(sheet, foglio, stili, widths)
    _below(sheet, foglio, stili, sum(widths))
    sheet.autofilter(foglio.testata, 0, foglio.filtrabile, foglio.colonne - 1)
    sheet.freeze_panes(foglio.prima, 1 if foglio.colonne > 1 else 0)
    _page(sheet, foglio, sigla, wide=sum(widths) > _WIDE)
    _name_ranges(book, foglio, nomi)
    return sheet


def _header(sheet: Worksheet, foglio: Foglio, stili: Stili, widths: list[int]) -> None:
    columns = foglio.tabella.colonne
    example = foglio.tabella.esempio
    look = stili.esempio if example else stili.titolo_tabella
    sheet.write_string(0, 0, contenuto(foglio.titolo), look)
    if example:
        sheet.set_tab_color("#b3243b")
    if any(colonna.gruppo for colonna in columns):
        for group, members in groupby(enumerate(columns), key=lambda item: item[1].gruppo):
            places = [place for place, _ in members]
            _group(sheet, foglio.testata - 1, (places[0], places[-1]), group, stili)
    for place, colonna in enumerate(columns):
        look = stili.testata_numeri if colonna.forma.numerica else stili.testata
        sheet.write_string(foglio.testata, place, neutral(contenuto(colonna.titolo)), look)
    if foglio.note:
        sheet.write_string(foglio.testata, len(columns), "Note", stili.testata)
    titles = [colonna.titolo for colonna in columns]
    # Bold is wider, and the button of the filter covers the end.
    sheet.set_row(foglio.testata, altezza(titles, [width - 3 for width in widths]))


def _group(sheet: Worksheet, row: int, places: tuple[int, int], group: str, stili: Stili) -> None:
    if group:
        scrivi_largo(sheet, row, places, neutral(group), stili.gruppo)


def _rows(sheet: Worksheet, foglio: Foglio, stili: Stili, widths: list[int]) -> None:
    forms = [colonna.forma for colonna in foglio.tabella.colonne]
    for line, riga in enumerate(foglio.tabella.righe, start=foglio.prima):
        looks = stili.totali if riga.totale else stili.celle
        values = [valore(cella) for cella in riga.celle]
        for place, (value, forma) in enumerate(zip(values, forms, strict=True)):
            scrivi_valore(sheet, line, place, value, looks[forma])
        if foglio.note:
            values.append(foglio.note[line - foglio.prima])
            scrivi_valore(sheet, line, len(forms), values[-1], looks[Forma.TESTO])
        if any(
            isinstance(value, str) and (len(value) > width or "\n" in value)
            for value, width in zip(values, widths, strict=True)
        ):
            texts = [value if isinstance(value, str) else "" for value in values]
            sheet.set_row(line, altezza(texts, widths))


def _widths(foglio: Foglio) -> list[int]:
    """Wide enough for every number, for most texts; a header breaks into lines."""
    columns = foglio.tabella.colonne
    widths = []
    for place, colonna in enumerate(columns):
        show = colonna.forma.show
        cells = [len(show(valore(riga.celle[place]))) for riga in foglio.tabella.righe]
        words = [len(word) + 3 for word in colonna.titolo.split()]
        widths.append(min(_WIDEST, max([_NARROWEST, *words, *(size + 2 for size in cells)])))
    if foglio.note:
        widths.append(min(_WIDEST, max(len(note) for note in foglio.note) + 2))
    return widths


def _below(sheet: Worksheet, foglio: Foglio, stili: Stili, width: int) -> None:
    """Write notes and source, each on a line as wide as the table, or wide enough."""
    more = max(0, -(-(_LEAST_BELOW - width) // _PLAIN))
    for row, text in enumerate(foglio.sotto, start=foglio.fine):
        scrivi_largo(sheet, row, (0, foglio.colonne - 1 + more), text, stili.testo)
        sheet.set_row(row, altezza([text], [width + more * _PLAIN]))


def _page(sheet: Worksheet, foglio: Foglio, sigla: str, *, wide: bool) -> None:
    if wide:
        sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1, foglio.testata)  # the title is in the margin
    sheet.set_header(f"&L{_margin(foglio.tabella.titolo)}&R{_margin(sigla)}")
    sheet.set_footer(f"&L{_margin(f'Fonte: {foglio.tabella.fonte}')}&RPagina &P di &N")


def _margin(text: str) -> str:
    """Return as much of a text as half a header holds; an ampersand takes two signs of it."""
    words = " ".join(text.split())
    clipped = words[:_MARGIN]
    while len(clipped.replace("&", "&&")) > _MARGIN:
        clipped = clipped[:-1]
    return (clipped if clipped == words else f"{clipped}…").replace("&", "&&")


def _name_ranges(book: Workbook, foglio: Foglio, nomi: Nomi) -> None:
    name = foglio.tabella.nome
    last = foglio.colonne - 1
    book.define_name(nomi.nuovo(_range_name(name)), f"={foglio.intero(last)}")
    for place, colonna in enumerate(foglio.tabella.colonne):
        wanted = _range_name(f"{name}_{colonna.chiave}")
        book.define_name(nomi.nuovo(wanted), f"={foglio.colonna(place)}")


def _range_name(text: str) -> str:
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    return f"_{name}" if _NO_NAME.fullmatch(name.lower()) else name
