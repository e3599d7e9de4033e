"""What a quarter costs a nucleo with twenty procedures: clicks and keys, from worklist to sending.

With FOTO set to a folder, each step leaves its picture there; with -s the numbers are printed.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.browser.server import PASSWORD, Site, connected_to
from tests.browser.test_crisi_tastiera import photograph
from tests.browser.watch import Watch, barriers, overflow
from tests.factories.crisi import make_monitoraggio, make_nucleo, make_pal, make_unita

PageAs = Callable[..., Page]
PROCEDURES = 20
COLUMNS = ("sospesi", "step1", "step2", "step3", "step4", "no_pal")


class Hand:
    """A person at the page, whose clicks and keys are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.done: Counter[str] = Counter()

    def click(self, target: Locator) -> None:
        target.click()
        self.done["clic"] += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.done["tasti"] += len(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.done["tasti"] += 1

    def column(self, name: str, values: list[str]) -> None:
        """Fill a column of the grid downwards, from its first cell."""
        cells = self.page.locator(f"input[name$='-{name}']")
        expect(cells).to_have_count(len(values))
        self.click(cells.first)
        self.press("ControlOrMeta+a")
        for place, value in enumerate(values):
            self.type(value)
            if place < len(values) - 1:
                self.press("ArrowDown")
        expect(cells.last).to_have_value(values[-1])


@pytest.fixture(scope="module")
def quarters(site: Site, db: str, django_db_blocker) -> dict[str, str]:
    """Two nuclei with twenty procedures each: one reported the quarter before, the other did not.

    Made in a thread: in that of the browser Django's database is out of reach.
    """
    found: dict[str, str] = {}

    def make() -> None:
        with connected_to(db):
            try:
                for sigla, before in (("SO", True), ("VA", False)):
                    found[sigla] = make_quarter(sigla, before=before)
            finally:
                connection.close()

    with django_db_blocker.unblock():
        thread = Thread(target=make)
        thread.start()
        thread.join()
    assert set(found) == {"SO", "VA"}
    return found


def make_quarter(sigla: str, *, before: bool) -> str:
    """Open a quarter for a nucleo, before those of the examples; return the address of its grid."""
    make_nucleo(sigla, username=f"nucleo-{sigla}", password=make_password(PASSWORD))
    for _ in range(PROCEDURES):
        site = make_unita(sigla, 40, data_avvio=date(2023, 2, 1), data_fine=date(2023, 9, 30))
        if before:
            make_pal(site, "2023-T2", step1=10, step2=10, step3=5, step4=5)
    entro = timezone.localdate() + timedelta(days=20)
    return make_monitoraggio(sigla, "2023-T3", entro=entro).get_absolute_url()


def grid_from_worklist(hand: Hand, url: str) -> None:
    hand.page.goto("/crisi/lavoro/")
    hand.click(hand.page.locator(f"main a[href='{url}']").first)
    expect(hand.page.locator("form.griglia tbody tr")).to_have_count(PROCEDURES)


def sent(hand: Hand, name: str) -> dict[str, int]:
    """Save, send, and return what it cost."""
    page = hand.page
    hand.click(page.get_by_role("button", name="Salva", exact=True).first)
    expect(page.get_by_role("status").first).to_contain_text(f"{PROCEDURES} righe salvate.")
    photograph(page, f"{name}-salvato")
    hand.click(page.get_by_role("button", name="Salva e trasmetti"))
    expect(page.locator(".alert-info")).to_contain_text("Dati bloccati.")
    photograph(page, f"{name}-trasmesso")
    print(f"\n{name}: {hand.done['clic']} clic, {hand.done['tasti']} tasti")  # noqa: T201
    return dict(hand.done)


def test_the_grid_on_a_small_screen_stands_its_errors_beside_their_cells(
    page_as: PageAs, quarters: dict[str, str], watch: Watch
):
    watch.expected.add(400)
    page = page_as("nucleo-SO", 360)
    page.goto(quarters["SO"])
    cell = page.locator("input[name$='-step1']").first
    cell.fill("molti")
    cell.press("Enter")
    expect(cell).to_have_attribute("aria-invalid", "true")
    message = page.locator(".griglia__errata .errorlist")
    expect(message).to_have_text("Scrivere un numero intero, al più 999.999.")
    assert message.get_attribute("id") in (cell.get_attribute("aria-describedby") or "").split()
    page.locator(".alert-danger a").click()
    expect(cell).to_be_focused()
    photograph(page, "errore-360")
    assert overflow(page) == []
    assert barriers(page) == []


def test_a_quarter_taken_up_from_the_one_before(page_as: PageAs, quarters: dict[str, str]):
    hand = Hand(page_as("nucleo-SO"))
    grid_from_worklist(hand, quarters["SO"])
    photograph(hand.page, "ripreso-1-griglia")
    hand.click(hand.page.get_by_role("button", name="nelle righe vuote"))
    expect(hand.page.get_by_text("non ancora salvati")).to_have_count(PROCEDURES)
    photograph(hand.page, "ripreso-2-valori")
    assert barriers(hand.page) == []
    hand.column("step3", ["7"] * PROCEDURES)
    hand.column("step4", ["8"] * PROCEDURES)
    # The worklist, what was before, two columns, save, send; a digit and an arrow for each number.
    assert sent(hand, "ripreso") == {"clic": 6, "tasti": 2 * (1 + 20 + 19)}


def test_a_quarter_typed_whole(page_as: PageAs, quarters: dict[str, str]):
    hand = Hand(page_as("nucleo-VA"))
    grid_from_worklist(hand, quarters["VA"])
    for name in COLUMNS:
        hand.column(name, ["35" if name == "sospesi" else "0"] * PROCEDURES)
    assert sent(hand, "scritto") == {"clic": 9, "tasti": 6 * (1 + 19) + 40 + 5 * 20}
