"""The quarters of the nuclei, read: what is asked for, what is closed and until when."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.utils import timezone

from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale, UnitaProduttiva
from porfse.errors import NotThere
from porfse.periods import PeriodError, Periodo, italian

_MONTHS = 3


def quarter(text: str) -> Periodo:
    """Read `2025-T3`.

    Raises:
        NotThere: it is not a quarter.
    """
    try:
        found = Periodo.parse(text)
    except PeriodError as reason:
        raise NotThere(str(reason)) from reason
    if found.mesi != _MONTHS:
        raise NotThere(f"«{text[:20]}» non è un trimestre: scriverlo come 2025-T3.")
    return found


def last_quarter(oggi: date) -> Periodo:
    """Return the latest quarter that has ended before a day."""
    return Periodo.of(oggi, _MONTHS).precedente


def sites_of(monitoraggio: MonitoraggioTrimestrale) -> QuerySet[UnitaProduttiva]:
    """The sites that a nucleo reports in a quarter."""
    return UnitaProduttiva.objects.with_pal(monitoraggio.periodo).filter(
        comune__provincia=monitoraggio.provincia_id
    )


def due_sites(monitoraggio: MonitoraggioTrimestrale) -> QuerySet[UnitaProduttiva]:
    """Those of the sites by which a quarter is complete or not: examples only if all are examples.

    A nucleo whose procedures are all invented (the demonstration) can still go through a quarter;
    with a real one, the examples count no more.
    """
    sites = sites_of(monitoraggio)
    real = UnitaProduttiva.objects.filter(pk__in=sites.values("pk"), procedura__esempio=False)
    return sites.filter(Q(procedura__esempio=False) | ~Exists(real))


def missing(monitoraggio: MonitoraggioTrimestrale) -> QuerySet[UnitaProduttiva]:
    """The sites that a quarter waits for: due, and without a row yet."""
    rows = AvanzamentoPAL.objects.in_force().filter(
        unita=OuterRef("pk"), trimestre=monitoraggio.trimestre
    )
    return due_sites(monitoraggio).filter(~Exists(rows))


def chiuso(monitoraggio: MonitoraggioTrimestrale, oggi: date) -> str:
    """Say in Italian why the rows of a quarter may not be changed, and what to do; blank if so."""
    if monitoraggio.modificabile(oggi):
        return ""
    name = f"Il {monitoraggio.periodo.nome} di {monitoraggio.provincia_id}"
    if monitoraggio.stato == MonitoraggioTrimestrale.Stato.TRASMESSO:
        return (
            f"{name} è stato trasmesso: i dati sono bloccati finché l'Autorità di Gestione non lo"
            " valida o lo restituisce. Per correggerli, chiedere all'Autorità di Gestione la"
            " restituzione con richiesta di integrazioni."
        )
    reopened = monitoraggio.riaperto_fino_al
    ended = f" La riapertura è terminata il {italian(reopened)}." if reopened else ""
    return (
        f"{name} è validato e chiuso.{ended} Per correggere i dati, chiedere all'Autorità di"
        " Gestione di riaprirlo."
    )


def days_late(monitoraggio: MonitoraggioTrimestrale, oggi: date) -> int:
    """Return by how many days a quarter was first sent late, or is late today; 0 if it is not."""
    sent = monitoraggio.trasmesso_il
    day = timezone.localdate(sent) if sent else oggi
    return max(0, (day - monitoraggio.entro).days)


def open_until(monitoraggio: MonitoraggioTrimestrale, oggi: date) -> date | None:
    """Return the last day of a reopening that still lasts."""
    last = monitoraggio.riaperto_fino_al
    return last if last and oggi <= last else None


def stato_words(monitoraggio: MonitoraggioTrimestrale, oggi: date) -> str:
    """Return the state as the page says it; an approved quarter is closed, or open until a day."""
    words = monitoraggio.get_stato_display()
    if monitoraggio.stato != MonitoraggioTrimestrale.Stato.VALIDATO:
        return words
    last = open_until(monitoraggio, oggi)
    return f"{words}, riaperto fino al {italian(last)}" if last else f"{words} e chiuso"


@dataclass(frozen=True)
class Copertura:
    """How many sites a quarter asks a nucleo for, and how many have their row.

    Attributes:
        esempi: the sites of example procedures, which count for themselves.
        esempi_resi: those of them that have their row.
    """

    attese: int = 0
    rese: int = 0
    esempi: int = 0
    esempi_resi: int = 0

    @classmethod
    def of(cls, sites: Iterable[tuple[bool, bool]]) -> Self:
        """Count sites, of each of which is said whether it is an example, and has its row."""
        found = Counter(sites)
        real, examples = (
            (found[kind, True] + found[kind, False], found[kind, True]) for kind in (False, True)
        )
        return cls(*real, *examples)

    @property
    def di_esempio(self) -> bool:
        """Whether all that is asked for is examples: then they are what is waited for."""
        return bool(self.esempi and not self.attese)

    @property
    def mancanti(self) -> int:
        """How many of the sites that count have no row yet."""
        if self.di_esempio:
            return self.esempi - self.esempi_resi
        return self.attese - self.rese

    def __str__(self) -> str:
        parts = [] if self.di_esempio else [f"{self.rese} di {self.attese}"]
        parts += [f"esempi {self.esempi_resi} di {self.esempi}"] if self.esempi else []
        return "; ".join(parts)


def coverage(trimestre: str) -> dict[str, Copertura]:
    """Return by sigla how complete a quarter is, in one query; a provincia without sites is out."""
    stored = Q(avanzamenti__trimestre=trimestre, avanzamenti__sostituito_il=None)
    example = Q(procedura__esempio=True)
    found = (
        UnitaProduttiva.objects.with_pal(quarter(trimestre))
        .annotate(riga=FilteredRelation("avanzamenti", condition=stored))
        .order_by()
        .values_list("comune__provincia")
        .annotate(
            attese=Count("pk", filter=~example),
            rese=Count("riga", filter=~example),
            esempi=Count("pk", filter=example),
            esempi_resi=Count("riga", filter=example),
        )
    )
    return {sigla: Copertura(*counts) for sigla, *counts in found}


def due_date(trimestre: Periodo, oggi: date) -> date:
    """Return by when a quarter opened today is sent; one opened late still leaves some days."""
    usual = trimestre.fine + timedelta(days=settings.CRISI_GIORNI_TRASMISSIONE)
    return max(usual, oggi + timedelta(days=settings.CRISI_PROMEMORIA_PRIMA))
