"""The procedures: their list, one of them, its history, its notes."""

from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as show
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_tables2 import RequestConfig

from crisi.filters import ProcedureFilter
from crisi.forms.procedure import NotaForm
from crisi.models import (
    AvanzamentoPAL,
    Bozza,
    Nota,
    Procedura,
    Tavolo,
    UnitaProduttiva,
    VersioneProcedura,
)
from crisi.scope import EDIT, own_provincia, sees_all
from crisi.services import history
from crisi.services import note as notes
from crisi.services.chiusi import closed_quarters
from crisi.stato import of_today
from crisi.tables.procedure import (
    AvanzamentiTable,
    ProcedureTable,
    UnitaTable,
    code_for,
    file_rows,
    with_own_sites,
)
from crisi.views.access import procedures_reader, trail, visible_or_404
from crisi.views.procedure_modulo import LIST
from porfse.errors import NotThere
from porfse.exports import export
from porfse.models import AuditEvent
from porfse.tables import respond
from programme.filters import filtered

_VERSIONS = 20  # on a page of the history


@require_safe
@procedures_reader
def procedure(request: HttpRequest) -> HttpResponse:
    """The procedures that the person may see, narrowed as the address says."""
    user = request.user
    visible = Procedura.objects.visible_to(user).select_related("azienda")
    narrowed = ProcedureFilter(request.GET, queryset=visible, all_provinces=sees_all(user))
    rows = filtered(narrowed)
    may = user.has_perm(EDIT)
    context = {
        "titolo": "Procedure",
        "filtro": narrowed,
        "puo_inserire": may,
        "bozze": Bozza.objects.filter(autore=user).count() if may else 0,
        # Examples are there in the demonstration alone.
        "dati_esempio": settings.DEMO and rows.filter(esempio=True).exists(),
        "briciole": trail(LIST),
    }
    table = ProcedureTable(with_own_sites(rows, user), prefix="procedure-")
    if kind := request.GET.get("procedure-formato"):
        RequestConfig(request, paginate=False).configure(table)
        return export(kind, "procedure", file_rows(table.data.data, user))
    return respond(request, "crisi/procedure.html", context, {"procedure": table})


def _visible(request: HttpRequest, pk: int) -> Procedura:
    rows = Procedura.objects.visible_to(request.user).select_related("azienda", "inserita_da")
    return visible_or_404(rows, user=request.user, pk=pk)


@never_cache
@require_safe
@procedures_reader
def procedura(request: HttpRequest, pk: int) -> HttpResponse:
    """One procedure with the sites that the person may see; of the others only where they are."""
    return _page(request, _visible(request, pk), NotaForm())


def _page(request: HttpRequest, found: Procedura, form: NotaForm) -> HttpResponse:
    user = request.user
    sites = list(
        UnitaProduttiva.objects.visible_to(user).filter(procedura=found).select_related("comune")
    )
    own = own_provincia(user)
    reported = (
        AvanzamentoPAL.objects.visible_to(user)
        .in_force()
        .filter(unita__procedura=found)
        .select_related("unita__comune")
        .order_by("-trimestre", "unita__codice")
    )
    context = {
        "titolo": str(found),
        "procedura": found,
        "stato": of_today(found),
        "chiusi": closed_quarters(found, user=user),
        "codice_fiscale": code_for(found.azienda.codice_fiscale, user),
        "altre": _elsewhere(found, sites),
        "tavoli": Tavolo.objects.visible_to(user).filter(procedure=found),
        "note": Nota.objects.visible_to(user).filter(procedura=found).select_related("autore"),
        "form": form if user.has_perm(notes.WRITE) else None,
        "puo_modificare": any(site.comune.provincia_id == own for site in sites),
        "dati_esempio": found.esempio,
        "briciole": trail(LIST, (str(found), "")),
    }
    tables = {"unita": UnitaTable(sites), "pal": AvanzamentiTable(list(reported))}
    response = respond(request, "crisi/procedura.html", context, tables)
    response.status_code = 400 if form.errors else response.status_code
    return response


def _elsewhere(found: Procedura, seen: list[UnitaProduttiva]) -> dict[str, Any] | None:
    """How many sites the person may not see, and in which provinces: nothing more of them."""
    others = found.unita.exclude(pk__in=[site.pk for site in seen])
    names = list(
        others.order_by("comune__provincia__nome").values_list("comune__provincia__nome", flat=True)
    )
    return {"numero": len(names), "province": list(dict.fromkeys(names))} if names else None


@require_POST
@permission_required(notes.WRITE, raise_exception=True)
@procedures_reader
def nota(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a note."""
    found, form = _visible(request, pk), NotaForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    notes.write(by=request.user, procedura_id=found.pk, testo=form.cleaned_data["testo"])
    messages.success(request, "Nota registrata.")
    return redirect(f"{found.get_absolute_url()}#note")


@never_cache
@require_safe
@procedures_reader
def storia(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what and when, the last change first; only what the person may see."""
    found = _visible(request, pk)
    told = _told(request, found)
    try:
        page = Paginator(told, _VERSIONS).page(request.GET.get("pagina", "1"))
    except (EmptyPage, PageNotAnInteger) as error:
        raise NotThere("La pagina richiesta non esiste: tornare alla prima pagina.") from error
    title = f"Storia: {found}"
    context = {
        "titolo": title,
        "procedura": found,
        "pagina": page,
        "dati_esempio": found.esempio,
        "briciole": trail(LIST, (str(found), found.get_absolute_url()), ("Storia", "")),
    }
    return show(request, "crisi/procedura_storia.html", context)


def _told(request: HttpRequest, found: Procedura) -> list[dict[str, Any]]:
    """The versions in which something that the person may see changed."""
    versions = list(
        VersioneProcedura.objects.filter(procedura=found)
        .select_related("autore", "flusso")
        .order_by("-versione")
    )
    reasons = _reasons(found)
    told = []
    for new, old in zip_longest(versions, versions[1:]):
        changed = history.changes(old, new, user=request.user)
        if changed:
            reason = reasons.get(new.versione, "")
            told.append({"versione": new, "modifiche": changed, "motivo": reason})
    return told


def _reasons(found: Procedura) -> dict[int, str]:
    """Why, for the versions of which the register says it."""
    events = AuditEvent.objects.filter(
        object_type=Procedura._meta.label_lower, object_id=str(found.pk), details__has_key="motivo"
    )
    return {
        each["versione"]: each["motivo"]
        for each in events.values_list("details", flat=True)
        if "versione" in each
    }
