"""Reminders: each once, to the people of the nucleo alone, at eight in the morning of Rome."""

import threading
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
import time_machine
from celery.schedules import crontab
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError, connection, transaction
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from crisi import reminders
from crisi.models import MonitoraggioTrimestrale, Promemoria
from crisi.tasks import remind
from porfse import celery_app
from tests.factories.crisi import make_monitoraggio, make_nucleo, make_pal, make_unita
from tests.threads import at_once

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
    assert "Unità produttive con dati: 1 di 2; ancora da inserire: 1." in message.body
    assert "https://por-fse.example.org/crisi/trimestri/2025-T3/BG/" in message.body
    assert "MI" not in message.body
    assert "Azienda" not in message.body


def returned(by, day: int, motivo: str, **fields) -> MonitoraggioTrimestrale:
    """A quarter that was sent on 30 October, and came back on a day of November."""
    made = make_monitoraggio(stato="restituito", trasmesso_il="2025-10-30T10:00Z", **fields)
    give_back(made, by, day, motivo)
    return made


def give_back(made: MonitoraggioTrimestrale, by, day: int, motivo: str) -> None:
    with time_machine.travel(datetime(2025, 11, day, 10, tzinfo=ROME), tick=False):
        made.passaggi.create(da="trasmesso", a="restituito", autore=by, motivo=motivo)


def test_a_returned_quarter_is_told_in_its_own_words_once_for_each_return(user):
    gestore = user("gestore")
    make_nucleo()
    made = returned(gestore, 3, "L'esonero")
    Promemoria.objects.create(  # it had been late before it was sent
        monitoraggio=made, genere="dopo", scadenza=DUE, destinatari=[], stato="inviato"
    )
    assert [reminders.send_due(date(2025, 11, day)) for day in (4, 5)] == [1, 0]
    (message,) = mail.outbox
    assert message.subject.endswith(
        "BG: restituito il 03.11.2025, da completare e trasmettere di nuovo"
    )
    assert "il trimestre il 03.11.2025 e richiede: L'esonero\nCompletare" in message.body
    for word in ("ritardo", "scaduto", "era da trasmettere"):
        assert word not in message.body
    give_back(made, gestore, 6, "Ancora l'esonero")
    assert [reminders.send_due(date(2025, 11, day)) for day in (7, 8)] == [1, 0]
    assert "richiede: Ancora l'esonero" in mail.outbox[1].body


def test_a_second_return_on_the_same_day_is_told_too(user):
    gestore = user("gestore")
    make_nucleo()
    made = returned(gestore, 3, "L'esonero")
    assert [reminders.send_due(date(2025, 11, 3)) for _ in range(2)] == [1, 0]
    give_back(made, gestore, 3, "Ancora l'esonero")
    assert [reminders.send_due(date(2025, 11, day)) for day in (3, 4)] == [1, 0]
    assert "richiede: Ancora l'esonero" in mail.outbox[1].body
    steps = made.passaggi.order_by("pk").values_list("pk", flat=True)
    noted = Promemoria.objects.order_by("pk").values_list("genere", "passaggio")
    assert list(noted) == [("restituito", pk) for pk in steps]


def test_what_was_told_before_returns_were_kept_is_not_told_again(user):
    gestore = user("gestore")
    make_nucleo()
    made = returned(gestore, 3, "L'esonero")
    with time_machine.travel(datetime(2025, 11, 3, 12, tzinfo=ROME), tick=False):
        note = Promemoria.objects.create(
            monitoraggio=made,
            genere="restituito",
            scadenza=date(2025, 11, 3),
            destinatari=[],
            stato="inviato",
        )
    with connection.cursor() as cursor:
        cursor.execute(import_module("crisi.migrations.0003_promemoria_passaggio").TOLD)
    note.refresh_from_db()
    assert note.passaggio == made.passaggi.get()
    assert reminders.send_due(date(2025, 11, 4)) == 0


def test_a_quarter_returned_before_its_term_is_reminded_of_the_term(user):
    make_nucleo()
    returned(user("gestore"), 3, "L'esonero", entro=date(2025, 11, 10))
    assert [reminders.send_due(date(2025, 11, day)) for day in (4, 5, 10)] == [1, 0, 1]
    assert [message.subject.split(": ")[1] for message in mail.outbox] == [
        "restituito, da trasmettere di nuovo entro il 10.11.2025",
        "restituito, il termine scade oggi",
    ]
    assert "trasmetterlo di nuovo entro il 10.11.2025." in mail.outbox[0].body


