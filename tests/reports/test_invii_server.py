"""Whatever the mail server does: what is tried again, what failed for good, what is not known."""

import signal
import time
from contextlib import contextmanager

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMessage
from django.utils import timezone

from reports.models import Destinatario, Edizione, Invio
from reports.models.edizioni import Illeggibile
from reports.services import consegna, posta
from reports.services.consegna import TENTATIVI, smarrito
from reports.tasks import invii as tasks
from tests.reports.invii import ADDRESS, again, make_due, make_invio, outcomes
from tests.reports.smtp import GREYLISTED, REFUSED

pytestmark = pytest.mark.django_db


def test_a_refused_address_fails_for_good_with_the_words_of_the_server(invio, server):
    server.risposte["RCPT"] = REFUSED
    assert consegna.consegna(invio.pk) is False
    failed = again(invio)
    assert (failed.stato, failed.tentativi, failed.inviato_il) == ("fallito", 1, None)
    assert failed.errore == (
        "Il server di posta rifiuta l'indirizzo (550 5.1.1 Utente sconosciuto)."
    )
    details = {"destinatario": ADDRESS, "tentativi": 1, "errore": failed.errore}
    assert outcomes(invio.edizione) == [("report.non_inviato", details)]
    assert server.prese == []


def test_a_greylisted_mail_is_tried_again_and_leaves(invio, server):
    server.risposte["RCPT"] = GREYLISTED
    assert consegna.consegna(invio.pk) is False
    waiting = again(invio)
    assert (waiting.stato, waiting.tentativi) == ("da_riprovare", 1)
    assert waiting.errore == (
        "Il server di posta chiede di riprovare più tardi (451 4.7.1 Riprovare fra qualche minuto)."
    )
    server.risposte.clear()
    assert consegna.consegna(invio.pk) is False  # it is not yet time
    make_due(invio)
    assert consegna.consegna(invio.pk) is True
    assert (again(invio).stato, again(invio).errore, again(invio).tentativi) == ("inviato", "", 2)


@pytest.mark.parametrize("answer", ["554 5.7.1 Contenuto rifiutato", "552 Troppo grande"])
def test_a_refused_content_fails_for_good(invio, server, answer):
    server.risposte["."] = answer
    assert consegna.consegna(invio.pk) is False
    assert again(invio).stato == "fallito"
    assert again(invio).errore == f"Il server di posta rifiuta il messaggio ({answer})."


