"""The building of an edition: how far it has come, stopping it, asking for it again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from reports.progress import advancement
from reports.services import costruzione
from reports.views.access import builder, found


@require_GET
@never_cache
@builder
def stato(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, asked for every second; once the state is another, the whole page anew."""
    edizione = found(request, pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(edizione)
    progress = advancement(edizione)
    if progress is None or request.GET.get("stato") != edizione.stato:
        return HttpResponseClientRefresh()
    told = request.GET.get("detto", "")
    context = {
        "edizione": edizione,
        "avanzamento": progress,
        "annuncio": progress.fase if progress.fase != told else "",
        "in_diretta": True,
    }
    return render(request, "reports/_costruzione.html", context)


@require_POST
@builder
def interrompi(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the building."""
    edizione = costruzione.interrompi(by=request.user, edizione=found(request, pk))
    if advancement(edizione) is None:
        messages.success(request, "Costruzione interrotta.")
    return redirect(edizione)


@require_POST
@builder
def ricostruisci(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a draft anew, or for one that was not made."""
    edizione = found(request, pk)
    return redirect(costruzione.ricostruisci(by=request.user, edizione=edizione))
