"""How samples are drawn, without a database: whatever the payments are."""

from decimal import Decimal
from fractions import Fraction
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cigd.drawing import (
    Item,
    Size,
    allocate,
    cents,
    interval_of,
    monetary,
    number_of,
    simple,
    start_of,
    stratified,
)

STRATA = [("8.6.1", "MI"), ("8.6.1", "BG"), ("9.8.1", "LO"), ("9.8.1", "SO")]


def payments(amounts):
    """One item for each amount in cents, over the strata in turn."""
    return [
        Item(1, line, f"P{line}", Decimal(amount).scaleb(-2), STRATA[line % 4])
        for line, amount in enumerate(amounts, start=1)
    ]


amounts = st.lists(st.integers(1, 500_000), min_size=1, max_size=60)


def test_the_number_of_a_payment_is_a_hash_that_anybody_can_compute():
    item = Item(7, 3, "P000000042", Decimal("10.00"), STRATA[0])
    expected = int(sha256(b"seme-1:7:P000000042").hexdigest(), 16)
    assert number_of("seme-1", item) == expected


def test_the_start_is_the_hash_of_the_seed_within_the_interval():
    assert start_of("seme-1", 1_000) == int(sha256(b"seme-1").hexdigest(), 16) % 1_000
    assert start_of("seme-1", 1) == 0


@given(amounts, st.integers(1, 60), st.text("abc123", min_size=1, max_size=4))
def test_a_simple_sample_has_the_smallest_numbers(found, number, seed):
    items = payments(found)
    drawn = [one.item for one in simple(iter(items), number, seed)]
    expected = sorted(items, key=lambda item: number_of(seed, item))[:number]
    assert drawn == sorted(expected, key=lambda item: item.riga)


@given(amounts)
def test_another_order_of_reading_draws_the_same(found):
    items = payments(found)
    assert simple(items, 5, "s") == simple(reversed(items), 5, "s")


def sizes_of(items):
    groups = {}
    for item in items:
        before = groups.get(item.strato, Size(0, Decimal(0)))
        groups[item.strato] = Size(before.pagamenti + 1, before.importo + item.importo)
    return groups


@given(amounts, st.booleans(), st.data())
def test_shares_add_up_and_leave_no_stratum_out(found, by_amount, data):
    sizes = sizes_of(payments(found))
    number = data.draw(st.integers(len(sizes), len(found)))
    shares = allocate(number, sizes, by_amount=by_amount)
    assert sum(shares.values()) == number
    assert all(1 <= shares[stratum] <= sizes[stratum].pagamenti for stratum in sizes)


@given(amounts, st.booleans(), st.data())
def test_where_nothing_binds_a_share_is_its_quota_rounded_up_or_down(found, by_amount, data):
    sizes = sizes_of(payments(found))
    number = data.draw(st.integers(len(sizes), len(found)))
    weights = {
        stratum: cents(size.importo) if by_amount else size.pagamenti
        for stratum, size in sizes.items()
    }
    quotas = {
        stratum: Fraction(number * weight, sum(weights.values()))
        for stratum, weight in weights.items()
    }
    if all(1 <= quotas[stratum] <= sizes[stratum].pagamenti for stratum in sizes):
        shares = allocate(number, sizes, by_amount=by_amount)
        assert all(abs(shares[stratum] - quotas[stratum]) < 1 for stratum in sizes)


def test_shares_by_the_largest_remainder_by_hand():
    # 10 elements over 600, 300 and 100 payments of 470.00, 430.00 and 100.00 euro together.
    sizes = {
        ("8.6.1", "MI"): Size(600, Decimal("470.00")),
        ("9.8.1", "LO"): Size(300, Decimal("430.00")),
        ("9.8.1", "SO"): Size(100, Decimal("100.00")),
    }
    by_amount = allocate(10, sizes, by_amount=True)  # quotas 4.7, 4.3, 1
    assert list(by_amount.values()) == [5, 4, 1]
    assert list(allocate(10, sizes, by_amount=False).values()) == [6, 3, 1]


def test_a_small_stratum_gets_one_and_a_rich_one_no_more_than_it_has():
    sizes = {
        ("8.6.1", "MI"): Size(2, Decimal("9000.00")),
        ("9.8.1", "LO"): Size(50, Decimal("999.00")),
        ("9.8.1", "SO"): Size(5, Decimal("1.00")),
    }
    assert list(allocate(10, sizes, by_amount=True).values()) == [2, 7, 1]


@pytest.mark.parametrize("number", [0, 1, 4])
def test_shares_that_cannot_be_are_refused(number):
    sizes = {STRATA[0]: Size(2, Decimal(2)), STRATA[1]: Size(1, Decimal(1))}
    with pytest.raises(ValueError, match=str(number)):
        allocate(number, sizes, by_amount=True)


@given(amounts, st.data())
def test_each_stratum_gives_its_share_with_its_smallest_numbers(found, data):
    items = payments(found)
    sizes = sizes_of(items)
    number = data.draw(st.integers(len(sizes), len(found)))
    shares = allocate(number, sizes, by_amount=False)
    drawn = [one.item for one in stratified(iter(items), shares, "s")]
    assert len(drawn) == number
    for stratum, share in shares.items():
        members = [item for item in items if item.strato == stratum]
        smallest = sorted(members, key=lambda item: number_of("s", item))[:share]
        assert {item for item in drawn if item.strato == stratum} == set(smallest)


@given(amounts, st.integers(1, 60), st.text("abc123", min_size=1, max_size=4))
def test_monetary_units_take_all_that_is_not_below_the_interval(found, number, seed):
    items = payments(found)
    interval = interval_of(sum((item.importo for item in items), Decimal(0)), number)
    drawn = list(monetary(iter(items), interval, start_of(seed, interval)))
    certain = [item for item in items if cents(item.importo) >= interval]
    assert [one.item for one in drawn if one.certo] == certain
    # Nothing twice, and in order.
    lines = [one.item.riga for one in drawn]
    assert lines == sorted(set(lines))
    # As many of the rest as its cents hold intervals, one more or less by where it starts.
    rest = sum(cents(item.importo) for item in items) - sum(cents(i.importo) for i in certain)
    others = len(drawn) - len(certain)
    assert others in (rest // interval, -(-rest // interval))
    if not certain:
        assert others >= min(number, rest)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 8))
def test_every_cent_has_the_same_chance(found, number):
    items = payments(found)
    interval = interval_of(Decimal(sum(found)).scaleb(-2), number)
    hits = dict.fromkeys((item.riga for item in items), 0)
    for start in range(interval):
        for one in monetary(items, interval, start):
            hits[one.item.riga] += 1
    # Over all starts a payment is hit once for each of its cents; a certain one always.
    assert hits == {item.riga: min(cents(item.importo), interval) for item in items}


def test_monetary_units_by_hand():
    # 100.00 + 250.00 + 40.00 + 60.00 = 450.00, three elements: interval 150.00.
    items = payments([10_000, 25_000, 4_000, 6_000])
    interval = interval_of(Decimal("450.00"), 3)
    assert interval == 15_000
    # The rest is 200.00; a hit at 120.00 is in the third payment, the next would be at 270.00.
    assert [(one.item.riga, one.certo) for one in monetary(items, interval, 12_000)] == [
        (2, True),
        (3, False),
    ]
    # Hits at 10.00 and at 160.00.
    assert [one.item.riga for one in monetary(items, interval, 1_000)] == [1, 2, 4]
