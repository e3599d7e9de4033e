from datetime import date

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from porfse.attention import attention_for
from porfse.errors import BadInput
from porfse.figures import Board
from porfse.periods import PeriodError, italian
from porfse.reference import chosen_date
from porfse.tables import respond
from programme.charts import asse_bars
from programme.freshness import dated
from programme.igrue import Checks
from programme.models import Asse, Iniziativa
from programme.n3 import Deadline
from programme.progress import (
    PERIMETERS,
    View,
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
    since, error = _compared(request, view)
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
        "errore_confronto": error,
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
    tables = dated(tables, view.ultimi, view.al)
    response = respond(request, "programme/panoramica.html", context, tables)
    response.status_code = 400 if error else 200
    return response


def _compared(request: HttpRequest, view: View) -> tuple[date, str]:
    """The day that changes are counted from, and what is wrong with the one that was asked for.

    Raises:
        BadInput: it is wrong and a file is asked for, which has no field to say it beside.
    """
    usual = previous_year_end(view.al)
    try:
        asked = chosen_date(request, "confronto")
    except PeriodError as unusable:
        error = str(unusable)
    else:
        if asked is None or asked < view.al:
            return asked or usual, ""
        error = (
            f"La data di confronto {italian(asked)} deve precedere quella di riferimento, "
            f"{italian(view.al)}."
        )
    if any(name.endswith("-formato") for name in request.GET):
        raise BadInput(error)
    return usual, f"{error} Il confronto mostrato è con il {italian(usual)}: scegliere la data."
