import io
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from porfse.flows.source import Source, sources
from porfse.models import Flow, User


class Command(BaseCommand):
    help = "Carica un flusso di esempio per ogni fonte che ne ha uno e non ha ancora flussi."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, help="righe, al posto di quelle della fonte")

    def handle(self, *, rows: int | None = None, **_: object) -> None:
        if not settings.DEMO:
            raise CommandError("I flussi di esempio si caricano solo nella dimostrazione.")
        for source in _in_order(sources()):
            # One that somebody has cancelled does not come back.
            if source.example_rows and not Flow.objects.filter(sorgente=source.slug).exists():
                self._load(source, rows or source.example_rows)

    def _load(self, source: Source, rows: int) -> None:
        source.prepare_example(by=User.objects.sistema())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"esempio-{source.slug}.csv"
            call_command(
                "example_flow", source.slug, rows=rows, seed=2021, defects="0.002", out=path
            )
            call_command("import_flow", source.slug, str(path), example=True, stdout=io.StringIO())
        self.stdout.write(f"{source.nome}: caricato un flusso di esempio di {rows} righe.")


def _in_order(listed: list[Source]) -> list[Source]:
    """Put each source after those whose rows it refers to."""
    done: list[Source] = []
    while len(done) < len(listed):
        ready = {source.slug for source in done}
        done.append(
            next(each for each in listed if each not in done and ready.issuperset(each.after))
        )
    return done
