"""Where the private servers of a checkout keep data and sockets, and how they are addressed."""

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

from porfse.local.accounts import Account, account_for
from porfse.local.errors import LocalError

Kind = Literal["run", "test"]
DATABASE = "porfse"
PORT = 5432  # names the socket; no TCP port is opened
# Fixed: two processes with different TMPDIR must agree, and a socket path has at most 107 bytes.
_SOCKETS = Path("/tmp")  # noqa: S108 - a private folder inside it, whose owner is checked
# For root in a home that the servers' account cannot enter.
_FALLBACK = Path("/var/lib/porfse")


@dataclass(frozen=True)
class Addresses:
    """Where database and Redis answer: a libpq URL and a redis-py URL."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Place:
    """The files of one pair of private servers: a checkout and a kind (`run` or `test`)."""

    base: Path
    kind: Kind

    @property
    def var(self) -> Path:
        return self.base.resolve() / "var"

    @property
    def link(self) -> Path:
        """The servers' folder as seen in the checkout; a link where the data must lie elsewhere."""
        return self.var / ("servers" if self.kind == "run" else "test")

    @property
    def home(self) -> Path:
        return self.link.resolve()

    @cached_property
    def account(self) -> Account:
        return account_for(self.link)

    @property
    def digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.link)).hexdigest()[:12]

    @property
    def sockets(self) -> Path:
        return _SOCKETS / f"porfse-{self.account.uid}-{self.digest}"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    def database_url(self, name: str = DATABASE) -> str:
        host = quote(str(self.sockets), safe="/")
        return f"postgresql://{DATABASE}@:{PORT}/{name}?host={host}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock under which servers start and stop; whoever comes second waits."""
        self.var.mkdir(exist_ok=True)
        with (self.var / f".{self.kind}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def prepare(self) -> None:
        """Make the folders, with their owner; call under the lock.

        Raises:
            LocalError: a folder belongs to somebody else.
        """
        if not self.link.exists():
            self._choose_home()
        _claim(self.home, self.account, "eseguire con quell'utente, oppure rimuoverla")
        _claim(self.sockets, self.account, "rimuoverla, oppure impostare DATABASE_URL e REDIS_URL")

    def _choose_home(self) -> None:
        if not self.account.dropped or self.account.can_enter(self.var):
            self.link.unlink(missing_ok=True)  # a link to a folder that is no longer there
            return
        target = _FALLBACK / self.digest
        if target.exists():  # of a deleted checkout that lay here: its data went with its `var/`
            shutil.rmtree(target)
        _FALLBACK.mkdir(exist_ok=True)
        _FALLBACK.chmod(0o755)  # whatever the umask of root
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(target)


def _claim(folder: Path, account: Account, remedy: str) -> None:
    """Make `folder` private to `account`, or refuse it when it is another's or a link."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        info = folder.lstat()
        ours = {account.uid, 0} if account.dropped else {account.uid}
        if not stat.S_ISDIR(info.st_mode) or info.st_uid not in ours:
            raise LocalError(
                f"«{folder}» appartiene a un altro utente (uid {info.st_uid}) o non è una"
                f" cartella: {remedy}."
            ) from None
    if account.dropped:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    folder.chmod(0o700)


def addresses(base_dir: Path, *, kind: Kind = "run") -> Addresses:
    """Return where the servers answer or will answer; computes only, starts nothing.

    DATABASE_URL and REDIS_URL of the environment win over the private servers.

    Raises:
        LocalError: as `account_for`.
    """
    place = Place(base_dir, kind)
    return Addresses(
        os.environ.get("DATABASE_URL") or place.database_url(),
        os.environ.get("REDIS_URL") or f"unix://{place.redis_socket}?db=0",
    )


def redis_database(redis_url: str, number: int) -> str:
    """Return the same server's other database: emptying a cache must not empty a queue."""
    server, _, query = redis_url.partition("?")
    return f"{server}?{urlencode({**dict(parse_qsl(query)), 'db': number})}"


def celery_url(redis_url: str) -> str:
    """Return Celery's form of a redis-py URL: `unix://…?db=1` is `redis+socket://…?virtual_host=1`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={number}"
