"""Financial progress as pages show it: rows of figures, asked for together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils import timezone
from django.utils.safestring import SafeString

from porfse.figures import Board, Expression, Figure, differenza, leaf, rapporto
from programme.figures.ledger import LABELS
from programme.freshness import Days, last_days, latest, ledger_rows, older
from programme.models import GRANDEZZE, Asse, Perimetro
from programme.querysets import NON_ATTRIBUITO, NON_RIPARTITO

PERIMETERS = {"": "CIGD inclusa", Perimetro.ORDINARIA.value: "CIGD esclusa"}
Row = dict[str, Any]


def latest_day() -> date:
    """Return the last day, up to today, on which a movement in force falls; today if none does."""
    today = timezone.localdate()
    return latest(last_days(ledger_rows(today))) or today


def previous_year_end(day: date) -> date:
    """Return 31 December of the year before: what a date is compared with by default."""
    return max(date(day.year - 1, 12, 31), settings.EARLIEST_DATE)


@dataclass(frozen=True)
class View:
    """What the reader has chosen: the date, and whether the Covid wage support is in.

    Attributes:
        ultimi: the last day with an amount of each quantity of the programme, up to the date;
            empty where nothing is said of how old the data are.
    """

    al: date
    perimetro: str = ""
    ultimi: Days = field(default_factory=dict, compare=False)

    def detto(self, quantity: str) -> str:
        """Return `ultimo dato al 31.12.2020` of a quantity older than the date; else empty."""
        return older(self.ultimi.get(quantity), self.al)

    def still(self, quantity: str, since: date) -> bool:
        """Whether no amount of a quantity lies between another date and this one."""
        last = self.ultimi.get(quantity)
        return last is not None and last <= since

    def amount(self, quantity: str, al: date | None = None, **levels: str | None) -> Expression:
        """The sum of a quantity within some levels, as an expression."""
        return leaf(quantity, al=al or self.al, perimetro=self.perimetro, **levels)

    def endowment(self, asse: str | None = None) -> Expression:
        return leaf("dotazione", al=self.al, asse=asse)


def progress_row(board: Board, view: View, node: Any, **levels: str | None) -> Row:
    """The four quantities of a node of the programme; `node` is an object with a page, or words."""
    amounts = {quantity: board(view.amount(quantity, **levels)) for quantity in GRANDEZZE}
    return {"nome": node, **amounts}


def asse_row(board: Board, view: View, node: Any, asse: str | None = None) -> Row:
    """The quantities of an asse, or of the programme, and their ratios to the endowment."""
    endowment = view.endowment(asse)
    row = {**progress_row(board, view, node, asse=asse), "dotazione": board(endowment)}
    # The endowment includes the wage support: no ratio of what does not.
    for quantity in () if view.perimetro else GRANDEZZE:
        row[f"quota_{quantity}"] = board(rapporto(view.amount(quantity, asse=asse), endowment))
    return row


def asse_rows(board: Board, view: View, assi: Iterable[Asse]) -> list[Row]:
    """One row for each asse, then what is not split between them, then the programme."""
    rows = [asse_row(board, view, asse, asse.codice) for asse in assi]
    rows.append(progress_row(board, view, "Non ripartito tra gli assi", asse=NON_RIPARTITO))
    rows.append({**asse_row(board, view, "Programma"), "totale": True})
    return rows


def node_rows(board: Board, view: View, nodes: Iterable[Model], level: str) -> list[Row]:
    """One row for each azione or iniziativa."""
    return [progress_row(board, view, node, **{level: str(node.pk)}) for node in nodes]


def rest_row(board: Board, view: View, asse: str) -> Row:
    """What no initiative of an asse accounts for."""
    return progress_row(
        board, view, "Non attribuito a iniziative", asse=asse, iniziativa=NON_ATTRIBUITO
    )


def without_unknown(rows: Iterable[Row]) -> list[Row]:
    """Leave out the rows in which no quantity is known; the board must be loaded."""
    return [row for row in rows if any(row[name].amount is not None for name in GRANDEZZE)]


class Unchanged(Figure):
    """A change of nothing, in words: both its dates rest on the same data."""

    words = "nessun dato nuovo"

    def __init__(self, change: Figure) -> None:
        super().__init__(change.expression)
        self.value = change.value

    @property
    def delta(self) -> SafeString:
        return self.linked(self.words)

    @property
    def exported(self) -> str:  # type: ignore[override]
        return self.words


@dataclass
class Tile:
    """One quantity of the programme: amount, ratio to the endowment, change since a date.

    Attributes:
        ultimo: `ultimo dato al 31.12.2020`, if the data are older than the date of the page.
        fermo: no datum of the quantity lies between the two dates.
    """

    voce: str
    etichetta: str
    importo: Figure
    quota: Figure | None = None
    variazione: Figure | None = None
    prima: Figure | None = field(default=None, repr=False)
    cigd: Figure | None = field(default=None, repr=False)
    ultimo: str = ""
    fermo: bool = False

    @property
    def cambiamento(self) -> Figure | None:
        """The change as a page shows it; the board must be loaded."""
        if self.variazione is not None and self.fermo and self.variazione.amount == 0:
            return Unchanged(self.variazione)
        return self.variazione

    @property
    def perimetro_diverso(self) -> str:
        """Why the change does not compare like with like; empty if it does, or is of nothing."""
        if isinstance(self.cambiamento, Unchanged):
            return ""
        if self.prima is None or self.prima.amount is None or self.importo.amount is None:
            return ""
        before, now = self.prima.value.scope, self.importo.value.scope
        if Perimetro.NON_DICHIARATA.label in before | now:
            return "perimetro non dichiarato"
        if before != now:
            return f"{self.prima.scope} prima, {self.importo.scope} ora"
        return "comprende CIGD spostata tra gli assi" if self.cigd and self.cigd.amount else ""


def tiles(board: Board, view: View, since: date, asse: str | None = None) -> list[Tile]:
    """The five quantities of the programme, or of an asse, with what has changed since a date."""
    endowment = view.endowment(asse)
    shown = [Tile("dotazione", "Dotazione", board(endowment))]
    for quantity in GRANDEZZE:
        now, before = view.amount(quantity, asse=asse), view.amount(quantity, since, asse=asse)
        support = View(view.al, Perimetro.CIGD)
        moved = differenza(
            support.amount(quantity, asse=asse), support.amount(quantity, since, asse=asse)
        )
        shown.append(
            Tile(
                quantity,
                LABELS[quantity],
                board(now),
                None if view.perimetro else board(rapporto(now, endowment)),
                board(differenza(now, before)),
                board(before),
                None if view.perimetro else board(moved),
                view.detto(quantity),
                view.still(quantity, since),
            )
        )
    return shown


@dataclass
class Change:
    """What has changed since a date in one asse, or in the programme."""

    nodo: Asse | str
    tessere: list[Tile]

    def row(self) -> Row:
        differing = [
            f"{tile.etichetta}: {tile.perimetro_diverso}"
            for tile in self.tessere
            if tile.perimetro_diverso
        ]
        return {
            "nome": self.nodo,
            **{tile.voce: tile.cambiamento for tile in self.tessere},
            "avvertenza": f"Confronto non omogeneo. {'; '.join(differing)}." if differing else "",
            "totale": isinstance(self.nodo, str),
        }


def changes(board: Board, view: View, since: date, assi: Iterable[Asse]) -> list[Change]:
    """What has changed since a date, for each asse and for the programme."""
    return [
        *(Change(asse, tiles(board, view, since, asse.codice)[1:]) for asse in assi),
        Change("Programma", tiles(board, view, since)[1:]),
    ]
