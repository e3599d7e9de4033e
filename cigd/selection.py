"""What enters a certification batch, in which order, and what waits: read once, in constant memory.

First what lowers the expenditure already certified, which frees room: cuts, withdrawals, recoveries
of certified payments. Then the payments by date, flow and row: one enters whole, less its cut, if
its azione has room for it, and its own recoveries right after it; one that does not fit waits, and
a smaller one after it may enter. Nothing takes more away than is certified of the payment.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from cigd.models import Causale
from cigd.states import listed, payments, waiting_recoveries

BLOCK = 10_000  # rows fetched at once
ZERO = Decimal(0)


class Entry(NamedTuple):
    """An amount that enters: of which row, why, in which azione; euro, signed."""

    flusso: int
    riga: int
    causale: str
    azione: str
    importo: Decimal
    origine_flusso: int | None = None
    origine_riga: int | None = None


@dataclass
class Room:
    """An azione while a batch is made, in euro: what is left under the cap, what waits."""

    massimale: Decimal
    gia_certificato: Decimal
    residuo: Decimal = ZERO
    attesa_pagamenti: int = 0
    attesa_importo: Decimal = ZERO
    successivi: int = 0
    successivi_importo: Decimal = ZERO
    attesa_recuperi: int = 0
    attesa_recuperi_importo: Decimal = ZERO
    # By flow and cause: how many entries, and their amount.
    righe: dict[tuple[int, str], tuple[int, Decimal]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.residuo = self.massimale - self.gia_certificato

    @property
    def importo(self) -> Decimal:
        return sum((amount for _, amount in self.righe.values()), ZERO)

    def take(self, entry: Entry) -> Entry:
        """Count an entry."""
        key = entry.flusso, entry.causale
        number, amount = self.righe.get(key, (0, ZERO))
        self.righe[key] = number + 1, amount + entry.importo
        self.residuo -= entry.importo
        return entry

    def met(self, amount: Decimal) -> None:
        """Count a recovery, of some euro, as one that waits no more."""
        self.attesa_recuperi -= 1
        self.attesa_recuperi_importo += amount


# What lowers a certified payment: `importo` is what it would take away, if that much is left.
_REDUCTIONS = """
    WITH r AS MATERIALIZED (
        SELECT * FROM ({recoveries}) s WHERE data_pagamento <= %(al)s
    ), riduzioni AS (
        SELECT d.flusso_id, d.riga, 'ritiro' AS causale, d.flusso_id AS di_flusso,
            d.riga AS di_riga, 0 AS importo, NULL::date AS data
        FROM cigd_posizione d WHERE d.stato = 'ritirato' AND d.flusso_id IN ({flussi})
            AND NOT EXISTS (SELECT FROM cigd_voce v WHERE v.flusso_id = d.flusso_id
                AND v.riga = d.riga AND v.causale = 'ritiro')
        UNION ALL
        SELECT d.flusso_id, d.riga, 'decurtazione', d.flusso_id, d.riga,
            d.taglio - (p.importo - v.importo) + coalesce((SELECT sum(importo) FROM cigd_voce n
                WHERE n.origine_flusso_id = d.flusso_id AND n.origine_riga = d.riga
                AND n.causale = 'decurtazione'), 0), NULL
        FROM cigd_posizione d
        JOIN cigd_pagamento p ON p.flusso_id = d.flusso_id AND p.riga = d.riga
        JOIN cigd_voce v ON v.flusso_id = d.flusso_id AND v.riga = d.riga
            AND v.causale = 'pagamento'
        WHERE d.taglio > 0 AND d.stato <> 'ritirato' AND d.flusso_id IN ({flussi})
        UNION ALL
        SELECT o.flusso_id, o.riga, 'recupero', r.flusso_id, r.riga, -r.importo, r.data_pagamento
        FROM r JOIN cigd_pagamento o ON o.id_pagamento = r.id_pagamento_origine AND o.tipo = 'P'
        WHERE o.flusso_id IN ({flussi})
    )
    SELECT t.flusso_id, t.riga, t.causale, t.di_flusso, t.di_riga, t.importo, v.azione_id,
        v.importo + coalesce((SELECT sum(importo) FROM cigd_voce n
            WHERE n.origine_flusso_id = t.flusso_id AND n.origine_riga = t.riga), 0) AS residuo
    FROM riduzioni t JOIN cigd_voce v ON v.flusso_id = t.flusso_id AND v.riga = t.riga
        AND v.causale = 'pagamento'
    WHERE t.causale <> 'decurtazione' OR t.importo > 0
    ORDER BY t.flusso_id, t.riga, t.causale = 'recupero', t.data, t.di_flusso, t.di_riga
