"""A disk that fills while a file comes in: nothing of it stays, and whoever sends it is told."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from porfse.flows import files
from porfse.models import AuditEvent, Flow
from tests.faults.flows import large_file, operator

pytestmark = pytest.mark.xdist_group("faults")

_ROOM = 1 << 20  # bytes
_MESSAGE = "Lo spazio su disco è esaurito: il file non è stato conservato"


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """A file system of 1 MiB in the place of a folder."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root of a machine of its own can mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def _small_files() -> Iterator[None]:
    """A limit of 1 MiB on what this process may write to a file, as a quota sets it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def large_path(tmp_path) -> Path:
    """A file that does not fit; it lies elsewhere."""
    path = tmp_path / "grande.csv"
    path.write_bytes(large_file())
    assert path.stat().st_size > _ROOM
    return path


@pytest.fixture(params=["disk", "limit"])
def no_room(request, _own_files) -> Iterator[Path]:
    """The folder of the flows, where 1 MiB has room."""
    folder = files.folder()
    with _small_disk(folder) if request.param == "disk" else _small_files():
        yield folder


def test_nothing_stays_and_a_smaller_file_has_room(no_room):
    with pytest.raises(files.NoRoom, match=_MESSAGE) as caught:
        files.store(b"x" * 65_536 for _ in range(17))
    assert caught.value.status == 507
    assert list(no_room.iterdir()) == []
    stored = files.store(b"x" * 65_536 for _ in range(15))
    assert [path.name for path in no_room.iterdir()] == [stored.percorso]


def test_the_command_says_so_and_registers_nothing(product, large_path, no_room):
    with pytest.raises(CommandError, match=_MESSAGE):
        call_command("import_flow", "inps-cigd", large_path)
    assert list(no_room.iterdir()) == []
    assert not Flow.objects.exists()
    assert not AuditEvent.objects.filter(action__startswith="flusso.").exists()


def test_the_page_says_so_and_registers_nothing(product, large_path, no_room):
    with large_path.open("rb") as file:
        page = operator().post(reverse("flussi:carica"), {"fonte": "inps-cigd", "file": file})
    assert page.status_code == 507
    assert _MESSAGE in page.content.decode()
    assert list(no_room.iterdir()) == []
    assert not Flow.objects.exists()
    assert not AuditEvent.objects.filter(action__startswith="flusso.").exists()
