"""What each role finds when it logs in, and what is refused to it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from porfse.roles import BY_SLUG
from tests.browser.server import Site

PageAs = Callable[..., Page]

READERS = {"lettore", "nucleo", "gestore", "operatore", "certificatore", "controllore"}
# The areas that a role sees in the menu.
_READING = ["Programma", "CIGD", "Crisi territoriali", "Misure", "Report"]
AREAS = {role: [*_READING, "Flussi"] for role in READERS} | {
    "lettore": _READING,
    "nucleo": _READING,
    "amministratore": ["Amministrazione"],
}
# Who may open a page; everybody else is refused.
ALLOWED = {
    "/": READERS,
    "/programma/movimenti/impegnate/": READERS,
    "/programma/movimenti/impegnate/nuovo/": {"gestore"},
    "/programma/movimenti/certificata/nuovo/": {"certificatore"},
    "/programma/iniziative/smart-working/modifica/": {"gestore"},
    "/programma/fonti/{fonte}/ritiro/": {"gestore"},
    "/cifre/?f=dotazione(al=2021-09-30)": READERS,
    "/crisi/": READERS,
    "/crisi/procedure/": {"lettore", "nucleo", "gestore"},
    "/crisi/procedure/nuova/": {"nucleo"},
    "/crisi/complesse/": {"lettore", "gestore"},
    "/crisi/tavoli/nuovo/": {"gestore"},
    "/crisi/trimestri/apri/": {"gestore"},
    "/misure/smart-working/": READERS,
    "/misure/smart-working/elenco/": {"lettore", "gestore", "operatore"},
    "/report/": READERS,
    "/report/archivio/": READERS,
    "/report/calendario/": {"gestore"},
    "/report/destinatari/": {"gestore"},
    "/report/testi/": {"gestore"},
    "/amministrazione/utenti/": {"amministratore"},
    "/amministrazione/registro/": {"amministratore"},
}
BUTTONS = {
    "/programma/movimenti/impegnate/": ("Nuovo movimento", {"gestore"}),
    "/programma/movimenti/certificata/": ("Nuovo movimento", {"certificatore"}),
    "/programma/iniziative/smart-working/": ("Modifica", {"gestore"}),
    "/programma/fonti/{fonte}/": ("Ritira", {"gestore"}),
}


@pytest.mark.parametrize("role", BY_SLUG)
def test_role_finds_its_areas_and_no_others(page_as: PageAs, role: str):
    page = page_as(role)
    page.goto("/accesso/login/")  # who is logged in already goes where a login leads
    expect(page.locator("h1")).not_to_have_text("Operazione non consentita")
    expect(page.locator(".utente__ruolo")).to_have_text(BY_SLUG[role].label)
    expect(page.locator("#menu details details > summary")).to_have_text(AREAS[role])


@pytest.mark.parametrize("role", BY_SLUG)
def test_role_opens_only_what_it_may(page_as: PageAs, site: Site, role: str):
    page = page_as(role)
    answers = {path: page.request.get(site.path(path)).status for path in ALLOWED}
    assert answers == {path: 200 if role in roles else 403 for path, roles in ALLOWED.items()}


@pytest.mark.parametrize("role", sorted(READERS))
def test_role_is_offered_only_what_it_may(page_as: PageAs, site: Site, role: str):
    page = page_as(role)
    for path, (button, roles) in BUTTONS.items():
        page.goto(site.path(path))
        expect(page.locator(".azioni").get_by_role("link", name=button)).to_have_count(
            1 if role in roles else 0
        )


def test_person_without_a_role_is_told_whom_to_ask(page_as: PageAs, watch):
    watch.expected.add(403)
    page = page_as("senza-ruolo")
    page.goto("/")
    expect(page.locator("main")).to_contain_text("amministratore di sistema")
    expect(page.locator("#menu")).to_have_count(0)


@pytest.mark.parametrize("path", ALLOWED)
def test_nobody_sees_anything_before_logging_in(page_as: PageAs, site: Site, path: str):
    page = page_as(None)
    page.goto(site.path(path))
    expect(page.locator("h1")).to_have_text("Accesso")
