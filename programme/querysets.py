"""The questions that the ledger answers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from porfse.models import Fonte

NON_RIPARTITO = "nr"  # as an asse: not split between the assi
NON_ATTRIBUITO = "na"  # as an iniziativa: of the asse as a whole
# Where each level stands. What is not on the movement itself is that of its initiative, as it is
# now: placing an initiative under an azione places its money there.
_PATHS = {
    "asse": ("asse",),
    "priorita": ("iniziativa__priorita", "azione__priorita", "iniziativa__azione__priorita"),
    "obiettivo": ("azione__obiettivo", "iniziativa__azione__obiettivo"),
    "azione": ("azione", "iniziativa__azione"),
    "iniziativa": ("iniziativa",),
    "perimetro": ("perimetro",),
    "fonte": ("fonte",),
}


def _place(level: str) -> Coalesce | F:
    paths = _PATHS[level]
    return Coalesce(*paths) if len(paths) > 1 else F(paths[0])


class MovimentoQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        """Movements that count: their source is neither retired nor example."""
        return self.filter(fonte__ritirata_il=None).exclude(fonte__genere=Fonte.Genere.ESEMPIO)

    def up_to(self, day: date) -> Self:
        return self.filter(data__lte=day)

    def within(self, levels: Mapping[str, str]) -> Self:
        """Movements of one asse, priorita, obiettivo, azione, iniziativa or perimetro."""
        rows = self
        for level, code in levels.items():
            if (level, code) == ("asse", NON_RIPARTITO):
                rows = rows.filter(asse=None)
            elif (level, code) == ("iniziativa", NON_ATTRIBUITO):
                rows = rows.filter(asse__isnull=False, azione=None, iniziativa=None)
            else:
                rows = rows.alias(**{f"_{level}": _place(level)}).filter(**{f"_{level}": code})
        return rows

    def with_context(self) -> Self:
        """Movements with all that a table of them shows, in one query."""
        return self.select_related(
            "asse", "azione", "iniziativa", "atto", "fonte", "storno_di", "storno"
        )

    def total(self, field: str = "importo") -> Any:
        """The sum of an amount, None where no row has one."""
        return self.aggregate(total=Sum(field))["total"]

    def grouped(
        self, days: Sequence[date], *, share: bool = False, by_source: bool = False
    ) -> QuerySet[Any, dict[str, Any]]:
        """Sums by level, perimetro and natura at several dates, in one query.

        Returns rows with `perimetro`, `natura`, `arrotondamento`, the code of each level
        (`codice_asse` …) and for the i-th day `importo_i` (euro), `ultima_i` (last day with an
        amount), and if `share` is set `quota_i`, `ultima_quota_i` for the EU share; `by_source`
        splits them by `codice_fonte` too.
        """
        levels = ["asse", "priorita", "obiettivo", "azione", "iniziativa"]
        levels += ["fonte"] if by_source else []
        sums: dict[str, Any] = {}
        for index, day in enumerate(days):
            until = Q(data__lte=day)
            sums[f"importo_{index}"] = Sum("importo", filter=until)
            sums[f"ultima_{index}"] = Max("data", filter=until & ~Q(importo=0))
            if share:
                sums[f"quota_{index}"] = Sum("quota_ue", filter=until)
                sums[f"ultima_quota_{index}"] = Max(
                    "data", filter=until & Q(quota_ue__isnull=False)
                )
        return (
            self.order_by()
            .values(
                "perimetro",
                "natura",
                "arrotondamento",
                **{f"codice_{level}": _place(level) for level in levels},
            )
            .annotate(**sums)
        )