def test_a_reopening_is_told_once_before_it_ends():
    make_nucleo()
    made = make_monitoraggio(
        stato="validato", trasmesso_il="2025-10-20T10:00Z", riaperto_fino_al=date(2025, 12, 10)
    )
    days = [date(2025, 12, day) for day in range(1, 13)]
    assert [day.day for day in days if reminders.send_due(day)] == [3]
    (message,) = mail.outbox
    assert message.subject.endswith("BG: riaperto fino al 10.12.2025")
    assert "si possono correggere fino al 10.12.2025 compreso" in message.body
    assert "trasmettere" not in message.body
    MonitoraggioTrimestrale.objects.filter(pk=made.pk).update(riaperto_fino_al=date(2025, 12, 20))
    assert reminders.send_due(date(2025, 12, 13)) == 1
    assert kinds() == ["riaperto", "riaperto"]


def test_examples_are_told_as_such_and_count_only_alone():
    make_nucleo("BG", username="bergamo")
    make_nucleo("MI", username="milano")
    make_pal(make_unita("BG"))
    for sigla in ("BG", "MI"):
        make_unita(sigla, esempio=True)
        make_monitoraggio(sigla)
    reminders.send_due(DUE)
    told = {message.to[0][:2]: message.body for message in mail.outbox}
    assert "Unità produttive con dati: 1 di 1; esempi 0 di 1.\n" in told["be"]
    assert "Unità produttive con dati: esempi 0 di 1; ancora da inserire: 1." in told["mi"]


def test_a_failing_server_leaves_a_mail_to_be_tried_again_and_stops_no_other(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    for sigla, name in (("BG", "bergamo"), ("MI", "milano"), ("SO", "sondrio")):
        make_nucleo(sigla, username=name)
        make_monitoraggio(sigla)
    with pytest.raises(reminders.NotSent):
        reminders.send_due(DUE)
    assert dict(Promemoria.objects.values_list("monitoraggio__provincia", "stato")) == {
        "BG": "inviato",
        "MI": "fallito",
        "SO": "inviato",
    }
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert reminders.send_due(DUE) == 1
    assert [message.to[0].split("@")[0] for message in mail.outbox] == [
        "bergamo",
        "sondrio",
        "milano",
    ]


class Looking(EmailBackend):
    """A mail server that looks at who could write the quarter while it takes the mail."""

    seen: ClassVar[list[object]] = []

    def send_messages(self, messages):
        def look() -> None:
            try:
                with transaction.atomic():
                    rows = MonitoraggioTrimestrale.objects.select_for_update(nowait=True)
                    self.seen.append([row.provincia_id for row in rows])
                    self.seen.append(Promemoria.objects.get().stato)
            except OperationalError as locked:
                self.seen.append(locked)
            finally:
                connection.close()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return super().send_messages(messages)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_held_while_the_server_is_spoken_to(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Looking"
    make_nucleo()
    make_monitoraggio()
    assert reminders.send_due(DUE) == 1
    assert Looking.seen == [["BG"], "invio"]


def test_a_mail_whose_sender_was_stopped_is_not_sent_twice(caplog):
    make_nucleo()
    made = make_monitoraggio()
    with time_machine.travel(datetime(2025, 10, 31, 8, tzinfo=ROME), tick=False):
        note = Promemoria.objects.create(
            monitoraggio=made, genere="giorno", scadenza=DUE, destinatari=["a@esempio.invalid"]
        )
        assert reminders.send_due(DUE) == 0
    assert caplog.messages == []
    with time_machine.travel(datetime(2025, 10, 31, 9, 1, tzinfo=ROME), tick=False):
        assert reminders.send_due(DUE) == 0
    assert caplog.messages == [f"promemoria {note.pk}: non si sa se sia partito, e non si ripete"]


def test_a_mail_server_has_a_time_to_answer():
    assert mail.get_connection("django.core.mail.backends.smtp.EmailBackend").timeout == 10


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_mail():
    make_nucleo()
    make_monitoraggio()
    assert sorted(at_once(*[lambda: reminders.send_due(DUE)] * 2)) == [0, 1]
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
