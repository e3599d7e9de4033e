"""Companies, found by their codice fiscale or made: one row for each, whatever area meets it."""

import unicodedata

from porfse.codes import is_codice_fiscale, is_partita_iva
from porfse.errors import BadInput
from porfse.models import Azienda


def read_code(text: str) -> str:
    """Return a company's codice fiscale in capitals, without spaces.

    Raises:
        BadInput: it is neither a firm's eleven digits nor a person's sixteen characters, or its
            check character is wrong.
    """
    code = "".join(text.split()).upper()
    if is_partita_iva(code) or is_codice_fiscale(code):
        return code
    if len(code) in {11, 16}:
        raise BadInput(
            "Il codice fiscale non è corretto: il carattere di controllo non torna. Ricontrollarlo."
        )
    raise BadInput(
        "Il codice fiscale di un'azienda ha 11 cifre, o 16 caratteri se è di una persona:"
        f" qui ne ha {len(code)}."
    )


def find(codice_fiscale: str, *, esempio: bool = False) -> Azienda | None:
    """Return the company with a codice fiscale, if it is known."""
    return Azienda.objects.filter(codice_fiscale=codice_fiscale, esempio=esempio).first()


def same_name(first: str, second: str) -> bool:
    """Say whether two names are the same but for capitals, accents, points and spaces."""
    return _letters(first) == _letters(second)


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in plain if character.isalnum())


def found_or_made(codice_fiscale: str, denominazione: str, *, esempio: bool = False) -> Azienda:
    """Return the company with a codice fiscale, made if it is new; a known one keeps its name.

    Two who make the same at once get the same row.

    Args:
        codice_fiscale: as `read_code` returns it.
        denominazione: only used for a new one.
    """
    company, _ = Azienda.objects.get_or_create(
        codice_fiscale=codice_fiscale, esempio=esempio, defaults={"denominazione": denominazione}
    )
    return company
