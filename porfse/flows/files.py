"""The uploaded files: kept only as long as a flow may be validated again, then removed.

A file may hold what must not be stored (an IBAN): ADR 0006.
"""

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from porfse.errors import BadInput
from porfse.models import Flow

_BLOCK = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Unreadable(BadInput):
    """The local file is not there, or may not be read."""


class TooLarge(BadInput):
    """The file is beyond the limit; nothing was kept."""

    status = 413


class NoRoom(BadInput):
    """The disk is full; nothing was kept."""

    status = 507


@dataclass(frozen=True)
class Stored:
    """A file in the folder of the flows: its name there, size in bytes, SHA-256."""

    percorso: str
    dimensione: int
    sha256: str


def folder() -> Path:
    """Return the folder of the flows, made if it is not there."""
    path = Path(settings.MEDIA_ROOT) / "flussi"
    path.mkdir(parents=True, exist_ok=True)
    return path


def path_of(flow: Flow) -> Path:
    """Return where the file of a flow is."""
    return folder() / flow.percorso


class Incoming:
    """A file on its way into the folder: hashed while it is written, gone if it cannot stay.

    Raises, from each step:
        TooLarge: it passes the limit.
        NoRoom: the disk is full.
    """

    def __init__(self) -> None:
        self._name = uuid4().hex
        self._digest, self._size = hashlib.sha256(), 0
        self._file: BufferedWriter | None = None
        with self._room():
            self._file = (folder() / self._name).open("xb")

    def write(self, block: bytes) -> None:
        """Add a block."""
        self._size += len(block)
        if self._size > settings.FLOW_MAX_BYTES:
            self.abandon()
            limit = settings.FLOW_MAX_BYTES // _BLOCK
            raise TooLarge(
                f"Il file supera la dimensione ammessa ({limit} MiB): dividerlo in più invii."
            )
        with self._room():
            self._digest.update(block)
            self._open.write(block)

    def finish(self) -> Stored:
        """Bring what was written to the disk."""
        with self._room():
            self._open.flush()
            os.fsync(self._open.fileno())
            self._open.close()
        self._file = None
        return Stored(self._name, self._size, self._digest.hexdigest())

    def abandon(self) -> None:
        """Remove what was written; a file that was finished stays."""
        if self._file is not None:
            file, self._file = self._file, None
            try:
                file.close()
            except OSError as error:  # what it still held does not fit either
                if error.errno not in _FULL:
                    raise
            finally:
                (folder() / self._name).unlink(missing_ok=True)

    @property
    def _open(self) -> BufferedWriter:
        if self._file is None:
            raise ValueError("the file is finished or was given up")
        return self._file

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.abandon()
            if error.errno not in _FULL:
                raise
            raise NoRoom(
                "Lo spazio su disco è esaurito: il file non è stato conservato. Avvisare"
                " l'amministratore di sistema e ripetere il caricamento."
            ) from error


def store(blocks: Iterable[bytes]) -> Stored:
    """Write a file block by block, never whole in memory.

    Raises:
        TooLarge: it is larger than the limit.
        NoRoom: the disk is full. What was written is removed in both cases.
    """
    incoming = Incoming()
    try:
        for block in blocks:
            incoming.write(block)
        return incoming.finish()
    finally:
        incoming.abandon()


def store_path(source: Path) -> Stored:
    """Copy a local file.

    Raises:
        Unreadable: it is not a readable file.
        TooLarge: it is larger than the limit.
        NoRoom: the disk is full.
    """
    try:
        with source.open("rb") as file:
            return store(iter(lambda: file.read(_BLOCK), b""))
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise Unreadable(
            f"Il file «{source}» non si può leggere: controllare percorso e permessi."
        ) from error


def discard(flow: Flow) -> None:
    """Remove the file of a flow that will not be validated again."""
    if flow.percorso:
        path_of(flow).unlink(missing_ok=True)
        flow.percorso = ""
        flow.save(update_fields=["percorso"])


def sweep(keep: Iterable[str]) -> None:
    """Remove files that no flow has: left by a process that was killed while it received one.

    A file younger than an hour may still be coming in.
    """
    from time import time

    wanted = set(keep)
    for path in folder().iterdir():
        if path.name not in wanted and path.stat().st_mtime < time() - 3600:
            path.unlink(missing_ok=True)
