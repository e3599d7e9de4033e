"""What a flow brings of the CIGD, held to what acts allot to it: told first, refused when acquired.

Which of its rows would be too many no row tells: they are looked at together, and what the flow
allots counts for what it certifies. Real flows alone: an example is held against nothing.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError

from porfse import money
from porfse.flows.errors import NotNow
from porfse.flows.stage import Stage
from porfse.models import Flow
from porfse.periods import italian
from programme.caps import (
    RELEASE,
    Breach,
    alone_on_certification,
    lowered_below,
    raised_above,
    stored,
    together,
    wait_for_certification,
)
from programme.flow_rows import ALLOTTED, CERTIFIED
from programme.models import Perimetro, Programmazione, SpesaCertificata

# What raises the expenditure or lowers its cap: only that can pass it.
_PRESSING = """
    SELECT riga FROM {stage} WHERE perimetro = 'cigd'
    AND (tipo = 'certificazione' AND importo > 0 OR tipo = 'programmazione' AND importo < 0)
"""
_ROWS = _PRESSING + " AND azione = %s AND tipo = %s AND data <= %s"
_SUMS = """
    SELECT azione, tipo, data, sum(importo) FROM {stage}
    WHERE perimetro = 'cigd' AND tipo IN ('certificazione', 'programmazione')
    GROUP BY azione, tipo, data ORDER BY azione
"""
_REMEDIES = {
    CERTIFIED: "Ridurre la spesa nel file, o registrare prima l'atto che aumenta le risorse"
    " programmate.",
    ALLOTTED: f"Prima della riduzione serve {RELEASE}.",
}


class _Broken(NamedTuple):
    """Of an azione, the `tipo` of the rows that break its cap, and how."""

    azione: str
    tipo: str
    breach: Breach
    certificato: Decimal  # before the flow

    def __str__(self) -> str:
        day, cap, amount = self.breach
        where, euro = f"Azione {self.azione}:", money.euro
        if self.tipo == CERTIFIED:
            return (
                f"{where} il massimale della CIGD al {italian(day)} è di {euro(cap)}, sono già"
                f" certificati {euro(self.certificato)} e il flusso ne porta {euro(amount)}."
            )
        return (
            f"{where} con il flusso il massimale della CIGD al {italian(day)} scende a {euro(cap)}"
            f" e sono certificati {euro(amount)}."
        )


def warn(stage: Stage) -> None:
    """Write W206 beside the rows for which the flow will be refused."""
    for broken in _found(stage) if _presses(stage) else ():
        params = [broken.azione, broken.tipo, broken.breach.giorno]
        stage.warn("W206", _ROWS.format(stage=stage.table), params)


def refuse(stage: Stage) -> None:
    """Refuse a flow that leaves more of the CIGD certified than acts allot, to the cent.

    From here to the end of the transaction nobody else certifies.

    Raises:
        NotNow: it does; the message says in which azioni, by how much, and what to do.
    """
    if not _presses(stage):
        return
    wait_for_certification()
    found = list(_found(stage))
    if found:
        remedies = [text for kind, text in _REMEDIES.items() if kind in {it.tipo for it in found}]
        raise NotNow(" ".join([*map(str, found), *remedies]))


def obstacle(flow: Flow) -> str:
    """Say why a flow cannot be cancelled: what it allots to the CIGD is certified already.

    From here to the end of the transaction nobody else certifies.
    """
    rows = Programmazione.objects.filter(fonte=flow.fonte, perimetro=Perimetro.CIGD)
    azioni = sorted(set(rows.order_by().values_list("azione", flat=True)))
    if flow.esempio or not azioni:
        return ""
    try:
        alone_on_certification()
    except ValidationError as busy:
        return " ".join(busy.messages)
    for azione in azioni:
        taken = {
            model: {day: -amount for day, amount in stored(model, azione, fonte=flow.fonte).items()}
            for model in (Programmazione, SpesaCertificata)
        }
        caps, certified = (together(stored(model, azione), taken[model]) for model in taken)
        breach = lowered_below(caps, certified, taken[Programmazione])
        if breach:
            return (
                f"Azione {azione}: senza il flusso il massimale della CIGD al"
                f" {italian(breach.giorno)} scende a {money.euro(breach.massimale)} e sono già"
                f" certificati {money.euro(breach.importo)}. Prima serve {RELEASE}."
            )
    return ""


def _presses(stage: Stage) -> bool:
    rows = _PRESSING.format(stage=stage.table)
    return not stage.flow.esempio and bool(stage.execute(f"{rows} LIMIT 1"))


def _found(stage: Stage) -> Iterator[_Broken]:
    coming: dict[str, dict[str, dict[date, Decimal]]] = {}
    for azione, kind, day, amount in stage.execute(_SUMS.format(stage=stage.table)):
        coming.setdefault(azione, {CERTIFIED: {}, ALLOTTED: {}})[kind][day] = amount
    for azione, added in coming.items():
        caps = together(stored(Programmazione, azione), added[ALLOTTED])
        before = stored(SpesaCertificata, azione)
        after = together(before, added[CERTIFIED])
        breaches = {
            CERTIFIED: raised_above(caps, before, added[CERTIFIED]),
            ALLOTTED: lowered_below(caps, after, added[ALLOTTED]),
        }
        for kind, breach in breaches.items():
            if breach:
                yield _Broken(azione, kind, breach, sum(before.values(), Decimal(0)))
