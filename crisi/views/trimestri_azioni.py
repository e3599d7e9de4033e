"""The steps of a quarter: opened, sent, approved, returned, reopened; and its sheet for Excel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crisi.forms.trimestri import (
    ApriForm,
    RestituisciForm,
    RiapriForm,
    ScadenzaForm,
    TrasmettiForm,
    TrasmettiIncompletoForm,
    VuotoForm,
)
from crisi.modello import as_xlsx, name_of
from crisi.models import MonitoraggioTrimestrale
from crisi.scope import own_provincia
from crisi.services import trimestri
from crisi.trimestri import due_date, last_quarter, missing, quarter
from crisi.views.access import editor, procedures_reader, trail
from crisi.views.trimestri_pagina import QUARTERS, of_address, way
from porfse.forms import show

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
manager = permission_required(trimestri.PERMISSION, raise_exception=True)


@dataclass(frozen=True)
class Azione:
    """A step of the Region: its words, what it asks for, and the service that makes it."""

    titolo: str
    bottone: str
    testo: str
    fatto: str
    form: type[forms.Form]
    service: Callable[..., Any]


AZIONI = {
    "valida": Azione(
        "Validazione",
        "Valida",
        "Il trimestre si chiude: il Nucleo non può più cambiarne i dati, se non è riaperto.",
        "Trimestre validato e chiuso.",
        VuotoForm,
        trimestri.approve,
    ),
    "restituisci": Azione(
        "Restituzione",
        "Restituisci",
        "Il Nucleo può di nuovo cambiare i dati, e legge quali integrazioni sono richieste.",
        "Trimestre restituito con richiesta di integrazioni.",
        RestituisciForm,
        trimestri.give_back,
    ),
    "riapri": Azione(
        "Riapertura",
        "Riapri",
        "Il trimestre resta validato; il Nucleo può correggere i dati fino al giorno scelto, e le"
        " correzioni restano nella storia.",
        "Trimestre riaperto.",
        RiapriForm,
        trimestri.reopen,
    ),
    "richiudi": Azione(
        "Chiusura della riapertura",
        "Chiudi ora",
        "Il trimestre si chiude prima del termine della riapertura.",
        "Trimestre chiuso.",
        VuotoForm,
        trimestri.close_again,
    ),
}


@manager
def azione(request: HttpRequest, trimestre: str, sigla: str, azione: str) -> HttpResponse:
    """One step of the Region on a nucleo's quarter."""
    monitoraggio = of_address(request, trimestre, sigla)
    if azione == "scadenza":
        return _due(request, monitoraggio)
    if azione not in AZIONI:
        raise Http404
    step = AZIONI[azione]

    def write(**fields: Any) -> None:
        step.service(
            by=request.user, trimestre=trimestre, provincia=monitoraggio.provincia_id, **fields
        )

    return _answer(
        request,
        step.form,
        write,
        done=step.fatto,
        to=monitoraggio.get_absolute_url(),
        titolo=f"{step.titolo}: {monitoraggio}",
        testo=f"{step.testo} {_as_sent(monitoraggio)}".strip(),
        bottone=step.bottone,
        briciole=way(monitoraggio, (step.titolo, "")),
    )


def _as_sent(monitoraggio: MonitoraggioTrimestrale) -> str:
    """Say how complete a quarter was sent, and what its nucleo wrote: who decides must know."""
    sent = MonitoraggioTrimestrale.Stato.TRASMESSO
    if monitoraggio.stato != sent:
        return ""
    last = monitoraggio.passaggi.filter(a=sent).last()
    note = f" Nota del Nucleo: «{last.motivo}»" if last and last.motivo else ""
    return f"{_lacking(missing(monitoraggio).count())}{note}"


def _lacking(sites: int) -> str:
    return f"Unità senza dati: {sites}." if sites else "Nessuna unità è senza dati."


def _due(request: HttpRequest, monitoraggio: MonitoraggioTrimestrale) -> HttpResponse:
    """Move the due date of one nucleo."""

    def write(**fields: Any) -> None:
        trimestri.change_due(
            by=request.user,
            trimestre=monitoraggio.trimestre,
            sigle=[monitoraggio.provincia_id],
            **fields,
        )

    return _answer(
        request,
        ScadenzaForm,
        write,
        initial={"entro": monitoraggio.entro},
        done="Scadenza cambiata.",
        to=monitoraggio.get_absolute_url(),
        titolo=f"Scadenza: {monitoraggio}",
        testo="La nuova scadenza ha promemoria suoi.",
        bottone="Cambia la scadenza",
        briciole=way(monitoraggio, ("Scadenza", "")),
    )


