"""Indicators, recipients, the Covid interventions and the financing plan."""

from datetime import date
from itertools import groupby

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from porfse.figures import Board
from porfse.tables import respond
from programme.charts import attainment_bars
from programme.facts import (
    covid_rows,
    endowment_rows,
    indicator_rows,
    plan_rows,
    recipient_rows,
    vulnerable_rows,
)
from programme.freshness import dated
from programme.models import (
    Asse,
    Destinatari,
    Indicatore,
    Iniziativa,
    ValoreIndicatore,
    VersionePiano,
)
from programme.progress import View
from programme.tables import (
    CovidTable,
    DestinatariAsseTable,
    IndicatoriTable,
    PianoAsseTable,
    PianoTable,
    VulnerabiliTable,
)
from programme.views.access import reader, trail, view_of


def _published(model: type[Destinatari | ValoreIndicatore], view: View) -> date | None:
    """The day of the latest data that a page shows; None if there are none yet."""
    return model.objects.filter(data__lte=view.al).aggregate(last=Max("data"))["last"]


@require_safe
@reader
def indicatori(request: HttpRequest) -> HttpResponse:
    """Output, result and financial indicators against their targets for 2023."""
    view = view_of(request)
    board = Board()
    rows = indicator_rows(board, view, Indicatore.objects.select_related("asse"))
    board.load()
    framework = [row for row in rows if row["indicatore"].quadro_efficacia]
    tables = {"quadro": IndicatoriTable(framework)}
    for code, found in groupby(rows, key=lambda row: row["indicatore"].asse):
        tables[f"asse_{code.codice}"] = IndicatoriTable(list(found))
        tables[f"asse_{code.codice}"].caption = f"Indicatori dell'{code}"
    tables["quadro"].caption = "Quadro di riferimento dell'efficacia"
    context = {
        "vista": view,
        "pubblicato": _published(ValoreIndicatore, view),
        "briciole": trail(("Indicatori", "")),
        "per_asse": [table for name, table in tables.items() if name != "quadro"],
        "grafico": attainment_bars(framework),
    }
    return respond(request, "programme/indicatori.html", context, tables)


@require_safe
@reader
def destinatari(request: HttpRequest) -> HttpResponse:
    """People reached, by asse, sex and vulnerability."""
    view = view_of(request)
    assi = Asse.objects.exclude(destinatari="")
    board = Board()
    rows = recipient_rows(board, view, assi)
    vulnerable = vulnerable_rows(board, view, assi)
    board.load()
    tables = {
        "sesso": DestinatariAsseTable(rows),
        "vulnerabili": VulnerabiliTable(vulnerable),
    }
    tables["sesso"].caption = "Destinatari per asse e sesso"
    tables["vulnerabili"].caption = "Destinatari in condizione di vulnerabilità"
    context = {
        "vista": view,
        "pubblicato": _published(Destinatari, view),
        "briciole": trail(("Destinatari", "")),
    }
    return respond(request, "programme/destinatari.html", context, tables)


@require_safe
@reader
def covid(request: HttpRequest) -> HttpResponse:
    """The interventions against the epidemic and their share of the total."""
    view = view_of(request)
    board = Board()
    rows = covid_rows(board, view, Iniziativa.objects.filter(covid=True).order_by("asse", "codice"))
    board.load()
    context = {"vista": view, "briciole": trail(("Interventi Covid-19", ""))}
    tables = dated({"interventi": CovidTable(rows)}, view.ultimi, view.al)
    return respond(request, "programme/covid.html", context, tables)


@require_safe
@reader
def piano(request: HttpRequest) -> HttpResponse:
    """The financing plan with its versions; earlier amounts are not known."""
    view = view_of(request)
    board = Board()
    versions = plan_rows(board, VersionePiano.objects.select_related("decisione"))
    rows = endowment_rows(board, view, Asse.objects.all())
    board.load()
    tables = {"assi": PianoAsseTable(rows), "versioni": PianoTable(versions)}
    context = {"vista": view, "briciole": trail(("Piano finanziario", ""))}
    return respond(request, "programme/piano.html", context, tables)
