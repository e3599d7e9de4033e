"""A flow of procedures held against those that are stored: what differs, and who had written it.

Real flows are held against real procedures, examples against examples. A withdrawn procedure is
left as it is: somebody has said that it does not count; so is one that closed quarters count
otherwise than the flow would have it.
"""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from crisi.flows import noti
from crisi.flows.noti import DOPPIONE
from crisi.models import MonitoraggioTrimestrale
from porfse.flows.stage import Stage

_PRATICHE = """
    CREATE TABLE {pratiche} AS
    SELECT DISTINCT ON (codice_pratica) codice_pratica, riga, tipo, linea_guida,
        denominazione_azienda, codice_fiscale_azienda, ateco, causale, data_avvio, data_fine,
        alta_complessita, {taciuta} AS fine_taciuta
    FROM {stage} ORDER BY codice_pratica, riga
"""
# The differences field by field, as text; `a_mano`: a person was the last to write it.
_DIFFERENT = """
    SELECT p.id AS procedura_id, s.codice_pratica, '' AS id_unita, v.campo, v.archivio, v.flusso,
        v.nomi && p.campi_a_mano::text[] AS a_mano
    FROM {pratiche} s
    JOIN {noti} k ON k.codice_pratica = s.codice_pratica
    JOIN crisi_procedura p ON p.id = k.procedura_id AND p.stato <> 'ritirata'
    JOIN porfse_azienda a ON a.id = p.azienda_id
    CROSS JOIN LATERAL (VALUES
        ('azienda', a.codice_fiscale::text, s.codice_fiscale_azienda, '{{azienda}}'::text[]),
        ('tipo', p.tipo || ' ' || p.linea_guida, s.tipo || ' ' || s.linea_guida,
            '{{tipo,linea_guida}}'),
        ('causale', p.causale, s.causale, '{{causale}}'),
        ('data_avvio', p.data_avvio::text, s.data_avvio::text, '{{data_avvio}}'),
        -- Who says that it has ended, or not, says when.
        ('data_fine', p.data_fine::text, s.data_fine::text, '{{data_fine,stato}}'),
        ('alta_complessita', CASE WHEN p.alta_complessita THEN 'S' ELSE 'N' END,
            s.alta_complessita, '{{alta_complessita}}')
    ) AS v (campo, archivio, flusso, nomi)
    WHERE v.archivio IS DISTINCT FROM v.flusso
    UNION ALL
    SELECT p.id, s.codice_pratica, s.id_unita, v.campo, v.archivio, v.flusso,
        CASE WHEN v.campo = 'codice' THEN NOT x.adottata
            ELSE v.campo = ANY(u.campi_a_mano::text[]) END
    FROM {stage} s
    JOIN {unita_note} x ON x.codice_pratica = s.codice_pratica AND x.id_unita = s.id_unita
    JOIN crisi_unitaproduttiva u ON u.id = x.unita_id
    JOIN crisi_procedura p ON p.id = u.procedura_id AND p.stato <> 'ritirata'
    CROSS JOIN LATERAL (VALUES
        ('codice', u.codice, s.id_unita),
        ('comune', u.comune_id::text, s.comune_istat),
        ('lavoratori', u.lavoratori::text, s.lavoratori::text)
    ) AS v (campo, archivio, flusso)
    WHERE v.archivio IS DISTINCT FROM v.flusso
    UNION ALL
    SELECT p.id, s.codice_pratica, s.id_unita, 'unita', 'tolta', s.comune_istat, true
    FROM {stage} s
    JOIN {noti} k ON k.codice_pratica = s.codice_pratica
    JOIN crisi_procedura p ON p.id = k.procedura_id AND p.stato <> 'ritirata'
    WHERE NOT EXISTS (
        SELECT FROM {unita_note} x
        WHERE x.codice_pratica = s.codice_pratica AND x.id_unita = s.id_unita
    ) AND EXISTS (
        SELECT FROM crisi_versioneprocedura v LEFT JOIN porfse_flow f ON f.id = v.flusso_id
        WHERE v.procedura_id = p.id AND f.stato IS DISTINCT FROM 'annullato'
            AND v.contenuto -> 'unita' @> jsonb_build_array(
                jsonb_build_object('codice', s.id_unita)
            )
    )
    UNION ALL
    SELECT procedura_id, codice_pratica, '', '{doppione}' || procedura_id, archivio,
        codice_pratica, true
    FROM ({twins}) t
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
    WHERE d.a_mano AND {quali}
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
    LEFT JOIN {noti} n ON n.codice_pratica = s.codice_pratica
    LEFT JOIN crisi_procedura p ON p.id = n.procedura_id
    LEFT JOIN ({kept}) k ON k.codice_pratica = s.codice_pratica AND k.id_unita = ''
    WHERE p.stato IS DISTINCT FROM 'ritirata' AND {aperte}
"""
FINAL_SITES = """
    SELECT u.id, n.procedura_id, s.codice_pratica, s.id_unita, s.riga,
        u.codice AS codice_oggi, u.comune_id AS comune_oggi, u.lavoratori AS lavoratori_oggi,
        CASE WHEN 'codice' = ANY(k.campi) THEN u.codice ELSE s.id_unita END AS codice,
        CASE WHEN 'comune' = ANY(k.campi) THEN u.comune_id ELSE s.comune_istat END AS comune_id,
        CASE WHEN 'lavoratori' = ANY(k.campi) THEN u.lavoratori ELSE s.lavoratori END
            AS lavoratori
    FROM {stage} s
    LEFT JOIN {noti} n ON n.codice_pratica = s.codice_pratica
    LEFT JOIN crisi_procedura p ON p.id = n.procedura_id
    LEFT JOIN {unita_note} x ON x.codice_pratica = s.codice_pratica AND x.id_unita = s.id_unita
    LEFT JOIN crisi_unitaproduttiva u ON u.id = x.unita_id
    LEFT JOIN ({kept}) k ON k.codice_pratica = s.codice_pratica AND k.id_unita = s.id_unita
    WHERE p.stato IS DISTINCT FROM 'ritirata' AND {aperte}
        AND (u.id IS NOT NULL OR 'unita' <> ALL(coalesce(k.campi, '{{}}')))
"""
_OPEN = "s.codice_pratica NOT IN (SELECT codice_pratica FROM {chiuse})"
_IMPOSSIBLE = """
    SELECT codice_pratica FROM ({final}) f WHERE data_fine < data_avvio
    ORDER BY codice_pratica LIMIT 1
"""


