"""Meetings: recorded by the Region, read by whom they concern, followed up."""

import re
from datetime import date
from html import unescape
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crisi.models import Seguito, Tavolo
from crisi.services import seguiti, tavoli
from crisi.services.tavoli import Dati, Richiesta
from porfse.errors import NotThere
from porfse.models import AuditEvent
from programme.services import Conflict
from tests.factories.crisi import make_nucleo, make_procedura, make_unita
from tests.factories.people import make_user
from tests.factories.tavoli import make_seguito, make_tavolo

pytestmark = pytest.mark.django_db
URL = "/crisi/tavoli/"
HELD = date(2025, 10, 6)
TERM = date(2025, 11, 6)


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to("2025-10-20T10:00+02:00", tick=False)


@pytest.fixture
def region(user):
    return user("gestore")


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    return client


def text_of(response) -> str:
    words = unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", words)


def regional(**fields: object) -> Dati:
    values = {"tipo": "regionale", "data": HELD, "oggetto": "Avvio del monitoraggio"}
    return Dati(**values | fields)


def bilateral(*province: str, **fields: object) -> Dati:
    return regional(tipo="bilaterale", province=province, **fields)


def refused(write, **given) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as found:
        write(**given)
    return found.value.message_dict


# --- Recording ----------------------------------------------------------------------------------
def test_a_meeting_with_its_provinces_procedures_and_requests(region):
    procedure = make_procedura()
    made = tavoli.create(
        by=region,
        dati=bilateral("BG", "MI", procedure=(procedure.pk,), decisioni="Si procede"),
        seguiti=[Richiesta("Inviare i dati", TERM, "BG"), Richiesta("Convocare", TERM)],
    )
    assert (made.tipo, made.data, made.decisioni) == ("bilaterale", HELD, "Si procede")
    assert {each.pk for each in made.province.all()} == {"BG", "MI"}
    assert list(made.procedure.all()) == [procedure]
    asked = made.seguiti.order_by("pk").values_list("descrizione", "entro", "provincia")
    assert list(asked) == [("Inviare i dati", TERM, "BG"), ("Convocare", TERM, None)]
    (event,) = AuditEvent.objects.filter(action="tavolo.inserito")
    assert event.details["province"] == ["BG", "MI"]


@pytest.mark.parametrize(
    ("dati", "asked", "fields"),
    [
        (bilateral(), [], {"province"}),
        (regional(province=("BG",)), [], {"province"}),
        (bilateral("XX"), [], {"province"}),
        (regional(procedure=(999_999,)), [], {"procedure"}),
        (regional(data=date(2026, 10, 21)), [], {"data"}),
        (regional(data=date(2013, 12, 31)), [], {"data"}),
        (regional(), [Richiesta("Prima del tavolo", date(2025, 10, 5))], {"0.entro"}),
        (
            regional(),
            [Richiesta("Giusto", TERM), Richiesta("Tardi", date(2028, 1, 1))],
            {"1.entro"},
        ),
        (bilateral("BG"), [Richiesta("Di un'altra", TERM, "MI")], {"0.provincia"}),
    ],
)
def test_what_does_not_hold_together_is_refused_by_field(region, dati, asked, fields):
    assert refused(tavoli.create, by=region, dati=dati, seguiti=asked).keys() == fields
    assert not Tavolo.objects.exists()


def test_a_meeting_may_be_called_up_to_a_year_ahead(region):
    assert tavoli.create(by=region, dati=regional(data=date(2026, 10, 20))).pk


def test_only_who_manages_meetings_writes_them(user):
    found = make_tavolo(data=HELD)
    for person in (make_nucleo("BG"), user("lettore"), user("operatore")):
        with pytest.raises(PermissionDenied):
            tavoli.create(by=person, dati=regional())
        with pytest.raises(PermissionDenied):
            tavoli.update(by=person, pk=found.pk, versione=1, dati=regional())


