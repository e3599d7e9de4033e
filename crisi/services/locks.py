"""A procedure is changed by one person at a time, and only as he read it."""

from crisi.models import Procedura, VersioneProcedura
from crisi.services import history
from porfse.errors import NotThere
from porfse.models import User
from programme.services import Conflict

GONE = "La procedura non c'è, o non ha unità della propria provincia: cercarla nell'elenco."


def locked(pk: int, *, by: User) -> Procedura:
    """Return a procedure that a person may change, which nobody else changes meanwhile.

    Raises:
        NotThere: there is no such procedure for this person.
    """
    # One after the other: whoever waited must see the sites as they now stand.
    found = Procedura.objects.select_for_update().filter(pk=pk).first()
    if found is None or not Procedura.objects.editable_by(by).filter(pk=pk).exists():
        raise NotThere(GONE)
    return found


def unchanged_since(procedura: Procedura, versione: int, *, by: User) -> None:
    """Let a change go on if what the person sees of a procedure is what he read.

    What another nucleo did to its own sites meanwhile is no reason to stop.

    Raises:
        Conflict: something that he sees is different; `current` is the procedure.
    """
    if procedura.versione == versione:
        return
    kept = {
        each.versione: each
        for each in VersioneProcedura.objects.filter(
            procedura=procedura, versione__in=(versione, procedura.versione)
        )
    }
    both = len(kept) == 2
    if not both or history.changes(kept[versione], kept[procedura.versione], user=by):
        raise Conflict("Qualcuno ha modificato la procedura nel frattempo.", procedura)
