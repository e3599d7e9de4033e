"""What the certifying authority does: rates of the accounting years, and batches.

A batch is counted by a task (`count`), decided on by a person who has seen the count (`decide`),
and written by a task (`certify`) if the count is still the same.
"""

from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from cigd.batches import Change, count_again, refusal, write
from cigd.caps import AZIONI
from cigd.models import Lotto, TassoUE
from cigd.scope import scope
from cigd.turns import Work, only_here, wait_for_turn
from porfse import audit, roles
from porfse.flows.errors import NotNow
from porfse.models import User
from porfse.periods import AnnoContabile, italian
from programme.models import DomandaPagamento
from programme.services import Act

PERMISSION = "cigd.certify"
EXAMPLE = "ES-"  # begins the number of an example's application, so that no real one is taken
Stato = Lotto.Stato


@transaction.atomic
def set_rate(*, by: User, anno: int, tasso: Decimal, motivazione: str) -> TassoUE:
    """Enter or correct the EU rate of an accounting year.

    Args:
        anno: the calendar year in which it begins.
        tasso: from 0 to 1, with at most four decimals.

    Raises:
        ValidationError: out of bounds, or a batch was certified, or is being certified, with
            another rate of that year.
    """
    roles.require(by, PERMISSION)
    # Before the lock, so that a page does not wait for a batch that is being written.
    written = Lotto.objects.filter(anno=anno, stato=Stato.IN_CERTIFICAZIONE)
    if busy := written.exclude(anno__tasso=tasso).first():
        raise ValidationError(
            {
                "tasso": f"Il {busy} è in certificazione con il tasso di quest'anno: attendere che"
                " finisca, poi riprovare."
            }
        )
    rate = TassoUE.objects.select_for_update().filter(pk=anno).first() or TassoUE(anno=anno)
    before = None if rate.inserito_il is None else rate.tasso
    used = Lotto.objects.filter(anno=anno, esempio=False, stato=Stato.CERTIFICATO).first()
    if used and tasso != before:
        raise ValidationError(
            {"tasso": f"Il tasso è già usato dal {used}: non si può più cambiare."}
        )
    rate.tasso, rate.motivazione, rate.inserito_da = tasso, motivazione, by
    rate.clean_fields()
    rate.validate_constraints()
    rate.save()
    audit.record(by=by, action="tasso_ue.inserito", on=rate, tasso=tasso, prima=before)
    return rate


@transaction.atomic
def prepare(*, by: User, domanda_numero: str, domanda_data: date, atto: Act) -> Lotto:
    """Open a batch for a payment application; the caller queues its count.

    Raises:
        ValidationError: no flow counts, the year has no rate, the application has another date,
            comes before one that is certified, or lies within published balances in force.
    """
    roles.require(by, PERMISSION)
    counted = scope()
    if not counted.flussi:
        raise ValidationError(
            "Nessun flusso di pagamenti è acquisito: non c'è nulla da certificare."
        )
    number = f"{EXAMPLE}{domanda_numero}" if counted.esempio else domanda_numero
    known = DomandaPagamento.objects.filter(pk=number).first()
    if known and known.data != domanda_data:
        raise ValidationError(
            {"domanda_data": f"La domanda è già registrata con la data {italian(known.data)}."}
        )
    refused = [refusal(azione, domanda_data) for azione in AZIONI]
    too_early = _too_early(domanda_data, example=counted.esempio)
    # What enters is not known yet: an azione that is still free may be all that does.
    if words := too_early or (refused[0] if all(refused) else ""):
        raise ValidationError({"domanda_data": words})
    # Last, so that nobody enters a rate for what is refused all the same.
    rate = _rate_of(domanda_data)
    batch = Lotto.objects.create(
        domanda_numero=number,
        domanda_data=domanda_data,
        atto_tipo=atto.tipo,
        atto_numero=atto.numero,
        atto_data=atto.data,
        anno=rate,
        tasso=rate.tasso,
        esempio=counted.esempio,
        creato_da=by,
    )
    audit.record(by=by, action="lotto.preparato", on=batch, domanda=number, data=domanda_data)
    return batch


def _rate_of(day: date) -> TassoUE:
    year = AnnoContabile.of(day)
    rate = TassoUE.objects.filter(pk=year.start).first()
    if rate is None:
        raise ValidationError(
            {
                "domanda_data": f"Manca il tasso UE dell'anno contabile {year}: inserirlo nella"
                " pagina «Tassi UE», poi preparare il lotto."
            }
        )
    return rate


def count(batch_id: int) -> Lotto:
    """Count what enters a batch; may run twice. One that is past it is left as it is."""
    with transaction.atomic():
        batch = _taken(batch_id, Stato.IN_PREPARAZIONE)
        if batch:
            _still_in_scope(batch) and _counted(batch, "")
    return Lotto.objects.get(pk=batch_id)


def decide(batch_id: int, *, by: User) -> Lotto:
    """Decide that a batch is certified as it was counted; the caller queues `certify`.

    Raises:
        NotNow: it is not waiting for a decision, or `why_not`.
    """
    with transaction.atomic():
        batch = _locked(batch_id)
        roles.require(by, PERMISSION)
        _expect(batch, Stato.PRONTO)
        if words := why_not(batch):
            raise NotNow(words)
        batch.stato, batch.messaggio = Stato.IN_CERTIFICAZIONE, ""
        batch.deciso_da, batch.deciso_il = by, timezone.now()
        batch.save()
        audit.record(by=by, action="lotto.deciso", on=batch, **_sums(batch))
    return batch


