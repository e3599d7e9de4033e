import io

import pytest
from django.core.management import CommandError, call_command

from porfse.flows import services
from porfse.models import Flow, User
from tests.factories.flows import payment, validated

pytestmark = pytest.mark.django_db


def demo_flows() -> str:
    out = io.StringIO()
    call_command("demo_flows", rows=300, stdout=out)
    return out.getvalue()


def test_the_demonstration_has_an_example_of_the_payments_once():
    assert "Pagamenti INPS della CIGD: caricato un flusso di esempio di 300 righe." in demo_flows()
    flow = Flow.objects.get(sorgente="inps-cigd")
    assert (flow.stato, flow.esempio, flow.righe) == ("acquisito", True, 300)
    assert demo_flows() == ""


def test_one_that_was_taken_back_does_not_return():
    demo_flows()
    flow = Flow.objects.get(sorgente="inps-cigd")
    services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")
    demo_flows()
    assert list(Flow.objects.filter(sorgente="inps-cigd")) == [flow]


def test_real_flows_are_left_alone():
    flow = validated([payment()])
    demo_flows()
    assert list(Flow.objects.filter(sorgente="inps-cigd")) == [flow]


def test_never_in_production(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="solo nella dimostrazione"):
        demo_flows()
