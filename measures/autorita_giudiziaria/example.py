"""An invented flow of projects: the same for the same seed; no body in it exists.

Codici fiscali have office digits that no office bears (000), and all names say «di esempio».
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from measures.autorita_giudiziaria.models import Progetto
from measures.esempi import company_code, euro, giorno, with_another_check
from porfse.models import Comune

ROWS = 12  # the demonstration: a dozen projects
_WHOLE = 5_000_000  # euro of all projects together, about: within the endowment
_NAMED = "agente di rete"  # the function that the source names; the others are invented
_FUNZIONI = ("tutor di esempio", "mediatore di esempio", "educatore di esempio")
_FIRST = date(2020, 6, 1)
_SPAN = 300  # days over which projects are granted
_BODIES = 8_000_000  # codes of public bodies begin with an 8
_STATI = [str(state) for state in Progetto.Stato]


def projects(*, rows: int, seed: int, defects: Decimal) -> Iterator[Sequence[str]]:
    """Yield rows of `progetti-giudiziaria` without the header; about `defects` of them are wrong.

    Args:
        rows: how many.
        seed: the same seed gives the same rows.
        defects: a share from 0 to 1.
    """
    # Not for secrets: the same rows must come out again.
    draw = random.Random(seed)  # noqa: S311
    towns = _chief_towns()
    for number in range(rows):
        row = _project(draw, number, towns[number % len(towns)], rows)
        yield _spoilt(draw, row) if draw.random() < defects else row


def _chief_towns() -> list[str]:
    """A comune of each provincia, the one that bears its name."""
    rows = Comune.objects.filter(soppresso_il=None).select_related("provincia")
    named = {row.provincia_id: row.codice_istat for row in rows if row.nome == row.provincia.nome}
    others = {row.provincia_id: row.codice_istat for row in rows.order_by("-codice_istat")}
    return [code for _, code in sorted((others | named).items())]


def _project(draw: random.Random, number: int, comune: str, rows: int) -> list[str]:
    granted = _WHOLE // rows * draw.randrange(60, 120) // 100
    stato = _STATI[number % len(_STATI)]
    begun = _FIRST + timedelta(days=draw.randrange(_SPAN))
    paid = stato == Progetto.Stato.LIQUIDATO
    functions = [_NAMED, *draw.sample(_FUNZIONI, draw.randint(0, 2))]
    return [
        f"AG-ES-{number + 1:04d}",
        company_code(_BODIES + number),
        f"Ente di esempio n. {number + 1}",
        f"Progetto di esempio n. {number + 1}",
        comune,
        " | ".join(functions),
        str(draw.randrange(20, 90)) if number % 4 else "",  # of some it is not known
        stato,
        giorno(begun),
        euro(granted),
        euro(granted) if paid else "",
        giorno(begun + timedelta(days=200)) if paid else "",
    ]


def _spoilt(draw: random.Random, row: Sequence[str]) -> list[str]:
    """A row with one error, of a kind that offices meet."""
    wrong = list(row)
    match draw.randrange(4):
        case 0:
            wrong[1] = with_another_check(row[1])  # E002
        case 1:
            wrong[4] = "058091"  # E005: not in Lombardia
        case 2:
            wrong[6] = "molti"  # E021
        case _:
            wrong[9] = f"-{row[9]}"  # E003
    return wrong
