"""Who works on a thing: a lock of the database session, which goes with its process.

It is not a lock of the row: while somebody works on it, everybody reads it and nobody waits.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


class Lock:
    """The locks of one kind of things, by their number."""

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
