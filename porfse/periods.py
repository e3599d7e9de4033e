"""Dates and periods as the office writes and counts them."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from porfse.errors import BadInput

_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_ITALIAN = re.compile(r"(?P<day>[0-9]{1,2})[./](?P<month>[0-9]{1,2})[./](?P<year>[0-9]{4})")


class PeriodError(BadInput):
    """The text is not a usable date or period; the message is in Italian, for the reader."""


def parse_date(text: str, *, earliest: date, latest: date | None = None) -> date:
    """Read `2021-09-30` or `30.09.2021`, between two days.

    Args:
        text: as it stands in an address or a field.
        earliest: the first day allowed.
        latest: the last day allowed; today in Rome if not given.

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
        forms = f"{italian(last)} oppure {last.isoformat()}"
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
