"""Dates and accounting years: two spellings, two bounds, refusals in words."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from hypothesis import example, given, settings
from hypothesis import strategies as st

from porfse.errors import BadInput
from porfse.periods import AnnoContabile, PeriodError, Periodo, italian, moment, month, parse_date

FIRST = date(2014, 1, 1)
LAST = date(2021, 12, 31)


def read(text: str) -> date:
    return parse_date(text, earliest=FIRST, latest=LAST)


@pytest.mark.parametrize(
    "text", ["2021-09-05", "05.09.2021", "5.9.2021", "05/09/2021", "2021-9-5", "5/9/2021"]
)
def test_spellings(text):
    assert read(text) == date(2021, 9, 5)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 21, 23, 13, tzinfo=UTC), "22.11.2026 00:13"),
        (datetime(2026, 7, 21, 22, 59, tzinfo=UTC), "22.07.2026 00:59"),
    ],
)
def test_a_moment_is_shown_as_clocks_in_italy_show_it(at, words):
    assert moment(at) == words


def test_a_month_is_named():
    found = [month(date(2020, number, 1)) for number in (1, 8, 12)]
    assert found == ["gennaio 2020", "agosto 2020", "dicembre 2020"]


@given(st.dates(FIRST, LAST))
def test_what_is_written_is_read_back(day):
    assert read(italian(day)) == read(day.isoformat()) == day


def test_the_bounds_belong_to_the_period():
    assert (read("2014-01-01"), read("31.12.2021")) == (FIRST, LAST)


@pytest.mark.parametrize(
    "text",
    [
        *("", "abc", "2021", "2021-09", "30.02.2021", "2021-13-01", "00.01.2021", "2021-00-01"),
        *("2021-09-30T10:00", "30 . 09 . 2021", "30,09,2021", "1.2021-3-4", "+1.9.2021"),
        *("٣٠.٠٩.٢٠٢١", "²0.09.2021", "2021-09-30\x00", "30.09.10000", "0.0.0", "-"),
    ],
)
def test_what_is_not_a_date_is_refused_with_an_example(text):
    with pytest.raises(PeriodError) as refusal:
        read(text)
    assert str(refusal.value) == (
        f"Data non valida: «{text}». Scriverla come 31.12.2021 oppure 2021-12-31."
    )


@pytest.mark.parametrize("character", ["x", "9"])
def test_a_long_text_is_cut_in_the_message(character):
    with pytest.raises(PeriodError) as refusal:
        read(character * 5000)
    assert f"«{character * 40}»" in str(refusal.value)


@pytest.mark.parametrize("text", ["30.09.2021.x", "x.30.09.2021", "2021--09-30", "2021-09-30-"])
def test_nothing_is_dropped_from_a_date(text):
    with pytest.raises(PeriodError):
        read(text)


@pytest.mark.parametrize("text", ["30.09.99999999999999999999", "9999999999-01-01"])
def test_a_huge_number_is_refused_in_words(text):
    with pytest.raises(PeriodError):
        read(text)


def test_the_example_of_a_refusal_may_be_another_day_than_the_last():
    with pytest.raises(PeriodError, match=r"Scriverla come 30\.09\.2021 oppure 2021-09-30\."):
        parse_date("ieri", earliest=FIRST, latest=LAST, example=date(2021, 9, 30))


def test_before_and_after_the_period():
    with pytest.raises(PeriodError) as early:
        read("31.12.2013")
    with pytest.raises(PeriodError) as late:
        read("2022-01-01")
    assert str(early.value) == (
        "La data 31.12.2013 precede l'inizio del periodo: la prima è 01.01.2014."
    )
    assert str(late.value) == (
        "La data 01.01.2022 è troppo avanti: scegliere al più tardi 31.12.2021."
    )


def test_the_last_day_is_today_in_rome():
    # Half past midnight in Rome, still the day before in UTC.
    with time_machine.travel("2021-09-29T22:30:00Z", tick=False):
        assert parse_date("30.09.2021", earliest=FIRST) == date(2021, 9, 30)
        with pytest.raises(PeriodError, match=r"al più tardi 30\.09\.2021"):
            parse_date("01.10.2021", earliest=FIRST)


def test_a_refusal_is_a_bad_input():
    assert issubclass(PeriodError, BadInput)


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="0123456789.-/", max_size=30)))
@example("9" * 30 + ".1.2020")
def test_no_text_breaks_the_reader(text):
    try:
        day = read(text)
    except PeriodError:
        return
    assert FIRST <= day <= LAST


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2020, 7, 1), "2020/2021"),
        (date(2021, 6, 30), "2020/2021"),
        (date(2021, 7, 1), "2021/2022"),
        (date(2020, 12, 31), "2020/2021"),
        (date(2014, 1, 1), "2014/2015"),  # the first lasts eighteen months
        (date(2015, 6, 30), "2014/2015"),
    ],
)
def test_accounting_years_run_from_july_to_june(day, expected):
    assert str(AnnoContabile.of(day)) == expected


def test_accounting_years_are_ordered():
    assert AnnoContabile(2019) < AnnoContabile(2020)


@pytest.mark.parametrize(
    ("text", "first", "last", "name"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31), "anno 2025"),
        ("2025-T1", date(2025, 1, 1), date(2025, 3, 31), "1° trimestre 2025"),
        ("2025-T4", date(2025, 10, 1), date(2025, 12, 31), "4° trimestre 2025"),
        ("2024-B1", date(2024, 1, 1), date(2024, 2, 29), "gennaio-febbraio 2024"),
        ("2025-B5", date(2025, 9, 1), date(2025, 10, 31), "settembre-ottobre 2025"),
        ("2025-B6", date(2025, 11, 1), date(2025, 12, 31), "novembre-dicembre 2025"),
    ],
)
def test_periods_have_a_code_a_name_and_two_days(text, first, last, name):
    period = Periodo.parse(text)
    assert (period.inizio, period.fine, period.nome, str(period)) == (first, last, name, text)
    assert Periodo.of(first, period.mesi) == Periodo.of(last, period.mesi) == period
    assert period.successivo.precedente == period


@pytest.mark.parametrize("months", [12, 3, 2])
@given(year=st.integers(2000, 2099), day=st.dates(FIRST, LAST))
def test_a_period_is_read_by_its_name_and_by_its_code(months, year, day):
    period = Periodo.of(day.replace(year=year, day=1), months)
    for text in (period.nome, str(period)):
        assert Periodo.read(text) == Periodo.read(f" {text.title()}  ") == period


@pytest.mark.parametrize(
    "text",
    [
        *("", "2025-B7", "settembre 2025", "settembre-novembre 2025", "ottobre-novembre 2025"),
        *("5° trimestre 2025", "0° trimestre 2025", "anno", "anno 1999", "anno 20255", "anno ٢٠٢٥"),
    ],
)
def test_what_names_no_period_is_refused(text):
    with pytest.raises(PeriodError):
        Periodo.read(text)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("2025", "2024", "2026"),
        ("2025-T1", "2024-T4", "2025-T2"),
        ("2025-B6", "2025-B5", "2026-B1"),
    ],
)
def test_periods_follow_each_other_across_years(text, before, after):
    period = Periodo.parse(text)
    assert (str(period.precedente), str(period.successivo)) == (before, after)


@pytest.mark.parametrize(
    "text",
    ["", "25", "2025-T0", "2025-T5", "2025-B7", "2025-B", "2025-Q1", "2025-T1 ", "1999", "٢٠٢٥"],
)
def test_what_is_no_period_is_refused_with_the_forms_allowed(text):
    with pytest.raises(PeriodError, match="2025-T3 \\(terzo trimestre\\)"):
        Periodo.parse(text)
