"""A measure beside the ledger at a day: both sums, what is missing there, and why they differ.

What a published balance holds is never written again. Up to its day it holds what it gives to the
initiative and, in the part of the asse that it gives to none, what the rows show beyond that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, Value

from measures.ledger.days import VOCI, Voce
from measures.misura import Misura
from porfse import money
from porfse.figures import Board, Figure, differenza, leaf
from porfse.periods import italian
from programme.models import Iniziativa, Movimento

_ZERO = Decimal(0)


class Saldo(NamedTuple):
    """A published balance in force that is of an initiative, or covers its asse."""

    grandezza: str
    iniziativa: str | None
    data: date
    descrizione: str
    arrotondamento: Decimal


@dataclass(frozen=True)
class Posizione:
    """One quantity of a measure at a day; its figures have their values once the board is loaded.

    Attributes:
        registro, righe: euro in the ledger for the initiative, and by the rows of the measure.
        differenza: the second less the first.
        saldo_al: the day up to which a published balance in force covers the asse; None if none.
        registro_al_saldo, righe_al_saldo: the two sums on that day, or on `al` if it comes first;
            None without a balance.
        senza_data: euro of the rows whose day is that of their flow.
    """

    grandezza: str
    asse: str
    al: date
    registro: Figure
    righe: Figure
    differenza: Figure
    saldo_al: date | None
    registro_al_saldo: Figure | None
    righe_al_saldo: Figure | None
    senza_data: Figure

    @property
    def _kind(self) -> Voce:
        return VOCI[self.grandezza]

    @property
    def voce(self) -> str:
        return f"{self._kind.nome} al {italian(self.al)}"

    @property
    def coperta(self) -> bool:
        """Whether the day is within a published balance, where nothing may be written."""
        return self.saldo_al is not None and self.al <= self.saldo_al

    @property
    def non_attribuito(self) -> Decimal:
        """Euro that the balance of the asse holds without giving them to the initiative."""
        if self.righe_al_saldo is None or self.registro_al_saldo is None:
            return _ZERO
        rows, held = self.righe_al_saldo.amount, self.registro_al_saldo.amount
        return max((rows or _ZERO) - (held or _ZERO), _ZERO)

    @property
    def mancante(self) -> Decimal | None:
        """Euro that the ledger lacks; negative if it holds too much; None without rows."""
        if self.righe.amount is None:
            return None
        return self.righe.amount - (self.registro.amount or _ZERO) - self.non_attribuito

    @property
    def da_scrivere(self) -> Decimal | None:
        """The movement that would be written; None where nothing may be."""
        return None if self.coperta else self.mancante

    @property
    def perche(self) -> str:
        if self.righe.amount is None:
            return "Nessun flusso acquisito: le righe della misura non sono note."
        return " ".join(self._reasons()) or "Quadra."

    def _cause(self) -> str:
        """Why the ledger lacks something, or holds too much."""
        if self.saldo_al and self._printed_more:
            return (
                f"differenza con il saldo pubblicato al {italian(self.saldo_al)}, che"
                " all'iniziativa attribuisce più delle righe di quel giorno"
            )
        if self.mancante and self.mancante < 0:
            return "rinunce, decadenze o importi ridotti dopo l'ultimo movimento"
        since = f" dopo il {italian(self.saldo_al)}" if self.saldo_al else ""
        return f"{self._kind.participio}{since} e non ancora nel registro"

    @property
    def _printed_more(self) -> bool:
        """Whether the published balance gives the initiative more than its rows of that day."""
        if self.righe_al_saldo is None or self.registro_al_saldo is None:
            return False
        return (self.registro_al_saldo.amount or _ZERO) > (self.righe_al_saldo.amount or _ZERO)

    def _reasons(self) -> list[str]:
        words = []
        if self.saldo_al and self.coperta:
            words.append(
                f"Il saldo pubblicato al {italian(self.saldo_al)} comprende questo giorno: non vi"
                " si scrive nulla."
            )
        if self.saldo_al and self.non_attribuito:
            day = italian(min(self.saldo_al, self.al))
            words.append(
                f"{money.euro(self.non_attribuito)} {self._kind.participio} entro il {day} sono"
                f" già nel saldo pubblicato dell'Asse {self.asse}, che non li attribuisce"
                " all'iniziativa."
            )
        if self.mancante and not self.coperta:
            words.append(f"{money.euro(self.mancante, signed=True)}: {self._cause()}.")
        if self.senza_data.amount:
            words.append(
                f"{money.euro(self.senza_data.amount)} sono di righe senza data, che contano dal"
                " giorno del flusso che le ha portate."
            )
        return words


def positions(
    board: Board,
    misura: Misura,
    initiative: Iniziativa,
    al: date,
    balances: Sequence[Saldo] | None = None,
) -> list[Posizione]:
    """Put the sums of a measure and of the ledger on a board: commitments, then payments.

    Args:
        balances: of the initiative, as `published_balances` gives them, if they were read.
    """
    known = published_balances(initiative) if balances is None else balances
    return [
        _position(board, misura, initiative, al, grandezza=name, balances=known) for name in VOCI
    ]


def _position(
    board: Board,
    misura: Misura,
    initiative: Iniziativa,
    al: date,
    *,
    grandezza: str,
    balances: Sequence[Saldo],
) -> Posizione:
    rows_name = VOCI[grandezza].cifra
    held = leaf(grandezza, iniziativa=initiative.pk, al=al)
    rows = leaf(rows_name, misura=misura.slug, al=al)
    saldo = max((each.data for each in balances if each.grandezza == grandezza), default=None)
    closing = min(saldo, al) if saldo else None
    return Posizione(
        grandezza=grandezza,
        asse=initiative.asse_id,
        al=al,
        registro=board(held),
        righe=board(rows),
        differenza=board(differenza(rows, held)),
        saldo_al=saldo,
        registro_al_saldo=_on(board, closing, grandezza, iniziativa=initiative.pk),
        righe_al_saldo=_on(board, closing, rows_name, misura=misura.slug),
        senza_data=board(leaf(f"{rows_name}_senza_data", misura=misura.slug, al=al)),
    )


def _on(board: Board, day: date | None, name: str, **params: str) -> Figure | None:
    return board(leaf(name, al=day, **params)) if day else None


def published_balances(initiative: Iniziativa) -> list[Saldo]:
    """Return the published balances in force within which an initiative lies, in one query.

    What is not split between the assi covers all of them.
    """
    first, *others = (
        voce.model.objects.in_force()
        .exclude(natura=Movimento.Natura.MOVIMENTO)
        .filter(Q(asse=initiative.asse_id) | Q(asse=None))
        .order_by()
        .values_list(Value(grandezza), "iniziativa", "data", "descrizione", "arrotondamento")
        for grandezza, voce in VOCI.items()
    )
    return [Saldo(*row) for row in first.union(*others, all=True)]


def last_days(initiative: Iniziativa) -> dict[str, date]:
    """Return by quantity the day of the last movement in force of an initiative."""
    first, *others = (
        voce.model.objects.in_force()
        .filter(iniziativa=initiative)
        .order_by("-data")
        .values_list(Value(grandezza), "data")[:1]
        for grandezza, voce in VOCI.items()
    )
    return dict(first.union(*others, all=True))
