"""An invented INPS flow, for the demonstration and for measuring: the same for the same seed.

Nobody in it exists: names of companies are numbered, codici fiscali are drawn. It is loaded as an
example flow (`Flow.esempio`), which never counts beside real data.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings

from porfse.codes import check_character
from porfse.models import Comune

_CONSONANTS, _MONTHS = "BCDFGLMNPRSTVZ", "ABCDEHLMPRST"
_CAPITALS = 3  # how many times more payments a comune of azione 8.6.1 has
_HOURLY = Decimal("7.25")  # euro of support for an hour, about
_RECOVERIES = Decimal("0.01")
_ODD = Decimal("0.004")  # the share of rows that bear a warning of their own


@dataclass(frozen=True)
class _Company:
    matricola: str
    nome: str
    comune: str
    decreto: str
    data_decreto: date


def payments(*, rows: int, seed: int, defects: Decimal) -> Iterator[Sequence[str]]:
    """Yield rows of `inps-cigd` without the header; about `defects` of them are wrong.

    Args:
        rows: how many.
        seed: the same seed gives the same rows.
        defects: a share from 0 to 1.
    """
    # Not for secrets: the same rows must come out again.
    draw = random.Random(seed)  # noqa: S311
    comuni = sorted(Comune.objects.filter(soppresso_il=None).values_list("codice_istat", flat=True))
    births = sorted(Comune.objects.values_list("codice_catastale", flat=True))
    weights = [1 + 60 * (code in settings.CIGD_COMUNI_861) for code in comuni]
    companies: list[_Company] = []
    before: list[str] = []
    number = 0
    while number < rows:
        if not companies or draw.random() < 0.2:
            places = draw.choices(comuni, weights)
            companies.append(_company(draw, len(companies), places[0]))
        company = draw.choice(companies[-200:])
        person = _person(draw, births)
        start = draw.randrange(22)
        for month in range(start, min(start + draw.randint(1, 4), 22)):
            if number == rows:
                break
            number += 1
            if before and draw.random() < _RECOVERIES and before[1] == "P":
                row = _recovery(draw, number, before)
            else:
                row = _payment(draw, number, company, person, month)
            before = row
            if draw.random() < _ODD:
                row = _odd(draw, row)
            yield _spoilt(draw, row) if draw.random() < defects else row


def _company(draw: random.Random, number: int, comune: str) -> _Company:
    return _Company(
        f"49{draw.randrange(10**8):08d}",
        f"Azienda di esempio n. {number + 1}",
        comune,
        str(draw.randrange(1_000, 99_999)),
        date(2020, 3, 20) + timedelta(days=draw.randrange(30)),
    )


def _person(draw: random.Random, births: Sequence[str]) -> str:
    letters = "".join(draw.choices(_CONSONANTS, k=6))
    day = draw.randint(1, 28) + 40 * draw.randint(0, 1)
    place = draw.choice(births)
    first = f"{letters}{draw.randint(55, 99)}{draw.choice(_MONTHS)}{day:02d}{place}"
    return first + check_character(first)


def _payment(
    draw: random.Random, number: int, company: _Company, person: str, month: int
) -> list[str]:
    year, index = divmod(month + 1, 12)
    competence = date(2020 + year, index + 1, 1)
    hours = draw.randint(8, 160)
    paid = max(competence, company.data_decreto) + timedelta(days=draw.randint(31, 90))
    cents = int(hours * _HOURLY * 100) + draw.randrange(100)
    return [
        f"{number:012d}",
        "P",
        "",
        person,
        company.matricola,
        company.nome,
        company.comune,
        company.decreto,
        f"{company.data_decreto:%d/%m/%Y}",
        f"{competence:%m/%Y}",
        f"{hours},00",
        f"{cents // 100},{cents % 100:02d}",
        f"{paid:%d/%m/%Y}",
    ]


def _recovery(draw: random.Random, number: int, origin: Sequence[str]) -> list[str]:
    """The whole of the payment before, or half of it, taken back two months later."""
    euros, cents = origin[11].split(",")
    amount = int(euros + cents) // draw.randint(1, 2)
    hours = int(origin[10].split(",")[0]) // 2
    day, month, year = map(int, origin[12].split("/"))
    later = date(year, month, day) + timedelta(days=60)
    row = list(origin)
    row[:3] = [f"{number:012d}", "R", origin[0]]
    row[10] = f"{hours},00"
    row[11] = f"-{amount // 100},{amount % 100:02d}"
    row[12] = f"{later:%d/%m/%Y}"
    return row


def _odd(draw: random.Random, row: Sequence[str]) -> list[str]:
    """A right row that a check remarks upon."""
    odd = list(row)
    if row[1] == "R":
        return odd
    match draw.randrange(4):
        case 0:
            odd[12] = (
                f"28/0{draw.randint(1, 9)}/2020"  # W101 or W105, if before its month or decree
            )
        case 1:
            odd[10] = "212,00"  # W102
        case 2:
            odd[11] = f"1.{draw.randint(200, 600)},50"  # W104
        case _:
            odd[4] = f"48{row[4][2:]}"  # W103, if the month has another payment
    return odd


def _spoilt(draw: random.Random, row: Sequence[str]) -> list[str]:
    """A row with one error, of a kind that offices meet."""
    wrong = list(row)
    match draw.randrange(8):
        case 0:
            wrong[3] = row[3][:15] + ("A" if row[3][15] != "A" else "B")  # E002
        case 1:
            wrong[11] = row[11].replace(",", ";")  # E003
        case 2:
            wrong[12] = "31/02/2021"  # E004
        case 3:
            wrong[6] = "058091"  # E005: not in Lombardia
        case 4:
            wrong[9] = "01/2019"  # E008
        case 5:
            wrong[4] = row[4][:9]  # E009
        case 6:
            wrong[5] = ""  # E001
        case _:
            wrong[0] = f"{int(row[0]) - 1:012d}" if row[0].strip("0") != "1" else ""  # E006
    return wrong
