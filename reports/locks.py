"""Who builds an edition, and what it sees while it reads."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from porfse.locks import Lock

_EDITIONS = Lock("rept")
working_on = _EDITIONS.working_on
is_free = _EDITIONS.is_free


@contextmanager
def one_moment() -> Iterator[None]:
    """Read all that is read inside as it was at one moment, and write nothing.

    Within another transaction that one decides what is seen: it has begun already.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
