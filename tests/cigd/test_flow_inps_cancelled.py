"""What was certified or sampled is not taken back with its flow, and what a cancellation undoes."""

from decimal import Decimal

import pytest

from cigd.models import Pagamento, SintesiAzione
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.models import Flow, User
from tests.factories.flows import acquired, payment, validated
from tests.factories.pool import certified, checked, in_pool, rate
from tests.factories.samples import drawn

pytestmark = pytest.mark.django_db


def counted(flow: Flow) -> tuple[int, Decimal]:
    """Payments and euro of a flow that count."""
    sums = SintesiAzione.objects.filter(flusso=flow).values_list("importo", flat=True)
    return Pagamento.objects.acquired().filter(flusso=flow).count(), sum(sums)


def refused(flow: Flow, browser, words: str) -> None:
    with pytest.raises(NotNow, match=words):
        services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")
    answer = browser.post(f"/flussi/{flow.pk}/annullamento/", {"motivo": "prova"})
    assert answer.status_code == 409
    assert words in answer.content.decode()
    assert words in browser.get(f"/flussi/{flow.pk}/").content.decode()
    assert Flow.objects.get(pk=flow.pk).stato == "acquisito"
    assert counted(flow) == (1, Decimal("300.00"))


def test_a_flow_with_a_certified_payment_stays(as_role):
    rate()
    flow = checked(payment())
    certified()
    other = in_pool(payment())
    refused(flow, as_role("operatore"), "ha pagamenti certificati")
    assert services.cancel(other.pk, by=User.objects.sistema(), reason="prova").stato == "annullato"


def test_a_flow_of_which_a_sample_was_drawn_stays(as_role):
    flow = in_pool(payment())
    drawn("semplice", 1)
    other = in_pool(payment())
    refused(flow, as_role("operatore"), "nella popolazione di un campione")
    assert services.cancel(other.pk, by=User.objects.sistema(), reason="prova").stato == "annullato"


def test_what_was_cancelled_since_asks_for_a_new_validation():
    """Its hours counted in the warnings of the flow that waits, say."""
    before = acquired([payment()])
    waiting = validated([payment()])
    services.cancel(before.pk, by=before.caricato_da, reason="prova")
    with pytest.raises(NotNow, match="ripetere la validazione"):
        services.ask_acquisition(waiting.pk, by=waiting.caricato_da)
