"""The list of procedures and the page of one: what each role sees, filters, files, cost."""

from datetime import date

import pytest

from crisi.models import Tavolo
from porfse.models import User
from tests.crisi.test_procedure_form import client_of
from tests.factories.crisi import make_azienda, make_nucleo, make_pal, make_procedura, make_unita
from tests.factories.people import make_user
from tests.programme.test_pages import cost, text_of

pytestmark = pytest.mark.django_db
LIST = "/crisi/procedure/"
# How many queries: the same for one procedure and for sixty.
LIST_COST = {"nucleo": 5, "lettore": 5}
PAGE_COST = {"nucleo": 8, "lettore": 8}
CHANGE_COST = 7


@pytest.fixture
def nucleo():
    return client_of(make_nucleo("BG"))


@pytest.fixture
def lettore():
    return client_of(make_user("lettore"))


def shared():
    """A procedure with two sites in Bergamo, one of them without a number, and one in Lodi."""
    company = make_azienda(denominazione="Rossi S.p.A.", codice_fiscale="00743110157")
    procedura = make_procedura(azienda=company, codice_pratica="VOL-S", obbligo_pal=True)
    make_unita("BG", 1200, procedura=procedura, codice="B1")
    make_unita("BG", None, procedura=procedura, codice="B2")
    make_unita("LO", 34, procedura=procedura, codice="L1")
    return procedura


def listed(client, query: str = "") -> list[str]:
    """The numbers of the pratiche in the list, from its file."""
    answer = client.get(f"{LIST}?{query}&procedure-formato=csv")
    assert answer.status_code == 200, answer.content.decode()
    _, *rows = answer.content.decode("utf-8-sig").splitlines()
    return [row.split(";")[0] for row in rows]


# --- The list -----------------------------------------------------------------------------------
def test_each_sees_a_procedure_with_its_own_sites(nucleo, lettore):
    shared()
    make_unita("LO", codice_pratica="VOL-L")
    own, all_ = text_of(nucleo.get(LIST)), text_of(lettore.get(LIST))
    assert "1.200 + n.d. (1 unità)" in own
    assert "VOL-L" not in own
    assert "1.234 + n.d. (1 unità)" in all_
    assert "BG, LO" in all_
    assert "VOL-L" in all_


def test_the_file_has_numbers_and_what_the_page_has_no_room_for(nucleo, lettore):
    shared()
    first, row = (
        nucleo.get(f"{LIST}?procedure-formato=csv").content.decode("utf-8-sig").splitlines()
    )
    assert dict(zip(first.split(";"), row.split(";"), strict=True)) == {
        "Pratica": "VOL-S",
        "Azienda": "Rossi S.p.A.",
        "Codice fiscale": "00743110157",
        "Tipo": "CIGS ministeriale",
        "Linea guida": "A",
        "Avvio": "01.03.2025",
        "Fine": "",
        "Province": "BG",
        "Unità": "2",
        "Lavoratori": "1200",
        "Unità con lavoratori non noti": "1",
        "Stato": "aperta",
        "Alta complessità": "no",
        "Obbligo PAL": "sì",
        "Dati di esempio": "no",
    }
    assert lettore.get(f"{LIST}?procedure-formato=xlsx").content.startswith(b"PK")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["C", "B", "A"]),
        ("tipo=LIC", ["C"]),
        ("provincia=LO", ["B"]),
        ("stato=conclusa", ["B"]),
        ("azienda=ros", ["A"]),
        ("pratica=b", ["B"]),
        ("complessita=true", ["A"]),
        ("complessita=false", ["C", "B"]),
        ("obbligo=true", ["A"]),
        ("obbligo=nd", ["B"]),
        ("periodo=2025", ["B", "A"]),
        ("periodo=2025-T2&criterio=avviate", ["B"]),
        ("periodo=2025-t2&criterio=in_corso", ["B", "A"]),
        ("periodo=2025-B5&criterio=in_corso", ["A"]),
        ("criterio=in_corso", ["C", "B", "A"]),
        ("tipo=CIGS_MIN&provincia=BG", ["A"]),
        ("procedure-sort=azienda", ["C", "B", "A"]),
        ("procedure-sort=avvio", ["A", "B", "C"]),
    ],
)
def test_filters_are_in_the_address(lettore, query, found):
    red = make_azienda(denominazione="Rossi S.p.A.")
    make_unita(
        "BG",
        codice_pratica="A",
        azienda=red,
        data_avvio=date(2025, 1, 31),
        alta_complessita=True,
        obbligo_pal=True,
    )
    ended = {"data_fine": date(2025, 8, 31), "stato": "conclusa"}
    green = make_azienda(denominazione="Bianchi")
    make_unita("LO", codice_pratica="B", azienda=green, data_avvio=date(2025, 4, 1), **ended)
    blue = make_azienda(denominazione="Azzurri")
    make_unita("MI", tipo="LIC", codice_pratica="C", azienda=blue, data_avvio=date(2026, 1, 1))
    assert listed(lettore, query) == found


