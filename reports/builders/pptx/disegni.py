"""Native charts on slides, with the workbook that makes them editable."""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import ROUND_CEILING, Decimal

import xlsxwriter
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.chart import XL_TICK_LABEL_POSITION as LABELS
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import BaseOxmlElement
from pptx.slide import Slide
from pptx.util import Pt

from porfse.charts import Voce
from porfse.exports import neutral
from reports.builders import grafici
from reports.builders.pptx.base import CORPO, MARGINE, PIENA, SOPRA
from reports.builders.pptx.diapositive import Diapositiva, descrivi
from reports.builders.pptx.testi import breve, rgb
from reports.builders.xlsx.disegni import formato
from reports.builders.xlsx.stili import NUMERI
from reports.documento import Grafico, Riga, Tabella

_TIPI = {
    Grafico.Tipo.BARRE: XL_CHART_TYPE.COLUMN_CLUSTERED,
    Grafico.Tipo.SDRAIATE: XL_CHART_TYPE.BAR_CLUSTERED,
    Grafico.Tipo.LINEE: XL_CHART_TYPE.LINE_MARKERS,
}
# Rows that a slide shows; the others follow on the next, along the same axis.
_PER_SLIDE = {Grafico.Tipo.BARRE: 12, Grafico.Tipo.SDRAIATE: 14, Grafico.Tipo.LINEE: 10_000}
_MONTHS = 12
_NAME = 50  # characters of a name beside an axis
_MARKERS = (
    XL_MARKER_STYLE.CIRCLE,
    XL_MARKER_STYLE.SQUARE,
    XL_MARKER_STYLE.DIAMOND,
    XL_MARKER_STYLE.TRIANGLE,
    XL_MARKER_STYLE.X,
)
Values = Sequence[Decimal | int | None]


def di_grafico(tabella: Tabella, fonte: str, al: date, *, esempio: bool) -> Iterator[Diapositiva]:
    """Yield the slides of a table's chart; none if it has none, or no value is known.

    Args:
        al: dates the workbook inside the chart.
    """
    figure, grafico = grafici.figura(tabella), tabella.grafico
    if figure is None or grafico is None:
        return
    rows, size = grafici.righe(tabella), _PER_SLIDE[grafico.tipo]
    for start in range(0, len(rows), size):
        draw = _chart(tabella, grafico, rows[start : start + size], figure["descrizione"], al)
        yield Diapositiva(grafico.titolo, draw, fonte, esempio)


def _chart(
    tabella: Tabella, grafico: Grafico, rows: Sequence[Riga], words: str, al: date
) -> Callable[[Slide], None]:
    names = _names(tabella, grafico, rows)
    voci = grafici.voci(tabella, grafico)
    series = [[riga.celle[tabella.posizione(voce.campo)].valore for riga in rows] for voce in voci]
    number = NUMERI[tabella.colonne[tabella.posizione(voci[0].campo)].forma]

    def draw(slide: Slide) -> None:
        data = CategoryChartData(number_format=number)
        data.categories = names
        for voce, values in zip(voci, series, strict=True):
            data.add_series(_series_name(voce), values)
        frame = slide.shapes.add_chart(_TIPI[grafico.tipo], MARGINE, SOPRA, PIENA, CORPO, data)
        descrivi(frame, f"Grafico: {grafico.titolo}", words)
        frame.chart.part.chart_workbook.update_from_xlsx_blob(
            _workbook(names, voci, series, number, al)
        )
        _look(frame.chart, grafico, voci)
        _axes(frame.chart, tabella, grafico)

    return draw


def _names(tabella: Tabella, grafico: Grafico, rows: Sequence[Riga]) -> list[str] | list[date]:
    """Return what stands along the axis: days where a line runs over time, else words."""
    place = tabella.posizione(grafico.categoria)
    values = [riga.celle[place].valore for riga in rows]
    days = [value for value in values if isinstance(value, date)]
    if grafico.tipo is Grafico.Tipo.LINEE and len(days) == len(values):
        return days
    show = tabella.colonne[place].forma.show
    return [breve(neutral(show(value)), _NAME) for value in values]


def _series_name(voce: Voce) -> str:
    return breve(neutral(voce.nome), _NAME)


