import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from porfse import money
from porfse.errors import BadInput
from porfse.flows import files, services, validation
from porfse.flows.report import as_json, as_text
from porfse.flows.source import Source, source_of
from porfse.models import Flow, User


class Command(BaseCommand):
    help = "Valida e acquisisce un flusso (uscita 0 acquisito o validato, 1 rifiutato, 2 uso)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="la fonte, ad esempio inps-cigd")
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="fermarsi a «validato»")
        parser.add_argument(
            "--confirm", action="store_true", help="acquisire malgrado più del 5% di errori"
        )
        parser.add_argument("--cancel", type=int, metavar="ID", help="annullare un flusso")
        parser.add_argument("--decision", default="", help="perché, se la nota non corrisponde")
        parser.add_argument("--protocol", default="", help="protocollo della nota del mittente")
        parser.add_argument("--declared-rows", type=int, help="righe dichiarate nella nota")
        parser.add_argument("--declared-amount", help="importo dichiarato nella nota")
        parser.add_argument("--user", default="", help="a nome di chi; «sistema» se manca")
        parser.add_argument("--example", action="store_true", help="dati di esempio")
        parser.add_argument("--json", action="store_true", help="solo un oggetto JSON")

    def handle(self, *, file: Path | None, cancel: int | None, **options: Any) -> None:
        if (file is None) == (cancel is None) or (cancel and options["dry_run"]):
            raise CommandError("Indicare un file, oppure solo --cancel ID.", returncode=2)
        try:
            by, source, note = (
                _person(options["user"]),
                source_of(options["source"]),
                _note(options),
            )
        except BadInput as error:
            raise CommandError(str(error), returncode=2) from error
        try:
            if file is not None:
                flow = self._import(source, file, by, note, options)
            else:
                flow = self._cancel(source, cancel or 0, by)
        except BadInput as error:
            usage = isinstance(error, files.Unreadable)
            raise CommandError(str(error), returncode=2 if usage else 1) from error
        except PermissionDenied as error:
            raise CommandError("L'utente non ha il permesso di caricare flussi.") from error
        report = json.dumps(as_json(flow), ensure_ascii=False) if options["json"] else as_text(flow)
        self.stdout.write(report)
        wanted = {Flow.Stato.ANNULLATO} if cancel else {Flow.Stato.ACQUISITO}
        if options["dry_run"]:
            wanted.add(Flow.Stato.VALIDATO)
        if flow.stato not in wanted:
            raise SystemExit(1)

    def _cancel(self, source: Source, flow_id: int, by: User) -> Flow:
        found = Flow.objects.filter(pk=flow_id, sorgente=source.slug)
        if not found.exists():
            raise CommandError(f"Il flusso {flow_id} di questa fonte non esiste.")
        return services.cancel(flow_id, by=by, reason="Annullato dalla riga di comando.")

    def _import(
        self, source: Source, file: Path, by: User, note: services.Note, options: dict[str, Any]
    ) -> Flow:
        flow = services.receive(
            source,
            files.store_path(file),
            by=by,
            name=file.name,
            note=note,
            example=options["example"],
        )
        if flow.stato == Flow.Stato.CARICATO:
            flow = validation.validate(flow.pk, by=by)
        if flow.stato == Flow.Stato.VALIDATO and not options["dry_run"]:
            flow = self._acquire(flow, by, options)
        return flow

    def _acquire(self, flow: Flow, by: User, options: dict[str, Any]) -> Flow:
        confirm, decision = options["confirm"], options["decision"]
        try:
            services.ask_acquisition(flow.pk, by=by, confirm=confirm, decision=decision)
        except BadInput as reason:  # it stays `validato`, and says why
            flow.messaggio = str(reason)
            return flow
        return services.acquire(flow.pk, by=by)


def _note(options: dict[str, Any]) -> services.Note:
    rows, declared = options["declared_rows"], options["declared_amount"]
    if (rows is not None and not 0 <= rows < 2**31) or len(options["protocol"]) > 40:
        raise BadInput(
            "La nota non si può registrare: righe dichiarate da 0 in su, protocollo di al massimo"
            " 40 caratteri."
        )
    return services.Note(
        protocollo=options["protocol"],
        righe_dichiarate=rows,
        importo_dichiarato=money.parse_amount(declared) if declared else None,
    )


def _person(name: str) -> User:
    if not name:
        return User.objects.sistema()
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise BadInput(f"L'utente «{name}» non esiste o non è attivo.")
    return found
