"""Keeps the processes of the product running, and ends all of them together."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from porfse.local.child import Child, Command
from porfse.local.errors import LocalError
from porfse.local.processes import wait_until
from porfse.local.state import State

_STEP = 0.05  # seconds between two looks at the processes
_STEADY = 60  # seconds after which a process counts as healthy: the next pause is short again
_PAUSES = (1, 2, 4, 8, 16, 30)  # seconds before a process that ended starts again


class Signals:
    """How often we were asked to end; handlers only count, so that no step is cut in the middle."""

    def __init__(self) -> None:
        self.received = 0
        self._last = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count SIGINT, SIGTERM and SIGHUP instead of obeying them."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._count) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _count(self, _number: int, _frame: FrameType | None) -> None:
        # `make` passes on a signal that its whole group has received already: that's one request.
        if time.monotonic() - self._last > 0.5:
            self.received += 1
        self._last = time.monotonic()


@dataclass
class _Turn:
    """When a child started last, how often it ended since it was healthy, when it is due again."""

    began: float = 0.0
    failures: int = 0
    due: float = 0.0


@dataclass
class Supervisor:
    """Starts processes in `folder` and starts again those that end, until a signal comes.

    `say` shows a line to the person at the terminal; what the processes write goes to
    `logs/<name>.log`. `grace` is the time in seconds that they have to end by themselves,
    `patience` the time that a command with `ready` has to become so.
    """

    folder: Path
    logs: Path
    state: State
    signals: Signals
    say: Callable[[str], None]
    grace: float = 10.0
    patience: float = 90.0
    _turns: dict[Child, _Turn] = field(default_factory=dict)

    def run_once(self, command: Command) -> None:
        """Run a command to its end, its output at the terminal; end it if a signal comes.

        Raises:
            LocalError: it failed.
        """
        child = Child(command)
        self.state.add_child(command.name, child.start(self.folder))
        while not child.has_ended() and not self.signals.received:
            time.sleep(_STEP)
        code = self._end([child])[0]
        if code and not self.signals.received:
            raise LocalError(f"Il passo «{command.name}» non è riuscito: vedi sopra.")

    def keep(self, commands: Sequence[Command]) -> None:
        """Keep `commands` running; return when a signal came and all have ended.

        Raises:
            LocalError: a command with `ready` ended, or took too long, before it was ready.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        self._turns = {Child(c, self.logs / f"{c.name}.log"): _Turn() for c in commands}
        try:
            while not self.signals.received:
                for child, turn in self._turns.items():
                    self._look_after(child, turn)
                time.sleep(_STEP)
        finally:
            self._end([child for child in self._turns if child.pid])

    def _look_after(self, child: Child, turn: _Turn) -> None:
        now = time.monotonic()
        if child.pid is None:
            if now >= turn.due:
                turn.began = now
                self.state.add_child(child.command.name, child.start(self.folder))
        elif child.has_ended():
            self._plan_restart(child, turn)
        elif child.command.ready and not child.served:
            child.served = child.command.ready()
            if not child.served and now - turn.began > self.patience:
                raise LocalError(child.told(f"non risponde dopo {self.patience:.0f} secondi"))

    def _plan_restart(self, child: Child, turn: _Turn) -> None:
        code = self._end([child])[0]
        if child.command.ready and not child.served:
            raise LocalError(child.told(f"non parte (codice {code})"))
        now = time.monotonic()
        if now - turn.began > _STEADY:
            turn.failures = 0
        pause = _PAUSES[min(turn.failures, len(_PAUSES) - 1)]
        turn.failures += 1
        turn.due = now + pause
        self.say(f"{child.told(f'è terminato (codice {code})')} Riparte fra {pause} s.")

    def _end(self, children: list[Child]) -> list[int]:
        """End children and their groups, by force after the grace or at one more signal."""
        asked = self.signals.received
        for child in children:
            child.ask_to_end()
        wait_until(
            lambda: all(c.has_ended() for c in children) or self.signals.received > asked,
            seconds=self.grace,
        )
        codes = []
        for child in children:
            codes.append(child.reap())
            self.state.remove_child(child.command.name)
        return codes
