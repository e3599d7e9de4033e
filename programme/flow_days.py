"""The day of each act and payment application that a flow of movements quotes: one alone."""

from datetime import date

from porfse.flows.late import Late
from porfse.models import Atto
from programme.acts import quoted
from programme.models import DomandaPagamento

# Rows that quote the same are judged alike: by the first of them.
_QUOTED = """
    SELECT riga, data, atto, domanda, min(riga) OVER (PARTITION BY data, atto, domanda) AS prima
    FROM (
        SELECT riga, data, atto,
            CASE tipo WHEN 'certificazione' THEN domanda_pagamento END AS domanda
        FROM {stage}
    ) righe
"""
_FIRST = "SELECT riga, data, atto, domanda FROM {quoted} WHERE riga = prima ORDER BY riga"
_ALIKE = "SELECT riga FROM {quoted} WHERE prima = ANY(%s)"


def other_days(late: Late) -> int:
    """Refuse rows that give an act or an application another day (E004); return how many.

    The first row that quotes one sets its day, if nothing stored has: a row that is accepted, so
    that what is refused refuses nothing else. Asked for when all other errors are known.
    """
    stage, days = late.stage, _Days()
    rows = stage.scratch("citate", _QUOTED.format(stage=stage.table))
    firsts = stage.execute(_FIRST.format(quoted=rows))
    wrong = [line for line, *said in firsts if not days.agree(*said)]
    return late.add("E004", _ALIKE.format(quoted=rows), [wrong])


class _Days:
    """The days that are known so far."""

    def __init__(self) -> None:
        self._claims = dict(DomandaPagamento.objects.values_list("numero", "data"))
        dated = Atto.objects.exclude(data=None)
        self._acts = {
            (kind, number, year): day
            for kind, number, year, day in dated.values_list("tipo", "numero", "anno", "data")
        }

    def agree(self, day: date, atto: str, claim: str | None) -> bool:
        """Say whether a row has the known days; if so, what it quotes first has its own now."""
        act = quoted(atto)
        if claim and self._claims.get(claim, day) != day:
            return False
        if act and act.data and self._acts.setdefault(act.key, act.data) != act.data:
            return False
        if claim:
            self._claims[claim] = day
        return True
