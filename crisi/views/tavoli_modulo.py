"""The form of a meeting: typed, sent, compared with what somebody else wrote meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from crisi.forms.seguiti import Righe, typed
from crisi.forms.tavoli import TavoloForm, procedure_words, provinces
from crisi.models import Procedura, Seguito, Tavolo
from crisi.services import tavoli as services
from crisi.services.tavoli import Dati, Richiesta
from crisi.tables.tavoli import places
from crisi.views.access import procedures_reader, trail, visible_or_404
from crisi.views.tavoli import LIST
from porfse.forms import refusals
from porfse.models import AuditEvent
from porfse.periods import italian, moment
from programme.services import Conflict

BLANK_ROWS = 2
_NOTHING: dict[str, Any] = {}
manager = permission_required(services.MANAGE, raise_exception=True)


@dataclass
class Modulo:
    """The form with its rows; `differenze` are those with what somebody else wrote."""

    form: TavoloForm
    righe: Righe
    tavolo: Tavolo | None = None
    differenze: list[tuple[str, str, str]] = field(default_factory=list)
    autore: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@procedures_reader
@manager
def nuovo(request: HttpRequest) -> HttpResponse:
    """Record a meeting."""
    if request.method != "POST":
        blank = Righe(provinces(), valori=[_NOTHING] * BLANK_ROWS)
        return _show(request, Modulo(TavoloForm(initial={"versione": 0}), blank))
    return _sent(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@procedures_reader
@manager
def modifica(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a meeting."""
    rows = Tavolo.objects.visible_to(request.user).prefetch_related("province", "procedure")
    found = visible_or_404(rows, user=request.user, pk=pk)
    if request.method != "POST":
        return _show(request, Modulo(TavoloForm.stored(found), _standing(found), found))
    return _sent(request, found)


def _standing(tavolo: Tavolo) -> Righe:
    rows = [
        {
            "id": each.pk,
            "descrizione": each.descrizione,
            "provincia": each.provincia_id or "",
            "entro": each.entro,
        }
        for each in tavolo.seguiti.filter(fatto_il=None)
    ]
    return Righe(provinces(), valori=[*rows, _NOTHING])


def _sent(request: HttpRequest, tavolo: Tavolo | None) -> HttpResponse:
    if "aggiungi" in request.POST:
        rows = Righe(provinces(), valori=[*typed(request.POST), _NOTHING])
        return _show(request, Modulo(TavoloForm.typed(request.POST, tavolo), rows, tavolo))
    form = TavoloForm(request.POST, tavolo=tavolo)
    rows = Righe(provinces(), data=request.POST)
    page = Modulo(form, rows, tavolo)
    if not rows.is_valid() or not form.is_valid():
        return _show(request, page)
    try:
        written = _writer(request, page)()
    except ValidationError as error:
        _beside(page, error)
        return _show(request, page)
    except Conflict as conflict:
        return _conflict(request, page, conflict)
    messages.success(request, f"{written} registrato.")
    return redirect(written)


def _writer(request: HttpRequest, page: Modulo) -> Callable[[], Tavolo]:
    dati, asked = page.form.dati(), page.righe.richieste()
    if page.tavolo is None:
        return lambda: services.create(by=request.user, dati=dati, seguiti=asked)
    key = page.tavolo.pk
    return lambda: services.update(
        by=request.user,
        pk=key,
        versione=page.form.cleaned_data["versione"],
        dati=dati,
        seguiti=asked,
        tolti=page.righe.tolti(),
    )


def _beside(page: Modulo, error: ValidationError) -> None:
    """Put each refusal of the service beside its field; `1.entro` is of the second row."""
    for name, texts in refusals(error).items():
        place, dot, column = (name or "").partition(".")
        if dot:
            page.righe.show(int(place), column, texts)
        else:
            page.form.add_error(name, texts)


def _conflict(request: HttpRequest, page: Modulo, conflict: Conflict) -> HttpResponse:
    """Show both, and let the person send his own knowing of the other."""
    now: Tavolo = conflict.current
    page.differenze = _differences(now, page.form.dati(), page.righe.richieste())
    last = AuditEvent.objects.filter(
        object_type=Tavolo._meta.label_lower, object_id=str(now.pk)
    ).select_related("actor")
    event = last.order_by("-pk").first()
    page.autore = f"{event.actor}, {moment(event.at)}" if event else ""
    # What was typed stays; sent again, it stands in the place of what is stored now.
    sent = request.POST.copy()
    sent["versione"] = str(now.versione)
    page.form = TavoloForm.typed(sent, now)
    page.righe = Righe(provinces(), valori=_without_done(typed(request.POST), now))
    return _show(request, page, status=409)


def _without_done(rows: list[dict[str, Any]], now: Tavolo) -> list[dict[str, Any]]:
    """Leave out what was done or taken away meanwhile: it cannot be changed any more."""
    left = {str(key) for key in now.seguiti.filter(fatto_il=None).values_list("pk", flat=True)}
    return [each for each in rows if not each["id"] or each["id"] in left]


def _differences(now: Tavolo, mine: Dati, asked: list[Richiesta]) -> list[tuple[str, str, str]]:
    """Name of the field, what is stored, what was sent; only where they differ."""
    names = dict(provinces())
    words = {
        each.pk: procedure_words(each)
        for each in Procedura.objects.filter(pk__in=mine.procedure).select_related("azienda")
    }
    stored = now.procedure.select_related("azienda")
    every = [
        ("Tipo", now.get_tipo_display(), str(Tavolo.Tipo(mine.tipo).label)),
        ("Data", italian(now.data), italian(mine.data)),
        ("Province", places(now), ", ".join(names[each] for each in mine.province) or "tutte"),
        ("Oggetto", now.oggetto, mine.oggetto),
        ("Soggetti partecipanti", now.soggetti, mine.soggetti),
        ("Decisioni", now.decisioni, mine.decisioni),
        ("Procedure", _lines(map(procedure_words, stored)), _lines(words.values())),
        (
            "Seguiti ancora da fare",
            _lines(_told(each) for each in now.seguiti.filter(fatto_il=None)),
            _lines(_asked(each, names) for each in asked),
        ),
    ]
    return [each for each in every if each[1] != each[2]]


def _lines(texts: Any) -> str:
    return "\n".join(sorted(texts))


def _told(each: Seguito) -> str:
    return f"{each.descrizione} ({each.provincia or 'Regione'}, entro {italian(each.entro)})"


def _asked(each: Richiesta, names: dict[str, str]) -> str:
    who = names[each.provincia] if each.provincia else "Regione"
    return f"{each.descrizione} ({who}, entro {italian(each.entro)})"


def _show(request: HttpRequest, page: Modulo, *, status: int = 0) -> HttpResponse:
    found = page.tavolo
    title = f"Modifica: {found}" if found else "Nuovo tavolo"
    steps = [(str(found), found.get_absolute_url())] if found else []
    bad = page.form.errors or page.righe.errors
    context = {
        "titolo": title,
        "form": page.form,
        "righe": page.righe,
        "tavolo": found,
        "fatti": found.seguiti.exclude(fatto_il=None) if found else (),
        "differenze": page.differenze,
        "autore": page.autore,
        "dati_esempio": bool(found and found.esempio),
        "briciole": trail(LIST, *steps, ("Modifica" if found else "Nuovo tavolo", "")),
    }
    return render(
        request, "crisi/tavolo_modulo.html", context, status=status or (400 if bad else 200)
    )
