"""Notes on procedures: written once, never changed; those of a nucleo are for it and the Region."""

from django.db import transaction

from crisi.models import Nota, Procedura
from crisi.scope import own_provincia
from porfse import audit, roles
from porfse.errors import NotThere
from porfse.models import User

WRITE = "crisi.write_note"


@transaction.atomic
def write(*, by: User, procedura_id: int, testo: str) -> Nota:
    """Write a note on a procedure that the person may see.

    Raises:
        NotThere: it is not one of those.
    """
    roles.require(by, WRITE)
    procedura = Procedura.objects.visible_to(by).filter(pk=procedura_id).first()
    if procedura is None:
        raise NotThere("La procedura non c'è: cercarla nell'elenco.")
    note = Nota.objects.create(
        procedura=procedura, provincia_id=own_provincia(by), testo=testo, autore=by
    )
    audit.record(by=by, action="nota.scritta", on=procedura, nota=note.pk)
    return note
