"""The cruscotto of the high-complexity cases: for the Region, the forgotten ones first."""

import csv
import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crisi.models import Nota
from crisi.services.history import record_version
from tests.factories.crisi import make_nucleo, make_pal, make_procedura, make_unita
from tests.factories.people import make_user
from tests.factories.tavoli import make_seguito, make_tavolo

pytestmark = pytest.mark.django_db
URL = "/crisi/complesse/"
NOW = "2025-10-20T10:00+02:00"


def hard(time_machine, entered: str, **fields: object):
    """A high-complexity procedure entered on a day; then it is today again."""
    time_machine.move_to(f"{entered}T12:00+02:00", tick=False)
    made = make_procedura(alta_complessita=True, data_avvio=date(2025, 1, 1), **fields)
    time_machine.move_to(NOW, tick=False)
    return made


def on(time_machine, day: str, write) -> None:
    time_machine.move_to(f"{day}T12:00+02:00", tick=False)
    write()
    time_machine.move_to(NOW, tick=False)


def text_of(response) -> str:
    words = unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", words)


def cells(response) -> dict[str, dict[str, object]]:
    """The rows as a file has them, by number of pratica."""
    header, *rows = response.context["casi"].as_values()
    found = [dict(zip(header, row, strict=True)) for row in rows]
    return {row["Pratica"]: row for row in found}


@pytest.mark.parametrize("role", ["nucleo", "operatore", "certificatore", "amministratore"])
def test_it_is_for_the_region_only(user, role):
    client = Client()
    person = user(role, provincia_id="BG") if role == "nucleo" else user(role)
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    assert client.get(URL).status_code == 403


def test_open_high_complexity_procedures_and_no_others(lettore, time_machine):
    hard(time_machine, "2025-10-01", codice_pratica="APERTA")
    hard(time_machine, "2025-10-01", stato="conclusa", data_fine=date(2025, 10, 2))
    hard(time_machine, "2025-10-01", stato="ritirata")
    make_procedura()
    assert list(cells(lettore.get(URL))) == ["APERTA"]


def test_with_nothing_it_says_so(lettore):
    assert "Nessuna procedura aperta ad alta complessità" in text_of(lettore.get(URL))


def test_whatever_is_heard_of_a_case_makes_it_fresh_and_the_oldest_comes_first(
    lettore, time_machine
):
    kinds = ("NIENTE", "VERSIONE", "NOTA", "PAL", "TAVOLO", "FUTURO")
    cases = {kind: hard(time_machine, "2025-08-01", codice_pratica=kind) for kind in kinds}
    person = make_user("gestore")
    on(time_machine, "2025-10-16", lambda: record_version(cases["VERSIONE"], by=person))
    note = {"procedura": cases["NOTA"], "testo": "Sentita l'azienda", "autore": person}
    on(time_machine, "2025-10-17", lambda: Nota.objects.create(**note))
    site = make_unita("BG", procedura=cases["PAL"])
    on(time_machine, "2025-10-18", lambda: make_pal(site, "2025-T1"))
    make_tavolo(data=date(2025, 10, 19), procedure=[cases["TAVOLO"]])
    make_tavolo(data=date(2025, 10, 21), procedure=[cases["FUTURO"]])
    shown = cells(lettore.get(URL))
    assert [(code, row["Aggiornamento"]) for code, row in shown.items()] == [
        ("NIENTE", "senza novità da 80 giorni"),
        ("FUTURO", "senza novità da 80 giorni"),  # a meeting that is called is no news yet
        ("VERSIONE", "aggiornata 4 giorni fa"),
        ("NOTA", "aggiornata 3 giorni fa"),
        ("PAL", "aggiornata 2 giorni fa"),
        ("TAVOLO", "aggiornata 1 giorno fa"),
    ]


def test_stale_after_thirty_days_in_words_and_counted(lettore, time_machine):
    hard(time_machine, "2025-09-20", codice_pratica="TRENTA")
    hard(time_machine, "2025-09-19", codice_pratica="TRENTUNO")
    hard(time_machine, "2025-09-19", codice_pratica="ESEMPIO", esempio=True)
    shown = lettore.get(URL)
    assert {code: row["Aggiornamento"] for code, row in cells(shown).items()} == {
        "TRENTUNO": "senza novità da 31 giorni",
        "ESEMPIO": "senza novità da 31 giorni",
        "TRENTA": "aggiornata 30 giorni fa",
    }
    assert shown.context["conteggi"] == {"tutte": 2, "ferme": 1, "esempi": 1}
    assert "Questa pagina contiene dati di esempio" in text_of(shown)
    assert "senza novità da 31 giorni" in text_of(shown)


def test_the_night_counts_as_the_day_it_is_in_rome(lettore, time_machine):
    time_machine.move_to("2025-09-20T00:30+02:00", tick=False)  # still the 19th in Greenwich
    make_procedura(alta_complessita=True)
    time_machine.move_to("2025-10-20T00:30+02:00", tick=False)
    (row,) = cells(lettore.get(URL)).values()
    assert row["Aggiornamento"] == "aggiornata 30 giorni fa"


