"""An invented flow of applications that meets every published total of 21.10.2021.

What the document prints is met exactly; what it does not (dates, provinces, who was paid) is
invented. The grid of the call gives 7.500, 10.500, 15.000 and 22.500 euro, and so:

- micro: 264 × 7.500 = 1.980.000, and grandi: 25 × 22.500 = 562.500, as printed;
- piccole span four steps: 14 × 7.500 + 126 × 10.500 + 104 × 15.000 + 80 × 22.500 = 4.788.000;
- medie are 151 and 3.375.000 is 150 × 22.500: here 148 × 22.500 + 3 × 15.000, three companies
  being granted less than the grid, which the check remarks upon (W402).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from measures.esempi import Places, company_code, euro, giorno, with_another_check

ROWS = 1_001  # of the published figures; more repeat them with other companies
DAY = date(2021, 10, 21)
_OPEN, _ADDENDUM = date(2020, 1, 20), date(2020, 4, 2)
# Size of the company, employees from and to, euro granted, how many.
_BENEFICIARIES = (
    (3, 9, 7_500, 264),
    (10, 10, 7_500, 14), (11, 20, 10_500, 126), (21, 30, 15_000, 104), (31, 49, 22_500, 80),
    (50, 249, 22_500, 148), (50, 90, 15_000, 3),
    (250, 900, 22_500, 25),
)  # fmt: skip
_WITH_ADDENDUM = 379  # of 764
_SECTORS = {"46": 62, "62": 60, "70": 46, "88": 45, "63": 41, "25": 37}
# The other companies: divisions none of which comes near the sixth printed one, or not told.
_OTHERS = (
    "10", "13", "14", "15", "16", "18", "20", "22", "26", "27", "28", "33", "41", "43", "45", "47",
    "49", "52", "55", "56", "58", "61", "64", "66", "68", "69", "71", "72", "73", "74", "77", "78",
    "82", "85", "86", "",
)  # fmt: skip
_LOST = {"rinunciata": 87, "decaduta": 33}  # printed together: 120
_NOT_ADMITTED = {"non_ammessa": 98, "presentata": 19}  # 1.001 − 884
_PAID = 512  # of 764: invented, the document does not say
_ADMITTED_IN_OCTOBER = 34  # of 764: «oltre 700» were admitted at 30.09.2021
_AGAIN = 60  # of the other applications, those of companies that are beneficiaries
_GRID = ((10, 7_500), (20, 10_500), (30, 15_000))


@dataclass(frozen=True)
class _Domanda:
    azienda: int
    comune: str
    ateco: str
    dipendenti: int
    addendum: bool
    stato: str
    presentata: date
    concesso: int | None = None
    liquidato: int | None = None
    ammessa: date | None = None
    pagata: date | None = None
    azione_a: bool = True

    def row(self, number: int) -> list[str]:
        return [
            f"ES-SW-{number:06d}",
            company_code(self.azienda),
            f"Azienda di esempio n. {self.azienda}",
            self.comune,
            self.ateco,
            str(self.dipendenti),
            "SN"[not self.addendum],
            "SN"[not self.azione_a],
            "SN"[number % 5 == 0],
            self.stato,
            giorno(self.presentata),
            "" if self.concesso is None else euro(self.concesso),
            "" if self.liquidato is None else euro(self.liquidato),
            giorno(self.ammessa),
            giorno(self.pagata),
        ]


def applications(*, rows: int, seed: int, defects: Decimal) -> Iterator[Sequence[str]]:
    """Yield rows of `domande-smart-working` without the header.

    The published totals come out with 1,001 rows; other numbers repeat them, or stop earlier. Rows
    that are wrong (about `defects` of `rows`) are added, so that what is accepted stays exact.

    Args:
        rows: how many right ones.
        seed: the same seed gives the same rows.
        defects: a share from 0 to 1.
    """
    # Not for secrets: the same rows must come out again.
    draw = random.Random(seed)  # noqa: S311
    places = Places()
    done = 0
    while done < rows:
        for domanda in _published(draw, places, first=done)[: rows - done]:
            done += 1
            row = domanda.row(done)
            yield row
            if draw.random() < defects:
                yield _spoilt(draw, row, done)


def _published(draw: random.Random, places: Places, *, first: int) -> list[_Domanda]:
    """One thousand and one applications, in the order in which they were presented."""
    made = _beneficiaries(draw, places, first)
    company = first + len(made)
    again = draw.sample(made, _AGAIN)
    states = [state for state, number in (_LOST | _NOT_ADMITTED).items() for _ in range(number)]
    draw.shuffle(states)
    for state in states:
        if again and state != "presentata":
            made.append(_before(draw, again.pop(), state))
        else:
            company += 1
            ateco = _code(draw, draw.choice([*_SECTORS, *_OTHERS]))
            blank = _Domanda(
                company, places.draw(draw), ateco, 0, addendum=False, stato=state, presentata=_OPEN
            )
            made.append(_other(draw, blank, state))
    return sorted(made, key=lambda domanda: domanda.presentata)


def _beneficiaries(draw: random.Random, places: Places, first: int) -> list[_Domanda]:
    """The 764 with their classes, addendum and sectors; each is another company."""
    sectors = [code for code, number in _SECTORS.items() for _ in range(number)]
    sizes = [step[:3] for step in _BENEFICIARIES for _ in range(step[3])]
    rest = len(sizes) - len(sectors)
    sectors += [_OTHERS[number % len(_OTHERS)] for number in range(rest)]
    draw.shuffle(sectors)
    places_in_line = list(range(len(sizes)))
    draw.shuffle(places_in_line)  # who came when is independent of the rest
    addendum = set(draw.sample(range(len(sizes)), _WITH_ADDENDUM))
    made = []
    for number, (least, most, amount) in enumerate(sizes):
        covid = number in addendum
        place = places_in_line[number]
        day = _presented(place, len(sizes), covid=covid)
        admitted = _admitted(draw, day, late=place >= len(sizes) - _ADMITTED_IN_OCTOBER)
        domanda = _Domanda(
            first + number + 1, places.draw(draw), _code(draw, sectors[number]),
            draw.randint(least, most), covid, "ammessa", day, amount, None, admitted,
        )  # fmt: skip
        made.append(_paid(draw, domanda) if place < _PAID else domanda)
    return made


def _presented(place: int, number: int, *, covid: bool) -> date:
    """The day of an application by its place in the line; the addendum begins later."""
    start = _ADDENDUM if covid else _OPEN
    return start + timedelta(days=place * (date(2021, 7, 30) - start).days // number)


def _admitted(draw: random.Random, presented: date, *, late: bool) -> date:
    if late:
        return date(2021, 10, 1) + timedelta(days=draw.randint(0, 20))
    return presented + timedelta(days=draw.randint(25, 60))


def _paid(draw: random.Random, domanda: _Domanda) -> _Domanda:
    """Most are paid in full; what was not shown as spent is not paid."""
    amount = domanda.concesso or 0
    day = min((domanda.ammessa or DAY) + timedelta(days=draw.randint(120, 230)), DAY)
    share = draw.choice((100, 100, 100, 95, 80))
    return replace(domanda, stato="liquidata", liquidato=amount * share // 100, pagata=day)


def _before(draw: random.Random, later: _Domanda, state: str) -> _Domanda:
    """An earlier application of a company; one in ten had other employees then (W403)."""
    employees = later.dipendenti
    if draw.random() < 0.1:
        employees = max(3, employees // 6)
    day = max(_OPEN, later.presentata - timedelta(days=draw.randint(10, 60)))
    blank = replace(
        later, stato=state, presentata=day, dipendenti=employees, addendum=False, concesso=None,
        liquidato=None, ammessa=None, pagata=None,
    )  # fmt: skip
    return _closed(draw, blank)


def _other(draw: random.Random, blank: _Domanda, state: str) -> _Domanda:
    """An application of a company that is no beneficiary."""
    covid = draw.random() < 0.5
    start = date(2021, 8, 2) if state == "presentata" else _ADDENDUM if covid else _OPEN
    last = DAY if state == "presentata" else date(2021, 7, 30)
    day = start + timedelta(days=draw.randint(0, (last - start).days))
    employees = draw.choice((draw.randint(3, 30), draw.randint(5, 120)))
    return _closed(draw, replace(blank, presentata=day, dipendenti=employees, addendum=covid))


def _closed(draw: random.Random, domanda: _Domanda) -> _Domanda:
    """Give an application what its state asks for."""
    if domanda.stato == "presentata":
        return domanda
    day = min(_admitted(draw, domanda.presentata, late=False), DAY)
    if domanda.stato == "non_ammessa":
        return replace(domanda, ammessa=day, azione_a=draw.random() > 0.3)
    amount = next((euros for most, euros in _GRID if domanda.dipendenti <= most), 22_500)
    return replace(domanda, ammessa=day, concesso=amount)


def _code(draw: random.Random, division: str) -> str:
    return f"{division}.{draw.randint(1, 9)}0.00" if division else ""


def _spoilt(draw: random.Random, row: Sequence[str], number: int) -> list[str]:
    """A row of its own with one error, of a kind that offices meet."""
    wrong = [f"ES-SW-E{number:06d}", *row[1:]]
    match draw.randrange(6):
        case 0:
            wrong[1] = with_another_check(row[1])  # E002
        case 1:
            wrong[3] = "058091"  # E005: not in Lombardia
        case 2:
            wrong[5] = "0"  # E021
        case 3:
            wrong[10] = "31/02/2021"  # E004
        case 4:
            wrong[9:13] = ["liquidata", row[10], "7500,00", "75000,00"]  # E040
        case _:
            wrong[0] = row[0]  # E006
    return wrong