# --- Correcting ---------------------------------------------------------------------------------
def test_what_changed_is_kept_in_the_register_and_what_is_not_named_stays(region):
    found = make_tavolo("BG", data=HELD, oggetto="Vecchio")
    kept, gone, moved = (make_seguito(found, TERM, "BG", descrizione=name) for name in "KGM")
    made = tavoli.update(
        by=region,
        pk=found.pk,
        versione=1,
        dati=bilateral("BG", "SO", oggetto="Nuovo"),
        seguiti=[Richiesta("Mosso", TERM, "SO", moved.pk), Richiesta("Altro", TERM)],
        tolti=[gone.pk],
    )
    assert made.versione == 2
    standing = Seguito.objects.order_by("pk").values_list("descrizione", "provincia")
    assert list(standing) == [(kept.descrizione, "BG"), ("Mosso", "SO"), ("Altro", None)]
    (event,) = AuditEvent.objects.filter(action="tavolo.modificato")
    assert event.details["modifiche"] == {
        "oggetto": ["Vecchio", "Nuovo"],
        "province": [["BG"], ["BG", "SO"]],
    }
    assert event.details["seguiti_tolti"] == ["G"]


def test_what_is_sent_unchanged_changes_nothing(region):
    found = make_tavolo("BG", data=HELD, oggetto="Uguale")
    asked = make_seguito(found, TERM, "BG")
    same = Richiesta(asked.descrizione, TERM, "BG", asked.pk)
    dati = bilateral("BG", oggetto="Uguale")
    assert (
        tavoli.update(by=region, pk=found.pk, versione=1, dati=dati, seguiti=[same]).versione == 1
    )
    assert not AuditEvent.objects.filter(action="tavolo.modificato")


def test_who_read_an_older_version_is_told_and_nothing_is_written(region):
    found = make_tavolo(data=HELD)
    tavoli.update(by=region, pk=found.pk, versione=1, dati=regional(oggetto="Del primo"))
    with pytest.raises(Conflict) as raised:
        tavoli.update(by=region, pk=found.pk, versione=1, dati=regional(oggetto="Del secondo"))
    assert raised.value.current.oggetto == "Del primo"
    assert Tavolo.objects.get().oggetto == "Del primo"


def test_a_follow_up_that_was_done_meanwhile_is_not_changed(region):
    found = make_tavolo("BG", data=HELD)
    asked = make_seguito(found, TERM, "BG")
    seguiti.mark_done(by=make_nucleo("BG"), seguito_id=asked.pk, giorno=date(2025, 10, 19))
    dati = bilateral("BG")
    for change in (
        {"tolti": [asked.pk]},
        {"seguiti": [Richiesta("Altro testo", TERM, "BG", asked.pk)]},
    ):
        with pytest.raises(Conflict, match="segnato come fatto"):
            tavoli.update(by=region, pk=found.pk, versione=1, dati=dati, **change)
    assert Seguito.objects.get().fatto_il == date(2025, 10, 19)


def test_a_provincia_that_was_asked_for_something_is_not_taken_out(region):
    found = make_tavolo("BG", "MI", data=HELD)
    make_seguito(found, TERM, "MI")
    given = {"by": region, "pk": found.pk, "versione": 1, "dati": bilateral("BG")}
    assert refused(tavoli.update, **given).keys() == {"province"}


