"""What every page of a nucleo's quarter needs: the quarter itself, its state, its sheet of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone

from crisi import griglia
from crisi.checks import Segnalazione, segnalazioni
from crisi.models import MonitoraggioTrimestrale
from crisi.scope import own_provincia
from crisi.services.trimestri import PERMISSION
from crisi.tables.trimestri import PassaggiTable, actions
from crisi.trimestri import Copertura, chiuso, days_late, open_until, quarter, stato_words
from crisi.views.access import trail, visible_or_404
from porfse.periods import italian

QUARTERS = ("Trimestri", reverse_lazy("crisi:trimestri"))


@dataclass(frozen=True)
class Foglio:
    """A nucleo's quarter with its sites, and what wants a look in it."""

    monitoraggio: MonitoraggioTrimestrale
    voci: list[griglia.Voce]
    segnalazioni: Sequence[Segnalazione]


def sheet(request: HttpRequest, monitoraggio: MonitoraggioTrimestrale) -> Foglio:
    """Read the rows of a quarter."""
    noted = segnalazioni(
        user=request.user, trimestre=monitoraggio.periodo, provincia=monitoraggio.provincia_id
    )
    return Foglio(monitoraggio, griglia.voci(monitoraggio, noted), noted)


def of_address(request: HttpRequest, trimestre: str, sigla: str) -> MonitoraggioTrimestrale:
    """Return the quarter of an address, if the person may see it; another's is not there."""
    rows = MonitoraggioTrimestrale.objects.visible_to(request.user).select_related("provincia")
    return visible_or_404(
        rows, user=request.user, trimestre=str(quarter(trimestre)), provincia=sigla
    )


def way(monitoraggio: MonitoraggioTrimestrale, *more: tuple[str, str]) -> list[tuple[str, Any]]:
    """The breadcrumbs of a nucleo's quarter."""
    return trail(QUARTERS, (str(monitoraggio), monitoraggio.get_absolute_url()), *more)


def steps(monitoraggio: MonitoraggioTrimestrale) -> PassaggiTable:
    """What happened to a quarter, the latest first."""
    return PassaggiTable(monitoraggio.passaggi.select_related("autore").order_by("-pk"))


def about(request: HttpRequest, foglio: Foglio) -> dict[str, Any]:
    """What both pages of a quarter say of it: its state, what locks it, what may be done."""
    oggi, monitoraggio, voci = timezone.localdate(), foglio.monitoraggio, foglio.voci
    cover = Copertura.of(
        (voce.unita.procedura.esempio, voce.in_vigore is not None) for voce in voci if voce.attesa
    )
    own = own_provincia(request.user) == monitoraggio.provincia_id
    last = open_until(monitoraggio, oggi)
    may_send = own and monitoraggio.stato in MonitoraggioTrimestrale.MODIFICABILI
    return {
        "monitoraggio": monitoraggio,
        "periodo": monitoraggio.periodo,
        "stato": stato_words(monitoraggio, oggi),
        "copertura": cover,
        "ritardo": days_late(monitoraggio, oggi),
        "chiuso": chiuso(monitoraggio, oggi),
        "riaperto": italian(last) if last else "",
        "ultimo": monitoraggio.passaggi.filter(a=monitoraggio.stato).last(),
        "puo_trasmettere": may_send,
        "azioni": actions(monitoraggio, oggi) if request.user.has_perm(PERMISSION) else [],
        "generali": [item for item in foglio.segnalazioni if item.unita_id is None],
        "dati_esempio": any(voce.unita.procedura.esempio for voce in voci),
        "proprio": own,
    }
