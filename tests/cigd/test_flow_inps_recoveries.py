"""What a recovery is held against: which payments, which other recoveries, and which not."""

from decimal import Decimal

import pytest

from porfse.flows import services
from porfse.models import Flow, User
from tests.cigd.test_flow_inps import codes, recovery
from tests.factories.flows import acquired, codice_fiscale, payment, validated

pytestmark = pytest.mark.django_db


def cancel(flow: Flow) -> None:
    services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")


def test_a_payment_of_an_earlier_flow_is_of_the_same_worker():
    paid = payment()
    acquired([paid])
    flow = validated([recovery(paid, codice_fiscale=codice_fiscale(999)), recovery(paid)])
    assert codes(flow) == {2: ["E010"]}


def test_a_recovery_of_a_recovery_is_none():
    paid = payment()
    back = recovery(paid, importo="-10,00")
    acquired([paid, back])
    again = recovery(paid, importo="-10,00")
    flow = validated(
        [
            recovery(back, importo="-5,00"),  # of an earlier flow
            again,
            recovery(again, importo="-5,00"),  # of the same file
        ]
    )
    assert codes(flow) == {2: ["E010"], 4: ["E010"]}


def test_a_recovery_whose_flow_was_cancelled_counts_no_more():
    paid = payment(importo="100,00")
    acquired([paid])
    cancel(acquired([recovery(paid, importo="-100,00")]))
    flow = validated([recovery(paid, importo="-100,00"), recovery(paid, importo="-0,01")])
    assert codes(flow) == {3: ["E010"]}


def test_a_payment_whose_flow_was_cancelled_is_none():
    paid = payment()
    cancel(acquired([paid]))
    assert codes(validated([payment(), recovery(paid)])) == {3: ["E010"]}


def test_a_payment_of_an_example_is_none():
    paid = payment()
    acquired([paid], example=True)
    assert codes(validated([payment(), recovery(paid)])) == {3: ["E010"]}


def test_what_repeats_a_payment_is_no_payment():
    paid = payment(importo="100,00")
    flow = validated([paid, paid | {"importo": "1,00"}, recovery(paid)])
    assert codes(flow) == {3: ["E006"]}
    assert flow.importo == 0


def test_a_repeated_recovery_takes_nothing():
    paid = payment(importo="100,00")
    back = recovery(paid, importo="-60,00")
    flow = validated([paid, back, back | {"ore": "1"}, recovery(paid, importo="-40,00")])
    assert codes(flow) == {4: ["E006"]}
    assert (flow.importo, flow.importo_scartate) == (0, Decimal("-60.00"))


def test_a_recovery_that_was_acquired_takes_nothing_twice():
    paid = payment(importo="100,00")
    back = recovery(paid, importo="-60,00")
    acquired([paid, back])
    flow = validated([back | {"ore": "1"}, recovery(paid, importo="-40,00")])
    assert codes(flow) == {2: ["E007"]}
    assert (flow.importo, flow.importo_scartate) == (Decimal("-40.00"), Decimal("-60.00"))
