"""What is looked at in each row of the movements that come in, beside its single values."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from porfse.flows import columns as c
from programme.caps import azioni_of_the_wage_support
from programme.models import (
    Asse,
    Azione,
    Impegno,
    Iniziativa,
    Liquidazione,
    Movimento,
    Perimetro,
    Programmazione,
    SpesaCertificata,
)
from programme.sources import balances

TIPI: dict[str, type[Movimento]] = {
    "programmazione": Programmazione,
    "impegno": Impegno,
    "liquidazione": Liquidazione,
    "certificazione": SpesaCertificata,
}
ALLOTTED = "programmazione"
CERTIFIED = "certificazione"


def closed_until() -> dict[tuple[str, str], date]:
    """Return the day up to which published balances in force cover a tipo of an asse."""
    kinds = {model.grandezza: kind for kind, model in TIPI.items()}
    assi = list(Asse.objects.values_list("pk", flat=True))
    found: dict[tuple[str, str], date] = {}
    for balance in balances():
        # What is not split between the assi covers all of them.
        for asse in [balance.asse] if balance.asse else assi:
            key = kinds[balance.grandezza], asse
            found[key] = max(found.get(key, balance.data), balance.data)
    return found


class RowCheck:
    """Looks at single rows of a file; cells are COPY text, days ISO."""

    def __init__(self, position: Callable[[str], int]) -> None:
        names = ("tipo", "azione", "iniziativa", "data", "importo")
        self._places = [position(name) for name in names]
        self._scope = position("perimetro")
        self._quota = position("quota_ue")
        self._claim = position("domanda_pagamento")
        self._asse = dict(Azione.objects.values_list("pk", "obiettivo__asse_id"))
        self._branch = {
            code: (asse, azione)
            for code, asse, azione in Iniziativa.objects.values_list("pk", "asse_id", "azione_id")
        }
        self._support = azioni_of_the_wage_support()
        self._closed = {key: day.isoformat() for key, day in closed_until().items()}

    def codes(self, cells: Sequence[str]) -> list[str]:
        """Return the codes of a row; E001, E030, E031, E033 or E034, each once."""
        kind, azione, initiative, day, amount = (cells[place] for place in self._places)
        wrong = []
        if not self._same_branch(azione, initiative):
            wrong.append("E030")
        if not _within(cells[self._quota], amount):
            wrong.append("E031")
        if day <= self._closed.get((kind, self._asse[azione]), ""):
            wrong.append("E033")
        if cells[self._scope] == Perimetro.CIGD and self._support and azione not in self._support:
            wrong.append("E034")
        if kind == CERTIFIED and c.NULL in (cells[self._quota], cells[self._claim]):
            wrong.append("E001")
        return wrong

    def _same_branch(self, azione: str, initiative: str) -> bool:
        if initiative == c.NULL:
            return True
        asse, placed = self._branch[initiative]
        return asse == self._asse[azione] and placed in (None, azione)


def _within(quota: str, amount: str) -> bool:
    """Whether an EU share has the sign of its amount and does not exceed it."""
    if quota == c.NULL:
        return True
    share, whole = Decimal(quota), Decimal(amount)
    return share * whole >= 0 and abs(share) <= abs(whole)
