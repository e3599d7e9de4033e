"""Acts as offices quote them in a file: read strictly, since an act is what a movement rests on."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from porfse.flows import columns as c
from porfse.flows.header import plain
from porfse.models import Atto

Tipo = Atto.Tipo
_KINDS = {plain(name): value for value, label in Tipo.choices for name in (value, label)} | {
    "decisione": Tipo.DECISIONE.value,
    "altroatto": Tipo.ALTRO.value,
}
_TEXT = re.compile(
    r"(?P<tipo>D\.G\.R\.|decisione CE|altro atto|[a-z]+) (?:n\. ?|n )?"
    r"(?P<numero>(?:[ivxlc]+/)?[^\W_][\w().-]*(?: [\w().-]+){0,5})"
    r"(?: del (?P<data>[0-9./-]{10})|/(?P<anno>[0-9]{4}))",
    re.IGNORECASE,
)
# Of decrees and resolutions the number is one word with a figure: `XI/5112`, `3516`.
_NUMBER = re.compile(r"\S*[0-9]\S*")
_DAYS = (
    re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"),
    re.compile(r"(?P<d>[0-9]{2})(?P<s>[./])(?P<m>[0-9]{2})(?P=s)(?P<y>[0-9]{4})"),
)
_FIRST_YEAR = 1990
_LONGEST = 40  # characters of the number of an act


@dataclass(frozen=True)
class Quoted:
    """An act as it is quoted; its day is often not given."""

    tipo: str
    numero: str
    anno: int
    data: date | None

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes it the same act as another."""
        return self.tipo, self.numero, self.anno

    def __str__(self) -> str:
        when = f" del {self.data.isoformat()}" if self.data else f"/{self.anno}"
        return f"{self.tipo} {self.numero}{when}"


def quoted(text: str) -> Quoted | None:
    """Return the act of `DGR 5112/2021` or `Decreto n. 3516 del 18/03/2020`, None if it is unclear.

    The day may be `18/03/2020`, `18.03.2020` or `2020-03-18`; neither day nor year lie ahead.
    """
    found = _TEXT.fullmatch(" ".join(text.split()))
    kind = _KINDS.get(plain(found["tipo"])) if found else None
    if found is None or kind is None:
        return None
    number = found["numero"]
    if len(number) > _LONGEST or " del " in f"{number} ".lower():
        return None
    if kind in (Tipo.DGR, Tipo.DECRETO) and not _NUMBER.fullmatch(number):
        return None
    day = _day(found["data"]) if found["data"] else None
    if found["data"] and day is None:
        return None
    year = day.year if day else int(found["anno"])
    if not _FIRST_YEAR <= year <= timezone.localdate().year:
        return None
    return Quoted(kind, number, year, day)


def _day(text: str) -> date | None:
    parts = next((found for form in _DAYS if (found := form.fullmatch(text))), None)
    try:
        day = date(*(int(parts[name]) for name in "ymd")) if parts else None
    except ValueError:  # the 31st of February
        return None
    return day if day and day <= timezone.localdate() else None


class AttoCitato(c.Testo):
    """An act, such as `DGR 5112/2021`, kept in one form however it was written."""

    def of_text(self, text: str) -> str:
        found = quoted(text)
        if found is None:
            raise c.Fault(self.code)
        return super().of_text(str(found))
