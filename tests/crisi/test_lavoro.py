"""The worklist of a nucleo, and taking charge of its sites."""

import re
from datetime import date
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crisi.models import Bozza, PassaggioTrimestre, UnitaProduttiva, VersioneProcedura
from crisi.services import carico
from crisi.services.history import record_version
from porfse.errors import BadInput, NotThere
from porfse.models import AuditEvent
from programme.services import Conflict
from tests.factories.crisi import (
    make_monitoraggio,
    make_nucleo,
    make_pal,
    make_procedura,
    make_unita,
)
from tests.factories.tavoli import make_seguito, make_tavolo

pytestmark = pytest.mark.django_db
URL = "/crisi/lavoro/"
TODAY = date(2025, 10, 20)
EARLY = date(2025, 10, 13)


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to("2025-10-20T10:00+02:00", tick=False)


@pytest.fixture
def bergamo():
    return make_nucleo("BG")


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    return client


def text_of(response) -> str:
    words = unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", words)


def rows(response, name: str) -> list[list[str]]:
    """The cells of a table of the page, as a file has them."""
    table = response.context[name]
    return [[str(cell) for cell in row] for row in table.as_values()][1:]


def counts(response) -> dict[str, int]:
    return {name: number for name, number, _ in response.context["conteggi"]}


# --- Taking charge ------------------------------------------------------------------------------
def test_a_site_is_taken_charge_of_on_a_day(bergamo):
    site = make_unita("BG")
    done = carico.take(by=bergamo, unita=[site.pk], giorno=EARLY)
    site.refresh_from_db()
    assert (site.presa_in_carico_il, site.presa_in_carico_da) == (EARLY, bergamo)
    assert (done.prese, done.gia) == ([site], [])
    site.procedura.refresh_from_db()
    assert site.procedura.versione == 2
    (kept,) = VersioneProcedura.objects.all()
    assert kept.versione == 2
    assert kept.contenuto["unita"][0]["presa_in_carico_il"] == "2025-10-13"
    (event,) = AuditEvent.objects.filter(action="unita.presa_in_carico")
    assert (event.actor, event.object_id) == (bergamo, str(site.pk))
    assert event.details == {"procedura": site.procedura_id, "giorno": "2025-10-13"}


def test_many_sites_at_once_raise_each_procedure_once(bergamo):
    procedure = make_procedura()
    sites = [make_unita("BG", procedura=procedure) for _ in range(3)]
    carico.take(by=bergamo, unita=[site.pk for site in sites], giorno=TODAY)
    procedure.refresh_from_db()
    assert procedure.versione == 2
    taken = UnitaProduttiva.objects.filter(presa_in_carico_il=TODAY, presa_in_carico_da=bergamo)
    assert taken.count() == 3


def test_who_comes_second_leaves_the_first_as_it_is(bergamo):
    site, other = make_unita("BG"), make_unita("BG")
    colleague = make_nucleo("BG")
    carico.take(by=colleague, unita=[site.pk], giorno=EARLY)
    done = carico.take(by=bergamo, unita=[site.pk, other.pk], giorno=TODAY)
    assert (done.prese, done.gia) == ([other], [site])
    site.refresh_from_db()
    assert (site.presa_in_carico_il, site.presa_in_carico_da) == (EARLY, colleague)
    assert AuditEvent.objects.filter(action="unita.presa_in_carico").count() == 2


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2025, 10, 21), "non può essere futura: al più tardi il 20.10.2025"),
        (date(2025, 2, 28), "non può precedere l'avvio della procedura, il 01.03.2025"),
    ],
)
def test_a_day_on_which_it_cannot_have_been_is_refused(bergamo, day, words):
    sites = [make_unita("BG"), make_unita("BG", data_avvio=date(2025, 1, 1))]
    with pytest.raises(ValidationError, match=words):
        carico.take(by=bergamo, unita=[site.pk for site in sites], giorno=day)
    assert not UnitaProduttiva.objects.exclude(presa_in_carico_il=None)


@pytest.mark.parametrize("stato", ["ritirata", "conclusa"])
def test_sites_of_a_procedure_that_is_not_open_are_refused(bergamo, stato):
    site = make_unita("BG", stato=stato, data_fine=TODAY)
    with pytest.raises(BadInput, match=f"è {stato}"):
        carico.take(by=bergamo, unita=[site.pk], giorno=TODAY)


