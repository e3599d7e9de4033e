"""Acquiring a flow of procedures: what is new is made, what is known is brought up to date."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from crisi.flows.confronto import Confronto
from crisi.models import Procedura
from crisi.services import history
from crisi.services.chiusi import quarters_kept
from porfse import audit
from porfse.flows.errors import NotNow
from porfse.models import User

_AGAIN = "Ripetere la validazione, poi acquisire."
_BATCH = 2_000  # procedures whose versions are in memory at once

_LOCK = """
    SELECT p.id FROM crisi_procedura p
    WHERE p.id IN (SELECT procedura_id FROM {noti}) OR p.esempio = {esempio}
        AND p.codice_pratica <> '' AND p.codice_pratica IN (SELECT codice_pratica FROM {pratiche})
    ORDER BY p.id FOR UPDATE
"""
# A known company keeps its name, as everywhere; what is not known of it is filled in.
_COMPANIES = """
    INSERT INTO porfse_azienda (codice_fiscale, denominazione, ateco, esempio)
    SELECT DISTINCT ON (codice_fiscale_azienda) codice_fiscale_azienda, denominazione_azienda,
        coalesce(ateco, ''), {esempio}
    FROM ({final}) f WHERE NOT sua ORDER BY codice_fiscale_azienda, riga
    ON CONFLICT (codice_fiscale, esempio) DO NOTHING
"""
_ATECO = """
    UPDATE porfse_azienda a SET ateco = f.ateco
    FROM (
        SELECT DISTINCT ON (codice_fiscale_azienda) codice_fiscale_azienda, ateco
        FROM ({final}) f WHERE ateco <> '' ORDER BY codice_fiscale_azienda, riga
    ) f
    WHERE a.codice_fiscale = f.codice_fiscale_azienda AND a.esempio = {esempio} AND a.ateco = ''
"""
_WANTED = """
    SELECT f.*, CASE WHEN f.sua THEN f.azienda_oggi ELSE a.id END AS azienda_id,
        CASE
            WHEN f.data_fine IS NULL THEN 'aperta'
            WHEN 'stato' = ANY(p.campi_a_mano) AND 'data_fine' <> ALL(coalesce(t.campi, '{{}}'))
                THEN p.stato
            WHEN f.data_fine < %s THEN 'conclusa'
            ELSE 'aperta'
        END AS stato
    FROM ({final}) f
    LEFT JOIN crisi_procedura p ON p.id = f.id
    LEFT JOIN ({taken}) t ON t.codice_pratica = f.codice_pratica AND t.id_unita = ''
    LEFT JOIN porfse_azienda a ON a.codice_fiscale = f.codice_fiscale_azienda
        AND a.esempio = {esempio}
"""
_CHANGED = """
    SELECT w.id FROM {wanted} w JOIN crisi_procedura p ON p.id = w.id
    WHERE (p.codice_pratica, p.azienda_id, p.tipo, p.linea_guida, p.causale, p.data_avvio,
           p.data_fine, p.alta_complessita, p.stato)
        IS DISTINCT FROM (w.codice_pratica, w.azienda_id, w.tipo, w.linea_guida, w.causale,
           w.data_avvio, w.data_fine, w.alta_complessita, w.stato)
    UNION
    SELECT procedura_id FROM {sites}
    WHERE procedura_id IS NOT NULL AND (
        id IS NULL OR codice <> codice_oggi OR comune_id <> comune_oggi
        OR lavoratori IS DISTINCT FROM lavoratori_oggi
    )
"""
_WITHOUT_VERSION = """
    SELECT p.id FROM {changed} c JOIN crisi_procedura p USING (id)
    WHERE NOT EXISTS (
        SELECT FROM crisi_versioneprocedura v WHERE v.procedura_id = p.id
            AND v.versione = p.versione
    )
"""
_UPDATE = """
    UPDATE crisi_procedura p SET codice_pratica = w.codice_pratica,
        azienda_id = w.azienda_id, tipo = w.tipo, linea_guida = w.linea_guida,
        causale = w.causale, data_avvio = w.data_avvio, data_fine = w.data_fine,
        alta_complessita = w.alta_complessita, stato = w.stato,
        obbligo_pal = CASE WHEN w.tipo = 'CIGS_MIN' THEN p.obbligo_pal END,
        versione = p.versione + 1, aggiornata_il = now(),
        campi_a_mano = ARRAY(
            SELECT nome FROM unnest(p.campi_a_mano) AS nome WHERE nome <> ALL(
                coalesce(t.campi, '{{}}')
                || CASE WHEN 'tipo' = ANY(t.campi) THEN '{{linea_guida}}' ELSE '{{}}' END::text[]
                || CASE WHEN 'data_fine' = ANY(t.campi) THEN '{{stato}}' ELSE '{{}}' END::text[]
                || CASE WHEN p.codice_pratica <> w.codice_pratica THEN '{{codice_pratica}}'
                    ELSE '{{}}' END::text[]
            )
        )
    FROM {wanted} w JOIN {changed} c USING (id)
    LEFT JOIN ({taken}) t ON t.codice_pratica = w.codice_pratica AND t.id_unita = ''
    WHERE p.id = w.id