"""
_PAYMENTS = """
    WITH r AS MATERIALIZED (
        SELECT * FROM ({recoveries}) s WHERE data_pagamento <= %(al)s
    )
    SELECT s.flusso_id, s.riga, s.azione, s.importo - s.taglio, s.data_pagamento <= %(al)s,
        r.flusso_id, r.riga, -r.importo
    FROM ({payments}) s LEFT JOIN r ON r.id_pagamento_origine = s.id_pagamento
    WHERE s.stato = 'certificabile'
    ORDER BY s.data_pagamento, s.flusso_id, s.riga, r.data_pagamento, r.flusso_id, r.riga
"""
_RECOVERIES = """
    SELECT azione, count(*), sum(importo) FROM ({recoveries}) s
    WHERE data_pagamento <= %(al)s GROUP BY 1
"""


class Selection:
    """One passage over what may enter, up to a day; `rooms` holds the count as it goes.

    Args:
        flussi: the flows that count.
        al: the day of the payment application; what was paid after it is not looked at.
        rooms: each azione with its cap and what is certified there.
        on_wait: told of each payment that does not fit: flow, row, azione, euro.
    """

    def __init__(
        self,
        flussi: tuple[int, ...],
        al: date,
        rooms: Mapping[str, Room],
        on_wait: Callable[[int, int, str, Decimal], None] | None = None,
    ) -> None:
        self.rooms = rooms
        self._on_wait = on_wait
        self._params = {"al": al}
        self._sql = {
            "flussi": listed(flussi),
            "recoveries": waiting_recoveries(flussi),
            "payments": payments(flussi),
        }

    def entries(self) -> Iterator[Entry]:
        """Yield what enters, in order; must be read to its end for the count to be whole."""
        # They all wait, until what they lower is met.
        for azione, number, amount in self._rows(_RECOVERIES):
            self.rooms[azione].attesa_recuperi = number
            self.rooms[azione].attesa_recuperi_importo = amount
        yield from self._reductions()
        yield from self._payments()

    def _rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql.format(**self._sql), self._params)
            while rows := cursor.fetchmany(BLOCK):
                yield from rows

    def _reductions(self) -> Iterator[Entry]:
        current, left = None, ZERO
        for flow, line, cause, of_flow, of_line, amount, azione, certified in self._rows(
            _REDUCTIONS
        ):
            if (flow, line) != current:
                current, left = (flow, line), certified
            away = left if cause == Causale.RITIRO else min(amount, left)
            if away or cause == Causale.RECUPERO:
                left -= away
                room = self.rooms[azione]
                if cause == Causale.RECUPERO:
                    room.met(amount)
                yield room.take(Entry(of_flow, of_line, cause, azione, -away, flow, line))

    def _payments(self) -> Iterator[Entry]:
        current, left, enters = None, ZERO, False
        for flow, line, azione, amount, in_time, of_flow, of_line, away in self._rows(_PAYMENTS):
            room = self.rooms[azione]
            if (flow, line) != current:
                current, left = (flow, line), amount
                enters = in_time and amount <= room.residuo
                if enters:
                    yield room.take(Entry(flow, line, Causale.PAGAMENTO, azione, amount))
                else:
                    self._waits(room, (flow, line, azione, amount), in_time=in_time)
            if of_line is not None and enters:
                taken = min(away, left)
                left -= taken
                room.met(away)
                yield room.take(
                    Entry(of_flow, of_line, Causale.RECUPERO, azione, -taken, flow, line)
                )

    def _waits(self, room: Room, payment: tuple[int, int, str, Decimal], *, in_time: bool) -> None:
        if not in_time:
            room.successivi += 1
            room.successivi_importo += payment[3]
            return
        room.attesa_pagamenti += 1
        room.attesa_importo += payment[3]
        if self._on_wait:
            self._on_wait(*payment)
