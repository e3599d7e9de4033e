"""The programme at a day, as reports show it: the figures of its pages, on one board."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from porfse.charts import Colour
from porfse.figures import Board, Figure, differenza
from porfse.periods import italian
from programme.charts import VOCI
from programme.figures.ledger import LABELS
from programme.models import Asse, Perimetro
from programme.progress import Tile, View, previous_year_end, tiles
from reports.celle import FORME, cella
from reports.documento import TRATTINO, Colonna, Forma, Indicatore
from reports.queries.aggiornamento import Aggiornamento
from reports.queries.fonti import Fonti, fonti
from reports.queries.tavole import Row, Tavola

COLOURS = {voce.campo: voce.colore for voce in VOCI}
NAMES = {"dotazione": "Dotazione", **LABELS}
ASSE = (Colonna("asse", "Asse"), Colonna("denominazione", "Denominazione"))
WHOLE = "Programma"
UNDECLARED = Perimetro.NON_DICHIARATA.label


@dataclass(frozen=True)
class Lettura:
    """What one report reads of the programme: all its figures are of one day, on one board.

    Attributes:
        since: the end of the year before, which the day is compared with.
    """

    view: View
    since: date
    board: Board
    assi: tuple[Asse, ...]
    fonti: Fonti

    @classmethod
    def at(cls, day: date) -> "Lettura":
        """Begin to read the programme at a day; load the board when all is asked for."""
        found = fonti(day)
        view = View(day, ultimi=found.dati.ultimi)
        return cls(view, previous_year_end(day), Board(), tuple(Asse.objects.all()), found)

    @property
    def al(self) -> date:
        return self.view.al

    @property
    def giorno(self) -> str:
        return italian(self.al)

    @property
    def dati(self) -> Aggiornamento:
        """How old the data are that are read."""
        return self.fonti.dati

    def within(self, perimetro: str) -> View:
        """Return the day with another perimetro."""
        return View(self.al, perimetro)

    def nodes(self) -> Iterator[tuple[str | Asse, str | None]]:
        """Yield each asse with its code, then the programme."""
        yield from ((asse, asse.codice) for asse in self.assi)
        yield WHOLE, None


def named(row: Row) -> Row:
    """Name the node of a row by the code of its asse and by its words; the programme is a total."""
    node = row["nome"]
    if isinstance(node, Asse):
        return {**row, "asse": f"Asse {node.codice}", "denominazione": node.nome, "totale": False}
    return {**row, "asse": str(node), "denominazione": "", "totale": True}


def by_asse(row: Row) -> str:
    """Return what tells the row of an asse from the others."""
    return row["asse"]


def single(
    nome: str, etichetta: str, figure: Figure, dettaglio: str = "", colore: Colour = Colour.BLUE
) -> Indicatore:
    """Return a figure that stands alone; its board must be loaded."""
    forma = FORME[figure.value.unit]
    return Indicatore(nome, etichetta, cella(figure), forma, dettaglio, colore)


class Grandezze:
    """The five quantities of the programme: as single figures, as a table, with their warnings."""

    def __init__(self, lettura: Lettura) -> None:
        self.lettura = lettura
        endowment, *others = tiles(lettura.board, lettura.view, lettura.since)
        before = View(lettura.since).endowment()
        change = differenza(endowment.importo.expression, before)
        compared = {"prima": lettura.board(before), "variazione": lettura.board(change)}
        self.tessere = [replace(endowment, **compared), *others]

    def indicatori(self) -> Iterator[Indicatore]:
        """Yield each as a figure with a line below it; the board must be loaded."""
        for tile in self.tessere:
            yield single(
                tile.voce, tile.etichetta, tile.importo, self._line(tile), COLOURS[tile.voce]
            )

    def _line(self, tile: Tile) -> str:
        parts = [tile.importo.scope]
        if tile.quota and tile.quota.amount is not None:
            parts.append(f"{tile.quota.text} della dotazione")
        if tile.variazione and tile.variazione.amount:
            change = tile.variazione.value.unit.show(tile.variazione.amount, mln=True, signed=True)
            parts.append(f"{change} dal {italian(self.lettura.since)}")
        if tile.importo.amount is not None:
            parts.append(self.lettura.dati.detto(tile.voce))
        return "; ".join(filter(None, parts))

    def tavola(self) -> Tavola:
        """Return the same as a table, with what it is compared with and why it may not be alike."""
        since = italian(self.lettura.since)
        colonne = (
            Colonna("voce", "Grandezza"),
            Colonna("importo", f"Al {self.lettura.giorno}", Forma.EURO),
            Colonna("quota", "Sulla dotazione", Forma.PERCENTO),
            Colonna("prima", f"Al {since}", Forma.EURO),
            Colonna("variazione", "Variazione", Forma.EURO),
            Colonna("avvertenza", "Confronto"),
        )
        return Tavola(
            "programma",
            self.lettura.dati.titolo(
                f"Le grandezze finanziarie del programma e la variazione dal {since}"
            ),
            colonne,
            self._rows,
            lambda row: row["chiave"],
            self.lettura.fonti.registro,
            perimetri=True,
        )

    def _rows(self) -> Iterator[Row]:
        for tile in self.tessere:
            different = tile.perimetro_diverso
            yield {
                "chiave": tile.voce,
                "voce": tile.etichetta,
                "importo": tile.importo,
                "quota": tile.quota or TRATTINO,
                "prima": tile.prima,
                "variazione": tile.cambiamento,
                "avvertenza": f"Non omogeneo: {different}." if different else "",
            }

    def avvertenze(self) -> Iterator[str]:
        """Yield what must be known to read the figures; the board must be loaded."""
        for tile in self.tessere:
            if UNDECLARED in tile.importo.value.scope:
                yield (
                    f"{tile.etichetta}: la fonte non dichiara se l'importo comprende la Cassa"
                    " integrazione guadagni in deroga (CIGD)."
                )
