"""What is recorded of the elements of a sample: outcomes with their cuts, replies, follow-up.

Who records waits for the element; who comes second is told what the first wrote.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from cigd.models import ElementoCampione, Seguito, Verifica
from cigd.outcomes import Outcome, check
from cigd.pool import cut
from cigd.sampling import PERMISSION
from cigd.scope import scope
from cigd.turns import my_turn
from porfse import audit, roles
from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.models import User
from porfse.periods import italian
from programme.services import Conflict

Esito, Stato = Verifica.Esito, ElementoCampione.Stato
ZERO = Decimal(0)


@transaction.atomic
def record(*, by: User, elemento_id: int, tipo: str, versione: int, outcome: Outcome) -> Verifica:
    """Record a verification, or what became of one that was in contraddittorio.

    Args:
        by: who verifies.
        elemento_id: the element of the sample.
        tipo: the kind of verification.
        versione: of the verification that the person saw; 0 if there was none.
        outcome: what was found.

    Raises:
        ValidationError: by field: the outcome is incomplete, or is not one that can be.
        Conflict: somebody else has recorded it since; `current` is what stands.
        NotThere: there is no such element, or its flow does not count any more.
        NotNow: the verification has ended.
    """
    roles.require(by, PERMISSION)
    # Before the element, as acquiring and cancelling do: a cut needs both.
    my_turn()
    element = _element(elemento_id)
    if tipo not in Verifica.Tipo:
        raise NotThere("Il tipo di verifica non esiste: è desk oppure in loco.")
    current = element.verifiche.filter(tipo=tipo).first()
    _nobody_first(current, versione)
    check(outcome, element, tipo)
    made = _written(current, element, tipo, outcome, by)
    _conclude(element)
    audit.record(
        by=by, action="verifica.registrata", on=element, tipo=tipo, esito=outcome.esito,
        prima=current.esito if current else None, importo_irregolare=made.importo_irregolare,
        decurtazione=made.decurtazione, data=outcome.data,
    )  # fmt: skip
    if outcome.tolto:
        _cut(element, outcome, by)
    return made


def _element(pk: int) -> ElementoCampione:
    found = ElementoCampione.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotThere("L'elemento non è di questo campione: sceglierlo dall'elenco.")
    if found.flusso_id not in scope().flussi:
        raise NotThere("Il flusso del pagamento non è più fra quelli acquisiti.")
    return found


def _nobody_first(current: Verifica | None, versione: int) -> None:
    if (current.versione if current else 0) != versione:
        raise Conflict("Un'altra persona ha registrato questa verifica nel frattempo.", current)
    if current and current.definitiva:
        raise NotNow("La verifica è conclusa: il suo esito non si cambia.")


def _written(
    current: Verifica | None, element: ElementoCampione, tipo: str, outcome: Outcome, by: User
) -> Verifica:
    made = Verifica(elemento=element, tipo=tipo)
    if current:
        made = Verifica(pk=current.pk, elemento=element, tipo=tipo, versione=current.versione + 1)
    made.data, made.esito, made.risposte = outcome.data, outcome.esito, outcome.risposte
    made.importo_irregolare, made.decurtazione = outcome.importo_irregolare, outcome.tolto
    made.descrizione, made.scadenza = outcome.descrizione, outcome.scadenza
    made.controdeduzioni = outcome.controdeduzioni
    made.controdeduzioni_il = outcome.controdeduzioni_il
    made.registrata_da = by
    made.save()
    return made


def _conclude(element: ElementoCampione) -> None:
    """Write what the verifications of an element together say."""
    found = list(element.verifiche.all())
    element.irregolare = sum(
        (each.importo_irregolare for each in found if each.esito == Esito.IRREGOLARE), ZERO
    )
    if any(not each.definitiva for each in found):
        element.stato = Stato.IN_CONTRADDITTORIO
    else:
        element.stato = Stato.IRREGOLARE if element.irregolare else Stato.REGOLARE
    element.save(update_fields=["irregolare", "stato"])


def _cut(element: ElementoCampione, outcome: Outcome, by: User) -> None:
    try:
        cut(
            by=by,
            flusso_id=element.flusso_id,
            id_pagamento=element.id_pagamento,
            amount=outcome.tolto,
            reason=f"Verifica del campione n. {element.campione_id}: {outcome.descrizione}"[:300],
        )
    except ValidationError as error:
        hint = "Se l'importo è già stato tolto, indicare una decurtazione minore o zero."
        raise ValidationError({"decurtazione": [*error.messages, hint]}) from error


@transaction.atomic
def ask_follow_up(*, by: User, elemento_id: int, tipo: str, cosa: str, entro: date) -> Seguito:
    """Record what must be done after a verification, and by when.

    Raises:
        NotThere: there is no such element, or it has no such verification.
        ValidationError: it would have been due before the verification.
    """
    roles.require(by, PERMISSION)
    element = _element(elemento_id)
    found = element.verifiche.filter(tipo=tipo).first()
    if found is None:
        raise NotThere("La verifica non è ancora registrata: registrarla prima dei suoi seguiti.")
    if entro < found.data:
        raise ValidationError(
            {"entro": f"Il termine non può precedere la verifica, del {italian(found.data)}."}
        )
    made = Seguito.objects.create(verifica=found, cosa=cosa, entro=entro, inserito_da=by)
    audit.record(by=by, action="seguito.inserito", on=element, cosa=cosa, entro=entro)
    return made


@transaction.atomic
def close_follow_up(
    *, by: User, elemento_id: int, seguito_id: int, fatto_il: date, nota: str = ""
) -> Seguito:
    """Record that something was done.

    Raises:
        NotThere: it is not of this element.
        Conflict: somebody else has recorded it before.
    """
    roles.require(by, PERMISSION)
    element = _element(elemento_id)
    found: Any = Seguito.objects.filter(pk=seguito_id, verifica__elemento=element).first()
    if found is None:
        raise NotThere("Il seguito non è di questa verifica: sceglierlo dalla sua pagina.")
    if found.fatto_il:
        raise Conflict("Il seguito è già stato registrato come fatto.", element)
    found.fatto_il, found.nota = fatto_il, nota
    found.save(update_fields=["fatto_il", "nota"])
    audit.record(by=by, action="seguito.fatto", on=element, cosa=found.cosa, fatto_il=fatto_il)
    return found
