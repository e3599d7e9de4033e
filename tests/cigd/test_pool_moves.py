"""The excess of 8.6.1 moved to 9.8.1: which payments, how far, with their recoveries."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from cigd import decisions, moves, pool
from cigd.models import Posizione, SintesiPool, Spostamento, Voce
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent
from tests.factories.flows import payment
from tests.factories.people import make_user
from tests.factories.pool import (
    ACT,
    LODI,
    MILANO,
    cap,
    certified,
    checked,
    hold_sums,
    in_pool,
    rate,
    recovery,
)


def milano(amount, day="15/05/2020"):
    return payment(comune_istat=MILANO, importo=amount, data_pagamento=day)


def moved(by):
    move = moves.decide(by=by, atto=ACT, motivo="massimale della 8.6.1 esaurito")
    return moves.carry_out(move.pk)


def under(azione):
    rows = SintesiPool.objects.filter(azione=azione).values_list("stato", "pagamenti", "importo")
    return sorted(rows)


@pytest.fixture
def manager(user):
    return user("gestore")


def test_a_check_taken_back_leaves_a_recovery_where_it_stood_before(manager):
    """The payment was moved; its recovery, of a later flow, followed it with the check."""
    cap("8.6.1", "10.00")
    cap("9.8.1", "400.00")
    row = payment(comune_istat=MILANO, importo="50,00")
    checked(row)
    moved(manager)
    flow = in_pool(recovery(row, "-20,00"))
    before = [under("8.6.1"), under("9.8.1")]
    given = {"by": make_user("controllore"), "flusso_id": flow.pk}
    decisions.check_flow(**given, nota="x")
    assert [under("8.6.1"), under("9.8.1")] != before
    decisions.undo_check(**given, motivo="x")
    assert [under("8.6.1"), under("9.8.1")] == before
    hold_sums()
    decisions.check_flow(**given, nota="x")
    hold_sums()


def test_what_does_not_fit_is_moved_by_name_and_certified_there(manager):
    """Cap of 8.6.1 100.00: 60.00 and 40.00 stay, 50.00 between them is moved."""
    rate()
    cap("8.6.1", "100.00")
    first, second, third = (
        milano("60,00", "01/05/2020"),
        milano("50,00", "02/05/2020"),
        milano("40,00", "03/05/2020"),
    )
    checked(first, second, third)
    move = moved(manager)
    assert (move.pagamenti, move.importo) == (1, Decimal("50.00"))
    [named] = move.posizioni.all()
    assert (named.id_pagamento, named.azione_id) == (second["id_pagamento"], "9.8.1")
    assert under("9.8.1") == [("certificabile", 1, Decimal("50.00"))]
    assert AuditEvent.objects.get(action="spostamento.eseguito").details["importo"] == "50.00"
    hold_sums()
    batch = certified()
    found = {row.azione_id: row.importo for row in batch.azioni.all()}
    assert found == {"8.6.1": Decimal("100.00"), "9.8.1": Decimal("50.00")}
    hold_sums()


def test_as_far_as_there_is_room_after_its_own_payments(manager):
    """Room of 9.8.1: 100.00 less its own 30.00; 50.00 fits, 20.01 no more, 20.00 does."""
    cap("8.6.1", "0.01")
    cap("9.8.1", "100.00")
    checked(
        payment(comune_istat=LODI, importo="30,00"),
        milano("50,00", "01/05/2020"),
        milano("20,01", "02/05/2020"),
        milano("20,00", "03/05/2020"),
    )
    assert moved(manager).importo == Decimal("70.00")
    assert under("8.6.1") == [("certificabile", 1, Decimal("20.01"))]
    hold_sums()


def test_recoveries_go_with_their_payment_also_those_that_come_later(manager):
    rate()
    cap("8.6.1", "0.01")
    row = milano("50,00")
    checked(row)
    early = in_pool(recovery(row, "-10,00"))
    moved(manager)
    assert under("9.8.1") == [
        ("certificabile", 1, Decimal("50.00")),
        ("da_verificare", 0, Decimal("-10.00")),
    ]
    decisions.check_flow(by=make_user("controllore"), flusso_id=early.pk, nota="x")
    checked(recovery(row, "-5,00"))
    certified()
    entries = Voce.objects.order_by("importo").values_list("azione", "importo")
    assert list(entries) == [
        ("9.8.1", Decimal("-10.00")),
        ("9.8.1", Decimal("-5.00")),
        ("9.8.1", Decimal("50.00")),
    ]
    hold_sums()


def test_a_cut_counts_less_and_stays(manager, user):
    cap("8.6.1", "0.01")
    row = milano("50,00")
    flow = checked(row)
    pool.cut(
        by=user("controllore"),
        flusso_id=flow.pk,
        id_pagamento=row["id_pagamento"],
        amount=Decimal("20.00"),
        reason="x",
    )
    assert moved(manager).importo == Decimal("30.00")
    found = Posizione.objects.get()
    assert (found.azione_id, found.taglio) == ("9.8.1", Decimal("20.00"))
    hold_sums()


def test_what_fits_is_not_moved(manager):
    checked(milano("50,00"))
    with pytest.raises(NotNow, match="rientra nel suo massimale"):
        moves.decide(by=manager, atto=ACT, motivo="x")
    assert not Spostamento.objects.exists()


def test_a_move_is_carried_out_once(manager):
    cap("8.6.1", "0.01")
    checked(milano("50,00"))
    move = moved(manager)
    checked(milano("60,00"))
    assert moves.carry_out(move.pk).importo == Decimal("50.00")
    assert Posizione.objects.count() == 1


def test_one_move_at_a_time(manager):
    cap("8.6.1", "0.01")
    checked(milano("50,00"))
    moves.decide(by=manager, atto=ACT, motivo="x")
    with pytest.raises(NotNow, match="ancora in corso"):
        moves.decide(by=manager, atto=ACT, motivo="x")


@pytest.mark.parametrize("role", ["certificatore", "operatore", "controllore", "lettore"])
def test_only_the_managing_authority_moves(user, role):
    cap("8.6.1", "0.01")
    checked(milano("50,00"))
    with pytest.raises(PermissionDenied):
        moves.decide(by=user(role), atto=ACT, motivo="x")
