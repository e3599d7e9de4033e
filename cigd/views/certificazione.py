"""Certification: the rates of the accounting years, and the batches."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST, require_safe

from cigd import certification, tasks
from cigd.certifiable import batch_rows, content_rows, waiting_rows
from cigd.forms_certificazione import AnnullaForm, LottoForm, TassoForm
from cigd.models import Lotto, TassoUE
from cigd.scope import scope
from cigd.tables_certificazione import AttesaTable, LottiTable, LottoTable, TassiTable
from cigd.views.access import about, reader, trail
from cigd.views.modulo import answer, posted, show
from porfse import money
from porfse.figures import Board
from porfse.tables import respond
from porfse.workers import start

BATCHES = ("Certificazioni", reverse_lazy("cigd:certificazioni"))
RATES = ("Tassi UE", reverse_lazy("cigd:tassi"))
certifier = permission_required(certification.PERMISSION, raise_exception=True)


@require_safe
@reader
def certificazioni(request: HttpRequest) -> HttpResponse:
    """Every batch, the latest first."""
    board = Board()
    batches = list(Lotto.objects.all())
    rows = batch_rows(board, batches)
    board.load()
    context = {
        **about(scope()),
        # Batches of examples stay readable after the real data have come.
        "dati_esempio": any(batch.esempio for batch in batches),
        "puo_certificare": request.user.has_perm(certification.PERMISSION),
        "briciole": trail(BATCHES),
    }
    return respond(request, "cigd/certificazioni.html", context, {"lotti": LottiTable(rows)})


@certifier
def nuova(request: HttpRequest) -> HttpResponse:
    """Open a batch; a task counts what would enter."""

    def write(**fields: Any) -> Lotto:
        batch = certification.prepare(by=request.user, **fields)
        start(request, partial(tasks.queue, batch))
        return batch

    return answer(
        request,
        LottoForm(posted(request)),
        write,
        done="Lotto in preparazione: l'anteprima compare fra qualche istante.",
        to=lambda batch: batch,
        titolo="Nuovo lotto di certificazione",
        testo="Il lotto raccoglie la spesa certificabile pagata entro la data della domanda, nei"
        " limiti dei massimali a quella data. Prima di certificare se ne vede l'anteprima.",
        bottone="Prepara il lotto",
        briciole=trail(BATCHES, ("Nuovo lotto", "")),
        **about(scope()),
    )


@require_safe
@reader
def certificazione(request: HttpRequest, numero: int) -> HttpResponse:
    """One batch: its preview while it waits for a decision, then what was certified."""
    people = ("creato_da", "deciso_da", "fonte")
    batch = get_object_or_404(Lotto.objects.select_related(*people), pk=numero)
    board = Board()
    content, waiting = content_rows(board, batch), waiting_rows(board, batch)
    board.load()
    may = request.user.has_perm(certification.PERMISSION)
    counted = batch.azioni.exists()
    context = {
        "lotto": batch,
        "dati_esempio": batch.esempio,
        "contato": counted,
        "in_corso": batch.in_corso,
        "tasso": f"{money.number(batch.tasso * 100, 2)}%",
        "movimenti": [row.movimento for row in batch.azioni.all() if row.movimento],
        "puo_decidere": may and batch.stato == Lotto.Stato.PRONTO,
        "puo_annullare": may and batch.stato in (Lotto.Stato.PRONTO, Lotto.Stato.IN_PREPARAZIONE),
        "impedimento": certification.why_not(batch) if batch.stato == Lotto.Stato.PRONTO else "",
        "briciole": trail(BATCHES, (str(batch), "")),
    }
    tables = (
        {"entra_tabella": LottoTable(content), "attesa": AttesaTable(waiting)} if counted else {}
    )
    return respond(request, "cigd/certificazione.html", context, tables)


@require_POST
@certifier
def conferma(request: HttpRequest, numero: int) -> HttpResponse:
    """Decide that a batch is certified; a task does it."""
    get_object_or_404(Lotto, pk=numero)
    batch = certification.decide(numero, by=request.user)
    start(request, partial(tasks.queue, batch))
    messages.success(request, "Decisione registrata: il lotto è in certificazione.")
    return redirect(batch)


@certifier
def annulla(request: HttpRequest, numero: int) -> HttpResponse:
    """Give a batch up before it is certified."""
    batch = get_object_or_404(Lotto, pk=numero)
    return answer(
        request,
        AnnullaForm(posted(request)),
        partial(certification.discard, numero, by=request.user),
        done=f"{batch} annullato.",
        to=lambda made: made,
        titolo=f"Annullamento del lotto n. {batch.pk}",
        testo="Il lotto resta leggibile, ma non si potrà più certificare: nulla cambia per i suoi"
        " pagamenti.",
        bottone="Annulla il lotto",
        briciole=trail(BATCHES, (str(batch), batch.get_absolute_url()), ("Annullamento", "")),
        dati_esempio=batch.esempio,
    )


@reader
def tassi(request: HttpRequest) -> HttpResponse:
    """The EU rate of each accounting year; the certifying authority enters them."""
    may = request.user.has_perm(certification.PERMISSION)
    form = TassoForm(posted(request)) if may else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and _rate_written(request, form):
            return redirect("cigd:tassi")
    rates = TassoUE.objects.select_related("inserito_da")
    context = {"form": form, "briciole": trail(RATES)}
    response = respond(request, "cigd/tassi.html", context, {"tassi": TassiTable(rates)})
    response.status_code = 400 if form is not None and form.errors else 200
    return response


def _rate_written(request: HttpRequest, form: TassoForm) -> bool:
    try:
        rate = certification.set_rate(by=request.user, **form.cleaned_data)
    except ValidationError as error:
        show(form, error)
        return False
    messages.success(request, f"{rate} registrato.")
    return True
