"""The pages of the flows for a nucleo, those of the conflicts, and the examples."""

import io
import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from crisi.models import AvanzamentoPAL, Conflitto, Procedura, UnitaProduttiva
from porfse.flows import services, validation
from porfse.models import AuditEvent, Flow, User
from tests.crisi.test_flow_pal import T3, pal
from tests.crisi.test_flow_vertenze import acquire, check, vertenza
from tests.crisi.vertenze import HAND, by_hand, conflicts, row
from tests.factories.crisi import COMUNI, make_monitoraggio, make_nucleo, make_pal, make_unita
from tests.factories.flows import codice_fiscale, csv_bytes, payment, validated

pytestmark = pytest.mark.django_db
ACTIONS = ("validazione", "acquisizione", "scarto", "annullamento")


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    return client


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def site() -> UnitaProduttiva:
    make_monitoraggio("BG", T3)
    return make_unita("BG", 40, data_avvio=date(2025, 3, 1))


# --- A nucleo -----------------------------------------------------------------------------------
def test_a_nucleo_meets_only_the_flows_of_its_provincia(site):
    mine, other = make_nucleo("BG"), make_nucleo("MI")
    own = validated([pal(site)], source="pal-trimestrale", by=mine)
    theirs = validated([pal(site, step1=1)], source="pal-trimestrale", by=other)
    payments, vertenze = validated([payment()]), check([vertenza()])
    page = browser(mine)
    shown = page.get("/flussi/")
    assert [each.record.pk for each in shown.context["flussi"].rows] == [own.pk]
    assert [each.slug for each in shown.context["fonti"]] == ["pal-trimestrale"]
    assert page.get(f"/flussi/{own.pk}/").status_code == 200
    assert page.get(f"/flussi/{own.pk}/scarti/").status_code == 200
    for flow in (theirs, payments, vertenze):
        for name in ("", "avanzamento/", "scarti/"):
            assert page.get(f"/flussi/{flow.pk}/{name}").status_code == 404
        for name in ACTIONS:
            answer = page.post(f"/flussi/{flow.pk}/{name}/", {"motivo": "x", "conferma": "on"})
            assert answer.status_code == 404
        assert page.get(f"/crisi/flussi/{flow.pk}/conflitti/").status_code == 404
        assert Flow.objects.get(pk=flow.pk).stato == "validato"
    refusals = AuditEvent.objects.filter(action="accesso.negato", actor=mine)
    assert {event.details["cercato"]["pk"] for event in refusals} == {
        theirs.pk,
        payments.pk,
        vertenze.pk,
    }


def test_colleagues_meet_the_flows_of_their_provincia_and_who_moved_away_does_not(site):
    person, colleague = make_nucleo("BG"), make_nucleo("BG")
    flow = validated([pal(site)], source="pal-trimestrale", by=person)
    assert flow.provincia_id == "BG"
    person.provincia_id = "MI"
    person.save()
    assert browser(person).get(f"/flussi/{flow.pk}/").status_code == 404
    with pytest.raises(PermissionDenied):
        services.ask_acquisition(flow.pk, by=person)
    shown = text(browser(colleague).get(f"/flussi/{flow.pk}/"))
    assert "Caricato per la provincia" in shown
    # It stays of the provincia it was loaded for, whoever validates it anew.
    assert validation.validate(flow.pk, by=colleague).accettate == 1
    services.ask_acquisition(flow.pk, by=colleague)
    assert services.acquire(flow.pk, by=colleague).stato == "acquisito"
    assert AvanzamentoPAL.objects.get().autore == colleague


def test_what_a_nucleo_has_nothing_to_do_with():
    page = browser(make_nucleo("BG"))
    assert page.get("/flussi/calendario/").status_code == 403
    assert page.get("/flussi/fonti/inps-cigd/").status_code == 404
    assert page.get("/flussi/fonti/pal-trimestrale/").status_code == 200
    options = text(page.get("/flussi/carica/"))
    assert 'value="pal-trimestrale"' in options
    assert "inps-cigd" not in options
    file = SimpleUploadedFile("x.csv", csv_bytes([payment()]), "text/csv")
    assert page.post("/flussi/carica/", {"fonte": "inps-cigd", "file": file}).status_code == 400
    assert not Flow.objects.exists()


@pytest.mark.parametrize(
    ("role", "fields"), [("nucleo", {}), ("lettore", {}), ("gestore", {}), ("controllore", {})]
)
def test_who_may_load_no_quarter(role, fields, as_role):
    page = as_role(role, **fields)
    assert page.get("/crisi/pal/carica/").status_code == 403
    assert page.get("/flussi/carica/").status_code == 403


