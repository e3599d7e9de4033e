"""What a process that was killed at the worst moment leaves, and who takes it away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection
from django.db.models import F
from psycopg.errors import DiskFull

from porfse.flows import files, housekeeping, services, validation
from porfse.flows.locks import working_on
from porfse.flows.stage import tables_of
from porfse.models import Flow
from tests.factories.flows import acquired, payment, received, validated
from tests.faults.flows import NOTHING, actions, again, counted, counts, findings, parts, told

pytestmark = pytest.mark.xdist_group("faults")


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("state", ["acquisito", "scartato", "rifiutato", "annullato"])
def test_the_file_of_a_flow_that_will_not_be_validated_again(product, state):
    """Killed between the end of the transaction and the removal: it may hold an IBAN."""
    flow = acquired([payment()])
    name = files.store([b"x"]).percorso
    Flow.objects.filter(pk=flow.pk).update(stato=state, percorso=name)
    waiting = [received([payment()]), validated([payment()])]

    housekeeping.tidy()

    assert again(flow).percorso == ""
    assert {path.name for path in files.folder().iterdir()} == {one.percorso for one in waiting}


def test_tables_on_which_somebody_works_are_left(product):
    """Their flow waits for a validation, but another process has just begun it."""
    flow = validated([payment()])
    Flow.objects.filter(pk=flow.pk).update(stato="caricato")
    tables = tables_of(flow.pk)

    def tidy() -> None:
        try:
            housekeeping.tidy()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with working_on(flow.pk):
            pool.submit(tidy).result()
            assert tables_of(flow.pk) == tables != []
        pool.submit(tidy).result()
    assert tables_of(flow.pk) == []


def test_an_acquisition_that_cannot_succeed_is_not_tried_for_ever(product):
    """A table of the flow is damaged: whoever asked is told, and a new validation mends it."""
    flow = validated([payment(), payment()])
    services.ask_acquisition(flow.pk, by=flow.caricato_da)
    execute(f"DROP TABLE flussi.inps_cigd_{flow.pk}_comuni")

    with pytest.raises(ProgrammingError):
        services.acquire(flow.pk, by=flow.caricato_da)

    assert again(flow).fonte is None
    assert told(flow) == (
        "Validato.",
        (
            "L'acquisizione si è interrotta per un errore del sistema e nulla è stato acquisito:"
            " ripetere la validazione, poi acquisire; se si ripete l'errore, avvisare"
            " l'amministratore indicando il numero del flusso."
        ),
    )
    assert actions(flow)[-1] == "non_acquisito"
    assert (counted(), parts()) == ((0, 0), [])

    validation.validate(flow.pk, by=flow.caricato_da)
    services.ask_acquisition(flow.pk, by=flow.caricato_da)
    assert services.acquire(flow.pk, by=flow.caricato_da).stato == "acquisito"
    assert counted() == (2, Decimal("600.00"))


def test_a_validation_that_the_system_interrupts_says_so_and_can_be_repeated(product):
    """The disk of the database is full, say: here the server refuses to write."""
    flow = received([payment(), payment(ore="x")])
    execute(
        "CREATE FUNCTION guasto() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'spazio esaurito' USING ERRCODE = 'disk_full'; END $$"
    )
    execute(
        "CREATE TRIGGER guasto BEFORE INSERT ON porfse_flowrow"
        " FOR EACH STATEMENT EXECUTE FUNCTION guasto()"
    )
    with pytest.raises(DiskFull, match="spazio esaurito"):
        validation.validate(flow.pk, by=flow.caricato_da)

    assert told(flow) == (
        "Caricato.",
        (
            "La validazione si è interrotta per un errore del sistema: ripeterla; se si ripete"
            " l'errore, avvisare l'amministratore indicando il numero del flusso."
        ),
    )
    assert findings(flow) == NOTHING
    Flow.objects.update(caricato_il=F("caricato_il") - timedelta(minutes=3))
    assert not Flow.objects.forgotten().exists()  # it waits for somebody to ask

    execute("DROP TRIGGER guasto ON porfse_flowrow")
    validation.validate(flow.pk, by=flow.caricato_da)
    assert counts(flow) == (2, 1, 1, 0, Decimal("300.00"), {"E003": 1})
