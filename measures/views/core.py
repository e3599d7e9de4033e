"""The pages that every measure has: all of them, one of them, its provinces, its times."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from measures import times
from measures.endowment import endowment, endowments, uses, warnings
from measures.figures import PUBBLICATA, granted, number, printed
from measures.listing import PERMISSION
from measures.misura import Misura, misura_of, misure
from measures.models import StatisticaPubblicata
from measures.progress import (
    Row,
    funnel_rows,
    index_rows,
    loss_rows,
    number_bars,
    provincia_rows,
)
from measures.scope import Ambito, scope, scopes
from measures.tables.core import (
    ImbutoTable,
    MisureTable,
    PerditeTable,
    StampateTable,
    StoriaTable,
    TempiTable,
    UsoTable,
    VociTable,
)
from measures.views.access import about, reader, trail
from porfse import money
from porfse.errors import NotThere
from porfse.figures import Board
from porfse.maps import Map, provinces
from porfse.models import Provincia
from porfse.tables import respond
from programme.models import Iniziativa


@require_safe
@reader
def indice(request: HttpRequest) -> HttpResponse:
    """All measures: endowment, what is granted and paid, by kind of data."""
    board, found = Board(), scopes(misure())
    rows = index_rows(board, found)
    board.load()
    context = {
        "ambiti": found,
        "dati_esempio": any(each.esempio for each in found),
        "briciole": trail(),
    }
    return respond(request, "measures/indice.html", context, {"misure": MisureTable(rows)})


@require_safe
@reader
def misura(request: HttpRequest, slug: str) -> HttpResponse:
    """One measure: its endowments, the way from application to payment, what is lost on it."""
    found = scope(misura_of(slug))
    board = Board()
    use, funnel, losses = uses(board, found), funnel_rows(board, found), loss_rows(board, found)
    history = _history(board, found.misura)
    stamped = [
        _stamped(board, found.misura, row) for row in printed([slug]).order_by("-data", "pk")
    ]
    board.load()
    context = {
        **about(request, found),
        "iniziativa": _initiative(found.misura),
        "usi": use,
        "avvisi": warnings(use),
        "grafico": number_bars(funnel, found) if found.righe or found.al else None,
        "parte": found.misura.parti.get("quadro"),
    }
    tables = {
        "uso": UsoTable([vars(each) for each in use]),
        "fasi": ImbutoTable(funnel),
        "perdite": PerditeTable(losses),
        "dotazioni": StoriaTable(history),
        "stampate": StampateTable(stamped),
    }
    return respond(request, "measures/misura.html", context, tables)


def _initiative(misura: Misura) -> Iniziativa:
    nodes = Iniziativa.objects.select_related("asse").prefetch_related("atti")
    return nodes.get(pk=misura.iniziativa)


def _history(board: Board, misura: Misura) -> list[Row]:
    return [
        {
            "importo": board(endowment(misura, row.ordine)),
            "azione": row.azione,
            "atto": row.atto,
            "parole": row.parole,
            "fonte": row.fonte,
            "fonte__data": row.fonte.data,
        }
        for row in endowments([misura.slug])
    ]


def _stamped(board: Board, misura: Misura, row: StatisticaPubblicata) -> Row:
    """A published statistic, named and with figures of its own date."""
    name = misura.fasi[row.fase].nome
    where = {row.dimensione: row.voce} if row.dimensione else {}
    if where:
        dimension = misura.dimensioni[row.dimensione]
        name = f"{name}, {dimension.voci.get(row.voce, row.voce)}"
    asked = {"fonte": PUBBLICATA, "al": row.data, **where}
    return {
        "data": row.data,
        "nome": name,
        "numero": board(number(misura, row.fase, **asked)),
        "importo": board(granted(misura, row.fase, **asked)),
        "parole": row.parole,
        "fonte": row.fonte,
    }


@require_safe
@reader
def province(request: HttpRequest, slug: str) -> HttpResponse:
    """Those in force by provincia, on the map and as a table."""
    found, board = scope(misura_of(slug)), Board()
    rows = provincia_rows(board, found, Provincia.objects.all())
    board.load()
    context = {
        **about(request, found, ("Province", "")),
        "fase": found.misura.fasi[found.misura.impegno],
        "mappa": _map(request, found, rows),
        "parte": found.misura.parti.get("province"),
    }
    return respond(request, "measures/province.html", context, {"province": VociTable(rows)})


def _map(request: HttpRequest, found: Ambito, rows: list[Row]) -> Map:
    """The map of the numbers; a provincia opens its rows, or its figure to who may not see them."""
    parts = {row["sigla"]: row for row in rows if "sigla" in row}
    field = "numero" if found.righe else "pub_numero"
    address = reverse("measures:elenco", args=[found.misura.slug])
    opens = request.user.has_perm(PERMISSION)

    def link(sigla: str) -> str:
        query = urlencode({"fase": found.misura.impegno, "provincia": sigla})
        figure = parts[sigla].get(field)
        return f"{address}?{query}" if opens or figure is None else figure.url

    values = {sigla: row[field].amount for sigla, row in parts.items() if field in row}
    return provinces(values, show=money.number, link=link)


@require_safe
@reader
def tempi(request: HttpRequest, slug: str) -> HttpResponse:
    """How long the stretches of the way last.

    Raises:
        NotThere: the measure keeps no times.
    """
    found, board = scope(misura_of(slug)), Board()
    if not found.misura.tempi:
        raise NotThere(f"Per «{found.misura}» i tempi non sono rilevati: tornare al quadro.")
    rows = [
        {"nome": stretch.nome, **_times(board, found, key)}
        for key, stretch in found.misura.tempi.items()
    ]
    board.load()
    context = about(request, found, ("Tempi", ""))
    return respond(request, "measures/tempi.html", context, {"tempi": TempiTable(rows)})


def _times(board: Board, found: Ambito, key: str) -> Row:
    fonte = found.righe or "caricata"
    figures = times.figures(found.misura, key, fonte=fonte)
    return {column: board(figure) for column, figure in figures.items()}
