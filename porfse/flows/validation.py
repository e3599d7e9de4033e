"""Validation of a flow: in one transaction, so that it leaves either all of its findings or none.

Nothing that pages sum is touched: accepted rows stand in tables of the flow's own.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from porfse import audit, money
from porfse.flows import files, header, progress
from porfse.flows.errors import NotNow, Refused
from porfse.flows.late import Late
from porfse.flows.locks import working_on
from porfse.flows.loop import Loop, store_refused
from porfse.flows.readers import Sheet, open_sheet
from porfse.flows.source import Source, source_of
from porfse.flows.stage import Stage
from porfse.models import AuditEvent, ExpectedFlow, Flow, FlowRow, FlowSource, FlowWarning, User

_COUNTED = ("righe", "accettate", "scartate", "segnalate", "importo", "codici")
_TRIES = 3
VALIDABLE = (Flow.Stato.CARICATO, Flow.Stato.VALIDATO, Flow.Stato.IN_VALIDAZIONE)


def validate(flow_id: int, *, by: User) -> Flow:
    """Validate a flow, or again one that was validated; a flow that another process has is left.

    Raises:
        NotNow: the flow is past its validation.
    """
    with working_on(flow_id) as mine:
        flow = Flow.objects.get(pk=flow_id)
        if not mine:
            return flow
        try:
            _begin(flow, by)
        except Hopeless:
            _interrupted(flow, by)
            return Flow.objects.get(pk=flow_id)
        try:
            stage = Stage(flow, source_of(flow.sorgente))
            _refuse_twin(flow, stage)
            stage.count_stored()
            with transaction.atomic():
                _validate(flow, stage, by)
        except Refused as refusal:
            _refuse(flow, str(refusal), by)
        except Exception:
            if connection.is_usable():  # else the database went away: it is taken up again
                _interrupted(flow, by)
            raise
        finally:
            progress.forget(flow_id)
        return flow


class Hopeless(Exception):
    """Each process that has tried to validate this flow has ended in the middle of it."""


def already_acquired(source: str, sha256: str) -> str:
    """Say which flow has brought the same bytes in; empty if none."""
    twin = Flow.objects.acquired(source).filter(sha256=sha256).first()
    if twin is None:
        return ""
    return (
        f"Lo stesso file è già stato acquisito (flusso {twin.pk}, «{twin.nome_file[:100]}»): per"
        " caricarlo di nuovo annullare prima quel flusso."
    )


def _refuse_twin(flow: Flow, stage: Stage) -> None:
    """Refuse a file whose same bytes were acquired after it was uploaded.

    Else all of its rows would be in error, each for being acquired already, and nobody be told why.
    """
    if refusal := already_acquired(flow.sorgente, flow.sha256):
        stage.drop()  # of a validation before this one
        raise Refused(refusal)


def _tried_in_vain(flow: Flow) -> bool:
    """Say whether the last validations all began and none came to an end of any kind."""
    events = AuditEvent.objects.filter(object_type="porfse.flow", object_id=str(flow.pk))
    last = list(events.order_by("-pk").values_list("action", flat=True)[:_TRIES])
    return last == ["flusso.in_validazione"] * _TRIES


def _begin(flow: Flow, by: User) -> None:
    with transaction.atomic():
        current = Flow.objects.select_for_update().get(pk=flow.pk)
        if current.stato not in VALIDABLE:
            raise NotNow(f"Il flusso è {current.get_stato_display()}: non si può validare.")
        if _tried_in_vain(flow):
            raise Hopeless
        flow.stato, flow.messaggio = Flow.Stato.IN_VALIDAZIONE, ""
        flow.save(update_fields=["stato", "messaggio"])
        audit.record(by=by, action="flusso.in_validazione", on=flow)


def _refuse(flow: Flow, message: str, by: User) -> None:
    with transaction.atomic():
        flow.stato, flow.messaggio = Flow.Stato.RIFIUTATO, message[:500]
        flow.save(update_fields=["stato", "messaggio"])
        ExpectedFlow.objects.filter(flusso=flow).update(flusso=None)
        audit.record(by=by, action="flusso.rifiutato", on=flow, messaggio=flow.messaggio)
    files.discard(flow)


def _interrupted(flow: Flow, by: User) -> None:
    """Not the file's fault: it waits for who asks again, so that no worker tries for ever."""
    with transaction.atomic():
        flow = Flow.objects.select_for_update().get(pk=flow.pk)
        flow.stato = Flow.Stato.CARICATO
        flow.messaggio = (
            "La validazione si è interrotta per un errore del sistema: ripeterla; se si ripete"
            " l'errore, avvisare l'amministratore indicando il numero del flusso."
        )
        flow.save(update_fields=["stato", "messaggio"])
        audit.record(by=by, action="flusso.interrotto", on=flow)


