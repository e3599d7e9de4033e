"""A flow from its file to its acquisition and back, as an operator does it.

The last of the browser tests: it takes away the example that the others look at.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import Site
from tests.browser.test_pages import check
from tests.factories.flows import csv_bytes, payment

PageAs = Callable[..., Page]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Twenty-one rows, one of them wrong; identifiers that no other flow has."""
    rows = [payment(id_pagamento=f"B{number:05d}") for number in range(20)]
    path = tmp_path / "maggio.csv"
    path.write_bytes(csv_bytes([*rows, payment(id_pagamento="B99999", ore="x")]))
    return path


def test_ask_for_a_sample_look_and_draw(page_as: PageAs):
    page = page_as("controllore")
    page.goto("/cigd/verifiche/")
    page.get_by_role("link", name="Nuovo campione").click()
    page.locator("[name=metodo]").select_option("semplice")
    page.locator("[name=numero]").fill("3")
    page.locator("[name=seme]").fill("prova-di-percorso")
    page.get_by_role("button", name="Guarda la popolazione").click()
    # A real worker counts and draws; the page follows by itself.
    draw = page.get_by_role("button", name="Estrai il campione")
    expect(draw).to_be_visible()
    check(page, page.url, name="estrazione-pronta")
    draw.click()
    made = page.get_by_role("link", name="Campione n.")
    expect(made).to_be_visible()
    check(page, page.url, name="estrazione-estratta")
    made.click()
    expect(page.locator("main")).to_contain_text("prova-di-percorso")
    page.goto("/cigd/verifiche/nuovo/")
    page.locator("[name=metodo]").select_option("mus")
    page.locator("[name=numero]").fill("9999")
    page.get_by_role("button", name="Guarda la popolazione").click()
    expect(page.locator("main")).to_contain_text("Gli elementi sono da 1 a")
    check(page, page.url, name="estrazione-fallita")
    check(page, "/cigd/verifiche/", name="verifiche-da-concludere")


def test_check_decide_by_code_and_take_the_check_back(page_as: PageAs, site: Site):
    page = page_as("controllore")
    path = f"/cigd/certificabile/flussi/{site.keys['flusso']}/"
    page.goto(path)
    page.get_by_role("link", name="Registra il controllo").click()
    page.locator("[name=nota]").fill("Controllo desk")
    page.get_by_role("button", name="Registra il controllo").click()
    check(page, f"{path}segnalazioni/", name="certificabile-segnalazione")
    code = page.locator("[name=codice] option").nth(1)
    code_value, words = code.get_attribute("value"), code.inner_text()
    page.locator("[name=codice]").select_option(code_value)
    page.locator("[name=stato]").select_option("sospeso")
    page.locator("[name=motivo]").fill("da chiarire")
    page.get_by_role("button", name="Registra la decisione").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=code_value, exact=True))
    expect(row.get_by_role("cell").nth(2)).to_have_text("0")
    assert not words.endswith("(in attesa: 0)")
    check(page, path, name="certificabile-flusso-controllato")
    page.get_by_role("link", name="Annulla il controllo").click()
    check(page, page.url, name="certificabile-controllo-annulla")
    page.locator("[name=motivo]").fill("Era il flusso sbagliato")
    page.get_by_role("button", name="Annulla il controllo").click()
    expect(page.locator("main")).to_contain_text("Era il flusso sbagliato")
    expect(page.get_by_role("link", name="Registra il controllo")).to_be_visible()
    check(page, path, name="certificabile-flusso-annullato")


def test_upload_progress_preview_acquire_cancel(page_as: PageAs, file: Path):
    page = page_as("operatore")
    page.goto("/flussi/")
    page.get_by_role("link", name="Carica un file").click()
    page.locator("[name=fonte]").select_option("inps-cigd")
    page.locator("[type=file]").set_input_files(file)
    page.locator("[name=righe_dichiarate]").fill("21")
    page.get_by_role("button", name="Carica", exact=True).click()
    # A real worker validates it; the page follows by itself.
    acquire = page.get_by_role("button", name="Acquisisci 20 righe")
    expect(acquire).to_be_visible()
    expect(page.locator("main")).to_contain_text("E003")
    acquire.click()
    expect(page.locator("main")).to_contain_text("Le righe accettate sono acquisite")
    # The first real flow cancels the example: no label is left.
    page.goto("/cigd/")
    expect(page.locator("main")).to_contain_text("6.000,00")
    expect(page.locator("main")).not_to_contain_text("dati di esempio")
    page.goto("/flussi/")
    page.get_by_role("row", name="maggio.csv").get_by_role("link").first.click()
    page.locator("summary", has_text="Annulla il flusso").click()
    page.locator("form[action$='annullamento/'] [name=motivo]").fill("Invio sbagliato")
    page.locator("form[action$='annullamento/'] button").click()
    expect(page.locator("main")).to_contain_text("Invio sbagliato")
    check(page, page.url, name="flussi-annullato")
    page.goto("/cigd/")
    expect(page.locator("main")).to_contain_text("Nessun flusso")


def test_the_refused_rows_come_back_as_a_file(page_as: PageAs, file: Path, tmp_path: Path):
    page = page_as("operatore", javascript=False)
    page.goto("/flussi/carica/")
    page.locator("[name=fonte]").select_option("inps-cigd")
    page.locator("[type=file]").set_input_files(file)
    page.get_by_role("button", name="Carica", exact=True).click()
    link = page.get_by_role("link", name="Scarica le righe in errore")
    for _ in range(50):  # without JavaScript a person asks again
        if link.is_visible():
            break
        page.wait_for_timeout(200)
        page.reload()
    with page.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "scarti.csv")
    header, row, *rest = (tmp_path / "scarti.csv").read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith("riga;codici;spiegazione;id_pagamento;")
    assert row.startswith("22;E003;")
    assert rest == []
