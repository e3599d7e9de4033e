"""The call's own grid by employees, held against the size classes of the published table."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from measures import avvisi
from measures.avvisi import Fascia
from measures.figures import PUBBLICATA, Measured
from measures.smart_working.classi import CLASSI, bounds
from porfse import money
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value, leaf

MISURA = "smart-working"
_SUMS = Measured()


def by_grid(classe: str) -> Leaf:
    """Euro that the grid gives to the published companies of a class, where it gives one amount."""
    return leaf("sw_griglia", classe=classe)


def amounts(steps: Sequence[Fascia], classe: str) -> set[Decimal]:
    """Return the amounts of the steps that the employees of a class may be in."""
    low, high = bounds(classe)
    return {
        step.importo
        for step in steps
        if (high is None or step.da <= high) and (step.a is None or step.a >= low)
    }


class Griglia(Source):
    names = ("sw_griglia",)
    params = ("classe",)
    permission = "measures.view_misure"

    def label(self, leaf: Leaf) -> str:
        return f"Contributi per la griglia dell'avviso: {CLASSI[_class(leaf)]}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        steps = avvisi.grid(MISURA)
        numbers = _SUMS.evaluate({_number(item) for item in leaves})
        return {
            item: _value(amounts(steps, _class(item)), numbers[_number(item)]) for item in leaves
        }

    def rows(self, leaf: Leaf) -> Rows:
        found = amounts(avvisi.grid(MISURA), _class(leaf))
        number = _SUMS.evaluate([_number(leaf)])[_number(leaf)]
        given = " oppure ".join(money.euro(amount) for amount in sorted(found))
        shown = number.unit.show(number.amount)
        note = (
            f"Imprese beneficiarie pubblicate ({shown}) per il contributo della griglia: {given}."
        )
        return Rows(None, _value(found, number).amount, note=note)


def _class(leaf: Leaf) -> str:
    classe = leaf.get("classe") or ""
    if classe not in CLASSI:
        raise FigureError(f"La classe «{classe[:20]}» non esiste: {', '.join(CLASSI)}.")
    return classe


def _number(item: Leaf) -> Leaf:
    return leaf(
        "misura_numero", misura=MISURA, fase="beneficiarie", fonte=PUBBLICATA, classe=_class(item)
    )


def _value(found: set[Decimal], number: Value) -> Value:
    if len(found) != 1:
        return Value(None, Unit.EURO, missing="la classe copre più scaglioni della griglia")
    if number.amount is None:
        return Value(None, Unit.EURO, missing=number.missing)
    return Value(number.amount * min(found), Unit.EURO)
