"""Flows made as people make them: a file, received, validated, acquired by the real engine."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from porfse.codes import check_character
from porfse.flows import files, services, validation
from porfse.flows.services import Note
from porfse.flows.source import source_of
from porfse.models import Flow, User

_numbers = count(1)
_CONSONANTS = "BCDFGLMNPRSTVZ"


def codice_fiscale(number: int = 0) -> str:
    """A valid codice fiscale for each number."""
    letters = "".join(_CONSONANTS[number // 14**place % 14] for place in range(6))
    first = f"{letters}{60 + number % 40}A{1 + number % 28:02d}F205"
    return first + check_character(first)


def payment(**fields: object) -> dict[str, str]:
    """A row of `inps-cigd` that is right in all, unless told otherwise."""
    number = next(_numbers)
    values = {
        "id_pagamento": f"P{number:09d}",
        "tipo": "P",
        "id_pagamento_origine": "",
        "codice_fiscale": codice_fiscale(number),
        "matricola_inps": f"{number % 10**10:010d}",
        "denominazione_azienda": f"Azienda {number}",
        "comune_istat": "016024",
        "numero_decreto": "12345",
        "data_decreto": "01/04/2020",
        "mese_competenza": "03/2020",
        "ore": "40,00",
        "importo": "300,00",
        "data_pagamento": "15/05/2020",
    }
    return values | {name: str(value) for name, value in fields.items()}


def csv_bytes(rows: Iterable[Mapping[str, str]], *, delimiter: str = ";") -> bytes:
    """The rows as a file, with the columns of the first as header."""
    rows = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def received(
    content: bytes | Sequence[Mapping[str, str]],
    *,
    source: str = "inps-cigd",
    by: User | None = None,
    name: str = "flusso.csv",
    note: Note | None = None,
    example: bool = False,
) -> Flow:
    """A flow that has come in, not yet validated."""
    data = content if isinstance(content, bytes) else csv_bytes(content)
    person = by or User.objects.sistema()
    return services.receive(
        source_of(source), files.store([data]), by=person, name=name, note=note, example=example
    )


def validated(content: bytes | Sequence[Mapping[str, str]], **options: object) -> Flow:
    """A flow after its validation."""
    flow = received(content, **options)
    return validation.validate(flow.pk, by=flow.caricato_da)


def acquired(content: bytes | Sequence[Mapping[str, str]], **options: object) -> Flow:
    """A flow whose rows count; errors and differences are confirmed."""
    flow = validated(content, **options)
    services.ask_acquisition(flow.pk, by=flow.caricato_da, confirm=True, decision="prova")
    return services.acquire(flow.pk, by=flow.caricato_da)
