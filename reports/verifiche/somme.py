"""Whether the totals of the tables add up."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from porfse import money
from reports.documento import Avviso, Cella, Colonna, Documento, Forma, Tabella

_NEVER_NEGATIVE = (Forma.NUMERO, Forma.ORE)


def somme(documento: Documento) -> Iterator[Avviso]:
    """Compare, to the cent, the totals of a document with the sums of their rows.

    Only a table with one row of totals is looked at: of several, nothing says which rows each adds
    up. A total that is not known claims nothing. Cells that are hidden are not counted, and what
    they make up together is not told.
    """
    for table in documento.tabelle:
        totals = [row for row in table.righe if row.totale]
        if len(totals) != 1:
            continue
        for place, column in enumerate(table.colonne):
            if column.somma:
                others = [row.celle[place] for row in table.righe if not row.totale]
                yield from _column(table, column, totals[0].celle[place], others)


def _column(
    table: Tabella, column: Colonna, total: Cella, cells: Sequence[Cella]
) -> Iterator[Avviso]:
    if total.valore is None:
        return
    printed, known = Decimal(total.valore), list(_known(cells))
    added, unknown = sum(known, Decimal(0)), len(cells) - len(known)
    if not money.half_up(printed - added, 2):
        return
    hidden = any(cell.soppressa for cell in cells)
    if not unknown or (added > printed and column.forma in _NEVER_NEGATIVE):
        yield _wrong(table, column, printed, added)
    elif not hidden:
        words = "una riga non è nota" if unknown == 1 else f"{unknown} righe non sono note"
        yield Avviso(
            "R102",
            "nota",
            f"{_words(table, column, printed, added)}: non si può verificare, perché {words}.",
            table.titolo,
        )


def _wrong(table: Tabella, column: Colonna, printed: Decimal, added: Decimal) -> Avviso:
    gap = column.forma.show(printed - added)
    text = f"{_words(table, column, printed, added)}: non quadra, la differenza è {gap}."
    return Avviso("R101", "errore", text, table.titolo)


def _words(table: Tabella, column: Colonna, printed: Decimal, added: Decimal) -> str:
    name = f"{column.gruppo}, {column.titolo}" if column.gruppo else column.titolo
    show = column.forma.show
    return f"«{name}»: il totale è {show(printed)}, la somma delle righe {show(added)}"


def _known(cells: Iterable[Cella]) -> Iterator[Decimal]:
    for cell in cells:
        if cell.valore is not None:
            yield Decimal(cell.valore)
