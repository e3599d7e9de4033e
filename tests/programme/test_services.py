"""What may be written: authorised, whole, recorded; of two at once the second is told."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from porfse.models import AuditEvent, Fonte
from programme import services
from programme.models import (
    GRANDEZZE,
    Asse,
    Azione,
    DomandaPagamento,
    Impegno,
    Iniziativa,
    SpesaCertificata,
)
from programme.sources import balances, dependent_sources
from tests.factories.people import make_user
from tests.factories.programme import make_movement

ACT = services.Act("decreto", "123", date(2022, 3, 1))


def insert(by, model=Impegno, **fields):
    values = {
        "riferimento": "m-000000000001",
        "atto": ACT,
        "asse": Asse.objects.get(pk="I"),
        "data": date(2022, 3, 5),
        "importo": Decimal("1500.50"),
    }
    return services.insert_movement(model, by=by, **values | fields)


@pytest.fixture
def gestore_user(user):
    return user("gestore")


def test_a_movement_is_written_with_its_act_and_recorded(gestore_user):
    made = insert(gestore_user, iniziativa=Iniziativa.objects.get(pk="smart-working"))
    assert (made.importo, str(made.atto)) == (Decimal("1500.50"), "Decreto n. 123 del 01.03.2022")
    assert made.fonte.genere == Fonte.Genere.INSERITA
    event = AuditEvent.objects.get(action="movimento.inserito")
    assert (event.actor, event.object_id) == (gestore_user, str(made.pk))
    assert event.details["importo"] == "1500.50"


def test_the_same_form_sent_twice_is_one_movement(gestore_user):
    assert insert(gestore_user) == insert(gestore_user)
    assert AuditEvent.objects.filter(action="movimento.inserito").count() == 1


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"data": date(2021, 9, 30)}, "data"),
        ({"azione": "9.8.1"}, "azione"),
        ({"iniziativa": "nidi-gratis-2020-2021"}, "iniziativa"),
        ({"azione": "8.1.1", "iniziativa": "cigd-asse-i"}, "azione"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(gestore_user, fields, where):
    if "azione" in fields:
        fields["azione"] = Azione.objects.get(pk=fields["azione"])
    if "iniziativa" in fields:
        fields["iniziativa"] = Iniziativa.objects.get(pk=fields["iniziativa"])
    with pytest.raises(ValidationError) as refused:
        insert(gestore_user, **fields)
    assert list(refused.value.message_dict) == [where]
    assert not Impegno.objects.filter(natura="movimento").exists()
    assert not AuditEvent.objects.filter(action="movimento.inserito").exists()


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore", "controllore", "certificatore"])
def test_only_the_managing_authority_enters_movements(user, role):
    with pytest.raises(PermissionDenied):
        insert(user(role))


def test_certified_expenditure_is_entered_by_its_own_authority(user):
    certified = {
        "model": SpesaCertificata,
        "importo": Decimal("100.00"),
        "quota_ue": Decimal("50.00"),
        "domanda_numero": "DP9",
        "domanda_data": date(2022, 3, 1),
    }
    with pytest.raises(PermissionDenied):
        insert(user("gestore"), **certified)
    made = insert(user("certificatore"), **certified)
    assert (made.quota_ue, made.domanda.numero) == (Decimal("50.00"), "DP9")
    assert str(made.domanda.anno_contabile) == "2021/2022"


def test_an_eu_share_above_the_amount_leaves_nothing_behind(user):
    with pytest.raises(ValidationError, match="quota UE"):
        insert(
            user("certificatore"),
            model=SpesaCertificata,
            importo=Decimal("100.00"),
            quota_ue=Decimal("100.01"),
            domanda_numero="DP9",
            domanda_data=date(2022, 3, 1),
        )
    assert not DomandaPagamento.objects.exists()


def test_a_reversal_is_the_opposite_and_leaves_the_original(gestore_user):
    original = insert(gestore_user)
    made = services.reverse_movement(
        original, by=gestore_user, atto=ACT, data=date(2022, 4, 1), descrizione="errore"
    )
    assert (made.importo, made.storno_di, made.asse) == (-original.importo, original, original.asse)
    assert Impegno.objects.filter(pk=original.pk, importo=original.importo).exists()
    assert AuditEvent.objects.filter(action="movimento.stornato").count() == 1


def test_a_published_balance_or_a_reversal_is_not_reversed(gestore_user):
    balance = Impegno.objects.filter(natura="saldo").first()
    later = {"by": gestore_user, "atto": ACT, "data": date(2022, 4, 1), "descrizione": "x"}
    with pytest.raises(ValidationError, match="ritira"):
        services.reverse_movement(balance, **later)
    reversal = services.reverse_movement(insert(gestore_user), **later)
    with pytest.raises(ValidationError):
        services.reverse_movement(reversal, **later)


def test_a_reversal_does_not_come_before_its_movement(gestore_user):
    with pytest.raises(ValidationError, match="precedere"):
        services.reverse_movement(
            insert(gestore_user),
            by=gestore_user,
            atto=ACT,
            data=date(2022, 3, 4),
            descrizione="errore",
        )


def test_an_act_keeps_one_date(gestore_user):
    insert(gestore_user)
    with pytest.raises(ValidationError, match=r"01\.03\.2022"):
        insert(
            gestore_user,
            riferimento="m-000000000002",
            atto=services.Act("decreto", "123", date(2022, 3, 2)),
        )


def test_retiring_takes_along_what_depends_on_it(gestore_user):
    first = Fonte.objects.get(documento="004", sezione="3.1. Asse I")
    together = {(fonte.documento, fonte.sezione) for fonte in dependent_sources(first)}
    assert together == {
        ("004", "3.1. Asse I"),
        # The EU share of the whole programme would count again what the Region loads for Asse I.
        ("004", "2.1. Informazioni sull'attuazione"),
        ("000", "Allocazione delle risorse CIGD"),
        ("001", "Panoramica per assi"),
        ("001", "Principali iniziative in corso e programmate nel 2021"),
        ("001", "Totali del programma"),
    }
    services.retire_source(first, by=gestore_user, motivo="Caricati i movimenti dell'Asse I")
    assert Impegno.objects.in_force().within({"asse": "I"}).total() is None
    # The other assi stand at their balance of 2020 again.
    assert Impegno.objects.in_force().within({"asse": "III"}).total() == Decimal("226250000.00")
    assert AuditEvent.objects.filter(action="fonte.ritirata").count() == 6


def test_after_retiring_movements_of_those_years_may_be_entered(gestore_user):
    first = Fonte.objects.get(documento="004", sezione="3.1. Asse I")
    services.retire_source(first, by=gestore_user, motivo="movimenti propri")
    assert insert(gestore_user, data=date(2019, 5, 5)).data == date(2019, 5, 5)


def test_retiring_everything_leaves_an_empty_ledger(gestore_user):
    while found := balances():
        fonte = Fonte.objects.get(pk=found[0].fonte)
        services.retire_source(fonte, by=gestore_user, motivo="movimenti propri")
    assert [model.objects.in_force().count() for model in GRANDEZZE.values()] == [0, 0, 0, 0]


def test_a_source_is_retired_once_and_only_if_published(gestore_user):
    fonte = Fonte.objects.get(documento="001", sezione="Totali del programma")
    services.retire_source(fonte, by=gestore_user, motivo="x")
    with pytest.raises(services.Conflict):
        services.retire_source(fonte, by=gestore_user, motivo="x")
    with pytest.raises(ValidationError, match="pubblicate"):
        services.retire_source(make_movement().fonte, by=gestore_user, motivo="x")
    structure = Fonte.objects.get(documento="003")
    with pytest.raises(ValidationError, match="non ha saldi"):
        services.retire_source(structure, by=gestore_user, motivo="x")


def test_what_is_implied_by_a_total_goes_with_the_assi(gestore_user):
    """Asse V of 2021 is the total less the other assi: without them it means nothing."""
    by_asse = Fonte.objects.get(documento="001", sezione="Panoramica per assi")
    assert "Totali del programma" in {fonte.sezione for fonte in dependent_sources(by_asse)}


def test_seeding_again_does_not_bring_a_retired_source_back(gestore_user):
    from django.core.management import call_command

    fonte = Fonte.objects.get(documento="001", sezione="Totali del programma")
    services.retire_source(fonte, by=gestore_user, motivo="x")
    before = Impegno.objects.in_force().total()
    call_command("seed", quiet=True)
    assert Impegno.objects.in_force().total() == before


def test_an_initiative_changed_meanwhile_is_not_overwritten(gestore_user):
    change = {"by": gestore_user, "version": 1}
    services.update_initiative("smart-working", changes={"nome": "Primo"}, **change)
    with pytest.raises(services.Conflict) as second:
        services.update_initiative("smart-working", changes={"nome": "Secondo"}, **change)
    assert second.value.current.nome == "Primo"
    assert Iniziativa.objects.get(pk="smart-working").versione == 2
    event = AuditEvent.objects.get(action="iniziativa.modificata")
    assert event.details["modifiche"]["nome"][1] == "Primo"


def at_once(work, times=2):
    """Run the same work in several threads that start together; return results and exceptions."""
    start = threading.Barrier(times)
    found = []

    def run(index):
        start.wait()
        try:
            found.append(work(index))
        except Exception as error:  # noqa: BLE001 - handed to the test
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_two_reversals_at_once_make_one():
    by = make_user("gestore")
    original = insert(by)

    def reverse(_):
        return services.reverse_movement(
            original, by=by, atto=ACT, data=date(2022, 4, 1), descrizione="errore"
        )

    found = at_once(reverse)
    assert sorted(type(item).__name__ for item in found) == ["Conflict", "Impegno"]
    assert Impegno.objects.filter(storno_di=original).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_lose_nothing():
    by = make_user("gestore")

    def change(index):
        return services.update_initiative(
            "smart-working", by=by, version=1, changes={"nome": f"Nome {index}"}
        )

    found = at_once(change)
    assert sorted(type(item).__name__ for item in found) == ["Conflict", "Iniziativa"]
    assert AuditEvent.objects.filter(action="iniziativa.modificata").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_retirements_at_once_are_one():
    by = make_user("gestore")
    fonte = Fonte.objects.get(documento="001", sezione="Totali del programma")
    found = at_once(lambda _: services.retire_source(fonte, by=by, motivo="x"))
    assert sorted(type(item).__name__ for item in found) == ["Conflict", "list"]


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_is_one_movement():
    by = make_user("gestore")
    found = at_once(lambda _: insert(by))
    assert [type(item).__name__ for item in found] == ["Impegno", "Impegno"]
    assert Impegno.objects.filter(natura="movimento").count() == 1
