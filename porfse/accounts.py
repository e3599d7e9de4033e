"""How people come in: accounts opened by an administrator, or the Region's OpenID provider."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import LoginForm
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from porfse import audit
from porfse.models import User
from porfse.roles import roles_of


class RoleBackend(AuthenticationBackend):
    """Username or e-mail with a password; permissions come from the table of roles alone.

    A demonstration account is refused outside the demonstration.
    """

    def user_can_authenticate(self, user: AbstractBaseUser | AnonymousUser | None) -> bool:
        if isinstance(user, User) and user.demo and not settings.DEMO:
            return False
        return bool(super().user_can_authenticate(user))

    def get_user(self, user_id: int) -> User | None:
        """Return a person with the names of the roles, in one query: it is made for every page."""
        found = User.objects.with_roles().filter(pk=user_id).first()
        return found if self.user_can_authenticate(found) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        return {name for role in roles_of(user_obj) for name in role.permissions}


def name_for_axes(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """Return one name for a person, however it was written, so that failures add up."""
    given = (credentials or {}).get("username") or (credentials or {}).get("email") or ""
    if not given and request is not None:
        given = request.POST.get("login", "")
    person = User.objects.filter(Q(username__iexact=given) | Q(email__iexact=given)).first()
    return person.username if given and person else str(given).lower()


class AccessoForm(LoginForm):
    """The login, with a label in place of the text inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = "Nome utente o e-mail"
        login.widget.attrs = {"autocomplete": "username", "autocapitalize": "none"}
        del password.widget.attrs["placeholder"]


LOST = "operazione_persa"  # in the session of who sent something without being logged in
WRONG_LOGIN = "Il nome utente, l'e-mail o la password non sono corretti."


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are an administrator's to open, passwords each person's to choose."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG_LOGIN,
        "email_password_mismatch": WRONG_LOGIN,
        "enter_current_password": "La password attuale non è corretta.",
        "incorrect_password": "La password non è corretta.",
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        # allauth takes up again whom a backend refused, to show him the page of the inactive.
        user = super().authenticate(request, **credentials)
        return None if user and user.demo and not settings.DEMO else user

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Say on the page that opens now, too, that what was sent before the login is lost."""
        response = super().post_login(request, user, **how)
        if request.session.pop(LOST, False):
            messages.warning(
                request,
                "L'operazione inviata prima dell'accesso, a sessione scaduta, non è stata eseguita"
                " e nulla è stato registrato: se serve ancora, ripeterla.",
            )
        return response

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_password(self, password: str, user: User | None = None) -> str:
        if user and user.password_provvisoria and user.check_password(password):
            raise ValidationError("La nuova password deve essere diversa da quella provvisoria.")
        return super().clean_password(password, user)

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """Keep what the person has chosen, by the page or by the link sent by mail."""
        # Here and not on allauth's signals: they come after the password has been committed.
        user.set_password(password)
        user.password_provvisoria = False
        user.save(update_fields=["password", "password_provvisoria"])
        audit.record(by=user, action="utente.password_cambiata", on=user)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """The provider vouches for who somebody is; only an administrator opens an account."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False


def lacks_second_factor(user: User) -> bool:
    """Whether one of the person's roles writes, and the person has no one-time codes.

    Read at every page: who loses the codes, by whatever way, is asked for them in every session.
    """
    return (
        settings.SECOND_FACTOR_REQUIRED
        and any(role.writes for role in roles_of(user))
        and not is_mfa_enabled(user)
    )
