"""The private PostgreSQL: a cluster of the checkout, reached by a socket only."""

import shlex
import shutil
import signal
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.pq import PGconn, Ping

from porfse.local.binaries import postgres_programs
from porfse.local.errors import LocalError
from porfse.local.logs import last_line, trim
from porfse.local.places import DATABASE, PORT, Place
from porfse.local.processes import end_programs, run_as, wait_until

_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",  # web, worker and beat, or the tests' processes with a database each
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# What a crash may cost is worth nothing in a test database.
_TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_START_SECONDS = 120  # a start may have to recover from a crash


class Postgres:
    name = "PostgreSQL"
    programs = ("postgres",)

    def __init__(self, place: Place) -> None:
        self._place = place
        self._data = place.home / "postgres"
        self._log = place.home / "postgres.log"

    def running(self) -> bool:
        """Say whether the server of this cluster answers and has the product's database."""
        return self._ping() is Ping.OK and self._has_database()

    def start(self) -> None:
        """Start the server, making cluster and database where there are none; ends what is stuck.

        Raises:
            LocalError: no programs, a broken cluster, or a server that ends at once.
        """
        wait_until(lambda: self._ping() is not Ping.REJECT, seconds=_START_SECONDS)
        if self._ping() is not Ping.OK:
            programs = postgres_programs(self._place, version=self._cluster_version())
            self._clear_remains()
            if not self._data.exists():
                self._make_cluster(programs)
            self._launch(programs)
        if not self._has_database():
            self._make_database()

    def stop(self) -> None:
        """End the server and its connections, if it runs; by force after ten seconds."""
        end_programs(self.programs, self._data, gently=signal.SIGINT, grace=10)

    def describe(self) -> str:
        """Return where the data, the socket and the log are."""
        return f"dati in {self._data}, socket in {self._place.sockets}, registro in {self._log}"

    def _ping(self) -> Ping:
        # A server whose folder was deleted answers until it notices, up to a minute later.
        if not (self._data / "postmaster.pid").exists():
            return Ping.NO_RESPONSE
        return Ping(PGconn.ping(self._place.database_url("postgres").encode()))

    def _cluster_version(self) -> int | None:
        if not self._data.exists():
            return None
        mark = self._data / "PG_VERSION"
        text = mark.read_text().strip() if mark.is_file() else ""
        if not text.isdigit():
            raise LocalError(
                f"«{self._data}» non è un database PostgreSQL integro (PG_VERSION manca o è"
                " illeggibile): ripristinarne una copia, oppure rimuovere la cartella (i dati"
                " locali si perdono)."
            )
        return int(text)

    def _clear_remains(self) -> None:
        """End what is left of a killed server, and drop its lock files: a number may be reused."""
        end_programs(self.programs, self._data, gently=signal.SIGQUIT)
        socket = self._place.sockets / f".s.PGSQL.{PORT}"
        for remains in (self._data / "postmaster.pid", socket, Path(f"{socket}.lock")):
            remains.unlink(missing_ok=True)

    def _make_cluster(self, programs: Path) -> None:
        """Make the cluster under another name first: an interrupted start leaves no half of one."""
        draft = self._data.with_name("postgres.new")
        if draft.exists():
            shutil.rmtree(draft)
        made = run_as(
            self._place.account,
            programs / "initdb",
            f"--pgdata={draft}",
            f"--username={DATABASE}",
            "--auth=trust",  # whoever may enter the sockets' folder
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *(["--no-sync"] if self._place.kind == "test" else []),
        )
        if made.returncode:
            reason = (made.stderr.strip() or "nessuna spiegazione").splitlines()[-1]
            raise LocalError(f"PostgreSQL non crea il database in «{draft}»: «{reason}».")
        draft.rename(self._data)

    def _launch(self, programs: Path) -> None:
        trim(self._log)
        settings = {**_SETTINGS, "unix_socket_directories": str(self._place.sockets)}
        if self._place.kind == "test":
            settings |= _TEST_SETTINGS
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        launched = run_as(
            self._place.account,
            programs / "pg_ctl",
            "start",
            "--wait",
            f"--timeout={_START_SECONDS}",
            f"--pgdata={self._data}",
            f"--log={self._log}",
            f"--options={shlex.join(options)}",
        )
        if launched.returncode:
            reason = last_line(self._log, marks=("PANIC:", "FATAL:")) or launched.stderr
            raise LocalError(
                f"PostgreSQL non parte: «{reason}». Registro: «{self._log}». Se il database è"
                f" guasto, ripristinare una copia di «{self._data}» o rimuovere la cartella (i dati"
                " locali si perdono)."
            )

    def _has_database(self) -> bool:
        with psycopg.connect(self._place.database_url("postgres"), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(query, [DATABASE]).fetchone() is not None

    def _make_database(self) -> None:
        with psycopg.connect(self._place.database_url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
