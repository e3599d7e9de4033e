"""A nucleo enters a procedure with two sites by keyboard alone.

With FOTO set to a folder, each step leaves its picture there.
"""

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_keyboard import tab_to
from tests.browser.watch import Watch, barriers, overflow

PageAs = Callable[..., Page]
COMPANY = "00743110157"


def photograph(page: Page, name: str) -> None:
    """Keep a picture of the page, if somebody wants to look at it."""
    if folder := os.environ.get("FOTO"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def fill(page: Page, label: str, text: str, *, nth: int = 0) -> Locator:
    """Go to a field with Tab, and type."""
    found = page.get_by_label(label).nth(nth)
    tab_to(page, found, within=60)
    page.keyboard.type(text)
    return found


def fill_day(page: Page, label: str, day: date) -> None:
    """Type a day into the browser's own field, whose order of day and month is the browser's."""
    assert day.day == day.month
    found = fill(page, label, f"{day:%d%m%Y}")
    expect(found).to_have_value(day.isoformat())


def press(page: Page, name: str) -> None:
    """Go to a button with Tab, and press it."""
    tab_to(page, page.get_by_role("button", name=name, exact=True), within=60)
    page.keyboard.press("Enter")


def fill_header(page: Page) -> None:
    """All that is said of a procedure but its sites."""
    fill(page, "Codice fiscale dell'azienda", COMPANY)
    fill(page, "Denominazione", "Officine di prova S.p.A.")
    expect(page.locator("#azienda-trovata")).to_contain_text("non ancora registrata")
    kind = page.get_by_label("Tipo di procedura")
    tab_to(page, kind)
    page.keyboard.type("CIGS reg")
    expect(kind).to_have_value("CIGS_REG-B")
    fill(page, "Causale", "Crisi aziendale")
    fill(page, "Numero della pratica", "VOL-TASTIERA")
    fill_day(page, "Data di avvio", date(2025, 3, 3))
    complexity = page.get_by_label("Caso ad alta complessità")
    tab_to(page, complexity)
    page.keyboard.press("Space")


def test_a_procedure_with_two_sites_is_entered_by_keyboard_alone(page_as: PageAs, watch: Watch):
    watch.expected.add(400)  # workers in words, on purpose
    page = page_as("nucleo")
    page.goto("/crisi/procedure/")
    link = page.get_by_role("link", name="Nuova procedura")
    tab_to(page, link, within=60)
    photograph(page, "1-elenco")
    page.keyboard.press("Enter")
    fill_header(page)
    fill(page, "Comune", "Bergamo")
    fill(page, "Lavoratori coinvolti", "tanti")
    photograph(page, "2-prima-unita")
    press(page, "Aggiungi un'unità")
    # The cursor is where typing goes on.
    expect(page.get_by_label("Comune").nth(1)).to_be_focused()
    page.keyboard.type("Treviglio")
    fill(page, "Lavoratori coinvolti", "40", nth=1)
    photograph(page, "3-seconda-unita")
    page.keyboard.press("Enter")
    # What was wrong is said above, with a way to it.
    wrong = page.get_by_role("link", name="Unità 1, lavoratori coinvolti")
    expect(wrong).to_be_visible()
    photograph(page, "4-errore")
    assert barriers(page) == []
    tab_to(page, wrong, within=60)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Lavoratori coinvolti").first).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Procedura registrata.")
    main = page.locator("main")
    for words in ("CIGS regionale, linea guida B", "VOL-TASTIERA", "Bergamo", "Treviglio", "40"):
        expect(main).to_contain_text(words)
    photograph(page, "5-registrata")
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert overflow(page) == []
        assert barriers(page) == []
    # From here on the company is known: its name comes by itself, and the cursor stays.
    page.goto("/crisi/procedure/nuova/")
    fill(page, "Codice fiscale dell'azienda", COMPANY)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Denominazione")).to_have_value("Officine di prova S.p.A.")
    expect(page.get_by_label("Denominazione")).to_be_focused()
    photograph(page, "6-azienda-nota")


def test_the_form_is_within_reach_on_a_small_screen(page_as: PageAs):
    page = page_as("nucleo", 360)
    page.goto("/crisi/procedure/nuova/")
    photograph(page, "7-modulo-360")
    assert overflow(page) == []
    assert barriers(page) == []


def test_what_cannot_be_kept_without_a_session_is_said_beside_it(page_as: PageAs, watch: Watch):
    watch.expected.add(401)
    page = page_as("nucleo")
    page.goto("/crisi/procedure/nuova/")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Causale").fill("Una causale scritta dopo")
    expect(page.locator("#bozza-stato")).to_have_text(re.compile("^Sessione scaduta: non è stato"))
    expect(page.get_by_label("Causale")).to_have_value("Una causale scritta dopo")
    photograph(page, "9-sessione-scaduta")
    page.context.add_cookies(cookies)  # other tests share the browser


def test_what_is_typed_is_kept_by_itself(page_as: PageAs):
    page = page_as("nucleo")
    page.goto("/crisi/procedure/nuova/")
    page.get_by_label("Causale").fill("Una causale lasciata a metà")
    expect(page.locator("#bozza-stato")).to_contain_text("Bozza salvata alle")
    page.goto("/crisi/procedure/bozze/")
    photograph(page, "8-bozze")
    assert barriers(page) == []
    page.get_by_role("link", name="Riprendi").first.click()
    expect(page.get_by_label("Causale")).to_have_value("Una causale lasciata a metà")
