"""In which state each payment is, as a query, and the sums of it that pages read.

The state of a payment is never stored twice: it follows from the batches (`Voce`), from what was
decided (`Posizione`), from the check of its flow and from its warnings, in this order. A recovery
waits for the check of its own flow; then it stands with the payment that it corrects, so that what
is certifiable is lowered by the recoveries of certifiable or certified payments alone. Of a payment
that bears a cut it takes no more than cut and earlier recoveries leave, as in a batch.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection

from cigd.azioni import azione_sql
from cigd.models import Stato

_ROWS = """
    SELECT p.flusso_id, p.riga, p.id_pagamento, p.id_pagamento_origine, p.tipo, p.data_pagamento,
        {importo} AS importo, coalesce(d.taglio, 0) AS taglio,
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
        SELECT {_ORIGIN} AS stato, o.importo, d.taglio
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
# In the order of `cigd.selection`, first those that a batch holds. They are looked for if the
# payment bears a cut, as few do: without one its recoveries never exceed it (E010). Those of a flow
# that was cancelled are not checked any more.
_BEFORE = f"""SELECT coalesce(sum(s.importo), 0) FROM (
        SELECT r.importo, v.riga IS NULL AS attende, r.data_pagamento, r.flusso_id, r.riga
        FROM cigd_pagamento r
        LEFT JOIN cigd_posizione d ON d.flusso_id = r.flusso_id AND d.riga = r.riga
        LEFT JOIN cigd_voce v ON v.flusso_id = r.flusso_id AND v.riga = r.riga
            AND v.causale = 'recupero'
        LEFT JOIN cigd_controlloflusso c ON c.flusso_id = r.flusso_id
        LEFT JOIN LATERAL (SELECT riga FROM porfse_flowwarning
            WHERE flusso_id = r.flusso_id AND riga = r.riga LIMIT 1) w ON true
        WHERE r.id_pagamento_origine = p.id_pagamento_origine AND r.tipo = 'R' AND {_CHECKED}
    ) s WHERE (s.attende, s.data_pagamento, s.flusso_id, s.riga)
        < (v.riga IS NULL, p.data_pagamento, p.flusso_id, p.riga)"""
_TAKEN = f"""CASE WHEN o.taglio > 0 AND {_CHECKED}
            THEN greatest(p.importo, least(0, o.taglio - o.importo - ({_BEFORE})))
            ELSE p.importo END"""
_RECOVERIES_OF_TOUCHED = """
    SELECT r.flusso_id, r.riga FROM toccati t
    JOIN cigd_pagamento p ON p.flusso_id = t.flusso_id AND p.riga = t.riga
    JOIN cigd_pagamento r ON r.tipo = 'R'
        AND r.id_pagamento_origine = CASE p.tipo WHEN 'R' THEN p.id_pagamento_origine
            ELSE p.id_pagamento END
    JOIN porfse_flow f ON f.id = r.flusso_id AND f.stato = 'acquisito'
"""
_SUMS = """
    SELECT flusso_id, azione, stato, count(*) FILTER (WHERE tipo = 'P'),
        count(*) FILTER (WHERE tipo = 'R'), sum(importo), sum(taglio)
    FROM ({states}) s GROUP BY 1, 2, 3
"""
_UNCOMPILED = "SET LOCAL jit = off"  # to compile the sums takes the server longer than it saves
Params = Sequence[Any] | Mapping[str, Any]
Key = tuple[int, str, str]  # flow, azione, state
Sums = tuple[int, int, Decimal, Decimal]  # payments, recoveries, amount, cuts
Which = Callable[[Iterable[int], str], str]  # `states`, `payments` or `recoveries`


def listed(flows: Iterable[int]) -> str:
    """Return flows for the list of an SQL `IN`, which matches nothing if there are none."""
    return ", ".join(str(int(flow)) for flow in flows) or "NULL"


