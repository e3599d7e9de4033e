"""What a meeting asked for: done, or still to do after all."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from crisi.models import Seguito
from crisi.scope import own_provincia
from crisi.services.tavoli import MANAGE
from porfse import audit
from porfse.errors import NotThere
from porfse.models import User
from porfse.periods import italian
from programme.services import Conflict


@transaction.atomic
def mark_done(*, by: User, seguito_id: int, giorno: date) -> Seguito:
    """Record that a follow-up was done, by the Region or by the nucleo that was asked.

    Raises:
        Conflict: it is done already; `current` is the meeting.
        NotThere: it is not one that the person may act on.
        ValidationError: the day is after today, or before the meeting.
    """
    seguito = _actionable(by, seguito_id)
    if seguito.fatto_il is not None:
        raise Conflict(
            f"Il seguito è già segnato come fatto il {italian(seguito.fatto_il)}"
            f" ({seguito.fatto_da}).",
            seguito.tavolo,
        )
    today = timezone.localdate()
    if giorno > today:
        raise ValidationError({"giorno": f"Al più tardi oggi, {italian(today)}."})
    if giorno < seguito.tavolo.data:
        raise ValidationError(
            {"giorno": f"Non prima del tavolo, del {italian(seguito.tavolo.data)}."}
        )
    seguito.fatto_il, seguito.fatto_da = giorno, by
    seguito.save(update_fields=["fatto_il", "fatto_da"])
    audit.record(by=by, action="seguito.fatto", on=seguito, tavolo=seguito.tavolo_id, giorno=giorno)
    return seguito


@transaction.atomic
def reopen(*, by: User, seguito_id: int, motivo: str) -> Seguito:
    """Record that a follow-up is not done after all, and why.

    Raises:
        Conflict: it is open already; `current` is the meeting.
        NotThere: it is not one that the person may act on.
        ValidationError: no reason is given.
    """
    if not motivo.strip():
        raise ValidationError({"motivo": "Indicare perché il seguito è ancora da fare."})
    seguito = _actionable(by, seguito_id)
    if seguito.fatto_il is None:
        raise Conflict("Il seguito è già da fare.", seguito.tavolo)
    before, whose = seguito.fatto_il, seguito.fatto_da
    seguito.fatto_il = seguito.fatto_da = None
    seguito.save(update_fields=["fatto_il", "fatto_da"])
    audit.record(
        by=by,
        action="seguito.riaperto",
        on=seguito,
        tavolo=seguito.tavolo_id,
        giorno=before,
        di=whose,
        motivo=motivo.strip(),
    )
    return seguito


def may_act(user: User, seguito: Seguito) -> bool:
    """Say whether a person may mark a follow-up: the Region any, a nucleo its own."""
    own = own_provincia(user)
    return user.has_perm(MANAGE) or (own is not None and seguito.provincia_id == own)


def _actionable(by: User, pk: int) -> Seguito:
    rows = Seguito.objects.select_related("tavolo", "fatto_da").select_for_update(of=("self",))
    found = rows.filter(pk=pk).first()
    if found is None or not may_act(by, found):
        raise NotThere("Il seguito non c'è, o non è a carico del proprio territorio.")
    return found
