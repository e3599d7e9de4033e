"""Reports whose building is interrupted by what ends processes: one draft comes of it, whole."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.urls import reverse

from porfse.models import AuditEvent, User
from reports.codifica import sha256
from reports.models import Edizione
from reports.report import report_of
from reports.services import costruzione
from reports.tasks.costruzione import build, resume_builds
from tests.factories.crisi import make_unita
from tests.factories.people import make_user
from tests.faults.servers import never_wait, queueing_to, wait_for

pytestmark = pytest.mark.xdist_group("faults")
PERIODO = "2025-B5"
FILES = "reports_fileedizione"  # written last, in the transaction that makes the draft


@pytest.fixture
def edizione(product) -> Edizione:
    """The report of Bergamo, asked for; its task is in the queue."""
    for _ in range(3):
        make_unita("BG", data_avvio=date(2025, 9, 1))
    report = report_of("cigs-bimestrale")
    by = User.objects.sistema()
    return costruzione.richiedi(by=by, report=report, parametri=report.leggi(PERIODO, "BG"))


def again(edizione: Edizione) -> Edizione:
    """The edition as it is stored now."""
    return Edizione.objects.get(pk=edizione.pk)


def is_(edizione: Edizione, stato: str) -> bool:
    return again(edizione).stato == stato


def actions(edizione: Edizione) -> list[str]:
    events = AuditEvent.objects.filter(object_type="reports.edizione", object_id=str(edizione.pk))
    return [event.action.removeprefix("report.") for event in events.order_by("pk")]


def assert_one_whole_draft(edizione: Edizione, tentativi: int) -> None:
    """One draft came of it, with one file of each format, and it was written once."""
    found = again(edizione)
    assert (found.stato, found.messaggio, found.tentativi) == ("bozza", "", tentativi)
    assert found.contenuto_sha256 == sha256(found.contenuto)
    assert Edizione.objects.count() == 1
    files = found.file.all()
    assert sorted(file.formato for file in files) == ["csv", "json", "pdf", "xlsx"]
    assert all(file.sha256 == sha256(bytes(file.contenuto)) for file in files)
    assert actions(edizione) == ["richiesto", "costruito"]


def builder() -> Client:
    client = Client()
    client.force_login(make_user("gestore"), backend="porfse.accounts.RoleBackend")
    return client


def test_the_worker_is_killed(product, start_worker, edizione):
    with product.held(FILES) as hold:
        worker = start_worker()
        hold.wait()
        worker.kill()
        hold.wait_gone()
        found = again(edizione)
        assert (found.stato, found.contenuto, found.file.count()) == ("in_costruzione", "", 0)

    start_worker()
    wait_for(lambda: is_(edizione, "bozza"))
    assert_one_whole_draft(edizione, tentativi=2)


def test_only_the_process_at_work_is_killed(product, start_worker, edizione):
    """As the system does when memory runs out: the worker itself lives and starts another."""
    with product.held(FILES) as hold:
        worker = start_worker()
        hold.wait()
        worker.kill_children()
        hold.wait_gone()

    wait_for(lambda: is_(edizione, "bozza"))
    wait_for(product.is_idle)
    assert_one_whole_draft(edizione, tentativi=2)


def test_a_task_that_is_given_out_three_times(product, start_worker, edizione):
    for _ in range(2):
        build.delay(edizione.pk)
    worker = start_worker()
    wait_for(product.is_idle)
    assert_one_whole_draft(edizione, tentativi=1)
    assert "Traceback" not in worker.log.read_text()


def test_two_workers_on_one_edition(product, edizione):
    def work() -> Edizione | None:
        try:
            return costruzione.costruisci(edizione.pk)
        finally:
            connection.close()

    never_wait()
    with ThreadPoolExecutor(1) as pool, product.held(FILES) as hold:
        ahead = pool.submit(work)
        hold.wait()
        # It is the other's; whoever reads meanwhile does not wait.
        assert costruzione.costruisci(edizione.pk).stato == "in_costruzione"
        page = builder().get(reverse("reports:report", args=["cigs-bimestrale"]))
        assert "in costruzione" in page.content.decode()
        hold.release()
        assert ahead.result().stato == "bozza"
    assert_one_whole_draft(edizione, tentativi=1)


def test_a_request_that_no_worker_was_told_of(product, start_worker):
    """The broker is away: the edition waits, and is taken up when a worker comes."""
    with queueing_to(product.servers.no_broker):
        page = builder().post(
            reverse("reports:costruisci", args=["cigs-bimestrale"]),
            {"periodo": "altro", "altro": PERIODO, "provincia": "regione"},
        )
    edizione = Edizione.objects.get()
    assert (page.status_code, page.url) == (302, edizione.get_absolute_url())
    assert edizione.stato == "in_coda"
    assert product.is_idle()

    # Only after a while: until then a worker may be about to begin.
    Edizione.objects.update(in_coda_dal=F("in_coda_dal") - timedelta(minutes=3))
    start_worker()
    wait_for(lambda: is_(edizione, "bozza"))
    assert_one_whole_draft(edizione, tentativi=1)


def test_the_database_is_killed(product, start_worker, edizione):
    with product.held(FILES) as hold:
        start_worker()
        hold.wait()
        product.servers.kill_database()
        product.restart_database()
    assert again(edizione).stato == "in_costruzione"
    assert again(edizione).file.count() == 0

    resume_builds.delay()  # as the calendar does every five minutes; the worker is the same
    wait_for(lambda: is_(edizione, "bozza"))
    assert_one_whole_draft(edizione, tentativi=2)


def test_what_the_database_refuses_is_tried_again_with_a_pause(product, start_worker, edizione):
    """Its disk is full, say; the edition says so while it waits."""
    with product.connect() as administrator:
        administrator.execute(
            "CREATE FUNCTION guasto() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'spazio esaurito' USING ERRCODE = 'disk_full'; END $$"
        )
        administrator.execute(
            f"CREATE TRIGGER guasto BEFORE INSERT ON {FILES}"
            " FOR EACH STATEMENT EXECUTE FUNCTION guasto()"
        )
        worker = start_worker()
        wait_for(lambda: bool(again(edizione).messaggio))
        assert again(edizione).stato == "in_coda"
        assert again(edizione).messaggio == (
            "Errore nella fase «Registrazione della bozza»: la base di dati non risponde o rifiuta"
            " l'operazione. Tentativo 1 di 4: si riprova da sé fra poco."
        )
        wait_for(lambda: "Retry in 30s" in worker.log.read_text())
        administrator.execute(f"DROP TRIGGER guasto ON {FILES}")

    build.delay(edizione.pk)  # rather than wait for it
    wait_for(lambda: is_(edizione, "bozza"))
    assert_one_whole_draft(edizione, tentativi=2)
