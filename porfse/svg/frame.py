"""What stands around the marks of a chart: its area, its axes, its legend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from porfse.charts import Figure
from porfse.periods import italian
from porfse.svg.markup import INK, LINE, MUTED, SIZE, shortened, tag, wide, words
from porfse.svg.scale import Scale
from porfse.svg.symbols import symbol

GRID = "#d9dce3"
GAP = Decimal(4)
_SWATCH = Decimal(14)
_APART = Decimal(16)  # between the entries of a legend


@dataclass(frozen=True)
class Area:
    """Where the marks are drawn."""

    left: Decimal
    top: Decimal
    right: Decimal
    bottom: Decimal


def names(trace: Figure, along: str = "x") -> list[str]:
    """Return the names of a trace's points."""
    return [named(value) for value in trace[along]]


def named(value: Any) -> str:
    """Return the name of a point: a day as people write it."""
    return italian(value) if isinstance(value, date) else str(value)


def colour(trace: Figure) -> str:
    """Return the colour of a series."""
    return str(trace["marker"]["color"])


def tick_words(scale: Scale, axis: Figure) -> list[str]:
    """Return what is written at each tick, with its unit."""
    return [scale.shown(tick) + axis.get("ticksuffix", "") for tick in scale.ticks]


def upward(scale: Scale, axis: Figure, area: Area) -> Iterator[str]:
    """Draw the ticks of values that go up: a line across, its value on the left."""
    for tick, text in zip(scale.ticks, tick_words(scale, axis), strict=True):
        y = scale.at(tick)
        yield _rule(tick, x1=area.left, y1=y, x2=area.right, y2=y)
        yield words(text, area.left - GAP, y + SIZE / 3, text_anchor="end", fill=MUTED)


def across(scale: Scale, axis: Figure, area: Area) -> Iterator[str]:
    """Draw the ticks of values that go right; where they would touch, only some say their value."""
    texts = tick_words(scale, axis)
    apart = abs(scale.at(scale.ticks[1]) - scale.at(scale.ticks[0]))
    every = int(((max(map(wide, texts)) + SIZE) / apart).to_integral_value(ROUND_CEILING))
    zero = scale.ticks.index(Decimal(0))
    for index, (tick, text) in enumerate(zip(scale.ticks, texts, strict=True)):
        x = scale.at(tick)
        yield _rule(tick, x1=x, y1=area.top, x2=x, y2=area.bottom)
        if (index - zero) % every == 0:
            yield words(text, x, area.bottom + LINE, text_anchor="middle", fill=MUTED)


def _rule(tick: Decimal, **ends: Decimal) -> str:
    strong = tick == 0
    return tag(
        "line",
        None,
        stroke=INK if strong else GRID,
        stroke_width=Decimal("0.8") if strong else Decimal("0.5"),
        **ends,
    )


def legend(traces: Sequence[Figure], width: Decimal) -> tuple[list[str], Decimal]:
    """Draw the names of the series beside their marks, in as many lines as they take.

    Returns:
        The elements, and where what is below them may begin.
    """
    drawn: list[str] = []
    x, y = Decimal(0), LINE
    for trace in traces:
        text = shortened(trace["name"], width - _SWATCH - GAP)
        length = _SWATCH + GAP + wide(text)
        if x and x + length > width:
            x, y = Decimal(0), y + LINE + 2
        drawn += _swatch(trace, x, y - SIZE / 3)
        drawn.append(words(text, x + _SWATCH + GAP, y))
        x += length + _APART
    return drawn, y + LINE + GAP


def _swatch(trace: Figure, x: Decimal, y: Decimal) -> Iterator[str]:
    middle = x + _SWATCH / 2
    if trace["type"] == "bar":
        yield tag("rect", x=x, y=y - 4, width=_SWATCH, height=8, fill=colour(trace))
        return
    if "lines" in trace["mode"]:
        yield tag(
            "line", x1=x, y1=y, x2=x + _SWATCH, y2=y, stroke=colour(trace), stroke_width="1.5"
        )
    yield symbol(trace["marker"].get("symbol", "circle"), middle, y, colour(trace))
