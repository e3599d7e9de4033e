"""The pages on which a report is published, corrected, or a correction is given up."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from porfse.flows.errors import NotNow
from porfse.forms import show
from porfse.tables import respond
from reports.forms.edizioni import RettificaForm, ScartaForm, VuotoForm
from reports.models import Edizione
from reports.services import pubblicazione as services
from reports.services import rinuncia
from reports.tables.edizioni import AvvisiTable
from reports.views.access import found, reader, trail
from reports.views.edizioni import ARCHIVE, publication_form

_METHODS = ["GET", "HEAD", "POST"]
publisher = permission_required(services.PUBLISH, raise_exception=True)


@require_http_methods(_METHODS)
@reader
@publisher
def pubblica(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a draft as it was read; what stops it is told on the same page.

    Raises:
        NotNow: it is no draft, and nothing was written that could be lost.
    """
    edizione = found(request, pk, whole=True)
    if request.method != "POST" or not edizione.contenuto:
        services.pubblicabile(edizione)
    _, front = edizione.dati()
    form = publication_form(edizione, front, request.POST if request.method == "POST" else None)
    service = partial(services.pubblica, by=request.user, edizione=edizione)
    done, status = _attempt(form, service, "Non è stato pubblicato nulla. ")
    if done:
        messages.success(request, f"Report pubblicato con il n. {done.numero_completo}.")
        return redirect(done)
    context = {
        "form": form,
        "titolo": f"Pubblicazione: {edizione}",
        "edizione": edizione,
        "dati_esempio": edizione.esempio,
        "briciole": _way(edizione, "Pubblicazione"),
    }
    tables = {"segnalazioni": AvvisiTable(front.avvisi)}
    response = respond(request, "reports/edizione_pubblica.html", context, tables)
    response.status_code = status
    return response


@require_http_methods(_METHODS)
@reader
@publisher
def rettifica(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to correct a published edition."""
    edizione = found(request, pk)
    return _answer(
        request,
        edizione,
        RettificaForm,
        services.rettifica,
        check=services.rettificabile,
        done="Rettifica in costruzione: la bozza va letta e pubblicata.",
        titolo=f"Rettifica: {edizione}",
        testo=f"Si costruisce una nuova edizione con i dati di adesso. Il n."
        f" {edizione.numero_completo} resta in vigore finché la nuova non è pubblicata, e resta"
        " consultabile anche dopo.",
        bottone="Costruisci la rettifica",
        briciole=_way(edizione, "Rettifica"),
    )


@require_http_methods(_METHODS)
@reader
@publisher
def abbandona(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a correction that was never published."""
    edizione = found(request, pk)
    return _answer(
        request,
        edizione,
        VuotoForm,
        rinuncia.abbandona,
        check=rinuncia.abbandonabile,
        done="Rettifica abbandonata: resta in vigore l'edizione pubblicata.",
        titolo=f"Abbandono della rettifica: {edizione}",
        testo="La bozza della rettifica e i suoi file si eliminano; l'edizione pubblicata resta"
        " com'è.",
        bottone="Abbandona la rettifica",
        briciole=_way(edizione, "Abbandono"),
    )


@require_http_methods(_METHODS)
@reader
@publisher
def scarta(request: HttpRequest, pk: int) -> HttpResponse:
    """Discard a first edition that was never published."""
    edizione = found(request, pk)
    return _answer(
        request,
        edizione,
        ScartaForm,
        rinuncia.scarta,
        check=rinuncia.scartabile,
        done="Report scartato.",
        titolo=f"Scarto: {edizione}",
        testo="La bozza e i suoi file si eliminano, e il calendario non la ricostruisce. Il report"
        " si può chiedere di nuovo dalla sua pagina.",
        bottone="Scarta il report",
        briciole=_way(edizione, "Scarto"),
    )


def _answer(
    request: HttpRequest,
    edizione: Edizione,
    form_class: type[forms.Form],
    service: Callable[..., Edizione],
    *,
    check: Callable[[Edizione], object],
    done: str,
    **context: Any,
) -> HttpResponse:
    """Show a form, or do what it says and go to the edition that comes of it.

    Raises:
        NotNow: what the form is for cannot be done, as `check` says before anything is written.
    """
    if request.method != "POST":
        check(edizione)
    form = form_class(request.POST if request.method == "POST" else None)
    made, status = _attempt(form, partial(service, by=request.user, edizione=edizione))
    if made:
        messages.success(request, done)
        return redirect(made)
    context |= {
        "form": form,
        "indietro": edizione.get_absolute_url(),
        "dati_esempio": edizione.esempio,
    }
    return render(request, "components/modulo.html", context, status=status)


def _attempt(
    form: forms.Form, service: Callable[..., Edizione], before: str = ""
) -> tuple[Edizione | None, int]:
    """Do what a form says, if it says something; what stops it is told in it, as it was written.

    Args:
        before: words before those of a NotNow.

    Returns:
        what came of it, and the status of the form if nothing did.
    """
    if not form.is_bound:
        return None, 200
    if form.is_valid():
        try:
            return service(**form.cleaned_data), 302
        except ValidationError as error:
            show(form, error)
        except NotNow as reason:
            form.add_error(None, f"{before}{reason}")
            return None, reason.status
    return None, 400


def _way(edizione: Edizione, step: str) -> list[tuple[str, Any]]:
    return trail(ARCHIVE, (str(edizione), edizione.get_absolute_url()), (step, ""))
