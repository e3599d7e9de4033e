"""Sending: to exactly whom a person saw, once for each address, whatever the mail server does."""

import signal
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db import OperationalError, connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from porfse import celery_app
from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.local.processes import wait_until
from porfse.models import AuditEvent, User
from reports.models import Destinatario, Edizione, Invio
from reports.models.edizioni import Illeggibile
from reports.services import consegna, invii, posta
from reports.services.consegna import PAUSE, TENTATIVI, da_curare, smarrito
from reports.services.regole import fittizio
from reports.tasks import invii as tasks
from tests.factories.reports import make_edizione
from tests.reports.queue import broker
from tests.reports.smtp import GREYLISTED, REFUSED, Posta, running

pytestmark = pytest.mark.django_db
ADDRESS = "bergamo@esempio.invalid"


@pytest.fixture
def by(user) -> User:
    return user("gestore")


@pytest.fixture
def server(settings):
    """A mail server of this test's own, which the product speaks to."""
    with running() as posta:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", posta.porta
        settings.EMAIL_TIMEOUT = 0.5
        yield posta


@pytest.fixture
def edizione(prova) -> Edizione:
    Destinatario.objects.create(provincia_id="BG", nome="Nucleo", email=ADDRESS)
    return make_edizione(prova, "pubblicata", provincia="BG")


@pytest.fixture
def invio(edizione, by) -> Invio:
    """A mail that waits for a worker."""
    return make_invio(edizione, by)


def make_invio(edizione: Edizione, by: User, stato: str = "in_coda", **fields) -> Invio:
    values = {"edizione": edizione, "email": ADDRESS, "nome": "Nucleo", "richiesto_da": by}
    return Invio.objects.create(stato=stato, **values | fields)


def again(invio: Invio) -> Invio:
    return Invio.objects.get(pk=invio.pk)


def make_due(invio: Invio) -> None:
    """Let pass the time until a mail is tried again."""
    ago = timezone.now() - PAUSE[again(invio).tentativi - 1]
    Invio.objects.filter(pk=invio.pk).update(aggiornato_il=ago)


def outcomes(edizione: Edizione) -> list[tuple[str, dict[str, object]]]:
    """What the register says became of the mails of an edition."""
    actions = ("report.inviato", "report.non_inviato")
    events = AuditEvent.objects.filter(action__in=actions, object_id=str(edizione.pk))
    return list(events.order_by("pk").values_list("action", "details"))


# --- Whom and what ------------------------------------------------------------------------------
def test_the_preview_lists_the_active_addresses_of_the_territory_alone(edizione):
    for sigla, email, active in (
        ("BG", "z@esempio.invalid", True),
        ("BG", "via@esempio.invalid", False),
        ("MI", "milano@esempio.invalid", True),
        (None, "regione@esempio.invalid", True),
    ):
        Destinatario.objects.create(provincia_id=sigla, nome="Z", email=email, attivo=active)
    seen = invii.anteprima(edizione)
    assert seen.indirizzi == (ADDRESS, "z@esempio.invalid")
    assert seen.impedimento == ""
    assert not Invio.objects.exists()


def test_a_regional_report_goes_to_the_addresses_of_the_region(prova):
    Destinatario.objects.create(provincia_id="BG", nome="A", email=ADDRESS)
    Destinatario.objects.create(provincia=None, nome="B", email="regione@esempio.invalid")
    seen = invii.anteprima(make_edizione(prova, "pubblicata"))
    assert seen.indirizzi == ("regione@esempio.invalid",)


