"""Rows of the measures with the flow that wrote them, as the database takes them."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import count

from measures import summaries
from measures.formazione_continua.models import Voucher
from measures.misura import misura_of
from measures.smart_working.models import Domanda
from porfse.models import Flow, Fonte, User
from tests.factories.crisi import COMUNI, make_azienda, partita_iva
from tests.factories.flows import codice_fiscale
from tests.factories.programme import make_source

_numbers = count(1)
AMMESSE = ("ammessa", "rinunciata", "decaduta", "liquidata")


def make_flow(sorgente: str = "domande-smart-working", *, example: bool = False) -> Flow:
    """An acquired flow without rows, from which rows are said to come."""
    number = next(_numbers)
    genere = Fonte.Genere.ESEMPIO if example else Fonte.Genere.FLUSSO
    return Flow.objects.create(
        sorgente=sorgente,
        nome_file=f"prova-{number}.csv",
        sha256=sha256(f"prova-{number}".encode()).hexdigest(),
        dimensione=1,
        esempio=example,
        stato=Flow.Stato.ACQUISITO,
        caricato_da=User.objects.sistema(),
        righe=0,
        accettate=0,
        scartate=0,
        importo=Decimal(0),
        versione_fonte=1,
        fonte=make_source(genere),
    )


def make_domanda(stato: str = "ammessa", *, provincia: str = "BG", **fields: object) -> Domanda:
    """An application in the chief town of a provincia, with what its state asks for.

    Its company and flow are new unless given; `esempio` goes to both.
    """
    values = _common(provincia, "domande-smart-working", fields)
    values |= {
        "codice": f"SW-{next(_numbers):06d}",
        "stato": stato,
        "data_inizio": date(2020, 4, 1),
        "dipendenti": 12,
        "ateco": "62.01.00",
        "addendum_covid": True,
        "azione_a": True,
        "azione_b": True,
    }
    if stato in AMMESSE:
        values |= {"concesso": Decimal("10500.00"), "data_ammissione": date(2020, 5, 1)}
    if stato == "liquidata":
        values |= {"liquidato": Decimal("10500.00"), "data_liquidazione": date(2021, 5, 1)}
    return Domanda.objects.create(**values | fields)


def make_voucher(stato: str = "concesso", *, provincia: str = "BG", **fields: object) -> Voucher:
    """A voucher of 1.000 € of a company in the chief town of a provincia."""
    number = next(_numbers)
    values = _common(provincia, "voucher-formazione", fields)
    values |= {
        "codice": f"FC-{number:06d}",
        "stato": stato,
        "data_inizio": date(2020, 6, 1),
        "concesso": Decimal("1000.00"),
        "codice_fiscale_lavoratore": codice_fiscale(number),
        "corso": "Sicurezza informatica",
        "modalita": "aula",
    }
    if stato == "liquidato":
        values |= {"liquidato": Decimal("1000.00"), "data_liquidazione": date(2021, 5, 1)}
    return Voucher.objects.create(**values | fields)


def _common(provincia: str, sorgente: str, fields: dict[str, object]) -> dict[str, object]:
    example = bool(fields.get("esempio", False))
    made: dict[str, object] = {"comune_id": COMUNI[provincia]}
    if "azienda" not in fields:
        made["azienda"] = make_azienda(esempio=example)
    if "flusso" not in fields:
        made["flusso"] = make_flow(sorgente, example=example)
    return made


def summed(misura: str = "smart-working") -> None:
    """Make the sums of a measure from its rows, as its flows do."""
    summaries.rebuild(misura_of(misura))


def application(**fields: object) -> dict[str, str]:
    """A row of `domande-smart-working` that is right in all, unless told otherwise."""
    number = next(_numbers)
    values = {
        "id_domanda": f"D{number:06d}",
        "codice_fiscale_azienda": partita_iva(number),
        "denominazione_azienda": f"Azienda {number}",
        "comune_istat": "016024",
        "ateco": "62.01.00",
        "dipendenti": "12",
        "addendum_covid": "S",
        "azione_a": "S",
        "azione_b": "N",
        "stato": "ammessa",
        "data_presentazione": "10/04/2020",
        "importo_ammesso": "10500,00",
        "importo_liquidato": "",
        "data_ammissione": "10/05/2020",
        "data_liquidazione": "",
    }
    return values | {name: str(value) for name, value in fields.items()}


def voucher(**fields: object) -> dict[str, str]:
    """A row of `voucher-formazione` that is right in all, unless told otherwise."""
    number = next(_numbers)
    values = {
        "id_voucher": f"V{number:06d}",
        "codice_fiscale_azienda": partita_iva(number),
        "denominazione_azienda": f"Azienda {number}",
        "codice_fiscale_lavoratore": codice_fiscale(number),
        "comune_istat": "016024",
        "corso": "Sicurezza informatica",
        "modalita": "fad",
        "data_concessione": "10/06/2020",
        "importo": "1000,00",
        "stato": "concesso",
        "data_liquidazione": "",
    }
    return values | {name: str(value) for name, value in fields.items()}
