"""Tasks that come twice, or that never come: the broker promises neither."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.urls import reverse

from porfse.flows import services
from porfse.models import Flow
from porfse.tasks import acquire_flow, validate_flow
from tests.factories.flows import csv_bytes, payment, received, validated
from tests.faults.flows import (
    ACCEPTED,
    AMOUNT,
    RIGHT_COUNTS,
    RIGHT_FINDINGS,
    actions,
    again,
    counted,
    counts,
    findings,
    large_file,
    operator,
    told,
)
from tests.faults.servers import queueing_to, wait_for

pytestmark = pytest.mark.xdist_group("faults")

_AWAY = "Il servizio di elaborazione non risponde: il lavoro è registrato e inizierà da solo"


def test_tasks_that_are_given_out_twice(product, start_worker):
    flow = received(large_file())
    ids = flow.pk, flow.caricato_da_id
    for _ in range(3):
        validate_flow.delay(*ids)
    worker = start_worker()
    wait_for(product.is_idle)
    assert again(flow).stato == "validato"
    assert counts(flow) == RIGHT_COUNTS
    assert findings(flow) == RIGHT_FINDINGS

    validate_flow.delay(*ids)  # somebody may be looking at what was found
    wait_for(product.is_idle)
    assert actions(flow) == ["caricato", "in_validazione", "validato"]

    services.ask_acquisition(flow.pk, by=flow.caricato_da)
    for task in (acquire_flow, validate_flow, acquire_flow, validate_flow):
        task.delay(*ids)
    wait_for(product.is_idle)
    assert again(flow).stato == "acquisito"
    assert counted() == (ACCEPTED, AMOUNT)
    assert actions(flow).count("acquisito") == 1
    assert "Traceback" not in worker.log.read_text()


def test_a_flow_whose_validation_nobody_was_told_of(product, start_worker):
    """The broker is away when the file comes in: the flow is there, and is found later."""
    file = SimpleUploadedFile("maggio.csv", csv_bytes([payment(), payment()]))
    form = {"fonte": "inps-cigd", "file": file}
    with queueing_to(product.servers.no_broker):
        page = operator().post(reverse("flussi:carica"), form, follow=True)
    flow = Flow.objects.get()
    assert page.redirect_chain == [(flow.get_absolute_url(), 302)]
    assert _AWAY in page.content.decode()
    assert told(flow) == ("Caricato.", "")
    assert product.is_idle()

    # Only after a while: until then a worker may be about to begin.
    Flow.objects.update(caricato_il=F("caricato_il") - timedelta(minutes=3))
    start_worker()
    wait_for(lambda: again(flow).stato == "validato")
    assert actions(flow) == ["caricato", "in_validazione", "validato"]


def test_an_acquisition_that_nobody_was_told_of(product, start_worker):
    flow = validated([payment(), payment()])
    with queueing_to(product.servers.no_broker):
        page = operator().post(reverse("flussi:acquisisci", args=[flow.pk]), follow=True)
    assert _AWAY in page.content.decode()
    assert told(flow) == ("In acquisizione.", "")
    assert counted() == (0, 0)

    start_worker()
    wait_for(lambda: again(flow).stato == "acquisito")
    assert counted() == (2, Decimal("600.00"))
