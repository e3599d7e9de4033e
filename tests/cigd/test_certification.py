"""Batches: what enters, in which order, under which cap; the ledger bears exactly their sum."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum

from cigd import certification, decisions, moves, pool, tasks
from cigd.models import Lotto, Pagamento, SintesiPool, TassoUE, Voce
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent, Fonte
from programme.models import Azione, DomandaPagamento, SpesaCertificata
from programme.services import reverse_movement, update_initiative
from tests.factories.flows import acquired, payment
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
from tests.factories.programme import make_movement

CERTIFIED = {"natura": "movimento", "perimetro": "cigd"}


def entered(batch):
    """What a batch took: cause and amount, by azione."""
    rows = Voce.objects.filter(lotto=batch).order_by("azione", "flusso", "riga", "causale")
    return [(row.azione_id, row.causale, row.importo) for row in rows]


def movements():
    rows = SpesaCertificata.objects.filter(**CERTIFIED).order_by("pk")
    return [(row.azione_id, row.importo, row.quota_ue) for row in rows]


@pytest.fixture
def certifier(user):
    return user("certificatore")


def paid(amount, day="15/05/2020", comune=MILANO, **fields):
    return payment(importo=amount, data_pagamento=day, comune_istat=comune, **fields)


def test_the_ledger_bears_the_sum_of_the_batch_by_azione(certifier):
    rate(tasso="0.5")
    checked(paid("100,01"), paid("0,02", comune=LODI), paid("10,01", comune=LODI))
    batch = certified(by=certifier)
    assert batch.stato == "certificato"
    # Half of 100.01 and of 10.03, half-up to the cent.
    assert movements() == [
        ("8.6.1", Decimal("100.01"), Decimal("50.01")),
        ("9.8.1", Decimal("10.03"), Decimal("5.02")),
    ]
    made = SpesaCertificata.objects.filter(**CERTIFIED).first()
    assert (made.iniziativa_id, made.asse_id) == ("cigd-asse-i", "I")
    assert (str(made.atto), made.domanda_id, made.data) == (
        "Decreto n. 77 del 01.02.2022",
        "DP1",
        DAY,
    )
    assert made.fonte.genere == Fonte.Genere.INSERITA
    assert made.fonte.documento == f"lotto-{batch.pk}"
    assert Voce.objects.aggregate(total=Sum("importo"))["total"] == Decimal("110.04")
    assert AuditEvent.objects.get(action="lotto.certificato").actor == certifier
    hold_sums()


def test_one_that_does_not_fit_waits_and_a_later_smaller_one_enters(db):
    """Cap 250.00: 150.00 enters, 100.01 does not, 60.00 does, then 40.01 does not, 40.00 does."""
    rate()
    cap("8.6.1", "250.00")
    rows = [
        paid("150,00", "01/05/2020"),
        paid("100,01", "02/05/2020"),
        paid("60,00", "03/05/2020"),
        paid("40,01", "04/05/2020"),
        paid("40,00", "05/05/2020"),
    ]
    checked(*rows)
    batch = certified()
    states = [state(row["id_pagamento"]) for row in rows]
    assert states == [
        "certificato",
        "certificabile",
        "certificato",
        "certificabile",
        "certificato",
    ]
    row = batch.azioni.get(azione="8.6.1")
    assert (row.massimale, row.importo) == (Decimal("250.00"), Decimal("250.00"))
    assert (row.attesa_pagamenti, row.attesa_importo) == (2, Decimal("140.02"))
    assert movements() == [("8.6.1", Decimal("250.00"), Decimal("125.00"))]
    hold_sums()


def test_ties_of_date_enter_by_flow_then_by_row(db):
    rate()
    cap("8.6.1", "200.00")
    later_row = paid("100,00")
    first = checked(paid("100,00"), later_row)
    second = checked(paid("100,00"))
    certified()
    assert [
        (voce.flusso_id, voce.riga) for voce in Voce.objects.order_by("flusso", "riga")
    ] == sorted((first.pk, voce.riga) for voce in Voce.objects.all())
    assert state(later_row["id_pagamento"]) == "certificato"
    assert not Voce.objects.filter(flusso=second).exists()


def test_an_earlier_date_comes_before_an_earlier_flow(db):
    rate()
    cap("8.6.1", "100.00")
    late, early = paid("100,00", "20/05/2020"), paid("100,00", "10/05/2020")
    checked(late)
    checked(early)
    certified()
    assert (state(late["id_pagamento"]), state(early["id_pagamento"])) == (
        "certificabile",
        "certificato",
    )


def test_what_is_certified_already_takes_room(db):
    rate()
    cap("8.6.1", "250.00")
    checked(paid("200,00"))
    certified("DP1")
    waiting, small = paid("50,01"), paid("50,00", "30/05/2020")
    checked(waiting, small)
    batch = certified("DP2")
    row = batch.azioni.get(azione="8.6.1")
    assert (row.gia_certificato, row.importo) == (Decimal("200.00"), Decimal("50.00"))
    assert state(waiting["id_pagamento"]) == "certificabile"


def test_the_cap_is_the_least_allocation_from_the_day_of_the_application(db):
    """Acts of January 2022 bring 8.6.1 to 80.00 on the 15th, and to 200.00 on the 20th."""
    rate()
    cap("8.6.1", "80.00", day=date(2022, 1, 15))
    cap("8.6.1", "200.00", day=date(2022, 1, 20))
    checked(paid("100,00"), paid("70,00", comune=LODI))
    found = []
    for number, day in (("DP1", date(2022, 1, 14)), ("DP2", date(2022, 1, 20))):
        rows = counted(number, day=day).azioni.all()
        found.append({row.azione_id: (row.massimale, row.importo) for row in rows})
    other = (Decimal("116792020.03"), Decimal("70.00"))
    assert found == [
        {"8.6.1": (Decimal("80.00"), Decimal("0.00")), "9.8.1": other},
        {"8.6.1": (Decimal("200.00"), Decimal("100.00")), "9.8.1": other},
    ]


def test_a_batch_whose_initiative_stands_elsewhere_says_how_to_put_it_back(db, user):
    rate()
    elsewhere = Azione.objects.exclude(pk="9.8.1").filter(obiettivo__asse="II").first()
    change = {"by": user("gestore"), "changes": {"azione": elsewhere}}
    update_initiative("cigd-asse-ii", version=1, **change)
    checked(paid("70,00", comune=LODI))
    batch = counted(day=DAY)
    words = f"L'iniziativa appartiene all'azione {elsewhere.pk}. Riportare l'iniziativa «"
    assert certification.why_not(batch).startswith(words)
    assert certification.why_not(batch).endswith("» sotto l'azione 9.8.1.")


def test_payments_after_the_day_of_the_application_wait(db):
    rate()
    checked(paid("100,00", "10/02/2022"), paid("70,00", "11/02/2022"))
    row = counted(day=DAY).azioni.get(azione="8.6.1")
    assert (row.importo, row.successivi, row.successivi_importo) == (
        Decimal("100.00"),
        1,
        Decimal("70.00"),
    )


# --- Recoveries -------------------------------------------------------------------------------
def test_a_recovery_enters_with_its_payment_and_frees_room_after_it(db):
    rate()
    cap("8.6.1", "300.00")
    first, second = paid("300,00", "01/05/2020"), paid("100,00", "02/05/2020")
    checked(first, recovery(first, "-100,00"), second)
    batch = certified()
    assert sorted(entered(batch)) == [
        ("8.6.1", "pagamento", Decimal("100.00")),
        ("8.6.1", "pagamento", Decimal("300.00")),
        ("8.6.1", "recupero", Decimal("-100.00")),
    ]
    assert movements() == [("8.6.1", Decimal("300.00"), Decimal("150.00"))]


def test_a_recovery_of_what_is_not_certified_waits(db):
    rate()
    cap("8.6.1", "100.00")
    big, small = paid("300,00"), paid("50,00")
    checked(big, recovery(big, "-250,00"), small)
    row = certified().azioni.get(azione="8.6.1")
    assert row.importo == Decimal("50.00")
    assert (row.attesa_recuperi, row.attesa_recuperi_importo) == (1, Decimal("-250.00"))


def test_a_recovery_of_a_suspended_payment_waits(user):
    rate()
    row = paid("300,00")
    flow = checked(row, recovery(row, "-250,00"), paid("10,00"))
    decisions.decide(
        by=user("controllore"),
        flusso_id=flow.pk,
        id_pagamento=row["id_pagamento"],
        stato="sospeso",
        motivo="x",
    )
    found = certified().azioni.get(azione="8.6.1")
    assert (found.importo, found.attesa_recuperi) == (Decimal("10.00"), 1)


def test_a_later_recovery_of_a_certified_payment_is_a_negative_movement(db):
    rate()
    row = paid("300,00")
    checked(row)
    certified("DP1")
    checked(recovery(row, "-100,00"))
    certified("DP2")
    checked(recovery(row, "-50,00"))
    certified("DP3")
    assert movements() == [
        ("8.6.1", Decimal("300.00"), Decimal("150.00")),
        ("8.6.1", Decimal("-100.00"), Decimal("-50.00")),
        ("8.6.1", Decimal("-50.00"), Decimal("-25.00")),
    ]
    assert pool.position(_payment(row)).certificato == Decimal("150.00")
    hold_sums()


def _payment(row):
    return Pagamento.objects.get(id_pagamento=row["id_pagamento"])


def test_a_recovery_follows_the_azione_under_which_its_payment_is_certified(db):
    rate()
    row = paid("300,00", comune=MILANO)
    checked(row)
    certified("DP1")
    checked(recovery(row, "-100,00", comune_istat=LODI))
    certified("DP2")
    assert [item[:2] for item in movements()] == [
        ("8.6.1", Decimal("300.00")),
        ("8.6.1", Decimal("-100.00")),
    ]
    hold_sums()


def test_recoveries_free_room_before_payments_enter(db):
    rate()
    cap("8.6.1", "300.00")
    row = paid("300,00")
    checked(row)
    certified("DP1")
    # Dated after the payment: what lowers the expenditure comes first all the same.
    checked(paid("120,00", "01/04/2020"), recovery(row, "-120,00", data_pagamento="30/06/2020"))
    certified("DP2")
    assert entered(Lotto.objects.first()) == [
        ("8.6.1", "pagamento", Decimal("120.00")),
        ("8.6.1", "recupero", Decimal("-120.00")),
    ]
    # Nothing is left of it: no movement of zero.
    assert len(movements()) == 1


# --- Cuts and withdrawals -----------------------------------------------------------------------
def cut(row, amount, by):
    found = _payment(row)
    pool.cut(
        by=by,
        flusso_id=found.flusso_id,
        id_pagamento=found.id_pagamento,
        amount=Decimal(amount),
        reason="verifica",
    )


def withdraw(row, by):
    found = _payment(row)
    decisions.withdraw(
        by=by, flusso_id=found.flusso_id, id_pagamento=found.id_pagamento, motivo="errore"
    )


def test_a_cut_before_certification_lowers_what_enters(user):
    rate()
    row = paid("300,00")
    checked(row)
    cut(row, "99.99", user("controllore"))
    assert entered(certified()) == [("8.6.1", "pagamento", Decimal("200.01"))]


def test_a_cut_after_certification_leaves_with_the_next_batch_once(user):
    rate()
    row = paid("300,00")
    checked(row)
    certified("DP1")
    cut(row, "100.00", user("controllore"))
    cut(row, "50.00", user("controllore"))
    assert entered(certified("DP2")) == [("8.6.1", "decurtazione", Decimal("-150.00"))]
    cut(row, "0.01", user("controllore"))
    assert entered(certified("DP3")) == [("8.6.1", "decurtazione", Decimal("-0.01"))]
    with pytest.raises(NotNow, match="non entra nulla"):
        certified("DP4")
    assert sum(item[1] for item in movements()) == Decimal("149.99")
    hold_sums()


def test_a_withdrawal_takes_all_that_is_certified_and_later_recoveries_nothing(certifier):
    rate()
    row = paid("300,00")
    checked(row)
    certified("DP1")
    checked(recovery(row, "-100,00"))
    certified("DP2")
    withdraw(row, certifier)
    assert state(row["id_pagamento"]) == "ritirato"
    assert entered(certified("DP3")) == [("8.6.1", "ritiro", Decimal("-200.00"))]
    checked(recovery(row, "-200,00"))
    assert entered(certified("DP4")) == [("8.6.1", "recupero", Decimal("0.00"))]
    assert sum(item[1] for item in movements()) == 0
    hold_sums()


def test_a_recovery_never_takes_more_than_is_certified_of_its_payment(user):
    rate()
    row = paid("300,00")
    checked(row)
    cut(row, "100.00", user("controllore"))
    certified("DP1")
    checked(recovery(row, "-300,00"))
    assert entered(certified("DP2")) == [("8.6.1", "recupero", Decimal("-200.00"))]


def test_a_certified_payment_is_not_decided_on_any_more(user):
    rate()
    row = paid("300,00")
    flow = checked(row)
    certified()
    with pytest.raises(ValidationError, match="ritiro o un recupero"):
        decisions.decide(
            by=user("controllore"),
            flusso_id=flow.pk,
            id_pagamento=row["id_pagamento"],
            stato="sospeso",
            motivo="x",
        )


def test_a_flow_with_certified_payments_is_not_cancelled(db):
    rate()
    flow, other = checked(paid("300,00")), in_pool(paid("10,00"))
    batch = certified()
    assert f"lotto n. {batch.pk}" in pool.why_not_cancel(flow)
    assert pool.why_not_cancel(other) == ""


# --- Rates and years ----------------------------------------------------------------------------
def test_the_rate_of_2020_2021_is_known_and_no_other(db):
    assert list(TassoUE.objects.values_list("anno", "tasso")) == [(2020, Decimal("1.0000"))]


def test_without_a_rate_nothing_is_prepared(certifier):
    checked(paid("100,00"))
    with pytest.raises(ValidationError, match=r"2021/2022.*Tassi UE"):
        counted(by=certifier)
    assert not Lotto.objects.exists()


@pytest.mark.parametrize(
    ("day", "year"), [(date(2022, 6, 30), "2021/2022"), (date(2022, 7, 1), "2022/2023")]
)
def test_the_year_turns_on_the_first_of_july(db, day, year):
    rate(2021, "1")
    rate(2022, "0.5")
    checked(paid("100,00", comune=LODI))
    batch = counted(day=day)
    assert str(batch.anno_contabile) == year
    row = batch.azioni.get(azione="9.8.1")
    assert row.quota_ue == (Decimal("100.00") if year == "2021/2022" else Decimal("50.00"))


def test_a_rate_that_a_batch_used_does_not_change(certifier):
    rate(2021, "0.5")
    checked(paid("100,00"))
    rate(2021, "0.6")
    certified()
    with pytest.raises(ValidationError, match="già usato dal Lotto"):
        rate(2021, "0.7")
    rate(2022, "0.7")


@pytest.mark.parametrize("wrong", ["0", "-0.5", "1.0001", "0.50001"])
def test_a_rate_is_above_nothing_and_at_most_all(db, wrong):
    with pytest.raises(ValidationError):
        rate(2021, wrong)


# --- What stands against it -----------------------------------------------------------------------
def test_within_a_balance_published_since_the_programme_refuses_and_says_why(certifier):
    rate()
    checked(paid("100,00", comune=LODI))
    batch = counted(by=certifier)
    certification.decide(batch.pk, by=certifier)
    make_movement("certificata", natura="saldo", asse_id="II", data=DAY, atto=None)
    batch = certification.certify(batch.pk)
    assert batch.stato == "pronto"
    assert "compresa nel saldo pubblicato" in batch.messaggio
    assert not Voce.objects.exists()
    assert movements() == []


def test_what_changed_after_the_preview_is_shown_again_before_it_is_certified(user, certifier):
    rate()
    row = paid("300,00")
    checked(row)
    batch = counted(by=certifier)
    cut(row, "100.00", user("controllore"))
    certification.decide(batch.pk, by=certifier)
    back = certification.certify(batch.pk)
    assert (back.stato, back.azioni.get(azione="8.6.1").importo) == ("pronto", Decimal("200.00"))
    assert "anteprima è stata rifatta" in back.messaggio
    assert not Voce.objects.exists()
    certification.decide(batch.pk, by=certifier)
    assert certification.certify(batch.pk).stato == "certificato"


def test_the_same_work_twice_certifies_once(certifier):
    rate()
    checked(paid("100,00"))
    batch = certified(by=certifier)
    assert certification.certify(batch.pk) == certification.count(batch.pk) == batch
    assert len(movements()) == len(entered(batch)) == 1
    with pytest.raises(NotNow, match="certificato"):
        certification.decide(batch.pk, by=certifier)
    with pytest.raises(NotNow, match="certificato"):
        certification.discard(batch.pk, by=certifier, reason="x")


def test_two_batches_of_the_same_payments_certify_them_once(certifier):
    rate()
    checked(paid("100,00"))
    one, two = counted("DP1", by=certifier), counted("DP2", by=certifier)
    for batch in (one, two):
        certification.decide(batch.pk, by=certifier)
        certification.certify(batch.pk)
    two.refresh_from_db()
    assert (two.stato, two.righe.count()) == ("pronto", 0)
    assert movements() == [("8.6.1", Decimal("100.00"), Decimal("50.00"))]


def test_a_batch_that_is_given_up_certifies_nothing(certifier):
    rate()
    checked(paid("100,00"))
    batch = counted(by=certifier)
    certification.discard(batch.pk, by=certifier, reason="errore nella domanda")
    assert certification.certify(batch.pk).stato == "annullato"
    with pytest.raises(NotNow):
        certification.decide(batch.pk, by=certifier)


@pytest.mark.parametrize("role", ["gestore", "operatore", "controllore", "lettore"])
def test_only_the_certifying_authority_certifies(user, role):
    rate()
    checked(paid("100,00"))
    with pytest.raises(PermissionDenied):
        counted(by=user(role))
    batch = counted()
    with pytest.raises(PermissionDenied):
        certification.decide(batch.pk, by=user(role))
    with pytest.raises(PermissionDenied):
        certification.set_rate(by=user(role), anno=2022, tasso=Decimal(1), motivazione="x")


def test_an_application_keeps_one_date(certifier):
    rate()
    DomandaPagamento.objects.create(numero="DP1", data=date(2022, 2, 9))
    checked(paid("100,00"))
    with pytest.raises(ValidationError, match=r"09\.02\.2022"):
        counted("DP1")


# --- Examples -------------------------------------------------------------------------------------
@pytest.fixture
def demo(settings):
    settings.DEMO = True


def test_examples_never_enter_a_total_and_go_when_real_data_come(demo, certifier):
    rate()
    before = SpesaCertificata.objects.in_force().total()
    flow = checked(paid("100,00"), example=True)
    batch = certified("1", by=certifier)
    assert (batch.stato, batch.esempio, batch.domanda_numero) == ("certificato", True, "ES-1")
    assert movements() == [("8.6.1", Decimal("100.00"), Decimal("50.00"))]
    assert batch.fonte.genere == Fonte.Genere.ESEMPIO
    assert SpesaCertificata.objects.in_force().total() == before
    # A rate that only an example used may still be corrected.
    rate(2021, "0.6")
    pool.forget_example(flow, by=certifier)
    batch.refresh_from_db()
    assert batch.stato == "annullato"
    assert batch.fonte.ritirata_il is not None
    assert not Voce.objects.exists()
    assert not SintesiPool.objects.exists()


def test_what_examples_certified_takes_their_room_alone(demo, certifier):
    rate()
    cap("8.6.1", "150.00")
    checked(paid("100,00"), paid("50,01"), example=True)
    certified("1")
    row = counted("2").azioni.get(azione="8.6.1")
    assert (row.gia_certificato, row.importo) == (Decimal("100.00"), Decimal("0.00"))
    real = acquired([paid("150,00")])
    if not SintesiPool.objects.filter(flusso=real).exists():
        pool.on_acquired(real)
    decisions.check_flow(by=certifier, flusso_id=real.pk, nota="x")
    row = certified("1").azioni.get(azione="8.6.1")
    assert (row.gia_certificato, row.importo) == (Decimal("0.00"), Decimal("150.00"))


def test_a_batch_of_examples_ends_when_real_data_come(demo, certifier):
    rate()
    checked(paid("100,00"), example=True)
    batch = counted("1", by=certifier)
    certification.decide(batch.pk, by=certifier)
    in_pool(paid("150,00"))
    assert certification.certify(batch.pk).stato in ("fallito", "annullato")
    assert not Voce.objects.exists()


def test_the_act_is_recorded_with_the_movement(certifier):
    rate()
    checked(paid("100,00"))
    batch = certified(by=certifier)
    assert (batch.atto_numero, batch.azioni.get(azione="8.6.1").movimento.atto.numero) == (
        ACT.numero,
        ACT.numero,
    )


# --- Tasks ----------------------------------------------------------------------------------------
def test_the_tasks_do_the_work_and_may_run_twice(user, certifier):
    rate()
    cap("8.6.1", "100.00")
    checked(paid("100,00"), paid("40,00"))
    batch = certification.prepare(by=certifier, domanda_numero="DP1", domanda_data=DAY, atto=ACT)
    for _ in range(2):
        tasks.count_batch(batch.pk)
    certification.decide(batch.pk, by=certifier)
    for _ in range(2):
        tasks.certify_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.stato, movements()) == (
        "certificato",
        [("8.6.1", Decimal("100.00"), Decimal("50.00"))],
    )
    move = moves.decide(by=user("gestore"), atto=ACT, motivo="x")
    for _ in range(2):
        tasks.move_excess(move.pk)
    move.refresh_from_db()
    assert (move.pagamenti, move.importo) == (1, Decimal("40.00"))


def test_a_batch_whose_decider_lost_the_role_is_not_certified(user):
    rate()
    checked(paid("100,00"))
    person = user("certificatore")
    batch = counted(by=person)
    certification.decide(batch.pk, by=person)
    person.groups.clear()
    back = certification.certify(batch.pk)
    assert (back.stato, movements()) == ("pronto", [])
    assert "non ha più il ruolo" in back.messaggio


def test_the_movement_of_a_batch_is_not_reversed_by_hand(certifier):
    checked(payment(comune_istat=LODI, importo="100,00"))
    rate()
    batch = certified()
    movement = batch.azioni.get(azione="9.8.1").movimento
    with pytest.raises(ValidationError, match="Il movimento viene da «Lotto di certificazione"):
        reverse_movement(movement, by=certifier, atto=ACT, data=DAY, descrizione="prova")
