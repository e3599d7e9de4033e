"""The quarters of the nuclei: who has sent what, and the page of one of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crisi.models import MonitoraggioTrimestrale
from crisi.scope import own_provincia, sees_all
from crisi.services.trimestri import PERMISSION
from crisi.tables.trimestri import MatriceTable, NucleiTable, RigheTable
from crisi.trimestri import Copertura, coverage, quarter, stato_words
from crisi.views import trimestri_griglia
from crisi.views.access import procedures_reader, trail
from crisi.views.trimestri_pagina import QUARTERS, about, of_address, sheet, steps, way
from porfse.periods import Periodo
from porfse.tables import respond

_SHOWN = 4  # quarters of the matrix


@require_safe
@procedures_reader
def trimestri(request: HttpRequest) -> HttpResponse:
    """Completeness and timeliness of the nuclei: the last quarters, and one of them in full."""
    known = MonitoraggioTrimestrale.objects.visible_to(request.user).select_related("provincia")
    opened = sorted({item.trimestre for item in known}, reverse=True)
    chosen = _chosen(request, opened)
    oggi = timezone.localdate()
    shown = [chosen] if chosen else []
    while shown and len(shown) < _SHOWN:
        shown.insert(0, shown[0].precedente)
    cover = {str(each): coverage(str(each)) for each in shown}
    context = {
        "opened": [(text, Periodo.parse(text).nome) for text in opened],
        "chosen": chosen,
        "gestore": request.user.has_perm(PERMISSION),
        "puo_scadenza": any(
            item.trimestre == str(chosen) and item.trasmesso_il is None for item in known
        ),
        "nucleo": not sees_all(request.user),
        "dati_esempio": any(
            cover[item.trimestre].get(item.provincia_id, Copertura()).esempi
            for item in known
            if item.trimestre in cover
        ),
        "briciole": trail(QUARTERS),
    }
    rows = [
        {
            "monitoraggio": item,
            "copertura": cover[item.trimestre].get(item.provincia_id, Copertura()),
        }
        for item in sorted(known, key=lambda item: item.provincia.nome)
        if item.trimestre == str(chosen)
    ]
    tables = {
        "nuclei": NucleiTable(rows, oggi=oggi, gestore=context["gestore"]),
        "matrice": MatriceTable(_matrix(known, shown, cover), quarters=shown),
    }
    return respond(request, "crisi/trimestri.html", context, tables)


def _chosen(request: HttpRequest, opened: Sequence[str]) -> Periodo | None:
    """The quarter of the address, or the latest that is open; None if there is none."""
    if "trimestre" in request.GET:
        return quarter(request.GET["trimestre"])
    return quarter(opened[0]) if opened else None


def _matrix(
    known: Sequence[MonitoraggioTrimestrale],
    shown: Sequence[Periodo],
    cover: Mapping[str, Mapping[str, Copertura]],
) -> list[dict[str, Any]]:
    oggi, rows = timezone.localdate(), {}
    for item in sorted(known, key=lambda item: item.provincia.nome):
        if item.trimestre in cover:
            row = rows.setdefault(item.provincia_id, {"nucleo": item.provincia})
            part = cover[item.trimestre].get(item.provincia_id, Copertura())
            row[item.trimestre] = (item, part, stato_words(item, oggi))
    return list(rows.values())


@require_http_methods(["GET", "HEAD", "POST"])
@procedures_reader
def trimestre(request: HttpRequest, trimestre: str, sigla: str) -> HttpResponse:
    """A nucleo's quarter: its grid for who fills it in, its rows for who reads them."""
    monitoraggio = of_address(request, trimestre, sigla)
    own = own_provincia(request.user) == monitoraggio.provincia_id
    if request.method == "POST":
        if not own:
            raise Http404
        return trimestri_griglia.answer(request, monitoraggio)
    if own and monitoraggio.modificabile(timezone.localdate()):
        return trimestri_griglia.page(request, monitoraggio)
    foglio = sheet(request, monitoraggio)
    context = {**about(request, foglio), "briciole": way(monitoraggio)}
    tables = {"righe": RigheTable(foglio.voci), "passaggi": steps(monitoraggio)}
    return respond(request, "crisi/trimestre.html", context, tables)
