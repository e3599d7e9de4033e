"""Bars: standing in groups side by side, or lying one below the other with marks at targets."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from porfse.charts import Figure
from porfse.svg.frame import GAP, Area, across, colour, names, tick_words, upward
from porfse.svg.markup import LINE, MUTED, SIZE, tag, wide, words, wrapped
from porfse.svg.names import Names, below, turned
from porfse.svg.scale import Scale, scale
from porfse.svg.symbols import symbol

HEIGHT = Decimal(200)
_FILLED = Decimal("0.76")  # of the room of a group; the rest parts it from the next
_WIDEST = Decimal(34)
_THICK = Decimal(10)
_PART = Decimal("0.4")  # of the width that names beside lying bars may take
_LINES = 3
_MARK = Decimal("3.6")


def standing(
    figure: Figure, top: Decimal, width: Decimal, height: Decimal | None
) -> tuple[list[str], Decimal]:
    """Draw bars side by side; a blank says that it is not known.

    Returns:
        The elements, and the height of the whole.
    """
    traces = figure["data"]
    total = HEIGHT + top if height is None else height
    axis = figure["layout"]["yaxis"]
    found = [value for trace in traces for value in trace["y"] if value is not None]
    left = max(map(wide, tick_words(scale(found, 0, 1), axis))) + 2 * GAP
    labels = below(names(traces[0]), left, width)
    area = Area(left, top, width, total - labels.height)
    values = scale(found, area.bottom, area.top)
    drawn = [*upward(values, axis, area), *labels.draw(area.bottom)]
    for index, trace in enumerate(traces):
        drawn += _stand(trace, index, len(traces), labels, values)
    return drawn, total


def _stand(trace: Figure, index: int, count: int, labels: Names, values: Scale) -> Iterator[str]:
    thick = min(labels.slot * _FILLED / count, _WIDEST)
    zero = values.at(Decimal(0))
    points = zip(labels.middles, trace["y"], trace["customdata"], strict=True)
    for middle, value, text in points:
        x = middle + (index - Decimal(count) / 2) * thick
        if value is None:
            yield turned(text, x + thick / 2 + SIZE / 3, zero - 2, fill=MUTED)
        else:
            y = values.at(value)
            yield tag(
                "rect", x=x, y=min(y, zero), width=thick, height=abs(y - zero), fill=colour(trace)
            )


def lying(
    figure: Figure, top: Decimal, width: Decimal, height: Decimal | None
) -> tuple[list[str], Decimal]:
    """Draw bars one below the other, each with its value at its end.

    Returns:
        The elements, and the height of the whole.
    """
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    axis = figure["layout"]["xaxis"]
    labels = [wrapped(name, width * _PART, most=_LINES) for name in names(bars[0], "y")]
    rows = _rows(labels, len(bars), top, height)
    left = max((wide(line) for label in labels for line in label), default=Decimal(0)) + 2 * GAP
    bottom = rows[-1][1] if rows else top
    area = _room(figure, bars, Area(left, top, width, bottom))
    found = [value for trace in figure["data"] for value in trace["x"] if value is not None]
    values = scale(found, area.left, area.right)
    drawn = list(across(values, axis, area))
    for (start, end), label in zip(rows, labels, strict=True):
        drawn += _beside(label, left - 2 * GAP, (start + end) / 2)
    for index, trace in enumerate(bars):
        drawn += _lie(trace, index, len(bars), rows, values)
    for trace in figure["data"]:
        if trace["type"] != "bar":
            drawn += _marks(trace, rows, values)
    return drawn, bottom + 2 * LINE if height is None else height


def _rows(
    labels: Sequence[Sequence[str]], count: int, top: Decimal, height: Decimal | None
) -> list[tuple[Decimal, Decimal]]:
    """From where to where each row goes."""
    found = []
    even = None if height is None else (height - 2 * LINE - top) / max(len(labels), 1)
    for label in labels:
        tall = even or max(count * _THICK + 6, len(label) * LINE + GAP)
        found.append((top, top + tall))
        top += tall
    return found


def _room(figure: Figure, bars: Sequence[Figure], area: Area) -> Area:
    """Leave room for the values at the ends of the bars, and for half of the last tick."""
    right = max((wide(text) for trace in bars for text in trace["customdata"]), default=Decimal(0))
    negative = [
        wide(text)
        for trace in bars
        for value, text in zip(trace["x"], trace["customdata"], strict=True)
        if value is not None and value < 0
    ]
    left = max(negative, default=Decimal(0)) + (GAP if negative else 0)
    half = wide(figure["layout"]["xaxis"].get("ticksuffix", "")) / 2 + 2 * SIZE
    return Area(area.left + left, area.top, area.right - max(right + GAP, half), area.bottom)


def _beside(label: Sequence[str], right: Decimal, middle: Decimal) -> Iterator[str]:
    y = middle - (len(label) - 1) * LINE / 2 + SIZE / 3
    for index, line in enumerate(label):
        yield words(line, right, y + index * LINE, text_anchor="end")


def _lie(
    trace: Figure,
    index: int,
    count: int,
    rows: Sequence[tuple[Decimal, Decimal]],
    values: Scale,
) -> Iterator[str]:
    zero = values.at(Decimal(0))
    points = zip(rows, trace["x"], trace["customdata"], strict=True)
    for (start, end), value, text in points:
        thick = min(_THICK, (end - start) * _FILLED / count)
        y = (start + end) / 2 + (index - Decimal(count) / 2) * thick
        foot = y + thick / 2 + SIZE / 3
        if value is None:
            yield words(text, zero + GAP, foot, fill=MUTED)
            continue
        x = values.at(value)
        yield tag("rect", x=min(x, zero), y=y, width=abs(x - zero), height=thick - 1,
                  fill=colour(trace))  # fmt: skip
        side = {"text_anchor": "end"} if value < 0 else {}
        yield words(text, x - GAP if value < 0 else x + GAP, foot, **side)


def _marks(trace: Figure, rows: Sequence[tuple[Decimal, Decimal]], values: Scale) -> Iterator[str]:
    look = trace["marker"]
    for (start, end), value in zip(rows, trace["x"], strict=True):
        if value is not None:
            yield symbol(
                look["symbol"], values.at(value), (start + end) / 2, look["color"],
                radius=_MARK, edge=look["line"]["color"],
            )  # fmt: skip
