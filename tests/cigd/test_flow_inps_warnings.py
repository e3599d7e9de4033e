"""Which accepted rows of `inps-cigd` bear a warning, and which beside them do not."""

from decimal import Decimal

import pytest

from tests.cigd.test_flow_inps import codes, recovery, warnings
from tests.factories.flows import acquired, payment, validated

pytestmark = pytest.mark.django_db


def same_worker(row: dict[str, str], **fields: object) -> dict[str, str]:
    """Another payment of the worker, by another company."""
    return payment(codice_fiscale=row["codice_fiscale"], **fields)


def same_company(row: dict[str, str], **fields: object) -> dict[str, str]:
    """Another payment of the worker by the same company."""
    return same_worker(row, matricola_inps=row["matricola_inps"], **fields)


@pytest.mark.parametrize(
    ("day", "expected"), [("30/04/2020", {2: ["W101"]}), ("01/05/2020", {}), ("31/05/2020", {})]
)
def test_the_month_of_competence_begins_with_its_first_day(day, expected):
    row = payment(mese_competenza="05/2020", data_pagamento=day)
    assert warnings(validated([row])) == expected


def test_the_days_of_a_recovery_are_looked_at_too():
    paid = payment()  # of March, by a decree of 1 April
    flow = validated([paid, recovery(paid, data_pagamento="29/02/2020")])
    assert warnings(flow) == {3: ["W101", "W105"]}
    assert (flow.segnalate, flow.codici) == (1, {"W101": 1, "W105": 1})


def test_hours_are_those_of_one_company():
    first = payment(ore="150,00")
    flow = validated([first, same_worker(first, ore="150,00")])
    assert warnings(flow) == {2: ["W103"], 3: ["W103"]}
    assert warnings(validated([first, same_company(first, ore="150,00")])) == {
        2: ["W102"],
        3: ["W102"],
    }


def test_too_many_hours_with_one_company_are_no_fault_of_the_other():
    first = payment(ore="300,00")
    flow = validated([first, same_worker(first, ore="10,00")])
    assert warnings(flow) == {2: ["W102", "W103"], 3: ["W103"]}


def test_hours_and_amounts_are_those_of_one_month():
    half = {"ore": "100,00", "importo": "599,00"}
    first = payment(**half)
    rows = [first, same_company(first, **half)]
    rows += [same_company(first, **half, mese_competenza="04/2020") for _ in range(2)]
    assert warnings(validated(rows)) == {}


def test_the_ceiling_is_of_the_worker_whatever_the_company():
    first = payment(importo="600,00")
    within = same_worker(first, importo="599,72")
    assert warnings(validated([first, within])) == {2: ["W103"], 3: ["W103"]}
    beyond = same_worker(first, importo="599,73")
    assert warnings(validated([first, beyond])) == {2: ["W103", "W104"], 3: ["W103", "W104"]}


def test_each_year_has_its_ceiling(settings):
    settings.CIGD_MASSIMALE = {2020: Decimal("1000.00"), 2021: Decimal("1500.00")}
    dates = {"mese_competenza": "03/2021", "data_pagamento": "15/05/2021"}
    flow = validated(
        [
            payment(importo="1.000,00"),
            payment(importo="1.000,01"),
            payment(importo="1.500,00", **dates),
            payment(importo="1.500,01", **dates),
        ]
    )
    assert warnings(flow) == {3: ["W104"], 5: ["W104"]}


def test_what_was_acquired_counts_for_every_rule():
    first = payment(importo="600,00")
    acquired([first])
    flow = validated([same_worker(first, importo="599,73"), payment()])
    assert warnings(flow) == {2: ["W103", "W104"]}


def test_the_payments_of_a_group_bear_its_code_and_the_recoveries_do_not():
    paid = payment(ore="300,00", importo="2.000,00")
    flow = validated([paid, recovery(paid, ore="10,00", importo="-100,00")])
    assert warnings(flow) == {2: ["W102", "W104"]}


def test_a_row_that_is_refused_late_neither_bears_a_warning_nor_causes_one():
    first = payment(ore="150,00", importo="700,00")
    odd = {"data_decreto": "16/05/2020"}  # W105
    repeated = first | odd
    beyond = recovery(first, importo="-700,01", **odd)
    known = payment(ore="150,00")
    acquired([known])
    again = same_company(known, id_pagamento=known["id_pagamento"], ore="150,00", **odd)
    flow = validated([first, repeated, beyond, again])
    assert codes(flow) == {3: ["E006"], 4: ["E010"], 5: ["E007"]}
    assert warnings(flow) == {}
    assert (flow.segnalate, flow.codici) == (0, {"E006": 1, "E007": 1, "E010": 1})
