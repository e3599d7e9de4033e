"""What only the whole of a PAL flow, and what is stored, shows of its rows."""

from django.utils import timezone

from crisi.models import MonitoraggioTrimestrale
from porfse.flows.late import Late
from porfse.flows.stage import Stage

# The rows with their sites, if there are such; real rows know no examples, nor examples real ones.
# `inizio` is the first day of the quarter, `prima` the quarter before.
RESOLVED = """
    SELECT s.*, p.id AS procedura_id, p.tipo, p.stato, p.data_avvio, p.data_fine,
        u.id AS unita_id, u.lavoratori, c.provincia_id AS sigla,
        make_date(left(s.trimestre, 4)::integer, right(s.trimestre, 1)::integer * 3 - 2, 1)
            AS inizio,
        CASE WHEN right(s.trimestre, 1) = '1' THEN left(s.trimestre, 4)::integer - 1 || '-T4'
            ELSE left(s.trimestre, 6) || right(s.trimestre, 1)::integer - 1 END AS prima
    FROM {stage} s
    LEFT JOIN crisi_procedura p ON p.codice_pratica = s.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
    LEFT JOIN crisi_unitaproduttiva u ON u.procedura_id = p.id AND u.codice = s.id_unita
    LEFT JOIN porfse_comune c ON c.codice_istat = u.comune_id
"""
_UNKNOWN = """
    SELECT riga FROM ({resolved}) r WHERE {theirs} AND (
        unita_id IS NULL OR tipo = 'LIC' OR stato = 'ritirata'
        OR data_avvio >= inizio + interval '3 months'
        OR (sigla <> provincia AND {hidden})
    )
"""
_ELSEWHERE = """
    SELECT riga FROM ({resolved}) r WHERE NOT ({theirs}) OR (sigla <> provincia AND NOT {hidden})
"""
# A nucleo is not told of a site of a procedure that it does not see.
_HIDDEN = """
    NOT EXISTS (
        SELECT FROM crisi_unitaproduttiva v JOIN porfse_comune w ON w.codice_istat = v.comune_id
        WHERE v.procedura_id = r.procedura_id AND w.provincia_id = r.provincia
    )
"""
_CLOSED = """
    SELECT riga FROM {stage} s WHERE {theirs} AND NOT EXISTS (
        SELECT FROM crisi_monitoraggiotrimestrale m
        WHERE m.provincia_id = s.provincia AND m.trimestre = s.trimestre
            AND (m.stato = ANY(%s) OR m.riaperto_fino_al >= %s)
    )
"""
_OVER = """
    SELECT riga FROM ({resolved}) r WHERE step1 + step2 + step3 + step4 + no_pal > lavoratori
"""
_ENDED = "SELECT riga FROM ({resolved}) r WHERE data_fine < inizio"
# The reason that stands is kept where the flow sends none.
_NO_REASON = """
    SELECT r.riga FROM ({resolved}) r
    LEFT JOIN crisi_avanzamentopal a ON a.unita_id = r.unita_id AND a.trimestre = r.trimestre
        AND a.sostituito_il IS NULL
    WHERE r.no_pal > 0 AND coalesce(r.motivo_esonero, '') = ''
        AND coalesce(a.motivo_esonero, '') = ''
"""
# The quarter before may come in the same flow.
_CHANGED = """
    SELECT r.riga FROM {rows} r
    LEFT JOIN {rows} f ON f.unita_id = r.unita_id AND f.trimestre = r.prima
    LEFT JOIN crisi_avanzamentopal a ON a.unita_id = r.unita_id AND a.trimestre = r.prima
        AND a.sostituito_il IS NULL
    WHERE 2 * abs(r.sospesi - coalesce(f.sospesi, a.sospesi)) > coalesce(f.sospesi, a.sospesi)
"""
# What will stand of the quarters that the flow touches and of those before them, summed.
_FALLING = """
    WITH righe AS (
        SELECT sigla, trimestre, step4, sospesi FROM {rows} WHERE stato <> 'ritirata'
        UNION ALL
        SELECT c.provincia_id, a.trimestre, a.step4, a.sospesi
        FROM crisi_avanzamentopal a
        JOIN crisi_unitaproduttiva u ON u.id = a.unita_id
        JOIN crisi_procedura p ON p.id = u.procedura_id AND p.esempio = {esempio}
            AND p.stato <> 'ritirata'
        JOIN porfse_comune c ON c.codice_istat = u.comune_id
        WHERE a.sostituito_il IS NULL AND a.trimestre IN (
            SELECT trimestre FROM {rows} UNION SELECT prima FROM {rows}
        ) AND NOT EXISTS (
            SELECT FROM {rows} r WHERE r.unita_id = a.unita_id AND r.trimestre = a.trimestre
        )
    ), quote AS (
        SELECT sigla, trimestre, round(100 * sum(step4)::numeric / sum(sospesi), 1) AS quota
        FROM righe WHERE sospesi > 0 AND step4 IS NOT NULL GROUP BY 1, 2
    )
    SELECT r.riga FROM {rows} r
    JOIN quote n ON n.sigla = r.sigla AND n.trimestre = r.trimestre
    JOIN quote b ON b.sigla = r.sigla AND b.trimestre = r.prima
    WHERE n.quota < b.quota
"""


def wrong_sites(late: Late) -> int:
    """Find the rows of sites that are not there (E024), or of another provincia (E025)."""
    sigla = late.stage.flow.provincia_id
    names = {"hidden": "false" if sigla is None else _HIDDEN, "theirs": _theirs(sigla)}
    params = [] if sigla is None else [sigla]
    unknown = late.add("E024", _sql(late.stage, _UNKNOWN, **names), params)
    return unknown + late.add("E025", _sql(late.stage, _ELSEWHERE, **names), params)


def closed_quarters(late: Late) -> int:
    """Find the rows of quarters that may not be changed today (E026)."""
    sigla = late.stage.flow.provincia_id
    states = [state.value for state in MonitoraggioTrimestrale.MODIFICABILI]
    return late.add(
        "E026",
        _sql(late.stage, _CLOSED, theirs=_theirs(sigla)),
        [*([] if sigla is None else [sigla]), states, timezone.localdate()],
    )


def _theirs(sigla: str | None) -> str:
    return "true" if sigla is None else "provincia = %s"


def warn(stage: Stage) -> None:
    """Write the warnings, with the numbers of the flow in the place of those that it replaces."""
    rows = stage.scratch("righe_pal", resolved(stage))
    stage.warn("W301", _sql(stage, _OVER))
    stage.warn("W302", _sql(stage, _CHANGED, rows=rows))
    stage.warn("W303", _sql(stage, _ENDED))
    stage.warn("W304", _sql(stage, _FALLING, rows=rows))
    stage.warn("W306", _sql(stage, _NO_REASON))


def resolved(stage: Stage) -> str:
    """Return SQL for the accepted rows with the sites they are of."""
    return _sql(stage, RESOLVED)


def _sql(stage: Stage, text: str, **names: str) -> str:
    esempio = "true" if stage.flow.esempio else "false"
    own = {"stage": stage.table, "esempio": esempio}
    return text.format(**own, **names, resolved=RESOLVED.format(**own))
