import hashlib
import os
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from porfse import local


class Command(BaseCommand):
    help = "Avvia, ferma e mostra il prodotto e i suoi server locali (PostgreSQL e Redis)."
    requires_system_checks: list[str] = []  # the checks of the models need the database

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = {
            "run": "server, preparazione, web, attività e calendario, fino a Ctrl-C",
            "prepare": "schema, ruoli, dati di riferimento, file statici, utenze dimostrative",
            "start": "solo i server",
            "stop": "ferma tutto",
            "status": "che cosa è in esecuzione",
        }
        explained = "; ".join(f"{name}: {what}" for name, what in actions.items())
        parser.add_argument("action", choices=actions, help=explained)
        parser.add_argument("--kind", choices=["run", "test"], default="run")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000")

    def handle(self, *, action: str, kind: local.Kind, port: str, **_options: object) -> None:
        try:
            if action == "run":
                os.environ["PORT"] = port  # the links of its mails lead to it
                local.run(settings.BASE_DIR, _number(port), say=self._say)
            elif action == "prepare":
                local.ensure(settings.BASE_DIR)
                self._prepare()
            elif action == "start":
                local.ensure(settings.BASE_DIR, kind=kind)
            elif action == "stop":
                local.stop(settings.BASE_DIR, kind=kind)
            if action in {"start", "stop", "status"}:
                self.stdout.write("\n".join(local.status(settings.BASE_DIR, kind=kind)))
        except local.LocalError as error:
            raise CommandError(str(error)) from error

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _prepare(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("sync_roles", stdout=self.stdout)
        call_command("seed", quiet=True)
        self._collect_static()
        if settings.DEMO:
            call_command("demo_flows", stdout=self.stdout)
            call_command("demo_crisi", stdout=self.stdout)
            call_command("demo_accounts", stdout=self.stdout)

    def _collect_static(self) -> None:
        """Collect only after a change: compressing the chart library takes seconds."""
        mark = settings.VAR_DIR / "static.sha256"
        current = static_fingerprint()
        if not mark.exists() or mark.read_text() != current or not settings.STATIC_ROOT.exists():
            self._say("File statici: raccolta e compressione (solo dopo una modifica)…")
            mark.unlink(missing_ok=True)  # an interrupted collection is done again
            ours = settings.STATIC_ROOT == settings.VAR_DIR / "static"  # else it may hold more
            call_command("collectstatic", interactive=False, clear=ours, verbosity=0)
            mark.write_text(current)


def _number(port: str) -> int:
    if not port.isascii() or not port.isdigit():
        raise CommandError(f"PORT deve essere un numero da 1024 a 65535, non «{port}».")
    return int(port)


def static_fingerprint() -> str:
    """Return a digest of the static files (name, size, time), the code over them, their place."""
    files = {"": settings.BASE_DIR / "porfse/staticfiles.py"}
    for finder in get_finders():
        files |= {name: Path(storage.path(name)) for name, storage in finder.list([])}
    stamps = [(name, path.stat().st_size, path.stat().st_mtime_ns) for name, path in files.items()]
    known = (str(settings.STATIC_ROOT), sorted(stamps))
    return hashlib.sha256(repr(known).encode()).hexdigest()
