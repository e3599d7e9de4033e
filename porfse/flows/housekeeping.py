"""What is left when a flow has gone: its tables and its file."""

import logging

from django.db import OperationalError, connection, transaction

from porfse.flows import files
from porfse.flows.locks import working_on
from porfse.flows.source import sources
from porfse.flows.stage import SCHEMA, Stage, tables_of
from porfse.models import Flow

log = logging.getLogger(__name__)
# States in which a flow's own tables are still wanted.
_ALIVE = (Flow.Stato.IN_VALIDAZIONE, Flow.Stato.VALIDATO, Flow.Stato.IN_ACQUISIZIONE)
_PATIENCE = "500ms"


def tidy() -> None:
    """Remove tables and files that no flow needs; what is in use now is left for the next time."""
    _drop_orphans()
    _drop_cancelled()
    for flow in Flow.objects.exclude(percorso="").exclude(stato__in=(Flow.Stato.CARICATO, *_ALIVE)):
        files.discard(flow)  # the process that was to do so was killed
    files.sweep(Flow.objects.exclude(percorso="").values_list("percorso", flat=True))


def _drop_orphans() -> None:
    for name in tables_of():
        wanted = Flow.objects.filter(pk=number_of(name), stato__in=_ALIVE)
        if wanted.exists():
            continue
        with working_on(number_of(name)) as mine:  # else somebody is validating it again
            if mine and not wanted.exists():
                _quietly(f"DROP TABLE {name}")


def _drop_cancelled() -> None:
    """Take the parts of cancelled flows out of their tables.

    It waits for whoever reads the table, and would keep others waiting: so only for a moment.
    """
    for source in sources():
        if source.table is None:
            continue
        parent = source.table._meta.db_table
        for flow in Flow.objects.filter(sorgente=source.slug, stato=Flow.Stato.ANNULLATO):
            table = Stage(flow, source).table
            with working_on(flow.pk) as mine:
                if mine and _is_part(table):
                    _quietly(
                        f"ALTER TABLE {parent} DETACH PARTITION {table}", f"DROP TABLE {table}"
                    )


def _is_part(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relispartition FROM pg_class WHERE oid = to_regclass(%s)", [table])
        row = cursor.fetchone()
    return bool(row and row[0])


def _quietly(*statements: str) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
            for statement in statements:
                cursor.execute(statement)
    except OperationalError as error:  # somebody reads it: next time
        log.info("%s: rimandato (%s)", statements[0], error)


def number_of(table: str) -> int:
    """Return the flow of a table such as `flussi.inps_cigd_12_comuni`."""
    name = table.removeprefix(f"{SCHEMA}.")
    return next(int(part) for part in reversed(name.split("_")) if part.isdigit())
