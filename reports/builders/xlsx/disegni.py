"""Native charts below the tables, of the same rows and colours as those of the PDF."""

from dataclasses import dataclass, replace
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from porfse import charts
from porfse.charts import Colour, Voce
from porfse.exports import neutral
from reports.builders import grafici
from reports.builders.parole import ESEMPIO, intestazione, valore
from reports.builders.xlsx.fogli import Foglio
from reports.builders.xlsx.stili import A4, MAX_PROPERTY, NUMERI, Stili, scrivi_valore
from reports.documento import Cella, Forma, Grafico, Tabella, Valore

# Two commas divide by a million what an axis shows; the cells keep their cents.
MILIONI = '#,##0.0,,"  Mln€"'
_TIPI = {
    Grafico.Tipo.BARRE: {"type": "column"},
    Grafico.Tipo.SDRAIATE: {"type": "bar"},
    Grafico.Tipo.LINEE: {"type": "line"},
}
_MARKERS = ("circle", "square", "diamond", "triangle", "x")
_WIDTH = 860  # pixels
_HEIGHT = 340
_BAR = 18
_TALLEST = 3000
_CHE_COSA = (
    "Copia dei valori che i grafici disegnano, senza totali: i dati del report sono negli altri"
    " fogli."
)
_NAME = 60  # characters of a name beside an axis


@dataclass(frozen=True)
class _Riferimenti:
    """Where a chart finds its names and values."""

    categorie: str
    serie: tuple[str, ...]


class Disegni:
    """The charts of a workbook, and the sheet of values for those that cannot read their table.

    A chart reads one stretch of cells and takes a text among its numbers for a zero: where totals
    stand between the rows, a value is hidden or a name is long, it draws a copy of the values.
    """

    FOGLIO = "Dati dei grafici"

    def __init__(self, book: Workbook, stili: Stili) -> None:
        self._book = book
        self._stili = stili
        self._copie: Worksheet | None = None
        self._column = 0

    def disegna(self, foglio: Foglio, sheet: Worksheet) -> None:
        """Put the chart of a table below it; nothing if it has none, or no value is known."""
        table = foglio.tabella
        figure = grafici.figura(table)
        if figure is None or table.grafico is None:
            return
        places = [table.posizione(serie.colonna) for serie in table.grafico.serie]
        category = table.posizione(table.grafico.categoria)
        if len(foglio.blocchi) == 1 and _as_drawn(table, category, places):
            found = _Riferimenti(foglio.colonna(category), tuple(map(foglio.colonna, places)))
        else:
            found = self._copia(foglio, category, places)
        chart = self._chart(table, table.grafico, found)
        chart.set_size({"width": _WIDTH, "height": _height(table, table.grafico)})
        sheet.insert_chart(
            foglio.fine + len(foglio.sotto) + 1, 0, chart, {"description": figure["descrizione"]}
        )

    def _chart(self, table: Tabella, grafico: Grafico, found: _Riferimenti) -> Chart:
        chart = self._book.add_chart(_TIPI[grafico.tipo])
        for index, voce in enumerate(grafici.voci(table, grafico)):
            chart.add_series(
                {
                    "name": neutral(voce.nome[:MAX_PROPERTY]),
                    "categories": f"={found.categorie}",
                    "values": f"={found.serie[index]}",
                    **_look(grafico.tipo, voce, index),
                }
            )
        font = {"size": 12, "color": Colour.NIGHT}
        chart.set_title({"name": neutral(grafico.titolo[:MAX_PROPERTY]), "name_font": font})
        chart.set_legend({"position": "top"} if len(grafico.serie) > 1 else {"none": True})
        names: dict[str, Any] = {"label_position": "low"}  # below zero too
        values = {
            "num_format": formato(table, grafico),
            "major_gridlines": {"visible": True, "line": {"color": "#d9dadb"}},
        }
        if grafico.tipo is Grafico.Tipo.SDRAIATE:
            # The first row on top; the values stay at the bottom.
            chart.set_y_axis({**names, "reverse": True})
            chart.set_x_axis({**values, "label_position": "high"})
        else:
            chart.set_x_axis({**names, **_kind(table, grafico)})
            chart.set_y_axis(values)
        return chart

    def _copia(self, foglio: Foglio, category: int, places: list[int]) -> _Riferimenti:
        """Write names and values a second time, without totals, a gap for what is hidden."""
        if self._copie is None:
            self._copie = self._sheet()
        table, sheet, first = foglio.tabella, self._copie, self._column
        self._column += len(places) + 2
        rows = grafici.righe(table)
        for column, place in enumerate((category, *places), start=first):
            colonna = table.colonne[place]
            mark = f" – {ESEMPIO}" if foglio.tabella.esempio else ""
            title = f"{foglio.nome}{mark}: {intestazione(colonna)}"
            sheet.write_string(1, column, neutral(title[:MAX_PROPERTY]), self._stili.testata)
            sheet.set_column(column, column, _NAME if place == category else 24)
            look = self._stili.celle[colonna.forma]
            for line, riga in enumerate(rows, start=2):
                scrivi_valore(sheet, line, column, _drawn(riga.celle[place], colonna.forma), look)
        found = [
            f"'{self.FOGLIO}'!{xl_range_abs(2, column, len(rows) + 1, column)}"
            for column in range(first, first + len(places) + 1)
        ]
        return _Riferimenti(found[0], tuple(found[1:]))

    def _sheet(self) -> Worksheet:
        sheet = self._book.add_worksheet(self.FOGLIO)
        sheet.write_string(0, 0, _CHE_COSA, self._stili.titolo_tabella)
        sheet.freeze_panes(2, 0)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 1)
        return sheet


