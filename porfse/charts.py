"""Charts of plotly.js as plain dictionaries: rows in, figure out.

A figure is `{"data": [trace, ...], "layout": {...}, "descrizione": "..."}`, ready for
`components/chart.html`: amounts stay `Decimal` and reach the browser as text, which plotly.js reads
as numbers; dates as `2021-09-30`. What stands beside the pointer is the text of the page, never a
number rounded by the browser; `descrizione` says the same in words.
Keys of figures: plotly.js reference, https://plotly.com/javascript/reference/.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from porfse import money
from porfse.periods import italian

Row = Mapping[str, Any]
Figure = dict[str, Any]
MISSING = "n.d."
DESCRIBED_POINTS = 12  # a longer series is described by its ends and its peak


class Colour(StrEnum):
    """Colours of series: 3:1 or more on white, and told apart without seeing red from green."""

    GREY = "#5c6f82"
    AZURE = "#3d8fd6"
    BLUE = "#0059b3"
    NIGHT = "#00264d"
    TEAL = "#00806b"
    OCHRE = "#b35900"
    RED = "#b3243b"
    VIOLET = "#7a4bb5"


@dataclass(frozen=True)
class Voce:
    """A series: the key of its values in the rows, its name on the page, its colour everywhere."""

    campo: str
    nome: str
    colore: Colour


@dataclass(frozen=True)
class Measure:
    """How values are shown: as text beside the pointer, and divided along the axis."""

    show: Callable[[Decimal], str]
    suffix: str = ""
    divisor: Decimal = Decimal(1)

    def text(self, value: Decimal | None) -> str:
        """Return the value as the page shows it; a blank is "n.d."."""
        return MISSING if value is None else self.show(value)

    def scaled(self, value: Decimal | None) -> Decimal | None:
        """Return the value in units of the axis; a blank stays a gap."""
        return None if value is None else value / self.divisor


MLN_EURO = Measure(money.mln, "\u00a0Mln€", money.MILLION)
EURO = Measure(money.euro, "\u00a0€")
PERCENTO = Measure(money.percento, "%")
NUMERO = Measure(money.number)

_FONT = "Titillium Web, sans-serif"
_LAYOUT: Figure = {
    "height": 360,
    "separators": ",.",
    "font": {"family": _FONT, "size": 14, "color": "#19191a"},
    "hoverlabel": {"font": {"family": _FONT}, "namelength": -1},
    "margin": {"t": 8, "r": 8, "b": 40, "l": 40},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "dragmode": False,
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
}
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")


def grouped_bars(
    rows: Sequence[Row], *, category: str, voci: Sequence[Voce], measure: Measure
) -> Figure:
    """Return bars side by side: a group for each row, named by `category`, a bar for each voce."""
    data = [
        _trace(rows, category, voce, measure, type="bar", marker={"color": voce.colore})
        for voce in voci
    ]
    return _figure(
        data,
        barmode="group",
        # Names that lie aslant would leave the chart at its right end.
        xaxis={"type": "category", "fixedrange": True, "automargin": True},
        yaxis=_value_axis(measure),
    )


def target_bars(
    rows: Sequence[Row], *, category: str, voce: Voce, target: Voce, measure: Measure
) -> Figure:
    """Return one horizontal bar for each row, first row on top, with a mark at its target."""
    # The white edge keeps the mark visible on the bar too.
    mark = {
        "symbol": "diamond",
        "size": 13,
        "color": target.colore,
        "line": {"color": "#fff", "width": 2},
    }
    bar = _trace(rows, category, voce, measure, type="bar", marker={"color": voce.colore})
    marks = _trace(rows, category, target, measure, type="scatter", mode="markers", marker=mark)
    names = {"type": "category", "autorange": "reversed", "automargin": True, "fixedrange": True}
    return _figure(
        [_lying(bar), _lying(marks)],
        height=110 + 40 * len(rows),
        xaxis=_value_axis(measure),
        yaxis=names,
    )


def lines(rows: Sequence[Row], *, day: str, voci: Sequence[Voce], measure: Measure) -> Figure:
    """Return one line for each voce over time; `day` is the key of the rows' dates.

    A blank breaks the line: nothing is drawn where nothing is known.
    """
    data = [
        _trace(
            rows,
            day,
            voce,
            measure,
            type="scatter",
            mode="lines+markers",
            line={"color": voce.colore},
            marker={"symbol": _SYMBOLS[index % len(_SYMBOLS)], "color": voce.colore},
        )
        for index, voce in enumerate(voci)
    ]
    return _figure(
        data,
        xaxis={"type": "date", "tickformat": "%m.%Y", "fixedrange": True},
        yaxis=_value_axis(measure),
    )


def _trace(rows: Sequence[Row], along: str, voce: Voce, measure: Measure, **look: Any) -> Figure:
    values = [row[voce.campo] for row in rows]
    return {
        "name": voce.nome,
        "x": [row[along] for row in rows],
        "y": [measure.scaled(value) for value in values],
        "customdata": [measure.text(value) for value in values],
        "hovertemplate": "%{x}<br><b>%{customdata}</b><extra>%{fullData.name}</extra>",
        **look,
    }


def _lying(trace: Figure) -> Figure:
    return trace | {
        "orientation": "h",
        "x": trace["y"],
        "y": trace["x"],
        "hovertemplate": trace["hovertemplate"].replace("%{x}", "%{y}"),
    }


def _value_axis(measure: Measure) -> Figure:
    return {
        "type": "linear",
        "rangemode": "tozero",
        "tickformat": ",.2~f",
        "ticksuffix": measure.suffix,
        "automargin": True,
        "fixedrange": True,
    }


def _figure(data: list[Figure], **layout: Any) -> Figure:
    return {
        "data": data,
        "layout": _LAYOUT | layout,
        "descrizione": " ".join(_described(trace) for trace in data),
    }


def _described(trace: Figure) -> str:
    across, upward = ("y", "x") if trace.get("orientation") == "h" else ("x", "y")
    points = list(zip(trace[across], trace["customdata"], trace[upward], strict=True))
    known = [point for point in points if point[2] is not None]
    if not known:
        text = MISSING
    elif len(points) <= DESCRIBED_POINTS:
        text = ", ".join(_point(*point) for point in points)
    else:
        peak = max(known, key=lambda point: point[2])
        text = f"da {_point(*known[0])} a {_point(*known[-1])}; massimo {_point(*peak)}"
    return f"{trace['name']}: {text.removesuffix('.')}."


def _point(along: date | str, shown: str, _value: Decimal | None) -> str:
    return f"{italian(along) if isinstance(along, date) else along} {shown}"
