"""The state of each payment, who changes it, and the sums by state that pages read."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cigd import certification, decisions, pool, warned
from cigd.models import ControlloFlusso, Posizione, SintesiPool
from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent
from tests.factories.flows import payment
from tests.factories.pool import (
    LODI,
    MILANO,
    certified,
    counted,
    hold_sums,
    in_pool,
    rate,
    recovery,
    state,
)


def sums():
    rows = SintesiPool.objects.values_list(
        "flusso", "azione", "stato", "pagamenti", "recuperi", "importo", "taglio"
    )
    return sorted(rows)


@pytest.fixture
def checker(user):
    return user("controllore")


@pytest.fixture
def certifier(user):
    return user("certificatore")


def early(**fields):
    """A payment that bears W105: before its decree."""
    return payment(data_decreto="01/06/2020", data_pagamento="15/05/2020", **fields)


def test_an_acquired_flow_is_all_to_be_checked(db):
    flow = in_pool(
        payment(comune_istat=MILANO, importo="100,10"), payment(comune_istat=LODI, importo="50,00")
    )
    assert sums() == [
        (flow.pk, "8.6.1", "da_verificare", 1, 0, Decimal("100.10"), Decimal(0)),
        (flow.pk, "9.8.1", "da_verificare", 1, 0, Decimal("50.00"), Decimal(0)),
    ]
    hold_sums()


def test_after_the_check_payments_without_warnings_are_certifiable(checker):
    good, bad = payment(comune_istat=MILANO), early(comune_istat=MILANO)
    flow = in_pool(good, bad)
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="Controllo desk completo")
    assert state(good["id_pagamento"]) == "certificabile"
    assert state(bad["id_pagamento"]) == "da_verificare"
    assert [row[2:4] for row in sums()] == [("certificabile", 1), ("da_verificare", 1)]
    assert AuditEvent.objects.get(action="flusso.controllato").details["nota"]
    hold_sums()


def test_a_flow_is_checked_once(checker):
    flow = in_pool(payment())
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    with pytest.raises(NotNow, match="già stato controllato"):
        decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    with pytest.raises(NotThere):
        decisions.check_flow(by=checker, flusso_id=flow.pk + 1, nota="x")


def test_a_check_taken_back_leaves_all_as_it_was_before(checker):
    paid, back = payment(comune_istat=MILANO), payment(importo="80,00")
    here = [paid, back, early(), recovery(paid, "-10,00", comune_istat=LODI)]
    flow, other = in_pool(*here), in_pool(recovery(back, "-5,00"))
    decisions.check_flow(by=checker, flusso_id=other.pk, nota="x")
    before = sums()
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="Il flusso sbagliato")
    assert sums() != before
    made = decisions.undo_check(by=checker, flusso_id=flow.pk, motivo="Era un altro")
    assert sums() == before
    assert not ControlloFlusso.objects.filter(flusso=flow).exists()
    assert not Posizione.objects.exists()
    assert (made.nota, made.motivo, made.annullato_da) == (
        "Il flusso sbagliato",
        "Era un altro",
        checker,
    )
    told = AuditEvent.objects.get(action="flusso.controllo_annullato").details
    assert (told["nota"], told["motivo"]) == ("Il flusso sbagliato", "Era un altro")
    hold_sums()
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    assert state(back["id_pagamento"]) == "certificabile"
    hold_sums()


def test_a_check_taken_back_keeps_what_was_taken_away_and_forgets_what_was_let_in(user, checker):
    in_, out, part = early(), early(), early(importo="100,00")
    flow = in_pool(payment(), in_, out, part)
    given = {"by": checker, "flusso_id": flow.pk}
    decisions.check_flow(**given, nota="x")
    for row, stato in ((in_, "certificabile"), (out, "sospeso"), (part, "certificabile")):
        decisions.decide(**given, id_pagamento=row["id_pagamento"], stato=stato, motivo="visto")
    cut = {"id_pagamento": part["id_pagamento"], "amount": Decimal(40), "reason": "ore"}
    pool.cut(**{**given, "by": (cutter := user("certificatore"))}, **cut)
    decisions.undo_check(**given, motivo="da rifare")
    assert state(in_["id_pagamento"]) == state(part["id_pagamento"]) == "da_verificare"
    assert state(out["id_pagamento"]) == "sospeso"
    kept = Posizione.objects.get(id_pagamento=part["id_pagamento"])
    assert (kept.taglio, kept.motivo, kept.deciso_da) == (40, "ore", cutter)
    assert warned.waiting(flow.pk) == {"W105": (2, 2, 0)}
    hold_sums()
    decisions.check_flow(**given, nota="y")
    assert state(in_["id_pagamento"]) == "da_verificare"  # decided on before the check, no more
    hold_sums()


def test_only_a_check_is_taken_back_and_only_while_nothing_is_certified(checker):
    rate()
    row = payment(comune_istat=MILANO)
    flow = in_pool(row)
    given = {"by": checker, "flusso_id": flow.pk, "motivo": "x"}
    with pytest.raises(NotNow, match="non è controllato"):
        decisions.undo_check(**given)
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    batch = certified()
    before = sums()
    with pytest.raises(NotNow, match=rf"certificati \(lotto n. {batch.pk}\)"):
        decisions.undo_check(**given)
    assert sums() == before
    assert ControlloFlusso.objects.exists()
    with pytest.raises(NotThere):
        decisions.undo_check(**{**given, "flusso_id": flow.pk + 1})


def test_a_check_made_anew_is_not_taken_back_for_the_one_that_was_shown(checker):
    flow = in_pool(payment())
    given = {"by": checker, "flusso_id": flow.pk}
    shown = decisions.check_flow(**given, nota="x").controllato_il
    decisions.undo_check(**given, motivo="x", visto=shown)
    decisions.check_flow(**given, nota="y")
    with pytest.raises(NotNow, match="registrato di nuovo"):
        decisions.undo_check(**given, motivo="x", visto=shown)
    assert ControlloFlusso.objects.get().nota == "y"


def test_a_batch_counted_before_a_check_is_taken_back_is_counted_again(checker, certifier):
    rate()
    flow = in_pool(payment(comune_istat=MILANO))
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    batch = counted(by=certifier)
    certification.decide(batch.pk, by=certifier)
    decisions.undo_check(by=checker, flusso_id=flow.pk, motivo="x")
    again = certification.certify(batch.pk)
    assert (again.stato, again.righe.count()) == ("pronto", 0)
    assert "l'anteprima è stata rifatta" in again.messaggio


@pytest.mark.parametrize("stato", ["certificabile", "sospeso", "non_ammissibile"])
def test_one_payment_is_decided_on(checker, stato):
    bad = early(importo="77,00")
    flow = in_pool(payment(), bad)
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    decisions.decide(
        by=checker, flusso_id=flow.pk, id_pagamento=bad["id_pagamento"], stato=stato, motivo="visto"
    )
    assert state(bad["id_pagamento"]) == stato
    assert AuditEvent.objects.get(action="pagamento.deciso").details["stato"] == stato
    hold_sums()


def test_nothing_is_certifiable_of_a_flow_that_is_not_checked(checker):
    row = payment()
    flow = in_pool(row)
    given = {"by": checker, "flusso_id": flow.pk, "id_pagamento": row["id_pagamento"]}
    with pytest.raises(ValidationError, match="controllato"):
        decisions.decide(**given, stato="certificabile", motivo="x")
    decisions.decide(**given, stato="sospeso", motivo="x")
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    assert state(row["id_pagamento"]) == "sospeso"
    hold_sums()


@pytest.mark.parametrize("stato", ["certificato", "ritirato", "da_verificare", "altro"])
def test_other_states_are_not_decisions(checker, stato):
    row = payment()
    flow = in_pool(row)
    with pytest.raises(ValidationError, match="non esiste"):
        decisions.decide(
            by=checker,
            flusso_id=flow.pk,
            id_pagamento=row["id_pagamento"],
            stato=stato,
            motivo="x",
        )


def test_a_code_is_decided_on_for_a_whole_flow(checker):
    one, two = early(), early()
    # Paid before its month too: this one bears W101 besides W105.
    both = early(mese_competenza="07/2020")
    flow = in_pool(one, two, both, payment())
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    given = {
        "by": checker,
        "flusso_id": flow.pk,
        "codice": "W105",
        "motivo": "sanatoria",
    }
    assert decisions.decide_warned(**given, stato="certificabile") == 2
    assert state(one["id_pagamento"]) == state(two["id_pagamento"]) == "certificabile"
    assert state(both["id_pagamento"]) == "da_verificare"
    assert decisions.decide_warned(**given, stato="sospeso") == 1
    assert state(both["id_pagamento"]) == "sospeso"
    with pytest.raises(ValidationError, match="attende"):
        decisions.decide_warned(**given, stato="sospeso")
    hold_sums()


def test_a_recovery_is_neither_suspended_nor_excluded(checker):
    paid = payment(importo="300,00")
    back = payment(
        tipo="R",
        importo="-100,00",
        id_pagamento_origine=paid["id_pagamento"],
        codice_fiscale=paid["codice_fiscale"],
    )
    flow = in_pool(paid, back)
    with pytest.raises(ValidationError, match="recupero riduce sempre"):
        decisions.decide(
            by=checker,
            flusso_id=flow.pk,
            id_pagamento=back["id_pagamento"],
            stato="non_ammissibile",
            motivo="x",
        )


def test_a_recovery_stands_under_the_azione_of_its_payment(checker):
    paid = payment(comune_istat=MILANO)
    first = in_pool(paid)
    second = in_pool(
        payment(
            tipo="R",
            importo="-100,00",
            comune_istat=LODI,
            id_pagamento_origine=paid["id_pagamento"],
            codice_fiscale=paid["codice_fiscale"],
        )
    )
    for flow in (first, second):
        decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    assert [row[1:6] for row in sums()] == [
        ("8.6.1", "certificabile", 1, 0, Decimal("300.00")),
        ("8.6.1", "certificabile", 0, 1, Decimal("-100.00")),
    ]
    hold_sums()


def test_cuts_add_up_and_never_exceed_the_payment(checker):
    row = payment(importo="300,00")
    flow = in_pool(row)
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    given = {"by": checker, "flusso_id": flow.pk, "id_pagamento": row["id_pagamento"]}
    pool.cut(**given, amount=Decimal("100.01"), reason="ore non lavorate")
    assert state(row["id_pagamento"]) == "certificabile"
    for wrong in ("0", "-1", "200.00"):
        with pytest.raises(ValidationError, match="199,99"):
            pool.cut(**given, amount=Decimal(wrong), reason="x")
    pool.cut(**given, amount=Decimal("199.99"), reason="azienda esclusa")
    assert state(row["id_pagamento"]) == "non_ammissibile"
    assert Posizione.objects.get().taglio == Decimal("300.00")
    with pytest.raises(ValidationError, match="per intero"):
        decisions.decide(**given, stato="certificabile", motivo="x")
    assert AuditEvent.objects.filter(action="pagamento.decurtato").count() == 2
    hold_sums()


def test_a_cancelled_flow_leaves_nothing_in_the_pool(checker):
    row = payment()
    flow = in_pool(row)
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    pool.cut(
        by=checker,
        flusso_id=flow.pk,
        id_pagamento=row["id_pagamento"],
        amount=Decimal(1),
        reason="x",
    )
    assert pool.why_not_cancel(flow) == ""
    pool.on_cancelled(flow)
    assert not SintesiPool.objects.exists()
    assert not Posizione.objects.exists()
    assert not ControlloFlusso.objects.exists()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("controllore", True),
        ("certificatore", True),
        ("gestore", False),
        ("operatore", False),
        ("lettore", False),
        ("amministratore", False),
    ],
)
def test_who_may_check_a_flow(user, role, may):
    flow = in_pool(payment())
    if may:
        assert decisions.check_flow(by=user(role), flusso_id=flow.pk, nota="x").pk == flow.pk
    else:
        with pytest.raises(PermissionDenied):
            decisions.check_flow(by=user(role), flusso_id=flow.pk, nota="x")


def test_who_may_not_check_may_not_take_a_check_back(user, checker):
    flow = in_pool(payment())
    decisions.check_flow(by=checker, flusso_id=flow.pk, nota="x")
    with pytest.raises(PermissionDenied):
        decisions.undo_check(by=user("gestore"), flusso_id=flow.pk, motivo="x")


def test_only_the_certifying_authority_withdraws(checker):
    row = payment()
    flow = in_pool(row)
    with pytest.raises(PermissionDenied):
        decisions.withdraw(
            by=checker, flusso_id=flow.pk, id_pagamento=row["id_pagamento"], motivo="x"
        )


def test_what_is_not_certified_is_not_withdrawn(certifier):
    row = payment()
    flow = in_pool(row)
    with pytest.raises(ValidationError, match="certificato"):
        decisions.withdraw(
            by=certifier, flusso_id=flow.pk, id_pagamento=row["id_pagamento"], motivo="x"
        )
