"""The measure of an initiative, on the initiative's page: the ledger, the rows, what is printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from measures.figures import ESEMPIO, PUBBLICATA, granted
from measures.ledger.days import VOCI
from measures.ledger.positions import Saldo, positions, published_balances
from measures.ledger.posting import PERMISSION
from measures.misura import Misura, misure
from measures.models import StatisticaPubblicata
from measures.tables.movimenti import ConfrontoTable, PubblicatoTable
from porfse import money
from porfse.figures import Board, Figure, differenza, leaf
from porfse.models import User
from porfse.periods import italian
from programme.models import Impegno, Iniziativa
from programme.panels import Panel, Shown
from programme.progress import View


@dataclass(frozen=True)
class Pubblicato:
    """A printed sum of a measure beside the ledger on its date.

    Attributes:
        saldo: the published balance of the initiative that the ledger holds on that date, if any.
    """

    statistica: StatisticaPubblicata
    pubblicato: Figure
    registro: Figure
    differenza: Figure
    saldo: Saldo | None

    voce = "Impegni"

    @property
    def data(self) -> date:
        return self.statistica.data

    @property
    def perche(self) -> str:
        if self.differenza.amount == 0:
            return "Quadra."
        if self.saldo is None:
            return "Nel registro non c'è un saldo pubblicato dell'iniziativa a questa data."
        rounding = self.saldo.arrotondamento
        printed = f"stampato con un arrotondamento di ± {money.euro(rounding)}" if rounding else ""
        return (
            f"Il registro ha il saldo pubblicato al {italian(self.saldo.data)}"
            f" («{self.saldo.descrizione}»){', ' if printed else ''}{printed}; la misura stampa"
            f" «{self.statistica.parole}» al {italian(self.statistica.data)}."
        )


class MisuraPanel(Panel):
    permission = "measures.view_misure"

    def on(self, board: Board, node: Iniziativa, view: View, user: User) -> Shown | None:
        misura = next((each for each in misure() if each.iniziativa == node.pk), None)
        if misura is None:
            return None
        balances = published_balances(node)
        found = positions(board, misura, node, view.al, balances)
        printed = _published(board, misura, node, balances)
        context = {
            "misura": misura,
            "posizioni": found,
            "stampati": printed,
            "esempi": _examples(board, misura, view),
            "puo_scrivere": user.has_perm(PERMISSION),
        }
        tables = {"confronto": ConfrontoTable(found), "pubblicato": PubblicatoTable(printed)}
        return Shown("measures/_iniziativa.html", context, tables)


def _published(
    board: Board, misura: Misura, node: Iniziativa, balances: Sequence[Saldo]
) -> list[Pubblicato]:
    """The printed sum of what is granted, if any document gives one."""
    row = (
        StatisticaPubblicata.objects.filter(
            misura=misura.slug, fase=misura.impegno, dimensione="", fonte__ritirata_il=None
        )
        .exclude(importo=None)
        .order_by("-data")
        .first()
    )
    if row is None:
        return []
    own = [
        each
        for each in balances
        if (each.grandezza, each.iniziativa) == (Impegno.grandezza, node.pk)
        and each.data <= row.data
    ]
    balance = max(own, key=lambda each: each.data, default=None)
    printed = granted(misura, misura.impegno, fonte=PUBBLICATA, al=row.data)
    held = leaf(Impegno.grandezza, iniziativa=node.pk, al=row.data)
    return [Pubblicato(row, board(printed), board(held), board(differenza(printed, held)), balance)]


def _examples(board: Board, misura: Misura, view: View) -> list[tuple[str, Figure]]:
    """The sums of the example rows, apart: not known if there are none."""
    return [
        (voce.nome, board(leaf(voce.cifra, misura=misura.slug, al=view.al, fonte=ESEMPIO)))
        for voce in VOCI.values()
    ]
