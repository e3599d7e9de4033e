"""The structure of the programme: a page for each level, the money of each node explained."""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Model, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from porfse.figures import Board
from porfse.tables import respond
from programme import services
from programme.filters import IniziativeFilter, filtered
from programme.forms import IniziativaForm
from programme.freshness import dated
from programme.models import Asse, Azione, Iniziativa, ObiettivoSpecifico, Priorita
from programme.panels import panels_on
from programme.progress import (
    Row,
    View,
    node_rows,
    previous_year_end,
    progress_row,
    rest_row,
    tiles,
)
from programme.tables import AvanzamentoTable, IniziativeTable
from programme.views.access import Crumb, chosen, reader, registers, trail, view_of


@require_safe
@reader
def struttura(request: HttpRequest) -> HttpResponse:
    """The tree: asse → obiettivo specifico → azione."""
    view_of(request)
    actions = Azione.objects.select_related("priorita")
    objectives = ObiettivoSpecifico.objects.prefetch_related(Prefetch("azioni", actions))
    assi = Asse.objects.prefetch_related(Prefetch("obiettivi", objectives), "priorita")
    context = {"assi": assi, "briciole": trail(("Struttura", ""))}
    return render(request, "programme/struttura.html", context)


@require_safe
@reader
def asse(request: HttpRequest, code: str) -> HttpResponse:
    node = get_object_or_404(Asse.objects.select_related("fonte"), pk=code)
    view = view_of(request)
    board = Board()
    since = previous_year_end(view.al)
    shown = tiles(board, view, since, node.pk)
    actions = Azione.objects.filter(obiettivo__asse=node)
    rows = {
        "azioni": node_rows(board, view, actions, "azione"),
        "iniziative": [
            *node_rows(board, view, node.iniziative.all(), "iniziativa"),
            rest_row(board, view, node.pk),
            {**progress_row(board, view, f"Asse {node.pk}", asse=node.pk), "totale": True},
        ],
    }
    board.load()
    context = {
        "nodo": node,
        **chosen(view),
        "confronto": since,
        "tessere": shown,
        "briciole": _crumbs(node),
    }
    return respond(request, "programme/asse.html", context, _tables(rows, view))


@require_safe
@reader
def priorita(request: HttpRequest, code: str) -> HttpResponse:
    node = get_object_or_404(Priorita.objects.select_related("asse", "fonte"), pk=code)
    initiatives = Iniziativa.objects.filter(priorita=node)
    return _node(request, node, "priorita", azioni=node.azioni.all(), iniziative=initiatives)


@require_safe
@reader
def obiettivo(request: HttpRequest, code: str) -> HttpResponse:
    node = get_object_or_404(ObiettivoSpecifico.objects.select_related("asse", "fonte"), pk=code)
    initiatives = Iniziativa.objects.filter(azione__obiettivo=node)
    return _node(request, node, "obiettivo", azioni=node.azioni.all(), iniziative=initiatives)


@require_safe
@reader
def azione(request: HttpRequest, code: str) -> HttpResponse:
    nodes = Azione.objects.select_related("obiettivo__asse", "priorita", "fonte")
    node = get_object_or_404(nodes, pk=code)
    return _node(request, node, "azione", iniziative=node.iniziative.all())


def _node(request: HttpRequest, node: Any, level: str, **children: Iterable[Model]) -> HttpResponse:
    """The page of a priority, an objective or an azione: its total and its children."""
    view = view_of(request)
    board = Board()
    rows = {
        "totale": [{**progress_row(board, view, str(node), **{level: node.pk}), "totale": True}],
        **{
            name: node_rows(board, view, nodes, {"azioni": "azione"}.get(name, "iniziativa"))
            for name, nodes in children.items()
        },
    }
    board.load()
    context = {"nodo": node, "livello": level, **chosen(view), "briciole": _crumbs(node)}
    return respond(request, "programme/nodo.html", context, _tables(rows, view))


def _tables(rows: Mapping[str, list[Row]], view: View) -> dict[str, AvanzamentoTable]:
    tables = {name: AvanzamentoTable(found) for name, found in rows.items()}
    return dated(tables, view.ultimi, view.al)


