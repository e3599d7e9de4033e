"""What was given to the workers: a broker in memory, which the test reads in their place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kombu import Connection

from tests.faults.servers import queueing_to

_BROKER = "memory://"


@contextmanager
def broker() -> Iterator[Callable[[], list[tuple[str, list[object]]]]]:
    """Queue to a broker of the test's own; yields what takes the tasks out: name, arguments."""
    with queueing_to(_BROKER), Connection(_BROKER) as connection:
        queue = connection.SimpleQueue("celery")
        queue.clear()

        def taken() -> list[tuple[str, list[object]]]:
            found = []
            while len(queue):
                message = queue.get_nowait()
                message.ack()
                found.append((message.headers["task"], list(message.payload[0])))
            return found

        try:
            yield taken
        finally:
            queue.close()
