"""In which state each payment is, as a query, and the sums of it that pages read.

The state of a payment is never stored twice: it follows from the batches (`Voce`), from what was
decided (`Posizione`), from the check of its flow and from its warnings, in this order.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection

from cigd.azioni import azione_sql
from cigd.models import Stato

_STATES = """
    SELECT p.flusso_id, p.riga, p.id_pagamento, p.id_pagamento_origine, p.tipo, p.data_pagamento,
        p.importo, coalesce(d.taglio, 0) AS taglio,
        coalesce(v.azione_id, d.azione_id, {azione}) AS azione,
        CASE WHEN d.stato = 'ritirato' THEN 'ritirato'
            WHEN v.riga IS NOT NULL THEN 'certificato'
            WHEN d.stato <> '' THEN d.stato
            WHEN c.flusso_id IS NULL OR w.riga IS NOT NULL THEN 'da_verificare'
            ELSE 'certificabile' END AS stato
    FROM cigd_pagamento p
    LEFT JOIN cigd_posizione d ON d.flusso_id = p.flusso_id AND d.riga = p.riga
    LEFT JOIN cigd_voce v ON v.flusso_id = p.flusso_id AND v.riga = p.riga
        AND v.causale IN ('pagamento', 'recupero')
    LEFT JOIN cigd_controlloflusso c ON c.flusso_id = p.flusso_id
    LEFT JOIN (SELECT DISTINCT flusso_id, riga FROM porfse_flowwarning
        WHERE flusso_id IN ({flussi})) w ON w.flusso_id = p.flusso_id AND w.riga = p.riga
    WHERE p.flusso_id IN ({flussi})
"""
_SUMS = """
    SELECT flusso_id, azione, stato, count(*) FILTER (WHERE tipo = 'P'),
        count(*) FILTER (WHERE tipo = 'R'), sum(importo), sum(taglio)
    FROM ({states}) s GROUP BY 1, 2, 3
"""
Key = tuple[int, str, str]  # flow, azione, state
Sums = tuple[int, int, Decimal, Decimal]  # payments, recoveries, amount, cuts
_NOTHING: Sums = (0, 0, Decimal(0), Decimal(0))


def listed(flows: Iterable[int]) -> str:
    """Return flows for the list of an SQL `IN`, which matches nothing if there are none."""
    return ", ".join(str(int(flow)) for flow in flows) or "NULL"


def states(flows: Iterable[int]) -> str:
    """Return SQL that gives every payment and recovery of some flows with its state.

    Columns: `flusso_id`, `riga`, `id_pagamento`, `id_pagamento_origine`, `tipo`, `data_pagamento`,
    `importo`, `taglio` (euro), `azione`, `stato`. It ends with a condition on `p` (the payment),
    to which `AND …` may be added, also on `d` (its position) and `w` (its warnings).
    """
    return _STATES.format(azione=azione_sql("p.comune_istat"), flussi=listed(flows))


def run(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement in the caller's transaction; return its rows, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else []


def look_again(*tables: str) -> None:
    """Have the server count tables that have just grown: without, it would choose a slow way."""
    for table in tables:
        run(f"ANALYZE {table}")


def rewrite(flows: Sequence[int]) -> None:
    """Count the sums of some flows anew, from all their payments."""
    run(f"DELETE FROM cigd_sintesipool WHERE flusso_id IN ({listed(flows)})")
    run(
        "INSERT INTO cigd_sintesipool (flusso_id, azione_id, stato, pagamenti, recuperi, importo,"
        f" taglio) {_SUMS.format(states=states(flows))}"
    )


def start(flow: int) -> None:
    """Write the sums of a flow that nobody has looked at yet, from those of its acquisition."""
    run(
        "INSERT INTO cigd_sintesipool"
        " (flusso_id, azione_id, stato, pagamenti, recuperi, importo, taglio)"
        " SELECT flusso_id, azione_id, %s, sum(pagamenti), sum(recuperi), sum(importo), 0"
        " FROM cigd_sintesiazione WHERE flusso_id = %s GROUP BY 1, 2",
        [Stato.DA_VERIFICARE, flow],
    )


def release(flow: int) -> None:
    """Count the payments of a flow that was just checked as certifiable, but those with warnings.

    Only these are looked at: the others are what waited, less them.
    """
    run(
        "UPDATE cigd_sintesipool SET stato = %s WHERE flusso_id = %s AND stato = %s",
        [Stato.CERTIFICABILE, flow, Stato.DA_VERIFICARE],
    )
    for _, azione, stato, *sums in run(
        _SUMS.format(states=f"{states([flow])} AND w.riga IS NOT NULL")
    ):
        if stato == Stato.DA_VERIFICARE:
            _add((flow, azione, Stato.CERTIFICABILE), [-number for number in sums])
            _add((flow, azione, Stato.DA_VERIFICARE), sums)


@contextmanager
def touching(selection: str, params: Sequence[Any] = ()) -> Iterator[int]:
    """Keep the sums right while a few payments change their state.

    Args:
        selection: SQL that gives their `flusso_id` and `riga`; inside the block they are the table
            `toccati`, which goes with it.

    Yields:
        How many they are.
    """
    run("CREATE TEMP TABLE toccati (flusso_id bigint, riga integer) ON COMMIT DROP")
    run(f"INSERT INTO toccati SELECT flusso_id, riga FROM ({selection}) scelti", params)
    run("ANALYZE toccati")
    before = _sums_of_touched()
    yield run("SELECT count(*) FROM toccati")[0][0]
    after = _sums_of_touched()
    for key in sorted(before.keys() | after.keys()):
        new, old = after.get(key, _NOTHING), before.get(key, _NOTHING)
        _add(key, [new[0] - old[0], new[1] - old[1], new[2] - old[2], new[3] - old[3]])
    run("DROP TABLE toccati")


def _sums_of_touched() -> dict[Key, Sums]:
    flows = [flow for (flow,) in run("SELECT DISTINCT flusso_id FROM toccati")]
    touched = " AND (p.flusso_id, p.riga) IN (SELECT flusso_id, riga FROM toccati)"
    rows = run(_SUMS.format(states=states(flows) + touched))
    return {(row[0], row[1], row[2]): (row[3], row[4], row[5], row[6]) for row in rows}


def _add(key: Key, change: Sequence[Any]) -> None:
    where = "WHERE flusso_id = %s AND azione_id = %s AND stato = %s"
    found = run(
        "UPDATE cigd_sintesipool SET pagamenti = pagamenti + %s, recuperi = recuperi + %s,"
        f" importo = importo + %s, taglio = taglio + %s {where} RETURNING pagamenti + recuperi",
        [*change, *key],
    )
    if not found:
        run(
            "INSERT INTO cigd_sintesipool (pagamenti, recuperi, importo, taglio, flusso_id,"
            " azione_id, stato) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [*change, *key],
        )
    elif found == [(0,)]:
        run(f"DELETE FROM cigd_sintesipool {where}", key)
