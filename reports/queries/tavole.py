"""Tables whose figures are still to be read: asked for together, told once a board is loaded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from porfse.figures import Figure
from reports.celle import riga
from reports.documento import Capitolo, Cella, Colonna, Forma, Grafico, Indicatore, Riga, Tabella

Row = dict[str, Any]
ORDINARY = "CIGD esclusa"  # the perimetro that goes without saying


def known(row: Row) -> bool:
    """Say whether a figure of a row is known; its board must be loaded."""
    return any(isinstance(value, Figure) and value.amount is not None for value in row.values())


def is_total(row: Row) -> bool:
    """Say whether a row is a total: some rows have a figure of this name."""
    return row.get("totale") is True


@dataclass
class Tavola:
    """A table to be; `righe` is called once the board of its figures is loaded.

    Attributes:
        chiave: what tells a row from the others.
        somme: columns whose total is the sum of the other rows; checked where all are known.
        nota: below the table, always; `note` are those that depend on its figures.
        perimetri: the cells in euro say what they include of the Covid wage support.
        fisse: its rows are data though no figure of theirs is known; else a table without a known
            figure has no rows.
    """

    nome: str
    titolo: str
    colonne: tuple[Colonna, ...]
    righe: Callable[[], Iterable[Row]]
    chiave: Callable[[Row], str]
    fonte: str
    somme: Sequence[str] = ()
    nota: str = ""
    note: Callable[[], Iterable[str]] = tuple
    grafico: Grafico | None = None
    vuota: str = "Nessun dato a questa data."
    perimetri: bool = False
    fisse: bool = False

    def tabella(self) -> Tabella:
        """Return the table with its values."""
        rows = list(self.righe())
        if not self.fisse and not any(known(row) for row in rows):
            rows = []
        cells = tuple(self._row(row) for row in rows)
        return Tabella(
            self.nome,
            self.titolo,
            tuple(self._column(index, cells) for index in range(len(self.colonne))),
            cells,
            self.fonte,
            note=tuple(filter(None, (self.nota, *self.note()))) if rows else (),
            grafico=self.grafico if rows else None,
            vuota=self.vuota,
        )

    def _row(self, row: Row) -> Riga:
        made = riga(self.chiave(row), self.colonne, row, totale=is_total(row))
        if not self.perimetri:
            return made
        cells = (
            _with_scope(cell, row.get(column.chiave)) if column.forma is Forma.EURO else cell
            for cell, column in zip(made.celle, self.colonne, strict=True)
        )
        return replace(made, celle=tuple(cells))

    def _column(self, index: int, rows: Sequence[Riga]) -> Colonna:
        column = self.colonne[index]
        adds_up = (
            column.chiave in self.somme
            and any(row.totale for row in rows)
            and all(row.celle[index].valore is not None for row in rows)
        )
        return replace(column, somma=adds_up)


def _with_scope(cell: Cella, value: Any) -> Cella:
    if not isinstance(value, Figure) or cell.valore is None or value.scope in ("", ORDINARY):
        return cell
    return replace(cell, nota=", ".join(filter(None, (value.scope, cell.nota))))


@dataclass
class Bozza:
    """A chapter to be: its texts and single figures are told when its tables are."""

    titolo: str
    tavole: Sequence[Tavola] = ()
    testi: Callable[[], Iterable[str]] = field(default=tuple)
    indicatori: Callable[[], Iterable[Indicatore]] = field(default=tuple)

    def capitolo(self) -> Capitolo:
        """Return the chapter with its values; the board must be loaded."""
        return Capitolo(
            self.titolo,
            tuple(self.testi()),
            tuple(self.indicatori()),
            tuple(table.tabella() for table in self.tavole),
        )
