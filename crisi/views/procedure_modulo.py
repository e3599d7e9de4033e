"""The entry form of a procedure: typed, kept as a draft, sent, compared with what others wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crisi.duplicates import Duplicate
from crisi.forms.conflitto import chosen, differences
from crisi.forms.modulo import Modulo
from crisi.forms.testo import Testo, as_read, standing
from crisi.models import Bozza, Procedura, UnitaProduttiva, VersioneProcedura
from crisi.scope import own_provincia
from crisi.services import bozze
from crisi.services import procedure as services
from crisi.views.access import editor, record_refusal, trail, visible_or_404
from porfse.errors import BadInput, NotThere
from porfse.models import User
from programme.services import Conflict

LIST = ("Procedure", reverse_lazy("crisi:procedure"))
_TEMPLATE = "crisi/procedura_modulo.html"


@dataclass
class Page:
    """The form as it was asked for, or as it came back.

    Attributes:
        procedura: the one that is corrected; None for a new one.
        versione: the one that the person has read; 0 for a new one.
        bozza: key of the draft that what is typed belongs to.
    """

    request: HttpRequest
    procedura: Procedura | None
    testo: Testo
    versione: int = 0
    bozza: int | None = None

    def modulo(self, *, sent: bool = False) -> Modulo:
        return Modulo(self.testo, user=self.request.user, procedura=self.procedura, sent=sent)

    def answer(self, modulo: Modulo, *, status: int = 200, **more: Any) -> HttpResponse:
        procedura = self.procedura
        title = f"Modifica: {procedura}" if procedura else "Nuova procedura"
        steps = [(str(procedura), procedura.get_absolute_url())] if procedura else []
        context = {
            "titolo": title,
            "modulo": modulo,
            "comuni": modulo.comuni.own(),
            "procedura": procedura,
            "versione": self.versione,
            "bozza": self.bozza,
            "salva_bozza": draft_url(procedura),
            "dati_esempio": procedura is not None and procedura.esempio,
            "briciole": trail(LIST, *steps, ("Modifica" if procedura else "Nuova", "")),
            **more,
        }
        return render(self.request, _TEMPLATE, context, status=status)


def draft_url(procedura: Procedura | None) -> str:
    """Where the page sends its draft by itself."""
    if procedura is None:
        return reverse("crisi:bozza_salva")
    return reverse("crisi:bozza_salva_modifica", args=[procedura.pk])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@editor
def nuova(request: HttpRequest) -> HttpResponse:
    """Enter a procedure; `?bozza=3` goes on with a draft."""
    if request.method == "POST":
        return _received(sent_page(request, None))
    draft = _draft(request, None)
    testo = Testo.from_draft(draft.dati) if draft else Testo.blank()
    page = Page(request, None, testo, bozza=draft.pk if draft else None)
    return page.answer(page.modulo())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@editor
def modifica(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a procedure and the own sites; what others changed meanwhile is shown."""
    user = request.user
    procedura = visible_or_404(
        Procedura.objects.editable_by(user).select_related("azienda"), user=user, pk=pk
    )
    if procedura.stato == Procedura.Stato.RITIRATA:
        messages.warning(request, "La procedura è ritirata: per correggerla va prima riaperta.")
        return redirect(procedura)
    if request.method == "POST":
        return _received(sent_page(request, procedura))
    draft = _draft(request, procedura)
    testo = Testo.from_draft(draft.dati) if draft else standing(procedura, user=user)
    versione = draft.dati["versione"] if draft else procedura.versione
    page = Page(request, procedura, testo, versione, draft.pk if draft else None)
    return page.answer(page.modulo())


def _draft(request: HttpRequest, procedura: Procedura | None) -> Bozza | None:
    asked = request.GET.get("bozza")
    if not asked:
        return None
    own = Bozza.objects.filter(autore=request.user, procedura=procedura)
    return visible_or_404(own, user=request.user, pk=number(asked))


def number(text: str) -> int:
    """Read a key or a count that only a form of ours sends.

    Raises:
        Http404: it is not one.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def sent_page(request: HttpRequest, procedura: Procedura | None) -> Page:
    """Read what was sent; sites that are not the person's are not there.

    Raises:
        BadInput: it is not what the form sends.
        Http404: it names a site, or a draft, of somebody else.
    """
    data, user = request.POST, request.user
    testo = Testo.sent(data)
    draft = data.get("bozza", "")
    page = Page(request, procedura, testo, bozza=number(draft) if draft else None)
    if page.bozza is not None:
        refuse_anothers_draft(user, page.bozza)
    if procedura is not None:
        page.versione = number(data.get("versione", ""))
    _own_sites_only(user, procedura, [row["id"] for row in testo.righe if row["id"]])
    if procedura is not None and any(name.startswith("scelta-") for name in data):
        page.testo = chosen(testo, standing(procedura, user=user), data.dict())
    return page


def refuse_anothers_draft(user: User, pk: int) -> None:
    """Record that a person named the draft of another; one that is gone is nobody's."""
    if Bozza.objects.filter(pk=pk).exclude(autore=user).exists():
        visible_or_404(Bozza.objects.filter(autore=user), user=user, pk=pk)


