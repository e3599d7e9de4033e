from datetime import date, datetime

import pytest
import time_machine

from porfse.flows import columns as c

MONTHS = {"first": date(2020, 2, 1), "last": date(2021, 12, 1), "outside": "E008"}


def result(column: c.Column, cell: c.Cell) -> str:
    """What COPY gets, or the code of the fault."""
    try:
        return column.fresh().parse(cell)
    except c.Fault as fault:
        return fault.code


def results(column: c.Column, *cells: c.Cell) -> list[str]:
    """The same for cells of one file, in order."""
    fresh, found = column.fresh(), []
    for cell in cells:
        try:
            found.append(fresh.parse(cell))
        except c.Fault as fault:
            found.append(fault.code)
    return found


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (("1.234,56", "1234,56", "12"), ["1234.56", "1234.56", "12"]),
        (("1234.56", "12.5", "1234,56"), ["1234.56", "12.5", "E003"]),
        (("12,5", "1234.56"), ["12.5", "E003"]),
        # Until another value has told the style, this may be a thousand or one and a fraction.
        (("1.234", "5,00", "1.234"), ["E003", "5.00", "1234"]),
        (("1.234", "5.00", "1.234"), ["E003", "5.00", "E003"]),
        (("1.234.567", "1.234"), ["1234567", "1234"]),
        (("-3,00", "+3,00", " 3,00 "), ["-3.00", "+3.00", "3.00"]),
        (("0", "0,00", "-0,00", "0.00"), ["E003"] * 4),
        (("1,234", "1,2,3", "1.23,45", ",5", "5,", "1e3"), ["E003"] * 6),
        (("1 234,56", "€ 5", "cinque", "٣,٠٠", "--5", "NaN", "inf"), ["E003"] * 7),
        (("99999999999",), ["E003"]),  # eleven digits are a mistake
        (("1,234.56", "5.00"), ["E003", "5.00"]),  # not a form of ours: it sets no style
    ],
)
def test_amounts_of_a_file_share_one_style(cells, found):
    assert results(c.Importo("importo"), *cells) == found


def test_the_hot_loop_reads_amounts_as_the_column_does():
    cells = ["5", "12,50", "1.234,56", "0,00", "0,50", "1234.5", "-7,00", 12.5, 3, "x"]
    column = c.Importo("importo")
    parse = column.fresh().parser()
    slow = [None if text == "E003" else text for text in results(column, *cells)]
    assert [parse(cell) for cell in cells] == slow
    assert slow == ["5", "12.50", "1234.56", None, "0.50", None, "-7.00", "12.5", "3", None]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (1234.56, "1234.56"),
        (1234, "1234"),
        (0.1 + 0.2, "E003"),  # prints as 0.30000000000000004
        (1e-7, "E003"),
        (1e15, "E003"),
        (1e300, "E003"),
        (float("nan"), "E003"),
        (float("inf"), "E003"),
        (0, "E003"),
        (date(2020, 1, 1), "E003"),
    ],
)
def test_numbers_of_a_spreadsheet_are_taken_as_they_print(cell, found):
    assert result(c.Importo("importo"), cell) == found


def test_hours_may_be_none_but_not_negative():
    hours = c.Quantita("ore")
    assert results(hours, "0", "7,5", "-1", "1000000", "x") == ["0", "7.5", "E003", "E003", "E003"]
    assert results(hours, 7.5, -1) == ["7.5", "E003"]


@time_machine.travel("2021-06-15T22:30:00+00:00")  # already the 16th in Rome
def test_days_up_to_today_in_rome():
    day = c.Giorno("data")
    assert result(day, "16/06/2021") == "2021-06-16"
    assert result(day, "2021-06-16") == "2021-06-16"
    assert result(day, "17/06/2021") == "E004"
    assert result(day, "31/02/2021") == "E004"
    assert result(day, "1/2/2021") == "E004"
    assert result(day, "06/16/2021") == "E004"
    assert result(day, "01/02/21") == "E004"
    assert result(day, date(2021, 6, 1)) == "2021-06-01"
    assert result(day, datetime(2021, 6, 1, 10, 0)) == "E004"  # noqa: DTZ001
    assert result(day, 44348) == "E004"  # a serial number without the format of a date
    assert result(day, "") == "E001"


@time_machine.travel("2021-06-15")
def test_months_between_the_bounds():
    month = c.Mese("mese", **MONTHS)
    assert result(month, "02/2020") == "2020-02-01"
    assert result(month, "2021-06") == "2021-06-01"
    assert result(month, "01/2020") == "E008"
    assert result(month, "07/2021") == "E004"  # in the future, though within the bounds
    assert result(month, "13/2020") == "E004"
    assert result(month, "00/2020") == "E004"
    assert result(month, "2/2020") == "E004"
    assert result(month, "0000-05") == "E004"
    assert result(month, date(2020, 3, 1)) == "2020-03-01"
    assert result(month, date(2020, 3, 2)) == "E004"
    assert result(month, 202003) == "E004"


def test_whole_numbers_keep_a_blank_apart_from_zero():
    workers = c.Intero("lavoratori", required=False)
    assert result(workers, "") == c.NULL
    assert result(workers, "0") == "0"
    assert result(workers, 12.0) == "12"
    for wrong in ("-1", "1,5", "dieci", "٣", 1.5, -1, "1234567890"):
        assert result(workers, wrong) == "E021"
    assert result(c.Intero("dipendenti", least=1), "0") == "E021"


def test_codes_are_text_and_never_numbers():
    comune = c.Noto("comune", lambda: {"015146"}, code="E005")
    assert result(comune, " 015146 ") == "015146"
    assert result(comune, "15146") == "E005"
    assert result(comune, 15146) == "E005"
    matricola = c.Schema("matricola", r"\d{10}", code="E009")
    assert result(matricola, "0123456789") == "0123456789"
    assert result(matricola, "٠١٢٣٤٥٦٧٨٩") == "E009"
    assert result(matricola, 1234567890) == "E009"
    assert result(c.Testo("id", longest=3), "abcd") == "E001"
    assert result(c.Testo("id"), 5) == "E001"
    assert result(c.Scelta("tipo", ("P", "R")), "p") == "E001"
    assert result(c.CodiceFiscale("cf"), "rssmra85t10a562s") == "RSSMRA85T10A562S"
    assert result(c.CodiceFiscale("cf"), "RSSMRA85T10A562T") == "E002"


def test_text_cannot_leave_its_column():
    assert result(c.Testo("nome"), "a\tb\nc\\.d\re") == "a\\tb\\nc\\\\.d\\re"
    assert result(c.Testo("nome"), "a\0b") == "E001"
    parse = c.Testo("id", distinct=True).parser()
    assert [parse("a\tb"), parse("ok1"), parse(" ok "), parse(""), parse(3)] == [
        "a\\tb",
        "ok1",
        "ok",
        None,
        None,
    ]


def test_what_a_column_remembers_is_bounded():
    column = c.Testo("nome")
    parse = column.parser()
    memo = parse.__self__
    for number in range(40_000):
        assert parse(f"n{number}") == f"n{number}"
    assert len(memo) <= 16_384
