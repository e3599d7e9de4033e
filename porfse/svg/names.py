"""Names below standing bars and lines: side by side, in lines, or turned where they are many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from porfse.svg.markup import LINE, SIZE, coordinate, shortened, wide, words, wrapped

_LINES = 3
_LONGEST = Decimal(80)  # of a name that is turned
_APART = Decimal(6)


@dataclass(frozen=True)
class Names:
    """Names at places; `turned` ones are read from below.

    Attributes:
        slot: the room that each has along the axis.
        lines: of each name, at most a few; a turned one has a single line.
        height: what they take below the axis.
    """

    middles: Sequence[Decimal]
    slot: Decimal
    lines: Sequence[Sequence[str]]
    turned: bool
    height: Decimal

    def draw(self, bottom: Decimal) -> Iterator[str]:
        """Draw them below the axis."""
        for middle, lines in zip(self.middles, self.lines, strict=True):
            for index, line in enumerate(lines):
                if self.turned:
                    yield turned(line, middle + SIZE / 3, bottom + _APART, text_anchor="end")
                else:
                    y = bottom + LINE * (index + 1)
                    yield words(line, middle, y, text_anchor="middle")


def below(names: Sequence[str], left: Decimal, right: Decimal) -> Names:
    """Lay out a name below each of as many equal parts of an axis."""
    slot = (right - left) / max(len(names), 1)
    middles = [left + slot * index + slot / 2 for index in range(len(names))]
    room = slot - _APART
    longest = max((wide(word) for name in names for word in name.split()), default=Decimal(0))
    if longest > room and room < _LONGEST:
        cut = [[shortened(name, _LONGEST)] for name in names]
        tall = max(wide(line) for (line,) in cut)
        return Names(middles, slot, cut, turned=True, height=tall + 2 * _APART)
    lines = [wrapped(name, room, most=_LINES) for name in names]
    most = max(map(len, lines), default=0)
    return Names(middles, slot, lines, turned=False, height=LINE * most + _APART)


def turned(text: str, x: Decimal, y: Decimal, **look: str) -> str:
    """Draw words that are read from below."""
    around = f"rotate(-90 {coordinate(x)} {coordinate(y)})"
    return words(text, x, y, transform=around, **look)
