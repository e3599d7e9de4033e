"""From a measure to the ledger: what it granted and paid, as movements, once."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from measures.ledger.days import VOCI
from measures.ledger.positions import Posizione, last_days, positions
from measures.misura import Misura
from porfse import audit, money, roles
from porfse.figures import Board
from porfse.models import Fonte, User
from porfse.periods import italian
from programme.models import Iniziativa, Movimento
from programme.services import Act, Conflict, insert_movement

PERMISSION = "programme.add_movimenti"


def initiative_of(misura: Misura) -> Iniziativa:
    """Return the initiative that holds the money of a measure."""
    return Iniziativa.objects.select_related("asse", "azione").get(pk=misura.iniziativa)


def obstacle(position: Posizione, last: date | None) -> str:
    """Say why nothing may be written on the day of a position; empty if it may.

    What follows that day in the ledger was counted from the total of a later one.
    """
    if last and last > position.al:
        return (
            f"Il registro ha già movimenti dell'iniziativa fino al {italian(last)}: scegliere un"
            " giorno non precedente."
        )
    return ""


@transaction.atomic
def post(
    *,
    by: User,
    misura: Misura,
    al: date,
    atto: Act,
    grandezze: Collection[str] = tuple(VOCI),
    attesi: Mapping[str, Decimal] | None = None,
) -> list[Movimento]:
    """Write in the ledger what a measure granted and paid up to a day and is not there yet.

    Of several at once the first one writes; the same day again writes nothing. Examples never
    reach the ledger.

    Args:
        al: the day of the total and of the movements.
        grandezze: `impegnate`, `liquidate` or both.
        attesi: euro by quantity that the person saw in the preview.

    Returns:
        The movements written: none, one or two.

    Raises:
        ValidationError: by field (`al` or those of the act): the day is within a published
            balance, or before a movement of the initiative; the measure has no rows.
        Conflict: what would be written is not what the person saw; `current` is the positions.
    """
    roles.require(by, PERMISSION)
    # Whoever comes second waits here, and then finds the movements of the first.
    Iniziativa.objects.select_for_update().get(pk=misura.iniziativa)
    initiative, board = initiative_of(misura), Board()
    found = positions(board, misura, initiative, al)
    board.load()
    wanted = [position for position in found if position.grandezza in grandezze]
    if any(position.mancante is None for position in wanted):
        raise ValidationError({"al": "La misura non ha righe: acquisire prima un flusso."})
    if attesi is not None and _changed(wanted, attesi):
        raise Conflict("Nel frattempo gli importi sono cambiati: rileggere l'anteprima.", found)
    last = last_days(initiative)
    written = [
        _write(position, initiative, last.get(position.grandezza), by=by, misura=misura, atto=atto)
        for position in wanted
        if position.mancante
    ]
    if written:
        audit.record(
            by=by,
            action="misura.contabilizzata",
            on=initiative,
            misura=misura.slug,
            al=al,
            movimenti={movement.riferimento: movement.importo for movement in written},
        )
    return written


def _changed(found: Collection[Posizione], expected: Mapping[str, Decimal]) -> bool:
    """Whether something else than what was seen would be written; nothing at all may be."""
    return any(
        position.mancante and position.mancante != expected.get(position.grandezza)
        for position in found
    )


def _write(
    position: Posizione,
    initiative: Iniziativa,
    last: date | None,
    *,
    by: User,
    misura: Misura,
    atto: Act,
) -> Movimento:
    reason = obstacle(position, last)
    if reason and not position.coperta:
        raise ValidationError({"al": reason})
    model = VOCI[position.grandezza].model
    prefix = f"{reference(misura)}{position.grandezza}/{position.al}/"
    number = model.objects.filter(riferimento__startswith=prefix).count() + 1
    try:
        # Within a published balance the programme itself refuses, and says which.
        return insert_movement(
            model,
            by=by,
            riferimento=f"{prefix}{number}",
            atto=atto,
            asse=initiative.asse,
            azione=initiative.azione,
            iniziativa=initiative,
            data=position.al,
            importo=position.mancante or Decimal(0),
            descrizione=_words(position, misura),
            fonte=_source(misura, position.al),
        )
    except ValidationError as error:
        raise _beside_its_field(error) from error


def reference(misura: Misura) -> str:
    """Return what the references of all movements of a measure begin with."""
    return f"misura/{misura.slug}/"


def _source(misura: Misura, day: date) -> Fonte:
    return Fonte.objects.get_or_create(
        documento=f"misura-{misura.slug}",
        data=day,
        sezione="",
        defaults={
            "genere": Fonte.Genere.INSERITA,
            "titolo": f"{misura.nome}: righe al {italian(day)}"[:200],
        },
    )[0]


def _words(position: Posizione, misura: Misura) -> str:
    held = position.registro.amount
    before = "nessun movimento" if held is None else money.euro(held)
    return (
        f"{misura.nome}: righe {money.euro(position.righe.amount or Decimal(0))}, nel registro"
        f" {before}, al {italian(position.al)}."
    )[:300]


def _beside_its_field(error: ValidationError) -> ValidationError:
    """The day of a movement is here the day of the total."""
    if not hasattr(error, "error_dict"):
        return error
    fields: dict[str, Any] = dict(error.error_dict)
    if "data" in fields:
        fields["al"] = fields.pop("data")
    return ValidationError(fields)