def _validate(flow: Flow, stage: Stage, by: User) -> None:
    source = stage.source
    stage.drop()
    FlowRow.objects.filter(flusso=flow).delete()
    FlowWarning.objects.filter(flusso=flow).delete()
    flow.versione_fonte = FlowSource.objects.get_or_create(pk=source.slug)[0].versione
    stage.create()

    def header_of(cells: Sequence[str]) -> int:
        return header.known(cells, source.columns)

    with open_sheet(files.path_of(flow), header_of=header_of) as sheet:
        loop = _load(flow, stage, sheet)
    report = progress.Reporter(flow.pk, loop.read)
    report.rows(loop.read)
    report.phase("indici")
    stage.index()
    report.phase("controlli")
    late = Late(stage)
    if late.find(loop.suspects):
        late.join_refused()
        with sheet.again() as row_at:
            for codes in late.blocks():
                store_refused(stage, loop.refusals(row_at, codes))
    source.warn(stage)
    stage.execute("ANALYZE porfse_flowwarning")
    report.phase("riepiloghi")
    source.prepare(stage)
    _count(flow, stage, loop.read)
    flow.stato = Flow.Stato.VALIDATO
    flow.save()
    counted = {name: getattr(flow, name) for name in _COUNTED}
    audit.record(by=by, action="flusso.validato", on=flow, **counted)


def _load(flow: Flow, stage: Stage, sheet: Sheet) -> Loop:
    layout = header.layout_of(sheet.header, stage.source.columns)
    flow.colonne = [column.name for column in stage.source.columns]
    flow.colonne_ignorate = list(layout.ignored)
    stage.absent = tuple(
        name for name, place in zip(flow.colonne, layout.places, strict=True) if place is None
    )
    loop = Loop(stage, layout)
    loop.run(sheet.rows, progress=progress.Reporter(flow.pk, sheet.expected).rows)
    if not loop.read:
        raise Refused("Il file ha l'intestazione ma nessuna riga di dati: controllare l'invio.")
    return loop


def _count(flow: Flow, stage: Stage, read: int) -> None:
    source = stage.source
    groups = stage.execute(
        f"SELECT {source.group} AS gruppo, count(*), coalesce(sum(s.{source.amount}), 0)"
        f" FROM {stage.table} s GROUP BY 1 ORDER BY 1"
    )
    flow.gruppi = [
        {"key": str(key), "rows": rows, "amount": str(Decimal(amount).quantize(Decimal("0.01")))}
        for key, rows, amount in groups
    ]
    flow.righe = read
    flow.accettate = sum(rows for _, rows, _ in groups)
    flow.importo = sum((Decimal(amount) for _, _, amount in groups), Decimal(0))
    counted = stage.execute(
        "SELECT codice, count(*) FROM (SELECT unnest(codici) AS codice FROM porfse_flowrow"
        " WHERE flusso_id = %s UNION ALL SELECT codice FROM porfse_flowwarning"
        " WHERE flusso_id = %s) tutti GROUP BY 1 ORDER BY 1",
        [flow.pk, flow.pk],
    )
    flow.codici = dict(counted)
    [(refused, amount)] = stage.execute(
        "SELECT count(*), coalesce(sum(importo), 0) FROM porfse_flowrow WHERE flusso_id = %s",
        [flow.pk],
    )
    flow.scartate, flow.importo_scartate = refused, amount
    [(flow.segnalate,)] = stage.execute(
        "SELECT count(DISTINCT riga) FROM porfse_flowwarning WHERE flusso_id = %s", [flow.pk]
    )


def obstacles(flow: Flow) -> dict[str, Any]:
    """Return what stands between a validated flow and its acquisition, for pages and commands.

    Keys: `superata` (bool: something of the source was acquired or cancelled since), `errori`
    (bool: more than 5 % of the rows), `differenze` (list of Italian phrases: note against file),
    `sospese` (what the source wants decided before; empty if nothing).
    """
    source = source_of(flow.sorgente)
    version = FlowSource.objects.get_or_create(pk=flow.sorgente)[0].versione
    return {
        "superata": flow.versione_fonte != version,
        "errori": (flow.quota_errori or Decimal(0)) > Decimal("0.05"),
        "differenze": _differences(flow, source),
        "sospese": source.undecided(flow) if flow.stato == Flow.Stato.VALIDATO else "",
    }


def _differences(flow: Flow, source: Source) -> list[str]:
    found = []
    if flow.righe_dichiarate is not None and flow.righe_dichiarate != flow.righe:
        found.append(
            f"La nota dichiara {money.number(flow.righe_dichiarate)} righe, il file ne ha"
            f" {money.number(flow.righe or 0)}."
        )
    declared, total = flow.importo_dichiarato, flow.importo_file
    if declared is not None and total is not None and declared != total:
        found.append(
            f"La nota dichiara {source.amount_text(declared)}, le righe del file sommano a"
            f" {source.amount_text(total)}"
            f" (differenza {source.amount_text(total - declared, signed=True)})."
        )
    return found
