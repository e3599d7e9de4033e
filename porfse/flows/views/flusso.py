"""The page of a flow: its state in words, what was found in it, what may be done."""

from decimal import Decimal
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe
from django_htmx.http import HttpResponseClientRefresh

from porfse.flows import presenters, rejected, samples
from porfse.flows.forms import AcquisizioneForm, AnnullamentoForm, ScartoForm
from porfse.flows.source import Source, source_of
from porfse.flows.stage import Stage
from porfse.flows.tables import CambiamentiTable, CodiciTable, GruppiTable, StoriaTable
from porfse.flows.validation import obstacles
from porfse.flows.views.access import INDEX, Request, found, reader
from porfse.models import AuditEvent, Flow
from porfse.money import number
from porfse.tables import respond

Stato = Flow.Stato
_IN_PROGRESS = (Stato.IN_VALIDAZIONE, Stato.IN_ACQUISIZIONE)
# In other states the table of the accepted rows is gone, or held by who works on it: a page that
# read it would wait.
_ROWS_AT_REST = (Stato.VALIDATO, Stato.ACQUISITO)


@require_safe
@never_cache
@reader
def flusso(request: Request, pk: int) -> HttpResponse:
    """One flow."""
    return page(request, found(request, pk))


def page(request: Request, flow: Flow, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Return the page of a flow; a form that was refused comes along in place of a fresh one."""
    source = source_of(flow.sorgente)
    may = source.may_load(request.user)  # and it is one that he may see
    stage = _at_rest(flow, source)
    context = {
        "titolo": f"Flusso {flow.pk}",
        "flusso": flow,
        "fonte": source,
        "dati_esempio": flow.esempio,
        "frase": presenters.STATES[Stato(flow.stato)],
        "fatti": presenters.facts(flow),
        "nota": presenters.note_rows(flow, source),
        **_found(flow, source),
        "puo_agire": may,
        **_decisions(flow, source, may=may),
        "elenchi": source.preview(stage) if stage else [],
        **_progress(flow),
        **forms,
        "briciole": [INDEX, (f"Flusso {flow.pk}", "")],
    }
    response = respond(request, "flussi/flusso.html", context, _tables(flow, source, stage))
    if status != 200:
        response.status_code = status
    return response


def _found(flow: Flow, source: Source) -> dict[str, Any]:
    """What the validation found; nothing while another is about to find it anew."""
    if flow.stato == Stato.IN_VALIDAZIONE:
        return {}
    readable = flow.segnalate and flow.stato in _ROWS_AT_REST
    return {
        "conteggi": presenters.counts(flow),
        "importi": _amounts(flow, source),
        "errori": samples.error_samples(flow, source) if flow.scartate else [],
        "segnalazioni": samples.warning_samples(flow, source) if readable else [],
    }


def _amounts(flow: Flow, source: Source) -> list[tuple[str, str]]:
    if flow.importo is None:
        return []
    name, refused = source.amount_label, flow.importo_scartate or Decimal(0)
    return [
        (
            f"{name} accettato" if source.euro else f"{name}, righe accettate",
            source.amount_text(flow.importo),
        ),
        (
            f"{name} delle righe in errore (se leggibile)"
            if source.euro
            else f"{name}, righe in errore (se leggibili)",
            source.amount_text(refused),
        ),
    ]


def _tables(flow: Flow, source: Source, stage: Stage | None) -> dict[str, Any]:
    events = AuditEvent.objects.filter(object_type="porfse.flow", object_id=str(flow.pk))
    tables: dict[str, Any] = {
        "storia": StoriaTable(events.select_related("actor").order_by("pk")),
    }
    if flow.righe is not None and flow.stato != Stato.IN_VALIDAZIONE:
        tables["gruppi"] = GruppiTable(
            presenters.group_rows(flow),
            totals=(
                number(flow.accettate or 0),
                source.amount_text(flow.importo or Decimal(0)),
            ),
            source=source,
        )
        tables["codici"] = CodiciTable(presenters.code_rows(flow, source))
    changes = source.changes(stage) if stage else []
    if changes:
        tables["cambiamenti"] = CambiamentiTable(changes, source=source)
    return tables


def _at_rest(flow: Flow, source: Source) -> Stage | None:
    """The accepted rows of a flow that waits for a decision: what the preview is made of."""
    if flow.stato == Stato.VALIDATO and samples.stage_exists(flow, source):
        return Stage(flow, source)
    return None


def _decisions(flow: Flow, source: Source, *, may: bool) -> dict[str, Any]:
    """What may be done with the flow as it is, and what stands against it."""
    if flow.stato == Stato.VALIDATO:
        against = obstacles(flow)
        return {
            "ostacoli": against,
            "dove_decidere": source.decisions_url(flow),
            "ripetibile": True,
            "accettate": _rows(flow.accettate or 0),
            "esempi": presenters.examples_that_go(flow, source) if flow.accettate else "",
            "acquisibile": bool(flow.accettate) and not (against["superata"] or against["sospese"]),
            "acquisizione": AcquisizioneForm(obstacles=against) if may else None,
            "scarto": ScartoForm() if may else None,
        }
    if flow.stato == Stato.CARICATO and may:
        return {"scarto": ScartoForm(), "ripetibile": bool(flow.messaggio)}
    if flow.stato == Stato.ACQUISITO and may:
        obstacle = source.obstacle(flow)
        return {"impedimento": obstacle, "annullamento": None if obstacle else AnnullamentoForm()}
    return {}


def _rows(count: int) -> str:
    return "1 riga" if count == 1 else f"{number(count)} righe"


def _progress(flow: Flow, told: str = "") -> dict[str, Any]:
    """What the bar shows; `annuncio` only when it says something that was not said yet."""
    waiting = flow.stato == Stato.CARICATO and not flow.messaggio
    if not (waiting or flow.stato in _IN_PROGRESS):
        return {}
    progress = presenters.advancement(flow)
    news = progress.annuncio != told
    return {"avanzamento": progress, "annuncio": progress.annuncio if news else ""}


@require_GET
@never_cache
@reader
def avanzamento(request: Request, pk: int) -> HttpResponse:
    """The bar alone, asked for every second; once the state is another, the whole page anew."""
    flow = found(request, pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(flow)
    shown = _progress(flow, request.GET.get("detto", ""))
    if request.GET.get("stato") != flow.stato or not shown:
        return HttpResponseClientRefresh()
    context = {"flusso": flow, "in_diretta": True, **shown}
    return render(request, "flussi/_avanzamento.html", context)


@require_GET
@never_cache
@reader
def scarti(request: Request, pk: int) -> HttpResponse | StreamingHttpResponse:
    """The rejected rows as a file for who sent them."""
    flow = found(request, pk)
    lines = rejected.rejected_csv(flow, by=request.user)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="flusso-{flow.pk}-scarti.csv"'
    return response
