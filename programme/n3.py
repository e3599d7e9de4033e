"""N+3: what must be certified by 31 December of a year, on the two bases, and what if."""

from datetime import date
from decimal import Decimal

from porfse.errors import BadInput
from porfse.figures import Board, Expression, Figure, differenza, leaf, rapporto, somma
from porfse.periods import italian
from programme.models import TargetN3
from programme.progress import View

LAST_DEADLINE = date(2023, 12, 31)  # allocation of 2020 + 3 years, reg. (UE) 1303/2013, art. 136
QUANTITY = {TargetN3.Base.TOTALE: "certificata", TargetN3.Base.QUOTA_UE: "certificata_ue"}


class Target:
    """A target beside what has been certified on its own basis, and what is left."""

    def __init__(self, board: Board, target: TargetN3, certified: Expression, al: date) -> None:
        aim = leaf("target_n3", anno=target.anno)
        self.al = al
        self.modello = target
        self.target: Figure = board(aim)
        self.certificata: Figure = board(certified)
        self.margine: Figure = board(differenza(certified, aim))
        self.raggiungimento: Figure = board(rapporto(certified, aim))

    @property
    def raggiunto(self) -> bool | None:
        """Whether the target is met; None if it cannot be told."""
        return None if self.margine.amount is None else self.margine.amount >= 0


class Deadline:
    """All targets at a date, each on its own basis and on the whole programme."""

    def __init__(self, board: Board, view: View) -> None:
        self.al = view.al
        self.target = [
            _certified(board, target, view.al)
            for target in TargetN3.objects.select_related("fonte")
        ]

    def fall_back(self, board: Board) -> None:
        """Where the date has no datum, show the target at the last day that has; board loaded."""
        self.target = [
            _certified(board, item.modello, last)
            if (last := item.certificata.value.last_known)
            else item
            for item in self.target
        ]
        board.load()

    @property
    def corrente(self) -> Target | None:
        """The target of the year of the date, if it is known."""
        return next((item for item in self.target if item.modello.anno == self.al.year), None)


def _certified(board: Board, target: TargetN3, al: date) -> Target:
    return Target(board, target, leaf(QUANTITY[TargetN3.Base(target.base)], al=al), al)


class Simulation:
    """What if `total` euro, of which `eu_share` from the EU, are certified by a day?

    The starting point is what is certified at the reference date; the target is that of the year of
    the day, and is compared on its own basis.
    """

    def __init__(
        self, board: Board, view: View, *, by: date, total: Decimal, eu_share: Decimal | None
    ) -> None:
        self.entro = by
        self.target: Target | None = None
        self.messaggio = ""
        target = TargetN3.objects.select_related("fonte").filter(anno=by.year).first()
        if target is None:
            self.messaggio = f"Il target N+3 al {by.year} non è pubblicato: nessun confronto."
            return
        base = TargetN3.Base(target.base)
        amount = total if base == TargetN3.Base.TOTALE else eu_share
        if amount is None:
            self.messaggio = (
                f"Il target al {by.year} è in quota UE: indicare la quota UE dell'importo simulato."
            )
            return
        certified = leaf(QUANTITY[base], al=view.al)
        self.target = Target(board, target, somma(certified, leaf("ipotesi", importo=amount)), by)


def deadline_day(day: date, view: View) -> date:
    """Return the day of a simulation.

    Raises:
        BadInput: before the reference date, or after the last N+3 deadline of the programme.
    """
    if not view.al <= day <= LAST_DEADLINE:
        raise BadInput(
            f"La data della simulazione deve stare tra {italian(view.al)} e "
            f"{italian(LAST_DEADLINE)}, ultima scadenza N+3 del programma."
        )
    return day
