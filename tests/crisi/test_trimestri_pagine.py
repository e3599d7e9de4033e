"""The pages of the quarters: what they show, whom they let in, what they write and refuse."""

import io
from datetime import date

import pytest
import time_machine
from django.test import Client
from python_calamine import CalamineWorkbook

from crisi.modello import COLONNE
from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale
from porfse.models import User
from tests.factories.crisi import (
    make_azienda,
    make_monitoraggio,
    make_nucleo,
    make_pal,
    make_procedura,
    make_unita,
)
from tests.factories.flows import acquired, validated
from tests.programme.test_pages import cost, text_of

pytestmark = pytest.mark.django_db
T3 = "2025-T3"
PAGE = "/crisi/trimestri/2025-T3/BG/"
SENT = {"stato": "trasmesso", "trasmesso_il": "2025-10-20T10:00Z"}
APPROVED = SENT | {"stato": "validato"}


@pytest.fixture(autouse=True)
def _october():
    with time_machine.travel("2025-10-10 10:00Z", tick=True):
        yield


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    return client


@pytest.fixture
def nucleo() -> Client:
    return client_of(make_nucleo("BG"))


def in_force(site) -> AvanzamentoPAL | None:
    return AvanzamentoPAL.objects.in_force().filter(unita=site, trimestre=T3).first()


def test_a_nucleo_has_its_own_quarter_and_no_other(nucleo, lettore, gestore, as_role):
    make_monitoraggio("BG")
    make_monitoraggio("MI")
    other = PAGE.replace("BG", "MI")
    for url in (other, f"{other}modello/", f"{other}trasmetti/"):
        assert nucleo.get(url).status_code == 404
    assert nucleo.post(other, {}).status_code == 404
    assert [client.get(other).status_code for client in (lettore, gestore)] == [200, 200]
    assert [client.post(other, {}).status_code for client in (lettore, gestore)] == [404, 404]
    listed = text_of(nucleo.get("/crisi/trimestri/"))
    assert "Bergamo" in listed
    assert "Milano" not in listed
    for role in ("operatore", "certificatore", "amministratore"):
        client = as_role(role)
        for url in (PAGE, "/crisi/trimestri/", f"{PAGE}modello/"):
            assert client.get(url).status_code == 403


@pytest.mark.parametrize("url", ["2025/BG", "2025-T5/BG", "2025-T3/XX", "2025-T4/BG"])
def test_what_is_not_open_is_not_there(gestore, url):
    make_monitoraggio()
    assert gestore.get(f"/crisi/trimestri/{url}/").status_code == 404


@pytest.mark.parametrize("slug", ["valida", "restituisci", "riapri", "richiudi", "scadenza"])
def test_steps_of_the_region_are_the_regions(nucleo, lettore, gestore, slug):
    make_monitoraggio()
    for client in (nucleo, lettore):
        assert client.get(f"{PAGE}{slug}/").status_code == 403
        assert client.post(f"{PAGE}{slug}/", {"motivo": "x"}).status_code == 403
    assert gestore.get(f"{PAGE}{slug}/").status_code == 200
    assert gestore.get(f"{PAGE}boh/").status_code == 404


def test_the_region_returns_approves_and_reopens(gestore):
    make_monitoraggio(**SENT)
    shown = gestore.post(f"{PAGE}restituisci/", {"motivo": "Manca l'esonero"}, follow=True)
    assert "restituito con richiesta di integrazioni" in text_of(shown)
    assert "Manca l'esonero" in text_of(shown)
    assert gestore.post(f"{PAGE}valida/").status_code == 409
    MonitoraggioTrimestrale.objects.update(stato="trasmesso")
    gestore.post(f"{PAGE}valida/")
    late = gestore.post(f"{PAGE}riapri/", {"fino_al": "2025-10-01", "motivo": "x"})
    assert (late.status_code, "da oggi a 60" in text_of(late)) == (400, True)
    shown = gestore.post(f"{PAGE}riapri/", {"fino_al": "20/10/2025", "motivo": "x"}, follow=True)
    assert "riaperto fino al 20.10.2025" in text_of(shown)
    assert "Validato e chiuso" in text_of(gestore.post(f"{PAGE}richiudi/", follow=True))


