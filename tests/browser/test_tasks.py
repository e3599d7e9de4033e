"""What people come for, done as they do it."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import log_in
from tests.browser.server import PASSWORD
from tests.browser.watch import Watch

PageAs = Callable[..., Page]
LEDGER = "/programma/movimenti/impegnate/"


def total(page: Page) -> str:
    """Return the sum at the foot of the ledger."""
    page.goto(LEDGER)
    return page.locator("[data-totale]").get_attribute("data-totale")


def fill_movement(page: Page) -> None:
    """Fill the form of a new movement with keys alone, but for the dates, whose keys vary."""
    page.get_by_label("Asse", exact=True).focus()
    page.keyboard.type("Asse III")
    page.get_by_label("Data del movimento").fill("2021-10-15")
    page.get_by_label("Importo").focus()
    page.keyboard.type("1.234.567,89")
    page.get_by_label("Numero dell'atto").focus()
    page.keyboard.type("9401")
    page.get_by_label("Data dell'atto").fill("2021-10-14")
    page.keyboard.press("Tab")


def refusal_at(page: Page, label: str) -> Locator:
    """Return the message beside a field, which must be tied to it for those who cannot see."""
    field = page.locator(".campo--errore", has=page.get_by_label(label))
    expect(field.get_by_label(label)).to_have_attribute("aria-invalid", "true")
    message = field.locator(".errorlist")
    described = field.get_by_label(label).get_attribute("aria-describedby") or ""
    assert message.get_attribute("id") in described.split()
    return message


def test_movement_is_entered_seen_and_reversed(page_as: PageAs):
    page = page_as("gestore")
    before = total(page)
    page.get_by_role("link", name="Nuovo movimento").click()
    fill_movement(page)
    page.get_by_label("Importo").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("registrato")
    expect(page.locator(".scheda")).to_contain_text("1.234.567,89\u00a0€")

    assert total(page) != before
    row = page.get_by_role("row").filter(has_text="15.10.2021")
    expect(row).to_contain_text("1.234.567,89\u00a0€")
    expect(row).to_contain_text("9401")

    row.get_by_role("link", name="Apri").click()
    page.get_by_role("link", name="Storna").click()
    page.get_by_label("Data dello storno").fill("2021-10-20")
    page.get_by_label("Motivo dello storno").fill("Importo errato")
    page.get_by_label("Numero dell'atto").fill("9402")
    page.get_by_label("Data dell'atto").fill("2021-10-20")
    page.get_by_role("button", name="Storna").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("stornato")
    expect(page.locator(".scheda")).to_contain_text("\u22121.234.567,89\u00a0€")
    assert total(page) == before


def test_refused_movement_says_why_and_keeps_what_was_typed(page_as: PageAs, watch: Watch):
    watch.expected.add(400)
    page = page_as("gestore")
    page.goto(f"{LEDGER}nuovo/")
    fill_movement(page)
    page.get_by_label("Numero dell'atto").fill("")
    page.get_by_label("Importo").fill("0")
    page.locator("form.modulo").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Registra").click()
    expect(page.get_by_role("alert")).to_contain_text("non è stato accettato")
    expect(refusal_at(page, "Importo")).to_have_text("L'importo non può essere zero.")
    expect(refusal_at(page, "Numero dell'atto")).to_contain_text("obbligatorio")
    expect(page.get_by_label("Asse", exact=True)).to_have_value("III")
    expect(page.get_by_label("Data del movimento")).to_have_value("2021-10-15")

    page.get_by_label("Importo").fill("1.234.567,89")
    page.get_by_label("Numero dell'atto").fill("9401")
    page.get_by_label("Data del movimento").fill("2021-09-01")
    page.get_by_role("button", name="Registra").click()
    message = refusal_at(page, "Data del movimento")
    expect(message).to_contain_text("compresa nel saldo pubblicato al 30.09.2021")
    expect(page.get_by_label("Data del movimento")).to_have_value("2021-09-01")
    expect(page.get_by_label("Importo")).to_have_value("1.234.567,89")


def test_reference_date_changes_the_figures_and_follows_the_reader(page_as: PageAs):
    page = page_as("lettore")
    page.goto("/?data=2021-09-30")
    committed = page.locator(".kpi > *", has_text="Risorse impegnate").locator("dd").first
    expect(committed).to_have_text("853,90\u00a0Mln€")
    page.get_by_label("Dati al").fill("2020-12-31")
    page.get_by_role("button", name="Aggiorna").click()
    expect(page.locator("h1")).to_have_text("Panoramica del programma al 31.12.2020")
    expect(committed).not_to_have_text("853,90\u00a0Mln€")
    page.get_by_role("link", name="Interventi Covid-19").click()
    expect(page.locator("h1")).to_contain_text("31.12.2020")
    expect(page.get_by_label("Dati al")).to_have_value("2020-12-31")


def test_chart_is_drawn_when_it_comes_into_view(page_as: PageAs):
    page = page_as("lettore", 360)
    page.goto("/?data=2021-09-30")
    chart = page.get_by_role("img", name="Le cinque grandezze per asse")
    expect(chart.locator("svg")).to_have_count(0)
    chart.scroll_into_view_if_needed()
    expect(chart.locator(".main-svg").first).to_be_visible()
    expect(chart.locator(".bars .point").first).to_be_attached()


def test_chart_follows_the_window_with_its_legend_above_the_bars(page_as: PageAs):
    page = page_as("lettore", 360)
    page.goto("/?data=2021-09-30")
    chart = page.locator("#grafico-assi")
    chart.scroll_into_view_if_needed()
    expect(chart.locator(".legend")).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    width = chart.evaluate("element => element.clientWidth")
    expect(chart.locator(".main-svg").first).to_have_attribute("width", str(width))
    legend, bars = (chart.locator(part).bounding_box() for part in (".legend", ".barlayer"))
    assert legend["y"] + legend["height"] <= bars["y"]


def test_wrong_password_is_refused_without_saying_which_part_is_wrong(page_as: PageAs):
    page = page_as(None)
    log_in(page, "lettore", "non-la-password")
    expect(page.get_by_role("alert")).to_contain_text("non sono corretti")
    expect(page.locator("[name=login]")).to_have_value("lettore")
    expect(page.locator("[name=password]")).to_have_value("")


def test_login_leads_to_the_page_that_was_asked_for_and_logout_closes_it(page_as: PageAs):
    page = page_as(None)
    page.goto("/programma/covid/?data=2021-09-30")
    page.locator("[name=login]").fill("lettore")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator("h1")).to_have_text("Interventi Covid-19 al 30.09.2021")
    page.get_by_role("button", name="Esci").click()
    expect(page.locator("h1")).to_have_text("Accesso")
    page.goto("/programma/covid/")
    expect(page).to_have_url(re.compile("/accesso/login/"))
