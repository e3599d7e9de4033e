"""Who changes the pool: one after the other, in the same order as flows are acquired."""

from enum import IntEnum

from django.db import connection

from cigd.scope import SOURCE
from cigd.states import run
from porfse.flows.errors import NotNow
from porfse.locks import Busy, patient
from porfse.models import FlowSource

PATIENCE = "5s"  # how long a page waits


class Work(IntEnum):
    """What one process alone may have in hand; so that no other lock of ours has the number.

    Each step has its own: a task that comes twice must not keep that of the next step away.
    """

    COUNT_BATCH = 0x636F6E74 << 32  # "cont"
    CERTIFY_BATCH = 0x63657274 << 32  # "cert"
    MOVE = 0x73706F73 << 32  # "spos"
    COUNT_POPULATION = 0x706F706F << 32  # "popo"
    DRAW = 0x65737472 << 32  # "estr"


def my_turn() -> None:
    """Wait for one's turn on the states of the payments, for the rest of the transaction.

    The lock is the one that acquiring and cancelling a flow hold.

    Raises:
        NotNow: somebody else takes longer than a page may wait.
    """
    _watch()
    try:
        with patient(PATIENCE):
            wait_for_turn()
    except Busy as busy:
        raise NotNow(
            "È in corso un'altra operazione sui pagamenti (una certificazione o l'acquisizione di"
            " un flusso): non è stato cambiato nulla, riprovare fra qualche minuto."
        ) from busy


def wait_for_turn() -> None:
    """The same for a task, which may wait as long as it takes."""
    FlowSource.objects.get_or_create(pk=SOURCE)
    FlowSource.objects.select_for_update().get(pk=SOURCE)


def only_here(work: Work, number: int) -> bool:
    """Take a piece of work for the rest of the transaction; False if another process has it."""
    _watch()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [work + number])
        return bool(cursor.fetchone()[0])


def _watch() -> None:
    """Have the server soon notice that a killed process is gone, in the middle of a query."""
    run("SET LOCAL client_connection_check_interval = '1s'")
