"""Background work of the kernel: ids in, never objects; each may run twice."""

import logging

from celery import shared_task
from celery.signals import worker_ready
from django.core.management import call_command
from django.db import transaction

from porfse.flows import housekeeping, requests, services, validation
from porfse.flows.errors import NotNow
from porfse.flows.locks import is_free
from porfse.local.processes import wait_until
from porfse.models import Flow, User

log = logging.getLogger(__name__)
_NOTICED = 3  # seconds; locks.working_on lets the server look every second


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that have expired; may run twice."""
    call_command("clearsessions")


@shared_task
def validate_flow(flow_id: int, user_id: int) -> None:
    """Validate a flow in a person's name; one that is past it is left alone.

    So is one that was validated since: whoever wants it done again gives it another state.
    """
    _await_killed(flow_id)
    if Flow.objects.filter(pk=flow_id, stato=Flow.Stato.VALIDATO).exists():
        return
    try:
        validation.validate(flow_id, by=User.objects.get(pk=user_id))
    except NotNow as reason:
        log.info("flusso %s: %s", flow_id, reason)


@shared_task
def acquire_flow(flow_id: int, user_id: int) -> None:
    """Acquire a flow whose acquisition somebody has asked for; may run twice."""
    _await_killed(flow_id)
    services.acquire(flow_id, by=User.objects.get(pk=user_id))


def _await_killed(flow_id: int) -> None:
    """Give the server time to see that a process is gone: the task of a killed one is here first.

    If another process does work on the flow, the task finds it so a little later.
    """
    wait_until(lambda: is_free(flow_id), seconds=_NOTICED)


@shared_task
def resume_flows() -> None:
    """Take up what a killed process left, and remove what nobody needs any more; may run twice."""
    for flow in Flow.objects.in_progress():
        if is_free(flow.pk):
            log.warning("flusso %s: ripreso da «%s»", flow.pk, flow.get_stato_display())
            queue(flow)
    for flow in Flow.objects.forgotten():
        queue(flow)
    housekeeping.tidy()


def queue(flow: Flow) -> None:
    """Give a flow to a worker once the transaction has ended, in the name of who asked last."""
    work = acquire_flow if flow.stato == Flow.Stato.IN_ACQUISIZIONE else validate_flow
    user = requests.asked_by(flow)
    transaction.on_commit(lambda: work.delay(flow.pk, user.pk))


@worker_ready.connect
def _take_up(**_: object) -> None:
    resume_flows.delay()
