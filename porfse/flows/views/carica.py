"""The upload of a file: streamed to disk while it comes in."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from porfse import tasks
from porfse.flows import services
from porfse.flows.forms import CaricaForm
from porfse.flows.scope import loadable
from porfse.flows.source import source_of
from porfse.flows.uploads import FIELD, StreamingHandler, receiving
from porfse.flows.views.access import INDEX, Request, loader
from porfse.models import Flow
from porfse.workers import start

CRUMB = ("Carica un file", "")


# The protection against forgery reads the request, so it comes once the file has where to go.
@csrf_exempt
@loader
def carica(request: Request) -> HttpResponse:
    """Take a file in, with what the sender's note says of it."""
    if request.method != "POST":
        return _page(request, _form(request), 200)
    with receiving(request) as handler:
        return _receive(request, handler)


@csrf_protect
def _receive(request: Request, handler: StreamingHandler) -> HttpResponse:
    form = _form(request)
    if not form.is_valid():
        return _refused(request, form, handler)
    file = form.cleaned_data[FIELD]
    flow = services.receive(
        source_of(form.cleaned_data["fonte"]),
        file.stored,
        by=request.user,
        name=file.name,
        note=form.note(),
    )
    handler.keep()
    if flow.stato == Flow.Stato.CARICATO:
        start(request, partial(tasks.queue, flow))
    return redirect(flow)


def _refused(request: Request, form: CaricaForm, handler: StreamingHandler) -> HttpResponse:
    if handler.refusal is None:
        return _page(request, form, 400)
    form.refuse(str(handler.refusal))
    return _page(request, form, handler.refusal.status)


def _form(request: Request) -> CaricaForm:
    asked = request.GET
    expected = asked.get("atteso", "")
    initial: dict[str, Any] = {
        "fonte": asked.get("fonte", ""),
        "attesi": [expected] if expected.isdigit() else [],
    }
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    return CaricaForm(*data, initial=initial, sources=loadable(request.user))


def _page(request: Request, form: CaricaForm, status: int) -> HttpResponse:
    context = {
        "titolo": CRUMB[0],
        "form": form,
        "fonti": loadable(request.user),
        "briciole": [INDEX, CRUMB],
    }
    return render(request, "flussi/carica.html", context, status=status)
