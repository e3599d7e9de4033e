"""Single payments: search, one payment with its history, export."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_tables2 import RequestConfig

from cigd import decisions, exports, pool
from cigd.forms import MotivoForm, PersonaForm, RicercaForm
from cigd.models import Pagamento, Stato
from cigd.persons import PERMISSION, reveal
from cigd.scope import Scope, scope
from cigd.search import LIMIT, Found, find, payment_in, related, search_person, warnings_of
from cigd.tables import PagamentiTable
from cigd.views.access import about, payments_reader, trail
from porfse import money, roles
from porfse.codes import masked
from porfse.errors import BadInput
from porfse.models import User
from porfse.tables import respond

PAYMENTS = ("Pagamenti", reverse_lazy("cigd:pagamenti"))


@require_safe
@payments_reader
def pagamenti(request: HttpRequest) -> HttpResponse:
    """Payments by an exact identifier, or those of a flow, narrowed."""
    if "codice_fiscale" in request.GET:
        raise BadInput(
            "Un codice fiscale non può stare nell'indirizzo: cercarlo dal modulo della pagina, se"
            " il proprio ruolo lo prevede."
        )
    if "pagamenti-formato" in request.GET:
        raise BadInput("Per avere i pagamenti in un file usare «Esporta tutti i pagamenti».")
    counted = scope()
    form = RicercaForm(request.GET, counted=counted)
    if not form.asked():
        return _shown(request, RicercaForm(counted=counted), counted)
    if not form.is_valid():
        return _shown(request, form, counted, status=400)
    found = find(form.payments(), exact=form.exact)
    return _shown(request, form, counted, found=found, criteri=urlencode(form.criteria()))


def _shown(
    request: HttpRequest, form: RicercaForm, counted: Scope, *, status: int = 200, **more: object
) -> HttpResponse:
    found = more.pop("found", None)
    context = {
        **about(counted),
        **more,
        "form": form,
        "trovati": found,
        "limite": money.number(LIMIT),
        "persona": PersonaForm() if request.user.has_perm(PERMISSION) else None,
        "export_formats": (),  # what is shown may be a part: the export has all
        "briciole": trail(PAYMENTS),
    }
    table = PagamentiTable(found.payments if isinstance(found, Found) else [])
    response = respond(request, "cigd/pagamenti.html", context, {"pagamenti": table})
    response.status_code = status
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(PERMISSION, raise_exception=True)
def persona(request: HttpRequest) -> HttpResponse:
    """The payments of a person; the code is sent, so that no address or log holds it."""
    if request.method != "POST":
        return redirect("cigd:pagamenti")
    form, counted = PersonaForm(request.POST), scope()
    found = None
    if form.is_valid():
        found = search_person(by=request.user, codice_fiscale=form.cleaned_data["codice_fiscale"])
    table = PagamentiTable(found.payments if found else [], prefix="pagamenti-")
    RequestConfig(request, paginate=False).configure(table)
    context = {
        **about(counted),
        "form": form,
        "coperto": masked(form.cleaned_data.get("codice_fiscale", "")),
        "trovati": found,
        "limite": money.number(LIMIT),
        "pagamenti": table,
        "briciole": trail(PAYMENTS, ("Percettore", "")),
    }
    return render(request, "cigd/persona.html", context, status=200 if found else 400)


@require_safe
@payments_reader
def esporta(request: HttpRequest) -> StreamingHttpResponse:
    """All payments of the flows that count, or those that a search asks for, as a file."""
    counted = scope()
    form = RicercaForm(request.GET, counted=counted, needs_one=False)
    if not form.is_valid():
        wrong = ", ".join(str(form.fields[name].label or name) for name in form.errors)
        raise BadInput(f"Un criterio dell'esportazione non è valido ({wrong}): correggerlo.")
    exports.record(by=request.user, criteria=form.criteria(), example=counted.esempio)
    response = StreamingHttpResponse(
        exports.stream(form.payments()), content_type="text/csv; charset=utf-8"
    )
    name = "pagamenti-cigd-esempio.csv" if counted.esempio else "pagamenti-cigd.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@payments_reader
def pagamento(request: HttpRequest, flusso: int, id_pagamento: str) -> HttpResponse:
    """One payment: where it stands, its recoveries or its origin, its warnings.

    Who may see persons sends a reason and is shown the codice fiscale, once.
    """
    counted = scope()
    payment = payment_in(counted, flusso, id_pagamento)
    form = MotivoForm(request.POST or None)
    whole = ""
    if request.method == "POST":
        roles.require(request.user, PERMISSION)
    if request.method == "POST" and form.is_valid():
        whole = reveal(
            by=request.user,
            flusso_id=flusso,
            id_pagamento=id_pagamento,
            reason=form.cleaned_data["motivo"],
        )
    none = "Il pagamento di origine non è nei flussi acquisiti." if payment.tipo == "R" else ""
    may = any(map(request.user.has_perm, (decisions.CHECK, decisions.CERTIFY)))
    standing = pool.position(payment)
    against = _against_deciding(request.user, payment, standing) if may else ""
    others = PagamentiTable(related(counted, payment), empty_text=none or "Nessun recupero.")
    context = {
        **about(counted),
        **_words(payment),
        **_standing(standing),
        "segnalazioni": warnings_of(payment),
        "codice_fiscale": whole or masked(payment.codice_fiscale),
        "scoperto": bool(whole),
        "form": form if request.user.has_perm(PERMISSION) else None,
        "apre_flussi": request.user.has_perm("porfse.view_flows"),
        "decide": may and not against,
        "non_decide": against,
        "export_formats": (),
        "briciole": trail(PAYMENTS, (payment.id_pagamento, "")),
    }
    response = respond(request, "cigd/pagamento.html", context, {"collegati": others})
    response.status_code = 400 if form.errors else 200
    return response


def _words(payment: Pagamento) -> dict[str, object]:
    return {
        "pagamento": payment,
        "importo": money.euro(payment.importo),
        "ore": money.number(payment.ore, 2),
        "recupero": payment.tipo == Pagamento.Tipo.RECUPERO,
    }


def _against_deciding(user: User, payment: Pagamento, position: pool.Position) -> str:
    """Say why a person can decide nothing on a payment as it stands; empty if something."""
    if position.stato == Stato.RITIRATO:
        return "non c'è altro da decidere su un pagamento ritirato"
    withdraws = payment.tipo == Pagamento.Tipo.PAGAMENTO and user.has_perm(decisions.CERTIFY)
    if position.stato == Stato.CERTIFICATO and not withdraws:
        return (
            "la spesa certificata si riduce solo con un recupero, o con un ritiro del pagamento che"
            " decide l'Autorità di Certificazione"
        )
    return ""


def _standing(position: pool.Position) -> dict[str, object]:
    return {
        "posizione": position,
        "taglio": money.euro(position.taglio) if position.taglio else "",
        "certificato": money.euro(position.certificato),
    }
