"""Taking a flow of procedures back: what stood before it stands again, from the versions kept.

Companies that the flow brought stay: other areas may know them by now.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from crisi.models import AvanzamentoPAL, Procedura, Tavolo, UnitaProduttiva, VersioneProcedura
from crisi.services import history, trimestri
from crisi.services.chiusi import quarters_kept
from porfse import audit
from porfse.flows.errors import NotNow
from porfse.models import Azienda, Flow, User

_BATCH = 2_000
# The versions that a flow wrote, each with the one before it; none if the flow made the procedure.
_VERSIONS = """
    SELECT v.procedura_id, v.versione, v.contenuto, b.contenuto AS prima
    FROM crisi_versioneprocedura v
    LEFT JOIN crisi_versioneprocedura b
        ON b.procedura_id = v.procedura_id AND b.versione = v.versione - 1
    WHERE v.flusso_id = %(flow)s
"""
_LOCK = """
    SELECT p.id FROM crisi_procedura p WHERE p.id IN (SELECT procedura_id FROM ({versions}) v)
    ORDER BY p.id FOR UPDATE
"""
_MADE = "SELECT procedura_id FROM ({versions}) v WHERE prima IS NULL"
_CHANGED_SINCE = """
    SELECT p.codice_pratica FROM ({versions}) v JOIN crisi_procedura p ON p.id = v.procedura_id
    WHERE p.versione <> v.versione ORDER BY 1 LIMIT 1
"""
_WORKED_ON = """
    SELECT p.codice_pratica FROM ({versions}) v JOIN crisi_procedura p ON p.id = v.procedura_id
    WHERE v.prima IS NULL AND (
        EXISTS (SELECT FROM crisi_nota n WHERE n.procedura_id = p.id)
        OR EXISTS (SELECT FROM crisi_bozza b WHERE b.procedura_id = p.id)
        OR EXISTS (SELECT FROM crisi_tavolo_procedure t WHERE t.procedura_id = p.id)
    ) ORDER BY 1 LIMIT 1
"""
_NEW_SITES = """
    SELECT u.id FROM ({versions}) v
    JOIN crisi_unitaproduttiva u ON u.procedura_id = v.procedura_id
    WHERE v.prima IS NULL OR NOT EXISTS (
        SELECT FROM jsonb_to_recordset(v.prima -> 'unita') AS s (id bigint) WHERE s.id = u.id
    )
"""
_REPORTED = """
    SELECT p.codice_pratica FROM crisi_avanzamentopal a
    JOIN crisi_unitaproduttiva u ON u.id = a.unita_id
    JOIN crisi_procedura p ON p.id = u.procedura_id
    WHERE u.id IN ({new_sites}) ORDER BY 1 LIMIT 1
"""
_RESTORE = """
    UPDATE crisi_procedura p SET codice_pratica = c.codice_pratica,
        azienda_id = c.azienda_id, tipo = c.tipo, linea_guida = c.linea_guida,
        causale = c.causale, data_avvio = c.data_avvio, data_fine = c.data_fine,
        alta_complessita = c.alta_complessita, obbligo_pal = c.obbligo_pal, stato = c.stato,
        campi_a_mano = c.campi_a_mano, versione = p.versione + 1, aggiornata_il = now()
    FROM ({versions}) v CROSS JOIN LATERAL jsonb_to_record(v.prima) AS c (
        codice_pratica text, azienda_id bigint, tipo text, linea_guida text, causale text,
        data_avvio date, data_fine date, alta_complessita boolean, obbligo_pal boolean, stato text,
        campi_a_mano text[]
    )
    WHERE p.id = v.procedura_id AND v.prima IS NOT NULL RETURNING p.id
"""
_RESTORE_SITES = """
    UPDATE crisi_unitaproduttiva u SET codice = c.codice, comune_id = c.comune,
        lavoratori = c.lavoratori, presa_in_carico_il = c.presa_in_carico_il,
        presa_in_carico_da_id = c.presa_in_carico_da, campi_a_mano = c.campi_a_mano
    FROM ({versions}) v CROSS JOIN LATERAL jsonb_to_recordset(v.prima -> 'unita') AS c (
        id bigint, codice text, comune text, lavoratori integer, presa_in_carico_il date,
        presa_in_carico_da bigint, campi_a_mano text[]
    )
    WHERE u.id = c.id AND u.procedura_id = v.procedura_id
