"""What a table says as a file: its rows, and what the page says around them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.encoding import force_str

from porfse.figures import Figure
from porfse.periods import Periodo, italian

ESEMPIO = "DATI DI ESEMPIO"
ANCHE_ESEMPIO = "CONTIENE DATI DI ESEMPIO"
PAGINA_ESEMPIO = "VIENE DA UNA PAGINA CON DATI DI ESEMPIO"
WARNING = ": sono inventati e non vanno citati."
NOTE = "Note alle cifre"
_NOTHING = ("—", "")  # what stands for a figure that cannot exist: a blank says as much
_BLANK = object()


class Cell(NamedTuple):
    """A cell of a file.

    Attributes:
        figure: what the page explains, if the cell is a figure.
        missing: what the page says of a blank: "n.d.", "in corso".
    """

    value: Any
    figure: Figure | None = None
    missing: str = ""


@dataclass(frozen=True)
class Outgoing:
    """A table ready to leave.

    Attributes:
        ending: what its name tells beside the table's: reference date, perimetro, examples.
        about: lines above the header.
        rows: the header first; notes of what numbers cannot say in a last column, if there are any.
    """

    ending: str
    about: Sequence[str]
    rows: Sequence[Sequence[Any]]


def outgoing(table: Any, request: HttpRequest, context: Mapping[str, Any]) -> Outgoing:
    """Return a table as a file has it; `context` is what the page says around the table."""
    columns = [one for one in table.columns.iterall() if not one.column.exclude_from_export]
    headers = distinct([force_str(one.header) for one in columns])
    rows = [[_read(row, one) for one in columns] for row in table.rows]
    label = _example(table, rows, context)
    body = _with_words(columns, rows)
    notes = [_notes(headers, row, mixed=label == ANCHE_ESEMPIO) for row in body]
    last = [NOTE] if any(notes) else []
    lines = [
        [*(cell.value for cell in row), *([note] if last else [])]
        for row, note in zip(body, notes, strict=True)
    ]
    about = [label + WARNING] if label else []
    about += [*_when(table, request, context), *table.about(context), *_scopes(headers, rows)]
    return Outgoing(
        _ending(request, example=bool(label)), tuple(about), [[*headers, *last], *lines]
    )


def distinct(headers: Iterable[str]) -> list[str]:
    """Return headers that differ; one that comes again names the column that it stands beside."""
    asked = list(headers)
    found: list[str] = []
    beside = ""
    for header in asked:
        text = header
        if asked.count(header) == 1:
            beside = header
        elif beside:
            text = f"{header} ({beside})"
        tries = 2
        unique = text
        while unique in found:
            unique, tries = f"{text} {tries}", tries + 1
        found.append(unique)
    return found


def _read(row: Any, column: Any) -> Cell:
    """Read a cell for a file; whether the page shows words in its place is known here alone."""
    raw: list[Any] = []

    def value_of(bound: Any, value: Any = None) -> Any:
        raw.append(value)
        return row._call_value(bound, value)  # noqa: SLF001 - as its own get_cell_value does

    found = row._get_and_render_with(column, render_func=value_of, default=_BLANK)  # noqa: SLF001
    if found is _BLANK:
        words = force_str(column.default) if column.default is not None else ""
        return Cell(None, missing="" if words in _NOTHING else words)
    figure = raw[0] if raw and isinstance(raw[0], Figure) else None
    return Cell(force_str(found, strings_only=True), figure)


def _with_words(columns: Sequence[Any], rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Put the page's words in the blanks of columns of words; those of numbers stay numbers."""
    spoken = {
        place
        for place, column in enumerate(columns)
        if getattr(column.column, "words", True)
        and all(isinstance(row[place].value, str | None) for row in rows)
    }
    return [
        [
            Cell(cell.missing) if place in spoken and cell.missing else cell
            for place, cell in enumerate(row)
        ]
        for row in rows
    ]


def _notes(headers: Sequence[str], row: Sequence[Cell], *, mixed: bool) -> str:
    """Say what a number cannot: `n.d. (ultimo dato al 31.12.2020): Certificata; derivata: …`."""
    found: dict[str, list[str]] = {}
    for header, cell in zip(headers, row, strict=True):
        for mark in _marks(cell, mixed=mixed):
            found.setdefault(mark, []).append(header)
    return "; ".join(f"{mark}: {', '.join(names)}" for mark, names in found.items())


def _marks(cell: Cell, *, mixed: bool) -> Iterator[str]:
    if cell.figure is None:
        yield from [cell.missing] if cell.missing else []
        return
    value = cell.figure.value
    if value.amount is None:
        yield f"n.d. ({value.missing})" if value.missing else "n.d."
    elif value.missing:
        yield value.missing
    if value.derived:
        yield "derivata"
    if value.example and mixed:  # otherwise the first line says so of all
        yield "esempio"


def _example(table: Any, rows: Sequence[Sequence[Cell]], context: Mapping[str, Any]) -> str:
    """Say whether a table holds examples: by its figures and rows, else by what its page says."""
    if not rows:
        return ""
    values = [cell.figure.value for row in rows for cell in row if cell.figure is not None]
    told = [found for row in table.rows if (found := table.is_example(row.record)) is not None]
    if not values and not told:
        explained = context.get("cifra")
        if isinstance(explained, Figure):  # the rows that this figure adds up
            return ESEMPIO if explained.value.example else ""
        return PAGINA_ESEMPIO if context.get("dati_esempio") else ""
    if not any([*told, *(value.example for value in values)]):
        return ""
    known = [value.example for value in values if value.amount is not None]
    return ESEMPIO if all([*told, *known]) else ANCHE_ESEMPIO


def _when(table: Any, request: HttpRequest, context: Mapping[str, Any]) -> Iterator[str]:
    """The dates and the periods that the page is of."""
    if day := getattr(request, "data_riferimento", None):
        yield f"Data di riferimento: {italian(day)}"
    if isinstance(since := context.get("confronto"), date):
        yield f"Data di confronto: {italian(since)}"
    if table.of_period:
        periods = {one.nome for one in context.values() if isinstance(one, Periodo)}
        yield from (f"Periodo: {name}" for name in sorted(periods))


def _scopes(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    """What the figures of each column include, as the titles of the page's figures say."""
    found: dict[str, list[str]] = {}
    for place, header in enumerate(headers):
        figures = [row[place].figure for row in rows]
        scope = set().union(*(figure.value.scope for figure in figures if figure is not None))
        if scope:
            found.setdefault(" + ".join(sorted(scope)), []).append(header)
    return (f"Perimetro di {', '.join(names)}: {scope}" for scope, names in found.items())


def _ending(request: HttpRequest, *, example: bool) -> str:
    """A file leaves its page: its name tells the date, the perimetro and the examples."""
    day = getattr(request, "data_riferimento", None)
    # Only what a view has found good stands in `scelte`.
    perimeter = getattr(request, "scelte", {}).get("perimetro")
    parts = [day.isoformat() if day else "", perimeter, "ESEMPIO" if example else ""]
    return "".join(f"_{part}" for part in parts if part)
