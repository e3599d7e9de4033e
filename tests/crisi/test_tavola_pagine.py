"""The page of the table: choices, comparisons, map, provincia, exports, cost."""

import io
from datetime import date

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from porfse.periods import Periodo
from tests.crisi.test_tavola_pubblicata import printed, shown
from tests.factories.crisi import make_nucleo, make_unita
from tests.programme.test_pages import cost, text_of
from tests.programme.test_walk import hold, walk  # noqa: F401

pytestmark = pytest.mark.django_db

COMPUTED = "/crisi/?periodo=2025&fonte=calcolata"
# Page, and how many queries it makes: the same for few and for many procedures.
COSTS = {
    "/crisi/": 6,
    COMPUTED: 5,
    f"{COMPUTED}&criterio=in_corso&confronto=2024&affianca=on": 7,
    "/crisi/?formato=xlsx": 6,
    "/crisi/province/BG/": 6,
    "/cifre/?f=crisi_lavoratori(periodo=2025,provincia=BG)": 7,
    "/cifre/?f=crisi_lavoratori(fonte=pubblicata,periodo=2025,provincia=BG)": 5,
}


def some_procedures(number: int = 1) -> None:
    for month in range(1, number + 1):
        make_unita("BG", 10, data_avvio=date(2025, month, 5), data_fine=date(2025, month, 7))
        make_unita("MI", None, tipo="LIC", data_avvio=date(2024, month, 5))


@pytest.mark.parametrize("url", COSTS)
def test_queries_do_not_grow_with_procedures(gestore, url):
    some_procedures()
    assert cost(gestore, url) == COSTS[url] <= 12
    some_procedures(12)
    assert cost(gestore, url) == COSTS[url]


@pytest.mark.parametrize(
    "url",
    [
        "/crisi/",
        "/crisi/?periodo=2024&misura=lavoratori-CIGS_REG",
        f"{COMPUTED}&criterio=in_corso&confronto=2024-T2&affianca=on&misura=unita",
        "/crisi/province/LO/",
    ],
)
def test_every_figure_opens_what_makes_it(walk, url):  # noqa: F811
    some_procedures(3)
    assert hold(walk, url) > 20
    assert walk(url).bare == []


# --- Choices ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("periodo", "title"),
    [
        ("2023", "Procedure avviate nell'anno 2023"),
        ("2025-T3", "Procedure avviate nel 3° trimestre 2025"),
        ("2025-B5", "Procedure avviate nel bimestre settembre-ottobre 2025"),
        ("2025&criterio=in_corso", "Procedure in corso nell'anno 2025"),
        ("2025&fonte=esempio", "Procedure avviate nell'anno 2025 (dati di esempio)"),
    ],
)
def test_the_title_says_what_is_counted(lettore, periodo, title):
    page = lettore.get(f"/crisi/?periodo={periodo}")
    assert f"<h1>{title.replace(chr(39), '&#x27;')}</h1>" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("periodo=2025-T5", "Periodo non valido: «2025-T5»"),
        ("periodo=boh", "Scriverlo come 2025"),
        ("periodo=2025-13", "Periodo non valido"),
        ("periodo=2099", "non è ancora iniziato"),
        ("periodo=2009", "il primo anno è 2014"),
        ("periodo=2023&fonte=pubblicata", "c'è per 2024, 2025"),
        ("periodo=2025-T1&fonte=pubblicata", "tabella pubblicata nel 1° trimestre 2025"),
        ("periodo=2025&fonte=pubblicata&criterio=in_corso", "non distingue avviate e in corso"),
        ("periodo=2025&confronto=2025", "periodo diverso"),
        ("periodo=2025&confronto=2023", "Non c'è una tabella pubblicata nell'anno 2023"),
        ("periodo=2025&confronto=ieri", "Periodo non valido"),
        ("periodo=2023&affianca=on", "c'è per 2024, 2025"),
        ("periodo=2025&fonte=esempio&affianca=on", "non si affiancano"),
        ("criterio=chiuse", "«Procedure»: il valore richiesto non esiste"),
        ("fonte=altra", "«Fonte»: il valore richiesto non esiste"),
        ("misura=ore", "il valore richiesto non esiste"),
        ("formato=pdf", "scegliere csv oppure xlsx"),
    ],
)
def test_what_cannot_be_shown_says_what_to_do(lettore, query, words):
    response = lettore.get(f"/crisi/?{query}")
    assert response.status_code == 400
    assert words in text_of(response)


