"""States, notes and history of a procedure; who sees what of them."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from crisi.models import Nota, Procedura
from crisi.services import history
from crisi.services.history import Change
from porfse.codes import check_character
from porfse.models import AuditEvent
from tests.crisi.test_procedure_form import as_sent, change_of, client_of, row_of, text_of
from tests.factories.crisi import make_azienda, make_nucleo, make_procedura, make_unita
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
PERSON = "RSSMRA70A01F205"


@pytest.fixture
def nucleo():
    return client_of(make_nucleo("BG"))


def url_of(procedura: Procedura, step: str = "") -> str:
    return f"/crisi/procedure/{procedura.pk}/{step}"


# --- States -------------------------------------------------------------------------------------
def test_a_procedure_is_concluded_and_reopened(nucleo):
    procedura = make_unita("BG").procedura
    body = {"versione": "1", "data_fine": "2025-04-30"}
    assert nucleo.post(url_of(procedura, "concludi/"), body).url == url_of(procedura)
    procedura.refresh_from_db()
    assert (procedura.stato, procedura.data_fine) == ("conclusa", date(2025, 4, 30))
    assert (procedura.versione, procedura.campi_a_mano) == (2, ["data_fine", "stato"])
    reason = {"versione": "2", "motivo": "Data sbagliata"}
    assert nucleo.post(url_of(procedura, "riapri/"), reason).status_code == 302
    procedura.refresh_from_db()
    assert (procedura.stato, procedura.versione) == ("aperta", 3)
    page = text_of(nucleo.get(url_of(procedura, "storia/")))
    assert "Motivo: Data sbagliata" in page


TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("day", "words"),
    [("2025-02-28", "precede"), (TOMORROW, "troppo avanti"), ("", "obbligatorio")],
)
def test_a_wrong_end_is_refused(nucleo, day, words):
    procedura = make_unita("BG").procedura
    body = {"versione": "1", "data_fine": day}
    answer = nucleo.post(url_of(procedura, "concludi/"), body)
    assert answer.status_code == 400
    assert words in text_of(answer)
    procedura.refresh_from_db()
    assert procedura.stato == "aperta"


def test_a_withdrawn_procedure_counts_no_more_and_is_not_corrected(nucleo):
    site = make_unita("BG")
    procedura = site.procedura
    assert nucleo.post(url_of(procedura, "ritira/"), {"versione": "1"}).status_code == 400
    body = {"versione": "1", "motivo": "Inserita due volte"}
    assert nucleo.post(url_of(procedura, "ritira/"), body).status_code == 302
    assert not Procedura.objects.counted().exists()
    assert "non entra in alcun conteggio" in text_of(nucleo.get(url_of(procedura)))
    assert nucleo.get(change_of(procedura)).url == url_of(procedura)
    again = nucleo.post(url_of(procedura, "ritira/"), {**body, "versione": "2"})
    assert "già ritirata" in text_of(again)
    assert AuditEvent.objects.get(action="procedura.ritirata").details["motivo"] == body["motivo"]


def test_what_other_nuclei_work_on_is_not_withdrawn(nucleo):
    procedura = make_unita("BG").procedura
    make_unita("LO", procedura=procedura)
    answer = nucleo.post(url_of(procedura, "ritira/"), {"versione": "1", "motivo": "x"})
    assert answer.status_code == 400
    assert "altre province (Lodi)" in text_of(answer)


def test_a_state_is_not_changed_over_what_somebody_wrote(nucleo):
    site = make_unita("BG")
    nucleo.post(change_of(site.procedura), as_sent(site.procedura, row_of(site), causale="Nuova"))
    answer = nucleo.post(url_of(site.procedura, "ritira/"), {"versione": "1", "motivo": "x"})
    assert answer.status_code == 409
    site.procedura.refresh_from_db()
    assert site.procedura.stato == "aperta"


@pytest.mark.parametrize("step", ["concludi/", "ritira/", "riapri/"])
def test_who_may_not_change_a_state(step):
    procedura = make_unita("BG").procedura
    body = {"versione": "1", "motivo": "x", "data_fine": "2025-04-30"}
    lodi = client_of(make_nucleo("LO"))
    assert lodi.get(url_of(procedura, step)).status_code == 404
    assert lodi.post(url_of(procedura, step), body).status_code == 404
    for role in ("gestore", "lettore"):
        assert client_of(make_user(role)).post(url_of(procedura, step), body).status_code == 403
    procedura.refresh_from_db()
    assert (procedura.stato, procedura.versione) == ("aperta", 1)


# --- Notes --------------------------------------------------------------------------------------
def test_notes_are_of_the_nucleo_and_of_the_region(nucleo):
    procedura = make_unita("BG").procedura
    make_unita("LO", procedura=procedura)
    region, lodi = client_of(make_user("gestore")), client_of(make_nucleo("LO"))
    for client, words in ((nucleo, "di Bergamo"), (lodi, "di Lodi"), (region, "della Regione")):
        assert client.post(url_of(procedura, "note/"), {"testo": words}).status_code == 302
    assert [*Nota.objects.order_by("pk").values_list("provincia", flat=True)] == ["BG", "LO", None]
    read = {
        name: [words for words in ("di Bergamo", "di Lodi", "della Regione") if words in page]
        for name, page in (
            ("BG", _notes(nucleo, procedura)),
            ("LO", _notes(lodi, procedura)),
            ("R", _notes(region, procedura)),
        )
    }
    assert read == {
        "BG": ["di Bergamo"],
        "LO": ["di Lodi"],
        "R": ["di Bergamo", "di Lodi", "della Regione"],
    }


def _notes(client, procedura: Procedura) -> str:
    return text_of(client.get(url_of(procedura))).split('id="note"')[1]


def test_who_may_not_write_a_note(nucleo):
    procedura = make_unita("LO").procedura
    assert nucleo.post(url_of(procedura, "note/"), {"testo": "x"}).status_code == 404
    reader = client_of(make_user("lettore"))
    assert reader.post(url_of(procedura, "note/"), {"testo": "x"}).status_code == 403
    assert "Registra la nota" not in text_of(reader.get(url_of(procedura)))
    assert not Nota.objects.exists()


def test_an_empty_note_is_refused_on_the_page(nucleo):
    procedura = make_unita("BG").procedura
    answer = nucleo.post(url_of(procedura, "note/"), {"testo": " "})
    assert answer.status_code == 400
    assert 'id="id_testo_error"' in text_of(answer)


# --- History ------------------------------------------------------------------------------------
def test_changes_are_told_field_by_field():
    person = make_nucleo("BG")
    site = make_unita("BG", None, codice="S1")
    procedura = site.procedura
    first = history.record_version(procedura, by=person)
    site.lavoratori = 9
    site.save()
    procedura.versione, procedura.data_fine, procedura.tipo = 2, date(2025, 9, 30), "CIGS_REG"
    second = history.record_version(procedura, by=person)
    assert history.changes(first, second, user=person) == [
        Change("", "tipo", "CIGS ministeriale", "CIGS regionale"),
        Change("", "data di fine", "—", "30.09.2025"),
        Change("S1, Bergamo (BG)", "lavoratori coinvolti", "n.d.", "9"),
    ]
    assert history.changes(first, first, user=person) == []


def test_sites_that_come_and_go_are_told():
    person = make_nucleo("BG")
    gone = make_unita("BG", None, codice="S1")
    procedura = gone.procedura
    first = history.record_version(procedura, by=person)
    gone.delete()
    make_unita("BG", 0, procedura=procedura, codice="S2")
    procedura.versione = 2
    second = history.record_version(procedura, by=person)
    assert history.changes(first, second, user=person) == [
        Change("S1, Bergamo (BG)", "unità", "lavoratori n.d.", "rimossa"),
        Change("S2, Bergamo (BG)", "unità", "—", "aggiunta, lavoratori 0"),
    ]


def test_the_history_is_of_what_one_may_see(nucleo):
    own = make_unita("BG", 1, codice="MIA")
    procedura = own.procedura
    theirs = make_unita("LO", 2, procedura=procedura, codice="ALTRUI")
    nucleo.post(change_of(procedura), as_sent(procedura, row_of(own), causale="Da Bergamo"))
    procedura.refresh_from_db()
    lodi = make_nucleo("LO", first_name="Lodovica")
    client_of(lodi).post(change_of(procedura), as_sent(procedura, row_of(theirs, lavoratori="222")))
    mine = text_of(nucleo.get(url_of(procedura, "storia/")))
    assert "Da Bergamo" in mine
    assert not [words for words in ("ALTRUI", "222", "Lodovica", "Versione 3") if words in mine]
    region = text_of(client_of(make_user("lettore")).get(url_of(procedura, "storia/")))
    assert "Lodovica" in region
    assert "ALTRUI" in region
    assert nucleo.get(url_of(procedura, "storia/?pagina=9")).status_code == 404
    assert client_of(make_nucleo("MI")).get(url_of(procedura, "storia/")).status_code == 404


def test_many_versions_are_kept_with_few_statements(django_assert_num_queries):
    person = make_nucleo("BG")
    procedures = [make_unita("BG", number).procedura for number in range(5)]
    with django_assert_num_queries(5):  # procedures, companies, sites, comuni, one insert
        kept = history.record_versions(list(Procedura.objects.order_by("pk")), by=person)
    assert [each.procedura_id for each in kept] == [each.pk for each in procedures]
    assert [each.contenuto["unita"][0]["lavoratori"] for each in kept] == [0, 1, 2, 3, 4]


def test_a_persons_codice_fiscale_is_covered_for_who_does_not_edit(nucleo):
    code = PERSON + check_character(PERSON)
    company = make_azienda(codice_fiscale=code)
    procedura = make_procedura(azienda=company)
    make_unita("BG", procedura=procedura)
    history.record_version(procedura, by=make_nucleo("BG"))
    reader = client_of(make_user("lettore"))
    pages = ("", "storia/", "../?procedure-formato=csv")
    for page in pages:
        assert code in nucleo.get(
            url_of(procedura, page).replace(f"{procedura.pk}/../", "")
        ).content.decode("utf-8-sig")
        shown = reader.get(url_of(procedura, page).replace(f"{procedura.pk}/../", ""))
        assert code not in shown.content.decode("utf-8-sig"), page
        assert code[:3] in shown.content.decode("utf-8-sig")
