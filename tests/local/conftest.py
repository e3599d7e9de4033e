"""Checkouts with servers of their own; every server, folder and socket goes with its test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from porfse import local
from porfse.local.places import Place


def _remove(base: Path) -> None:
    for kind in ("run", "test"):
        local.stop(base, kind=kind)
        place = Place(base, kind)
        shutil.rmtree(place.home, ignore_errors=True)
        shutil.rmtree(place.sockets, ignore_errors=True)


@pytest.fixture(autouse=True)
def _private_servers(monkeypatch):
    """The suite's own servers are given by variables; these tests start others."""
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")


@pytest.fixture
def checkout(tmp_path) -> Iterator[Path]:
    """A checkout in a private folder: root's servers can't enter it."""
    base = tmp_path / "copia privata"
    base.mkdir()
    yield base
    _remove(base)


@pytest.fixture
def open_checkout() -> Iterator[Path]:
    """A checkout that every account of the machine may enter."""
    with tempfile.TemporaryDirectory(prefix="copia aperta ") as folder:
        base = Path(folder)
        base.chmod(0o755)
        yield base
        _remove(base)
