from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from porfse.figures import Board
from programme.forms import SimulazioneForm
from programme.n3 import LAST_DEADLINE, Deadline, Simulation, too_late
from programme.progress import View
from programme.views.access import reader, trail, view_of


@require_safe
@reader
def n3(request: HttpRequest) -> HttpResponse:
    """The N+3 targets on both bases, with a simulator ("if X € are certified by D")."""
    view = view_of(request)
    board = Board()
    deadline = Deadline(board, view)
    late = too_late(view)
    asked = "totale" in request.GET and not late
    form = SimulazioneForm(request.GET if asked else None, view=view)
    board.load()
    deadline.fall_back(board)
    simulation = None
    if asked and form.is_valid():
        simulation = Simulation(board, deadline, **form.cleaned_data)
    context = {
        "briciole": trail(("N+3", "")),
        "vista": view,
        "scadenza": deadline,
        "form": form,
        "simulazione": simulation,
        "tardi": late,
        "torna_al": _last_certified(view),
    }
    status = 400 if form.errors else 200
    return render(request, "programme/n3.html", context, status=status)


def _last_certified(view: View) -> date | None:
    """The day of the last certified expenditure, if one can simulate from there."""
    last = view.ultimi.get("certificata")
    return last if last and last <= LAST_DEADLINE else None