def test_the_site_of_another_provincia_is_not_there_and_nothing_is_written(bergamo):
    own, theirs = make_unita("BG"), make_unita("MI")
    with pytest.raises(NotThere):
        carico.take(by=bergamo, unita=[own.pk, theirs.pk], giorno=TODAY)
    assert not UnitaProduttiva.objects.exclude(presa_in_carico_il=None)


def test_only_a_nucleo_takes_charge(user):
    site = make_unita("BG")
    for role in ("gestore", "lettore", "operatore"):
        with pytest.raises(PermissionDenied):
            carico.take(by=user(role), unita=[site.pk], giorno=TODAY)


def test_it_is_taken_back_with_a_reason_that_stays(bergamo):
    site = make_unita("BG", presa_in_carico_il=EARLY, presa_in_carico_da=bergamo)
    carico.give_back(by=bergamo, unita_id=site.pk, motivo=" Unità sbagliata ")
    site.refresh_from_db()
    assert (site.presa_in_carico_il, site.presa_in_carico_da) == (None, None)
    (event,) = AuditEvent.objects.filter(action="unita.presa_in_carico_annullata")
    assert event.details["motivo"] == "Unità sbagliata"
    assert event.details["giorno"] == "2025-10-13"
    with pytest.raises(Conflict, match="già stata annullata"):
        carico.give_back(by=bergamo, unita_id=site.pk, motivo="Ancora sbagliata")


def test_without_a_reason_it_is_not_taken_back(bergamo):
    site = make_unita("BG", presa_in_carico_il=EARLY, presa_in_carico_da=bergamo)
    with pytest.raises(ValidationError):
        carico.give_back(by=bergamo, unita_id=site.pk, motivo="  ")
    with pytest.raises(NotThere):
        carico.give_back(by=make_nucleo("MI"), unita_id=site.pk, motivo="Non è nostra")


# --- The page -----------------------------------------------------------------------------------
def test_an_empty_worklist_says_so(bergamo):
    shown = browser_of(bergamo).get(URL)
    assert shown.status_code == 200
    words = text_of(shown)
    assert "Lavoro del Nucleo di Bergamo" in words
    for sentence in (
        "Nessuna unità da prendere in carico",
        "Nessun trimestre aperto",
        "Nessuna scadenza, nessun tavolo",
        "Nessuna procedura avviata o inserita",
        "Nessuna bozza",
        "Nessuna segnalazione",
    ):
        assert sentence in words
    assert set(counts(shown).values()) == {0}


def test_what_waits_is_there_and_what_is_done_or_of_others_is_not(bergamo):
    waiting = make_unita("BG", codice="ATTESA")
    make_unita("BG", codice="FATTA", presa_in_carico_il=EARLY, presa_in_carico_da=bergamo)
    make_unita("BG", codice="CHIUSA", stato="conclusa", data_fine=TODAY)
    make_unita("BG", codice="RITIRATA", stato="ritirata")
    make_unita("MI", codice="MILANO", procedura=waiting.procedura)
    shown = browser_of(bergamo).get(URL)
    assert [row[1] for row in rows(shown, "carico")] == ["ATTESA"]
    assert [row[1] for row in rows(shown, "prese")] == ["FATTA"]
    assert counts(shown)["Unità da prendere in carico"] == 1
    assert "MILANO" not in text_of(shown)


def test_workers_that_are_not_known_are_shown_as_such(bergamo):
    make_unita("BG", None)
    assert "n.d." in text_of(browser_of(bergamo).get(URL))


def test_examples_are_labelled(bergamo):
    make_unita("BG", esempio=True)
    shown = browser_of(bergamo).get(URL)
    assert "Questa pagina contiene dati di esempio" in text_of(shown)
    assert rows(shown, "carico")[0][0].endswith("(esempio)")


