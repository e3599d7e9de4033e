"""The supervisor with small processes: what it starts ends with it, whatever happens."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from porfse import local
from porfse.local.places import Place
from porfse.local.processes import find, started, wait_until
from porfse.local.state import State

ROOT = Path(__file__).resolve().parents[2]
# A process with one of its own, both deaf to SIGTERM; it tells both numbers when they are there.
STUCK = (
    "import os, pathlib, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); other = os.fork();"
    "other and pathlib.Path('numeri.new').write_text(f'{os.getpid()} {other}');"
    "other and os.replace('numeri.new', 'numeri'); signal.pause()"
)
WAITING = "import signal; signal.pause()"


@pytest.fixture
def supervise(checkout, request):
    """Start a supervisor over `{name: python code}`; it is killed at the end if it still runs."""

    def start(**codes):
        commands = {name: [sys.executable, "-c", code] for name, code in codes.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.local.supervise", checkout, json.dumps(commands)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        request.addfinalizer(process.communicate)
        request.addfinalizer(process.kill)
        return process

    return start


@pytest.fixture
def given_database(monkeypatch):
    """The suite's database; Redis alone is private, and quick to start."""
    monkeypatch.setenv("DATABASE_URL", local.addresses(ROOT, kind="test").database_url)


@pytest.fixture
def given_servers(given_database, monkeypatch):
    """The suite's servers, for tests that are not about servers."""
    monkeypatch.setenv("REDIS_URL", local.addresses(ROOT, kind="test").redis_url)


def running(checkout):
    """The processes that the supervisor has noted, by name."""
    return {
        name: pid
        for name, (pid, start) in State.of(checkout / "var").children.items()
        if started(pid) == start
    }


def wait_for(condition):
    assert wait_until(condition, seconds=20)


def servers(checkout):
    home = Place(checkout, "run").home
    redis = find(["redis-server", "valkey-server"], home / "redis")
    return [*find(["postgres"], home / "postgres"), *redis]


def stuck_pids(checkout):
    wait_for((checkout / "numeri").exists)
    return [int(number) for number in (checkout / "numeri").read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_even_what_is_stuck(checkout, supervise, given_servers, number):
    supervisor = supervise(web=STUCK, beat=WAITING)
    wait_for(lambda: "beat" in running(checkout))
    pids = [*stuck_pids(checkout), running(checkout)["beat"]]

    supervisor.send_signal(number)
    output, errors = supervisor.communicate()

    assert (supervisor.returncode, errors) == (0, "")
    assert output.splitlines() == ["preparato", "Arresto in corso…"]
    assert [started(pid) for pid in pids] == [None] * 3
    assert not (checkout / "var/run.json").exists()


def test_the_servers_that_it_started_end_with_it(checkout, supervise, given_database):
    supervisor = supervise(beat=WAITING)
    wait_for(lambda: "beat" in running(checkout))
    assert servers(checkout) != []

    supervisor.terminate()

    assert supervisor.wait() == 0
    assert servers(checkout) == []


def test_the_servers_that_ran_already_stay(checkout, supervise, given_database):
    local.ensure(checkout)
    supervisor = supervise(beat=WAITING)
    wait_for(lambda: "beat" in running(checkout))

    supervisor.terminate()

    assert supervisor.wait() == 0
    assert local.ensure(checkout) == ()


def test_after_a_killed_supervisor_the_next_one_clears_up(checkout, supervise):
    killed = supervise(web=STUCK)
    orphan, survivor = stuck_pids(checkout)
    killed.kill()
    killed.wait()
    os.kill(orphan, signal.SIGKILL)  # the leader, too: only its own process is left

    supervisor = supervise(beat=WAITING)
    wait_for(lambda: "beat" in running(checkout))
    assert started(survivor) is None
    assert "PostgreSQL: in esecuzione" in "".join(local.status(checkout))

    supervisor.terminate()
    assert supervisor.wait() == 0
    assert servers(checkout) == []


def test_stop_ends_a_running_product(checkout, supervise, given_database):
    supervisor = supervise(beat=WAITING)
    wait_for(lambda: "beat" in running(checkout))
    child = running(checkout)["beat"]
    assert local.status(checkout)[0] == (f"Prodotto: in esecuzione (processo {supervisor.pid}).")

    local.stop(checkout)

    assert started(child) is None
    assert servers(checkout) == []
    assert supervisor.wait() == 0
    assert local.status(checkout)[0] == "Prodotto: fermo."


def test_stop_after_a_killed_supervisor_ends_its_processes(checkout, supervise, given_servers):
    killed = supervise(beat=WAITING)
    wait_for(lambda: "beat" in running(checkout))
    child = running(checkout)["beat"]
    killed.kill()
    killed.wait()

    local.stop(checkout)

    assert started(child) is None


def test_what_ends_is_told_and_starts_again(checkout, supervise, given_servers):
    once = "import pathlib, sys; pathlib.Path('giri').open('a').write('x'); sys.exit('guasto')"
    supervisor = supervise(worker=once)
    giri = checkout / "giri"
    wait_for(lambda: giri.exists() and giri.read_text() == "xx")

    supervisor.terminate()
    output = supervisor.communicate()[0].splitlines()

    log = checkout / "var/log/worker.log"
    assert output[1] == (
        f"Il processo «worker» è terminato (codice 1). Ultima riga di «{log}»: «guasto»."
        " Riparte fra 1 s."
    )


def test_a_web_that_does_not_start_ends_everything(checkout, supervise, given_servers):
    supervisor = supervise(beat=WAITING, web="raise SystemExit('manca un modulo')")

    output, errors = supervisor.communicate()

    assert supervisor.returncode == 1
    assert errors.startswith("Il processo «web» non parte (codice 1).")
    assert errors.endswith("«manca un modulo».\n")
    assert output.splitlines() == ["preparato", "Arresto in corso…"]
    assert running(checkout) == {}


def test_a_web_that_served_starts_again(checkout, supervise, given_servers):
    supervisor = supervise(web="import pathlib, signal; pathlib.Path('pronto').touch();" + WAITING)
    assert [supervisor.stdout.readline() for _line in range(2)] == ["preparato\n", "pronto\n"]
    first = running(checkout)["web"]
    os.kill(first, signal.SIGKILL)

    wait_for(lambda: running(checkout).get("web", first) != first)

    supervisor.terminate()
    assert "«web» è terminato (codice -9)" in supervisor.communicate()[0]


def test_a_second_supervisor_is_refused(checkout, supervise, given_servers):
    supervise(beat=WAITING)
    wait_for(lambda: "beat" in running(checkout))
    with pytest.raises(local.LocalError, match="già in esecuzione da questa cartella"):
        local.run(checkout, 0)


def test_a_stranger_with_a_noted_number_is_left_alone(checkout, given_servers):
    with subprocess.Popen("cat", stdin=subprocess.PIPE, start_new_session=True) as stranger:
        (checkout / "var").mkdir()
        start = started(stranger.pid)
        State(
            checkout / "var/run.json",
            stranger.pid,
            start - 1,
            [],
            {"web": (stranger.pid, start - 1)},
        ).save()

        local.stop(checkout)

        assert started(stranger.pid) == start
        assert stranger.communicate() == (None, None)
    assert stranger.returncode == 0
