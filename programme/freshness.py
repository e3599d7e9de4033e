"""How old the data are that a page or a report shows: the last day of each kind, in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from django.db.models import Max, QuerySet, Value
from django_tables2 import Table

from porfse.periods import italian
from programme.models import GRANDEZZE

Days = Mapping[str, date | None]
T = TypeVar("T", bound=Table)


def last_days(rows: Mapping[str, QuerySet[Any]]) -> dict[str, date | None]:
    """Return the last day of each kind of rows, None where there is none; one query."""
    first, *rest = (
        found.order_by()
        .annotate(tipo=Value(name))
        .values("tipo")
        .annotate(ultimo=Max("data"))
        .values_list("tipo", "ultimo")
        for name, found in rows.items()
    )
    return dict(first.union(*rest, all=True))


def ledger_rows(al: date) -> dict[str, QuerySet[Any]]:
    """Return the movements in force of each quantity up to a day."""
    return {name: model.objects.in_force().up_to(al) for name, model in GRANDEZZE.items()}


def latest(days: Days) -> date | None:
    """Return the last of some days; None if there is none."""
    return max((day for day in days.values() if day), default=None)


def older(last: date | None, al: date) -> str:
    """Return `ultimo dato al 31.12.2020` of data that are older than a day; else empty."""
    return f"ultimo dato al {italian(last)}" if last and last < al else ""


def dated(table: T, days: Days, al: date) -> T:
    """Say in the heading of each quantity that its data are older than a day; exports say so."""
    for bound in table.columns:
        if said := older(days.get(bound.name), al):
            bound.column.verbose_name = f"{bound.header} ({said})"
    return table