def test_new_procedures_are_those_begun_or_entered_since_the_two_months_before_these(
    bergamo, time_machine
):
    time_machine.move_to("2025-08-31T23:30+02:00")
    make_unita("BG", data_avvio=date(2025, 8, 30))  # begun and entered before September
    time_machine.move_to("2025-09-01T00:30+02:00")
    make_unita("BG", 5, procedura=make_procedura(codice_pratica="INSERITA-DOPO"))
    make_unita("BG", None, procedura=make_procedura(codice_pratica="SOLO-MI"))
    begun = make_procedura(codice_pratica="AVVIATA", data_avvio=date(2025, 9, 1))
    for workers in (7, None):
        make_unita("BG", workers, procedura=begun)
    make_unita("MI", 900, procedura=begun)
    time_machine.move_to("2025-12-31T12:00+01:00")
    page = browser_of(bergamo).get(URL)
    assert "Avviate o inserite dal 01.09.2025" in text_of(page)
    assert counts(page)["Procedure nuove"] == 3
    shown = rows(page, "nuove")
    assert [(row[1], row[5], row[6], row[7]) for row in shown] == [
        ("AVVIATA", "2", "7", "1"),
        ("SOLO-MI", "1", "None", "1"),
        ("INSERITA-DOPO", "1", "5", "0"),
    ]
    time_machine.move_to("2026-01-01T12:00+01:00")
    page = browser_of(bergamo).get(URL)
    assert rows(page, "nuove") == []
    assert "Avviate o inserite dal 01.11.2025" in text_of(page)


def test_the_quarter_says_what_is_missing_when_it_is_due_and_why_it_came_back(bergamo, user):
    reported = make_unita("BG")
    make_unita("BG")
    make_unita("BG", tipo="LIC")  # no active policies are asked for
    make_unita("MI")
    make_pal(reported)
    quarter = make_monitoraggio("BG", entro=date(2025, 10, 17))
    make_monitoraggio("MI")
    old = make_monitoraggio(
        "BG", "2025-T2", stato="restituito", trasmesso_il="2025-07-30T10:00Z", entro=EARLY
    )
    for reason in ("La prima volta", "Mancano gli esonerati"):
        PassaggioTrimestre.objects.create(
            monitoraggio=old, da="trasmesso", a="restituito", autore=user("gestore"), motivo=reason
        )
    make_monitoraggio("BG", "2025-T1", stato="validato", trasmesso_il="2025-04-30T10:00Z")
    shown = browser_of(bergamo).get(URL)
    assert rows(shown, "trimestri") == [
        [
            *("2° trimestre 2025", "restituito con richiesta di integrazioni", "2025-10-13"),
            *("2", "2", "restituito: Mancano gli esonerati"),
        ],
        ["3° trimestre 2025", "aperto", "2025-10-17", "2", "1", "in ritardo di 3 giorni"],
    ]
    assert counts(shown)["Unità senza dati nei trimestri aperti"] == 3
    assert f'href="{quarter.get_absolute_url()}"' in shown.content.decode()


def test_examples_are_waited_for_only_where_nothing_is_real(bergamo):
    make_pal(make_unita("BG", esempio=True))
    make_unita("BG", esempio=True)
    make_monitoraggio("BG", entro=date(2025, 10, 31))
    client = browser_of(bergamo)
    shown = client.get(URL)
    alone = ["3° trimestre 2025", "aperto", "2025-10-31", "2", "1", "unità di esempio"]
    assert rows(shown, "trimestri") == [alone]
    make_pal(make_unita("BG"))
    shown = client.get(URL)
    assert rows(shown, "trimestri") == [["3° trimestre 2025", "aperto", "2025-10-31", "1", "0", ""]]
    assert counts(shown)["Unità senza dati nei trimestri aperti"] == 0


def test_the_next_dates_of_the_provincia_in_their_order(bergamo):
    call = make_tavolo("BG", "MI", data=date(2025, 11, 3), oggetto="Caso Alfa")
    make_tavolo("MI", data=date(2025, 11, 4), oggetto="Solo Milano")
    make_tavolo(data=date(2025, 12, 1), oggetto="Con tutti")
    held = make_tavolo(data=date(2025, 9, 1), oggetto="Tenuto")
    make_seguito(held, date(2025, 10, 18), "BG", descrizione="Inviare i dati")
    make_seguito(held, date(2025, 10, 18), "MI", descrizione="Di Milano")
    make_seguito(held, date(2025, 10, 18), descrizione="Della Regione")
    make_seguito(
        held, date(2025, 10, 1), "BG", fatto_il=date(2025, 9, 30), fatto_da=bergamo
    )  # done
    taken = {"presa_in_carico_il": EARLY, "presa_in_carico_da": bergamo}
    for last in (date(2025, 10, 20), date(2025, 12, 19), date(2025, 12, 20)):
        make_unita("BG", data_fine=last, **taken)
    make_monitoraggio("BG", entro=date(2025, 10, 31))
    shown = browser_of(bergamo).get(URL)
    assert [(row[0], row[2]) for row in rows(shown, "scadenze")] == [
        ("2025-10-18", "Seguito"),
        ("2025-10-20", "Fine procedura"),
        ("2025-10-31", "Trimestre"),
        ("2025-11-03", "Tavolo"),
        ("2025-12-01", "Tavolo"),
        ("2025-12-19", "Fine procedura"),
    ]
    words = text_of(shown)
    assert "scaduto da 2 giorni" in words
    assert "Tavolo bilaterale: Caso Alfa" in words
    assert "fra 14 giorni" in words
    assert not [name for name in ("Solo Milano", "Di Milano", "Della Regione") if name in words]
    assert counts(shown)["Scadenze superate"] == 1
    assert f'href="{call.get_absolute_url()}"' in shown.content.decode()


