"""What may be done with a flow: authorised, in one transaction, recorded."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from porfse import audit
from porfse.flows import files
from porfse.flows.errors import NotNow, Refused
from porfse.flows.locks import exclusive, exclusive_soon, is_free, locked, working_on
from porfse.flows.scope import require_load, require_on
from porfse.flows.source import Source, source_of, with_dependents
from porfse.flows.stage import Stage
from porfse.flows.validation import already_acquired, obstacles
from porfse.models import ExpectedFlow, Flow, Fonte, User

Stato = Flow.Stato
_ALREADY = "Lo stesso file è già stato acquisito."
_INTERRUPTED = (
    "L'acquisizione si è interrotta per un errore del sistema e nulla è stato acquisito: ripetere"
    " la validazione, poi acquisire; se si ripete l'errore, avvisare l'amministratore indicando il"
    " numero del flusso."
)


@dataclass(frozen=True)
class Note:
    """What the sender's note says: protocol number and day, rows and euro that it declares."""

    protocollo: str = ""
    protocollo_data: date | None = None
    righe_dichiarate: int | None = None
    importo_dichiarato: Decimal | None = None
    attesi: list[int] = field(default_factory=list)  # ids of ExpectedFlow that this file answers


_DECLARED = ("protocollo", "protocollo_data", "righe_dichiarate", "importo_dichiarato")


def receive(
    source: Source,
    stored: files.Stored,
    *,
    by: User,
    name: str,
    note: Note | None = None,
    example: bool = False,
) -> Flow:
    """Register a file that was stored; the same bytes as an acquired flow are refused.

    Returns:
        The flow, `caricato`, or `rifiutato` with its message.

    Raises:
        Refused: an example, where there are real data or no demonstration. Nothing is registered.
    """
    require_load(source, by=by)
    note = note or Note()
    declared = {name: getattr(note, name) for name in _DECLARED}
    with transaction.atomic():
        twin = already_acquired(source.slug, stored.sha256)
        if example:
            _example_allowed(source)
        flow = Flow.objects.create(
            **asdict(stored),
            **declared,
            sorgente=source.slug,
            nome_file=name[:255],
            esempio=example,
            caricato_da=by,
            provincia_id=source.provincia_of(by),
            stato=Stato.RIFIUTATO if twin else Stato.CARICATO,
            messaggio=twin,
        )
        if not twin:
            waiting = ExpectedFlow.objects.filter(pk__in=note.attesi, sorgente=source.slug)
            waiting.filter(flusso=None).update(flusso=flow)
        action = "flusso.rifiutato" if twin else "flusso.caricato"
        audit.record(
            by=by, action=action, on=flow, file=flow.nome_file, sha256=flow.sha256,
            byte=flow.dimensione, esempio=example, messaggio=flow.messaggio,
        )  # fmt: skip
    if twin:
        files.discard(flow)
    return flow


def _example_allowed(source: Source) -> None:
    if not settings.DEMO:
        raise Refused("I dati di esempio si caricano solo nella dimostrazione, non in esercizio.")
    if Flow.objects.acquired(source.slug, example=False).exists():
        raise Refused("La fonte ha già dati reali: i dati di esempio non si mescolano con essi.")


def ask_acquisition(flow_id: int, *, by: User, confirm: bool = False, decision: str = "") -> Flow:
    """Decide that a validated flow is to be acquired; the acquisition itself is `acquire`.

    Args:
        confirm: acquire in spite of more than 5 % of rows in error.
        decision: why, where there are too many errors or the note says something else.

    Raises:
        NotNow: it is not validated, must be validated again, or lacks a confirmation.
    """
    with transaction.atomic():
        flow = locked(flow_id)
        require_on(flow, source_of(flow.sorgente), by=by)
        _expect(flow, Stato.VALIDATO)
        _clear(flow, confirm=confirm, decision=decision)
        flow.stato, flow.decisione, flow.messaggio = Stato.IN_ACQUISIZIONE, decision[:300], ""
        flow.save(update_fields=["stato", "decisione", "messaggio"])
        audit.record(
            by=by,
            action="flusso.acquisizione_chiesta",
            on=flow,
            decisione=flow.decisione,
            errori_confermati=confirm,
        )
    return flow


def _clear(flow: Flow, *, confirm: bool, decision: str) -> None:
    found = obstacles(flow)
    if found["superata"]:
        raise NotNow(
            "Dopo la validazione è stato acquisito o annullato un altro flusso della stessa fonte:"
            " ripetere la validazione, poi acquisire."
        )
    if found["sospese"]:
        raise NotNow(found["sospese"])
    if not flow.accettate:
        raise NotNow("Nessuna riga è accettabile: scartare il flusso e chiedere un nuovo invio.")
    if found["errori"] and not confirm:
        raise NotNow(
            "Più del 5% delle righe è in errore: per acquisire comunque serve una conferma"
            " esplicita, altrimenti rimandare al mittente le righe scartate."
        )
    if found["differenze"] and not decision:
        raise NotNow(
            " ".join(found["differenze"]) + " Per acquisire comunque motivare la decisione."
        )


