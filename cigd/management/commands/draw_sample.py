import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from cigd import sampling
from cigd.models import Campione
from cigd.plans import Plan
from cigd.population import Filters
from porfse.errors import BadInput
from porfse.models import User
from porfse.money import euro
from porfse.money import number as shown
from porfse.periods import parse_date


class Command(BaseCommand):
    help = "Estrae un campione di pagamenti, o ne ripete uno (uscita 1: rifiutato o cambiato)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--method", choices=Campione.Metodo.values)
        parser.add_argument("--n", type=int, help="elementi da estrarre")
        parser.add_argument("--seed", help="il seme: con lo stesso si riestrae lo stesso campione")
        parser.add_argument(
            "--by",
            choices=Campione.Ripartizione.values,
            default="importo",
            help="ripartizione fra gli strati (solo stratificato)",
        )
        parser.add_argument("--azione", default="", help="8.6.1 o 9.8.1; senza, entrambe")
        parser.add_argument("--flusso", type=int, nargs="+", default=[], help="senza, tutti")
        parser.add_argument(
            "--period", choices=Campione.Periodo.values, default=Campione.Periodo.PAGAMENTO
        )
        parser.add_argument("--dal", help="primo giorno del periodo, ad esempio 2020-04-01")
        parser.add_argument("--al", help="ultimo giorno del periodo")
        parser.add_argument("--user", default="", help="a nome di chi; «sistema» se manca")
        parser.add_argument("--check", type=int, metavar="ID", help="ripetere un campione")
        parser.add_argument("--json", action="store_true", help="solo un oggetto JSON")

    def handle(self, *, check: int | None, **options: Any) -> None:
        drawing = [options["method"], options["n"], options["seed"]]
        if (check is None) != all(value is not None for value in drawing) or (
            check is not None and any(value is not None for value in drawing)
        ):
            raise CommandError("Indicare --method, --n e --seed, oppure --check ID.", returncode=2)
        try:
            if check is None:
                self._draw(options)
            else:
                self._check(check, as_json=options["json"])
        except BadInput as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError("L'utente non ha il permesso di estrarre campioni.") from error

    def _draw(self, options: dict[str, Any]) -> None:
        filters = Filters(
            flussi=tuple(options["flusso"]),
            azione=options["azione"],
            periodo=options["period"],
            dal=_day(options["dal"]),
            al=_day(options["al"]),
        )
        stratified = options["method"] == Campione.Metodo.STRATIFICATO
        plan = Plan(
            options["method"],
            options["n"],
            options["seed"],
            filters,
            options["by"] if stratified else "",
        )
        made = sampling.draw(by=_person(options["user"]), plan=plan)
        self.stdout.write(_as_json(made) if options["json"] else _as_text(made))

    def _check(self, number: int, *, as_json: bool) -> None:
        sample = Campione.objects.filter(pk=number).first()
        if sample is None:
            raise CommandError(f"Il campione n. {number} non esiste.")
        changed = sampling.differences(sample)
        if as_json:
            report = {"id": sample.pk, "same": not changed, "changes": changed}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            same = f"{sample}: riestratto, popolazione ed elementi sono gli stessi."
            self.stdout.write("\n".join(changed) or same)
        if changed:
            raise SystemExit(1)


def _day(text: str | None) -> date | None:
    return parse_date(text, earliest=settings.EARLIEST_DATE) if text else None


def _person(name: str) -> User:
    if not name:
        return User.objects.sistema()
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise CommandError(f"L'utente «{name}» non esiste o non è attivo.")
    return found


def _as_json(sample: Campione) -> str:
    elements = sample.elementi.values_list("flusso_id", "riga", "id_pagamento", "importo", "certo")
    report = {
        "id": sample.pk,
        "method": sample.metodo,
        "n": sample.numero,
        "seed": sample.seme,
        "payments": sample.pagamenti,
        "amount": str(sample.importo),
        "recoveries": sample.recuperi,
        "amount_recoveries": str(sample.importo_recuperi),
        "sha256": sample.sha256,
        "interval": str(sample.intervallo) if sample.intervallo else None,
        "example": sample.esempio,
        "elements": [
            {"flow": flow, "row": row, "id": pk, "amount": str(amount), "certain": certain}
            for flow, row, pk, amount, certain in elements
        ],
    }
    return json.dumps(report, ensure_ascii=False)


def _as_text(sample: Campione) -> str:
    lines = [
        f"{sample} ({sample.get_metodo_display()}), seme «{sample.seme}»"
        + (", dati di esempio" if sample.esempio else ""),
        f"Popolazione: {shown(sample.pagamenti)} pagamenti, {euro(sample.importo)}",
        f"A parte {shown(sample.recuperi)} recuperi, {euro(sample.importo_recuperi)}",
        f"Impronta SHA-256: {sample.sha256}",
        f"Elementi: {shown(sample.elementi.count())}",
    ]
    return "\n".join(lines)
