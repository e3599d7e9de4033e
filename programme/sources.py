"""What the sources weigh in the ledger."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from porfse.figures import Board, differenza, leaf, somma
from porfse.models import Fonte
from programme.figures.ledger import LABELS
from programme.models import GRANDEZZE, Movimento


def with_counts(fonti: QuerySet[Fonte]) -> QuerySet[Fonte]:
    """Add to each source the number of its movements, all quantities together."""
    total: Any = 0
    for model in GRANDEZZE.values():
        count = (
            model.objects.filter(fonte=OuterRef("pk"))
            .order_by()
            .values("fonte")
            .annotate(n=Count("pk"))
            .values("n")
        )
        total = Coalesce(Subquery(count), 0) + total
    return fonti.annotate(movimenti=total)


def contributions(board: Board, fonte: Fonte) -> list[dict[str, Any]]:
    """What one source adds to each quantity, over all dates."""
    today = timezone.localdate()
    return [
        {
            "grandezza": LABELS[quantity],
            "importo": board(leaf(quantity, al=today, fonte=fonte.pk)),
        }
        for quantity in GRANDEZZE
    ]


def effect_of_retiring(board: Board, fonti: Iterable[Fonte]) -> list[dict[str, Any]]:
    """Each quantity over all dates: as it is, what leaves with some sources, and what remains."""
    today = timezone.localdate()
    leaving = {fonte.pk for fonte in fonti}
    weighing = sorted(
        {(item.grandezza, item.fonte) for item in balances() if item.fonte in leaving}
    )
    rows = []
    for quantity in GRANDEZZE:
        parts = [leaf(quantity, al=today, fonte=pk) for name, pk in weighing if name == quantity]
        if parts:
            now, out = leaf(quantity, al=today), somma(*parts)
            rows.append(
                {
                    "grandezza": LABELS[quantity],
                    "ora": board(now),
                    "escono": board(out),
                    "dopo": board(differenza(now, out)),
                }
            )
    return rows


class Balance(NamedTuple):
    """A published balance in force: of which quantity and asse (None: not split), from where."""

    grandezza: str
    fonte: int
    asse: str | None
    data: date
    natura: str

    def bound_to(self, other: "Balance") -> bool:
        """Whether this one makes no sense without the other.

        A later balance is a difference from the earlier, a balance of the same date completes it,
        and what was found by taking away from a total needs all the assi.
        """
        needs_all = self.asse is None or self.natura == Movimento.Natura.DIFFERENZA
        return (
            self.grandezza == other.grandezza
            and self.data >= other.data
            and (needs_all or self.asse == other.asse)
        )


def balances() -> list[Balance]:
    """Return the published balances in force, in one query."""
    first, *others = (
        model.objects.in_force()
        .exclude(natura=Movimento.Natura.MOVIMENTO)
        .order_by()
        .values_list(Value(quantity), "fonte", "asse", "data", "natura")
        .distinct()
        for quantity, model in GRANDEZZE.items()
    )
    return [Balance(*row) for row in first.union(*others)]


def dependent_sources(fonte: Fonte) -> list[Fonte]:
    """Return the sources that must be retired together with one, itself included.

    Without the others, what they say of the same asse would be a wrong sum.
    """
    everything = balances()
    found, waiting = {fonte.pk}, [fonte.pk]
    while waiting:
        current = waiting.pop()
        own = [item for item in everything if item.fonte == current]
        for other in everything:
            if other.fonte not in found and any(other.bound_to(item) for item in own):
                found.add(other.fonte)
                waiting.append(other.fonte)
    return list(Fonte.objects.filter(pk__in=found))
