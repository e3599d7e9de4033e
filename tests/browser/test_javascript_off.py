"""All reading works with JavaScript off."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import READING
from tests.browser.server import Site

PageAs = Callable[..., Page]


@pytest.mark.parametrize("name", READING)
def test_page_shows_its_tables_and_exports_them(page_as: PageAs, site: Site, name: str):
    page = page_as("lettore", javascript=False)
    page.goto(site.path(READING[name]))
    expect(page.locator("h1")).to_be_visible()
    for table in page.locator("table").all():
        expect(table).to_be_visible()
        expect(table.locator("tbody tr").first).to_be_visible()
    for link in page.locator("a[download]").all():
        answer = page.request.get(link.get_attribute("href").join([page.url.partition("?")[0], ""]))
        assert answer.status == 200
        assert answer.headers["content-disposition"].startswith("attachment")


def test_menu_opens_on_a_small_screen(page_as: PageAs):
    page = page_as("lettore", 360, javascript=False)
    page.goto("/")
    link = page.get_by_role("link", name="Indicatori")
    expect(link).to_be_hidden()
    page.get_by_text("Menu", exact=True).click()
    link.click()
    expect(page.locator("h1")).to_contain_text("Indicatori")


def test_filter_narrows_the_ledger(page_as: PageAs):
    page = page_as("lettore", javascript=False)
    page.goto("/programma/movimenti/impegnate/")
    page.get_by_text("Filtri", exact=True).click()
    page.get_by_label("Asse", exact=True).select_option("IV")
    page.get_by_role("button", name="Filtra").click()
    expect(page.get_by_label("Asse", exact=True)).to_have_value("IV")
    heading = page.locator("thead th").all_inner_texts().index("Asse")
    cells = page.locator(f"tbody td:nth-child({heading + 1})").all_inner_texts()
    assert cells == ["IV"] * page.locator("tbody tr").count()


def test_sorting_by_a_heading(page_as: PageAs):
    page = page_as("lettore", javascript=False)
    page.goto("/programma/movimenti/impegnate/?asse=I")
    page.get_by_role("link", name="Importo").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Importo")
    expect(page.locator("tbody tr").first).to_contain_text("1.970.000,00")
    expect(page.get_by_label("Asse", exact=True)).to_have_value("I")


def test_exported_file_holds_the_rows_of_the_filter(page_as: PageAs, tmp_path: Path):
    page = page_as("lettore", javascript=False)
    page.goto("/programma/movimenti/impegnate/?asse=IV")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "movimenti.csv")
    with (tmp_path / "movimenti.csv").open(encoding="utf-8-sig", newline="") as file:
        exported = [row["Asse"] for row in csv.DictReader(file, delimiter=";")]
    assert exported == ["IV"] * page.locator("tbody tr").count()


def test_chart_gives_way_to_its_table_and_description(page_as: PageAs):
    page = page_as("lettore", javascript=False)
    page.goto("/")
    expect(page.locator("#grafico-assi")).to_be_hidden()
    page.get_by_text("Descrizione del grafico").click()
    expect(page.locator("#grafico-assi-descrizione")).to_contain_text("Dotazione: Asse I 236,70")
