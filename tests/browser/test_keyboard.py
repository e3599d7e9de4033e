"""The keyboard alone is enough."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

PageAs = Callable[..., Page]

HAS_RING = """(element) => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
}"""


def tab_to(page: Page, target: Locator, *, within: int = 40) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(within):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate(HAS_RING), "chi usa la tastiera non vede dove si trova"
            return
    pytest.fail(f"{target} non si raggiunge con {within} pressioni di Tab")


@pytest.fixture
def panoramica(page_as: PageAs) -> Page:
    page = page_as("lettore")
    page.goto("/?data=2021-09-30")
    return page


def test_first_link_jumps_to_the_content(panoramica: Page):
    tab_to(panoramica, panoramica.get_by_role("link", name="Vai al contenuto"), within=1)
    panoramica.keyboard.press("Enter")
    expect(panoramica.locator("main")).to_be_focused()
    tab_to(panoramica, panoramica.get_by_role("button", name="Stampa"), within=1)


def test_second_link_jumps_to_the_menu(panoramica: Page):
    tab_to(panoramica, panoramica.get_by_role("link", name="Vai al menu"), within=2)
    panoramica.keyboard.press("Enter")
    expect(panoramica.locator("#menu")).to_be_focused()


def test_tab_goes_from_the_date_to_the_menu_to_the_first_figure(panoramica: Page):
    tab_to(panoramica, panoramica.get_by_label("Dati al"))
    tab_to(panoramica, panoramica.get_by_role("link", name="Struttura e iniziative"))
    tab_to(panoramica, panoramica.locator(".cifra").first)


def test_enter_on_a_figure_opens_what_it_is_made_of(panoramica: Page):
    figure = panoramica.locator(".cifra").nth(1)
    value = figure.get_attribute("data-valore")
    tab_to(panoramica, figure)
    panoramica.keyboard.press("Enter")
    expect(panoramica.locator("h1")).to_have_text("Da dove viene questa cifra")
    assert panoramica.locator("[data-totale]").get_attribute("data-totale") == value


def test_wide_table_scrolls_with_the_arrows(page_as: PageAs):
    page = page_as("lettore", 360)
    page.goto("/?data=2021-09-30")
    region = page.locator(".table-responsive").first
    tab_to(page, region)
    page.keyboard.press("ArrowRight")
    expect(region).not_to_have_js_property("scrollLeft", 0)


def test_menu_of_a_small_screen_opens_with_enter(page_as: PageAs):
    page = page_as("lettore", 360)
    page.goto("/")
    tab_to(page, page.locator("#menu > details > summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Quadratura"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Quadratura")
