"""`kill -9` of the database: it comes back as it was before or as it is after, never between."""

import pytest

from porfse.flows import services
from porfse.tasks import acquire_flow, resume_flows, validate_flow
from tests.factories.flows import received, validated
from tests.faults.flows import (
    ACCEPTED,
    AMOUNT,
    NOTHING,
    RIGHT_COUNTS,
    RIGHT_FINDINGS,
    actions,
    again,
    counted,
    counts,
    findings,
    large_file,
    parts,
    told,
)
from tests.faults.servers import wait_for

pytestmark = pytest.mark.xdist_group("faults")


def test_killed_in_acquiring_and_after_it(product, start_worker):
    flow = validated(large_file())
    services.ask_acquisition(flow.pk, by=flow.caricato_da)
    acquire_flow.delay(flow.pk, flow.caricato_da_id)
    with product.held("cigd_sintesiazione") as hold:
        start_worker()
        hold.wait()
        product.servers.kill_database()
    product.restart_database()

    assert again(flow).fonte is None
    assert told(flow) == ("In acquisizione.", "")
    assert counted() == (0, 0)
    assert parts() == []
    assert findings(flow) == RIGHT_FINDINGS

    wait_for(product.is_idle)
    resume_flows.delay()  # as the calendar does every five minutes; the worker is the same
    wait_for(lambda: again(flow).stato == "acquisito")
    product.servers.kill_database()
    product.restart_database()

    assert told(flow) == ("Acquisito.", "")
    assert counted() == (ACCEPTED, AMOUNT)
    assert parts() == [f"flussi.inps_cigd_{flow.pk}"]
    assert actions(flow).count("acquisito") == 1


def test_killed_in_validation(product, start_worker):
    flow = received(large_file())
    validate_flow.delay(flow.pk, flow.caricato_da_id)
    with product.held("porfse_flowrow") as hold:
        start_worker()
        hold.wait()
        product.servers.kill_database()
    product.restart_database()

    assert told(flow) == ("In validazione.", "")
    assert findings(flow) == NOTHING

    wait_for(product.is_idle)
    resume_flows.delay()
    wait_for(lambda: again(flow).stato == "validato")
    assert counts(flow) == RIGHT_COUNTS
    assert findings(flow) == RIGHT_FINDINGS