_PARTS = (
    "CREATE TABLE {noti} (codice_pratica text, procedura_id bigint, adottata boolean)",
    """CREATE TABLE {unita_note}
        (codice_pratica text, id_unita text, unita_id bigint, adottata boolean)""",
    "CREATE TABLE {chiuse} (codice_pratica text, trimestre text, provincia text)",
)


class Confronto:
    """The comparison of one validated flow with what is stored.

    Which procedures and sites are known, and which a closed quarter holds, is found at validation,
    at each decision and at the acquisition (`refresh`); the values are read as they stand.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.parts = {
            name: stage.part(name) for name in ("pratiche", "noti", "unita_note", "chiuse")
        }

    def sql(self, text: str, **names: str) -> str:
        """Return a statement with the tables of this flow in the places of their names."""
        esempio = "true" if self.stage.flow.esempio else "false"
        flow = str(self.stage.flow.pk)
        own = {"stage": self.stage.table, **self.parts, "doppione": DOPPIONE}
        return text.format(**own, esempio=esempio, flow=flow, **names)

    def query(self, text: str, params: Sequence[Any] = (), **names: str) -> list[tuple[Any, ...]]:
        return self.stage.execute(self.sql(text, **names), params)

    @property
    def different(self) -> str:
        """SQL of the fields that differ: `codice_pratica`, `id_unita`, `campo`, both values.

        Besides the names of fields `campo` is `unita`, a site that was taken away by hand, or
        `codice_pratica:12`, a procedure that may be the same.
        """
        return self.sql(_DIFFERENT, twins=self.sql(noti.TWINS))

    def chosen(self, scelta: str) -> str:
        """SQL of the fields for which a choice was made, by pratica and unità."""
        return self.sql(_CHOSEN, scelta=scelta)

    @property
    def final(self) -> str:
        """SQL of the pratiche as they will stand; `id` is null for a new one."""
        return self._final(FINAL, self.sql(_OPEN))

    @property
    def final_sites(self) -> str:
        """SQL of the sites as they will stand; `id` is null for a new one."""
        return self._final(FINAL_SITES, self.sql(_OPEN))

    def _final(self, text: str, which: str) -> str:
        return self.sql(text, kept=self.chosen("archivio"), aperte=which)

    def prepare(self) -> None:
        """Keep one row for each pratica, its first; find what is known of them, and conflicts."""
        silent = "true" if "data_fine" in self.stage.absent else "false"
        self.query(_PRATICHE, taciuta=silent)
        self.query("ALTER TABLE {pratiche} ADD PRIMARY KEY (codice_pratica)")
        for statement in _PARTS:
            self.query(statement)
        self.query("ANALYZE {pratiche}")
        self.store_conflicts()

    def refresh(self) -> None:
        """Find anew which procedures and sites are known, by what was decided so far."""
        self.query("DELETE FROM {noti}")
        self.query("DELETE FROM {unita_note}")
        for statement in (noti.KNOWN, noti.KNOWN_ENDS, noti.KNOWN_SITES):
            self.query(statement)
        self.query("ANALYZE {noti}")
        self.query("ANALYZE {unita_note}")
        self.refresh_closed()

    def refresh_closed(self) -> None:
        """Find anew which pratiche would change what a closed quarter counts."""
        self.query("DELETE FROM {chiuse}")
        states = [state.value for state in MonitoraggioTrimestrale.MODIFICABILI]
        self.query(
            noti.CLOSED,
            [states, timezone.localdate()],
            final=self._final(FINAL, "true"),
            final_sites=self._final(FINAL_SITES, "true"),
        )

    def store_conflicts(self) -> None:
        """Find the conflicts anew; a choice stands while both values are what they were."""
        before = self.stage.scratch(
            "conflitti_decisi",
            "SELECT * FROM crisi_conflitto WHERE flusso_id = %s AND scelta <> ''",
            [self.stage.flow.pk],
        )
        self.query("DELETE FROM crisi_conflitto WHERE flusso_id = {flow}")
        # What is the same as what comes first: the fields to compare follow from it.
        for which in (
            "starts_with(d.campo, '{doppione}')",
            "NOT starts_with(d.campo, '{doppione}')",
        ):
            quali = self.sql(which)
            self.query(_CONFLICTS, different=self.different, before=before, quali=quali)
            self.refresh()

    def not_decided(self) -> str:
        """Return a pratica with a conflict that nobody has decided as it is now; empty if none."""
        found = self.query(_NOT_DECIDED, different=self.different) or self.query(noti.GONE)
        return str(found[0][0]) if found else ""

    def twice(self) -> str:
        """Say which pratica would be two procedures, or the reverse; empty if none."""
        found = self.query(noti.TWICE)
        if not found:
            return ""
        return (
            f"La pratica {found[0][0]}, con le scelte fatte, sarebbe più di una procedura, o la"
            " stessa procedura di un'altra pratica: sceglierne una sola. Nulla è stato scritto."
        )

    def impossible(self) -> str:
        """Say which pratica would end before it begins by the choices made; empty if none."""
        found = self.query(_IMPOSSIBLE, final=self.final)
        if not found:
            return ""
        return (
            f"Con le scelte fatte la pratica {found[0][0]} finirebbe prima di iniziare: scegliere"
            " dalla stessa parte la data di avvio e quella di fine."
        )
