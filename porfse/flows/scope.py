"""Which sources a person may load, and on whose flows he may act; pages and services ask here."""

from django.core.exceptions import PermissionDenied

from porfse.flows.source import Source, sources
from porfse.models import Flow, User
from porfse.models.people import SYSTEM_USERNAME


def loadable(user: User) -> list[Source]:
    """Return the sources that a person may load."""
    return [source for source in sources() if source.may_load(user)]


def readable(user: User) -> list[Source]:
    """Return the sources whose flows a person may meet: all, or those that he loads."""
    return sources() if user.has_perm("porfse.view_flows") else loadable(user)


def require_load(source: Source, *, by: User) -> None:
    """Let a service go on only for who may load a source; commands act as the user `sistema`.

    Raises:
        PermissionDenied: the person may not.
    """
    if by.username != SYSTEM_USERNAME and not source.may_load(by):
        raise PermissionDenied


def require_on(flow: Flow, source: Source, *, by: User) -> None:
    """Let a service go on only for who may load a flow's source, and may see this very flow.

    Raises:
        PermissionDenied: the person may not.
    """
    require_load(source, by=by)
    visible = Flow.objects.visible_to(by).filter(pk=flow.pk)
    if by.username != SYSTEM_USERNAME and not visible.exists():
        raise PermissionDenied
