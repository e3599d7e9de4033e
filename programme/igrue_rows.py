"""The IGRUE rules over the ledger with a flow in it: which rows of the flow break them.

A rule looks at an asse or at an initiative, at the end of each day, over all money in force (all
perimetri) and the accepted rows of the flow. Of the flow those rows bear the code that move the
balance against the rule, on or before the last day on which it is broken:

- W201, W202, W203: those that raise what must not exceed (positive), or lower what it must not
  exceed (negative);
- W204: those that lower the quantity whose balance is negative;
- W205: payments of an initiative dated before its first commitment; or the commitment that comes
  first, where payments before it were already in the ledger.

What is not known breaks nothing: a quantity without movements, one of which a part is not split
between the assi, a first commitment that lies within a published balance. An excess within the
rounding of the published balances is none.
"""

from collections.abc import Iterator

from porfse.flows.stage import Stage
from programme.flow_ledger import PLACED
from programme.flow_rows import TIPI
from programme.igrue import ORDER

_STORED = """
    SELECT '{quantity}' AS grandezza, m.asse_id AS asse, m.iniziativa_id AS iniziativa, m.data,
        m.importo, m.arrotondamento, m.natura <> 'movimento' AS saldo, NULL::integer AS riga
    FROM {table} m JOIN porfse_fonte f ON f.id = m.fonte_id
        AND f.ritirata_il IS NULL AND f.genere <> 'esempio'
"""
_COMING = """
    SELECT CASE s.tipo {kinds} END, o.asse_id, s.iniziativa, s.data, s.importo, 0, false, s.riga
"""
# Each movement at each of its levels, of those that the flow touches.
_LEVELS = """
    WITH livelli AS (
        SELECT r.*, v.livello FROM {ledger} r CROSS JOIN LATERAL (
            VALUES ('asse ' || r.asse), ('iniziativa ' || r.iniziativa)
        ) AS v (livello) WHERE v.livello IS NOT NULL
    )
    SELECT * FROM livelli WHERE livello IN (SELECT livello FROM livelli WHERE riga IS NOT NULL)
"""
_DAYS = """
    SELECT livello, data, {sums} FROM {levels}
    GROUP BY livello, data WINDOW w AS (PARTITION BY livello ORDER BY data)
"""
_SUM = "sum(sum(importo) FILTER (WHERE grandezza = '{quantity}')) OVER w AS {quantity}"
_BALANCES = """
    SELECT livello, grandezza, data, arrotondamento FROM {levels}
    WHERE saldo AND arrotondamento <> 0 AND (iniziativa IS NULL OR livello <> 'asse ' || asse)
"""
_ROUNDING = """
    coalesce((SELECT b.arrotondamento FROM {balances} b WHERE b.livello = d.livello
        AND b.grandezza = '{quantity}' AND b.data <= d.data
        ORDER BY b.data DESC, b.arrotondamento DESC LIMIT 1), 0)
"""
_UNSPLIT = """
    coalesce((SELECT sum(r.importo) FROM {unsplit} r
        WHERE r.grandezza = '{quantity}' AND r.data <= d.data), 0)
"""
_ROWS = """
    SELECT DISTINCT l.riga FROM {levels} l JOIN (
        SELECT d.livello, max(d.data) AS ultimo FROM {days} d WHERE {broken} GROUP BY d.livello
    ) rotti ON rotti.livello = l.livello AND l.data <= rotti.ultimo
    WHERE l.riga IS NOT NULL AND ({against})
"""
_FIRST = """
    SELECT iniziativa, min(data) FILTER (WHERE importo > 0) AS primo FROM {ledger}
    WHERE grandezza = 'impegnate' AND iniziativa IS NOT NULL
    GROUP BY iniziativa HAVING NOT bool_or(saldo)
"""
_EARLY = """
    SELECT r.riga FROM {ledger} r JOIN {first} p USING (iniziativa)
    WHERE r.riga IS NOT NULL AND r.importo > 0 AND (
        r.grandezza = 'liquidate' AND r.data < p.primo
        OR r.grandezza = 'impegnate' AND r.data = p.primo AND EXISTS (
            SELECT FROM {ledger} v WHERE v.iniziativa = r.iniziativa AND v.riga IS NULL
            AND v.grandezza = 'liquidate' AND NOT v.saldo AND v.importo > 0 AND v.data < p.primo
        )
    )
"""


def warn(stage: Stage) -> None:
    """Write the warnings W201 to W205 of the accepted rows of a flow."""
    ledger = stage.scratch("registro", _ledger(stage))
    for code, lines in _rules(stage, ledger):
        stage.warn(code, lines)
    first = stage.scratch("primi_impegni", _FIRST.format(ledger=ledger))
    stage.warn("W205", _EARLY.format(ledger=ledger, first=first))


def _ledger(stage: Stage) -> str:
    kinds = " ".join(f"WHEN '{kind}' THEN '{model.grandezza}'" for kind, model in TIPI.items())
    parts = [
        _STORED.format(quantity=model.grandezza, table=model._meta.db_table)
        for model in TIPI.values()
    ]
    parts.append(_COMING.format(kinds=kinds) + PLACED.format(stage=stage.table))
    return " UNION ALL ".join(parts)


def _rules(stage: Stage, ledger: str) -> Iterator[tuple[str, str]]:
    """Yield the code of each rule and SQL for the lines that break it."""
    quantities = [model.grandezza for model in TIPI.values()]
    levels = stage.scratch("livelli", _LEVELS.format(ledger=ledger))
    sums = ", ".join(_SUM.format(quantity=quantity) for quantity in quantities)
    days = stage.scratch("giorni", _DAYS.format(levels=levels, sums=sums))
    balances = stage.scratch("saldi", _BALANCES.format(levels=levels))
    unsplit = stage.scratch("non_ripartiti", f"SELECT * FROM {ledger} WHERE asse IS NULL")  # noqa: S608

    def rounding(quantity: str) -> str:
        return _ROUNDING.format(balances=balances, quantity=quantity)

    def lines(broken: str, against: str) -> str:
        return _ROWS.format(levels=levels, days=days, broken=broken, against=against)

    for code, upper, lower, _ in ORDER:
        # Cheap before dear: few days have an excess, and only these ask for their rounding.
        broken = (
            f"CASE WHEN d.{upper} > d.{lower}"
            f" THEN d.{upper} - d.{lower} > {rounding(upper)} + {rounding(lower)}"
            f" AND {_UNSPLIT.format(unsplit=unsplit, quantity=lower)} = 0 END"
        )
        yield code, lines(broken, f"{_against(upper, '>')} OR {_against(lower, '<')}")
    for quantity in quantities:
        broken = f"CASE WHEN d.{quantity} < 0 THEN d.{quantity} < -({rounding(quantity)}) END"
        yield "W204", lines(broken, _against(quantity, "<"))


def _against(quantity: str, sign: str) -> str:
    return f"l.grandezza = '{quantity}' AND l.importo {sign} 0"
