"""The table of the crises in the arrangement of the published one, for any period and source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from crisi.figures import of
from crisi.models import Procedura
from crisi.selection import ESEMPIO, FONTI, PUBBLICATA, SIGLE, TIPI, Selection
from porfse import money
from porfse.figures import Board, Expression, Figure, leaf, rapporto
from porfse.printed import catalogue

TOT = "TOT"
REGIONE = "Totale regione"
_UNKNOWN = format_html('<span class="visually-hidden">{}</span>', "non noto")


@dataclass(frozen=True)
class Group:
    """Four columns of the table; `breve` is its name in the codes of the printed figures."""

    tipo: str
    breve: str
    titolo: str
    linee_guida: str
    unita: str
    lavoratori: str


GROUPS = (
    Group(
        Procedura.Tipo.CIGS_MIN,
        "MIN",
        "Procedure CIGS ministeriali",
        "Linee guida A)",
        "Totale unità produttive coinvolte nelle procedure CIGS ministeriali",
        "Totale lavoratori coinvolti in procedure CIGS ministeriali",
    ),
    Group(
        Procedura.Tipo.CIGS_REG,
        "REG",
        "Procedure CIGS regionali",
        "Linee guida B) C)",
        "Totale unità produttive coinvolte nelle procedure CIGS regionali",
        "Totale lavoratori coinvolti in procedure CIGS regionali",
    ),
    Group(
        Procedura.Tipo.LIC,
        "LIC",
        "Procedure licenziamenti collettivi",
        "Linee guida D)",
        "Totale unità produttive coinvolte nelle procedure LIC regionali",
        "Totale lavoratori coinvolti in procedure LIC regionali",
    ),
)
PLACE_HEADER = "Provincia o Città metropolitana, sede operativa"
SHARE_HEADER = "Peso % provincia su TOT regione"
TOTAL_HEADER = "Totale lavoratori coinvolti"


@dataclass
class Cell:
    """A number of the table, as it is printed: `places` decimals, nothing if it is not known."""

    figure: Figure
    places: int = 0

    @property
    def number(self) -> Decimal | None:
        """The number as shown: rounded half-up."""
        amount = self.figure.amount
        return None if amount is None else money.half_up(amount, self.places)

    @property
    def text(self) -> str:
        return "" if self.number is None else money.number(self.number, self.places)

    def __str__(self) -> SafeString:
        return self.figure.linked(self.text) if self.text else _UNKNOWN


@dataclass(frozen=True)
class Riga:
    """A provincia, or the region: thirteen cells, of which `printed` says the codes of shares."""

    sigla: str
    nome: str
    cells: Sequence[Cell]

    @property
    def totale(self) -> bool:
        return self.sigla == TOT


@dataclass(frozen=True)
class Note:
    """Something not known: where, and the figure that says more of it."""

    luogo: str
    figura: Figure


@dataclass
class Tavola:
    """A whole table; nothing in it has a value before the board is loaded.

    Attributes:
        celle_vuote: of a published table, the blanks, each with what it is by difference.
        non_dichiarate: of a calculated one, how many units of each cell do not declare workers.
    """

    base: Selection
    righe: list[Riga]
    celle_vuote: list[Note] = field(default_factory=list)
    non_dichiarate: list[Note] = field(default_factory=list)

    gruppi = GROUPS

    @property
    def titolo(self) -> str:
        if self.base.fonte == PUBBLICATA:
            return (
                "Casi gestiti in forma coordinata con il livello territoriale,"
                f" anno {self.base.periodo.anno}"
            )
        words = self.base.words[0].upper() + self.base.words[1:]
        return f"{words} (dati di esempio)" if self.base.fonte == ESEMPIO else words

    @property
    def fonte(self) -> str:
        return FONTI[self.base.fonte]

    @property
    def pubblicata(self) -> bool:
        return self.base.fonte == PUBBLICATA

    @property
    def vuota(self) -> bool:
        """Whether no procedure at all is counted."""
        return all(not cell.figure.amount for cell in self.righe[-1].cells)

    @property
    def non_noti(self) -> list[Note]:
        """The cells, and the region first, with units that do not declare their workers."""
        return [note for note in self.non_dichiarate if note.figura.amount]


def tables(board: Board, bases: Iterable[Selection], names: Mapping[str, str]) -> list[Tavola]:
    """Return the tables of some selections, with their values; the board is loaded for all of them.

    Args:
        board: that of the page; what is already on it is loaded, too.
        bases: period, criterion and source of each; their provincia and kind are not used.
        names: of the provinces, by sigla.
    """
    found = [_table(board, base, names) for base in bases]
    board.load()
    for table in found:
        if table.pubblicata:
            _settle_blanks(board, table)
    board.load()
    return found


def _table(board: Board, base: Selection, names: Mapping[str, str]) -> Tavola:
    rows = [_row(board, replace(base, provincia=sigla), names[sigla]) for sigla in SIGLE]
    table = Tavola(base, [*rows, _row(board, base, REGIONE)])
    if not table.pubblicata:
        places = [replace(base, provincia=sigla, tipo=tipo) for sigla in SIGLE for tipo in TIPI]
        table.non_dichiarate = [
            Note(REGIONE, board(of("non_noti", base))),
            *(
                Note(f"{names[place.provincia]}, {TIPI[place.tipo]}", board(of("non_noti", place)))
                for place in places
            ),
        ]
    return table


def _row(board: Board, place: Selection, name: str) -> Riga:
    cells = []
    for group in GROUPS:
        for what in ("unita", "lavoratori"):
            count = of(what, replace(place, tipo=group.tipo))
            whole = of(what, replace(place, tipo=group.tipo, provincia=None))
            # The source prints the shares of the total with two decimals.
            places = 1 if place.provincia else 2
            cells += [Cell(board(count)), Cell(board(rapporto(count, whole)), places)]
    cells.append(Cell(board(of("lavoratori", place))))
    return Riga(place.provincia or TOT, name, cells)


def _settle_blanks(board: Board, table: Tavola) -> None:
    """Beside a blank the source prints a share: it is that one, not one of ours."""
    for row in table.righe[:-1]:
        for number, group in enumerate(GROUPS):
            for offset, (what, words) in ((0, UNITA), (2, LAVORATORI)):
                count, share = row.cells[4 * number + offset :][:2]
                if count.figure.amount is None:
                    place = replace(table.base, provincia=row.sigla, tipo=group.tipo, derivata=True)
                    where = f"{row.nome}, {TIPI[group.tipo]}: {words}"
                    table.celle_vuote.append(Note(where, board(of(what, place))))
                    printed = _printed_share(table.base, row, group, what)
                    share.figure = board(printed) if printed else share.figure


UNITA, LAVORATORI = ("unita", "unità produttive"), ("lavoratori", "lavoratori")


def _printed_share(base: Selection, row: Riga, group: Group, what: str) -> Expression | None:
    code = f"002-{base.periodo.anno}-{row.sigla}-{group.breve}-{what}-peso"
    return leaf("stampata", id=code) if code in catalogue.figures else None
