"""The instruments of the other tests see what they are there to see."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.watch import Watch, barriers, overflow


@pytest.fixture
def page(context_of: Callable[..., BrowserContext]) -> Iterator[Page]:
    opened = context_of(None, 360, javascript=True).new_page()
    opened.goto("/privacy/")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
        ("console.error('qualcosa non va')", "error: qualcosa non va"),
        ("queueMicrotask(() => { throw new Error('guasto') })", "eccezione: guasto"),
        ("fetch('/non-esiste/')", "/non-esiste/: 404"),
        ("fetch('http://127.0.0.1:1/')", "Content Security Policy"),
    ],
)
def test_what_goes_wrong_in_a_page_is_seen(page: Page, script: str, told: str):
    watch = Watch()
    watch.follow(page)
    page.evaluate(f"async () => {{ try {{ await {script} }} catch {{ }} }}")
    page.goto("/accessibilita/")  # by then everything about the page before has been told
    assert any(told in problem for problem in watch.problems)


def test_an_expected_status_is_no_problem(page: Page):
    watch = Watch()
    watch.follow(page)
    watch.expected.add(404)
    page.goto("/non-esiste/")
    assert watch.problems == []


def test_a_page_wider_than_its_window_is_seen(page: Page):
    assert overflow(page) == []
    page.evaluate("document.querySelector('h1').style.minWidth = '2000px'")
    assert "<h1" in "".join(overflow(page))


def test_an_image_without_words_is_a_barrier(page: Page):
    assert barriers(page) == []
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert any(found.startswith("image-alt: ") for found in barriers(page))
