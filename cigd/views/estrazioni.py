"""A sample on its way: asked for, looked at, drawn or given up."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cigd import draws, tasks
from cigd.forms_verifiche import CampioneForm
from cigd.models import Estrazione
from cigd.plans import interval_of, plan_of, shares_of
from cigd.scope import scope
from cigd.tables_verifiche import AnteprimaTable
from cigd.views.access import about, payments_reader, trail
from cigd.views.modulo import answer, posted
from cigd.views.verifiche import SAMPLES, verifier
from porfse import money
from porfse.tables import respond
from porfse.workers import start

_DIGITS = 18  # of a number that the database can look for


@require_http_methods(["GET", "HEAD", "POST"])
@payments_reader
@verifier
def nuovo(request: HttpRequest) -> HttpResponse:
    """Ask for a sample; `da` names a draw whose choices are to be changed."""

    def write(**_: Any) -> Estrazione:
        made = draws.prepare(by=request.user, plan=form.plan())
        start(request, partial(tasks.queue_draw, made))
        return made

    form = CampioneForm(posted(request), initial=_initial(request.GET.get("da", "")))
    return answer(
        request,
        form,
        write,
        done="Estrazione registrata: la popolazione compare appena è contata.",
        to=lambda made: made,
        titolo="Nuovo campione",
        testo="Si scelgono i pagamenti e il metodo, si guarda la popolazione, poi si estrae. I"
        " recuperi non si estraggono: sono contati a parte.",
        bottone="Guarda la popolazione",
        briciole=trail(SAMPLES, ("Nuovo campione", "")),
        **about(scope()),
    )


def _initial(number: str) -> dict[str, Any]:
    """What the form begins with: what another draw was asked for, or a seed of its own."""
    written = number.isascii() and number.isdigit() and len(number) <= _DIGITS
    known = Estrazione.objects.filter(pk=number).first() if written else None
    if known is None:
        return {"seme": secrets.token_hex(6), "metodo": Estrazione.Metodo.MUS}
    plan = plan_of(known)
    names = ("flussi", "azione", "periodo", "dal", "al")
    return {
        **{name: getattr(plan, name) for name in ("metodo", "numero", "seme", "ripartizione")},
        **{name: getattr(plan.filtri, name) for name in names},
    }


@require_safe
@payments_reader
@verifier
def estrazione(request: HttpRequest, numero: int) -> HttpResponse:
    """One draw: its population once it is counted, then the sample."""
    people = ("chiesta_da", "decisa_da", "campione")
    made = get_object_or_404(Estrazione.objects.select_related(*people), pk=numero)
    rows, interval = _population(made) if made.popolazione else ((), None)
    context = {
        "estrazione": made,
        "dati_esempio": made.esempio,
        "in_corso": made.in_corso,
        "decidibile": made.stato == Estrazione.Stato.PRONTA,
        "scartabile": made.stato in draws.DISCARDABLE,
        "elementi": money.number(made.numero),
        "intervallo": money.euro(interval) if interval else "",
        "export_formats": (),
        "briciole": trail(SAMPLES, (str(made), "")),
    }
    # Only a stratified sample takes of each stratum a number that is known beforehand.
    hidden = () if made.ripartizione else ("elementi",)
    tables = {"popolazione": AnteprimaTable(rows, exclude=hidden)} if rows else {}
    return respond(request, "cigd/estrazione.html", context, tables)


def _population(made: Estrazione) -> tuple[list[Mapping[str, Any]], Any]:
    """The rows of a population, each with the elements that a stratified sample takes of it."""
    plan, found = plan_of(made), draws.population_of(made)
    shares = shares_of(plan, found)
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
    ], interval_of(plan, found)


@require_POST
@payments_reader
@verifier
def conferma(request: HttpRequest, numero: int) -> HttpResponse:
    """Decide that a sample is drawn; a task does it."""
    made = draws.decide(numero, by=request.user)
    start(request, partial(tasks.queue_draw, made))
    messages.success(request, "Decisione registrata: il campione è in estrazione.")
    return redirect(made)


@require_POST
@payments_reader
@verifier
def scarta(request: HttpRequest, numero: int) -> HttpResponse:
    """Give up a sample that is not drawn."""
    made = draws.discard(numero, by=request.user)
    messages.success(request, f"{made} scartata.")
    return redirect("cigd:verifiche")
