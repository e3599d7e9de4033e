"""A validation that somebody looks at, or would throw away, while a worker has it or had it."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from porfse.flows import services, validation
from porfse.flows.errors import NotNow
from porfse.flows.presenters import Avanzamento
from porfse.flows.stage import tables_of
from porfse.models import Flow
from porfse.tasks import validate_flow
from tests.factories.flows import csv_bytes, payment, received
from tests.faults.flows import NOTHING, actions, again, findings, operator, told
from tests.faults.servers import never_wait, wait_for
from tests.faults.test_at_once import job

pytestmark = pytest.mark.xdist_group("faults")

_ROWS = 60_000  # a block of the engine is of 50,000


@cache
def _odd_at_the_end() -> bytes:
    """Only the second block has a warning: who stops there has told of the first."""
    odd = {_ROWS - 1: {"data_decreto": "01/06/2020"}}  # W105
    return csv_bytes(payment(**odd.get(number, {})) for number in range(_ROWS))


def _bar(flow: Flow) -> Avanzamento | None:
    """What the bar shows to somebody who opens the page now."""
    return operator().get(flow.get_absolute_url()).context.get("avanzamento")


def test_the_progress_survives_a_reload_and_a_restart_of_the_worker(product, start_worker):
    flow = received(_odd_at_the_end())
    validate_flow.delay(flow.pk, flow.caricato_da_id)
    with product.held("porfse_flowwarning") as hold:
        worker = start_worker()
        hold.wait()
        for _ in range(2):
            bar = _bar(flow)
            assert (bar.fase, bar.percento) == ("Lettura delle righe", 83)
            assert bar.dettagli[0] == "50.000 righe su circa 60.000"
        worker.kill()
        hold.wait_gone()
        assert _bar(flow).dettagli[0] == "50.000 righe su circa 60.000"
        assert told(flow) == ("In validazione.", "")

        start_worker()
        hold.wait()
        assert _bar(flow).dettagli[0] == "50.000 righe su circa 60.000"
        assert actions(flow).count("in_validazione") == 2

    wait_for(lambda: again(flow).stato == "validato")
    assert _bar(flow) is None
    assert again(flow).codici == {"W105": 1}


def test_a_flow_that_a_worker_has_is_not_thrown_away(product):
    flow = received([payment(), payment(ore="x")])
    by = flow.caricato_da
    never_wait()
    with ThreadPoolExecutor(1) as pool, product.held("porfse_flowrow") as hold:
        ahead = pool.submit(job(lambda: validation.validate(flow.pk, by=by)))
        hold.wait()
        with pytest.raises(NotNow, match="attendere che finisca"):
            services.discard(flow.pk, by=by)
        hold.release()
        assert ahead.result().stato == "validato"
    assert services.discard(flow.pk, by=by).stato == "scartato"
    assert tables_of(flow.pk) == []


def test_a_flow_whose_worker_was_killed_is_thrown_away_and_not_taken_up_again(product):
    flow = received([payment()])
    validation._begin(flow, flow.caricato_da)  # as a process that is killed leaves it
    services.discard(flow.pk, by=flow.caricato_da, reason="invio sbagliato")
    validate_flow(flow.pk, flow.caricato_da_id)
    assert told(flow) == ("Scartato.", "invio sbagliato")
    assert findings(flow) == NOTHING
    assert actions(flow) == ["caricato", "in_validazione", "scartato"]