def states(flows: Iterable[int], where: str = "") -> str:
    """Return SQL that gives every payment and recovery of some flows with its state.

    Columns: `flusso_id`, `riga`, `id_pagamento`, `id_pagamento_origine`, `tipo`, `data_pagamento`,
    `importo` (euro; of a recovery that was checked what it takes away), `taglio` (euro), `azione`,
    `stato`.

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
    return _rows(flows, where, tipo="R", stato=_RECOVERY, importo=_TAKEN, origine=_ORIGINS)


def waiting_recoveries(flows: Iterable[int]) -> str:
    """Return SQL for the recoveries that were checked and that no batch holds, without a state.

    They may enter a batch with the payment that each corrects, wherever that stands now; `importo`
    is the whole of each.
    """
    where = f" AND v.riga IS NULL AND {_CHECKED}"
    return _rows(flows, where, tipo="R", stato="NULL")


def _rows(
    flows: Iterable[int],
    where: str,
    *,
    tipo: str,
    stato: str,
    importo: str = "p.importo",
    origine: str = "",
) -> str:
    return _ROWS.format(
        azione=azione_sql("p.comune_istat"),
        flussi=listed(flows),
        where=where,
        tipo=tipo,
        stato=stato,
        importo=importo,
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
    run(_UNCOMPILED)
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

    Only these are looked at: the others are what waited, less them. Its recoveries, and those of
    its payments, are left to `touching`, in whose block this is called.
    """
    run(
        "UPDATE cigd_sintesipool SET stato = %s WHERE flusso_id = %s AND stato = %s",
        [Stato.CERTIFICABILE, flow, Stato.DA_VERIFICARE],
    )
    # What was decided on a payment before the check had left those that waited.
    for row in run(_SUMS.format(states=payments([flow], " AND w.riga IS NOT NULL"))):
        if row[2] == Stato.DA_VERIFICARE:
            _move(row, Stato.CERTIFICABILE, Stato.DA_VERIFICARE)


def withhold(flow: int) -> None:
    """Count what was certifiable of a flow as to be checked: the way back from `release`."""
    columns = "flusso_id, azione_id, stato, pagamenti, recuperi, importo, taglio"
    where = "WHERE flusso_id = %s AND stato = %s ORDER BY azione_id"
    certifiable = [flow, Stato.CERTIFICABILE]
    for row in run(f"SELECT {columns} FROM cigd_sintesipool {where}", certifiable):
        _move(row, Stato.CERTIFICABILE, Stato.DA_VERIFICARE)


def _move(row: Sequence[Any], old: str, new: str) -> None:
    """Count a row of sums, which begins with its flow and azione, under another state."""
    flow, azione, _, *sums = row
    _add((flow, azione, old), [-number for number in sums])
    _add((flow, azione, new), sums)


@contextmanager
def touching(selection: str, params: Params = (), which: Which = states) -> Iterator[int]:
    """Keep the sums right while a few payments change their state, and their recoveries with them.

    With a recovery, all of its payment are counted anew: what one takes may be left to the next.
    Inside the block the sums are without them.

    Args:
        selection: SQL that gives their `flusso_id` and `riga`; inside the block they are the table
            `toccati`, which goes with it. Their recoveries, in whatever flow, are not in it.
        params: of the selection.
        which: `recoveries` if no payment is among them, so that payments need not be read.

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
    run(_UNCOMPILED)
    for key, sums in _sums_of_counted(which):
        _add(key, [-number for number in sums])
    yield run("SELECT count(*) FROM toccati")[0][0]
    for key, sums in _sums_of_counted(which):
        _add(key, sums)
    run("DROP TABLE toccati, contati")


def _sums_of_counted(which: Which) -> list[tuple[Key, Sums]]:
    flows = [flow for (flow,) in run("SELECT DISTINCT flusso_id FROM contati")]
    where = " AND (p.flusso_id, p.riga) IN (SELECT flusso_id, riga FROM contati)"
    rows = run(f"{_SUMS.format(states=which(flows, where))} ORDER BY 1, 2, 3")
    return [((row[0], row[1], row[2]), (row[3], row[4], row[5], row[6])) for row in rows]


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
