"""Periodic work of the kernel."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from porfse import celery_app
from porfse.tasks import clear_sessions

pytestmark = pytest.mark.django_db

NAME = "porfse.tasks.clear_sessions"


def make_session(key: str, **life: int) -> None:
    Session.objects.create(
        session_key=key, session_data="", expire_date=timezone.now() + timedelta(**life)
    )


def test_expired_sessions_are_deleted_and_no_other():
    make_session("viva", hours=1)
    make_session("scaduta", seconds=-1)
    make_session("vecchia", days=-300)
    for _ in range(2):  # it may run twice
        clear_sessions()
        assert list(Session.objects.values_list("session_key", flat=True)) == ["viva"]


def test_a_worker_knows_it():
    celery_app.loader.import_default_modules()
    assert NAME in celery_app.tasks


def test_every_work_on_the_calendar_is_known_and_clearing_is_there():
    celery_app.loader.import_default_modules()
    planned = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
    assert NAME in planned
    assert planned <= celery_app.tasks.keys()
