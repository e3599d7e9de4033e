"""The one error of the launcher."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LocalError(Exception):
    """What went wrong and what to do, in one line of Italian; shown without a traceback."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


@contextmanager
def writing_in(folder: Path) -> Iterator[None]:
    """Turn a refusal of the file system (read-only, full, not ours) into a `LocalError`."""
    try:
        yield
    except OSError as error:
        raise LocalError(
            f"Non si può leggere o scrivere «{error.filename or folder}» ({error.strerror}):"
            " spostare il progetto in una cartella scrivibile, oppure impostare DATABASE_URL e"
            " REDIS_URL."
        ) from error
