"""The ceilings of the call: what a worker and a company may have in vouchers that are in force.

Rows are taken in order of date and identifier after what is stored; one that exceeds is refused,
and neither counts for the next nor changes the stored voucher that it would have replaced.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from measures import avvisi
from measures.flows.confronto import Confronto
from measures.formazione_continua.models import Voucher
from measures.misura import Misura
from porfse.flows.late import Late
from porfse.models import Flow

MISURA = "formazione-continua"
LAVORATORE, IMPRESA = "massimale_lavoratore", "massimale_impresa"
_REVOKED = Voucher.Stato.REVOCATO.value
_BLOCK = 20_000

# Each row with what it counts for and, if it replaces a stored one, what that counted for. A row
# that asks for no more than it had of the same worker and company is right whatever the others do.
_ROWS = """
    WITH buone AS (SELECT * FROM {part} WHERE riga NOT IN (SELECT riga FROM {late})),
    voci AS (
        SELECT p.riga, p.codice, p.data_inizio AS giorno,
            p.codice_fiscale_lavoratore AS lavoratore, p.codice_fiscale AS impresa,
            CASE WHEN p.stato = '{revoked}' THEN 0 ELSE p.concesso END AS nuovo,
            t.codice_fiscale_lavoratore AS ex_lavoratore, a.codice_fiscale AS ex_impresa,
            CASE WHEN t.id IS NULL OR t.stato = '{revoked}' THEN 0 ELSE t.concesso END AS vecchio
        FROM buone p
        LEFT JOIN {rows} t ON t.codice = p.codice AND t.esempio = {esempio}
        LEFT JOIN porfse_azienda a ON a.id = t.azienda_id
    )
    SELECT *, nuovo = 0 OR coalesce(
        nuovo <= vecchio AND lavoratore = ex_lavoratore AND impresa = ex_impresa, false
    ) AS libera FROM voci
"""
# What each worker and company has before the rows that must ask: stored vouchers, those that free
# rows replace at their new amount. `massimo`: what it would have if every row were accepted.
_SUMS = """
    WITH fermi AS (
        SELECT t.codice_fiscale_lavoratore AS lavoratore, a.codice_fiscale AS impresa,
            sum(t.concesso) AS importo
        FROM {rows} t JOIN porfse_azienda a ON a.id = t.azienda_id
        WHERE t.esempio = {esempio} AND t.stato <> '{revoked}'
        GROUP BY 1, 2
    ), parti AS (
        SELECT lavoratore, impresa, importo AS base, importo AS massimo FROM fermi
        UNION ALL
        SELECT ex_lavoratore, ex_impresa, -vecchio, -vecchio FROM {voci}
        WHERE libera AND vecchio > 0
        UNION ALL
        SELECT lavoratore, impresa, nuovo, nuovo FROM {voci} WHERE libera AND nuovo > 0
        UNION ALL
        SELECT lavoratore, impresa, 0, CASE
            WHEN lavoratore = ex_lavoratore AND impresa = ex_impresa THEN nuovo - vecchio
            ELSE nuovo END
        FROM {voci} WHERE NOT libera
    )
    SELECT lavoratore, impresa, sum(base) AS base, sum(massimo) AS massimo
    FROM parti GROUP BY 1, 2
"""
_FULL = """
    SELECT {key} AS chiave, sum(base) AS base FROM {sums}
    GROUP BY 1 HAVING sum(massimo) > %s
"""
_BASE = "SELECT chiave, base FROM {sums}"
_ASKING = """
    SELECT riga, lavoratore, impresa, nuovo, ex_lavoratore, ex_impresa, vecchio FROM {voci}
    WHERE NOT libera AND (
        lavoratore IN (SELECT chiave FROM {workers})
        OR impresa IN (SELECT chiave FROM {companies})
    ) ORDER BY giorno, codice COLLATE "C"
