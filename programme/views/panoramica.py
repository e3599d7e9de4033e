from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from porfse.attention import attention_for
from porfse.errors import BadInput
from porfse.figures import Board
from porfse.periods import italian
from porfse.reference import chosen_date
from porfse.tables import respond
from programme.charts import asse_bars
from programme.igrue import Checks
from programme.models import Asse, Iniziativa
from programme.n3 import Deadline
from programme.progress import (
    PERIMETERS,
    asse_rows,
    changes,
    previous_year_end,
    tiles,
    without_unknown,
)
from programme.tables import AssiTable, SegnalazioniTable, VariazioniTable
from programme.views.access import reader, view_of


@require_safe
@reader
def panoramica(request: HttpRequest) -> HttpResponse:
    """Dotazione → programmate → impegnate → liquidate → certificata, at a date against another."""
    view = view_of(request)
    asked = chosen_date(request, "confronto")
    since = asked or previous_year_end(view.al)
    if asked and since >= view.al:
        raise BadInput(
            f"La data di confronto {italian(since)} deve precedere quella di riferimento, "
            f"{italian(view.al)}."
        )
    assi = list(Asse.objects.all())
    board = Board()
    shown = tiles(board, view, since)
    rows = asse_rows(board, view, assi)
    changed = changes(board, view, since, assi)
    checks = Checks(board, view, assi, Iniziativa.objects.select_related("asse"))
    deadline = Deadline(board, view, only=view.al.year)
    board.load()
    deadline.fall_back(board)
    context = {
        "grafico": asse_bars(rows),
        "vista": view,
        "confronto": since,
        "perimetri": PERIMETERS,
        "tessere": shown,
        "scadenza": deadline,
        "attese": attention_for(request.user),
    }
    tables = {
        "assi": AssiTable(without_unknown(rows)),
        "variazioni": VariazioniTable([change.row() for change in changed]),
        "segnalazioni": SegnalazioniTable(list(checks.broken())),
    }
    return respond(request, "programme/panoramica.html", context, tables)
