from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from porfse.accounts import lacks_second_factor
from porfse.errors import BadInput

Handler = Callable[[HttpRequest], HttpResponse]


class BadInputMiddleware:
    """Shows a BadInput as a page with its status and message."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, BadInput):
            # What was chosen is what could not be understood: no link must bring it along.
            request.GET = QueryDict()
            context = {"messaggio": str(exception)}
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
