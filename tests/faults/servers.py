"""Servers, databases and workers of the fault tests' own: what these tests kill is real."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import environ
import psycopg
import pytest
import redis
from django.db import connection
from kombu import pools
from psycopg.sql import SQL, Identifier

from porfse import local
from porfse.celery import app
from porfse.local.child import Child, Command
from porfse.local.places import Place
from porfse.local.processes import find, wait_until
from porfse.local.product import product_commands

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 60  # the longest that anything here may take; what is waited for comes much sooner
_running: list[Child] = []
_HOLD = 7  # the number of the lock that `held` uses


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail if it never does, or if a worker ends meanwhile."""

    def holds() -> bool:
        for child in _running:
            assert not child.has_ended(), child.told("è terminato")
        return condition()

    assert wait_until(holds, seconds=_SECONDS)


class Servers:
    """A PostgreSQL and a Redis in a folder of their own, as durable as those of `make run`."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._place = Place(base, "run")

    def start(self) -> tuple[str, ...]:
        """Start by the product's launcher what does not run."""
        with pytest.MonkeyPatch.context() as environment:
            for name in ("DATABASE_URL", "REDIS_URL"):
                environment.delenv(name, raising=False)
            return local.ensure(self._base)

    def kill_database(self) -> None:
        """`kill -9` of PostgreSQL: the postmaster and every process of it."""
        for pid in sorted(find(["postgres"], self._place.home / "postgres")):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # it went with the postmaster
                continue
        wait_for(lambda: not find(["postgres"], self._place.home / "postgres"))

    def remove(self) -> None:
        """End the servers and remove all that they kept."""
        local.stop(self._base)
        shutil.rmtree(self._place.home, ignore_errors=True)
        shutil.rmtree(self._place.sockets, ignore_errors=True)

    @property
    def redis_url(self) -> str:
        return f"unix://{self._place.redis_socket}?db=0"

    @property
    def no_broker(self) -> str:
        """An address at which no broker answers."""
        return local.celery_url(f"unix://{self._place.sockets}/nessuno.sock?db=0")

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return self._place.database_url(database)

    def administer(self, sql: str, *names: str) -> None:
        """Run a statement about databases, whose names stand for `{}`."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as administrator:
            administrator.execute(SQL(sql).format(*map(Identifier, names)))  # type: ignore[arg-type]


@contextmanager
def private_servers() -> Iterator[Servers]:
    """Start a pair of servers in a folder that every account of the machine may enter."""
    with tempfile.TemporaryDirectory(prefix="guasti ") as folder:
        Path(folder).chmod(0o755)
        servers = Servers(Path(folder))
        try:
            servers.start()
            yield servers
        finally:
            servers.remove()


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Let Django, in all of its threads, use another database for a while."""
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environ.Env.db_url_config(url).items():
            patch.setitem(connection.settings_dict, key, value)
        try:
            yield
        finally:
            connection.close()


@contextmanager
def queueing_to(url: str) -> Iterator[None]:
    """Let tasks that this process queues go to a broker."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CELERY_BROKER_URL", url)
        _forget_broker()
        try:
            yield
        finally:
            _forget_broker()


def _forget_broker() -> None:
    pools.reset()
    app._after_fork()  # it keeps a pool beside those


class Worker:
    """The product's worker as the launcher starts it, on what the environment names."""

    def __init__(self, log: Path) -> None:
        _web, worker, _beat = product_commands(0, on_ready=lambda: None)
        self.log = log
        self._child = Child(Command("worker", worker.argv), log)
        self._child.start(ROOT)
        _running.append(self._child)

    @property
    def pid(self) -> int:
        assert self._child.pid
        return self._child.pid

    def kill(self) -> None:
        """`kill -9` of all of its processes."""
        if self._child in _running:
            _running.remove(self._child)
            os.killpg(self.pid, signal.SIGKILL)
            self._child.reap()

    def kill_children(self) -> None:
        """`kill -9` of the processes that do the tasks; the one that hands them out lives."""
        for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            os.kill(int(pid), signal.SIGKILL)

    def ask_to_end(self) -> None:
        self._child.ask_to_end()

    def wait(self) -> int:
        """Wait until it has ended by itself; return its exit code."""
        _running.remove(self._child)
        wait_for(self._child.has_ended)
        return self._child.reap()


@dataclass(frozen=True)
class Product:
    """A seeded database and queues of one test's own; Django is connected to them."""

    servers: Servers
    database_url: str

    def connect(self) -> psycopg.Connection:
        """Open a connection beside Django's, outside of any transaction."""
        return psycopg.connect(self.database_url, autocommit=True)

    def restart_database(self) -> None:
        """Start PostgreSQL again after it was killed."""
        connection.close()
        assert self.servers.start() == ("PostgreSQL",)

    def is_idle(self) -> bool:
        """Say whether no task waits and none is being done."""
        with redis.Redis.from_url(self.servers.redis_url) as queues:
            return not queues.llen("celery") and not queues.hlen("unacked")

    @contextmanager
    def held(self, table: str) -> Iterator["Hold"]:
        """Stop whoever is about to insert into a table, until the hold is released."""
        hold = Hold(self.connect())
        hold.connection.execute(
            "CREATE FUNCTION ferma() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM pg_advisory_xact_lock_shared({_HOLD}); RETURN NULL; END $$"
        )
        hold.connection.execute(
            f"CREATE TRIGGER ferma BEFORE INSERT ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION ferma()"
        )
        hold.connection.execute("SELECT pg_advisory_lock(%s)", [_HOLD])
        try:
            yield hold
        finally:
            hold.release()


@dataclass(frozen=True)
class Hold:
    """A place in the engine's work at which it stands still."""

    connection: psycopg.Connection

    def wait(self) -> int:
        """Wait until somebody stands there; return the number of its database process."""
        wait_for(lambda: self._standing() is not None)
        return self._standing() or 0

    def wait_gone(self) -> None:
        """Wait until the server has noticed that whoever stood there is gone."""
        wait_for(lambda: self._standing() is None)

    def release(self) -> None:
        """Let the work go on."""
        self.connection.close()

    def _standing(self) -> int | None:
        row = self.connection.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND classid = 0"
            " AND NOT granted",
            [_HOLD],
        ).fetchone()
        return row[0] if row else None


def never_wait() -> None:
    """Let Django's connection fail instead of waiting for a lock that somebody has."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")


def waiting_for_a_lock(observer: psycopg.Connection) -> int:
    """Return how many processes of the database wait for a lock of a row or a table."""
    row = observer.execute(
        "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND locktype <> 'advisory'"
    ).fetchone()
    return row[0] if row else 0


def elapsed(work: Callable[[], object]) -> float:
    """Do some work; return the seconds that it took."""
    start = time.monotonic()
    work()
    return time.monotonic() - start
