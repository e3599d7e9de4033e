"""The questions that payments and their sums answer."""

from typing import Any, Self

from django.db import models
from django.db.models import Sum


class PagamentoQuerySet(models.QuerySet[Any]):
    def acquired(self) -> Self:
        """Payments of flows that count: those of a cancelled flow wait to be removed."""
        return self.filter(flusso__stato="acquisito")

    def with_places(self) -> Self:
        return self.select_related("comune", "comune__provincia", "flusso")


class SintesiQuerySet(models.QuerySet[Any]):
    def totals(self, *fields: str) -> models.QuerySet[Any, dict[str, Any]]:
        """Sums by some fields: rows with the fields, `pagamenti`, `recuperi`, `ore`, `importo`."""
        sums = {name: Sum(name) for name in ("pagamenti", "recuperi", "ore", "importo")}
        return self.order_by(*fields).values(*fields).annotate(**sums)
