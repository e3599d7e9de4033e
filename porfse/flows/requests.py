"""Asking that a flow be validated once more; the validation itself is `validation.validate`."""

from django.db import transaction

from porfse import audit, roles
from porfse.flows.errors import NotNow
from porfse.flows.source import source_of
from porfse.models import Flow, User


def ask_validation(flow_id: int, *, by: User) -> Flow:
    """Decide that a flow is to be validated again, or at last.

    Its state says so at once: the page shows it, and a worker takes it up even if none is told.

    Raises:
        NotNow: the flow is in progress, or past its validation.
    """
    with transaction.atomic():
        flow = Flow.objects.select_for_update().get(pk=flow_id)
        roles.require(by, source_of(flow.sorgente).permission)
        if flow.stato not in (Flow.Stato.CARICATO, Flow.Stato.VALIDATO):
            raise NotNow(f"Il flusso è {flow.get_stato_display()}: non si può validare.")
        flow.stato, flow.messaggio = Flow.Stato.IN_VALIDAZIONE, ""
        flow.save(update_fields=["stato", "messaggio"])
        audit.record(by=by, action="flusso.validazione_chiesta", on=flow)
    return flow
