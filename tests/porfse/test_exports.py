"""Files that leave the page: an Italian spreadsheet opens them as they are, and runs nothing."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from porfse.errors import BadInput
from porfse.exports import FORMATS, as_csv, as_xlsx, export, neutral

BOM = b"\xef\xbb\xbf"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=", "-"]
PLAIN = ["", "a=1", " =1", "'=1", "1-2", "n.d.", "à €", "−5,00"]
ROWS = [
    ["Voce", "Importo", "Unità", "Giorno", "Ora", "Covid", "Vuoto", "Testo"],
    [
        "Asse I",
        Decimal("1234567.89"),
        764,
        date(2021, 9, 30),
        datetime(2021, 9, 30, 22, 30, tzinfo=UTC),
        True,
        None,
        "=CMD()",
    ],
    [
        "Asse II",
        Decimal("-0.5"),
        0,
        date(2020, 1, 2),
        datetime(2021, 1, 1, tzinfo=UTC),
        False,
        None,
        "x;y",
    ],
]


def cells(rows) -> list[list[str]]:
    content = as_csv(rows)
    assert content.startswith(BOM)
    text = content[len(BOM) :].decode()
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def book(rows, name="prova") -> list[list[object]]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(name, rows)))
    return workbook.get_sheet_by_index(0).to_python()


def sheet_xml(rows) -> str:
    with zipfile.ZipFile(io.BytesIO(as_xlsx("prova", rows))) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


# --- CSV ----------------------------------------------------------------------------------------
def test_csv_is_what_an_italian_spreadsheet_opens():
    assert as_csv([["Voce", "Importo"], ["Città «A»", Decimal("1234.5")]]) == (
        BOM + "Voce;Importo\r\nCittà «A»;1.234,50\r\n".encode()
    )


def test_csv_of_every_kind_of_cell():
    first, second = cells(ROWS)[1:]
    assert first == [
        *("Asse I", "1.234.567,89", "764", "30.09.2021"),
        *("01.10.2021 00:30", "sì", "", "'=CMD()"),  # Rome is two hours ahead in summer
    ]
    assert second == [
        *("Asse II", "-0,50", "0", "02.01.2020", "01.01.2021 01:00", "no", "", "x;y"),
    ]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("100", "100,00"),
        ("1E+3", "1.000,00"),
        ("0.1", "0,10"),
        ("12.345", "12,345"),
        ("0.12345", "0,1235"),
        ("-1234.56", "-1.234,56"),  # with the hyphen that a spreadsheet reads as a sign
        ("0.00", "0,00"),
    ],
)
def test_csv_amounts_keep_their_decimals_up_to_four(amount, expected):
    assert cells([[Decimal(amount)]]) == [[expected]]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_is_text(text):
    assert neutral(text) == f"'{text}"
    assert cells([["h"], [text]])[1] == [f"'{text}"]


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_stays_as_it_is(text):
    assert neutral(text) == text
    assert cells([["h", "i"], [text, "x"]])[1] == [text, "x"]


def test_formulas_are_neutral_in_the_header_too():
    assert cells([["=1"]]) == [["'=1"]]
    assert book([["=1"]]) == [["'=1"]]


def test_other_objects_are_written_as_neutral_text():
    class Azione:
        def __str__(self) -> str:
            return "=8.6.1"

    assert cells([[Azione()]]) == [["'=8.6.1"]]
    assert book([["h"], [Azione()]])[1] == ["'=8.6.1"]


def test_delimiters_quotes_and_lines_inside_a_cell_survive():
    row = ['a;b"c', "riga\ndue", "x"]
    assert cells([row]) == [row]


# --- XLSX ---------------------------------------------------------------------------------------
def test_xlsx_has_native_numbers_and_dates():
    rows = book(ROWS)
    assert rows[0] == ROWS[0]
    assert rows[1] == [
        *("Asse I", 1234567.89, 764, date(2021, 9, 30)),
        *(datetime(2021, 10, 1, 0, 30), "sì", "", "'=CMD()"),  # noqa: DTZ001 - as a cell has it
    ]
    assert rows[2][1:3] == [-0.5, 0]
    assert rows[2][5] == "no"


@pytest.mark.parametrize("text", [*FORMULAS, "https://esempio.invalid", "12", "1,5"])
def test_xlsx_text_is_never_a_formula_a_link_or_a_number(text):
    rows = [["h"], [text]]
    assert book(rows)[1] == [neutral(text)]
    xml = sheet_xml(rows)
    assert "<f>" not in xml
    assert "hyperlink" not in xml


def test_the_largest_amount_is_exact_in_xlsx():
    assert book([["h"], [Decimal("9999999999999.99")]])[1] == [9999999999999.99]


def test_the_header_stays_in_sight():
    assert 'ySplit="1"' in sheet_xml(ROWS)
    assert 'state="frozen"' in sheet_xml(ROWS)


def test_a_long_name_is_cut_to_what_a_sheet_may_have():
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx("x" * 40, ROWS)))
    assert workbook.sheet_names == ["x" * 31]


def test_columns_are_as_wide_as_their_text_within_bounds():
    xml = sheet_xml([["h", "x" * 30, "y" * 200]])
    widths = [float(part.partition('"')[0]) for part in xml.split(' width="')[1:]]
    assert [round(width) for width in widths] == [11, 33, 61]


# --- The answer ---------------------------------------------------------------------------------
def test_the_answer_is_a_file():
    answer = export("csv", "assi", [["a"]])
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="assi.csv"'
    assert answer.content == BOM + b"a\r\n"
    answer = export("xlsx", "assi", iter([["a"], [1]]))
    assert answer["Content-Type"] == (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    assert answer["Content-Disposition"] == 'attachment; filename="assi.xlsx"'
    assert CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).sheet_names == ["assi"]


@pytest.mark.parametrize("kind", ["pdf", "CSV", "", "x" * 500])
def test_an_unknown_format_is_refused(kind):
    with pytest.raises(BadInput) as refusal:
        export(kind, "assi", [["a"]])
    assert str(refusal.value) == (
        f"Il formato «{kind[:20]}» non esiste: scegliere csv oppure xlsx."
    )
    assert refusal.value.status == 400
    assert FORMATS == ("csv", "xlsx")


@pytest.mark.django_db
def test_an_unknown_format_is_a_page_with_400(lettore):
    answer = lettore.get("/programma/iniziative/?iniziative-formato=pdf")
    assert answer.status_code == 400
    assert "scegliere csv oppure xlsx" in answer.content.decode()
