"""The rows of a measure: the list that filters narrow, and the page of each."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from measures import listing
from measures.companies import related, same_company
from measures.misura import Misura, misura_of
from measures.models import Istanza, Passaggio
from measures.scope import Ambito, scope
from measures.tables.core import CollegateTable, IstanzeTable, PassaggiTable, company_code
from measures.views.access import about, rows_reader
from porfse import exports, money
from porfse.errors import BadInput, NotThere
from porfse.periods import italian
from porfse.tables import respond

XLSX_ROWS = 20_000


@require_safe
@rows_reader
def elenco(request: HttpRequest, slug: str) -> HttpResponse:
    """The rows that the filters in the address leave.

    Raises:
        BadInput: a filter asks for what does not exist.
    """
    found = scope(misura_of(slug))
    form = listing.FiltroForm(found.misura, request.GET or None)
    asked = _asked(form) if request.GET else listing.Richiesta()
    rows = listing.find(found, asked)
    kind = request.GET.get("elenco-formato")
    if kind:
        return _export(request, found, rows, kind, form)
    table = IstanzeTable(
        rows.righe,
        slug=slug,
        total=rows.totale,
        empty_text="Nessuna riga con questi filtri.",
        extra_columns=[(name, deepcopy(column)) for name, column in found.misura.colonne],
    )
    context = {
        **about(request, found, (f"Elenco: {found.misura.plurale}", "")),
        "form": form,
        "trovate": rows,
        "totale": money.number(rows.totale),
        "limite": money.number(listing.LIMIT),
    }
    return respond(request, "measures/elenco.html", context, {"elenco": table})


def _asked(form: listing.FiltroForm) -> listing.Richiesta:
    if not form.is_valid():
        wrong = ", ".join(str(form.fields[name].label or name) for name in form.errors)
        raise BadInput(f"Un filtro dell'elenco non è valido ({wrong}): sceglierlo dal modulo.")
    return form.asked()


def _export(
    request: HttpRequest,
    found: Ambito,
    rows: listing.Trovate,
    kind: str,
    form: listing.FiltroForm,
) -> HttpResponse | StreamingHttpResponse:
    """All the rows as CSV, or few enough as XLSX; that they were taken out is recorded."""
    misura = found.misura
    if kind not in exports.FORMATS:
        raise BadInput(f"Il formato «{kind[:20]}» non esiste: scegliere csv oppure xlsx.")
    if kind == "xlsx" and rows.totale > XLSX_ROWS:
        raise BadInput(
            f"In XLSX si esportano al massimo {money.number(XLSX_ROWS)} righe: scegliere CSV o"
            " restringere l'elenco."
        )
    criteria = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    listing.record_export(by=request.user, misura=misura, criteria=criteria)
    if kind == "xlsx":
        content = (listing.cells(misura, row) for row in rows.righe)
        return exports.export(kind, misura.slug, [listing.header(misura), *content])
    response = StreamingHttpResponse(
        listing.stream(misura, rows.righe), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{misura.slug}.csv"'
    return response


@require_safe
@rows_reader
def istanza(request: HttpRequest, slug: str, codice: str) -> HttpResponse:
    """One row: its data, what the flows made of it, where else its company stands.

    Raises:
        NotThere: there is no such row among those that count.
    """
    found = scope(misura_of(slug))
    misura = found.misura
    rows = misura.model.objects.select_related("azienda", "comune__provincia", "flusso")
    row = rows.filter(codice=codice, esempio=found.esempio).first()
    if row is None:
        raise NotThere(f"{misura.nome}: «{codice[:40]}» non esiste: si cerca dall'elenco.")
    others = same_company(misura, row)
    address = reverse("measures:elenco", args=[slug])
    context = {
        **about(request, found, (f"Elenco: {misura.plurale}", address), (codice, "")),
        "riga": row,
        "codice_fiscale": company_code(row.azienda) if row.azienda else "",
        "concesso": _euro(row.concesso),
        "liquidato": _euro(row.liquidato),
        "in_istruttoria": row.stato in misura.istruttoria,
        "avvisi": misura.notes(row, others),
        "apre_flussi": request.user.has_perm("porfse.view_flows"),
        "parte": misura.parti.get("istanza"),
    }
    tables = {
        "passaggi": PassaggiTable(_steps(misura, row)),
        "collegate": CollegateTable(related(row, misura, others, user=request.user)),
    }
    return respond(request, "measures/istanza.html", context, tables)


def _euro(amount: Decimal | None) -> str:
    return "n.d." if amount is None else money.euro(amount)


def _steps(misura: Misura, row: Istanza) -> list[dict[str, Any]]:
    """What the flows made of a row, oldest first."""
    steps = Passaggio.objects.filter(misura=misura.slug, codice=row.codice, esempio=row.esempio)
    labels = dict(misura.model.Stato.choices)  # type: ignore[attr-defined]
    return [
        {
            "data": step.data,
            "da": labels.get(step.da, "—"),
            "a": labels.get(step.a, step.a),
            "cambiati": _before(misura, step.prima),
            "flusso": str(step.flusso),
        }
        for step in steps.select_related("flusso").order_by("pk")
    ]


# The only fields of the past that a page shows: no code of a person is among them.
_SHOWN: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "concesso": ("ammesso", lambda text: money.euro(Decimal(text))),
    "liquidato": ("liquidato", lambda text: money.euro(Decimal(text))),
    "dipendenti": ("dipendenti", lambda text: money.number(int(text))),
    "data_ammissione": ("ammissione", lambda text: italian(date.fromisoformat(text))),
    "data_liquidazione": ("liquidazione", lambda text: italian(date.fromisoformat(text))),
}


def _before(misura: Misura, prima: Mapping[str, Any] | None) -> str:
    """Say what a row was before a flow, as far as pages show it."""
    if prima is None:
        return "riga nuova"
    labels = {"data_ammissione": "esito"} if prima.get("stato") in misura.istruttoria else {}
    parts = [
        f"{labels.get(name, label)} {show(prima[name])}"
        for name, (label, show) in _SHOWN.items()
        if prima.get(name) is not None
    ]
    return f"prima: {', '.join(parts)}" if parts else "—"
