"""The payments as CSV in Italian format, written by the database and passed on as they come."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from cigd.azioni import azione_sql
from cigd.querysets import PagamentoQuerySet
from porfse import audit, roles
from porfse.models import User

BLOCK = 1 << 16  # bytes that are passed on at once
_FORMULA = ", ".join(str(ord(mark)) for mark in "=+-@\t\r")


def _neutral(column: str) -> str:
    """SQL for a text that no spreadsheet takes for a formula."""
    return f"CASE WHEN ascii({column}) IN ({_FORMULA}) THEN '''' || {column} ELSE {column} END"


def _decimal(column: str) -> str:
    return f"replace({column}::text, '.', ',')"


# Header and SQL. Dates need nothing: the connection writes them as DD.MM.YYYY.
COLUMNS = (
    ("flusso", "p.flusso_id"),
    ("riga", "p.riga"),
    ("id_pagamento", _neutral("p.id_pagamento")),
    ("tipo", "p.tipo"),
    ("id_pagamento_origine", _neutral("p.id_pagamento_origine")),
    # Covered as on the pages, with fewer signs: they are a tenth of the time of the whole export.
    ("codice_fiscale", "overlay(p.codice_fiscale placing '***' from 4 for 12)"),
    ("matricola_inps", "p.matricola_inps"),
    ("denominazione_azienda", _neutral("p.denominazione_azienda")),
    ("comune_istat", "p.comune_id"),
    ("azione", azione_sql("p.comune_id")),
    ("numero_decreto", _neutral("p.numero_decreto")),
    ("data_decreto", "p.data_decreto"),
    ("mese_competenza", "p.mese_competenza"),
    ("ore", _decimal("p.ore")),
    ("importo", _decimal("p.importo")),
    ("data_pagamento", "p.data_pagamento"),
)
_FIELDS = (
    *("flusso_id", "riga", "id_pagamento", "tipo", "id_pagamento_origine", "codice_fiscale"),
    *("matricola_inps", "denominazione_azienda", "comune_id", "numero_decreto", "data_decreto"),
    *("mese_competenza", "ore", "importo", "data_pagamento"),
)
# Read in the order of the files, as far as the payments are read whole: a sort of millions would
# cost more than the rest. Each line bears its flow and its row.
_SETTINGS = (
    "SET datestyle = 'German'",
    "SET synchronize_seqscans = off",
    "SET max_parallel_workers_per_gather = 0",
)


@transaction.atomic
def record(*, by: User, criteria: dict[str, str], example: bool) -> None:
    """Put into the register who takes payments out, and which.

    Raises:
        PermissionDenied: the person may not see payments.
    """
    roles.require(by, "cigd.view_pagamenti")
    audit.record(by=by, action="pagamenti.esportati", on=by, criteri=criteria, esempio=example)


def stream(rows: PagamentoQuerySet) -> Iterator[bytes]:
    """Yield the payments as CSV: semicolons, decimal comma, UTF-8 with BOM, codice fiscale covered.

    The rows come over a connection of their own, which ends with the last block or when whoever
    reads goes away; memory does not grow with their number.
    """
    yield b"\xef\xbb\xbf" + ";".join(name for name, _ in COLUMNS).encode() + b"\n"
    try:
        inner, params = rows.order_by().values(*_FIELDS).query.sql_with_params()
    except EmptyResultSet:  # no flow counts
        return
    wanted = ", ".join(sql for _, sql in COLUMNS)
    query = f"COPY (SELECT {wanted} FROM ({inner}) p) TO STDOUT (FORMAT csv, DELIMITER ';')"
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            for setting in _SETTINGS:
                cursor.execute(setting)
            yield from _blocks(cursor, query, params)
    finally:
        own.close()


def _blocks(cursor: Any, query: str, params: tuple[Any, ...]) -> Iterator[bytes]:
    """Yield what the database sends, many lines at a time."""
    # Each line is let go as soon as it is copied: keeping hundreds to join them costs a fifth more.
    block = bytearray()
    with cursor.copy(query, params) as copy:
        for line in copy:
            block += line
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
        yield bytes(block)
