"""What is done with a flow: each a small POST, authorised again by its service."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from porfse import tasks
from porfse.flows import requests, services
from porfse.flows.forms import AcquisizioneForm, AnnullamentoForm, ScartoForm
from porfse.flows.scope import require_on
from porfse.flows.source import source_of
from porfse.flows.validation import obstacles
from porfse.flows.views.access import Request, found, reader
from porfse.flows.views.flusso import page
from porfse.workers import start


@require_POST
@reader
def valida(request: Request, pk: int) -> HttpResponse:
    """Validate again, or at last."""
    flow = requests.ask_validation(found(request, pk).pk, by=request.user)
    start(request, partial(tasks.queue, flow))
    return redirect(flow)


@require_POST
@reader
def acquisisci(request: Request, pk: int) -> HttpResponse:
    """Decide that the flow is acquired."""
    flow = found(request, pk)
    require_on(flow, source_of(flow.sorgente), by=request.user)
    form = AcquisizioneForm(request.POST, obstacles=obstacles(flow))
    if not form.is_valid():
        return page(request, flow, status=400, acquisizione=form)
    flow = services.ask_acquisition(
        pk,
        by=request.user,
        confirm=form.cleaned_data.get("conferma", False),
        decision=form.cleaned_data.get("decisione", ""),
    )
    start(request, partial(tasks.queue, flow))
    return redirect(flow)


@require_POST
@reader
def scarta(request: Request, pk: int) -> HttpResponse:
    """Throw the flow away."""
    flow = found(request, pk)
    require_on(flow, source_of(flow.sorgente), by=request.user)
    form = ScartoForm(request.POST)
    if not form.is_valid():
        return page(request, flow, status=400, scarto=form)
    services.discard(pk, by=request.user, reason=form.cleaned_data["motivo"])
    messages.success(request, "Flusso scartato.")
    return redirect(flow)


@require_POST
@reader
def annulla(request: Request, pk: int) -> HttpResponse:
    """Take the acquired flow back."""
    flow = found(request, pk)
    require_on(flow, source_of(flow.sorgente), by=request.user)
    form = AnnullamentoForm(request.POST)
    if not form.is_valid():
        return page(request, flow, status=400, annullamento=form)
    services.cancel(pk, by=request.user, reason=form.cleaned_data["motivo"])
    messages.success(request, "Flusso annullato: le sue righe non entrano più nei totali.")
    return redirect(flow)