def test_a_nucleo_takes_its_file_all_the_way(site, django_capture_on_commit_callbacks):
    person = make_nucleo("BG")
    page = browser(person)
    assert 'action="/flussi/carica/"' in text(page.get("/crisi/pal/carica/"))
    file = SimpleUploadedFile("t3.csv", csv_bytes([pal(site)]), "text/csv")
    with django_capture_on_commit_callbacks(execute=False):
        answer = page.post("/flussi/carica/", {"fonte": "pal-trimestrale", "file": file})
    flow = Flow.objects.get()
    assert answer.url == f"/flussi/{flow.pk}/"
    validation.validate(flow.pk, by=person)
    shown = text(page.get(f"/flussi/{flow.pk}/"))
    assert "Lavoratori in STEP 4, righe accettate" in shown
    assert "Sì, fino alla trasmissione (entro il 31.10.2025)." in shown
    with django_capture_on_commit_callbacks(execute=False):
        page.post(f"/flussi/{flow.pk}/acquisizione/")
    assert services.acquire(flow.pk, by=person).stato == "acquisito"
    listed = text(page.get("/crisi/pal/carica/"))
    assert "t3.csv" in listed
    assert "4 (lavoratori in STEP 4)" in listed
    assert "\u00a0€" not in listed


def test_the_page_of_a_nucleo_asks_as_often_for_one_file_as_for_many(
    site, django_assert_num_queries
):
    person = make_nucleo("BG")
    page = browser(person)
    validated([pal(site)], source="pal-trimestrale", by=person)
    page.get("/crisi/pal/carica/")
    with django_assert_num_queries(4):
        page.get("/crisi/pal/carica/")
    for number in range(4):
        validated([pal(site, step1=number)], source="pal-trimestrale", by=person)
    with django_assert_num_queries(4):
        page.get("/crisi/pal/carica/")


# --- The preview --------------------------------------------------------------------------------
def test_the_page_of_a_flow_counts_workers_not_euro_and_masks_a_person(as_role):
    owner = codice_fiscale(9)
    acquire(row(by_hand(), codice_fiscale_azienda=owner))
    flow = check([row(Procedura.objects.get(), codice_fiscale_azienda=codice_fiscale(8))])
    shown = text(as_role("gestore").get(f"/flussi/{flow.pk}/"))
    assert "Lavoratori dichiarati, righe accettate" in shown
    assert "€" not in shown
    assert owner not in shown
    assert codice_fiscale(8) not in shown
    assert f"{owner[:3]}{'•' * 12}{owner[-1]}" in shown


def test_the_command_line_says_what_waits_for_a_decision(tmp_path):
    path = tmp_path / "v.csv"
    path.write_bytes(csv_bytes([row(by_hand(**HAND), causale="Altra")]))
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_flow", "vertenze-online", str(path), stdout=out)
    assert "Un dato inserito a mano è diverso nel flusso" in out.getvalue()
    assert "Lavoratori dichiarati, righe accettate: 40." in out.getvalue()
    assert Flow.objects.get().stato == "validato"


# --- Conflicts ----------------------------------------------------------------------------------
@pytest.fixture
def flow() -> Flow:
    found = by_hand(**HAND)
    UnitaProduttiva.objects.update(campi_a_mano=["comune", "lavoratori"])
    return check([row(found, causale="Altra", comune_istat=COMUNI["MI"], lavoratori="")])


def test_who_opens_the_conflicts_and_who_decides(flow, as_role):
    url = f"/crisi/flussi/{flow.pk}/conflitti/"
    item = Conflitto.objects.first()
    for role, reads in (("gestore", 200), ("certificatore", 200), ("lettore", 403)):
        page = as_role(role)
        assert page.get(url).status_code == reads
        assert page.post(url, {f"scelta-{item.pk}": "flusso"}).status_code == 403
    assert page.get("/crisi/flussi/999999/conflitti/").status_code == 403
    assert as_role("operatore").get("/crisi/flussi/999999/conflitti/").status_code == 404
    assert {choice for *_, choice in conflicts(flow)} == {""}


