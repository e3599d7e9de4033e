"""What was paid against what is allotted: by azione, provincia, comune, month and flow."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_safe

from cigd.charts import month_bars
from cigd.figures import AZIONI
from cigd.forms import ProvinciaForm
from cigd.progress import (
    azione_rows,
    cap_rows,
    comuni_paid,
    flow_rows,
    from_first_to_last,
    judged,
    known,
    month_rows,
    moves,
    provincia_rows,
)
from cigd.scope import scope
from cigd.tables import (
    AzioniTable,
    ComuniTable,
    FlussiTable,
    MassimaliTable,
    MesiTable,
    ProvinceTable,
)
from cigd.views.access import about, reader, trail
from porfse import money
from porfse.figures import Board
from porfse.maps import provinces
from porfse.models import Flow, Provincia
from porfse.reference import carried, reference_date
from porfse.tables import respond
from programme.models import Azione
from programme.progress import latest_day

COMUNI = ("Comuni", reverse_lazy("cigd:comuni"))


@require_safe
@reader
def quadro(request: HttpRequest) -> HttpResponse:
    """Allocations at a date against payments, month by month, on the map, and their flows."""
    al, counted, board = reference_date(request, default=latest_day()), scope(), Board()
    azioni = azione_rows(board, al, Azione.objects.filter(pk__in=AZIONI).order_by("pk"))
    massimali = cap_rows(board, moves(al))
    mesi = month_rows(board)
    province = provincia_rows(board, Provincia.objects.all())
    board.load()
    query = carried(request)
    mesi = from_first_to_last(mesi)
    context = {
        **about(counted),
        "al": al,
        "totale": azioni[-1],
        "grafico": month_bars(mesi),
        "mappa": provinces(
            known(province),
            show=money.euro,
            link=lambda sigla: f"{reverse('cigd:provincia', args=[sigla])}{query}",
        ),
        "briciole": trail(),
    }
    tables = {
        "azioni": AzioniTable(judged(azioni)),
        "massimali": MassimaliTable(massimali),
        "mesi": MesiTable(mesi, exclude=("numero", "recuperi", "ore")),
        "province": ProvinceTable([{**row, "nome": _linked(row["nome"])} for row in province]),
    }
    return respond(request, "cigd/quadro.html", context, tables)


class _Linked:
    """A row's name with the page that it opens."""

    def __init__(self, name: object, url: str) -> None:
        self.name = name
        self.url = url

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return self.url


def _linked(place: object) -> object:
    if not isinstance(place, Provincia):
        return place
    return _Linked(place, reverse("cigd:provincia", args=[place.pk]))


@require_safe
@reader
def provincia(request: HttpRequest, sigla: str) -> HttpResponse:
    """One provincia: its comuni, and its payments month by month."""
    found = get_object_or_404(Provincia, pk=sigla)
    counted, board = scope(), Board()
    rows = month_rows(board, provincia=found.pk)
    board.load()
    rows = from_first_to_last(rows)
    context = {
        **about(counted),
        "provincia": found,
        "totale": rows[-1],
        "grafico": month_bars(rows),
        "briciole": trail((str(found), "")),
    }
    tables = {
        "comuni": ComuniTable(comuni_paid(counted, found.pk), example=counted.esempio),
        "mesi": MesiTable(rows),
    }
    return respond(request, "cigd/provincia.html", context, tables)


@require_safe
@reader
def comuni(request: HttpRequest) -> HttpResponse:
    """All comuni with payments, of one provincia or of all."""
    form, counted = ProvinciaForm(request.GET), scope()
    sigla = form.chosen()
    context = {**about(counted), "form": form, "briciole": trail(COMUNI)}
    table = ComuniTable(comuni_paid(counted, sigla), example=counted.esempio)
    return respond(request, "cigd/comuni.html", context, {"comuni": table})


@require_safe
@reader
def mesi(request: HttpRequest) -> HttpResponse:
    """Every month of competence, with hours and numbers, of one provincia or of all."""
    form, counted, board = ProvinciaForm(request.GET), scope(), Board()
    sigla = form.chosen()
    rows = month_rows(board, provincia=sigla)
    board.load()
    rows = from_first_to_last(rows)
    context = {
        **about(counted),
        "form": form,
        "grafico": month_bars(rows),
        "briciole": trail(("Mesi", "")),
    }
    return respond(request, "cigd/mesi.html", context, {"mesi": MesiTable(rows)})


@require_safe
@reader
def per_flusso(request: HttpRequest) -> HttpResponse:
    """The acquired flows that the figures are made of."""
    counted, board = scope(), Board()
    flows = list(Flow.objects.filter(pk__in=counted.flussi).order_by("pk"))
    rows = flow_rows(board, flows)
    board.load()
    opens = request.user.has_perm("porfse.view_flows")
    for row in rows:
        if isinstance(row["nome"], Flow) and not opens:
            row["nome"] = str(row["nome"])
    context = {**about(counted), "briciole": trail(("Flussi acquisiti", ""))}
    return respond(request, "cigd/per_flusso.html", context, {"flussi": FlussiTable(rows)})
