"""Who may open the pages of the CIGD, where they lie, and what they say of the data."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.urls import reverse

from cigd.scope import Scope
from programme.views.access import Crumb
from programme.views.access import trail as programme_trail

reader = permission_required("cigd.view_cigd", raise_exception=True)
payments_reader = permission_required("cigd.view_pagamenti", raise_exception=True)


def trail(*steps: Crumb) -> list[Crumb]:
    """The way from the home page through the CIGD down to a page, which is the last step."""
    return programme_trail(("CIGD", reverse("cigd:quadro")), *steps)


def about(counted: Scope) -> dict[str, Any]:
    """What every page says of its data: whether there are any, and whether they are examples."""
    return {"ambito": counted, "dati_esempio": counted.esempio}
