"""What may be done to accounts: authorised, in one transaction, recorded; never a deletion."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.crypto import get_random_string

from porfse import audit, roles
from porfse.administration import rules
from porfse.administration.queries import ADMINISTRATOR, administrators, is_system, slugs_of
from porfse.models import Provincia, User

MANAGE = "porfse.manage_users"
# No 0/O, 1/l/I: the password is often read out on the telephone.
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PASSWORD_LENGTH = 16


class ConflictError(Exception):
    """Someone else wrote first; `current` is the person as it stands."""

    def __init__(self, current: User) -> None:
        super().__init__("Un'altra persona ha modificato l'utenza nel frattempo.")
        self.current = current


def state_of(user: User) -> dict[str, Any]:
    """Return what an administrator may change of a person, as plain values by field."""
    return {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "ruoli": slugs_of(user),
        "provincia": user.provincia_id,
        "is_active": user.is_active,
    }


def fingerprint(user: User) -> str:
    """Return a digest of the editable state, which a form carries to tell if someone else wrote."""
    return hashlib.sha256(json.dumps(state_of(user)).encode()).hexdigest()


@dataclass(frozen=True)
class Account:
    """What an administrator decides of a person; `ruoli` by slug, any case of `email` is one."""

    email: str
    ruoli: Collection[str]
    first_name: str = ""
    last_name: str = ""
    provincia: Provincia | None = None
    is_active: bool = True

    def put_on(self, user: User) -> None:
        """Set the fields of a person, unsaved; allauth looks addresses up in lower case."""
        user.first_name, user.last_name = self.first_name, self.last_name
        user.email = self.email.lower()
        user.provincia, user.is_active = self.provincia, self.is_active


@transaction.atomic
def create_user(account: Account, *, by: User, username: str) -> User:
    """Open an account without a password; `set_temporary_password` or the Region's login follows.

    Raises:
        ValidationError: by field, in Italian.
    """
    roles.require(by, MANAGE)
    _one_writer()
    user = User(username=username)
    user.set_unusable_password()
    account.put_on(user)
    rules.check(user, account.ruoli, by=by)
    user.save()
    user.groups.set(_groups(account.ruoli))
    audit.record(by=by, action="utente.creato", on=user, username=username, **state_of(user))
    return user


@transaction.atomic
def update_user(pk: int, account: Account, *, by: User, seen: str) -> User:
    """Change a person if nobody has since the state whose `fingerprint` is `seen`.

    A deactivated person is out at the next page: the backend reads `is_active` at every request.

    Raises:
        ConflictError: somebody has.
        PermissionDenied: it is the user `sistema`.
        ValidationError: by field, in Italian.
    """
    user = _locked(pk, by=by)
    if fingerprint(user) != seen:
        raise ConflictError(user)
    before = state_of(user)
    account.put_on(user)
    rules.check(user, account.ruoli, by=by)
    user.save(update_fields=["first_name", "last_name", "email", "provincia", "is_active"])
    user.groups.set(_groups(account.ruoli))
    # Else the old address, which allauth keeps apart, would still open the door and get the resets.
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    after = state_of(user)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        audit.record(by=by, action="utente.modificato", on=user, modifiche=changed)
    return user


@transaction.atomic
def set_temporary_password(pk: int, *, by: User) -> str:
    """Give a person a random password, kept nowhere, and return it; ends the person's sessions.

    The person must choose another at the first access.

    Raises:
        PermissionDenied: it is the user `sistema`.
        ValidationError: an administrator changes his own where the old one is asked for.
    """
    user = _locked(pk, by=by)
    if user.pk == by.pk:
        raise ValidationError("La propria password si modifica da «La mia utenza».")
    password = get_random_string(PASSWORD_LENGTH, ALPHABET)
    user.set_password(password)
    user.password_provvisoria = True
    user.save(update_fields=["password", "password_provvisoria"])
    audit.record(by=by, action="utente.password_provvisoria", on=user)
    return password


@transaction.atomic
def reset_second_factor(pk: int, *, by: User) -> None:
    """Delete the one-time and recovery codes of a person who has lost the telephone.

    Sessions stay open, but a role that writes can do nothing in them until there are new codes.

    Raises:
        PermissionDenied: it is the user `sistema`.
        ValidationError: there are none, or an administrator would take away his own.
    """
    user = _locked(pk, by=by)
    if user.pk == by.pk:
        raise ValidationError("Il proprio secondo fattore si modifica da «La mia utenza».")
    deleted, _ = Authenticator.objects.filter(user=user).delete()
    if not deleted:
        raise ValidationError("Questa persona non ha un secondo fattore.")
    audit.record(by=by, action="utente.secondo_fattore_azzerato", on=user)


@transaction.atomic
def open_administrator(*, username: str, email: str, force: bool = False) -> str:
    """Open the account of an administrator, as `sistema`; return its temporary password.

    Raises:
        ValidationError: there is one already and `force` is not set, or the data are refused.
    """
    _one_writer()
    if administrators().exists() and not force:
        raise ValidationError(
            "Esiste già un amministratore attivo: le utenze si aprono da /amministrazione/utenti/. "
            "Se nessuno può più accedere, ripetere il comando con --force."
        )
    by = User.objects.sistema()
    user = create_user(Account(email, [ADMINISTRATOR]), by=by, username=username)
    return set_temporary_password(user.pk, by=by)


def _one_writer() -> None:
    """Unique names and the last administrator are checks across rows: one transaction at a time."""
    list(Group.objects.select_for_update(no_key=True).order_by("pk"))


def _locked(pk: int, *, by: User) -> User:
    roles.require(by, MANAGE)
    _one_writer()
    user = User.objects.select_for_update(no_key=True).get(pk=pk)
    if is_system(user):
        raise PermissionDenied
    return user


def _groups(ruoli: Collection[str]) -> list[Group]:
    found = list(Group.objects.filter(name__in=ruoli))
    if len(found) != len(set(ruoli)):
        raise ValidationError("Mancano dei ruoli nel database: eseguire `manage.py sync_roles`.")
    return found