def test_the_letter_says_what_it_carries(edizione, settings):
    settings.PUBLIC_URL = "https://por-fse.example.org"
    letter = invii.anteprima(edizione).lettera
    settings.PUBLIC_URL += "/"
    assert invii.anteprima(edizione).lettera == letter
    pdf = edizione.file.get(formato="pdf")
    assert letter.oggetto == (
        f"POR FSE · Report di prova, settembre-ottobre 2025, Bergamo: n. {edizione.numero_completo}"
    )
    assert [item.nome for item in letter.allegati] == ["prova_2025-B5_BG.pdf"]
    assert letter.dimensione == pdf.dimensione
    assert "Provincia di Bergamo, settembre-ottobre 2025" in letter.testo
    assert f"n. {edizione.numero_completo}, consolidato il 10.11.2025" in letter.testo
    assert f"SHA-256 {pdf.sha256}" in letter.testo
    assert f"https://por-fse.example.org{edizione.get_absolute_url()}" in letter.testo
    assert "ESEMPIO" not in letter.testo + letter.oggetto


def test_a_reissue_says_what_it_replaces_and_the_old_one_is_not_sent(prova, edizione, by):
    new = make_edizione(
        prova, "pubblicata", provincia="BG", edizione=2, rettifica=edizione,
        errata="Corretti i <lavoratori> di «Treviglio» & altri",
    )  # fmt: skip
    text = invii.anteprima(new).lettera.testo
    assert f"Sostituisce il report n. {edizione.numero_completo}. Nota di rettifica:" in text
    assert "Corretti i <lavoratori> di «Treviglio» & altri" in text
    assert invii.anteprima(edizione).lettera is None
    with pytest.raises(NotNow, match="è stato rettificato"):
        invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])


def test_files_that_are_too_large_give_way_to_a_link(edizione, settings):
    size = edizione.file.get(formato="pdf").dimensione
    settings.REPORTS_MAIL_MAX_BYTES = size  # in a mail it takes a third more
    letter = invii.anteprima(edizione).lettera
    assert (letter.allegati, letter.pesante) == ((), True)
    assert "superano la dimensione di un messaggio" in letter.testo
    assert edizione.get_absolute_url() in letter.testo
    settings.REPORTS_MAIL_MAX_BYTES = size * 2
    assert not invii.anteprima(edizione).lettera.pesante


@pytest.mark.parametrize("stato", ["in_coda", "in_costruzione", "bozza", "fallita", "interrotta"])
def test_only_a_published_edition_is_sent(prova, by, stato):
    Destinatario.objects.create(provincia_id="BG", nome="A", email=ADDRESS)
    draft = make_edizione(prova, stato, provincia="BG")
    assert invii.anteprima(draft).indirizzi == ()
    with pytest.raises(NotNow, match="non è consolidato"):
        invii.invia(by=by, edizione=draft, destinatari=[ADDRESS])


def test_examples_are_sent_in_the_demonstration_alone_and_to_no_real_address(prova, by, settings):
    prova.esempio = True
    for email in (ADDRESS, "ufficio@regione.it"):
        Destinatario.objects.create(provincia_id="BG", nome="A", email=email)
    example = make_edizione(prova, "pubblicata", provincia="BG")
    seen = invii.anteprima(example)
    assert seen.indirizzi == (ADDRESS,)
    assert [voce.motivo for voce in seen.voci if voce.destinatario.email != ADDRESS] == [
        "I dati di esempio non si inviano a un indirizzo reale."
    ]
    assert "DATI DI ESEMPIO" in seen.lettera.oggetto
    assert "QUESTO REPORT CONTIENE DATI DI ESEMPIO" in seen.lettera.testo
    settings.DEMO = False
    with pytest.raises(NotNow, match="solo nella dimostrazione"):
        invii.invia(by=by, edizione=example, destinatari=[ADDRESS])


@pytest.mark.parametrize(
    ("email", "nowhere"),
    [
        ("a@esempio.invalid", True),
        ("a@x.test", True),
        ("a@EXAMPLE.com", True),
        ("a@posta.example.org.", True),
        ("a@notexample.com", False),
        ("a@invalid.it", False),
        ("a@regione.lombardia.it", False),
    ],
)
def test_addresses_that_lead_nowhere_are_told_by_their_name(email, nowhere):
    assert fittizio(email) is nowhere


