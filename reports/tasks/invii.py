"""Sending mails of the outbox; each task may run twice."""

import logging
from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from reports.models import Invio
from reports.services import consegna as servizio

log = logging.getLogger(__name__)
_WAITING = timedelta(minutes=2)  # until then a worker may be about to begin
_LONGEST = 120  # seconds that a server may keep a worker; each of its answers has EMAIL_TIMEOUT


@shared_task(soft_time_limit=_LONGEST, time_limit=_LONGEST + 60)
def consegna(invio_id: int) -> None:
    """Send a mail that is due; any other is left alone."""
    servizio.consegna(invio_id)


@shared_task
def resume_mails() -> None:
    """Take up the mails to be tried again, and those that no worker has; may run twice."""
    fresh = {"stato": Invio.Stato.IN_CODA, "aggiornato_il__gt": timezone.now() - _WAITING}
    due = Invio.objects.filter(servizio.dovuti()).exclude(**fresh).order_by("pk")
    for pk in due.values_list("pk", flat=True):
        log.info("invio %s: ripreso", pk)
        consegna.delay(pk)


@worker_ready.connect
def _take_up(**_: object) -> None:
    resume_mails.delay()
