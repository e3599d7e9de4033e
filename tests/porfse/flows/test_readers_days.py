"""Which numbers of an XLSX file are days, and which days they are."""

from datetime import date

import pytest

from porfse.flows.xlsx_styles import DAY, TIME, kind_of
from tests.porfse.flows.books import number, workbook
from tests.porfse.flows.test_readers_xlsx import NOON, one_cell


@pytest.mark.parametrize(
    ("written", "style", "value"),
    [
        ("43952", 1, date(2020, 5, 1)),
        ("43952", 3, date(2020, 5, 1)),
        ("43952.5", 1, NOON),
        ("43951.999999999", 1, date(2020, 5, 1)),
        ("1", 1, date(1900, 1, 1)),
        ("59", 1, date(1900, 2, 28)),
        ("60", 1, 60),
        ("61", 1, date(1900, 3, 1)),
        ("0.5", 1, 0.5),
        ("-1", 1, -1),
        ("2958465", 1, date(9999, 12, 31)),
        ("2958465.9999999999", 1, 2958466),
        ("2958466", 1, 2958466),
        ("1e300", 1, 1e300),
        ("1.5", 2, "36:00:00"),
        ("-0.25", 2, "-6:00:00"),
        ("1e300", 2, 1e300),
    ],
)
def test_a_number_with_the_format_of_a_day_is_that_day_if_there_is_one(
    tmp_path, written, style, value
):
    assert one_cell(tmp_path, number("A2", written, style=style)) == (value, type(value))


def test_a_day_without_the_format_of_a_day_stays_a_number(tmp_path):
    assert one_cell(tmp_path, number("A2", "43952")) == (43952, int)


@pytest.mark.parametrize(
    ("written", "value"),
    [("42490", date(2020, 5, 1)), ("0", date(1904, 1, 1)), ("2957004", 2957004), ("-1", -1)],
)
def test_days_may_be_counted_from_1904(tmp_path, written, value):
    counted = {"xl/workbook.xml": workbook(properties='<workbookPr date1904="1"/>')}
    assert one_cell(tmp_path, number("A2", written, style=1), **counted) == (value, type(value))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", ""),
        ("0.00", ""),
        ("#,##0.00 [$€-410];[Red]-#,##0.00", ""),
        ('#,##0 "addetti"', ""),
        (r"0\d", ""),
        ("0.00E+00", ""),
        ("@", ""),
        ("dd/mm/yyyy", DAY),
        ("gg/mm/aaaa", DAY),
        ("mmm-yy", DAY),
        ("[$-410]d mmmm yyyy;@", DAY),
        ("yyyy-mm-dd hh:mm", DAY),
        ("h:mm AM/PM", TIME),
        ("[h]:mm:ss", TIME),
        ("[" * 1_000_000, ""),
    ],
)
def test_the_code_of_a_format_tells_days_from_numbers(code, kind):
    assert kind_of(code) == kind
