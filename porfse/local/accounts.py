"""Who the private servers run as: the caller, or an unprivileged account instead of root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from porfse.local.errors import LocalError

_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine; `dropped` when root becomes it (PostgreSQL refuses root)."""

    uid: int
    gid: int
    dropped: bool

    def popen_options(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess` run a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}

    def can_enter(self, path: Path) -> bool:
        """Say whether the permission bits let this account use `path` and every folder above it."""
        resolved = path.resolve()
        return all(self._may_pass(folder.stat()) for folder in (resolved, *resolved.parents))

    def _may_pass(self, info: os.stat_result) -> bool:
        if info.st_uid == self.uid:
            return bool(info.st_mode & stat.S_IXUSR)
        if info.st_gid == self.gid:
            return bool(info.st_mode & stat.S_IXGRP)
        return bool(info.st_mode & stat.S_IXOTH)

    def take(self, path: Path) -> None:
        """Make `path` and everything below it this account's; only root ever needs to."""
        if self.dropped:
            for item in (path, *path.rglob("*")):
                os.chown(item, self.uid, self.gid, follow_symlinks=False)


def account_for(home: Path) -> Account:
    """Return the account that runs the servers whose files are in `home` (which may not exist yet).

    Root uses the account that owns `home` already, so that `sudo` does not break a user's cluster.

    Raises:
        LocalError: the caller is root and this machine has no unprivileged account.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), dropped=False)
    if home.exists() and (info := home.stat()).st_uid != 0:
        return Account(info.st_uid, info.st_gid, dropped=True)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in _UNPRIVILEGED:
        if name in known:
            return Account(known[name].pw_uid, known[name].pw_gid, dropped=True)
    raise LocalError(
        "PostgreSQL non si avvia come root e mancano gli utenti «postgres» e «nobody»: usare un"
        " utente ordinario (oppure «useradd postgres»), o impostare DATABASE_URL e REDIS_URL."
    )
