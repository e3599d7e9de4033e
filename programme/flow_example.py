"""An invented flow of movements: the same for the same seed and the same programme.

Its rows are of real azioni and come after the published balances; its acts, beneficiaries and
payment applications say that they are invented.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from porfse.errors import NotThere
from programme.flow_rows import closed_until
from programme.models import Azione, Iniziativa, Perimetro

_CLAIM_ROWS = 50  # certified rows of one payment application
# How the money of a project goes down the quantities: its share of what was allotted.
_STEPS = (
    ("programmazione", Decimal(1)),
    ("impegno", Decimal("0.9")),
    ("liquidazione", Decimal("0.7")),
    ("certificazione", Decimal("0.6")),
)
_CENT = Decimal("0.01")
_SPAN = 365  # days over which the rows are spread


def movements(*, rows: int, seed: int, defects: Decimal) -> Iterator[Sequence[str]]:
    """Yield rows of `avanzamento` without the header; about `defects` of them are wrong.

    Args:
        rows: how many.
        seed: the same seed gives the same rows.
        defects: a share from 0 to 1.

    Raises:
        NotThere: the published balances reach up to today, so that no day is left.
    """
    start = max(closed_until().values(), default=date(2021, 9, 30)) + timedelta(days=1)
    span = min((timezone.localdate() - start).days, _SPAN)
    if span < len(_STEPS):
        raise NotThere("I saldi pubblicati arrivano a oggi: non c'è posto per righe di esempio.")
    # Not for secrets: the same rows must come out again.
    return _rows(random.Random(seed), rows, defects, start, span)  # noqa: S311


def _rows(
    draw: random.Random, rows: int, defects: Decimal, start: date, span: int
) -> Iterator[Sequence[str]]:
    places = _places()
    for number in range(rows):
        project, step = divmod(number, len(_STEPS))
        if step == 0:
            azione, initiatives = draw.choice(places)
            initiative = draw.choice(["", *initiatives])
            whole = Decimal(draw.randrange(10_000_00, 500_000_00)) / 100
            first = draw.randrange(span - len(_STEPS) + 1)
        kind, share = _STEPS[step]
        certified, claim = kind == "certificazione", project // _CLAIM_ROWS
        # An application has one day, after all that it declares.
        day = start + timedelta(days=span if certified else first + step)
        amount = (whole * share).quantize(_CENT)
        row = [
            f"ES{number + 1:09d}",
            kind,
            azione,
            initiative,
            f"{day:%d/%m/%Y}",
            _italian(amount),
            _italian((amount / 2).quantize(_CENT)) if certified else "",
            Perimetro.ORDINARIA.value,
            f"ESEMPIO-{claim + 1}" if certified else "",
            f"decreto ESEMPIO-{project + 1} del {start:%d/%m/%Y}",
            f"Beneficiario di esempio n. {project + 1}",
            f"E{project + 1:014d}",
        ]
        yield _spoilt(draw, row) if draw.random() < defects else row


def _places() -> list[tuple[str, list[str]]]:
    """The azioni, each with the initiatives of its asse that no source places elsewhere."""
    free = list(Iniziativa.objects.filter(azione=None).order_by("pk").values_list("asse", "pk"))
    return [
        (azione, [code for where, code in free if where == asse])
        for azione, asse in Azione.objects.values_list("pk", "obiettivo__asse")
    ]


def _italian(amount: Decimal) -> str:
    return f"{amount:f}".replace(".", ",")


def _spoilt(draw: random.Random, row: Sequence[str]) -> list[str]:
    """A row with one error, of a kind that offices meet."""
    wrong = list(row)
    match draw.randrange(6):
        case 0:
            wrong[2] = "8.9.9"  # E030
        case 1:
            wrong[5] = row[5].replace(",", ";")  # E003
        case 2:
            wrong[4] = "31/02/2022"  # E004
        case 3:
            wrong[9] = "decreto"  # E001
        case 4:
            wrong[11] = row[11][:14]  # E032
        case _:
            wrong[4] = "30/06/2014"  # E033
    return wrong
