"""Only what counts is reversed, and a flow is not cancelled around a reversal."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from porfse.flows import services as flows
from porfse.flows.errors import NotNow
from porfse.local.processes import wait_until
from porfse.models import Flow, Fonte
from programme.models import DomandaPagamento, Impegno, Movimento
from programme.services import Act, reverse_movement
from tests.factories.flows import acquired
from tests.factories.people import make_user
from tests.factories.programme import make_movement, make_source
from tests.programme.test_flow_avanzamento import movement
from tests.threads import in_a_thread, waits_for_me

ACT = Act("decreto", "9", date(2022, 5, 1))
FORM = {
    "data": "2022-05-01",
    "descrizione": "errore",
    "atto_tipo": "decreto",
    "atto_numero": "9",
    "atto_data": "2022-05-01",
}


def reverse(found: Movimento, by: object) -> Movimento:
    return reverse_movement(found, by=by, atto=ACT, data=date(2022, 5, 1), descrizione="errore")


def of_flow(*, example: bool = False) -> tuple[Flow, Impegno]:
    flow = acquired([movement(importo="1.000,00")], source="avanzamento", example=example)
    return flow, Impegno.objects.get(fonte=flow.fonte)


def refused(client, found: Movimento) -> str:
    """What the page says to who reverses a movement all the same; it offers no button for it."""
    page = client.get(found.get_absolute_url())
    assert (page.status_code, page.context["puo_stornare"]) == (200, False)
    url = f"{found.get_absolute_url()}storno/"
    told = [client.get(url), client.post(url, FORM)]  # before the form is filled in, and after
    assert [answer.status_code for answer in told] == [409, 409]
    assert not type(found).objects.filter(storno_di=found).exists()
    first, second = (answer.context["messaggio"] for answer in told)
    assert first == second
    return first


def test_a_movement_of_an_example_is_not_reversed(gestore):
    """The reversal would not be an example: it would count alone."""
    before = Impegno.objects.in_force().total()
    _, found = of_flow(example=True)
    assert "È un movimento di esempio" in refused(gestore, found)
    assert Impegno.objects.in_force().total() == before


def test_a_movement_of_a_cancelled_flow_is_not_reversed(gestore):
    before = Impegno.objects.in_force().total()
    flow, found = of_flow()
    flows.cancel(flow.pk, by=flow.caricato_da, reason="da rifare")
    assert "è stata ritirata e l'importo non entra più" in refused(gestore, found)
    assert Impegno.objects.in_force().total() == before


def test_the_movement_of_a_batch_offers_no_reversal(as_role):
    claim = DomandaPagamento.objects.create(numero="DP1", data=date(2022, 1, 15))
    share = {"domanda": claim, "quota_ue": Decimal("500.00")}
    found = make_movement("certificata", fonte=make_source(documento="lotto-7"), **share)
    assert "nel lotto successivo" in refused(as_role("certificatore"), found)


def test_an_entered_movement_offers_its_reversal(gestore):
    page = gestore.get(make_movement().get_absolute_url())
    assert page.context["puo_stornare"] is True


@pytest.mark.django_db(transaction=True)
def test_a_flow_is_not_cancelled_while_a_movement_of_it_is_being_reversed():
    flow, found = of_flow()
    before, by = Impegno.objects.in_force().total(), make_user("gestore")
    with transaction.atomic():
        reversal = reverse(found, by)
        thread, ended = in_a_thread(
            lambda: flows.cancel(flow.pk, by=flow.caricato_da, reason="da rifare")
        )
        wait_until(lambda: ended or waits_for_me(), seconds=10)
    thread.join()
    assert [type(item) for item in ended] == [NotNow]
    assert f"storno {reversal.riferimento}" in str(ended[0])
    assert Impegno.objects.in_force().total() == before - Decimal("1000.00")


@pytest.mark.django_db(transaction=True)
def test_a_movement_is_not_reversed_while_its_flow_is_being_cancelled():
    before = Impegno.objects.in_force().total()
    flow, found = of_flow()
    by = make_user("gestore")
    with transaction.atomic():
        flows.cancel(flow.pk, by=flow.caricato_da, reason="da rifare")
        thread, ended = in_a_thread(lambda: reverse(found, by))
        wait_until(lambda: ended or waits_for_me(), seconds=10)
    thread.join()
    assert [type(item) for item in ended] == [ValidationError]
    assert Impegno.objects.in_force().total() == before


@pytest.mark.django_db(transaction=True)
def test_two_reversals_whose_sources_cross_do_not_stop_each_other():
    """Each holds the source that the other's reversal refers to."""
    first, second = (
        Fonte.objects.create(
            documento="inserimento", titolo="Movimento inserito", data=day, genere="inserita"
        )
        for day in (date(2022, 5, 1), date(2022, 5, 2))
    )
    by = make_user("gestore")
    ACT.stored(by=by)
    early = make_movement(fonte=first, data=first.data)
    late = make_movement(fonte=second, data=first.data)
    with transaction.atomic():
        reverse(early, by)
        thread, ended = in_a_thread(lambda: reverse(late, by))
        wait_until(lambda: ended or waits_for_me(), seconds=10)
        assert [type(item) for item in ended] == [Impegno]
    thread.join()
