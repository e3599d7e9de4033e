"""Asking for an edition, stopping it, building it: once, wholly, and with the reason if not."""

import threading
from datetime import timedelta

import pytest
import time_machine
from celery.exceptions import Retry
from django.core.exceptions import PermissionDenied
from django.db import InternalError, connection
from django.utils import timezone

from porfse.errors import BadInput
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent, User
from porfse.periods import italian
from reports import builders
from reports.codifica import sha256
from reports.documento import Stato
from reports.locks import is_free, working_on
from reports.models import Edizione
from reports.parametri import Parametri
from reports.progress import Reporter, advancement
from reports.services import cantiere, costruzione
from reports.tasks import costruzione as tasks
from reports.tasks.costruzione import resume_builds
from tests.factories.people import make_user
from tests.factories.reports import MOMENTO, PERIODO, make_edizione
from tests.programme.test_services import at_once
from tests.reports.queue import broker

pytestmark = pytest.mark.django_db
BUILD = "reports.tasks.costruzione.build"


@pytest.fixture
def by():
    return make_user("gestore")


@pytest.fixture
def richiedi(by, prova):
    def ask(provincia: str = "", periodo: str = PERIODO) -> Edizione:
        parametri = prova.leggi(periodo, provincia)
        return costruzione.richiedi(by=by, report=prova, parametri=parametri)

    return ask


def actions(edizione: Edizione) -> list[str]:
    events = AuditEvent.objects.filter(object_type="reports.edizione", object_id=str(edizione.pk))
    return [event.action for event in events.order_by("pk")]


def built(edizione: Edizione) -> Edizione:
    found = costruzione.costruisci(edizione.pk)
    assert found.stato == "bozza", found.messaggio
    return found


# --- Asking -------------------------------------------------------------------------------------
def test_a_report_that_is_asked_for_waits_and_a_worker_is_told(
    richiedi, by, django_capture_on_commit_callbacks
):
    with broker() as taken:
        with django_capture_on_commit_callbacks(execute=True):
            edizione = richiedi("BG")
        assert taken() == [(BUILD, [edizione.pk])]
    assert (edizione.stato, edizione.edizione, edizione.provincia_id) == ("in_coda", 1, "BG")
    assert (edizione.periodo, edizione.al.isoformat()) == ("2025-B5", "2025-10-31")
    assert edizione.richiesta_da == by
    assert actions(edizione) == ["report.richiesto"]


def test_what_is_in_progress_is_not_asked_for_twice(richiedi, django_capture_on_commit_callbacks):
    first = richiedi()
    with django_capture_on_commit_callbacks() as told:
        assert richiedi() == first
    Edizione.objects.filter(pk=first.pk).update(stato="in_costruzione")
    assert richiedi().stato == "in_costruzione"
    assert told == []
    assert actions(first) == ["report.richiesto"]
    assert Edizione.objects.count() == 1


def test_period_and_place_make_an_edition_each(richiedi):
    made = [richiedi(), richiedi("BG"), richiedi("BS"), richiedi("BG", "2025-B4")]
    assert Edizione.objects.count() == len(set(made)) == 4


@pytest.mark.parametrize("stato", ["bozza", "fallita", "interrotta", "scartata"])
def test_what_is_not_in_progress_is_built_anew_and_keeps_its_draft_until_then(
    richiedi, by, prova, stato, django_capture_on_commit_callbacks
):
    draft = make_edizione(prova, stato, tentativi=3, messaggio="perché")
    before = (draft.contenuto, draft.file.count())
    with django_capture_on_commit_callbacks() as told:
        again = richiedi()
    assert again == draft
    again.refresh_from_db()
    assert (again.stato, again.tentativi, again.messaggio) == ("in_coda", 0, "")
    assert (again.contenuto, again.file.count()) == before
    assert again.richiesta_da == by
    assert again.in_coda_dal == again.richiesta_il > MOMENTO
    assert len(told) == 1
    assert actions(draft) == ["report.richiesto"]


