"""Recoveries stand with the payment that they correct; the sums by state follow them."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from cigd import decisions, moves, pool
from cigd.figures_pool import declared
from cigd.figures_pool import pool as figure
from cigd.models import Pagamento, SintesiPool
from cigd.states import rewrite
from porfse.figures import evaluate
from porfse.flows.errors import NotNow
from tests.factories.flows import payment
from tests.factories.people import make_user
from tests.factories.pool import (
    ACT,
    DAY,
    LODI,
    MILANO,
    cap,
    certified,
    checked,
    counted,
    in_pool,
    rate,
    recovery,
    state,
)


def milano(amount, day="15/05/2020", **fields):
    return payment(comune_istat=MILANO, importo=amount, data_pagamento=day, **fields)


def lodi(amount, day="15/05/2020", **fields):
    return payment(comune_istat=LODI, importo=amount, data_pagamento=day, **fields)


def worth(expression):
    return evaluate([expression])[expression].amount


def by_state():
    """What the page shows: euro by state, where there are payments or recoveries."""
    rows = SintesiPool.objects.all()
    return {stato: amount for (_, stato), amount in rows.net().items()}


def hold_sums():
    fields = ("flusso", "azione", "stato", "pagamenti", "recuperi", "importo", "taglio")
    kept = sorted(SintesiPool.objects.values_list(*fields))
    rewrite(sorted({row[0] for row in kept}))
    assert sorted(SintesiPool.objects.values_list(*fields)) == kept


@pytest.fixture
def person(user):
    return user("certificatore")


def decide(row, stato, by):
    found = Pagamento.objects.get(id_pagamento=row["id_pagamento"])
    decisions.decide(
        by=by,
        flusso_id=found.flusso_id,
        id_pagamento=found.id_pagamento,
        stato=stato,
        motivo="prova",
    )


def withdraw(row, by):
    found = Pagamento.objects.get(id_pagamento=row["id_pagamento"])
    decisions.withdraw(
        by=by, flusso_id=found.flusso_id, id_pagamento=found.id_pagamento, motivo="prova"
    )


@pytest.mark.parametrize("stato", ["sospeso", "non_ammissibile"])
def test_a_recovery_stands_with_its_payment_and_comes_back_with_it(person, stato):
    first, second = milano("100,00"), milano("50,00")
    same, later = recovery(second, "-10,00"), recovery(second, "-20,00")
    checked(first, second, same)
    checked(later)
    assert by_state() == {"certificabile": Decimal("120.00")}
    decide(second, stato, person)
    assert [state(row["id_pagamento"]) for row in (same, later)] == [stato, stato]
    assert by_state() == {"certificabile": Decimal("100.00"), stato: Decimal("20.00")}
    hold_sums()
    decide(second, "certificabile", person)
    assert by_state() == {"certificabile": Decimal("120.00")}
    hold_sums()


def test_a_recovery_of_a_payment_that_waits_for_its_flow_waits_with_it(person):
    row = milano("50,00")
    first = in_pool(row)
    later = recovery(row, "-20,00")
    checked(later)
    assert state(later["id_pagamento"]) == "da_verificare"
    assert by_state() == {"da_verificare": Decimal("30.00")}
    hold_sums()
    decisions.check_flow(by=person, flusso_id=first.pk, nota="x")
    assert state(later["id_pagamento"]) == "certificabile"
    assert by_state() == {"certificabile": Decimal("30.00")}
    hold_sums()


def test_a_recovery_of_a_flow_that_is_not_checked_waits_whatever_became_of_its_payment(person):
    row = milano("50,00")
    checked(row)
    decide(row, "sospeso", person)
    later = recovery(row, "-20,00")
    flow = in_pool(later)
    assert state(later["id_pagamento"]) == "da_verificare"
    hold_sums()
    decisions.check_flow(by=person, flusso_id=flow.pk, nota="x")
    assert state(later["id_pagamento"]) == "sospeso"
    assert by_state() == {"sospeso": Decimal("30.00")}
    hold_sums()


def test_a_recovery_waits_with_a_payment_that_bears_a_warning(person):
    row = milano("50,00", data_decreto="01/06/2020")  # W105: before its decree
    flow = checked(row, recovery(row, "-20,00", data_decreto="01/04/2020"))
    assert by_state() == {"da_verificare": Decimal("30.00")}
    hold_sums()
    given = {"by": person, "flusso_id": flow.pk, "codice": "W105", "motivo": "x"}
    assert decisions.decide_warned(**given, stato="certificabile") == 1
    assert by_state() == {"certificabile": Decimal("30.00")}
    hold_sums()


def test_a_recovery_that_was_decided_on_does_not_wait_for_a_decision_again(person):
    row = milano("50,00", data_decreto="01/06/2020")
    flow = checked(row, recovery(row, "-20,00", data_decreto="01/06/2020"))
    back = Pagamento.objects.get(flusso=flow, tipo="R")
    decisions.decide(
        by=person,
        flusso_id=flow.pk,
        id_pagamento=back.id_pagamento,
        stato="certificabile",
        motivo="visto",
    )
    assert state(back.id_pagamento) == "da_verificare"
    given = {"by": person, "flusso_id": flow.pk, "codice": "W105", "motivo": "x"}
    assert decisions.decide_warned(**given, stato="certificabile") == 1
    assert by_state() == {"certificabile": Decimal("30.00")}
    with pytest.raises(ValidationError, match="attende"):
        decisions.decide_warned(**given, stato="certificabile")
    hold_sums()


def test_the_recovery_of_a_suspended_payment_does_not_hide_the_excess(user):
    """Cap 80.00: 100.00 certifiable, 50.00 suspended and taken back; 20.00 exceed."""
    rate()
    cap("8.6.1", "80.00")
    row, suspended = milano("100,00"), milano("50,00")
    checked(row, suspended, recovery(suspended, "-50,00"))
    decide(suspended, "sospeso", user("controllore"))
    assert worth(figure(azione="8.6.1", stato="certificabile")) == Decimal("100.00")
    assert moves.excess(example=False) == Decimal("20.00")
    found = counted().azioni.get(azione="8.6.1")
    assert (found.importo, found.attesa_importo, found.attesa_recuperi) == (0, Decimal("100.00"), 1)
    move = moves.decide(by=user("gestore"), atto=ACT, motivo="x")
    assert moves.carry_out(move.pk).importo == Decimal("100.00")
    hold_sums()


def test_the_recovery_of_a_suspended_payment_makes_no_room_for_what_is_moved(user):
    """Cap of 9.8.1 100.00, 80.00 certifiable there: 60.00 do not fit beside them."""
    rate()
    cap("8.6.1", "0.01")
    cap("9.8.1", "100.00")
    own, suspended = lodi("80,00", "20/05/2020"), lodi("50,00")
    checked(own, suspended, recovery(suspended, "-50,00"), milano("60,00", "01/05/2020"))
    decide(suspended, "sospeso", user("controllore"))
    move = moves.decide(by=user("gestore"), atto=ACT, motivo="x")
    assert moves.carry_out(move.pk).pagamenti == 0
    found = counted().azioni.get(azione="9.8.1")
    assert (found.importo, found.attesa_pagamenti) == (Decimal("80.00"), 0)


def test_what_is_certifiable_is_not_below_nothing(user):
    rate()
    row = milano("100,00")
    checked(row, recovery(row, "-100,00"))
    decide(row, "non_ammissibile", user("controllore"))
    assert worth(figure(azione="8.6.1", stato="certificabile")) == 0
    assert moves.excess(example=False) <= 0
    hold_sums()


def test_recoveries_of_a_withdrawn_payment_leave_with_it(person):
    """What is certified is what is declared, before and after the batch takes the recovery."""
    rate()
    row, other = milano("100,00"), milano("40,00")
    early = recovery(row, "-30,00")
    checked(row, other, early)
    certified("DP1")
    assert worth(figure(stato="certificato")) == worth(declared()) == Decimal("110.00")
    withdraw(row, person)
    assert state(early["id_pagamento"]) == "ritirato"
    assert by_state() == {"certificato": Decimal("40.00"), "ritirato": Decimal("70.00")}
    hold_sums()
    late = recovery(row, "-70,00")
    checked(late)
    assert state(late["id_pagamento"]) == "ritirato"
    hold_sums()
    certified("DP2")
    assert worth(figure(stato="certificato")) == worth(declared()) == Decimal("40.00")
    assert state(late["id_pagamento"]) == "ritirato"
    hold_sums()
    with pytest.raises(NotNow, match="non entra nulla"):
        certified("DP3")


# --- Sums kept change by change, against sums counted anew ----------------------------------------
class Walk:
    """A random sequence of what people do, on flows that recover one another's payments."""

    def __init__(self, seed):
        self.draw = random.Random(seed)  # noqa: S311
        self.paid, self.left, self.waiting, self.batches = [], {}, [], 0
        self.people = {
            role: make_user(role) for role in ("certificatore", "gestore", "controllore")
        }

    def step(self):
        acts = [self.acquire, self.check, self.decide] * 2 + [self.batch] * 2
        self.attempt(self.draw.choice([*acts, self.warned, self.cut, self.move, self.withdraw]))

    def attempt(self, act):
        """Do one thing; what the state of things refuses changes nothing."""
        try:
            with transaction.atomic():
                act()
        except (ValidationError, NotNow):
            return

    def acquire(self):
        rows = [self._payment() for _ in range(self.draw.randint(2, 4))]
        for row in rows:
            self.left[row["id_pagamento"]] = int(row["importo"].split(",")[0])
        # Of this flow and of earlier ones, checked or not, whatever became of their payments.
        for row in self.draw.choices([*rows, *self.paid], k=self.draw.randint(1, 4)):
            taken = self.draw.randint(0, self.left[row["id_pagamento"]])
            if taken:
                self.left[row["id_pagamento"]] -= taken
                where = self.draw.choice([MILANO, LODI])
                odd = {"data_decreto": self._decree()}
                rows.append(recovery(row, f"-{taken},00", comune_istat=where, **odd))
        self.paid += [row for row in rows if row["tipo"] == "P"]
        self.waiting.append(in_pool(*rows).pk)

    def _payment(self):
        fields = {"comune_istat": self.draw.choice([MILANO, LODI]), "data_decreto": self._decree()}
        return payment(importo=f"{self.draw.randint(10, 90)},00", **fields)

    def _decree(self):
        """Some bear W105: paid before the decree."""
        return self.draw.choice(["01/04/2020"] * 3 + ["01/06/2020"])

    def check(self):
        if self.waiting:
            flow = self.waiting.pop(self.draw.randrange(len(self.waiting)))
            decisions.check_flow(by=self.people["controllore"], flusso_id=flow, nota="x")

    def _one(self, **wanted):
        rows = Pagamento.objects.filter(**wanted).order_by("flusso_id", "riga")
        found = self.draw.choice(list(rows)) if rows else None
        if found is None:
            raise NotNow
        return {"flusso_id": found.flusso_id, "id_pagamento": found.id_pagamento}

    def decide(self):
        stato = self.draw.choice(["certificabile", "sospeso", "non_ammissibile"])
        by = self.people["controllore"]
        decisions.decide(**self._one(), by=by, stato=stato, motivo="x")

    def warned(self):
        stato = self.draw.choice(["certificabile", "sospeso"])
        flow = self._one()["flusso_id"]
        by = self.people["controllore"]
        decisions.decide_warned(by=by, flusso_id=flow, codice="W105", stato=stato, motivo="x")

    def cut(self):
        amount = Decimal(self.draw.randint(1, 90))
        by = self.people["controllore"]
        pool.cut(**self._one(tipo="P"), by=by, amount=amount, reason="x")

    def move(self):
        move = moves.decide(by=self.people["gestore"], atto=ACT, motivo="x")
        moves.carry_out(move.pk)

    def batch(self):
        self.batches += 1
        day = DAY + timedelta(days=self.batches)
        certified(f"DP{self.batches}", day=day, by=self.people["certificatore"])

    def withdraw(self):
        by = self.people["certificatore"]
        decisions.withdraw(**self._one(tipo="P"), by=by, motivo="x")


def stand_together():
    """A recovery waits for its check; then it is where its payment is, if no batch has it."""
    found = {row.id_pagamento: row for row in Pagamento.objects.all()}
    standing = {identifier: pool.position(row) for identifier, row in found.items()}
    for identifier, row in found.items():
        if row.tipo == "P" or standing[identifier].stato == "da_verificare":
            continue
        own, origin = standing[identifier], standing[row.id_pagamento_origine]
        if origin.stato == "certificato":
            assert own.stato == ("certificato" if own.lotti else "certificabile")
        else:
            assert own.stato == origin.stato


@pytest.mark.parametrize("seed", range(6))
def test_sums_kept_change_by_change_are_those_counted_anew(db, seed):
    rate()
    cap("8.6.1", "60.00")
    cap("9.8.1", "400.00")
    walk = Walk(seed)
    for _ in range(3):
        walk.acquire()
    for _ in range(40):
        walk.step()
        hold_sums()
    while walk.waiting:
        walk.attempt(walk.check)
        hold_sums()
    walk.attempt(walk.batch)
    hold_sums()
    stand_together()
    assert {"certificato"} < by_state().keys()
