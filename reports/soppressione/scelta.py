"""Which cells are hidden: those of few, and enough others that they cannot be computed back."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from reports.soppressione.griglia import TOTALE, Casella, Griglia, Sistema, contenuta
from reports.soppressione.margini import Soglie

Scelte = set[tuple[int, Casella]]  # a table, and a cell that is hidden in it
Prezzi = dict[Casella, int]
# What is lost is counted in workers. Totals are what most readers look for: they go last.
_ROW_TOTAL, _COLUMN_TOTAL, _GRAND_TOTAL = 10**9, 10**11, 10**13


def in_tabella(scelte: Scelte, tabella: int) -> set[Casella]:
    """Return the cells that are hidden in a table."""
    return {cell for where, cell in scelte if where == tabella}


@dataclass(frozen=True)
class Problema:
    """Tables about the same sites, whole, of the same rows and columns.

    Attributes:
        contenute: pairs of tables, the first within the second.
    """

    tabelle: Sequence[Griglia]
    contenute: Sequence[tuple[int, int]]
    soglie: Soglie

    def scegli(self) -> Scelte | None:
        """Return what to hide; None if sums are not right, so that nothing can be proved.

        To the cells of few are added, where a number could be computed back, those that together
        lose the fewest workers; and with each, its like in the tables that would tell of it.
        """
        few = self._with_like(self._few())
        if few and not all(grid.quadra for grid in (*self.tabelle, *self.oltre)):
            return None
        chosen, more = set(few), few
        while more:
            more = self._with_like(self._missing(chosen)) - chosen
            chosen |= more
        return self._fewer(chosen, few)

    def _few(self) -> Iterator[tuple[int, Casella]]:
        """Yield what is of few; in a larger table, also where what it has beyond the other is."""
        beyond = zip((outer for _, outer in self.contenute), self.oltre, strict=True)
        for place, grid in (*enumerate(self.tabelle), *beyond):
            yield from ((place, cell) for cell in grid.caselle() if grid.piccola(cell, self.soglie))

    @cached_property
    def oltre(self) -> list[Griglia]:
        """What each larger table has beyond the one within it."""
        found = []
        for inner, outer in self.contenute:
            grid = self.tabelle[inner]
            places = {(row, column) for column in grid.numeri for row in range(grid.righe)}
            found.append(contenuta(grid, self.tabelle[outer], places))
        return found

    @cached_property
    def prezzi(self) -> list[Prezzi]:
        return [_prices(grid) for grid in self.tabelle]

    def _with_like(self, wanted: Iterable[tuple[int, Casella]]) -> Scelte:
        """Add the same cell of the tables in which it would tell of a hidden one."""
        found: Scelte = set()
        waiting = list(wanted)
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                place, cell = each
                waiting += [(other, cell) for other in self._like(place, cell)]
        return found

    def _like(self, place: int, cell: Casella) -> Iterator[int]:
        """The tables that hold this one, and those whose number there is nearly the same."""
        for other, grid in enumerate(self.tabelle):
            apart = other != place and (other, place) not in self.contenute
            if (place, other) in self.contenute or (
                apart and self.tabelle[place].vicina(grid, cell, self.soglie)
            ):
                yield other

    def _missing(self, chosen: Scelte) -> Iterator[tuple[int, Casella]]:
        """Yield what must be hidden too, so that no hidden number is known too well."""
        for place, grid in enumerate(self.tabelle):
            hidden = in_tabella(chosen, place)
            yield from ((place, cell) for cell in self._complements(grid, hidden, place))
        for (inner, outer), grid in zip(self.contenute, self.oltre, strict=True):
            nothing, within = self.tabelle[inner].vuote, in_tabella(chosen, inner)
            grid.da_coprire = {
                place
                for system in grid.sistemi
                for place, cell in zip(system.posti, system.caselle, strict=True)
                if cell in nothing or cell not in within
            }
            hidden = in_tabella(chosen, outer)
            yield from ((outer, cell) for cell in self._complements(grid, hidden, outer))

    def _complements(
        self, grid: Griglia, hidden: Collection[Casella], tabella: int
    ) -> set[Casella]:
        found: set[Casella] = set()
        for system in grid.sistemi:
            found |= self._of_system(grid, system, found.union(hidden), self.prezzi[tabella])
        return found

    def _of_system(
        self, grid: Griglia, system: Sistema, hidden: set[Casella], prices: Prezzi
    ) -> set[Casella]:
        costs = [
            None if cell in grid.vuote else 0 if cell in hidden else prices[cell]
            for cell in system.caselle
        ]
        found: set[Casella] = set()
        for arc, place in enumerate(system.posti):
            width = grid.ampiezza(place, self.soglie)
            if costs[arc] != 0 or not width:
                continue
            _, used = system.rete.allarga(arc, system.numeri, costs, width)
            new = {system.caselle[each] for each in used} - hidden - found
            found |= new
            for other, cell in enumerate(system.caselle):
                if cell in new and costs[other] is not None:
                    costs[other] = 0
        return found

    def _fewer(self, chosen: Scelte, needed: Scelte) -> Scelte:
        """Show again what later choices made superfluous: whole rows first, then the dearest."""
        more = sorted(chosen - needed, key=lambda each: (-self.prezzi[each[0]][each[1]], each))
        rows = dict.fromkeys(cell[0] for _, cell in more)
        cells = dict.fromkeys(cell for _, cell in more)
        groups = [
            *({each for each in more if each[1][0] == row} for row in rows),
            *({each for each in more if each[1] == cell} for cell in cells),
            *({each} for each in more),
        ]
        for group in groups:
            tried = chosen - group
            if group <= chosen and self._safe(tried):
                chosen = tried
        return chosen

    def _safe(self, chosen: Scelte) -> bool:
        return self._with_like(chosen) == chosen and next(self._missing(chosen), None) is None


def _prices(grid: Griglia) -> Prezzi:
    """What it costs to hide each cell of a table: its workers, and something for the cell itself.

    That is what one has on average, so that several small ones are not hidden in place of one that
    is not much larger.
    """
    found = {
        (row, group): max(grid.numeri[column][row] for column in grid.colonne((row, group)))
        for row, group in grid.caselle()
    }
    inner = [
        price for (row, group), price in found.items() if group != TOTALE and row != grid.totale
    ]
    each = 1 + sum(inner) // max(len(inner), 1)
    extra = {(False, True): _ROW_TOTAL, (True, False): _COLUMN_TOTAL, (True, True): _GRAND_TOTAL}
    return {
        (row, group): price + each + extra.get((row == grid.totale, group == TOTALE), 0)
        for (row, group), price in found.items()
    }
