"""The calendar of the flows that are expected."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from porfse.flows import calendar
from porfse.flows.forms import AttesoForm
from porfse.flows.scope import loadable
from porfse.flows.source import sources
from porfse.flows.tables import AttesiTable, RitardiTable
from porfse.flows.views.access import CALENDAR, INDEX, Request, overseer, planner
from porfse.models import ExpectedFlow
from porfse.tables import respond


@require_safe
@overseer
def calendario(request: Request) -> HttpResponse:
    """What is late, then all the rest by day."""
    may = {
        "plans": request.user.has_perm(calendar.PLAN),
        "loads": bool(loadable(request.user)),
    }
    tables = {
        "ritardi": RitardiTable(calendar.late(), **may),
        "calendario": AttesiTable(calendar.in_time(), **may),
    }
    context = {
        "titolo": CALENDAR[0],
        "puo_pianificare": may["plans"],
        "briciole": [INDEX, CALENDAR],
    }
    return respond(request, "flussi/calendario.html", context, tables)


@planner
def nuovo(request: Request) -> HttpResponse:
    """Enter one month, or a series."""
    form = AttesoForm(request.POST or None, sources=sources())
    if request.method == "POST" and form.is_valid():
        try:
            made = form.plan(by=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            words = "1 flusso atteso" if len(made) == 1 else f"{len(made)} flussi attesi"
            messages.success(request, f"Calendario aggiornato: {words} in più.")
            return redirect("flussi:calendario")
    context = {
        "titolo": "Nuovi flussi attesi",
        "form": form,
        "briciole": [INDEX, CALENDAR, ("Nuovi", "")],
    }
    return render(request, "flussi/atteso_nuovo.html", context, status=400 if form.errors else 200)


@planner
def rimozione(request: Request, pk: int) -> HttpResponse:
    """Ask, then take one out of the calendar."""
    expected = get_object_or_404(ExpectedFlow, pk=pk)
    if request.method == "POST":
        calendar.remove(pk, by=request.user)
        messages.success(request, "Flusso atteso tolto dal calendario.")
        return redirect("flussi:calendario")
    context = {
        "titolo": "Rimozione di un flusso atteso",
        "atteso": expected,
        "etichetta": calendar.label(expected),
        "briciole": [INDEX, CALENDAR, ("Rimozione", "")],
    }
    return render(request, "flussi/atteso_rimozione.html", context)
