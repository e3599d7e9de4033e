"""Reminders: each once, to the people of the nucleo alone, at eight in the morning of Rome."""

import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from celery.schedules import crontab
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from crisi import reminders
from crisi.models import MonitoraggioTrimestrale, Promemoria
from crisi.tasks import remind
from porfse import celery_app
from tests.factories.crisi import make_monitoraggio, make_nucleo, make_pal, make_unita

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
DUE = date(2025, 10, 31)


class Failing(EmailBackend):
    """A mail server that takes no mail for the nucleo of Milano."""

    def send_messages(self, messages):
        if any("milano@esempio.invalid" in message.to for message in messages):
            raise ConnectionRefusedError
        return super().send_messages(messages)


def kinds() -> list[str]:
    return list(Promemoria.objects.order_by("pk").values_list("genere", flat=True))


def test_each_kind_goes_out_once_for_a_due_date():
    make_nucleo(username="bergamo")
    make_monitoraggio()
    day, sent = date(2025, 10, 20), []
    while day < date(2025, 11, 10):
        for _ in range(2):  # the task may run twice
            sent += [day] * reminders.send_due(day)
        day += timedelta(days=1)
    assert sent == [date(2025, 10, 24), DUE, date(2025, 11, 1)]
    assert kinds() == ["prima", "giorno", "dopo"]
    assert [message.to for message in mail.outbox] == [["bergamo@esempio.invalid"]] * 3
    assert Promemoria.objects.first().destinatari == ["bergamo@esempio.invalid"]


def test_a_day_that_was_missed_is_made_up_once():
    make_nucleo()
    make_monitoraggio()
    assert reminders.send_due(date(2025, 10, 28)) == 1
    assert reminders.send_due(date(2025, 11, 20)) == 1
    assert kinds() == ["prima", "dopo"]


def test_a_moved_term_has_reminders_of_its_own():
    make_nucleo()
    made = make_monitoraggio()
    reminders.send_due(DUE)
    MonitoraggioTrimestrale.objects.filter(pk=made.pk).update(entro=date(2025, 11, 20))
    assert reminders.send_due(date(2025, 11, 1)) == 0
    assert reminders.send_due(date(2025, 11, 20)) == 1
    assert kinds() == ["giorno", "giorno"]


@pytest.mark.parametrize("state", ["trasmesso", "validato"])
def test_who_has_sent_is_left_alone(state):
    make_nucleo()
    make_monitoraggio(stato=state, trasmesso_il="2025-10-20T10:00Z")
    assert reminders.send_due(DUE) == 0


def test_mail_goes_to_active_people_of_the_nucleo_with_an_address(user):
    make_monitoraggio("BG")
    make_nucleo("BG", username="seconda")
    make_nucleo("BG", username="prima")
    make_nucleo("BG", username="via", is_active=False)
    make_nucleo("MI", username="milano")
    user("lettore", username="lettore", provincia_id="BG")
    without = make_nucleo("BG")
    without.email = ""
    without.save()
    assert reminders.send_due(DUE) == 1
    (message,) = mail.outbox
    assert message.to == ["prima@esempio.invalid", "seconda@esempio.invalid"]


def test_without_addresses_nothing_is_noted_so_that_it_goes_out_later():
    make_monitoraggio()
    assert reminders.send_due(DUE) == 0
    make_nucleo()
    assert reminders.send_due(DUE) == 1


def test_a_mail_tells_of_the_own_quarter_alone(settings):
    settings.PUBLIC_URL = "https://por-fse.example.org"
    make_nucleo("BG", username="bergamo")
    make_pal(make_unita("BG"))
    make_unita("BG")
    make_unita("MI")
    make_monitoraggio("BG")
    reminders.send_due(date(2025, 11, 4))
    (message,) = mail.outbox
    assert message.subject == (
        "POR FSE · Monitoraggio PAL, 3° trimestre 2025, BG: scaduto il 31.10.2025"
    )
    assert "il ritardo è di 4 giorni." in message.body
    assert "dati di 1 su 2 ancora da inserire." in message.body
    assert "https://por-fse.example.org/crisi/trimestri/2025-T3/BG/" in message.body
    assert "MI" not in message.body
    assert "Azienda" not in message.body


