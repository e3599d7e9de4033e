"""The quarters of the nuclei, read: what is asked for, what is closed and until when."""

from dataclasses import dataclass
from datetime import date, timedelta

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


def missing(monitoraggio: MonitoraggioTrimestrale) -> QuerySet[UnitaProduttiva]:
    """The sites of the quarter that have no row yet."""
    rows = AvanzamentoPAL.objects.in_force().filter(
        unita=OuterRef("pk"), trimestre=monitoraggio.trimestre
    )
    return sites_of(monitoraggio).filter(~Exists(rows))


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
    """How many sites a quarter asks a nucleo for, and how many have their row."""

    attese: int = 0
    rese: int = 0

    def __str__(self) -> str:
        return f"{self.rese} di {self.attese}"


def coverage(trimestre: str) -> dict[str, Copertura]:
    """Return by sigla how complete a quarter is, in one query; a provincia without sites is out."""
    stored = Q(avanzamenti__trimestre=trimestre, avanzamenti__sostituito_il=None)
    found = (
        UnitaProduttiva.objects.with_pal(quarter(trimestre))
        .annotate(riga=FilteredRelation("avanzamenti", condition=stored))
        .order_by()
        .values_list("comune__provincia")
        .annotate(attese=Count("pk"), rese=Count("riga"))
    )
    return {sigla: Copertura(attese, rese) for sigla, attese, rese in found}


def due_date(trimestre: Periodo, oggi: date) -> date:
    """Return by when a quarter opened today is sent; one opened late still leaves some days."""
    usual = trimestre.fine + timedelta(days=settings.CRISI_GIORNI_TRASMISSIONE)
    return max(usual, oggi + timedelta(days=settings.CRISI_PROMEMORIA_PRIMA))
