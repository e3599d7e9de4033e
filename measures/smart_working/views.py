"""The sections of Smart Working: size classes, addendum against the call, sectors."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from measures import avvisi
from measures.figures import PUBBLICATA, granted, number
from measures.means import mean
from measures.misura import UNKNOWN, misura_of
from measures.models import SintesiMisura
from measures.progress import Row, add_shares, number_bars, part_rows, voice_row
from measures.scope import Ambito, scope
from measures.smart_working.griglia import MISURA, by_grid
from measures.smart_working.tables import DivisioniTable, GrigliaTable, ScaglioniTable
from measures.tables.core import VociTable
from measures.views.access import about, reader
from porfse.figures import Board, differenza, somma
from porfse.tables import respond

FASE = "beneficiarie"
OWN = ("numero", "concesso", "liquidato")  # columns of the rows, not of what is published


@require_safe
@reader
def classi(request: HttpRequest) -> HttpResponse:
    """Those in force by EU size class, and the published amounts against the call's grid."""
    found, board = scope(misura_of(MISURA)), Board()
    rows = _with_means(board, found, part_rows(board, found, FASE, "classe"), "classe")
    held = [_against_grid(board, found, row) for row in rows if "voce" in row]
    board.load()
    context = {
        **about(request, found, ("Classi dimensionali", "")),
        "numeri": number_bars(rows, found),
        "importi": number_bars(rows, found, field="concesso"),
    }
    tables = {
        "classi": VociTable(rows),
        "griglia": ScaglioniTable(avvisi.grid(MISURA)),
        "confronto": GrigliaTable(held),
    }
    return respond(request, "measures/smart-working/classi.html", context, tables)


def _against_grid(board: Board, found: Ambito, row: Row) -> Row:
    printed = granted(found.misura, FASE, fonte=PUBBLICATA, classe=row["voce"])
    expected = by_grid(row["voce"])
    return {
        "nome": row["nome"],
        "pubblicato": board(printed),
        "griglia": board(expected),
        "differenza": board(differenza(printed, expected)),
    }


def _with_means(board: Board, found: Ambito, rows: Sequence[Row], dimensione: str) -> list[Row]:
    """Add the mean amount of each row, of the kinds of data that it has."""
    shown = []
    for row in rows:
        cut = {dimensione: row["voce"]} if "voce" in row else {}
        more = {}
        if "pub_concesso" in row:
            more["pub_media"] = board(mean(found.misura, FASE, fonte=PUBBLICATA, **cut))
        if "concesso" in row:
            more["media"] = board(mean(found.misura, FASE, fonte=found.righe, **cut))
        shown.append(row | more)
    return shown


@require_safe
@reader
def addendum(request: HttpRequest) -> HttpResponse:
    """Those in force that followed the Covid-19 addendum, and those that followed the call."""
    found, board = scope(misura_of(MISURA)), Board()
    rows = _with_means(board, found, part_rows(board, found, FASE, "gruppo"), "gruppo")
    board.load()
    context = {
        **about(request, found, ("Addendum e avviso", "")),
        "grafico": number_bars(rows, found),
    }
    tables = {"gruppi": VociTable(rows)}
    return respond(request, "measures/smart-working/addendum.html", context, tables)


@require_safe
@reader
def settori(request: HttpRequest) -> HttpResponse:
    """The printed sectors and all others; every ATECO division where it was imported."""
    found, board = scope(misura_of(MISURA)), Board()
    rows = part_rows(board, found, FASE, "settore")
    rows[-1:-1] = _others(board, found, rows)
    divisions = _divisions(board, found)
    board.load()
    context = about(request, found, ("Settori", ""))
    tables = {"settori": VociTable(rows)}
    if found.righe:
        tables["divisioni"] = DivisioniTable(divisions)
    return respond(request, "measures/smart-working/settori.html", context, tables)


def _others(board: Board, found: Ambito, rows: Sequence[Row]) -> list[Row]:
    """What the total has beside the printed sectors, and what the rows do not tell."""
    total, named = rows[-1], rows[:-1]
    unknown = voice_row(board, found, "ATECO non indicato", FASE, settore=UNKNOWN)
    unknown = {name: unknown[name] for name in ("nome", *OWN) if name in unknown}
    others: Row = {"nome": "Altri settori"}
    for field in ("pub_numero", *OWN):
        if field in total:
            less = [row[field].expression for row in (*named, unknown) if field in row]
            others[field] = board(differenza(total[field].expression, somma(*less)))
    shown = [others, unknown] if found.righe else [others]
    for row in shown:
        add_shares(board, row, total)
    return shown


def _divisions(board: Board, found: Ambito) -> list[Row]:
    """One row for each division that the rows have, by code."""
    if not found.righe:
        return []
    misura = found.misura
    sums = SintesiMisura.objects.filter(
        misura=misura.slug,
        esempio=found.esempio,
        taglio="settore",
        stato__in=misura.fasi[FASE].stati,
    )
    names = misura.dimensioni["settore"].voci
    codes = sorted(set(sums.order_by().values_list("settore", flat=True)))
    return [
        {
            "divisione": "non indicata" if code == UNKNOWN else code,
            "nome": names.get(code, "—"),
            "numero": board(number(misura, FASE, fonte=found.righe, settore=code)),
            "concesso": board(granted(misura, FASE, fonte=found.righe, settore=code)),
        }
        for code in codes
    ]
