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
    name = VOCI[position.grandezza].nome.lower()
    if position.chiuso_al and position.al <= position.chiuso_al:
        return (
            f"Il giorno è compreso nel saldo pubblicato al {italian(position.chiuso_al)} dell'Asse"
            f" {position.asse} ({name}): scegliere un giorno successivo."
        )
    if last and last > position.al:
        return (
            f"Il registro ha già movimenti dell'iniziativa fino al {italian(last)} ({name}):"
            " scegliere un giorno non precedente."
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
    """Write in the ledger what a measure granted and paid since the last published balance.

    What came before it is never caught up, and what may be of before it waits for its date. Of
    several at once the first one writes; the same day again writes nothing. Examples never
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
    # Whoever comes second waits, and finds the movements of the first; who only refers to it, not.
    Iniziativa.objects.select_for_update(no_key=True).get(pk=misura.iniziativa)
    initiative, board = initiative_of(misura), Board()
    found = positions(board, misura, initiative, al)
    board.load()
    wanted = [position for position in found if position.grandezza in grandezze]
    if any(position.mancante is None for position in wanted):
        raise ValidationError({"al": "La misura non ha righe: acquisire prima un flusso."})
    if attesi is not None and _changed(wanted, attesi):
        raise Conflict("Nel frattempo gli importi sono cambiati: rileggere l'anteprima.", found)
    last = last_days(initiative)
    for position in wanted:
        reason = obstacle(position, last.get(position.grandezza))
        if reason and (position.da_scrivere or position.coperta):
            raise ValidationError({"al": reason})
    written = [
        _write(position, initiative, by=by, misura=misura, atto=atto, importo=position.da_scrivere)
        for position in wanted
        if position.da_scrivere
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
        position.da_scrivere and position.da_scrivere != expected.get(position.grandezza)
        for position in found
    )


def _write(
    position: Posizione,
    initiative: Iniziativa,
    *,
    by: User,
    misura: Misura,
    atto: Act,
    importo: Decimal,
) -> Movimento:
    model = VOCI[position.grandezza].model
    prefix = f"{reference(misura)}{position.grandezza}/{position.al}/"
    number = model.objects.filter(riferimento__startswith=prefix).count() + 1
    try:
        return insert_movement(
            model,
            by=by,
            riferimento=f"{prefix}{number}",
            atto=atto,
            asse=initiative.asse,
            azione=initiative.azione,
            iniziativa=initiative,
            data=position.al,
            importo=importo,
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
    since = f" dopo il saldo al {italian(position.saldo_al)}" if position.saldo_al else ""
    return (
        f"{misura.nome}: righe {money.euro(position.righe_dopo)}, nel registro"
        f" {money.euro(position.registro_dopo)},{since} fino al {italian(position.al)}."
    )[:300]


def _beside_its_field(error: ValidationError) -> ValidationError:
    """The day of a movement is here the day of the total."""
    if not hasattr(error, "error_dict"):
        return error
    fields: dict[str, Any] = dict(error.error_dict)
    if "data" in fields:
        fields["al"] = fields.pop("data")
    return ValidationError(fields)
