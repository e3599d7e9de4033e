"""What a flow still needs outlives the tidying, in whatever state it waits."""

import pytest

from porfse.flows import files, housekeeping, requests, services, validation
from porfse.flows.stage import tables_of
from tests.factories.flows import payment, received, validated

pytestmark = pytest.mark.django_db


def test_a_flow_that_waits_for_its_acquisition_can_still_be_acquired():
    flow = validated([payment()])
    by = flow.caricato_da
    services.ask_acquisition(flow.pk, by=by)
    tables = tables_of(flow.pk)
    housekeeping.tidy()
    assert tables_of(flow.pk) == tables != []
    assert services.acquire(flow.pk, by=by).stato == "acquisito"


@pytest.mark.parametrize("make", [received, validated])
def test_a_flow_that_waits_for_its_validation_can_still_be_validated(make):
    flow = make([payment()])
    by = flow.caricato_da
    requests.ask_validation(flow.pk, by=by)
    housekeeping.tidy()
    assert files.path_of(flow).exists()
    assert validation.validate(flow.pk, by=by).stato == "validato"
