"""Tables for the public: what is hidden in them, and what is said of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from porfse.figures import Leaf
from reports.documento import SUPPRESSED, Cella, Riga, Tabella
from reports.soppressione.griglia import TOTALE, Casella, Griglia
from reports.soppressione.margini import Margini, Soglie
from reports.soppressione.scelta import Problema, in_tabella
from reports.soppressione.verifica import ricavabili, ricavabili_insieme, rivela

NOTA = (
    "{mark} Cella nascosta a tutela della riservatezza: riguarda meno di {unita} unità produttive o"
    " meno di {lavoratori} lavoratori, o la dichiarano meno di {unita} unità, oppure permetterebbe"
    " di ricavare una cella che li riguarda. Con una cifra sono nascoste quelle della stessa"
    " casella; dove non ci sono unità lo zero non è mai nascosto."
)
TUTTA = (
    "{mark} Cifra nascosta a tutela della riservatezza: nella tabella non si è potuto garantire che"
    " le celle con pochi lavoratori non si ricavino dalle altre, e sono nascoste tutte."
)


def sopprimi(tabella: Tabella, margini: Margini, soglie: Soglie | None = None) -> Tabella:
    """Return a table for the public, with its small cells hidden, and enough of the others."""
    return sopprimi_insieme([tabella], margini, soglie=soglie)[0]


def sopprimi_insieme(
    tabelle: Sequence[Tabella],
    margini: Margini,
    contenute: Iterable[tuple[int, int]] = (),
    soglie: Soglie | None = None,
) -> list[Tabella]:
    """Return tables about the same sites for the public: what one hides, the others do not tell.

    A cell that is hidden in one is hidden in the others that have nearly the same number there.
    What comes out has been proved by the auditor; where that cannot be, all counts are hidden.

    Args:
        tabelle: whole, with the same rows and the same columns of counts; without rows is empty.
        contenute: pairs of places in `tabelle`, of which the first is never above the second.
        soglie: those of the settings, if they are not given.
    """
    limits = soglie or Soglie.in_vigore()
    full = [place for place, table in enumerate(tabelle) if table.righe]
    if len({tuple(row.chiave for row in tabelle[place].righe) for place in full}) > 1:
        raise ValueError("tabelle da nascondere insieme con righe diverse")
    pairs = [pair for pair in contenute if set(pair) <= set(full)]
    grids = [Griglia.of(tabelle[place], margini) for place in full]
    inside = [(full.index(inner), full.index(outer)) for inner, outer in pairs]
    chosen = Problema(grids, inside, limits).scegli()
    found = list(tabelle)
    if chosen is not None:
        for number, (place, grid) in enumerate(zip(full, grids, strict=True)):
            found[place] = _hide(tabelle[place], grid, in_tabella(chosen, number), limits)
    proved = (
        chosen is not None
        and not any(ricavabili(found[place], margini, limits) for place in full)
        and not any(
            ricavabili_insieme(found[inner], found[outer], margini, limits)
            for inner, outer in pairs
        )
    )
    return found if proved else [_hide_all(table, margini) for table in tabelle]


def copri(tabella: Tabella, nascoste: set[Leaf]) -> Tabella:
    """Return a table without the figures that are made of hidden ones."""
    if not any(rivela(cell, nascoste) for row in tabella.righe for cell in row.celle):
        return tabella
    rows = tuple(
        replace(row, celle=tuple(copri_cella(cell, nascoste) for cell in row.celle))
        for row in tabella.righe
    )
    return replace(tabella, righe=rows, note=(*tabella.note, _note(NOTA, Soglie.in_vigore())))


def copri_cella(cella: Cella, nascoste: set[Leaf]) -> Cella:
    """Return a cell, hidden if it shows what is made of a hidden figure."""
    return _hidden(cella) if rivela(cella, nascoste) else cella


def _hide(tabella: Tabella, grid: Griglia, cells: Collection[Casella], soglie: Soglie) -> Tabella:
    """Hide some cells wherever there is something in them, and the shares of what is hidden."""
    columns: dict[int, set[str]] = {row: set() for row in range(len(tabella.righe))}
    for row, column in grid.quote_piccole(soglie):
        columns[row].add(column)
    # A zero that few tell is theirs, unlike that of a place where there is nobody.
    for casella in (each for each in cells if each not in grid.vuote or grid.piccola(each, soglie)):
        row, group = casella
        columns[row] |= set(grid.colonne(casella))
        if group == TOTALE:
            columns[row] |= set(grid.margini.quote)
            continue
        columns[row] |= set(grid.margini.gruppi[group].quote)
        for each in columns if row == grid.totale else ():
            columns[each] |= grid.margini.quote_di(group)
    if not any(columns.values()):
        return tabella
    rows = tuple(_row(tabella, row, columns[place]) for place, row in enumerate(tabella.righe))
    return replace(tabella, righe=rows, note=(*tabella.note, _note(NOTA, soglie)))


def _hide_all(tabella: Tabella, margini: Margini) -> Tabella:
    if not tabella.righe:
        return tabella
    shares = {column for group in margini.gruppi for column in group.quote}
    rows = tuple(_row(tabella, row, shares | set(margini.conti)) for row in tabella.righe)
    return replace(tabella, righe=rows, note=(*tabella.note, TUTTA.format(mark=SUPPRESSED)))


def _row(tabella: Tabella, row: Riga, columns: Collection[str]) -> Riga:
    cells = (
        _hidden(cell) if column.chiave in columns else cell
        for cell, column in zip(row.celle, tabella.colonne, strict=True)
    )
    return replace(row, celle=tuple(cells))


def _hidden(cella: Cella) -> Cella:
    """A hidden cell keeps the name of its figure, by which the others are told to be made of it."""
    return Cella(soppressa=True, cifra=cella.cifra)


def _note(words: str, soglie: Soglie) -> str:
    return words.format(mark=SUPPRESSED, unita=soglie.unita, lavoratori=soglie.lavoratori)
