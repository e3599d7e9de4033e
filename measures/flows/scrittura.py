"""From the accepted rows to the table of a measure, and back: each change keeps what was before."""

from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import Max, Sum
from django.utils import timezone

from measures import summaries
from measures.flows import nomi
from measures.flows.confronto import Confronto
from measures.misura import Misura
from measures.models import Conferma, Passaggio
from porfse.models import Flow

_ROWS = """
    INSERT INTO {rows} (codice, esempio, azienda_id, flusso_id, {columns})
    SELECT p.codice, {esempio}, a.id, {flow}, {values}
    FROM {part} p
    JOIN porfse_azienda a ON a.codice_fiscale = p.codice_fiscale AND a.esempio = {esempio}
    WHERE p.cambia ORDER BY p.riga
    ON CONFLICT (codice, esempio) DO UPDATE SET azienda_id = EXCLUDED.azienda_id,
        flusso_id = EXCLUDED.flusso_id, {changes}
"""
# The day of a state is of who comes to it: what changes within a state changes with the flow.
# Numbers are kept as text, exactly as they were: JSON alone would not keep the cents for all.
_STEPS = """
    INSERT INTO measures_passaggio (misura, codice, esempio, da, a, data, prima, flusso_id)
    SELECT %s, p.codice, {esempio}, coalesce(p.da, ''), p.stato,
        coalesce(CASE WHEN p.da IS DISTINCT FROM p.stato THEN {day} END, %s), (
            SELECT jsonb_object_agg(key, CASE jsonb_typeof(value)
                WHEN 'number' THEN to_jsonb(value #>> '{{}}') ELSE value END)
            FROM jsonb_each(to_jsonb(t))
        ), {flow}
    FROM {part} p LEFT JOIN {rows} t ON t.codice = p.codice AND t.esempio = {esempio}
    WHERE p.cambia ORDER BY p.riga
"""
# The rows that stay as they are: they rest on the flow that wrote them.
_SAME = """
    INSERT INTO measures_conferma (flusso_id, di_id, numero)
    SELECT {flow}, t.flusso_id, count(*)
    FROM {part} p JOIN {rows} t ON t.codice = p.codice AND t.esempio = {esempio}
    WHERE NOT p.cambia GROUP BY t.flusso_id
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
        nome, ateco: SQL over the stage `s` for what a company is called and does.
        giorni: by state, the field that has the day when a row came to it.
    """
    misura = comparison.misura
    nomi.write(comparison, nome=nome, ateco=ateco)
    comparison.run(_SAME)
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
    """Say why the rows of a flow cannot be taken back: a later one has changed or repeats some."""
    count, last = _query(_CHANGED_LATER, misura, [flow.pk, misura.slug, flow.pk])
    did = "hanno cambiato"
    if not count:
        same = Conferma.objects.filter(di=flow).aggregate(n=Sum("numero"), last=Max("flusso"))
        count, last, did = same["n"], same["last"], "riportano"
    if not count:
        return ""
    rows = f"1 {misura.singolare}" if count == 1 else f"{count} {misura.plurale}"
    return (
        f"Flussi successivi (l'ultimo è il {last}) {did} {rows} di questo flusso:"
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
    Conferma.objects.filter(flusso=flow).delete()
    nomi.take_back(flow)
    summaries.rebuild(misura)


def _assigned(fields: Iterable[str], source: str) -> str:
    return ", ".join(f"{field} = {source}.{field}" for field in fields)


def _query(sql: str, misura: Misura, params: list[int | str]) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(rows=misura.model._meta.db_table), params)
        count, last = cursor.fetchone()
        return count, last