def test_the_region_reads_what_is_missing_and_the_note_before_it_decides(gestore):
    make_pal(make_unita())
    make_unita()
    made, author = make_monitoraggio(**SENT), User.objects.sistema()
    for reason in ("Vecchia nota", "Unità senza dati: 1. L'azienda non risponde"):
        made.passaggi.create(da="compilato", a="trasmesso", autore=author, motivo=reason)
    for slug in ("valida", "restituisci"):
        shown = text_of(gestore.get(f"{PAGE}{slug}/"))
        assert (
            "Unità senza dati: 1. Nota del Nucleo: «Unità senza dati: 1. L'azienda non risponde»"
        ) in shown
        assert "Vecchia nota" not in shown
    MonitoraggioTrimestrale.objects.update(stato="validato")
    assert "Unità senza dati" not in text_of(gestore.get(f"{PAGE}riapri/"))


def test_a_nucleo_reads_what_is_missing_before_it_sends(nucleo):
    make_pal(make_unita())
    lacking = make_unita()
    made = make_monitoraggio()
    shown = nucleo.get(f"{PAGE}trasmetti/")
    assert "Unità senza dati: 1." in text_of(shown)
    assert "facoltativo" not in text_of(shown)
    assert [field.field.required for field in shown.context["form"]] == [True]
    refused = nucleo.post(f"{PAGE}trasmetti/", {"motivo": " "})
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["motivo"])
    make_pal(lacking)
    shown = nucleo.get(f"{PAGE}trasmetti/")
    assert "Nessuna unità è senza dati." in text_of(shown)
    assert "facoltativo" in text_of(shown)
    nucleo.post(f"{PAGE}trasmetti/", {"motivo": ""})
    made.refresh_from_db()
    assert made.stato == "trasmesso"


def test_the_region_moves_terms_and_opens_quarters(gestore):
    shown = gestore.post(
        "/crisi/trimestri/apri/", {"trimestre": T3, "entro": "2025-10-30"}, follow=True
    )
    assert "Trimestre aperto per 12 Nuclei." in text_of(shown)
    gestore.post(f"{PAGE}scadenza/", {"entro": "2025-11-10", "motivo": "Proroga"})
    assert MonitoraggioTrimestrale.objects.get(provincia="BG").entro == date(2025, 11, 10)
    gestore.post("/crisi/trimestri/2025-T3/scadenza/", {"entro": "2025-11-20", "motivo": "Proroga"})
    assert MonitoraggioTrimestrale.objects.filter(entro=date(2025, 11, 20)).count() == 12
    for data in ({"trimestre": "2025-T4", "entro": "2026-01-30"}, {"trimestre": "boh"}):
        assert gestore.post("/crisi/trimestri/apri/", data).status_code == 400


def test_completeness_and_timeliness_stand_in_the_table_and_leave_it(gestore):
    make_pal(make_unita("BG"))
    make_unita("BG")
    make_monitoraggio("BG", entro=date(2025, 10, 7))
    make_monitoraggio("MI", **APPROVED, entro=date(2025, 10, 18))
    make_monitoraggio("BG", "2025-T2", **APPROVED)
    shown = gestore.get("/crisi/trimestri/?nuclei-formato=csv").content.decode("utf-8-sig")
    period, _, header, *rows = shown.splitlines()
    assert period == "Periodo: 3° trimestre 2025"
    assert header == (
        "Nucleo;Unità con dati;Stato;Da trasmettere entro;Trasmesso;Giorni di ritardo;"
        "Riaperto fino al"
    )
    assert rows == [
        "Bergamo;1 di 2;aperto;07.10.2025;;3;",
        "Milano;0 di 0;validato e chiuso;18.10.2025;20.10.2025;2;",
    ]
    matrix = gestore.get("/crisi/trimestri/?matrice-formato=csv").content.decode("utf-8-sig")
    assert matrix.splitlines()[1].split(";") == [
        "Bergamo",
        "non aperto",
        "non aperto",
        "validato e chiuso, 0 di 2 unità",
        "aperto, 1 di 2 unità",
    ]
    assert "1° trimestre 2025" in matrix.splitlines()[0]
    assert gestore.get("/crisi/trimestri/?trimestre=2025").status_code == 404


def test_examples_are_counted_apart_on_both_pages_and_the_pages_say_so(gestore):
    make_unita("BG")
    make_pal(make_unita("BG", esempio=True))
    make_monitoraggio("BG")
    for url in ("/crisi/trimestri/", PAGE):
        shown = text_of(gestore.get(url))
        assert "0 di 1; esempi 1 di 1" in shown
        assert "Questa pagina contiene dati di esempio" in shown
    assert "da inserire: 1" in text_of(gestore.get(PAGE))


def test_without_quarters_the_page_says_so(gestore):
    assert "Nessun trimestre aperto" in text_of(gestore.get("/crisi/trimestri/"))


