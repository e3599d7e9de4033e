"""How old the data are that a page or a report shows: the last day of each kind, in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from django.db.models import Max, QuerySet, Value

from porfse.periods import italian
from programme.models import GRANDEZZE
from programme.tables_vista import VistaTable

Days = Mapping[str, date | None]
T = TypeVar("T", bound=VistaTable)


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


def dated(tables: Mapping[str, T], days: Days, al: date) -> dict[str, T]:
    """Let tables say, above them and in their files, of which day what is older than a day is.

    Args:
        tables: by the names that their page gives them.
    """
    for name, table in tables.items():
        table.ultimi = _lines(table, days, al)
        if table.ultimi:
            table.attrs["aria-describedby"] = f"{name}-ultimi"  # as `programme/_tabella.html` does
    return dict(tables)


def _lines(table: VistaTable, days: Days, al: date) -> list[str]:
    """Return `Nel programma, ultimo dato al 31.12.2020: Impegnate, Liquidate` for each day."""
    found: dict[str, list[str]] = {}
    for column in table.columns:
        if said := older(days.get(column.name), al):
            found.setdefault(said, []).append(str(column.header))
    # Of a part of the programme the last datum may be older still: its cells say so.
    return [f"Nel programma, {said}: {', '.join(names)}" for said, names in found.items()]
