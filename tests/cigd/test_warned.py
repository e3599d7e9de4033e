"""What waits by code, kept in the transactions that acquire and decide, as the form offers it."""

from importlib import import_module

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from cigd import decisions, pool, warned
from cigd.models import SintesiSegnalazione
from porfse.flows import services
from porfse.models import User
from tests.factories.flows import payment
from tests.factories.pool import hold_sums, in_pool, recovery, undecided

EARLY = {"data_decreto": "01/06/2020", "data_pagamento": "15/05/2020"}  # W105
BOTH = {**EARLY, "mese_competenza": "07/2020"}  # W101 besides


@pytest.fixture
def checker(user):
    return user("controllore")


@pytest.fixture
def flow(db):
    """Three payments and a recovery that bear W105, one of the payments W101 too."""
    plain, one, two, both = payment(), payment(**EARLY), payment(**EARLY), payment(**BOTH)
    return in_pool(plain, one, two, both, recovery(plain, "-1,00", **EARLY)).pk


@pytest.fixture
def demo(settings):
    settings.DEMO = True


def decide(flow, code, stato, by):
    return decisions.decide_warned(by=by, flusso_id=flow, codice=code, stato=stato, motivo="x")


def test_before_the_check_payments_wait_to_be_suspended_or_excluded(flow):
    assert warned.waiting(flow) == {"W101": (1, 1, 0), "W105": (3, 3, 0)}
    hold_sums()


def test_after_the_check_recoveries_wait_too_and_what_bears_one_code_may_be_certified(
    flow, checker
):
    decisions.check_flow(by=checker, flusso_id=flow, nota="x")
    assert warned.waiting(flow) == {"W101": (1, 1, 0), "W105": (4, 3, 3)}
    hold_sums()


def test_a_decision_by_code_counts_for_the_other_codes_of_its_payments(flow, checker):
    decisions.check_flow(by=checker, flusso_id=flow, nota="x")
    assert decide(flow, "W105", "certificabile", checker) == 3
    assert warned.waiting(flow) == {"W101": (1, 1, 0), "W105": (1, 1, 0)}
    hold_sums()
    assert decide(flow, "W101", "sospeso", checker) == 1
    assert warned.waiting(flow) == {}
    hold_sums()


def test_what_waits_is_what_the_decision_finds(flow, checker):
    decisions.check_flow(by=checker, flusso_id=flow, nota="x")
    for code, stato in (("W101", "certificabile"), ("W105", "sospeso"), ("W105", "certificabile")):
        found = warned.waiting(flow)[code]
        number = found.certificabili if stato == "certificabile" else found.pagamenti
        assert found.allows(stato) == bool(number)
        if number:
            assert decide(flow, code, stato, checker) == number
        else:
            with pytest.raises(ValidationError):
                decide(flow, code, stato, checker)
    assert warned.waiting(flow) == {}


def test_a_decision_on_one_payment_counts_and_what_bears_no_code_does_not(checker):
    plain, both = payment(), payment(**BOTH)
    flow = in_pool(plain, both).pk
    given = {"by": checker, "flusso_id": flow, "stato": "sospeso", "motivo": "x"}
    decisions.decide(**given, id_pagamento=plain["id_pagamento"])
    assert warned.waiting(flow) == {"W101": (1, 1, 0), "W105": (1, 1, 0)}
    for _ in range(2):  # decided on again, it is not taken away again
        decisions.decide(**given, id_pagamento=both["id_pagamento"])
        assert warned.waiting(flow) == {}
        hold_sums()


def test_a_part_cut_leaves_a_payment_waiting_and_the_whole_does_not(checker):
    row = payment(importo="100,00", **EARLY)
    flow = in_pool(row).pk
    given = {"by": checker, "flusso_id": flow, "id_pagamento": row["id_pagamento"], "reason": "x"}
    pool.cut(**given, amount=40)
    assert warned.waiting(flow) == {"W105": (1, 1, 0)}
    hold_sums()
    pool.cut(**given, amount=60)
    assert warned.waiting(flow) == {}
    hold_sums()


def test_flows_are_counted_apart_and_a_cancelled_one_no_more(flow, checker):
    other = in_pool(payment(**EARLY)).pk
    decide(flow, "W105", "sospeso", checker)
    assert warned.waiting(other) == {"W105": (1, 1, 0)}
    services.cancel(flow, by=User.objects.sistema(), reason="x")
    assert set(SintesiSegnalazione.objects.values_list("flusso", flat=True)) == {other}
    hold_sums()


def test_decisions_on_examples_go_with_their_counts(demo, checker):
    row = payment(**EARLY)
    first, second = in_pool(row, example=True), in_pool(payment(**EARLY), example=True)
    decide(second.pk, "W105", "sospeso", checker)
    pool.forget_example(first, by=checker)
    assert warned.waiting(first.pk) == {}
    assert warned.waiting(second.pk) == {"W105": (1, 1, 0)}


def test_flows_acquired_before_the_counts_were_kept_are_counted_by_the_migration(flow, checker):
    decisions.check_flow(by=checker, flusso_id=flow, nota="x")
    in_pool(payment(**EARLY))
    decide(flow, "W101", "sospeso", checker)
    gone = in_pool(payment(**EARLY)).pk
    services.cancel(gone, by=User.objects.sistema(), reason="x")
    SintesiSegnalazione.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("cigd.migrations.0005_segnalazioni_in_attesa").COUNTED)
    assert undecided()
    hold_sums()
