"""Amounts: rounded half-up when shown, read as Italians write them, never through float."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from porfse import money
from porfse.errors import BadInput

UNREADABLE = "Importo non leggibile: scrivere ad esempio 1.234.567,89."
TOO_LARGE = "Importo troppo grande: al massimo 13 cifre prima della virgola."

cents = st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1).map(
    lambda number: Decimal(number).scaleb(-2)
)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("0.125", 2, "0.13"),
        ("-0.125", 2, "-0.13"),
        ("0.1249999", 2, "0.12"),
        ("1234567.5", -3, "1.235E+6"),
    ],
)
def test_rounding_is_half_away_from_zero(value, places, expected):
    assert money.half_up(Decimal(value), places) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (Decimal("1234567.885"), 2, "1.234.567,89"),
        (Decimal("-1234.5"), 2, "−1.234,50"),
        (Decimal("-0.004"), 2, "0,00"),
        (Decimal(0), 2, "0,00"),
        (397748, 0, "397.748"),
        (999, 0, "999"),
        (Decimal("0.0005"), 3, "0,001"),
    ],
)
def test_numbers_are_italian(value, places, expected):
    assert money.number(value, places) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.5", "+1,5"), ("-1.5", "−1,5"), ("0", "0,0"), ("0.04", "0,0"), ("-0.04", "0,0")],
)
def test_a_sign_is_shown_only_where_there_is_one_after_rounding(value, expected):
    assert money.number(Decimal(value), 1, signed=True) == expected


def test_units():
    assert money.euro(Decimal("184312574.33")) == "184.312.574,33\u00a0€"
    assert money.euro(Decimal("0.005"), signed=True) == "+0,01\u00a0€"
    assert money.mln(Decimal(236_700_000)) == "236,70\u00a0Mln€"
    assert money.mln(Decimal(-5_000), signed=True) == "−0,01\u00a0Mln€"
    assert money.percento(Decimal("12.45")) == "12,5%"
    assert money.percento(Decimal("0.05"), signed=True) == "+0,1%"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.234.567,89", "1234567.89"),
        ("1234567,89", "1234567.89"),
        ("1234567.89", "1234567.89"),
        ("1.234", "1234.00"),
        ("1.23", "1.23"),
        ("0,5", "0.50"),
        (" 1.234,56 € ", "1234.56"),
        ("1.234,56\u00a0€", "1234.56"),
        ("+3", "3.00"),
        ("-1.000,00", "-1000.00"),
        ("−1.000,00", "-1000.00"),
        ("9.999.999.999.999,99", "9999999999999.99"),
    ],
)
def test_reading(text, expected):
    amount = money.parse_amount(text)
    assert str(amount) == expected  # the cents too: Decimal("1") would be equal


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "€", "abc", "1,234", "1.234,567", "1.23.456", "1,2,3", "12.34,5", "1.2345"),
        *("1 000", "1_000", "1e3", "NaN", "Infinity", "0x10", "--1", "- 1", "1-", "€ 5", "1;2"),
        *("1.234.", ".5", ",5", "5,", "1'000", "=1+1", "\x00", "1\n2", "½", "²"),
    ],
)
def test_what_is_not_an_amount_is_refused(text):
    with pytest.raises(money.AmountError) as refusal:
        money.parse_amount(text)
    assert str(refusal.value) == UNREADABLE


@pytest.mark.parametrize("text", ["10000000000000", "-10.000.000.000.000,00", "9" * 14 + ",99"])
def test_more_than_13_digits_are_refused(text):
    with pytest.raises(money.AmountError) as refusal:
        money.parse_amount(text)
    assert str(refusal.value) == TOO_LARGE


@pytest.mark.parametrize("text", ["1" * 21, "1" * 5000, "1.111.111.111.111.111.111.111,00"])
def test_however_long_a_number_is_it_is_refused_in_words(text):
    with pytest.raises(money.AmountError) as refusal:
        money.parse_amount(text)
    assert str(refusal.value) == TOO_LARGE


@pytest.mark.parametrize("text", ["0.001", "0.100", "00.001", "-0.500,00"])
def test_thousands_never_begin_with_zero(text):
    with pytest.raises(money.AmountError):
        money.parse_amount(text)


def test_a_refusal_is_a_bad_input():
    assert issubclass(money.AmountError, BadInput)


@given(cents)
def test_what_is_written_is_read_back(amount):
    assert money.parse_amount(money.number(amount, 2)) == amount
    assert money.parse_amount(money.euro(amount)) == amount
    assert money.parse_amount(f"{amount:.2f}") == amount


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="0123456789.,-+€ ", max_size=40)))
@example("0" * 25)
def test_no_text_breaks_the_reader(text):
    try:
        amount = money.parse_amount(text)
    except money.AmountError:
        return
    assert amount == amount.quantize(money.CENT)
    assert abs(amount) < 10**13
