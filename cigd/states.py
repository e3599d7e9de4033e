"""In which state each payment is, as a query, and the sums of it that pages read.

The state of a payment is never stored twice: it follows from the batches (`Voce`), from what was
decided (`Posizione`), from the check of its flow and from its warnings, in this order. A recovery
waits for the check of its own flow; then it stands with the payment that it corrects, so that what
is certifiable is lowered by the recoveries of certifiable or certified payments alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection

from cigd.azioni import azione_sql
from cigd.models import Stato
from cigd.scope import scope

_ROWS = """
    SELECT p.flusso_id, p.riga, p.id_pagamento, p.id_pagamento_origine, p.tipo, p.data_pagamento,
        p.importo, coalesce(d.taglio, 0) AS taglio,
        coalesce(v.azione_id, d.azione_id, {azione}) AS azione, {stato} AS stato
    FROM cigd_pagamento p
    LEFT JOIN cigd_posizione d ON d.flusso_id = p.flusso_id AND d.riga = p.riga
    LEFT JOIN cigd_voce v ON v.flusso_id = p.flusso_id AND v.riga = p.riga
        AND v.causale IN ('pagamento', 'recupero')
    LEFT JOIN cigd_controlloflusso c ON c.flusso_id = p.flusso_id
    LEFT JOIN (SELECT DISTINCT flusso_id, riga FROM porfse_flowwarning
        WHERE flusso_id IN ({flussi})) w ON w.flusso_id = p.flusso_id AND w.riga = p.riga
    {origine}
    WHERE p.flusso_id IN ({flussi}) AND p.tipo = '{tipo}'{where}
"""
_STATE = """CASE WHEN d.stato = 'ritirato' THEN 'ritirato'
            WHEN v.riga IS NOT NULL THEN 'certificato'
            WHEN d.stato <> '' THEN d.stato
            WHEN c.flusso_id IS NULL OR {warned} THEN 'da_verificare'
            ELSE 'certificabile' END"""
_PAYMENT = _STATE.format(warned="w.riga IS NOT NULL")
_ORIGIN = _STATE.format(
    warned="EXISTS (SELECT FROM porfse_flowwarning w WHERE w.flusso_id = o.flusso_id"
    " AND w.riga = o.riga)"
)
# LIMIT has the origin found by the index on its identifier: joined, all payments might be read.
_ORIGINS = f"""LEFT JOIN LATERAL (
        SELECT {_ORIGIN} AS stato
        FROM cigd_pagamento o
        JOIN porfse_flow f ON f.id = o.flusso_id AND f.stato = 'acquisito'
        LEFT JOIN cigd_posizione d ON d.flusso_id = o.flusso_id AND d.riga = o.riga
        LEFT JOIN cigd_voce v ON v.flusso_id = o.flusso_id AND v.riga = o.riga
            AND v.causale = 'pagamento'
        LEFT JOIN cigd_controlloflusso c ON c.flusso_id = o.flusso_id
        WHERE o.id_pagamento = p.id_pagamento_origine AND o.tipo = 'P' LIMIT 1
    ) o ON true"""
_CHECKED = "(d.stato = 'certificabile' OR c.flusso_id IS NOT NULL AND w.riga IS NULL)"
_RECOVERY = f"""CASE WHEN {_CHECKED} IS NOT TRUE OR o.stato IS NULL THEN 'da_verificare'
            WHEN v.riga IS NOT NULL AND o.stato <> 'ritirato' THEN 'certificato'
            WHEN o.stato = 'certificato' THEN 'certificabile'
            ELSE o.stato END"""
_RECOVERIES_OF_TOUCHED = """
    SELECT r.flusso_id, r.riga FROM toccati t
    JOIN cigd_pagamento p ON p.flusso_id = t.flusso_id AND p.riga = t.riga AND p.tipo = 'P'
    JOIN cigd_pagamento r ON r.id_pagamento_origine = p.id_pagamento AND r.tipo = 'R'
    JOIN porfse_flow f ON f.id = r.flusso_id AND f.stato = 'acquisito'
"""
_SUMS = """
    SELECT flusso_id, azione, stato, count(*) FILTER (WHERE tipo = 'P'),
        count(*) FILTER (WHERE tipo = 'R'), sum(importo), sum(taglio)
    FROM ({states}) s GROUP BY 1, 2, 3
