"""The workers of each provincia, as a flow of procedures will leave them."""

from crisi.flows.confronto import Confronto
from porfse.flows.source import Change

# The workers of each provincia now, and as they will be.
_WORKERS = """
    WITH oggi AS (
        SELECT c.provincia_id AS sigla, sum(u.lavoratori) AS lavoratori,
            count(*) AS siti, count(u.lavoratori) AS noti
        FROM crisi_unitaproduttiva u
        JOIN crisi_procedura p ON p.id = u.procedura_id AND p.esempio = {esempio}
            AND p.stato <> 'ritirata'
        JOIN porfse_comune c ON c.codice_istat = u.comune_id
        GROUP BY 1
    ), dopo AS (
        SELECT c.provincia_id AS sigla, sum(v.segno * coalesce(v.lavoratori, 0)) AS lavoratori,
            sum(v.segno) AS siti, sum(CASE WHEN v.lavoratori IS NULL THEN 0 ELSE v.segno END)
                AS noti
        FROM ({sites}) f
        CROSS JOIN LATERAL (VALUES
            (1, f.comune_id, f.lavoratori), (-1, f.comune_oggi, f.lavoratori_oggi)
        ) AS v (segno, comune_id, lavoratori)
        JOIN porfse_comune c ON c.codice_istat = v.comune_id
        GROUP BY 1
    ), flusso AS (
        SELECT c.provincia_id AS sigla, sum(s.lavoratori) AS lavoratori
        FROM {stage} s JOIN porfse_comune c ON c.codice_istat = s.comune_istat GROUP BY 1
    )
    SELECT pr.nome,
        CASE WHEN o.sigla IS NULL THEN 0 ELSE o.lavoratori END,
        CASE WHEN f.sigla IS NULL THEN 0 ELSE f.lavoratori END,
        CASE WHEN coalesce(o.noti, 0) + d.noti = 0 AND coalesce(o.siti, 0) + d.siti > 0 THEN NULL
            ELSE coalesce(o.lavoratori, 0) + d.lavoratori END
    FROM dopo d JOIN porfse_provincia pr ON pr.sigla = d.sigla
    LEFT JOIN oggi o ON o.sigla = d.sigla LEFT JOIN flusso f ON f.sigla = d.sigla
    ORDER BY pr.nome
"""


def workers(comparison: Confronto) -> list[Change]:
    """Return the workers of each provincia that the flow touches: now, sent, and as they will be.

    Conflicts not decided yet count as the flow has them.
    """
    rows = comparison.query(_WORKERS, sites=comparison.final_sites)
    return [
        {"voce": f"Lavoratori, {name}", "oggi": now, "flusso": sent, "dopo": after}
        for name, now, sent, after in rows
    ]
