"""Periodic work on the quarters; each task may run twice."""

from celery import shared_task
from django.utils import timezone

from crisi import reminders
from crisi.models import MonitoraggioTrimestrale
from crisi.services import trimestri
from crisi.trimestri import due_date, last_quarter
from porfse.models import Provincia, User


@shared_task
def open_last_quarter() -> None:
    """Open the quarter that ended last, for the nuclei that have it not yet."""
    oggi = timezone.localdate()
    last = last_quarter(oggi)
    opened = MonitoraggioTrimestrale.objects.filter(trimestre=str(last)).count()
    if opened < Provincia.objects.count():
        trimestri.open_quarter(
            by=User.objects.sistema(), trimestre=str(last), entro=due_date(last, oggi)
        )


@shared_task(
    autoretry_for=(reminders.NotSent,),
    retry_backoff=60,  # seconds, then twice as long each time
    retry_backoff_max=1_800,
    max_retries=6,
)
def remind() -> None:
    """Send the reminders of today; what fails is tried again, and tomorrow at the latest."""
    reminders.send_due(timezone.localdate())
