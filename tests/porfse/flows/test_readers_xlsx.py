"""What comes out of XLSX files, cell by cell."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from porfse.flows.errors import Refused
from porfse.flows.readers import open_sheet
from porfse.flows.xlsx_rows import CellError
from tests.porfse.flows.books import (
    DOCUMENT,
    HEADER,
    MAIN,
    SHEET,
    book,
    number,
    parts,
    relations,
    row,
    text,
    workbook,
    worksheet,
    zipped,
)

RICH = "<r><t>Rossi</t></r><r><t> srl</t></r><rPh><t>xx</t></rPh>"
NOON = datetime.fromisoformat("2020-05-01T12:00")


def read(path: Path) -> tuple[list[str], list[tuple[int, list]]]:
    with open_sheet(path, header_of=len) as sheet:
        return sheet.header, [(sheet.rows.line_num, cells) for cells in sheet.rows]


def one_cell(path: Path, cell: str, **changed):
    """Return how a cell of the second row, in column A, is read, with its type."""
    _, [(_, [value, *_])] = read(book(path / "flusso", HEADER + row(2, cell), **changed))
    return value, type(value)


def written_by_a_library(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("Pagamenti")
        made.add_worksheet("Note").hide()
        days = made.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["id", "importo", "data", "nota"])
        for place in range(1, 3000):
            sheet.write_string(place, 0, f"P{place:05}")
            sheet.write_number(place, 1, place / 100)
            sheet.write_datetime(place, 2, date(2020, 3, 1) + timedelta(place), days)
            if place % 3:
                sheet.write_string(place, 3, f"però <{place}> & «{place % 7}»")
    return path


def test_a_file_of_a_library_is_read_as_it_was_written(tmp_path):
    header, rows = read(written_by_a_library(tmp_path / "flusso.xlsx"))
    assert header == ["id", "importo", "data", "nota"]
    assert len(rows) == 2999
    assert rows[0] == (2, ["P00001", 0.01, date(2020, 3, 2), "però <1> & «1»"])
    assert rows[2] == (4, ["P00003", 0.03, date(2020, 3, 4), ""])
    assert rows[99] == (101, ["P00100", 1, date(2020, 6, 9), "però <100> & «2»"])


def test_another_reader_finds_the_same_in_it(tmp_path):
    path = written_by_a_library(tmp_path / "flusso.xlsx")
    others = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    header, rows = read(path)
    assert [header, *(cells for _, cells in rows)] == others


def test_the_rows_are_counted_before_they_are_read_and_what_it_is_called_does_not_matter(tmp_path):
    path = written_by_a_library(tmp_path / "flusso.csv")
    with open_sheet(path, header_of=len) as sheet:
        assert (sheet.kind, sheet.expected) == ("xlsx", 2999)


def test_a_sheet_with_a_header_alone_has_no_rows(tmp_path):
    with open_sheet(book(tmp_path / "f", HEADER), header_of=len) as sheet:
        assert (sheet.header, sheet.expected, list(sheet.rows)) == (["id", "importo"], 0, [])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1234567890", 1234567890),
        ("-7", -7),
        ("5.0", 5),
        ("1E3", 1000),
        ("12.5", 12.5),
        ("1234.5599999999999", 1234.56),
        ("-0.1", -0.1),
        (" 3 ", 3),
        ("1e400", float("inf")),
    ],
)
def test_numbers_are_those_that_the_sheet_holds(tmp_path, written, value):
    assert one_cell(tmp_path, number("A2", written)) == (value, type(value))


@pytest.mark.parametrize("written", ["1_000", "0x10", "nan", "inf", "1,5", "١"])
def test_what_is_no_number_is_refused_with_its_cell(tmp_path, written):
    with pytest.raises(Refused, match="La cella A2 ha un numero illeggibile"):
        one_cell(tmp_path, number("A2", written))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A2" t="b"><v>1</v></c>', "VERO"),
        ('<c r="A2" t="b"><v>0</v></c>', "FALSO"),
        ('<c r="A2" t="e"><v>#N/A</v></c>', CellError("#N/A")),
        ('<c r="A2" t="d"><v>2021-05-01</v></c>', date(2021, 5, 1)),
        ('<c r="A2" t="d"><v>2021-05-01T00:00:00</v></c>', date(2021, 5, 1)),
        (
            '<c r="A2" t="d"><v>2021-05-01T10:30:00</v></c>',
            datetime.fromisoformat("2021-05-01T10:30"),
        ),
        ('<c r="A2" t="d"><v>ieri</v></c>', "ieri"),
        ('<c r="A2" t="str"><v>a<![CDATA[<b>]]>&amp;c</v></c>', "a<b>&c"),
        ('<c r="A2" t="str"><v>riga_x000A_due_x005F_</v></c>', "riga\ndue_"),
        ('<c r="A2" t="str"><v>_xD83D_</v></c>', "_xD83D_"),
        ("<c r='A2'><v>1<!-- no -->2</v></c>", 12),
        (
            f'<c r="A2" t="inlineStr"><is>{RICH}</is></c>',
            "Rossi srl",
        ),
    ],
)
def test_each_kind_of_cell_is_read_for_what_it_shows(tmp_path, cell, value):
    assert one_cell(tmp_path, cell) == (value, type(value))


def test_a_cell_that_shows_an_error_says_so_in_a_list_of_refused_rows(tmp_path):
    assert str(CellError("#N/A")) == "#N/A"


def test_texts_are_found_in_the_table_by_their_number(tmp_path):
    strings = "<si><t>uno</t></si><si><r><t>du</t></r><r><t>e</t></r><rPh><t>x</t></rPh></si>"
    cell = '<c r="A2" t="s"><v>1</v></c>'
    assert one_cell(tmp_path, cell, strings=strings) == ("due", str)


@pytest.mark.parametrize("index", ["2", "-1", "x", "999999999999"])
def test_a_text_that_is_not_in_the_table_is_refused(tmp_path, index):
    with pytest.raises(Refused, match="danneggiato"):
        one_cell(tmp_path, f'<c r="A2" t="s"><v>{index}</v></c>', strings="<si><t>a</t></si>")


def test_rows_keep_their_numbers_and_their_gaps(tmp_path):
    data = row(3, text("B3", " id "), text("C3", "importo"))
    data += row(5) + row(6, number("C6", "2")) + row(9, text("A9", "x"), text("D9", "y"))
    assert read(book(tmp_path / "f", data)) == (
        ["", "id", "importo"],
        [(5, []), (6, ["", "", 2]), (9, ["x", "", "", "y"])],
    )


def test_a_short_row_is_as_long_as_the_header_and_formatted_blanks_are_nothing(tmp_path):
    blank = '<c r="B2" s="1"/><c r="XFD2" s="1"/>'
    data = HEADER + row(2, text("A2", "x"), blank) + row(3, '<c r="A3"><v></v></c>', blank[:16])
    data = data.replace(blank[:16] + "</row>", "</row>")
    assert read(book(tmp_path / "f", data)) == (["id", "importo"], [(2, ["x", ""]), (3, [])])


def test_cells_and_rows_need_not_say_where_they_stand(tmp_path):
    data = "<row><c><v>1</v></c><c><v>2</v></c></row>"
    data += '<row r="4"><c r="B4"><v>3</v></c><c><v>4</v></c></row><row><c><v>5</v></c></row>'
    assert read(book(tmp_path / "f", data)) == (
        ["1", "2"],
        [(4, ["", 3, 4]), (5, [5, ""])],
    )


@pytest.mark.parametrize(
    "data",
    [
        row(2, number("A2", "1")) + row(2, number("A2", "2")),
        row(3, number("A3", "1")) + row(2, number("A2", "2")),
        row(2, number("A7", "1")),
        row(2, number("B2", "1"), number("A2", "2")),
        row(2, number("A2", "1"), number("A2", "2")),
        row(2, number("a2", "1")),
        row(2, number("2A", "1")),
        row(2, number("$A$2", "1")),
        row(0, number("A0", "1")),
        row(1_048_577, number("A1048577", "1")),
        row("due", number("A2", "1")),
        row(2, '<c r="A2" t="zz"><v>1</v></c>'),
    ],
)
def test_cells_that_are_not_where_a_sheet_has_them_are_refused(tmp_path, data):
    with pytest.raises(Refused, match="danneggiato"):
        read(book(tmp_path / "f", HEADER + data))


def test_names_with_a_prefix_are_the_same_names(tmp_path):
    plain = row(1, number("A1", "1")) + row(2, number("A2", "2"))
    prefixed = plain.replace("<", "<x:").replace("<x:/", "</x:")
    sheet = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{prefixed}</x:sheetData></x:worksheet>'
    assert read(book(tmp_path / "f", "", **{SHEET: sheet})) == (["1"], [(2, [2])])


def test_a_table_half_with_a_prefix_is_refused_rather_than_half_read(tmp_path):
    data = HEADER + f'<x:row xmlns:x="{MAIN}" r="2"><x:c r="A2"><x:v>1</x:v></x:c></x:row>'
    with pytest.raises(Refused, match="danneggiato"):
        read(book(tmp_path / "f", data))


def test_the_dimension_that_a_sheet_declares_is_not_believed(tmp_path):
    sheet = worksheet(HEADER + row(2, text("A2", "x")), before='<dimension ref="A1:XFD1048576"/>')
    with open_sheet(book(tmp_path / "f", "", **{SHEET: sheet}), header_of=len) as found:
        assert (found.expected, list(found.rows)) == (1, [["x", ""]])


def test_a_part_may_stand_elsewhere_and_macros_do_not_matter(tmp_path):
    content = parts(HEADER + row(2, text("A2", "x")))
    content["xl/altrove/Foglio.XML"] = content.pop(SHEET)
    content["xl/_rels/workbook.xml.rels"] = relations(
        ("worksheet", "/xl/altrove/foglio.xml"), ("vbaProject", "vbaProject.bin")
    )
    content["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0"
    path = tmp_path / "flusso.xlsm"
    path.write_bytes(zipped(content))
    assert read(path) == (["id", "importo"], [(2, ["x", ""])])


def test_a_file_in_the_strict_form_is_read(tmp_path):
    content = {
        name: part.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
            DOCUMENT, "http://purl.oclc.org/ooxml/officeDocument/relationships"
        )
        for name, part in parts(HEADER + row(2, number("A2", "43952", style=1))).items()
    }
    path = tmp_path / "f"
    path.write_bytes(zipped(content))
    assert read(path) == (["id", "importo"], [(2, [date(2020, 5, 1), ""])])


def test_only_the_first_sheet_is_read_and_the_others_may_be_hidden(tmp_path):
    sheets = (
        '<sheet name="Dati" sheetId="1" r:id="rId1"/>'
        '<sheet name="Altro" sheetId="2" state="hidden" r:id="rId9"/>'
    )
    path = book(tmp_path / "f", HEADER, **{"xl/workbook.xml": workbook(sheets)})
    assert read(path) == (["id", "importo"], [])
