"""Meetings: their list, one of them, and what it asked for."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from crisi.filters_tavoli import TavoliFilter
from crisi.forms.seguiti import FattoForm, RiapriForm
from crisi.models import Seguito, Tavolo
from crisi.scope import own_provincia, sees_all
from crisi.services import seguiti as services
from crisi.services.tavoli import MANAGE
from crisi.tables.lavoro import distance
from crisi.tables.tavoli import TavoliTable, places
from crisi.tavoli import compared, counted, follow_ups, linked_procedures
from crisi.views.access import procedures_reader, record_refusal, trail, visible_or_404
from porfse.figures import Board
from porfse.tables import respond
from programme.filters import filtered
from programme.views.access import tells_who_came_first

LIST = ("Tavoli", reverse_lazy("crisi:tavoli"))


@require_safe
@procedures_reader
def tavoli(request: HttpRequest) -> HttpResponse:
    """The meetings that the person may read, held and called."""
    user, board = request.user, Board()
    narrowed = TavoliFilter(request.GET, Tavolo.objects.visible_to(user))
    rows = counted(filtered(narrowed), user, timezone.localdate()).prefetch_related("province")
    published = compared(user, board)
    board.load()
    context = {
        "titolo": "Tavoli",
        "filtro": narrowed,
        "pubblicati": published,
        # Examples are there in the demonstration alone.
        "dati_esempio": settings.DEMO and rows.filter(esempio=True).exists(),
        "solo_propri": not sees_all(user),
        "puo_inserire": user.has_perm(MANAGE),
        "briciole": trail(LIST),
    }
    return respond(request, "crisi/tavoli.html", context, {"tavoli": TavoliTable(rows)})


@require_safe
@procedures_reader
def tavolo(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting: what was said, what it asked for, the procedures it spoke of."""
    return _page(request, _visible(request, pk))


def _visible(request: HttpRequest, pk: int) -> Tavolo:
    rows = Tavolo.objects.visible_to(request.user).select_related("inserito_da")
    return visible_or_404(rows, user=request.user, pk=pk)


def _page(request: HttpRequest, found: Tavolo, sent: tuple[int, Any] | None = None) -> HttpResponse:
    """Show a meeting; `sent` is the follow-up whose form came back with errors, and the form."""
    user, oggi = request.user, timezone.localdate()
    context = {
        "titolo": str(found),
        "tavolo": found,
        "province": places(found),
        "seguiti": [_row(each, request, sent) for each in follow_ups(found, user)],
        "procedure": linked_procedures(found, user),
        "solo_propri": not sees_all(user),
        "futuro": distance((found.data - oggi).days) if found.data >= oggi else "",
        "puo_modificare": user.has_perm(MANAGE),
        "dati_esempio": found.esempio,
        "briciole": trail(LIST, (str(found), "")),
    }
    return render(request, "crisi/tavolo.html", context, status=400 if sent else 200)


def _row(each: Seguito, request: HttpRequest, sent: tuple[int, Any] | None) -> dict[str, Any]:
    oggi, form = timezone.localdate(), None
    if services.may_act(request.user, each):
        if sent and sent[0] == each.pk:
            form = sent[1]
        elif each.fatto_il:
            form = RiapriForm(auto_id=f"seguito{each.pk}_%s")
        else:
            form = FattoForm(initial={"giorno": oggi}, auto_id=f"seguito{each.pk}_%s")
    return {
        "seguito": each,
        "form": form,
        "quando": "" if each.fatto_il else distance((each.entro - oggi).days),
        "chi": each.provincia or "Regione",
        "proprio": each.provincia_id == own_provincia(request.user),
    }


@require_POST
@procedures_reader
@tells_who_came_first
def seguito(request: HttpRequest, pk: int, seguito: int) -> HttpResponse:
    """Mark a follow-up as done, or as open again."""
    found = _visible(request, pk)
    each = found.seguiti.filter(pk=seguito).first()
    if each is None:
        raise Http404
    if not services.may_act(request.user, each):
        record_refusal(request.user, oggetto="crisi.seguito", cercato={"pk": seguito})
        raise Http404
    back, auto_id = "riapri" in request.POST, f"seguito{seguito}_%s"
    form = (RiapriForm if back else FattoForm)(request.POST, auto_id=auto_id)
    write = services.reopen if back else services.mark_done
    if form.is_valid():
        try:
            write(by=request.user, seguito_id=seguito, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            done = "di nuovo da fare" if back else "fatto"
            messages.success(request, f"Seguito segnato come {done}: {each}.")
            return redirect(found)
    return _page(request, found, (seguito, form))
