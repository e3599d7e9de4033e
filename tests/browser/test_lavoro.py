"""Taking charge of nothing leads back to the list, with words that are seen and heard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_crisi_tastiera import photograph
from tests.browser.watch import Watch, barriers, overflow

PageAs = Callable[..., Page]


@pytest.mark.parametrize("width", [360, 1440])
def test_who_chose_nothing_is_told_above_the_list(page_as: PageAs, watch: Watch, width: int):
    watch.expected.add(400)
    page = page_as("nucleo", width)
    page.goto("/crisi/lavoro/")
    before = page.locator("input[name='unita']").count()
    assert before > 0
    page.get_by_role("button", name="Prendi in carico le unità scelte").click()
    expect(page.get_by_role("alert")).to_contain_text("Nessuna unità scelta")
    expect(page.locator("h1")).to_contain_text("Lavoro del Nucleo")
    expect(page.locator("input[name='unita']")).to_have_count(before)
    photograph(page, f"nessuna-unita-{width}")
    assert overflow(page) == []
    assert barriers(page) == []
