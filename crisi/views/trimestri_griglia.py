"""The grid in which a nucleo fills in its quarter: all its sites, saved whole or not at all."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from crisi import griglia
from crisi.griglia import TUTTE, Voce
from crisi.modello import left_out
from crisi.models import MonitoraggioTrimestrale, UnitaProduttiva
from crisi.services import pal, trimestri
from crisi.tables.trimestri import numbers, version
from crisi.trimestri import missing
from crisi.views.access import visible_or_404
from crisi.views.trimestri_pagina import Foglio, about, sheet, steps, way
from porfse.errors import BadInput
from porfse.tables import respond
from programme.services import Conflict

_UNREADABLE = "Il modulo non è leggibile: ricaricare la pagina e compilarlo di nuovo."


def page(request: HttpRequest, monitoraggio: MonitoraggioTrimestrale) -> HttpResponse:
    """Show what is stored, to be filled in."""
    foglio = sheet(request, monitoraggio)
    griglia.with_stored(foglio.voci)
    return _shown(request, foglio)


def answer(request: HttpRequest, monitoraggio: MonitoraggioTrimestrale) -> HttpResponse:
    """Take up the quarter before, take what somebody else saved, or save."""
    foglio = sheet(request, monitoraggio)
    _only_own(request, foglio)
    if "riprendi" in request.POST:
        return _taken_up(request, foglio)
    if "prendi" in request.POST:
        griglia.with_theirs(foglio.voci, request.POST, request.POST["prendi"])
        return _shown(request, foglio)
    griglia.with_typed(foglio.voci, request.POST)
    sent = [voce.form for voce in foglio.voci if voce.form and voce.form.is_bound]
    if not all(form.is_valid() for form in sent):
        return _shown(request, foglio, status=400)
    try:
        written = pal.save(
            by=request.user, trimestre=monitoraggio.trimestre, rows=[form.riga for form in sent]
        )
    except pal.Locked as locked:
        messages.error(request, str(locked))
        return _shown(request, foglio, status=locked.status)
    except Conflict as conflict:
        messages.error(request, str(conflict))
        griglia.with_conflicts(foglio.voci, request.POST, conflict.current)
        return _shown(request, foglio, status=409)
    words = "1 riga salvata." if written == 1 else f"{written} righe salvate."
    to_send = "trasmetti" in request.POST
    if written or not to_send:
        messages.success(request, words if written else "Nessuna riga è cambiata.")
    return _sent(request, monitoraggio) if to_send else redirect(monitoraggio)


def _sent(request: HttpRequest, monitoraggio: MonitoraggioTrimestrale) -> HttpResponse:
    """Send what was just saved; if rows are missing, ask why first."""
    if missing(monitoraggio).exists():
        return redirect(
            "crisi:trimestre_trasmetti", monitoraggio.trimestre, monitoraggio.provincia_id
        )
    trimestri.send(by=request.user, trimestre=monitoraggio.trimestre)
    messages.success(request, "Trimestre trasmesso all'Autorità di Gestione.")
    return redirect(monitoraggio)


def _only_own(request: HttpRequest, foglio: Foglio) -> None:
    """Refuse a form that names sites of others (404, recorded), or that the grid has not."""
    named = griglia.sent_keys(request.POST)
    if not all(key.isascii() and key.isdigit() and len(key) <= 18 for key in named):
        raise BadInput(_UNREADABLE)
    shown = {voce.unita.pk for voce in foglio.voci}
    own = UnitaProduttiva.objects.editable_by(request.user)
    for key in sorted(set(map(int, named)) - shown):
        site = visible_or_404(own, user=request.user, pk=key)
        raise BadInput(
            f"L'unità {site} non è più fra quelle del trimestre: tornare alla pagina e compilarla"
            " di nuovo."
        )


def _taken_up(request: HttpRequest, foglio: Foglio) -> HttpResponse:
    chosen = request.POST["riprendi"]
    filled = griglia.with_previous(foglio.voci, request.POST, chosen)
    before = foglio.monitoraggio.periodo.precedente.nome
    if filled:
        messages.info(
            request,
            f"Righe riprese dal {before}: {filled}. Sono un punto di partenza: controllarle e"
            " salvare.",
        )
    else:
        where = "nelle righe vuote" if chosen == TUTTE else "per questa unità"
        messages.warning(request, f"Nulla da riprendere {where} dal {before}.")
    return _shown(request, foglio)


def _shown(request: HttpRequest, foglio: Foglio, *, status: int = 200) -> HttpResponse:
    context = {
        **about(request, foglio),
        "righe": [_row(voce) for voce in foglio.voci],
        "fuori_foglio": left_out(foglio.voci),
        "tutte": TUTTE,
        "riprendibili": any(voce.precedente and voce.in_vigore is None for voce in foglio.voci),
        "errori": [
            (field.id_for_label or field.auto_id, f"{voce.unita}, {field.label}: {text}")
            for voce in foglio.voci
            if voce.form and voce.form.is_bound
            for field in voce.form
            for text in field.errors
        ],
        "briciole": way(foglio.monitoraggio),
    }
    tables = {"passaggi": steps(foglio.monitoraggio)}
    response = respond(request, "crisi/trimestre_griglia.html", context, tables)
    response.status_code = status
    return response


def _row(voce: Voce) -> dict[str, object]:
    """A row of the grid: its form, and in words what stands beside it."""
    return {
        "voce": voce,
        "form": voce.form,
        "salvata": numbers(voce.in_vigore) if voce.conflitto and voce.in_vigore else "",
        "prima": numbers(voce.precedente) if voce.precedente else "",
        "storia": [version(row) for row in voce.storia],
    }
