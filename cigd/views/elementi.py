"""One element of a sample: its payment, its verifications, what follows, who did what."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cigd import pool, verification
from cigd.checklists import lines
from cigd.forms import MotivoForm
from cigd.forms_verifiche import FattoForm, SeguitoForm, VerificaForm
from cigd.models import ElementoCampione, Verifica
from cigd.outcomes import Outcome, nothing_left
from cigd.persons import PERMISSION, reveal
from cigd.positions import payment_of
from cigd.views.access import Crumb, payments_reader, trail
from cigd.views.verifiche import SAMPLES, verifier
from porfse import money
from porfse.codes import masked
from porfse.errors import NotThere
from porfse.forms import show
from porfse.models import AuditEvent
from programme.services import Conflict

ACTIONS = {
    "verifica.registrata": "verifica registrata",
    "seguito.inserito": "seguito inserito",
    "seguito.fatto": "seguito fatto",
}


def _element(numero: int, elemento: int) -> ElementoCampione:
    """Return an element of a sample, with what its page shows.

    Raises:
        NotThere: the sample has no such element.
    """
    found = (
        ElementoCampione.objects.filter(campione=numero, pk=elemento)
        .select_related("campione", "strato")
        .prefetch_related("verifiche__seguiti", "verifiche__registrata_da")
        .first()
    )
    if found is None:
        raise NotThere("L'elemento non è di questo campione: sceglierlo dall'elenco.")
    return found


def _trail(element: ElementoCampione, *steps: Crumb) -> list[Crumb]:
    sample = element.campione
    here = (str(element), element.get_absolute_url())
    return trail(SAMPLES, (str(sample), sample.get_absolute_url()), here, *steps)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@payments_reader
def verifica(request: HttpRequest, numero: int, elemento: int) -> HttpResponse:
    """One element; who may see persons sends a reason and is shown the codice fiscale, once."""
    element = _element(numero, elemento)
    form, whole = MotivoForm(request.POST or None), ""
    if request.method == "POST" and not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        whole = reveal(
            by=request.user,
            flusso_id=element.flusso_id,
            id_pagamento=element.id_pagamento,
            reason=form.cleaned_data["motivo"],
        )
    return _page(request, element, form=form, whole=whole)


def _page(
    request: HttpRequest,
    element: ElementoCampione,
    *,
    form: MotivoForm | None = None,
    whole: str = "",
    seguito: SeguitoForm | None = None,
    fatto: tuple[int, FattoForm] | None = None,
) -> HttpResponse:
    payment = payment_of(element.flusso_id, element.id_pagamento)
    found, standing = list(element.verifiche.all()), pool.position(payment)
    may = request.user.has_perm(verification.PERMISSION)
    context = {
        "dati_esempio": element.campione.esempio,
        "elemento": element,
        "pagamento": payment,
        "importo": money.euro(payment.importo),
        "ore": money.number(payment.ore, 2),
        "posizione": standing,
        "taglio": money.euro(standing.taglio) if standing.taglio else "",
        "codice_fiscale": whole or masked(payment.codice_fiscale),
        "scoperto": bool(whole),
        "form": (form or MotivoForm()) if request.user.has_perm(PERMISSION) else None,
        "verifiche": [_shown(each, fatto, may=may) for each in found],
        "da_registrare": _to_record(found) if may else [],
        "seguito": (seguito or SeguitoForm(verifiche=found)) if may and found else None,
        "storia": _history(element),
        "briciole": _trail(element),
    }
    sent = (form, seguito, fatto[1] if fatto else None)
    wrong = any(each.errors for each in sent if each is not None)
    return render(request, "cigd/verifica.html", context, status=400 if wrong else 200)


def _shown(found: Verifica, sent: tuple[int, FattoForm] | None, *, may: bool) -> dict[str, Any]:
    """A verification for the page; each open follow-up has a form of its own, for who may."""
    forms = dict([sent] if sent else [])
    return {
        "verifica": found,
        "importo": money.euro(found.importo_irregolare) if found.importo_irregolare else "",
        "decurtazione": money.euro(found.decurtazione),
        "risposte": lines(found.tipo, found.risposte),
        "seguiti": [
            (each, forms.get(each.pk) or _done_form(each.pk) if may and not each.fatto_il else None)
            for each in found.seguiti.all()
        ],
    }


def _done_form(pk: int, data: QueryDict | None = None) -> FattoForm:
    return FattoForm(data, auto_id=f"seguito{pk}_%s")


def _to_record(found: list[Verifica]) -> list[tuple[str, str]]:
    """Kind and words of what may be recorded now: what has not ended."""
    ended = {each.tipo for each in found if each.definitiva}
    begun = {each.tipo for each in found}
    return [
        (value, f"{'Aggiorna' if value in begun else 'Registra'} la {label}")
        for value, label in Verifica.Tipo.choices
        if value not in ended
    ]


_ESITI = dict(Verifica.Esito.choices)


def _history(element: ElementoCampione) -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(
        object_type=ElementoCampione._meta.label_lower, object_id=str(element.pk)
    ).select_related("actor")
    return [
        {
            "quando": event.at,
            "chi": event.actor,
            "cosa": ACTIONS.get(event.action, event.action),
            "dettagli": _ESITI.get(event.details.get("esito")) or event.details.get("cosa") or "",
        }
        for event in events
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@payments_reader
@verifier
def registra(request: HttpRequest, numero: int, elemento: int, tipo: str) -> HttpResponse:
    """The check list of a verification and its outcome; who comes second sees both."""
    element = _element(numero, elemento)
    if tipo not in Verifica.Tipo:
        raise NotThere("Il tipo di verifica non esiste: è desk oppure in loco.")
    current = next((each for each in element.verifiche.all() if each.tipo == tipo), None)
    form = VerificaForm(request.POST or None, tipo=tipo, current=current)
    if request.method == "POST" and form.is_valid():
        try:
            verification.record(
                by=request.user,
                elemento_id=element.pk,
                tipo=tipo,
                versione=form.cleaned_data["versione"],
                outcome=form.outcome(),
            )
        except ValidationError as error:
            show(form, error)
        except Conflict as conflict:
            return _conflict(request, element, form.outcome(), conflict)
        else:
            messages.success(request, "Verifica registrata.")
            return redirect(element)
    label = Verifica.Tipo(tipo).label.capitalize()
    context = {
        "dati_esempio": element.campione.esempio,
        "form": form,
        "titolo": f"{label}: pagamento {element.id_pagamento}",
        "importo": money.euro(element.importo),
        "esaurito": nothing_left(element, tipo),
        "briciole": _trail(element, (label, "")),
    }
    status = 400 if form.errors else 200
    return render(request, "cigd/verifica_registra.html", context, status=status)


def _conflict(
    request: HttpRequest, element: ElementoCampione, mine: Outcome, conflict: Conflict
) -> HttpResponse:
    """Show what the first wrote beside what the second would have."""
    theirs: Verifica = conflict.current
    context = {
        "dati_esempio": element.campione.esempio,
        "messaggio": str(conflict),
        "elemento": element,
        "loro": theirs,
        "loro_importo": money.euro(theirs.importo_irregolare),
        "mio": mine,
        "mio_esito": Verifica.Esito(mine.esito).label,
        "mio_importo": money.euro(mine.importo_irregolare),
        "briciole": _trail(element, ("Già registrata", "")),
    }
    return render(request, "cigd/verifica_conflitto.html", context, status=409)


@require_POST
@payments_reader
@verifier
def seguito(request: HttpRequest, numero: int, elemento: int) -> HttpResponse:
    """Ask for something to be done after a verification."""
    element = _element(numero, elemento)
    form = SeguitoForm(request.POST, verifiche=list(element.verifiche.all()))
    if not form.is_valid():
        return _page(request, element, seguito=form)
    try:
        verification.ask_follow_up(by=request.user, elemento_id=element.pk, **form.cleaned_data)
    except ValidationError as error:
        show(form, error)
        return _page(request, element, seguito=form)
    messages.success(request, "Seguito inserito.")
    return redirect(element)


@require_POST
@payments_reader
@verifier
def seguito_fatto(request: HttpRequest, numero: int, elemento: int, seguito: int) -> HttpResponse:
    """Record that something was done."""
    element, form = _element(numero, elemento), _done_form(seguito, request.POST)
    if not form.is_valid():
        return _page(request, element, fatto=(seguito, form))
    try:
        verification.close_follow_up(
            by=request.user, elemento_id=element.pk, seguito_id=seguito, **form.cleaned_data
        )
    except Conflict as conflict:
        context = {"messaggio": str(conflict), "oggetto": element}
        return render(request, "programme/conflitto.html", context, status=409)
    messages.success(request, "Seguito registrato come fatto.")
    return redirect(element)
