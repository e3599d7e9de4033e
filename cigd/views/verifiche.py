"""Samples and what their verifications say."""

from decimal import Decimal

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from cigd import sampling
from cigd.figures_verifiche import VOCI, sample
from cigd.models import Campione, Estrazione
from cigd.projection import FONTE_MATERIALITA, FORMULE, MATERIALITA
from cigd.results import Results, results
from cigd.scope import scope
from cigd.tables_verifiche import (
    CampioniTable,
    ElementiTable,
    EstrazioniTable,
    StratiTable,
    TerminiTable,
)
from cigd.views.access import about, payments_reader, trail
from porfse import money
from porfse.errors import NotThere
from porfse.figures import Board, Figure, rapporto
from porfse.tables import Tabella, respond

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
    may = request.user.has_perm(sampling.PERMISSION)
    context = {
        **about(counted),
        "puo_estrarre": may,
        "soglia": money.percento(100 * MATERIALITA),
        "fonte_soglia": FONTE_MATERIALITA,
        "briciole": trail(SAMPLES),
    }
    tables: dict[str, Tabella] = {"campioni": CampioniTable(rows)}
    waiting = Estrazione.objects.not_over().filter(esempio=counted.esempio)
    if may and (draws := waiting.select_related("chiesta_da")):
        tables["estrazioni"] = EstrazioniTable(draws)
    return respond(request, "cigd/verifiche.html", context, tables)


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
        "briciole": trail(SAMPLES, (str(each), "")),
    }
    elements = each.elementi.select_related("strato")
    tables = {
        "elementi": ElementiTable(elements),
        "termini": TerminiTable(found.termini),
        "strati": StratiTable(each.strati.all()),
    }
    return respond(request, "cigd/campione.html", context, tables)
