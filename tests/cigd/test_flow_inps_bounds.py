"""The last value that `inps-cigd` takes, and identifiers at the edge of those that are stored."""

from decimal import Decimal

import pytest

from cigd.models import SintesiAzione
from tests.cigd.test_flow_inps import codes
from tests.factories.flows import acquired, payment, validated

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "fields",
    [
        {"id_pagamento": "P" * 20},
        {"numero_decreto": "1" * 40},
        {"denominazione_azienda": "A" * 200},
        {"mese_competenza": "02/2020"},
        {"mese_competenza": "12/2021", "data_pagamento": "15/01/2022"},
        {"ore": "0"},
        {"importo": "0,01"},
    ],
)
def test_the_last_value_within_the_bounds_is_taken(fields):
    flow = validated([payment(**fields)])
    assert (codes(flow), flow.accettate) == ({}, 1)


def test_the_greatest_identifier_that_is_stored_is_known():
    row = payment()
    acquired([row])
    assert codes(validated([row | {"importo": "1,00"}, payment()])) == {2: ["E007"]}


def test_a_refused_row_with_a_known_identifier_says_so_beside_new_ones():
    row = payment()
    acquired([row])
    assert codes(validated([row | {"ore": "x"}, payment()])) == {2: ["E003", "E007"]}


def test_what_is_refused_late_counts_in_the_amount_of_the_file():
    known = payment(importo="10,00")
    acquired([known])
    row = payment(importo="100,00")
    flow = validated([row, row | {"importo": "0,50"}, known | {"importo": "7,00"}])
    assert codes(flow) == {3: ["E006"], 4: ["E007"]}
    assert (flow.importo, flow.importo_scartate) == (Decimal("100.00"), Decimal("7.50"))
    assert flow.importo_file == Decimal("107.50")


def test_the_preview_tells_what_is_acquired_what_comes_and_what_will_be(as_role):
    acquired([payment(importo="5,00")], example=True)  # no part of what is acquired
    first = validated([payment(importo="100,00"), payment(comune_istat="016001", importo="7,00")])
    browser = as_role("operatore")

    def changes(flow) -> list[tuple[object, ...]]:
        table = browser.get(f"/flussi/{flow.pk}/").context["cambiamenti"]
        return [tuple(row.values()) for row in table.data.data]

    nothing = Decimal(0)
    assert changes(first) == [
        ("Pagamenti dell'azione 8.6.1", nothing, Decimal("100.00"), Decimal("100.00")),
        ("Pagamenti dell'azione 9.8.1", nothing, Decimal("7.00"), Decimal("7.00")),
    ]
    acquired([payment(importo="100,00"), payment(comune_istat="016001", importo="7,00")])
    assert changes(validated([payment(importo="0,50")])) == [
        ("Pagamenti dell'azione 8.6.1", Decimal("100.00"), Decimal("0.50"), Decimal("100.50")),
        ("Pagamenti dell'azione 9.8.1", Decimal("7.00"), nothing, Decimal("7.00")),
    ]
    assert SintesiAzione.objects.filter(flusso__esempio=True).count() == 0
