"""The uploaded files: kept only as long as a flow may be validated again, then removed.

A file may hold what must not be stored (an IBAN): ADR 0006.
"""

import errno
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from porfse.errors import BadInput
from porfse.models import Flow

_BLOCK = 1 << 20


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


def store(blocks: Iterable[bytes]) -> Stored:
    """Write a file block by block, never whole in memory.

    Raises:
        TooLarge: it is larger than the limit.
        NoRoom: the disk is full. What was written is removed in both cases.
    """
    name = uuid4().hex
    path = folder() / name
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            for block in blocks:
                size += len(block)
                _within_limit(size)
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoRoom(
                "Lo spazio su disco è esaurito: il file non è stato conservato. Avvisare"
                " l'amministratore di sistema e ripetere il caricamento."
            ) from error
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Stored(name, size, digest.hexdigest())


def _within_limit(size: int) -> None:
    if size > settings.FLOW_MAX_BYTES:
        raise TooLarge(
            f"Il file supera la dimensione ammessa ({settings.FLOW_MAX_BYTES // _BLOCK} MiB):"
            " dividerlo in più invii."
        )


def store_path(source: Path) -> Stored:
    """Copy a local file.

    Raises:
        BadInput: it is not a readable file.
        TooLarge: it is larger than the limit.
        NoRoom: the disk is full.
    """
    try:
        with source.open("rb") as file:
            return store(iter(lambda: file.read(_BLOCK), b""))
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise BadInput(
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