def test_the_checks_of_the_quarter_are_told(bergamo):
    make_pal(make_unita("BG", 1), sospesi=5, step1=5)
    make_pal(make_unita("MI", 1), sospesi=5, step1=5)
    shown = browser_of(bergamo).get(URL)
    assert [row[:2] for row in rows(shown, "segnalazioni")] == [["alta", "W301"]]


def test_drafts_are_ones_own(bergamo):
    Bozza.objects.create(autore=bergamo, dati={"testata": {"denominazione": "Alfa in bozza"}})
    Bozza.objects.create(
        autore=make_nucleo("BG"), dati={"testata": {"denominazione": "Di un collega"}}
    )
    words = text_of(browser_of(bergamo).get(URL))
    assert "Alfa in bozza" in words
    assert "Di un collega" not in words


# --- What is sent -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ({"solo": "A"}, "A"),
        ({"unita": "AB"}, "AB"),
        ({"tutte": "1", "mostrate": "AB"}, "AB"),
        ({"solo": "B", "unita": "A"}, "B"),  # the button of a row is of that row
    ],
)
def test_one_the_chosen_or_all_shown(bergamo, sent, taken):
    keys = {code: make_unita("BG", codice=code).pk for code in "AB"}
    data = {name: [keys.get(code, code) for code in codes] for name, codes in sent.items()}
    data |= {"giorno": "2025-10-13"}
    answer = browser_of(bergamo).post(f"{URL}prendi/", data, follow=True)
    assert answer.redirect_chain == [(URL, 302)]
    done = UnitaProduttiva.objects.filter(presa_in_carico_il=EARLY).order_by("codice")
    assert "".join(done.values_list("codice", flat=True)) == taken
    assert ("2 unità prese in carico" if len(taken) == 2 else "1 unità presa") in text_of(answer)