def test_what_is_published_is_refused_with_the_way_to_correct_it(richiedi, prova):
    published = make_edizione(prova, "pubblicata")
    with pytest.raises(NotNow, match="Rettifica") as refusal:
        richiedi()
    assert f"n. {published.numero_completo}" in str(refusal.value)
    assert refusal.value.status == 409
    assert Edizione.objects.get() == published
    assert actions(published) == []


def test_of_a_correction_in_preparation_the_correction_is_built_anew(richiedi, prova):
    old = make_edizione(prova, "pubblicata")
    new = make_edizione(prova, "bozza", edizione=2, rettifica=old, errata="Mancava un comune.")
    assert richiedi() == new
    assert set(Edizione.objects.values_list("pk", "stato")) == {
        (old.pk, "pubblicata"),
        (new.pk, "in_coda"),
    }


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore", "amministratore"])
def test_who_does_not_build_is_refused(prova, role):
    with pytest.raises(PermissionDenied):
        costruzione.richiedi(by=make_user(role), report=prova, parametri=prova.leggi(PERIODO, "BG"))
    assert not Edizione.objects.exists()


def test_who_does_not_read_a_report_does_not_build_it(prova, monkeypatch, by):
    monkeypatch.setattr(type(prova), "permesso", "porfse.manage_users")
    with pytest.raises(PermissionDenied):
        costruzione.richiedi(by=by, report=prova, parametri=prova.leggi(PERIODO))
    assert not Edizione.objects.exists()


def test_all_are_the_region_and_twelve_provinces_and_the_published_ones_stay(
    by, prova, django_capture_on_commit_callbacks
):
    published = make_edizione(prova, "pubblicata", provincia="LO")
    running = make_edizione(prova, "in_costruzione", provincia="SO")
    with broker() as taken:
        with django_capture_on_commit_callbacks(execute=True):
            asked = costruzione.richiedi_tutte(by=by, report=prova, parametri=prova.leggi(PERIODO))
        told = taken()
    assert asked.pubblicate == [published]
    assert [item.provincia_id for item in asked.edizioni] == [
        *(None, "BG", "BS", "CO", "CR", "LC", "MB", "MI", "MN", "PV", "SO", "VA"),
    ]
    assert told == [(BUILD, [item.pk]) for item in asked.edizioni if item != running]


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_ask_for_one_edition(prova):
    people = [make_user("gestore"), make_user("gestore")]
    parametri = prova.leggi(PERIODO, "BG")
    with broker():
        found = at_once(
            lambda index: costruzione.richiedi(by=people[index], report=prova, parametri=parametri)
        )
    edizione = Edizione.objects.get()
    assert found == [edizione, edizione]
    assert actions(edizione) == ["report.richiesto"]


# --- Building -----------------------------------------------------------------------------------
def test_a_draft_holds_all_that_its_files_are_made_from(richiedi, prova):
    edizione = built(richiedi("BG"))
    document, front = edizione.dati()
    assert document == prova.documento(prova.leggi(PERIODO, "BG"))
    assert (front.stato, front.edizione, front.numero, front.errata) == (Stato.BOZZA, 1, "", "")
    assert edizione.contenuto_sha256 == sha256(edizione.contenuto)
    assert (edizione.tentativi, edizione.messaggio, edizione.esempio) == (1, "", False)
    assert edizione.costruita_il is not None
    assert edizione.millisecondi is not None
    assert actions(edizione) == ["report.richiesto", "report.costruito"]
    files = {item.formato: item for item in edizione.file.all()}
    assert list(files) == ["csv", "json"]
    for item in files.values():
        content = bytes(item.contenuto)
        assert (item.sha256, item.dimensione) == (sha256(content), len(content))
        assert item.nome.startswith("prova_2025-B5_BG.")
    assert b"Treviglio" in bytes(files["json"].contenuto)


def test_a_draft_that_is_built_anew_has_the_data_of_now_and_its_old_files_are_gone(richiedi, prova):
    first = built(richiedi())
    old = set(first.file.values_list("pk", flat=True))
    prova.righe = [("Crema", 1, None)]
    second = built(richiedi())
    assert second == first
    assert second.contenuto_sha256 != first.contenuto_sha256
    assert second.dati()[0] == prova.documento(prova.leggi(PERIODO))
    assert not old & set(second.file.values_list("pk", flat=True))
    assert second.file.count() == 2


