"""Locks: who works on a thing, and how long a page waits for what somebody else holds."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable


class Busy(Exception):
    """Somebody else holds a lock for longer than one waits; nothing was changed."""


@contextmanager
def patient(patience: str) -> Iterator[None]:
    """Wait for each lock so long and no longer, within the caller's transaction.

    Args:
        patience: as PostgreSQL writes it, `5s`.

    Raises:
        Busy: somebody else holds one for longer; the transaction is to be rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
        try:
            yield
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise Busy from error
            raise
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")


class Lock:
    """Who works on the things of one kind, by their number; it goes with its process.

    It is not a lock of the row: while somebody works on it, everybody reads it and nobody waits.
    """

    def __init__(self, name: str) -> None:
        """Args: name: four letters, that no other kind has; they tell its numbers from others."""
        self._space = int.from_bytes(name.encode("ascii")) << 32

    @contextmanager
    def working_on(self, number: int) -> Iterator[bool]:
        """Hold the lock of a thing for a while; yields False if another process holds it."""
        with connection.cursor() as cursor:
            # So that the server soon notices that a killed worker is gone, within a query too.
            cursor.execute("SET client_connection_check_interval = '1s'")
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self._space + number])
            (mine,) = cursor.fetchone()
        try:
            yield mine
        finally:
            if mine and connection.connection and not connection.connection.closed:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [self._space + number])

    def is_free(self, number: int) -> bool:
        """Say whether no process works on a thing."""
        with self.working_on(number) as mine:
            return bool(mine)
