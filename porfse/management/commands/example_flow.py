import csv
import sys
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from porfse.errors import BadInput
from porfse.flows.source import source_of


class Command(BaseCommand):
    help = "Scrive un flusso inventato, lo stesso per lo stesso seme: mai dati di persone reali."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="la fonte, ad esempio inps-cigd")
        parser.add_argument("--rows", type=int, required=True, help="righe di dati")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--defects", default="0", help="quota di righe errate, ad esempio 0.002"
        )
        parser.add_argument("--out", type=Path, help="il file CSV; senza, sull'uscita standard")

    def handle(
        self, *, source: str, rows: int, seed: int, defects: str, out: Path | None, **_: object
    ) -> None:
        share = _share(defects)
        if rows < 1:
            raise CommandError("--rows deve essere almeno 1.")
        try:
            chosen = source_of(source)
            made = chosen.example(rows=rows, seed=seed, defects=share)
        except BadInput as error:
            raise CommandError(str(error)) from error
        header = [column.name for column in chosen.columns]
        try:
            file = out.open("w", encoding="utf-8", newline="") if out else sys.stdout
        except OSError as error:
            raise CommandError(f"Non si può scrivere «{out}»: {error.strerror}.") from error
        with file:
            writer = csv.writer(file, delimiter=";", lineterminator="\n")
            writer.writerow(header)
            writer.writerows(made)


def _share(text: str) -> Decimal:
    try:
        share = Decimal(text)
    except InvalidOperation as error:
        raise CommandError("--defects deve essere un numero, ad esempio 0.002.") from error
    if not 0 <= share <= 1:
        raise CommandError("--defects deve essere fra 0 e 1.")
    return share
