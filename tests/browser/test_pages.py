from collections.abc import Callable, Iterable

import pytest
from django.urls import URLPattern, URLResolver
from playwright.sync_api import Page, expect

from cigd.urls import urlpatterns as cigd_urls
from crisi.urls import urlpatterns as crisi_urls
from measures.urls import urlpatterns as misure_urls
from porfse.flows.urls import urlpatterns as flow_urls
from programme.urls import urlpatterns
from reports.urls import urlpatterns as report_urls
from tests.browser.conftest import HEIGHTS
from tests.browser.pages import (
    ADMINISTRATION,
    CIGD,
    CRISI,
    FLOWS,
    MISURE,
    OPEN,
    READING,
    REFUSED,
    REPORTS,
    STATES,
    WRITING,
)
from tests.browser.server import FOLDER, Site
from tests.browser.watch import Watch, barriers, overflow

WIDTHS = (360, 1440)
SCREENSHOTS = FOLDER / "screenshots"

PageAs = Callable[..., Page]


def check(page: Page, path: str, *, name: str, status: int = 200) -> None:
    """Open a page, and hold it at each width to what every page must be; keep its pictures."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("h1")).not_to_be_empty()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        wait_for_charts(page)
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        assert overflow(page) == []
        assert barriers(page) == []


def wait_for_charts(page: Page) -> None:
    """Scroll to each chart, which draws it, and wait until it is as wide as its place."""
    for area in page.locator("[data-grafico]").all():
        area.scroll_into_view_if_needed()
        width = area.evaluate("element => element.clientWidth")
        expect(area.locator(".main-svg").first).to_have_attribute("width", str(width))
    page.evaluate("scrollTo(0, 0)")


def names(routes: Iterable[URLPattern | URLResolver]) -> set[str]:
    """Return the names of the addresses in a list of them and in the lists inside it."""
    inner = [names(route.url_patterns) for route in routes if isinstance(route, URLResolver)]
    return {route.name for route in routes if isinstance(route, URLPattern)}.union(*inner)


def test_every_page_of_the_programme_is_in_the_table():
    assert names(urlpatterns) == READING.keys() | WRITING.keys()


# Addresses that answer with a file, with a part of a page, or only to a form.
NO_PAGES = {
    *("avanzamento", "scarti", "valida", "acquisisci", "scarta", "annulla"),
    # The first three in `test_walk.py`, where there is a check, and a draw.
    *("certificabile_segnalazione", "certificabile_controllo_annulla", "estrazione"),
    *("estrazione_conferma", "estrazione_scarta"),
    *("pagamenti_esporta", "certificazione"),
    *("certificazione_conferma", "certificazione_annulla"),
    *("verifica_seguito", "verifica_seguito_fatto"),
}


def test_every_page_of_the_flows_and_of_the_cigd_is_in_the_table():
    listed = {name for name in FLOWS.keys() | CIGD.keys() if "-" not in name}
    assert names(flow_urls) | names(cigd_urls) == listed | NO_PAGES


# The same of the crises, and pages that depend on a state: `tests/crisi` and their own walks.
NO_PAGES_OF_THE_CRISES = {
    *("procedura_nota", "procedura_azienda", "procedura_riapri", "trimestre_modello"),
    *("bozza_salva", "bozza_salva_modifica", "bozza_elimina", "trimestre_azione"),
    *("prendi", "carico_annulla", "seguito"),
}


def test_every_page_of_the_crises_and_of_the_measures_is_in_the_table():
    listed = {name for name in CRISI if "-" not in name} | NO_PAGES_OF_THE_CRISES
    assert names(crisi_urls) == listed
    own = {name for name in names(misure_urls) if not name.startswith("smart-working")}
    assert own == {name for name in MISURE if "-" not in name} | {"misura"}


NO_PAGES_OF_THE_REPORTS = {
    *("costruisci", "stato", "interrompi", "ricostruisci", "file"),
    *("testo_approva", "testo_rimanda", "invio_ripeti", "invii_ripeti"),
}


def test_every_page_of_the_reports_is_in_the_table():
    listed = {name for name in REPORTS if "-" not in name} | NO_PAGES_OF_THE_REPORTS
    assert names(report_urls) == listed


@pytest.mark.parametrize("name", REPORTS)
def test_page_of_the_reports(page_as: PageAs, site: Site, name: str):
    role, path = REPORTS[name]
    check(page_as(role), site.path(path), name=f"report-{name}")


@pytest.mark.parametrize("name", CRISI)
def test_page_of_the_crises(page_as: PageAs, site: Site, name: str):
    role, path = CRISI[name]
    check(page_as(role), site.path(path), name=f"crisi-{name}")


@pytest.mark.parametrize("name", MISURE)
def test_page_of_the_measures(page_as: PageAs, site: Site, name: str):
    role, path = MISURE[name]
    check(page_as(role), site.path(path), name=f"misure-{name}")


@pytest.mark.parametrize("name", FLOWS)
def test_page_of_the_flows(page_as: PageAs, site: Site, name: str):
    role, path = FLOWS[name]
    check(page_as(role), site.path(path), name=f"flussi-{name}")


@pytest.mark.parametrize("name", CIGD)
def test_page_of_the_cigd(page_as: PageAs, site: Site, name: str):
    role, path = CIGD[name]
    check(page_as(role), site.path(path), name=f"cigd-{name}")


@pytest.mark.parametrize("name", [*READING, *STATES])
def test_page_for_reading(page_as: PageAs, site: Site, name: str):
    path = site.path((READING | STATES)[name])
    check(page_as("lettore"), path, name=name)


@pytest.mark.parametrize("name", WRITING)
def test_page_for_writing(page_as: PageAs, site: Site, name: str):
    check(page_as("gestore"), site.path(WRITING[name]), name=name)


def test_page_of_what_cannot_be_done(page_as: PageAs, site: Site, watch: Watch):
    watch.expected.add(409)
    path = site.path("/programma/movimenti/impegnate/{impegno}/storno/")
    check(page_as("gestore"), path, name="movimento_storno-rifiutato", status=409)


@pytest.mark.parametrize("name", ADMINISTRATION)
def test_page_of_the_administration(page_as: PageAs, site: Site, name: str):
    check(page_as("amministratore"), site.path(ADMINISTRATION[name]), name=name)


@pytest.mark.parametrize("name", OPEN)
def test_page_open_to_everyone(page_as: PageAs, name: str):
    check(page_as(None), OPEN[name], name=name)


@pytest.mark.parametrize("name", REFUSED)
def test_page_of_an_error(page_as: PageAs, watch: Watch, name: str):
    path, status = REFUSED[name]
    watch.expected.add(status)
    check(page_as("lettore"), path, name=name, status=status)