def test_what_the_checks_find_is_on_the_front(richiedi, prova, monkeypatch):
    right = type(prova)._tabella

    def wrong(self):
        table = right(self)
        return type(table)(**{**vars(table), "righe": (table.righe[0], table.righe[-1])})

    monkeypatch.setattr(type(prova), "_tabella", wrong)
    _, front = built(richiedi()).dati()
    assert {(item.codice, item.gravita) for item in front.avvisi} == {("R101", "errore")}


def test_a_correction_says_what_it_corrects(richiedi, prova):
    old = make_edizione(prova, "pubblicata")
    make_edizione(prova, "in_coda", edizione=2, rettifica=old, errata="Mancava un comune.")
    _, front = built(richiedi()).dati()
    assert (front.edizione, front.rettifica) == (2, old.numero_completo)
    assert front.errata == "Mancava un comune."


def test_examples_are_said_to_be_so(richiedi, prova):
    prova.esempio = True
    edizione = built(richiedi())
    assert edizione.esempio
    assert "ESEMPIO" in edizione.file.first().nome


@pytest.mark.parametrize("stato", ["bozza", "fallita", "interrotta", "scartata", "pubblicata"])
def test_what_does_not_wait_for_it_is_not_built(prova, stato):
    edizione = make_edizione(prova, stato)
    prova.righe = []
    after = costruzione.costruisci(edizione.pk)
    assert (after.stato, after.contenuto) == (stato, edizione.contenuto)
    assert actions(edizione) == []


def test_what_is_gone_is_not_built():
    assert costruzione.costruisci(0) is None


@pytest.mark.django_db(transaction=True)
def test_what_another_process_builds_is_left_to_it(prova):
    edizione = make_edizione(prova, "in_coda")
    found = []

    def other() -> None:
        try:
            found.append(is_free(edizione.pk))
            found.append(costruzione.costruisci(edizione.pk).stato)
        finally:
            connection.close()

    with working_on(edizione.pk):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert found == [False, "in_coda"]
    assert is_free(edizione.pk)
    assert costruzione.costruisci(edizione.pk).stato == "bozza"


@pytest.mark.django_db(transaction=True)
def test_all_is_read_as_it_was_at_one_moment(prova, monkeypatch):
    """Somebody is added between two queries of the report: neither sees it."""
    seen = []
    right = type(prova).documento

    def documento(self, parametri):
        seen.append(User.objects.count())
        thread = threading.Thread(target=add)
        thread.start()
        thread.join()
        seen.append(User.objects.count())
        return right(self, parametri)

    def add() -> None:
        try:
            make_user()
        finally:
            connection.close()

    monkeypatch.setattr(type(prova), "documento", documento)
    before = User.objects.count()
    costruzione.componi(prova, Parametri(prova.leggi(PERIODO).periodo))
    assert seen == [before, before]
    assert User.objects.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_a_report_cannot_write(prova, monkeypatch):
    monkeypatch.setattr(type(prova), "documento", lambda *_: make_user())
    before = User.objects.count()
    with pytest.raises(InternalError, match="read-only"):
        costruzione.componi(prova, prova.leggi(PERIODO))
    assert User.objects.count() == before


# --- What goes wrong ----------------------------------------------------------------------------
def test_a_failure_says_why_waits_and_is_tried_again(richiedi, prova, caplog):
    edizione = richiedi()
    prova.errore = ZeroDivisionError("division by zero")
    with pytest.raises(ZeroDivisionError):
        costruzione.costruisci(edizione.pk)
    edizione.refresh_from_db()
    assert (edizione.stato, edizione.tentativi) == ("in_coda", 1)
    assert edizione.messaggio == (
        "Errore nella fase «Lettura dei dati»: errore del sistema"
        " (ZeroDivisionError). Tentativo 1 di 4: si riprova da sé fra poco."
    )
    assert "Traceback" in caplog.text
    assert advancement(edizione).dettagli[0] == edizione.messaggio

    prova.errore = None
    again = built(edizione)
    assert (again.tentativi, again.messaggio) == (2, "")


