"""At the width of a desk the tables by asse are seen whole, also where the data are old."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.test_pages import check

PageAs = Callable[..., Page]
PAGES = {"panoramica": "/", "asse": "/programma/assi/II/"}
OLD = "2026-09-30"  # no quantity has data of this day


def scrolling(page: Page) -> list[str]:
    """Return the names of the tables that are wider than their box."""
    return page.locator(".table-responsive").evaluate_all(
        """(boxes) => boxes
          .filter((box) => box.scrollWidth > box.clientWidth)
          .map((box) => box.getAttribute("aria-label"))"""
    )


@pytest.mark.parametrize("day", ["2021-09-30", OLD])
@pytest.mark.parametrize("name", PAGES)
def test_tables_by_asse_do_not_scroll_sideways_at_a_desk(page_as: PageAs, name: str, day: str):
    page = page_as("lettore")
    check(page, f"{PAGES[name]}?data={day}", name=f"{name}-{day}")  # ends with the wide screen
    assert scrolling(page) == []


def test_a_table_of_old_data_is_described_by_the_words_above_it(page_as: PageAs):
    page = page_as("lettore")
    page.goto(f"/?data={OLD}")
    # Other tests of the browser may have entered commitments since.
    words = re.compile(r"Nel programma, ultimo dato al 30\.09\.2021: Programmate.*, Certificata\.")
    described = page.get_by_role("table", description=words)
    assert described.count() == 2
