import errno
import os
from argparse import ArgumentParser
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from porfse.errors import BadInput
from reports import builders
from reports.codifica import sha256
from reports.documento import File, Frontespizio
from reports.parametri import Parametri
from reports.report import FORMATI, Report, report_of, reports
from reports.services.costruzione import componi

USAGE = 2
# The words of the operating system are English, and do not say what to do.
_WHY = {
    errno.EACCES: "manca il permesso",
    errno.EPERM: "manca il permesso",
    errno.EROFS: "il disco è in sola lettura",
    errno.ENOSPC: "lo spazio sul disco è finito",
    errno.EDQUOT: "lo spazio assegnato è finito",
    errno.EEXIST: "il percorso è quello di un file",
    errno.ENOTDIR: "una parte del percorso è un file",
    errno.ENOENT: "il percorso non esiste e non si può creare",
    errno.ENAMETOOLONG: "il nome è troppo lungo",
}


class Command(BaseCommand):
    help = (
        "Scrive i file di un report in una cartella, senza registrare un'edizione: gli stessi dati"
        " danno gli stessi file, byte per byte (uscita 0 scritti, 1 non riuscito, 2 uso)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", nargs="?", default="", help="quale: vedi --list")
        parser.add_argument("--list", action="store_true", help="elenca i report e i loro nomi")
        parser.add_argument(
            "--period", default="", metavar="P", help="2025, 2025-T3, 2025-B5 o 2021-09-30"
        )
        parser.add_argument(
            "--provincia", default="", metavar="SIGLA", help="la Regione, se non è indicata"
        )
        parser.add_argument("--out", type=Path, metavar="DIR", help="creata, se non c'è")
        parser.add_argument(
            "--format",
            nargs="+",
            default=(),
            metavar="F",
            help=f"quali file: {', '.join(FORMATI)}; se manca, tutti quelli del report",
        )

    def handle(self, **options: Any) -> None:
        if options["list"]:
            self._list()
            return
        try:
            report, parametri, formati = _asked(**options)
        except BadInput as error:
            raise CommandError(str(error), returncode=USAGE) from error
        try:
            files = _built(report, parametri, formati)
        except BadInput as error:
            raise CommandError(f"Nessun file scritto: {error}") from error
        try:
            _write(files, options["out"])
        except OSError as error:
            why = _WHY.get(error.errno or 0, f"errore {error.errno} del sistema")
            raise CommandError(
                f"Nella cartella «{options['out']}» non si può scrivere: {why}. Indicare con --out"
                " un'altra cartella, o rimuovere la causa e ripetere."
            ) from error
        for file in files:
            self.stdout.write(f"{sha256(file.contenuto)}  {file.nome}")

    def _list(self) -> None:
        known = reports()
        width = max((len(report.slug) for report in known), default=0)
        for report in known:
            self.stdout.write(f"{report.slug:<{width}}  {report.titolo}")


def _asked(
    *, report: str, period: str, provincia: str, out: Path | None, **options: Any
) -> tuple[Report, Parametri, Collection[str]]:
    """Read the arguments.

    Raises:
        BadInput: one is missing, or cannot be understood.
    """
    missing = [
        name
        for name, value in (("REPORT", report), ("--period", period), ("--out", out))
        if not value
    ]
    if missing:
        raise BadInput(f"Manca: {', '.join(missing)}. Con --list si vedono i report.")
    found = report_of(report)
    formati = tuple(dict.fromkeys(options["format"])) or found.formati
    wrong = [name for name in formati if name not in found.formati]
    if wrong:
        raise BadInput(
            f"Il report «{found.slug}» non ha il formato «{wrong[0][:20]}»: scegliere fra"
            f" {', '.join(found.formati)}."
        )
    return found, found.leggi(period, provincia.strip().upper()), formati


def _built(report: Report, parametri: Parametri, formati: Collection[str]) -> list[File]:
    documento = componi(report, parametri)
    return [builders.build(formato, documento, Frontespizio()) for formato in formati]


def _write(files: Sequence[File], folder: Path) -> None:
    """Write the files whole: a reader finds the earlier ones or these, never a part."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[tuple[Path, Path]] = []
    try:
        for file in files:
            partial = folder / f".{file.nome}.{os.getpid()}"
            written.append((partial, folder / file.nome))
            partial.write_bytes(file.contenuto)
        for partial, final in written:
            partial.replace(final)
    finally:
        for partial, _ in written:
            partial.unlink(missing_ok=True)