def test_after_the_last_attempt_a_person_must_ask_again(richiedi, prova):
    edizione = richiedi()
    prova.errore = MemoryError()
    for _ in range(4):
        with pytest.raises(MemoryError):
            costruzione.costruisci(edizione.pk)
    edizione.refresh_from_db()
    assert (edizione.stato, edizione.tentativi) == ("fallita", 4)
    assert edizione.messaggio == (
        "Errore nella fase «Lettura dei dati»: la memoria non basta."
        " Chiederla di nuovo; se l'errore si ripete, avvisare l'amministratore indicando"
        f" l'edizione {edizione.pk}."
    )
    assert actions(edizione) == ["report.richiesto", "report.non_costruito"]
    assert costruzione.costruisci(edizione.pk).tentativi == 4

    prova.errore = None
    assert built(richiedi()).tentativi == 1


def test_a_worker_that_is_killed_each_time_is_not_set_to_it_for_ever(prova):
    edizione = make_edizione(prova, "in_costruzione", tentativi=4)
    after = costruzione.costruisci(edizione.pk)
    assert (after.stato, after.tentativi) == ("fallita", 4)
    assert after.messaggio.startswith("La costruzione si è interrotta 4 volte. Chiederla di nuovo")


def test_what_a_report_refuses_is_not_tried_again(richiedi, prova):
    edizione = richiedi()
    prova.errore = BadInput("Manca il piano finanziario: caricarlo, poi ripetere.")
    after = costruzione.costruisci(edizione.pk)
    assert (after.stato, after.tentativi) == ("fallita", 1)
    assert after.messaggio == "Manca il piano finanziario: caricarlo, poi ripetere."


def test_a_failure_keeps_the_earlier_draft_with_its_files(richiedi, prova):
    draft = built(richiedi())
    files = list(draft.file.values_list("sha256", flat=True))
    richiedi()
    prova.errore = BadInput("Manca il piano finanziario.")
    after = costruzione.costruisci(draft.pk)
    assert (after.stato, after.contenuto) == ("bozza", draft.contenuto)
    day = italian(timezone.localdate(draft.costruita_il))
    assert after.messaggio == (
        "L'ultima ricostruzione non è riuscita. Manca il piano finanziario. Resta la bozza"
        f" costruita il {day}."
    )
    assert actions(draft)[-1] == "report.non_costruito"
    assert list(after.file.values_list("sha256", flat=True)) == files


def test_a_report_that_tells_of_another_place_is_not_taken_for_this(richiedi, prova, monkeypatch):
    right = type(prova).documento
    other = prova.leggi(PERIODO, "BS")
    monkeypatch.setattr(type(prova), "documento", lambda self, _: right(self, other))
    edizione = richiedi("BG")
    with pytest.raises(ValueError, match="prova_2025-B5_BS"):
        costruzione.costruisci(edizione.pk)
    edizione.refresh_from_db()
    assert (edizione.stato, edizione.contenuto) == ("in_coda", "")


# --- Stopping -----------------------------------------------------------------------------------
def test_what_waits_is_stopped_at_once(richiedi, by):
    edizione = costruzione.interrompi(by=by, edizione=richiedi())
    assert (edizione.stato, edizione.interrotta_da) == ("interrotta", None)
    assert edizione.messaggio == "Costruzione interrotta su richiesta."
    assert actions(edizione) == [
        "report.richiesto",
        "report.interruzione_chiesta",
        "report.interrotto",
    ]
    assert costruzione.costruisci(edizione.pk).stato == "interrotta"


def test_an_earlier_draft_stays_when_its_rebuilding_is_stopped(richiedi, by, prova):
    draft = make_edizione(prova, "bozza")
    edizione = costruzione.interrompi(by=by, edizione=richiedi())
    assert (edizione.stato, edizione.contenuto) == ("bozza", draft.contenuto)
    assert edizione.file.count() == 2
    assert edizione.messaggio == (
        "Costruzione interrotta su richiesta. Resta la bozza costruita il 10.11.2025."
    )


