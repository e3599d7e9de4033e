"""What a table tells of small cells: which columns count the same cell, and which add up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.conf import settings


@dataclass(frozen=True)
class Soglie:
    """A count from 1 to less than its threshold is hidden."""

    unita: int
    lavoratori: int

    @classmethod
    def in_vigore(cls) -> Self:
        """Return the thresholds of the settings."""
        return cls(settings.REPORT_SOGLIA_UNITA, settings.REPORT_SOGLIA_LAVORATORI)


@dataclass(frozen=True)
class Gruppo:
    """The columns that tell of one cell: if one of its counts is small, all of them are hidden.

    Attributes:
        unita: the column of its sites; empty if there is none.
        lavoratori: those of its workers.
        quote: its shares, of what its row of totals says or of `Margini.totale`.
    """

    unita: str = ""
    lavoratori: tuple[str, ...] = ()
    quote: tuple[str, ...] = ()

    @property
    def conti(self) -> tuple[str, ...]:
        """The columns of counts."""
        return tuple(filter(None, (self.unita, *self.lavoratori)))


@dataclass(frozen=True)
class Margini:
    """The counts of a table. What its row of totals says is the sum of the other rows.

    Attributes:
        totale: the column that is the sum of the workers of all groups; empty if there is none.
        quote: the shares of the groups that are of that column, not of the row of totals.
        resto: the column that is that one less the others, in a table without a row of totals.
            Where it is not known, the numbers of the row do not add up to anything.
    """

    gruppi: tuple[Gruppo, ...]
    totale: str = ""
    quote: tuple[str, ...] = ()
    resto: str = ""

    @property
    def conti(self) -> tuple[str, ...]:
        """All columns of counts."""
        found = [column for group in self.gruppi for column in group.conti]
        return (*found, self.totale) if self.totale else tuple(found)

    @property
    def unita(self) -> frozenset[str]:
        return frozenset(group.unita for group in self.gruppi if group.unita)

    @property
    def lavoratori(self) -> tuple[str, ...]:
        return tuple(column for column in self.conti if column not in self.unita)

    def quote_di(self, gruppo: int) -> frozenset[str]:
        """Return the shares that are hidden with the row of totals of a group."""
        return frozenset(self.gruppi[gruppo].quote) - frozenset(self.quote)

    def sistemi(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield the columns that are bound to each other, and the one that is their sum."""
        for group in self.gruppi:
            if group.unita:
                yield (group.unita,), ""
        workers = tuple(column for group in self.gruppi for column in group.lavoratori)
        if self.totale:
            yield workers, self.totale
        else:
            for column in workers:
                yield (column,), ""


@dataclass(frozen=True)
class Dichiarazione:
    """What a report says of its tables.

    Attributes:
        margini: of each table, by its name.
        contenute: pairs of tables, of which no cell of the first is above that of the second.
    """

    margini: Mapping[str, Margini]
    contenute: Sequence[tuple[str, str]] = ()


_DECLARED: dict[str, Dichiarazione] = {}


def dichiara(
    slug: str, margini: Mapping[str, Margini], contenute: Iterable[tuple[str, str]] = ()
) -> None:
    """Say which tables of a public report hold counts, so that its documents can be checked."""
    _DECLARED[slug] = Dichiarazione(margini, tuple(contenute))


def dichiarazione(slug: str) -> Dichiarazione:
    """Return what a report has declared; nothing, if it has not."""
    return _DECLARED.get(slug, Dichiarazione({}))
