"""Symbols that tell series apart without colour."""

from decimal import Decimal

from porfse.svg.markup import coordinate, tag

_RADIUS = Decimal(3)
_THIN = Decimal("0.35")
# Corners around the middle, in parts of the radius: x and y in turn.
_CORNERS: dict[str, tuple[Decimal | int, ...]] = {
    "square": (-1, -1, 1, -1, 1, 1, -1, 1),
    "diamond": (0, Decimal("-1.4"), Decimal("1.4"), 0, 0, Decimal("1.4"), Decimal("-1.4"), 0),
    "triangle-up": (0, Decimal("-1.3"), Decimal("1.3"), 1, Decimal("-1.3"), 1),
    "cross": (
        *(-_THIN, -1, _THIN, -1, _THIN, -_THIN, 1, -_THIN, 1, _THIN, _THIN, _THIN),
        *(_THIN, 1, -_THIN, 1, -_THIN, _THIN, -1, _THIN, -1, -_THIN, -_THIN, -_THIN),
    ),
}


def symbol(
    name: str, x: Decimal, y: Decimal, colour: str, *, radius: Decimal = _RADIUS, edge: str = ""
) -> str:
    """Draw a symbol of plotly.js around a point: `circle` or one of those with corners.

    Args:
        edge: the colour of a line around it, so that it stands out on a bar.
    """
    look: dict[str, str] = {"fill": colour}
    if edge:
        look |= {"stroke": edge, "stroke_width": "1"}
    if name not in _CORNERS:
        return tag("circle", cx=x, cy=y, r=radius, **look)
    corners = _CORNERS[name]
    points = " ".join(
        f"{coordinate(x + dx * radius)},{coordinate(y + dy * radius)}"
        for dx, dy in zip(corners[::2], corners[1::2], strict=True)
    )
    return tag("polygon", points=points, **look)