@pytest.mark.parametrize(
    ("phase", "begun"), [("documento", []), ("csv", ["csv"]), ("json", ["csv", "json"])]
)
def test_what_is_being_built_stops_when_its_phase_ends(richiedi, prova, monkeypatch, phase, begun):
    """The request comes while the data are read, or a file is made: nothing of it is kept."""
    edizione = richiedi()
    asked, files = [], []

    def ask() -> None:
        asked.append(phase)
        Edizione.objects.filter(pk=edizione.pk).update(interrotta_da=edizione.richiesta_da)

    def build(formato, *args, right=builders.build):
        files.append(formato)
        return right(formato, *args)

    monkeypatch.setattr(builders, "build", build)

    right, begin = type(prova).documento, Reporter.begin
    if phase == "documento":
        monkeypatch.setattr(
            type(prova), "documento", lambda self, parametri: ask() or right(self, parametri)
        )
    else:
        monkeypatch.setattr(
            Reporter, "begin", lambda self, fase: (fase == phase and ask()) or begin(self, fase)
        )
    after = costruzione.costruisci(edizione.pk)
    assert (asked, files) == ([phase], begun)
    assert (after.stato, after.interrotta_da, after.contenuto) == ("interrotta", None, "")
    assert not after.file.exists()


@pytest.mark.django_db(transaction=True)
def test_one_that_a_worker_has_waits_for_the_end_of_its_phase(prova):
    asked_by, by = make_user("gestore"), make_user("gestore")
    edizione = make_edizione(prova, "in_costruzione", richiesta_da=asked_by)
    found = []

    def ask() -> None:
        try:
            for _ in range(2):
                after = costruzione.interrompi(by=by, edizione=edizione)
                found.append((after.stato, after.interrotta_da))
        finally:
            connection.close()

    with working_on(edizione.pk):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert found == [("in_costruzione", by)] * 2
    assert actions(edizione) == ["report.interruzione_chiesta"]
    assert costruzione.costruisci(edizione.pk).stato == "interrotta"
    assert AuditEvent.objects.get(action="report.interrotto").actor == by


@pytest.mark.parametrize("stato", ["bozza", "fallita", "interrotta", "pubblicata"])
def test_what_is_not_being_built_is_not_stopped(by, prova, stato):
    edizione = make_edizione(prova, stato)
    with pytest.raises(NotNow, match="non c'è una costruzione da interrompere"):
        costruzione.interrompi(by=by, edizione=edizione)
    assert actions(edizione) == []


def test_who_does_not_build_does_not_stop(prova):
    edizione = make_edizione(prova, "in_coda")
    with pytest.raises(PermissionDenied):
        costruzione.interrompi(by=make_user("lettore"), edizione=edizione)
    edizione.refresh_from_db()
    assert (edizione.stato, edizione.interrotta_da) == ("in_coda", None)


# --- Taking up ----------------------------------------------------------------------------------
def test_what_a_killed_worker_left_is_taken_up_and_what_was_just_asked_for_is_left(prova):
    now = timezone.now()
    left = make_edizione(prova, "in_costruzione", provincia="BG", in_coda_dal=now)
    forgotten = waiting(prova, "BS", minutes=16)
    waiting(prova, "CO", minutes=14)
    make_edizione(prova, "fallita", provincia="CR", in_coda_dal=now - timedelta(days=3))
    with broker() as taken:
        resume_builds()
        assert taken() == [(BUILD, [left.pk]), (BUILD, [forgotten.pk])]
        resume_builds()
        assert taken() == []  # they wait in the queue, however long it is
    left.refresh_from_db()
    assert left.stato == "in_coda"


def waiting(prova, provincia: str, *, minutes: int) -> Edizione:
    """An edition that has waited for some minutes; less than none: it pauses after a failure."""
    since = timezone.now() - timedelta(minutes=minutes)
    return make_edizione(prova, "in_coda", provincia=provincia, in_coda_dal=since)


def test_a_worker_that_starts_takes_up_what_waits_and_lets_pause_what_failed(prova):
    lost = waiting(prova, "BG", minutes=3)
    waiting(prova, "BS", minutes=1)
    waiting(prova, "CO", minutes=-1)
    with broker() as taken:
        tasks._take_up()
        ((name, arguments),) = taken()
        assert name == "reports.tasks.costruzione.resume_builds"
        resume_builds(*arguments)
        assert taken() == [(BUILD, [lost.pk])]


