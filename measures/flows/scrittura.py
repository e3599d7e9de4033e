"""From the accepted rows to the table of a measure, and back: each change keeps what was before."""

from collections.abc import Iterable, Mapping

from django.db import connection
from django.utils import timezone

from measures import summaries
from measures.flows.confronto import Confronto
from measures.misura import Misura
from measures.models import Passaggio
from porfse.models import Flow

SENZA_NOME = "Denominazione non comunicata"
# A company that came without a name takes the first that is told; a known name stays.
_COMPANIES = """
    INSERT INTO porfse_azienda AS a (codice_fiscale, denominazione, ateco, esempio)
    SELECT DISTINCT ON (p.codice_fiscale) p.codice_fiscale, {nome}, {ateco}, {esempio}
    FROM {part} p JOIN {stage} s ON s.riga = p.riga
    WHERE p.cambia ORDER BY p.codice_fiscale, s.riga
    ON CONFLICT (codice_fiscale, esempio) DO UPDATE SET denominazione = EXCLUDED.denominazione
    WHERE a.denominazione = %s AND EXCLUDED.denominazione <> a.denominazione
"""
_ROWS = """
    INSERT INTO {rows} (codice, esempio, azienda_id, flusso_id, {columns})
    SELECT p.codice, {esempio}, a.id, {flow}, {values}
    FROM {part} p
    JOIN porfse_azienda a ON a.codice_fiscale = p.codice_fiscale AND a.esempio = {esempio}
    WHERE p.cambia ORDER BY p.riga
    ON CONFLICT (codice, esempio) DO UPDATE SET azienda_id = EXCLUDED.azienda_id,
        flusso_id = EXCLUDED.flusso_id, {changes}
"""
_STEPS = """
    INSERT INTO measures_passaggio (misura, codice, esempio, da, a, data, prima, flusso_id)
    SELECT %s, p.codice, {esempio}, coalesce(p.da, ''), p.stato, coalesce({day}, %s), to_jsonb(t),
        {flow}
    FROM {part} p LEFT JOIN {rows} t ON t.codice = p.codice AND t.esempio = {esempio}
    WHERE p.cambia ORDER BY p.riga
"""
_GONE = """
    DELETE FROM {rows} t USING measures_passaggio p
    WHERE p.flusso_id = %s AND p.misura = %s AND p.prima IS NULL
        AND t.codice = p.codice AND t.esempio = p.esempio
"""
_RESTORED = """
    UPDATE {rows} t SET {changes}
    FROM measures_passaggio p, LATERAL jsonb_populate_record(NULL::{rows}, p.prima) r
    WHERE p.flusso_id = %s AND p.misura = %s AND p.prima IS NOT NULL
        AND t.codice = p.codice AND t.esempio = p.esempio
"""
_CHANGED_LATER = """
    SELECT count(*), max(t.flusso_id) FROM {rows} t
    JOIN measures_passaggio p ON p.codice = t.codice AND p.esempio = t.esempio
    WHERE p.flusso_id = %s AND p.misura = %s AND t.flusso_id <> %s
"""


def write(comparison: Confronto, *, nome: str, ateco: str, giorni: Mapping[str, str]) -> None:
    """Write what is new and what changes, with its step, in the caller's transaction.

    Args:
        nome, ateco: SQL over the stage `s` for what a company that is new is called and does.
        giorni: by state, the field that has the day when a row came to it.
    """
    misura = comparison.misura
    comparison.run(_COMPANIES, [SENZA_NOME], nome=nome, ateco=ateco)
    # The steps first: they keep the rows as they are before.
    cases = " ".join(f"WHEN '{state}' THEN p.{field}" for state, field in giorni.items())
    today = timezone.localdate()
    comparison.run(_STEPS, [misura.slug, today], day=f"CASE p.stato {cases} END")
    comparison.run(
        _ROWS,
        columns=", ".join(comparison.campi),
        values=", ".join(f"p.{field}" for field in comparison.campi),
        changes=_assigned(comparison.campi, "EXCLUDED"),
    )
    summaries.rebuild(misura)


def obstacle(flow: Flow, misura: Misura) -> str:
    """Say why the rows of a flow cannot be taken back: a later flow has changed some of them."""
    count, last = _query(_CHANGED_LATER, misura, [flow.pk, misura.slug, flow.pk])
    if not count:
        return ""
    rows = f"1 {misura.singolare}" if count == 1 else f"{count} {misura.plurale}"
    return (
        f"Flussi successivi (l'ultimo è il {last}) hanno cambiato {rows} di questo flusso:"
        " annullare prima quelli, dal più recente."
    )


def take_back(flow: Flow, misura: Misura) -> None:
    """Restore what a flow has changed and remove what it brought, in the caller's transaction."""
    fields = [
        str(field.column) for field in misura.model._meta.concrete_fields if not field.primary_key
    ]
    with connection.cursor() as cursor:
        for statement in (_GONE, _RESTORED):
            sql = statement.format(rows=misura.model._meta.db_table, changes=_assigned(fields, "r"))
            cursor.execute(sql, [flow.pk, misura.slug])
    Passaggio.objects.filter(flusso=flow, misura=misura.slug).delete()
    summaries.rebuild(misura)


def _assigned(fields: Iterable[str], source: str) -> str:
    return ", ".join(f"{field} = {source}.{field}" for field in fields)


def _query(sql: str, misura: Misura, params: list[int | str]) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(rows=misura.model._meta.db_table), params)
        count, last = cursor.fetchone()
        return count, last
