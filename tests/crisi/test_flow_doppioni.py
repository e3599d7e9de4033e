"""What a flow brings and people had entered in another way: procedures, sites, ends."""

from datetime import date

import pytest

from crisi.models import Conflitto, Procedura, UnitaProduttiva
from crisi.services import conflitti as service
from crisi.services import history, stati
from crisi.services.conflitti import Decisione
from crisi.services.unita import Sito
from porfse.errors import BadInput
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.models import Flow, User
from tests.crisi.test_flow_vertenze import acquire, check, vertenza
from tests.crisi.test_flow_vertenze_aggiorna import lists, state
from tests.crisi.vertenze import by_hand, conflicts, finish, row
from tests.factories.crisi import COMUNI, make_nucleo, make_unita

pytestmark = pytest.mark.django_db


@pytest.fixture
def operatore(user) -> User:
    return user("operatore")


def decide(flow: Flow, campo: str, scelta: str, by: User) -> None:
    item = Conflitto.objects.get(flusso=flow, campo=campo)
    service.decide(by=by, flusso=flow.pk, decisioni={item.pk: Decisione(scelta, item.scelta)})


def twin(found: Procedura) -> str:
    return f"codice_pratica:{found.pk}"


def sites() -> list[tuple]:
    rows = UnitaProduttiva.objects.order_by("pk")
    return list(rows.values_list("codice", "comune", "lavoratori"))


# --- The same procedure, entered by hand ---------------------------------------------------------
def test_a_procedure_without_number_that_is_the_same_takes_the_number(operatore):
    found = by_hand(codice_pratica="", campi_a_mano=["causale"])
    before = state()
    flow = check([row(found, causale="Altra", id_unita="A-7", lavoratori="41")])
    words = f"n. {found.pk}, senza numero, avvio 03.03.2025, Bergamo (BG)"
    assert conflicts(flow) == [("", twin(found), words, "V-1", "")]
    assert lists(flow)["Possibili doppioni"] == [("V-1", words, "da decidere")]
    decide(flow, twin(found), "flusso", operatore)
    # Now it is known, what was entered by hand is compared.
    assert [item[:4] for item in conflicts(flow)] == [
        ("", "causale", "Crisi aziendale", "Altra"),
        ("", twin(found), words, "V-1"),
    ]
    assert "Pratiche nuove" not in lists(flow)
    with pytest.raises(NotNow, match="Un dato inserito a mano"):
        services.ask_acquisition(flow.pk, by=operatore)
    decide(flow, "causale", "archivio", operatore)
    flow = finish(flow, operatore)
    known = Procedura.objects.get()
    assert (known.pk, known.codice_pratica, known.causale) == (found.pk, "V-1", "Crisi aziendale")
    assert sites() == [("A-7", COMUNI["BG"], 41)]
    services.cancel(flow.pk, by=operatore, reason="prova")
    assert state() == before


def test_two_procedures_that_are_not_the_same_stay_two(operatore):
    found = by_hand(codice_pratica="")
    flow = check([row(found)])
    decide(flow, twin(found), "archivio", operatore)
    assert finish(flow, operatore).stato == "acquisito"
    assert sorted(Procedura.objects.values_list("codice_pratica", flat=True)) == ["", "V-1"]


def test_a_number_that_differs_in_case_and_spaces_is_a_twin(operatore):
    found = by_hand(codice_pratica="v - 1")
    flow = check([row(found, codice_fiscale_azienda=vertenza()["codice_fiscale_azienda"])])
    decide(flow, twin(found), "flusso", operatore)
    finish(flow, operatore)
    assert Procedura.objects.get().codice_pratica == "V-1"


@pytest.mark.parametrize(
    "fields",
    [
        {"tipo": "LIC", "linea_guida": "D"},
        {"data_fine": date(2025, 3, 2), "data_avvio": date(2025, 1, 1)},
        {"stato": "ritirata"},
        {"esempio": True},
        {"codice_pratica": "V-2"},
    ],
)
def test_what_is_not_a_twin(fields):
    found = by_hand(**{"codice_pratica": ""} | fields)
    assert conflicts(check([row(found)])) == []


