"""Who works on a flow: a lock of the database session, which goes with its process."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_SPACE = 0x666C7573 << 32  # "flus", so that no other lock of ours has the same number


@contextmanager
def working_on(flow: int) -> Iterator[bool]:
    """Hold the lock of a flow for a while; yields False if another process holds it."""
    with connection.cursor() as cursor:
        # So that the server soon notices that a killed worker is gone, in the middle of a query.
        cursor.execute("SET client_connection_check_interval = '1s'")
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_SPACE + flow])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine and connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_SPACE + flow])


def is_free(flow: int) -> bool:
    """Say whether no process works on a flow."""
    with working_on(flow) as mine:
        return mine
