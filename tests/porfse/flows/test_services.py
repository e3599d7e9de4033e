"""The states of a flow: who may change them, and what stands against it."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from porfse.flows import files, locks, services, validation
from porfse.flows.errors import NotNow
from porfse.flows.services import Note
from porfse.flows.stage import tables_of
from porfse.models import AuditEvent, ExpectedFlow, Flow, FlowRow
from tests.factories.flows import acquired, csv_bytes, payment, received, validated
from tests.threads import in_a_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def operatore(user):
    return user("operatore")


def actions(flow: Flow) -> list[str]:
    """What the register says of a flow, first things first."""
    events = AuditEvent.objects.filter(object_type="porfse.flow", object_id=str(flow.pk))
    return [event.action for event in events.order_by("pk")]


def test_a_flow_goes_from_its_file_to_its_acquisition(operatore):
    flow = received([payment(), payment()], by=operatore, name="maggio.csv")
    assert (flow.stato, flow.nome_file, len(flow.sha256)) == ("caricato", "maggio.csv", 64)
    assert files.path_of(flow).stat().st_size == flow.dimensione
    flow = validation.validate(flow.pk, by=operatore)
    assert (flow.stato, flow.righe, flow.importo) == ("validato", 2, Decimal("600.00"))
    assert tables_of(flow.pk)
    services.ask_acquisition(flow.pk, by=operatore)
    flow = services.acquire(flow.pk, by=operatore)
    assert flow.stato == "acquisito"
    assert flow.fonte.documento == f"flusso-{flow.pk}"
    assert tables_of(flow.pk) == []
    assert actions(flow) == [
        "flusso.caricato",
        "flusso.in_validazione",
        "flusso.validato",
        "flusso.acquisizione_chiesta",
        "flusso.acquisito",
    ]


def test_the_file_goes_when_it_is_no_longer_needed(operatore, django_capture_on_commit_callbacks):
    flow = validated([payment()], by=operatore)
    path = files.path_of(flow)
    assert path.exists()
    services.ask_acquisition(flow.pk, by=operatore)
    with django_capture_on_commit_callbacks(execute=True):
        services.acquire(flow.pk, by=operatore)
    assert not path.exists()
    assert Flow.objects.get(pk=flow.pk).percorso == ""


def test_the_same_bytes_are_acquired_once_under_whatever_name(operatore):
    content = csv_bytes([payment()])
    first = acquired(content, by=operatore)
    again = received(content, by=operatore, name="altro nome.csv")
    assert again.stato == "rifiutato"
    assert again.messaggio.startswith(f"Lo stesso file è già stato acquisito (flusso {first.pk}")
    assert again.percorso == ""
    services.cancel(first.pk, by=operatore, reason="da rifare")
    assert received(content, by=operatore).stato == "caricato"


def test_the_same_name_with_other_bytes_is_another_flow(operatore):
    acquired([payment()], by=operatore, name="uno.csv")
    assert acquired([payment()], by=operatore, name="uno.csv").stato == "acquisito"


def test_two_copies_of_a_file_that_both_wait_become_one(operatore):
    content = csv_bytes([payment()])
    first, second = (validated(content, by=operatore) for _ in range(2))
    services.ask_acquisition(first.pk, by=operatore)
    services.ask_acquisition(second.pk, by=operatore)
    assert services.acquire(first.pk, by=operatore).stato == "acquisito"
    late = services.acquire(second.pk, by=operatore)
    assert late.stato == "validato"
    assert "ripetere la validazione" in late.messaggio


def test_a_copy_of_a_file_acquired_since_is_refused_when_it_is_validated_again(operatore):
    content = csv_bytes([payment()])
    unread = received(content, by=operatore)
    waiting = validated(content, by=operatore)
    first = acquired(content, by=operatore, name="maggio.csv")
    for flow in (unread, waiting):
        path = files.path_of(flow)
        late = validation.validate(flow.pk, by=operatore)
        assert late.stato == "rifiutato"
        assert late.messaggio == (
            f"Lo stesso file è già stato acquisito (flusso {first.pk}, «maggio.csv»): per"
            " caricarlo di nuovo annullare prima quel flusso."
        )
        assert actions(flow)[-1] == "flusso.rifiutato"
        assert tables_of(flow.pk) == []
        assert not path.exists()


def test_what_was_acquired_since_asks_for_a_new_validation(operatore):
    waiting = validated([payment()], by=operatore)
    acquired([payment()], by=operatore)
    with pytest.raises(NotNow, match="ripetere la validazione"):
        services.ask_acquisition(waiting.pk, by=operatore)
    validation.validate(waiting.pk, by=operatore)
    services.ask_acquisition(waiting.pk, by=operatore)
    assert services.acquire(waiting.pk, by=operatore).stato == "acquisito"


def test_more_than_five_per_cent_of_errors_asks_for_a_confirmation(operatore):
    rows = [payment() for _ in range(19)]
    within = validated([*rows, payment(ore="x")], by=operatore)
    services.ask_acquisition(within.pk, by=operatore)  # 1 of 20 is 5 %, not more
    beyond = validated([*rows[:18], payment(ore="x")], by=operatore)
    with pytest.raises(NotNow, match="Più del 5% delle righe"):
        services.ask_acquisition(beyond.pk, by=operatore)
    assert services.ask_acquisition(beyond.pk, by=operatore, confirm=True).stato == (
        "in_acquisizione"
    )


def test_the_note_must_agree_or_somebody_must_say_why_not(operatore):
    rows = [payment(importo="100,00"), payment(importo="50,00", ore="x")]
    note = Note(righe_dichiarate=3, importo_dichiarato=Decimal("150.01"))
    flow = validated(rows, by=operatore, note=note)
    found = validation.obstacles(flow)["differenze"]
    assert found == [
        "La nota dichiara 3 righe, il file ne ha 2.",
        (
            "La nota dichiara 150,01\u00a0€, le righe del file sommano a 150,00\u00a0€"
            " (differenza −0,01\u00a0€)."
        ),
    ]
    with pytest.raises(NotNow, match="motivare la decisione"):
        services.ask_acquisition(flow.pk, by=operatore, confirm=True)
    asked = services.ask_acquisition(
        flow.pk, by=operatore, confirm=True, decision="Rettifica con nota 12"
    )
    assert asked.decisione == "Rettifica con nota 12"
    agreed = Note(righe_dichiarate=2, importo_dichiarato=Decimal("150.00"))
    assert validation.obstacles(validated(rows, note=agreed))["differenze"] == []


def test_nothing_acceptable_cannot_be_acquired(operatore):
    flow = validated([payment(ore="x")], by=operatore)
    with pytest.raises(NotNow, match="Nessuna riga è accettabile"):
        services.ask_acquisition(flow.pk, by=operatore, confirm=True)


def test_only_who_loads_flows_may(user):
    flow = validated([payment()])
    done = acquired([payment()])
    for role in ("lettore", "gestore", "certificatore", "controllore", "amministratore"):
        person = user(role)
        with pytest.raises(PermissionDenied):
            received([payment()], by=person)
        with pytest.raises(PermissionDenied):
            services.ask_acquisition(flow.pk, by=person)
        with pytest.raises(PermissionDenied):
            services.cancel(done.pk, by=person, reason="x")
        with pytest.raises(PermissionDenied):
            services.discard(flow.pk, by=person)
    assert Flow.objects.get(pk=flow.pk).stato == "validato"
    assert Flow.objects.get(pk=done.pk).stato == "acquisito"


def test_a_discarded_flow_leaves_its_counts_and_refused_rows(operatore):
    flow = validated([payment(), payment(ore="x")], by=operatore)
    path = files.path_of(flow)
    services.discard(flow.pk, by=operatore, reason="invio sbagliato")
    flow = Flow.objects.get(pk=flow.pk)
    assert (flow.stato, flow.messaggio, flow.righe) == ("scartato", "invio sbagliato", 2)
    assert tables_of(flow.pk) == []
    assert FlowRow.objects.filter(flusso=flow).count() == 1
    assert not path.exists()
    with pytest.raises(NotNow, match="è scartato"):
        services.discard(flow.pk, by=operatore)
    with pytest.raises(NotNow, match="è scartato"):
        validation.validate(flow.pk, by=operatore)


def test_what_is_done_cannot_be_done_again(operatore):
    flow = acquired([payment()], by=operatore)
    before = actions(flow)
    assert services.acquire(flow.pk, by=operatore).stato == "acquisito"  # the task, given out twice
    with pytest.raises(NotNow):
        validation.validate(flow.pk, by=operatore)
    assert actions(flow) == before
    services.cancel(flow.pk, by=operatore, reason="prova")
    with pytest.raises(NotNow, match="è annullato"):
        services.cancel(flow.pk, by=operatore, reason="prova")


def test_a_new_validation_replaces_the_one_before(operatore):
    flow = validated([payment(), payment(ore="x")], by=operatore)
    again = validation.validate(flow.pk, by=operatore)
    assert (again.righe, again.accettate, again.codici) == (2, 1, {"E003": 1})
    assert FlowRow.objects.filter(flusso=flow).count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"id_pagamento;tipo\nP1;P\n", "Nell'intestazione mancano le colonne"),
        (csv_bytes([payment()]).split(b"\r\n")[0] + b"\r\n", "nessuna riga di dati"),
        (b"", "vuoto"),
    ],
)
def test_an_unreadable_file_is_refused_whole_and_recorded(operatore, content, words):
    flow = received(content, by=operatore)
    path = files.path_of(flow)
    flow = validation.validate(flow.pk, by=operatore)
    assert flow.stato == "rifiutato"
    assert words in flow.messaggio
    assert actions(flow)[-1] == "flusso.rifiutato"
    assert tables_of(flow.pk) == []
    assert not path.exists()


def test_a_flow_answers_what_was_expected_until_it_is_taken_back(operatore):
    expected = ExpectedFlow.objects.create(
        sorgente="inps-cigd", periodo="2021-03", entro="2021-04-15"
    )
    flow = acquired([payment()], by=operatore, note=Note(attesi=[expected.pk]))
    expected.refresh_from_db()
    assert expected.flusso == flow
    services.cancel(flow.pk, by=operatore, reason="prova")
    expected.refresh_from_db()
    assert expected.flusso is None


def test_examples_only_in_the_demonstration(operatore, settings):
    settings.DEMO = False
    with pytest.raises(services.Refused, match="solo nella dimostrazione"):
        received([payment()], by=operatore, example=True)
    assert not Flow.objects.exists()


def test_a_file_beyond_the_limit_leaves_nothing(settings):
    settings.FLOW_MAX_BYTES = 10
    before = set(files.folder().iterdir())
    with pytest.raises(services.files.BadInput, match="supera la dimensione ammessa"):
        files.store([b"12345", b"678901"])
    assert set(files.folder().iterdir()) == before


def test_the_database_counts_all_stored_rows_again_when_they_are_a_quarter_more(operatore):
    def counted() -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'cigd_pagamento'::regclass")
            return cursor.fetchone()[0]

    for rows, known in ((40, 0), (9, 40), (5, 40), (1, 54)):
        before = counted()
        acquired([payment() for _ in range(rows)])
        assert counted() == (known or before)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n_distinct FROM pg_stats WHERE tablename = 'cigd_pagamento' AND inherited"
            " AND attname = 'id_pagamento'"
        )
        assert cursor.fetchone() == (-1,)  # each one another


def test_an_acquired_flow_stays_so_even_if_its_file_cannot_be_removed(
    operatore, monkeypatch, django_capture_on_commit_callbacks
):
    def refused(flow):
        raise PermissionError

    flow = validated([payment()], by=operatore)
    services.ask_acquisition(flow.pk, by=operatore)
    monkeypatch.setattr(services.files, "discard", refused)
    with django_capture_on_commit_callbacks(execute=True):
        assert services.acquire(flow.pk, by=operatore).stato == "acquisito"


def test_a_flow_that_ends_each_of_its_processes_is_not_tried_for_ever(operatore):
    flow = received([payment()], by=operatore)
    for _ in range(3):  # as a process that is killed leaves it
        validation._begin(flow, operatore)
    assert validation.validate(flow.pk, by=operatore).stato == "caricato"
    assert actions(flow)[-1] == "flusso.interrotto"
    assert validation.validate(flow.pk, by=operatore).stato == "validato"  # asked for again


@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_wait_for_ever_to_cancel_what_another_flow_holds(operatore, monkeypatch):
    flow = acquired([payment()], by=operatore)
    monkeypatch.setattr(locks, "PATIENCE", "200ms")
    with transaction.atomic():
        locks.exclusive(flow.pk)
        thread, ended = in_a_thread(lambda: services.cancel(flow.pk, by=operatore, reason="x"))
        thread.join(10)
    assert "riprovare fra qualche minuto" in str(ended[0])
    assert services.cancel(flow.pk, by=operatore, reason="x").stato == "annullato"