@require_safe
@reader
def iniziative(request: HttpRequest) -> HttpResponse:
    view = view_of(request)
    filters = IniziativeFilter(request.GET, Iniziativa.objects.select_related("asse", "azione"))
    board = Board()
    rows = [
        {**row, "asse": row["nome"].asse_id, "stato": row["nome"].get_stato_display()}
        for row in node_rows(board, view, filtered(filters), "iniziativa")
    ]
    board.load()
    context = {"filtro": filters, **chosen(view), "briciole": trail(("Iniziative", ""))}
    tables = dated({"iniziative": IniziativeTable(rows)}, view.ultimi, view.al)
    return respond(request, "programme/iniziative.html", context, tables)


@require_safe
@reader
def iniziativa(request: HttpRequest, code: str) -> HttpResponse:
    nodes = Iniziativa.objects.select_related(
        "asse", "azione__obiettivo", "priorita", "fonte"
    ).prefetch_related("atti")
    node = get_object_or_404(nodes, pk=code)
    view = view_of(request)
    board = Board()
    row = progress_row(board, view, str(node), iniziativa=node.pk)
    panels = panels_on(board, node, view, request.user)
    board.load()
    context = {
        "nodo": node,
        **chosen(view),
        "briciole": _crumbs(node),
        "registri": registers(request, view, iniziativa=node.pk),
        "pannelli": panels,
        "puo_modificare": request.user.has_perm("programme.change_iniziativa"),
    }
    tables = _tables({"totale": [row]}, view)
    for panel in panels:
        tables |= panel.tables
    return respond(request, "programme/iniziativa.html", context, tables)


@permission_required("programme.change_iniziativa", raise_exception=True)
def iniziativa_modifica(request: HttpRequest, code: str) -> HttpResponse:
    """Change an initiative; who comes second is told what the first one wrote."""
    node = get_object_or_404(Iniziativa, pk=code)
    # A copy: the form writes what was typed into its instance, also if it is not saved.
    form = IniziativaForm(request.POST or None, instance=copy(node))
    current = None
    if request.method == "POST" and form.is_valid():
        changes = dict(form.cleaned_data)
        version = changes.pop("versione")
        try:
            services.update_initiative(code, by=request.user, version=version, changes=changes)
        except services.Conflict as conflict:
            current = conflict.current
            form.data = form.data.copy()
            form.data["versione"] = str(current.versione)
        else:
            messages.success(request, "Iniziativa aggiornata.")
            return redirect("programme:iniziativa", code=code)
    context = {
        "form": form,
        "nodo": node,
        "attuale": _differences(form, current) if current else None,
        "briciole": [*_crumbs(node)[:-1], (str(node), node.get_absolute_url()), ("Modifica", "")],
    }
    status = 409 if current else (400 if form.errors else 200)
    return render(request, "programme/iniziativa_modifica.html", context, status=status)


def _differences(form: IniziativaForm, current: Iniziativa) -> list[tuple[str, str, str]]:
    """Label, what stands now, what this person wrote: only where they differ."""
    both = [
        (form.fields[name].label, _words(current, name), _words(form.instance, name))
        for name in form.Meta.fields
    ]
    return [(label, theirs, mine) for label, theirs, mine in both if theirs != mine]


def _words(node: Iniziativa, name: str) -> str:
    """A field of an initiative as the page says it; «—» if it is empty."""
    value = getattr(node, name)
    if isinstance(value, bool):
        return "sì" if value else "no"
    display = getattr(node, f"get_{name}_display", None)
    return str(display() if display else value or "—")


def _crumbs(node: Any) -> list[Crumb]:
    """The way from the structure down to a node."""
    above = []
    current = node
    while current is not None:
        above.append((_short(current), current.get_absolute_url()))
        current = (
            getattr(current, "azione", None)
            or getattr(current, "obiettivo", None)
            or getattr(current, "asse", None)
        )
    return trail(("Struttura", reverse("programme:struttura")), *reversed(above))


def _short(node: Any) -> str:
    if isinstance(node, Iniziativa):
        return node.nome
    kind = {Asse: "Asse", Priorita: "Priorità", ObiettivoSpecifico: "Obiettivo", Azione: "Azione"}
    return f"{kind[type(node)]} {node.pk}"