def test_what_a_line_tells(lettore, time_machine):
    case = hard(time_machine, "2025-10-01", codice_pratica="ALFA")
    sites = [make_unita("MI", 30, procedura=case), make_unita("BG", 12, procedura=case)]
    make_unita("BG", None, procedura=case)
    make_pal(sites[0], "2025-T3", step1=4, step4=2)
    make_pal(sites[1], "2025-T3", step1=3, no_pal=1)
    make_pal(sites[1], "2025-T2", step1=9)
    make_pal(sites[1], "2025-T1", step1=9, sostituito_il="2025-10-02T10:00Z")
    anna = make_user("gestore", first_name="Anna", last_name="Bianchi")
    for text in ("Prima", "Sentita l'azienda"):
        Nota.objects.create(procedura=case, testo=text, autore=anna)
    later, sooner = (
        make_tavolo("BG", data=day, procedure=[case])
        for day in (date(2025, 12, 1), date(2025, 11, 3))
    )
    make_seguito(later, date(2025, 12, 2))
    make_seguito(sooner, date(2025, 10, 19), "BG")
    make_seguito(sooner, date(2025, 10, 1), fatto_il=date(2025, 10, 1), fatto_da=anna)
    shown = lettore.get(URL)
    row = cells(shown)["ALFA"]
    assert row["Province"] == "BG, MI"
    assert (row["Unità"], row["Lavoratori"]) == (3, 42)
    steps = ("Sospesi", "STEP 1", "STEP 2", "STEP 3", "STEP 4", "NO PAL")
    assert [row[step] for step in steps] == [42, 7, 0, 0, 2, 1]
    assert row["Ultimo fatto"] == "20.10.2025, Anna Bianchi: Sentita l'azienda"
    assert row["Prossimo tavolo"] == date(2025, 11, 3)
    assert row["Seguiti da fare"] == "2, 1 scaduto, il primo entro il 19.10.2025"
    page = text_of(shown)
    assert "42 + n.d. (1 unità)" in page
    assert "fra 14 giorni" in page
    other = cells(lettore.get(f"{URL}?trimestre=2025-T2"))["ALFA"]
    assert [other[step] for step in steps[:2]] == [12, 9]


def test_what_is_not_known_is_not_zero(lettore, time_machine):
    case = hard(time_machine, "2025-10-01", codice_pratica="BETA")
    make_pal(make_unita("BG", None, procedura=case), sospesi=None, step1=None)
    hard(time_machine, "2025-10-01", codice_pratica="GAMMA")
    shown = cells(lettore.get(URL))
    assert (shown["BETA"]["Lavoratori"], shown["BETA"]["STEP 1"]) == (None, None)
    assert shown["BETA"]["STEP 2"] == 0
    assert shown["GAMMA"]["STEP 2"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tipo=LIC", ["B"]),
        ("provincia=MI", ["A"]),
        ("azienda=alfa", ["A"]),
        ("novita=ferme", ["B"]),
        ("novita=recenti", ["A"]),
    ],
)
def test_the_filters(lettore, time_machine, query, found):
    for code, entered, kind, sigla in (
        ("A", "2025-10-10", "CIGS_MIN", "MI"),
        ("B", "2025-01-10", "LIC", "BG"),
    ):
        case = hard(time_machine, entered, codice_pratica=code, tipo=kind)
        make_unita(sigla, procedura=case)
        case.azienda.denominazione = {"A": "Alfa S.p.A.", "B": "Beta S.r.l."}[code]
        case.azienda.save()
    assert list(cells(lettore.get(f"{URL}?{query}"))) == found


@pytest.mark.parametrize(
    "query", ["tipo=X", "provincia=XX", "novita=x", "trimestre=2025", "trimestre=x"]
)
def test_a_wrong_filter_is_told(lettore, query):
    answer = lettore.get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert "non è valido" in text_of(answer)


def test_the_export_has_every_column(lettore, time_machine):
    case = hard(time_machine, "2025-09-01", codice_pratica="ALFA")
    for workers in (7, None):
        make_unita("BG", workers, procedura=case)
    text = lettore.get(f"{URL}?casi-formato=csv&trimestre=2025-T1").content.decode("utf-8-sig")
    (row,) = csv.DictReader(text.splitlines(), delimiter=";")
    assert row["Aggiornamento"] == "senza novità da 49 giorni"
    names = ("Ultimo il", "Lavoratori", "Unità con lavoratori non noti", "Trimestre delle PAL")
    assert [row[name] for name in names] == ["01.09.2025", "7", "1", "2025-T1"]
    assert row["STEP 1"] == ""


@pytest.mark.parametrize("number", [1, 6])
def test_the_queries_do_not_grow(lettore, time_machine, number):
    person = make_nucleo("BG")
    for _ in range(number):
        case = hard(time_machine, "2025-10-01")
        make_pal(make_unita("BG", procedura=case))
        record_version(case, by=person)
        Nota.objects.create(procedura=case, testo="Nota", autore=person)
        call = make_tavolo("BG", data=date(2025, 10, 30), procedure=[case])
        make_seguito(call, date(2025, 11, 1))
    lettore.get("/privacy/")
    with CaptureQueriesContext(connection) as queries:
        shown = lettore.get(URL)
    assert len(cells(shown)) == number
    assert len(queries) == 5
