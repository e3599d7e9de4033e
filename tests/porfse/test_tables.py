"""The answer of a page with tables: pages of 50 rows, sorting, exports of every row."""

import csv
import inspect
import io
import re
from datetime import date
from decimal import Decimal

import django_tables2
import pytest
from django.test import RequestFactory
from django.urls import get_resolver
from python_calamine import CalamineWorkbook

from crisi.selection import selection
from porfse.errors import BadInput, NotThere
from porfse.figures import Unit, Value, leaf
from porfse.figures.board import Figure
from porfse.flows.source import source_of
from porfse.periods import Periodo
from porfse.tables import CifraColumn, DataColumn, ImportoColumn, NumeroColumn, Tabella, respond

# The addresses import every module with tables.
get_resolver().url_patterns  # noqa: B018
PRODUCT = [table for table in Tabella.__subclasses__() if not table.__module__.startswith("tests")]
NAMES = [f"Voce {number:03}" for number in range(1, 121)]
ROWS = [
    {
        "nome": name,
        "importo": Decimal(-number * 1000) / 8,
        "numero": 1000 + number,
        "giorno": date(2021, 9, 30),
    }
    for number, name in enumerate(NAMES)
]


class Voci(Tabella):
    nome = django_tables2.Column()
    importo = ImportoColumn()
    numero = NumeroColumn()
    giorno = DataColumn()

    class Meta:
        pass


class Cifre(Tabella):
    cifra = CifraColumn()
    milioni = CifraColumn(accessor="cifra", style="mln")


@pytest.fixture
def page(settings, tmp_path):
    """Ask for a page with two tables of the same rows; return it with the tables."""
    (tmp_path / "prova.html").write_text(
        "{% load django_tables2 %}<h1>{{ titolo }}</h1>{% render_table a %}{% render_table b %}",
        encoding="utf-8",
    )
    (base,) = settings.TEMPLATES
    settings.TEMPLATES = [{**base, "DIRS": [*base["DIRS"], tmp_path]}]

    def ask(query: str = "", rows=ROWS):
        tables = {"a": Voci(rows), "b": Voci(rows)}
        request = RequestFactory().get(f"/?{query}")
        return respond(request, "prova.html", {"titolo": "Prova"}, tables), tables

    return ask


def names(table) -> list[str]:
    return [row.get_cell("nome") for row in table.paginated_rows]


def test_a_page_has_fifty_rows_in_the_order_given(page):
    answer, tables = page()
    assert names(tables["a"]) == names(tables["b"]) == NAMES[:50]
    assert answer.status_code == 200
    assert "<h1>Prova</h1>" in answer.content.decode()


def test_each_table_has_its_own_pages(page):
    _, tables = page("a-page=3&b-page=2")
    assert (names(tables["a"]), names(tables["b"])) == (NAMES[100:], NAMES[50:100])


@pytest.mark.parametrize(
    "number", ["0", "-1", "4", str(10**30), "1" * 5000, "abc", "", "1.0", "1e1", "²", "None"]
)
def test_a_page_that_is_not_there_is_a_404(page, number):
    with pytest.raises(NotThere) as refusal:
        page(f"a-page={number}")
    assert str(refusal.value) == "La pagina richiesta non esiste: tornare alla prima pagina."
    assert refusal.value.status == 404


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["0", "-1", str(10**30), "abc"])
def test_a_real_page_answers_404_in_words(lettore, number):
    answer = lettore.get(f"/programma/iniziative/?iniziative-page={number}")
    assert answer.status_code == 404
    assert "tornare alla prima pagina" in answer.content.decode()


def test_the_address_does_not_choose_the_size_of_a_page(page):
    _, tables = page("a-per_page=120&per_page=120&a-page=2")
    assert names(tables["a"]) == NAMES[50:100]


def test_an_empty_table_has_a_first_page_and_says_so(page):
    answer, tables = page("a-page=1", rows=[])
    assert names(tables["a"]) == []
    assert answer.content.decode().count("Nessun dato.") == 2


def test_a_table_is_sorted_before_it_is_cut_in_pages(page):
    _, tables = page("a-sort=-nome&a-page=3")
    assert names(tables["a"]) == NAMES[19::-1]
    assert names(tables["b"]) == NAMES[:50]
    _, tables = page("b-sort=importo")  # as numbers: the texts would come in another order
    assert names(tables["b"]) == NAMES[:69:-1]


def test_an_unknown_column_sorts_nothing(page):
    answer, tables = page("a-sort=password&b-sort=-")
    assert answer.status_code == 200
    assert names(tables["a"]) == names(tables["b"]) == NAMES[:50]


