"""Pages of the administration: people, and the register of operations."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from porfse.actions import action_words
from porfse.administration import services
from porfse.administration.filters import RegistroFilter, UtentiFilter
from porfse.administration.forms import ModificaUtenzaForm, NuovaUtenzaForm
from porfse.administration.queries import condition_of, directory, is_system, named
from porfse.administration.tables import RegistroTable, UtentiTable
from porfse.administration.words import changes_of, facts_of, type_words, value_words
from porfse.errors import BadInput
from porfse.filtered import listed
from porfse.forms import show
from porfse.models import AuditEvent, User
from porfse.tables import respond

manager = permission_required(services.MANAGE, raise_exception=True)
auditor = permission_required("porfse.view_audit", raise_exception=True)
PERSON = "porfse.user"  # the type of object of operations on people
PEOPLE = ("Utenti", "/amministrazione/utenti/")
REGISTER = ("Registro delle operazioni", "/amministrazione/registro/")
# A temporary password waits to be shown in the cache alone, which forgets it by itself: the session
# is kept in the database too, and for hours.
TO_SHOW_SECONDS = 5 * 60


class Request(HttpRequest):
    user: User  # nobody is anonymous behind `permission_required`


@require_safe
@manager
def utenti(request: Request) -> HttpResponse:
    """Everyone who may come in, and who no longer may."""
    chosen = UtentiFilter(request.GET, directory())
    context = {"titolo": "Utenti", "filtro": chosen, "briciole": [PEOPLE]}
    return listed(request, "amministrazione/utenti.html", context, {"utenti": UtentiTable})


@manager
def utente_nuovo(request: Request) -> HttpResponse:
    """Open an account."""
    form = NuovaUtenzaForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_user(
                form.account(), by=request.user, username=form.cleaned_data["username"]
            )
        except ValidationError as error:
            show(form, error)
        else:
            messages.success(request, "Utenza creata: manca ancora la password provvisoria.")
            return redirect("amministrazione:utente", pk=made.pk)
    context = {"titolo": "Nuova utenza", "form": form, "briciole": [PEOPLE, ("Nuova utenza", "")]}
    status = 400 if form.errors else 200
    return render(request, "amministrazione/utente_nuovo.html", context, status=status)


@manager
def utente(request: Request, pk: int) -> HttpResponse:
    """One person: what may be changed, and what has been; who comes second is told of the first."""
    person = get_object_or_404(directory(), pk=pk)
    form = ModificaUtenzaForm(request.POST or None, person=person)
    current = None
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["visto"]
        try:
            services.update_user(pk, form.account(), by=request.user, seen=seen)
        except services.ConflictError as conflict:
            current = conflict.current
            form.data = request.POST.copy()
            form.data["visto"] = services.fingerprint(current)
        except ValidationError as error:
            show(form, error)
        else:
            messages.success(request, "Utenza aggiornata.")
            return redirect("amministrazione:utente", pk=pk)
    context = {
        **_card(person, by=request.user),
        "form": form,
        "differenze": _differences(form, current) if current else [],
    }
    events = AuditEvent.objects.filter(object_type=PERSON, object_id=str(pk))
    table = RegistroTable(events.select_related("actor"), exclude=("object_type", "object_id"))
    response = respond(request, "amministrazione/utente.html", context, {"operazioni": table})
    response.status_code = 409 if current else (400 if form.errors else 200)
    return response


@require_http_methods(["GET", "POST"])  # a HEAD would use up the one time that it is shown
@never_cache
@manager
def utente_password(request: Request, pk: int) -> HttpResponse:
    """Set a temporary password, then show it once: to reload the page makes no other."""
    person = get_object_or_404(User, pk=pk)
    place = f"password-da-mostrare:{request.session.session_key}:{pk}"
    if request.method == "POST":
        with _refusals_as_page():
            made = services.set_temporary_password(pk, by=request.user)
        cache.set(place, made, TO_SHOW_SECONDS)
        return redirect("amministrazione:utente_password", pk=pk)
    password = cache.get(place)
    if password is None or not cache.delete(place):
        messages.warning(
            request,
            "La password provvisoria si legge una volta sola, entro"
            f" {TO_SHOW_SECONDS // 60} minuti: se non è stata annotata, impostarne un'altra.",
        )
        return redirect("amministrazione:utente", pk=pk)
    context = {"password": password, **_below(person, "Password provvisoria")}
    return render(request, "amministrazione/utente_password.html", context)


@manager
def utente_secondo_fattore(request: Request, pk: int) -> HttpResponse:
    """Ask, then take the second factor away from a person who can no longer use it."""
    person = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        with _refusals_as_page():
            services.reset_second_factor(pk, by=request.user)
        messages.success(request, "Secondo fattore azzerato.")
        return redirect("amministrazione:utente", pk=pk)
    context = _below(person, "Azzeramento del secondo fattore")
    return render(request, "amministrazione/utente_secondo_fattore.html", context)


@require_safe
@auditor
def registro(request: Request) -> HttpResponse:
    """Who did what, when, to which object."""
    chosen = RegistroFilter(request.GET, AuditEvent.objects.select_related("actor"))
    context = {"titolo": REGISTER[0], "filtro": chosen, "briciole": [REGISTER]}
    return listed(request, "amministrazione/registro.html", context, {"operazioni": RegistroTable})


@require_safe
@auditor
def operazione(request: Request, pk: int) -> HttpResponse:
    """One operation with its details."""
    event = get_object_or_404(AuditEvent.objects.select_related("actor"), pk=pk)
    context = {
        "titolo": action_words(event.action),
        "evento": event,
        "chi": named(event.actor),
        "tipo": type_words(event.object_type),
        "su_utente": event.object_type == PERSON,
        "fatti": facts_of(event),
        "modifiche": changes_of(event),
        "briciole": [REGISTER, (f"Operazione {pk}", "")],
    }
    return render(request, "amministrazione/operazione.html", context)


@contextmanager
def _refusals_as_page() -> Iterator[None]:
    """For what has no form to show the refusal of a service in."""
    try:
        yield
    except ValidationError as error:
        raise BadInput(" ".join(error.messages)) from error


def _below(person: User, title: str) -> dict[str, Any]:
    """What a page below that of a person shows."""
    page = (str(person), reverse("amministrazione:utente", args=[person.pk]))
    return {"titolo": title, "persona": person, "briciole": [PEOPLE, page, (title, "")]}


def _card(person: User, *, by: User) -> dict[str, Any]:
    """What the page of a person shows beside the form; nobody changes the system's account."""
    return {
        "titolo": str(person),
        "persona": person,
        "stato": condition_of(person),
        "modificabile": not is_system(person),
        "se_stesso": person.pk == by.pk,
        "briciole": [PEOPLE, (str(person), "")],
    }


def _differences(form: ModificaUtenzaForm, current: User) -> list[tuple[str, str, str]]:
    """Label, what stands now, what this administrator wrote: only where they differ."""
    fields = form.cleaned_data
    mine = {**fields, "provincia": fields["provincia"] and fields["provincia"].pk}
    return [
        (str(form.fields[name].label), value_words(theirs), value_words(mine[name]))
        for name, theirs in services.state_of(current).items()
        if theirs != mine[name]
    ]
