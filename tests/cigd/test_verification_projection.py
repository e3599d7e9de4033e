"""What the errors of a sample say of its population, by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from cigd.projection import MUS, SEMPLICE, STRATIFICATO, Found, projected, terms, verdict


def part(value, elements, checked, wrong, taints=Fraction(0), *, certain=False):
    """A part of a sample; `elements` is how many were drawn and how many are concluded."""
    amounts = (Decimal(checked), Decimal(wrong), Fraction(taints))
    return Found("parte", Decimal(value), *elements, *amounts, certain)


def errors(method, *parts, interval=None):
    return [term.errore for term in terms(method, parts, interval)]


def test_a_simple_sample_by_ratio():
    # 30.00 irregular of 1,500.00 checked is 2 %; of 100,000.00 it is 2,000.00.
    assert errors(SEMPLICE, part("100000.00", (5, 5), "1500.00", "30.00")) == [Decimal("2000.00")]


def test_a_term_is_rounded_half_up_to_the_cent():
    # 1 of 3 of 100.00 is 33.333…; 1 of 8 of 0.04 is 0.005.
    assert errors(SEMPLICE, part("100.00", (1, 1), "3.00", "1.00")) == [Decimal("33.33")]
    assert errors(SEMPLICE, part("0.04", (1, 1), "8.00", "1.00")) == [Decimal("0.01")]


def test_strata_are_projected_each_by_itself():
    found = terms(
        STRATIFICATO,
        [
            part("60000.00", (3, 3), "900.00", "9.00"),  # 1 %: 600.00
            part("40000.00", (2, 2), "500.00", "25.00"),  # 5 %: 2,000.00
            part("10.00", (1, 1), "5.00", "0.00"),
        ],
    )
    assert [term.errore for term in found] == [Decimal("600.00"), Decimal("2000.00"), Decimal(0)]
    assert projected(found) == Decimal("2600.00")


def test_monetary_units_add_certain_errors_and_taints_by_the_interval():
    # Certain: 80.00 of 500.00. Others: taints 10/40 + 30/60 = 0.75, by an interval of 150.00.
    found = terms(
        MUS,
        [
            part("500.00", (2, 2), "500.00", "80.00", certain=True),
            part("300.00", (2, 2), "100.00", "40.00", Fraction(10, 40) + Fraction(30, 60)),
        ],
        Decimal("150.00"),
    )
    assert [term.errore for term in found] == [Decimal("80.00"), Decimal("112.50")]
    assert projected(found) == Decimal("192.50")


def test_what_is_concluded_speaks_for_what_is_not():
    # Two of four done, their taints 0.5 together: the four are taken to have 1.0.
    assert errors(
        MUS, part("600.00", (4, 2), "100.00", "50.00", Fraction(1, 2)), interval=Decimal("150.00")
    ) == [Decimal("150.00")]
    # 10 % of the certain ones that are done, of all that are certain.
    assert errors(
        MUS, part("900.00", (3, 1), "300.00", "30.00", certain=True), interval=Decimal("150.00")
    ) == [Decimal("90.00")]


def test_while_a_part_has_nothing_concluded_the_whole_is_not_known():
    found = terms(
        STRATIFICATO,
        [part("60.00", (3, 3), "9.00", "1.00"), part("40.00", (2, 0), "0.00", "0.00")],
    )
    assert [term.errore is None for term in found] == [False, True]
    assert projected(found) is None
    assert projected([]) is None


def test_a_part_without_elements_stands_for_nothing():
    assert errors(MUS, part("10.00", (0, 0), "0.00", "0.00"), interval=Decimal(1)) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("20.00", "non supera la soglia"),
        ("20.01", "supera la soglia"),
    ],
)
def test_the_threshold_is_two_per_cent_to_the_cent(error, words):
    assert verdict(Decimal(error), Decimal("1000.00"), provisional=False) == words
    said = verdict(Decimal(error), Decimal("1000.00"), provisional=True)
    assert said == f"{words} (provvisorio)"


def test_nothing_is_said_of_an_unknown_error():
    assert verdict(None, Decimal("1000.00"), provisional=True) == ""


def test_amounts_beyond_a_decimals_digits_stay_exact():
    # 1,234,567,890,123.45 by 987,654,321,098.76 over itself.
    large = "987654321098.76"
    assert errors(SEMPLICE, part("1234567890123.45", (1, 1), large, large)) == [
        Decimal("1234567890123.45")
    ]
