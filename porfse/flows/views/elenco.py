"""The list of the flows, and the layouts of their sources."""

from django.db.models import Case, Value, When
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from porfse.errors import NotThere
from porfse.filtered import listed
from porfse.flows import layout
from porfse.flows.filters import FlussiFilter
from porfse.flows.scope import loadable, readable
from porfse.flows.source import source_of
from porfse.flows.tables import ColonneTable, FlussiTable, SignificatiTable
from porfse.flows.views.access import INDEX, Request, reader
from porfse.models import Flow
from porfse.tables import respond


@require_safe
@reader
def elenco(request: Request) -> HttpResponse:
    """The flows that the person may see, what waits for a decision first."""
    known = readable(request.user)
    waiting = Flow.objects.waiting().order_by().values("pk")
    first = Case(When(pk__in=waiting, then=Value(0)), default=Value(1))
    rows = Flow.objects.visible_to(request.user).with_people().order_by(first, "-pk")
    chosen = FlussiFilter(request.GET, rows, sources=known)
    context = {
        "titolo": INDEX[0],
        "filtro": chosen,
        "fonti": known,
        "puo_caricare": bool(loadable(request.user)),
        "briciole": [INDEX],
    }
    return listed(request, "flussi/elenco.html", context, {"flussi": FlussiTable})


@require_safe
@reader
def fonte(request: Request, slug: str) -> HttpResponse:
    """The layout of a source, for who prepares a file.

    Raises:
        NotThere: there is no such source, or the person has nothing to do with it.
    """
    source = source_of(slug)
    if source not in readable(request.user):
        raise NotThere("Il tracciato non esiste: tornare all'elenco dei flussi.")
    context = {
        "titolo": f"Tracciato: {source.nome}",
        "fonte": source,
        "puo_caricare": source.may_load(request.user),
        "briciole": [INDEX, (f"Tracciato {source.slug}", "")],
    }
    tables = {
        "colonne": ColonneTable(layout.column_rows(source)),
        "codici": SignificatiTable(layout.code_rows(source)),
    }
    return respond(request, "flussi/fonte.html", context, tables)
