"""The log files of servers and processes: kept small, and quoted when something ends."""

from pathlib import Path

_LIMIT = 5_000_000  # bytes
_TAIL = 20_000  # bytes


def trim(log: Path) -> None:
    """Set a log past 5 MB aside as `<name>.1`, in place of the one before it."""
    if log.exists() and log.stat().st_size > _LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))


def last_line(log: Path, *, marks: tuple[str, ...] = ()) -> str:
    """Return the last line with one of `marks`, else the last line; "" if there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
    told = [line for line in lines if any(mark in line for mark in marks)]
    return next(reversed(told or [line for line in lines if line]), "")