def test_a_returned_quarter_says_what_is_asked_for(user):
    make_nucleo()
    made = make_monitoraggio(stato="restituito", trasmesso_il="2025-10-30T10:00Z")
    made.passaggi.create(da="trasmesso", a="restituito", autore=user("gestore"), motivo="L'esonero")
    reminders.send_due(date(2025, 11, 4))
    assert "lo ha restituito e richiede: L'esonero" in mail.outbox[0].body
    assert "ritardo" not in mail.outbox[0].body


def test_a_failing_server_leaves_a_mail_to_be_tried_again_and_stops_no_other(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    for sigla, name in (("BG", "bergamo"), ("MI", "milano"), ("SO", "sondrio")):
        make_nucleo(sigla, username=name)
        make_monitoraggio(sigla)
    with pytest.raises(reminders.NotSent):
        reminders.send_due(DUE)
    assert sorted(Promemoria.objects.values_list("monitoraggio__provincia", flat=True)) == [
        "BG",
        "SO",
    ]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert reminders.send_due(DUE) == 1
    assert [message.to[0].split("@")[0] for message in mail.outbox] == [
        "bergamo",
        "sondrio",
        "milano",
    ]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_mail():
    make_nucleo()
    make_monitoraggio()
    together, sent = threading.Barrier(2), []

    def run() -> None:
        together.wait()
        try:
            sent.append(reminders.send_due(DUE))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [0, 1]
    assert len(mail.outbox) == 1


def test_the_task_sends_what_is_due_today_in_rome():
    make_nucleo()
    make_monitoraggio()
    with time_machine.travel("2025-10-30 23:30Z"):  # the 31st in Rome
        remind()
    assert kinds() == ["giorno"]


def entry(last_run: datetime) -> ModelEntry:
    """The work as the calendar in the database has it, last done at a moment."""
    declared = settings.CELERY_BEAT_SCHEDULE["remind-nuclei"]
    made = ModelEntry.from_entry("remind-nuclei", app=celery_app, **declared)
    PeriodicTask.objects.filter(pk=made.model.pk).update(last_run_at=last_run)
    return ModelEntry(PeriodicTask.objects.get(pk=made.model.pk), app=celery_app)


def rome(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ROME)


def test_it_is_planned_for_eight_and_a_worker_knows_it():
    celery_app.loader.import_default_modules()
    declared = settings.CELERY_BEAT_SCHEDULE["remind-nuclei"]
    assert declared["task"] in celery_app.tasks
    assert declared["schedule"] == crontab(hour=8, minute=0)
    assert settings.CELERY_TIMEZONE == "Europe/Rome"
    assert settings.CELERY_BEAT_SCHEDULE["open-quarter"]["task"] in celery_app.tasks


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize("after", [0, 1])
def test_it_runs_at_eight_of_rome_across_the_change_of_time(change, after):
    day = change + timedelta(days=after)
    planned = entry(rome(day - timedelta(days=1), 8))
    for hour, minute, due in ((6, 59, False), (7, 59, False), (8, 0, True), (8, 1, True)):
        with time_machine.travel(rome(day, hour, minute), tick=False):
            assert planned.is_due().is_due is due
    with time_machine.travel(rome(day, 7, 30), tick=False):
        assert planned.is_due().next <= 30 * 60


def test_a_run_that_was_missed_is_made_once():
    day = date(2026, 3, 30)
    with time_machine.travel(rome(day, 11, 15), tick=False):
        planned = entry(rome(day - timedelta(days=3), 8))
        assert planned.is_due().is_due
        done = entry(rome(day, 11, 15))
        assert not done.is_due().is_due
    with time_machine.travel(rome(day + timedelta(days=1), 8), tick=False):
        assert done.is_due().is_due
