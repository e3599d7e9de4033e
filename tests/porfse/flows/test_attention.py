from datetime import date

import pytest

from porfse.attention import attention_for
from porfse.models import ExpectedFlow
from tests.factories.flows import acquired, payment, validated

pytestmark = pytest.mark.django_db


def expected(month: int, **fields: object) -> ExpectedFlow:
    return ExpectedFlow.objects.create(
        sorgente="inps-cigd", periodo=f"2021-{month:02d}", entro=date(2021, month, 15), **fields
    )


def texts(user) -> list[str]:
    return [item.testo for item in attention_for(user)]


def test_flows_that_wait_and_flows_that_are_late(user):
    gestore = user("gestore")
    assert texts(gestore) == []
    waiting = validated([payment()])
    expected(1)
    assert texts(gestore) == ["1 flusso attende una decisione.", "1 flusso atteso è in ritardo."]
    expected(2, flusso=waiting)  # it has come, but does not count yet
    assert texts(gestore)[1] == "2 flussi attesi sono in ritardo."


def test_what_was_acquired_is_not_late_and_what_comes_later_neither(user):
    expected(1, flusso=acquired([payment()]))
    ExpectedFlow.objects.create(sorgente="inps-cigd", periodo="2999-01", entro=date(2999, 1, 1))
    assert texts(user("operatore")) == []


def test_nothing_for_who_may_not_see_flows(user):
    validated([payment()])
    assert texts(user("lettore")) == []