def test_after_each_failure_it_pauses_for_longer_and_is_not_taken_up_before(richiedi, prova):
    prova.errore = RuntimeError()
    found = []
    with time_machine.travel(MOMENTO, tick=False) as clock, broker() as taken:
        edizione = richiedi()
        for _ in range(3):
            with pytest.raises(RuntimeError):
                costruzione.costruisci(edizione.pk)
            edizione.refresh_from_db()
            found.append((edizione.in_coda_dal - timezone.now()).seconds)
            resume_builds(0)
        assert taken() == []
        clock.shift(120)
        resume_builds(0)
        assert taken() == [(BUILD, [edizione.pk])]
    assert found == [30, 60, 120]


@pytest.mark.django_db(transaction=True)
def test_a_task_that_finds_the_lock_only_looked_at_comes_again(prova, monkeypatch):
    edizione = make_edizione(prova, "in_coda")
    monkeypatch.setattr(tasks, "is_free", lambda _: True)  # it was looked at just after this
    found = []

    def work() -> None:
        try:
            tasks.build.apply(args=[edizione.pk], throw=True)
        except Retry as retry:
            found.append(retry.when)
        finally:
            connection.close()

    monkeypatch.setattr(tasks.build, "apply_async", lambda *_, **__: None)
    with working_on(edizione.pk):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found == [5]
    assert Edizione.objects.get().stato == "in_coda"


@pytest.mark.django_db(transaction=True)
def test_what_a_worker_has_is_left_to_it(prova):
    edizione = make_edizione(prova, "in_costruzione")

    def resume() -> None:
        try:
            resume_builds()
        finally:
            connection.close()

    with broker() as taken, working_on(edizione.pk):
        thread = threading.Thread(target=resume)
        thread.start()
        thread.join()
        assert taken() == []


def test_a_broker_that_is_away_leaves_the_edition_waiting(
    richiedi, caplog, django_capture_on_commit_callbacks
):
    from tests.faults.servers import queueing_to

    with (
        queueing_to("redis+socket:///nessuno.sock"),
        django_capture_on_commit_callbacks(execute=True),
    ):
        edizione = richiedi()
    assert "in attesa, la coda non risponde" in caplog.text
    edizione.refresh_from_db()
    assert edizione.stato == "in_coda"


# --- Progress -----------------------------------------------------------------------------------
def test_progress_goes_phase_by_phase(prova):
    edizione = make_edizione(prova, "in_costruzione")
    reporter = Reporter(edizione.pk, ("pdf", "csv"))
    found = []
    for phase in ("dati", "controlli", "pdf", "csv", "registro"):
        reporter.begin(phase)
        told = advancement(edizione)
        found.append((told.fase, told.percento))
    assert found == [
        ("Lettura dei dati", 0),
        ("Controlli", 20),
        ("Preparazione del file PDF", 40),
        ("Preparazione del file CSV", 60),
        ("Registrazione della bozza", 80),
    ]


def test_long_silence_is_told_and_what_has_ended_tells_nothing(prova):
    with time_machine.travel(MOMENTO, tick=False) as clock:
        waiting = make_edizione(prova, "in_coda")
        building = make_edizione(prova, "in_costruzione", provincia="BG")
        Reporter(building.pk, ("pdf",)).begin("pdf")
        assert advancement(waiting).dettagli == advancement(building).dettagli == ()
        clock.shift(300)
        for item in (waiting, building):
            (detail,) = advancement(item).dettagli
            assert detail.startswith("nessuna notizia da 5 minuti")
    assert advancement(make_edizione(prova, "bozza", provincia="BS")) is None


def test_a_cache_that_is_away_does_not_end_the_work(richiedi, settings, caplog):
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    edizione = richiedi()
    settings.CACHES = {"default": away}
    built(edizione)
    assert "avanzamento non registrato" in caplog.text
    edizione.stato = "in_costruzione"
    assert advancement(edizione).fase == "Costruzione in corso"


def test_as_many_attempts_as_celery_makes():
    from reports.tasks.costruzione import build

    assert build.max_retries >= cantiere.TENTATIVI - 1
