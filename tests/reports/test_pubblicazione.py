"""Publishing: as it was read, with a number, frozen for good; and correcting by a new edition."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from threading import Event
from time import sleep

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent, User
from reports import report as declarations
from reports.codifica import sha256
from reports.documento import Stato
from reports.models import Edizione, FileEdizione, VersioneTesto
from reports.models import Testo as Chapter
from reports.report import Controllo
from reports.services import costruzione, pubblicazione
from reports.services.pubblicazione import pubblica, rettifica
from reports.services.rinuncia import abbandona, scarta
from tests.factories.people import make_user
from tests.factories.reports import make_edizione
from tests.programme.test_services import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def gestore_user(user):
    return user("gestore")


def draft(prova, **fields) -> Edizione:
    """A draft as the worker makes it."""
    made = make_edizione(prova, "in_coda", **fields)
    return costruzione.costruisci(made.pk)


def publish(by, edizione, **fields) -> Edizione:
    values = {"contenuto_sha256": edizione.contenuto_sha256} | fields
    return pubblica(by=by, edizione=edizione, **values)


def stored(edizione) -> Edizione:
    return Edizione.objects.get(pk=edizione.pk)


def refusal(kind, call) -> str:
    with pytest.raises(kind) as refused:
        call()
    return str(refused.value)


# --- Publishing ---------------------------------------------------------------------------------
def test_a_draft_is_published_with_number_person_and_moment(prova, gestore_user, time_machine):
    made = draft(prova)
    time_machine.move_to("2025-11-12T09:30+01:00", tick=False)
    publish(gestore_user, made)
    found = stored(made)
    assert (found.stato, found.anno, found.numero) == ("pubblicata", 2025, 1)
    assert found.pubblicata_da == gestore_user
    assert found.pubblicata_il == datetime(2025, 11, 12, 8, 30, tzinfo=UTC)
    document, front = found.dati()
    assert document == prova.documento(prova.leggi("2025-B5"))
    assert (front.stato, front.numero, front.edizione) == (Stato.CONSOLIDATO, "1/2025", 1)
    assert (front.pubblicato_da, front.pubblicato_il) == (str(gestore_user), found.pubblicata_il)
    assert found.contenuto_sha256 == sha256(found.contenuto) != made.contenuto_sha256


def test_its_files_are_made_again_with_its_number_and_their_digests_are_kept(prova, gestore_user):
    made = draft(prova)
    before = dict(made.file.values_list("formato", "sha256"))
    publish(gestore_user, made)
    files = {each.formato: each for each in made.file.all()}
    assert set(files) == {"csv", "json"}
    for formato, each in files.items():
        content = bytes(each.contenuto)
        assert (each.sha256, each.dimensione) == (sha256(content), len(content))
        assert each.sha256 != before[formato]
    assert stored(made).numero_completo in bytes(files["json"].contenuto).decode()


def test_publishing_is_recorded_with_what_it_froze(prova, gestore_user):
    made = draft(prova)
    publish(gestore_user, made)
    event = AuditEvent.objects.get(action="report.pubblicato")
    found = stored(made)
    assert (event.actor, event.object_id) == (gestore_user, str(made.pk))
    assert event.details["numero"] == found.numero_completo
    assert event.details["bozza"] == made.contenuto_sha256
    assert event.details["sha256"] == found.contenuto_sha256
    assert event.details["file"] == dict(made.file.values_list("formato", "sha256"))


def test_the_year_of_the_number_is_that_of_rome(prova, gestore_user, time_machine):
    made = draft(prova)
    time_machine.move_to("2025-12-31T23:30+00:00", tick=False)
    assert publish(gestore_user, made).numero_completo == "1/2026"


def test_each_year_counts_from_one(prova, gestore_user, time_machine):
    for day, periods in (("2025-12-30", ("B1", "B2")), ("2026-01-02", ("B3",))):
        time_machine.move_to(f"{day}T10:00+01:00", tick=False)
        for period in periods:
            publish(gestore_user, draft(prova, periodo=f"2025-{period}"))
    published = Edizione.objects.published().order_by("periodo")
    assert [each.numero_completo for each in published] == ["1/2025", "2/2025", "1/2026"]


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore", "certificatore", "controllore"])
def test_only_the_managing_authority_publishes_and_corrects(prova, role):
    made = draft(prova)
    person = make_user(role)
    with pytest.raises(PermissionDenied):
        publish(person, made)
    assert stored(made).stato == "bozza"
    old = make_edizione(prova, "pubblicata", periodo="2025-B4")
    with pytest.raises(PermissionDenied):
        rettifica(by=person, edizione=old, errata="x")
    new = make_edizione(
        prova, "bozza", periodo="2025-B4", edizione=2, rettifica=old, errata="Errore"
    )
    with pytest.raises(PermissionDenied):
        abbandona(by=person, edizione=new)


def test_who_may_not_read_a_report_does_not_publish_it(prova, gestore_user, monkeypatch):
    made = draft(prova)
    monkeypatch.setattr(type(prova), "permesso", "cigd.view_persone")
    with pytest.raises(PermissionDenied):
        publish(gestore_user, made)


@pytest.mark.parametrize("stato", ["in_coda", "in_costruzione", "fallita", "interrotta"])
def test_what_is_no_draft_is_not_published(prova, gestore_user, stato):
    made = make_edizione(prova, stato)
    words = refusal(NotNow, lambda: publish(gestore_user, made))
    assert words.endswith("si pubblica solo una bozza.")


def test_a_draft_is_published_once(prova, gestore_user):
    made = draft(prova)
    publish(gestore_user, made)
    words = refusal(NotNow, lambda: publish(gestore_user, made))
    assert words.startswith(f"Il report è già pubblicato con il n. {stored(made).numero_completo}")


def test_a_draft_that_is_gone_is_told(prova, gestore_user):
    made = draft(prova)
    Edizione.objects.filter(pk=made.pk).delete()
    assert "non c'è più" in refusal(NotThere, lambda: publish(gestore_user, made))


# --- What was read is what is published ----------------------------------------------------------
def test_a_draft_that_was_built_again_meanwhile_must_be_read_again(prova, gestore_user):
    made = draft(prova)
    prova.righe.append(("Lodi", 1, None))
    costruzione.richiedi(by=gestore_user, report=prova, parametri=prova.leggi("2025-B5"))
    costruzione.costruisci(made.pk)
    words = refusal(NotNow, lambda: publish(gestore_user, made))
    assert words == "La bozza è cambiata dopo che è stata aperta: rileggerla prima di pubblicare."
    assert publish(gestore_user, stored(made)).pubblicata


def test_data_that_changed_after_the_draft_are_told_with_how_many_cells(prova, gestore_user):
    made = draft(prova)
    prova.righe[0] = ("Bergamo", 13, Decimal("100.50"))
    words = refusal(NotNow, lambda: publish(gestore_user, made))
    # Bergamo, the total, the figure that stands alone.
    assert words == (
        "I dati sono cambiati dopo la bozza (3 differenze): ricostruirla e rileggerla prima di"
        " pubblicare."
    )
    assert stored(made).stato == "bozza"
    assert not AuditEvent.objects.filter(action="report.pubblicato").exists()


def test_a_change_that_shows_in_no_cell_is_a_change_too(prova, gestore_user, monkeypatch):
    made = draft(prova)
    monkeypatch.setattr(type(prova), "pubblico", True)
    first = prova.documento
    monkeypatch.setattr(prova, "documento", lambda asked: replace(first(asked), pubblico=True))
    words = refusal(NotNow, lambda: publish(gestore_user, made))
    assert words.startswith("I dati sono cambiati dopo la bozza: ")


def test_example_data_are_published_in_the_demonstration_alone(prova, gestore_user, settings):
    prova.esempio = True
    made = draft(prova)
    settings.DEMO = False
    words = refusal(NotNow, lambda: publish(gestore_user, made))
    assert words == "La bozza contiene dati di esempio, che non si pubblicano."
    settings.DEMO = True
    assert publish(gestore_user, made).esempio


# --- Warnings -----------------------------------------------------------------------------------
@pytest.fixture
def warned(prova, monkeypatch, time_machine):
    """The report has a warning: the quarter of September is not there."""
    time_machine.move_to("2025-11-10T10:00+01:00")
    monkeypatch.setattr(type(prova), "controlli", (Controllo.TRIMESTRI,))
    return prova


def test_publishing_over_warnings_takes_a_decision_that_is_kept(warned, gestore_user):
    made = draft(warned)
    for nothing in ("", "  \n "):
        with pytest.raises(ValidationError) as refused:
            publish(gestore_user, made, decisione=nothing)
        assert refused.value.message_dict == {
            "decisione": ["C'è 1 segnalazione: scrivere perché si pubblica ugualmente."]
        }
    publish(gestore_user, made, decisione=" I Nuclei non hanno PAL. ")
    found = stored(made)
    _, front = found.dati()
    assert found.decisione == front.decisione == "I Nuclei non hanno PAL."
    assert [each.codice for each in front.avvisi] == ["R111"]
    event = AuditEvent.objects.get(action="report.pubblicato")
    assert event.details["segnalazioni"] == ["R111"]
    assert event.details["decisione"] == "I Nuclei non hanno PAL."


def test_a_decision_that_is_too_long_is_refused_beside_its_field(warned, gestore_user):
    made = draft(warned)
    with pytest.raises(ValidationError) as refused:
        publish(gestore_user, made, decisione="x" * 2001)
    assert refused.value.message_dict == {
        "decisione": ["Al massimo 2000 caratteri: ora sono 2001."]
    }


def test_a_decision_over_nothing_is_not_kept(prova, gestore_user):
    made = draft(prova)
    assert publish(gestore_user, made, decisione="Perché sì").decisione == ""


def test_warnings_that_came_after_the_draft_must_be_read_first(prova, gestore_user, monkeypatch):
    made = draft(prova)
    monkeypatch.setattr(type(prova), "controlli", (Controllo.TRIMESTRI,))
    words = refusal(NotNow, lambda: publish(gestore_user, made, decisione="Va bene"))
    assert words.startswith("Dopo la bozza sono emerse altre segnalazioni")


def test_warnings_that_are_settled_need_no_decision(warned, gestore_user, monkeypatch):
    made = draft(warned)
    monkeypatch.setattr(type(warned), "controlli", ())
    publish(gestore_user, made)
    assert stored(made).dati()[1].avvisi == ()


# --- Frozen -------------------------------------------------------------------------------------
DRAFT = "stato = 'bozza', numero = NULL, anno = NULL, pubblicata_da_id = NULL, pubblicata_il = NULL"
FILE = "edizione_id, formato, nome, sha256, dimensione, contenuto"
FROZEN = (
    "UPDATE reports_edizione SET contenuto = contenuto || ' ' WHERE id = %s",
    f"UPDATE reports_edizione SET {DRAFT} WHERE id = %s",
    "UPDATE reports_edizione SET numero = numero + 1 WHERE id = %s",
    "DELETE FROM reports_edizione WHERE id = %s",
    "UPDATE reports_fileedizione SET contenuto = 'x' WHERE edizione_id = %s",
    "UPDATE reports_fileedizione SET nome = 'x' WHERE edizione_id = %s",
    "DELETE FROM reports_fileedizione WHERE edizione_id = %s",
    f"INSERT INTO reports_fileedizione ({FILE}) VALUES (%s, 'pdf', 'x', 'x', 1, 'x')",
)


@pytest.mark.parametrize("statement", FROZEN)
def test_the_database_refuses_any_change_of_what_is_published(prova, gestore_user, statement):
    made = draft(prova)
    publish(gestore_user, made)
    whole = "SELECT e.*, f.* FROM reports_edizione e JOIN reports_fileedizione f"
    whole += " ON f.edizione_id = e.id WHERE e.id = %s ORDER BY f.id"
    with connection.cursor() as cursor:
        cursor.execute(whole, [made.pk])
        before = cursor.fetchall()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement, [made.pk])
        cursor.execute(whole, [made.pk])
        assert cursor.fetchall() == before
    assert len(before) == 2


def test_the_database_refuses_any_change_of_a_version_of_a_text(gestore_user):
    text = Chapter.objects.create(
        report="prova", periodo="2025-B5", capitolo="sintesi", scritto_da=gestore_user,
        scritto_il=timezone.now(),
    )  # fmt: skip
    version = VersioneTesto.objects.create(
        testo=text, versione=1, contenuto="Uno.", stato="bozza", autore=gestore_user
    )
    for statement in (
        "UPDATE reports_versionetesto SET contenuto = 'Due.' WHERE id = %s",
        "DELETE FROM reports_versionetesto WHERE id = %s",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [version.pk])
    assert VersioneTesto.objects.get().contenuto == "Uno."


def test_a_file_does_not_move_to_or_from_what_is_published(prova, gestore_user):
    made, other = draft(prova), draft(prova, periodo="2025-B4")
    publish(gestore_user, made)
    for source, target in ((made, other), (other, made)):
        rows = FileEdizione.objects.filter(edizione=source)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(edizione=target)


# --- Correcting ---------------------------------------------------------------------------------
def test_a_correction_is_the_next_edition_of_the_same_and_waits_to_be_built(
    prova, gestore_user, django_capture_on_commit_callbacks
):
    old = make_edizione(prova, "pubblicata", provincia="BG")
    with django_capture_on_commit_callbacks() as told:
        new = rettifica(by=gestore_user, edizione=old, errata=" Treviglio contata due volte. ")
    assert (new.report, new.periodo, new.al, new.provincia_id) == (
        *(old.report, old.periodo, old.al, "BG"),
    )
    assert (new.edizione, new.rettifica, new.stato) == (2, old, "in_coda")
    assert (new.errata, new.richiesta_da) == ("Treviglio contata due volte.", gestore_user)
    assert len(told) == 1  # the workers are told once the transaction has ended
    event = AuditEvent.objects.get(action="report.rettifica")
    assert event.object_id == str(new.pk)
    assert event.details["rettifica"] == old.numero_completo
    assert Edizione.objects.in_force().get() == old


def test_once_it_is_published_it_takes_the_place_of_the_old_one(prova, gestore_user, time_machine):
    time_machine.move_to("2025-11-12T10:00+01:00")
    old = publish(gestore_user, draft(prova))
    whole = stored(old).contenuto
    prova.righe[0] = ("Bergamo", 13, Decimal("100.50"))
    new = rettifica(by=gestore_user, edizione=old, errata="Bergamo sono 13.")
    new = publish(gestore_user, costruzione.costruisci(new.pk))
    _, front = stored(new).dati()
    assert (front.numero, front.edizione, front.rettifica, front.errata) == (
        *("2/2025", 2, "1/2025", "Bergamo sono 13."),
    )
    assert Edizione.objects.in_force().get() == new
    assert Edizione.objects.superseded().get() == old
    assert stored(old).contenuto == whole


def test_only_what_is_published_and_in_force_is_corrected(prova, gestore_user):
    with pytest.raises(NotNow, match="Si rettifica solo un report pubblicato"):
        rettifica(by=gestore_user, edizione=draft(prova, periodo="2025-B4"), errata="x")
    old = publish(gestore_user, draft(prova))
    new = rettifica(by=gestore_user, edizione=old, errata="x")
    with pytest.raises(NotNow, match="C'è già una rettifica in preparazione"):
        rettifica(by=gestore_user, edizione=old, errata="y")
    prova.righe[0] = ("Bergamo", 13, None)
    new = publish(gestore_user, costruzione.costruisci(new.pk))
    with pytest.raises(NotNow, match=f"già rettificato dal n. {new.numero_completo}"):
        rettifica(by=gestore_user, edizione=old, errata="y")
    assert rettifica(by=gestore_user, edizione=new, errata="y").edizione == 3


@pytest.mark.parametrize(
    ("errata", "words"),
    [
        ("", "Scrivere che cosa era errato e perché si rettifica."),
        (" \n", "Scrivere che cosa era errato e perché si rettifica."),
        ("x" * 2001, "Al massimo 2000 caratteri: ora sono 2001."),
    ],
)
def test_a_correction_says_what_was_wrong(prova, gestore_user, errata, words):
    old = make_edizione(prova, "pubblicata")
    with pytest.raises(ValidationError) as refused:
        rettifica(by=gestore_user, edizione=old, errata=errata)
    assert refused.value.message_dict == {"errata": [words]}
    assert Edizione.objects.get() == old


def test_a_correction_that_is_not_published_can_be_given_up(prova, gestore_user):
    old = make_edizione(prova, "pubblicata")
    new = rettifica(by=gestore_user, edizione=old, errata="Errore")
    with pytest.raises(NotNow, match="è in costruzione"):
        abbandona(by=gestore_user, edizione=new)
    costruzione.costruisci(new.pk)
    assert abbandona(by=gestore_user, edizione=new) == old
    assert Edizione.objects.get() == old
    event = AuditEvent.objects.get(action="report.rettifica_abbandonata")
    assert (event.object_id, event.details["errata"]) == (str(new.pk), "Errore")
    assert rettifica(by=gestore_user, edizione=old, errata="Altro").edizione == 2


def test_neither_a_first_draft_nor_what_is_published_is_given_up(prova, gestore_user):
    old = make_edizione(prova, "pubblicata")
    new = make_edizione(prova, "pubblicata", edizione=2, rettifica=old, errata="Errore")
    first = make_edizione(prova, "bozza", periodo="2025-B4")
    for each in (old, new, first):
        with pytest.raises(NotNow, match="Si abbandona solo una rettifica"):
            abbandona(by=gestore_user, edizione=each)
    assert Edizione.objects.count() == 3


# --- Discarding ---------------------------------------------------------------------------------
@pytest.mark.parametrize("stato", ["bozza", "fallita", "interrotta"])
def test_a_first_edition_that_is_not_wanted_is_discarded_and_its_row_stays(
    prova, gestore_user, stato
):
    made = make_edizione(prova, stato, messaggio="perché")
    scarta(by=gestore_user, edizione=made, motivo=" Chiesta per errore. ")
    found = stored(made)
    assert (found.stato, found.messaggio) == ("scartata", "Chiesta per errore.")
    assert (found.contenuto, found.contenuto_sha256, found.costruita_il) == ("", "", None)
    assert not found.file.exists()
    event = AuditEvent.objects.get(action="report.scartato")
    assert (event.actor, event.object_id) == (gestore_user, str(made.pk))
    assert event.details == {
        "motivo": "Chiesta per errore.",
        "bozza": made.contenuto_sha256,
        "stato": stato,
    }


def test_what_was_discarded_is_not_made_by_the_calendar_but_for_who_asks(prova, gestore_user):
    made = draft(prova)
    scarta(by=gestore_user, edizione=made)
    asked = {"report": prova, "parametri": prova.leggi("2025-B5")}
    assert costruzione.prepara(by=User.objects.sistema(), **asked) is None
    assert costruzione.richiedi(by=gestore_user, **asked) == made
    assert costruzione.costruisci(made.pk).stato == "bozza"


@pytest.mark.parametrize(
    ("stato", "words"),
    [
        ("in_coda", "Il report è in costruzione"),
        ("in_costruzione", "Il report è in costruzione"),
        ("scartata", "Il report è già scartato."),
        ("pubblicata", "Un report pubblicato non si scarta"),
    ],
)
def test_what_is_in_progress_published_or_discarded_is_not_discarded(
    prova, gestore_user, stato, words
):
    made = make_edizione(prova, stato)
    assert refusal(NotNow, lambda: scarta(by=gestore_user, edizione=made)).startswith(words)
    assert stored(made).stato == stato
    assert not AuditEvent.objects.filter(action="report.scartato").exists()


def test_a_correction_is_given_up_rather_than_discarded(prova, gestore_user):
    old = make_edizione(prova, "pubblicata")
    new = make_edizione(prova, "bozza", edizione=2, rettifica=old, errata="Errore")
    words = refusal(NotNow, lambda: scarta(by=gestore_user, edizione=new))
    assert words == "Una rettifica non si scarta: si abbandona."


def test_who_does_not_publish_does_not_discard_and_a_reason_has_an_end(prova, gestore_user):
    made = make_edizione(prova)
    with pytest.raises(PermissionDenied):
        scarta(by=make_user("lettore"), edizione=made)
    with pytest.raises(ValidationError) as refused:
        scarta(by=gestore_user, edizione=made, motivo="x" * 2001)
    assert refused.value.message_dict == {"motivo": ["Al massimo 2000 caratteri: ora sono 2001."]}
    assert stored(made).stato == "bozza"


# --- At once ------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_same_draft_published_by_two_at_once_is_published_once(prova):
    people = [make_user("gestore"), make_user("gestore")]
    made = draft(prova)
    found = at_once(lambda index: publish(people[index], made))
    assert sorted(type(each).__name__ for each in found) == ["Edizione", "NotNow"]
    assert [each.numero for each in Edizione.objects.published()] == [1]
    assert AuditEvent.objects.filter(action="report.pubblicato").count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_published_at_once_have_numbers_without_gaps(prova):
    by = make_user("gestore")
    sigle = ("BG", "BS", "LO", "MI", "SO")
    drafts = [draft(prova, provincia=sigla) for sigla in sigle]
    found = at_once(lambda index: publish(by, drafts[index]), times=5)
    assert {type(each) for each in found} == {Edizione}
    assert sorted(each.numero for each in Edizione.objects.published()) == [1, 2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_numbers_and_moments_have_the_same_order(prova, monkeypatch):
    """The moment is taken once it is one's turn: who waited is later than who was first."""
    by, made = make_user("gestore"), draft(prova)
    held, waited, before = Event(), Event(), []

    def work(index):
        if index:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [pubblicazione._NUMBERS])
                held.set()
                waited.wait(10)
                sleep(1.1)
                before.append(timezone.now().replace(microsecond=0))
            return None
        held.wait(10)
        waited.set()
        return publish(by, made)

    (found,) = (each for each in at_once(work) if each is not None)
    assert found.pubblicata_il >= before[0]


