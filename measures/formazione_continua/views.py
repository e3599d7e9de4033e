"""The pages of the vouchers alone: their modes over time, and the ceilings of the call."""

from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from measures import avvisi
from measures.formazione_continua import massimali, modalita
from measures.formazione_continua.massimali import PARAMETRI, SLUG, VICINANZA, Soggetto
from measures.formazione_continua.models import ConcessoAzienda
from measures.formazione_continua.tables import DistribuzioneTable, ModalitaTable, VicineTable
from measures.listing import PERMISSION
from measures.misura import misura_of
from measures.models import ParametroAvviso
from measures.scope import Ambito, scope
from measures.views.access import about, reader
from porfse import money
from porfse.figures import Board
from porfse.tables import respond


@require_safe
@reader
def pagina_modalita(request: HttpRequest) -> HttpResponse:
    """Vouchers by month and mode."""
    found, board = scope(misura_of(SLUG)), Board()
    rows = modalita.month_rows(board, found)
    board.load()
    context = {
        **about(request, found, ("Modalità", "")),
        "grafico": modalita.chart(rows) if rows else None,
    }
    tables = {"modalita": ModalitaTable(rows)}
    return respond(request, "measures/formazione-continua/modalita.html", context, tables)


@require_safe
@reader
def pagina_massimali(request: HttpRequest) -> HttpResponse:
    """How near to their ceilings companies and workers are; companies by name to who may."""
    found, board = scope(misura_of(SLUG)), Board()
    rows = massimali.distribution(board, found)
    board.load()
    sees_rows = request.user.has_perm(PERMISSION)
    context = {
        **about(request, found, ("Massimali", "")),
        "parametri": [
            {"nome": Soggetto(holder).label, "importo": money.euro(row.valore), "regola": row}
            for holder, row in _rules().items()
        ],
        "vede_imprese": sees_rows,
    }
    tables: dict[str, Any] = {"distribuzione": DistribuzioneTable(rows)}
    if sees_rows:
        tables["vicine"] = VicineTable(_near(found))
    return respond(request, "measures/formazione-continua/massimali.html", context, tables)


def _rules() -> dict[str, ParametroAvviso]:
    rows = {row.chiave: row for row in ParametroAvviso.objects.filter(misura=SLUG, da=None)}
    return {holder: rows[key] for holder, key in PARAMETRI.items() if key in rows}


def _near(found: Ambito) -> QuerySet[ConcessoAzienda]:
    """The companies from four fifths of their ceiling on, the nearest first."""
    ceiling = avvisi.value(SLUG, PARAMETRI[Soggetto.IMPRESA])
    if not ceiling or not found.righe:
        return ConcessoAzienda.objects.none()
    exact = DecimalField(max_digits=20, decimal_places=6)
    return (
        ConcessoAzienda.objects.filter(esempio=found.esempio, concesso__gte=ceiling * VICINANZA)
        .select_related("azienda")
        .annotate(
            residuo=Value(ceiling) - F("concesso"),
            quota=ExpressionWrapper(F("concesso") * 100 / Value(ceiling), output_field=exact),
        )
    )
