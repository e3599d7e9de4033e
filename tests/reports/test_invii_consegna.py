"""A mail leaves once, written down, if nothing has changed while it waited; and the workers."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from porfse import celery_app
from reports.models import Destinatario, Edizione, Invio
from reports.services import consegna, posta
from reports.services.consegna import PAUSE, TENTATIVI
from reports.tasks import invii as tasks
from tests.factories.reports import make_edizione
from tests.reports.invii import ADDRESS, again, make_invio, outcomes
from tests.reports.queue import broker
from tests.reports.smtp import GREYLISTED, Posta
from tests.threads import at_once

pytestmark = pytest.mark.django_db


# --- The server takes it ------------------------------------------------------------------------
def test_a_mail_leaves_with_its_file_and_is_written_down(invio, server):
    assert consegna.consegna(invio.pk) is True
    ((address, mail),) = server.prese
    assert address == ADDRESS
    assert mail["Subject"].strip() == (
        "POR FSE · Report di prova, settembre-ottobre 2025, Bergamo: n."
        f" {invio.edizione.numero_completo}"
    )
    assert mail["Auto-Submitted"] == "auto-generated"
    (pdf,) = mail.iter_attachments()
    stored = invio.edizione.file.get(formato="pdf")
    assert (pdf.get_filename(), pdf.get_content_type()) == (stored.nome, "application/pdf")
    assert pdf.get_content() == bytes(stored.contenuto)
    sent = again(invio)
    assert (sent.stato, sent.errore, sent.tentativi) == ("inviato", "", 1)
    assert sent.inviato_il is not None
    details = {"destinatario": ADDRESS, "tentativi": 1, "errore": ""}
    assert outcomes(invio.edizione) == [("report.inviato", details)]


def test_a_mail_that_left_is_not_sent_a_second_time(invio, server):
    assert [consegna.consegna(invio.pk) for _ in range(3)] == [True, False, False]
    assert server.indirizzi == [ADDRESS]
    assert consegna.consegna(0) is False


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_mail(prova, user, server):
    Destinatario.objects.create(provincia_id="BG", nome="A", email=ADDRESS)
    edizione = make_edizione(prova, "pubblicata", provincia="BG")
    waiting = make_invio(edizione, user("gestore"))
    assert sorted(at_once(*[lambda: consegna.consegna(waiting.pk)] * 2)) == [False, True]
    assert server.indirizzi == [ADDRESS]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_held_while_the_server_is_spoken_to(prova, user, server):
    Destinatario.objects.create(provincia_id="BG", nome="A", email=ADDRESS)
    edizione = make_edizione(prova, "pubblicata", provincia="BG")
    waiting, seen = make_invio(edizione, user("gestore")), []

    def look() -> None:
        try:
            with transaction.atomic():
                list(Edizione.objects.order_by().select_for_update(nowait=True))
                list(Destinatario.objects.order_by().select_for_update(nowait=True))
                seen.append(Invio.objects.select_for_update(nowait=True).get().stato)
        except OperationalError as locked:
            seen.append(locked)
        finally:
            connection.close()

    server.durante = look
    assert consegna.consegna(waiting.pk) is True
    assert seen == ["in_invio"]


def test_mails_of_two_letters_have_names_of_their_own(edizione, by, server):
    names = set()
    other = Destinatario.objects.create(provincia_id="BG", nome="B", email="b@esempio.invalid")
    for email in (ADDRESS, other.email):
        consegna.consegna(make_invio(edizione, by, email=email).pk)
        names.add(server.prese[-1][1]["Message-ID"])
    assert len(names) == 2
    assert all(name.startswith(f"<report-{edizione.pk}-") for name in names)


# --- What changes while it waits ----------------------------------------------------------------
def test_a_corrected_edition_that_waits_is_not_sent(prova, edizione, invio, server):
    make_edizione(
        prova, "pubblicata", provincia="BG", edizione=2, rettifica=edizione, errata="Corretto"
    )
    assert consegna.consegna(invio.pk) is False
    assert (again(invio).stato, server.prese) == ("fallito", [])
    assert "rettificato" in again(invio).errore


def test_an_address_that_is_deactivated_meanwhile_gets_nothing(invio, server):
    Destinatario.objects.update(attivo=False)
    assert consegna.consegna(invio.pk) is False
    assert (again(invio).stato, server.prese) == ("fallito", [])
    words = "L'indirizzo nel frattempo è stato tolto o disattivato."
    assert again(invio).errore == words
    details = {"destinatario": ADDRESS, "tentativi": 0, "errore": words}
    assert outcomes(invio.edizione) == [("report.non_inviato", details)]


def test_an_outcome_that_comes_after_another_decision_changes_nothing(invio):
    taken = consegna._prendi(invio.pk)
    assert taken is not None
    Invio.objects.update(stato="in_invio", aggiornato_il=timezone.now())  # somebody else has it
    consegna._annota(taken, Invio.Stato.FALLITO, "tardi")
    assert (again(invio).stato, again(invio).errore) == ("in_invio", "")


# --- The workers --------------------------------------------------------------------------------
def test_a_mail_is_tried_for_two_days_with_longer_and_longer_breaks():
    assert [pause.total_seconds() / 60 for pause in PAUSE[:5]] == [1, 5, 15, 60, 240]
    assert set(PAUSE[4:]) == {timedelta(hours=4)}
    assert timedelta(days=2) <= sum(PAUSE, timedelta()) < timedelta(days=2, hours=4)


def test_the_task_tries_once(invio, server):
    server.risposte["RCPT"] = GREYLISTED
    tasks.consegna.apply([invio.pk])
    assert (again(invio).stato, again(invio).tentativi) == ("da_riprovare", 1)


def test_the_task_sends(invio, server):
    tasks.consegna(invio.pk)
    assert again(invio).stato == "inviato"


def test_mails_that_are_due_or_forgotten_are_taken_up(edizione, by):
    now = timezone.now()
    cases = [  # state, attempts, minutes ago, whether it is taken up
        ("in_coda", 0, 1, False),
        ("in_coda", 0, 3, True),
        ("da_riprovare", 1, 0.5, False),
        ("da_riprovare", 1, 1.5, True),
        ("da_riprovare", 4, 59, False),
        ("da_riprovare", 4, 61, True),
        ("da_riprovare", TENTATIVI - 1, 239, False),
        ("da_riprovare", TENTATIVI - 1, 241, True),
        ("in_invio", 1, 6000, False),
        ("fallito", 1, 6000, False),
    ]
    wanted = []
    for number, (stato, tentativi, minutes, due) in enumerate(cases):
        mail = make_invio(edizione, by, stato, email=f"{number}@x.test", tentativi=tentativi)
        ago = now - timedelta(minutes=minutes)
        Invio.objects.filter(pk=mail.pk).update(aggiornato_il=ago)
        wanted += [("reports.tasks.invii.consegna", [mail.pk])] * due
    with broker() as queued:
        tasks.resume_mails()
        assert queued() == wanted


def test_a_worker_knows_the_tasks():
    celery_app.loader.import_default_modules()
    assert {"reports.tasks.invii.consegna", "reports.tasks.invii.resume_mails"} <= set(
        celery_app.tasks
    )


def test_a_mail_server_has_a_time_to_answer(settings):
    settings.EMAIL_TIMEOUT = 7
    assert posta.Backend().timeout == 7


def test_the_server_of_the_tests_is_a_real_one(server: Posta, settings):
    assert settings.EMAIL_PORT == server.porta > 1024
