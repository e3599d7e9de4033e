"""The texts of the reports: their list, the page where one is written, its review, its versions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from porfse.errors import BadInput, NotThere
from porfse.figures import Board
from porfse.tables import respond
from programme.services import Conflict
from reports.forms.testi import CapitoloForm, EsameForm, RinvioForm, SceltaForm, periods
from reports.models import Edizione, Testo
from reports.narrativa import FORME, ErroreTesto, Racconto, errori, nomi
from reports.narrativa.confronto import Tratto, confronta
from reports.narrativa.elenco import elenco
from reports.narrativa.proposte import proposta
from reports.report import Report, reports
from reports.services import testi as services
from reports.services.testi import REVIEW, WRITE, Posto
from reports.tables.testi import CapitoliTable, VersioniTable, chapter_url
from reports.views.access import page_of, readable, reads, trail

View = Callable[..., HttpResponse]


def writer(view: View) -> View:
    """Let in who writes the texts or approves them."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not any(map(request.user.has_perm, (WRITE, REVIEW))):
            raise PermissionDenied
        request.scelte = {}  # a text is of its period: no reference date goes along
        return view(request, *args, **kwargs)

    return answer


def _place(request: HttpRequest, slug: str, periodo: str, capitolo: str) -> Posto:
    report = readable(request, slug)
    return services.posto(report, report.leggi(periodo), capitolo)


@require_safe
@writer
def testi(request: HttpRequest) -> HttpResponse:
    """The chapters of a report for a period: who has written them and how far they are."""
    found = [item for item in reports() if item.testi and reads(request.user, item)]
    if not found:
        raise Http404
    slug = request.GET.get("report", "")
    report = readable(request, slug) if slug else found[0]
    if report not in found:
        raise NotThere(f"Il report «{report.titolo}» non ha testi da scrivere.")
    periodo = report.leggi(request.GET.get("periodo") or _usual(report)).testo
    context = {
        "titolo": f"Testi: {report.titolo}, {report.nome_periodo(periodo)}",
        "scelta": SceltaForm(reports=found, report=report, periodo=periodo),
        "pubblicata": _published(report, periodo),
        "briciole": trail(("Testi", "")),
    }
    rows = _chapters(report, periodo)
    return respond(request, "reports/testi.html", context, {"capitoli": CapitoliTable(rows)})


def _usual(report: Report) -> str:
    """The last period that has texts, else the last that has ended."""
    written = Testo.objects.filter(report=report.slug).order_by("-periodo")
    last = written.values_list("periodo", flat=True).first()
    return last or next(iter(periods(report)), "")


def _chapters(report: Report, periodo: str) -> list[dict[str, Any]]:
    rows = Testo.objects.filter(report=report.slug, periodo=periodo)
    written = {row.capitolo: row for row in rows.select_related("scritto_da", "rivisto_da")}
    return [
        {
            "titolo": title,
            "url": chapter_url("testo", report.slug, periodo, key),
            "stato": row.get_stato_display() if row else "da scrivere",
            "versione": row and row.versione,
            "scritto_da": row and row.scritto_da,
            "scritto_il": row and row.scritto_il,
            "rivisto_da": row and row.rivisto_da,
        }
        for key, title in report.testi.items()
        for row in [written.get(key)]
    ]


def _published(report: Report, periodo: str) -> Edizione | None:
    """The edition in force of a period, which no text can change any more."""
    rows = Edizione.objects.in_force().filter(report=report.slug, periodo=periodo, provincia=None)
    return rows.first()


@dataclass
class Pagina:
    """The page of a chapter; `testo` is what is shown of it: stored, proposed or typed."""

    dove: Posto
    trovato: Testo | None
    form: CapitoloForm
    testo: str
    cerca: str = ""
    status: int = 200
    proposta: bool = False
    rinvio: RinvioForm | None = None
    messaggio: str = ""
    differenze: list[Tratto] = field(default_factory=list)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@writer
def testo(request: HttpRequest, slug: str, periodo: str, capitolo: str) -> HttpResponse:
    """Write a chapter, beside the figures that it may name."""
    dove = _place(request, slug, periodo, capitolo)
    if request.method == "POST":
        if not request.user.has_perm(WRITE):
            raise PermissionDenied
        return _sent(request, dove)
    return _shown(request, _stored(dove))


def _stored(dove: Posto) -> Pagina:
    found = dove.trovato()
    draft = "" if found else proposta(dove.capitolo)
    text = found.testo if found else draft
    return Pagina(dove, found, CapitoloForm.of(found, draft), text, proposta=bool(draft))


def _sent(request: HttpRequest, dove: Posto) -> HttpResponse:
    form = CapitoloForm(request.POST)
    valid = form.is_valid()
    text, words = (form.data.get(name, "") for name in ("testo", "cerca"))
    page = Pagina(dove, dove.trovato(), form, text, words)
    if not valid:
        page.status = 400
        return _shown(request, page)
    action = request.POST.get("azione", "salva")
    if action in ("anteprima", "cerca"):
        return _shown(request, page)
    try:
        saved = _saved(request, page, review=action == "revisione")
    except Conflict as conflict:
        return _conflict(request, page, conflict)
    except ErroreTesto as error:
        form.add_error("testo", error.errori)
    except BadInput as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, saved)
        return redirect(request.path)
    page.status = 400
    return _shown(request, page)


