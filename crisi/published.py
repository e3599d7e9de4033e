"""The published tables of the crises, as they were printed: a blank is not known."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Case, F, Q, QuerySet, Value, When

from crisi.models import DatoPubblicato
from crisi.selection import ALL, SIGLE, TIPI, Selection


@dataclass(frozen=True)
class Printed:
    """What the table says of a cell.

    Attributes:
        amount: None is printed blank, or not printed at all.
        derived: obtained as the printed total less the others.
        circular: holds a part that was obtained from the total that it makes.
    """

    amount: int | None
    derived: bool = False
    circular: bool = False


@dataclass
class Published:
    """The tables of some years: cells by year, provincia (None: region) and kind ("": total)."""

    cells: dict[tuple[int, str | None, str], DatoPubblicato] = field(default_factory=dict)

    @classmethod
    def of(cls, years: Iterable[int]) -> "Published":
        """Read the tables of some years whose source is in force, in one query."""
        rows = in_force().filter(anno__in=set(years))
        return cls({(row.anno, row.provincia_id, row.tipo): row for row in rows})

    def has(self, year: int) -> bool:
        return any(anno == year for anno, *_ in self.cells)

    def amount(self, what: str, asked: Selection) -> Printed:
        """Return a cell, or what it adds up to.

        Args:
            what: `unita` or `lavoratori`.
            asked: a selection of the published table.
        """
        year, tipo = asked.periodo.anno, asked.tipo
        if asked.provincia == ALL:
            return self._twelve(what, year, tipo)
        if tipo is None and what == "unita":  # the source prints no total of units
            return _sum(self._cell(what, year, asked.provincia, kind) for kind in TIPI)
        cell = self._cell(what, year, asked.provincia, tipo or "")
        if cell.amount is None and asked.derivata and tipo:
            return self._by_difference(what, year, asked.provincia, tipo)
        return cell

    def _cell(self, what: str, year: int, provincia: str | None, tipo: str) -> Printed:
        row = self.cells.get((year, provincia, tipo))
        return Printed(getattr(row, what) if row else None)

    def _by_difference(self, what: str, year: int, provincia: str | None, tipo: str) -> Printed:
        """The printed total less the others; None if another of them is blank, too."""
        whole = self._cell(what, year, None, tipo).amount
        others = _sum(self._cell(what, year, sigla, tipo) for sigla in SIGLE if sigla != provincia)
        if whole is None or others.amount is None:
            return Printed(None)
        return Printed(whole - others.amount, derived=True)

    def _twelve(self, what: str, year: int, tipo: str | None) -> Printed:
        """The twelve added up; with a blank one taken by difference, that says nothing new."""
        if tipo is None and what == "unita":
            return _sum(self._twelve(what, year, kind) for kind in TIPI)
        parts = []
        for sigla in SIGLE:
            cell = self._cell(what, year, sigla, tipo or "")
            if cell.amount is None and tipo:
                cell = self._by_difference(what, year, sigla, tipo)
            parts.append(cell)
        found = _sum(parts)
        return Printed(found.amount, found.derived, circular=found.derived or found.circular)


def _sum(cells: Iterable[Printed]) -> Printed:
    """Add up; what is not known in a part is not known in the whole."""
    found = list(cells)
    known = [cell.amount for cell in found if cell.amount is not None]
    return Printed(
        sum(known) if len(known) == len(found) else None,
        derived=any(cell.derived for cell in found),
        circular=any(cell.circular for cell in found),
    )


def in_force() -> QuerySet[DatoPubblicato]:
    """The rows whose source has not been retired."""
    return DatoPubblicato.objects.filter(fonte__ritirata_il=None)


def years() -> list[int]:
    """Return the years that have a published table, in order."""
    return sorted(in_force().order_by().values_list("anno", flat=True).distinct())


def rows(what: str, asked: Selection) -> QuerySet[DatoPubblicato]:
    """Return the printed rows behind a figure.

    For a cell by difference, its column: the total, and the others with a minus sign.
    """
    found = in_force().filter(anno=asked.periodo.anno).select_related("provincia", "fonte")
    taken = Case(When(provincia=None, then=Value(1)), default=Value(-1 if asked.derivata else 1))
    found = found.annotate(
        contati_unita=taken * F("unita"), contati_lavoratori=taken * F("lavoratori")
    )
    if asked.tipo:
        found = found.filter(tipo=asked.tipo)
    elif what == "unita":
        found = found.exclude(tipo="")
    else:
        found = found.filter(tipo="")
    if asked.derivata:
        # Not `exclude`, which would leave out the region, too: its provincia is NULL.
        return found.filter(Q(provincia=None) | ~Q(provincia=asked.provincia))
    if asked.provincia == ALL:
        return found.exclude(provincia=None)
    return found.filter(provincia=asked.provincia)


def fonti_of(rows_: Collection[DatoPubblicato]) -> str:
    """Name the sources of some rows."""
    return "; ".join(dict.fromkeys(str(row.fonte) for row in rows_))
