"""What a supervisor is responsible for, kept on disk so that the next one can clear up after it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from porfse.local.errors import LocalError, writing_in
from porfse.local.processes import end_group, started


@dataclass
class State:
    """The supervisor, its processes (name to number and start) and the servers that it started."""

    path: Path
    pid: int = 0
    start: int = 0
    servers: list[str] = field(default_factory=list)
    children: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, var: Path) -> "State":
        """Return what the last supervisor left in `var`, empty when it left nothing.

        Raises:
            LocalError: the file is damaged.
        """
        path = var / "run.json"
        if not path.exists():
            return cls(path)
        try:
            kept = json.loads(path.read_text())
            children = {name: (pid, start) for name, (pid, start) in kept["children"].items()}
            return cls(path, kept["pid"], kept["start"], kept["servers"], children)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise LocalError(f"«{path}» è illeggibile: rimuoverlo e riprovare.") from error

    def save(self) -> None:
        """Write the whole state or nothing: a supervisor may be killed at any moment."""
        content = asdict(self) | {"path": str(self.path)}
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(content))
        draft.replace(self.path)

    def add_child(self, name: str, pid: int) -> None:
        """Keep that the process `pid` runs as `name`."""
        self.children[name] = (pid, started(pid) or 0)
        self.save()

    def remove_child(self, name: str) -> None:
        """Keep that `name` has ended."""
        del self.children[name]
        self.save()

    def running(self) -> bool:
        """Say whether the supervisor that wrote this state lives."""
        return bool(self.pid) and started(self.pid) == self.start

    def end_orphans(self) -> None:
        """End the processes that a killed supervisor left."""
        for pid, start in self.children.values():
            end_group(pid, start, self.path.parent.parent)


@contextmanager
def only_supervisor(var: Path) -> Iterator[State]:
    """Hold the state of the checkout for the one supervisor that it may have.

    Yields the state with this process as supervisor and the servers that a killed one had started,
    which become this one's to stop. The state is removed when the supervisor ends in order.

    Raises:
        LocalError: another supervisor runs.
    """
    with _open_lock(var) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError(
                "Il prodotto è già in esecuzione da questa cartella: usarlo, oppure fermarlo con"
                " «make stop»."
            ) from None
        left = State.of(var)
        left.end_orphans()
        state = State(left.path, os.getpid(), started(os.getpid()) or 0, left.servers)
        state.save()
        try:
            yield state
        finally:
            state.path.unlink()


def _open_lock(var: Path) -> TextIO:
    with writing_in(var):
        var.mkdir(exist_ok=True)
        return (var / ".supervisor.lock").open("w")
