"""Acquiring a PAL flow, through the one service that writes its rows; and taking it back."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from crisi.flows import esempio
from crisi.flows.pal_controlli import resolved
from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale
from crisi.models.pal import PASSI
from crisi.services import pal, trimestri
from crisi.services.pal import ANY, Riga
from crisi.trimestri import chiuso
from porfse import audit
from porfse.errors import BadInput
from porfse.flows.errors import NotNow
from porfse.flows.stage import Stage
from porfse.models import Flow, User

_NUMBERS = ("sospesi", *PASSI)
_TIME_TO_LOOK = 30  # days for which the quarters of the demonstration are not late
_AGAIN = "Ripetere la validazione, poi acquisire."


def write(stage: Stage, *, by: User) -> None:
    """Write the rows of a flow in the place of those in force, which stay in the history.

    What the flow does not carry stays: the instruments, and the reason of the exempt where it is
    not sent.

    Raises:
        NotNow: since the validation a quarter was closed, or a site has changed.
    """
    by_quarter = _rows(stage)
    for trimestre in sorted(by_quarter):
        try:
            pal.save(by=by, trimestre=trimestre, rows=by_quarter[trimestre], flusso=stage.flow)
        except BadInput as reason:
            raise NotNow(f"{reason} {_AGAIN}") from reason


def _rows(stage: Stage) -> dict[str, list[Riga]]:
    names = ("trimestre", "unita_id", "motivo_esonero", *_NUMBERS)
    found = stage.execute(f"SELECT {', '.join(names)} FROM ({resolved(stage)}) r ORDER BY riga")  # noqa: S608
    standing = {
        (row.trimestre, row.unita_id): row
        for row in AvanzamentoPAL.objects.in_force().filter(trimestre__in={row[0] for row in found})
    }
    rows = defaultdict(list)
    for trimestre, unita, motivo, *numbers in found:
        if unita is None:
            raise NotNow(f"Un'unità del flusso non c'è più. {_AGAIN}")
        values = dict(zip(_NUMBERS, numbers, strict=True))
        before = standing.get((trimestre, unita))
        kept = {"motivo_esonero": motivo or ""}
        if before:
            kept["strumenti"] = tuple(before.strumenti)
            kept["altro_strumento"] = before.altro_strumento
            if values["no_pal"] and not motivo:
                kept["motivo_esonero"] = before.motivo_esonero
        rows[trimestre].append(Riga(unita_id=unita, **values, **kept, vista=ANY))
    return rows


def _standing(flow: Flow) -> list[AvanzamentoPAL]:
    """The rows of a flow that are still in force."""
    rows = AvanzamentoPAL.objects.in_force().filter(flusso=flow)
    return list(rows.select_related("unita__comune").order_by("pk"))


def _quarters(rows: Iterable[AvanzamentoPAL]) -> list[MonitoraggioTrimestrale]:
    """The quarters of some rows, held until the transaction ends where there is one."""
    keys = {(row.trimestre, row.unita.comune.provincia_id) for row in rows}
    found = MonitoraggioTrimestrale.objects.filter(trimestre__in={key[0] for key in keys})
    ordered = found.order_by("trimestre", "provincia")
    return [item for item in ordered if (item.trimestre, item.provincia_id) in keys]


def obstacle(flow: Flow) -> str:
    """Say which quarter of a flow may no longer be changed, and what to do; empty if none."""
    oggi = timezone.localdate()
    reasons = (chiuso(item, oggi) for item in _quarters(_standing(flow)))
    return next(filter(None, reasons), "")


def restore(flow: Flow, *, by: User) -> None:
    """Put the versions back that a flow replaced, in the caller's transaction.

    Rows that somebody has corrected since stay as they are: they are no longer the flow's.

    Raises:
        NotNow: while it was asked, a quarter was closed.
    """
    keys = [item.pk for item in _quarters(_standing(flow))]
    held = MonitoraggioTrimestrale.objects.select_for_update().filter(pk__in=keys)
    quarters = list(held.order_by("trimestre", "provincia"))
    reason = obstacle(flow)
    if reason:
        raise NotNow(reason)
    rows = _standing(flow)
    before = _replaced(flow, rows)
    now = timezone.now()
    AvanzamentoPAL.objects.filter(pk__in=[row.pk for row in rows]).update(sostituito_il=now)
    for old in before:
        old.pk, old.inserito_il, old.sostituito_il = None, now, None
        old._state.adding = True  # noqa: SLF001 – the same values once more, as a new version
    AvanzamentoPAL.objects.bulk_create(before, batch_size=5_000)
    for monitoraggio in quarters:
        if monitoraggio.riaperto_fino_al:
            sigla = monitoraggio.provincia_id
            own = [
                row
                for row in rows
                if (row.trimestre, row.unita.comune.provincia_id) == (monitoraggio.trimestre, sigla)
            ]
            trimestri.correct(monitoraggio, len(own), by=by)
        else:
            trimestri.settle(monitoraggio, by=by)
        audit.record(by=by, action="pal.ripristinato", on=monitoraggio, flusso=flow.pk)


def _replaced(flow: Flow, rows: Iterable[AvanzamentoPAL]) -> list[AvanzamentoPAL]:
    """The rows that were in force until those of the flow took their place."""
    moments = {(row.unita_id, row.trimestre): row.inserito_il for row in rows}
    candidates = AvanzamentoPAL.objects.filter(
        unita__avanzamenti__flusso=flow,
        unita__avanzamenti__trimestre=F("trimestre"),
        sostituito_il=F("unita__avanzamenti__inserito_il"),
    ).distinct()
    return [
        row for row in candidates if moments.get((row.unita_id, row.trimestre)) == row.sostituito_il
    ]


def forget(*, by: User) -> None:
    """Remove what was said of the example sites, in whatever way it was said."""
    rows = AvanzamentoPAL.objects.filter(unita__procedura__esempio=True)
    quarters = _quarters(rows.select_related("unita__comune"))
    rows.delete()
    for monitoraggio in quarters:
        trimestri.settle(monitoraggio, by=by)


def open_for_example(*, by: User) -> None:
    """Open the quarters of the example, where nobody has."""
    due = timezone.localdate() + timedelta(days=_TIME_TO_LOOK)
    for periodo in esempio.quarters():
        trimestri.open_quarter(by=by, trimestre=str(periodo), entro=due)
