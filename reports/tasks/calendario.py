"""What the calendar wants; apart from the building, which who asks for an edition imports."""

import logging

from celery import shared_task
from django.utils import timezone

from reports import calendario

log = logging.getLogger(__name__)


@shared_task
def build_due() -> None:
    """Ask for what the calendar wants by now and nobody has asked for; may run twice."""
    for edizione in calendario.richiedi_dovuti(timezone.now()):
        log.info("edizione %s: chiesta dal calendario", edizione.pk)