def test_the_follow_up_of_another_meeting_is_not_there(region):
    found, other = make_tavolo(data=HELD), make_tavolo(data=HELD)
    theirs = make_seguito(other, TERM)
    with pytest.raises(NotThere):
        tavoli.update(by=region, pk=found.pk, versione=1, dati=regional(), tolti=[theirs.pk])
    assert Seguito.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_and_nothing_is_lost():
    people = [make_user("gestore") for _ in range(2)]
    found, start, seen = make_tavolo(data=HELD), Barrier(2), []

    def write(person, words: str) -> None:
        start.wait()
        try:
            tavoli.update(by=person, pk=found.pk, versione=1, dati=regional(oggetto=words))
            seen.append(("written", words))
        except Conflict:
            seen.append(("told", words))
        finally:
            connections.close_all()

    threads = [Thread(target=write, args=pair) for pair in zip(people, "AB", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(what for what, _ in seen) == ["told", "written"]
    (winner,) = (words for what, words in seen if what == "written")
    found.refresh_from_db()
    assert (found.oggetto, found.versione) == (winner, 2)


# --- Following up -------------------------------------------------------------------------------
def test_done_by_the_region_or_by_the_nucleo_that_was_asked_and_by_nobody_else(region, user):
    found = make_tavolo("BG", "MI", data=HELD)
    for person in (region, make_nucleo("BG")):
        asked = make_seguito(found, TERM, "BG")
        seguiti.mark_done(by=person, seguito_id=asked.pk, giorno=date(2025, 10, 20))
        asked.refresh_from_db()
        assert (asked.fatto_il, asked.fatto_da) == (date(2025, 10, 20), person)
    left, of_region = make_seguito(found, TERM, "BG"), make_seguito(found, TERM)
    for person, each in (
        (make_nucleo("MI"), left),
        (user("lettore"), left),
        (make_nucleo("BG"), of_region),
    ):
        with pytest.raises(NotThere):
            seguiti.mark_done(by=person, seguito_id=each.pk, giorno=HELD)
    assert AuditEvent.objects.filter(action="seguito.fatto").count() == 2


@pytest.mark.parametrize("day", [date(2025, 10, 5), date(2025, 10, 21)])
def test_not_before_the_meeting_and_not_tomorrow(region, day):
    asked = make_seguito(make_tavolo(data=HELD), TERM)
    given = {"by": region, "seguito_id": asked.pk, "giorno": day}
    assert refused(seguiti.mark_done, **given).keys() == {"giorno"}


def test_done_twice_is_told_and_open_again_has_its_reason(region):
    asked = make_seguito(make_tavolo(data=HELD), TERM)
    seguiti.mark_done(by=region, seguito_id=asked.pk, giorno=HELD)
    with pytest.raises(Conflict, match=r"06\.10\.2025"):
        seguiti.mark_done(by=region, seguito_id=asked.pk, giorno=HELD)
    assert refused(seguiti.reopen, by=region, seguito_id=asked.pk, motivo=" ").keys() == {"motivo"}
    seguiti.reopen(by=region, seguito_id=asked.pk, motivo="Dati incompleti")
    asked.refresh_from_db()
    assert (asked.fatto_il, asked.fatto_da) == (None, None)
    (event,) = AuditEvent.objects.filter(action="seguito.riaperto")
    assert event.details["motivo"] == "Dati incompleti"
    assert event.details["giorno"] == "2025-10-06"
    with pytest.raises(Conflict, match="già da fare"):
        seguiti.reopen(by=region, seguito_id=asked.pk, motivo="Ancora")


# --- The list -----------------------------------------------------------------------------------
def listed(response) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in response.context["tavoli"].as_values()][1:]


def test_the_list_with_what_is_left_to_do(gestore):
    found = make_tavolo("BG", "MI", data=HELD, oggetto="Alfa", esempio=True)
    make_tavolo(data=date(2024, 2, 1), oggetto="Beta")
    make_seguito(found, date(2025, 10, 19), "BG")
    make_seguito(found, date(2025, 10, 20), "BG")
    make_seguito(found, HELD, fatto_il=HELD, fatto_da=make_user("gestore"))
    assert listed(gestore.get(URL)) == [
        ["2025-10-06", "Tavolo bilaterale", "Alfa (esempio)", "Bergamo, Milano", "3", "2", "1"],
        ["2024-02-01", "Tavolo regionale", "Beta", "tutte", "0", "0", "0"],
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Mi", "Tutti", "Bg"]),
        ("tipo=bilaterale", ["Mi", "Bg"]),
        ("anno=2025", ["Mi", "Tutti"]),
        ("provincia=MI", ["Mi", "Tutti"]),
        ("provincia=SO&anno=2024", []),
    ],
)
def test_the_filters(gestore, query, found):
    make_tavolo("BG", data=date(2024, 12, 31), oggetto="Bg")
    make_tavolo(data=date(2025, 1, 1), oggetto="Tutti")
    make_tavolo("MI", data=HELD, oggetto="Mi")
    assert [row[2] for row in listed(gestore.get(f"{URL}?{query}"))] == found