def test_what_is_chosen_stays_chosen(lettore):
    page = lettore.get("/crisi/?periodo=2016-T2&criterio=in_corso&misura=unita-LIC")
    for value in ("2016-T2", "in_corso", "unita-LIC"):
        assert f'<option value="{value}" selected>' in page.content.decode()


def test_only_periods_that_have_begun_are_offered(lettore):
    today = timezone.localdate()
    groups = lettore.get("/crisi/").context["form"].fields["periodo"].widget.choices
    offered = [value for _, group in groups for value, _ in group]
    assert offered[0] == str(today.year)
    assert f"{today.year}-T{(today.month + 2) // 3}" in offered
    assert all(Periodo.parse(value).inizio <= today for value in offered)
    assert {"2024", "2024-T4", "2025-B6"} <= set(offered)


def test_an_empty_period_says_so_and_offers_the_examples(lettore):
    page = lettore.get("/crisi/?periodo=2023")
    assert "la tavola calcolata è vuota" in text_of(page)
    assert "?periodo=2023&amp;criterio=avviate&amp;fonte=esempio" in page.content.decode()


# --- Side by side, and comparison ---------------------------------------------------------------
def test_side_by_side_the_two_are_never_added_up(lettore):
    make_unita("LO", 7, tipo="LIC", data_avvio=date(2025, 5, 5))
    make_unita("LO", 9, tipo="CIGS_MIN", data_avvio=date(2025, 5, 5))
    page = lettore.get("/crisi/?periodo=2025&affianca=on")
    assert shown(page) == printed(2025)
    lodi = next(row for row in shown(page, "calcolata") if row[0] == "LO")
    assert lodi[9:] == ["1", "100,0", "7", "100,0", "16"]
    rows = {row.record["nome"]: row.record for row in page.context["differenze"].rows}
    assert rows["Lodi"]["lavoratori_lic"].amount == 7 - 13
    assert rows["Lodi"]["lavoratori"].amount == 16 - 88
    assert rows["Lodi"]["unita_cigs_min"].amount is None  # printed blank
    assert rows["Totale regione"]["lavoratori"].amount == 16 - 11_800


def test_two_published_years_against_each_other(lettore):
    page = lettore.get("/crisi/?periodo=2025&confronto=2024&misura=lavoratori-CIGS_REG")
    rows = {row.record["nome"]: row.record for row in page.context["variazioni"].rows}
    bergamo, cremona = rows["Bergamo"], rows["Cremona"]
    assert [bergamo[name].text for name in ("prima", "ora")] == ["561", "905"]
    assert (
        bergamo["variazione"].value.unit.show(bergamo["variazione"].amount, signed=True) == "+344"
    )
    assert bergamo["percento"].text == "61,3%"
    assert (cremona["prima"].amount, cremona["variazione"].amount) == (None, None)
    region = {row.record["nome"]: row.record for row in page.context["regione"].rows}
    assert region["Lavoratori, tutti i tipi"]["variazione"].amount == 11_800 - 9_557
    assert region["Unità produttive, CIGS ministeriali"]["variazione"].amount == 95 - 87
    assert "non hanno la stessa durata" not in text_of(page)


def test_periods_of_different_length_are_compared_with_a_warning(lettore):
    page = lettore.get(f"{COMPUTED}&confronto=2025-T1")
    assert "non hanno la stessa durata" in text_of(page)


# --- Map and provincia --------------------------------------------------------------------------
def test_the_map_shows_the_measure_and_opens_the_provinces(lettore):
    page = lettore.get("/crisi/?periodo=2025&misura=unita-CIGS_MIN")
    html = page.content.decode()
    assert '<a href="/crisi/province/MI/" aria-label="Milano: 27">' in html
    assert '<a href="/crisi/province/LO/" aria-label="Lodi: n.d.">' in html
    values = {
        row.record["sigla"]: row.record["valore"].text for row in page.context["province"].rows
    }
    assert (values["MI"], values["TOT"], len(values)) == ("27", "95", 13)


def test_the_page_of_a_provincia_has_a_row_for_each_year_and_source(lettore):
    make_unita("LO", 7, tipo="LIC", data_avvio=date(2024, 5, 5))
    make_unita("LO", 3, tipo="LIC", data_avvio=date(2025, 5, 5), esempio=True)
    rows = lettore.get("/crisi/province/LO/").context["anni"].rows
    found = {
        (row.record["periodo"], row.record["fonte"].fonte): row.record["lavoratori"].text
        for row in rows
    }
    assert found[2024, "pubblicata"] == "82"
    assert found[2025, "pubblicata"] == "88"
    assert found[2024, "calcolata"] == "7"
    assert found[2025, "calcolata"] == "0"
    assert found[2025, "esempio"] == "3"
    assert (2024, "esempio") not in found
    running = lettore.get("/crisi/province/LO/?criterio=in_corso").context["anni"].rows
    assert [
        row.record["lavoratori"].text
        for row in running
        if (row.record["periodo"], row.record["fonte"].fonte) == (2025, "calcolata")
    ] == ["7"]