@pytest.mark.parametrize(
    "query", ["tipo=X", "periodo=2025-T5", "provincia=RM", "stato=x", "complessita=forse"]
)
def test_a_wrong_filter_is_refused(lettore, query):
    answer = lettore.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert "filtro non è valido" in text_of(answer)


def test_a_nucleo_has_no_choice_of_provincia(nucleo):
    make_unita("BG", codice_pratica="A")
    assert 'name="provincia"' not in nucleo.get(LIST).content.decode()
    assert listed(nucleo, "provincia=LO") == ["A"]


def test_examples_are_labelled(lettore, settings):
    make_unita("BG", codice_pratica="A")
    assert "esempio" not in text_of(lettore.get(LIST))
    example = make_unita("BG", codice_pratica="E", esempio=True).procedura
    for url in (LIST, example.get_absolute_url(), f"{example.get_absolute_url()}storia/"):
        assert "contiene dati di esempio" in text_of(lettore.get(url)), url
    assert "E esempio" in text_of(lettore.get(LIST))


# --- One procedure ------------------------------------------------------------------------------
def test_a_nucleo_is_told_that_other_sites_exist_and_no_more(nucleo):
    procedura = shared()
    make_unita("BS", 56, procedura=procedura, codice="S1")
    make_pal(procedura.unita.get(codice="L1"), "2025-T3", sospesi=33)
    make_pal(procedura.unita.get(codice="B1"), "2025-T3", step2=700)
    page = text_of(nucleo.get(procedura.get_absolute_url()))
    assert "Altre 2 unità in altre province: Brescia, Lodi." in page
    assert "3° trimestre 2025 B1, Bergamo (BG) 1.200 0 700" in page
    assert not [hidden for hidden in ("L1", "S1", " 33 ", " 34 ", " 56 ") if hidden in page]
    assert "n.d." in page


def test_the_region_sees_all_sites(lettore):
    procedura = shared()
    page = text_of(lettore.get(procedura.get_absolute_url()))
    assert "altre province" not in page
    assert "L1 Lodi LO 34" in page


def test_only_the_numbers_in_force_are_shown(nucleo):
    procedura = shared()
    old = make_pal(procedura.unita.get(codice="B1"), "2025-T3", step1=111)
    old.sostituito_il = old.inserito_il
    old.save()
    page = text_of(nucleo.get(procedura.get_absolute_url()))
    assert "111" not in page


def test_who_may_change_has_the_buttons(nucleo, lettore):
    url = shared().get_absolute_url()
    for step in ("modifica", "concludi", "ritira"):
        assert f"{url}{step}/" in nucleo.get(url).content.decode()
        assert f"{url}{step}/" not in lettore.get(url).content.decode()
    assert f"{url}storia/" in lettore.get(url).content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [("lettore", 200), ("gestore", 200), ("operatore", 403), ("controllore", 403)],
)
def test_who_may_read(role, status):
    client, procedura = client_of(make_user(role)), shared()
    for url in (LIST, procedura.get_absolute_url(), f"{procedura.get_absolute_url()}storia/"):
        assert client.get(url).status_code == status, url


def test_another_nucleos_procedure_is_not_there(lettore):
    procedura = shared()
    stranger = client_of(make_nucleo("MI"))
    for step in ("", "storia/", "modifica/", "concludi/", "ritira/", "riapri/"):
        assert stranger.get(f"{procedura.get_absolute_url()}{step}").status_code == 404, step
    assert listed(stranger) == []


# --- Cost ---------------------------------------------------------------------------------------
def person(role: str) -> User:
    return make_nucleo("BG") if role == "nucleo" else make_user(role)


@pytest.mark.parametrize("role", LIST_COST)
def test_queries_of_the_list_do_not_grow(role):
    client = client_of(person(role))
    make_unita("BG")
    assert cost(client, LIST) == LIST_COST[role] <= 12
    for _ in range(60):
        make_unita("BG")
    assert cost(client, LIST) == LIST_COST[role]


@pytest.mark.parametrize("role", PAGE_COST)
def test_queries_of_a_page_do_not_grow(role):
    client, procedura = client_of(person(role)), shared()
    url = procedura.get_absolute_url()
    assert cost(client, url) == PAGE_COST[role] <= 12
    for number in range(8):
        site = make_unita("BG", procedura=procedura)
        make_unita("MI", procedura=procedura)
        make_pal(site, f"202{number}-T1")
        meeting = Tavolo.objects.create(
            tipo="regionale",
            data=date(2025, 5, 1),
            oggetto="x",
            inserito_da=User.objects.sistema(),
        )
        meeting.procedure.add(procedura)
    assert cost(client, url) == PAGE_COST[role]


def test_queries_of_a_correction_do_not_grow():
    client, site = client_of(make_nucleo("BG")), make_unita("BG")
    url = f"{site.procedura.get_absolute_url()}modifica/"
    assert cost(client, url) == CHANGE_COST
    for _ in range(12):
        make_unita("BG", procedura=site.procedura)
        make_unita("LO", procedura=site.procedura)
    assert cost(client, url) == CHANGE_COST
