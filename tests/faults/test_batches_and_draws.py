"""Batches and samples whose worker is killed, or cannot be told: they are done by the next one."""

import pytest
from django.test import Client
from django.urls import reverse

from cigd import draws, tasks
from cigd.models import Campione, ElementoCampione, Estrazione, Lotto
from porfse.models import User
from tests.factories.flows import payment
from tests.factories.people import make_user
from tests.factories.pool import checked, in_pool, rate
from tests.factories.samples import plan
from tests.faults.servers import queueing_to, wait_for

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


def client_of(role):
    client = Client()
    client.force_login(make_user(role), backend="porfse.accounts.RoleBackend")
    return client


def told_away(page):
    return "Il servizio di elaborazione non risponde" in page.content.decode()


def test_a_draw_that_nobody_was_told_of(product, start_worker):
    in_pool(*(payment() for _ in range(5)))
    client = client_of("controllore")
    asked = {"metodo": "semplice", "numero": "3", "seme": "s", "periodo": "pagamento"}
    with queueing_to(product.servers.no_broker):
        page = client.post(reverse("cigd:campione_nuovo"), asked, follow=True)
    made = Estrazione.objects.get()
    assert page.redirect_chain == [(made.get_absolute_url(), 302)]
    assert told_away(page)
    assert state(made) == "in_preparazione"

    worker = start_worker()
    wait_for(lambda: state(made) == "pronta")
    worker.kill()
    url = reverse("cigd:estrazione_conferma", args=[made.pk])
    with queueing_to(product.servers.no_broker):
        assert told_away(client.post(url, follow=True))
    assert state(made) == "in_estrazione"

    start_worker()
    wait_for(lambda: state(made) == "estratta")
    assert Campione.objects.count() == 1


def test_a_batch_that_nobody_was_told_of(product, start_worker):
    rate()
    checked(payment())
    act = {"atto_tipo": "decreto", "atto_numero": "9", "atto_data": "01.02.2022"}
    form = {**act, "domanda_numero": "DP1", "domanda_data": "10.02.2022"}
    with queueing_to(product.servers.no_broker):
        client = client_of("certificatore")
        page = client.post(reverse("cigd:certificazione_nuova"), form, follow=True)
    assert told_away(page)
    assert Lotto.objects.get().stato == "in_preparazione"

    start_worker()
    wait_for(lambda: Lotto.objects.get().stato == "pronto")
