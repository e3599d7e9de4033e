"""Fixtures of the browser tests: one server and one browser, which the tests of a worker share."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from cigd.models import Campione, ElementoCampione, Pagamento
from crisi.models import Tavolo, UnitaProduttiva
from measures.autorita_giudiziaria.models import Progetto
from measures.formazione_continua.models import Voucher
from measures.smart_working.models import Domanda
from porfse.models import ExpectedFlow, Flow, Fonte, User
from porfse.printed import catalogue
from programme.models import Impegno, ObiettivoSpecifico
from tests.browser.install import chromium
from tests.browser.reports import add_reports
from tests.browser.server import (
    PASSWORD,
    Site,
    add_flows,
    add_people,
    cloned_database,
    connected_to,
    serving,
    static_files,
)
from tests.browser.watch import Watch
from tests.factories.programme import make_movement

HEIGHTS = {360: 740, 1440: 900}
PATIENCE = 15_000  # milliseconds: a shared machine may be slow
PageAs = Callable[..., Page]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests on one worker of pytest-xdist (`--dist loadgroup`): one server is enough."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def db(django_db_setup) -> Iterator[str]:
    """The name of a clone of the seeded database, which pytest-django makes for tests with `db`."""
    with cloned_database() as name:
        yield name


@pytest.fixture(scope="package")
def site(db: str, django_db_blocker) -> Iterator[Site]:
    """The running product, with a person for each role."""
    with django_db_blocker.unblock(), connected_to(db):
        add_people()
        add_flows()
        keys = _keys() | add_reports()
    with serving(db, static_files()) as url:
        yield Site(url, keys)


def _keys() -> dict[str, object]:
    return {
        "obiettivo": ObiettivoSpecifico.objects.first().pk,
        "impegno": Impegno.objects.first().pk,
        "inserito": make_movement(data=date(2021, 9, 30), asse_id="V", importo=Decimal("1.00")).pk,
        "fonte": Fonte.objects.get(documento="001", sezione="Totali del programma").pk,
        "cifra": next(iter(catalogue.figures)),
        "utente": User.objects.get(username="nucleo").pk,
        "flusso": Flow.objects.get(stato="acquisito", sorgente="inps-cigd").pk,
        "in_attesa": Flow.objects.get(stato="validato", sorgente="inps-cigd").pk,
        "atteso": ExpectedFlow.objects.get().pk,
        "pagamento": Pagamento.objects.filter(tipo="P").first().id_pagamento,
        "campione": Campione.objects.get().pk,
        "elemento": ElementoCampione.objects.first().pk,
        **_keys_of_the_crises(),
    }


def _keys_of_the_crises() -> dict[str, object]:
    unit = UnitaProduttiva.objects.filter(avanzamenti__isnull=False, comune__provincia="BG")
    site = unit.order_by("-avanzamenti__trimestre").first()
    return {
        "procedura": site.procedura_id,
        "unita": site.pk,
        "trimestre": site.avanzamenti.latest("trimestre").trimestre,
        "tavolo": Tavolo.objects.filter(tipo="bilaterale").first().pk,
        "conflitti": Flow.objects.get(stato="validato", sorgente="vertenze-online").pk,
        "domanda": Domanda.objects.filter(stato="liquidata").first().codice,
        "voucher": Voucher.objects.first().codice,
        "progetto": Progetto.objects.first().codice,
    }


# Of the package, not of the session: while Playwright runs, Django's database is out of reach.
@pytest.fixture(scope="package")
def browser(site: Site) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def context_of(site: Site, browser: Browser) -> Callable[..., BrowserContext]:
    """Keep the cookies and the cache of each role and kind of screen; log in once, by the form."""

    @cache
    def context(role: str | None, width: int, *, javascript: bool) -> BrowserContext:
        made = browser.new_context(
            base_url=site.url,
            viewport={"width": width, "height": HEIGHTS[width]},
            java_script_enabled=javascript,
            storage_state=cookies(role) if role else None,
            locale="it-IT",
            timezone_id="Europe/Rome",
            reduced_motion="reduce",
        )
        made.set_default_timeout(PATIENCE)
        return made

    @cache
    def cookies(role: str) -> StorageState:
        with browser.new_context(base_url=site.url) as context:
            page = context.new_page()
            log_in(page, role)
            expect(page.get_by_role("button", name="Esci")).to_be_visible()
            return context.storage_state()

    return context


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill the form of the login page and send it."""
    page.goto("/accesso/login/")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Accedi", exact=True).click()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What went wrong in the pages of a test; nothing may be left at its end."""
    watching = Watch()
    yield watching
    assert watching.problems == []


@pytest.fixture
def page_as(context_of: Callable[..., BrowserContext], watch: Watch) -> Iterator[PageAs]:
    """Open a page as a role (None: nobody), at a width in pixels, with or without JavaScript."""
    pages = []

    def open_page(role: str | None, width: int = 1440, *, javascript: bool = True) -> Page:
        context = context_of(role, width, javascript=javascript)
        if role is None:
            context.clear_cookies()
        page = context.new_page()
        watch.follow(page)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
