"""Who may open the pages of the programme, what they read from their address, where they lie."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from porfse.errors import BadInput
from porfse.reference import chosen_date, reference_date
from programme.freshness import last_days, latest, ledger_rows
from programme.models import GRANDEZZE
from programme.progress import PERIMETERS, View
from programme.services import Conflict

Crumb = tuple[str, str]  # a name and its address; the address of the page itself is not used

reader = permission_required("programme.view_programma", raise_exception=True)


def view_of(request: HttpRequest) -> View:
    """Return the date and the perimetro that the reader has chosen; links carry them along.

    Raises:
        BadInput: either cannot be understood.
    """
    perimeter = request.GET.get("perimetro", "")
    if perimeter not in PERIMETERS:
        raise BadInput("Il perimetro richiesto non esiste: scegliere CIGD inclusa o CIGD esclusa.")
    # One query for both: how old the data are, and the usual date, which is that of the latest.
    limit = chosen_date(request, "data") or timezone.localdate()
    last = last_days(ledger_rows(limit))
    view = View(reference_date(request, default=latest(last) or limit), perimeter, last)
    request.scelte = {  # type: ignore[attr-defined]
        name: value for name in ("data", "perimetro") if (value := request.GET.get(name))
    }
    return view


def chosen(view: View) -> dict[str, Any]:
    """What a page says of the reader's choices; the perimetro in words, if it is not the usual."""
    return {"vista": view, "perimetro": PERIMETERS[view.perimetro] if view.perimetro else ""}


def trail(*steps: Crumb) -> list[Crumb]:
    """The way from the home page down to a page, which is the last step."""
    return [("Panoramica", reverse("programme:panoramica")), *steps]


def registers(request: HttpRequest, view: View, **levels: str) -> list[tuple[str, str]]:
    """Name and address of each register, narrowed to what the figures of a page sum."""
    asked = urlencode({**request.scelte, "al": view.al.isoformat(), **levels})  # type: ignore[attr-defined]
    return [
        (str(model._meta.verbose_name), f"{reverse('programme:movimenti', args=[name])}?{asked}")
        for name, model in GRANDEZZE.items()
    ]


def tells_who_came_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 409, with what stands now, to who does what somebody else has just done."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Conflict as conflict:
            context = {"messaggio": str(conflict), "oggetto": conflict.current}
            return render(request, "programme/conflitto.html", context, status=409)

    return answer
