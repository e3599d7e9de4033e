from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    QueryDict,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRefresh

from porfse.accounts import LOST, lacks_second_factor
from porfse.errors import BadInput

Handler = Callable[[HttpRequest], HttpResponse]


class LoginMiddleware(LoginRequiredMiddleware):
    """Asks who is not logged in to do so; an operation that is lost by it is not lost in silence.

    Many addresses answer to a button alone: after the login they would open on nothing. So it leads
    back to the page with the button, where the account says once more that nothing was recorded.
    """

    SAFE = ("GET", "HEAD", "OPTIONS")
    SAID = (
        "Sessione scaduta: l'operazione non è stata eseguita. Dopo l'accesso si torna alla pagina"
        " da cui è partita, per ripeterla."
    )

    UNSAVED = (
        "Sessione scaduta: non è stato salvato. Copiare quanto scritto dopo l'ultimo salvataggio,"
        " prima di accedere di nuovo."
    )

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        reads, in_part = request.method in self.SAFE, "HX-Request" in request.headers
        if in_part:  # of a page, into which the page of the login must not come
            return HttpResponseClientRefresh() if reads else HttpResponse(self.UNSAVED, status=401)
        if reads:
            return super().handle_no_permission(request, view_func)
        messages.warning(request, self.SAID)
        request.session[LOST] = True
        return redirect_to_login(_page_before(request), self.get_login_url(view_func))


def _page_before(request: HttpRequest) -> str:
    """The page of this site that sent the request, else the first page."""
    page = request.headers.get("Referer", "")
    ours = {request.get_host()}
    if not url_has_allowed_host_and_scheme(page, ours, require_https=request.is_secure()):
        return resolve_url("inizio")
    parts = urlsplit(page)
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


class BadInputMiddleware:
    """Shows a BadInput, and a method that an address does not answer to, as pages with words."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response["Allow"]  # the standard asks for it
        return page

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, BadInput):
            # What was chosen is what could not be understood: no link must bring it along.
            request.GET = QueryDict()
            context = {"messaggio": str(exception), "stato": exception.status}
            return render(request, "400.html", context, status=exception.status)
        return None


class FirstAccessMiddleware:
    """Sends a person to what comes before anything else: an own password, then one-time codes.

    Pages open to all stay open: the way out and the reset of a password by mail are among them.
    """

    PASSWORD = "account_change_password"  # noqa: S105

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if not user.is_authenticated or not match or not getattr(view, "login_required", True):
            return None
        if user.password_provvisoria:
            if match.view_name == self.PASSWORD:
                return None
            return redirect_to_login(request.get_full_path(), self.PASSWORD)
        if not match.view_name.startswith(("account_", "mfa_")) and lacks_second_factor(user):
            return redirect("mfa_activate_totp")
        return None
