"""What an account may not be; checked by every service that writes one."""

import re
from collections.abc import Collection, Iterator

from allauth.account.models import EmailAddress
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from porfse.administration.queries import ADMINISTRATOR, administrators
from porfse.models import User
from porfse.models.people import SYSTEM_USERNAME
from porfse.roles import BY_SLUG

# Beside which field a constraint on an expression speaks; Django would put it above the form.
FIELD_OF = {"utente_unico": "username", "email_unica": "email"}
# Without @ a name is never taken for an e-mail at login; in ASCII a letter has one lower case.
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")


def check(user: User, ruoli: Collection[str], *, by: User) -> None:
    """Refuse an account that is about to be saved with these roles, for every reason at once.

    Raises:
        ValidationError: by field, in Italian.
    """
    errors: dict[str, list] = {}
    try:
        user.full_clean(exclude=["username", "password"], validate_constraints=False)
    except ValidationError as error:
        error.update_error_dict(errors)
    for field, message in (
        *_constraints(user),
        *_username(user),
        *_email(user),
        *_roles(user, ruoli),
        *_administrators(user, ruoli, by),
    ):
        errors.setdefault(field, []).append(message)
    if errors:
        raise ValidationError(errors)


Refusals = Iterator[tuple[str, str]]


def _constraints(user: User) -> Refusals:
    for constraint in User._meta.constraints:
        try:
            constraint.validate(User, user)
        except ValidationError as error:
            yield FIELD_OF.get(constraint.name, NON_FIELD_ERRORS), str(error.message)


def _username(user: User) -> Refusals:
    if not USERNAME.fullmatch(user.username):
        yield (
            "username",
            "Usare solo lettere senza accenti, cifre, punto, trattino e trattino basso.",
        )
    if user.username.lower() == SYSTEM_USERNAME:
        yield "username", "Questo nome è riservato al sistema."


def _email(user: User) -> Refusals:
    """An address is also a way to log in: nobody else's, even where allauth keeps it apart."""
    if not user.email:
        yield "email", "Indicare un indirizzo di posta elettronica."
        return
    kept = EmailAddress.objects.exclude(user_id=user.pk).filter(email__iexact=user.email)
    if kept.exclude(user__email__iexact=user.email).exists():
        yield "email", "Questo indirizzo appartiene già a un'altra utenza."


def _roles(user: User, ruoli: Collection[str]) -> Refusals:
    if not ruoli:
        yield "ruoli", "Scegliere almeno un ruolo."
    unknown = set(ruoli) - BY_SLUG.keys()
    if unknown:
        yield "ruoli", f"Ruoli inesistenti: {', '.join(sorted(unknown))}."
    if "nucleo" in ruoli and not user.provincia_id:
        yield "provincia", "Scegliere la provincia: il Nucleo opera sul proprio territorio."
    if "nucleo" not in ruoli and user.provincia_id:
        yield (
            "provincia",
            "La provincia è solo del Nucleo: togliere la provincia o dare quel ruolo.",
        )


def _administrators(user: User, ruoli: Collection[str], by: User) -> Refusals:
    """Nobody locks himself out, and nobody locks out everyone."""
    himself = user.pk is not None and user.pk == by.pk
    if himself and ADMINISTRATOR not in ruoli:
        yield (
            "ruoli",
            "Non ci si può togliere il ruolo di amministratore: può farlo un altro amministratore.",
        )
    if himself and not user.is_active:
        yield "is_active", "Non ci si può disattivare: può farlo un altro amministratore."
    stays = user.is_active and ADMINISTRATOR in ruoli
    if not stays and list(administrators().values_list("pk", flat=True)) == [user.pk]:
        yield "__all__", "Deve restare almeno un amministratore di sistema attivo."
