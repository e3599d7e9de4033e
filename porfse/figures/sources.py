"""Named queries: who evaluates a leaf, and which rows add up to it."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from django_tables2 import Table

from porfse import money
from porfse.figures.expressions import Expression, FigureError, Leaf, Operation

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from porfse.models import User


class Unit(StrEnum):
    EURO = "euro"
    PERCENTO = "percento"
    PERSONE = "persone"
    NUMERO = "numero"
    ORE = "ore"
    PUNTI = "punti percentuali"  # between two percentages

    def show(self, amount: Decimal | None, *, mln: bool = False, signed: bool = False) -> str:
        """Return an amount in words of the page; `mln` shows euro in millions."""
        if amount is None:
            return "n.d."
        if self is Unit.EURO:
            return (money.mln if mln else money.euro)(amount, signed=signed)
        if self is Unit.PERCENTO:
            return money.percento(amount, signed=signed)
        if self is Unit.PUNTI:
            return f"{money.number(amount, 1, signed=signed)}\u00a0punti"
        return money.number(amount, 2 if self is Unit.ORE else 0, signed=signed)

    def tolerance(self, amount: Decimal) -> str:
        """Return a tolerance: `± 210.000,00 €`, or `± 0,50` percentage points."""
        if self is Unit.EURO:
            return f"± {money.euro(amount)}"
        if self in (Unit.PERCENTO, Unit.PUNTI):
            return f"± {money.number(amount, 2 if amount >= money.CENT else 3)}"
        return f"± {money.number(amount)}"


def raw(amount: Decimal | None) -> str:
    """Return an amount exactly, for machines: `1234567.89`; empty if it is not known."""
    return "" if amount is None else format(amount, "f")


@dataclass(frozen=True)
class Value:
    """What an expression is worth.

    Attributes:
        amount: exact and unrounded, in the unit; None where it is not known.
        missing: why it is not known, in Italian ("ultimo dato al 31.12.2020").
        last_known: the last day on which it was known, if it is not and there is one.
        scope: what the sum includes, in the words of its source (perimetri).
        derived: some part was obtained by difference, not printed or entered.
        rounding: how far the amount may be from the truth, because it adds up figures that were
            printed rounded; in the unit.
        circular: a part of it was obtained from the very total that it makes.
    """

    amount: Decimal | None
    unit: Unit
    missing: str = ""
    last_known: date | None = None
    scope: frozenset[str] = frozenset()
    derived: bool = False
    example: bool = False
    rounding: Decimal = Decimal(0)
    circular: bool = False


@dataclass(frozen=True)
class Rows:
    """The rows behind a leaf: a table, its sum, and words on where they come from."""

    table: Table | None
    total: Decimal | None
    note: str = ""
    link: tuple[str, str] | None = None  # label and address of the page where the rows live


class Source(ABC):
    """Evaluates the leaves of some names. Its queries do not grow with the number of leaves."""

    names: ClassVar[Collection[str]]
    params: ClassVar[Collection[str]]
    permission: ClassVar[str]

    def may_read(self, user: "User | AnonymousUser", leaf: Leaf) -> bool:
        """Say whether a person reads a figure."""
        return user.has_perm(self.permission)

    def rows_for(self, user: "User | AnonymousUser", leaf: Leaf) -> Rows:
        """Return the rows that a person reads: they add up to the leaf as `rows` do."""
        return self.rows(leaf)

    @abstractmethod
    def label(self, leaf: Leaf) -> str:
        """Return what the figure is, in full, in Italian."""

    @abstractmethod
    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        """Return the value of each leaf.

        Raises:
            FigureError: a parameter names something that does not exist.
        """

    @abstractmethod
    def rows(self, leaf: Leaf) -> Rows:
        """Return the rows that add up to the leaf."""


_SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make the names of a source known."""
    for name in source.names:
        _SOURCES[name] = source


def source_of(leaf: Leaf) -> Source:
    """Return who evaluates a leaf.

    Raises:
        FigureError: nobody does, or not with these parameters.
    """
    source = _SOURCES.get(leaf.name)
    if source is None:
        raise FigureError(f"La grandezza «{leaf.name}» non esiste.")
    unknown = {key for key, _ in leaf.params} - set(source.params)
    if unknown:
        raise FigureError(f"La grandezza «{leaf.name}» non ha il parametro «{min(unknown)}».")
    return source


