"""Drafts of procedures: each person's own, which nobody else reads."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q, QuerySet

from crisi.models import Bozza, Procedura
from crisi.scope import EDIT
from porfse import audit, roles
from porfse.errors import BadInput, NotThere
from porfse.models import User

LIMIT = 50  # drafts of one person


def own(user: User) -> QuerySet[Bozza]:
    """A person's drafts, the last one first, with their procedure.

    Each says whether it can be gone on with (`aperta`): of a procedure in which the nucleo has no
    site any more not even the company is to be told.
    """
    mine = Procedura.objects.editable_by(user)
    rows = Bozza.objects.filter(autore=user).select_related("procedura__azienda")
    return rows.annotate(aperta=Q(procedura=None) | Q(procedura__in=mine))


@transaction.atomic
def save(
    *, by: User, dati: Mapping[str, str], pk: int | None = None, procedura: Procedura | None = None
) -> Bozza:
    """Keep what a person has typed; what he types on goes into the same draft.

    Args:
        pk: of the draft, once there is one.
        procedura: the one that is being corrected; None if it is a new one.

    Raises:
        BadInput: the person has too many drafts.
        NotThere: it is not a draft of this person.
    """
    roles.require(by, EDIT)
    own = Bozza.objects.filter(autore=by)
    if pk is not None:
        draft = own.select_for_update().filter(pk=pk).first()
        if draft is None:
            raise NotThere("La bozza non c'è più: è stata eliminata, o già inviata.")
        draft.dati = dict(dati)
        draft.save(update_fields=["dati", "aggiornata_il"])
        return draft
    if own.count() >= LIMIT:
        raise BadInput(f"Le bozze sono già {LIMIT}: eliminarne qualcuna dall'elenco delle bozze.")
    draft = Bozza.objects.create(autore=by, procedura=procedura, dati=dict(dati))
    audit.record(by=by, action="bozza.salvata", on=draft)
    return draft


@transaction.atomic
def delete(*, by: User, pk: int) -> None:
    """Throw a draft away.

    Raises:
        NotThere: it is not a draft of this person.
    """
    roles.require(by, EDIT)
    if not drop(by=by, pk=pk):
        raise NotThere("La bozza non c'è più: è stata eliminata, o già inviata.")


def drop(*, by: User, pk: int | None) -> bool:
    """Take away a draft that was sent or thrown away; say whether it was there."""
    draft = Bozza.objects.filter(autore=by, pk=pk).first() if pk is not None else None
    if draft is None:
        return False
    audit.record(by=by, action="bozza.eliminata", on=draft)
    draft.delete()
    return True
