"""What is looked at in each row of the movements that come in, beside its single values."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from porfse.flows import columns as c
from porfse.models import Atto
from programme.acts import quoted
from programme.caps import azioni_of_the_wage_support
from programme.models import (
    Asse,
    Azione,
    DomandaPagamento,
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
    """Looks at the rows of one file, in their order; cells are COPY text, days ISO.

    An act and a payment application have one day each: the first row that quotes one sets it, if
    nothing stored has.
    """

    def __init__(self, position: Callable[[str], int]) -> None:
        names = ("tipo", "azione", "iniziativa", "data", "importo")
        self._places = [position(name) for name in names]
        self._scope = position("perimetro")
        self._quota = position("quota_ue")
        self._claim = position("domanda_pagamento")
        self._act = position("atto")
        self._quoted = lru_cache(maxsize=4096)(quoted)
        self._asse = dict(Azione.objects.values_list("pk", "obiettivo__asse_id"))
        self._branch = {
            code: (asse, azione)
            for code, asse, azione in Iniziativa.objects.values_list("pk", "asse_id", "azione_id")
        }
        self._support = azioni_of_the_wage_support()
        self._closed = {key: day.isoformat() for key, day in closed_until().items()}
        self._claims = {
            number: day.isoformat()
            for number, day in DomandaPagamento.objects.values_list("numero", "data")
        }
        self._acts = {
            (kind, number, year): day
            for kind, number, year, day in Atto.objects.exclude(data=None).values_list(
                "tipo", "numero", "anno", "data"
            )
        }

    def codes(self, cells: Sequence[str]) -> list[str]:
        """Return the codes of a row; E001, E004, E030, E031, E033 or E034, each once."""
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
        if not wrong and not self._days_agree(cells, kind, day):
            wrong.append("E004")
        return wrong

    def _same_branch(self, azione: str, initiative: str) -> bool:
        if initiative == c.NULL:
            return True
        asse, placed = self._branch[initiative]
        return asse == self._asse[azione] and placed in (None, azione)

    def _days_agree(self, cells: Sequence[str], kind: str, day: str) -> bool:
        """Only a row that is right in all else may set the day of an act or an application."""
        act = self._quoted(cells[self._act])
        claim = cells[self._claim] if kind == CERTIFIED else c.NULL
        if claim != c.NULL and self._claims.get(claim, day) != day:
            return False
        if act and act.data and self._acts.setdefault(act.key, act.data) != act.data:
            return False
        if claim != c.NULL:
            self._claims[claim] = day
        return True


def _within(quota: str, amount: str) -> bool:
    """Whether an EU share has the sign of its amount and does not exceed it."""
    if quota == c.NULL:
        return True
    share, whole = Decimal(quota), Decimal(amount)
    return share * whole >= 0 and abs(share) <= abs(whole)