def test_a_number_that_is_in_the_flow_too_is_another_pratica():
    found = by_hand(codice_pratica="v-1")
    flow = check([row(found), row(found, codice_pratica="v-1")])
    assert conflicts(flow) == []


def test_a_pratica_is_one_procedure_alone(operatore):
    first = by_hand(codice_pratica="")
    second = by_hand(codice_pratica="", azienda=first.azienda)
    flow = check([row(first)])
    decide(flow, twin(first), "flusso", operatore)
    with pytest.raises(BadInput, match="La pratica V-1, con le scelte fatte"):
        decide(flow, twin(second), "flusso", operatore)
    assert Conflitto.objects.get(campo=twin(second)).scelta == ""
    decide(flow, twin(second), "archivio", operatore)
    finish(flow, operatore)
    assert Procedura.objects.get(codice_pratica="V-1").pk == first.pk
    assert Procedura.objects.count() == 2


def test_twins_are_not_decided_with_all_the_others(operatore):
    found = by_hand(codice_pratica="")
    other = by_hand(campi_a_mano=["causale"], codice_pratica="W-1")
    flow = check([row(found), row(other, codice_pratica="W-1", causale="Altra")])
    seen = service.seen(Conflitto.objects.all())
    assert service.decide_all(by=operatore, flusso=flow.pk, scelta="flusso", visti=seen) == 1
    assert Conflitto.objects.get(campo=twin(found)).scelta == ""


def test_a_twin_entered_after_the_validation_stops_the_acquisition(operatore):
    first = vertenza()
    flow = check([first])
    services.ask_acquisition(flow.pk, by=operatore)
    found = by_hand(codice_pratica=f" {first['codice_pratica'].lower()}")
    assert services.acquire(flow.pk, by=operatore).stato == "validato"
    assert Procedura.objects.get() == found


def test_a_twin_that_was_withdrawn_after_the_choice_stops_the_acquisition(operatore):
    found = by_hand(codice_pratica="")
    flow = check([row(found)])
    decide(flow, twin(found), "flusso", operatore)
    services.ask_acquisition(flow.pk, by=operatore)
    Procedura.objects.update(stato="ritirata")
    assert services.acquire(flow.pk, by=operatore).stato == "validato"
    assert Procedura.objects.get().codice_pratica == ""


# --- An end said by a nucleo ---------------------------------------------------------------------
def test_a_conclusion_by_a_nucleo_is_not_taken_back_without_a_decision(operatore):
    first = vertenza(data_fine="30/06/2025")
    acquire(first)
    found = Procedura.objects.get()
    Procedura.objects.update(stato="aperta")
    stati.conclude(by=make_nucleo("BG"), pk=found.pk, versione=1, data_fine=date(2025, 6, 30))
    assert Procedura.objects.get().campi_a_mano == ["stato"]
    flow = check([first | {"data_fine": ""}])
    assert conflicts(flow) == [("", "data_fine", "2025-06-30", None, "")]
    decide(flow, "data_fine", "flusso", operatore)
    finish(flow, operatore)
    after = Procedura.objects.get()
    assert (after.stato, after.data_fine, after.campi_a_mano) == ("aperta", None, [])


def test_a_conclusion_that_is_kept_stays(operatore):
    first = vertenza()
    acquire(first)
    found = Procedura.objects.get()
    stati.conclude(by=make_nucleo("BG"), pk=found.pk, versione=1, data_fine=date(2025, 6, 30))
    flow = check([first | {"causale": "Altra"}])
    decide(flow, "data_fine", "archivio", operatore)
    finish(flow, operatore)
    after = Procedura.objects.get()
    assert (after.stato, after.data_fine, after.causale) == (
        "conclusa",
        date(2025, 6, 30),
        "Altra",
    )


