"""XLSX files that must not be read: what they could hide, and what they could do to the machine."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from porfse.flows.errors import Refused
from porfse.flows.readers import open_sheet
from tests.porfse.flows.books import (
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
)

DATA = HEADER + row(2, text("A2", "x"), number("B2", "1"))

CLOSE = "</sheetData></worksheet>"
OPEN = worksheet(DATA).removesuffix(CLOSE)


def read(path: Path) -> list[list]:
    with open_sheet(path, header_of=len) as sheet:
        return list(sheet.rows)


def refusal(path: Path) -> str:
    """Return why a file is refused, in little memory whatever it would grow to."""
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as caught:
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()
    return str(caught.value)


def made(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "flusso.xlsx"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "formula", ["<f>1+1</f><v>2</v>", '<f t="shared" si="0"/><v>2</v>', "<v>2</v><f>1</f>"]
)
def test_a_formula_is_refused_and_its_cell_is_named(tmp_path, formula):
    data = HEADER + row(2, number("A2", "1"), f'<c r="B2">{formula}</c>')
    message = refusal(book(tmp_path / "f", data))
    assert message.startswith("La cella B2 contiene una formula")
    assert "incollarlo come valori" in message


def test_formulas_of_rules_and_lists_are_no_cells(tmp_path):
    after = (
        '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1">'
        '<formula>A1=1</formula></cfRule></conditionalFormatting><extLst><ext uri="x">'
        '<xm:f xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">Foglio2!A1</xm:f>'
        "</ext></extLst>"
    )
    assert read(book(tmp_path / "f", "", **{SHEET: worksheet(DATA, after=after)})) == [["x", 1]]


def test_merged_cells_are_refused_and_named(tmp_path):
    after = '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    message = refusal(book(tmp_path / "f", "", **{SHEET: worksheet(DATA, after=after)}))
    assert message.startswith("Le celle A2:A3 sono unite")


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_first_sheet_is_refused_by_its_name(tmp_path, state):
    sheets = f'<sheet name="Vecchi" sheetId="1" state="{state}" r:id="rId1"/>'
    message = refusal(book(tmp_path / "f", DATA, **{"xl/workbook.xml": workbook(sheets)}))
    assert message.startswith("Il primo foglio («Vecchi») è nascosto")


def test_a_first_sheet_that_is_a_chart_is_refused(tmp_path):
    chart = relations(("chartsheet", "chartsheets/sheet1.xml"))
    message = refusal(book(tmp_path / "f", DATA, **{"xl/_rels/workbook.xml.rels": chart}))
    assert "non è un foglio di celle" in message


def test_a_workbook_that_refers_to_another_machine_is_refused(tmp_path):
    outside = relations(("worksheet", "https://example.org/s.xml")).replace(
        "/></Rel", ' TargetMode="External"/></Rel'
    )
    message = refusal(book(tmp_path / "f", DATA, **{"xl/_rels/workbook.xml.rels": outside}))
    assert "non è un foglio di celle" in message


@pytest.mark.parametrize("data", ["", row(1), row(1, '<c r="A1" s="1"/>')])
def test_an_empty_sheet_is_refused(tmp_path, data):
    assert refusal(book(tmp_path / "f", data)).startswith("Il primo foglio è vuoto")


def test_a_header_below_a_hundred_blank_rows_is_refused(tmp_path):
    data = "<row/>" * 100 + row(101, text("A101", "id"))
    assert "prime 100 righe" in refusal(book(tmp_path / "f", data))


@pytest.mark.parametrize("reference", ["SG2", "XFD2", "ZZZ2"])
def test_a_value_beyond_five_hundred_columns_is_refused_by_its_cell(tmp_path, reference):
    message = refusal(book(tmp_path / "f", HEADER + row(2, number(reference, "1"))))
    assert message.startswith(f"La cella {reference} è oltre la colonna SF")


def test_a_value_in_the_last_cell_of_the_sheet_is_refused_without_its_rectangle(tmp_path):
    message = refusal(book(tmp_path / "f", HEADER + row(1_048_576, number("XFD1048576", "1"))))
    assert message.startswith("La cella XFD1048576 è oltre")


def test_a_value_in_the_last_row_is_one_row(tmp_path):
    assert read(book(tmp_path / "f", HEADER + row(1_048_576, number("A1048576", "1")))) == [[1, ""]]


def test_a_header_of_a_million_columns_is_refused(tmp_path):
    data = f'<row r="1">{"<c><v>1</v></c>" * 1_000_000}</row>'
    assert "oltre la colonna SF" in refusal(book(tmp_path / "f", data))


def bomb(tmp_path: Path, name: str, start: bytes, filler: bytes) -> Path:
    """Write a file of which one part grows to 300 MiB."""
    path = tmp_path / "bomba.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, content in parts(DATA).items():
            if other != name:
                archive.writestr(other, content)
        with archive.open(name, "w") as part:
            part.write(start)
            block = filler * ((1 << 20) // len(filler))
            for _ in range(300):
                part.write(block)
    assert path.stat().st_size < 2 << 20
    return path


@pytest.mark.parametrize("filler", [b"\0", b" ", b'<row r="2"/>'])
def test_a_sheet_that_grows_without_measure_is_refused(tmp_path, filler):
    assert "smisurato" in refusal(bomb(tmp_path, SHEET, OPEN.encode(), filler))


@pytest.mark.parametrize(
    ("name", "start", "filler"),
    [
        ("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">', b"<si><t/></si>"),
        ("xl/styles.xml", f'<styleSheet xmlns="{MAIN}"><cellXfs>', b" "),
        ("xl/workbook.xml", f'<workbook xmlns="{MAIN}">', b" "),
        ("_rels/.rels", "<Relationships>", b" "),
    ],
)
def test_no_other_part_grows_without_measure(tmp_path, name, start, filler):
    assert "smisurato" in refusal(bomb(tmp_path, name, start.encode(), filler))


STRINGS = f'<sst xmlns="{MAIN}">'
STYLES = f'<styleSheet xmlns="{MAIN}"><cellXfs>'


@pytest.mark.parametrize(
    ("name", "start", "filler", "end"),
    [
        (SHEET, OPEN, "<a>", ""),
        (SHEET, OPEN, "<row>", ""),
        (SHEET, OPEN + '<row a="', "x", '"/>' + CLOSE),
        (SHEET, OPEN + "<!--", "x", "-->" + CLOSE),
        (SHEET, OPEN + '<row><c t="str"><v>', "1", "</v></c></row>" + CLOSE),
        (SHEET, OPEN + '<row><c t="inlineStr"><is>', "<t>a</t>", "</is></c></row>" + CLOSE),
        ("xl/sharedStrings.xml", STRINGS + "<si><t>", "a", "</t></si></sst>"),
        ("xl/sharedStrings.xml", STRINGS + "<si>", "<t>a</t>", "</si></sst>"),
        ("xl/styles.xml", STYLES, "<xf/>", "</cellXfs></styleSheet>"),
    ],
    ids=[
        "depth",
        "rows in rows",
        "tag",
        "comment",
        "value",
        "runs",
        "text of the table",
        "runs of the table",
        "styles",
    ],
)
def test_nothing_within_a_part_grows_without_measure(tmp_path, name, start, filler, end):
    content = start + filler * ((12 << 20) // len(filler)) + end
    assert "danneggiato" in refusal(book(tmp_path / "f", DATA, **{name: content}))


def test_names_without_number_are_refused(tmp_path):
    many = "".join(f"<n{place}/>" for place in range(20_000))
    assert "danneggiato" in refusal(book(tmp_path / "f", "", **{SHEET: worksheet(many + DATA)}))


@pytest.mark.parametrize("name", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "_rels/.rels"])
def test_entities_are_refused_in_every_part(tmp_path, name):
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = book(tmp_path / "f", DATA, **{name: doctype + parts(DATA)[name]})
    assert "dichiarazioni XML" in refusal(path)


def test_a_sheet_that_ends_in_the_middle_is_refused(tmp_path):
    assert "danneggiato" in refusal(book(tmp_path / "f", "", **{SHEET: OPEN}))


def test_a_workbook_without_sheets_is_refused(tmp_path):
    path = book(tmp_path / "f", DATA, **{"xl/workbook.xml": workbook("")})
    assert "non una cartella di lavoro XLSX" in refusal(path)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_a_part_in_another_encoding_is_read_for_what_it_says(tmp_path, encoding):
    sheet = f'<?xml version="1.0" encoding="{encoding}"?>' + worksheet(
        HEADER + row(2, text("A2", "però"))
    )
    path = book(tmp_path / "f", "", **{SHEET: sheet.encode(encoding)})
    assert read(path) == [["però", ""]]


@pytest.mark.parametrize("encoding", ["utf-7", "x-unknown", "big5", "idna"])
def test_a_part_in_an_encoding_that_xml_does_not_know_is_refused(tmp_path, encoding):
    sheet = f'<?xml version="1.0" encoding="{encoding}"?>' + worksheet(DATA)
    assert "danneggiato" in refusal(book(tmp_path / "f", "", **{SHEET: sheet}))


def test_many_rows_are_read_in_constant_memory(tmp_path):
    rows = (
        row(place, number(f"A{place}", f"{place * 7919 % 10_007 / 64}"), number(f"B{place}", "1"))
        for place in range(2, 60_000)
    )
    path = book(tmp_path / "f", HEADER + "".join(rows))
    tracemalloc.start()
    try:
        with open_sheet(path, header_of=len) as sheet:
            assert sum(len(cells) for cells in sheet.rows) == 2 * 59_998
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
