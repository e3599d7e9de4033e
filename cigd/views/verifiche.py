"""Samples and verifications: draw, follow, record."""

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cigd import sampling
from cigd.figures_verifiche import VOCI, sample
from cigd.forms_verifiche import CampioneForm
from cigd.models import Campione
from cigd.plans import Population, interval_of, population, shares_of
from cigd.projection import FONTE_MATERIALITA, FORMULE, MATERIALITA
from cigd.results import Results, results
from cigd.scope import scope
from cigd.tables_verifiche import (
    AnteprimaTable,
    CampioniTable,
    ElementiTable,
    StratiTable,
    TerminiTable,
)
from cigd.views.access import about, payments_reader, trail
from porfse import money
from porfse.errors import NotThere
from porfse.figures import Board, Figure, rapporto
from porfse.forms import show
from porfse.tables import respond

SAMPLES = ("Verifiche", reverse_lazy("cigd:verifiche"))
verifier = permission_required(sampling.PERMISSION, raise_exception=True)


@require_safe
@payments_reader
def verifiche(request: HttpRequest) -> HttpResponse:
    """All samples, with their error rates."""
    board, counted = Board(), scope()
    samples = list(Campione.objects.all())
    found = results(each.pk for each in samples)
    rows = [{"campione": each, **_figures(board, each), "esito": _words(found[each.pk])}
            for each in samples]  # fmt: skip
    board.load()
    context = {
        **about(counted),
        "puo_estrarre": request.user.has_perm(sampling.PERMISSION),
        "soglia": money.percento(100 * MATERIALITA),
        "fonte_soglia": FONTE_MATERIALITA,
        "briciole": trail(SAMPLES),
    }
    return respond(request, "cigd/verifiche.html", context, {"campioni": CampioniTable(rows)})


def _figures(board: Board, each: Campione) -> dict[str, Figure]:
    """Every figure of a sample, put on the board."""
    figures = {voce: board(sample(each.pk, voce)) for voce in VOCI}
    part = {name: figure.expression for name, figure in figures.items()}
    return {
        **figures,
        "tasso": board(rapporto(part["irregolare"], part["controllato"])),
        "tasso_proiettato": board(rapporto(part["errore"], part["popolazione"])),
    }


def _words(found: Results) -> str:
    return found.esito or "n.d.: mancano verifiche concluse"


@require_http_methods(["GET", "HEAD", "POST"])
@payments_reader
@verifier
def nuovo(request: HttpRequest) -> HttpResponse:
    """Choose a population and look at it (GET), then draw from what was looked at (POST)."""
    if request.method == "POST":
        return _draw(request)
    asked = "metodo" in request.GET
    initial = {"seme": secrets.token_hex(6), "metodo": Campione.Metodo.MUS}
    form = CampioneForm(request.GET if asked else None, initial=initial)
    return _draw_page(request, form, _looked_at(form) if asked and form.is_valid() else None)


def _draw(request: HttpRequest) -> HttpResponse:
    form = CampioneForm(request.POST)
    if not form.is_valid():
        return _draw_page(request, form, None)
    try:
        seen = population(form.plan().filtri)
        shown_to = (request.POST.get("visti"), request.POST.get("importo_visto"))
        if shown_to != _stamp(seen):
            form.add_error(None, "La popolazione è cambiata dopo l'anteprima: guardarla di nuovo.")
            return _draw_page(request, form, _looked_at(form), status=409)
        made = sampling.draw(by=request.user, plan=form.plan(), seen=seen.totale)
    except ValidationError as error:
        show(form, error)
        return _draw_page(request, form, None)
    messages.success(request, f"{made} estratto.")
    return redirect(made)


def _stamp(found: Population) -> tuple[str, str]:
    """What a page says of the population that it showed."""
    whole = found.totale.pagamenti
    return str(whole.pagamenti), str(whole.importo)


def _looked_at(form: CampioneForm) -> Population | None:
    """Return the population that a form asks for, if the plan suits it."""
    try:
        found = population(form.plan().filtri)
        shares_of(form.plan(), found)
    except ValidationError as error:
        show(form, error)
        return None
    return found


def _draw_page(
    request: HttpRequest, form: CampioneForm, found: Population | None, *, status: int = 0
) -> HttpResponse:
    context: dict[str, Any] = {
        **about(scope()),
        "form": form,
        "briciole": trail(SAMPLES, ("Nuovo campione", "")),
    }
    tables = {}
    if found is not None:
        context |= {"anteprima": True, "stampo": _stamp(found), "campi": _sent(form)}
        interval = interval_of(form.plan(), found)
        context["intervallo"] = money.euro(interval) if interval else ""
        tables["popolazione"] = AnteprimaTable(_preview(form, found))
        context["export_formats"] = ()
    response = respond(request, "cigd/campione_nuovo.html", context, tables)
    response.status_code = status or (400 if form.errors else 200)
    return response


def _sent(form: CampioneForm) -> list[tuple[str, str]]:
    """The fields of a form as they were sent, so that what is drawn is what was shown."""
    return [(name, value) for name in form.fields for value in form.data.getlist(name)]


def _preview(form: CampioneForm, found: Population) -> list[Mapping[str, Any]]:
    shares = shares_of(form.plan(), found)
    rows = [(*stratum, extent, shares.get(stratum)) for stratum, extent in found.strati.items()]
    rows.append(("Totale", "", found.totale, sum(shares.values()) or None))
    return [
        {
            "azione": azione,
            "provincia": provincia,
            "pagamenti": extent.pagamenti.pagamenti,
            "importo": extent.pagamenti.importo,
            "recuperi": extent.recuperi.pagamenti,
            "importo_recuperi": extent.recuperi.importo,
            "elementi": share,
            "totale": azione == "Totale",
        }
        for azione, provincia, extent, share in rows
    ]


@require_safe
@payments_reader
def campione(request: HttpRequest, numero: int) -> HttpResponse:
    """One sample: its population, how far it is, the projected error, its elements."""
    found = results([numero]).get(numero)
    if found is None:
        raise NotThere("Il campione richiesto non esiste: sceglierlo dall'elenco.")
    each, board = found.campione, Board()
    figures = _figures(board, each)
    board.load()
    context = {
        "dati_esempio": each.esempio,
        "campione": each,
        "cifre": figures,
        "risultati": found,
        "formula": FORMULE[each.metodo],
        "soglia": money.percento(100 * MATERIALITA),
        "fonte_soglia": FONTE_MATERIALITA,
        "intervallo": money.euro(each.intervallo or Decimal(0)),
        "flussi": ", ".join(map(str, each.flussi)),
        "briciole": trail(SAMPLES, (str(each), "")),
    }
    elements = each.elementi.select_related("strato")
    tables = {
        "elementi": ElementiTable(elements),
        "termini": TerminiTable(found.termini),
        "strati": StratiTable(each.strati.all()),
    }
    return respond(request, "cigd/campione.html", context, tables)
