"""What a flow certifies of the CIGD, or takes from its caps, is held to what acts allot."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.local.processes import wait_until
from porfse.models import Flow, User
from programme import caps
from programme.models import Programmazione, SpesaCertificata
from programme.services import reverse_movement
from tests.factories.flows import acquired, payment, validated
from tests.factories.people import make_user
from tests.factories.pool import MILANO, cap, checked, rate
from tests.factories.pool import certified as batch
from tests.programme.test_certified_caps import ACT, enter
from tests.programme.test_flow_avanzamento import certified, movement
from tests.programme.test_flow_avanzamento_igrue import warnings
from tests.threads import in_a_thread, waits_for_me

pytestmark = pytest.mark.django_db


def spent(importo: str, *, azione: str = "8.6.1", data: str = "15/03/2022") -> dict[str, str]:
    return certified(
        azione=azione,
        perimetro="cigd",
        importo=importo,
        quota_ue="0",
        data=data,
        domanda_pagamento=f"DP-{data}",
    )


def allotted(importo: str, *, azione: str = "8.6.1", data: str = "01/03/2022") -> dict[str, str]:
    return movement(
        tipo="programmazione", azione=azione, perimetro="cigd", importo=importo, data=data
    )


def read(*rows: dict[str, str], example: bool = False) -> Flow:
    return validated(list(rows), source="avanzamento", example=example)


def ask(flow: Flow) -> Flow:
    services.ask_acquisition(flow.pk, by=flow.caricato_da, confirm=True, decision="prova")
    return services.acquire(flow.pk, by=flow.caricato_da)


def w206(flow: Flow) -> list[int]:
    """The lines that bear the warning; the rules of all money may warn of others."""
    return sorted(line for line, codes in warnings(flow).items() if "W206" in codes)


def taken(*rows: dict[str, str]) -> tuple[str, list[int], str]:
    """What becomes of a flow: its state, the lines with the warning, what its page says."""
    flow = read(*rows)
    lines = w206(flow)
    after = ask(flow)
    assert (after.stato == "acquisito") is not lines
    return after.stato, lines, after.messaggio.replace("\xa0", " ")


ACCEPTED = ("acquisito", [], "")


def test_the_cap_is_reached_to_the_cent():
    cap("8.6.1", "100.00")
    assert taken(spent("60,00"), spent("40,00")) == ACCEPTED


def test_a_cent_more_refuses_the_whole_and_says_what_to_do():
    cap("8.6.1", "100.00")
    enter(make_user("certificatore"), "30.00")
    before = SpesaCertificata.objects.count()
    state, lines, message = taken(
        spent("60,00"), movement(), spent("10,01"), spent("1,00", azione="9.8.1")
    )
    assert (state, lines) == ("validato", [2, 4])
    assert message == (
        "Azione 8.6.1, massimale della CIGD dal 15.03.2022: 100,00 €; già certificati 30,00 €,"
        " altri 70,01 €. Ridurre la spesa nel file, o registrare prima l'atto che aumenta le"
        " risorse programmate."
    )
    assert SpesaCertificata.objects.count() == before


def test_two_azioni_are_named_with_one_remedy():
    cap("8.6.1", "1.00")
    cap("9.8.1", "1.00")
    _, lines, message = taken(spent("2,00"), spent("3,00", azione="9.8.1"))
    assert lines == [2, 3]
    assert "Azione 8.6.1, " in message
    assert "Azione 9.8.1, " in message
    assert message.count("Ridurre la spesa") == 1
    assert message.endswith("programmate.")


def test_the_remedy_is_kept_however_much_is_wrong():
    """As long as it gets: two azioni at real sizes, each too high and too low."""
    by = make_user("certificatore")
    for number, (azione, amount) in enumerate([("8.6.1", "50000000"), ("9.8.1", "110000000")]):
        enter(by, amount, number=number, azione=azione)
    rows = [
        wrong
        for azione in ("8.6.1", "9.8.1")
        for wrong in (
            spent("20000000,00", azione=azione),
            allotted("-20000000,00", azione=azione, data="14/03/2022"),
        )
    ]
    _, lines, message = taken(*rows)
    assert lines == [2, 3, 4, 5]
    assert "Azione 9.8.1, " in message
    assert message.endswith("programmate.")


def test_once_the_act_is_there_the_same_flow_is_acquired():
    cap("8.6.1", "100.00")
    flow = ask(read(spent("100,01")))
    assert flow.stato == "validato"
    cap("8.6.1", "100.01", day=date(2022, 3, 15))
    assert ask(flow).stato == "acquisito"


def test_what_the_flow_allots_counts_from_its_day():
    cap("8.6.1", "100.00")
    assert taken(spent("150,00"), allotted("50,00", data="15/03/2022")) == ACCEPTED
    cap("9.8.1", "100.00")
    late = allotted("50,00", azione="9.8.1", data="16/03/2022")
    state, lines, message = taken(spent("150,00", azione="9.8.1"), late)
    assert (state, lines) == ("validato", [2])
    assert "dal 15.03.2022: 100,00 €;" in message


def test_each_day_has_its_cap_and_what_is_certified_later_binds_it():
    cap("8.6.1", "100.00")
    cap("8.6.1", "150.00", day=date(2022, 4, 1))
    enter(make_user("certificatore"), "120.00", data=date(2022, 4, 2))
    state, lines, message = taken(spent("0,01"), spent("20,00", data="03/04/2022"))
    assert (state, lines) == ("validato", [2])
    assert "già certificati 120,00 €, altri 0,01 €." in message
    assert taken(spent("30,00", data="03/04/2022")) == ACCEPTED


def test_what_the_flow_lowers_frees_room_from_its_day():
    cap("8.6.1", "100.00")
    enter(make_user("certificatore"), "100.00")
    same_day = [spent("40,00"), spent("-40,00")]
    assert taken(*same_day) == ACCEPTED
    later = [spent("40,00"), spent("-40,00", data="16/03/2022")]
    assert taken(*later)[:2] == ("validato", [2])


def test_other_money_and_reductions_have_no_cap():
    cap("8.6.1", "10.00")
    enter(make_user("certificatore"), "10.00")
    ordinary = certified(azione="8.6.1", importo="500,00", quota_ue="0")
    assert taken(ordinary, spent("-5,00")) == ACCEPTED


def test_an_example_is_held_against_nothing():
    cap("8.6.1", "1.00")
    enter(make_user("certificatore"), "1.00")
    flow = read(spent("500,00"), allotted("-1,00"), example=True)
    assert w206(flow) == []
    assert ask(flow).stato == "acquisito"
    assert services.cancel(flow.pk, by=flow.caricato_da, reason="prova").stato == "annullato"


def test_a_flow_does_not_take_what_is_certified():
    cap("8.6.1", "100.00")
    enter(make_user("certificatore"), "60.00")
    state, lines, message = taken(allotted("10,00"), allotted("-50,01"))
    assert (state, lines) == ("validato", [3])
    assert message == (
        "Azione 8.6.1, massimale della CIGD al 01.03.2022: scende a 59,99 €; certificati 60,00 €."
        f" {caps.REMEDY}"
    )
    assert taken(allotted("10,00"), allotted("-50,00")) == ACCEPTED


def test_a_flow_may_lower_what_it_takes_back_itself():
    cap("8.6.1", "100.00")
    enter(make_user("certificatore"), "100.00")
    assert taken(allotted("-40,00"), spent("-40,00")) == ACCEPTED
    assert taken(allotted("-0,01"))[:2] == ("validato", [2])


def test_a_flow_whose_caps_are_in_use_is_not_cancelled():
    cap("8.6.1", "100.00")
    flow = acquired([allotted("50,00")], source="avanzamento")
    enter(make_user("certificatore"), "100.01", data=date(2022, 3, 2))
    with pytest.raises(NotNow) as refused:
        services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")
    message = str(refused.value).replace("\xa0", " ")
    assert message.startswith(
        "Senza il flusso: Azione 8.6.1, massimale della CIGD al 02.03.2022: scende a 100,00 €;"
        " certificati 100,01 €. Prima serve un lotto"
    )
    enter(make_user("certificatore"), "-0.01", number=2, data=date(2022, 3, 3))
    assert services.cancel(flow.pk, by=flow.caricato_da, reason="prova").stato == "annullato"


def test_a_flow_that_lowers_what_others_certified_since_is_not_cancelled():
    cap("8.6.1", "100.00")
    by = make_user("certificatore")
    enter(by, "100.00")
    flow = acquired([spent("-100,00", data="01/02/2022")], source="avanzamento")
    last = enter(by, "100.00", number=2)
    with pytest.raises(NotNow, match="già certificati 100,00\xa0€, altri 100,00\xa0€"):
        services.cancel(flow.pk, by=flow.caricato_da, reason="prova")
    back = {"by": by, "atto": ACT, "data": last.data, "descrizione": "errore"}
    reverse_movement(last, **back)
    assert services.cancel(flow.pk, by=flow.caricato_da, reason="prova").stato == "annullato"


@pytest.mark.django_db(transaction=True)
def test_its_page_says_what_stands_against_cancelling_and_waits_for_nobody(as_role):
    cap("8.6.1", "100.00")
    flow = acquired([allotted("50,00")], source="avanzamento")
    browser, page = as_role("operatore"), flow.get_absolute_url()
    with transaction.atomic():
        caps.wait_for_certification()
        thread, ended = in_a_thread(lambda: browser.get(page))
        thread.join(10)
        assert ended[0].context["annullamento"] is not None
    enter(make_user("certificatore"), "100.01", data=date(2022, 3, 2))
    assert browser.get(page).context["impedimento"].startswith("Senza il flusso: Azione 8.6.1")


def test_a_flow_that_certifies_under_its_own_caps_is_cancelled_whole():
    cap("8.6.1", "0.00")
    flow = acquired([allotted("50,00"), spent("50,00")], source="avanzamento")
    assert flow.stato == "acquisito"
    assert services.cancel(flow.pk, by=flow.caricato_da, reason="prova").stato == "annullato"


@pytest.mark.django_db(transaction=True)
def test_a_flow_waits_for_a_batch_that_is_being_certified():
    rate()
    cap("8.6.1", "100.00")
    checked(payment(comune_istat=MILANO, importo="60,00"))
    flow = read(spent("40,01"))
    assert w206(flow) == []
    with transaction.atomic():
        batch()
        thread, ended = in_a_thread(lambda: ask(flow))
        wait_until(lambda: ended or waits_for_me(), seconds=10)
    thread.join()
    (back,) = ended
    assert back.stato == "validato"
    assert "già certificati 60,00\xa0€, altri 40,01\xa0€" in back.messaggio


@pytest.mark.django_db(transaction=True)
def test_who_enters_waits_for_a_flow_that_certifies_and_not_for_another():
    cap("8.6.1", "100.00")
    by = make_user("certificatore")
    flows = read(spent("60,00")), read(movement())
    with transaction.atomic():
        assert ask(flows[0]).stato == "acquisito"
        thread, ended = in_a_thread(lambda: enter(by, "40.01"))
        wait_until(lambda: ended or waits_for_me(), seconds=10)
    thread.join()
    assert [type(item) for item in ended] == [ValidationError]
    services.cancel(flows[0].pk, by=flows[0].caricato_da, reason="prova")
    again = read(movement())
    with transaction.atomic():
        assert ask(again).stato == "acquisito"
        thread, ended = in_a_thread(lambda: enter(by, "40.01", number=2))
        wait_until(lambda: ended or waits_for_me(), seconds=10)
        assert [type(item) for item in ended] == [SpesaCertificata]
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_flow_is_not_cancelled_while_somebody_certifies_under_its_caps(monkeypatch):
    cap("8.6.1", "0.00")
    flow = acquired([allotted("50,00")], source="avanzamento")
    by = make_user("certificatore")

    def cancel() -> Flow:
        return services.cancel(flow.pk, by=flow.caricato_da, reason="prova")

    with transaction.atomic():
        enter(by, "50.00", data=date(2022, 3, 2))
        thread, ended = in_a_thread(cancel)
        wait_until(lambda: ended or waits_for_me(), seconds=10)
    thread.join()
    assert [type(item) for item in ended] == [NotNow]
    assert str(ended[0]).startswith("Senza il flusso: ")
    monkeypatch.setattr(caps, "PATIENCE", "200ms")
    with transaction.atomic():
        caps.wait_for_certification()
        thread, ended = in_a_thread(cancel)
        thread.join(10)
    assert "riprovare fra qualche minuto" in str(ended[0])
    flow.refresh_from_db()
    assert flow.stato == "acquisito"
    assert Programmazione.objects.in_force().filter(fonte=flow.fonte).exists()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