"""


def obstacle(flow: Flow) -> str:
    """Say what has been done since on what the flow brought, in Italian; empty if nothing."""
    pratica = _first(_CHANGED_SINCE, flow)
    if pratica:
        return (
            f"La pratica {pratica} è stata modificata dopo il flusso: annullandolo la modifica"
            " andrebbe persa. Correggere a mano i dati sbagliati, o inviare un nuovo flusso."
        )
    pratica = _first(_REPORTED, flow)
    if pratica:
        return (
            f"Un'unità che il flusso ha portato ha dati PAL (pratica {pratica}): andrebbero persi."
            " Correggere a mano i dati sbagliati, o inviare un nuovo flusso."
        )
    pratica = _first(_WORKED_ON, flow)
    if pratica:
        return (
            f"La pratica {pratica}, che il flusso ha portato, ha note, bozze o tavoli: andrebbero"
            " persi. Se la pratica non doveva esserci, il Nucleo la può ritirare."
        )
    return ""


def restore(flow: Flow, *, by: User) -> None:
    """Put procedures and sites back as they were before a flow, in the caller's transaction.

    Raises:
        NotNow: while it was asked, somebody has worked on what the flow brought.
    """
    held = [pk for (pk,) in _run(_LOCK, flow)]
    reason = obstacle(flow)
    if reason:
        raise NotNow(reason)
    made = [pk for (pk,) in _run(_MADE, flow)]
    try:
        with quarters_kept(held, by=by):
            restored = _restored(flow)
            Procedura.objects.filter(pk__in=made).delete()
    except ValidationError as closed:
        raise NotNow(" ".join(closed.messages)) from closed
    for start in range(0, len(restored), _BATCH):
        some = Procedura.objects.filter(pk__in=restored[start : start + _BATCH])
        history.record_versions(some, by=by)
    audit.record(
        by=by, action="procedure.ripristinate", on=flow, tolte=len(made), ripristinate=len(restored)
    )


def _restored(flow: Flow) -> list[int]:
    fresh = [pk for (pk,) in _run(_NEW_SITES, flow)]
    _run(_RESTORE_SITES, flow)
    UnitaProduttiva.objects.filter(pk__in=fresh).delete()
    return [pk for (pk,) in _run(_RESTORE, flow)]


def forget(flow: Flow, *, by: User) -> None:
    """Remove the example procedures of a flow with all that was done on them."""
    written = VersioneProcedura.objects.filter(flusso=flow).values("procedura")
    found = Procedura.objects.filter(pk__in=written, esempio=True)
    keys = list(found.values_list("pk", flat=True))
    companies = set(found.values_list("azienda", flat=True))
    sites = UnitaProduttiva.objects.filter(procedura__in=keys)
    sigle = set(sites.values_list("comune__provincia", flat=True))
    Tavolo.objects.filter(esempio=True, procedure__in=keys).delete()
    AvanzamentoPAL.objects.filter(unita__procedura__in=keys).delete()
    Procedura.objects.filter(pk__in=keys).delete()
    _unknown_elsewhere(Azienda.objects.filter(pk__in=companies, esempio=True)).delete()
    trimestri.settle_open(by=by, sigle=sigle)


def _unknown_elsewhere(companies: QuerySet[Azienda]) -> QuerySet[Azienda]:
    """Leave out those that another area's example knows: whatever area that is."""
    for field in Azienda._meta.get_fields(include_hidden=True):
        if field.auto_created and (field.one_to_many or field.one_to_one):
            theirs = field.related_model._default_manager.filter(
                **{field.field.name: OuterRef("pk")}
            )
            companies = companies.filter(~Exists(theirs))
    return companies


def _first(sql: str, flow: Flow) -> str:
    rows = _run(sql, flow)
    return str(rows[0][0]) if rows else ""


def _run(sql: str, flow: Flow) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        names = {"versions": _VERSIONS, "new_sites": _NEW_SITES.format(versions=_VERSIONS)}
        cursor.execute(sql.format(**names), {"flow": flow.pk})
        return cursor.fetchall() if cursor.description else []
