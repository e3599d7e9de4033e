"""What a change of procedures does to quarters: one that was sent stays, an open one is settled."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale, Procedura, UnitaProduttiva
from crisi.services import trimestri
from crisi.trimestri import chiuso
from porfse.models import User
from porfse.periods import Periodo


@dataclass(frozen=True, order=True)
class RigaChiusa:
    """A row of active policies that a closed quarter counts.

    Attributes:
        trimestre: `2025-T3`.
        provincia: sigla of the one that the site lies in, whose quarter it is.
        tipo: of the procedure, by which the quarter is told apart.
        attesa: whether the quarter asks for the site (`UnitaProduttiva.objects.with_pal`).
    """

    trimestre: str
    provincia: str
    unita_id: int
    tipo: str
    attesa: bool


def closed_rows(procedure: Collection[int]) -> frozenset[RigaChiusa]:
    """Return the rows in force of procedures (keys) that closed quarters count, as they stand.

    Those of a withdrawn procedure count nowhere. One query, and one for each quarter concerned.
    """
    if not procedure:
        return frozenset()
    rows = list(
        AvanzamentoPAL.objects.in_force()
        .filter(_is_closed(timezone.localdate()), unita__procedura__in=procedure)
        .exclude(unita__procedura__stato=Procedura.Stato.RITIRATA)
        .order_by()
        .values_list("trimestre", "unita__comune__provincia", "unita", "unita__procedura__tipo")
    )
    asked = {
        (quarter, key)
        for quarter in {quarter for quarter, *_ in rows}
        for key in _asked_in(quarter, procedure)
    }
    return frozenset(RigaChiusa(*row, attesa=(row[0], row[2]) in asked) for row in rows)


def _is_closed(oggi: date) -> Exists:
    """Of a row: the quarter of its provincia is closed."""
    quarters = MonitoraggioTrimestrale.objects.filter(
        trimestre=OuterRef("trimestre"), provincia=OuterRef("unita__comune__provincia")
    )
    return Exists(quarters.exclude(_open(oggi)))


def _open(oggi: date) -> Q:
    """As `modificabile` says of one quarter."""
    return Q(stato__in=MonitoraggioTrimestrale.MODIFICABILI) | Q(riaperto_fino_al__gte=oggi)


def _asked_in(trimestre: str, procedure: Collection[int]) -> QuerySet[UnitaProduttiva, int]:
    asked = UnitaProduttiva.objects.with_pal(Periodo.parse(trimestre))
    return asked.filter(procedura__in=procedure).values_list("pk", flat=True)


@contextmanager
def quarters_kept(procedure: Collection[int], *, by: User) -> Iterator[set[int]]:
    """Let what is done within stand only if no closed quarter counts otherwise after it.

    Open quarters wait for other sites after it: they are `aperto` or `compilato` accordingly.
    To be used inside a transaction, after the procedures (keys) were locked; it gives their set,
    to which those made within are to be added.

    Raises:
        ValidationError: a closed quarter would change; it says which, and what to do.
    """
    touched = set(procedure)
    before, left = closed_rows(procedure), _provinces(touched)
    yield touched
    refuse_if_changed(before, closed_rows(procedure))
    trimestri.settle_open(by=by, sigle=left | _provinces(touched))


def _provinces(procedure: Collection[int]) -> set[str]:
    """Return the sigle of those in which procedures (keys) have a site."""
    if not procedure:
        return set()
    sites = UnitaProduttiva.objects.filter(procedura__in=procedure).order_by()
    return set(sites.values_list("comune__provincia", flat=True).distinct())


def refuse_if_changed(before: frozenset[RigaChiusa], after: frozenset[RigaChiusa]) -> None:
    """Hold what closed quarters count (`closed_rows`) after a change to what they counted before.

    Raises:
        ValidationError: it is not the same.
    """
    reasons = why_closed({(row.trimestre, row.provincia) for row in before ^ after})
    if reasons:
        raise ValidationError(
            "La modifica cambierebbe i dati PAL di un trimestre chiuso, e non è stata salvata. "
            + " ".join(reasons)
        )


def closed_quarters(procedura: Procedura, *, user: User) -> list[MonitoraggioTrimestrale]:
    """Return the closed quarters that count a procedure, the last first; those a person may see."""
    if procedura.stato == Procedura.Stato.RITIRATA:
        return []
    rows = AvanzamentoPAL.objects.in_force().filter(
        unita__procedura=procedura,
        trimestre=OuterRef("trimestre"),
        unita__comune__provincia=OuterRef("provincia"),
    )
    closed = MonitoraggioTrimestrale.objects.visible_to(user).exclude(_open(timezone.localdate()))
    return list(closed.filter(Exists(rows)).select_related("provincia"))


def why_closed(quarters: Iterable[tuple[str, str]]) -> list[str]:
    """Return, for each closed quarter (`2025-T3`, sigla), why it is closed and what to do."""
    wanted = Q(pk__in=[])
    for trimestre, sigla in quarters:
        wanted |= Q(trimestre=trimestre, provincia=sigla)
    oggi = timezone.localdate()
    found = MonitoraggioTrimestrale.objects.filter(wanted).order_by("trimestre", "provincia")
    return [words for each in found if (words := chiuso(each, oggi))]
