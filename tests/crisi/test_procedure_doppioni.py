"""The same procedure entered twice: found, shown as far as one may see it, joined or told apart."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from crisi.models import Procedura
from porfse.codes import check_character
from porfse.models import AuditEvent
from tests.crisi.test_procedure_form import (
    CF,
    NEW,
    PERSON,
    as_sent,
    change_of,
    client_of,
    refusals,
    row_of,
    sent,
    text_of,
)
from tests.factories.crisi import make_azienda, make_nucleo, make_procedura, make_unita

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return make_azienda(codice_fiscale=CF, denominazione="Rossi S.p.A.")


@pytest.fixture
def nucleo():
    return client_of(make_nucleo("BG"))


def existing(company, provincia="LO", **fields) -> Procedura:
    """A CIGS regionale of the company from 1 March to 31 May 2025."""
    dates = {"data_avvio": date(2025, 3, 1), "data_fine": date(2025, 5, 31)}
    found = make_procedura("CIGS_REG", azienda=company, **{**dates, **fields})
    make_unita(provincia, 7, procedura=found, codice="U1")
    return found


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"data_avvio": "2025-05-31"}, 409),
        ({"data_avvio": "2025-06-01"}, 302),
        ({"data_avvio": "2025-01-01", "data_fine": "2025-02-28"}, 302),
        ({"data_avvio": "2025-01-01", "data_fine": "2025-03-01"}, 409),
        ({"data_avvio": "2025-01-01"}, 409),
        ({"tipo_linea": "CIGS_REG-C"}, 409),
        ({"tipo_linea": "CIGS_MIN-A"}, 302),
    ],
)
def test_a_day_in_common_makes_two_look_alike(nucleo, company, fields, status):
    existing(company)
    assert nucleo.post(NEW, sent(**fields)).status_code == status
    assert Procedura.objects.count() == (2 if status == 302 else 1)


def test_withdrawn_ones_are_no_duplicates(nucleo, company):
    existing(company, stato="ritirata")
    assert nucleo.post(NEW, sent()).status_code == 302


def test_of_another_nucleos_one_only_company_kind_dates_and_nucleo_are_told(nucleo, company):
    found = existing(company, codice_pratica="VOL-SEGRETA", causale="Causale segreta")
    page = text_of(nucleo.post(NEW, sent()))
    assert "CIGS regionale, Rossi S.p.A., dal 01.03.2025 al 31.05.2025; Nucleo di Lodi." in page
    assert "VOL-SEGRETA" not in page
    assert "Causale segreta" not in page
    assert found.get_absolute_url() not in page
    assert 'name="unita-0-comune" value="Bergamo"' in page


def test_ones_own_is_shown_with_its_link(nucleo, company):
    found = existing(company, "BG")
    make_unita("LO", procedura=found)
    page = text_of(nucleo.post(NEW, sent()))
    assert f'href="{found.get_absolute_url()}"' in page
    assert "Nuclei di Bergamo, Lodi." in page


def test_ones_sites_join_the_procedure_of_another_nucleo(nucleo, company):
    found = existing(company)
    body = sent(azione=f"unisci-{found.pk}", causale="Scritta da chi arriva dopo")
    answer = nucleo.post(NEW, body)
    assert (answer.status_code, answer.url) == (302, found.get_absolute_url())
    found.refresh_from_db()
    assert (found.causale, found.versione) == ("Crisi aziendale", 2)
    assert list(found.unita.values_list("codice", "comune", "lavoratori")) == [
        ("U1", "098031", 7),
        ("U2", "016024", 12),
    ]
    assert found.versioni.get(versione=2).contenuto["unita"][1]["lavoratori"] == 12
    assert nucleo.get(answer.url).status_code == 200


def test_one_does_not_join_what_does_not_look_alike(nucleo, company):
    other = make_unita("LO").procedura
    ended = existing(company, data_fine=date(2025, 3, 1), data_avvio=date(2025, 1, 1))
    body = {"data_avvio": "2025-04-01"}
    for target in (other, ended):
        assert nucleo.post(NEW, sent(azione=f"unisci-{target.pk}", **body)).status_code == 404
    assert [each["cercato"] for each in refusals()] == [{"pk": other.pk}, {"pk": ended.pk}]
    assert nucleo.get(other.get_absolute_url()).status_code == 404


def test_another_procedure_is_registered_with_a_reason(nucleo, company):
    found = existing(company)
    without = nucleo.post(NEW, sent(azione="distinta", motivo_doppione=" "))
    assert without.status_code == 409
    assert "Il motivo è obbligatorio" in text_of(without)
    answer = nucleo.post(NEW, sent(azione="distinta", motivo_doppione="Altro stabilimento"))
    made = Procedura.objects.latest("pk")
    assert (answer.status_code, answer.url) == (302, made.get_absolute_url())
    kept = AuditEvent.objects.get(action="procedura.inserita").details
    assert (kept["doppione_di"], kept["motivo"]) == ([found.pk], "Altro stabilimento")


def test_a_correction_that_makes_two_alike_stops_too(nucleo, company):
    existing(company)
    mine = make_procedura("CIGS_REG", azienda=company, data_avvio=date(2025, 7, 1))
    site = make_unita("BG", procedura=mine)
    url = change_of(mine)
    body = as_sent(mine, row_of(site), data_avvio="2025-05-02")
    answer = nucleo.post(url, body)
    assert answer.status_code == 409
    assert "Aggiungi le mie unità" not in text_of(answer)
    mine.refresh_from_db()
    assert mine.data_avvio == date(2025, 7, 1)
    said = {**body, "azione": "distinta", "motivo_doppione": "Proroga distinta"}
    assert nucleo.post(url, said).status_code == 302
    # What makes them alike stands: another correction is not asked again.
    mine.refresh_from_db()
    again = as_sent(mine, row_of(site), causale="Altra")
    assert nucleo.post(url, again).status_code == 302


def test_joining_twice_adds_the_sites_once(nucleo, company):
    found = existing(company)
    body = sent(azione=f"unisci-{found.pk}")
    assert nucleo.post(NEW, body).status_code == 302
    again = nucleo.post(NEW, body)
    assert again.status_code == 400
    assert "ci sono già unità della propria provincia" in text_of(again)
    found.refresh_from_db()
    assert (found.unita.count(), found.versione) == (2, 2)


def test_who_has_sites_there_is_sent_to_the_correction(nucleo, company):
    mine, theirs = existing(company, "BG"), existing(company, "LO")
    page = text_of(nucleo.post(NEW, sent()))
    assert f'href="{change_of(mine)}"' in page
    assert f'value="unisci-{mine.pk}"' not in page
    assert f'value="unisci-{theirs.pk}"' in page


def test_another_procedure_sent_twice_is_registered_once(nucleo, company):
    existing(company)
    body = sent(azione="distinta", motivo_doppione="Altro stabilimento")
    assert nucleo.post(NEW, body).status_code == 302
    again = nucleo.post(NEW, body)
    assert again.status_code == 400
    assert "il modulo è arrivato due volte" in text_of(again)
    assert Procedura.objects.count() == 2
    # What tells it from the first one, or the time gone by, says that it is meant.
    assert nucleo.post(NEW, {**body, "codice_pratica": "VOL-900"}).status_code == 302
    assert nucleo.post(NEW, {**body, "causale": "Cessazione"}).status_code == 302
    assert nucleo.post(NEW, {**body, "data_avvio": "2025-03-02"}).status_code == 302
    assert client_of(make_nucleo("BG")).post(NEW, body).status_code == 302
    Procedura.objects.update(inserita_il=timezone.now() - timedelta(minutes=11))
    assert nucleo.post(NEW, body).status_code == 302
    assert Procedura.objects.count() == 7


def test_a_persons_name_is_not_told_with_the_duplicate(nucleo):
    code = f"{PERSON}{check_character(PERSON)}"
    existing(make_azienda(codice_fiscale=code, denominazione="Mario Rossi Officina"))
    page = text_of(nucleo.post(NEW, sent(codice_fiscale=code, denominazione="Rossi")))
    assert "CIGS regionale, dal 01.03.2025 al 31.05.2025; Nucleo di Lodi." in page
    assert "Officina" not in page
