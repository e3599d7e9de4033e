"""The count of a certification batch, and its writing: entries, sums, ledger movements."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Max, Q

from cigd.caps import AZIONI, INIZIATIVE, rooms
from cigd.models import Lotto, LottoAzione, LottoRiga, TassoUE
from cigd.scope import scope
from cigd.selection import Entry, Room, Selection
from cigd.states import look_again, rewrite
from porfse import money
from porfse.models import Fonte
from programme.models import Asse, Azione, Iniziativa, Movimento, Perimetro, SpesaCertificata
from programme.refusals import not_within_balance, same_branch
from programme.services import Act, insert_movement

BLOCK = 20_000  # entries written at once
_COPY = (
    "COPY cigd_voce (lotto_id, flusso_id, riga, causale, azione_id, importo, origine_flusso_id,"
    " origine_riga) FROM STDIN"
)


class Change(Exception):
    """What would be written is not what was counted."""


def count_again(batch: Lotto) -> None:
    """Count what enters a batch now and keep it as its preview, in the caller's transaction."""
    selection = _selection(batch)
    for _ in selection.entries():
        pass
    batch.azioni.all().delete()
    batch.righe.all().delete()
    LottoAzione.objects.bulk_create(_azioni(batch, selection.rooms))
    LottoRiga.objects.bulk_create(_righe(batch, selection.rooms))


def write(batch: Lotto) -> None:
    """Write the entries of a batch and its movements, in the caller's transaction.

    Raises:
        Change: the count is no longer that of the preview.
        ValidationError: the programme refuses a movement; its message says why.
    """
    # Held to the end, so that the rate stays the one that the movements are written with; not so
    # strictly that a batch of the same year could not be prepared meanwhile.
    rate = TassoUE.objects.select_for_update(no_key=True).get(pk=batch.anno_id)
    if batch.tasso != rate.tasso:
        raise Change
    selection = _selection(batch)
    _store(batch, selection.entries())
    if _seen(_azioni(batch, selection.rooms)) != _seen(batch.azioni.all()) or _lines(
        _righe(batch, selection.rooms)
    ) != _lines(batch.righe.all()):
        raise Change
    batch.fonte = Fonte.objects.create(
        genere=Fonte.Genere.ESEMPIO if batch.esempio else Fonte.Genere.INSERITA,
        documento=f"lotto-{batch.pk}",
        titolo=f"Lotto di certificazione CIGD n. {batch.pk}",
        data=batch.domanda_data,
    )
    for row in batch.azioni.exclude(importo=0):
        row.movimento = _movement(batch, row)
        row.save(update_fields=["movimento"])
    look_again("cigd_voce")
    rewrite(scope().flussi)


def refusal(azione: str, day: date) -> str:
    """Return why the programme refuses certified expenditure of an azione at a day, if it does."""
    found = Azione.objects.select_related("obiettivo__asse").get(pk=azione)
    initiative = Iniziativa.objects.get(pk=INIZIATIVE[azione])
    try:
        same_branch(found.obiettivo.asse, found, initiative)
    except ValidationError as error:
        what = f"Riportare l'iniziativa «{initiative.nome}» sotto l'azione {azione}."
        return " ".join([*error.messages, what])
    try:
        not_within_balance(SpesaCertificata, found.obiettivo.asse, day)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def balanced_until() -> date | None:
    """Return the last day on which published balances refuse every azione; None if there is none.

    Of later days one azione at least is free, as far as balances go.
    """
    balances = SpesaCertificata.objects.in_force().exclude(natura=Movimento.Natura.MOVIMENTO)
    assi = Asse.objects.filter(obiettivi__azioni__in=AZIONI).distinct()
    days = [
        balances.filter(Q(asse=asse) | Q(asse=None)).aggregate(last=Max("data"))["last"]
        for asse in assi
    ]
    return None if None in days else min(days, default=None)


def _selection(batch: Lotto) -> Selection:
    look_again("porfse_flowwarning", "cigd_posizione", "cigd_voce")
    found = rooms(batch.domanda_data, example=batch.esempio)
    return Selection(scope().flussi, batch.domanda_data, found)


def _store(batch: Lotto, entries: Iterable[Entry]) -> None:
    block: list[str] = []
    for entry in entries:
        cells = (batch.pk, *entry)
        block.append("\t".join("\\N" if cell is None else str(cell) for cell in cells))
        if len(block) == BLOCK:
            _copy(block)
            block = []
    _copy(block)


def _copy(lines: list[str]) -> None:
    if lines:
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write("\n".join(lines) + "\n")


def _azioni(batch: Lotto, found: dict[str, Room]) -> list[LottoAzione]:
    return [
        LottoAzione(
            lotto=batch,
            azione_id=azione,
            massimale=room.massimale,
            gia_certificato=room.gia_certificato,
            importo=room.importo,
            quota_ue=money.half_up(room.importo * batch.tasso, 2),
            attesa_pagamenti=room.attesa_pagamenti,
            attesa_importo=room.attesa_importo,
            successivi=room.successivi,
            successivi_importo=room.successivi_importo,
            attesa_recuperi=room.attesa_recuperi,
            attesa_recuperi_importo=room.attesa_recuperi_importo,
        )
        for azione, room in found.items()
    ]


def _righe(batch: Lotto, found: dict[str, Room]) -> list[LottoRiga]:
    return [
        LottoRiga(
            lotto=batch,
            azione_id=azione,
            flusso_id=flow,
            causale=cause,
            numero=number,
            importo=amount,
        )
        for azione, room in found.items()
        for (flow, cause), (number, amount) in room.righe.items()
    ]


def _seen(rows: Iterable[LottoAzione]) -> set[tuple[Any, ...]]:
    return {
        (row.azione_id, row.massimale, row.gia_certificato, row.importo, row.quota_ue)
        for row in rows
    }


def _lines(rows: Iterable[LottoRiga]) -> set[tuple[Any, ...]]:
    return {(row.azione_id, row.flusso_id, row.causale, row.numero, row.importo) for row in rows}


def _movement(batch: Lotto, row: LottoAzione) -> SpesaCertificata:
    azione = Azione.objects.select_related("obiettivo__asse").get(pk=row.azione_id)
    made = insert_movement(
        SpesaCertificata,
        by=batch.deciso_da,
        riferimento=f"lotto-{batch.pk}-{azione.pk}",
        atto=Act(batch.atto_tipo, batch.atto_numero, batch.atto_data),
        asse=azione.obiettivo.asse,
        azione=azione,
        iniziativa=Iniziativa.objects.get(pk=INIZIATIVE[azione.pk]),
        data=batch.domanda_data,
        importo=row.importo,
        perimetro=Perimetro.CIGD,
        descrizione=f"{batch} di certificazione della CIGD",
        fonte=batch.fonte,
        quota_ue=row.quota_ue,
        domanda_numero=batch.domanda_numero,
        domanda_data=batch.domanda_data,
    )
    if not isinstance(made, SpesaCertificata):
        raise TypeError(made)
    return made
