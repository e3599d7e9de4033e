from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from porfse.accounts import has_second_factor, must_have_second_factor
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
            context = {"messaggio": str(exception)}
            return render(request, "400.html", context, status=exception.status)
        return None


class SecondFactorMiddleware:
    """A person whose role writes must set up one-time codes before anything else."""

    SESSION_KEY = "second_factor"

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR_REQUIRED and self._must_set_up(request):
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _must_set_up(self, request: HttpRequest) -> bool:
        if not request.user.is_authenticated or request.session.get(self.SESSION_KEY):
            return False
        if request.path.startswith(reverse("account_login").removesuffix("login/")):
            return False
        if not must_have_second_factor(request.user):
            return False
        if has_second_factor(request.user):
            request.session[self.SESSION_KEY] = True  # asked once a session, not once a page
            return False
        return True
