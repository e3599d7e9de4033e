"""The addresses that reports are sent to."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from porfse.forms import show
from porfse.tables import respond
from programme.filters import filtered
from reports.filters_invii import DestinatariFilter
from reports.forms.invii import ModificaDestinatarioForm, NuovoDestinatarioForm
from reports.models import Destinatario
from reports.services import destinatari as services
from reports.tables.invii import REGIONE, DestinatariTable
from reports.views.access import trail
from reports.views.invii import sender

LIST = ("Destinatari", reverse_lazy("reports:destinatari"))


@require_safe
@sender
def destinatari(request: HttpRequest) -> HttpResponse:
    """All addresses, also those that get nothing any more."""
    narrowed = DestinatariFilter(
        request.GET, Destinatario.objects.select_related("provincia").all()
    )
    context = {"titolo": "Destinatari", "filtro": narrowed, "briciole": trail(LIST)}
    table = DestinatariTable(filtered(narrowed))
    return respond(request, "reports/destinatari.html", context, {"destinatari": table})


@require_http_methods(["GET", "HEAD", "POST"])
@sender
def nuovo(request: HttpRequest) -> HttpResponse:
    """Add an address."""
    form = NuovoDestinatarioForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.aggiungi(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            show(form, error)
        else:
            messages.success(request, f"Destinatario aggiunto: {made.email}.")
            return redirect("reports:destinatari")
    return _page(request, form, "Nuovo destinatario", "", "Aggiungi")


@require_http_methods(["GET", "HEAD", "POST"])
@sender
def modifica(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an address, or stop sending there."""
    destinatario = get_object_or_404(Destinatario.objects.select_related("provincia"), pk=pk)
    form = ModificaDestinatarioForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(destinatario, name) for name in services.FIELDS},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.modifica(by=request.user, pk=pk, **form.cleaned_data)
        except ValidationError as error:
            show(form, error)
        else:
            messages.success(request, "Destinatario aggiornato.")
            return redirect("reports:destinatari")
    place = f"Territorio: {destinatario.provincia or REGIONE}."
    return _page(request, form, "Modifica del destinatario", place, "Salva le modifiche")


def _page(
    request: HttpRequest,
    form: NuovoDestinatarioForm | ModificaDestinatarioForm,
    titolo: str,
    testo: str,
    bottone: str,
) -> HttpResponse:
    context = {
        "titolo": titolo,
        "testo": testo,
        "bottone": bottone,
        "form": form,
        "indietro": reverse("reports:destinatari"),
        "briciole": trail(LIST, (titolo, "")),
    }
    return render(request, "components/modulo.html", context, status=400 if form.errors else 200)
