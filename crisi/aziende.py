"""Which registered company a nucleo is told of while it types a codice fiscale."""

from crisi.models import Procedura
from porfse import aziende
from porfse.models import Azienda, User


def is_person(code: str) -> bool:
    """Whether a codice fiscale (as `aziende.read_code` returns it) is that of a person."""
    return len(code) == 16


def told(code: str, *, user: User, esempio: bool = False) -> Azienda | None:
    """Return the company with a codice fiscale, if the person may be told that it is registered.

    The name and the eleven digits of a firm are public: the Registro delle Imprese has them. The
    sixteen characters are a person's, of whom nobody learns here that he has a procedure or a
    name in the archive, but the nucleo that works on a procedure of his.
    """
    found = aziende.find(code, esempio=esempio)
    if found is None or not is_person(code):
        return found
    own = Procedura.objects.editable_by(user).filter(azienda=found)
    return found if own.exists() else None