@manager
def scadenza(request: HttpRequest, trimestre: str) -> HttpResponse:
    """Move the due date of all nuclei that have not sent a quarter."""
    periodo = quarter(trimestre)
    waiting = MonitoraggioTrimestrale.objects.filter(trimestre=str(periodo), trasmesso_il=None)
    sigle = list(waiting.values_list("provincia", flat=True))

    def write(**fields: Any) -> None:
        trimestri.change_due(by=request.user, trimestre=str(periodo), sigle=sigle, **fields)

    return _answer(
        request,
        ScadenzaForm,
        write,
        done="Scadenza cambiata.",
        to=f"{reverse('crisi:trimestri')}?trimestre={periodo}",
        titolo=f"Scadenza del {periodo.nome}",
        testo="Cambia per i Nuclei che non hanno ancora trasmesso:"
        f" {', '.join(sigle) or 'nessuno'}.",
        bottone="Cambia la scadenza",
        briciole=trail(QUARTERS, ("Scadenza", "")),
    )


@manager
def apri(request: HttpRequest) -> HttpResponse:
    """Open a quarter for the twelve nuclei."""
    last = last_quarter(timezone.localdate())

    def write(**fields: Any) -> None:
        made = trimestri.open_quarter(by=request.user, **fields)
        messages.success(request, f"Trimestre aperto per {made} Nuclei.")

    return _answer(
        request,
        ApriForm,
        write,
        initial={"trimestre": str(last), "entro": due_date(last, timezone.localdate())},
        to=reverse("crisi:trimestri"),
        titolo="Apertura di un trimestre",
        testo="Il trimestre si apre da solo il giorno dopo la sua fine, con"
        f" {settings.CRISI_GIORNI_TRASMISSIONE} giorni per trasmetterlo. Qui se ne apre uno"
        " precedente; i Nuclei che l'hanno già aperto non cambiano.",
        bottone="Apri il trimestre",
        briciole=trail(QUARTERS, ("Apertura", "")),
    )


@editor
def trasmetti(request: HttpRequest, trimestre: str, sigla: str) -> HttpResponse:
    """Send the own quarter to the Region; if rows are missing, say why."""
    monitoraggio = of_address(request, trimestre, sigla)
    if own_provincia(request.user) != monitoraggio.provincia_id:
        raise PermissionDenied
    lacking = missing(monitoraggio).count()

    def write(**fields: Any) -> None:
        trimestri.send(by=request.user, trimestre=monitoraggio.trimestre, **fields)

    return _answer(
        request,
        TrasmettiIncompletoForm if lacking else TrasmettiForm,
        write,
        done="Trimestre trasmesso all'Autorità di Gestione.",
        to=monitoraggio.get_absolute_url(),
        titolo=f"Trasmissione: {monitoraggio}",
        testo="Da quando è trasmesso, i dati del trimestre non si cambiano più, se l'Autorità di"
        f" Gestione non lo restituisce. {_lacking(lacking)}",
        bottone="Trasmetti",
        briciole=way(monitoraggio, ("Trasmissione", "")),
    )


@require_safe
@procedures_reader
def modello(request: HttpRequest, trimestre: str, sigla: str) -> HttpResponse:
    """The sheet of a quarter, filled in with what is saved, to be sent back as a flow."""
    monitoraggio = of_address(request, trimestre, sigla)
    response = HttpResponse(as_xlsx(monitoraggio), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name_of(monitoraggio)}"'
    return response


def _answer(
    request: HttpRequest,
    form_class: type[forms.Form],
    write: Callable[..., Any],
    *,
    to: str,
    done: str = "",
    initial: dict[str, Any] | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a form, or write what it says and go on."""
    form = form_class(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            write(**form.cleaned_data)
        except ValidationError as error:
            show(form, error)
        else:
            if done:
                messages.success(request, done)
            return redirect(to)
    status = 400 if form.errors else 200
    return render(
        request,
        "components/modulo.html",
        {"form": form, "indietro": to, **context},
        status=status,
    )
