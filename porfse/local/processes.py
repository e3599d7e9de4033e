"""Processes of this machine: who they are, and how they end. Reads /proc (Linux)."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection
from pathlib import Path

from porfse.local.accounts import Account

_PROC = Path("/proc")
_STEP = 0.05  # seconds between two looks
_PARENT, _GROUP, _START = 1, 2, 19  # places in /proc/<pid>/stat after the name, see proc(5)


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Return True as soon as `condition()` holds, False when it has not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP)
    return True


def run_as(account: Account, *argv: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end as `account`, deaf to the caller's variables and Ctrl-C."""
    return subprocess.run(  # noqa: S603 - our own argument lists, no shell
        [os.fspath(argument) for argument in argv],
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        start_new_session=True,
        **account.popen_options(),
    )


def started(pid: int) -> int | None:
    """Return when the process `pid` started, in clock ticks since boot; None if it has ended.

    A process number is used again, number and start together are not: they name one process.
    """
    fields = _fields(pid)
    return int(fields[_START]) if fields and fields[0] not in "ZX" else None


def find(names: Collection[str], folder: Path) -> list[int]:
    """Return the processes of the programs `names` that work in `folder`, even if deleted since.

    Servers stay in their data folder: unlike a file with a number, this can't name a stranger.
    """
    places = {str(folder), f"{folder} (deleted)"}
    return [
        pid
        for pid in _processes()
        if _text(_PROC / str(pid) / "comm").strip() in names
        and _link(_PROC / str(pid) / "cwd") in places
    ]


def _processes() -> list[int]:
    """Return all process numbers; none where there is no /proc."""
    return [int(entry.name) for entry in _PROC.glob("[0-9]*")]


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # the process has ended
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:  # it has ended, or belongs to another user and so is none of ours
        return ""


def _fields(pid: int) -> list[str]:
    """Return the fields of `stat` from the state on; the name before them may hold anything."""
    return _text(_PROC / str(pid) / "stat").rpartition(")")[2].split()


def _relation(pid: int, field: int) -> int:
    fields = _fields(pid)
    return int(fields[field]) if fields else 0


def end_programs(
    names: Collection[str], folder: Path, *, gently: signal.Signals, grace: float = 5.0
) -> None:
    """End the processes that `find` returns: with `gently`, after `grace` seconds by force."""
    found = find(names, folder)
    for pid in found:
        if _relation(pid, _PARENT) not in found:  # a server ends its own processes in order
            _send(pid, gently)
    if not wait_until(lambda: not find(names, folder), seconds=grace):
        for pid in find(names, folder):
            _send(pid, signal.SIGKILL)
        wait_until(lambda: not find(names, folder), seconds=grace)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:  # it ended by itself meanwhile
        return


def end_process(pid: int, start: int, *, grace: float) -> None:
    """End the process `pid` that started at `start`, by force after `grace` seconds.

    A process that got the same number since is left alone.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        if started(pid) == start:
            _send(pid, number)
            wait_until(lambda: started(pid) != start, seconds=grace)


def end_group(pid: int, start: int, folder: Path) -> None:
    """End the process as `end_process`, and the rest of its group, which works in `folder`.

    The rest may have outlived a leader that somebody killed.
    """
    end_process(pid, start, grace=3)
    if started(pid) is None and _rest_of_group(pid, folder):
        kill_group(pid)
        wait_until(lambda: not _rest_of_group(pid, folder), seconds=3)


def _rest_of_group(leader: int, folder: Path) -> list[int]:
    return [
        pid
        for pid in _processes()
        if _relation(pid, _GROUP) == leader and _link(_PROC / str(pid) / "cwd") == str(folder)
    ]


def kill_group(leader: int) -> None:
    """Kill what is left of the group of `leader`; its number stays taken while a member lives."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:  # nobody is left
        return
