"""The auditor: what a reader of a finished table can compute back of its hidden cells."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from porfse.figures import Leaf, parse
from reports.documento import Avviso, Cella, Documento, Tabella
from reports.soppressione.griglia import Griglia, Posto, contenuta
from reports.soppressione.margini import Margini, Soglie, dichiarazione

CALCOLABILE, SCOPERTA = "R141", "R142"


class Motivo(StrEnum):
    """Why a cell is told of."""

    SCOPERTA = "è piccola e non è nascosta"
    ACCANTO = "è visibile, ma un'altra cifra della stessa casella è nascosta"
    TOTALE = "è una quota di un totale nascosto"
    CALCOLABILE = "è nascosta, ma si ricava dalle altre"
    CONTENUTA = "è nascosta, ma la stessa casella è visibile nella tabella che la contiene"
    DIFFERENZA = "è visibile, e la differenza dalla tabella che contiene è piccola"
    INCOERENTE = "è nascosta, e le somme della tabella non tornano: nulla si può garantire"


@dataclass(frozen=True)
class Ricavabile:
    """A cell of which a reader learns too much.

    Attributes:
        minimo, massimo: between what a hidden number is known to be; None has no bound.
    """

    riga: str
    colonna: str
    motivo: Motivo
    minimo: int | None = None
    massimo: int | None = None


def ricavabili(
    tabella: Tabella, margini: Margini, soglie: Soglie | None = None
) -> list[Ricavabile]:
    """Return the cells of a finished table that it does not hide, or not well enough.

    A cell is of few sites, too, if few of them tell its workers (`Cella.dichiaranti`).

    A reader knows what can be seen, that what is not known adds nothing, that sums are right, that
    numbers are not negative and that where something is hidden there is a site at least. The
    bounds of a hidden number are exact; it is told of if it has fewer possible values than the
    threshold of its kind.

    Args:
        soglie: those of the settings, if they are not given.
    """
    limits = soglie or Soglie.in_vigore()
    grid = Griglia.of(tabella, margini)
    found = [*_seen(tabella, grid, limits), *_bounded(tabella, grid, limits)]
    return sorted(found, key=lambda each: (each.riga, each.colonna))


def ricavabili_insieme(
    dentro: Tabella, fuori: Tabella, margini: Margini, soglie: Soglie | None = None
) -> list[Ricavabile]:
    """Return the cells of a table that one which it holds tells too much of.

    Args:
        dentro: of which no number is above that of the other table in the same place.
    """
    limits, inner, outer = soglie or Soglie.in_vigore(), *_both(dentro, fuori, margini)
    both = [
        Ricavabile(dentro.righe[row].chiave, column, Motivo.CONTENUTA)
        for row, column in sorted(inner.nascosti - outer.nascosti)
    ]
    seen = {
        (row, column)
        for column in margini.conti
        for row in range(inner.righe)
        if (row, column) not in inner.nascosti
    }
    beyond = contenuta(inner, outer, seen)
    return [*both, *_beyond(fuori, beyond, limits), *_bounded(fuori, beyond, limits)]


def _beyond(fuori: Tabella, beyond: Griglia, soglie: Soglie) -> Iterator[Ricavabile]:
    """What can be seen in both tables, so that the difference tells of few."""
    for casella in beyond.caselle():
        places = [(casella[0], column) for column in beyond.colonne(casella)]
        if not beyond.nascosti & set(places) and beyond.piccola(casella, soglie):
            for row, column in places:
                yield Ricavabile(fuori.righe[row].chiave, column, Motivo.DIFFERENZA)


def _both(dentro: Tabella, fuori: Tabella, margini: Margini) -> tuple[Griglia, Griglia]:
    if [row.chiave for row in dentro.righe] != [row.chiave for row in fuori.righe]:
        raise ValueError(f"«{dentro.nome}» e «{fuori.nome}» non hanno le stesse righe")
    return Griglia.of(dentro, margini), Griglia.of(fuori, margini)


def intervalli(griglia: Griglia) -> dict[Posto, tuple[int, int | None] | None]:
    """Return between what each hidden number must be; None if the sums cannot be right at all."""
    found: dict[Posto, tuple[int, int | None] | None] = {}
    for system in griglia.sistemi:
        costs = [0 if place in griglia.nascosti else None for place in system.posti]
        numbers = list(system.numeri)
        right = system.rete.completa(numbers, costs)
        for arc, place in enumerate(system.posti):
            if costs[arc] is not None:
                bounds = system.rete.intervallo(arc, numbers, costs) if right else None
                found[place] = bounds
    return found


def _bounded(tabella: Tabella, grid: Griglia, soglie: Soglie) -> Iterator[Ricavabile]:
    for (row, column), bounds in intervalli(grid).items():
        where = (tabella.righe[row].chiave, column)
        width = grid.ampiezza((row, column), soglie)
        if bounds is None:
            yield Ricavabile(*where, Motivo.INCOERENTE)
        elif bounds[1] is not None and bounds[1] - bounds[0] < width:
            yield Ricavabile(*where, Motivo.CALCOLABILE, *bounds)


def _seen(tabella: Tabella, grid: Griglia, soglie: Soglie) -> Iterator[Ricavabile]:
    """What should be hidden and is not."""
    for casella in grid.caselle():
        row, hidden = casella[0], False
        columns = grid.colonne(casella)
        hidden = any((row, column) in grid.nascosti for column in columns)
        small = grid.piccola(casella, soglie)
        for column in columns:
            if (hidden or small) and (row, column) not in grid.nascosti:
                motivo = Motivo.ACCANTO if hidden else Motivo.SCOPERTA
                yield Ricavabile(tabella.righe[row].chiave, column, motivo)
    yield from _shares(tabella, grid)
    for row, column in sorted(grid.quote_piccole(soglie)):
        yield Ricavabile(tabella.righe[row].chiave, column, Motivo.SCOPERTA)


def _shares(tabella: Tabella, grid: Griglia) -> Iterator[Ricavabile]:
    """The shares that can be seen though the number that they are of, or its total, is hidden."""
    totals = {row for row, column in grid.nascosti if column == grid.margini.totale}
    for group in grid.margini.gruppi:
        own = {row for row, column in grid.nascosti if column in group.conti}
        for column in group.quote:
            place = tabella.posizione(column)
            of_row = column in grid.margini.quote
            for number, row in enumerate(tabella.righe):
                if row.celle[place].valore is None:
                    continue
                if number in own:
                    yield Ricavabile(row.chiave, column, Motivo.ACCANTO)
                elif number in totals if of_row else grid.totale in own:
                    yield Ricavabile(row.chiave, column, Motivo.TOTALE)


def avvisi_soppressione(documento: Documento) -> tuple[Avviso, ...]:
    """Return a warning for each cell of a public document that tells too much.

    R141 is a hidden cell that can be computed back; R142 one that should be hidden, or a figure
    made from one that is hidden elsewhere. No warning says a number: it is on the front of the
    draft.
    """
    if not documento.pubblico:
        return ()
    declared = dichiarazione(documento.slug)
    tables = {table.nome: table for table in documento.tabelle if table.righe}
    found = []
    for name, table in tables.items():
        if name in declared.margini:
            found += [_warning(table, each) for each in ricavabili(table, declared.margini[name])]
    for inner, outer in declared.contenute:
        if inner in tables and outer in tables:
            pair = (tables[inner], tables[outer])
            both = ricavabili_insieme(*pair, declared.margini[inner])
            found += [_warning(pair[1], each) for each in both]
    found += _derived(documento)
    return tuple(dict.fromkeys(found))


def _warning(tabella: Tabella, each: Ricavabile) -> Avviso:
    column = tabella.colonne[tabella.posizione(each.colonna)]
    name = f"{column.gruppo}, {column.titolo}" if column.gruppo else column.titolo
    shown = (Motivo.SCOPERTA, Motivo.ACCANTO, Motivo.TOTALE, Motivo.DIFFERENZA)
    code = SCOPERTA if each.motivo in shown else CALCOLABILE
    text = f"La cella «{name}», riga «{each.riga}», {each.motivo}."
    return Avviso(code, "errore", text, tabella.titolo)


def cifre_nascoste(tabella: Tabella) -> set[Leaf]:
    """Return the figures that are hidden in a table."""
    cells = (cell for row in tabella.righe for cell in row.celle if cell.soppressa and cell.cifra)
    found = (parse(cell.cifra) for cell in cells)
    return {figure for figure in found if isinstance(figure, Leaf)}


def rivela(cella: Cella, nascoste: set[Leaf]) -> bool:
    """Say whether a cell shows a figure that is made of a hidden one."""
    if cella.valore is None or not cella.cifra or not nascoste:
        return False
    return any(leaf in nascoste for leaf in parse(cella.cifra).leaves())


def _derived(documento: Documento) -> Iterator[Avviso]:
    """The figures that are hidden in one place and enter what is shown in another."""
    hidden = {leaf for table in documento.tabelle for leaf in cifre_nascoste(table)}
    for chapter in documento.capitoli:
        for item in chapter.indicatori:
            if rivela(item.cella, hidden):
                text = f"L'indicatore «{item.etichetta}» mostra una cifra nascosta altrove."
                yield Avviso(SCOPERTA, "errore", text, chapter.titolo)
        for table in chapter.tabelle:
            for row in table.righe:
                for cell, column in zip(row.celle, table.colonne, strict=True):
                    if rivela(cell, hidden):
                        text = (
                            f"La cella «{column.titolo}», riga «{row.chiave}», mostra una cifra"
                            " nascosta altrove."
                        )
                        yield Avviso(SCOPERTA, "errore", text, table.titolo)
