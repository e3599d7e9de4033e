from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from porfse.figures import Board
from porfse.models import Fonte
from porfse.tables import respond
from programme import services
from programme.forms import RitiroForm
from programme.sources import contributions, dependent_sources, effect_of_retiring, with_counts
from programme.tables import ContributiTable, EffettoTable, FontiTable
from programme.views.access import reader

INDEX = ("Fonti", "/programma/fonti/")


@require_safe
@reader
def fonti(request: HttpRequest) -> HttpResponse:
    """Where the data come from, how many movements each source has, and whether it is in force."""
    table = FontiTable(with_counts(Fonte.objects.select_related("ritirata_da")))
    return respond(request, "programme/fonti.html", {"briciole": [INDEX]}, {"fonti": table})


@require_safe
@reader
def fonte(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Fonte.objects.select_related("ritirata_da"), pk=pk)
    board = Board()
    rows = contributions(board, found)
    board.load()
    may_retire = (
        found.genere == Fonte.Genere.PUBBLICATA
        and not found.ritirata_il
        and request.user.has_perm("programme.retire_fonte")
    )
    context = {
        "fonte": found,
        "puo_ritirare": may_retire,
        "briciole": [INDEX, (str(found), "")],
    }
    tables = {"contributi": ContributiTable(rows)}
    return respond(request, "programme/fonte.html", context, tables)


@permission_required("programme.retire_fonte", raise_exception=True)
def ritiro(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a published source: what goes with it and what the totals become, then the act."""
    found = get_object_or_404(Fonte, pk=pk)
    form = RitiroForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            retired = services.retire_source(
                found, by=request.user, motivo=form.cleaned_data["motivo"]
            )
        except services.Conflict as conflict:
            context = {"messaggio": str(conflict), "oggetto": None}
            return render(request, "programme/conflitto.html", context, status=409)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"Fonti ritirate: {len(retired)}.")
            return redirect("programme:fonti")
    together = dependent_sources(found)
    context = {
        "form": form,
        "fonte": found,
        "insieme": together,
        "briciole": [
            INDEX,
            (str(found), reverse("programme:fonte", args=[pk])),
            ("Ritiro", ""),
        ],
    }
    board = Board()
    rows = effect_of_retiring(board, together)
    board.load()
    tables = {"effetto": EffettoTable(rows)}
    response = respond(request, "programme/fonte_ritiro.html", context, tables)
    response.status_code = 400 if form.errors else 200
    return response