def why_not(batch: Lotto) -> str:
    """Return why a batch that was counted cannot be certified as it stands; empty if it can."""
    if not batch.righe.exists():
        return (
            "Nel lotto non entra nulla: annullarlo, e prepararne un altro quando ci sarà spesa"
            " certificabile."
        )
    if words := _too_early(batch.domanda_data, example=batch.esempio):
        return words
    entering = batch.azioni.exclude(importo=0).values_list("azione", flat=True)
    found = (refusal(azione, batch.domanda_data) for azione in entering)
    return next(filter(None, found), "")


def certify(batch_id: int) -> Lotto:
    """Write a batch that was decided on, wholly or not at all; may run twice.

    What changed since it was counted, a later application certified meanwhile, or a movement that
    the programme refuses, puts it back to `pronto` with a message: nothing is certified that nobody
    has seen.
    """
    try:
        with transaction.atomic():
            batch = _taken(batch_id, Stato.IN_CERTIFICAZIONE)
            if batch and _still_in_scope(batch):
                _nothing_against(batch)
                write(batch)
                batch.stato, batch.certificato_il = Stato.CERTIFICATO, timezone.now()
                batch.messaggio = ""
                batch.save()
                audit.record(
                    by=batch.deciso_da, action="lotto.certificato", on=batch, **_sums(batch)
                )
    except Change:
        with transaction.atomic():
            batch = _taken(batch_id, Stato.IN_CERTIFICAZIONE)
            if batch:
                _counted(
                    batch,
                    "Dopo l'anteprima la spesa certificabile, i massimali o il tasso sono cambiati:"
                    " l'anteprima è stata rifatta. Verificarla e confermare di nuovo.",
                )
    except ValidationError as refusal:
        _put_back(batch_id, " ".join(refusal.messages))
    except PermissionDenied:
        _put_back(batch_id, "Chi ha deciso il lotto non ha più il ruolo per certificare.")
    return Lotto.objects.get(pk=batch_id)


def discard(batch_id: int, *, by: User, reason: str) -> Lotto:
    """Give a batch up before it is certified.

    Raises:
        NotNow: it is certified, being certified, or gone already.
    """
    with transaction.atomic():
        batch = _locked(batch_id)
        roles.require(by, PERMISSION)
        _expect(batch, Stato.PRONTO, Stato.IN_PREPARAZIONE)
        batch.stato, batch.messaggio = Stato.ANNULLATO, reason[:500]
        batch.save()
        audit.record(by=by, action="lotto.annullato", on=batch, motivo=reason)
    return batch


def _taken(batch_id: int, state: str) -> Lotto | None:
    """Take a batch in a state, alone on the pool; None if another process has it or is done."""
    work = Work.CERTIFY_BATCH if state == Stato.IN_CERTIFICAZIONE else Work.COUNT_BATCH
    if not only_here(work, batch_id):
        return None
    wait_for_turn()
    return Lotto.objects.select_for_update().filter(pk=batch_id, stato=state).first()


def _still_in_scope(batch: Lotto) -> bool:
    """Example batches end when real flows come, and the other way round."""
    counted = scope()
    if counted.flussi and counted.esempio == batch.esempio:
        return True
    batch.stato = Stato.FALLITO
    batch.messaggio = "I flussi su cui il lotto è stato preparato non sono più quelli che contano."
    batch.save()
    audit.record(by=batch.creato_da, action="lotto.fallito", on=batch, motivo=batch.messaggio)
    return False


def _nothing_against(batch: Lotto) -> None:
    if words := why_not(batch):
        raise ValidationError(words)


def _too_early(day: date, *, example: bool) -> str:
    """Return why an application of a day before one that is certified is refused.

    What lowers the expenditure has no date of its own: in an application before that of its
    payment, the payment would leave the ledger before it entered it.
    """
    done = Lotto.objects.filter(esempio=example, stato=Stato.CERTIFICATO)
    last = done.order_by("-domanda_data", "-pk").first()
    if last is None or last.domanda_data <= day:
        return ""
    return (
        f"La domanda, del {italian(day)}, precede quella del {last}, già certificato: preparare il"
        f" lotto con una data dal {italian(last.domanda_data)} in poi."
    )


def _counted(batch: Lotto, message: str) -> None:
    batch.tasso = batch.anno.tasso
    count_again(batch)
    batch.stato, batch.messaggio = Stato.PRONTO, message
    batch.save()
    audit.record(by=batch.creato_da, action="lotto.contato", on=batch, **_sums(batch))


def _put_back(batch_id: int, message: str) -> None:
    with transaction.atomic():
        batch = _locked(batch_id)
        if batch.stato != Stato.IN_CERTIFICAZIONE:  # another delivery of the task came first
            return
        batch.stato, batch.messaggio = Stato.PRONTO, message[:500]
        batch.save()
        audit.record(
            by=batch.deciso_da or batch.creato_da,
            action="lotto.non_certificato",
            on=batch,
            messaggio=batch.messaggio,
        )


def _sums(batch: Lotto) -> dict[str, object]:
    rows = batch.azioni.values_list("azione", "importo", "quota_ue")
    return {"tasso": batch.tasso, "azioni": [[code, str(a), str(q)] for code, a, q in rows]}


def _locked(batch_id: int) -> Lotto:
    return Lotto.objects.select_for_update(of=("self",)).get(pk=batch_id)


def _expect(batch: Lotto, *states: str) -> None:
    if batch.stato not in states:
        raise NotNow(f"Il lotto è {batch.get_stato_display()}: l'operazione non è più possibile.")