"""
_INSERT = """
    INSERT INTO crisi_procedura
        (codice_pratica, tipo, linea_guida, azienda_id, causale, data_avvio, data_fine,
         alta_complessita, stato, esempio, versione, campi_a_mano, inserita_da_id, inserita_il,
         aggiornata_il)
    SELECT codice_pratica, tipo, linea_guida, azienda_id, causale, data_avvio, data_fine,
        alta_complessita, stato, {esempio}, 1, '{{}}', %s, now(), now()
    FROM {wanted} WHERE id IS NULL ORDER BY riga RETURNING id
"""
# The nucleo that took a site in charge is not the one to which it goes.
_UPDATE_SITES = """
    UPDATE crisi_unitaproduttiva u SET codice = w.codice, comune_id = w.comune_id,
        lavoratori = w.lavoratori,
        presa_in_carico_il = CASE WHEN n.provincia_id = c.provincia_id
            THEN u.presa_in_carico_il END,
        presa_in_carico_da_id = CASE WHEN n.provincia_id = c.provincia_id
            THEN u.presa_in_carico_da_id END,
        campi_a_mano = ARRAY(
            SELECT nome FROM unnest(u.campi_a_mano) AS nome
            WHERE nome <> ALL(coalesce(t.campi, '{{}}'))
        )
    FROM {sites} w
    JOIN porfse_comune n ON n.codice_istat = w.comune_id
    JOIN porfse_comune c ON c.codice_istat = w.comune_oggi
    LEFT JOIN ({taken}) t ON t.codice_pratica = w.codice_pratica AND t.id_unita = w.id_unita
    WHERE u.id = w.id AND (
        w.codice <> u.codice OR w.comune_id <> u.comune_id
        OR w.lavoratori IS DISTINCT FROM u.lavoratori
    )
"""
_INSERT_SITES = """
    INSERT INTO crisi_unitaproduttiva (procedura_id, codice, comune_id, lavoratori, campi_a_mano)
    SELECT p.id, w.id_unita, w.comune_id, w.lavoratori, '{{}}'
    FROM {sites} w
    JOIN crisi_procedura p ON p.codice_pratica = w.codice_pratica AND p.esempio = {esempio}
        AND p.codice_pratica <> ''
    WHERE w.id IS NULL ORDER BY w.riga
"""


def write(comparison: Confronto, *, by: User) -> None:
    """Write the rows of a flow, in the caller's transaction; each change is a new version.

    Pratiche that would change what a closed quarter counts are left as they are: the whole of a
    region does not wait for one quarter to be reopened.

    Raises:
        NotNow: since the validation somebody has changed what the flow would change.
    """
    run = comparison.query
    run(_LOCK)
    comparison.refresh()
    _still_decided(comparison)
    run(_COMPANIES, final=comparison.final)
    run(_ATECO, final=comparison.final)
    stage, taken = comparison.stage, comparison.chosen("flusso")
    wanted = stage.scratch(
        "pratiche_finali",
        comparison.sql(_WANTED, final=comparison.final, taken=taken),
        [timezone.localdate()],
    )
    sites = stage.scratch("unita_finali", comparison.final_sites)
    changed = stage.scratch(
        "pratiche_cambiate", comparison.sql(_CHANGED, wanted=wanted, sites=sites)
    )
    known = [pk for (pk,) in run("SELECT id FROM {changed} ORDER BY id", changed=changed)]
    # So that there is something to go back to.
    _keep_versions([pk for (pk,) in run(_WITHOUT_VERSION, changed=changed)], comparison, by=by)
    try:
        with quarters_kept(known, by=by) as touched:
            run(_UPDATE, wanted=wanted, changed=changed, taken=taken)
            made = [pk for (pk,) in run(_INSERT, [by.pk], wanted=wanted)]
            run(_UPDATE_SITES, sites=sites, taken=taken)
            run(_INSERT_SITES, sites=sites)
            touched.update(made)
    except ValidationError as reason:
        raise NotNow(f"{' '.join(reason.messages)} {_AGAIN}") from reason
    _keep_versions([*known, *made], comparison, by=by, of_flow=True)
    _record(comparison, nuove=len(made), modificate=len(known), by=by)


def _record(comparison: Confronto, *, nuove: int, modificate: int, by: User) -> None:
    left = comparison.query("SELECT DISTINCT codice_pratica FROM {chiuse} ORDER BY 1")
    audit.record(
        by=by,
        action="procedure.acquisite",
        on=comparison.stage.flow,
        nuove=nuove,
        modificate=modificate,
        lasciate_per_trimestri_chiusi=[pratica for (pratica,) in left],
    )


def _still_decided(comparison: Confronto) -> None:
    fresh = comparison.not_decided()
    if fresh:
        raise NotNow(
            f"Dopo la validazione una persona ha modificato la pratica {fresh}, che il flusso"
            f" descrive in altro modo. {_AGAIN}"
        )
    wrong = comparison.impossible()
    if wrong:
        raise NotNow(wrong)


def _keep_versions(
    keys: list[int], comparison: Confronto, *, by: User, of_flow: bool = False
) -> None:
    flow = comparison.stage.flow if of_flow else None
    for start in range(0, len(keys), _BATCH):
        some = Procedura.objects.filter(pk__in=keys[start : start + _BATCH])
        history.record_versions(some, by=by, flusso=flow)
