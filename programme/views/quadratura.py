from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from porfse.errors import BadInput, NotThere
from porfse.figures import Board
from porfse.printed import Reconciled, Verdict, catalogue, count_by_verdict
from porfse.tables import respond
from programme.tables_quadratura import PERIMETRI, ConteggioTable, QuadraturaTable
from programme.views.access import reader, trail

INDEX = ("Quadratura", reverse_lazy("programme:quadratura"))


@require_safe
@reader
def quadratura(request: HttpRequest) -> HttpResponse:
    """Every figure printed in the sources against what the system computes."""
    document = request.GET.get("documento", "")
    verdict = request.GET.get("verdetto", "")
    if document not in {"", *catalogue.documents} or verdict not in {"", *map(str, Verdict)}:
        raise BadInput("Il documento o il verdetto scelto non esiste: sceglierlo dall'elenco.")
    board = Board()
    items = [Reconciled(board, printed) for printed in catalogue.figures.values()]
    board.load()
    shown = [
        item
        for item in items
        if document in ("", item.stampata.documento) and verdict in ("", str(item.verdetto))
    ]
    context = {
        "documenti": catalogue.documents,
        "verdetti": [str(item) for item in Verdict],
        "documento": document,
        "verdetto": verdict,
        "contraddizioni": catalogue.contradictions,
        "briciole": trail(INDEX),
    }
    tables = {
        "conteggio": ConteggioTable(count_by_verdict(items)),
        "cifre": QuadraturaTable(shown),
    }
    return respond(request, "programme/quadratura.html", context, tables)


@require_safe
@reader
def cifra_stampata(request: HttpRequest, code: str) -> HttpResponse:
    """One printed figure: its place and words, what it is held against, and the explanation."""
    printed = catalogue.figures.get(code)
    if printed is None:
        raise NotThere("La cifra stampata non esiste: sceglierla dall'elenco di Quadratura.")
    board = Board()
    item = Reconciled(board, printed)
    board.load()
    context = {
        "cifra": item,
        "perimetro": PERIMETRI[printed.perimetro],
        "tolleranza": item.margine,
        "documento": catalogue.documents[printed.documento],
        "spiegazioni": list(catalogue.explaining(printed)),
        "briciole": trail(INDEX, (printed.id, "")),
    }
    return render(request, "programme/cifra_stampata.html", context)
