"""What comes out on paper: the page without its frame, with its date."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import READING
from tests.browser.server import Site

PageAs = Callable[..., Page]
WIDEST = ("panoramica", "movimenti", "indicatori", "destinatari", "quadratura", "fonti")
A4_WIDTH = 680  # pixels between margins of 15 mm, at 96 to the inch


def printed(page: Page, path: str) -> Page:
    page.goto(path)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
    return page


def test_paper_shows_title_and_dates_without_the_frame(page_as: PageAs):
    page = printed(page_as("lettore"), "/?data=2021-09-30")
    expect(page.locator("h1")).to_have_text("Panoramica del programma al 30.09.2021")
    expect(page.locator(".solo-stampa")).to_contain_text("Dati al 30.09.2021. Stampato il ")
    for frame in ("header", "footer", "#menu", ".esporta", "form", ".azioni"):
        for element in page.locator(frame).all():
            expect(element).to_be_hidden()


def test_chart_takes_the_width_of_the_paper_and_goes_back(page_as: PageAs):
    page = page_as("lettore")
    page.goto("/?data=2021-09-30")
    page.locator("#grafico-assi").scroll_into_view_if_needed()
    drawing = page.locator("#grafico-assi .main-svg").first
    before = drawing.get_attribute("width")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(drawing).to_have_attribute("width", "660")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(drawing).to_have_attribute("width", before)


@pytest.mark.parametrize("name", WIDEST)
def test_paper_is_wide_enough(page_as: PageAs, site: Site, name: str):
    page = printed(page_as("lettore"), site.path(READING[name]))
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH
