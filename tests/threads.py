"""Work in other threads, each with a connection of its own: what two people do at the same time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection


def waits_for_me() -> bool:
    """Whether another process waits for what this transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


def in_a_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Start some work; once the thread is joined, the list holds what came of it, or its error."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001 - handed to the test
            found.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do all at the same moment; return what came of each, or its error, in their order."""
    together = threading.Barrier(len(works))

    def meeting(work: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            together.wait()
            return work()

        return run

    started = [in_a_thread(meeting(work)) for work in works]
    for thread, _ in started:
        thread.join()
    return [found[0] for _, found in started]


@contextmanager
def between(words: str, work: Callable[[], object]) -> Iterator[None]:
    """Do some work right after the first statement with some words, as if somebody else did."""
    done: list[str] = []

    def meanwhile(execute: Callable[..., object], sql: str, *rest: object) -> object:
        found = execute(sql, *rest)
        if words in sql and not done:
            done.append(sql)
            work()
        return found

    with connection.execute_wrapper(meanwhile):
        yield
    assert done


class Held:
    """Work in a thread of its own that stands still before its first statement with some words."""

    def __init__(self, work: Callable[[], object], *, before: str) -> None:
        self.found: object = None
        self._work, self._before = work, before
        self._reached, self._go = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._reached.wait(20)

    def _run(self) -> None:
        try:
            with connection.execute_wrapper(self._pause):
                self.found = self._work()
        except Exception as error:  # noqa: BLE001 - handed to the test
            self.found = error
        finally:
            connection.close()

    def _pause(self, execute: Callable[..., object], sql: str, *rest: object) -> object:
        if self._before in sql and not self._reached.is_set():
            self._reached.set()
            self._go.wait(20)
        return execute(sql, *rest)

    def go(self, *, wait: float = 20) -> object:
        """Let it go on; return what it returned or raised, None if it has not ended by then."""
        self._go.set()
        self._thread.join(wait)
        return self.found
