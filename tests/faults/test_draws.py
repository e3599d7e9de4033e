"""`kill -9` of the worker while a sample is drawn: there is none, and the next worker draws it."""

import pytest

from cigd import draws, tasks
from cigd.models import Campione, ElementoCampione, Estrazione
from porfse.models import User
from tests.factories.flows import payment
from tests.factories.pool import in_pool
from tests.factories.samples import plan
from tests.faults.servers import wait_for

pytestmark = pytest.mark.xdist_group("faults")


def state(made):
    return Estrazione.objects.get(pk=made.pk).stato


def test_killed_in_drawing(product, start_worker):
    in_pool(*(payment() for _ in range(5)))
    by = User.objects.sistema()
    made = draws.prepare(by=by, plan=plan("semplice", 3))
    tasks.queue_draw(made)
    worker = start_worker()
    wait_for(lambda: state(made) == "pronta")
    with product.held("cigd_elementocampione") as hold:
        tasks.queue_draw(draws.decide(made.pk, by=by))
        hold.wait()
        worker.kill()
        hold.wait_gone()
        assert state(made) == "in_estrazione"
        assert not Campione.objects.exists()

    start_worker()
    wait_for(lambda: state(made) == "estratta")

    assert ElementoCampione.objects.filter(campione__estrazione=made).count() == 3
    draws.draw(made.pk)  # rather than wait until the killed worker's task is given out again
    assert Campione.objects.count() == 1
