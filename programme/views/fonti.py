from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_safe

from porfse.figures import Board
from porfse.models import Fonte
from porfse.tables import respond
from programme import services
from programme.forms import RitiroForm
from programme.sources import contributions, dependent_sources, effect_of_retiring, with_counts
from programme.tables import ContributiTable, EffettoTable, FontiTable
from programme.views.access import reader, tells_who_came_first, trail

INDEX = ("Fonti", reverse_lazy("programme:fonti"))


@require_safe
@reader
def fonti(request: HttpRequest) -> HttpResponse:
    """Where the data come from, how many movements each source has, and whether it is in force."""
    table = FontiTable(with_counts(Fonte.objects.select_related("ritirata_da")))
    return respond(request, "programme/fonti.html", {"briciole": trail(INDEX)}, {"fonti": table})


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
        "briciole": trail(INDEX, (str(found), "")),
    }
    tables = {"contributi": ContributiTable(rows)}
    return respond(request, "programme/fonte.html", context, tables)


@permission_required("programme.retire_fonte", raise_exception=True)
@tells_who_came_first
def ritiro(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a published source: what goes with it and what the totals become, then the act."""
    found = get_object_or_404(Fonte, pk=pk)
    form = RitiroForm(request.POST or None)
    if form.is_valid():
        try:
            retired = services.retire_source(
                found, by=request.user, motivo=form.cleaned_data["motivo"]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _retired(len(retired)))
            return redirect("programme:fonti")
    return _effect(request, found, form)


def _effect(request: HttpRequest, found: Fonte, form: RitiroForm) -> HttpResponse:
    """The page of a retirement: what leaves, what the totals become, and the form."""
    together = dependent_sources(found)
    context = {
        "form": form,
        "fonte": found,
        "insieme": together,
        "briciole": trail(
            INDEX, (str(found), reverse("programme:fonte", args=[found.pk])), ("Ritiro", "")
        ),
    }
    board = Board()
    rows = effect_of_retiring(board, together)
    board.load()
    tables = {"effetto": EffettoTable(rows)}
    response = respond(request, "programme/fonte_ritiro.html", context, tables)
    response.status_code = 400 if form.errors else 200
    return response


def _retired(number: int) -> str:
    return "È stata ritirata 1 fonte." if number == 1 else f"Sono state ritirate {number} fonti."
