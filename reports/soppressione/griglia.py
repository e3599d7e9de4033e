"""The counts of a table as numbers of a network: what each is, what is hidden, what is nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Self

from reports.documento import Cella, Tabella
from reports.soppressione.margini import Margini, Soglie
from reports.soppressione.rete import Rete

TOTALE = -1  # the group of the column that sums the others
Casella = tuple[int, int]  # row and group: what is hidden together
Posto = tuple[int, str]  # row and column
_OUTSIDE, _GRAND, _WHOLE = "fuori", "somma", "totale"


@dataclass
class Griglia:
    """The counts of a table. One that is not known adds nothing to its sums.

    Attributes:
        totale: the row of totals, if there is one.
        numeri: by column, of each row.
        nascosti: the places that are hidden in a finished table.
        minimi: of the places whose number, if it is hidden, is known to be more than zero.
        da_coprire: the places that must not be computed back; None is all.
        dichiaranti: of how many sites each number of workers, or share, is; by column, of each
            row. None is not known: then all the sites of the cell are taken to tell it.
        aperte: the rows whose numbers do not add up to anything.
    """

    margini: Margini
    totale: int | None
    numeri: dict[str, list[int]]
    nascosti: set[Posto]
    minimi: dict[Posto, int] = field(default_factory=dict)
    da_coprire: set[Posto] | None = None
    dichiaranti: dict[str, list[int | None]] = field(default_factory=dict)
    aperte: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, tabella: Tabella, margini: Margini) -> Self:
        """Read a table, whole or with hidden cells.

        Raises:
            ValueError: it has several rows of totals, or a count is not a whole number.
        """
        totals = [place for place, row in enumerate(tabella.righe) if row.totale]
        if len(totals) > 1:
            raise ValueError(f"«{tabella.nome}» ha {len(totals)} righe di totali")
        numbers, hidden = {}, set()
        for column in margini.conti:
            cells = _cells(tabella, column)
            numbers[column] = [_whole(cell) for cell in cells]
            hidden |= {(row, column) for row, cell in enumerate(cells) if cell.soppressa}
        found = cls(margini, totals[0] if totals else None, numbers, hidden)
        # A cell where there is nothing is never hidden: what is hidden has a site at least.
        found.minimi = {
            (row, column): 1 for column in margini.unita for row in range(len(tabella.righe))
        }
        found.dichiaranti = {
            column: [cell.dichiaranti for cell in _cells(tabella, column)]
            for column in (*margini.lavoratori, *margini.quote)
        }
        found.aperte = {
            row
            for row, cell in enumerate(_cells(tabella, margini.resto) if margini.resto else ())
            if cell.valore is None and not cell.soppressa
        }
        return found

    @property
    def righe(self) -> int:
        return len(next(iter(self.numeri.values()), ()))

    @cached_property
    def sistemi(self) -> list["Sistema"]:
        return [Sistema.of(self, addends, whole) for addends, whole in self.margini.sistemi()]

    @property
    def quadra(self) -> bool:
        """Whether no number is negative and the sums are right; of a table with nothing hidden."""
        return all(min(numbers, default=0) >= 0 for numbers in self.numeri.values()) and not any(
            any(system.rete.squilibri(system.numeri)) for system in self.sistemi
        )

    def caselle(self) -> Iterator[Casella]:
        """Yield every cell, row by row."""
        for row in range(self.righe):
            yield from ((row, place) for place in range(len(self.margini.gruppi)))
            if self.margini.totale:
                yield row, TOTALE

    def colonne(self, casella: Casella) -> tuple[str, ...]:
        """Return the columns of counts of a cell."""
        group = casella[1]
        return (self.margini.totale,) if group == TOTALE else self.margini.gruppi[group].conti

    @cached_property
    def vuote(self) -> set[Casella]:
        """The cells where there is nothing: no site and no worker."""
        found = set()
        for row, group in self.caselle():
            columns = self.margini.conti if group == TOTALE else self.colonne((row, group))
            if not any(self.numeri[column][row] for column in columns):
                found.add((row, group))
        return found

    def piccola(self, casella: Casella, soglie: Soglie) -> bool:
        """Say whether a cell is of so few that it is hidden; the total, of the sites it sums.

        Its workers are of the sites that tell them: many sites of which one tells are one.
        """
        row, group = casella
        if group == TOTALE:
            columns, workers = self.margini.unita, (self.margini.totale,)
        else:
            own = self.margini.gruppi[group]
            columns, workers = frozenset(filter(None, [own.unita])), own.lavoratori
        seen = (column for column in columns if (row, column) not in self.nascosti)
        sites = sum(self.numeri[column][row] for column in seen)
        return pochi(sites, soglie.unita) or any(
            pochi(self.numeri[column][row], soglie.lavoratori)
            or pochi(self.dichiaranti[column][row], soglie.unita)
            for column in workers
        )

    def quote_piccole(self, soglie: Soglie) -> set[Posto]:
        """Return the shares that tell of few sites: those they are of, or those they leave out.

        A share is of the sites that tell both its numbers. It gives back the numbers of these, and
        so those of the others, beside the number of all.
        """
        found = set()
        for group, row in product(self.margini.gruppi, range(self.righe)):
            wholes = [self.dichiaranti[each][row] for each in group.lavoratori]
            wholes.append(self.dichiaranti[self.margini.totale][row] if self.margini.totale else 0)
            for column in set(group.quote) & set(self.margini.quote):
                both = self.dichiaranti[column][row]
                left = [] if both is None else [(whole or 0) - both for whole in wholes]
                if pochi(both, soglie.unita) or any(pochi(each, soglie.unita) for each in left):
                    found.add((row, column))
        return found

    def vicina(self, altra: "Griglia", casella: Casella, soglie: Soglie) -> bool:
        """Say whether a table tells a number of a cell of this one nearly: within the threshold."""
        row = casella[0]
        for column in self.colonne(casella):
            limit = soglie.unita if column in self.margini.unita else soglie.lavoratori
            mine, other = self.numeri[column][row], altra.numeri[column][row]
            if mine and other and abs(mine - other) < limit:
                return True
        return False

    def ampiezza(self, posto: Posto, soglie: Soglie) -> int:
        """Return by how much a hidden number must vary: as many values as the threshold."""
        if self.da_coprire is not None and posto not in self.da_coprire:
            return 0
        found = soglie.unita if posto[1] in self.margini.unita else soglie.lavoratori
        return max(found - 1, 0)


@dataclass
class Sistema:
    """Columns bound to each other, as a network: the place and the number of each arc."""

    rete: Rete
    posti: list[Posto]
    caselle: list[Casella]
    numeri: list[int]

    @classmethod
    def of(cls, griglia: Griglia, addendi: Sequence[str], somma: str) -> Self:
        """Bind some columns and, if there is one, the column that is their sum."""
        arcs, places, cells = [], [], []
        for column in (*addendi, *filter(None, [somma])):
            group = _group_of(griglia.margini, column)
            for row in range(griglia.righe):
                ends = _ends(griglia, row, column, somma)
                arcs.append(ends)
                places.append((row, column))
                cells.append((row, group))
        least = [griglia.minimi.get(place, 0) for place in places]
        numbers = [griglia.numeri[column][row] for row, column in places]
        return cls(Rete(arcs, least), places, cells, numbers)


def contenuta(dentro: Griglia, fuori: Griglia, visti: set[Posto]) -> Griglia:
    """Return what a table has beyond one that it holds, cell by cell: a table as well.

    Whoever knows that no number of the one is above that of the other knows that this one has none
    below zero. A hidden number of the larger table is the sum of one of each, which vary by
    themselves; where that of the smaller can be seen, this one alone must protect it.

    Args:
        visti: the places where the number of the smaller table can be seen, or could be.
    """
    numbers = {
        column: [large - small for large, small in zip(rows, dentro.numeri[column], strict=True)]
        for column, rows in fuori.numeri.items()
    }
    found = Griglia(fuori.margini, fuori.totale, numbers, fuori.nascosti | dentro.nascosti)
    found.dichiaranti = {
        column: [
            None if None in (large, small) else large - small
            for large, small in zip(rows, dentro.dichiaranti[column], strict=True)
        ]
        for column, rows in fuori.dichiaranti.items()
    }
    found.aperte = fuori.aperte | dentro.aperte
    found.vuote = fuori.vuote
    found.da_coprire = visti
    found.minimi = {
        (row, column): least - dentro.numeri[column][row]
        for (row, column), least in fuori.minimi.items()
        if (row, column) in visti and dentro.numeri[column][row] < least
    }
    return found


def _ends(griglia: Griglia, row: int, column: str, somma: str) -> tuple[object, object]:
    """The sums between which a number stands.

    From the grand total to the totals of the columns, to the cells, to the totals of the rows, and
    back; where there is no total, through the outside, where nothing need be right.
    """
    totals = griglia.totale is not None
    right = _OUTSIDE if row in griglia.aperte else ("riga", row)
    if column == somma:
        grand = _GRAND if totals else _OUTSIDE
        return (grand, _WHOLE) if row == griglia.totale else (right, grand)
    if row == griglia.totale:
        return _WHOLE if somma else _OUTSIDE, ("colonna", column)
    start = ("colonna", column) if totals else _OUTSIDE
    return start, right if somma else _OUTSIDE


def _group_of(margini: Margini, column: str) -> int:
    if column == margini.totale:
        return TOTALE
    return next(place for place, group in enumerate(margini.gruppi) if column in group.conti)


def pochi(numero: int | None, soglia: int) -> bool:
    """Say whether a count is few: some, and fewer than the threshold."""
    return numero is not None and 0 < numero < soglia


def _cells(tabella: Tabella, column: str) -> list[Cella]:
    place = tabella.posizione(column)
    return [row.celle[place] for row in tabella.righe]


def _whole(cell: Cella) -> int:
    value = cell.valore
    if value is None:
        return 0
    if isinstance(value, str) or value != int(value):  # type: ignore[call-overload]
        raise ValueError(f"«{value}» non è un conteggio")
    return int(value)  # type: ignore[call-overload]