def test_the_previews_of_many_editions_cost_as_much_as_that_of_one(prova, by):
    def cost(number: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            seen = invii.anteprime(by=by, report="prova", periodo="2025-B5")
            addresses = [item.indirizzi for item in seen]
        assert addresses == [(f"{item.edizione.provincia_id}@x.test",) for item in seen]
        assert len(seen) == number
        return len(queries)

    for number, sigla in enumerate(("BG", "BS", "CO", "MI"), start=1):
        Destinatario.objects.create(provincia_id=sigla, nome="A", email=f"{sigla}@x.test")
        make_edizione(prova, "pubblicata", provincia=sigla)
        if number == 1:
            cost(1)  # what the person may see is read once
            one = cost(1)
    assert cost(4) == one


# --- Asking -------------------------------------------------------------------------------------
def test_asking_writes_the_mails_and_tells_the_workers_after(
    edizione, by, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as queued:
        (made,) = invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])
    assert (made.stato, made.email, made.nome, made.richiesto_da) == (
        "in_coda", ADDRESS, "Nucleo", by,
    )  # fmt: skip
    assert len(queued) == 1
    event = AuditEvent.objects.get(action="report.invio_chiesto")
    assert (event.object_id, event.details) == (str(edizione.pk), {"destinatari": [ADDRESS]})


@pytest.mark.parametrize("seen", [[], ["altro@esempio.invalid"], [ADDRESS, "altro@x.test"]])
def test_addresses_that_are_no_longer_those_seen_are_refused(edizione, by, seen):
    with pytest.raises(NotNow, match="destinatari sono cambiati"):
        invii.invia(by=by, edizione=edizione, destinatari=seen)
    assert not Invio.objects.exists()


def test_an_edition_goes_once_to_an_address_whatever_its_case(edizione, by):
    invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])
    with pytest.raises(NotNow, match="destinatari sono cambiati"):
        invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])
    Destinatario.objects.update(email=ADDRESS.upper())
    seen = invii.anteprima(edizione)
    assert seen.indirizzi == ()
    assert seen.voci[0].invio.stato == "in_coda"
    with pytest.raises(NotNow, match="nessun destinatario"):
        invii.invia(by=by, edizione=edizione, destinatari=[])
    Destinatario.objects.create(provincia_id="BG", nome="B", email="b@esempio.invalid")
    assert invii.anteprima(edizione).indirizzi == ("b@esempio.invalid",)


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore"])
def test_only_who_may_send_sends(user, edizione, role):
    person = user(role, provincia_id="BG" if role == "nucleo" else None)
    with pytest.raises(PermissionDenied):
        invii.invia(by=person, edizione=edizione, destinatari=[ADDRESS])


