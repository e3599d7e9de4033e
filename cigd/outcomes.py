"""What a verification finds, and whether that can be: its dates, its check list, its amounts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone

from cigd.checklists import LISTE, Risposta
from cigd.models import ElementoCampione, Pagamento, Verifica
from porfse.money import euro
from porfse.periods import italian

Esito = Verifica.Esito
ZERO = Decimal(0)
_WHOLE = (
    "L'altra verifica ha già trovato irregolare tutto l'importo: con un esito irregolare o in"
    " contraddittorio lasciare vuoto l'importo, che non si toglie due volte."
)
_OPEN = (
    "L'altra verifica, in contraddittorio, comprende già tutto l'importo: un esito irregolare o in"
    " contraddittorio si registra dopo averla conclusa."
)


@dataclass(frozen=True)
class Outcome:
    """A verification as a person records it. Euro.

    Attributes:
        risposte: by question, `risposta` and `nota`.
        decurtazione: what leaves the certifiable expenditure now; None is all that is irregular.
        scadenza: by when the company may answer, while the outcome is open.
    """

    data: date
    esito: str
    risposte: dict[str, dict[str, str]] = field(default_factory=dict)
    importo_irregolare: Decimal = ZERO
    decurtazione: Decimal | None = None
    descrizione: str = ""
    scadenza: date | None = None
    controdeduzioni: str = ""
    controdeduzioni_il: date | None = None

    @property
    def tolto(self) -> Decimal:
        """What this outcome cuts: nothing unless it is final and irregular."""
        if self.esito != Esito.IRREGOLARE:
            return ZERO
        return self.importo_irregolare if self.decurtazione is None else self.decurtazione


def nothing_left(element: ElementoCampione, tipo: str) -> str:
    """Say what to do where the other verification leaves no amount; empty if it leaves some."""
    others = _others(element, tipo)
    if _room(element, others) > 0:
        return ""
    return _WHOLE if all(each.definitiva for each in others) else _OPEN


def check(outcome: Outcome, element: ElementoCampione, tipo: str) -> None:
    """Refuse an outcome that is incomplete, or that cannot be.

    Raises:
        ValidationError: by field.
    """
    unanswered = _unanswered(outcome, tipo)
    wrong = unanswered | _wrong_dates(outcome, element)
    amount, cut_now = outcome.importo_irregolare, outcome.decurtazione
    if outcome.esito not in Esito:
        wrong["esito"] = "Scegliere l'esito."
    else:
        if not unanswered and (words := _against_list(outcome, tipo)):
            wrong["esito"] = words
        if words := _wrong_amount(outcome, element, tipo):
            wrong["importo_irregolare"] = words
    if cut_now is not None and outcome.esito != Esito.IRREGOLARE:
        wrong["decurtazione"] = "Si decurta solo con un esito irregolare definitivo."
    elif cut_now is not None and not 0 <= cut_now <= amount:
        wrong["decurtazione"] = "La decurtazione va da zero all'importo irregolare."
    says_no = any(given["risposta"] == Risposta.NO for given in outcome.risposte.values())
    if not outcome.descrizione.strip() and (outcome.esito != Esito.REGOLARE or says_no):
        wrong["descrizione"] = "Descrivere che cosa è stato trovato."
    if wrong:
        raise ValidationError(wrong)


def _against_list(outcome: Outcome, tipo: str) -> str:
    """Return why an outcome does not follow from its answers; empty if it does."""
    given = {each: outcome.risposte[each.codice]["risposta"] for each in LISTE[tipo]}
    broken = any(answer == Risposta.NO and not each.formale for each, answer in given.items())
    regular = outcome.esito == Esito.REGOLARE
    if broken and regular:
        return (
            "Con una risposta «No» l'esito non è regolare: correggere la risposta, o registrare"
            " l'esito irregolare o in contraddittorio."
        )
    if not broken and not regular:
        return (
            "Un esito irregolare o in contraddittorio si fonda su almeno una risposta «No» che non"
            " sia un rilievo formale: indicare che cosa non è rispettato, o scegliere l'esito"
            " regolare."
        )
    if regular and Risposta.SI not in given.values():
        return (
            "Un esito regolare si fonda su almeno una risposta «Sì»: se nessuna domanda è"
            " applicabile non è stato verificato nulla."
        )
    return ""


def _wrong_amount(outcome: Outcome, element: ElementoCampione, tipo: str) -> str:
    amount = outcome.importo_irregolare
    if outcome.esito == Esito.REGOLARE:
        return "Un esito regolare non ha importo irregolare." if amount else ""
    if words := nothing_left(element, tipo):
        # While the other is open it may still end well: then this outcome would bear nothing.
        return "" if words == _WHOLE and not amount else words
    room = _room(element, _others(element, tipo))
    if 0 < amount <= room:
        return ""
    return (
        f"L'importo irregolare è maggiore di zero e al massimo {euro(room)}: il pagamento, meno"
        " quanto trovato dall'altra verifica."
    )


def _others(element: ElementoCampione, tipo: str) -> list[Verifica]:
    return [each for each in element.verifiche.all() if each.tipo != tipo]


def _room(element: ElementoCampione, others: Iterable[Verifica]) -> Decimal:
    return element.importo - sum((each.importo_irregolare for each in others), ZERO)


def _unanswered(outcome: Outcome, tipo: str) -> dict[str, str]:
    wrong = {}
    for question in LISTE[tipo]:
        given = outcome.risposte.get(question.codice, {})
        if given.get("risposta") not in Risposta:
            wrong[f"risposta_{question.codice}"] = "Rispondere alla domanda."
        elif given["risposta"] == Risposta.NO and not given.get("nota", "").strip():
            wrong[f"nota_{question.codice}"] = "Spiegare la risposta negativa."
    return wrong


def _wrong_dates(outcome: Outcome, element: ElementoCampione) -> dict[str, str]:
    wrong = {}
    paid = Pagamento.objects.get(flusso=element.flusso_id, riga=element.riga).data_pagamento
    if outcome.data > timezone.localdate():
        wrong["data"] = "La verifica non può essere nel futuro."
    elif outcome.data < paid:
        wrong["data"] = f"La verifica non può precedere il pagamento, del {italian(paid)}."
    if outcome.esito == Esito.IN_CONTRADDITTORIO and outcome.scadenza is None:
        wrong["scadenza"] = "Indicare entro quando si attendono le controdeduzioni."
    if outcome.scadenza and outcome.scadenza < outcome.data:
        wrong["scadenza"] = "Il termine non può precedere la verifica."
    if bool(outcome.controdeduzioni.strip()) != bool(outcome.controdeduzioni_il):
        wrong["controdeduzioni_il"] = "Indicare insieme le controdeduzioni e il giorno d'arrivo."
    elif outcome.controdeduzioni_il and outcome.controdeduzioni_il < outcome.data:
        wrong["controdeduzioni_il"] = "Le controdeduzioni non possono precedere la verifica."
    return wrong
