"""Secrets that the demonstration makes for itself and keeps in `var/`."""

import secrets
from pathlib import Path


def secret_from(path: Path) -> str:
    """Return the secret kept in `path` (mode 0600), making it first if there is none.

    Two processes that start together agree: the file is linked into place whole, and only once.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(draft)
        except FileExistsError:  # the other process was first: its secret is the one
            pass
        finally:
            draft.unlink()
    return path.read_text()
