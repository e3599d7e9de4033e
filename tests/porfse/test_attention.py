"""The registry of what needs attention, with what the areas put into it."""

from datetime import date

import pytest

from porfse import attention
from porfse.attention import Waiting, attention_for
from porfse.models import ExpectedFlow, Provincia
from tests.factories.crisi import make_monitoraggio, make_nucleo
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
LATE = " in ritardo con il monitoraggio trimestrale."


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to("2025-11-03T10:00+01:00", tick=False)


def told(user) -> list[str]:
    return [each.testo for each in attention_for(user)]


def test_each_area_says_its_own_in_the_order_of_registration(user, monkeypatch):
    def places(_):
        for sigle in (["BG"], ["SO", "MI"], []):
            rows = Provincia.objects.filter(pk__in=sigle)
            yield Waiting("Luoghi", rows, "provincia", "province", "Apri", "/luoghi/")

    monkeypatch.setattr(attention, "_providers", [])
    assert told(user()) == []
    attention.register(places)
    attention.register(places)  # twice is once
    found = attention_for(user())
    assert [(each.area, each.testo, each.apri, each.url) for each in found] == [
        ("Luoghi", "1 provincia.", "Apri", "/luoghi/"),
        ("Luoghi", "2 province.", "Apri", "/luoghi/"),
    ]


def test_one_query_for_all_areas(user, django_assert_num_queries):
    person = user("gestore")
    person.has_perm("porfse.view_flows")
    with django_assert_num_queries(1):
        attention_for(person)


def test_a_nucleo_is_told_of_its_own_late_quarters(user):
    make_monitoraggio("BG", "2025-T3", entro=date(2025, 11, 2))
    make_monitoraggio("BG", "2025-T2", entro=date(2025, 11, 3))  # today is not late
    make_monitoraggio(
        "BG", "2025-T1", stato="trasmesso", entro=date(2025, 5, 1), trasmesso_il="2025-05-09T10:00Z"
    )
    bergamo = make_nucleo("BG")
    assert told(bergamo) == ["1 trimestre da trasmettere è in ritardo."]
    assert attention_for(bergamo)[0].url == "/crisi/lavoro/"
    assert told(make_nucleo("MI")) == []


def test_a_nucleo_is_told_what_came_back(user):
    fields = {"stato": "restituito", "trasmesso_il": "2025-10-09T10:00Z"}
    make_monitoraggio("BG", entro=date(2025, 11, 2), **fields)
    assert told(make_nucleo("BG")) == [
        "1 trimestre è stato restituito con richiesta di integrazioni."
    ]


def test_the_region_is_told_how_many_nuclei_are_late_not_how_many_quarters(user):
    for sigla, quarter in (("BG", "2025-T2"), ("BG", "2025-T3"), ("SO", "2025-T3")):
        make_monitoraggio(sigla, quarter, entro=date(2025, 11, 2))
    assert told(user("lettore")) == [f"2 Nuclei sono{LATE}"]
    assert attention_for(user("lettore"))[0].url == "/crisi/trimestri/"


def test_who_approves_is_told_what_waits_for_it(user):
    make_monitoraggio("BG", stato="trasmesso", trasmesso_il="2025-10-09T10:00Z")
    words = "1 trimestre trasmesso attende la validazione."
    assert told(user("gestore")) == [words]
    assert told(user("lettore")) == []


@pytest.mark.parametrize("role", ["operatore", "certificatore", "amministratore"])
def test_who_may_not_see_the_quarters_is_told_nothing_of_them(user, role):
    make_monitoraggio("BG", entro=date(2025, 11, 2))
    assert told(user(role)) == []


def test_the_home_page_says_it_with_its_area(gestore):
    make_monitoraggio("BG", entro=date(2025, 11, 2))
    ExpectedFlow.objects.create(sorgente="inps-cigd", periodo="2025-01", entro=date(2025, 2, 15))
    page = gestore.get("/").content.decode()
    assert f"<strong>Crisi territoriali</strong>: 1 Nucleo è{LATE}" in page
    assert "<strong>Flussi</strong>: 1 flusso atteso è in ritardo." in page


def test_a_person_of_a_nucleo_without_provincia_is_told_nothing():
    make_monitoraggio("BG", entro=date(2025, 11, 2))
    assert told(make_user("nucleo")) == []
