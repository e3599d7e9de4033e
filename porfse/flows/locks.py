"""Who works on a flow, and who changes what is acquired of a source."""

from porfse.flows.errors import NotNow
from porfse.flows.source import Source, source_of
from porfse.locks import Busy, Lock, patient
from porfse.models import Flow, FlowSource

PATIENCE = "5s"  # how long a page waits
_FLOWS = Lock("flus")
working_on = _FLOWS.working_on
is_free = _FLOWS.is_free


def locked(flow_id: int) -> Flow:
    """Return a flow that nobody else changes to the end of the transaction."""
    return Flow.objects.select_for_update().get(pk=flow_id)


def exclusive(flow_id: int) -> tuple[Flow, Source, FlowSource]:
    """Lock a flow's source, then the flow: always in this order, so that none waits in a circle."""
    slug = Flow.objects.values_list("sorgente", flat=True).get(pk=flow_id)
    version = FlowSource.objects.select_for_update().get(pk=slug)
    return locked(flow_id), source_of(slug), version


def exclusive_soon(flow_id: int) -> tuple[Flow, Source, FlowSource]:
    """The same for a page.

    Raises:
        NotNow: somebody else takes longer than a page may wait.
    """
    try:
        with patient(PATIENCE):
            return exclusive(flow_id)
    except Busy as busy:
        raise NotNow(
            "È in corso l'acquisizione o l'annullamento di un altro flusso della stessa fonte: non"
            " è stato cambiato nulla, riprovare fra qualche minuto."
        ) from busy