@pytest.mark.parametrize("query", ["tipo=altro", "anno=duemila", "provincia=XX", "anno=1"])
def test_a_wrong_filter_is_told(gestore, query):
    answer = gestore.get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert "Un filtro non è valido" in text_of(answer)


def test_the_published_numbers_stand_beside_those_entered_and_examples_count_in_neither(gestore):
    make_tavolo("BG", data=HELD)
    make_tavolo("BG", data=HELD, esempio=True)
    make_tavolo("BG", data=date(2024, 10, 6))
    shown = gestore.get(URL)
    told = [
        (v.tipo, v.anno, str(v.pubblicati.text), v.inseriti) for v in shown.context["pubblicati"]
    ]
    assert told == [("regionale", 2025, "4", 0), ("bilaterale", 2025, "21", 1)]
    assert "stampata(id=002-02)" in shown.content.decode()


# --- Who reads ----------------------------------------------------------------------------------
def test_a_nucleo_reads_the_regional_ones_and_its_own(region):
    own, theirs = make_tavolo("BG", "MI", data=HELD), make_tavolo("MI", data=HELD)
    every = make_tavolo(data=HELD)
    client = browser_of(make_nucleo("BG"))
    assert len(listed(client.get(URL))) == 2
    assert [client.get(each.get_absolute_url()).status_code for each in (own, every)] == [200, 200]
    assert client.get(theirs.get_absolute_url()).status_code == 404
    (event,) = AuditEvent.objects.filter(action="accesso.negato")
    assert event.details["oggetto"] == "crisi.tavolo"
    assert client.get(f"{own.get_absolute_url()}modifica/").status_code == 403
    assert client.get(f"{URL}nuovo/").status_code == 403


def test_a_nucleo_is_told_only_of_procedures_that_it_may_see(gestore):
    own, theirs = make_unita("BG").procedura, make_unita("MI").procedura
    found = make_tavolo("BG", data=HELD, procedure=[own, theirs])
    mine = text_of(browser_of(make_nucleo("BG")).get(found.get_absolute_url()))
    assert str(own.azienda) in mine
    assert str(theirs.azienda) not in mine
    assert str(theirs.azienda) in text_of(gestore.get(found.get_absolute_url()))


def test_a_nucleo_reads_only_follow_ups_of_its_own_and_of_the_region(gestore):
    found = make_tavolo(data=HELD)
    for sigla in ("BG", "MI", None):
        make_seguito(found, date(2025, 10, 19), sigla, descrizione=f"Chiesto a {sigla}")
    bergamo, sondrio = browser_of(make_nucleo("BG")), browser_of(make_nucleo("SO"))
    shown = text_of(bergamo.get(found.get_absolute_url()))
    assert "Chiesto a BG" in shown
    assert "Chiesto a None" in shown
    assert "Chiesto a MI" not in shown
    assert "Chiesto a MI" in text_of(gestore.get(found.get_absolute_url()))
    told = [listed(client.get(URL))[0][4:] for client in (bergamo, sondrio, gestore)]
    assert told == [["2", "2", "2"], ["1", "1", "1"], ["3", "3", "3"]]