def test_a_server_that_is_down_is_tried_until_the_last_time(invio, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    for done in range(1, TENTATIVI):
        assert consegna.consegna(invio.pk) is False
        assert (again(invio).stato, again(invio).tentativi) == ("da_riprovare", done)
        assert "non risponde" in again(invio).errore
        make_due(invio)
    assert outcomes(invio.edizione) == []
    assert consegna.consegna(invio.pk) is False
    assert (again(invio).stato, again(invio).tentativi) == ("fallito", TENTATIVI)
    assert consegna.consegna(invio.pk) is False  # it waits no more
    assert again(invio).tentativi == TENTATIVI


def test_a_host_without_a_name_is_told_as_unreachable(invio, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "posta.esempio.invalid"
    assert consegna.consegna(invio.pk) is False
    assert again(invio).errore == "Il server di posta non è raggiungibile."
    assert again(invio).stato == "da_riprovare"


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", ["slow", "dropped"])
def test_a_server_that_stops_before_it_has_the_mail_is_tried_again(invio, server, verb, how):
    if how == "slow":
        server.attese[verb] = 1.0  # the product waits half as long
    else:
        server.risposte[verb] = ""
    assert consegna.consegna(invio.pk) is False
    waiting = again(invio)
    assert (waiting.stato, waiting.errore) == (
        "da_riprovare",
        "Il server di posta non risponde o ha interrotto la comunicazione.",
    )
    assert not smarrito(waiting)
    assert server.prese == []


def test_a_server_that_breaks_off_in_the_middle_of_a_mail_has_not_got_it(server, settings):
    settings.EMAIL_TIMEOUT = 5
    server.morso = 10_000
    mail = EmailMessage("Grande", "Corpo", to=[ADDRESS])
    mail.attach("grande.bin", bytes(12 << 20), "application/octet-stream")
    with pytest.raises(OSError, match="not connected") as broken:
        posta.consegna(mail)
    assert not posta.definitivo(broken.value)


@pytest.mark.parametrize("how", ["slow", "dropped", "garbled"])
def test_a_server_that_has_the_mail_and_does_not_confirm_gets_no_second_one(invio, server, how):
    if how == "slow":
        server.attese["."] = 1.0
    else:
        server.risposte["."] = "" if how == "dropped" else "bene"
    assert consegna.consegna(invio.pk) is False
    assert server.indirizzi == [ADDRESS]
    unsure = again(invio)
    assert (unsure.stato, unsure.errore) == ("in_invio", consegna.INCERTO)
    assert smarrito(unsure)
    assert consegna.consegna(invio.pk) is False
    assert server.indirizzi == [ADDRESS]


def test_a_server_that_leaves_without_a_word_after_taking_it_has_taken_it(invio, server):
    server.risposte["QUIT"] = ""
    assert consegna.consegna(invio.pk) is True
    assert again(invio).stato == "inviato"


@contextmanager
def time_limit(seconds: float):
    """Do what a worker does to a task that lasts too long."""

    def over(*_: object) -> None:
        raise SoftTimeLimitExceeded

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    ("verb", "stato", "errore"),
    [
        ("EHLO", "da_riprovare", "Il server di posta non risponde"),
        ("RCPT", "da_riprovare", "Il server di posta non risponde"),
        (".", "in_invio", consegna.INCERTO),
        ("QUIT", "inviato", ""),
    ],
)
def test_a_server_that_never_comes_to_an_end_holds_no_worker(invio, server, verb, stato, errore):
    server.gocce.add(verb)
    since = time.monotonic()
    with time_limit(1):
        assert consegna.consegna(invio.pk) is (stato == "inviato")
    assert time.monotonic() - since < 3
    found = again(invio)
    assert (found.stato, found.errore[: len(errore)]) == (stato, errore)
    assert bool(found.errore) is bool(errore)


def test_a_task_ends_before_its_mail_counts_as_lost():
    assert tasks.consegna.soft_time_limit < tasks.consegna.time_limit
    assert tasks.consegna.time_limit < consegna._LOST.total_seconds()


@pytest.mark.parametrize(
    ("verb", "answer", "words"),
    [
        ("EHLO", "", "non risponde o ha interrotto la comunicazione"),
        ("MAIL", "550 5.7.1 Mittente", "non accetta messaggi dal cruscotto (550 5.7.1 Mittente)"),
        ("MAIL", "530 5.7.0 Chi sei", "non accetta le credenziali del cruscotto (530 5.7.0 Chi"),
        ("RCPT", "530 5.7.0 Chi sei", "non accetta le credenziali del cruscotto (530 5.7.0 Chi"),
    ],
)
def test_what_a_server_refuses_of_all_mails_is_tried_again(invio, server, verb, answer, words):
    server.risposte[verb] = answer
    assert consegna.consegna(invio.pk) is False
    assert again(invio).stato == "da_riprovare"
    assert words in again(invio).errore


def test_a_server_that_refuses_the_connection_is_tried_again(invio, server):
    server.risposte["EHLO"] = server.risposte["HELO"] = "554 5.3.2 Chiuso"
    assert consegna.consegna(invio.pk) is False
    assert (again(invio).stato, again(invio).errore) == (
        "da_riprovare",
        "Il server di posta non accetta messaggi dal cruscotto (554 5.3.2 Chiuso).",
    )


def test_one_mail_that_fails_stops_no_other(edizione, by, server):
    other = "altro@esempio.invalid"
    Destinatario.objects.create(provincia_id="BG", nome="B", email=other)
    first, second = make_invio(edizione, by), make_invio(edizione, by, email=other)
    server.risposte["RCPT"] = REFUSED
    consegna.consegna(first.pk)
    server.risposte.clear()
    consegna.consegna(second.pk)
    assert dict(Invio.objects.values_list("email", "stato")) == {
        ADDRESS: "fallito",
        other: "inviato",
    }


def test_what_the_server_says_is_kept_short_and_on_one_line(invio, server):
    server.risposte["RCPT"] = f"550-prima riga\r\n550 {'à' * 900}"
    consegna.consegna(invio.pk)
    words = again(invio).errore
    assert len(words) == 500
    assert "\n" not in words


def test_an_error_of_ours_leaves_no_mail_on_the_way(invio, settings):
    settings.EMAIL_BACKEND = "nessuno.Backend"
    with pytest.raises(ImportError):
        consegna.consegna(invio.pk)
    assert (again(invio).stato, again(invio).errore) == ("fallito", consegna.INTERNO)


def test_a_mail_that_cannot_be_written_fails_once_and_is_not_taken_up(edizione, by, server):
    unreadable = Edizione.objects.create(
        report="prova", periodo="2025-B4", al="2025-08-31", provincia_id="BG", stato="pubblicata",
        contenuto="{}", contenuto_sha256="0" * 64, richiesta_da=by, richiesta_il=timezone.now(),
        numero=9_000, anno=2025, pubblicata_da=by, pubblicata_il=timezone.now(),
    )  # fmt: skip
    mail = make_invio(unreadable, by)
    with pytest.raises(Illeggibile):
        consegna.consegna(mail.pk)
    failed = again(mail)
    assert (failed.stato, failed.errore, failed.tentativi) == ("fallito", consegna.INTERNO, 1)
    assert consegna.consegna(mail.pk) is False
    assert server.prese == []
