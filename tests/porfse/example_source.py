"""A source of figures for tests: named values, with no database behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from porfse.figures import Leaf, Rows, Source, Unit, Value, leaf, register, sources

EXAMPLES = {
    "cento": Value(Decimal("100.00"), Unit.EURO, rounding=Decimal("0.50"), scope=frozenset({"A"})),
    "ottanta": Value(Decimal("80.00"), Unit.EURO, rounding=Decimal("0.25"), scope=frozenset({"B"})),
    "ricavata": Value(Decimal("-20.005"), Unit.EURO, derived=True, circular=True),
    "esempio": Value(Decimal("1234567.89"), Unit.EURO, example=True),
    "zero": Value(Decimal(0), Unit.EURO),
    "ignota": Value(
        None, Unit.EURO, missing="ultimo dato al 31.12.2020", last_known=date(2020, 12, 31)
    ),
    "persone": Value(Decimal(397748), Unit.PERSONE),
    "imprese": Value(Decimal(764), Unit.NUMERO),
    "quota": Value(Decimal("12.45"), Unit.PERCENTO),
}


class Examples(Source):
    """`prova(voce)`: one of the values above; counts how often it is asked."""

    names = ("prova", "prova_due")
    params = ("voce",)
    permission = "porfse.view_audit"

    def __init__(self) -> None:
        self.asked: list[set[Leaf]] = []

    def label(self, leaf: Leaf) -> str:
        return f"Prova {leaf.get('voce')}"

    def evaluate(self, leaves):
        self.asked.append(set(leaves))
        return {item: EXAMPLES[item.get("voce") or "zero"] for item in leaves}

    def rows(self, leaf: Leaf) -> Rows:
        return Rows(None, EXAMPLES[leaf.get("voce")].amount)


@contextmanager
def registered() -> Iterator[Examples]:
    """Make the source known, and unknown again afterwards."""
    found = Examples()
    register(found)
    try:
        yield found
    finally:
        for name in found.names:
            del sources._SOURCES[name]


def of(name: str, query: str = "prova") -> Leaf:
    return leaf(query, voce=name)
