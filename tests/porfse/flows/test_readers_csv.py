"""What comes out of CSV files, and which of them are refused."""

import csv
import tracemalloc
from pathlib import Path

import pytest

from porfse.flows.errors import Refused
from porfse.flows.readers import open_sheet

HEADER = b"id;importo;nota\n"


def known(cells: list[str]) -> int:
    return len({"id", "importo", "nota"}.intersection(cell.lower() for cell in cells))


@pytest.fixture
def written(tmp_path):
    def write(content: bytes, name: str = "flusso.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    with open_sheet(path, header_of=known) as sheet:
        return sheet.header, [(sheet.rows.line_num, row) for row in sheet.rows]


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        read(path)
    return str(caught.value)


def test_rows_are_found_again_by_their_lines(written):
    path = written(
        b'\xef\xbb\xbfid;importo;nota\r\n1;2;a\r\n2;2;"due\nrighe"\r\n\r\n'
        + '3;2;"una; ""x"""\n4;2;b\r5;2;è'.encode()
    )
    _, rows = read(path)
    assert [line for line, _ in rows] == [2, 4, 5, 6, 7, 8]
    for wanted in (rows, rows[1::2], rows[-1:], rows[1:2]):
        with open_sheet(path, header_of=known) as sheet:
            pass
        with sheet.again() as row_at:
            assert [(line, row_at(line)) for line, _ in wanted] == wanted
    with sheet.again() as row_at, pytest.raises(LookupError):
        row_at(3)  # within the record that ends at line 4


@pytest.mark.parametrize("mark", [";", ","])
def test_the_delimiter_is_the_one_that_finds_known_columns(written, mark):
    line = mark.encode()
    path = written(line.join([b"id", b"importo", b"nota"]) + b"\n" + line.join([b"1", b"2", b"3"]))
    assert read(path) == (["id", "importo", "nota"], [(2, ["1", "2", "3"])])


def test_the_delimiter_of_the_header_holds_where_the_other_stands_in_a_name(written):
    path = written(b'id;importo;"nota, altro, ancora"\n1;2,5;x\n')
    assert read(path) == (["id", "importo", "nota, altro, ancora"], [(2, ["1", "2,5", "x"])])


def test_a_file_of_unknown_columns_is_read_with_semicolons(written):
    assert read(written(b"a;b,c\n1;2,3\n")) == (["a", "b,c"], [(2, ["1", "2,3"])])


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("id;importo;nota\n1;2;È così – 5 €\n".encode(), "È così – 5 €"),
        (b"\xef\xbb\xbf" + "id;importo;nota\n1;2;È così\n".encode(), "È così"),
        ("id;importo;nota\n1;2;È così – 5 €\n".encode("cp1252"), "È così – 5 €"),
        ("id;importo;nota\n1;2;«CAFFÈ» perché\n".encode("cp1252"), "«CAFFÈ» perché"),
    ],
    ids=["utf-8", "utf-8 with mark", "windows-1252", "windows-1252 with a pair like utf-8"],
)
def test_the_encoding_is_found(written, content, note):
    assert read(written(content)) == (["id", "importo", "nota"], [(2, ["1", "2", note])])


def test_a_letter_that_stands_across_two_blocks_is_one_letter(written):
    start = HEADER + b"1;2;"
    filler = b"x\n1;2;" * 43_690
    content = start + filler[: (1 << 18) - len(start) - 1] + "è\n".encode()
    assert content[: 1 << 18].endswith(b"\xc3")
    assert content[1 << 18 :] == b"\xa8\n"
    assert read(written(content))[1][-1][1][-1].endswith("è")


def test_utf_8_with_a_broken_letter_is_refused_rather_than_stored_with_wrong_names(written):
    content = HEADER + "1;2;Società\n2;2;Città\n".encode() + b"3;2;Citt\xc3\n"
    assert "riga 4" in refusal(written(content))


def test_a_file_that_says_it_is_utf_8_and_is_not_is_refused(written):
    assert "riga 2" in refusal(written(b"\xef\xbb\xbf" + HEADER + b"1;2;Citt\xe0\n"))