@pytest.mark.parametrize(
    ("url", "status"),
    [("/crisi/province/TO/", 404), ("/crisi/province/LO/?criterio=tutte", 400)],
)
def test_provinces_that_do_not_exist(lettore, url, status):
    assert lettore.get(url).status_code == status


def test_who_reads_no_crises_gets_nothing(as_role):
    assert as_role("amministratore").get("/crisi/").status_code == 403
    assert as_role("amministratore").get("/crisi/province/LO/").status_code == 403


def test_a_nucleo_opens_the_procedures_of_its_own_provincia_only(client):
    some_procedures()
    client.force_login(make_nucleo("BG"), backend="porfse.accounts.RoleBackend")
    own = client.get("/cifre/?f=crisi_unita(periodo=2025,provincia=BG)").content.decode()
    assert "/crisi/procedure/?provincia=BG&amp;tipo=CIGS_MIN&amp;periodo=2025" in own
    other = client.get("/cifre/?f=crisi_unita(periodo=2024,provincia=MI)").content.decode()
    assert "/crisi/procedure/?" not in other


# --- Files --------------------------------------------------------------------------------------
def test_csv_looks_like_the_published_table(lettore):
    response = lettore.get("/crisi/?periodo=2024&formato=csv")
    name = "tavola-crisi-2024-pubblicata.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    rows = [line.split(";") for line in response.content.decode("utf-8-sig").splitlines()]
    assert rows[0] == ["Casi gestiti in forma coordinata con il livello territoriale, anno 2024"]
    assert rows[1][1] == "Procedure CIGS ministeriali - Linee guida A)"
    assert len(rows[1]) == len(rows[2]) == 14
    assert rows[2][-1] == "Totale lavoratori coinvolti"
    plain = [[cell.replace(".", "") for cell in row] for row in printed(2024)]
    assert rows[3:16] == plain
    assert rows[17:] == [
        ["Fonte: tabella pubblicata."],
        ["Cella vuota nella fonte: Cremona, CIGS regionali: lavoratori."],
    ]


def test_xlsx_has_numbers_merged_headers_and_blanks(lettore):
    response = lettore.get("/crisi/?periodo=2025&formato=xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    sheet = book.get_sheet_by_index(0)
    rows = sheet.to_python()
    assert rows[0][0].endswith("anno 2025")
    assert rows[1][1] == "Procedure CIGS ministeriali\nLinee guida A)"
    assert [rows[2][1], rows[2][2]] == [
        "Totale unità produttive coinvolte nelle procedure CIGS ministeriali",
        "Peso % provincia su TOT regione",
    ]
    assert [_as_printed(row) for row in rows[3:16]] == [
        [cell.replace(".", "") for cell in row] for row in printed(2025)
    ]
    merged = {(start, end) for start, end in sheet.merged_cell_ranges}
    assert {((0, 0), (0, 13)), ((1, 1), (1, 4)), ((1, 0), (2, 0)), ((1, 13), (2, 13))} <= merged


def _as_printed(row: list) -> list[str]:
    """Counts without decimals, shares with one, those of the total with two."""
    places = "2" if row[0] == "TOT" else "1"
    cells = [row[0]]
    for column, value in enumerate(row[1:], 1):
        share = column % 2 == 0
        text = "" if value == "" else f"{value:.{places if share else 0}f}".replace(".", ",")
        cells.append(text)
    return cells


def test_a_calculated_file_says_what_it_counts_and_what_it_does_not_know(lettore):
    make_unita("LO", None, tipo="LIC", data_avvio=date(2025, 5, 5))
    response = lettore.get(f"{COMPUTED}&criterio=in_corso&formato=csv")
    assert "tavola-crisi-2025-calcolata-in-corso.csv" in response["Content-Disposition"]
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Procedure in corso nell'anno 2025"
    assert lines[8] == "LO;0;;0;;0;;0;;1;100,0;;;"
    assert lines[-1] == "Unità con lavoratori non noti, Lodi, licenziamenti collettivi: 1."
    assert "Fonte: calcolata dalle procedure." in lines


def test_the_tables_beside_are_exported_too(lettore):
    csv = lettore.get("/crisi/?periodo=2025&province-formato=csv").content.decode("utf-8-sig")
    assert "Milano;3226;27,34" in csv
