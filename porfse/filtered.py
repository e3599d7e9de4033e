"""The answer of a page that is a list and its filters."""

from collections.abc import Callable, Mapping
from typing import Any

import django_tables2 as tables
from django.http import HttpRequest, HttpResponse

from porfse.tables import respond


def listed(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    table: Mapping[str, Callable[..., tables.Table]],
) -> HttpResponse:
    """Render the rows that the filters in `context["filtro"]` let through, or export them.

    A filter that cannot be understood is shown beside its field, and no rows: those of the other
    filters would be taken for the answer.
    """
    chosen = context["filtro"]
    if chosen.is_valid():
        rows = {name: make(chosen.qs) for name, make in table.items()}
        return respond(request, template, context, rows)
    response = respond(request, template, context, {})
    response.status_code = 400
    return response
