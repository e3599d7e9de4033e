from datetime import date
from decimal import Decimal
from itertools import count

from porfse.models import Atto, Fonte, User
from programme.models import GRANDEZZE, Iniziativa, Movimento

_numbers = count(1)


def make_source(genere: str = Fonte.Genere.INSERITA, **fields: object) -> Fonte:
    """A source of its own kind, with a name that no other has."""
    name = f"prova-{next(_numbers)}"
    values = {"documento": name, "titolo": name, "data": date(2022, 1, 1), "genere": genere}
    return Fonte.objects.create(**values | fields)


def make_initiative(asse: str = "I", **fields: object) -> Iniziativa:
    """An initiative with a fresh name."""
    number = next(_numbers)
    values = {"codice": f"prova-{number}", "nome": f"Iniziativa di prova {number}"}
    return Iniziativa.objects.create(**values | {"asse_id": asse, "fonte": make_source()} | fields)


def make_movement(quantity: str = "impegnate", **fields: object) -> Movimento:
    """A movement with its act, after all published balances unless told otherwise."""
    number = next(_numbers)
    defaults = {
        "riferimento": f"prova-{number}",
        "asse_id": "I",
        "data": date(2022, 1, 15),
        "importo": Decimal("1000.00"),
        "atto": Atto.objects.create(tipo="decreto", numero=f"prova-{number}", anno=2022),
        "inserito_da": User.objects.sistema(),
    }
    source = {} if "fonte" in fields else {"fonte": make_source()}
    return GRANDEZZE[quantity].objects.create(**defaults | source | fields)
