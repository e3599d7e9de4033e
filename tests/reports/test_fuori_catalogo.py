"""A report that is not in the catalogue any more: its editions are read, and nothing is made."""

import pytest
from django.test import Client

from porfse.flows.errors import NotNow
from reports import report as declarations
from reports.models import Edizione
from reports.services import costruzione, rinuncia
from reports.services.pubblicazione import pubblica, rettifica
from tests.factories.crisi import make_nucleo
from tests.factories.people import make_user
from tests.factories.reports import make_edizione
from tests.reports.test_edizioni_pagine import ARCHIVE, browser_of, text_of, url

pytestmark = pytest.mark.django_db
GONE = "non è più nel catalogo"
WORDS = f"Il report «prova» {GONE}"


@pytest.fixture
def withdraw(prova, monkeypatch):
    """Takes the report out of the catalogue."""
    return lambda: monkeypatch.delitem(declarations._REPORTS, prova.slug)


@pytest.fixture
def edizioni(prova, withdraw) -> dict[str, Edizione]:
    """Editions of a report that was then taken out of the catalogue."""
    made = {
        "regione": make_edizione(prova, "pubblicata"),
        "bg": make_edizione(prova, "pubblicata", provincia="BG"),
        "mi": make_edizione(prova, "pubblicata", provincia="MI"),
        "bozza": make_edizione(prova, "bozza", periodo="2025-B4"),
        "fallita": make_edizione(prova, "fallita", periodo="2025-B3"),
    }
    withdraw()
    return made


def seen(client: Client, edizioni: dict[str, Edizione]) -> set[str]:
    """Those whose page, and first file if they have one, can be opened."""
    pages = {name for name, each in edizioni.items() if client.get(url(each)).status_code == 200}
    files = {
        name for name, each in edizioni.items() if client.get(url(each, "json/")).status_code == 200
    }
    assert pages - files <= {"fallita"}
    return pages


def test_who_reads_the_whole_catalogue_reads_them_and_a_nucleo_its_own(edizioni, as_role):
    published = {"regione", "bg", "mi"}
    for role, expected in (
        ("gestore", set(edizioni)),
        ("lettore", published),
        ("operatore", set()),  # does not read every report
        ("certificatore", set()),
    ):
        assert (role, seen(as_role(role), edizioni)) == (role, expected)
    assert seen(browser_of(make_nucleo("BG")), edizioni) == {"bg"}


def test_the_archive_lists_them_by_the_slug_and_narrows_to_them(edizioni, lettore, gestore):
    rows = gestore.get(f"{ARCHIVE}?report=prova&edizioni-formato=csv").content.decode("utf-8-sig")
    assert rows.count("prova;") == len(edizioni)
    page = lettore.get(f"{ARCHIVE}?report=prova")
    assert page.status_code == 200
    assert '<option value="prova" selected>prova</option>' in page.content.decode()
    assert "settembre-ottobre 2025" in text_of(page)


def test_the_archive_offers_no_report_without_editions(prova, withdraw, gestore):
    withdraw()
    assert gestore.get(f"{ARCHIVE}?report=prova").status_code == 400


def test_the_page_says_so_shows_the_data_and_offers_nothing(edizioni, gestore):
    for name in ("regione", "bozza", "fallita"):
        made = edizioni[name]
        page = gestore.get(url(made))
        assert WORDS in text_of(page)
        body = page.content.decode()
        assert not [
            step for step in ("ricostruisci", "rettifica", "pubblica") if f"{step}/" in body
        ]
    shown = text_of(gestore.get(url(edizioni["regione"])))
    assert "Report di prova, settembre-ottobre 2025" in shown  # as it was called then
    assert "Treviglio" in shown
    assert "prova, luglio-agosto 2025" in text_of(gestore.get(url(edizioni["bozza"])))


def test_nothing_is_built_published_or_corrected(edizioni, gestore):
    by, bozza = make_user("gestore"), edizioni["bozza"]
    with pytest.raises(NotNow, match=GONE):
        costruzione.ricostruisci(by=by, edizione=edizioni["fallita"])
    with pytest.raises(NotNow, match=GONE):
        pubblica(by=by, edizione=bozza, contenuto_sha256=bozza.contenuto_sha256)
    with pytest.raises(NotNow, match=GONE):
        rettifica(by=by, edizione=edizioni["regione"], errata="Un refuso.")
    for made, step in ((bozza, "pubblica/"), (edizioni["regione"], "rettifica/")):
        page = gestore.get(url(made, step))
        assert (page.status_code, WORDS in text_of(page)) == (409, True)
    page = gestore.post(url(bozza, "ricostruisci/"))
    assert (page.status_code, WORDS in text_of(page)) == (409, True)
    assert Edizione.objects.count() == len(edizioni)
    assert not Edizione.objects.in_progress().exists()


def test_what_waits_to_be_built_ends_with_the_reason(prova, withdraw):
    made = make_edizione(prova, "in_coda")
    withdraw()
    ended = costruzione.costruisci(made.pk)
    assert (ended.stato, ended.messaggio.startswith(WORDS)) == ("fallita", True)


def test_a_draft_may_be_discarded(edizioni):
    rinuncia.scarta(by=make_user("gestore"), edizione=edizioni["bozza"])
    assert Edizione.objects.get(pk=edizioni["bozza"].pk).stato == "scartata"


@pytest.mark.parametrize(
    ("periodo", "nome"),
    [
        ("2025-B5", "settembre-ottobre 2025"),
        ("2025-T3", "3° trimestre 2025"),
        ("2025", "anno 2025"),
        ("2021-09-30", "al 30.09.2021"),
    ],
)
def test_its_periods_are_read_whatever_its_cadence_was(periodo, nome):
    assert declarations.declared("tolto").nome_periodo(periodo) == nome