def _own_sites_only(user: User, procedura: Procedura | None, keys: Sequence[str]) -> None:
    """Refuse a form that names a site which the person has never been shown in this procedure."""
    rows = UnitaProduttiva.objects.editable_by(user).filter(procedura=procedura)
    own = {str(key) for key in rows.values_list("pk", flat=True)} if keys else set()
    for key in {*keys} - own:
        # It may have been taken away since: then the person is told, and chooses.
        seen = [{"id": number(key), "provincia": own_provincia(user)}]
        kept = VersioneProcedura.objects.filter(
            procedura=procedura, contenuto__unita__contains=seen
        )
        if not kept.exists():
            visible_or_404(rows, user=user, pk=number(key))


def _received(page: Page) -> HttpResponse:
    """Do what the pressed button says."""
    action, _, which = page.request.POST.get("azione", "invia").partition("-")
    match action:
        case "invia" | "distinta" | "unisci":
            return _send(page, join=number(which) if action == "unisci" else None)
        case "aggiungi":
            page.testo.add_row()
            return _focused(page, -1)
        case "togli":
            page.testo.remove_row(number(which))
            return _focused(page, 0)
        case "ripristina":
            page.testo.restore_row(number(which))
            return _focused(page, number(which))
        case "bozza":
            draft = bozze.save(
                by=page.request.user,
                dati={**page.testo.kept(), "versione": page.versione},
                pk=page.bozza,
                procedura=page.procedura,
            )
            messages.success(page.request, "Bozza salvata: la ritrova nell'elenco delle bozze.")
            return redirect(f"{page.request.path}?bozza={draft.pk}")
        case _:
            raise BadInput("Il comando richiesto non esiste: usare i pulsanti della pagina.")


def _focused(page: Page, row: int) -> HttpResponse:
    """Show the form with the cursor in a row, so that typing goes on there."""
    modulo = page.modulo()
    if modulo.righe:
        place = modulo.righe[row if row < len(modulo.righe) else -1]
        place.fields["comune"].widget.attrs["autofocus"] = True
    return page.answer(modulo)


def _send(page: Page, *, join: int | None) -> HttpResponse:
    modulo = page.modulo(sent=True)
    if not modulo.is_valid():
        return page.answer(modulo, status=400)
    try:
        written = _write(page, modulo, join=join)
    except ValidationError as error:
        modulo.show(error)
        return page.answer(modulo, status=400)
    except Duplicate as duplicate:
        asked = page.request.POST.get("azione") == "distinta"
        more = {"simili": duplicate.found, "motivo_mancante": asked}
        return page.answer(modulo, status=409, **more)
    except Conflict as conflict:
        return _conflict(page, modulo, conflict.current)
    messages.success(page.request, _done(page, join=join))
    if Procedura.objects.visible_to(page.request.user).filter(pk=written.pk).exists():
        return redirect(written)
    messages.info(
        page.request,
        f"{written} non ha più unità della propria provincia: resta agli altri Nuclei, e non è"
        " più nell'elenco.",
    )
    return redirect("crisi:procedure")


def _write(page: Page, modulo: Modulo, *, join: int | None) -> Procedura:
    testata, siti = modulo.dati()
    said = {"by": page.request.user, "testata": testata, "siti": siti, "bozza": page.bozza}
    if join is not None:
        try:
            return services.add_sites(pk=join, **said)
        except NotThere:
            looked_for = {"oggetto": "crisi.procedura", "cercato": {"pk": join}}
            record_refusal(page.request.user, **looked_for)
            raise
    said["distinta"] = page.request.POST.get("motivo_doppione", "").strip()[:300]
    if page.procedura is None:
        return services.create(**said)
    return services.update(
        pk=page.procedura.pk, versione=page.versione, tolte=modulo.tolte(), **said
    )


def _done(page: Page, *, join: int | None) -> str:
    if join is not None:
        return "Le proprie unità sono state aggiunte alla procedura già registrata."
    return "Procedura modificata." if page.procedura else "Procedura registrata."


def _conflict(page: Page, modulo: Modulo, current: Procedura) -> HttpResponse:
    """Show what stands beside what was typed; nothing typed is lost, nothing is overwritten."""
    user = page.request.user
    mine, now = modulo.canonico(), standing(current, user=user)
    read = as_read(current, page.versione, user=user)
    found = differences(mine, now, read)
    sent = {row["id"] for row in mine.righe} | {row["id"] for row in (read or now).righe}
    # After those that were sent: their places are the names of the choices.
    new = [row for row in now.righe if row["id"] not in sent]
    page.testo = Testo(mine.testata, [*mine.righe, *new])
    page.versione = current.versione
    last = current.versioni.select_related("autore").first()
    more = {"differenze": found, "ultima": last, "nuove": len(new)}
    return page.answer(page.modulo(), status=409, **more)
