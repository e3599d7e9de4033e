"""Sums of procedures, from the monthly summary alone: no page reads the procedures to count."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from operator import add
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, F, IntegerField, Min, Q, QuerySet, Value, When

from crisi.models import SintesiMese
from crisi.selection import CALCOLATA, ESEMPIO, IN_CORSO, Selection
from porfse.periods import Periodo


class Count(NamedTuple):
    """Units, the workers of those that declare them, and how many do not."""

    unita: int
    lavoratori: int
    non_noti: int

    def plus(self, other: "Count") -> "Count":
        return Count(*map(add, self, other))


NOTHING = Count(0, 0, 0)


@dataclass(frozen=True)
class Window:
    """Which months count: those begun in it, less those ended before, if what runs is asked for."""

    periodo: Periodo
    criterio: str
    esempio: bool

    @classmethod
    def of(cls, asked: Selection) -> "Window":
        return cls(asked.periodo, asked.criterio, asked.fonte == ESEMPIO)

    @property
    def running(self) -> bool:
        return self.criterio == IN_CORSO

    @property
    def first(self) -> date:
        """The first month whose beginnings count."""
        return date.min if self.running else self.periodo.inizio


Place = tuple[str | None, str | None]  # provincia and kind; None is all of them
Cells = Mapping[Place, Count]

# The month is the first of its days, so that a period's days bound it too. Each part is summed by
# itself: a join with the list of parts would sort all their rows. No provincia or kind is null in
# the table, so that a null in the answer is the sum over all of them.
_PART = """
    SELECT %s::int, %s::int, provincia_id, tipo, sum(unita), sum(lavoratori), sum(non_noti)
    FROM crisi_sintesimese
    WHERE esempio = %s AND verso = %s AND mese BETWEEN %s AND %s
    GROUP BY CUBE (provincia_id, tipo)
    HAVING count(*) > 0
"""


def counts(windows: Collection[Window]) -> dict[Window, Cells]:
    """Return the sums of each window, by provincia and kind and over all of either, in one query.

    A place without procedures has none in the answer: that is zero, NOTHING.
    """
    numbered = list(dict.fromkeys(windows))
    parts = [(number, *part) for number, window in enumerate(numbered) for part in _parts(window)]
    found: dict[Window, dict[Place, Count]] = {window: {} for window in numbered}
    if parts:
        with connection.cursor() as cursor:
            values = [value for part in parts for value in part]
            cursor.execute(" UNION ALL ".join([_PART] * len(parts)), values)
            for number, sign, sigla, tipo, *sums in cursor:
                cells = found[numbered[number]]
                counted = Count(*(sign * int(value) for value in sums))
                cells[sigla, tipo] = cells.get((sigla, tipo), NOTHING).plus(counted)
    return dict(found)


def _parts(window: Window) -> list[tuple[int, bool, str, date, date]]:
    """Sign, whether of examples, beginning or end, first and last day."""
    begun = (1, window.esempio, "avvio", window.first, window.periodo.fine)
    if not window.running:
        return [begun]
    return [begun, (-1, window.esempio, "fine", date.min, window.periodo.precedente.fine)]


def rows(asked: Selection) -> QuerySet[SintesiMese]:
    """Return the rows that a figure adds up; what had ended before bears a minus sign."""
    window = Window.of(asked)
    kept = Q(verso="avvio", mese__range=(window.first, asked.periodo.fine))
    if window.running:
        kept |= Q(verso="fine", mese__lt=asked.periodo.inizio)
    found = SintesiMese.objects.filter(kept, esempio=window.esempio).exclude(unita=0)
    if asked.provincia:
        found = found.filter(provincia=asked.provincia)
    if asked.tipo:
        found = found.filter(tipo=asked.tipo)
    sign = Case(When(verso="fine", then=Value(-1)), default=Value(1), output_field=IntegerField())
    return found.select_related("provincia").annotate(
        contati_unita=sign * F("unita"),
        contati_lavoratori=sign * F("lavoratori"),
        contati_non_noti=sign * F("non_noti"),
    )


def first_years() -> dict[str, int]:
    """Return the year in which the first procedure began, by source; none has no procedures."""
    begun = SintesiMese.objects.filter(verso="avvio", unita__gt=0).order_by()
    firsts = begun.values_list("esempio").annotate(first=Min("mese"))
    return {ESEMPIO if example else CALCOLATA: first.year for example, first in firsts}
