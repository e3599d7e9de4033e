"""Invented flows of the crises: the same for the same seed, and they say that they are invented.

Codici fiscali bear the number 000 where that of a tax office stands, which none has.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

from django.utils import timezone

from crisi.models import UnitaProduttiva
from crisi.trimestri import last_quarter
from porfse.codes import is_partita_iva
from porfse.errors import NotThere
from porfse.models import Comune
from porfse.periods import Periodo

FIRST_DAY = date(2024, 1, 8)
_LAST_DAY = date(2026, 12, 31)
_KINDS = (("CIGS_MIN", "A"), ("CIGS_MIN", "A"), ("CIGS_REG", "B"), ("CIGS_REG", "C"), ("LIC", "D"))
_CAUSES = {
    "CIGS_MIN": ("Crisi aziendale", "Riorganizzazione aziendale", "Contratto di solidarietà"),
    "CIGS_REG": ("Crisi aziendale", "Processi di transizione"),
    "LIC": ("Cessazione di attività", "Riduzione di personale"),
}
_TRADES = (
    ("Meccanica", "25.62"),
    ("Tessitura", "13.20"),
    ("Logistica", "52.10"),
    ("Arredi", "31.09"),
    ("Alimentari", "10.89"),
    ("Componenti", "29.32"),
)
_EXEMPT = ("Prossimi alla pensione", "Rientrati al lavoro", "Dimissioni volontarie")
_SHARES = (30, 25, 15, 20, 5)  # of the suspended, in percent: STEP 1 to 4, NO PAL


def procedures(*, rows: int, seed: int, defects: Decimal) -> Iterator[Sequence[str]]:
    """Yield rows of `vertenze-online` without the header; about `defects` of them are wrong.

    Args:
        rows: how many: about two procedures for each three.
        seed: the same seed gives the same rows on the same day.
        defects: a share from 0 to 1.
    """
    # Not for secrets: the same rows must come out again.
    draw = random.Random(seed)  # noqa: S311
    return islice(_procedures(draw, defects), rows)


def _procedures(draw: random.Random, defects: Decimal) -> Iterator[Sequence[str]]:
    places = _places()
    span = (min(timezone.localdate(), _LAST_DAY) - FIRST_DAY).days
    number = 0
    while True:
        number += 1
        header = _header(draw, number, span)
        # From one end of the region to the other, so that each nucleo has something to do.
        province = draw.sample(sorted(places), 2)
        province[0] = sorted(places)[number % len(places)]
        for site in range(draw.choice((1, 1, 1, 2, 2, 3))):
            sigla = province[0] if site < 2 else province[1]
            workers = "" if draw.random() < 0.08 else str(draw.randrange(3, 160))
            row = [
                *header[:9],
                f"U{site + 1}",
                draw.choice(places[sigla]),
                workers,
                header[9],
            ]
            yield _spoilt(draw, row) if draw.random() < defects else row


def _header(draw: random.Random, number: int, span: int) -> list[str]:
    """What describes a procedure, its complexity last."""
    kind, guide = draw.choice(_KINDS)
    trade, ateco = draw.choice(_TRADES)
    start = FIRST_DAY + timedelta(days=draw.randrange(span + 1))
    length = 75 if kind == "LIC" else draw.choice((90, 180, 270, 365))
    end = start + timedelta(days=length)
    open_end = draw.random() < 0.25
    return [
        f"ESEMPIO-{start:%Y}-{number:05d}",
        kind,
        guide,
        f"{trade} di Esempio n. {number} S.r.l.",
        company_code(number),
        ateco,
        draw.choice(_CAUSES[kind]),
        f"{start:%d/%m/%Y}",
        "" if open_end else f"{end:%d/%m/%Y}",
        "S" if draw.random() < 0.12 else "N",
    ]


def company_code(number: int) -> str:
    """Return a codice fiscale of eleven digits that no company has, its check digit right."""
    first = f"{number % 10_000_000:07d}000"
    return next(first + digit for digit in "0123456789" if is_partita_iva(first + digit))


def _places() -> dict[str, list[str]]:
    """The comuni of each provincia that there are today."""
    found: dict[str, list[str]] = {}
    comuni = Comune.objects.filter(soppresso_il=None).order_by("pk")
    for code, sigla in comuni.values_list("pk", "provincia"):
        found.setdefault(sigla, []).append(code)
    return found


def _spoilt(draw: random.Random, row: Sequence[str]) -> list[str]:
    """A row with one error, of a kind that offices meet."""
    wrong = list(row)
    match draw.randrange(5):
        case 0:
            wrong[2] = "D" if row[2] != "D" else "A"  # E020
        case 1:
            wrong[4] = row[4][:-1]  # E002
        case 2:
            wrong[7] = "31/02/2025"  # E004
        case 3:
            wrong[10] = "058091"  # E005: not in Lombardia
        case _:
            wrong[11] = "circa 40"  # E021
    return wrong


def quarters() -> list[Periodo]:
    """Return the last two quarters that have ended, the earlier first."""
    last = last_quarter(timezone.localdate())
    return [last.precedente, last]


def progress(*, rows: int, seed: int, defects: Decimal) -> Iterable[Sequence[str]]:
    """Return rows of `pal-trimestrale` for the example procedures, in the last two quarters.

    Args:
        rows: how many at most: one for each site and quarter.

    Raises:
        NotThere: no example procedure was in corso.
    """
    sites = [
        (str(quarter), *site)
        for quarter in quarters()
        for site in UnitaProduttiva.objects.with_pal(quarter)
        .filter(procedura__esempio=True)
        .order_by("pk")
        .values_list("comune__provincia", "procedura__codice_pratica", "codice", "lavoratori")
    ]
    if not sites:
        raise NotThere(
            "Nessuna procedura di esempio è in corso negli ultimi due trimestri: caricare prima"
            " il flusso di esempio vertenze-online."
        )
    draw = random.Random(seed)  # noqa: S311
    return (_progress(draw, site, defects) for site in sites[:rows])


def _progress(
    draw: random.Random, site: tuple[str, str, str, str, int | None], defects: Decimal
) -> list[str]:
    quarter, sigla, pratica, code, workers = site
    known = draw.randrange(5, 40) if workers is None else workers
    suspended = known * draw.randrange(60, 101) // 100
    steps = [suspended * share * draw.randrange(60, 101) // 10_000 for share in _SHARES]
    if draw.random() < defects:
        steps[3] = suspended + 1  # E023
    reason = draw.choice(_EXEMPT) if steps[4] else ""
    return [
        sigla,
        quarter,
        pratica,
        code,
        *map(str, (suspended, *steps)),
        reason,
        "dul" if steps[1] else "",
    ]