def _workbook(
    names: Sequence[str | date],
    voci: Sequence[Voce],
    series: Sequence[Values],
    number: str,
    al: date,
) -> bytes:
    """Return the workbook that makes the chart editable; no text of it is a formula."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime.combine(al, time())})
        sheet = book.add_worksheet("Sheet1")  # as the references of the chart call it
        look = book.add_format({"num_format": number})
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for line, name in enumerate(names, start=1):
            if isinstance(name, date):
                sheet.write_datetime(line, 0, name, day)
            else:
                sheet.write_string(line, 0, name)
        for column, (voce, values) in enumerate(zip(voci, series, strict=True), start=1):
            sheet.write_string(0, column, _series_name(voce))
            for line, value in enumerate(values, start=1):
                if value is not None:
                    sheet.write_number(line, column, value, look)
    return buffer.getvalue()


def _look(chart: Chart, grafico: Grafico, voci: Sequence[Voce]) -> None:
    chart.has_title = False
    chart.font.size = Pt(12)
    chart.has_legend = len(voci) > 1
    if chart.has_legend:
        chart.legend.position = XL_LEGEND_POSITION.TOP
        chart.legend.include_in_layout = False
    (plot,) = chart.plots
    if grafico.tipo is not Grafico.Tipo.LINEE:
        plot.gap_width = 60
    for index, (drawn, voce) in enumerate(zip(plot.series, voci, strict=True)):
        colour = rgb(voce.colore)
        if grafico.tipo is not Grafico.Tipo.LINEE:
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = colour
            continue
        drawn.smooth = False
        drawn.format.line.color.rgb = colour
        drawn.format.line.width = Pt(2.25)
        drawn.marker.style = _MARKERS[index % len(_MARKERS)]
        drawn.marker.size = 8
        drawn.marker.format.fill.solid()
        drawn.marker.format.fill.fore_color.rgb = colour
        drawn.marker.format.line.color.rgb = colour


def _axes(chart: Chart, tabella: Tabella, grafico: Grafico) -> None:
    names, values = chart.category_axis, chart.value_axis
    names.tick_label_position = LABELS.LOW  # below zero too
    names.has_major_gridlines = False
    values.tick_labels.number_format = formato(tabella, grafico)
    values.tick_labels.number_format_is_linked = False
    values.major_gridlines.format.line.color.rgb = rgb("#d9dadb")
    if grafico.tipo is Grafico.Tipo.SDRAIATE:
        names.reverse_order = True  # the first row on top
        values.tick_label_position = LABELS.HIGH
    for axis in chart.element.xpath(".//c:dateAx"):
        names.tick_labels.number_format = "mm.yyyy"
        names.tick_labels.number_format_is_linked = False
        _by_months(axis, tabella, grafico)
    if len(grafici.righe(tabella)) > _PER_SLIDE[grafico.tipo]:
        values.minimum_scale, values.maximum_scale = _bounds(tabella, grafico)


def _by_months(axis: BaseOxmlElement, tabella: Tabella, grafico: Grafico) -> None:
    """Write about a dozen months below an axis of days, which would name each day."""
    place = tabella.posizione(grafico.categoria)
    days = [riga.celle[place].valore for riga in grafici.righe(tabella)]
    months = (max(days) - min(days)).days // 31
    for name, value in (("majorUnit", str(max(1, months // _MONTHS))), ("majorTimeUnit", "months")):
        axis.append(axis.makeelement(qn(f"c:{name}"), {"val": value}))


def _bounds(tabella: Tabella, grafico: Grafico) -> tuple[int, int]:
    """Return the ends of the axis that slides have in common."""
    places = [tabella.posizione(serie.colonna) for serie in grafico.serie]
    found = [riga.celle[at].valore for riga in grafici.righe(tabella) for at in places]
    known = [Decimal(0), *(Decimal(value) for value in found if value is not None)]
    return -_round_up(-min(known)), _round_up(max(known))


def _round_up(value: Decimal) -> int:
    """Return the next whole number of one digit and zeros."""
    unit = Decimal(1).scaleb(max(0, value.adjusted())) if value else Decimal(1)
    return int((value / unit).to_integral_value(ROUND_CEILING) * unit)
