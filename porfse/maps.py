"""The map of the provinces as plain figures: values in, shapes with their class and link out.

Geometry: fixtures/places/province.geojson. Shapes are drawn by `components/mappa.html`, coloured by
the stylesheet: `mappa--1` (the least) to `mappa--5`, `mappa--zero`, `mappa--nd` for what is not
known.
"""

import csv
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings

STEPS = 5
WIDTH = 600  # units of the drawing
ND = "n.d."
Ring = Sequence[Sequence[float]]  # longitude and latitude, degrees


@dataclass(frozen=True)
class Shape:
    """A province as drawn: its path, and where its sigla stands."""

    sigla: str
    nome: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Geometry:
    width: int
    height: int
    shapes: tuple[Shape, ...]  # by name: the order of the keyboard


@dataclass(frozen=True)
class Area:
    """A province with its value: `testo` is "Bergamo: 1.234,56 €"."""

    shape: Shape
    classe: str
    testo: str
    url: str


@dataclass(frozen=True)
class Step:
    """A line of the legend: a class of colour and the least and greatest value that it has."""

    classe: str
    testo: str


@dataclass(frozen=True)
class Map:
    width: int
    height: int
    areas: tuple[Area, ...]
    legend: tuple[Step, ...]


def provinces(
    values: Mapping[str, Decimal | None],
    *,
    show: Callable[[Decimal], str],
    link: Callable[[str], str],
) -> Map:
    """Return the map of the twelve provinces, coloured by fifths of those with a value.

    Args:
        values: by sigla; None, or no value, is not known, which is not zero.
        show: a value as the page shows it.
        link: the address that a province opens, by sigla.
    """
    drawn = geometry()
    ranked = sorted(value for value in values.values() if value)
    areas = tuple(
        Area(
            shape=shape,
            classe=_class(values.get(shape.sigla), ranked),
            testo=f"{shape.nome}: {_shown(values.get(shape.sigla), show)}",
            url=link(shape.sigla),
        )
        for shape in drawn.shapes
    )
    found = {shape.sigla: values.get(shape.sigla) for shape in drawn.shapes}
    return Map(drawn.width, drawn.height, areas, _legend(found, ranked, show))


def _shown(value: Decimal | None, show: Callable[[Decimal], str]) -> str:
    return ND if value is None else show(value)


def _class(value: Decimal | None, ranked: Sequence[Decimal]) -> str:
    if value is None:
        return "nd"
    if value == 0:
        return "zero"
    # Equal values have equal colours: that of the first of them.
    return str(1 + ranked.index(value) * STEPS // len(ranked))


def _legend(
    values: Mapping[str, Decimal | None],
    ranked: Sequence[Decimal],
    show: Callable[[Decimal], str],
) -> tuple[Step, ...]:
    steps = []
    for number in range(1, STEPS + 1):
        own = [value for value in ranked if _class(value, ranked) == str(number)]
        if own:
            least, greatest = show(own[0]), show(own[-1])
            text = least if least == greatest else f"da {least} a {greatest}"
            steps.append(Step(str(number), text))
    if any(value == 0 for value in values.values()):
        steps.append(Step("zero", show(Decimal(0))))
    if any(value is None for value in values.values()):
        steps.append(Step("nd", ND))
    return tuple(steps)


@cache
def geometry() -> Geometry:
    """Read the boundaries, projected so that lengths hold at the middle latitude."""
    folder = settings.BASE_DIR / "fixtures" / "places"
    rings = _rings(folder / "province.geojson")
    every = [point for parts in rings.values() for ring in parts for point in ring]
    west, east = min(x for x, _ in every), max(x for x, _ in every)
    south, north = min(y for _, y in every), max(y for _, y in every)
    across = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * across)

    def place(point: Sequence[float]) -> tuple[int, int]:
        return round((point[0] - west) * across * scale), round((north - point[1]) * scale)

    shapes = (
        _shape(sigla, name, [[place(point) for point in ring] for ring in rings[sigla]])
        for sigla, name in _names(folder / "province.csv")
    )
    return Geometry(WIDTH, round((north - south) * scale), tuple(shapes))


def _rings(path: Path) -> dict[str, list[Ring]]:
    """Return the rings of each province; a hole is a ring too, left out by the fill rule."""
    found: dict[str, list[Ring]] = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        shape = feature["geometry"]
        parts = shape["coordinates"]
        polygons = [parts] if shape["type"] == "Polygon" else parts
        found[feature["properties"]["sigla"]] = [ring for polygon in polygons for ring in polygon]
    return found


def _names(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["sigla"], row["nome"]) for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: row[1])


def _shape(sigla: str, name: str, rings: Sequence[Sequence[tuple[int, int]]]) -> Shape:
    path = "".join(f"M{'L'.join(f'{x} {y}' for x, y in ring[:-1])}Z" for ring in rings)
    x, y = _middle(max(rings, key=lambda ring: abs(_area(ring))))
    return Shape(sigla, name, path, x, y)


def _area(ring: Sequence[tuple[int, int]]) -> int:
    """Twice the signed area."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def _middle(ring: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The centre of mass of what a ring holds."""
    x = y = 0
    for a, b in pairwise(ring):
        cross = a[0] * b[1] - b[0] * a[1]
        x += (a[0] + b[0]) * cross
        y += (a[1] + b[1]) * cross
    return round(x / (3 * _area(ring))), round(y / (3 * _area(ring)))
