"""The zip of an XLSX file: cut off, lying about itself, or of something else."""

import struct

import pytest

from tests.porfse.flows.books import HEADER, SHEET, number, parts, relations, row, worksheet, zipped
from tests.porfse.flows.test_readers_hostile import DATA, OPEN, bomb, made, read, refusal


@pytest.mark.parametrize("kept", [4, 30, 0.2, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused(tmp_path, kept):
    content = zipped(parts(HEADER + "".join(row(n, number(f"A{n}", "1")) for n in range(2, 500))))
    end = kept if isinstance(kept, int) else int(len(content) * kept)
    assert "danneggiato" in refusal(made(tmp_path, content[:end]))


def edited(content: bytes, name: str, offset: int, form: str, value: int) -> bytes:
    """Change a field of a part in the index of a zip."""
    found = bytearray(content)
    place = 0
    while True:
        place = found.index(b"PK\x01\x02", place)
        length = struct.unpack_from("<H", found, place + 28)[0]
        if found[place + 46 : place + 46 + length] == name.encode():
            struct.pack_into(form, found, place + offset, value)
            return bytes(found)
        place += 4


@pytest.mark.parametrize("size", [0, 10, 1 << 31])
def test_sizes_that_lie_are_not_believed(tmp_path, size):
    content = edited(zipped(parts(DATA)), SHEET, 24, "<I", size)
    if size > len(worksheet(DATA)):  # more than there is: what there is is whole
        assert read(made(tmp_path, content)) == [["x", 1]]
    else:
        assert "danneggiato" in refusal(made(tmp_path, content))


@pytest.mark.parametrize(
    ("offset", "form", "value"),
    [(16, "<I", 7), (20, "<I", 20), (42, "<I", 1 << 30), (10, "<H", 14), (10, "<H", 99)],
    ids=["checksum", "size", "place", "lzma", "unknown method"],
)
def test_an_index_that_lies_is_refused(tmp_path, offset, form, value):
    content = edited(zipped(parts(DATA)), SHEET, offset, form, value)
    assert "danneggiato" in refusal(made(tmp_path, content))


def test_a_part_that_says_it_was_large_before_may_not_grow_more_for_that(tmp_path):
    path = bomb(tmp_path, SHEET, OPEN.encode(), b" ")
    path.write_bytes(edited(path.read_bytes(), SHEET, 20, "<I", 1 << 30))
    assert "smisurato" in refusal(path)


def test_an_encrypted_part_is_refused_for_its_password(tmp_path):
    content = edited(zipped(parts(DATA)), SHEET, 8, "<H", 1)
    assert "protetto da password" in refusal(made(tmp_path, content))


def test_an_index_of_a_million_parts_is_not_read(tmp_path):
    content = zipped({**parts(DATA), **{f"p/{'x' * 60}{n}": "" for n in range(12_000)}})
    assert "danneggiato" in refusal(made(tmp_path, content))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    for content in (
        {"dati.csv": "id;importo\n1;2\n"},
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"},
        {
            "_rels/.rels": relations(("officeDocument", "word/document.xml")),
            "word/document.xml": "<w/>",
        },
        {"_rels/.rels": relations(("officeDocument", "xl/workbook.bin")), "xl/workbook.bin": "x"},
        {"_rels/.rels": relations(("officeDocument", "xl/workbook.xml"))},
    ):
        assert "non una cartella di lavoro XLSX" in refusal(made(tmp_path, zipped(content)))


@pytest.mark.parametrize("name", [SHEET, "xl/styles.xml", "xl/sharedStrings.xml"])
def test_a_missing_part_is_refused(tmp_path, name):
    content = parts(DATA)
    del content[name]
    assert "danneggiato" in refusal(made(tmp_path, zipped(content)))
