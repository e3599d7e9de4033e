"""What acts allot to the CIGD is not taken away where it is certified already."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from porfse.local.processes import wait_until
from porfse.models import Fonte
from programme.caps import REMEDY, Breach, lowered_below, raised_above
from programme.models import Azione, Iniziativa, Perimetro, Programmazione
from programme.services import insert_movement, retire_source, reverse_movement
from programme.sources import balances
from tests.factories.people import make_user
from tests.factories.pool import cap
from tests.programme.test_certified_caps import ACT, enter, refused
from tests.programme.test_reversals import FORM
from tests.threads import in_a_thread, waits_for_me

pytestmark = pytest.mark.django_db

EARLY, DAY, LATE = date(2022, 2, 1), date(2022, 2, 10), date(2022, 3, 1)


def allot(by, importo, *, number=90, data=LATE, **fields):
    azione = Azione.objects.get(pk="8.6.1")
    values = {
        "riferimento": f"m-{number:012}",
        "atto": ACT,
        "asse": azione.obiettivo.asse,
        "azione": azione,
        "data": data,
        "importo": Decimal(importo),
        "perimetro": Perimetro.CIGD.value,
    }
    return insert_movement(Programmazione, by=by, **values | fields)


@pytest.fixture
def gestore_user(user):
    return user("gestore")


@pytest.fixture
def certified_60(user):
    cap("8.6.1", "100.00")
    return enter(user("certificatore"), "60.00")


@pytest.mark.parametrize("data", [EARLY, DAY, LATE])
def test_a_reduction_leaves_what_is_certified_to_the_cent(gestore_user, certified_60, data):
    with pytest.raises(ValidationError) as error:
        allot(gestore_user, "-40.01", data=data)
    words = (
        "Il massimale della CIGD per l'azione 8.6.1 scenderebbe al"
        f" {max(data, DAY):%d.%m.%Y} a 59,99\xa0€ e sono già certificati 60,00\xa0€. {REMEDY}"
    )
    assert error.value.message_dict == {"importo": [words]}
    assert allot(gestore_user, "-40.00", data=data).importo == -40


def test_the_same_reduction_sent_twice_is_one(gestore_user, certified_60):
    assert allot(gestore_user, "-40.00") == allot(gestore_user, "-40.00")


def test_what_was_taken_back_later_does_not_bind(gestore_user, certified_60, user):
    enter(user("certificatore"), "-60.00", number=2, data=LATE)
    assert allot(gestore_user, "-100.00", data=EARLY).importo == -100


def test_what_later_acts_cover_does_not_bind(gestore_user, user):
    cap("8.6.1", "100.00")
    cap("8.6.1", "200.00", day=LATE)
    enter(user("certificatore"), "150.00", data=date(2022, 3, 2))
    with refused("al 02.03.2022 a 149,99 €"):
        allot(gestore_user, "-50.01", data=DAY)
    assert allot(gestore_user, "-50.00", data=DAY).importo == -50


def test_other_perimetri_and_azioni_and_quantities_are_free(gestore_user, certified_60):
    assert allot(gestore_user, "-500.00", perimetro=Perimetro.ORDINARIA.value).importo == -500
    other = Azione.objects.get(pk="9.8.1")
    fields = {"asse": other.obiettivo.asse, "azione": other}
    assert allot(gestore_user, "-500.00", number=91, **fields).importo == -500


def test_an_initiative_stands_for_its_azione(gestore_user, certified_60):
    placed = Iniziativa.objects.get(pk="cigd-asse-i")
    with refused("a 59,99 €"):
        allot(gestore_user, "-40.01", azione=None, iniziativa=placed)


def test_the_reversal_of_an_allotment_leaves_what_is_certified(gestore_user, user):
    cap("8.6.1", "50.00")
    more = allot(gestore_user, "10.00", data=EARLY)
    less = allot(gestore_user, "-0.50", number=91, data=EARLY)
    enter(user("certificatore"), "49.51")
    back = {"by": gestore_user, "atto": ACT, "data": LATE, "descrizione": "errore"}
    with refused("scenderebbe al 01.03.2022 a 49,50 € e sono già certificati 49,51 €"):
        reverse_movement(more, **back)
    assert reverse_movement(less, **back).importo == Decimal("0.50")
    assert reverse_movement(more, **back).importo == -10


def test_the_form_of_a_reversal_says_why_not(gestore, certified_60, user):
    more = allot(user("gestore"), "10.00")
    enter(user("certificatore"), "50.00", number=2, data=LATE)
    answer = gestore.post(f"{more.get_absolute_url()}storno/", FORM)
    assert answer.status_code == 400
    (message,) = answer.context["form"].non_field_errors()
    assert "sono già certificati 110,00\xa0€" in message


def test_a_published_source_is_retired_all_the_same(gestore_user, certified_60):
    """It corrects the archive: what it said was never so."""
    sources = {item.fonte for item in balances() if item.grandezza == "programmate"}
    last = Fonte.objects.filter(pk__in=sources).order_by("data").last()
    assert last in retire_source(last, by=gestore_user, motivo="prova")


@pytest.mark.django_db(transaction=True)
def test_a_reduction_waits_for_who_certifies():
    cap("8.6.1", "100.00")
    by, certifier = make_user("gestore"), make_user("certificatore")
    with transaction.atomic():
        enter(certifier, "60.00")
        thread, ended = in_a_thread(lambda: allot(by, "-40.01"))
        wait_until(lambda: ended or waits_for_me(), seconds=10)
    thread.join()
    assert [type(item) for item in ended] == [ValidationError]
    assert "a 59,99\xa0€" in ended[0].messages[0]


def days(**amounts: str) -> dict[date, Decimal]:
    """January 2022 by its days: `d5="1.00"`."""
    return {date(2022, 1, int(name[1:])): Decimal(text) for name, text in amounts.items()}


@pytest.mark.parametrize(
    ("caps", "certified", "coming", "found"),
    [
        (days(d1="100"), {}, days(d2="100"), None),
        (days(d1="100"), {}, days(d2="100.01"), (2, "100", "100.01")),
        (days(d1="100"), days(d9="1"), days(d2="99.01"), (2, "100", "99.01")),
        (days(d1="100", d5="50"), {}, days(d4="100", d5="50"), None),
        (days(d1="100", d5="50"), {}, days(d4="100.01", d6="49.99"), (4, "100", "100.01")),
        (days(d1="100"), {}, days(d2="90", d3="-20", d4="30"), None),
        (days(d1="100"), days(d1="150"), days(d2="-10"), None),  # broken before, by others
        ({}, {}, days(d2="0.01"), (2, "0", "0.01")),
        ({}, {}, {}, None),
    ],
)
def test_what_comes_is_raised_above_the_cap_of_its_day(caps, certified, coming, found):
    expected = found and Breach(date(2022, 1, found[0]), *map(Decimal, found[1:]))
    assert raised_above(caps, certified, coming) == expected


@pytest.mark.parametrize(
    ("caps", "certified", "change", "found"),
    [
        (days(d1="100", d3="-40"), days(d2="60"), days(d3="-40"), None),
        (days(d1="100", d3="-41"), days(d2="60"), days(d3="-41"), (3, "59", "60")),
        (days(d1="100", d2="-41"), days(d4="60"), days(d2="-41"), (4, "59", "60")),
        (days(d1="100", d2="-90"), days(d1="60", d4="-50"), days(d2="-90"), None),
        (days(d1="100", d2="-90", d3="90"), days(d4="60"), days(d2="-90", d3="90"), None),
        (days(d1="10"), days(d2="60"), days(d1="10"), None),  # broken before, and mended in part
        (days(d1="100", d3="-41"), days(d2="60", d5="-1"), days(d3="-41"), None),
        ({}, {}, {}, None),
    ],
)
def test_a_lowered_cap_is_below_what_is_certified(caps, certified, change, found):
    expected = found and Breach(date(2022, 1, found[0]), *map(Decimal, found[1:]))
    assert lowered_below(caps, certified, change) == expected