def test_a_wrong_day_comes_back_beside_its_field_with_the_choice_kept(bergamo):
    site = make_unita("BG")
    sent = {"giorno": "2025-10-21", "unita": [site.pk]}
    answer = browser_of(bergamo).post(f"{URL}prendi/", sent)
    assert answer.status_code == 400
    assert "scegliere al più tardi 20.10.2025" in text_of(answer)
    box = re.search(r'<input type="checkbox"[^>]*>', answer.content.decode())
    assert box
    assert "checked" in box[0]


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"giorno": "2025-10-20"}, 400, "Nessuna unità scelta"),
        ({"giorno": "2025-10-20", "unita": "uno"}, 400, "non è leggibile"),
        ({"giorno": "2025-10-20", "unita": "9" * 30}, 400, "non è leggibile"),
        ({"giorno": "ieri", "unita": "1"}, 400, "Data non valida"),
        ({"giorno": "", "unita": "1"}, 400, "obbligatorio"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(bergamo, sent, status, words):
    answer = browser_of(bergamo).post(f"{URL}prendi/", sent)
    assert answer.status_code == status
    assert words in text_of(answer)


def test_who_chose_nothing_or_what_is_no_longer_open_is_led_back_to_the_list(bergamo):
    waiting = make_unita("BG", codice="A")
    withdrawn = make_unita("BG", codice="B", stato="ritirata")
    client = browser_of(bergamo)
    for chosen, words in (
        ([], "Nessuna unità scelta: selezionarne almeno una"),
        ([waiting.pk, withdrawn.pk], "non si prendono più in carico"),
    ):
        answer = client.post(f"{URL}prendi/", {"giorno": "2025-10-20", "unita": chosen})
        assert answer.status_code == 400
        assert words in text_of(answer)
        assert [row[1] for row in rows(answer, "carico")] == ["A"]
        assert 'value="2025-10-20"' in answer.content.decode()
    assert not UnitaProduttiva.objects.exclude(presa_in_carico_il=None).exists()


def test_a_forged_site_is_a_404_and_recorded(bergamo):
    theirs = make_unita("MI")
    client = browser_of(bergamo)
    sent = {"giorno": "2025-10-20", "unita": [theirs.pk]}
    assert client.post(f"{URL}prendi/", sent).status_code == 404
    assert client.get(f"{URL}{theirs.pk}/annulla/").status_code == 404
    assert client.post(f"{URL}{theirs.pk}/annulla/", {"motivo": "Non è nostra"}).status_code == 404
    events = AuditEvent.objects.filter(action="accesso.negato", actor=bergamo)
    assert {event.details["oggetto"] for event in events} == {"crisi.unitaproduttiva"}
    assert events.count() == 3


def test_it_is_taken_back_from_the_page(bergamo):
    site = make_unita("BG", presa_in_carico_il=EARLY, presa_in_carico_da=bergamo)
    client, url = browser_of(bergamo), f"{URL}{site.pk}/annulla/"
    assert "13.10.2025" in text_of(client.get(url))
    assert client.post(url, {"motivo": "no"}).status_code == 400
    assert client.post(url, {"motivo": "Unità sbagliata"}).url == URL
    assert client.post(url, {"motivo": "Unità sbagliata"}).status_code == 409
    assert "non c'è nulla da annullare" in text_of(client.get(url))


# --- Whose --------------------------------------------------------------------------------------
def test_a_nucleo_reads_no_other_provincia(bergamo):
    client = browser_of(bergamo)
    assert client.get(f"{URL}?provincia=BG").status_code == 200
    assert client.get(f"{URL}?provincia=MI").status_code == 404
    (event,) = AuditEvent.objects.filter(action="accesso.negato")
    assert event.details == {"oggetto": "crisi.lavoro", "cercato": {"provincia": "MI"}}
    assert client.get(f"{URL}?provincia=XX").status_code == 404


@pytest.mark.parametrize("role", ["gestore", "lettore"])
def test_the_region_chooses_a_nucleo_and_only_reads(as_role, role):
    make_unita("BG", codice="ATTESA")
    make_unita("BG", stato="ritirata")
    client = as_role(role)
    chosen = client.get(URL)
    assert len(rows(chosen, "nuclei")) == 12
    assert ["Bergamo", "1", "1"] in rows(chosen, "nuclei")
    assert ["Milano", "0", "0"] in rows(chosen, "nuclei")
    shown = client.get(f"{URL}?provincia=bg")
    assert [row[1] for row in rows(shown, "carico")] == ["ATTESA"]
    assert "Pagina in sola lettura" in text_of(shown)
    assert 'name="solo"' not in shown.content.decode()
    assert client.post(f"{URL}prendi/", {"giorno": "2025-10-20"}).status_code == 403


def test_a_nucleo_without_provincia_is_told_whom_to_ask(user):
    shown = browser_of(user("nucleo")).get(URL)
    assert shown.status_code == 404
    assert "chiedere all'amministratore" in text_of(shown)


@pytest.mark.parametrize("role", ["operatore", "certificatore", "controllore", "amministratore"])
def test_other_roles_do_not_open_it(as_role, role):
    assert as_role(role).get(URL).status_code == 403


def test_a_nucleo_begins_its_day_here(bergamo, as_role):
    assert browser_of(bergamo).get("/inizio/").url == URL
    assert as_role("gestore").get("/inizio/").url == "/"


def fill(number: int, person) -> None:
    for _ in range(number):
        site = make_unita("BG", 4, data_fine=date(2025, 11, 3))
        make_unita("BG", presa_in_carico_il=EARLY, presa_in_carico_da=person)
        record_version(site.procedura, by=person)
        make_pal(site, "2025-T2", step4=4)
        make_pal(site, sospesi=40, step1=40)
        make_seguito(make_tavolo("BG", data=TODAY), TODAY, "BG")
        Bozza.objects.create(autore=person, procedura=site.procedura, dati={})


@pytest.mark.parametrize("number", [1, 6])
def test_the_queries_do_not_grow(bergamo, number):
    for quarter in ("2025-T3", "2025-T2"):
        make_monitoraggio("BG", quarter)
    fill(number, bergamo)
    client = browser_of(bergamo)
    client.get("/privacy/")  # the session is in Redis from here on
    with CaptureQueriesContext(connection) as queries:
        shown = client.get(URL)
    assert len(rows(shown, "carico")) == number
    assert len(queries) == 11
