"""What the invented rows of the measures share: companies and people that do not exist."""

import random
from collections.abc import Sequence
from datetime import date

from porfse.codes import check_character, is_partita_iva
from porfse.models import Comune

_CONSONANTS, _MONTHS = "BCDFGLMNPRSTVZ", "ABCDEHLMPRST"
_MOST = 10**7
# About as the firms of Lombardia are spread; every provincia has some.
_WEIGHTS = {
    "MI": 42, "BS": 12, "BG": 11, "MB": 9, "VA": 8, "CO": 5, "PV": 3, "LC": 3, "MN": 3, "CR": 2,
    "LO": 1, "SO": 1,
}  # fmt: skip


def company_code(number: int) -> str:
    """Return the code of an invented company: no office bears the digits 000."""
    first = f"{number % _MOST:07d}000"
    return next(first + digit for digit in "0123456789" if is_partita_iva(first + digit))


def person_code(draw: random.Random, births: Sequence[str]) -> str:
    """Return an invented codice fiscale, born in one of some places."""
    letters = "".join(draw.choices(_CONSONANTS, k=6))
    day = draw.randint(1, 28) + 40 * draw.randint(0, 1)
    month = draw.choice(_MONTHS)
    first = f"{letters}{draw.randint(60, 99)}{month}{day:02d}{draw.choice(births)}"
    return first + check_character(first)


class Places:
    """Draws comuni of today, more where there are more firms."""

    def __init__(self) -> None:
        self._comuni: dict[str, list[str]] = {sigla: [] for sigla in _WEIGHTS}
        rows = Comune.objects.filter(soppresso_il=None).order_by("codice_istat")
        self.births: list[str] = []
        for sigla, istat, birth in rows.values_list(
            "provincia", "codice_istat", "codice_catastale"
        ):
            self._comuni[sigla].append(istat)
            self.births.append(birth)

    def draw(self, draw: random.Random) -> str:
        """Return the ISTAT code of a comune."""
        [sigla] = draw.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        return draw.choice(self._comuni[sigla])


def euro(amount: int) -> str:
    """Return whole euro as a file has them."""
    return f"{amount},00"


def giorno(day: date | None) -> str:
    """Return a day as a file has it; empty if there is none."""
    return f"{day:%d/%m/%Y}" if day else ""


def with_another_check(code: str) -> str:
    """Return a code whose check character is wrong."""
    return code[:-1] + ("1" if code[-1] != "1" else "2")
