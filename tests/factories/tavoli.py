"""Meetings with what they asked for, as the database takes them."""

from collections.abc import Sequence
from datetime import date

from crisi.models import Procedura, Seguito, Tavolo
from porfse.models import User


def make_tavolo(
    *province: str, data: date, procedure: Sequence[Procedura] = (), **fields: object
) -> Tavolo:
    """A bilateral meeting with some provinces, a regional one with none."""
    values = {
        "tipo": "bilaterale" if province else "regionale",
        "oggetto": "Punto sulle procedure",
        "inserito_da": User.objects.sistema(),
    }
    made = Tavolo.objects.create(data=data, **values | fields)
    made.province.set(province)
    made.procedure.set(procedure)
    return made


def make_seguito(
    tavolo: Tavolo, entro: date, provincia: str | None = None, **fields: object
) -> Seguito:
    """What a meeting asked for; of the Region if no provincia is named."""
    values = {"descrizione": "Convocare le parti", "provincia_id": provincia}
    return Seguito.objects.create(tavolo=tavolo, entro=entro, **values | fields)
