"""Giving up what is not published: a correction goes, a first edition stays as discarded.

That it was discarded is kept, so that the calendar does not make it again.
"""

from porfse import audit
from porfse.flows.errors import NotNow
from porfse.models import User
from reports.models import Edizione
from reports.services.pubblicazione import in_turn, locked, words_of

Stato = Edizione.Stato
AT_REST = (Stato.BOZZA, Stato.FALLITA, Stato.INTERROTTA)


def abbandona(*, by: User, edizione: Edizione) -> Edizione:
    """Give up a correction that was never published; return the edition that stays in force.

    Raises:
        NotNow: it is published, is being built, or corrects nothing.
        PermissionDenied: the person may not publish, or not read this report.
    """
    with in_turn():
        found = locked(edizione, by=by)
        old = abbandonabile(found)
        audit.record(
            by=by, action="report.rettifica_abbandonata", on=found, rettifica=old.numero_completo,
            errata=found.errata,
        )  # fmt: skip
        found.delete()
    return old


def scarta(*, by: User, edizione: Edizione, motivo: str = "") -> Edizione:
    """Discard a first edition that was never published: its draft and files go, its row stays.

    A person may ask for it again.

    Raises:
        NotNow: it is published, is being built, is discarded already, or is a correction.
        ValidationError: the reason is too long.
        PermissionDenied: the person may not publish, or not read this report.
    """
    reason = words_of("motivo", motivo)
    with in_turn():
        found = locked(edizione, by=by)
        scartabile(found)
        audit.record(
            by=by, action="report.scartato", on=found, motivo=reason,
            bozza=found.contenuto_sha256, stato=found.stato,
        )  # fmt: skip
        found.file.all().delete()
        found.contenuto = found.contenuto_sha256 = ""
        found.costruita_il = found.millisecondi = None
        found.esempio = False
        found.stato, found.messaggio = Stato.SCARTATA, reason
        found.save()
    return found


def abbandonabile(edizione: Edizione) -> Edizione:
    """Check that an edition is a correction that can be given up; return what it corrects.

    Raises:
        NotNow: it cannot.
    """
    if edizione.pubblicata or edizione.rettifica is None:
        raise NotNow("Si abbandona solo una rettifica che non è ancora pubblicata.")
    _not_in_progress(edizione)
    return edizione.rettifica


def scartabile(edizione: Edizione) -> None:
    """Check that an edition can be discarded.

    Raises:
        NotNow: it cannot.
    """
    if edizione.pubblicata:
        raise NotNow("Un report pubblicato non si scarta: lo si corregge con una rettifica.")
    if edizione.rettifica_id:
        raise NotNow("Una rettifica non si scarta: si abbandona.")
    _not_in_progress(edizione)
    if edizione.stato == Stato.SCARTATA:
        raise NotNow("Il report è già scartato.")


def _not_in_progress(edizione: Edizione) -> None:
    if edizione.stato in (Stato.IN_CODA, Stato.IN_COSTRUZIONE):
        raise NotNow("Il report è in costruzione: attendere che finisca, o interromperla.")
