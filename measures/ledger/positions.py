"""A measure beside the ledger at a day: both sums, what may be written there, and why they differ.

A published balance is taken as printed: what it gives the initiative is neither caught up nor
balanced out by a movement. What may be written is what the rows gained or lost after its day, less
what the ledger did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, Value

from measures.ledger.days import VOCI, Voce
from measures.ledger.figures import UNDATED, UNSURE, UNSURE_NUMBER
from measures.misura import Misura
from porfse import money
from porfse.figures import Board, Figure, differenza, leaf
from porfse.periods import italian
from programme.models import Iniziativa, Movimento, Perimetro

_ZERO = Decimal(0)


class Saldo(NamedTuple):
    """A published balance in force that is of an initiative, or of its asse."""

    grandezza: str
    iniziativa: str | None
    perimetro: str
    data: date
    descrizione: str
    arrotondamento: Decimal

    def holds(self, initiative: Iniziativa) -> bool:
        """Whether it may hold money of an initiative: its own, or not given to any."""
        if self.iniziativa:
            return self.iniziativa == initiative.pk
        return self.perimetro != Perimetro.CIGD  # wage support is paid by no measure


@dataclass(frozen=True)
class Posizione:
    """One quantity of a measure at a day; its figures have their values once the board is loaded.

    Attributes:
        registro, righe: euro in the ledger for the initiative, and by the rows of the measure.
        differenza: the second less the first.
        saldo_al: the day of the last published balance in force that may hold money of the
            initiative; None if none.
        chiuso_al: the day up to which the register of the asse is closed by any balance.
        registro_al_saldo, righe_al_saldo: the two sums on the day of the balance, or on `al` if it
            comes first; None without a balance.
        senza_data: euro of the rows whose day is that of their flow.
        incerto, incerte: of those, euro and number of the rows that may be of before the balance;
            None without a balance.
    """

    misura: Misura
    grandezza: str
    asse: str
    al: date
    registro: Figure
    righe: Figure
    differenza: Figure
    saldo_al: date | None
    chiuso_al: date | None
    registro_al_saldo: Figure | None
    righe_al_saldo: Figure | None
    senza_data: Figure
    incerto: Figure | None
    incerte: Figure | None

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
    def prima(self) -> Decimal:
        """Euro by which the rows exceed the ledger up to the balance; never written."""
        return _amount(self.righe_al_saldo) - _amount(self.registro_al_saldo)

    @property
    def righe_dopo(self) -> Decimal:
        """Euro of the rows that are known to be of after the balance, less those lost since."""
        return _amount(self.righe) - _amount(self.righe_al_saldo) - _amount(self.incerto)

    @property
    def registro_dopo(self) -> Decimal:
        """Euro that the ledger gives the initiative after the balance."""
        return _amount(self.registro) - _amount(self.registro_al_saldo)

    @property
    def mancante(self) -> Decimal | None:
        """Euro that the ledger lacks after the balance; negative if it holds too much there.

        None without rows.
        """
        return None if self.righe.amount is None else self.righe_dopo - self.registro_dopo

    @property
    def da_scrivere(self) -> Decimal | None:
        """The movement that would be written; None where nothing may be.

        Losses take no more than the ledger gives the initiative.
        """
        if self.coperta or self.mancante is None:
            return None
        return max(self.mancante, min(-_amount(self.registro), _ZERO))

    @property
    def non_scritto(self) -> Decimal:
        """Euro of losses (negative) that the ledger does not hold for the initiative."""
        return (self.mancante or _ZERO) - (self.da_scrivere or _ZERO)

    @property
    def perche(self) -> str:
        if self.righe.amount is None:
            return "Nessun flusso acquisito: le righe della misura non sono note."
        return " ".join(filter(None, self._reasons())) or "Quadra."

    def _reasons(self) -> list[str]:
        return [self._before(), self._after(), self._beyond(), *self._undated()]

    def _before(self) -> str:
        """What the published balance holds, and how it differs from the rows of its day."""
        if self.saldo_al is None:
            return ""
        saldo, day = italian(self.saldo_al), italian(min(self.saldo_al, self.al))
        words = ""
        if self.coperta:
            words = (
                f"Il saldo pubblicato al {saldo} comprende questo giorno: non vi si scrive nulla. "
            )
        if self.prima > 0:
            words += (
                f"{money.euro(self.prima)} {self._kind.participio} entro il {day} non sono"
                " attribuiti all'iniziativa: se sono nel saldo pubblicato"
                f" dell'Asse {self.asse} la fonte non lo dice, e non si recuperano."
            )
        elif self.prima < 0:
            words += (
                f"Al {day} il registro attribuisce all'iniziativa {money.euro(-self.prima)} più"
                " delle righe acquisite: il saldo pubblicato resta com'è, nessun movimento di"
                " pareggio."
            )
        return words.strip()

    def _after(self) -> str:
        if self.coperta or not self.mancante:
            return ""
        since = f" dopo il {italian(self.saldo_al)}" if self.saldo_al else ""
        cause = (
            f"{self._kind.participio}{since} e non ancora nel registro"
            if self.mancante > 0
            else f"rinunce, decadenze, revoche o importi ridotti{since}"
        )
        return f"{money.euro(self.mancante, signed=True)}: {cause}."

    def _beyond(self) -> str:
        if not self.non_scritto:
            return ""
        return (
            f"{money.euro(self.non_scritto)} non si possono scrivere: il registro non li"
            " attribuisce all'iniziativa, che scenderebbe sotto zero."
        )

    def _undated(self) -> list[str]:
        words, unsure = [], _amount(self.incerto)
        if self.saldo_al and self.incerte and self.incerte.amount:
            number = int(self.incerte.amount)
            name = self.misura.singolare if number == 1 else self.misura.plurale
            words.append(
                f"{money.number(number)} {name} senza data per {money.euro(unsure)}: il saldo"
                f" pubblicato al {italian(self.saldo_al)} potrebbe già comprendere l'importo, che"
                " si scrive solo quando un flusso dichiara la data."
            )
        if others := _amount(self.senza_data) - unsure:
            words.append(
                f"{money.euro(others)} sono di righe senza data, che contano dal giorno del flusso"
                " che le ha portate."
            )
        return words


def _amount(figure: Figure | None) -> Decimal:
    return (figure.amount if figure else None) or _ZERO


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
        _position(
            board, misura, initiative, al,
            grandezza=name, balances=[each for each in known if each.grandezza == name],
        )
        for name in VOCI
    ]  # fmt: skip


def _position(
    board: Board,
    misura: Misura,
    initiative: Iniziativa,
    al: date,
    *,
    grandezza: str,
    balances: Sequence[Saldo],
) -> Posizione:
    cifra, slug = VOCI[grandezza].cifra, misura.slug
    held = leaf(grandezza, iniziativa=initiative.pk, al=al)
    rows = leaf(cifra, misura=slug, al=al)
    saldo = max((each.data for each in balances if each.holds(initiative)), default=None)
    closing = min(saldo, al) if saldo else None

    def beside(name: str, day: date = al, **params: object) -> Figure | None:
        """A figure that has a meaning only where there is a balance."""
        return board(leaf(name, al=day, **params)) if closing else None

    return Posizione(
        misura=misura,
        grandezza=grandezza,
        asse=initiative.asse_id,
        al=al,
        registro=board(held),
        righe=board(rows),
        differenza=board(differenza(rows, held)),
        saldo_al=saldo,
        chiuso_al=max((each.data for each in balances), default=None),
        registro_al_saldo=beside(grandezza, closing or al, iniziativa=initiative.pk),
        righe_al_saldo=beside(cifra, closing or al, misura=slug),
        senza_data=board(leaf(f"{cifra}{UNDATED}", misura=slug, al=al)),
        incerto=beside(f"{cifra}{UNSURE}", misura=slug, saldo=closing),
        incerte=beside(f"{cifra}{UNSURE_NUMBER}", misura=slug, saldo=closing),
    )


def published_balances(initiative: Iniziativa) -> list[Saldo]:
    """Return the published balances in force of the asse of an initiative, in one query.

    What is not split between the assi covers all of them.
    """
    first, *others = (
        voce.model.objects.in_force()
        .exclude(natura=Movimento.Natura.MOVIMENTO)
        .filter(Q(asse=initiative.asse_id) | Q(asse=None))
        .order_by()
        .values_list(
            Value(grandezza), "iniziativa", "perimetro", "data", "descrizione", "arrotondamento"
        )
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
