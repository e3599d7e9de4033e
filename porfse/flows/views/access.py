"""Who may open the pages of the flows, and what all of them share."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from kombu.exceptions import OperationalError

from porfse import tasks
from porfse.flows.source import Source, sources
from porfse.models import Flow, User

Crumb = tuple[str, Any]  # a name and its address; that of the page itself is not used

reader = permission_required("porfse.view_flows", raise_exception=True)
planner = permission_required("porfse.plan_flows", raise_exception=True)
INDEX: Crumb = ("Flussi", reverse_lazy("flussi:flussi"))
CALENDAR: Crumb = ("Flussi attesi", reverse_lazy("flussi:calendario"))


class Request(HttpRequest):
    user: User  # nobody is anonymous behind `permission_required`


def found(pk: int) -> Flow:
    """Return a flow with its people, or answer 404."""
    return get_object_or_404(Flow.objects.with_people(), pk=pk)


def loadable(user: User) -> list[Source]:
    """Return the sources that a person may load."""
    return [source for source in sources() if user.has_perm(source.permission)]


def start(request: HttpRequest, flow: Flow) -> None:
    """Give a flow to a worker; if the workers cannot be told, say that they will find it."""
    try:
        tasks.queue(flow)
    except OperationalError:
        messages.warning(
            request,
            "Il servizio di elaborazione non risponde: il lavoro è registrato e inizierà da solo"
            " entro pochi minuti dal suo ripristino.",
        )
