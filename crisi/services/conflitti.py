"""Deciding which of two values stays: the one that a person entered, or the one of a flow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from crisi.flows.decisioni import Decidibile
from crisi.flows.noti import DOPPIONE
from crisi.models import Conflitto
from porfse import audit
from porfse.errors import BadInput
from porfse.flows.errors import NotNow
from porfse.flows.scope import require_on
from porfse.flows.source import source_of
from porfse.models import Flow, User
from programme.services import Conflict

_AGAIN = "Nulla è stato scritto: guardare i valori di adesso e decidere di nuovo."


@dataclass(frozen=True)
class Decisione:
    """What a person chooses for a conflict.

    Attributes:
        scelta: a value of `Conflitto.Scelta`.
        vista: the choice that he saw there; empty if there was none.
    """

    scelta: str
    vista: str = ""


@transaction.atomic
def decide(*, by: User, flusso: int, decisioni: Mapping[int, Decisione]) -> int:
    """Write choices one by one, all or none; return how many are new.

    Args:
        flusso: key of the flow.
        decisioni: by the key of the conflict.

    Raises:
        NotNow: the flow does not wait for a decision.
        Conflict: the conflicts were found anew, or somebody has chosen otherwise since; `current`
            lists what he has chosen.
        BadInput: a choice is none.
    """
    flow = _waiting(flusso, by)
    if not {item.scelta for item in decisioni.values()} <= set(Conflitto.Scelta.values):
        raise BadInput("Scelta non valida: tenere il dato inserito o prendere quello del flusso.")
    found = Conflitto.objects.select_for_update().filter(flusso=flow).in_bulk(list(decisioni))
    if len(found) != len(decisioni):
        raise Conflict(f"La ricerca dei conflitti è stata ripetuta nel frattempo. {_AGAIN}", [])
    others = [
        item
        for key, item in found.items()
        if item.scelta not in (decisioni[key].vista, decisioni[key].scelta)
    ]
    if others:
        raise Conflict(f"Un'altra persona ha deciso nel frattempo. {_AGAIN}", others)
    changed = [item for key, item in found.items() if item.scelta != decisioni[key].scelta]
    for item in changed:
        item.scelta = decisioni[item.pk].scelta
    _write(changed, flow, by)
    return len(changed)


@transaction.atomic
def decide_all(*, by: User, flusso: int, scelta: str, visti: tuple[int, int]) -> int:
    """Write one choice for all that nobody has decided yet; return how many they were.

    Whether two procedures are the same is not among them: that is decided one by one.

    Args:
        visti: what the person saw: how many waited, and the greatest key among them.

    Raises:
        NotNow: the flow does not wait for a decision.
        Conflict: others have decided since, or the conflicts were found anew.
        BadInput: the choice is none.
    """
    flow = _waiting(flusso, by)
    if scelta not in Conflitto.Scelta.values:
        raise BadInput("Scelta non valida: tenere il dato inserito o prendere quello del flusso.")
    rows = Conflitto.objects.select_for_update().filter(flusso=flow, scelta="")
    waiting = [item for item in rows if together(item)]
    if seen(rows) != visti:
        raise Conflict(f"I conflitti da decidere non sono più quelli di prima. {_AGAIN}", [])
    for item in waiting:
        item.scelta = scelta
    _write(waiting, flow, by)
    return len(waiting)


def seen(waiting: Iterable[Conflitto]) -> tuple[int, int]:
    """Return by what a page says which conflicts wait for one choice when it is shown."""
    keys = [item.pk for item in waiting if together(item)]
    return len(keys), max(keys, default=0)


def together(item: Conflitto) -> bool:
    """Say whether a conflict may be decided together with all the others."""
    return not item.campo.startswith(DOPPIONE)


def _waiting(flusso: int, by: User) -> Flow:
    flow = Flow.objects.select_for_update().get(pk=flusso)
    require_on(flow, source_of(flow.sorgente), by=by)
    if flow.stato != Flow.Stato.VALIDATO:
        raise NotNow(f"Il flusso è {flow.get_stato_display()}: non c'è più nulla da decidere.")
    return flow


def _write(changed: list[Conflitto], flow: Flow, by: User) -> None:
    now = timezone.now()
    for item in changed:
        item.deciso_da, item.deciso_il = by, now
    Conflitto.objects.bulk_update(changed, ["scelta", "deciso_da", "deciso_il"], batch_size=2_000)
    if changed:
        source = source_of(flow.sorgente)
        audit.record(
            by=by,
            action="conflitti.decisi",
            on=flow,
            scelte=[
                [item.codice_pratica, item.id_unita, item.campo, item.scelta] for item in changed
            ],
        )
        if isinstance(source, Decidibile):
            source.decided(flow, changed)
