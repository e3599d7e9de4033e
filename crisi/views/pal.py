"""The active policies by quarter: how far the suspended workers are, by provincia."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crisi import figures_pal
from crisi.figures_pal import LAVORATORI, QUOTE, quota
from crisi.models import MonitoraggioTrimestrale, Strumento
from crisi.scope import own_provincia, sees_all
from crisi.selection import SIGLE
from crisi.tables.trimestri import PassiTable, StoriaTable, StrumentiTable
from crisi.trimestri import quarter, stato_words
from crisi.views.access import reader, trail
from porfse import charts
from porfse.charts import Colour, Voce
from porfse.figures import Board, leaf
from porfse.models import Provincia, User
from porfse.periods import Periodo
from porfse.printed import catalogue
from porfse.tables import respond

_SHOWN = 8  # quarters of the chart
# As printed: «un totale di 4.377 lavoratori sospesi», «il 51% circa di loro».
PUBBLICATE = ("002-03", "002-04")
VOCI = (
    Voce("step1", "STEP 1", Colour.GREY),
    Voce("step2", "STEP 2", Colour.AZURE),
    Voce("step3", "STEP 3", Colour.BLUE),
    Voce("step4", "STEP 4", Colour.TEAL),
    Voce("no_pal", "NO PAL", Colour.OCHRE),
)
COLONNE = ("unita", *LAVORATORI)


@require_safe
@reader
def pal(request: HttpRequest) -> HttpResponse:
    """A quarter by provincia, the quarters of the region, the instruments; examples apart.

    Who does not read every provincia has his own, if he has one, and the total.
    """
    kinds = sorted(_reported(), reverse=True)
    texts = sorted({text for text, _ in kinds}, reverse=True)
    chosen = quarter(request.GET["trimestre"]) if "trimestre" in request.GET else None
    chosen = chosen or (quarter(texts[0]) if texts else None)
    board, names = Board(), dict(Provincia.objects.values_list("pk", "nome"))
    sigle = _shown_to(request.user)
    printed = {name: board(leaf("stampata", id=name)) for name in PUBBLICATE}
    context: dict[str, Any] = {
        "chosen": chosen,
        "opened": [(text, Periodo.parse(text).nome) for text in texts],
        "dati_esempio": (str(chosen), True) in kinds,
        "tutte": sees_all(request.user),
        "briciole": trail(("PAL", "")),
    }
    tables = {}
    if chosen:
        places = _places(chosen, {sigla: names[sigla] for sigla in sigle})
        tables = _tables(board, chosen, places, example=False)
        history = _history(board, [text for text, example in kinds if not example])
        tables["trimestri"] = StoriaTable(history)
        if context["dati_esempio"]:
            tables |= _tables(board, chosen, places, example=True)
    board.load()
    context["pubblicate"] = [
        figure.linked(catalogue.figures[name].stampato) for name, figure in printed.items()
    ]
    if chosen:
        context["grafico"] = _chart(history)
    return respond(request, "crisi/pal.html", context, tables)


def _reported() -> Iterable[tuple[str, bool]]:
    """The quarters of which there are rows, real ones and examples."""
    rows = figures_pal.counted().order_by()
    return rows.values_list("trimestre", "unita__procedura__esempio").distinct()


def _shown_to(user: User) -> Sequence[str]:
    """The sigle that a person reads one by one."""
    return [sigla for sigla in SIGLE if sees_all(user) or sigla == own_provincia(user)]


def _places(chosen: Periodo, names: dict[str, str]) -> list[dict[str, Any]]:
    """The rows of a quarter, each with its state: until all are approved the sums may change."""
    oggi = timezone.localdate()
    found = MonitoraggioTrimestrale.objects.filter(trimestre=str(chosen), provincia__in=SIGLE)
    quarters = {each.provincia_id: each for each in found}
    words = {sigla: stato_words(each, oggi) for sigla, each in quarters.items()}
    approved = [each for each in quarters.values() if each.stato == each.Stato.VALIDATO]
    return [
        *(
            {"nome": nome, "stato": words.get(sigla, "non aperto"), "provincia": sigla}
            for sigla, nome in names.items()
        ),
        {
            "nome": "Totale",
            "totale": True,
            "stato": f"validati: {len(approved)} di {len(SIGLE)}",
            "provincia": None,
        },
    ]


def _tables(
    board: Board, chosen: Periodo, places: Sequence[dict[str, Any]], *, example: bool
) -> Any:
    where = {"trimestre": str(chosen), "esempio": example}
    instruments = {"measures": Strumento.values, "quotas": {}}
    tables = {
        "passi": PassiTable([_row(board, **place, **where) for place in places]),
        "strumenti": StrumentiTable(
            [_row(board, **instruments, **place, **where) for place in places]
        ),
    }
    if not example:
        return tables
    for table in tables.values():
        table.caption = f"{table.caption}: dati di esempio"
    return {f"{name}_esempio": table for name, table in tables.items()}


def _history(board: Board, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The region in the last quarters, in order of time."""
    return [
        _row(board, nome=Periodo.parse(text).nome, trimestre=text)
        for text in sorted(texts)[-_SHOWN:]
    ]


def _row(
    board: Board,
    *,
    nome: str,
    measures: Iterable[str] = COLONNE,
    quotas: dict[str, str] = QUOTE,
    totale: bool = False,
    stato: str = "",
    **where: Any,
) -> dict[str, Any]:
    return {
        "nome": nome,
        "totale": totale,
        "stato": stato,
        **{name: board(figures_pal.pal(name, **where)) for name in measures},
        **{name: board(quota(step, **where)) for name, step in quotas.items()},
    }


def _chart(rows: Sequence[dict[str, Any]]) -> charts.Figure:
    points = [
        {"trimestre": row["nome"], **{voce.campo: row[voce.campo].amount for voce in VOCI}}
        for row in rows
    ]
    return charts.grouped_bars(points, category="trimestre", voci=VOCI, measure=charts.NUMERO)
