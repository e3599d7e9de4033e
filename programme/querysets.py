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
_LEVELS = {
    "asse": "asse",
    "obiettivo": "azione__obiettivo",
    "azione": "azione",
    "iniziativa": "iniziativa",
    "perimetro": "perimetro",
    "fonte": "fonte",
}


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
            if level == "priorita":
                rows = rows.filter(
                    Q(iniziativa__priorita=code)
                    | Q(iniziativa__priorita=None, azione__priorita=code)
                )
            elif (level, code) == ("asse", NON_RIPARTITO):
                rows = rows.filter(asse=None)
            elif (level, code) == ("iniziativa", NON_ATTRIBUITO):
                rows = rows.filter(asse__isnull=False, azione=None, iniziativa=None)
            else:
                rows = rows.filter(**{_LEVELS[level]: code})
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
        levels = {"codice_fonte": F("fonte")} if by_source else {}
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
                codice_asse=F("asse"),
                codice_priorita=Coalesce("iniziativa__priorita", "azione__priorita"),
                codice_obiettivo=F("azione__obiettivo"),
                codice_azione=F("azione"),
                codice_iniziativa=F("iniziativa"),
                **levels,
            )
            .annotate(**sums)
        )
