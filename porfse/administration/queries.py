"""What the administrator asks about people."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from porfse.models import User
from porfse.models.people import SYSTEM_USERNAME
from porfse.roles import BY_SLUG, ROLES

ADMINISTRATOR = "amministratore"


def directory() -> QuerySet[User]:
    """Everyone, in two queries: with provincia, roles, and in `secondo_fattore` one-time codes."""
    codes = Authenticator.objects.filter(user=OuterRef("pk"))
    people = User.objects.select_related("provincia").prefetch_related("groups")
    return people.annotate(secondo_fattore=Exists(codes))


def administrators() -> QuerySet[User]:
    """Those who can still let others in."""
    return User.objects.filter(is_active=True, groups__name=ADMINISTRATOR)


def slugs_of(user: User) -> list[str]:
    """Return a person's roles in the order of the table; reads prefetched groups if there are."""
    names = {group.name for group in user.groups.all()}
    return [role.slug for role in ROLES if role.slug in names]


def labels(slugs: Iterable[str]) -> str:
    """Return roles as they are shown."""
    return ", ".join(BY_SLUG[slug].label for slug in slugs)


def named(user: User) -> str:
    """Return a person so that no two are taken for one: names are not unique, user names are."""
    name = user.get_full_name()
    return f"{name} ({user.username})" if name else user.username


def is_system(user: User) -> bool:
    """Whether it is the user in whose name commands act."""
    return user.username == SYSTEM_USERNAME


def condition_of(user: User) -> str:
    """Return the state of an account in a word."""
    if is_system(user):
        return "di sistema"
    word = "attiva" if user.is_active else "disattivata"
    return f"{word}, dimostrativa" if user.demo else word
