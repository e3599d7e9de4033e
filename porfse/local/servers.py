"""Start, stop and look at the private servers of a checkout; check those that are given."""

import os
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from porfse.local.broker import AT_ONCE, Broker
from porfse.local.errors import LocalError, writing_in
from porfse.local.places import Kind, Place
from porfse.local.postgres import Postgres

_ANSWER_SECONDS = 5


def ensure(base_dir: Path, *, kind: Kind = "run") -> tuple[str, ...]:
    """Start the private servers that are wanted and not running, make the database.

    May be called at any time, by several processes at once. A server that DATABASE_URL or REDIS_URL
    gives is only asked whether it answers. With a private PostgreSQL the caller's PG* variables
    leave the environment of this process: they would redirect its connections.

    Returns:
        The names of the servers that this call started.

    Raises:
        LocalError: a server can't be started or does not answer.
    """
    wanted = _wanted()
    if not wanted:
        return ()
    place = Place(base_dir, kind)
    with writing_in(place.var), place.locked(), ExitStack() as undo:
        place.prepare()
        started = []
        for server in (kind_of(place) for kind_of in wanted):
            if not server.running():
                server.start()
                undo.callback(server.stop)
                started.append(server.name)
        undo.pop_all()
        return tuple(started)


def stop(base_dir: Path, *, kind: Kind = "run", only: tuple[str, ...] | None = None) -> None:
    """End the private servers of the checkout, all or those whose names are in `only`."""
    place = Place(base_dir, kind)
    if not place.link.exists():
        return
    with writing_in(place.var), place.locked():
        for server in (Postgres(place), Broker(place)):
            if only is None or server.name in only:
                server.stop()


def status(base_dir: Path, *, kind: Kind = "run") -> list[str]:
    """Return a line of Italian for each server: given, running or stopped, and its files."""
    wanted = _wanted()
    place = Place(base_dir, kind)
    with writing_in(place.var):
        return [
            _describe(place, kind_of)
            if kind_of in wanted
            else f"{kind_of.name}: dato dall'ambiente, raggiungibile."
            for kind_of in (Postgres, Broker)
        ]


def _describe(place: Place, kind_of: type[Postgres | Broker]) -> str:
    server = kind_of(place)
    state = "in esecuzione" if place.link.exists() and server.running() else "fermo"
    return f"{server.name}: {state} ({server.describe()})."


def _wanted() -> list[type[Postgres | Broker]]:
    """Return the servers that the environment does not give, after asking those that it does."""
    wanted: list[type[Postgres | Broker]] = []
    if url := os.environ.get("DATABASE_URL"):
        _ask_database(url)
    else:
        for name in [name for name in os.environ if name.startswith("PG")]:
            del os.environ[name]
        wanted.append(Postgres)
    if url := os.environ.get("REDIS_URL"):
        _ask_redis(url)
    else:
        wanted.append(Broker)
    return wanted


def _ask_database(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=_ANSWER_SECONDS).close()
    except psycopg.Error as error:
        raise LocalError(
            f"Il database di DATABASE_URL ({_without_password(url)}) non risponde:"
            f" «{str(error).splitlines()[0]}». Avviarlo, correggere DATABASE_URL, oppure toglierla"
            " per usare il database locale."
        ) from error


def _ask_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_timeout=_ANSWER_SECONDS, retry=AT_ONCE) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise LocalError(
            f"Il server di REDIS_URL ({_without_password(url)}) non risponde: «{error}». Avviarlo,"
            " correggere REDIS_URL, oppure toglierla per usare il server locale."
        ) from error


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