def read(answer, sheet: int = 0) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return book.get_sheet_by_index(sheet).to_python()


def test_the_sheet_has_the_layout_of_the_flow_and_what_is_saved(nucleo):
    company = make_azienda(denominazione="=Azienda")
    site = make_unita(procedura=make_procedura(azienda=company, codice_pratica="007"), codice="01")
    make_pal(site, sospesi=12, step4=3, motivo_esonero="Pensione", strumenti=["gol", "dul"])
    make_pal(make_unita(procedura=site.procedura, codice="02"), "2025-T2", sospesi=9)
    make_unita(esempio=True)
    unnumbered = make_unita(codice_pratica="").procedura
    make_unita(procedura=unnumbered)
    make_monitoraggio()
    header, *rows = read(nucleo.get(f"{PAGE}modello/"))
    assert tuple(header) == COLONNE
    keys = ["BG", T3, "007"]
    assert rows == [
        [*keys, "01", "=Azienda", "Bergamo", 12, 0, 0, 0, 3, 0, "Pensione", "dul,gol"],
        [*keys, "02", "=Azienda", "Bergamo", *[""] * 8],  # the quarter before is not carried on
    ]
    words = "Non nel foglio Excel, da compilare nella griglia: 1 procedura senza numero"
    assert f"{words} e 1 procedura di esempio." in text_of(nucleo.get(PAGE))
    assert [f"{words} e 1 procedura di esempio."] == read(nucleo.get(f"{PAGE}modello/"), 1)[-1]


def test_a_sheet_without_rows_has_its_header_and_says_why(nucleo):
    make_monitoraggio()
    person = User.objects.get(groups__name="nucleo")
    sheet = nucleo.get(f"{PAGE}modello/")
    words = "Nessuna unità da compilare in questo trimestre: non c'è nulla da caricare."
    assert read(sheet) == [list(COLONNE), [words, *[""] * (len(COLONNE) - 1)]]
    flow = validated(sheet.content, source="pal-trimestrale", by=person, name="pal.xlsx")
    assert (flow.accettate, flow.scartate) == (0, 1)  # the words are no row of anything
    make_unita(codice_pratica="", codice="01")
    _, [told, *_] = read(nucleo.get(f"{PAGE}modello/"))
    assert told == (
        "Nessuna unità si può compilare in questo foglio. Non nel foglio Excel, da compilare nella"
        " griglia: 1 procedura senza numero."
    )


def test_the_page_of_the_procedure_tells_why_workers_are_exempt(nucleo):
    site = make_unita()
    make_pal(site, sospesi=5, no_pal=2, motivo_esonero="Pensione vicina")
    assert "Pensione vicina" in text_of(nucleo.get(site.procedura.get_absolute_url()))


def test_a_sheet_that_holds_all_leaves_nothing_to_the_grid(nucleo):
    make_unita()
    make_monitoraggio()
    assert "Non nel foglio" not in text_of(nucleo.get(PAGE))
    assert "si carica dalla pagina" in read(nucleo.get(f"{PAGE}modello/"), 1)[-1][0]


def test_the_sheet_comes_back_through_the_flow(nucleo):
    site = make_unita(codice_pratica="007", codice="01")
    stored = make_pal(site, sospesi=12, step4=3, strumenti=["gol"])
    empty = make_unita(codice_pratica="008", codice="01")
    make_monitoraggio()
    person = User.objects.get(groups__name="nucleo")
    sheet = nucleo.get(f"{PAGE}modello/").content
    flow = validated(sheet, source="pal-trimestrale", by=person, name="pal.xlsx")
    assert (flow.accettate, flow.scartate) == (1, 1)  # a row that nobody filled in is not zero
    assert flow.colonne_ignorate == ["azienda", "comune"]
    acquired(sheet, source="pal-trimestrale", by=person, name="pal.xlsx")
    assert in_force(site) == stored  # unchanged, so not written again
    assert in_force(empty) is None


def test_queries_do_not_grow_with_sites(nucleo, gestore):
    make_pal(make_unita())
    make_monitoraggio()
    few = [cost(nucleo, PAGE), cost(gestore, PAGE), cost(gestore, "/crisi/trimestri/")]
    for _ in range(4):
        site = make_unita()
        make_pal(site)
        make_pal(site, "2025-T2")
    for sigla in ("MI", "SO"):
        make_monitoraggio(sigla)
        make_pal(make_unita(sigla))
    assert few == [9, 9, 6]
    assert [cost(nucleo, PAGE), cost(gestore, PAGE), cost(gestore, "/crisi/trimestri/")] == few
