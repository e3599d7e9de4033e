from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from porfse.figures import Board, Expression, Operation, parse, raw, source_of
from porfse.navigation import first_page
from porfse.printed import Reconciled, catalogue
from porfse.tables import respond


@require_safe
def cifra(request: HttpRequest) -> HttpResponse:
    """What a figure is made of: the rows of a query, or the operands of an operation."""
    expression = parse(request.GET.get("f", ""))
    if not all(source_of(leaf).may_read(request.user, leaf) for leaf in expression.leaves()):
        raise PermissionDenied
    board = Board()
    figure = board(expression)
    operands = [board(item) for item in getattr(expression, "operands", ())]
    printed = _printed(request, board, expression)
    board.load()
    context = {
        "cifra": figure,
        "breve": figure.label,
        "valore_grezzo": figure.raw,
        "stampate": printed,
    }
    if figure.value.rounding:
        context["tolleranza"] = figure.value.unit.tolerance(figure.value.rounding)
    if isinstance(expression, Operation):
        context |= {"operandi": operands, "operazione": expression.operator}
        return render(request, "cifre/cifra_operazione.html", context)
    rows = source_of(expression).rows_for(request.user, expression)
    context |= {
        "origine": rows,
        "totale": figure.value.unit.show(rows.total),
        "totale_grezzo": raw(rows.total),
    }
    tables = {"righe": rows.table} if rows.table is not None else {}
    return respond(request, "cifre/cifra_righe.html", context, tables)


def _printed(request: HttpRequest, board: Board, expression: Expression) -> list[Reconciled]:
    """What the documents print for a figure, for who may open the printed figures."""
    return [
        Reconciled(board, item)
        for item in catalogue.given_by(expression)
        if request.user.has_perm(source_of(item.expression).permission)
    ]


@login_not_required
@require_safe
def accessibilita(request: HttpRequest) -> HttpResponse:
    """The accessibility statement, open to all."""
    return render(request, "pagine/accessibilita.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy statement, open to all."""
    return render(request, "pagine/privacy.html")


@require_safe
def inizio(request: HttpRequest) -> HttpResponse:
    """Where the person begins, whatever the role."""
    found = first_page(request)
    if found is None:
        raise PermissionDenied
    return redirect(found)


def closed(request: HttpRequest) -> HttpResponse:
    """A page that does not exist here, though a library would offer it.

    Raises:
        Http404: always.
    """
    raise Http404


@login_not_required
@require_safe
def salute(request: HttpRequest) -> HttpResponse:
    """Whether the database and Redis answer; for the machine that watches, not for people."""
    state = {"database": "ok", "redis": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        state["database"] = "non raggiungibile"
    try:
        cache.get("salute")
    except RedisError:
        state["redis"] = "non raggiungibile"
    healthy = set(state.values()) == {"ok"}
    return JsonResponse(state, status=200 if healthy else 503)
