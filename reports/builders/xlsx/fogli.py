"""Where a table stands on its sheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from xlsxwriter.utility import xl_range_abs

from reports.builders.parole import ESEMPIO, annotazioni, note_sotto
from reports.documento import Tabella


@dataclass(frozen=True)
class Foglio:
    """Where the parts of a table stand on its sheet; rows and columns count from 0.

    Attributes:
        nome: of the sheet.
        note: the texts of the last column, one for each row; empty where the table needs none.
        testata: the line of the header.
        prima: the first line below it.
        ultima: the last line of a row, `testata` if there is none.
        blocchi: the first and last line of the rows without totals, in stretches.
    """

    nome: str
    tabella: Tabella
    note: tuple[str, ...]
    testata: int
    blocchi: tuple[tuple[int, int], ...]

    @property
    def prima(self) -> int:
        return self.testata + 1

    @property
    def ultima(self) -> int:
        return self.testata + len(self.tabella.righe)

    @property
    def filtrabile(self) -> int:
        """The last line that is sorted and filtered: totals below it stay where they are."""
        return self.blocchi[-1][1] if self.blocchi else max(self.ultima, self.prima)

    @property
    def colonne(self) -> int:
        return len(self.tabella.colonne) + bool(self.note)

    @property
    def sotto(self) -> tuple[str, ...]:
        """What is said below the rows."""
        table = self.tabella
        empty = () if table.righe else (table.vuota,)
        return (*empty, *note_sotto(table), f"Fonte: {table.fonte}")

    @property
    def fine(self) -> int:
        """The line where that begins: a blank one stands before it, and ends the table."""
        return max(self.ultima, self.prima) + 2

    @property
    def titolo(self) -> str:
        """What stands above the header."""
        mark = f"{ESEMPIO} – " if self.tabella.esempio else ""
        return f"{mark}{self.tabella.titolo}"

    def intero(self, last: int) -> str:
        """Return the reference to header and rows, up to a column."""
        return f"'{self.nome}'!{xl_range_abs(self.testata, 0, self.filtrabile, last)}"

    def colonna(self, place: int) -> str:
        """Return the reference to the rows of a column, without totals."""
        blocks = self.blocchi or ((self.prima, self.prima),)
        return ",".join(
            f"'{self.nome}'!{xl_range_abs(first, place, last, place)}" for first, last in blocks
        )


def disponi(tabella: Tabella, nome: str) -> Foglio:
    """Return where a table stands on its sheet: title, header in one line or two, rows."""
    head = 2 if any(colonna.gruppo for colonna in tabella.colonne) else 1
    return Foglio(nome, tabella, annotazioni(tabella), head, tuple(_blocks(tabella, head + 1)))


def _blocks(tabella: Tabella, first: int) -> Iterator[tuple[int, int]]:
    lines = enumerate(tabella.righe, start=first)
    for total, stretch in groupby(lines, key=lambda line: line[1].totale):
        if not total:
            numbers = [number for number, _ in stretch]
            yield numbers[0], numbers[-1]