"""
Params = Sequence[Any] | Mapping[str, Any]
Key = tuple[int, str, str]  # flow, azione, state
Sums = tuple[int, int, Decimal, Decimal]  # payments, recoveries, amount, cuts
_NOTHING: Sums = (0, 0, Decimal(0), Decimal(0))


def listed(flows: Iterable[int]) -> str:
    """Return flows for the list of an SQL `IN`, which matches nothing if there are none."""
    return ", ".join(str(int(flow)) for flow in flows) or "NULL"


def states(flows: Iterable[int], where: str = "") -> str:
    """Return SQL that gives every payment and recovery of some flows with its state.

    Columns: `flusso_id`, `riga`, `id_pagamento`, `id_pagamento_origine`, `tipo`, `data_pagamento`,
    `importo`, `taglio` (euro), `azione`, `stato`.

    Args:
        flows: of flows that count.
        where: `AND …`, a condition on `p` (the payment), `d` (its position), `c` (the check of its
            flow), `w` (its warnings) or `v` (its entry); its parameters are named, as it stands
            twice.
    """
    listed_flows = tuple(flows)
    return f"{payments(listed_flows, where)} UNION ALL {recoveries(listed_flows, where)}"


def payments(flows: Iterable[int], where: str = "") -> str:
    """Return the same for the payments alone."""
    return _rows(flows, where, tipo="P", stato=_PAYMENT)


def recoveries(flows: Iterable[int], where: str = "") -> str:
    """Return the same for the recoveries alone."""
    return _rows(flows, where, tipo="R", stato=_RECOVERY, origine=_ORIGINS)


def waiting_recoveries(flows: Iterable[int]) -> str:
    """Return SQL for the recoveries that were checked and that no batch holds, without a state.

    They may enter a batch with the payment that each corrects, wherever that stands now.
    """
    where = f" AND v.riga IS NULL AND {_CHECKED}"
    return _rows(flows, where, tipo="R", stato="NULL")


def _rows(flows: Iterable[int], where: str, *, tipo: str, stato: str, origine: str = "") -> str:
    return _ROWS.format(
        azione=azione_sql("p.comune_istat"),
        flussi=listed(flows),
        where=where,
        tipo=tipo,
        stato=stato,
        origine=origine,
    )


def run(sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
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
    """Count what a flow that was just checked makes certifiable, but what bears warnings.

    Only these and the recoveries are looked at: the others are what waited, less them.
    """
    run(
        "UPDATE cigd_sintesipool SET stato = %s WHERE flusso_id = %s AND stato = %s",
        [Stato.CERTIFICABILE, flow, Stato.DA_VERIFICARE],
    )
    # What was decided on a payment before the check had left those that waited.
    for row in run(_SUMS.format(states=payments([flow], " AND w.riga IS NOT NULL"))):
        if row[2] == Stato.DA_VERIFICARE:
            _move(row, Stato.CERTIFICABILE, Stato.DA_VERIFICARE)
    # Recoveries all waited; each now stands where its payment does.
    for row in run(_SUMS.format(states=recoveries([flow]))):
        if row[2] != Stato.CERTIFICABILE:
            _move(row, Stato.CERTIFICABILE, row[2])
    others = [other for other in scope().flussi if other != flow]
    here = (
        f" AND EXISTS (SELECT FROM cigd_pagamento o WHERE o.flusso_id = {int(flow)}"
        " AND o.id_pagamento = p.id_pagamento_origine AND o.tipo = 'P' OFFSET 0)"
    )
    # Those in other flows that are certifiable by now waited for this check.
    for row in run(_SUMS.format(states=recoveries(others, here))) if others else ():
        if row[2] == Stato.CERTIFICABILE:
            _move(row, Stato.DA_VERIFICARE, Stato.CERTIFICABILE)


def _move(row: Sequence[Any], old: str, new: str) -> None:
    """Count a row of sums, which begins with its flow and azione, under another state."""
    flow, azione, _, *sums = row
    _add((flow, azione, old), [-number for number in sums])
    _add((flow, azione, new), sums)


@contextmanager
def touching(selection: str, params: Params = ()) -> Iterator[int]:
    """Keep the sums right while a few payments change their state, and their recoveries with them.

    Args:
        selection: SQL that gives their `flusso_id` and `riga`; inside the block they are the table
            `toccati`, which goes with it. Their recoveries, in whatever flow, are not in it.

    Yields:
        How many they are.
    """
    run("CREATE TEMP TABLE toccati (flusso_id bigint, riga integer) ON COMMIT DROP")
    run(f"INSERT INTO toccati SELECT flusso_id, riga FROM ({selection}) scelti", params)
    run("ANALYZE toccati")
    run(
        "CREATE TEMP TABLE contati ON COMMIT DROP AS"
        f" SELECT flusso_id, riga FROM toccati UNION {_RECOVERIES_OF_TOUCHED}"
    )
    run("ANALYZE contati")
    before = _sums_of_counted()
    yield run("SELECT count(*) FROM toccati")[0][0]
    after = _sums_of_counted()
    for key in sorted(before.keys() | after.keys()):
        new, old = after.get(key, _NOTHING), before.get(key, _NOTHING)
        _add(key, [new[0] - old[0], new[1] - old[1], new[2] - old[2], new[3] - old[3]])
    run("DROP TABLE toccati, contati")


def _sums_of_counted() -> dict[Key, Sums]:
    flows = [flow for (flow,) in run("SELECT DISTINCT flusso_id FROM contati")]
    where = " AND (p.flusso_id, p.riga) IN (SELECT flusso_id, riga FROM contati)"
    rows = run(_SUMS.format(states=states(flows, where)))
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
