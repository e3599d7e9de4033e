"""Addresses of the administration, and what its forms send."""

from porfse.administration import services
from porfse.models import User

USERS = "/amministrazione/utenti/"
NEW = f"{USERS}nuovo/"
REGISTER = "/amministrazione/registro/"


def page_of(person: User) -> str:
    return f"{USERS}{person.pk}/"


def new(**changes: object) -> dict[str, object]:
    data = {
        "username": "mario.rossi",
        "first_name": "Mario",
        "last_name": "Rossi",
        "email": "Mario.Rossi@esempio.invalid",
        "ruoli": ["lettore"],
        "provincia": "",
    }
    return data | changes


def edit(person: User, **changes: object) -> dict[str, object]:
    """What the form of a person sends if nothing but `changes` is touched."""
    state = services.state_of(person)
    return {
        **state,
        "first_name": state["first_name"] or "Nome",
        "provincia": state["provincia"] or "",
        "visto": services.fingerprint(person),
        **changes,
    }


def errors(response, field: str) -> list[str]:
    return response.context["form"].errors.get(field, [])
