"""The table of the crises, its map and comparisons, and the page of a provincia."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crisi import confronti, exports, published, summary
from crisi.forms.tavola import Scelta, TavolaForm, criterion
from crisi.selection import CRITERI, ESEMPIO, PUBBLICATA, Selection, sources
from crisi.tables.tavola import AnniTable, DifferenzeTable, ProvinceTable, VariazioniTable
from crisi.tavola import tables
from crisi.views.access import reader, trail
from porfse import money
from porfse.figures import Board
from porfse.maps import Map, provinces
from porfse.models import Provincia
from porfse.periods import Periodo
from porfse.tables import Tabella, respond

Names = Mapping[str, str]
Parts = dict[str, list[confronti.Row]]


@require_safe
@reader
def tavola(request: HttpRequest) -> HttpResponse:
    """The table for a period, beside the other source or another period if that is asked for."""
    started = [year for fonte, year in summary.first_years().items() if fonte in sources()]
    form = TavolaForm(request.GET, published=published.years(), started=started)
    scelta = form.chosen()
    names = dict(Provincia.objects.values_list("sigla", "nome"))
    board = Board()
    parts = _parts(board, scelta, names)
    tavole = tables(board, filter(None, (scelta.base, scelta.affianca)), names)
    if kind := request.GET.get("formato"):
        return exports.export(kind, tavole[0])
    context = {
        "form": form,
        "scelta": scelta,
        "tavole": tavole,
        "mappa": _map(parts["province"], scelta),
        "dati_esempio": scelta.base.fonte == ESEMPIO,
        "dimostrazione": settings.DEMO,
        "elenco": _list_url(scelta.base),
        "briciole": trail(),
    }
    return respond(request, "crisi/tavola.html", context, _tables(parts, scelta))


def _parts(board: Board, scelta: Scelta, names: Names) -> Parts:
    """Put on the board what stands beside the table, by name of its table."""
    base, misura = scelta.base, scelta.misura
    parts = {"province": confronti.by_provincia(board, base, misura, names)}
    for row in parts["province"]:
        if not row["totale"]:
            row["url"] = _provincia_url(row["sigla"], base)
    if scelta.affianca:
        printed, counted = sorted((base, scelta.affianca), key=lambda one: one.fonte != PUBBLICATA)
        parts["differenze"] = confronti.differences(board, counted, printed, names)
    if scelta.confronto:
        before = scelta.confronto
        parts["variazioni"] = confronti.changes(board, base, before, misura, names)
        parts["regione"] = confronti.changes_by_kind(board, base, before)
    return parts


def _tables(parts: Parts, scelta: Scelta) -> dict[str, Tabella]:
    found: dict[str, Tabella] = {
        "province": ProvinceTable(parts["province"], measure=scelta.misura.nome)
    }
    if "differenze" in parts:
        found["differenze"] = DifferenzeTable(parts["differenze"])
    if scelta.confronto:
        periods = {
            "before": scelta.confronto.periodo.nome.capitalize(),
            "now": scelta.base.periodo.nome.capitalize(),
        }
        found["variazioni"] = VariazioniTable(parts["variazioni"], first="Provincia", **periods)
        found["regione"] = VariazioniTable(parts["regione"], first="Regione", **periods)
    return found


def _map(rows: list[confronti.Row], scelta: Scelta) -> Map:
    return provinces(
        {row["sigla"]: row["valore"].amount for row in rows if not row["totale"]},
        show=money.number,
        link=lambda sigla: _provincia_url(sigla, scelta.base),
    )


def _provincia_url(sigla: str, base: Selection) -> str:
    asked = "" if base.fonte == PUBBLICATA else f"?criterio={base.criterio}"
    return f"{reverse('crisi:provincia', args=[sigla])}{asked}"


def _list_url(base: Selection) -> str:
    """Where the procedures of a period are listed."""
    asked = {"periodo": str(base.periodo), "criterio": base.criterio}
    return f"{reverse('crisi:procedure')}?{urlencode(asked)}"


@require_safe
@reader
def provincia(request: HttpRequest, sigla: str) -> HttpResponse:
    """The row of one provincia in the table of every year, published and calculated."""
    found = get_object_or_404(Provincia, pk=sigla)
    criterio = criterion(request.GET.get("criterio", ""))
    board = Board()
    rows = confronti.years_of(board, found.pk, _years(criterio))
    board.load()
    context = {
        "provincia": found,
        "criterio": criterio,
        "criteri": CRITERI,
        "dati_esempio": any(row["fonte"].fonte == ESEMPIO for row in rows),
        "briciole": trail((str(found), "")),
    }
    return respond(request, "crisi/tavola_provincia.html", context, {"anni": AnniTable(rows)})


def _years(criterio: str) -> list[Selection]:
    """Every year with a table, the latest first; of a year, first the published one."""
    printed = [Selection(Periodo(year), fonte=PUBBLICATA) for year in published.years()]
    counted = [
        Selection(Periodo(year), criterio, fonte)
        for fonte, first in sorted(summary.first_years().items())
        if fonte in sources()
        for year in range(first, timezone.localdate().year + 1)
    ]
    return sorted([*printed, *counted], key=lambda one: -one.periodo.anno)
