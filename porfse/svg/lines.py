"""Lines over time or over names, broken where nothing is known."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from porfse.charts import Figure
from porfse.svg.bars import HEIGHT
from porfse.svg.frame import GAP, Area, colour, named, tick_words, upward
from porfse.svg.markup import LINE, coordinate, tag, wide, words
from porfse.svg.names import below
from porfse.svg.scale import Scale, scale
from porfse.svg.symbols import symbol

_MANY = 60  # points; of more, only the ends of each piece bear a symbol
_APART = Decimal(10)  # between the words below
Point = tuple[Decimal, Decimal]


def lines(
    figure: Figure, top: Decimal, width: Decimal, height: Decimal | None
) -> tuple[list[str], Decimal]:
    """Draw a line with symbols for each series.

    Returns:
        The elements, and the height of the whole.
    """
    traces = figure["data"]
    total = HEIGHT + top if height is None else height
    layout = figure["layout"]
    found = [value for trace in traces for value in trace["y"] if value is not None]
    left = max(map(wide, tick_words(scale(found, 0, 1), layout["yaxis"]))) + 2 * GAP
    along = traces[0]["x"]
    if layout["xaxis"]["type"] == "date":
        places = _days(along, left + _APART, width - 2 * _APART)
        foot, under = 2 * LINE, None
    else:
        under = below([named(item) for item in along], left, width)
        places, foot = list(under.middles), under.height
    area = Area(left, top, width, total - foot)
    values = scale(found, area.bottom, area.top)
    drawn = list(upward(values, layout["yaxis"], area))
    drawn += under.draw(area.bottom) if under else _dates(along, places, area.bottom)
    for trace in traces:
        drawn += _line(trace, places, values)
    return drawn, total


def _days(days: Sequence[date], left: Decimal, right: Decimal) -> list[Decimal]:
    """The place of each day, in proportion to time."""
    if not days:
        return []
    first, span = min(days), (max(days) - min(days)).days
    if not span:
        return [(left + right) / 2 for _ in days]
    return [left + (right - left) * (day - first).days / span for day in days]


def _dates(days: Sequence[date], places: Sequence[Decimal], bottom: Decimal) -> Iterator[str]:
    """The days of points, as many as stand apart from each other."""
    free = None
    for place, text in sorted(
        {(place, named(day)) for place, day in zip(places, days, strict=True)}
    ):
        half = wide(text) / 2
        if free is None or place - half >= free:
            yield words(text, place, bottom + LINE + 2, text_anchor="middle")
            free = place + half + _APART


def _line(trace: Figure, places: Sequence[Decimal], values: Scale) -> Iterator[str]:
    points = zip(places, trace["y"], strict=True)
    for known, piece in groupby(points, key=lambda point: point[1] is not None):
        if known:
            yield from _piece(trace, [(x, values.at(value)) for x, value in piece])


def _piece(trace: Figure, points: Sequence[Point]) -> Iterator[str]:
    """A line through points that are next to each other, and their symbols."""
    if len(points) > 1:
        path = " ".join(f"{coordinate(x)},{coordinate(y)}" for x, y in points)
        yield tag(
            "polyline", points=path, fill="none", stroke=colour(trace), stroke_width="1.5",
            stroke_linejoin="round",
        )  # fmt: skip
    shown = points if len(trace["y"]) <= _MANY else {points[0], points[-1]}
    for x, y in sorted(shown):
        yield symbol(trace["marker"]["symbol"], x, y, colour(trace))
