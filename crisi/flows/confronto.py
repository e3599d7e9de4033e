"""A flow of procedures held against those that are stored: what differs, and who had written it.

Real flows are held against real procedures, examples against examples. A withdrawn procedure is
left as it is: somebody has said that it does not count. No pratica of a flow is without a number:
the joins say so again, since the index of the numbers leaves out procedures that have none.
"""

from collections.abc import Sequence
from typing import Any

from porfse.flows.stage import Stage

_PRATICHE = """
    CREATE TABLE {pratiche} AS
    SELECT DISTINCT ON (codice_pratica) codice_pratica, riga, tipo, linea_guida,
        denominazione_azienda, codice_fiscale_azienda, ateco, causale, data_avvio, data_fine,
        alta_complessita
    FROM {stage} ORDER BY codice_pratica, riga
"""
# A file without the column says nothing of the ends that are known.
_KNOWN_ENDS = """
    UPDATE {pratiche} s SET data_fine = p.data_fine FROM crisi_procedura p
    WHERE p.codice_pratica = s.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
        AND p.data_fine >= s.data_avvio
"""
# The differences field by field, as text; `a_mano`: a person was the last to write it.
_DIFFERENT = """
    SELECT p.id AS procedura_id, s.codice_pratica, '' AS id_unita, v.campo, v.archivio, v.flusso,
        v.nomi && p.campi_a_mano::text[] AS a_mano
    FROM {pratiche} s
    JOIN crisi_procedura p ON p.codice_pratica = s.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
        AND p.stato <> 'ritirata'
    JOIN porfse_azienda a ON a.id = p.azienda_id
    CROSS JOIN LATERAL (VALUES
        ('azienda', a.codice_fiscale::text, s.codice_fiscale_azienda, '{{azienda}}'::text[]),
        ('tipo', p.tipo || ' ' || p.linea_guida, s.tipo || ' ' || s.linea_guida,
            '{{tipo,linea_guida}}'),
        ('causale', p.causale, s.causale, '{{causale}}'),
        ('data_avvio', p.data_avvio::text, s.data_avvio::text, '{{data_avvio}}'),
        ('data_fine', p.data_fine::text, s.data_fine::text, '{{data_fine}}'),
        ('alta_complessita', CASE WHEN p.alta_complessita THEN 'S' ELSE 'N' END,
            s.alta_complessita, '{{alta_complessita}}')
    ) AS v (campo, archivio, flusso, nomi)
    WHERE v.archivio IS DISTINCT FROM v.flusso
    UNION ALL
    SELECT p.id, s.codice_pratica, s.id_unita, v.campo, v.archivio, v.flusso,
        v.campo = ANY(u.campi_a_mano::text[])
    FROM {stage} s
    JOIN crisi_procedura p ON p.codice_pratica = s.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
        AND p.stato <> 'ritirata'
    JOIN crisi_unitaproduttiva u ON u.procedura_id = p.id AND u.codice = s.id_unita
    CROSS JOIN LATERAL (VALUES
        ('comune', u.comune_id::text, s.comune_istat),
        ('lavoratori', u.lavoratori::text, s.lavoratori::text)
    ) AS v (campo, archivio, flusso)
    WHERE v.archivio IS DISTINCT FROM v.flusso
"""
_CONFLICTS = """
    INSERT INTO crisi_conflitto
        (flusso_id, codice_pratica, id_unita, campo, in_archivio, nel_flusso, scelta,
         deciso_da_id, deciso_il)
    SELECT {flow}, d.codice_pratica, d.id_unita, d.campo, to_jsonb(d.archivio),
        to_jsonb(d.flusso), coalesce(c.scelta, ''), c.deciso_da_id, c.deciso_il
    FROM ({different}) d LEFT JOIN {before} c
        ON c.codice_pratica = d.codice_pratica AND c.id_unita = d.id_unita AND c.campo = d.campo
        AND c.in_archivio IS NOT DISTINCT FROM to_jsonb(d.archivio)
        AND c.nel_flusso IS NOT DISTINCT FROM to_jsonb(d.flusso)
    WHERE d.a_mano
"""
_NOT_DECIDED = """
    SELECT d.codice_pratica FROM ({different}) d WHERE d.a_mano AND NOT EXISTS (
        SELECT FROM crisi_conflitto c WHERE c.flusso_id = {flow} AND c.scelta <> ''
            AND c.codice_pratica = d.codice_pratica AND c.id_unita = d.id_unita
            AND c.campo = d.campo AND c.in_archivio IS NOT DISTINCT FROM to_jsonb(d.archivio)
            AND c.nel_flusso IS NOT DISTINCT FROM to_jsonb(d.flusso)
    ) LIMIT 1
"""
# The fields of each pratica, or unità, for which a choice was made.
_CHOSEN = """
    SELECT codice_pratica, id_unita, array_agg(campo::text) AS campi FROM crisi_conflitto
    WHERE flusso_id = {flow} AND scelta = '{scelta}' GROUP BY 1, 2
"""
# What will stand of a pratica: the flow's, but for the fields that are kept.
FINAL = """
    SELECT p.id, s.codice_pratica, s.codice_fiscale_azienda, s.denominazione_azienda, s.ateco,
        s.riga, p.azienda_id AS azienda_oggi, coalesce('azienda' = ANY(k.campi), false) AS sua,
        CASE WHEN 'tipo' = ANY(k.campi) THEN p.tipo ELSE s.tipo END AS tipo,
        CASE WHEN 'tipo' = ANY(k.campi) THEN p.linea_guida ELSE s.linea_guida END AS linea_guida,
        CASE WHEN 'causale' = ANY(k.campi) THEN p.causale ELSE s.causale END AS causale,
        CASE WHEN 'data_avvio' = ANY(k.campi) THEN p.data_avvio ELSE s.data_avvio END
            AS data_avvio,
        CASE WHEN 'data_fine' = ANY(k.campi) THEN p.data_fine ELSE s.data_fine END AS data_fine,
        CASE WHEN 'alta_complessita' = ANY(k.campi) THEN p.alta_complessita
            ELSE s.alta_complessita = 'S' END AS alta_complessita
    FROM {pratiche} s
    LEFT JOIN crisi_procedura p ON p.codice_pratica = s.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
    LEFT JOIN ({kept}) k ON k.codice_pratica = s.codice_pratica AND k.id_unita = ''
    WHERE p.stato IS DISTINCT FROM 'ritirata'
"""
FINAL_SITES = """
    SELECT u.id, p.id AS procedura_id, s.codice_pratica, s.id_unita, s.riga,
        u.comune_id AS comune_oggi, u.lavoratori AS lavoratori_oggi,
        CASE WHEN 'comune' = ANY(k.campi) THEN u.comune_id ELSE s.comune_istat END AS comune_id,
        CASE WHEN 'lavoratori' = ANY(k.campi) THEN u.lavoratori ELSE s.lavoratori END
            AS lavoratori
    FROM {stage} s
    LEFT JOIN crisi_procedura p ON p.codice_pratica = s.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
    LEFT JOIN crisi_unitaproduttiva u ON u.procedura_id = p.id AND u.codice = s.id_unita
    LEFT JOIN ({kept}) k ON k.codice_pratica = s.codice_pratica AND k.id_unita = s.id_unita
    WHERE p.stato IS DISTINCT FROM 'ritirata'
"""
_IMPOSSIBLE = """
    SELECT codice_pratica FROM ({final}) f WHERE data_fine < data_avvio
    ORDER BY codice_pratica LIMIT 1
"""