def test_the_nucleo_marks_its_own_follow_up_from_the_page():
    found = make_tavolo("BG", "MI", data=HELD)
    own, theirs = make_seguito(found, TERM, "BG"), make_seguito(found, TERM, "MI")
    client, url = browser_of(make_nucleo("BG")), f"{found.get_absolute_url()}seguiti/"
    page = client.get(found.get_absolute_url()).content.decode()
    assert f"{url}{own.pk}/" in page
    assert f"{url}{theirs.pk}/" not in page
    assert client.post(f"{url}{own.pk}/", {"giorno": "2025-10-21"}).status_code == 400
    assert client.post(f"{url}{own.pk}/", {"giorno": "2025-10-20"}).url == found.get_absolute_url()
    assert client.post(f"{url}{own.pk}/", {"giorno": "2025-10-20"}).status_code == 409
    assert client.post(f"{url}{theirs.pk}/", {"giorno": "2025-10-20"}).status_code == 404
    own.refresh_from_db()
    assert own.fatto_il == date(2025, 10, 20)
    back = client.post(f"{url}{own.pk}/", {"riapri": "1", "motivo": "Era un altro"})
    assert back.url == found.get_absolute_url()
    own.refresh_from_db()
    assert own.fatto_il is None
    assert AuditEvent.objects.filter(action="accesso.negato").count() == 1


def test_the_follow_up_of_another_meeting_is_not_at_this_address(gestore):
    found, other = make_tavolo(data=HELD), make_tavolo(data=HELD)
    theirs = make_seguito(other, TERM)
    url = f"{found.get_absolute_url()}seguiti/{theirs.pk}/"
    assert gestore.post(url, {"giorno": "2025-10-20"}).status_code == 404


# --- The form -----------------------------------------------------------------------------------
def sent(*rows: dict[str, object], **fields: object) -> dict[str, object]:
    """What the form sends; a row is a follow-up."""
    data = {
        "versione": "0",
        "tipo": "regionale",
        "data": "2025-10-06",
        "oggetto": "Avvio",
        "soggetti": "",
        "decisioni": "",
        "pratiche": "",
        "righe": str(len(rows)),
    }
    for place, row in enumerate(rows):
        blank = {"id": "", "descrizione": "", "provincia": "", "entro": ""}
        data |= {f"seguiti-{place}-{name}": value for name, value in (blank | row).items()}
    return data | fields


def test_the_form_records_a_meeting_with_what_it_asks_for(gestore):
    hard = make_procedura(alta_complessita=True)
    other = make_procedura(codice_pratica="VOL-ALTRA")
    data = sent(
        {"descrizione": "Inviare i dati", "provincia": "BG", "entro": "06.11.2025"},
        {},
        {"descrizione": "Convocare", "entro": "2025-11-07"},
        tipo="bilaterale",
        province=["BG"],
        procedure=[str(hard.pk)],
        pratiche="VOL-ALTRA\n",
    )
    answer = gestore.post(f"{URL}nuovo/", data)
    made = Tavolo.objects.get()
    assert answer.url == made.get_absolute_url()
    assert {each.pk for each in made.procedure.all()} == {hard.pk, other.pk}
    assert list(made.seguiti.values_list("descrizione", "provincia")) == [
        ("Inviare i dati", "BG"),
        ("Convocare", None),
    ]
    page = text_of(gestore.get(made.get_absolute_url()))
    assert "Inviare i dati" in page
    assert "fra 17 giorni" in page


@pytest.mark.parametrize(
    ("rows", "fields", "words"),
    [
        ([], {"tipo": "bilaterale"}, "riguarda almeno una provincia"),
        ([], {"province": ["BG"]}, "riguarda tutte le province"),
        ([], {"tipo": ""}, "obbligatorio"),
        ([], {"data": "2026-10-21"}, "scegliere al più tardi 20.10.2026"),
        ([], {"data": "ieri"}, "Data non valida"),
        ([], {"pratiche": "VOL-NESSUNA"}, "Nessuna procedura con questo numero di pratica: VOL-N"),
        ([], {"procedure": ["999999"]}, "999999"),
        ([{"descrizione": "Senza data"}], {}, "obbligatorio"),
        ([{"entro": "2025-11-06"}], {}, "obbligatorio"),
        ([{}, {"descrizione": "X", "entro": "2025-10-01"}], {}, "va dal giorno del tavolo"),
    ],
)
def test_what_is_wrong_comes_back_beside_its_field(gestore, rows, fields, words):
    answer = gestore.post(f"{URL}nuovo/", sent(*rows, **fields))
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert not Tavolo.objects.exists()


