"""Drafts of procedures, and what the form asks for while it is being filled in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crisi.aziende import is_person, told
from crisi.forms.procedure import TestataForm
from crisi.models import Procedura
from crisi.services import bozze as services
from crisi.views.access import editor, trail, visible_or_404
from crisi.views.procedure_modulo import LIST, refuse_anothers_draft, sent_page
from porfse import aziende as registro
from porfse.errors import BadInput


@never_cache
@require_safe
@editor
def bozze(request: HttpRequest) -> HttpResponse:
    """One's own drafts, the last one first."""
    context = {
        "titolo": "Bozze",
        "bozze": services.own(request.user),
        "briciole": trail(LIST, ("Bozze", "")),
    }
    return render(request, "crisi/procedura_bozze.html", context)


@require_POST
@editor
def bozza_salva(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Keep what is typed, now and then, without a word more than the time.

    Args:
        pk: of the procedure that is being corrected; None for a new one.
    """
    user = request.user
    procedura = None
    if pk is not None:
        procedura = visible_or_404(Procedura.objects.editable_by(user), user=user, pk=pk)
    page = sent_page(request, procedura)
    draft = services.save(
        by=user,
        dati={**page.testo.kept(), "versione": page.versione},
        pk=page.bozza,
        procedura=procedura,
    )
    context = {"bozza": draft.pk, "salvata": draft}
    return render(request, "crisi/_procedura_bozza_stato.html", context)


@require_POST
@editor
def bozza_elimina(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    refuse_anothers_draft(request.user, pk)
    services.delete(by=request.user, pk=pk)
    messages.success(request, "Bozza eliminata.")
    return redirect("crisi:bozze")


@never_cache
@require_POST
@editor
def azienda(request: HttpRequest) -> HttpResponse:
    """Say which company has a codice fiscale; sent, so that no address or log holds it."""
    try:
        code = registro.read_code(request.POST.get("codice_fiscale", ""))
    except BadInput as error:
        return render(request, "crisi/_procedura_azienda.html", {"errore": str(error)})
    user, name = request.user, ""
    found = told(code, user=user)
    if found:
        form = TestataForm(initial={"denominazione": found.denominazione}, user=user)
        name = form["denominazione"].as_widget(attrs={"hx-swap-oob": "true"})
    context = {"azienda": found, "persona": is_person(code), "campo": name}
    return render(request, "crisi/_procedura_azienda.html", context)
