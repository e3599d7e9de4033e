"""The private Redis (or Valkey): broker and cache of the checkout, reached by a socket only."""

import re
import signal
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from porfse.local.binaries import redis_program
from porfse.local.errors import LocalError
from porfse.local.logs import last_line, trim
from porfse.local.places import Place
from porfse.local.processes import end_programs, find, run_as, wait_until

AT_ONCE = Retry(NoBackoff(), 0)  # redis-py tries for seconds before it says that nobody answers
_START_SECONDS = 15


class Broker:
    name = "Redis"
    programs = ("redis-server", "valkey-server")

    def __init__(self, place: Place) -> None:
        self._place = place
        self._data = place.home / "redis"
        self._log = place.home / "redis.log"

    def running(self) -> bool:
        """Say whether the server of this folder answers."""
        try:
            with redis.Redis(
                unix_socket_path=str(self._place.redis_socket), retry=AT_ONCE
            ) as client:
                # A server whose folder was deleted still answers, but can't tell its folder.
                return client.config_get("dir").get("dir") == str(self._data)
        except redis.RedisError:
            return False

    def start(self) -> None:
        """Start the server, ending first one that no longer answers.

        Raises:
            LocalError: no program, or the server does not answer within 15 seconds.
        """
        program = redis_program(self._place)
        end_programs(self.programs, self._data, gently=signal.SIGTERM)
        self._place.redis_socket.unlink(missing_ok=True)
        self._data.mkdir(exist_ok=True)
        self._place.account.take(self._data)
        trim(self._log)
        launched = run_as(self._place.account, program, *self._options())
        wait_until(lambda: self.running() or not self._alive(), seconds=_START_SECONDS)
        if not self.running():
            reason = last_line(self._log) or launched.stderr or launched.stdout
            raise LocalError(
                f"Redis non parte: «{reason}». Registro: «{self._log}». Se i suoi dati sono guasti,"
                f" rimuovere la cartella «{self._data}» (contiene solo code e cache)."
            )

    def stop(self) -> None:
        """End the server, if it runs, letting it save the queues; by force after ten seconds."""
        end_programs(self.programs, self._data, gently=signal.SIGTERM, grace=10)

    def describe(self) -> str:
        """Return where the data, the socket and the log are."""
        return f"dati in {self._data}, socket {self._place.redis_socket}, registro in {self._log}"

    def _alive(self) -> bool:
        return bool(find(self.programs, self._data))

    def _options(self) -> list[str | Path]:
        snapshots = ["60", "1"] if self._place.kind == "run" else [""]
        options: dict[str, str | Path] = {
            "--daemonize": "yes",
            "--port": "0",
            "--dir": self._data,
            "--logfile": self._log,
            "--unixsocket": self._place.redis_socket,
            "--unixsocketperm": "700",
            "--dbfilename": self.snapshot_name(),
        }
        return [word for option in options.items() for word in option] + ["--save", *snapshots]

    def snapshot_name(self) -> str:
        """Return a file name of its own for each program: one can't read a newer one's snapshot."""
        program = redis_program(self._place)
        shown = run_as(self._place.account, program, "--version").stdout
        version = re.search(r"v=(\d+)", shown)
        return f"{program.name}-{version[1] if version else 'x'}.rdb"