def formato(table: Tabella, grafico: Grafico) -> str:
    """Return how the axis of a chart shows its numbers: millions where the PDF does."""
    if grafici.misura(table, grafico) is charts.MLN_EURO:
        return MILIONI
    forma = table.colonne[table.posizione(grafico.serie[0].colonna)].forma
    return NUMERI[forma].replace(".00", "")


def _as_drawn(table: Tabella, category: int, places: list[int]) -> bool:
    """Whether the cells of the table are what the chart shows."""
    return all(
        len(str(riga.celle[category].valore)) <= _NAME
        and all(
            valore(riga.celle[place]) == riga.celle[place].valore for place in (category, *places)
        )
        for riga in grafici.righe(table)
    )


def _drawn(cella: Cella, forma: Forma) -> Valore:
    if not isinstance(cella.valore, str):
        return cella.valore
    text = replace(cella, nota="").show(forma)
    return text if len(text) <= _NAME else f"{text[: _NAME - 1]}…"


def _kind(table: Tabella, grafico: Grafico) -> dict[str, Any]:
    """Days are as far apart as in time along a line, side by side below bars."""
    if table.colonne[table.posizione(grafico.categoria)].forma is not Forma.DATA:
        return {}
    if grafico.tipo is Grafico.Tipo.LINEE:
        return {"date_axis": True, "num_format": "mm.yyyy"}
    return {"text_axis": True, "num_format": NUMERI[Forma.DATA]}


def _look(tipo: Grafico.Tipo, voce: Voce, index: int) -> dict[str, Any]:
    fill = {"color": str(voce.colore)}
    if tipo is not Grafico.Tipo.LINEE:
        return {"fill": fill, "gap": 60}
    marker = {"type": _MARKERS[index % len(_MARKERS)], "size": 6, "fill": fill, "border": fill}
    return {"line": {**fill, "width": 2}, "marker": marker}


def _height(table: Tabella, grafico: Grafico) -> int:
    if grafico.tipo is not Grafico.Tipo.SDRAIATE:
        return _HEIGHT
    bars = len(grafici.righe(table)) * (len(grafico.serie) + 1)
    return min(_TALLEST, max(_HEIGHT, 110 + _BAR * bars))
