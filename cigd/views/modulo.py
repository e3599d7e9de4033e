"""A page with one form: what a service refuses stands beside the field that it is about."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from porfse.forms import show
from programme.services import Act

TEMPLATE = "components/modulo.html"


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, also if it is nothing; None if the form is asked for."""
    return request.POST if request.method == "POST" else None


def answer(
    request: HttpRequest,
    form: forms.Form,
    write: Callable[..., Any],
    *,
    done: str | Callable[[Any], str],
    to: Callable[[Any], Any],
    **context: Any,
) -> HttpResponse:
    """Show a form, or write what it says and go on.

    Args:
        write: the service, called with the fields of the form; `conferma` is not one of them.
        done: what is said when it is written, or what says it of what the service returned.
        to: where to go then, from what the service returned.
        context: `titolo`, `bottone`, `briciole`, `testo` of the page.
    """
    if request.method == "POST" and form.is_valid():
        try:
            made = write(**_fields(form))
        except ValidationError as error:
            show(form, error)
        else:
            messages.success(request, done if isinstance(done, str) else done(made))
            return redirect(to(made))
    status = 400 if form.errors else 200
    return render(request, TEMPLATE, {"form": form, **context}, status=status)


def _fields(form: forms.Form) -> dict[str, Any]:
    fields = dict(form.cleaned_data)
    fields.pop("conferma", None)
    if "atto_tipo" in fields:
        act = (fields.pop(name) for name in ("atto_tipo", "atto_numero", "atto_data"))
        fields["atto"] = Act(*act)
    return fields
