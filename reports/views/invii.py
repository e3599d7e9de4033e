"""Sending an edition, and the outbox: what left, what did not, what is sent again."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crisi.views.access import visible_or_404
from porfse.errors import BadInput, NotThere
from porfse.flows.errors import NotNow
from porfse.tables import respond
from programme.filters import filtered
from reports.filters_invii import NON_NOTO, STATI, InviiFilter
from reports.forms.invii import RipetiForm
from reports.models import Edizione, Invio
from reports.services import invii as services
from reports.services.consegna import da_curare, smarriti
from reports.services.destinatari import SEND
from reports.tables.invii import AnteprimaTable, InsiemeTable, InviiTable, each_address
from reports.views.access import found, page_of, readable, trail

OUTBOX = ("Invii", reverse_lazy("reports:invii"))
sender = permission_required(SEND, raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@sender
def invia(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who an edition goes to, with what letter; once confirmed, send it."""
    edizione = found(request, pk)
    if request.method == "POST":
        try:
            made = services.invia(
                by=request.user,
                edizione=edizione,
                destinatari=request.POST.getlist("destinatari"),
            )
        except NotNow as refused:
            return _preview(request, edizione, str(refused))
        messages.success(request, f"Invio richiesto: {_messages(made)}.")
        return redirect(f"{reverse('reports:invii')}?edizione={pk}")
    return _preview(request, edizione)


def _preview(request: HttpRequest, edizione: Edizione, refused: str = "") -> HttpResponse:
    seen = services.anteprima(edizione)
    context = {
        "titolo": "Invia il report",
        "edizione": edizione,
        "anteprima": seen,
        "rifiuto": refused if refused != seen.impedimento else "",
        "dati_esempio": edizione.esempio,
        "briciole": trail((str(edizione), edizione.get_absolute_url()), ("Invia", "")),
    }
    tables = {"destinatari": AnteprimaTable(seen.voci)}
    response = respond(request, "reports/edizione_invia.html", context, tables)
    response.status_code = NotNow.status if refused else response.status_code
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@sender
def insieme(request: HttpRequest, slug: str, periodo: str) -> HttpResponse:
    """Show who all editions of a report for a period go to; once confirmed, send them all."""
    report, refused = readable(request, slug), ""
    periodo = report.leggi(periodo).testo
    if request.method == "POST":
        try:
            made = services.invia_insieme(by=request.user, destinatari=_chosen(request))
        except NotNow as error:
            refused = str(error)
        else:
            messages.success(request, f"Invio richiesto: {_messages(made)}.")
            return redirect(f"{reverse('reports:invii')}?report={slug}")
    seen = services.anteprime(by=request.user, report=slug, periodo=periodo)
    if not seen:
        raise NotThere("Per questo periodo nessuna edizione è consolidata: pubblicarle prima.")
    title = f"{report.titolo}, {report.nome_periodo(periodo)}"
    context = {
        "titolo": f"Invia tutte le edizioni: {title}",
        "anteprime": seen,
        "totale": sum(len(item.indirizzi) for item in seen),
        "rifiuto": refused,
        "dati_esempio": any(item.edizione.esempio for item in seen),
        "briciole": trail(page_of(report), ("Invia tutte", "")),
    }
    tables = {"destinatari": InsiemeTable(list(each_address(seen)))}
    response = respond(request, "reports/invia_insieme.html", context, tables)
    response.status_code = NotNow.status if refused else response.status_code
    return response


def _chosen(request: HttpRequest) -> dict[int, list[str]]:
    """The addresses that were confirmed, by edition: each is sent as `12:a@esempio.it`."""
    found: dict[int, list[str]] = {}
    for text in request.POST.getlist("destinatari"):
        key, _, email = text.partition(":")
        if not (key.isascii() and key.isdigit() and len(key) < 10):
            raise BadInput("L'elenco dei destinatari non è leggibile: ricaricare la pagina.")
        found.setdefault(int(key), []).append(email)
    return found


def _messages(made: Sequence[Invio]) -> str:
    return "1 messaggio" if len(made) == 1 else f"{len(made)} messaggi"


@require_safe
@sender
def invii(request: HttpRequest) -> HttpResponse:
    """The outbox: every mail of the editions that the person may see."""
    narrowed = InviiFilter(request.GET, _visible(request))
    rows = filtered(narrowed)
    context = {
        "titolo": "Invii",
        "filtro": narrowed,
        "conteggi": _counts(_visible(request)),
        "da_curare": _visible(request).filter(da_curare()).count(),
        "dati_esempio": rows.filter(edizione__esempio=True).exists(),
        "briciole": trail(OUTBOX),
    }
    return respond(request, "reports/invii.html", context, {"invii": InviiTable(rows)})


def _visible(request: HttpRequest) -> QuerySet[Invio]:
    editions = Edizione.objects.visible_to(request.user).values("pk")
    rows = Invio.objects.filter(edizione__in=editions)
    return rows.select_related("edizione__provincia", "richiesto_da").defer("edizione__contenuto")


def _counts(rows: QuerySet[Invio]) -> list[dict[str, Any]]:
    """How many mails are in each state, with the name of its filter."""
    stored = rows.order_by().values_list("stato").annotate(Count("pk"))
    numbers = dict(stored.values_list("stato", "pk__count"))
    unsure = rows.filter(smarriti()).count()
    if unsure:
        numbers[NON_NOTO] = unsure
        numbers[Invio.Stato.IN_INVIO] -= unsure
    return [
        {"stato": key, "nome": name, "numero": numbers[key]}
        for key, name in STATI
        if numbers.get(key)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@sender
def ripeti(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then send a mail again."""
    invio = visible_or_404(_visible(request), user=request.user, pk=pk)
    unsure = services.ripetibile(invio)
    form = RipetiForm(request.POST if request.method == "POST" else None, incerto=unsure)
    if request.method == "POST" and form.is_valid():
        services.ripeti(by=request.user, invio=invio, forse_arrivato=unsure)
        messages.success(request, f"Invio richiesto di nuovo: {invio.email}.")
        return redirect(f"{reverse('reports:invii')}?edizione={invio.edizione_id}")
    context = {
        "titolo": "Invia di nuovo",
        "testo": _question(invio, unsure=unsure),
        "bottone": "Invia di nuovo",
        "form": form,
        "indietro": reverse("reports:invii"),
        "briciole": trail(OUTBOX, ("Invia di nuovo", "")),
    }
    return render(request, "components/modulo.html", context, status=400 if form.errors else 200)


@require_POST
@sender
def ripeti_tutti(request: HttpRequest) -> HttpResponse:
    """Send again all mails that failed and are still wanted."""
    made = services.ripeti_tutti(by=request.user)
    messages.success(request, f"Invio richiesto di nuovo: {_messages(made)}.")
    return redirect("reports:invii")


def _question(invio: Invio, *, unsure: bool) -> str:
    what = f"{invio.edizione}, n. {invio.edizione.numero_completo}, a {invio.email}."
    if unsure:
        return f"{what} {invio.errore or 'L’invio è stato interrotto: non si sa se è partito.'}"
    return f"{what} {invio.errore}"
