"""What only the whole of a flow of payments shows, or what is stored: SQL over millions of rows."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection

from porfse.flows.late import Late
from porfse.flows.stage import Stage
from porfse.models import Flow

_BLOCK = 50_000  # rows held at once


def acquired_like(flow: Flow) -> list[int]:
    """Return the acquired flows that one is held against: real by real, examples by examples."""
    found = Flow.objects.acquired(flow.sorgente, example=flow.esempio)
    return list(found.order_by("pk").values_list("pk", flat=True))


_ORIGINS = """
    SELECT r.riga, r.id_pagamento_origine, r.importo,
        coalesce(p.importo, vecchio.importo) AS pagato, coalesce(prima.importo, 0) AS gia
    FROM {table} r
    LEFT JOIN {table} p ON p.id_pagamento = r.id_pagamento_origine AND p.tipo = 'P'
        AND p.codice_fiscale = r.codice_fiscale
    LEFT JOIN cigd_pagamento vecchio ON vecchio.flusso_id = ANY(%s)
        AND vecchio.id_pagamento = r.id_pagamento_origine AND vecchio.tipo = 'P'
        AND vecchio.codice_fiscale = r.codice_fiscale
    LEFT JOIN LATERAL (
        SELECT sum(importo) AS importo FROM cigd_pagamento
        WHERE flusso_id = ANY(%s) AND tipo = 'R'
            AND id_pagamento_origine = r.id_pagamento_origine
    ) prima ON true
    WHERE r.tipo = 'R'
"""


def wrong_recoveries(late: Late) -> int:
    """E010: in the order of the file, a recovery that exceeds is refused and counts no more."""
    flows, stage = acquired_like(late.stage.flow), late.stage
    name = stage.scratch("recuperi", _ORIGINS.format(table=stage.table), [flows, flows])
    found = late.add("E010", f"SELECT riga FROM {name} WHERE pagato IS NULL")
    beyond = (
        f"SELECT riga, id_pagamento_origine, importo, pagato, gia FROM {name}"
        f" WHERE id_pagamento_origine IN (SELECT id_pagamento_origine FROM {name}"
        " WHERE pagato IS NOT NULL GROUP BY id_pagamento_origine, pagato, gia"
        " HAVING sum(importo) + gia + pagato < 0) AND pagato IS NOT NULL"
        " ORDER BY id_pagamento_origine, riga"
    )
    lines = "SELECT unnest(%s::integer[]) AS riga"
    with connection.chunked_cursor() as cursor:
        cursor.execute(beyond)
        exceeding = _exceeding(cursor)
        while wrong := list(islice(exceeding, _BLOCK)):
            found += late.add("E010", lines, [wrong])
    return found


def _exceeding(rows: Iterable[tuple[int, str, Decimal, Decimal, Decimal]]) -> Iterator[int]:
    current, left = "", Decimal(0)
    for line, origin, amount, paid, before in rows:
        if origin != current:
            current, left = origin, paid + before
        if left + amount < 0:
            yield line
        else:
            left += amount


# Worker and month in which a rule can be broken: more rows than one, or one that is enough. The
# index of the fresh rows answers alone, so that the others are never sorted.
_SUSPECTS = """
    SELECT codice_fiscale, mese_competenza FROM {table} GROUP BY 1, 2 HAVING count(*) > 1
    UNION
    SELECT codice_fiscale, mese_competenza FROM {table} WHERE ore > %s OR importo > %s
"""
_KNOWN_BEFORE = """
    UNION
    SELECT codice_fiscale, mese_competenza FROM {table} n WHERE EXISTS (
        SELECT FROM cigd_pagamento v WHERE v.flusso_id = ANY(ARRAY[{flows}]::bigint[])
        AND v.codice_fiscale = n.codice_fiscale AND v.mese_competenza = n.mese_competenza
    )
"""
_SUMS = """
    SELECT codice_fiscale, mese_competenza, matricola_inps,
        sum(CASE tipo WHEN 'P' THEN ore ELSE -ore END) AS ore, sum(importo) AS importo
    FROM ({rows}) tutti JOIN {suspects} USING (codice_fiscale, mese_competenza) GROUP BY 1, 2, 3
"""
_COLUMNS = "codice_fiscale, mese_competenza, matricola_inps, tipo, ore, importo"
_ROWS = "SELECT {columns} FROM {table}"
_STORED = """ UNION ALL
    SELECT {columns} FROM cigd_pagamento WHERE flusso_id = ANY(ARRAY[{flows}]::bigint[])
"""
_BROKEN = "SELECT s.riga FROM {table} s JOIN ({groups}) g USING ({by}) WHERE s.tipo = 'P'"
_WORKER = "codice_fiscale, mese_competenza"


def warn(stage: Stage) -> None:
    """W102, W103, W104: sums by worker and month over what is stored and this flow."""
    table = stage.table
    flows = ", ".join(map(str, acquired_like(stage.flow)))
    which, rows = _SUSPECTS, _ROWS
    if flows:
        which, rows = which + _KNOWN_BEFORE, rows + _STORED
    least = min(settings.CIGD_MASSIMALE.values())
    suspects = stage.scratch(
        "sospetti",
        which.format(table=table, flows=flows),
        [settings.CIGD_ORE_MENSILI, least],
    )
    every = rows.format(columns=_COLUMNS, table=table, flows=flows)
    sums = stage.scratch("lavoratori", _SUMS.format(rows=every, suspects=suspects))
    for code, groups, by, params in _rules(sums):
        stage.warn(code, _BROKEN.format(table=table, groups=groups, by=by), params)


def _rules(sums: str) -> Iterable[tuple[str, str, str, Sequence[Any]]]:
    """Yield code, SQL of the groups that break it, the columns that name them, and parameters."""
    company = f"{_WORKER}, matricola_inps"
    hours = f"SELECT {company} FROM {sums} WHERE ore > %s"
    yield "W102", hours, company, [settings.CIGD_ORE_MENSILI]
    two = f"SELECT {_WORKER} FROM {sums} WHERE importo > 0 GROUP BY 1, 2 HAVING count(*) > 1"
    yield "W103", two, _WORKER, []
    for year, ceiling in settings.CIGD_MASSIMALE.items():
        above = (
            f"SELECT {_WORKER} FROM {sums} WHERE extract(year FROM mese_competenza) = %s"
            " GROUP BY 1, 2 HAVING sum(importo) > %s"
        )
        yield "W104", above, _WORKER, [year, ceiling]


def recovered_by(flow: Flow) -> str:
    """Say which other flow recovers payments of one; empty if none does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.flusso_id FROM cigd_pagamento r JOIN porfse_flow f ON f.id = r.flusso_id"
            " JOIN cigd_pagamento p ON p.flusso_id = %s"
            " AND p.id_pagamento = r.id_pagamento_origine AND p.tipo = 'P'"
            " WHERE r.tipo = 'R' AND r.flusso_id <> %s AND f.stato = 'acquisito' LIMIT 1",
            [flow.pk, flow.pk],
        )
        row = cursor.fetchone()
    if row:
        return f"Il flusso {row[0]} recupera pagamenti di questo: annullare prima quello."
    return ""
