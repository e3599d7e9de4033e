"""Draws while somebody else discards, cancels or acquires: nothing is drawn that is not there."""

import pytest

from cigd import decisions, draws
from cigd.models import Campione, ControlloAnnullato, Estrazione
from porfse.flows import services
from porfse.models import User
from tests.factories.flows import payment
from tests.factories.people import make_user
from tests.factories.pool import checked, hold_sums, in_pool
from tests.factories.samples import plan
from tests.programme.test_services import at_once
from tests.threads import Held

pytestmark = pytest.mark.django_db(transaction=True)
READ = "porfse_flowsource"  # the turn, which is taken once the population has been read


def asked():
    return draws.prepare(by=make_user("controllore"), plan=plan("semplice", 1))


def decided():
    made = asked()
    draws.count(made.pk)
    return draws.decide(made.pk, by=made.chiesta_da)


def test_what_is_given_up_while_it_is_counted_stays_given_up():
    in_pool(payment())
    made = asked()
    task = Held(lambda: draws.count(made.pk), before='UPDATE "cigd_estrazione"')
    draws.discard(made.pk, by=made.chiesta_da)
    assert task.go() is None
    assert Estrazione.objects.get().stato == "scartata"


def test_a_flow_that_is_cancelled_while_it_is_read_is_not_drawn_from():
    flow = in_pool(payment())
    made = decided()
    task = Held(lambda: draws.draw(made.pk), before=READ)
    services.cancel(flow.pk, by=User.objects.sistema(), reason="x")
    assert task.go() is None
    made.refresh_from_db()
    assert made.stato == "fallita"
    assert "è stato annullato" in made.messaggio
    assert not Campione.objects.exists()


def test_real_payments_that_come_while_examples_are_drawn_from_end_the_draw():
    in_pool(payment(), example=True)
    made = decided()
    task = Held(lambda: draws.draw(made.pk), before=READ)
    in_pool(payment())
    assert task.go() is None
    assert not Estrazione.objects.exists()
    assert not Campione.objects.exists()


def test_a_sample_that_two_workers_draw_is_drawn_once():
    in_pool(payment())
    made = decided()
    assert at_once(lambda _: draws.draw(made.pk), times=3) == [None] * 3
    made.refresh_from_db()
    assert (made.stato, Campione.objects.count()) == ("estratta", 1)


def test_a_count_that_comes_twice_does_not_keep_the_draw_away():
    in_pool(payment())
    made = decided()
    again = Held(lambda: draws.count(made.pk), before='FROM "cigd_estrazione"')
    draws.draw(made.pk)
    assert Campione.objects.exists()
    assert again.go() is None
    made.refresh_from_db()
    assert made.stato == "estratta"


def test_a_check_that_two_take_back_is_taken_back_once():
    flow = checked(payment())
    people = [make_user("controllore") for _ in range(2)]

    def work(index):
        return decisions.undo_check(by=people[index], flusso_id=flow.pk, motivo="x")

    found = at_once(work)
    assert sorted(type(each).__name__ for each in found) == ["ControlloAnnullato", "NotNow"]
    assert ControlloAnnullato.objects.count() == 1
    hold_sums()
