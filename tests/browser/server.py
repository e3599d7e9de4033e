"""The product as it runs for people, on a database of its own: what the browser tests talk to."""

import fcntl
import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection
from psycopg.sql import SQL, Identifier

from porfse import local
from porfse.flows.services import Note
from porfse.local.child import Child, Command
from porfse.local.processes import wait_until
from porfse.local.product import product_commands
from porfse.management.commands.local import static_fingerprint
from porfse.models import ExpectedFlow, Provincia
from porfse.roles import ROLES
from tests.crisi.vertenze import by_hand, row
from tests.factories.flows import payment, validated
from tests.factories.people import make_user
from tests.factories.samples import drawn

BASE_DIR = Path(__file__).resolve().parents[2]
FOLDER = BASE_DIR / "var" / "test"
MEDIA = FOLDER / "browser-media"  # where the product under test keeps what is uploaded
PASSWORD = "una-frase-solo-per-i-test"
_START_SECONDS = 60


@dataclass(frozen=True)
class Site:
    """Where the product answers, and the keys of the rows that the table of pages names."""

    url: str
    keys: dict[str, object]

    def path(self, pattern: str) -> str:
        """Return the path of a page from the table, such as `/programma/fonti/{fonte}/`."""
        return pattern.format(**self.keys)


@contextmanager
def cloned_database() -> Iterator[str]:
    """Clone the test database that Django is connected to; yield the name of the clone."""
    connection.close()  # a database in use cannot be cloned
    template = connection.settings_dict["NAME"]
    name = f"{template}_browser"
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
    create = SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as administrator:
        administrator.execute(drop)
        administrator.execute(create)
        try:
            yield name
        finally:
            administrator.execute(drop)


@contextmanager
def connected_to(database: str) -> Iterator[None]:
    """Let Django use another database for a while."""
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", database)
        yield
        connection.close()


def add_people() -> None:
    """Make a person for each role, named as the role, and one without any."""
    password = make_password(PASSWORD)  # slow on purpose, so made once
    for role in ROLES:
        province = Provincia.objects.get(sigla="BG") if role.slug == "nucleo" else None
        make_user(role.slug, username=role.slug, password=password, provincia=province)
    make_user(username="senza-ruolo", password=password)


def add_flows() -> None:
    """Acquire the examples that `make run` has, with a sample; leave other flows to be decided."""
    call_command("demo_flows", stdout=io.StringIO())
    call_command("demo_crisi", stdout=io.StringIO())
    drawn("mus", 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MEDIA_ROOT", MEDIA)
        note = Note(protocollo="R1.2021.0055", righe_dichiarate=4)
        rows = [payment(), payment(ore="209"), payment(comune_istat="?", matricola_inps="1")]
        validated(rows, note=note)
        found = by_hand(campi_a_mano=["causale"])
        validated([row(found, causale="Riorganizzazione")], source="vertenze-online")
    ExpectedFlow.objects.create(sorgente="inps-cigd", periodo="2021-03", entro="2021-04-15")


def static_files() -> Path:
    """Collect and compress the static files, after a change only; return their folder."""
    folder, mark = FOLDER / "static", FOLDER / "static.sha256"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / ".static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        current = static_fingerprint()
        if not folder.exists() or not mark.exists() or mark.read_text() != current:
            command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--clear", "-v0"]
            environment = os.environ | {"STATIC_ROOT": str(folder)}
            subprocess.run(command, cwd=BASE_DIR, env=environment, check=True)
            mark.write_text(current)
    return folder


def _queue() -> int:
    """A database of Redis for each process of the suite: `gw0` has the fifth."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return 5 + int(number) % 10


@contextmanager
def serving(database: str, static_root: Path) -> Iterator[str]:
    """Run web and worker as `make run` does, the web on a free port; yield its address."""
    database_url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web, worker, _beat = product_commands(port, on_ready=lambda: None)
    child = Child(Command("web", web.argv), FOLDER / "browser-web.log")
    helper = Child(Command("worker", worker.argv), FOLDER / "browser-worker.log")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", database_url)
        environment.setenv("STATIC_ROOT", str(static_root))
        environment.setenv("MEDIA_ROOT", str(MEDIA))
        # Of its own: other tests queue tasks too, on flows of other databases.
        environment.setenv("REDIS_URL", local.redis_database(os.environ["REDIS_URL"], _queue()))
        child.start(BASE_DIR)
        helper.start(BASE_DIR)
    try:
        wait_until(lambda: web.ready() or child.has_ended(), seconds=_START_SECONDS)
        assert not child.has_ended(), child.told("non parte")
        assert web.ready(), child.told("non risponde")
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in (child, helper):
            process.ask_to_end()
        for process in (child, helper):
            wait_until(process.has_ended, seconds=10)
            process.reap()