def test_conflicts_are_decided_one_by_one_then_all_that_are_left(flow, as_role):
    page = as_role("operatore")
    shown = text(page.get(f"/flussi/{flow.pk}/"))
    assert "3 dati inseriti a mano sono diversi nel flusso" in shown
    assert "Acquisisci" not in shown
    url = f"/crisi/flussi/{flow.pk}/conflitti/"
    assert f'<a href="{url}">' in shown
    shown = text(page.get(url))
    assert "Bergamo (BG)" in shown
    assert "Milano (MI)" in shown
    assert "Da decidere: 3." in shown
    item = Conflitto.objects.get(campo="causale")
    answer = page.post(url, {f"scelta-{item.pk}": "archivio", f"vista-{item.pk}": ""})
    assert answer.url == url
    hidden = dict(re.findall(r'name="(in_attesa|ultimo)" value="(\d+)"', text(page.get(url))))
    answer = page.post(url, {"tutti": "flusso", **hidden})
    assert answer.url == f"/flussi/{flow.pk}/"
    assert [(field, choice) for _, field, _, _, choice in conflicts(flow)] == [
        ("causale", "archivio"),
        ("comune", "flusso"),
        ("lavoratori", "flusso"),
    ]
    assert "Acquisisci" in text(page.get(f"/flussi/{flow.pk}/"))


def test_who_comes_second_reads_what_the_other_chose(flow, as_role):
    url = f"/crisi/flussi/{flow.pk}/conflitti/"
    item = Conflitto.objects.get(campo="causale")
    first, second = as_role("operatore", first_name="Ada", last_name="Neri"), as_role("operatore")
    first.post(url, {f"scelta-{item.pk}": "archivio", f"vista-{item.pk}": ""})
    answer = second.post(url, {f"scelta-{item.pk}": "flusso", f"vista-{item.pk}": ""})
    assert answer.status_code == 409
    assert "Ada Neri ha scelto «tenere il dato inserito»" in text(answer)
    assert Conflitto.objects.get(pk=item.pk).scelta == "archivio"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"scelta-x": "flusso"},
        {"tutti": "flusso"},
        {"tutti": "flusso", "in_attesa": "molti", "ultimo": "1"},
        {"tutti": "altro", "in_attesa": "3", "ultimo": "1"},
        {"scelta-1": "altro"},
        {"scelta-1": "", "vista-1": ""},
    ],
)
def test_a_form_that_cannot_be_read_decides_nothing(flow, data, as_role):
    answer = as_role("operatore").post(f"/crisi/flussi/{flow.pk}/conflitti/", data)
    assert answer.status_code == 400
    assert {choice for *_, choice in conflicts(flow)} == {""}


def test_the_conflicts_ask_as_often_for_one_as_for_many(as_role, django_assert_num_queries):
    found = by_hand(**HAND)
    flow = check([row(found, causale="Altra")])
    many = [make_unita("BG", 5, procedura=found, campi_a_mano=["comune"]) for _ in range(60)]
    page, url = as_role("operatore"), f"/crisi/flussi/{flow.pk}/conflitti/"
    page.get(url)
    with django_assert_num_queries(6):
        page.get(url)
    flow = check([row(found, id_unita=each.codice, comune_istat=COMUNI["MI"]) for each in many])
    with django_assert_num_queries(7):  # the names of the comuni
        page.get(f"/crisi/flussi/{flow.pk}/conflitti/")


def test_a_nucleo_decides_on_its_own_quarter_and_the_region_on_twins(site, as_role):
    make_pal(site, T3, step1=1)
    person = make_nucleo("BG")
    flow = validated([pal(site)], source="pal-trimestrale", by=person)
    url = f"/crisi/flussi/{flow.pk}/conflitti/"
    assert browser(make_nucleo("MI")).get(url).status_code == 404
    shown = text(browser(person).get(url))
    assert "PAL, 3° trimestre 2025" in shown
    assert "sospesi 40; STEP 1 1;" in shown
    item = Conflitto.objects.get()
    browser(person).post(url, {f"scelta-{item.pk}": "flusso", f"vista-{item.pk}": ""})
    item.refresh_from_db()
    assert (item.scelta, item.deciso_da) == ("flusso", person)
    twin = check([row(by_hand(codice_pratica=""))])
    shown = text(as_role("operatore").get(f"/crisi/flussi/{twin.pk}/conflitti/"))
    assert "possibile doppione" in shown
    assert "è la stessa procedura" in shown
    assert "Tieni tutti" not in shown
    assert "Da decidere: 1." in shown


def test_the_page_of_a_flow_asks_as_often_for_one_pratica_as_for_many(
    as_role, django_assert_num_queries
):
    found = by_hand(**HAND)
    page = as_role("operatore")
    for count in (0, 30):
        flow = check([row(found, causale="Altra"), *(vertenza() for _ in range(count))])
        page.get(f"/flussi/{flow.pk}/")
        with django_assert_num_queries(11):
            page.get(f"/flussi/{flow.pk}/")
