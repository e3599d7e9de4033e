"""Who may open the pages of the crises, where they lie, and what is not there for whom."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib.auth.decorators import permission_required
from django.db.models import Model, QuerySet
from django.http import Http404
from django.urls import reverse

from porfse import audit
from porfse.models import User
from programme.views.access import Crumb
from programme.views.access import trail as programme_trail

reader = permission_required("crisi.view_crisi", raise_exception=True)
procedures_reader = permission_required("crisi.view_procedure", raise_exception=True)
editor = permission_required("crisi.edit_procedure", raise_exception=True)

M = TypeVar("M", bound=Model)


def trail(*steps: Crumb) -> list[Crumb]:
    """The way from the home page through the crises down to a page, which is the last step."""
    return programme_trail(("Crisi territoriali", reverse("crisi:tavola")), *steps)


def visible_or_404(rows: QuerySet[M], *, user: User, **lookup: Any) -> M:
    """Return the one row that a person may see.

    What exists and is not his is recorded, and looks to him as if it did not exist.

    Args:
        rows: those that the person may see or change.
        lookup: what the address, or a form, asks for, as `pk=7`.

    Raises:
        Http404: there is no such row, or it is not for this person.
    """
    found = rows.filter(**lookup).first()
    if found is not None:
        return found
    if rows.model._default_manager.filter(**lookup).exists():
        record_refusal(user, oggetto=rows.model._meta.label_lower, cercato=lookup)
    raise Http404


def record_refusal(user: User, *, oggetto: str, cercato: Mapping[str, Any]) -> None:
    """Keep in the register that a person asked for what is not his.

    Args:
        oggetto: what was asked for, as `crisi.procedura`.
        cercato: by which key.
    """
    audit.record(by=user, action="accesso.negato", on=user, oggetto=oggetto, cercato=dict(cercato))