def test_cells_are_italian(page):
    answer, _ = page("a-sort=-nome")
    cells = re.findall(r"<td [^>]*>([^<]*)</td>", answer.content.decode())
    assert cells[:4] == ["Voce 120", "−14.875,00\u00a0€", "1.119", "30.09.2021"]


def test_a_blank_cell_is_nd_and_never_zero(page):
    rows = [{"nome": "", "importo": None, "numero": None, "giorno": None}]
    answer, _ = page(rows=rows)
    cells = re.findall(r"<td [^>]*>([^<]*)</td>", answer.content.decode())
    assert cells == ["n.d."] * 8


def test_an_export_has_all_rows_sorted_and_exact(page):
    answer, _ = page("b-formato=csv&b-sort=-nome&b-page=2")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert answer["Content-Disposition"] == 'attachment; filename="b.csv"'
    assert lines[0] == ["Nome", "Importo", "Numero", "Giorno"]
    assert [line[0] for line in lines[1:]] == NAMES[::-1]
    assert lines[1] == ["Voce 120", "-14.875,00", "1119", "30.09.2021"]


def test_an_export_to_a_spreadsheet_has_numbers(page):
    answer, _ = page("a-formato=xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    assert sheet.name == "a"
    assert sheet.to_python()[2] == ["Voce 002", -125.0, 1001.0, date(2021, 9, 30)]
    assert len(sheet.to_python()) == 121


def test_an_unknown_format_is_a_400(page):
    with pytest.raises(BadInput) as refusal:
        page("a-formato=pdf")
    assert refusal.value.status == 400


def test_a_blank_is_exported_as_blank_and_not_as_zero(page):
    answer, _ = page("a-formato=csv", rows=[{"nome": "x", "importo": None}])
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "Nome;Importo;Numero;Giorno;Note alle cifre",
        "x;;;;n.d.: Importo, Numero, Giorno",
    ]


def test_formulas_in_data_are_neutral_in_the_export(page):
    answer, _ = page("a-formato=csv", rows=[{"nome": "=HYPERLINK(1)"}])
    assert answer.content.decode("utf-8-sig").splitlines()[1].startswith("'=HYPERLINK(1);;;")


def figure(amount: Decimal | None, unit: Unit = Unit.EURO) -> Figure:
    found = Figure(leaf("prova"))
    found.value = Value(amount, unit)
    return found


def test_figures_are_links_on_the_page():
    shown = figure(Decimal("1234567.891"))
    cells = [list(row) for row in Cifre([{"cifra": shown}, {"cifra": None}]).rows]
    assert cells == [[shown.full, shown.mln], ["—", "—"]]
    assert not any(column.orderable for column in Cifre([]).columns)


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        ("1234567.885", Unit.EURO, "1234567.89"),
        ("12.345", Unit.PERCENTO, "12.35"),
        ("397748", Unit.PERSONE, "397748"),
        ("764", Unit.NUMERO, "764"),
        ("0", Unit.EURO, "0.00"),
    ],
)
def test_figures_are_numbers_in_a_file(amount, unit, expected):
    table = Cifre([{"cifra": figure(Decimal(amount), unit)}])
    (row,) = list(table.as_values())[1:]
    assert [str(cell) for cell in row] == [expected, expected]  # whole, or with its two decimals
    assert all(type(cell) in (Decimal, int) for cell in row)


def test_a_figure_that_is_not_known_is_blank_in_a_file():
    table = Cifre([{"cifra": figure(None)}, {"cifra": figure(None, Unit.PERSONE)}, {"cifra": None}])
    assert list(table.as_values())[1:] == [[None, None]] * 3


# What some tables must be told beside their rows.
TOLD = {
    **dict.fromkeys(("slug", "measure", "first", "before", "now"), "x"),
    **dict.fromkeys(("writes", "decide", "gestore"), False),
    "total": 0,
    "quarters": (),
    "comuni": {},
    "oggi": date(2025, 11, 1),
    "trimestre": Periodo(2025, 3, 3),
    "asked": selection(leaf("crisi_unita", periodo=2025)),
    "source": source_of("inps-cigd"),
}


def empty(table: type[Tabella]) -> Tabella:
    """A table without rows, told what its signature asks for."""
    parameters = inspect.signature(table).parameters.values()
    asked = [each.name for each in parameters if each.kind == each.KEYWORD_ONLY]
    return table([], **{name: TOLD[name] for name in asked if name in TOLD})


def test_every_table_shows_blanks_and_emptiness_in_the_same_words():
    different = {
        table.__name__
        for table, made in ((table, empty(table)) for table in PRODUCT)
        if (made.default, made.attrs.get("class")) != ("n.d.", "table table-sm tabella")
        or not made.empty_text
    }
    assert different == set()
