"""A sample on its way: nothing is drawn that nobody has seen, and each task may run twice."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cigd import draws, sampling
from cigd.models import Campione, Estrazione
from cigd.plans import population
from porfse.errors import NotThere
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent, User
from tests.factories.flows import payment
from tests.factories.pool import LODI, MILANO, in_pool, recovery
from tests.factories.samples import drawn, plan


@pytest.fixture
def flow(db):
    """Four payments, 1,450.00 euro, one of them in Milano; 40.00 recovered."""
    first = payment(comune_istat=MILANO, importo="1.000,00")
    others = (payment(comune_istat=LODI, importo="150,00") for _ in range(3))
    return in_pool(first, *others, recovery(first, "-40,00"))


@pytest.fixture
def person(user):
    return user("controllore")


def counted(person, *args, **kwargs):
    made = draws.prepare(by=person, plan=plan(*args, **kwargs))
    draws.count(made.pk)
    made.refresh_from_db()
    return made


def decided(person, *args, **kwargs):
    return draws.decide(counted(person, *args, **kwargs).pk, by=person)


def actions():
    rows = AuditEvent.objects.filter(action__startswith="estrazione.").order_by("pk")
    return [event.action.split(".")[1] for event in rows]


def test_a_population_is_kept_to_the_cent_and_drawn_from(flow, person):
    made = counted(person, "mus", 2)
    assert (made.stato, made.flussi) == ("pronta", [flow.pk])
    kept = draws.population_of(made)
    assert kept == population(plan().filtri)
    assert kept.totale.pagamenti == (4, Decimal("1450.00"))
    assert kept.totale.recuperi == (1, Decimal("-40.00"))
    draws.decide(made.pk, by=person)
    draws.draw(made.pk)
    made.refresh_from_db()
    assert made.stato == "estratta"
    assert made.campione == Campione.objects.get()
    assert made.campione.estratto_da == person
    assert actions() == ["preparata", "contata", "decisa"]
    seen = AuditEvent.objects.get(action="estrazione.decisa").details
    assert (seen["pagamenti"], seen["importo"]) == (4, "1450.00")
    elements = items(made.campione)
    made.campione.delete()
    assert items(drawn("mus", 2)) == elements


def items(sample):
    return list(sample.elementi.values_list("id_pagamento", flat=True))


@pytest.mark.parametrize(
    ("args", "fields", "word"),
    [
        (("semplice", 0), {}, "numero"),
        (("semplice", 10_001), {}, "numero"),
        (("altro", 3), {}, "metodo"),
        (("stratificato", 3), {}, "ripartizione"),
        (("mus", 3), {"azione": "1.1"}, "azione"),
    ],
)
def test_what_no_population_suits_is_refused_at_once(flow, person, args, fields, word):
    with pytest.raises(ValidationError) as error:
        draws.prepare(by=person, plan=plan(*args, **fields))
    assert list(error.value.message_dict) == [word]
    assert not Estrazione.objects.exists()


def test_what_this_population_does_not_suit_is_said_when_it_is_counted(flow, person):
    made = counted(person, "semplice", 5)
    assert (made.stato, made.popolazione) == ("fallita", None)
    assert "Gli elementi sono da 1 a 4" in made.messaggio
    assert actions() == ["preparata", "fallita"]
    with pytest.raises(NotNow, match="non è riuscita"):
        draws.decide(made.pk, by=person)


def test_without_flows_nothing_is_asked_for(person):
    with pytest.raises(NotThere, match="Nessun flusso"):
        draws.prepare(by=person, plan=plan())


def test_a_flow_that_is_cancelled_before_it_is_counted_is_told(flow, person):
    other = in_pool(payment())
    made = draws.prepare(by=person, plan=plan())
    services.cancel(other.pk, by=User.objects.sistema(), reason="x")
    draws.count(made.pk)
    made.refresh_from_db()
    assert made.stato == "fallita"
    assert f"Il flusso {other.pk} non è fra quelli acquisiti" in made.messaggio


def test_a_flow_that_is_cancelled_before_it_is_drawn_from_is_told(flow, person):
    other = in_pool(payment())
    made = decided(person)
    services.cancel(other.pk, by=User.objects.sistema(), reason="x")
    draws.draw(made.pk)
    made.refresh_from_db()
    assert made.stato == "fallita"
    assert f"Il flusso {other.pk} non è fra quelli acquisiti" in made.messaggio
    assert not Campione.objects.exists()


def test_another_population_than_the_one_shown_is_not_drawn_from(flow, person):
    made = decided(person)
    [milano, lodi] = made.popolazione
    Estrazione.objects.update(popolazione=[milano, [*lodi[:3], "449.99", *lodi[4:]]])
    draws.draw(made.pk)
    made.refresh_from_db()
    assert made.stato == "fallita"
    assert "La popolazione è cambiata" in made.messaggio
    assert not Campione.objects.exists()


def test_the_same_sample_again_is_named_and_not_drawn(flow, person):
    known = drawn("semplice", 2)
    made = decided(person, "semplice", 2)
    draws.draw(made.pk)
    made.refresh_from_db()
    assert (made.stato, made.campione) == ("fallita", None)
    assert f"n. {known.pk}" in made.messaggio
    assert Campione.objects.get() == known


def test_who_has_lost_the_role_draws_nothing(flow, person):
    made = decided(person)
    person.groups.clear()
    draws.draw(made.pk)
    made.refresh_from_db()
    assert made.stato == "fallita"
    assert "non ha più il ruolo" in made.messaggio
    assert not Campione.objects.exists()


def test_each_task_may_run_twice_and_out_of_turn(flow, person):
    made = draws.prepare(by=person, plan=plan())
    draws.draw(made.pk)  # nobody has decided
    assert not Campione.objects.exists()
    for _ in range(2):
        draws.count(made.pk)
    draws.decide(made.pk, by=person)
    draws.count(made.pk)
    for _ in range(2):
        draws.draw(made.pk)
    made.refresh_from_db()
    assert (made.stato, Campione.objects.count()) == ("estratta", 1)
    assert actions() == ["preparata", "contata", "decisa"]


def test_what_a_killed_worker_left_is_in_progress(flow, person):
    waiting, drawing = draws.prepare(by=person, plan=plan()), decided(person, seme="altro")
    counted(person, seme="pronta")
    assert set(Estrazione.objects.in_progress()) == {waiting, drawing}


@pytest.mark.parametrize("state", ["in_preparazione", "pronta", "fallita"])
def test_what_is_not_drawn_is_given_up(flow, person, state):
    made = draws.prepare(by=person, plan=plan(numero=5 if state == "fallita" else 2))
    if state != "in_preparazione":
        draws.count(made.pk)
    assert draws.discard(made.pk, by=person).stato == "scartata"
    draws.count(made.pk)
    made.refresh_from_db()
    assert made.stato == "scartata"
    with pytest.raises(NotNow, match="scartata"):
        draws.decide(made.pk, by=person)


def test_what_is_being_drawn_is_not_given_up(flow, person):
    made = decided(person)
    with pytest.raises(NotNow, match="in estrazione"):
        draws.discard(made.pk, by=person)


@pytest.mark.parametrize("role", ["lettore", "gestore", "certificatore", "amministratore"])
def test_only_who_verifies_asks_decides_and_gives_up(flow, person, user, role):
    made, other = counted(person), user(role)
    for act in (
        lambda: draws.prepare(by=other, plan=plan()),
        lambda: draws.decide(made.pk, by=other),
        lambda: draws.discard(made.pk, by=other),
    ):
        with pytest.raises(PermissionDenied):
            act()
    made.refresh_from_db()
    assert (made.stato, Estrazione.objects.count()) == ("pronta", 1)


def test_draws_from_examples_go_with_them(person):
    example = in_pool(payment(), example=True)
    tried = decided(person, numero=1)
    assert tried.esempio is True
    draws.draw(tried.pk)
    counted(person, numero=1, seme="altro")
    in_pool(payment())
    sampling.forget_example(example, by=person)
    assert not Estrazione.objects.exists()
    assert not Campione.objects.exists()
    assert actions().count("eliminata") == 2
    with pytest.raises(NotThere, match="non c'è più"):
        draws.decide(tried.pk, by=person)
