"""What a flow brings of the CIGD, held to what acts allot to it: told first, refused when acquired.

Which of its rows would be too many no row tells: they are looked at together, and what the flow
allots counts for what it certifies. Real flows alone: an example is held against nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
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
    REMEDY,
    Breach,
    Days,
    alone_on_certification,
    lowered_below,
    raised_above,
    stored,
    together,
    wait_for_certification,
)
from programme.flow_rows import ALLOTTED, CERTIFIED, TIPI
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
    ALLOTTED: REMEDY,
}


class _Broken(NamedTuple):
    """Of an azione, the `tipo` of the rows that break its cap, and how."""

    azione: str
    tipo: str
    breach: Breach
    certificato: Decimal  # before the flow

    def __str__(self) -> str:
        # Short: a flow keeps 500 characters of what stood against it.
        day, cap, amount = self.breach
        where, euro = f"Azione {self.azione}, massimale della CIGD", money.euro
        if self.tipo == CERTIFIED:
            return (
                f"{where} dal {italian(day)}: {euro(cap)}; già certificati"
                f" {euro(self.certificato)}, altri {euro(amount)}."
            )
        return f"{where} al {italian(day)}: scende a {euro(cap)}; certificati {euro(amount)}."


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
    if broken := list(_found(stage)):
        raise NotNow(_told(broken))


def obstacle(flow: Flow) -> str:
    """Say why a flow cannot be cancelled: without it more is certified than acts allot."""
    broken = [found for azione, added in _taken(flow).items() for found in _breaks(azione, added)]
    return f"Senza il flusso: {_told(broken)}" if broken else ""


def hold(flow: Flow) -> None:
    """See to it that, to the end of the transaction, nobody makes an obstacle to cancelling a flow.

    Raises:
        NotNow: somebody certifies, and takes longer than a page may wait.
    """
    if _taken(flow):
        try:
            alone_on_certification()
        except ValidationError as busy:
            raise NotNow(" ".join(busy.messages)) from busy


def _told(broken: Sequence[_Broken]) -> str:
    """Say what is broken, of each azione the first, and then what to do."""
    first = {found.azione: found for found in reversed(broken)}
    kinds = {found.tipo for found in first.values()}
    remedies = [text for kind, text in _REMEDIES.items() if kind in kinds]
    return " ".join([*(str(first[azione]) for azione in sorted(first)), *remedies])


def _presses(stage: Stage) -> bool:
    rows = _PRESSING.format(stage=stage.table)
    return not stage.flow.esempio and bool(stage.execute(f"{rows} LIMIT 1"))


def _found(stage: Stage) -> Iterator[_Broken]:
    coming: dict[str, dict[str, dict[date, Decimal]]] = {}
    for azione, kind, day, amount in stage.execute(_SUMS.format(stage=stage.table)):
        coming.setdefault(azione, {CERTIFIED: {}, ALLOTTED: {}})[kind][day] = amount
    for azione, added in coming.items():
        yield from _breaks(azione, added)


def _taken(flow: Flow) -> dict[str, dict[str, Days]]:
    """Return by azione what cancelling a flow adds: the opposite of its rows."""
    found: dict[str, dict[str, Days]] = {}
    for kind in () if flow.esempio else (CERTIFIED, ALLOTTED):
        rows = TIPI[kind].objects.filter(fonte=flow.fonte, perimetro=Perimetro.CIGD)
        for azione in sorted(set(rows.order_by().values_list("azione", flat=True))):
            less = {
                d: -amount for d, amount in stored(TIPI[kind], azione, fonte=flow.fonte).items()
            }
            found.setdefault(azione, {CERTIFIED: {}, ALLOTTED: {}})[kind] = less
    return found


def _breaks(azione: str, added: Mapping[str, Days]) -> Iterator[_Broken]:
    """Yield how an azione breaks its cap with what is added to it, by `tipo` and day, in euro."""
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
