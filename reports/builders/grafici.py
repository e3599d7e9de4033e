"""The chart of a table, as the pages would draw it: its rows, its series, its figure.

The PDF draws the figure; the spreadsheet and the slides make a native chart of the same rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from porfse import charts, money
from porfse.charts import Figure, Measure, Voce
from reports.builders.parole import intestazione
from reports.documento import SUPPRESSED, Cella, Forma, Grafico, Riga, Tabella

_ORE = Measure(lambda value: money.number(value, 2))
_PUNTI = Measure(lambda value: f"{money.number(value, 1)}\u00a0punti")
_MISURE: Mapping[Forma, Measure] = {
    Forma.NUMERO: charts.NUMERO,
    Forma.EURO: charts.EURO,
    Forma.ORE: _ORE,
    Forma.PERCENTO: charts.PERCENTO,
    Forma.PUNTI: _PUNTI,
}
_NASCOSTO = object()
_HIDDEN = f"I valori segnati {SUPPRESSED} nella tabella non sono disegnati."


class _ConNascosti(Measure):
    """Shows a hidden value as the table does: a gap, but not something unknown."""

    @classmethod
    def di(cls, misura: Measure) -> "_ConNascosti":
        return cls(misura.show, misura.suffix, misura.divisor)

    def text(self, value: Any) -> str:
        return SUPPRESSED if value is _NASCOSTO else super().text(value)

    def scaled(self, value: Any) -> Decimal | None:
        return None if value is _NASCOSTO else super().scaled(value)


def righe(tabella: Tabella) -> tuple[Riga, ...]:
    """Return the rows that a chart draws: those that are no total."""
    return tuple(riga for riga in tabella.righe if not riga.totale)


def voci(tabella: Tabella, grafico: Grafico) -> tuple[Voce, ...]:
    """Return the series, each with the words of its column, those above it first."""
    found = []
    for serie in grafico.serie:
        colonna = tabella.colonne[tabella.posizione(serie.colonna)]
        found.append(Voce(colonna.chiave, intestazione(colonna), serie.colore))
    return tuple(found)


def misura(tabella: Tabella, grafico: Grafico) -> Measure:
    """Return how the values are shown: millions of euro where one reaches a million.

    Raises:
        ValueError: the series are of different measures: one axis can't hold them.
    """
    places = [tabella.posizione(serie.colonna) for serie in grafico.serie]
    forme = {tabella.colonne[place].forma for place in places}
    if len(forme) != 1 or not forme <= _MISURE.keys():
        raise ValueError(f"grafico di «{tabella.nome}»: serie di misure diverse o senza numeri")
    (forma,) = forme
    amounts = [riga.celle[place].valore or 0 for riga in righe(tabella) for place in places]
    if forma is Forma.EURO and any(abs(value) >= money.MILLION for value in amounts):
        return charts.MLN_EURO
    return _MISURE[forma]


def figura(tabella: Tabella) -> Figure | None:
    """Return the figure of a table's chart; None if it has none, or if no value is known.

    Raises:
        ValueError: the chart mixes measures, or names a column that is not there.
    """
    grafico = tabella.grafico
    if grafico is None or not _known(tabella, grafico):
        return None
    made = _MAKERS[grafico.tipo](tabella, grafico)
    places = [tabella.posizione(serie.colonna) for serie in grafico.serie]
    if any(riga.celle[place].soppressa for riga in righe(tabella) for place in places):
        made["descrizione"] += f" {_HIDDEN}"
    return made


def _known(tabella: Tabella, grafico: Grafico) -> bool:
    places = [tabella.posizione(serie.colonna) for serie in grafico.serie]
    return any(riga.celle[place].valore is not None for riga in righe(tabella) for place in places)


def _bars(tabella: Tabella, grafico: Grafico) -> Figure:
    return charts.grouped_bars(
        _rows(tabella, grafico),
        category=grafico.categoria,
        voci=voci(tabella, grafico),
        measure=_ConNascosti.di(misura(tabella, grafico)),
    )


def _lying(tabella: Tabella, grafico: Grafico) -> Figure:
    """Turn bars over: values along x, the first row on top."""
    made = _bars(tabella, grafico)
    made["data"] = [
        trace | {"orientation": "h", "x": trace["y"], "y": trace["x"]} for trace in made["data"]
    ]
    names, values = made["layout"]["xaxis"], made["layout"]["yaxis"]
    made["layout"] |= {"xaxis": values, "yaxis": names | {"autorange": "reversed"}}
    return made


def _lines(tabella: Tabella, grafico: Grafico) -> Figure:
    rows = _rows(tabella, grafico)
    made = charts.lines(
        rows,
        day=grafico.categoria,
        voci=voci(tabella, grafico),
        measure=_ConNascosti.di(misura(tabella, grafico)),
    )
    if not all(isinstance(row[grafico.categoria], date) for row in rows):
        made["layout"]["xaxis"] = {"type": "category", "fixedrange": True}
    return made


_MAKERS: Mapping[Grafico.Tipo, Callable[[Tabella, Grafico], Figure]] = {
    Grafico.Tipo.BARRE: _bars,
    Grafico.Tipo.SDRAIATE: _lying,
    Grafico.Tipo.LINEE: _lines,
}


def _rows(tabella: Tabella, grafico: Grafico) -> list[dict[str, Any]]:
    """The drawn rows by column: numbers of the series, words or a day of the category."""
    category = tabella.posizione(grafico.categoria)
    forma = tabella.colonne[category].forma
    found = []
    for riga in righe(tabella):
        name = riga.celle[category]
        day = name.valore if isinstance(name.valore, date) else None
        row: dict[str, Any] = {
            serie.colonna: _number(riga.celle[tabella.posizione(serie.colonna)])
            for serie in grafico.serie
        }
        row[grafico.categoria] = day or replace(name, nota="").show(forma)
        found.append(row)
    return found


def _number(cella: Cella) -> Any:
    """The value of a number's cell; one that is blank, or hidden, is a gap."""
    if cella.soppressa:
        return _NASCOSTO
    return None if cella.valore is None else Decimal(cella.valore)
