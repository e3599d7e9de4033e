"""A table as its template reads it: header, rows, widths, chart."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby
from typing import Any

from porfse.svg import svg
from reports.builders import grafici, parole
from reports.builders.pdf.colonne import IN_PIEDI, MARGINE, SDRAIATA, Pagina, pagina
from reports.documento import SUPPRESSED, Cella, Colonna, Forma, Grafico, Riga, Tabella

Content = dict[str, Any]
_ALTE = {False: 640, True: 400}  # points that an upright page and a lying one leave below a caption
_ALTA = 200  # points of a row that is not broken over two pages
_BREVE = 150  # characters of a cell that is never so high
# Of the size of letters: how wide one may be, how far the next line is.
_LETTERA = Decimal("0.6")
_RIGA = Decimal("1.4")
# More than this can't be told apart on a page: the table says it all.
_TROPPI = {Grafico.Tipo.BARRE: 120, Grafico.Tipo.SDRAIATE: 50, Grafico.Tipo.LINEE: 2000}


def tabella(given: Tabella, *, sdraiata: bool = False) -> Content:
    """Return a table: its page, its header in one line or two, its rows, its chart.

    Args:
        sdraiata: its page lies, though the table would fit an upright one.
    """
    written = [
        [scritto(cella, colonna.forma) for cella, colonna in _pairs(given, riga)]
        for riga in given.righe
    ]
    notes = [
        {riga.celle[place].nota for riga in given.righe} for place in range(len(given.colonne))
    ]
    page = pagina(given.colonne, written, notes, sdraiata=sdraiata)
    rows = [_riga(riga, texts, page) for riga, texts in zip(given.righe, written, strict=True)]
    foot = _piede(given.righe)
    width = int(SDRAIATA if page.sdraiata else IN_PIEDI)
    return {
        "tipo": "tabella",
        "titolo": given.titolo,
        "esempio": parole.ESEMPIO if given.esempio else "",
        "sdraiata": page.sdraiata,
        "larghezza": width,
        "altezza": _ALTE[page.sdraiata],
        "corpo": _points(page.corpo),
        "larghezze": [_points(width) for width in page.larghezze],
        "destra": [colonna.forma.numerica for colonna in given.colonne],
        "testata": testata(given.colonne),
        "righe": rows[: len(rows) - foot],
        "piede": rows[len(rows) - foot :],
        "vuota": given.vuota,
        "note": list(parole.note_sotto(given)),
        "fonte": given.fonte,
        "grafico": _grafico(given, width),
    }


def testata(colonne: Sequence[Colonna]) -> list[list[Content]]:
    """Return the lines of a header: one, or two where columns have a header above them."""
    if not any(colonna.gruppo for colonna in colonne):
        return [[_titolo(colonna) for colonna in colonne]]
    above, below = [], []
    for group, members in groupby(colonne, key=lambda colonna: colonna.gruppo):
        columns = list(members)
        if group:
            above.append({"testo": group, "colonne": len(columns), "righe": 1, "destra": False})
            below += [_titolo(colonna) for colonna in columns]
        else:
            above += [_titolo(colonna) | {"righe": 2} for colonna in columns]
    return [above, below]


def _titolo(colonna: Colonna) -> Content:
    return {
        "testo": colonna.titolo,
        "colonne": 1,
        "righe": 1,
        "destra": colonna.forma.numerica,
    }


def _riga(riga: Riga, written: Sequence[str], page: Pagina) -> Content:
    return {
        "totale": riga.totale,
        "lunga": any(
            _alta(*pair, page.corpo) for pair in zip(written, page.larghezze, strict=True)
        ),
        "celle": [_cella(*pair) for pair in zip(riga.celle, written, strict=True)],
    }


def _alta(text: str, width: Decimal, size: Decimal) -> bool:
    """Whether a cell may be so high that its row must go on with the next page."""
    if len(text) < _BREVE:
        return False
    lines = len(text) * size * _LETTERA / (width - MARGINE)
    return lines * size * _RIGA > _ALTA


def _cella(cella: Cella, written: str) -> list[str]:
    """What is written, and below it what must be said of it."""
    note = "" if cella.soppressa else cella.nota
    return [written, note] if note else [written]


def _pairs(given: Tabella, riga: Riga) -> zip:
    return zip(riga.celle, given.colonne, strict=True)


def _piede(righe: Sequence[Riga]) -> int:
    """How many rows at the end are totals: they are the foot of the table, as a reader is told."""
    count = 0
    while count < len(righe) - 1 and righe[-1 - count].totale:
        count += 1
    return count


def _grafico(given: Tabella, width: int) -> Content | None:
    chart, figure = given.grafico, grafici.figura(given)
    if chart is None or figure is None:
        return None
    rows = len(grafici.righe(given))
    if rows * len(chart.serie) > _TROPPI[chart.tipo]:
        words = f"Il grafico «{chart.titolo}» non è disegnato, perché le righe sono {rows}"
        return {"assente": f"{words}: i valori sono nella tabella."}
    return {
        "assente": "",
        "titolo": chart.titolo,
        "alternativa": figure["descrizione"],
        "disegno": svg(figure, width=width),
    }


def scritto(cella: Cella, forma: Forma) -> str:
    """Return what is written in a cell, without its note."""
    if cella.soppressa:
        return SUPPRESSED
    return forma.show(cella.valore) if cella.stampato is None else cella.stampato


def _points(value: Decimal) -> int:
    """Hundredths of a point, rounded down: together they are never wider than the page."""
    return int((value * 100).to_integral_value(ROUND_FLOOR))
