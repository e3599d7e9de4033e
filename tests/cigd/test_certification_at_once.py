"""Two people at once: what is certified is certified once, whoever comes first."""

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from cigd import certification, decisions, moves, turns
from cigd.models import ControlloFlusso, Lotto, SintesiPool, Spostamento, TassoUE, Voce
from cigd.states import run
from porfse.flows.errors import NotNow
from programme.models import SpesaCertificata
from tests.factories.flows import payment
from tests.factories.people import make_user
from tests.factories.pool import ACT, MILANO, cap, certified, checked, counted, in_pool, rate
from tests.programme.test_services import at_once
from tests.threads import Held

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


def test_a_count_that_comes_twice_does_not_keep_the_certification_away():
    rate()
    checked(payment(importo="100,00"))
    person = make_user("certificatore")
    batch = counted(by=person)
    certification.decide(batch.pk, by=person)
    again = Held(lambda: certification.count(batch.pk), before="porfse_flowsource")
    assert certification.certify(batch.pk).stato == "certificato"
    assert again.go().stato == "certificato"


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
    """The rate is changed in the moment of the decision: all of it is taken back."""
    rate(2021, "0.5")
    checked(payment(importo="100,00"))
    person = make_user("certificatore")
    batch = counted(by=person)
    changed = Held(lambda: rate(2021, "0.6"), before='UPDATE "cigd_tassoue"')
    certification.decide(batch.pk, by=person)
    changed.go()
    back = certification.certify(batch.pk)
    assert (back.stato, back.tasso) == ("pronto", Decimal("0.6"))
    assert not Voce.objects.exists()
    assert not SpesaCertificata.objects.filter(perimetro="cigd", natura="movimento").exists()
    assert certified("DP9").stato == "certificato"


# --- Rates ----------------------------------------------------------------------------------------
WRITING = "ANALYZE porfse_flowwarning"  # the first statement of a batch that is being written


def test_a_rate_does_not_change_while_a_batch_is_certified_with_it():
    rate(2021, "0.5")
    checked(payment(importo="100,00"))
    person = make_user("certificatore")
    batch = counted(by=person)
    certification.decide(batch.pk, by=person)
    writing = Held(lambda: certification.certify(batch.pk), before=WRITING)
    with pytest.raises(ValidationError, match=f"Il Lotto n. {batch.pk} è in certificazione"):
        rate(2021, "0.6")
    rate(2022, "0.6")
    with transaction.atomic():  # the next one of the same year need not wait
        run("SET LOCAL lock_timeout = '2s'")
        certification.prepare(
            by=person, domanda_numero="DP2", domanda_data=batch.domanda_data, atto=ACT
        )
    assert writing.go().stato == "certificato"
    assert TassoUE.objects.get(pk=2021).tasso == batch.tasso == Decimal("0.5")


def test_a_change_of_the_rate_waits_for_the_batch_that_is_written_with_it():
    """It was begun before the batch was decided on, and ends after it has begun to be written."""
    rate(2021, "0.5")
    checked(payment(importo="100,00"))
    person = make_user("certificatore")
    batch = counted(by=person)
    changing = Held(lambda: rate(2021, "0.6"), before='FROM "cigd_tassoue"')
    certification.decide(batch.pk, by=person)
    writing = Held(lambda: certification.certify(batch.pk), before=WRITING)
    changing.go(wait=1)
    assert writing.go().stato == "certificato"
    assert "già usato dal Lotto" in str(changing.go())
    assert TassoUE.objects.get(pk=2021).tasso == Decimal("0.5")


# --- Tasks that are delivered twice ---------------------------------------------------------------
def test_a_delivery_that_was_refused_leaves_what_the_other_has_certified():
    """The first finds its decider without the role, the second finds it given back."""
    rate()
    checked(payment(importo="100,00"))
    person = make_user("certificatore")
    batch = counted(by=person)
    certification.decide(batch.pk, by=person)
    groups = list(person.groups.all())
    person.groups.clear()
    refused = Held(lambda: certification.certify(batch.pk), before="FOR UPDATE OF")
    person.groups.set(groups)
    assert certification.certify(batch.pk).stato == "certificato"
    assert refused.go().stato == "certificato"
    with pytest.raises(NotNow, match="certificato"):
        certification.discard(batch.pk, by=person, reason="x")
    assert Voce.objects.filter(lotto=batch).count() == 1
    assert Lotto.objects.get().messaggio == ""


# --- Moves ----------------------------------------------------------------------------------------
def test_of_two_moves_decided_at_once_one_is_recorded(monkeypatch):
    cap("8.6.1", "0.01")
    checked(payment(comune_istat=MILANO, importo="50,00"))
    monkeypatch.setattr(turns, "PATIENCE", "200ms")
    one, two = (make_user("gestore") for _ in range(2))
    first = Held(
        lambda: moves.decide(by=one, atto=ACT, motivo="x"), before='INSERT INTO "cigd_spostamento"'
    )
    with pytest.raises(NotNow, match="riprovare fra qualche minuto"):
        moves.decide(by=two, atto=ACT, motivo="x")
    assert first.go() == Spostamento.objects.get()
    with pytest.raises(NotNow, match="ancora in corso"):
        moves.decide(by=two, atto=ACT, motivo="x")
