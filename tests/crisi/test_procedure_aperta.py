"""When a procedure is open: what is entered, what time does, what is taken back; all agree."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from crisi.complesse import hard_cases
from crisi.lavoro import by_provincia, charge
from crisi.models import Procedura
from porfse.models import AuditEvent
from tests.crisi.test_procedure_form import (
    NEW,
    as_sent,
    change_of,
    client_of,
    row_of,
    sent,
    text_of,
)
from tests.crisi.test_procedure_pages import LIST, listed
from tests.factories.crisi import make_azienda, make_nucleo, make_procedura, make_unita
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def nucleo():
    return client_of(make_nucleo("BG"))


@pytest.mark.parametrize(
    ("end", "state"),
    [("", "aperta"), (YESTERDAY, "conclusa"), (TODAY, "aperta"), (TOMORROW, "aperta")],
)
def test_the_end_says_whether_what_is_entered_is_open(nucleo, end, state):
    assert nucleo.post(NEW, sent(data_fine=str(end))).status_code == 302
    assert Procedura.objects.get().stato == state


@pytest.mark.parametrize(
    ("before", "end", "state"),
    [
        ({}, str(YESTERDAY), "conclusa"),
        ({}, str(TOMORROW), "aperta"),
        ({"data_fine": YESTERDAY, "stato": "conclusa"}, "", "aperta"),
        ({"data_fine": YESTERDAY, "stato": "conclusa"}, str(TOMORROW), "aperta"),
        ({"data_fine": YESTERDAY, "stato": "conclusa"}, "2025-04-01", "conclusa"),
        # Concluded by a person on the very day: so it stays while the end is not touched.
        ({"data_fine": TODAY, "stato": "conclusa"}, str(TODAY), "conclusa"),
    ],
)
def test_the_end_says_whether_what_is_corrected_is_open(nucleo, before, end, state):
    site = make_unita("BG", **before)
    body = as_sent(site.procedura, row_of(site), data_fine=end, causale="Altra")
    assert nucleo.post(change_of(site.procedura), body).status_code == 302
    kept = Procedura.objects.get()
    assert (kept.stato, kept.causale) == (state, "Altra")
    assert ("stato" in kept.campi_a_mano) == (state != before.get("stato", "aperta"))


def test_what_ended_by_itself_is_open_nowhere(nucleo):
    person, lettore = make_nucleo("BG"), make_user("lettore")
    hard = {"alta_complessita": True}
    for number, end in (("A", YESTERDAY), ("B", TODAY), ("C", None)):
        make_unita("BG", codice_pratica=number, data_fine=end, **hard)
    done = {"data_fine": YESTERDAY, "stato": "conclusa"}
    make_unita("BG", codice_pratica="D", **done, **hard)
    make_unita("BG", codice_pratica="E", stato="ritirata", data_fine=YESTERDAY, **hard)
    waiting, _ = charge("BG", person, TODAY)
    assert {site.procedura.codice_pratica for site in waiting} == {"B", "C"}
    assert by_provincia(lettore, TODAY)["BG"][0] == 2
    assert {each.codice_pratica for each in hard_cases(lettore, TODAY)} == {"B", "C"}
    assert set(listed(nucleo, "stato=aperta")) == {"B", "C"}
    assert set(listed(nucleo, "stato=conclusa")) == {"A", "D"}
    assert listed(nucleo, "stato=ritirata") == ["E"]
    ended = Procedura.objects.get(codice_pratica="A")
    page = text_of(nucleo.get(ended.get_absolute_url()))
    assert "<dt>Stato</dt><dd>conclusa, caso ad" in page
    assert f"{ended.get_absolute_url()}riapri/" in page
    assert "conclusa, alta complessità" in text_of(nucleo.get(f"{LIST}?pratica=A"))


def reopen(client, procedura: Procedura, **fields: str):
    body = {"versione": str(procedura.versione), "motivo": "Errore", **fields}
    return client.post(f"{procedura.get_absolute_url()}riapri/", body)


@pytest.mark.parametrize("state", ["aperta", "conclusa"])
def test_an_end_that_is_taken_back_is_no_end(nucleo, state):
    procedura = make_unita("BG", stato=state, data_fine=YESTERDAY).procedura
    assert reopen(nucleo, procedura).status_code == 302
    procedura.refresh_from_db()
    assert (procedura.stato, procedura.data_fine) == ("aperta", None)
    assert procedura.campi_a_mano == ["data_fine", "stato"]
    event = AuditEvent.objects.get(action="procedura.riaperta")
    assert event.details["modifiche"]["data_fine"] == [YESTERDAY.isoformat(), None]


@pytest.mark.parametrize(
    ("end", "state"), [(None, "aperta"), (YESTERDAY, "conclusa"), (TOMORROW, "aperta")]
)
def test_who_was_withdrawn_is_what_it_was(nucleo, end, state):
    procedura = make_unita("BG", stato="ritirata", data_fine=end).procedura
    assert reopen(nucleo, procedura).status_code == 302
    procedura.refresh_from_db()
    assert (procedura.stato, procedura.data_fine) == (state, end)


# --- Taken back, and there is another like it ----------------------------------------------------
def test_a_withdrawn_duplicate_does_not_come_back_unasked(nucleo):
    company = make_azienda(denominazione="Rossi S.p.A.")
    first = make_procedura(azienda=company, stato="ritirata")
    second = make_procedura(azienda=company, codice_pratica="VOL-NUOVA")
    for procedura, provincia in ((first, "BG"), (second, "BG"), (second, "LO")):
        make_unita(provincia, procedura=procedura)
    answer = reopen(nucleo, first)
    assert answer.status_code == 400
    words = "CIGS ministeriale VOL-NUOVA, dal 01.03.2025, Bergamo, Lodi"
    assert words in text_of(answer)
    first.refresh_from_db()
    assert (first.stato, first.versione) == ("ritirata", 1)
    assert reopen(nucleo, first, distinta="Altro stabilimento").status_code == 302
    first.refresh_from_db()
    assert first.stato == "aperta"
    details = AuditEvent.objects.get(action="procedura.riaperta").details
    assert (details["doppione_di"], details["distinta"]) == ([second.pk], "Altro stabilimento")


def test_of_another_nucleos_duplicate_no_number_is_told(nucleo):
    company = make_azienda()
    mine = make_unita("BG", procedura=make_procedura(azienda=company, stato="ritirata")).procedura
    theirs = {"codice_pratica": "VOL-SEGRETA", "data_fine": date(2025, 6, 30)}
    make_unita("LO", procedura=make_procedura(azienda=company, **theirs))
    page = text_of(reopen(nucleo, mine))
    assert "CIGS ministeriale, dal 01.03.2025 al 30.06.2025, Lodi" in page
    assert "VOL-SEGRETA" not in page


def test_only_days_in_common_make_a_duplicate(nucleo):
    company = make_azienda()
    dates = {"data_avvio": date(2024, 1, 1), "data_fine": date(2024, 12, 31)}
    old = make_procedura(azienda=company, stato="ritirata", **dates)
    make_unita("BG", procedura=old)
    make_unita("BG", procedura=make_procedura(azienda=company))
    assert reopen(nucleo, old).status_code == 302
