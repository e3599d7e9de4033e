"""Whatever bytes come in, the readers read them to the end or refuse them, and nothing else."""

import io
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from porfse.flows.errors import Refused
from porfse.flows.readers import open_sheet
from porfse.flows.xlsx_rows import CellError
from tests.porfse.flows.books import SHEET, STYLES, number, parts, row, text, zipped

CSV = (
    'id;importo;nota\r\n1;"1.234,56";"ACME; ""Nord"""\r\n\r\n2;3;così\n3;4;"due\nrighe"\r'
).encode()
STRINGS = "<si><t>uno</t></si><si><r><t>du</t></r><r><t>e</t></r></si>"
CELLS = (
    row(1, text("A1", "id"), text("B1", "importo"), '<c r="C1" t="s"><v>0</v></c>')
    + row(2, number("A2", "43952", style=1), number("B2", "1.5", style=2), number("C2", "-7e3"))
    + row(4, '<c r="A4" t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="s"><v>1</v></c>')
)


def _by_a_library() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for place in range(40):
            sheet.write_row(place, 0, [f"P{place}", place / 100, "però"])
    return buffer.getvalue()


BOOKS = (zipped(parts(CELLS, strings=STRINGS), method=0), _by_a_library())


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "flusso"


def reads_or_refuses(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        with open_sheet(path, header_of=lambda cells: sum(cell == "id" for cell in cells)) as sheet:
            assert any(sheet.header)
            before, found = 0, {}
            for cells in sheet.rows:
                assert isinstance(cells, list)
                for cell in cells:
                    assert isinstance(cell, str | int | float | CellError) or cell.year
                assert sheet.rows.line_num > before
                before = sheet.rows.line_num
                found[before] = cells
            wanted = list(found)[::2]
            with sheet.again() as row_at:
                # As text: a number that is none is equal to nothing.
                assert [str(row_at(line)) for line in wanted] == [str(found[n]) for n in wanted]
    except Refused as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017 – a refusal is no failure


@st.composite
def changed(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes of a good file, some of them replaced, taken out, put in, repeated or cut off."""
    found = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(found)))
        end = start + draw(st.integers(0, 12))
        found[start:end] = draw(
            st.binary(max_size=12)
            | st.sampled_from([b'"', b"\n", b"\r", b";", b"<", b">", b"</c>", b"0", b"-", b"\xff"])
            | st.just(bytes(found[end : end + 40]))
        )
    return bytes(found[: draw(st.integers(0, len(found)))] if draw(st.booleans()) else found)


bounded = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@bounded
@given(content=st.binary(max_size=400))
def test_any_bytes(path, content):
    reads_or_refuses(path, content)


@bounded
@given(content=st.text(alphabet='id;,"\n\r 1.à€', max_size=80))
def test_any_text_that_looks_like_csv(path, content):
    reads_or_refuses(path, content.encode())


@bounded
@given(content=changed(CSV))
def test_a_csv_with_changed_bytes(path, content):
    reads_or_refuses(path, content)


@bounded
@given(content=st.sampled_from(BOOKS).flatmap(changed))
def test_an_xlsx_with_changed_bytes(path, content):
    reads_or_refuses(path, content)


@bounded
@given(sheet=changed(parts(CELLS)[SHEET].encode()), styles=changed(STYLES.encode()))
def test_an_xlsx_whose_sheet_or_styles_have_changed_bytes(path, sheet, styles):
    reads_or_refuses(path, zipped(parts(CELLS, strings=STRINGS, **{SHEET: sheet}), method=0))
    changed_styles = parts(CELLS, strings=STRINGS, **{"xl/styles.xml": styles})
    reads_or_refuses(path, zipped(changed_styles, method=0))


@bounded
@given(
    value=st.text(alphabet="0123456789.-+eE_ ", max_size=12)
    | st.floats().map(repr)
    | st.integers().map(str),
    style=st.integers(0, 5),
    kind=st.sampled_from(["n", "s", "str", "b", "e", "d", "inlineStr", "x"]),
)
def test_any_value_of_any_kind(path, value, style, kind):
    cells = text("A1", "id"), f'<c r="B1" s="{style}" t="{kind}"><v>{value}</v></c>'
    data = row(1, *cells) + row(2, *(cell.replace('1"', '2"', 1) for cell in cells))
    reads_or_refuses(path, zipped(parts(data, strings=STRINGS), method=0))