"""
# What taking a flow back gives again to workers, or companies, beyond what they have now.
_NO_ROOM = """
    WITH cambi AS (
        SELECT t.codice_fiscale_lavoratore, t.azienda_id,
            CASE WHEN t.stato = '{revoked}' THEN 0 ELSE -t.concesso END AS importo
        FROM measures_passaggio p
        JOIN {rows} t ON t.codice = p.codice AND t.esempio = p.esempio
        WHERE p.flusso_id = %s AND p.misura = %s
        UNION ALL
        SELECT r.codice_fiscale_lavoratore, r.azienda_id,
            CASE WHEN r.stato = '{revoked}' THEN 0 ELSE r.concesso END
        FROM measures_passaggio p, LATERAL jsonb_populate_record(NULL::{rows}, p.prima) r
        WHERE p.flusso_id = %s AND p.misura = %s AND p.prima IS NOT NULL
    ), chiavi AS (
        SELECT {key} AS chiave, sum(importo) AS importo FROM cambi
        GROUP BY 1 HAVING sum(importo) > 0
    )
    SELECT count(*) FROM (
        SELECT k.chiave FROM chiavi k JOIN {rows} t ON t.{key} = k.chiave
        WHERE t.esempio = %s AND t.stato <> '{revoked}'
        GROUP BY k.chiave, k.importo HAVING k.importo + sum(t.concesso) > %s
    ) oltre
"""
_NO_LIMIT = Decimal("Infinity")


@dataclass
class _Limit:
    """What some workers, or some companies, have so far; those that cannot exceed are left out."""

    ceiling: Decimal
    had: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def takes(self, key: str, new: Decimal, old_key: str | None, old: Decimal) -> bool:
        """Say whether a voucher fits; it may free what the stored one had."""
        freed = old if key == old_key else 0
        return key not in self.had or self.had[key] + new - freed <= self.ceiling

    def put(self, key: str, new: Decimal, old_key: str | None, old: Decimal) -> None:
        if old_key is not None and old_key in self.had:
            self.had[old_key] -= old
        if key in self.had:
            self.had[key] += new


def beyond_ceilings(comparison: Confronto, late: Late) -> int:
    """Refuse the rows that exceed a ceiling (E042 of the worker, E043 of the company)."""
    stage = comparison.stage
    ceilings = {name: avvisi.value(MISURA, name) for name in (LAVORATORE, IMPRESA)}
    voci = stage.scratch("voci", comparison.sql(_ROWS, late=late.table, revoked=_REVOKED))
    sums = stage.scratch("somme", comparison.sql(_SUMS, voci=voci, revoked=_REVOKED))
    tables, limits = [], []
    for name, key in ((LAVORATORE, "lavoratore"), (IMPRESA, "impresa")):
        ceiling = ceilings[name]
        limit = _Limit(_NO_LIMIT if ceiling is None else ceiling)
        table = stage.scratch(f"pieni_{key}", _FULL.format(key=key, sums=sums), [limit.ceiling])
        limit.had.update(stage.execute(_BASE.format(sums=table)))
        tables.append(table)
        limits.append(limit)
    asking = _ASKING.format(voci=voci, workers=tables[0], companies=tables[1])
    refused = _refused(asking, *limits)
    return sum(
        late.add(code, "SELECT unnest(%s::integer[]) AS riga", [lines])
        for code, lines in refused.items()
        if lines
    )


def _refused(asking: str, workers: _Limit, companies: _Limit) -> dict[str, list[int]]:
    refused: dict[str, list[int]] = {"E042": [], "E043": []}
    for line, worker, company, new, old_worker, old_company, old in _read(asking):
        of_worker = (worker, new, old_worker, old)
        of_company = (company, new, old_company, old)
        wrong = [
            code
            for code, limit, voucher in (
                ("E042", workers, of_worker),
                ("E043", companies, of_company),
            )
            if not limit.takes(*voucher)
        ]
        for code in wrong:
            refused[code].append(line)
        if not wrong:
            workers.put(*of_worker)
            companies.put(*of_company)
    return refused


def _read(sql: str) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(_BLOCK):
            yield from rows


def no_room(flow: Flow, misura: Misura) -> str:
    """Say why a flow cannot be taken back: a later one has used the room that it had left."""
    for name, key, words in (
        (LAVORATORE, "codice_fiscale_lavoratore", "di un lavoratore"),
        (IMPRESA, "azienda_id", "di un'impresa"),
    ):
        ceiling = avvisi.value(MISURA, name)
        sql = _NO_ROOM.format(rows=misura.model._meta.db_table, key=key, revoked=_REVOKED)
        touched: list[int | str] = [flow.pk, misura.slug]
        with connection.cursor() as cursor:
            cursor.execute(
                sql, [*touched, *touched, flow.esempio, _NO_LIMIT if ceiling is None else ceiling]
            )
            [count] = cursor.fetchone()
        if count:
            return (
                f"Annullando il flusso i voucher {words} supererebbero il massimale, perché flussi"
                " successivi ne hanno concessi altri: annullare prima quelli."
            )
    return ""
