"""How people come in: accounts opened by an administrator, or the Region's OpenID provider."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

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

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        return {name for role in roles_of(user_obj) for name in role.permissions}


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """The provider vouches for who somebody is; only an administrator opens an account."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False


def must_have_second_factor(user: User) -> bool:
    """Whether one of the person's roles writes."""
    return any(role.writes for role in roles_of(user))


def has_second_factor(user: User) -> bool:
    """Whether the person has set up one-time codes."""
    return bool(is_mfa_enabled(user))
