"""How a procedure ends: it is concluded, or withdrawn; either may be taken back."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from crisi import duplicates, stato
from crisi.models import Procedura, UnitaProduttiva
from crisi.scope import EDIT, own_provincia
from crisi.services import history
from crisi.services.chiusi import quarters_kept
from crisi.services.locks import locked, unchanged_since
from porfse import audit, roles
from porfse.models import Azienda, User
from porfse.periods import italian

Stato = Procedura.Stato


@transaction.atomic
def conclude(*, by: User, pk: int, versione: int, data_fine: date) -> Procedura:
    """Say that a procedure has ended, and when.

    Raises:
        Conflict: somebody has changed it since the person read it.
        ValidationError: it is not open, the day is before its start or still to come, or a closed
            quarter would change.
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
    return _changed(found, by, Stato.CONCLUSA, "procedura.conclusa", data_fine=data_fine)


@transaction.atomic
def withdraw(*, by: User, pk: int, versione: int, motivo: str) -> Procedura:
    """Take a procedure that should not be there out of every count; it can still be read.

    Raises:
        Conflict: somebody has changed it since the person read it.
        ValidationError: it is withdrawn already, other nuclei have sites in it, or a closed
            quarter would change.
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
    return _changed(
        found, by, Stato.RITIRATA, "procedura.ritirata", motivo, data_fine=found.data_fine
    )


@transaction.atomic
def reopen(*, by: User, pk: int, versione: int, motivo: str, distinta: str = "") -> Procedura:
    """Take a conclusion or a withdrawal back.

    An end that has come is not one any more, and goes; who was withdrawn is what he was before,
    concluded if its end has come.

    Args:
        distinta: why it is not the one that it looks like; empty if nobody has been asked.

    Raises:
        Conflict: somebody has changed it since the person read it.
        Duplicate: it looks like one that was entered meanwhile, and no reason was given.
        ValidationError: it is open, or a closed quarter would change.
    """
    found = _taken(by, pk, versione)
    now, end = stato.of_today(found), found.data_fine
    if now == Stato.APERTA:
        raise ValidationError("La procedura è già aperta.")
    if now == Stato.CONCLUSA:
        end = None
    similar = _alike(found, end)
    if similar and not distinta:
        raise duplicates.Duplicate(duplicates.described(similar, user=by))
    confirmed = {"doppione_di": [each.pk for each in similar], "distinta": distinta}
    return _changed(
        found,
        by,
        stato.for_end(end, timezone.localdate()),
        "procedura.riaperta",
        motivo,
        data_fine=end,
        **(confirmed if similar else {}),
    )


def _alike(found: Procedura, data_fine: date | None) -> list[Procedura]:
    # Who enters the same one waits here, and then sees this procedure.
    company = Azienda.objects.select_for_update(no_key=True).get(pk=found.azienda_id)
    return duplicates.overlapping(
        azienda=company,
        tipo=found.tipo,
        data_avvio=found.data_avvio,
        data_fine=data_fine,
        but=found.pk,
    )


def _taken(by: User, pk: int, versione: int, *, state: str = "") -> Procedura:
    roles.require(by, EDIT)
    found = locked(pk, by=by)
    unchanged_since(found, versione, by=by)
    if state and found.stato != state:
        raise ValidationError(f"La procedura non è {state}: è {found.get_stato_display()}.")
    return found


def _changed(
    found: Procedura,
    by: User,
    state: str,
    action: str,
    motivo: str = "",
    *,
    data_fine: date | None,
    **confirmed: Any,
) -> Procedura:
    wanted = {"stato": state, "data_fine": data_fine}
    changes = {
        name: [_plain(getattr(found, name)), _plain(value)]
        for name, value in wanted.items()
        if getattr(found, name) != value
    }
    # A state that a person has chosen is his, also where it is what it was.
    found.campi_a_mano = sorted({*found.campi_a_mano, "stato", *changes})
    found.stato, found.data_fine = state, data_fine
    found.versione += 1
    with quarters_kept([found.pk], by=by):
        found.save()
    history.record_version(found, by=by)
    audit.record(
        by=by,
        action=action,
        on=found,
        versione=found.versione,
        motivo=motivo,
        modifiche=changes,
        **confirmed,
    )
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
