"""From a measure to the ledger of the programme: preview, what is written, what was."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from measures.forms.movimenti import MovimentiForm
from measures.ledger.history import posted
from measures.ledger.positions import Posizione, last_days, positions
from measures.ledger.posting import PERMISSION, initiative_of, obstacle, post
from measures.misura import Misura, misura_of
from measures.scope import scope
from measures.tables.movimenti import AnteprimaTable, StoriaTable
from measures.views.access import about, reader
from porfse.figures import Board
from porfse.forms import refusals
from porfse.periods import italian
from porfse.reference import reference_date
from porfse.tables import respond
from programme.models import Iniziativa
from programme.services import Conflict


@require_http_methods(["GET", "HEAD", "POST"])
@reader
def movimenti(request: HttpRequest, slug: str) -> HttpResponse:
    """Both sums at a day, and the form that writes the difference."""
    misura = misura_of(slug)
    may_write = request.user.has_perm(PERMISSION)
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        return _write(request, misura)
    return _page(request, misura, *_positions(request, misura), may_write=may_write)


def _write(request: HttpRequest, misura: Misura) -> HttpResponse:
    initiative, found = _positions(request, misura)
    form = MovimentiForm(request.POST, al=found[0].al, positions=_writable(initiative, found)[0])
    status = 400
    if form.is_valid():
        try:
            written = post(by=request.user, misura=misura, **form.fields_of_service())
        except ValidationError as error:
            _show(form, error)
        except Conflict as conflict:
            # Asked again with what stands now, so that it can be read and confirmed.
            messages.warning(request, str(conflict))
            form, found, status = None, conflict.current, 409
        else:
            messages.success(request, _said(written))
            return redirect(
                f"{reverse('measures:movimenti', args=[misura.slug])}?data={found[0].al}"
            )
    return _page(request, misura, initiative, found, may_write=True, form=form, status=status)


def _positions(request: HttpRequest, misura: Misura) -> tuple[Iniziativa, list[Posizione]]:
    board, initiative = Board(), initiative_of(misura)
    day = reference_date(request, default=timezone.localdate())
    found = positions(board, misura, initiative, day)
    board.load()
    return initiative, found


def _page(
    request: HttpRequest,
    misura: Misura,
    initiative: Iniziativa,
    found: Sequence[Posizione],
    *,
    may_write: bool,
    form: MovimentiForm | None = None,
    status: int = 200,
) -> HttpResponse:
    al, (writable, reasons) = found[0].al, _writable(initiative, found)
    if form is None and may_write and writable:
        form = MovimentiForm(al=al, positions=writable)
    context = {
        **about(request, scope(misura), ("Movimenti nel registro", "")),
        "dati_esempio": False,  # none on this page: examples never reach the ledger
        "iniziativa": initiative,
        "al": al,
        "ostacoli": reasons,
        "puo_scrivere": may_write,
        "form": form,
    }
    tables = {"anteprima": AnteprimaTable(found), "storia": StoriaTable(posted(misura))}
    response = respond(request, "measures/movimenti.html", context, tables)
    response.status_code = status
    return response


def _writable(
    initiative: Iniziativa, found: Sequence[Posizione]
) -> tuple[list[Posizione], list[str]]:
    """What may be written on its day, and why the rest may not: each quantity by itself."""
    last = last_days(initiative)
    wanted = [each for each in found if each.da_scrivere]
    reasons = [obstacle(each, last.get(each.grandezza)) for each in wanted]
    free = [each for each, reason in zip(wanted, reasons, strict=True) if not reason]
    return free, [reason for reason in reasons if reason]


def _said(written: Sequence[Any]) -> str:
    if not written:
        return "Il registro contiene già quanto risulta dalla misura: nessun movimento scritto."
    names = ", ".join(f"{each._meta.verbose_name} al {italian(each.data)}" for each in written)
    return f"Movimenti scritti nel registro: {names}."


def _show(form: MovimentiForm, error: ValidationError) -> None:
    """Put what the service refuses beside the field that it is about; the day has none on show."""
    for name, texts in refusals(error).items():
        visible = name in form.fields and name != "al"
        form.add_error(name if visible else None, texts)
