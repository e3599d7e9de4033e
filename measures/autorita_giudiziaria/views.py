"""The functions of the projects: how many fill each, and for how many people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from measures.autorita_giudiziaria.funzioni import FIELDS
from measures.autorita_giudiziaria.models import FunzioneProgetti
from measures.autorita_giudiziaria.tables import FunzioniTable
from measures.misura import misura_of
from measures.scope import Ambito, scope
from measures.views.access import about, reader
from porfse import charts
from porfse.charts import Colour, Voce
from porfse.figures import Board, leaf
from porfse.tables import respond


@require_safe
@reader
def pagina_funzioni(request: HttpRequest) -> HttpResponse:
    """Projects and recipients by function."""
    found, board = scope(misura_of("autorita-giudiziaria")), Board()
    rows = _rows(board, found)
    board.load()
    context = {
        **about(request, found, ("Funzioni", "")),
        "grafico": _chart(rows) if rows else None,
    }
    tables = {"funzioni": FunzioniTable(rows)}
    return respond(request, "measures/autorita-giudiziaria/funzioni.html", context, tables)


def _rows(board: Board, found: Ambito) -> list[dict[str, Any]]:
    kept = FunzioneProgetti.objects.filter(esempio=found.esempio) if found.righe else []
    return [
        {"nome": row.nome}
        | {
            column: board(leaf(name, funzione=row.funzione, fonte=found.righe))
            for name, (column, *_) in FIELDS.items()
        }
        for row in kept
    ]


def _chart(rows: list[dict[str, Any]]) -> charts.Figure:
    points = [{"nome": row["nome"], "progetti": row["progetti"].amount} for row in rows]
    voci = [Voce("progetti", "Progetti", Colour.BLUE)]
    return charts.grouped_bars(points, category="nome", voci=voci, measure=charts.NUMERO)
