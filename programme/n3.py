"""N+3: what must be certified by 31 December of a year, on the two bases, and what if."""

from datetime import date
from decimal import Decimal

from porfse.errors import BadInput
from porfse.figures import Board, Expression, Figure, differenza, leaf, rapporto, somma
from porfse.periods import italian
from programme.models import TargetN3
from programme.progress import View, previous_year_end

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
    def esito(self) -> str:
        """Whether the target is met, in words."""
        if self.margine.amount is None:
            return "non valutabile a questa data"
        if self.margine.amount >= 0:
            return "raggiunto"
        in_time = self.al < date(self.modello.anno, 12, 31)
        return "non ancora raggiunto" if in_time else "non raggiunto: rischio di disimpegno"


class Deadline:
    """All targets at a date, each on its own basis and on the whole programme.

    What is certified after the deadline of a target does not count for it.
    """

    def __init__(self, board: Board, view: View, *, only: int | None = None) -> None:
        chosen = TargetN3.objects.select_related("fonte")
        for quantity in QUANTITY.values():
            # Where `fall_back` most likely goes: asked along, it costs no query of its own.
            board(leaf(quantity, al=previous_year_end(view.al)))
        self.target = [
            _certified(board, target, min(view.al, date(target.anno, 12, 31)))
            for target in (chosen.filter(anno=only) if only else chosen)
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


def _certified(board: Board, target: TargetN3, al: date) -> Target:
    return Target(board, target, leaf(QUANTITY[TargetN3.Base(target.base)], al=al), al)


class Simulation:
    """What if `total` euro, of which `eu_share` from the EU, are certified by a day?

    The target is that of the year of the day, on its own basis. What is certified so far is that of
    the deadline's targets, which may fall back to the last day known: load the board, then call it.
    """

    def __init__(
        self,
        board: Board,
        deadline: Deadline,
        *,
        by: date,
        total: Decimal,
        eu_share: Decimal | None,
    ) -> None:
        self.entro = by
        self.target: Target | None = None
        self.messaggio = ""
        start = next((item for item in deadline.target if item.modello.anno == by.year), None)
        if start is None:
            self.messaggio = f"Il target N+3 al {by.year} non è pubblicato: nessun confronto."
            return
        base = TargetN3.Base(start.modello.base)
        amount = total if base == TargetN3.Base.TOTALE else eu_share
        if amount is None:
            self.messaggio = (
                f"Il target al {by.year} è in quota UE: indicare la quota UE dell'importo simulato."
            )
            return
        self.partenza = start
        certified = somma(start.certificata.expression, leaf("ipotesi", importo=amount))
        self.target = Target(board, start.modello, certified, by)
        board.load()


def too_late(view: View) -> str:
    """Return why nothing can be simulated from the reference date; empty if something can."""
    if view.al <= LAST_DEADLINE:
        return ""
    return (
        f"Alla data di riferimento, {italian(view.al)}, è passata anche l'ultima scadenza N+3 del "
        f"programma, {italian(LAST_DEADLINE)}: nulla si può più certificare per un target. Per "
        "simulare dai dati di allora, scegliere in «Dati al» una data precedente."
    )


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
