"""Whose territory a person sees and whose he may change: the one place where it is decided."""

from porfse.models import User

EVERYTHING = "crisi.view_regione"
EDIT = "crisi.edit_procedure"


def sees_all(user: User) -> bool:
    """Say whether a person reads every provincia: the Region does, a nucleo only its own."""
    return user.has_perm(EVERYTHING)


def own_provincia(user: User) -> str | None:
    """Return the sigla of a nucleo's provincia; None for who is not of a nucleo."""
    return user.provincia_id if user.has_perm(EDIT) else None
