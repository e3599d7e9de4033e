"""How a figure is shown within a text."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal

from porfse import money
from porfse.figures import Expression, Figure, Operation, Unit
from reports.queries.tavole import ORDINARY

ND = "n.d."


@dataclass(frozen=True)
class Forma:
    """A way to show figures of some units.

    Attributes:
        esempio: how it looks.
        show: the words of an amount; `signed` gives a plus to what grew.
    """

    unita: Collection[Unit]
    esempio: str
    show: Callable[..., str]


def _mln1(amount: Decimal, *, signed: bool = False) -> str:
    return f"{money.number(amount / money.MILLION, 1, signed=signed)}\u00a0Mln€"


def _percento0(amount: Decimal, *, signed: bool = False) -> str:
    return f"{money.number(amount, 0, signed=signed)}%"


def _numero(amount: Decimal, *, signed: bool = False) -> str:
    return money.number(amount, signed=signed)


FORME = {
    "euro": Forma((Unit.EURO,), "190.920.000,00 €", money.euro),
    "mln": Forma((Unit.EURO,), "190,92 Mln€", money.mln),
    "mln1": Forma((Unit.EURO,), "190,9 Mln€", _mln1),
    "numero": Forma((Unit.NUMERO, Unit.PERSONE), "209.754", _numero),
    "percento": Forma((Unit.PERCENTO,), "53,4%", money.percento),
    "percento0": Forma((Unit.PERCENTO,), "53%", _percento0),
}


def words(figure: Figure, forma: str, *, signed: bool = False) -> str:
    """Return a figure as a text shows it, its board loaded; what is not known is `n.d.`.

    Args:
        forma: a key of FORME that suits its unit; empty is how the unit is usually shown.
    """
    if figure.amount is None:
        return ND
    if not forma:
        return figure.value.unit.show(figure.amount, signed=signed)
    return FORME[forma].show(figure.amount, signed=signed)


def reading(figure: Figure, told: Collection[Expression] = ()) -> list[str]:
    """Return how a figure is to be read: its perimetro, if not the ordinary one; why it is `n.d.`.

    Args:
        told: the figures of its paragraph: a share of one of them does not say the perimetro again.
    """
    if figure.amount is None:
        return [figure.value.missing] if figure.value.missing else []
    share = figure.expression
    if isinstance(share, Operation) and share.operator == "rapporto" and share.operands[0] in told:
        return []
    scopes = sorted(figure.value.scope)
    if len(scopes) > 1:  # a change between days that do not compare like with like
        return [f"perimetri diversi: {' e '.join(scopes)}"]
    return [scope for scope in scopes if scope != ORDINARY]


def origin(figure: Figure) -> list[str]:
    """Return whether a figure is derived, or an example."""
    value = figure.value
    return [
        *(["derivata"] if value.derived else []),
        *(["esempio"] if value.example else []),
    ]


def in_brackets(said: Collection[str]) -> str:
    """Return what is said beside a figure: ` (CIGD inclusa, derivata)`; empty if nothing."""
    return f" ({', '.join(said)})" if said else ""
