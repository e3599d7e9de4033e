"""What other areas show on the page of an initiative."""

from datetime import date
from decimal import Decimal

import pytest

from programme import panels
from tests.factories.misure import make_domanda, summed

pytestmark = pytest.mark.django_db
URL = "/programma/iniziative/smart-working/"


def text(response) -> str:
    return response.content.decode().replace("\xa0", " ").replace("&#x27;", "'")


def test_the_page_of_an_initiative_shows_what_the_ledger_and_its_measure_hold(gestore):
    make_domanda("ammessa", concesso=Decimal(10_705_500), data_ammissione=date(2021, 10, 10))
    summed()
    page = text(gestore.get(URL, {"data": "2021-10-21"}))
    assert "Registro del programma e righe della misura" in page
    for amount in ("10.000.000,00 €", "10.705.500,00 €", "705.500,00 €"):
        assert amount in page
    assert "misura_impegnato(al=2021-10-21,misura=smart-working)" in page
    assert "Dati di esempio" not in page


def test_the_printed_sum_stands_beside_the_ledger_with_the_reason_why_they_differ(lettore):
    page = text(lettore.get(URL))
    assert "Dato pubblicato e registro alla stessa data" in page
    assert "oltre 700 voucher per 10 Mln€" in page
    assert "la misura stampa «764 € 10.705.500» al 21.10.2021" in page
    assert "Nessun flusso acquisito: le righe della misura non sono note." in page


def test_examples_are_labelled_and_not_added(lettore):
    make_domanda("ammessa", esempio=True, concesso=Decimal(7_500), data_ammissione=date(2021, 9, 1))
    summed()
    page = text(lettore.get(URL, {"data": "2021-09-30"}))
    assert "Dati di esempio, che non si sommano ai precedenti" in page
    assert "fonte=esempio" in page
    assert "10.007.500" not in page


def test_an_initiative_without_a_measure_has_no_panel(lettore):
    page = text(lettore.get("/programma/iniziative/seav/"))
    assert "Registro del programma e righe della misura" not in page


def test_who_may_not_see_an_area_does_not_see_its_panel(as_role, monkeypatch):
    client = as_role("lettore")
    assert "Misura:" in text(client.get(URL))
    for panel in panels._PANELS:
        monkeypatch.setattr(type(panel), "permission", "porfse.manage_users")
    page = client.get(URL)
    assert page.status_code == 200
    assert "Misura:" not in text(page)


def test_the_tables_of_a_panel_are_exported_with_the_page(lettore):
    answer = lettore.get(URL, {"pubblicato-formato": "csv", "data": "2021-10-21"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert "Data di riferimento: 21.10.2021" in lines[0]
    line = lines[lines.index("") + 2].split(";")  # below the header
    assert line[:5] == ["21.10.2021", "Impegni", "10.705.500,00", "10.000.000,00", "705.500,00"]


@pytest.mark.parametrize("number", [1, 4])
def test_the_page_asks_few_queries_whatever_the_rows(lettore, django_assert_num_queries, number):
    for _ in range(number):
        make_domanda("ammessa", data_ammissione=date(2021, 9, 1))
    summed()
    with django_assert_num_queries(12):
        lettore.get(URL)


def test_the_programme_knows_no_area_above_it():
    assert panels.__name__ == "programme.panels"
    assert all(type(panel).__module__.startswith("measures.") for panel in panels._PANELS)
