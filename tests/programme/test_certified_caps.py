"""Caps bind what people certify of the CIGD by hand too, to the cent."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from cigd import turns
from porfse.local.processes import wait_until
from porfse.models import Fonte
from porfse.money import euro
from programme import caps
from programme.models import Asse, Azione, Iniziativa, Perimetro, SpesaCertificata
from programme.services import Act, insert_movement, reverse_movement
from tests.factories.flows import payment
from tests.factories.people import make_user
from tests.factories.pool import MILANO, cap, certified, checked, rate
from tests.factories.programme import make_movement, make_source
from tests.programme.test_page_forms import form_of
from tests.threads import in_a_thread, waits_for_me

pytestmark = pytest.mark.django_db

ACT = Act("decreto", "77", date(2022, 2, 1))
DAY = date(2022, 2, 10)
CAP = Decimal("51707979.97")


@pytest.fixture
def certifier(user):
    return user("certificatore")


def enter(by, importo, *, number=1, azione="8.6.1", data=DAY, **fields):
    found = azione and Azione.objects.get(pk=azione)
    amount = Decimal(importo)
    values = {
        "riferimento": f"m-{number:012}",
        "atto": ACT,
        "asse": found.obiettivo.asse if found else Asse.objects.get(pk="I"),
        "azione": found,
        "data": data,
        "importo": amount,
        "perimetro": Perimetro.CIGD.value,
        "quota_ue": amount,
        "domanda_numero": f"DP-{data}",
        "domanda_data": data,
    }
    return insert_movement(SpesaCertificata, by=by, **values | fields)


@contextmanager
def refused(words):
    with pytest.raises(ValidationError) as error:
        yield
    assert words in " ".join(error.value.messages).replace("\xa0", " ")


def test_the_cap_is_reached_to_the_cent_and_not_passed(certifier):
    with pytest.raises(ValidationError) as error:
        enter(certifier, CAP + Decimal("0.01"))
    words = (
        f"Il massimale della CIGD per l'azione 8.6.1 dal 10.02.2022 in poi è di {euro(CAP)} e"
        f" restano {euro(CAP)}: ridurre l'importo, o registrare prima l'atto che aumenta le risorse"
        " programmate."
    )
    assert error.value.message_dict == {"importo": [words]}
    assert not SpesaCertificata.objects.filter(perimetro="cigd").exists()
    assert enter(certifier, CAP).importo == CAP
    with refused("restano 0,00 €"):
        enter(certifier, "0.01", number=2)


def test_the_cap_is_that_of_the_day_and_binds_what_is_certified_at_any_date(certifier):
    cap("8.6.1", "100.00", day=date(2022, 1, 15))
    cap("8.6.1", "150.00", day=date(2022, 3, 1))
    enter(certifier, "120.00", data=date(2022, 3, 2))
    with refused("è di 100,00 € e restano 0,00 €"):
        enter(certifier, "0.01", number=2)
    with refused("è di 150,00 € e restano 30,00 €"):
        enter(certifier, "30.01", number=3, data=date(2022, 3, 2))
    assert enter(certifier, "30.00", number=4, data=date(2022, 3, 2)).importo == 30


def test_a_reduction_of_a_later_day_binds_already(certifier):
    cap("8.6.1", "100.00", day=date(2022, 1, 15))
    cap("8.6.1", "50.00", day=date(2022, 3, 1))
    cap("8.6.1", "70.00", day=date(2022, 4, 1))
    with refused("dal 10.02.2022 in poi è di 50,00 € e restano 50,00 €"):
        enter(certifier, "50.01")
    assert enter(certifier, "50.00").importo == 50
    assert enter(certifier, "20.00", number=2, data=date(2022, 4, 1)).importo == 20


def test_an_azione_has_its_own_room_and_one_that_lost_its_acts_has_none(certifier):
    cap("8.6.1", "1.00")
    enter(certifier, "1.00")
    assert enter(certifier, "116792020.03", number=2, azione="9.8.1").azione_id == "9.8.1"
    cap("9.8.1", "0.00", day=date(2022, 1, 20))
    with refused("per l'azione 9.8.1 dal 10.02.2022 in poi è di 0,00 € e restano 0,00 €"):
        enter(certifier, "1.00", number=3, azione="9.8.1")


def test_an_initiative_brings_its_azione_and_without_any_it_is_asked_for(certifier):
    placed = Iniziativa.objects.get(pk="cigd-asse-i")
    cap("8.6.1", "10.00")
    with refused("e restano 10,00 €"):
        enter(certifier, "10.01", azione=None, iniziativa=placed)
    with pytest.raises(ValidationError) as error:
        enter(certifier, "1.00", azione=None)
    assert list(error.value.message_dict) == ["azione"]


def test_what_is_not_the_cigd_has_no_cap(certifier):
    cap("8.6.1", "1.00")
    assert enter(certifier, "500.00", perimetro=Perimetro.ORDINARIA.value).importo == 500


def test_what_lowers_is_never_refused_and_its_reversal_is_held_to_the_cap(certifier):
    first = enter(certifier, "100.00")
    less = enter(certifier, "-40.00", number=2)
    cap("8.6.1", "50.00")
    assert enter(certifier, "-5.00", number=3).importo == -5
    back = {"by": certifier, "atto": ACT, "data": DAY, "descrizione": "errore"}
    with refused("è di 50,00 € e restano 0,00 €"):
        reverse_movement(less, **back)
    assert reverse_movement(first, **back).importo == -100
    assert reverse_movement(less, **back).importo == 40


def test_examples_and_retired_sources_take_no_room(certifier):
    cap("8.6.1", "100.00")
    claim = enter(certifier, "1.00").domanda
    fields = {"azione_id": "8.6.1", "perimetro": "cigd", "importo": Decimal(80)}
    share = {"quota_ue": Decimal(40), "domanda": claim}
    make_movement("certificata", fonte=make_source(Fonte.Genere.ESEMPIO), **fields, **share)
    retired = make_source(
        ritirata_il=timezone.now(), ritirata_da=certifier, motivo_ritiro="annullato"
    )
    make_movement("certificata", fonte=retired, **fields, **share)
    assert enter(certifier, "99.00", number=2).importo == 99


def test_the_same_form_sent_twice_is_one_movement_when_it_fills_the_cap(certifier):
    assert enter(certifier, CAP) == enter(certifier, CAP)
    assert SpesaCertificata.objects.filter(perimetro="cigd").count() == 1


def test_the_form_says_how_much_room_is_left_beside_the_amount(as_role):
    client = as_role("certificatore")
    url = "/programma/movimenti/certificata/nuovo/"
    certified_form = form_of(client.get(url)) | {
        "azione": "8.6.1",
        "importo": "51.707.979,98",
        "quota_ue": "1,00",
        "perimetro": "cigd",
        "domanda_numero": "DP1",
        "domanda_data": "2022-02-01",
    }
    answer = client.post(url, certified_form)
    assert answer.status_code == 400
    assert "restano 51.707.979,97\xa0€" in answer.context["form"].errors["importo"][0]
    assert client.post(url, certified_form | {"importo": "51.707.979,97"}).status_code == 302


def test_a_batch_and_a_hand_share_one_cap(certifier):
    """The batch holds itself to the caps: it is not asked again, and its movement takes room."""
    rate()
    cap("8.6.1", "100.00")
    checked(payment(comune_istat=MILANO, importo="60,00"))
    assert certified().stato == "certificato"
    with refused("restano 40,00 €"):
        enter(certifier, "40.01", number=2)
    assert enter(certifier, "40.00", number=3).importo == 40


def test_a_batch_does_not_ask_for_the_cap_again(monkeypatch):
    monkeypatch.setattr("programme.services.within_cap", None)  # a call would fail
    rate()
    checked(payment(comune_istat=MILANO, importo="60,00"))
    assert certified().stato == "certificato"


@pytest.mark.django_db(transaction=True)
def test_who_enters_by_hand_waits_for_a_batch_that_is_being_certified():
    rate()
    cap("8.6.1", "100.00")
    checked(payment(comune_istat=MILANO, importo="60,00"))
    by = make_user("certificatore")
    with transaction.atomic():
        certified()
        thread, ended = in_a_thread(lambda: enter(by, "40.01"))
        wait_until(lambda: ended or waits_for_me(), seconds=10)
    thread.join()
    assert [type(item) for item in ended] == [ValidationError]
    assert "restano 40,00\xa0€" in ended[0].messages[0]


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_at_once_do_not_pass_the_cap_together():
    cap("8.6.1", "100.00")
    by = make_user("certificatore")
    with transaction.atomic():
        enter(by, "60.00")
        thread, ended = in_a_thread(lambda: enter(by, "40.01", number=2))
        wait_until(lambda: ended or waits_for_me(), seconds=10)
    thread.join()
    assert [type(item) for item in ended] == [ValidationError]
    assert "restano 40,00\xa0€" in ended[0].messages[0]


@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_wait_for_ever_for_a_long_certification(monkeypatch):
    monkeypatch.setattr(caps, "PATIENCE", "200ms")
    by = make_user("certificatore")
    with transaction.atomic():
        turns.wait_for_turn()
        thread, ended = in_a_thread(lambda: enter(by, "1.00"))
        thread.join(10)
    assert [type(item) for item in ended] == [ValidationError]
    assert "riprovare fra qualche minuto" in ended[0].messages[0]
    assert enter(by, "1.00").importo == 1
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_the_lock_is_the_one_that_batches_take():
    from cigd.scope import SOURCE

    assert caps.CIGD_FLOW == SOURCE