def acquire(flow_id: int, *, by: User) -> Flow:
    """Make a flow count, wholly or not at all; may run twice, and after a process that was killed.

    A flow that another process has, or that is not waiting for this, is left as it is. What stands
    against it (the same file acquired meanwhile, say) puts it back to `validato` with a message; so
    does an error of the system, which is raised.
    """
    with working_on(flow_id) as mine:
        if mine and Flow.objects.filter(pk=flow_id, stato=Stato.IN_ACQUISIZIONE).exists():
            try:
                with transaction.atomic():
                    _acquire(flow_id, by)
            except (NotNow, Refused) as reason:
                _put_back(flow_id, str(reason), by)
            except Exception as error:
                twin = "flow_acquisito_una_volta" in str(error)
                if connection.is_usable():  # else the database went away: it is taken up again
                    _put_back(flow_id, _ALREADY if twin else _INTERRUPTED, by)
                if not twin:
                    raise
    return Flow.objects.get(pk=flow_id)


def _acquire(flow_id: int, by: User) -> None:
    # One after the other: whoever comes second finds the version changed.
    flow, source, version = exclusive(flow_id)
    if version.versione != flow.versione_fonte:
        raise NotNow(
            "Nel frattempo è stato acquisito o annullato un altro flusso della stessa fonte:"
            " ripetere la validazione, poi acquisire."
        )
    version.versione += 1
    version.save(update_fields=["versione"])
    if flow.esempio:
        _example_allowed(source)
    else:
        _forget_examples(source, by=by, reason=f"Acquisito il flusso reale {flow.pk}.")
    flow.fonte = Fonte.objects.create(
        genere=Fonte.Genere.ESEMPIO if flow.esempio else Fonte.Genere.FLUSSO,
        documento=f"flusso-{flow.pk}",
        titolo=f"{source.nome}: {flow.nome_file}"[:200],
        data=timezone.localdate(),
    )
    flow.stato = Stato.ACQUISITO
    flow.save()
    stage = Stage(flow, source)
    source.acquire(stage, by=by)
    stage.drop()
    audit.record(
        by=by, action="flusso.acquisito", on=flow, righe=flow.accettate, importo=flow.importo,
        decisione=flow.decisione,
    )  # fmt: skip
    # What it cannot remove now, `housekeeping` does: the flow is acquired all the same.
    transaction.on_commit(lambda: files.discard(flow), robust=True)


def _forget_examples(source: Source, *, by: User, reason: str) -> None:
    """Take the examples of a source back; those that refer to their rows before them."""
    for one in with_dependents(source):
        for example in Flow.objects.acquired(one.slug, example=True):
            _cancel(example, one, by=by, reason=reason)


def _put_back(flow_id: int, message: str, by: User) -> None:
    with transaction.atomic():
        flow = locked(flow_id)
        if flow.stato != Stato.IN_ACQUISIZIONE:
            return
        flow.stato, flow.messaggio = Stato.VALIDATO, message[:500]
        flow.save(update_fields=["stato", "messaggio"])
        audit.record(by=by, action="flusso.non_acquisito", on=flow, messaggio=flow.messaggio)


def cancel(flow_id: int, *, by: User, reason: str) -> Flow:
    """Take an acquired flow back: its rows no longer count.

    Raises:
        NotNow: it is not acquired, something of it is certified, sampled or recovered, or another
            flow of the source is being acquired and takes longer than a page may wait.
    """
    with transaction.atomic():
        flow, source, version = exclusive_soon(flow_id)
        require_on(flow, source_of(flow.sorgente), by=by)
        _expect(flow, Stato.ACQUISITO)
        # Who reverses one of its movements holds its source too: one of the two sees the other.
        if flow.fonte is not None:
            Fonte.objects.select_for_update(no_key=True).get(pk=flow.fonte.pk)
        source.hold(flow)
        if obstacle := source.obstacle(flow):
            raise NotNow(obstacle)
        version.versione += 1
        version.save(update_fields=["versione"])
        _cancel(flow, source, by=by, reason=reason)
        return flow


def _cancel(flow: Flow, source: Source, *, by: User, reason: str) -> None:
    undo: Callable[..., None] = source.forget_example if flow.esempio else source.cancel
    undo(flow, by=by)
    if flow.fonte is not None:
        flow.fonte.ritirata_il = timezone.now()
        flow.fonte.ritirata_da = by
        flow.fonte.motivo_ritiro = reason[:300]
        flow.fonte.save()
    flow.stato, flow.messaggio = Stato.ANNULLATO, reason[:500]
    flow.save(update_fields=["stato", "messaggio"])
    ExpectedFlow.objects.filter(flusso=flow).update(flusso=None)
    audit.record(by=by, action="flusso.annullato", on=flow, motivo=reason, importo=flow.importo)


def discard(flow_id: int, *, by: User, reason: str = "") -> Flow:
    """Throw away a flow that was not acquired; its counts and refused rows stay readable.

    Raises:
        NotNow: it is acquired, in progress, or gone already.
    """
    with transaction.atomic():
        flow = locked(flow_id)
        source = source_of(flow.sorgente)
        require_on(flow, source_of(flow.sorgente), by=by)
        if flow.stato == Stato.IN_VALIDAZIONE and not is_free(flow.pk):
            raise NotNow("Il flusso è in validazione: attendere che finisca, poi scartarlo.")
        _expect(flow, Stato.CARICATO, Stato.VALIDATO, Stato.IN_VALIDAZIONE)
        Stage(flow, source).drop()
        flow.stato, flow.messaggio = Stato.SCARTATO, reason[:500]
        flow.save(update_fields=["stato", "messaggio"])
        ExpectedFlow.objects.filter(flusso=flow).update(flusso=None)
        audit.record(by=by, action="flusso.scartato", on=flow, motivo=reason)
    files.discard(flow)
    return flow


def _expect(flow: Flow, *states: str) -> None:
    if flow.stato not in states:
        raise NotNow(f"Il flusso è {flow.get_stato_display()}: l'operazione non è più possibile.")
