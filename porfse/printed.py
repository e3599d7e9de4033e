"""Figures printed in the source documents, held against what the system computes (Quadratura).

An app registers a file of printed figures; each may name the query that should give the number.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from porfse.figures import (
    Board,
    Expression,
    Figure,
    FigureError,
    Leaf,
    Rows,
    Source,
    Unit,
    Value,
    differenza,
    leaf,
    parse,
)
from porfse.periods import italian
from porfse.seeding import read_csv, read_toml

TOTAL = "Totale"


class Verdict(StrEnum):
    QUADRA = "quadra"
    CONTRADDIZIONE = "contraddizione"
    CIRCOLARE = "circolare"
    SOLO_CARICATA = "solo caricata"


@dataclass(frozen=True)
class Printed:
    """One occurrence of a figure in a document: its place, its words, its exact value.

    Attributes:
        arrotondamento: half of the last printed unit, in the figure's unit.
        calcolo: the query over other data that should give it; None if nothing else does.
    """

    id: str
    documento: str
    sezione: str
    data: date
    voce: str
    parole: str
    stampato: str
    valore: Decimal
    unita: Unit
    arrotondamento: Decimal
    perimetro: str
    note: str
    calcolo: Expression | None

    @classmethod
    def read(cls, row: Mapping[str, str]) -> "Printed":
        return cls(
            **{name: row[name] for name in cls.__annotations__ if name in _PLAIN},
            data=date.fromisoformat(row["data"]),
            valore=Decimal(row["valore"]),
            unita=Unit(row["unita"]),
            arrotondamento=Decimal(row["arrotondamento"]),
            calcolo=parse(row["calcolo"]) if row["calcolo"] else None,
        )

    @property
    def expression(self) -> Leaf:
        return leaf("stampata", id=self.id)


_PLAIN = frozenset(
    ("id", "documento", "sezione", "voce", "parole", "stampato", "perimetro", "note")
)


@dataclass(frozen=True)
class Contradiction:
    """A trap of the sources, explained: the figures it touches and how it is read here."""

    titolo: str
    spiegazione: str
    cifre: tuple[str, ...]


class Catalogue:
    """All printed figures that the apps have registered, read from their files when first asked."""

    def __init__(self) -> None:
        self._files: list[tuple[str, str]] = []

    def register(self, *, figures: str, contradictions: str) -> None:
        """Add an app's files, below `fixtures/`."""
        self._files.append((figures, contradictions))

    @cached_property
    def figures(self) -> Mapping[str, Printed]:
        return {row["id"]: Printed.read(row) for path, _ in self._files for row in read_csv(path)}

    @cached_property
    def contradictions(self) -> tuple[Contradiction, ...]:
        return tuple(
            Contradiction(item["titolo"], item["spiegazione"], tuple(item["cifre"]))
            for _, path in self._files
            for item in read_toml(path)["contraddizione"]
        )

    @cached_property
    def documents(self) -> Mapping[str, str]:
        """Title of each document by its code."""
        titles: dict[str, str] = {}
        for _, path in self._files:
            titles.update(read_toml(path)["documenti"])
        return titles

    def given_by(self, expression: Expression) -> Iterator[Printed]:
        """Yield the printed figures that a computed one should give."""
        return (item for item in self.figures.values() if item.calcolo == expression)

    def explaining(self, printed: Printed) -> Iterator[Contradiction]:
        """Yield the contradictions that touch a figure."""
        return (item for item in self.contradictions if printed.id in item.cifre)


catalogue = Catalogue()


class PrintedSource(Source):
    """`stampata(id)`: the value of a printed figure, as the document gives it."""

    names = ("stampata",)
    params = ("id",)

    def __init__(self, permission: str) -> None:
        self.permission = permission  # type: ignore[misc]

    def _printed(self, item: Leaf) -> Printed:
        found = catalogue.figures.get(item.get("id") or "")
        if found is None:
            raise FigureError(f"La cifra stampata «{item.get('id')}» non esiste.")
        return found

    def label(self, leaf: Leaf) -> str:
        printed = self._printed(leaf)
        return f"Cifra stampata {printed.id}: {printed.voce}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        return {
            item: Value(printed.valore, printed.unita, rounding=printed.arrotondamento)
            for item in leaves
            for printed in [self._printed(item)]
        }

    def rows(self, leaf: Leaf) -> Rows:
        printed = self._printed(leaf)
        return Rows(
            None,
            printed.valore,
            note=f"Stampata nel documento {printed.documento} "
            f"({catalogue.documents[printed.documento]}), {printed.sezione}, dati al "
            f"{italian(printed.data)}: «{printed.parole}».",
        )


class Reconciled:
    """A printed figure beside its computed value, once the board is loaded."""

    def __init__(self, board: Board, printed: Printed) -> None:
        self.stampata = printed
        self.valore: Figure = board(printed.expression)
        self.calcolata: Figure | None = None
        self.differenza: Figure | None = None
        if printed.calcolo:
            self.calcolata = board(printed.calcolo)
            self.differenza = board(differenza(printed.expression, printed.calcolo))

    @property
    def tolleranza(self) -> Decimal | None:
        """The rounding of the print plus that of what was added up, in the figure's unit."""
        return self.differenza.value.rounding if self.differenza else None

    @property
    def margine(self) -> str:
        """The tolerance in words; empty where nothing is computed."""
        return "" if self.tolleranza is None else self.stampata.unita.tolerance(self.tolleranza)

    @property
    def verdetto(self) -> Verdict:
        if self.calcolata is None or self.differenza is None or self.differenza.amount is None:
            return Verdict.SOLO_CARICATA
        if self.calcolata.value.circular:
            return Verdict.CIRCOLARE
        within = abs(self.differenza.amount) <= self.differenza.value.rounding
        return Verdict.QUADRA if within else Verdict.CONTRADDIZIONE


def count_by_verdict(items: Collection[Reconciled]) -> list[dict[str, Any]]:
    """Return a row for each document, and their total: how many figures have each verdict."""
    counts = Counter((item.stampata.documento, str(item.verdetto)) for item in items)
    documents = sorted({document for document, _ in counts})
    counts.update(
        {(TOTAL, name): sum(counts[code, name] for code in documents) for name in map(str, Verdict)}
    )
    rows = []
    for document in (*documents, TOTAL):
        row = {name: counts[document, name] for name in map(str, Verdict)}
        rows.append({"documento": document, **row, TOTAL: sum(row.values())})
    return rows
