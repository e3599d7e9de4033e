"""Two people at once, and the same payments twice: exactly one of them counts."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from porfse.flows import files, services, validation
from porfse.flows.errors import NotNow
from porfse.models import Flow, User
from tests.factories.flows import acquired, csv_bytes, payment, received, validated
from tests.factories.people import make_user
from tests.faults.flows import actions, counted, counts, findings, parts, told
from tests.faults.servers import Product, never_wait, wait_for, waiting_for_a_lock

pytestmark = pytest.mark.xdist_group("faults")

_T = TypeVar("_T")
_AGAIN = (
    "Nel frattempo è stato acquisito o annullato un altro flusso della stessa fonte: ripetere la"
    " validazione, poi acquisire."
)


@pytest.fixture
def two(product) -> tuple[User, User]:
    """Two people who may load flows."""
    return make_user("operatore"), make_user("operatore")


def job(work: Callable[[], _T]) -> Callable[[], _T]:
    """Make work for a thread, which has a connection of its own."""

    def run() -> _T:
        try:
            return work()
        finally:
            connection.close()

    return run


def acquire_together(product: Product, first: Flow, second: Flow) -> None:
    """Acquire two flows, the second while the first stands in the middle of its transaction."""
    with (
        ThreadPoolExecutor(2) as pool,
        product.connect() as observer,
        product.held("cigd_sintesiazione") as hold,
    ):
        ahead = pool.submit(job(lambda: services.acquire(first.pk, by=first.caricato_da)))
        hold.wait()
        behind = pool.submit(job(lambda: services.acquire(second.pk, by=second.caricato_da)))
        wait_for(lambda: waiting_for_a_lock(observer) == 1)
        assert counted() == (0, 0)
        hold.release()
        assert ahead.result().stato == "acquisito"
        assert behind.result().stato == "validato"


def ask(flow: Flow) -> Flow:
    return services.ask_acquisition(flow.pk, by=flow.caricato_da, confirm=True)


def test_two_people_ask_for_the_same_flow(two):
    flow = validated([payment()], by=two[0])
    start = Barrier(2)

    def decide(person: User) -> str:
        start.wait()
        try:
            return services.ask_acquisition(flow.pk, by=person).stato
        except NotNow as reason:
            return str(reason)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda person: job(lambda: decide(person))(), two))

    assert sorted(found) == [
        "Il flusso è in acquisizione: l'operazione non è più possibile.",
        "in_acquisizione",
    ]
    assert actions(flow).count("acquisizione_chiesta") == 1


def test_two_workers_acquire_the_same_flow(product, two):
    flow = ask(validated([payment()], by=two[0]))
    never_wait()
    with ThreadPoolExecutor(1) as pool, product.held("cigd_sintesiazione") as hold:
        ahead = pool.submit(job(lambda: services.acquire(flow.pk, by=two[0])))
        hold.wait()
        assert services.acquire(flow.pk, by=two[1]).stato == "in_acquisizione"  # it is the other's
        hold.release()
        assert ahead.result().stato == "acquisito"
    assert services.acquire(flow.pk, by=two[1]).stato == "acquisito"
    assert counted() == (1, Decimal("300.00"))
    assert actions(flow).count("acquisito") == 1


def test_two_workers_validate_the_same_flow(product, two):
    flow = received([payment(), payment(ore="x")], by=two[0])
    never_wait()
    with ThreadPoolExecutor(1) as pool, product.held("porfse_flowrow") as hold:
        ahead = pool.submit(job(lambda: validation.validate(flow.pk, by=two[0])))
        hold.wait()
        assert validation.validate(flow.pk, by=two[1]).stato == "in_validazione"
        hold.release()
        assert ahead.result().stato == "validato"
    assert findings(flow) == (1, 0, 2)
    assert actions(flow) == ["caricato", "in_validazione", "validato"]


def test_the_same_file_from_two_people_at_once(product, two):
    content = csv_bytes([payment(), payment()])
    first, second = (ask(validated(content, by=person)) for person in two)

    acquire_together(product, first, second)

    assert counted() == (2, Decimal("600.00"))
    assert told(first) == ("Acquisito.", "")
    assert told(second) == ("Validato.", _AGAIN)
    assert actions(second)[-1] == "non_acquisito"
    with pytest.raises(NotNow, match="ripetere la validazione"):
        ask(second)
    validation.validate(second.pk, by=two[1])
    status, why = told(second)
    assert status == "Rifiutato."
    assert why.startswith(f"Lo stesso file è già stato acquisito (flusso {first.pk},")
    with pytest.raises(NotNow, match="Il flusso è rifiutato"):
        ask(second)
    assert counted() == (2, Decimal("600.00"))
    assert parts() == [f"flussi.inps_cigd_{first.pk}"]


def test_two_files_that_overlap_at_once(product, two):
    rows = [payment() for _ in range(30)]
    first = ask(validated(rows[:20], by=two[0]))
    second = ask(validated(rows[10:], by=two[1]))

    acquire_together(product, first, second)

    assert counted() == (20, Decimal("6000.00"))
    assert told(second) == ("Validato.", _AGAIN)
    validation.validate(second.pk, by=two[1])
    assert told(second) == ("Validato.", "")
    assert counts(second) == (20, 10, 10, 0, Decimal("3000.00"), {"E007": 10})
    assert services.acquire(ask(second).pk, by=two[1]).stato == "acquisito"
    assert counted() == (30, Decimal("9000.00"))


def test_whoever_comes_first_of_many(product, two):
    """Nobody is held here: four copies race as they would."""
    content = csv_bytes([payment()])
    flows = [ask(validated(content, by=two[0])) for _ in range(4)]
    start = Barrier(4)

    def race(flow: Flow) -> str:
        start.wait()
        return services.acquire(flow.pk, by=two[0]).stato

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda flow: job(lambda: race(flow))(), flows))

    assert sorted(found) == ["acquisito", "validato", "validato", "validato"]
    assert counted() == (1, Decimal("300.00"))


@pytest.fixture
def recovered(two) -> tuple[Flow, Flow]:
    """An acquired flow, and one about to be acquired that takes a payment of it back."""
    paid = payment()
    taken_back = {
        "tipo": "R",
        "id_pagamento_origine": paid["id_pagamento"],
        "codice_fiscale": paid["codice_fiscale"],
        "importo": "-100,00",
    }
    origin = acquired([paid], by=two[0])
    return origin, ask(validated([payment(**taken_back)], by=two[1]))


def test_a_cancellation_behind_the_acquisition_that_recovers_it(product, recovered):
    origin, recovery = recovered

    def cancel() -> str:
        try:
            return services.cancel(origin.pk, by=origin.caricato_da, reason="sbagliato").stato
        except NotNow as reason:
            return str(reason)

    with (
        ThreadPoolExecutor(2) as pool,
        product.connect() as observer,
        product.held("cigd_sintesiazione") as hold,
    ):
        ahead = pool.submit(job(lambda: services.acquire(recovery.pk, by=recovery.caricato_da)))
        hold.wait()
        behind = pool.submit(job(cancel))
        wait_for(lambda: waiting_for_a_lock(observer) == 1)
        hold.release()
        assert ahead.result().stato == "acquisito"
        assert behind.result() == (
            f"Il flusso {recovery.pk} recupera pagamenti di questo: annullare prima quello."
        )
    assert counted() == (2, Decimal("200.00"))
    assert told(origin) == ("Acquisito.", "")


def test_an_acquisition_behind_the_cancellation_of_what_it_recovers(product, recovered):
    origin, recovery = recovered
    with (
        ThreadPoolExecutor(2) as pool,
        product.connect() as observer,
        product.held("porfse_auditevent") as hold,
    ):
        ahead = pool.submit(
            job(lambda: services.cancel(origin.pk, by=origin.caricato_da, reason="sbagliato"))
        )
        hold.wait()
        behind = pool.submit(job(lambda: services.acquire(recovery.pk, by=recovery.caricato_da)))
        wait_for(lambda: waiting_for_a_lock(observer) == 1)
        assert counted() == (1, Decimal("300.00"))
        hold.release()
        assert ahead.result().stato == "annullato"
        assert behind.result().stato == "validato"
    assert counted() == (0, 0)
    assert told(origin) == ("Annullato.", "sbagliato")
    assert told(recovery) == ("Validato.", _AGAIN)
    validation.validate(recovery.pk, by=recovery.caricato_da)
    assert counts(recovery) == (1, 0, 1, 0, Decimal("0.00"), {"E010": 1})


def test_the_same_file_after_it_was_acquired(product, two):
    content = csv_bytes([payment()])
    first = acquired(content, by=two[0])
    second = received(content, by=two[1], name="di nuovo.csv")
    assert second.stato == "rifiutato"
    assert told(second) == (
        "Rifiutato.",
        (
            f"Lo stesso file è già stato acquisito (flusso {first.pk}, «flusso.csv»): per caricarlo"
            " di nuovo annullare prima quel flusso."
        ),
    )
    assert list(files.folder().iterdir()) == []
    assert counted() == (1, Decimal("300.00"))
