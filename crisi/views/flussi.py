"""The flows of the crises, beside the pages that all flows have: conflicts, and a nucleo's own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from crisi.flows import parole
from crisi.models import Conflitto
from crisi.services import conflitti as service
from crisi.services.conflitti import Decisione
from crisi.tables.flussi import ConflittiTable
from crisi.views.access import trail, visible_or_404
from porfse.errors import BadInput
from porfse.flows.forms import CaricaForm
from porfse.flows.source import source_of
from porfse.flows.tables import FlussiTable
from porfse.flows.uploads import FIELD
from porfse.flows.views.access import INDEX, reader
from porfse.models import Comune, Flow
from porfse.tables import respond
from programme.services import Conflict

PROCEDURES, PAL = "vertenze-online", "pal-trimestrale"


@require_http_methods(["GET", "HEAD", "POST"])
@reader
def conflitti(request: HttpRequest, pk: int) -> HttpResponse:
    """What people entered and a flow says otherwise; who acquires it decides which stays."""
    rows = Flow.objects.visible_to(request.user).filter(sorgente__in=(PROCEDURES, PAL))
    flow = visible_or_404(rows, user=request.user, pk=pk)
    if request.method != "POST":
        return _page(request, flow)
    try:
        written = _decide(request, flow)
    except Conflict as conflict:
        return _page(request, flow, status=409, messaggio=str(conflict), altri=_others(conflict))
    words = "1 decisione registrata." if written == 1 else f"{written} decisioni registrate."
    messages.success(request, words)
    left = Conflitto.objects.filter(flusso=flow, scelta="").exists()
    return redirect("crisi:conflitti", pk) if left else redirect(flow)


def _others(conflict: Conflict) -> list[tuple[Conflitto, str]]:
    """What somebody else has chosen meanwhile, with the words of his choice."""
    return [(item, dict(parole.choices(item.campo))[item.scelta]) for item in conflict.current]


def _decide(request: HttpRequest, flow: Flow) -> int:
    everything = request.POST.get("tutti", "")
    if everything:
        seen = _number(request.POST.get("in_attesa")), _number(request.POST.get("ultimo"))
        return service.decide_all(by=request.user, flusso=flow.pk, scelta=everything, visti=seen)
    chosen = {
        _number(name.removeprefix("scelta-")): str(value)
        for name, value in request.POST.items()
        if name.startswith("scelta-") and value
    }
    if not chosen:
        raise BadInput("Nessuna scelta fatta: indicare quale dato vale e salvare di nuovo.")
    return service.decide(
        by=request.user,
        flusso=flow.pk,
        decisioni={
            key: Decisione(value, request.POST.get(f"vista-{key}", ""))
            for key, value in chosen.items()
        },
    )


def _number(text: str | None) -> int:
    if not (text and text.isascii() and text.isdigit() and len(text) < 19):
        raise BadInput("Il modulo non è leggibile: riaprire la pagina dei conflitti e ripetere.")
    return int(text)


def _page(request: HttpRequest, flow: Flow, *, status: int = 200, **told: Any) -> HttpResponse:
    rows = Conflitto.objects.filter(flusso=flow).select_related("deciso_da")
    waiting = Conflitto.objects.filter(flusso=flow, scelta="").only("pk", "campo")
    may = source_of(flow.sorgente).may_load(request.user)
    count, last = service.seen(waiting)
    context = {
        "titolo": f"Conflitti del flusso {flow.pk}",
        "flusso": flow,
        "dati_esempio": flow.esempio,
        "decide": may and flow.stato == Flow.Stato.VALIDATO,
        "da_decidere": len(waiting),
        "in_attesa": count,
        "ultimo": last,
        "briciole": [INDEX, (f"Flusso {flow.pk}", flow.get_absolute_url()), ("Conflitti", "")],
        **told,
    }
    table = ConflittiTable(rows, comuni=_comuni(flow), decide=context["decide"])
    response = respond(request, "crisi/conflitti.html", context, {"conflitti": table})
    response.status_code = status
    return response


def _comuni(flow: Flow) -> dict[str, str]:
    pairs = Conflitto.objects.filter(flusso=flow, campo__in=("comune", "unita")).values_list(
        "in_archivio", "nel_flusso"
    )
    codes = {code for pair in pairs for code in pair}
    return {code: str(comune) for code, comune in Comune.objects.in_bulk(codes).items()}


@require_safe
@reader
def pal_carica(request: HttpRequest) -> HttpResponse:
    """Where a nucleo loads its quarter from a file, and finds the files that it has loaded.

    Raises:
        PermissionDenied: the person may not load the quarter of any provincia.
    """
    source = source_of(PAL)
    if not source.may_load(request.user):
        raise PermissionDenied
    own = Flow.objects.visible_to(request.user).filter(sorgente=PAL)
    context = {
        "titolo": "Carica un trimestre PAL",
        "fonte": source,
        "form": _only_the_file(CaricaForm(sources=[source], initial={"fonte": source.slug})),
        "briciole": trail(("Carica un trimestre PAL", "")),
    }
    table = FlussiTable(own.with_people().order_by("-pk"), exclude=("sorgente", "protocollo"))
    return respond(request, "crisi/pal_carica.html", context, {"flussi": table})


def _only_the_file(form: CaricaForm) -> CaricaForm:
    """Leave out what a nucleo does not have: the note of a sender, and a choice of sources."""
    for name in set(form.fields) - {"fonte", FIELD}:
        del form.fields[name]
    form.fields["fonte"].widget = forms.HiddenInput()
    return form
