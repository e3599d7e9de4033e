"""Building editions: what was asked for, and what a killed worker left."""

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from porfse.local.processes import wait_until
from reports.locks import is_free
from reports.models import Edizione
from reports.services import cantiere

log = logging.getLogger(__name__)
_NOTICED = 3  # seconds; locks.working_on lets the server look every second
_PROBED = 5  # seconds until who only looked at the lock has surely let it go
_IN_QUEUE = 900  # seconds that what waits may be in a long queue before it is given to it again
_STARTING = 120  # the same when a worker starts anew: what it had taken may be lost
_LONGEST = 600  # seconds that a build may take; it takes a few


@shared_task(
    bind=True,
    autoretry_for=(Exception,),
    retry_backoff=cantiere.ATTESA,
    retry_jitter=False,
    max_retries=cantiere.TENTATIVI,
    soft_time_limit=_LONGEST,
    time_limit=_LONGEST + 60,
)
def build(self: Any, edizione_id: int) -> None:
    """Build an edition that was asked for; one that is past it is left alone.

    It gives the server time to see that a process is gone: the task of a killed one comes first.
    One that still waits was held by somebody who does not build it: it is tried again.
    """
    wait_until(lambda: is_free(edizione_id), seconds=_NOTICED)
    edizione = cantiere.costruisci(edizione_id)
    if edizione and edizione.stato == Edizione.Stato.IN_CODA:
        raise self.retry(countdown=_PROBED)


@shared_task
def resume_builds(in_queue: int = _IN_QUEUE) -> None:
    """Take up what a killed worker left, and what no worker was told of; may run twice.

    Args:
        in_queue: seconds; what waits for less, after its pause if it failed, is left alone.
    """
    before = timezone.now() - timedelta(seconds=in_queue)
    left = Edizione.objects.forgotten(before).order_by("pk").values_list("pk", flat=True)
    for pk in left:
        if cantiere.riprendi(pk, before=before):
            log.warning("edizione %s: ripresa", pk)
            build.delay(pk)


@worker_ready.connect
def _take_up(**_: object) -> None:
    resume_builds.delay(_STARTING)