def test_what_a_person_may_not_see_is_not_there(edizione, by, prova):
    prova.permesso = prova.permesso_provincia = "porfse.manage_users"
    with pytest.raises(NotThere):
        invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_sends(prova, user):
    Destinatario.objects.create(provincia_id="BG", nome="A", email=ADDRESS)
    edizione, by = make_edizione(prova, "pubblicata", provincia="BG"), user("gestore")
    together, told = threading.Barrier(2), []

    def run() -> None:
        together.wait()
        try:
            told.append(len(invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])))
        except NotNow as refused:
            told.append(refused.status)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [1, 409]
    assert Invio.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_editions_are_locked_in_the_order_in_which_they_are_asked_for(prova, user):
    first = make_edizione(prova, "pubblicata", provincia="BG")
    region = make_edizione(prova, "pubblicata")  # the higher key, and yet the first
    by, refused = user("gestore"), []

    def run() -> None:
        try:
            invii.invia_insieme(by=by, destinatari={first.pk: [], region.pk: []})
        except NotNow as told:
            refused.append(told.status)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        Edizione.objects.select_for_update(of=("self",)).get(pk=region.pk)
        thread.start()
        wait_until(somebody_waits, seconds=10)
        Edizione.objects.select_for_update(of=("self",), nowait=True).get(pk=first.pk)
    thread.join()
    assert refused == [409]


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] == 1


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
    waiting, together, sent = make_invio(edizione, user("gestore")), threading.Barrier(2), []

    def run() -> None:
        together.wait()
        try:
            sent.append(consegna.consegna(waiting.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [False, True]
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


# --- The server does not take it ----------------------------------------------------------------
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


# --- Sending again ------------------------------------------------------------------------------
def test_a_mail_that_failed_is_sent_again_and_it_is_recorded(edizione, by, server):
    failed = make_invio(edizione, by, "fallito", errore="Rifiutato.", tentativi=7)
    invii.ripeti(by=by, invio=failed)
    waiting = again(failed)
    assert (waiting.stato, waiting.errore, waiting.tentativi) == ("in_coda", "", 0)
    event = AuditEvent.objects.get(action="report.invio_ripetuto")
    assert event.details == {
        "destinatario": ADDRESS, "esito": "non inviato", "errore": "Rifiutato.",
    }  # fmt: skip
    assert consegna.consegna(failed.pk) is True
    assert server.indirizzi == [ADDRESS]


@pytest.mark.parametrize("stato", ["in_coda", "da_riprovare", "inviato"])
def test_what_waits_or_was_sent_is_not_sent_again(edizione, by, stato):
    sent = timezone.now() if stato == "inviato" else None
    mail = make_invio(edizione, by, stato, inviato_il=sent)
    with pytest.raises(NotNow, match="si ripete solo"):
        invii.ripeti(by=by, invio=mail, forse_arrivato=True)
    assert again(mail).stato == stato


def test_a_mail_whose_sender_was_stopped_waits_for_a_person(edizione, by):
    with time_machine.travel(datetime(2026, 1, 5, 8, tzinfo=UTC), tick=False) as clock:
        mail = make_invio(edizione, by, "in_invio", tentativi=1)
        assert consegna.consegna(mail.pk) is False
        with pytest.raises(NotNow, match="si ripete solo"):  # its sender may be alive
            invii.ripeti(by=by, invio=mail, forse_arrivato=True)
        clock.shift(timedelta(minutes=31))
        with pytest.raises(NotNow, match="può essere già arrivato"):
            invii.ripeti(by=by, invio=mail)
        invii.ripeti(by=by, invio=mail, forse_arrivato=True)
    assert again(mail).stato == "in_coda"
    event = AuditEvent.objects.get(action="report.invio_ripetuto")
    assert event.details["esito"] == "non noto"


def test_a_corrected_edition_is_not_sent_again(prova, edizione, by):
    failed = make_invio(edizione, by, "fallito")
    make_edizione(
        prova, "pubblicata", provincia="BG", edizione=2, rettifica=edizione, errata="Corretto"
    )
    with pytest.raises(NotNow, match="rettificato"):
        invii.ripeti(by=by, invio=failed)


def test_sending_again_is_of_who_may_send(edizione, by, user):
    failed = make_invio(edizione, by, "fallito")
    with pytest.raises(PermissionDenied):
        invii.ripeti(by=user("lettore"), invio=failed)


def test_what_a_person_may_not_see_is_not_sent_again(prova, edizione, by):
    failed = make_invio(edizione, by, "fallito")
    prova.permesso = prova.permesso_provincia = "porfse.manage_users"
    with pytest.raises(NotThere):
        invii.ripeti(by=by, invio=failed)
    with pytest.raises(NotNow, match="Nessun messaggio"):
        invii.ripeti_tutti(by=by)
    assert again(failed).stato == "fallito"


def test_to_an_address_that_was_deactivated_nothing_is_sent_again(edizione, by):
    failed = make_invio(edizione, by, "fallito")
    Destinatario.objects.update(attivo=False)
    with pytest.raises(NotNow, match="tolto o disattivato"):
        invii.ripeti(by=by, invio=failed)
    assert again(failed).stato == "fallito"


def test_all_that_failed_and_are_wanted_are_sent_again_at_once(prova, edizione, by):
    region = make_edizione(prova, "pubblicata")
    Destinatario.objects.create(provincia=None, nome="R", email="re@x.test")
    failed = [
        make_invio(edizione, by, "fallito", errore="Rifiutato.", tentativi=7),
        make_invio(region, by, "fallito", email="RE@x.test", tentativi=1),
    ]
    gone = make_invio(edizione, by, "fallito", email="via@x.test", errore="Rifiutato.")
    unsure = make_invio(region, by, "in_invio", email="x@x.test", errore=consegna.INCERTO)
    with broker() as queued, TestCase.captureOnCommitCallbacks(execute=True):
        assert invii.ripeti_tutti(by=by) == failed
        assert queued() == []
    for mail in failed:
        assert (again(mail).stato, again(mail).errore, again(mail).tentativi) == ("in_coda", "", 0)
    assert (again(gone).stato, again(unsure).stato) == ("fallito", "in_invio")
    events = AuditEvent.objects.filter(action="report.invio_ripetuto").order_by("pk")
    assert [event.details["destinatario"] for event in events] == [ADDRESS, "RE@x.test"]
    assert {event.actor for event in events} == {by}
    with pytest.raises(NotNow, match="Nessun messaggio non riuscito"):
        invii.ripeti_tutti(by=by)


def test_sending_all_again_is_of_who_may_send(edizione, by, user):
    make_invio(edizione, by, "fallito")
    with pytest.raises(PermissionDenied):
        invii.ripeti_tutti(by=user("lettore"))


# --- What asks for attention --------------------------------------------------------------------
def wanted() -> list[Invio]:
    return list(Invio.objects.filter(da_curare()))


def test_what_failed_is_to_be_seen_to_until_it_is_overtaken(prova, edizione, by):
    failed = make_invio(edizione, by, "fallito", email=ADDRESS.upper())
    assert wanted() == [failed]
    Destinatario.objects.update(attivo=False)
    assert wanted() == []
    Destinatario.objects.update(attivo=True, provincia="MI")
    assert wanted() == []
    Destinatario.objects.update(provincia="BG")
    assert wanted() == [failed]
    make_edizione(
        prova, "pubblicata", provincia="BG", edizione=2, rettifica=edizione, errata="Corretto"
    )
    assert wanted() == []


@pytest.mark.parametrize(
    ("other", "minutes", "left"),
    [
        ({"stato": "inviato"}, 1, False),
        ({"stato": "inviato"}, -1, True),  # asked for together with the one that failed
        ({"stato": "in_coda"}, 1, True),
        ({"stato": "inviato", "nome": "Altro ufficio"}, 1, True),
    ],
)
def test_who_has_had_the_edition_since_at_another_address_wants_it_no_more(
    edizione, by, other, minutes, left
):
    failed = make_invio(edizione, by, "fallito")
    sent = timezone.now() if other["stato"] == "inviato" else None
    mail = make_invio(edizione, by, email="giusto@x.test", inviato_il=sent, **other)
    moment = failed.aggiornato_il + timedelta(minutes=minutes)
    Invio.objects.filter(pk=mail.pk).update(richiesto_il=moment)
    assert (failed in wanted()) is left


def test_a_regional_mail_that_failed_is_to_be_seen_to_outside_the_demonstration_if_it_is_real(
    prova, by, settings
):
    Destinatario.objects.create(provincia=None, nome="R", email=ADDRESS)
    real = make_invio(make_edizione(prova, "pubblicata"), by, "fallito")
    prova.esempio = True
    example = make_invio(make_edizione(prova, "pubblicata", periodo="2025-B4"), by, "fallito")
    assert wanted() == [example, real]
    settings.DEMO = False
    assert wanted() == [real]


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
