"""The catalogue, the page of a report with what may be built of it, and the calendar."""

from django.conf import settings
from django.contrib import messages
from django.db.models import F, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from porfse.models import User
from porfse.periods import italian
from porfse.tables import respond
from reports.calendario import scadenze
from reports.forms.costruzione import CostruzioneForm
from reports.models import Edizione, FileEdizione
from reports.models.edizioni import BUILD
from reports.parametri import Cadenza, Parametri, written
from reports.report import Report, reports
from reports.services import costruzione
from reports.tables.catalogo import CalendarioTable, CatalogoTable, EdizioniReportTable
from reports.views.access import builder, page_of, readable, reader, reads, trail

Stato = Edizione.Stato
_SENT = 6  # periods that a report is offered to be sent of


@require_safe
@reader
def catalogo(request: HttpRequest) -> HttpResponse:
    """The reports that the person may read, with the last editions of each."""
    user = request.user
    seen = _seen(user)
    published = _last(seen.in_force())
    drafts = _last(seen.filter(stato=Stato.BOZZA))
    rows = [
        {
            "report": report,
            "descrizione": report.descrizione,
            "destinatari": _for_whom(report),
            "cadenza": report.cadenza.nome,
            "pubblicata": published.get(report.slug),
            "bozza": drafts.get(report.slug),
        }
        for report in reports()
        if reads(user, report)
    ]
    builds = user.has_perm(BUILD)
    shown = [*published.values(), *(drafts.values() if builds else ())]
    context = {
        "titolo": "Report",
        "dati_esempio": any(item.esempio for item in shown),
        "briciole": trail(),
    }
    tables = {"catalogo": CatalogoTable(rows, builds=builds)}
    return respond(request, "reports/catalogo.html", context, tables)


@require_safe
@reader
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """One report: what it is, what may be built of it, its editions."""
    return _page(request, readable(request, slug))


@require_POST
@builder
def costruisci(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the report of a period, of one place or of all."""
    chosen = readable(request, slug)
    form = CostruzioneForm(request.POST, report=chosen)
    if not form.is_valid():
        return _page(request, chosen, form)
    asked = {"by": request.user, "report": chosen, "parametri": form.parametri}
    if form.tutte:
        _tell(request, costruzione.richiedi_tutte(**asked))
        return redirect("reports:report", chosen.slug)
    return redirect(costruzione.richiedi(**asked))


def _tell(request: HttpRequest, asked: costruzione.Richieste) -> None:
    if asked.edizioni:
        count = len(asked.edizioni)
        words = "1 costruzione" if count == 1 else f"{count} costruzioni"
        messages.success(request, f"In corso: {words}. L'elenco qui sotto ne mostra lo stato.")
    if asked.pubblicate:
        places = ", ".join(item.provincia_id or "Regione" for item in asked.pubblicate)
        messages.warning(
            request, f"Già pubblicati, e perciò lasciati come sono: {places}. Per correggerne uno"
            " aprire la sua pagina e scegliere «Rettifica».",
        )  # fmt: skip


def _page(
    request: HttpRequest, chosen: Report, form: CostruzioneForm | None = None
) -> HttpResponse:
    user = request.user
    builds, sends = user.has_perm(BUILD), user.has_perm("reports.send_reports")
    editions = _seen(user).filter(report=chosen.slug)
    if builds and form is None:
        form = CostruzioneForm(report=chosen)
    context = {
        "titolo": chosen.titolo,
        "report": chosen,
        "periodo": _covered(chosen),
        "destinatari": _for_whom(chosen),
        "form": form,
        "da_inviare": _last_published(chosen, editions) if sends else (),
        "dati_esempio": editions.filter(esempio=True).exists(),
        "briciole": trail(page_of(chosen)),
    }
    tables = {"edizioni": EdizioniReportTable(editions)}
    response = respond(request, "reports/report_detail.html", context, tables)
    if form is not None and form.errors:
        response.status_code = 400
    return response


@require_safe
@builder
def calendario(request: HttpRequest) -> HttpResponse:
    """When each report is built by itself, and what is missing."""
    seen = [item for item in scadenze(timezone.now()) if reads(request.user, item.report)]
    context = {"titolo": "Calendario dei report", "briciole": trail(("Calendario", ""))}
    tables = {"calendario": CalendarioTable(seen)}
    return respond(request, "reports/calendario.html", context, tables)


def _seen(user: User) -> QuerySet[Edizione]:
    """The editions that a person may see, without their content, with the names of their files."""
    names = FileEdizione.objects.defer("contenuto")
    found = Edizione.objects.visible_to(user).select_related("provincia").defer("contenuto")
    return found.prefetch_related(Prefetch("file", names))


def _last_published(chosen: Report, editions: QuerySet[Edizione]) -> list[Parametri]:
    """The last periods of which something is in force, the latest first."""
    periods = editions.in_force().order_by("-al").values_list("periodo", flat=True).distinct()
    return [chosen.riletti(period) for period in periods[:_SENT]]


def _last(editions: QuerySet[Edizione]) -> dict[str, Edizione]:
    """Of each report, the edition of the last period; that of the Region before a provincia's."""
    place = F("provincia_id").asc(nulls_first=True)
    ordered = editions.order_by("report", "-al", place, "-edizione")
    return {item.report: item for item in ordered.distinct("report")}


def _covered(chosen: Report) -> str:
    """What a report can be asked for, and how that is written: as the last period that ended."""
    example = f"scritto come {written(chosen.cadenza)}"
    if chosen.cadenza is Cadenza.DATA:
        first = italian(settings.EARLIEST_DATE)
        return f"Un giorno, dal {first} a ieri, {example}"
    return f"{chosen.cadenza.nome.capitalize()} concluso, {example}"


def _for_whom(chosen: Report) -> str:
    if chosen.pubblico:
        return "Tutti: può essere diffuso"
    return "Regione e Nuclei, ciascuno il proprio" if chosen.provinciale else "Regione"
