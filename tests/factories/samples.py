"""Samples and verifications made as people make them."""

from datetime import date

from cigd import sampling, verification
from cigd.checklists import LISTE
from cigd.models import Campione, ElementoCampione, Verifica
from cigd.plans import Plan
from cigd.population import Filters
from cigd.verification import Outcome
from porfse.models import User

DAY = date(2022, 3, 1)


def plan(metodo="semplice", numero=2, *, seme="prova", ripartizione="", **filters: object) -> Plan:
    """What to draw; from all flows unless told otherwise."""
    return Plan(metodo, numero, seme, Filters(**{"flussi": (), **filters}), ripartizione)


def drawn(*args: object, **kwargs: object) -> Campione:
    """A sample drawn by the system."""
    return sampling.draw(by=User.objects.sistema(), plan=plan(*args, **kwargs))


def answers(tipo: str, **no: str) -> dict[str, dict[str, str]]:
    """A check list without anything wrong, but for what has a note."""
    return {
        question.codice: {
            "risposta": "no" if question.codice in no else "si",
            "nota": no.get(question.codice, ""),
        }
        for question in LISTE[tipo]
    }


def outcome(esito: str = "regolare", *, tipo: str = "desk", **fields: object) -> Outcome:
    """An outcome that is complete; one that is not regular has its "no" and is described."""
    found: dict[str, object] = {"risposte": answers(tipo)}
    if esito != "regolare":
        wrong = answers(tipo, **{LISTE[tipo][0].codice: "Non corrisponde"})
        found = {"risposte": wrong, "descrizione": "Ore pagate due volte"}
    return Outcome(**{"data": DAY, "esito": esito, **found, **fields})


def verified(
    element: ElementoCampione,
    esito: str = "regolare",
    *,
    by: User | None = None,
    tipo: str = "desk",
    versione: int = 0,
    **fields: object,
) -> Verifica:
    """An element with a recorded verification."""
    return verification.record(
        by=by or User.objects.sistema(),
        elemento_id=element.pk,
        tipo=tipo,
        versione=versione,
        outcome=outcome(esito, tipo=tipo, **fields),
    )
