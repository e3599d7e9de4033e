"""One process of the product under the supervisor's eyes."""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from porfse.local.logs import last_line, trim
from porfse.local.processes import kill_group


@dataclass(frozen=True)
class Command:
    """A process to keep running; `ready` tells when it serves, and makes it one that must start."""

    name: str
    argv: Sequence[str]
    ready: Callable[[], bool] | None = None


class Child:
    """A process started in a group of its own, so that Ctrl-C reaches only the supervisor.

    What it writes goes to `log`, or to the terminal where `log` is None.
    """

    def __init__(self, command: Command, log: Path | None = None) -> None:
        self.command = command
        self.served = False
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process number while it runs or waits to be reaped."""
        return self._process.pid if self._process else None

    def start(self, folder: Path) -> int:
        """Start the process in `folder`; return its number."""
        if self._log is None:
            self._process = self._popen(folder, None)
        else:
            trim(self._log)
            with self._log.open("ab") as log:
                self._process = self._popen(folder, log.fileno())
        return self._process.pid

    def has_ended(self) -> bool:
        """Say whether the process has ended; its number stays taken until `reap`."""
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return not self._process or os.waitid(os.P_PID, self._process.pid, options) is not None

    def ask_to_end(self) -> None:
        """Send SIGTERM, unless it has ended."""
        if self._process and not self.has_ended():  # `Popen.terminate` would free its number
            os.kill(self._process.pid, signal.SIGTERM)

    def reap(self) -> int:
        """Kill the process, if it still runs, and the rest of its group; return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        kill_group(process.pid)  # before its number is free: its own workers may have outlived it
        return process.wait()

    def told(self, what: str) -> str:
        """Return a sentence on the process with the last line of its log."""
        line = last_line(self._log) if self._log else ""
        told = f" Ultima riga di «{self._log}»: «{line}»." if line else ""
        return f"Il processo «{self.command.name}» {what}.{told}"

    def _popen(self, folder: Path, output: int | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own argument lists, no shell
            self.command.argv,
            cwd=folder,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
