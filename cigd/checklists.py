"""The questions of the check lists, by kind of verification; an answer keeps the code alone."""

from dataclasses import dataclass
from typing import Any

from django.db import models


class Risposta(models.TextChoices):
    SI = "si", "Sì"
    NO = "no", "No"
    NON_APPLICABILE = "na", "Non applicabile"


@dataclass(frozen=True)
class Domanda:
    """A question; "no" needs a note that says why.

    Attributes:
        formale: whether "no" leaves the expenditure regular: it is a remark, and asks for no cut.
    """

    codice: str
    testo: str
    formale: bool = False


DESK = (
    Domanda("percettore", "L'identità del percettore corrisponde alla banca dati INPS?"),
    Domanda("decreto", "Il decreto di concessione esiste e comprende l'azienda e l'unità?"),
    Domanda("data_decreto", "Il pagamento è successivo al decreto di concessione?"),
    Domanda("competenza", "Il mese di competenza rientra nel periodo concesso e ammissibile?"),
    Domanda("causale", "La sospensione è riconducibile all'emergenza Covid-19?"),
    Domanda("ore", "Le ore pagate corrispondono a quelle comunicate dall'azienda?"),
    Domanda("importo", "L'importo corrisponde alle ore pagate?"),
    Domanda("massimale", "È rispettato il massimale mensile del lavoratore?"),
    Domanda("comune", "Il comune dell'unità produttiva è quello che determina l'azione?"),
    Domanda("recuperi", "I recuperi disposti da INPS sono stati dedotti?"),
    Domanda("doppio_finanziamento", "È escluso il doppio finanziamento con altri fondi?"),
    Domanda("pista_controllo", "I documenti della pista di controllo sono completi e conservati?"),
)
IN_LOCO = (
    Domanda("unita", "L'unità produttiva esiste all'indirizzo dichiarato?"),
    Domanda("rapporto", "Il rapporto di lavoro risulta dal libro unico del lavoro?"),
    Domanda("sospensione", "Le presenze confermano le ore di sospensione pagate?"),
    Domanda("accordo", "L'accordo o la comunicazione sindacale è agli atti?"),
    Domanda("pagamento", "Il lavoratore ha ricevuto l'importo, da INPS o anticipato dall'azienda?"),
    Domanda(
        "informazione",
        "Il lavoratore è stato informato del cofinanziamento del FSE?",
        # A duty of publicity: what was paid to the worker stays due.
        formale=True,
    ),
    Domanda("originali", "Gli originali dei documenti corrispondono alle copie esaminate?"),
)
LISTE = {"desk": DESK, "in-loco": IN_LOCO}


def lines(tipo: str, answers: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return question, answer and note of each question that was answered, in order."""
    return [
        (
            question.testo,
            str(Risposta(answers[question.codice]["risposta"]).label),
            answers[question.codice]["nota"],
        )
        for question in LISTE[tipo]
        if question.codice in answers
    ]
