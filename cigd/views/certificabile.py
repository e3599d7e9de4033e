"""The certifiable expenditure: by state and flow, and what is decided on its payments."""

from functools import partial
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_safe

from cigd import decisions, moves, tasks, warned
from cigd.certifiable import cap_rows, flow_rows, state_rows
from cigd.forms_certificazione import (
    AnnullaControlloForm,
    ControlloForm,
    PagamentoForm,
    SegnalazioneForm,
    SpostamentoForm,
)
from cigd.models import ControlloAnnullato, ControlloFlusso, Spostamento, Stato
from cigd.positions import counting_flow
from cigd.scope import scope
from cigd.tables_certificazione import (
    FlussiPoolTable,
    MassimaliTable,
    SegnalazioniTable,
    SpostamentiTable,
    StatiTable,
)
from cigd.views.access import Crumb, about, payments_reader, reader, trail
from cigd.views.modulo import answer, posted
from porfse import money
from porfse.figures import Board
from porfse.flows.errors import NotNow
from porfse.flows.source import source_of
from porfse.models import Flow
from porfse.periods import moment
from porfse.reference import reference_date
from porfse.tables import respond
from porfse.workers import start

POOL = ("Spesa certificabile", reverse_lazy("cigd:certificabile"))


@require_safe
@reader
def certificabile(request: HttpRequest) -> HttpResponse:
    """Caps, what is certified and certifiable, the payments by state, the flows and their check."""
    al = reference_date(request, default=timezone.localdate())
    counted, board = scope(), Board()
    caps, by_state = cap_rows(board, al), state_rows(board)
    flows = flow_rows(board, counted.flussi)
    board.load()
    user, may_move = request.user, request.user.has_perm(moves.PERMISSION) and counted.flussi
    context = {
        **about(counted),
        "al": al,
        "puo_decidere": user.has_perm("cigd.check_flow"),
        "puo_spostare": may_move,
        "non_spostabile": moves.why_not(counted) if may_move else "",
        "puo_certificare": user.has_perm("cigd.certify"),
        "briciole": trail(POOL),
    }
    moved = Spostamento.objects.filter(esempio=counted.esempio).select_related("atto")
    tables = {
        "massimali": MassimaliTable(caps),
        "stati": StatiTable(by_state),
        "flussi": FlussiPoolTable(flows),
        "spostamenti": SpostamentiTable(moved),
    }
    return respond(request, "cigd/certificabile.html", context, tables)


@require_safe
@payments_reader
def flusso(request: HttpRequest, flusso_id: int) -> HttpResponse:
    """One flow: its payments by state, its check, its warnings."""
    flow, board = counting_flow(flusso_id), Board()
    rows = flow_rows(board, [flow.pk])
    board.load()
    left = warned.to_decide(flow.pk)
    warnings = [
        {
            "flusso": flow.pk,
            "codice": code,
            "righe": number,
            "da_decidere": left.get(code, 0),
            "spiegazione": words,
        }
        for code, (words, number) in _warnings(flow).items()
    ]
    may = request.user.has_perm(decisions.CHECK)
    check = _check_of(flow)
    kept = decisions.why_not_undo(flow) if may and check else ""
    undone = ControlloAnnullato.objects.filter(flusso=flow)
    context = {
        **about(scope()),
        "flusso": flow,
        "controllo": check,
        "annullati": undone.select_related("controllato_da", "annullato_da"),
        "puo_annullare": may and check and not kept,
        "non_annullabile": kept,
        "puo_decidere": may,
        "segnalato": may and bool(warned.waiting(flow.pk)),
        "briciole": trail(POOL, (f"Flusso {flow.pk}", "")),
    }
    tables = {"stato": FlussiPoolTable(rows), "segnalazioni": SegnalazioniTable(warnings)}
    return respond(request, "cigd/certificabile_flusso.html", context, tables)


def _warnings(flow: Flow) -> dict[str, tuple[str, int]]:
    source = source_of(flow.sorgente)
    return {
        code: (source.explain(code), number)
        for code, number in sorted(flow.codici.items())
        if code.startswith("W")
    }


def _check_of(flow: Flow) -> ControlloFlusso | None:
    return ControlloFlusso.objects.filter(pk=flow.pk).select_related("controllato_da").first()


def _back(flow: int) -> Any:
    return lambda _: reverse("cigd:certificabile_flusso", args=[flow])


def _trail(flow: int, last: str) -> list[Crumb]:
    return trail(POOL, (f"Flusso {flow}", _back(flow)(None)), (last, ""))


@permission_required(decisions.CHECK, raise_exception=True)
def controllo(request: HttpRequest, flusso_id: int) -> HttpResponse:
    """Record that a flow was checked; who comes second is told by whom."""
    flow = counting_flow(flusso_id)
    if check := _check_of(flow):
        return _checked(request, check)
    try:
        return _check(request, flow)
    except NotNow:
        check = _check_of(flow)
        if check is None:  # somebody else is at work on the payments
            raise
        return _checked(request, check)


def _checked(request: HttpRequest, check: ControlloFlusso) -> HttpResponse:
    context = {
        "titolo": "Già controllato",
        "messaggio": f"Il flusso {check.flusso_id} è già stato controllato da"
        f" {check.controllato_da} il {moment(check.controllato_il)}:"
        f" «{check.nota.rstrip('. ')}».",
        "oggetto": check,
        "briciole": _trail(check.flusso_id, "Controllo"),
        **about(scope()),
    }
    return render(request, "programme/conflitto.html", context, status=409)