class Confronto:
    """The comparison of one validated flow; every statement reads what is stored now."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.pratiche = stage.part("pratiche")

    def sql(self, text: str, **names: str) -> str:
        """Return a statement with the tables of this flow in the places of their names."""
        esempio = "true" if self.stage.flow.esempio else "false"
        flow = str(self.stage.flow.pk)
        own = {"stage": self.stage.table, "pratiche": self.pratiche}
        return text.format(**own, esempio=esempio, flow=flow, **names)

    def query(self, text: str, params: Sequence[Any] = (), **names: str) -> list[tuple[Any, ...]]:
        return self.stage.execute(self.sql(text, **names), params)

    @property
    def different(self) -> str:
        """SQL of the fields that differ: `codice_pratica`, `id_unita`, `campo`, both values."""
        return self.sql(_DIFFERENT)

    def chosen(self, scelta: str) -> str:
        """SQL of the fields for which a choice was made, by pratica and unità."""
        return self.sql(_CHOSEN, scelta=scelta)

    @property
    def final(self) -> str:
        """SQL of the pratiche as they will stand; `id` is null for a new one."""
        return self.sql(FINAL, kept=self.chosen("archivio"))

    @property
    def final_sites(self) -> str:
        """SQL of the sites as they will stand; `id` is null for a new one."""
        return self.sql(FINAL_SITES, kept=self.chosen("archivio"))

    def prepare(self) -> None:
        """Keep one row for each pratica, its first."""
        self.query(_PRATICHE)
        self.query("ALTER TABLE {pratiche} ADD PRIMARY KEY (codice_pratica)")
        if "data_fine" in self.stage.absent:
            self.query(_KNOWN_ENDS)
        self.query("ANALYZE {pratiche}")

    def store_conflicts(self) -> None:
        """Find the conflicts anew; a choice stands while both values are what they were."""
        before = self.stage.scratch(
            "conflitti_decisi",
            "SELECT * FROM crisi_conflitto WHERE flusso_id = %s AND scelta <> ''",
            [self.stage.flow.pk],
        )
        self.query("DELETE FROM crisi_conflitto WHERE flusso_id = {flow}")
        self.query(_CONFLICTS, different=self.different, before=before)

    def not_decided(self) -> str:
        """Return a pratica with a conflict that nobody has decided as it is now; empty if none."""
        found = self.query(_NOT_DECIDED, different=self.different)
        return str(found[0][0]) if found else ""

    def impossible(self) -> str:
        """Say which pratica would end before it begins by the choices made; empty if none."""
        found = self.query(_IMPOSSIBLE, final=self.final)
        if not found:
            return ""
        return (
            f"Con le scelte fatte la pratica {found[0][0]} finirebbe prima di iniziare: scegliere"
            " dalla stessa parte la data di avvio e quella di fine."
        )
