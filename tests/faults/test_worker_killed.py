"""`kill -9` of the worker: what it was doing has never been, and the next worker does it."""

import signal
import subprocess
import sys

import pytest
from django.db import connection

from porfse.flows import services
from porfse.flows.locks import is_free
from porfse.tasks import acquire_flow, validate_flow
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
from tests.faults.servers import ROOT, elapsed, wait_for

pytestmark = pytest.mark.xdist_group("faults")


def test_killed_in_validation(product, start_worker):
    flow = received(large_file())
    validate_flow.delay(flow.pk, flow.caricato_da_id)
    with product.held("porfse_flowrow") as hold:  # a block of 50,000 rows is loaded
        worker = start_worker()
        hold.wait()
        worker.kill()
        hold.wait_gone()
        assert told(flow) == ("In validazione.", "")
        assert findings(flow) == NOTHING

    start_worker()
    wait_for(lambda: again(flow).stato != "in_validazione")

    assert told(flow) == ("Validato.", "")
    assert counts(flow) == RIGHT_COUNTS
    assert findings(flow) == RIGHT_FINDINGS
    assert actions(flow) == ["caricato", "in_validazione", "in_validazione", "validato"]
    assert counted() == (0, 0)


def test_killed_in_acquiring(product, start_worker):
    flow = validated(large_file())
    services.ask_acquisition(flow.pk, by=flow.caricato_da)
    acquire_flow.delay(flow.pk, flow.caricato_da_id)
    with product.held("cigd_sintesiazione") as hold:  # its rows are attached, in its transaction
        worker = start_worker()
        hold.wait()
        assert counted() == (0, 0)
        worker.kill()
        hold.wait_gone()
        assert again(flow).fonte is None
        assert told(flow) == ("In acquisizione.", "")
        assert counted() == (0, 0)
        assert parts() == []
        assert findings(flow) == RIGHT_FINDINGS

    start_worker()
    wait_for(lambda: again(flow).stato != "in_acquisizione")

    assert told(flow) == ("Acquisito.", "")
    assert counted() == (ACCEPTED, AMOUNT)
    assert parts() == [f"flussi.inps_cigd_{flow.pk}"]
    assert actions(flow) == [
        "caricato",
        "in_validazione",
        "validato",
        "acquisizione_chiesta",
        "acquisito",
    ]
    wait_for(lambda: again(flow).percorso == "")


def test_only_the_process_at_work_is_killed(product, start_worker):
    """As the system does when memory runs out: the worker itself lives and starts another."""
    flow = received(large_file())
    validate_flow.delay(flow.pk, flow.caricato_da_id)
    with product.held("porfse_flowrow") as hold:
        worker = start_worker()
        hold.wait()
        worker.kill_children()
        hold.wait_gone()
        assert findings(flow) == NOTHING

    wait_for(lambda: again(flow).stato == "validato")
    assert counts(flow) == RIGHT_COUNTS
    assert findings(flow) == RIGHT_FINDINGS


def test_asked_to_end_it_ends_its_task_first(product, start_worker):
    flow = received(large_file())
    validate_flow.delay(flow.pk, flow.caricato_da_id)
    with product.held("porfse_flowrow") as hold:
        worker = start_worker()
        hold.wait()
        worker.ask_to_end()
        wait_for(lambda: "Warm shutdown" in worker.log.read_text())
        assert again(flow).stato == "in_validazione"

    assert worker.wait() == 0
    assert told(flow) == ("Validato.", "")
    assert counts(flow) == RIGHT_COUNTS
    assert product.is_idle()


_LONG_QUERY = """
import django
django.setup()
from django.db import connection
from porfse.flows.locks import working_on
with working_on(1), connection.cursor() as cursor:
    cursor.execute("SELECT pg_sleep(600)")
"""


def test_the_lock_of_a_killed_process_is_soon_free(product, monkeypatch):
    """In the middle of a query the server would notice only at its end that nobody listens."""

    def busy() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query = 'SELECT pg_sleep(600)'"
            )
            return cursor.fetchone() == (1,)

    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "porfse.settings")
    process = subprocess.Popen([sys.executable, "-c", _LONG_QUERY], cwd=ROOT)
    try:
        wait_for(busy)
        assert not is_free(1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert elapsed(lambda: wait_for(lambda: is_free(1))) < 10
    assert not busy()
