"""Elements of SVG, and words that fit a width."""

import re
from decimal import ROUND_HALF_UP, Decimal
from xml.sax.saxutils import escape, quoteattr

from porfse.fonts import FAMILY, font

Number = Decimal | int
SIZE = Decimal(8)  # of all letters
LINE = Decimal(10)  # from one line to the next
INK = "#19191a"
MUTED = "#5c6f82"
_STEP = Decimal("0.01")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"
_ELLIPSIS = "…"


def tag(name: str, text: str | None = None, /, **attributes: Number | str) -> str:
    """Return an element: `tag("line", stroke_width=1)` is `<line stroke-width="1"/>`.

    Args:
        text: its words, escaped; None makes an empty element.
    """
    given = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_shown(value))}"
        for key, value in attributes.items()
    )
    if text is None:
        return f"<{name}{given}/>"
    return f"<{name}{given}>{escape(_xml(text))}</{name}>"


def words(text: str, x: Number, y: Number, **attributes: Number | str) -> str:
    """Return a line of words whose baseline starts (or as `text_anchor` has it) at a point."""
    look: dict[str, Number | str] = {"font_family": FAMILY, "font_size": SIZE, "fill": INK}
    return tag("text", text, x=x, y=y, **(look | attributes))


def coordinate(value: Number) -> str:
    """Return a number as SVG writes it, to a hundredth."""
    rounded = Decimal(value).quantize(_STEP, rounding=ROUND_HALF_UP)
    text = format(rounded, "f").rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def wide(text: str) -> Decimal:
    """Return how long words of the usual size are."""
    return font().width(text, SIZE)


def shortened(text: str, width: Number) -> str:
    """Return a text that fits a width, cut with an ellipsis if it must be."""
    if wide(text) <= width:
        return text
    while text and wide(text + _ELLIPSIS) > width:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS


def wrapped(text: str, width: Number, *, most: int) -> list[str]:
    """Return the lines of a text, at most so many; what is too long is cut with an ellipsis."""
    lines: list[str] = []
    rest = text.split()
    while rest and len(lines) < most - 1:
        taken = 1
        while taken < len(rest) and wide(" ".join(rest[: taken + 1])) <= width:
            taken += 1
        lines.append(shortened(" ".join(rest[:taken]), width))
        rest = rest[taken:]
    return [*lines, shortened(" ".join(rest), width)] if rest else lines


def _shown(value: Number | str) -> str:
    return _xml(value) if isinstance(value, str) else coordinate(value)


def _xml(text: str) -> str:
    return _NOT_XML.sub(_REPLACEMENT, text)
