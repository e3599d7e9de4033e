"""`local run`: servers, preparation, web, worker and beat, from one terminal and until Ctrl-C."""

import http.client
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from porfse.local import servers
from porfse.local.child import Command
from porfse.local.errors import LocalError
from porfse.local.places import Kind, Place
from porfse.local.processes import end_process
from porfse.local.state import State, only_supervisor
from porfse.local.supervisor import Signals, Supervisor

_HOST = "127.0.0.1"


def run(
    base_dir: Path,
    port: int,
    *,
    prepare: Sequence[str] | None = None,
    commands: Sequence[Command] | None = None,
    grace: float = 10.0,
    say: Callable[[str], None] = print,
) -> None:
    """Run the product until SIGINT, SIGTERM or SIGHUP, then end all that this run started.

    Args:
        base_dir: the checkout.
        port: where the web answers, on 127.0.0.1 only.
        prepare: what to run before (default: `manage.py local prepare`).
        commands: what to keep running (default: web, worker and beat).
        grace: seconds that they have to end by themselves.
        say: shows a line to the person at the terminal.

    Raises:
        LocalError: the port is taken, the product runs already, a server or the web does not start.
    """
    place = Place(base_dir, "run")
    signals = Signals()
    with only_supervisor(place.var) as state, signals.counted():
        _check_port(port)
        supervisor = Supervisor(base_dir, place.var / "log", state, signals, say, grace)
        try:
            _start_servers(base_dir, state)
            supervisor.run_once(Command("preparazione", prepare or _manage(base_dir, "prepare")))
            if not signals.received:
                supervisor.keep(commands or product_commands(port, on_ready=_announce(port, say)))
        finally:
            say("Arresto in corso…")
            servers.stop(base_dir, only=tuple(state.servers))


def stop(base_dir: Path, *, kind: Kind = "run") -> None:
    """End what runs for this checkout: the supervisor with its processes, then the servers."""
    if kind == "run":
        state = State.of(Place(base_dir, kind).var)
        end_process(state.pid, state.start, grace=30)  # it ends its own processes first
        state.end_orphans()
    servers.stop(base_dir, kind=kind)


def status(base_dir: Path, *, kind: Kind = "run") -> list[str]:
    """Return a line of Italian for the product (kind `run`) and one for each server."""
    lines = servers.status(base_dir, kind=kind)
    if kind == "test":
        return lines
    state = State.of(Place(base_dir, kind).var)
    running = f"in esecuzione (processo {state.pid})" if state.running() else "fermo"
    return [f"Prodotto: {running}.", *lines]


def product_commands(port: int, *, on_ready: Callable[[], None]) -> list[Command]:
    """Return web, worker and beat; `on_ready` is called when the web first answers."""

    def web_answers() -> bool:
        if _answers(port):
            on_ready()
            return True
        return False

    granian = (
        f"granian --interface wsgi --host {_HOST} --port {port} --workers 2 --blocking-threads 4"
        " --respawn-failed-workers --workers-kill-timeout 5 porfse.wsgi:application"
    )
    worker = "celery -A porfse worker --loglevel INFO --concurrency 2"
    beat = (
        "celery -A porfse beat --loglevel INFO"
        " --scheduler django_celery_beat.schedulers:DatabaseScheduler"
    )
    python = [sys.executable, "-m"]  # a script's first line breaks in a path with spaces
    return [
        Command("web", [*python, *granian.split()], ready=web_answers),
        Command("worker", [*python, *worker.split()]),
        Command("beat", [*python, *beat.split()]),
    ]


def _start_servers(base_dir: Path, state: State) -> None:
    """Start the servers; those that a killed run had started are this run's to stop, too."""
    new = servers.ensure(base_dir)
    state.servers = sorted({*state.servers, *new})
    state.save()


def _manage(base_dir: Path, action: str) -> list[str]:
    return [sys.executable, str(base_dir / "manage.py"), "local", action]


def _announce(port: int, say: Callable[[str], None]) -> Callable[[], None]:
    return lambda: say(
        f"Pronto: http://{_HOST}:{port}/  (Ctrl-C per terminare; registri in var/log)"
    )


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OverflowError:
            problem = "non esiste"
        except PermissionError:
            problem = "è riservata all'amministratore"
        except OSError:
            problem = "è occupata: chiudere il programma che la usa"
        else:
            return
    raise LocalError(f"La porta {port} {problem}; oppure usare «PORT=8001 make run».")


def _answers(port: int) -> bool:
    """Say whether the web gives any answer to the health page, an error page included."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=2)
    try:
        connection.request("GET", "/salute/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
