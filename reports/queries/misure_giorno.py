"""The measures at a day: what was published by then, and whether their rows tell of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from measures.endowment import endowments
from measures.figures import CARICATA, ESEMPIO, PUBBLICATA, printed
from measures.misura import Misura
from measures.models import DIMENSIONI, DotazioneMisura, StatisticaPubblicata
from measures.scope import Ambito, scopes
from porfse.figures import Board, Expression, Figure, Leaf, Operation, leaf
from porfse.models import Flow

# Of the rows only today's state is kept, which is that of the last flow. A flow tells of the weeks
# before it, and one comes about every month: of any earlier day it tells nothing.
COPERTI = timedelta(days=31)
Place = tuple[str, str, str, str]  # measure, phase, dimension and its value


@dataclass(frozen=True)
class Stampato:
    """What documents print of the measures by a day, the oldest first.

    Attributes:
        successive: the figures that they print of later days.
    """

    al: date
    statistiche: Sequence[StatisticaPubblicata]
    dotazioni: Sequence[DotazioneMisura]
    successive: Sequence[StatisticaPubblicata]

    def of(self, misura: str) -> list[StatisticaPubblicata]:
        """Return the figures of a measure."""
        return [row for row in self.statistiche if row.misura == misura]

    def history(self, misura: str) -> list[DotazioneMisura]:
        """Return the endowments of a measure."""
        return [row for row in self.dotazioni if row.misura == misura]


def stampato(misure: Collection[Misura], al: date) -> Stampato:
    """Return what is printed of some measures by a day."""
    slugs = [misura.slug for misura in misure]
    every = list(printed(slugs).order_by("data", "pk"))
    return Stampato(
        al=al,
        statistiche=[row for row in every if row.data <= al],
        dotazioni=list(endowments(slugs).filter(fonte__data__lte=al)),
        successive=[row for row in every if row.data > al],
    )


class Giorno(Board):
    """A board on which what is published, and the endowment in force, are the latest by a day."""

    def __init__(self, found: Stampato) -> None:
        super().__init__()
        self._al = found.al
        self._days: dict[Place, date] = {
            (row.misura, row.fase, row.dimensione, row.voce): row.data for row in found.statistiche
        }
        self._last = {row.misura: row.ordine for row in found.dotazioni}

    def __call__(self, expression: Expression) -> Figure:
        return super().__call__(self._dated(expression))

    def _dated(self, expression: Expression) -> Expression:
        if isinstance(expression, Operation):
            return Operation(expression.operator, tuple(map(self._dated, expression.operands)))
        params = dict(expression.params)
        if params.get("fonte") == PUBBLICATA and "al" not in params:
            # Without a figure by then it is asked for one of this very day, which there is not.
            return leaf(expression.name, **params, al=self._days.get(_place(expression), self._al))
        if expression.name == "misura_dotazione" and "ordine" not in params:
            # As above: there is no first one before the first.
            return leaf(expression.name, **params, ordine=self._last.get(params["misura"], "0"))
        return expression


def _place(item: Leaf) -> Place:
    cut = next((name for name in DIMENSIONI if item.get(name)), "")
    return item.get("misura") or "", item.get("fase") or "", cut, item.get(cut) or ""


@dataclass(frozen=True)
class Righe:
    """The rows of a measure at a day.

    Attributes:
        ambito: what there is to show; without rows if they tell nothing of the day.
        flussi: those that wrote them, the last acquired at the end.
        taciute: there are real ones, but of a later time.
    """

    ambito: Ambito
    flussi: Sequence[Flow]
    taciute: bool


def righe(misure: Sequence[Misura], found: Stampato) -> list[Righe]:
    """Return what there is of each measure at a day.

    Examples stand in for rows that were never acquired, but never beside real ones.
    """
    every = scopes(misure)
    real = any(scope.righe == CARICATA for scope in every)
    return [
        _at(replace(scope, righe="") if real and scope.righe == ESEMPIO else scope, found)
        for scope in every
    ]


def _at(scope: Ambito, found: Stampato) -> Righe:
    printed_then = found.of(scope.misura.slug)
    then = replace(
        scope,
        numeri=frozenset(
            (row.fase, row.dimensione) for row in printed_then if row.numero is not None
        ),
        importi=frozenset(
            (row.fase, row.dimensione) for row in printed_then if row.importo is not None
        ),
        al=max((row.data for row in printed_then), default=None),
    )
    flows = _flows(scope)
    if flows and found.al >= flows[-1].fonte.data - COPERTI:
        return Righe(then, flows, taciute=False)
    return Righe(replace(then, righe=""), (), taciute=scope.righe == CARICATA)


def _flows(scope: Ambito) -> list[Flow]:
    slugs = [source.slug for source in scope.misura.sorgenti] if scope.righe else []
    rows = Flow.objects.filter(
        sorgente__in=slugs, stato=Flow.Stato.ACQUISITO, esempio=scope.esempio
    )
    return list(rows.select_related("fonte").order_by("fonte__data", "pk"))
