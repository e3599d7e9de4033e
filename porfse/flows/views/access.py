"""Who may open the pages of the flows, and what all of them share."""

from typing import Any

from django.contrib.auth.decorators import permission_required, user_passes_test
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse_lazy

from porfse import audit
from porfse.flows.scope import loadable, readable
from porfse.models import Flow, User

Crumb = tuple[str, Any]  # a name and its address; that of the page itself is not used

overseer = permission_required("porfse.view_flows", raise_exception=True)
planner = permission_required("porfse.plan_flows", raise_exception=True)
INDEX: Crumb = ("Flussi", reverse_lazy("flussi:flussi"))
CALENDAR: Crumb = ("Flussi attesi", reverse_lazy("flussi:calendario"))


class Request(HttpRequest):
    user: User  # nobody is anonymous behind these decorators


def _reads(user: User | AnonymousUser) -> bool:
    if not (isinstance(user, User) and readable(user)):
        raise PermissionDenied
    return True


def _loads(user: User | AnonymousUser) -> bool:
    if not (isinstance(user, User) and loadable(user)):
        raise PermissionDenied
    return True


reader = user_passes_test(_reads)  # who sees all flows, and who may load some: his own
loader = user_passes_test(_loads)


def found(request: Request, pk: int) -> Flow:
    """Return a flow that the person may see, with its people, or answer 404.

    One that exists and is another's is recorded, and looks as if it did not exist.
    """
    flow = Flow.objects.visible_to(request.user).with_people().filter(pk=pk).first()
    if flow is not None:
        return flow
    if Flow.objects.filter(pk=pk).exists():
        audit.record(
            by=request.user, action="accesso.negato", on=request.user, oggetto="porfse.flow",
            cercato={"pk": pk},
        )  # fmt: skip
    raise Http404
