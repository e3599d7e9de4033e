"""An invented flow of vouchers, for the demonstration and for measuring.

No document prints how many there were: only that about 26 M€ were programmed, and that distance
learning was admitted in the pandemic. Companies and workers do not exist; ceilings are respected.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from measures.esempi import Places, company_code, euro, giorno, person_code, with_another_check

ROWS = 3_000
_START, _PANDEMIC, _END = date(2019, 10, 1), date(2020, 3, 1), date(2021, 9, 30)
_CODES = 5_000_000  # numbers of companies other than those of the other examples
# Ceilings of the call as its document prints them: an example must not exceed them.
_WORKER, _COMPANY = 2_000, 50_000
_NEAR = 60  # one company of so many comes near its ceiling
_MISSES = 6  # amounts that do not fit before the next company comes
_AMOUNTS = (400, 600, 800, 800, 1_000, 1_200, 1_500, 2_000)
_COURSES = (
    "Sicurezza informatica", "Lavoro agile: organizzazione e strumenti", "Inglese commerciale",
    "Foglio elettronico avanzato", "Gestione della qualità", "Commercio elettronico",
    "Lettura del bilancio", "Programmazione di macchine a controllo numerico",
)  # fmt: skip
# Shares of aula, FAD and e-learning: before the pandemic, in its first months, afterwards.
_SHARES = ((92, 3, 5), (10, 60, 30), (40, 36, 24))
_MODES = ("aula", "fad", "e-learning")


@dataclass
class _Company:
    numero: int
    comune: str
    room: int  # euro that it may still have
    workers: list[str]
    had: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    misses: int = 0

    def worker(self, draw: random.Random, amount: int) -> str | None:
        """Return a worker for whom a voucher fits; None if it fits nobody."""
        free = [who for who in self.workers if self.had[who] + amount <= _WORKER]
        if self.room >= amount and free:
            return draw.choice(free)
        self.misses += 1
        return None


def vouchers(*, rows: int, seed: int, defects: Decimal) -> Iterator[Sequence[str]]:
    """Yield rows of `voucher-formazione` without the header.

    Rows that are wrong (about `defects` of `rows`) are added to the right ones.

    Args:
        rows: how many right ones.
        seed: the same seed gives the same rows.
        defects: a share from 0 to 1.
    """
    # Not for secrets: the same rows must come out again.
    draw = random.Random(seed)  # noqa: S311
    places = Places()
    company, number, made = _company(draw, places, 0), 0, 1
    while number < rows:
        amount = draw.choice(_AMOUNTS)
        worker = company.worker(draw, amount)
        if worker is None:
            if company.misses == _MISSES:
                company, made = _company(draw, places, made), made + 1
            continue
        number += 1
        row, counts = _voucher(draw, number, company, worker, amount)
        if counts:
            company.room -= amount
            company.had[worker] += amount
        yield row
        if draw.random() < defects:
            yield _spoilt(draw, row, number)


def _company(draw: random.Random, places: Places, number: int) -> _Company:
    if number % _NEAR == _NEAR // 2:
        room, staff = draw.randint(43_000, _COMPANY), 45
    else:
        room, staff = draw.randint(1_000, 12_000), draw.randint(2, 12)
    people = [person_code(draw, places.births) for _ in range(staff)]
    return _Company(_CODES + number, places.draw(draw), room, people)


def _voucher(
    draw: random.Random, number: int, company: _Company, worker: str, amount: int
) -> tuple[list[str], bool]:
    """A voucher, and whether it counts for the ceilings."""
    day = _granted(draw)
    age = (_END - day).days
    state = draw.choices(
        ("concesso", "rendicontato", "liquidato", "revocato"),
        (30, 15, 50, 5) if age > 150 else (90, 8, 0, 2),
    )[0]
    paid = day + timedelta(days=draw.randint(90, 150)) if state == "liquidato" else None
    row = [
        f"ES-FC-{number:07d}",
        company_code(company.numero),
        f"Azienda di esempio FC n. {company.numero - _CODES + 1}",
        worker,
        company.comune,
        draw.choice(_COURSES),
        _mode(draw, day),
        giorno(day),
        euro(amount),
        state,
        giorno(paid),
    ]
    return row, state != "revocato"


def _granted(draw: random.Random) -> date:
    """More vouchers in 2021, when the call was known."""
    span = (_END - _START).days
    return _START + timedelta(days=max(draw.randint(0, span), draw.randint(0, span)))


def _mode(draw: random.Random, day: date) -> str:
    period = 0 if day < _PANDEMIC else 1 if day < date(2020, 9, 1) else 2
    return draw.choices(_MODES, _SHARES[period])[0]


def _spoilt(draw: random.Random, row: Sequence[str], number: int) -> list[str]:
    """A row of its own with one error, of a kind that offices meet."""
    wrong = [f"ES-FC-E{number:07d}", *row[1:]]
    match draw.randrange(5):
        case 0:
            wrong[3] = with_another_check(row[3])  # E002
        case 1:
            wrong[4] = "058091"  # E005: not in Lombardia
        case 2:
            wrong[8] = "2500,00"  # E042
            wrong[9] = "concesso"
        case 3:
            wrong[6] = "videoconferenza"  # E001
        case _:
            wrong[0] = row[0]  # E006
    return wrong