def _saved(request: HttpRequest, page: Pagina, *, review: bool) -> str:
    data = page.form.cleaned_data
    save = services.salva_e_chiedi if review else services.salva
    found = save(by=request.user, dove=page.dove, testo=data["testo"], versione=data["versione"])
    if review:
        return f"Versione {found.versione} inviata in revisione."
    return f"Bozza salvata: versione {found.versione}."


def _conflict(request: HttpRequest, page: Pagina, conflict: Conflict) -> HttpResponse:
    """Show what stands and what was typed; sent again, what was typed stands in its place."""
    now: Testo = conflict.current
    page.trovato, page.form, page.status = now, page.form.again(now.versione), 409
    page.differenze = confronta(now.testo, page.testo)
    page.messaggio = str(conflict)
    return _shown(request, page)


@require_POST
@writer
def approva(request: HttpRequest, slug: str, periodo: str, capitolo: str) -> HttpResponse:
    """Approve the version that was read."""
    return _examined(request, _place(request, slug, periodo, capitolo), EsameForm(request.POST))


@require_POST
@writer
def rimanda(request: HttpRequest, slug: str, periodo: str, capitolo: str) -> HttpResponse:
    """Send a chapter back, with the reason."""
    return _examined(request, _place(request, slug, periodo, capitolo), RinvioForm(request.POST))


def _examined(request: HttpRequest, dove: Posto, form: EsameForm) -> HttpResponse:
    back = isinstance(form, RinvioForm)
    if form.is_valid():
        service = services.rimanda if back else services.approva
        try:
            service(by=request.user, dove=dove, **form.cleaned_data)
        except Conflict as conflict:
            page = _stored(dove)
            page.status, page.messaggio = 409, f"{conflict} Rileggerlo prima di decidere."
            return _shown(request, page)
        messages.success(request, "Testo rimandato a chi scrive." if back else "Testo approvato.")
        return redirect("reports:testo", *_address(dove))
    page = _stored(dove)
    page.status, page.rinvio = 400, form if back else None
    return _shown(request, page)


def _address(dove: Posto) -> tuple[str, str, str]:
    return dove.report.slug, dove.parametri.testo, dove.capitolo


def _shown(request: HttpRequest, page: Pagina) -> HttpResponse:
    dove, found, board = page.dove, page.trovato, Board()
    names = nomi(dove.report, dove.parametri)
    wrong = errori(page.testo, names)
    told = None if wrong else Racconto(board, page.testo, names)
    groups = elenco(board, names, page.cerca)
    board.load()
    # What is approved is what the preview shows: not beside a text that is only typed.
    waiting = (
        found is not None
        and found.stato == Testo.Stato.DA_RIVEDERE
        and found.testo == page.testo
        and request.user.has_perm(REVIEW)
    )
    version = {"versione": found.versione if found else 0}
    context = {
        "titolo": f"{dove.titolo}, {dove.parametri.nome}",
        "pagina": page,
        "form": page.form,
        "scrive": request.user.has_perm(WRITE),
        "esamina": EsameForm(initial=version) if waiting else None,
        "rinvio": page.rinvio or RinvioForm(initial=version),
        "anteprima": told.collegati() if told else [],
        "errori": wrong,
        "gruppi": groups,
        "forme": FORME,
        "ultima": found.versioni.first() if found else None,
        "pubblicata": _published(dove.report, dove.parametri.testo),
        "indirizzo": _address(dove),
        "briciole": _steps(dove),
    }
    return render(request, "reports/testo_detail.html", context, status=page.status)


def _steps(dove: Posto, *more: tuple[str, str]) -> list[tuple[str, Any]]:
    asked = urlencode({"report": dove.report.slug, "periodo": dove.parametri.testo})
    listed = f"{reverse('reports:testi')}?{asked}"
    steps = [("Testi", listed), (dove.titolo, chapter_url("testo", *_address(dove)))]
    return trail(page_of(dove.report), *steps, *more)


@never_cache
@require_safe
@writer
def versioni(request: HttpRequest, slug: str, periodo: str, capitolo: str) -> HttpResponse:
    """The versions of a chapter, and what one of them changed."""
    dove = _place(request, slug, periodo, capitolo)
    found = dove.trovato()
    if found is None:
        raise NotThere(f"Il capitolo «{dove.titolo}» non è ancora stato scritto.")
    rows = list(found.versioni.select_related("autore"))
    asked = request.GET.get("versione") or str(found.versione)
    shown = next((row for row in rows if str(row.versione) == asked), None)
    if shown is None:
        raise NotThere("La versione richiesta non esiste: sceglierla dall'elenco.")
    before = next((row for row in rows if row.versione == shown.versione - 1), None)
    context = {
        "titolo": f"Versioni: {dove.titolo}, {dove.parametri.nome}",
        "versione": shown,
        "prima": before,
        "differenze": confronta(before.contenuto if before else "", shown.contenuto),
        "briciole": _steps(dove, ("Versioni", "")),
    }
    tables = {"versioni": VersioniTable(rows)}
    return respond(request, "reports/testo_versioni.html", context, tables)
