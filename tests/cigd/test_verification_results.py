"""What the verifications of a sample have found, read back from what is stored."""

from decimal import Decimal

import pytest

from cigd.results import results
from tests.factories.flows import payment
from tests.factories.pool import LODI, MILANO, checked, in_pool
from tests.factories.samples import drawn, verified


@pytest.fixture
def sample(db):
    """All of four payments of 300.00 each, two in Milano and two in Lodi."""
    places = (MILANO, MILANO, LODI, LODI)
    checked(*(payment(comune_istat=place, importo="300,00") for place in places))
    return drawn("semplice", 4)


def test_the_results_of_a_simple_sample(sample):
    first, second, third, last = sample.elementi.all()
    verified(first)
    verified(second, "irregolare", importo_irregolare=Decimal(30))
    found = results([sample.pk])[sample.pk]
    assert (found.conclusi, found.elementi, found.provvisorio) == (2, 4, True)
    # 30.00 of 600.00 is 5 %; of 1,200.00 it is 60.00, above 2 %.
    assert found.errore == Decimal("60.00")
    assert found.esito == "supera la soglia (provvisorio)"
    for rest in (third, last):
        verified(rest)
    found = results([sample.pk])[sample.pk]
    assert (found.controllato, found.irregolare) == (Decimal(1200), Decimal(30))
    assert (found.errore, found.esito) == (Decimal("30.00"), "supera la soglia")


def test_the_results_by_strata_and_by_monetary_units(db):
    in_pool(
        payment(comune_istat=MILANO, importo="1.000,00"),
        payment(comune_istat=MILANO, importo="200,00"),
        *(payment(comune_istat=LODI, importo="150,00") for _ in range(4)),
    )
    strata = drawn("stratificato", 3, ripartizione="numero")
    monetary = drawn("mus", 3)  # interval 600.00: the first for certain
    assert monetary.intervallo == Decimal("600.00")
    for element in strata.elementi.filter(strato__azione="8.6.1"):
        verified(element)
    assert results([strata.pk])[strata.pk].errore is None
    for element in strata.elementi.filter(strato__azione="9.8.1"):
        verified(element, "irregolare", importo_irregolare=Decimal(15))
    # Two of 150.00 with 15.00 each: 10 % of the 600.00 of Lodi.
    assert results([strata.pk])[strata.pk].errore == Decimal("60.00")
    certain = monetary.elementi.get(certo=True)
    verified(certain, "irregolare", importo_irregolare=Decimal(70))
    others = list(monetary.elementi.filter(certo=False))
    for element in others:
        verified(element, "irregolare", importo_irregolare=element.importo / 10,
                 decurtazione=Decimal(0))  # fmt: skip
    # The own error of the certain one, and a taint of a tenth by the interval for each other.
    assert results([monetary.pk])[monetary.pk].errore == 70 + 60 * len(others)
    assert 1 <= len(others) <= 2


def test_results_take_as_many_queries_for_three_samples_as_for_one(
    sample, django_assert_num_queries
):
    one = drawn("stratificato", 3, ripartizione="numero").pk
    three = [sample.pk, drawn("mus", 2).pk, one]
    with django_assert_num_queries(5):
        results([one])
    with django_assert_num_queries(5):
        assert results([*three, one + 99]).keys() == set(three)
