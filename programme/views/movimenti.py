"""The ledger: its four tables, each movement, and what may be entered."""

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_safe

from porfse import money
from porfse.errors import NotThere
from porfse.figures import Board, Unit, raw
from porfse.forms import show
from porfse.tables import respond
from programme import services
from programme.filters import MovimentiFilter, filtered
from programme.forms import MovimentoForm, StornoForm
from programme.freshness import dated
from programme.models import GRANDEZZE, Movimento, SpesaCertificata
from programme.progress import progress_row
from programme.querysets import MovimentoQuerySet
from programme.refusals import not_reversible
from programme.tables import AvanzamentoTable, MovimentiTable
from programme.views.access import (
    Crumb,
    chosen,
    reader,
    registers,
    tells_who_came_first,
    trail,
    view_of,
)

INDEX = ("Movimenti", reverse_lazy("programme:movimenti_indice"))


def _model(quantity: str) -> type[Movimento]:
    if quantity not in GRANDEZZE:
        raise NotThere("Il registro richiesto non esiste: sceglierlo dall'elenco dei movimenti.")
    return GRANDEZZE[quantity]


def _name(model: type[Movimento]) -> str:
    return str(model._meta.verbose_name).capitalize()


def _register(model: type[Movimento]) -> Crumb:
    return _name(model), reverse("programme:movimenti", args=[model.grandezza])


def _may_write(request: HttpRequest, model: type[Movimento]) -> bool:
    return request.user.has_perm(services.writer_permission(model))


@require_safe
@reader
def indice(request: HttpRequest) -> HttpResponse:
    """The four tables of the ledger, with their sums at the reference date."""
    view = view_of(request)
    board = Board()
    row = progress_row(board, view, "Programma")
    board.load()
    context = {
        **chosen(view),
        "registri": registers(request, view),
        "briciole": trail(INDEX),
    }
    tables = dated({"totale": AvanzamentoTable([row])}, view.ultimi, view.al)
    return respond(request, "programme/movimenti_indice.html", context, tables)


@require_safe
@reader
def registro(request: HttpRequest, quantity: str) -> HttpResponse:
    """The movements in force of one quantity, narrowed by filters, with their sum."""
    model = _model(quantity)
    filters = MovimentiFilter(request.GET, model.objects.in_force().with_context())
    rows = filtered(filters)
    context = {
        "titolo": f"Registro: {_name(model).lower()}",
        "grandezza": quantity,
        "filtro": filters,
        "fonte": filters.form.cleaned_data["fonte"],
        **_sums(rows, share=model is SpesaCertificata),
        "puo_inserire": _may_write(request, model),
        "briciole": trail(INDEX, _register(model)),
    }
    table = MovimentiTable(rows, share=model is SpesaCertificata)
    return respond(request, "programme/movimenti_registro.html", context, {"movimenti": table})


@require_safe
@reader
def movimento(request: HttpRequest, quantity: str, pk: int) -> HttpResponse:
    """One movement with all that it rests on, also if its source is retired."""
    model = _model(quantity)
    found = get_object_or_404(model.objects.with_context().select_related("inserito_da"), pk=pk)
    may_reverse = (
        _may_write(request, model) and not hasattr(found, "storno") and not not_reversible(found)
    )
    context = {
        "movimento": found,
        "importo": money.euro(found.importo),
        "quota_ue": Unit.EURO.show(getattr(found, "quota_ue", None)),
        "grandezza": quantity,
        "puo_stornare": may_reverse,
        "briciole": trail(INDEX, _register(model), (found.riferimento, "")),
    }
    return render(request, "programme/movimento.html", context)


@reader
def nuovo(request: HttpRequest, quantity: str) -> HttpResponse:
    """Enter a movement with its act."""
    model = _model(quantity)
    if not _may_write(request, model):
        raise PermissionDenied
    initial = {"riferimento": f"m-{uuid4().hex[:12]}"}
    form = MovimentoForm(request.POST or None, model=model, initial=initial)
    made = _written(form, partial(services.insert_movement, model, by=request.user))
    if made:
        messages.success(request, f"Movimento {made.riferimento} registrato.")
        return redirect(made)
    context = {
        "form": form,
        "titolo": f"Nuovo movimento: {_name(model).lower()}",
        "briciole": trail(INDEX, _register(model), ("Nuovo movimento", "")),
    }
    status = 400 if form.errors else 200
    return render(request, "programme/movimento_nuovo.html", context, status=status)


@reader
@tells_who_came_first
def storno(request: HttpRequest, quantity: str, pk: int) -> HttpResponse:
    """Reverse an entered movement; who comes second is told of the first."""
    model = _model(quantity)
    if not _may_write(request, model):
        raise PermissionDenied
    found = get_object_or_404(model.objects.with_context(), pk=pk)
    if hasattr(found, "storno"):  # told before the form is filled in, too
        raise services.Conflict("Il movimento è già stato stornato.", found.storno)
    way = (found.riferimento, found.get_absolute_url()), ("Storno", "")
    context = {"movimento": found, "briciole": trail(INDEX, _register(model), *way)}
    if refusal := not_reversible(found):
        context["messaggio"] = refusal
        return render(request, "programme/movimento_storno.html", context, status=409)
    form = StornoForm(request.POST or None)
    made = _written(form, partial(services.reverse_movement, found, by=request.user))
    if made:
        messages.success(request, "Movimento stornato.")
        return redirect(made)
    context |= {"form": form, "opposto": money.euro(-found.importo)}
    status = 400 if form.errors else 200
    return render(request, "programme/movimento_storno.html", context, status=status)


def _sums(rows: MovimentoQuerySet, *, share: bool) -> dict[str, str]:
    total = rows.total()
    shown = {"totale": Unit.EURO.show(total), "totale_grezzo": raw(total)}
    return shown | ({"quota_ue": Unit.EURO.show(rows.total("quota_ue"))} if share else {})


def _written(form: MovimentoForm | StornoForm, write: Callable[..., Movimento]) -> Movimento | None:
    """Return the movement that the form describes, written; None if anything is wrong with it."""
    if not form.is_valid():
        return None
    fields = dict(form.cleaned_data)
    try:
        return write(atto=_act(fields), **fields)
    except ValidationError as error:
        show(form, error)
        return None


def _act(fields: dict) -> services.Act:
    return services.Act(fields.pop("atto_tipo"), fields.pop("atto_numero"), fields.pop("atto_data"))
