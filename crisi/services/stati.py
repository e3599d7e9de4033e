"""How a procedure ends: it is concluded, or withdrawn; either may be taken back."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from crisi.models import Procedura, UnitaProduttiva
from crisi.scope import EDIT, own_provincia
from crisi.services import history
from crisi.services.locks import locked, unchanged_since
from porfse import audit, roles
from porfse.models import User
from porfse.periods import italian

Stato = Procedura.Stato


@transaction.atomic
def conclude(*, by: User, pk: int, versione: int, data_fine: date) -> Procedura:
    """Say that a procedure has ended, and when.

    Raises:
        Conflict: somebody has changed it since the person read it.
        ValidationError: it is not open, or the day is before its start or still to come.
    """
    found = _taken(by, pk, versione, state=Stato.APERTA)
    if data_fine < found.data_avvio:
        raise ValidationError(
            {"data_fine": f"La fine precede l'avvio, del {italian(found.data_avvio)}."}
        )
    if data_fine > timezone.localdate():
        raise ValidationError(
            {"data_fine": "Si conclude ciò che è finito: la data non può essere futura."}
        )
    if found.data_fine != data_fine:
        found.data_fine = data_fine
        found.campi_a_mano = sorted({*found.campi_a_mano, "data_fine"})
    return _changed(found, by, Stato.CONCLUSA, "procedura.conclusa")


@transaction.atomic
def withdraw(*, by: User, pk: int, versione: int, motivo: str) -> Procedura:
    """Take a procedure that should not be there out of every count; it can still be read.

    Raises:
        Conflict: somebody has changed it since the person read it.
        ValidationError: it is withdrawn already, or other nuclei have sites in it.
    """
    found = _taken(by, pk, versione)
    if found.stato == Stato.RITIRATA:
        raise ValidationError("La procedura è già ritirata.")
    others = UnitaProduttiva.objects.filter(procedura=found).exclude(
        comune__provincia=own_provincia(by)
    )
    names = sorted(set(others.values_list("comune__provincia__nome", flat=True)))
    if names:
        raise ValidationError(
            f"La procedura ha unità anche in altre province ({', '.join(names)}): ritirandola"
            " uscirebbero anche quelle. Togliere le proprie unità con «Modifica»."
        )
    return _changed(found, by, Stato.RITIRATA, "procedura.ritirata", motivo)


@transaction.atomic
def reopen(*, by: User, pk: int, versione: int, motivo: str) -> Procedura:
    """Take a conclusion or a withdrawal back; the day of the end stays until it is corrected.

    Raises:
        Conflict: somebody has changed it since the person read it.
        ValidationError: it is open.
    """
    found = _taken(by, pk, versione)
    if found.stato == Stato.APERTA:
        raise ValidationError("La procedura è già aperta.")
    return _changed(found, by, Stato.APERTA, "procedura.riaperta", motivo)


def _taken(by: User, pk: int, versione: int, *, state: str = "") -> Procedura:
    roles.require(by, EDIT)
    found = locked(pk, by=by)
    unchanged_since(found, versione, by=by)
    if state and found.stato != state:
        raise ValidationError(f"La procedura non è {state}: è {found.get_stato_display()}.")
    return found


def _changed(found: Procedura, by: User, state: str, action: str, motivo: str = "") -> Procedura:
    before, found.stato = found.stato, state
    found.campi_a_mano = sorted({*found.campi_a_mano, "stato"})
    found.versione += 1
    found.save()
    history.record_version(found, by=by)
    audit.record(
        by=by,
        action=action,
        on=found,
        versione=found.versione,
        motivo=motivo,
        modifiche={"stato": [before, state]},
    )
    return found
