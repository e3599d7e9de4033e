"""From a measure to the ledger of the programme: once, never over a published balance."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from measures.ledger.models import GiornoMisura
from measures.ledger.positions import positions
from measures.ledger.posting import initiative_of, post
from measures.misura import misura_of
from measures.models import Passaggio
from porfse.figures import Board, evaluate, leaf
from porfse.local.processes import wait_until
from porfse.models import AuditEvent, Fonte
from programme.models import Impegno, Iniziativa, Liquidazione, Movimento
from programme.services import Act, Conflict, insert_movement, reverse_movement
from programme.sources import balances
from tests.factories.misure import make_domanda, summed
from tests.factories.people import make_user
from tests.factories.programme import make_movement
from tests.threads import at_once, in_a_thread, waits_for_me

SW, FC = "smart-working", "formazione-continua"
AL = date(2021, 10, 21)
ACT = Act("decreto", "900", AL)
# Published at 30.09.2021: the ledger gives the initiative 10 million committed, nothing paid.
PRINTED = Decimal(10_000_000)


@pytest.fixture
def gestore_user(user):
    return user("gestore")


def granted_after(amount: str, **fields: object):
    """An application admitted after the last published balance."""
    values = {"data_ammissione": date(2021, 10, 10), "concesso": Decimal(amount)}
    return make_domanda("ammessa", **values | fields)


def ten_million():
    """What the published balance of 30.09.2021 gives to the initiative, row by row."""
    return make_domanda("ammessa", concesso=PRINTED, data_ammissione=date(2021, 6, 1))


def paid(amount: int, granted: date, settled: date) -> None:
    """An application granted and paid in whole."""
    both = {"concesso": Decimal(amount), "liquidato": Decimal(amount)}
    make_domanda("liquidata", data_ammissione=granted, data_liquidazione=settled, **both)


def paid_fifty() -> None:
    """Fifty euro granted and paid after the published balance."""
    ten_million()
    paid(50, AL, AL)
    summed()


def posted(by, misura=SW, al=AL, **fields):
    return post(by=by, misura=misura_of(misura), al=al, atto=ACT, **fields)


def position(misura=SW, al=AL):
    board = Board()
    declared = misura_of(misura)
    found = positions(board, declared, initiative_of(declared), al)
    board.load()
    return found


def amounts(rows):
    return [(type(row), row.data, row.importo) for row in rows]


@pytest.mark.django_db
def test_what_came_after_the_published_balance_is_written_once(gestore_user):
    ten_million()
    granted_after("705500.00")
    summed()
    written = posted(gestore_user)
    assert amounts(written) == [(Impegno, AL, Decimal("705500.00"))]
    [movement] = written
    assert movement.iniziativa_id == "smart-working"
    assert (movement.asse_id, movement.perimetro, movement.natura) == (
        "I", "ordinaria", Movimento.Natura.MOVIMENTO,
    )  # fmt: skip
    assert str(movement.atto) == "Decreto n. 900 del 21.10.2021"
    held = leaf("impegnate", iniziativa="smart-working", al=AL)
    assert evaluate([held])[held].amount == Decimal("10705500.00")
    assert posted(gestore_user) == []
    assert Impegno.objects.filter(natura="movimento").count() == 1


@pytest.mark.django_db
def test_posting_is_recorded(gestore_user):
    ten_million()
    granted_after("705500.00")
    summed()
    [movement] = posted(gestore_user)
    event = AuditEvent.objects.get(action="misura.contabilizzata")
    assert (event.actor, event.object_id) == (gestore_user, "smart-working")
    assert event.details == {
        "misura": "smart-working",
        "al": "2021-10-21",
        "movimenti": {movement.riferimento: "705500.00"},
    }
    assert AuditEvent.objects.filter(action="movimento.inserito").count() == 1


@pytest.mark.django_db
def test_what_is_of_before_the_balance_is_shown_and_not_written(gestore_user):
    # 400,000 beyond the printed 10 million were granted before 30.09.2021: the balance of Asse I
    # has them too. Payments of the initiative were never printed at all.
    ten_million()
    make_domanda("ammessa", concesso=Decimal(400_000), data_ammissione=date(2021, 9, 30))
    paid(7_500, date(2021, 10, 1), date(2021, 10, 20))
    paid(1_000, date(2021, 1, 1), date(2021, 9, 1))
    summed()
    impegni, liquidazioni = position()
    assert (impegni.prima, impegni.da_scrivere) == (401_000, 7_500)
    assert (liquidazioni.prima, liquidazioni.da_scrivere) == (1_000, 7_500)
    assert "401.000,00\u00a0€ concessi entro il 30.09.2021" in impegni.perche
    written = posted(gestore_user)
    assert amounts(written) == [
        (Impegno, AL, Decimal("7500.00")),
        (Liquidazione, AL, Decimal("7500.00")),
    ]
    assert [each.da_scrivere for each in position()] == [0, 0]


@pytest.mark.django_db
def test_rows_without_a_date_count_from_their_flow_if_they_began_after_the_balance(gestore_user):
    ten_million()
    row = granted_after("705500.00", data_ammissione=None, data_inizio=date(2021, 10, 1))
    row.flusso.fonte.data = date(2021, 10, 15)
    row.flusso.fonte.save()
    summed()
    impegni, _ = position()
    assert impegni.senza_data.amount == Decimal("705500.00")
    assert "705.500,00\u00a0€ sono di righe senza data" in impegni.perche
    assert amounts(posted(gestore_user)) == [(Impegno, AL, Decimal("705500.00"))]


@pytest.mark.django_db
def test_a_day_within_a_published_balance_is_refused(gestore_user):
    day = date(2020, 12, 31)
    make_domanda("ammessa", concesso=Decimal(1_000), data_ammissione=date(2020, 6, 1))
    summed()
    [impegni, _] = position(al=day)
    assert (impegni.coperta, impegni.da_scrivere) == (True, None)
    with pytest.raises(ValidationError) as refused:
        posted(gestore_user, al=day)
    assert list(refused.value.message_dict) == ["al"]
    assert "compreso nel saldo pubblicato al 30.09.2021" in refused.value.messages[0]
    assert not Fonte.objects.filter(documento="misura-smart-working").exists()
    assert not AuditEvent.objects.filter(action="misura.contabilizzata").exists()


@pytest.mark.django_db
def test_once_the_balances_are_retired_everything_is_written(gestore_user):
    ids = {item.fonte for item in balances()}
    Fonte.objects.filter(pk__in=ids).update(
        ritirata_il=timezone.now(), ritirata_da=gestore_user, motivo_ritiro="prova"
    )
    ten_million()
    summed()
    assert amounts(posted(gestore_user)) == [(Impegno, AL, PRINTED)]


@pytest.mark.django_db
def test_a_renunciation_is_a_negative_movement(gestore_user):
    ten_million()
    lost = granted_after("22500.00")
    summed()
    assert amounts(posted(gestore_user)) == [(Impegno, AL, Decimal("22500.00"))]
    lost.stato = "rinunciata"
    lost.save()
    Passaggio.objects.create(
        misura=SW, codice=lost.codice, da="ammessa", a="rinunciata",
        data=date(2021, 11, 3), prima={}, flusso=lost.flusso,
    )  # fmt: skip
    summed()
    assert [each.da_scrivere for each in position()] == [0, 0]  # it was in force on 21.10.2021
    later = date(2021, 11, 30)
    assert amounts(posted(gestore_user, al=later)) == [(Impegno, later, Decimal("-22500.00"))]
    assert [each.da_scrivere for each in position(al=later)] == [0, 0]


@pytest.mark.django_db
def test_before_a_movement_of_the_initiative_nothing_is_written(gestore_user):
    ten_million()
    granted_after("100.00")
    summed()
    make_movement(iniziativa_id="smart-working", data=date(2021, 12, 1), importo=Decimal(5))
    with pytest.raises(ValidationError) as refused:
        posted(gestore_user)
    [words] = refused.value.message_dict["al"]
    assert words.startswith("Il registro ha già movimenti dell'iniziativa fino al 01.12.2021")
    later = date(2021, 12, 1)
    assert amounts(posted(gestore_user, al=later)) == [(Impegno, later, Decimal("95.00"))]


@pytest.mark.django_db
def test_after_a_reversal_the_same_amount_may_be_written_again(gestore_user):
    ten_million()
    granted_after("100.00")
    summed()
    [first] = posted(gestore_user)
    reverse_movement(first, by=gestore_user, atto=ACT, data=AL, descrizione="Prova")
    [again] = posted(gestore_user)
    assert (again.importo, again.riferimento != first.riferimento) == (Decimal("100.00"), True)


@pytest.mark.django_db
def test_examples_never_reach_the_ledger(gestore_user):
    granted_after("100.00", esempio=True)
    summed()
    assert GiornoMisura.objects.filter(esempio=True).exists()
    with pytest.raises(ValidationError) as refused:
        posted(gestore_user)
    assert refused.value.message_dict == {
        "al": ["La misura non ha righe: acquisire prima un flusso."]
    }
    assert not Impegno.objects.filter(natura="movimento").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", ["lettore", "nucleo", "operatore", "certificatore", "controllore", "amministratore"]
)
def test_only_who_writes_movements_may_post(user, role):
    granted_after("100.00")
    summed()
    with pytest.raises(PermissionDenied):
        posted(user(role))
    assert not Impegno.objects.filter(natura="movimento").exists()


@pytest.mark.django_db
def test_only_what_the_person_saw_is_written(gestore_user):
    ten_million()
    granted_after("100.00")
    summed()
    seen = {"impegnate": Decimal("90.00")}
    with pytest.raises(Conflict) as told:
        posted(gestore_user, attesi=seen)
    assert told.value.current[0].da_scrivere == 100
    assert not Impegno.objects.filter(natura="movimento").exists()
    assert len(posted(gestore_user, attesi={"impegnate": Decimal("100.00")})) == 1


@pytest.mark.django_db
def test_one_of_the_two_quantities_may_be_written_alone(gestore_user):
    paid_fifty()
    assert amounts(posted(gestore_user, grandezze=["liquidate"])) == [
        (Liquidazione, AL, Decimal("50.00"))
    ]
    assert amounts(posted(gestore_user)) == [(Impegno, AL, Decimal("50.00"))]


@pytest.mark.django_db
def test_an_act_known_with_another_day_writes_nothing(gestore_user):
    paid_fifty()
    posted(gestore_user, grandezze=["liquidate"])
    with pytest.raises(ValidationError) as refused:
        post(
            by=gestore_user, misura=misura_of(SW), al=AL,
            atto=Act("decreto", "900", date(2021, 1, 2)),
        )  # fmt: skip
    assert list(refused.value.message_dict) == ["atto_data"]
    assert not Impegno.objects.filter(natura="movimento").exists()


@pytest.mark.django_db(transaction=True)
def test_who_posts_and_who_enters_a_movement_under_the_same_act_do_not_wait_in_a_circle(
    gestore_user,
):
    """The form has the act, then refers to the initiative; who posts has the initiative first."""
    ten_million()
    granted_after("100.00")
    summed()
    found = Iniziativa.objects.select_related("asse", "azione").get(pk=misura_of(SW).iniziativa)
    values = {"asse": found.asse, "azione": found.azione, "iniziativa": found, "data": AL}
    with transaction.atomic():
        ACT.stored(by=gestore_user)
        thread, ended = in_a_thread(lambda: posted(gestore_user))
        wait_until(lambda: ended or waits_for_me(), seconds=10)
        amount = {"riferimento": "m-000000000001", "importo": Decimal("1.00")}
        insert_movement(Impegno, by=gestore_user, atto=ACT, **values, **amount)
    thread.join()
    assert [[type(row) for row in each] for each in ended] == [[Impegno]]


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_writes():
    ten_million()
    granted_after("100.00")
    summed()
    people = [make_user("gestore"), make_user("gestore")]
    written = at_once(*(partial(posted, person) for person in people))
    assert sorted(map(len, written)) == [0, 1]
    assert Impegno.objects.filter(natura="movimento").count() == 1
