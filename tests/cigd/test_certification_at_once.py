"""Two people at once: what is certified is certified once, whoever comes first."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from cigd import certification, decisions, turns
from cigd.models import ControlloFlusso, SintesiPool, Voce
from porfse.flows.errors import NotNow
from programme.models import SpesaCertificata
from tests.factories.flows import payment
from tests.factories.people import make_user
from tests.factories.pool import certified, checked, counted, in_pool, rate
from tests.programme.test_services import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_certifiers_at_once_certify_each_payment_once():
    rate()
    checked(*(payment(importo="100,00") for _ in range(20)))
    people = [make_user("certificatore") for _ in range(2)]
    batches = [counted(f"DP{index}", by=people[index]) for index in range(2)]

    def work(index):
        certification.decide(batches[index].pk, by=people[index])
        return certification.certify(batches[index].pk)

    found = at_once(work)
    assert sorted(batch.stato for batch in found) == ["certificato", "pronto"]
    assert Voce.objects.count() == 20
    made = SpesaCertificata.objects.filter(perimetro="cigd", natura="movimento")
    assert [row.importo for row in made] == [Decimal("2000.00")]


def test_the_same_batch_by_two_workers_is_certified_once():
    rate()
    checked(*(payment(importo="100,00") for _ in range(20)))
    person = make_user("certificatore")
    batch = counted(by=person)
    certification.decide(batch.pk, by=person)
    at_once(lambda _: certification.certify(batch.pk), times=3)
    batch.refresh_from_db()
    assert batch.stato == "certificato"
    assert Voce.objects.count() == 20
    assert SpesaCertificata.objects.filter(fonte=batch.fonte).count() == 1


def test_a_flow_checked_by_two_at_once_is_checked_once():
    flow = in_pool(payment(importo="100,00"))
    people = [make_user("controllore") for _ in range(2)]

    def work(index):
        return decisions.check_flow(by=people[index], flusso_id=flow.pk, nota="x")

    found = at_once(work)
    assert sorted(type(item).__name__ for item in found) == ["ControlloFlusso", "NotNow"]
    assert ControlloFlusso.objects.count() == 1
    assert list(SintesiPool.objects.values_list("stato", "pagamenti")) == [("certificabile", 1)]


def test_a_page_does_not_wait_for_ever_for_a_long_certification(monkeypatch):
    row = payment()
    flow = checked(row)
    monkeypatch.setattr(turns, "PATIENCE", "200ms")
    held, done = threading.Event(), threading.Event()

    def certify_for_long():
        with transaction.atomic():
            turns.wait_for_turn()
            held.set()
            done.wait(20)
        connection.close()

    thread = threading.Thread(target=certify_for_long)
    thread.start()
    held.wait(20)
    try:
        with pytest.raises(NotNow, match="riprovare fra qualche minuto"):
            decisions.decide(
                by=make_user("controllore"),
                flusso_id=flow.pk,
                id_pagamento=row["id_pagamento"],
                stato="sospeso",
                motivo="x",
            )
    finally:
        done.set()
        thread.join()


def test_a_refused_batch_leaves_nothing_behind():
    """The rate is changed between the decision and the certification: all of it is taken back."""
    rate(2021, "0.5")
    checked(payment(importo="100,00"))
    person = make_user("certificatore")
    batch = counted(by=person)
    certification.decide(batch.pk, by=person)
    rate(2021, "0.6")
    back = certification.certify(batch.pk)
    assert (back.stato, back.tasso) == ("pronto", Decimal("0.6"))
    assert not Voce.objects.exists()
    assert not SpesaCertificata.objects.filter(perimetro="cigd", natura="movimento").exists()
    assert certified("DP9").stato == "certificato"
