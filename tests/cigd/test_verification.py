"""What is recorded of the elements of a sample, and what it does to the expenditure."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from cigd import pool, verification
from cigd.models import Pagamento, Seguito, Verifica
from cigd.persons import reveal
from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent
from programme.services import Conflict
from tests.factories.flows import payment
from tests.factories.people import make_user
from tests.factories.pool import LODI, MILANO, cap, certified, checked, in_pool, rate, state
from tests.factories.samples import answers, drawn, outcome, verified


@pytest.fixture
def sample(db):
    """All of four payments of 300.00 each, two in Milano and two in Lodi."""
    places = (MILANO, MILANO, LODI, LODI)
    checked(*(payment(comune_istat=place, importo="300,00") for place in places))
    return drawn("semplice", 4)


@pytest.fixture
def element(sample):
    return sample.elementi.first()


def cut_of(element):
    found = Pagamento.objects.get(flusso=element.flusso_id, riga=element.riga)
    return pool.position(found).taglio


def test_a_regular_outcome_cuts_nothing(element):
    made = verified(element)
    element.refresh_from_db()
    assert (element.stato, element.irregolare, made.versione) == ("regolare", 0, 1)
    assert cut_of(element) == 0


def test_an_irregular_outcome_cuts_what_is_irregular(element, user):
    person = user("controllore")
    verified(element, "irregolare", by=person, importo_irregolare=Decimal("120.50"))
    element.refresh_from_db()
    assert (element.stato, element.irregolare) == ("irregolare", Decimal("120.50"))
    assert cut_of(element) == Decimal("120.50")
    event = AuditEvent.objects.get(action="verifica.registrata")
    assert (event.actor, event.object_id) == (person, str(element.pk))
    assert event.details["importo_irregolare"] == "120.50"
    assert AuditEvent.objects.filter(action="pagamento.decurtato").count() == 1


def test_the_cut_may_be_less_if_it_was_made_before(element):
    verified(
        element, "irregolare", importo_irregolare=Decimal("120.50"), decurtazione=Decimal("0.00")
    )
    element.refresh_from_db()
    assert (element.irregolare, cut_of(element)) == (Decimal("120.50"), 0)


def test_a_cut_that_the_payment_does_not_have_left_writes_nothing(element):
    pool.cut(by=make_user("controllore"), flusso_id=element.flusso_id,
             id_pagamento=element.id_pagamento, amount=Decimal(250), reason="x")  # fmt: skip
    with pytest.raises(ValidationError, match="50,00") as error:
        verified(element, "irregolare", importo_irregolare=Decimal(100))
    assert "decurtazione" in error.value.message_dict


def test_an_open_outcome_waits_for_the_reply_and_then_ends(element):
    first = verified(
        element, "in_contraddittorio", importo_irregolare=Decimal(300), scadenza=date(2022, 4, 1)
    )
    element.refresh_from_db()
    assert (element.stato, element.irregolare, cut_of(element)) == ("in_contraddittorio", 0, 0)
    verified(
        element,
        "irregolare",
        versione=first.versione,
        importo_irregolare=Decimal(100),
        scadenza=date(2022, 4, 1),
        controdeduzioni="Le ore erano di due mesi",
        controdeduzioni_il=date(2022, 3, 20),
    )
    element.refresh_from_db()
    assert (element.stato, element.irregolare) == ("irregolare", Decimal(100))
    assert cut_of(element) == Decimal(100)
    kept = Verifica.objects.get(elemento=element)
    assert (kept.versione, kept.controdeduzioni) == (2, "Le ore erano di due mesi")


def test_a_final_outcome_is_not_changed(element):
    verified(element)
    with pytest.raises(NotNow, match="conclusa"):
        verified(element, "irregolare", versione=1, importo_irregolare=Decimal(1))


def test_desk_and_on_the_spot_add_up_to_the_payment_at_most(element):
    verified(element, "irregolare", importo_irregolare=Decimal(200))
    with pytest.raises(ValidationError, match="100,00"):
        verified(element, "irregolare", tipo="in-loco", importo_irregolare=Decimal("100.01"))
    verified(element, "irregolare", tipo="in-loco", importo_irregolare=Decimal(100))
    element.refresh_from_db()
    assert (element.irregolare, cut_of(element)) == (Decimal(300), Decimal(300))
    assert state(element.id_pagamento) == "non_ammissibile"


def test_a_check_that_is_open_keeps_the_element_open(element):
    verified(element, "irregolare", importo_irregolare=Decimal(10))
    verified(
        element, "in_contraddittorio", tipo="in-loco", importo_irregolare=Decimal(5),
        scadenza=date(2022, 4, 1),
    )  # fmt: skip
    element.refresh_from_db()
    assert (element.stato, element.irregolare) == ("in_contraddittorio", Decimal(10))


def test_a_certified_payment_is_cut_with_the_next_batch(db):
    cap("9.8.1", "1000.00")
    rate()
    row = payment(comune_istat=LODI, importo="300,00")
    checked(row)
    certified()
    element = drawn("semplice", 1).elementi.get()
    verified(element, "irregolare", importo_irregolare=Decimal(40))
    assert state(row["id_pagamento"]) == "certificato"
    assert cut_of(element) == Decimal(40)


TOMORROW = timedelta(days=1)


@pytest.mark.parametrize(
    ("esito", "fields", "name"),
    [
        ("altro", {}, "esito"),
        ("regolare", {"importo_irregolare": Decimal(1)}, "importo_irregolare"),
        ("irregolare", {}, "importo_irregolare"),
        ("irregolare", {"importo_irregolare": Decimal("300.01")}, "importo_irregolare"),
        ("irregolare", {"importo_irregolare": Decimal(-1)}, "importo_irregolare"),
        ("irregolare", {"importo_irregolare": Decimal(1), "descrizione": " "}, "descrizione"),
        (
            "irregolare",
            {"importo_irregolare": Decimal(1), "decurtazione": Decimal(2)},
            "decurtazione",
        ),
        ("regolare", {"decurtazione": Decimal(0)}, "decurtazione"),
        ("in_contraddittorio", {"importo_irregolare": Decimal(1)}, "scadenza"),
        ("regolare", {"scadenza": date(2022, 2, 1)}, "scadenza"),
        ("regolare", {"controdeduzioni": "x"}, "controdeduzioni_il"),
        (
            "regolare",
            {"controdeduzioni": "x", "controdeduzioni_il": date(2022, 2, 1)},
            "controdeduzioni_il",
        ),
        ("regolare", {"risposte": {}}, "risposta_decreto"),
        ("regolare", {"risposte": answers("desk", decreto=" ")}, "nota_decreto"),
        ("regolare", {"risposte": answers("desk", decreto="Manca")}, "descrizione"),
        ("regolare", {"risposte": answers("desk", decreto="Manca"), "descrizione": "x"}, "esito"),
        ("irregolare", {"importo_irregolare": Decimal(1), "risposte": answers("desk")}, "esito"),
        (
            "in_contraddittorio",
            {
                "importo_irregolare": Decimal(1),
                "scadenza": date(2022, 4, 1),
                "risposte": answers("desk"),
            },
            "esito",
        ),
    ],
)
def test_an_outcome_that_cannot_be_is_refused_by_field(element, esito, fields, name):
    with pytest.raises(ValidationError) as error:
        verified(element, esito, **fields)
    assert name in error.value.message_dict
    assert not Verifica.objects.exists()


def not_applicable(tipo, *but):
    """A check list of which nothing applies, but for some questions."""
    return {
        code: given if code in but else {"risposta": "na", "nota": ""}
        for code, given in answers(tipo).items()
    }


def test_a_regular_outcome_needs_something_that_was_verified(element):
    with pytest.raises(ValidationError, match="non è stato verificato nulla"):
        verified(element, risposte=not_applicable("desk"))
    assert verified(element, risposte=not_applicable("desk", "decreto")).esito == "regolare"


def test_a_formal_remark_leaves_the_expenditure_regular_and_alone_never_makes_it_irregular(element):
    remark = answers("in-loco", informazione="Nessuna nota informativa agli atti")
    with pytest.raises(ValidationError, match="una risposta «No» che non sia un rilievo formale"):
        verified(
            element, "irregolare", tipo="in-loco", importo_irregolare=Decimal(1), risposte=remark
        )
    with pytest.raises(ValidationError, match="Descrivere"):
        verified(element, tipo="in-loco", risposte=remark)
    made = verified(element, tipo="in-loco", risposte=remark, descrizione="Manca l'informativa")
    assert made.esito == "regolare"
    assert cut_of(element) == 0


@pytest.mark.parametrize("second", ["irregolare", "in_contraddittorio"])
def test_what_is_wholly_irregular_already_is_irregular_again_without_an_amount(element, second):
    verified(element, "irregolare", importo_irregolare=Decimal(300))
    until = {"scadenza": date(2022, 4, 1)} if second == "in_contraddittorio" else {}
    with pytest.raises(ValidationError, match="lasciare vuoto l'importo") as error:
        verified(element, second, tipo="in-loco", importo_irregolare=Decimal("0.01"), **until)
    assert list(error.value.message_dict) == ["importo_irregolare"]
    made = verified(element, second, tipo="in-loco", **until)
    element.refresh_from_db()
    assert (made.importo_irregolare, made.decurtazione) == (0, 0)
    assert element.stato == second
    assert (element.irregolare, cut_of(element)) == (Decimal(300), Decimal(300))


def test_what_is_wholly_in_contraddittorio_is_not_irregular_twice(element):
    """It could still end well: then nothing would be left of an outcome without an amount."""
    open_one = verified(
        element, "in_contraddittorio", importo_irregolare=Decimal(300), scadenza=date(2022, 4, 1)
    )
    for amount in (Decimal(0), Decimal(1)):
        with pytest.raises(ValidationError, match="dopo averla conclusa"):
            verified(element, "irregolare", tipo="in-loco", importo_irregolare=amount)
    verified(element, versione=open_one.versione)
    verified(element, "irregolare", tipo="in-loco", importo_irregolare=Decimal(300))
    element.refresh_from_db()
    assert (element.stato, element.irregolare) == ("irregolare", Decimal(300))


def test_an_irregular_outcome_without_an_amount_is_refused_while_some_is_left(element):
    verified(element, "irregolare", importo_irregolare=Decimal("299.99"))
    with pytest.raises(ValidationError, match="al massimo 0,01"):
        verified(element, "irregolare", tipo="in-loco")
    verified(element, "irregolare", tipo="in-loco", importo_irregolare=Decimal("0.01"))
    element.refresh_from_db()
    assert element.irregolare == Decimal(300)


def test_a_verification_is_not_of_tomorrow(element):
    with pytest.raises(ValidationError, match="futuro"):
        verified(element, data=timezone.localdate() + TOMORROW)


def test_a_verification_does_not_precede_its_payment(element):
    with pytest.raises(ValidationError) as error:
        verified(element, data=date(2020, 5, 14))
    said = "La verifica non può precedere il pagamento, del 15.05.2020."
    assert error.value.message_dict == {"data": [said]}
    assert verified(element, data=date(2020, 5, 15)).data == date(2020, 5, 15)


def test_who_comes_second_is_told(element):
    first = verified(element, "in_contraddittorio", importo_irregolare=Decimal(9),
                     scadenza=date(2022, 4, 1))  # fmt: skip
    with pytest.raises(Conflict) as conflict:
        verified(element)
    assert conflict.value.current == first
    with pytest.raises(Conflict):
        verified(element, versione=2)


@pytest.mark.parametrize("role", ["gestore", "operatore", "certificatore", "amministratore"])
def test_only_who_verifies_records(element, user, role):
    with pytest.raises(PermissionDenied):
        verified(element, by=user(role))


def test_an_unknown_element_or_kind_is_not_there(element):
    with pytest.raises(NotThere):
        verification.record(by=make_user("controllore"), elemento_id=element.pk + 99, tipo="desk",
                            versione=0, outcome=outcome())  # fmt: skip
    with pytest.raises(NotThere):
        verification.record(by=make_user("controllore"), elemento_id=element.pk, tipo="altro",
                            versione=0, outcome=outcome())  # fmt: skip


def test_a_follow_up_is_asked_and_done_once(element, user):
    person = user("controllore")
    asked = {"elemento_id": element.pk, "tipo": "desk", "cosa": "Chiedere il LUL",
             "entro": date(2022, 5, 1)}  # fmt: skip
    with pytest.raises(NotThere, match="non è ancora registrata"):
        verification.ask_follow_up(by=person, **asked)
    verified(element)
    made = verification.ask_follow_up(by=person, **asked)
    done = {"elemento_id": element.pk, "seguito_id": made.pk, "fatto_il": date(2022, 4, 2)}
    verification.close_follow_up(by=person, **done, nota="Arrivato")
    assert Seguito.objects.get().fatto_il == date(2022, 4, 2)
    with pytest.raises(Conflict):
        verification.close_follow_up(by=person, **done)
    other = element.campione.elementi.last()
    with pytest.raises(NotThere):
        verification.close_follow_up(by=person, **{**done, "elemento_id": other.pk})
    with pytest.raises(PermissionDenied):
        verification.ask_follow_up(by=user("gestore"), **asked)


def test_a_codice_fiscale_is_shown_to_who_may_and_recorded(element, user):
    person = user("controllore")
    given = {"flusso_id": element.flusso_id, "id_pagamento": element.id_pagamento}
    shown = reveal(by=person, **given, reason="Confronto con il LUL")
    kept = Pagamento.objects.get(flusso=element.flusso_id, riga=element.riga)
    assert shown == kept.codice_fiscale
    event = AuditEvent.objects.get(action="codice_fiscale.visto")
    assert event.actor == person
    assert event.details == {
        "id_pagamento": element.id_pagamento,
        "motivo": "Confronto con il LUL",
    }
    with pytest.raises(ValidationError, match="motivo"):
        reveal(by=person, **given, reason="  ")
    with pytest.raises(NotThere):
        reveal(by=person, **{**given, "id_pagamento": "altro"}, reason="x")
    with pytest.raises(PermissionDenied):
        reveal(by=user("gestore"), **given, reason="x")
    assert AuditEvent.objects.filter(action="codice_fiscale.visto").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_controllers_at_once_write_one_outcome():
    flow = in_pool(payment(importo="300,00"))
    element = drawn("semplice", 1).elementi.get()
    people = [make_user("controllore"), make_user("controllore")]
    start, told = threading.Barrier(2), []

    def write(person, amount):
        try:
            start.wait()
            verified(element, "irregolare", by=person, importo_irregolare=amount)
            told.append("written")
        except Conflict as conflict:
            told.append(conflict.current.importo_irregolare)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=write, args=(person, Decimal(amount)))
        for person, amount in zip(people, (10, 20), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = Verifica.objects.get(elemento__flusso=flow)
    # The second is told of what the first wrote, and only that was cut.
    assert sorted(told, key=str) == sorted(["written", kept.importo_irregolare], key=str)
    assert cut_of(element) == kept.importo_irregolare