def _check(request: HttpRequest, flow: Flow) -> HttpResponse:
    return answer(
        request,
        ControlloForm(posted(request)),
        partial(decisions.check_flow, by=request.user, flusso_id=flow.pk),
        done=f"Controllo del flusso {flow.pk} registrato.",
        to=_back(flow.pk),
        titolo=f"Controllo del flusso {flow.pk}",
        testo="Con il controllo i pagamenti senza segnalazioni diventano certificabili; quelli con"
        " segnalazioni restano da verificare finché non si decide su ciascuno. Il controllo si può"
        " annullare finché nulla del flusso è in un lotto certificato.",
        bottone="Registra il controllo",
        briciole=_trail(flow.pk, "Controllo"),
        **about(scope()),
    )


@permission_required(decisions.CHECK, raise_exception=True)
def controllo_annulla(request: HttpRequest, flusso_id: int) -> HttpResponse:
    """Take back the check of a flow of which nothing is certified."""
    flow = counting_flow(flusso_id)
    check = _check_of(flow)
    if check is None or (kept := decisions.why_not_undo(flow)):
        raise NotNow(kept if check else decisions.NOT_CHECKED)
    return answer(
        request,
        AnnullaControlloForm(posted(request), initial={"visto": check.controllato_il.isoformat()}),
        partial(decisions.undo_check, by=request.user, flusso_id=flow.pk),
        done=f"Controllo del flusso {flow.pk} annullato: nessun suo pagamento è più certificabile.",
        to=_back(flow.pk),
        titolo=f"Annullamento del controllo del flusso {flow.pk}",
        testo=f"Il controllo, «{check.nota.rstrip('. ')}», è di {check.controllato_da}, del"
        f" {moment(check.controllato_il)}. Senza il controllo, i pagamenti certificabili del flusso"
        " tornano da verificare, anche quelli su cui si era deciso; sospensioni, esclusioni,"
        " decurtazioni e spostamenti restano. L'annullamento resta registrato.",
        bottone="Annulla il controllo",
        briciole=_trail(flow.pk, "Annullamento del controllo"),
        **about(scope()),
    )


@permission_required(decisions.CHECK, raise_exception=True)
def segnalazione(request: HttpRequest, flusso_id: int) -> HttpResponse:
    """Decide on all payments of a flow that bear a code."""
    flow = counting_flow(flusso_id)
    waiting = warned.waiting(flow.pk)
    if not waiting:
        raise NotNow(
            f"Nessun pagamento con segnalazioni del flusso {flow.pk} attende una decisione: lo"
            " stato di ciascuno è nella sua pagina."
        )
    words = {code: words for code, (words, _) in _warnings(flow).items()}
    return answer(
        request,
        SegnalazioneForm(posted(request), waiting=waiting, words=words),
        partial(decisions.decide_warned, by=request.user, flusso_id=flow.pk),
        done=lambda number: (
            f"Decisione registrata: pagamenti e recuperi decisi: {money.number(number)}."
        ),
        to=_back(flow.pk),
        titolo=f"Decisione per segnalazione, flusso {flow.pk}",
        testo="La decisione vale per i pagamenti ancora da verificare che portano la segnalazione."
        " Un pagamento con altre segnalazioni non diventa certificabile decidendo su una sola.",
        bottone="Registra la decisione",
        briciole=_trail(flow.pk, "Segnalazione"),
        **about(scope()),
    )


@payments_reader
def pagamento(request: HttpRequest) -> HttpResponse:
    """Decide on one payment, or withdraw a certified one."""
    user = request.user
    if not (user.has_perm(decisions.CHECK) or user.has_perm(decisions.CERTIFY)):
        raise PermissionDenied
    initial = {"flusso_id": request.GET.get("flusso"), "id_pagamento": request.GET.get("id")}

    def write(*, stato: str, **fields: Any) -> int:
        if stato == Stato.RITIRATO:
            decisions.withdraw(by=user, **fields)
        else:
            decisions.decide(by=user, stato=stato, **fields)
        return fields["flusso_id"]

    return answer(
        request,
        PagamentoForm(posted(request), user=user, initial=initial),
        write,
        done="Decisione registrata.",
        to=lambda flow: _back(flow)(None),
        titolo="Decisione su un pagamento",
        testo="Un pagamento certificato non si sospende: si ritira, e quanto ne è certificato esce"
        " con il lotto successivo. Un recupero non si sospende né si esclude.",
        bottone="Registra la decisione",
        briciole=trail(POOL, ("Decisione su un pagamento", "")),
        **about(scope()),
    )


@permission_required(moves.PERMISSION, raise_exception=True)
def spostamento(request: HttpRequest) -> HttpResponse:
    """Decide to move the excess of 8.6.1 to 9.8.1."""

    def write(**fields: Any) -> Spostamento:
        move = moves.decide(by=request.user, **fields)
        start(request, partial(tasks.queue_move, move))
        return move

    return answer(
        request,
        SpostamentoForm(posted(request)),
        write,
        done="Spostamento deciso: i pagamenti si spostano fra qualche istante.",
        to=lambda _: POOL[1],
        titolo="Spostamento dell'eccedenza dell'azione 8.6.1",
        testo="Che l'eccedenza si possa spostare sull'azione 9.8.1, finché questa ha capienza, è la"
        " nostra lettura della regola: serve un atto. I pagamenti spostati sono registrati uno per"
        " uno, e i loro recuperi li seguono.",
        bottone="Decidi lo spostamento",
        briciole=trail(POOL, ("Spostamento", "")),
        **about(scope()),
    )
