"""Who asks for what of a flow: the validation itself is `validation.validate`."""

from django.db import transaction

from porfse import audit
from porfse.flows.errors import NotNow
from porfse.flows.scope import require_on
from porfse.flows.source import source_of
from porfse.models import AuditEvent, Flow, User


def ask_validation(flow_id: int, *, by: User) -> Flow:
    """Decide that a flow is to be validated again, or at last.

    Its state says so at once: the page shows it, and a worker takes it up even if none is told.

    Raises:
        NotNow: the flow is in progress, or past its validation.
    """
    with transaction.atomic():
        flow = Flow.objects.select_for_update().get(pk=flow_id)
        require_on(flow, source_of(flow.sorgente), by=by)
        if flow.stato not in (Flow.Stato.CARICATO, Flow.Stato.VALIDATO):
            raise NotNow(f"Il flusso è {flow.get_stato_display()}: non si può validare.")
        flow.stato, flow.messaggio = Flow.Stato.IN_VALIDAZIONE, ""
        flow.save(update_fields=["stato", "messaggio"])
        audit.record(by=by, action="flusso.validazione_chiesta", on=flow)
    return flow


def asked_by(flow: Flow) -> User:
    """Return who asked for what is in progress on a flow: validation, or acquisition."""
    wanted = ("caricato", "validazione_chiesta", "in_validazione", "acquisizione_chiesta")
    event = (
        AuditEvent.objects.filter(
            object_type="porfse.flow",
            object_id=str(flow.pk),
            action__in=[f"flusso.{action}" for action in wanted],
        )
        .order_by("-pk")
        .first()
    )
    return event.actor if event else flow.caricato_da