# --- Sites ---------------------------------------------------------------------------------------
@pytest.fixture
def two_sites() -> list[dict[str, str]]:
    first = vertenza()
    rows = [first, first | {"id_unita": "U2", "lavoratori": "5"}]
    acquire(*rows)
    return rows


def test_new_sites_of_known_pratiche_are_listed(two_sites):
    new = two_sites[0] | {"id_unita": "U3", "lavoratori": ""}
    shown = lists(check([*two_sites, new]))
    pratica = new["codice_pratica"]
    assert shown["Unità nuove in pratiche già note"] == [(pratica, "U3", "Bergamo (BG)", "n.d.")]


def change(versione: int, siti: list[Sito], tolte: list[int]) -> None:
    found = Procedura.objects.get()
    by = make_nucleo("BG")
    site = UnitaProduttiva.objects
    Procedura.objects.filter(pk=found.pk).update(versione=versione)
    site.filter(pk__in=tolte).delete()
    for each in siti:
        site.filter(pk=each.id).update(codice=each.codice, campi_a_mano=["codice"])
    found.refresh_from_db()
    history.record_version(found, by=by)


@pytest.mark.parametrize(("scelta", "count"), [("archivio", 1), ("flusso", 2)])
def test_a_site_that_a_person_removed_comes_back_by_a_decision(two_sites, operatore, scelta, count):
    change(2, [], [UnitaProduttiva.objects.get(codice="U2").pk])
    flow = check(two_sites[::-1])
    assert conflicts(flow) == [("U2", "unita", "tolta", COMUNI["BG"], "")]
    shown = lists(flow)
    pratica = two_sites[0]["codice_pratica"]
    assert shown == {
        "Unità tolte a mano che il flusso riporta": [(pratica, "U2", "Bergamo (BG)", "da decidere")]
    }
    decide(flow, "unita", scelta, operatore)
    finish(flow, operatore)
    assert UnitaProduttiva.objects.count() == count


@pytest.mark.parametrize(("scelta", "codice"), [("archivio", "Officina"), ("flusso", "U2")])
def test_a_site_that_a_person_renamed_is_the_same(two_sites, operatore, scelta, codice):
    site = UnitaProduttiva.objects.get(codice="U2")
    change(2, [Sito(comune=site.comune, lavoratori=5, codice="Officina", id=site.pk)], [])
    flow = check([two_sites[0], two_sites[1] | {"lavoratori": "6"}])
    assert conflicts(flow) == [("U2", "codice", "Officina", "U2", "")]
    decide(flow, "codice", scelta, operatore)
    finish(flow, operatore)
    site.refresh_from_db()
    assert (site.codice, site.lavoratori, UnitaProduttiva.objects.count()) == (codice, 6, 2)


def test_a_site_of_a_flow_that_was_cancelled_is_no_conflict(two_sites):
    new = two_sites[0] | {"id_unita": "U3"}
    flow = acquire(*two_sites, new)
    services.cancel(flow.pk, by=flow.caricato_da, reason="prova")
    assert conflicts(check([*two_sites, new])) == []


def test_a_site_that_moves_to_another_provincia_is_no_longer_in_charge(operatore):
    found = by_hand()
    taken = {"presa_in_carico_il": date(2025, 4, 1), "presa_in_carico_da": make_nucleo("BG")}
    stays = make_unita("BG", 5, procedura=found, codice="U2", **taken)
    UnitaProduttiva.objects.filter(codice="U1").update(**taken)
    charges = UnitaProduttiva.objects.order_by("pk").values_list("presa_in_carico_il")
    before = list(charges.all())
    flow = check([row(found, comune_istat=COMUNI["MI"]), row(found, id_unita="U2", lavoratori="6")])
    flow = finish(flow, operatore)
    assert list(charges.all()) == [(None,), (date(2025, 4, 1),)]
    assert UnitaProduttiva.objects.get(pk=stays.pk).presa_in_carico_da is not None
    services.cancel(flow.pk, by=operatore, reason="prova")
    assert list(charges.all()) == before