def label_of(expression: Expression) -> str:
    """Return what a figure is, in words."""
    if isinstance(expression, Leaf):
        return source_of(expression).label(expression)
    if expression.operator == "somma":
        first = label_of(expression.operands[0])
        return f"Somma di {len(expression.operands)} importi: «{first}» e seguenti"
    labels = [label_of(operand) for operand in expression.operands]
    if expression.operator == "rapporto":
        return f"Rapporto percentuale tra «{labels[0]}» e «{labels[1]}»"
    return f"Differenza tra «{labels[0]}» e «{labels[1]}»"


def evaluate(
    expressions: Iterable[Expression], known: Mapping[Expression, Value] | None = None
) -> dict[Expression, Value]:
    """Evaluate expressions together: each source is asked once for all its leaves.

    Args:
        expressions: what to evaluate.
        known: values found before, which are not asked again; returned with the new ones.

    Raises:
        FigureError: an unknown name or parameter, or an operation between unlike units.
    """
    wanted = list(expressions)
    by_source: defaultdict[Source, set[Leaf]] = defaultdict(set)
    values: dict[Expression, Value] = dict(known or {})
    for expression in wanted:
        for item in expression.leaves():
            if item not in values:
                by_source[source_of(item)].add(item)
    for source, leaves in by_source.items():
        values |= dict(source.evaluate(leaves).items())
    for expression in wanted:
        _compute(expression, values)
    return values


def _compute(expression: Expression, values: dict[Expression, Value]) -> Value:
    if expression not in values and isinstance(expression, Operation):
        operands = [_compute(operand, values) for operand in expression.operands]
        values[expression] = _OPERATIONS[expression.operator](operands)
    return values[expression]


def _combine(operands: list[Value]) -> Value:
    """Everything of the result but its amount: what is not known in a part is not known in all."""
    first = operands[0]
    return replace(
        first,
        amount=None,
        missing=next((value.missing for value in operands if value.amount is None), ""),
        scope=frozenset().union(*(value.scope for value in operands)),
        derived=any(value.derived for value in operands),
        example=any(value.example for value in operands),
        rounding=sum((value.rounding for value in operands), Decimal(0)),
        circular=any(value.circular for value in operands),
    )


def _same_unit(operands: list[Value]) -> None:
    people_are_counted = {Unit.PERSONE: Unit.NUMERO}
    if len({people_are_counted.get(value.unit, value.unit) for value in operands}) > 1:
        raise FigureError("Non si possono sommare o confrontare grandezze di unità diverse.")


def _somma(operands: list[Value]) -> Value:
    _same_unit(operands)
    amounts = [value.amount for value in operands if value.amount is not None]
    combined = _combine(operands)
    if len(amounts) < len(operands):
        return combined
    return replace(combined, amount=sum(amounts, Decimal(0)))


def _differenza(operands: list[Value]) -> Value:
    _same_unit(operands)
    minuend, subtrahend = (value.amount for value in operands)
    combined = _combine(operands)
    if combined.unit is Unit.PERCENTO:
        combined = replace(combined, unit=Unit.PUNTI)
    if minuend is None or subtrahend is None:
        return combined
    return replace(combined, amount=minuend - subtrahend)


def _rapporto(operands: list[Value]) -> Value:
    _same_unit(operands)
    numerator, denominator = operands
    combined = replace(_combine(operands), unit=Unit.PERCENTO)
    if numerator.amount is None or denominator.amount is None:
        return combined
    if denominator.amount == 0:
        return replace(combined, missing="il denominatore è zero")
    ratio = 100 * numerator.amount / denominator.amount
    return replace(combined, amount=ratio, rounding=_widest(numerator, denominator) - abs(ratio))


def _widest(numerator: Value, denominator: Value) -> Decimal:
    """The largest ratio that the roundings allow, in per cent."""
    top = abs(numerator.amount or Decimal(0)) + numerator.rounding
    whole = abs(denominator.amount or Decimal(0))
    bottom = whole - denominator.rounding
    # A denominator that its rounding could make nothing says nothing: then the widest is a cent's.
    return 100 * top / (bottom if bottom > 0 else min(whole, money.CENT))


_OPERATIONS = {"somma": _somma, "differenza": _differenza, "rapporto": _rapporto}