@pytest.mark.django_db(transaction=True)
def test_a_publication_that_fails_leaves_no_gap_and_no_trace(prova, monkeypatch):
    by = make_user("gestore")
    first, second = draft(prova), draft(prova, periodo="2025-B4")
    digest = dict(first.file.values_list("formato", "sha256"))
    monkeypatch.setattr(type(prova), "formati", ("csv", "nessuno"))
    with pytest.raises(KeyError):  # in the midst of the files: it has its number already
        publish(by, first)
    monkeypatch.undo()
    monkeypatch.setitem(declarations._REPORTS, prova.slug, prova)
    assert stored(first).stato == "bozza"
    assert dict(first.file.values_list("formato", "sha256")) == digest
    assert publish(by, second).numero == 1
    assert publish(by, stored(first)).numero == 2


@pytest.mark.django_db(transaction=True)
def test_a_correction_begun_by_two_at_once_is_one(prova):
    people = [make_user("gestore"), make_user("gestore")]
    old = publish(people[0], draft(prova))
    found = at_once(lambda index: rettifica(by=people[index], edizione=old, errata="Errore"))
    assert sorted(type(each).__name__ for each in found) == ["Edizione", "NotNow"]
    assert Edizione.objects.filter(rettifica=old).count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_and_changes_nothing(prova, monkeypatch):
    monkeypatch.setattr(pubblicazione, "_PATIENCE", "200ms")
    by, made = make_user("gestore"), draft(prova)
    ready, waited = Event(), Event()

    def work(index):
        if index:
            with transaction.atomic():
                Edizione.objects.select_for_update().get(pk=made.pk)
                ready.set()
                waited.wait(10)
            return None
        ready.wait(10)
        try:
            return publish(by, made)
        finally:
            waited.set()

    found = at_once(work)
    (told,) = (each for each in found if each is not None)
    assert isinstance(told, NotNow)
    assert "riprovare fra qualche minuto" in str(told)
    assert stored(made).stato == "bozza"