def test_bytes_of_no_encoding_are_refused(written):
    assert "riga 3" in refusal(written(HEADER + b"1;2;x\n2;3;\x81\xff\n"))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_ends_a_line(written, end):
    path = written(end.join([b"id;importo;nota", b"1;2;x", b"3;4;y", b""]))
    assert read(path)[1] == [(2, ["1", "2", "x"]), (3, ["3", "4", "y"])]


def test_mixed_line_ends_are_read(written):
    path = written(b"id;importo;nota\r\n1;2;x\n3;4;y\r5;6;z")
    assert [row for _, row in read(path)[1]] == [["1", "2", "x"], ["3", "4", "y"], ["5", "6", "z"]]


def test_a_blank_line_is_an_empty_row_and_counts_as_a_line(written):
    path = written(b"\n\nid;importo;nota\n\n1;2;x\n")
    assert read(path) == (["id", "importo", "nota"], [(4, []), (5, ["1", "2", "x"])])


def test_a_quoted_field_keeps_delimiter_quotes_and_line_end(written):
    path = written(HEADER + b'1;2;"ACME; ""Nord""\nsede"\n2;3;y\n')
    assert read(path)[1] == [(3, ["1", "2", 'ACME; "Nord"\nsede']), (4, ["2", "3", "y"])]


def test_quotes_in_the_middle_of_a_plain_field_are_a_character(written):
    assert read(written(HEADER + b'1;2;tubo 5" zincato\n'))[1] == [
        (2, ["1", "2", 'tubo 5" zincato'])
    ]


def test_names_lose_the_spaces_around_them_and_values_do_not(written):
    assert read(written(b" ID ;Importo\t;nota\n 1 ; 2;3\n")) == (
        ["ID", "Importo", "nota"],
        [(2, [" 1 ", " 2", "3"])],
    )


def test_a_file_with_a_header_alone_has_no_rows(written):
    with open_sheet(written(HEADER), header_of=known) as sheet:
        assert (sheet.kind, sheet.header, sheet.expected) == ("csv", ["id", "importo", "nota"], 0)
        assert list(sheet.rows) == []


def test_the_rows_are_counted_before_they_are_read(written):
    with open_sheet(written(HEADER + b"1;2;x\r\n" * 70_000 + b"9;9;9"), header_of=known) as sheet:
        assert sheet.expected == 70_001


def test_the_rows_are_the_standard_reader_itself(written):
    with open_sheet(written(HEADER + b"1;2;x\n"), header_of=known) as sheet:
        assert type(sheet.rows) is type(csv.reader([]))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n \t\n", b"\xef\xbb\xbf\n\n"])
def test_an_empty_file_is_refused(written, content):
    assert refusal(written(content)).startswith("Il file è vuoto")


def test_a_header_below_a_hundred_blank_lines_is_refused(written):
    assert "prime 100 righe" in refusal(written(b"\n" * 100 + HEADER))


@pytest.mark.parametrize(("mark", "name"), [(b"\t", "dalla tabulazione"), (b"|", "da «|»")])
def test_another_delimiter_is_refused_by_its_name(written, mark, name):
    content = (HEADER + b"1;2;x\n").replace(b";", mark)
    assert refusal(written(content)) == (
        f"I campi sono separati {name}: usare «;» o «,» come separatore e ricaricare."
    )


def test_a_record_of_a_few_lines_may_stand_anywhere_in_a_long_file(written):
    content = HEADER + b"1;2;x\n" * 30_000 + b'1;2;"' + b"riga\n" * 20_000 + b'"\n' + b"3;4;z\n"
    rows = read(written(content))[1]
    assert rows[-2:] == [(50_002, ["1", "2", "riga\n" * 20_000]), (50_003, ["3", "4", "z"])]


@pytest.mark.parametrize("rest", [b'1;2;"x\n', b'1;2;"' + b"x" * 200_000 + b'"\n', b'1;2;"x"y\n'])
def test_quotes_that_do_not_close_where_they_must_are_refused_with_their_line(written, rest):
    message = refusal(written(HEADER + b'1;2;"a\nb"\n' + rest + b"3;4;z\n" * 10))
    assert message.startswith("La riga 4 non si può leggere")


