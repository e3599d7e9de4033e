"""Procedures of the crises with their sites, as the database takes them."""

from datetime import date
from itertools import count

from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale, Procedura, UnitaProduttiva
from porfse.models import Azienda, User
from tests.factories.people import make_user

_numbers = count(1)
LINEA = {"CIGS_MIN": "A", "CIGS_REG": "B", "LIC": "D"}
# A comune of each provincia, by sigla.
COMUNI = {
    "BG": "016024",
    "BS": "017029",
    "CO": "013075",
    "CR": "019036",
    "LC": "097042",
    "LO": "098031",
    "MN": "020030",
    "MI": "015146",
    "MB": "108033",
    "PV": "018110",
    "SO": "014061",
    "VA": "012133",
}


def partita_iva(number: int) -> str:
    """A valid partita IVA for each number."""
    first = f"{number:07d}015"
    doubled = (2 * int(digit) for digit in first[1::2])
    total = sum(map(int, first[::2])) + sum(value - 9 * (value > 9) for value in doubled)
    return f"{first}{(10 - total % 10) % 10}"


def make_azienda(**fields: object) -> Azienda:
    number = next(_numbers)
    values = {"codice_fiscale": partita_iva(number), "denominazione": f"Azienda {number} S.p.A."}
    return Azienda.objects.create(**values | fields)


def make_procedura(tipo: str = "CIGS_MIN", *, by: User | None = None, **fields: object):
    """A procedure without sites."""
    values = {
        "codice_pratica": f"VOL-{next(_numbers)}",
        "tipo": tipo,
        "linea_guida": LINEA[tipo],
        "causale": "Crisi aziendale",
        "data_avvio": date(2025, 3, 1),
        "azienda": fields.pop("azienda", None) or make_azienda(),
        "inserita_da": by or User.objects.sistema(),
    }
    return Procedura.objects.create(**values | fields)


def make_unita(
    provincia: str = "BG",
    lavoratori: int | None = 10,
    *,
    procedura: Procedura | None = None,
    **fields: object,
) -> UnitaProduttiva:
    """A site in the chief town of a provincia; `tipo` and so on make its procedure."""
    own = {name: fields.pop(name) for name in ("codice",) if name in fields}
    taken = {
        name: fields.pop(name)
        for name in ("presa_in_carico_il", "presa_in_carico_da", "campi_a_mano")
        if name in fields
    }
    return UnitaProduttiva.objects.create(
        procedura=procedura or make_procedura(**fields),
        codice=own.get("codice", f"U{next(_numbers)}"),
        comune_id=COMUNI[provincia],
        lavoratori=lavoratori,
        **taken,
    )


def make_pal(unita: UnitaProduttiva, trimestre: str = "2025-T3", **numbers: object):
    """The active policies of a site in a quarter; steps that are not given are zero."""
    values = dict.fromkeys(("step1", "step2", "step3", "step4", "no_pal"), 0)
    values |= {"sospesi": unita.lavoratori, "autore": User.objects.sistema()}
    return AvanzamentoPAL.objects.create(unita=unita, trimestre=trimestre, **values | numbers)


def make_monitoraggio(provincia: str = "BG", trimestre: str = "2025-T3", **fields: object):
    """The quarter of a nucleo, open."""
    values = {"entro": date(2025, 10, 31)} | fields
    return MonitoraggioTrimestrale.objects.create(
        provincia_id=provincia, trimestre=trimestre, **values
    )


def make_nucleo(provincia: str = "BG", **fields: object) -> User:
    """A person of the nucleo of a provincia."""
    return make_user("nucleo", provincia_id=provincia, **fields)
