"""The rules of the calls that are numbers: data with a source, read where a flow is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from measures.models import ParametroAvviso
from porfse.models import User
from porfse.seeding import read_csv


@dataclass(frozen=True)
class Fascia:
    """A step of a grid: the employees it is for, both ends included, and its euro."""

    da: int
    a: int | None
    importo: Decimal


def load(*, by: User) -> None:
    """Load the parameters that `fixtures/` holds; a second run changes nothing."""
    for row in read_csv("measures/avvisi.csv"):
        ParametroAvviso.objects.update_or_create(
            misura=row["misura"],
            chiave=row["chiave"],
            da=int(row["da"]) if row["da"] else None,
            defaults={
                "a": int(row["a"]) if row["a"] else None,
                "valore": Decimal(row["valore"]),
                "fonte": row["fonte"],
                "parole": row["parole"],
            },
        )


def value(misura: str, chiave: str) -> Decimal | None:
    """Return a parameter of a measure's call; None if the call, as far as known, sets none."""
    rows = ParametroAvviso.objects.filter(misura=misura, chiave=chiave, da=None)
    return rows.values_list("valore", flat=True).first()


def demands(misura: str, chiave: str) -> bool:
    """Say whether a call sets a duty."""
    return bool(value(misura, chiave))


def grid(misura: str, chiave: str = "griglia") -> list[Fascia]:
    """Return the steps of a grid by employees, in order; empty if the call has none."""
    rows = ParametroAvviso.objects.filter(misura=misura, chiave=chiave).exclude(da=None)
    return [Fascia(row.da or 0, row.a, row.valore) for row in rows.order_by("da")]


def by_grid(steps: Sequence[Fascia], employees: int) -> Decimal | None:
    """Return the euro that a grid gives for some employees; None where it has no step."""
    for step in steps:
        if step.da <= employees and (step.a is None or employees <= step.a):
            return step.importo
    return None