def test_quotes_never_closed_in_the_header_are_refused(written):
    assert refusal(written(b'"id;importo;nota\n1;2;3\n')).startswith("La riga 1 non si può")


def test_a_field_longer_than_the_limit_is_refused_with_its_line(written):
    message = refusal(written(HEADER + b"1;2;" + b"x" * 131_073 + b"\n"))
    assert message.startswith("La riga 2 non si può leggere")


def test_a_field_as_long_as_the_limit_is_read(written):
    assert read(written(HEADER + b"1;2;" + b"x" * 131_072))[1][0][1][2] == "x" * 131_072


@pytest.mark.parametrize("place", [20, 300_000])
def test_nul_bytes_are_refused_wherever_they_stand(written, place):
    content = bytearray(HEADER + b"1;2;x\n" * 60_000)
    content[place] = 0
    assert "byte nulli" in refusal(written(bytes(content)))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
def test_utf_16_and_utf_32_are_refused(written, encoding):
    message = refusal(written("id;importo;nota\n1;2;x\n".encode(encoding)))
    assert "UTF-16" in message
    assert "CSV UTF-8" in message


@pytest.mark.parametrize(
    ("start", "word"),
    [
        (b"%PDF-1.7\n", "un PDF"),
        (b"\xef\xbb\xbf\n%PDF-1.7\n", "un PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\x89PNG\r\n", "immagine"),
        (b"\xff\xd8\xff\xe0", "immagine"),
        (b"{\\rtf1", "RTF"),
        (b"<!DOCTYPE html><table>", "HTML"),
        (b'<?xml version="1.0"?>', "XML"),
    ],
)
def test_other_kinds_of_files_are_refused_by_their_name_whatever_they_are_called(
    written, start, word
):
    assert word in refusal(written(start + b"\n1;2;3\n", "flusso.csv"))


def test_a_million_columns_are_refused(written):
    with_mark = b";".join(b"%d" % number for number in range(150_000))
    assert "più di 500 colonne" in refusal(written(with_mark + b"\n"))


def test_five_hundred_columns_are_read(written):
    assert len(read(written(b";".join([b"id"] * 500) + b"\n"))[0]) == 500


@pytest.mark.parametrize("before", [b"", HEADER, HEADER + b"1;2;x\n" * 50_000])
def test_a_line_above_the_limit_is_refused_and_one_at_the_limit_is_not(written, before):
    assert "più di 1 MiB" in refusal(written(before + b";" * ((1 << 20) + 1)))
    fields = read(written((before or HEADER) + b";" * (1 << 20)))[1][-1][1]
    assert len(fields) == (1 << 20) + 1


@pytest.mark.parametrize("mark", [b",", b";"])
@pytest.mark.parametrize("inside", [b"", b"ab", b"x" * 60_000])
def test_a_record_that_quotes_carry_on_without_end_is_refused(written, mark, inside):
    line = inside + b'"' + mark + b'"\n'
    content = HEADER.replace(b";", mark) + b'"\n' + line * (20_000_000 // len(line) // 10 + 20)
    assert "si aprono virgolette che proseguono" in refusal(written(content))


def refused_in_little_memory(path: Path) -> str:
    tracemalloc.start()
    try:
        message = refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
    return message


def test_a_line_of_two_gib_is_refused_in_little_memory(tmp_path):
    path = tmp_path / "riga.csv"
    with path.open("wb") as file:
        file.write(HEADER + b"x" * (3 << 20))
        file.truncate(2 << 30)
    assert "più di 1 MiB" in refused_in_little_memory(path)


def test_two_gib_of_nothing_are_refused_in_little_memory(tmp_path):
    path = tmp_path / "nulla.csv"
    with path.open("wb") as file:
        file.write(HEADER)
        file.truncate(2 << 30)
    assert "byte nulli" in refused_in_little_memory(path)


def test_an_open_record_of_many_lines_is_refused_in_little_memory(tmp_path):
    path = tmp_path / "virgolette.csv"
    path.write_bytes(HEADER + b'"\n' + b'ab";"\n' * 2_000_000)
    assert "si aprono virgolette" in refused_in_little_memory(path)
