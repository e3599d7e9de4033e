"""Dates and periods as the office writes and counts them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from porfse.errors import BadInput

_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_ITALIAN = re.compile(r"(?P<day>[0-9]{1,2})[./](?P<month>[0-9]{1,2})[./](?P<year>[0-9]{4})")


class PeriodError(BadInput):
    """The text is not a usable date or period; the message is in Italian, for the reader."""


def parse_date(
    text: str, *, earliest: date, latest: date | None = None, example: date | None = None
) -> date:
    """Read `2021-09-30` or `30.09.2021`, between two days.

    Args:
        text: as it stands in an address or a field.
        earliest: the first day allowed.
        latest: the last day allowed; today in Rome if not given.
        example: the day by which the refusal shows how to write one; the last one if not given.

    Raises:
        PeriodError: unreadable, impossible or out of bounds.
    """
    last = latest or timezone.localdate()
    parts = _ISO.fullmatch(text) or _ITALIAN.fullmatch(text)
    try:
        found = date(*(int(parts[name]) for name in ("year", "month", "day"))) if parts else None
    except ValueError:  # the 30th of February
        found = None
    if found is None:
        shown = example or last
        forms = f"{italian(shown)} oppure {shown.isoformat()}"
        raise PeriodError(f"Data non valida: «{text[:40]}». Scriverla come {forms}.")
    if found < earliest:
        bounds = f"La data {italian(found)} precede l'inizio del periodo"
        raise PeriodError(f"{bounds}: la prima è {italian(earliest)}.")
    if found > last:
        raise PeriodError(
            f"La data {italian(found)} è troppo avanti: scegliere al più tardi {italian(last)}."
        )
    return found


def italian(day: date) -> str:
    """Return `30.09.2021`."""
    return f"{day:%d.%m.%Y}"


def moment(at: datetime) -> str:
    """Return `30.09.2021 00:13`, as clocks in Italy show it: what is stored is in UTC."""
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}"


def month(of: date) -> str:
    """Return `settembre 2021`, for a month that is kept as its first day."""
    return f"{_MESI[of.month - 1]} {of.year}"


@dataclass(frozen=True, order=True)
class AnnoContabile:
    """The accounting year of the Structural Funds, 1 July – 30 June (reg. 1303/2013, art. 2)."""

    start: int  # the calendar year in which it begins

    @classmethod
    def of(cls, day: date) -> "AnnoContabile":
        """Return the accounting year of a day."""
        # The first one lasts eighteen months, from 1 January 2014 to 30 June 2015.
        return cls(max(day.year if day.month >= 7 else day.year - 1, 2014))

    def __str__(self) -> str:
        return f"{self.start}/{self.start + 1}"


_PERIOD = re.compile(r"(?P<anno>20[0-9]{2})(?:-(?P<tipo>[TB])(?P<numero>[0-9]))?")
_MONTHS_OF = {"": 12, "T": 3, "B": 2}
_LETTER_OF = {months: letter for letter, months in _MONTHS_OF.items()}
_MESI = (
    *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto"),
    *("settembre", "ottobre", "novembre", "dicembre"),
)


@dataclass(frozen=True)
class Periodo:
    """A year, a quarter or two months: `2025`, `2025-T3`, `2025-B5` (September and October).

    Attributes:
        mesi: how many it lasts: 12, 3 or 2.
        numero: which of its year, from 1.
    """

    anno: int
    mesi: int = 12
    numero: int = 1

    @classmethod
    def parse(cls, text: str) -> "Periodo":
        """Read `2025-T3`.

        Raises:
            PeriodError: it is not a period.
        """
        found = _PERIOD.fullmatch(text)
        if found:
            months = _MONTHS_OF[found["tipo"] or ""]
            number = int(found["numero"] or 1)
            if 1 <= number <= 12 // months:
                return cls(int(found["anno"]), months, number)
        raise PeriodError(
            f"Periodo non valido: «{text[:20]}». Scriverlo come 2025 (anno), 2025-T3 (terzo"
            " trimestre) o 2025-B5 (bimestre settembre-ottobre)."
        )

    @classmethod
    def read(cls, text: str) -> "Periodo":
        """Read what a person writes: `2025-t3`, or the name of a period as `nome` writes it.

        Raises:
            PeriodError: it is neither.
        """
        words = " ".join(text.lower().split())
        year = words[-4:]
        named = (
            cls(int(year), months, number)
            for months in (_LETTER_OF if _PERIOD.fullmatch(year) else ())
            for number in range(1, 12 // months + 1)
        )
        found = next((each for each in named if each.nome == words), None)
        return found or cls.parse(words.upper())

    @classmethod
    def of(cls, day: date, months: int) -> "Periodo":
        """Return the period of so many months (12, 3, 2) that a day is in."""
        return cls(day.year, months, (day.month - 1) // months + 1)

    @property
    def inizio(self) -> date:
        return date(self.anno, (self.numero - 1) * self.mesi + 1, 1)

    @property
    def fine(self) -> date:
        """The last day."""
        return self.successivo.inizio - timedelta(days=1)

    @property
    def successivo(self) -> "Periodo":
        return self._moved(1)

    @property
    def precedente(self) -> "Periodo":
        return self._moved(-1)

    def _moved(self, by: int) -> "Periodo":
        years, number = divmod(self.numero - 1 + by, 12 // self.mesi)
        return Periodo(self.anno + years, self.mesi, number + 1)

    def __str__(self) -> str:
        letter = _LETTER_OF[self.mesi]
        return f"{self.anno}-{letter}{self.numero}" if letter else str(self.anno)

    @property
    def nome(self) -> str:
        """The period in words: `3° trimestre 2025`, `settembre-ottobre 2025`, `anno 2025`."""
        if self.mesi == 12:
            return f"anno {self.anno}"
        if self.mesi == 3:
            return f"{self.numero}° trimestre {self.anno}"
        last = self.numero * 2
        return f"{_MESI[last - 2]}-{_MESI[last - 1]} {self.anno}"
