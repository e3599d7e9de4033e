"""The names of companies: the first that a flow tells counts, and goes when that flow goes."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey

from measures.flows.confronto import Confronto
from porfse.models import Azienda, Flow

SENZA_NOME = "Denominazione non comunicata"
# A company that came without a name takes the first that is told; a known name stays.
_WRITE = """
    WITH dette AS (
        SELECT DISTINCT ON (codice_fiscale) * FROM (
            SELECT p.codice_fiscale, {nome} AS nome, {ateco} AS ateco, s.riga
            FROM {part} p JOIN {stage} s ON s.riga = p.riga
        ) righe ORDER BY codice_fiscale, nome = %(senza)s, riga
    ), scritte AS (
        INSERT INTO porfse_azienda AS a (codice_fiscale, denominazione, ateco, esempio)
        SELECT codice_fiscale, nome, ateco, {esempio} FROM dette
        ON CONFLICT (codice_fiscale, esempio) DO UPDATE SET denominazione = EXCLUDED.denominazione
        WHERE a.denominazione = %(senza)s AND EXCLUDED.denominazione <> a.denominazione
        RETURNING a.id, a.codice_fiscale
    )
    INSERT INTO measures_nomeazienda (flusso_id, azienda_id, nome, dai_flussi)
    SELECT {flow}, coalesce(w.id, a.id), d.nome, w.id IS NOT NULL OR EXISTS (
        SELECT FROM measures_nomeazienda n WHERE n.azienda_id = a.id AND n.dai_flussi
    )
    FROM dette d
    LEFT JOIN scritte w ON w.codice_fiscale = d.codice_fiscale
    LEFT JOIN porfse_azienda a ON a.codice_fiscale = d.codice_fiscale AND a.esempio = {esempio}
    WHERE d.nome <> %(senza)s ORDER BY d.riga
"""
# What the flow calls companies that have their names from flows. In tables whose sizes the database
# knows: all the companies of a big flow are among them.
_TOLD = """
    DROP TABLE IF EXISTS nomi_tolti;
    CREATE TEMP TABLE nomi_tolti ON COMMIT DROP AS
    SELECT azienda_id, nome FROM measures_nomeazienda WHERE flusso_id = %(flusso)s AND dai_flussi;
    DELETE FROM measures_nomeazienda WHERE flusso_id = %(flusso)s;
    ANALYZE nomi_tolti;
    ANALYZE measures_nomeazienda
"""
# What another flow calls the company takes the place of the name; a company that other areas refer
# to, or that has another name since, keeps the one it has.
_TAKE_BACK = """
    WITH altri AS (
        SELECT DISTINCT ON (azienda_id) azienda_id, nome FROM measures_nomeazienda
        ORDER BY azienda_id, id
    ), nuovi AS (
        SELECT azienda_id, t.nome AS vecchio, coalesce(n.nome, %(senza)s) AS nome
        FROM nomi_tolti t LEFT JOIN altri n USING (azienda_id)
        WHERE t.nome IS DISTINCT FROM n.nome
    )
    UPDATE porfse_azienda a SET denominazione = nuovi.nome
    FROM nuovi WHERE nuovi.azienda_id = a.id AND a.denominazione = nuovi.vecchio {elsewhere}
"""


def write(comparison: Confronto, *, nome: str, ateco: str) -> None:
    """Write the companies of a flow that are new, and keep what it calls each.

    Args:
        nome, ateco: SQL over the stage `s` for what a company is called and does.
    """
    sql = comparison.sql(_WRITE, nome=nome, ateco=ateco)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"senza": SENZA_NOME})


def take_back(flow: Flow) -> None:
    """Take away the names that companies have from a flow alone."""
    elsewhere = " ".join(
        f"AND NOT EXISTS (SELECT FROM {table} o WHERE o.{column} = a.id)"
        for table, column in _of_other_areas()
    )
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"flusso": flow.pk})
        cursor.execute(_TAKE_BACK.format(elsewhere=elsewhere), {"senza": SENZA_NOME})


def _of_other_areas() -> Iterator[tuple[str, str]]:
    """Table and column of what refers to companies outside the measures."""
    for model in apps.get_models():
        if model._meta.app_label != "measures":
            for field in model._meta.local_fields:
                if isinstance(field, ForeignKey) and field.related_model is Azienda:
                    yield model._meta.db_table, str(field.column)
