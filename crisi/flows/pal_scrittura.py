"""Acquiring a PAL flow, through the one service that writes its rows; and taking it back."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from crisi.flows import esempio
from crisi.flows.pal_controlli import resolved
from crisi.flows.pal_righe import arrivals, changed_since
from crisi.models import AvanzamentoPAL, Conflitto, MonitoraggioTrimestrale
from crisi.services import pal, trimestri
from crisi.services.pal import Riga
from crisi.trimestri import chiuso
from porfse import audit
from porfse.errors import BadInput
from porfse.flows.errors import NotNow
from porfse.flows.stage import Stage
from porfse.models import Flow, User
from programme.services import Conflict

_TIME_TO_LOOK = 30  # days for which the quarters of the demonstration are not late
_AGAIN = "Ripetere la validazione, poi acquisire."


def write(stage: Stage, *, by: User) -> None:
    """Write the rows of a flow in the place of those in force, which stay in the history.

    Rows that a person had entered and that somebody decided to keep are left as they are.

    Raises:
        NotNow: since the validation a quarter was closed, a site or a row in force has changed.
    """
    [(gone,)] = stage.execute(
        f"SELECT count(*) FROM ({resolved(stage)}) r WHERE unita_id IS NULL"  # noqa: S608
    )
    if gone:
        raise NotNow(f"Un'unità del flusso non c'è più. {_AGAIN}")
    # Read before the question: what changes after it, the service finds out.
    by_quarter = _rows(stage)
    # Those of every quarter, before the first quarter is held.
    pal.hold_sites({row.unita_id for rows in by_quarter.values() for row in rows})
    pratica = changed_since(stage)
    if pratica:
        raise NotNow(f"I dati PAL della pratica {pratica} sono cambiati nel frattempo. {_AGAIN}")
    for trimestre in sorted(by_quarter):
        try:
            pal.save(by=by, trimestre=trimestre, rows=by_quarter[trimestre], flusso=stage.flow)
        except (BadInput, Conflict) as reason:
            raise NotNow(f"{reason} {_AGAIN}") from reason


def _rows(stage: Stage) -> dict[str, list[Riga]]:
    chosen = Conflitto.objects.filter(flusso=stage.flow, scelta=Conflitto.Scelta.ARCHIVIO)
    kept = set(chosen.values_list("campo", "codice_pratica", "id_unita"))
    rows = defaultdict(list)
    for each in arrivals(stage):
        if (each.trimestre, each.codice_pratica, each.id_unita) not in kept:
            rows[each.trimestre].append(each.riga)
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
    pal.hold_sites({row.unita_id for row in _standing(flow)})
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
