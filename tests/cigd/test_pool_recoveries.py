"""Recoveries stand with the payment that they correct; the sums by state follow them."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from cigd import decisions, moves, pool
from cigd.caps import AZIONI
from cigd.figures_pool import declared
from cigd.figures_pool import pool as figure
from cigd.models import Causale, Pagamento, SintesiPool, Voce
from cigd.scope import scope
from cigd.selection import Room, Selection
from cigd.states import run, states
from porfse.figures import evaluate
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.models import User
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
    hold_sums,
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


def entering():
    """What batches may take, were no cap reached and the day late: by cause, flow and azione."""
    found = defaultdict(Decimal)
    rooms = {azione: Room(Decimal(10**9), Decimal(0)) for azione in AZIONI}
    for entry in Selection(scope().flussi, date(2030, 1, 1), rooms).entries():
        found[entry.causale, entry.flusso, entry.azione] += entry.importo
    return found


def hold_with_batches():
    """What is certifiable is what may enter, what is certified what stays; none below nothing."""
    certifiable, certified_now = defaultdict(Decimal), defaultdict(Decimal)
    for row in SintesiPool.objects.all():
        if row.stato == "certificabile":
            certifiable[row.flusso_id, row.azione_id] += row.importo - row.taglio
        elif row.stato == "certificato":
            certified_now[row.azione_id] += row.importo - row.taglio
    enters, stays = defaultdict(Decimal), defaultdict(Decimal)
    for entry in Voce.objects.all():
        stays[entry.azione_id] += entry.importo
    for (cause, flow, azione), amount in entering().items():
        if cause in (Causale.PAGAMENTO, Causale.RECUPERO):
            enters[flow, azione] += amount
        else:
            stays[azione] += amount
    assert worthwhile(certifiable) == worthwhile(enters)
    assert worthwhile(certified_now) == worthwhile(stays)
    below = (
        "SELECT CASE tipo WHEN 'R' THEN id_pagamento_origine ELSE id_pagamento END,"
        " sum(importo - taglio)"
        f" FROM ({states(scope().flussi)}) s WHERE stato <> 'da_verificare'"
        " GROUP BY 1 HAVING sum(importo - taglio) < 0"
    )
    assert run(below) == []


def worthwhile(sums):
    return {key: amount for key, amount in sums.items() if amount}


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


def test_a_payment_that_names_another_keeps_its_own_recoveries(person):
    first = milano("50,00")
    second = milano("60,00", id_pagamento_origine=first["id_pagamento"])
    checked(first, second, recovery(second, "-20,00"))
    decide(second, "sospeso", person)
    assert by_state() == {"certificabile": Decimal("50.00"), "sospeso": Decimal("40.00")}
    hold_sums()


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


def remove(row, amount, by):
    """Cut a part of a payment."""
    found = Pagamento.objects.get(id_pagamento=row["id_pagamento"])
    pool.cut(
        by=by,
        flusso_id=found.flusso_id,
        id_pagamento=found.id_pagamento,
        amount=Decimal(amount),
        reason="prova",
    )


def by_flow():
    """Euro of what is certifiable, by flow, where there is any."""
    rows = SintesiPool.objects.filter(stato="certificabile").order_by("flusso_id")
    return [row.importo - row.taglio for row in rows if row.importo != row.taglio]


@pytest.mark.parametrize("cut_first", [True, False])
def test_cut_and_recovery_together_take_no_more_than_the_payment(person, cut_first):
    rate()
    row, other = milano("100,00"), milano("40,00")
    back = recovery(row, "-90,00")
    checked(row, other)
    if cut_first:
        remove(row, "30.00", person)
        checked(back)
    else:
        checked(back)
        remove(row, "30.00", person)
    assert worth(figure(azione="8.6.1", stato="certificabile")) == Decimal("40.00")
    assert counted().azioni.get(azione="8.6.1").importo == Decimal("40.00")
    hold_sums()
    hold_with_batches()


def test_what_waits_for_its_check_is_not_yet_held_to_the_cut(person):
    row = milano("100,00")
    checked(row)
    remove(row, "30.00", person)
    flow = in_pool(recovery(row, "-90,00"))
    assert by_state() == {"certificabile": Decimal("70.00"), "da_verificare": Decimal("-90.00")}
    hold_sums()
    decisions.check_flow(by=person, flusso_id=flow.pk, nota="x")
    assert set(by_state().values()) == {0}
    hold_sums()


def test_a_recovery_of_a_certified_payment_takes_what_cut_and_recoveries_left(person):
    """Certified 70.00 of 100.00 and 20.00 taken back; then 10.00 are cut, and 80.00 taken back."""
    rate()
    row = milano("100,00")
    checked(row, recovery(row, "-20,00", data_pagamento="20/05/2020"))
    remove(row, "30.00", person)
    certified("DP1")
    assert by_state() == {"certificato": Decimal("50.00")}
    remove(row, "10.00", person)
    checked(recovery(row, "-80,00"))  # of an earlier day than the one certified
    assert by_state() == {"certificato": Decimal("40.00"), "certificabile": Decimal("-40.00")}
    hold_with_batches()
    certified("DP2")
    assert worth(figure(stato="certificato")) == worth(declared()) == 0
    hold_sums()


def test_a_cut_after_the_recovery_leaves_nothing_below_what_is_declared(person):
    """Certified 20.00 of 100.00; a cut of 30.00 takes away what is left."""
    rate()
    row, other = milano("100,00"), milano("5,00")
    checked(row, other, recovery(row, "-80,00"))
    certified("DP1")
    remove(row, "30.00", person)
    assert by_state() == {"certificato": Decimal("5.00")}
    hold_with_batches()
    certified("DP2")
    assert worth(figure(stato="certificato")) == worth(declared()) == Decimal("5.00")


def test_an_earlier_recovery_leaves_less_to_a_later_one_and_more_when_it_is_cancelled(person):
    """100.00 cut by 30.00: of two recoveries of 50.00 the earlier takes 50.00, the later 20.00."""
    row = milano("100,00")
    checked(row)
    remove(row, "30.00", person)
    checked(recovery(row, "-50,00", data_pagamento="20/05/2020"))
    assert by_flow() == [Decimal("70.00"), Decimal("-50.00")]
    early = in_pool(recovery(row, "-50,00", data_pagamento="18/05/2020"))
    decisions.check_flow(by=person, flusso_id=early.pk, nota="x")
    assert by_flow() == [Decimal("70.00"), Decimal("-20.00"), Decimal("-50.00")]
    hold_sums()
    services.cancel(early.pk, by=User.objects.sistema(), reason="inviato per errore")
    assert by_flow() == [Decimal("70.00"), Decimal("-50.00")]
    hold_sums()


def test_a_recovery_that_is_decided_on_leaves_less_to_the_later_ones(person):
    row = milano("100,00")
    checked(row)
    remove(row, "30.00", person)
    checked(recovery(row, "-50,00", data_pagamento="20/05/2020"))
    odd = recovery(row, "-50,00", data_pagamento="18/05/2020", data_decreto="01/06/2020")
    checked(odd)  # W105: waits for a decision
    assert by_flow() == [Decimal("70.00"), Decimal("-50.00")]
    decide(odd, "certificabile", person)
    assert by_flow() == [Decimal("70.00"), Decimal("-20.00"), Decimal("-50.00")]
    hold_sums()


# --- Sums kept change by change, against sums counted anew ----------------------------------------
class Walk:
    """A random sequence of what people do, on flows that recover one another's payments."""

    def __init__(self, seed):
        self.draw = random.Random(seed)  # noqa: S311
        self.rows, self.left, self.waiting, self.batches = {}, {}, [], 0
        self.people = {
            role: make_user(role) for role in ("certificatore", "gestore", "controllore")
        }

    def step(self):
        acts = [self.acquire, self.check, self.decide, self.batch, self.cut] * 2
        rare = [self.warned, self.move, self.withdraw, self.cancel, self.uncheck]
        self.attempt(self.draw.choice([*acts, *rare]))

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
        earlier = [row for each in self.rows.values() for row in each if row["tipo"] == "P"]
        # Of this flow and of earlier ones, checked or not, whatever became of their payments.
        for row in self.draw.choices([*rows, *earlier], k=self.draw.randint(1, 4)):
            taken = self.draw.randint(0, self.left[row["id_pagamento"]])
            if taken:
                self.left[row["id_pagamento"]] -= taken
                odd = {"data_decreto": self._decree(), "data_pagamento": self._day()}
                odd["comune_istat"] = self.draw.choice([MILANO, LODI])
                rows.append(recovery(row, f"-{taken},00", **odd))
        flow = in_pool(*rows).pk
        self.rows[flow] = rows
        self.waiting.append(flow)

    def cancel(self):
        flow = self.draw.choice(list(self.rows))
        services.cancel(flow, by=User.objects.sistema(), reason="x")
        for row in self.rows.pop(flow):
            if row["tipo"] == "R":
                self.left[row["id_pagamento_origine"]] -= int(row["importo"].split(",")[0])
        self.waiting = [other for other in self.waiting if other != flow]

    def _day(self):
        return f"{self.draw.randint(15, 19)}/05/2020"

    def _payment(self):
        fields = {"comune_istat": self.draw.choice([MILANO, LODI]), "data_decreto": self._decree()}
        # Some bear W101: paid before the month that they are for.
        fields["mese_competenza"] = self.draw.choice(["03/2020"] * 3 + ["07/2020"])
        # A payment may name another one: that makes it no recovery.
        known = [row["id_pagamento"] for rows in self.rows.values() for row in rows]
        fields["id_pagamento_origine"] = self.draw.choice(["", *known[-2:]])
        return payment(importo=f"{self.draw.randint(10, 90)},00", **fields)

    def _decree(self):
        """Some bear W105: paid before the decree."""
        return self.draw.choice(["01/04/2020"] * 3 + ["01/06/2020"])

    def check(self):
        if self.waiting:
            flow = self.waiting.pop(self.draw.randrange(len(self.waiting)))
            decisions.check_flow(by=self.people["controllore"], flusso_id=flow, nota="x")

    def uncheck(self):
        flow = self.draw.choice(list(self.rows))
        decisions.undo_check(by=self.people["controllore"], flusso_id=flow, motivo="x")
        self.waiting.append(flow)

    def _one(self, **wanted):
        rows = Pagamento.objects.acquired().filter(**wanted).order_by("flusso_id", "riga")
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
        code = self.draw.choice(["W105", "W101"])
        decisions.decide_warned(by=by, flusso_id=flow, codice=code, stato=stato, motivo="x")

    def cut(self):
        amount = Decimal(self.draw.randint(1, 40))
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
    found = {row.id_pagamento: row for row in Pagamento.objects.acquired()}
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
        hold_with_batches()
    while walk.waiting:
        walk.attempt(walk.check)
        hold_sums()
        hold_with_batches()
    walk.attempt(walk.batch)
    hold_sums()
    hold_with_batches()
    stand_together()
    assert {"certificato"} < by_state().keys()
