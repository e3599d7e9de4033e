"""Pages that read while a flow comes or goes: they see it wholly or not at all, and none waits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from threading import Event

import psycopg
import pytest
from django.db import connection

from porfse.flows import housekeeping, services
from tests.factories.flows import acquired, payment
from tests.faults.flows import ACCEPTED, AMOUNT, again, counted, large_file, parts, told
from tests.faults.servers import Product, never_wait, wait_for, waiting_for_a_lock

pytestmark = pytest.mark.xdist_group("faults")

# As pages do: of the payments, those of acquired flows.
_SUMS = """
    SELECT (SELECT sum(p.importo) FROM cigd_pagamento p JOIN porfse_flow f ON f.id = p.flusso_id
            WHERE f.stato = 'acquisito'),
        (SELECT sum(importo) FROM cigd_sintesiazione),
        (SELECT sum(importo) FROM cigd_sintesicomune)
"""
_EXPORT = "COPY (SELECT * FROM cigd_pagamento ORDER BY riga) TO STDOUT"


@contextmanager
def long_page(product: Product) -> Iterator[psycopg.Connection]:
    """A page that reads for long: all of its queries see the same moment."""
    with product.connect() as page:
        page.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        yield page


def test_a_cancellation_while_a_page_reads(product):
    flow = acquired(large_file())
    never_wait()
    with long_page(product) as page:
        before = page.execute(_SUMS).fetchone()

        services.cancel(flow.pk, by=flow.caricato_da, reason="invio sbagliato")

        assert before == page.execute(_SUMS).fetchone() == (AMOUNT, AMOUNT, AMOUNT)
        assert counted() == (0, 0)
        assert told(flow) == ("Annullato.", "invio sbagliato")
        assert again(flow).fonte.motivo_ritiro == "invio sbagliato"


def test_a_cancellation_while_an_export_streams(product):
    flow = acquired(large_file())
    never_wait()
    with product.connect() as page, page.cursor() as cursor, cursor.copy(_EXPORT) as export:
        lines = bytes(export.read()).count(b"\n")

        services.cancel(flow.pk, by=flow.caricato_da, reason="invio sbagliato")
        housekeeping.tidy()

        assert parts() == [f"flussi.inps_cigd_{flow.pk}"]
        assert lines + sum(bytes(block).count(b"\n") for block in export) == ACCEPTED
    housekeeping.tidy()
    assert parts() == []


def test_what_was_cancelled_is_removed_when_nobody_reads_it(product):
    gone, stays = acquired([payment()]), acquired([payment(importo="200,00")])
    never_wait()
    services.cancel(gone.pk, by=gone.caricato_da, reason="invio sbagliato")
    with long_page(product) as page:
        page.execute(_SUMS)
        housekeeping.tidy()
        assert f"flussi.inps_cigd_{gone.pk}" in parts()
        assert counted() == (1, Decimal("200.00"))
    housekeeping.tidy()
    assert parts() == [f"flussi.inps_cigd_{stays.pk}"]
    assert counted() == (1, Decimal("200.00"))


def test_who_comes_while_it_waits_to_be_removed_reads_all_the_same(product):
    gone = acquired([payment()])
    services.cancel(gone.pk, by=gone.caricato_da, reason="invio sbagliato")
    seen = Event()

    def tidy() -> None:
        try:
            while not seen.is_set():  # each waits for half a second
                housekeeping.tidy()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, long_page(product) as page:
        page.execute(_SUMS)
        with product.connect() as observer, product.connect() as newcomer:
            newcomer.execute("SET lock_timeout = '5s'")
            tidying = pool.submit(tidy)
            try:
                wait_for(lambda: waiting_for_a_lock(observer) == 1)
                assert newcomer.execute(_SUMS).fetchone() == (None, None, None)
            finally:
                seen.set()
        tidying.result()
    assert parts() == [f"flussi.inps_cigd_{gone.pk}"]


def test_an_acquisition_while_a_page_reads(product):
    never_wait()
    with long_page(product) as page:
        assert page.execute(_SUMS).fetchone() == (None, None, None)
        flow = acquired([payment(), payment()])
        assert flow.stato == "acquisito"
        assert page.execute(_SUMS).fetchone() == (None, None, None)
        assert counted() == (2, Decimal("600.00"))
