"""What a flow of procedures will change, shown before anybody decides."""

from collections.abc import Sequence
from typing import Any

from crisi.flows.confronto import Confronto
from porfse.flows.source import Change, Elenco

SHOWN = 50  # rows of a list
# The workers of each provincia now, and as they will be.
_WORKERS = """
    WITH oggi AS (
        SELECT c.provincia_id AS sigla, sum(u.lavoratori) AS lavoratori
        FROM crisi_unitaproduttiva u
        JOIN crisi_procedura p ON p.id = u.procedura_id AND p.esempio = {esempio}
            AND p.stato <> 'ritirata'
        JOIN porfse_comune c ON c.codice_istat = u.comune_id
        GROUP BY 1
    ), dopo AS (
        SELECT c.provincia_id AS sigla, sum(v.segno * coalesce(v.lavoratori, 0)) AS lavoratori
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
    SELECT pr.nome, coalesce(o.lavoratori, 0), f.lavoratori,
        coalesce(o.lavoratori, 0) + coalesce(d.lavoratori, 0)
    FROM dopo d JOIN porfse_provincia pr ON pr.sigla = d.sigla
    LEFT JOIN oggi o ON o.sigla = d.sigla LEFT JOIN flusso f ON f.sigla = d.sigla
    ORDER BY pr.nome
"""
_NEW = """
    SELECT s.codice_pratica, s.denominazione_azienda, s.tipo, to_char(s.data_avvio, 'DD.MM.YYYY'),
        (SELECT count(*) FROM {stage} u WHERE u.codice_pratica = s.codice_pratica)::text
    FROM {pratiche} s WHERE NOT EXISTS (
        SELECT FROM crisi_procedura p
        WHERE p.codice_pratica = s.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
    ) ORDER BY 1
"""
_CHANGED = """
    SELECT codice_pratica, id_unita, replace(campo, '_', ' '),
        coalesce({archivio}, 'non noto'), coalesce({flusso}, 'non noto'),
        CASE WHEN a_mano THEN 'da decidere: inserito a mano' ELSE 'prende il dato del flusso' END
    FROM ({different}) d ORDER BY codice_pratica, id_unita, campo
"""
# The codice fiscale of a person is covered.
_COVERED = """
    CASE WHEN campo = 'azienda' AND length({0}) = 16
        THEN left({0}, 3) || '••••••••••••' || right({0}, 1) ELSE {0} END
"""
_MOVED = """
    SELECT d.codice_pratica, d.id_unita, o.nome || ' (' || o.provincia_id || ')',
        n.nome || ' (' || n.provincia_id || ')'
    FROM ({different}) d
    JOIN porfse_comune o ON o.codice_istat = d.archivio
    JOIN porfse_comune n ON n.codice_istat = d.flusso
    WHERE d.campo = 'comune' AND o.provincia_id <> n.provincia_id ORDER BY 1, 2
"""
_NOT_SENT = """
    SELECT p.codice_pratica, u.codice, c.nome || ' (' || c.provincia_id || ')',
        coalesce(u.lavoratori::text, 'n.d.')
    FROM {pratiche} s
    JOIN crisi_procedura p ON p.codice_pratica = s.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
        AND p.stato <> 'ritirata'
    JOIN crisi_unitaproduttiva u ON u.procedura_id = p.id
    JOIN porfse_comune c ON c.codice_istat = u.comune_id
    WHERE NOT EXISTS (
        SELECT FROM {stage} r WHERE r.codice_pratica = p.codice_pratica AND r.id_unita = u.codice
    ) ORDER BY 1, 2
"""
_MISSING = """
    SELECT p.codice_pratica, a.denominazione, p.tipo, to_char(p.data_avvio, 'DD.MM.YYYY')
    FROM crisi_procedura p JOIN porfse_azienda a ON a.id = p.azienda_id
    WHERE p.esempio = {esempio} AND p.stato = 'aperta' AND p.codice_pratica <> ''
        AND NOT EXISTS (
            SELECT FROM {pratiche} s WHERE s.codice_pratica = p.codice_pratica
        ) ORDER BY 1
"""
_WITHDRAWN = """
    SELECT p.codice_pratica, s.denominazione_azienda
    FROM {pratiche} s
    JOIN crisi_procedura p ON p.codice_pratica = s.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
        AND p.stato = 'ritirata' ORDER BY 1
"""
_NAMES = """
    SELECT s.codice_pratica, a.denominazione, s.denominazione_azienda
    FROM {pratiche} s
    JOIN porfse_azienda a ON a.codice_fiscale = s.codice_fiscale_azienda AND a.esempio = {esempio}
    WHERE a.denominazione <> s.denominazione_azienda ORDER BY 1
"""
_LISTS: Sequence[tuple[str, str, str, tuple[str, ...]]] = (
    (
        _NEW,
        "Pratiche nuove",
        "Non sono in archivio: acquisendo il flusso si aggiungono.",
        ("Pratica", "Azienda", "Tipo", "Avvio", "Unità"),
    ),
    (
        _CHANGED,
        "Dati che cambiano",
        (
            "Il flusso li descrive in modo diverso dall'archivio. Quelli inseriti a mano non"
            " cambiano senza una decisione."
        ),
        ("Pratica", "Unità", "Dato", "In archivio", "Nel flusso", "Acquisendo"),
    ),
    (
        _MOVED,
        "Unità che passano a un'altra provincia",
        (
            "Il comune è cambiato: l'unità esce dai dati del Nucleo di oggi ed entra in quelli"
            " dell'altro."
        ),
        ("Pratica", "Unità", "Comune oggi", "Comune nel flusso"),
    ),
    (
        _NOT_SENT,
        "Unità non trasmesse",
        (
            "Sono in archivio in pratiche del flusso, ma il flusso non le riporta: restano come"
            " sono. Se un'unità compare con un altro identificativo, il Nucleo tolga quella doppia."
        ),
        ("Pratica", "Unità", "Comune", "Lavoratori"),
    ),
    (
        _MISSING,
        "Pratiche aperte non trasmesse",
        "Sono aperte in archivio e il flusso non le riporta: restano come sono.",
        ("Pratica", "Azienda", "Tipo", "Avvio"),
    ),
    (
        _WITHDRAWN,
        "Pratiche ritirate in archivio",
        (
            "Qualcuno le ha ritirate: le righe del flusso sono accettate ma non le modificano."
            " Per aggiornarle, il Nucleo le riapra e poi si ripeta la validazione."
        ),
        ("Pratica", "Azienda"),
    ),
    (
        _NAMES,
        "Aziende già note con un altro nome",
        "Resta la denominazione in archivio.",
        ("Pratica", "In archivio", "Nel flusso"),
    ),
)


def workers(comparison: Confronto) -> list[Change]:
    """Return the workers of each provincia that the flow touches: now, sent, and as they will be.

    Conflicts not decided yet count as the flow has them.
    """
    rows = comparison.query(_WORKERS, sites=comparison.final_sites)
    return [
        {"voce": f"Lavoratori, {name}", "oggi": now, "flusso": sent, "dopo": after}
        for name, now, sent, after in rows
    ]


def lists(comparison: Confronto) -> list[Elenco]:
    """Return what is new, what changes, what was not sent; lists without rows are left out."""
    found = (_list(comparison, *item) for item in _LISTS)
    return [item for item in found if item.totale]


def _list(
    comparison: Confronto, sql: str, title: str, words: str, columns: tuple[str, ...]
) -> Elenco:
    names = {name: _COVERED.format(name) for name in ("archivio", "flusso")}
    select = comparison.sql(sql, different=comparison.different, **names)
    rows: list[tuple[Any, ...]] = comparison.stage.execute(
        f"SELECT *, count(*) OVER () FROM ({select}) righe LIMIT {SHOWN}"  # noqa: S608
    )
    total = rows[0][-1] if rows else 0
    return Elenco(title, words, columns, [row[:-1] for row in rows], total)
