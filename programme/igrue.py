"""The checks that every monitoring system makes over its ledger (IGRUE): warnings, not refusals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from porfse.figures import Board, Figure, differenza
from porfse.periods import italian
from programme.models import GRANDEZZE, Asse, Impegno, Iniziativa, Liquidazione, Movimento
from programme.progress import View

# Code, what must not exceed what, and the words for it.
ORDER = (
    ("W201", "impegnate", "programmate", "gli impegni superano le risorse programmate"),
    ("W202", "liquidate", "impegnate", "le liquidazioni superano gli impegni"),
    ("W203", "certificata", "liquidate", "la spesa certificata supera le liquidazioni"),
)


@dataclass(frozen=True)
class Segnalazione:
    """A broken rule: its code, severity, where and by how much."""

    codice: str
    gravita: str
    dove: Asse | Iniziativa | str
    testo: str
    scarto: Figure


class Checks:
    """Asks the board for what the rules compare; once it is loaded, tells what is broken."""

    def __init__(
        self, board: Board, view: View, assi: Iterable[Asse], initiatives: QuerySet[Iniziativa]
    ) -> None:
        self._candidates: list[tuple[Segnalazione, bool]] = []
        whole = View(view.al)  # the rules hold for all money, whatever the reader looks at
        self._rules(board, whole, "Programma", {})
        for asse in assi:
            self._rules(board, whole, asse, {"asse": asse.codice})
            self._overbooking(board, whole, asse)
        for initiative in with_first_commitment(initiatives, view.al):
            self._rules(board, whole, initiative, {"iniziativa": initiative.codice})
            if initiative.pagata_prima:
                self._early(board, whole, initiative, initiative.primo_impegno)

    def _rules(
        self, board: Board, view: View, where: Asse | Iniziativa | str, level: dict[str, str]
    ) -> None:
        for code, upper, lower, words in ORDER:
            excess = differenza(view.amount(upper, **level), view.amount(lower, **level))
            warning = Segnalazione(code, "attenzione", where, words, board(excess))
            self._candidates.append((warning, True))
        for quantity in GRANDEZZE:
            balance = board(view.amount(quantity, **level))
            warning = Segnalazione("W204", "errore", where, f"saldo negativo: {quantity}", balance)
            self._candidates.append((warning, False))

    def _early(self, board: Board, view: View, where: Iniziativa, first: date) -> None:
        paid = view.amount("liquidate", first - timedelta(days=1), iniziativa=where.codice)
        words = f"liquidazioni anteriori al primo impegno, del {italian(first)}"
        self._candidates.append(
            (Segnalazione("W205", "attenzione", where, words, board(paid)), True)
        )

    def _overbooking(self, board: Board, view: View, asse: Asse) -> None:
        excess = differenza(
            view.amount("programmate", asse=asse.codice), view.endowment(asse.codice)
        )
        words = "le risorse programmate superano la dotazione (sovraprogrammazione, ammessa)"
        self._candidates.append((Segnalazione("W210", "nota", asse, words, board(excess)), True))

    def broken(self) -> Iterator[Segnalazione]:
        """Yield the rules that the loaded figures break; what is not known breaks none.

        An excess within the rounding of the printed figures is none.
        """
        for warning, positive in self._candidates:
            amount, rounding = warning.scarto.amount, warning.scarto.value.rounding
            if amount is not None and (amount > rounding if positive else amount < -rounding):
                yield warning


def with_first_commitment(initiatives: QuerySet[Iniziativa], al: date) -> QuerySet[Iniziativa]:
    """Add `primo_impegno`, the day of the first commitment, and `pagata_prima`: paid before it.

    The day is not known (None) where a published balance tells of commitments without their days.
    """
    days = (
        Impegno.objects.in_force()
        .up_to(al)
        .filter(iniziativa=OuterRef("pk"))
        .order_by()
        .values("iniziativa")
        .annotate(
            primo=Min("data", filter=Q(importo__gt=0)),
            saldi=Count("pk", filter=~Q(natura=Movimento.Natura.MOVIMENTO)),
        )
        .filter(saldi=0)
        .values("primo")
    )
    paid = Liquidazione.objects.in_force().filter(
        iniziativa=OuterRef("pk"),
        natura=Movimento.Natura.MOVIMENTO,
        importo__gt=0,
        data__lt=OuterRef("primo_impegno"),
        data__gte=settings.EARLIEST_DATE,  # figures know no earlier day
    )
    return initiatives.annotate(primo_impegno=Subquery(days)).annotate(pagata_prima=Exists(paid))