@pytest.mark.parametrize("number", ["", "tanti", "51", "-1"])
def test_rows_that_cannot_be_counted_are_refused(gestore, number):
    answer = gestore.post(f"{URL}nuovo/", sent(righe=number))
    assert answer.status_code == 400
    assert "non sono leggibili" in text_of(answer)


def test_a_row_more_without_scripts_and_nothing_typed_is_lost(gestore):
    data = sent(
        {"descrizione": "A metà", "entro": "non ancora"},
        aggiungi="1",
        tipo="bilaterale",
        province=["SO"],
        data="2025-99-99",
    )
    answer = gestore.post(f"{URL}nuovo/", data)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len(answer.context["righe"]) == 2
    for kept in ('value="A metà"', 'value="non ancora"', 'value="2025-99-99"'):
        assert kept in page
    assert re.search(r'value="SO"[^>]*checked', page)
    assert "errorlist" not in page


def test_the_second_sees_both_versions_and_may_send_his_own_knowing_it(gestore, region):
    found = make_tavolo("BG", data=HELD, oggetto="Vecchio")
    form = gestore.get(f"{found.get_absolute_url()}modifica/").context["form"]
    assert form.initial["versione"] == 1
    tavoli.update(
        by=region,
        pk=found.pk,
        versione=1,
        dati=bilateral("BG", oggetto="Del primo"),
        seguiti=[Richiesta("Aggiunto dal primo", TERM, "BG")],
    )
    mine = {"tipo": "bilaterale", "province": ["BG"], "oggetto": "Del secondo"}
    url = f"{found.get_absolute_url()}modifica/"
    answer = gestore.post(url, sent(**mine, versione="1"))
    page = text_of(answer)
    assert answer.status_code == 409
    assert f"Qualcuno ha modificato il tavolo nel frattempo ({region}, 20.10.2025 10:00)" in page
    assert ("Oggetto", "Del primo", "Del secondo") in answer.context["differenze"]
    assert "Aggiunto dal primo" in page
    again = answer.context["form"].initial["versione"]
    assert gestore.post(url, sent(**mine, versione=again)).status_code == 302
    found.refresh_from_db()
    assert (found.oggetto, found.versione) == ("Del secondo", 3)
    assert [each.descrizione for each in found.seguiti.all()] == ["Aggiunto dal primo"]


def test_a_row_is_taken_away_also_if_it_is_not_right(gestore):
    found = make_tavolo("BG", data=HELD)
    asked = make_seguito(found, TERM, "BG")
    gone = {"id": str(asked.pk), "descrizione": "", "entro": "", "togli": "on"}
    data = sent(gone, tipo="bilaterale", province=["BG"], versione="1")
    assert gestore.post(f"{found.get_absolute_url()}modifica/", data).status_code == 302
    assert not found.seguiti.exists()


# --- What it costs ------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [1, 5])
def test_the_queries_do_not_grow(gestore, number):
    for _ in range(number):
        found = make_tavolo("BG", "MI", data=HELD, procedure=[make_procedura()])
        for _ in range(number):
            make_seguito(found, TERM, "BG")
    gestore.get("/privacy/")
    costs = {}
    for url in (URL, found.get_absolute_url(), f"{found.get_absolute_url()}modifica/"):
        with CaptureQueriesContext(connection) as queries:
            assert gestore.get(url).status_code == 200
        costs[url.replace(str(found.pk), "1")] = len(queries)
    assert list(costs.values()) == [7, 5, 9]
