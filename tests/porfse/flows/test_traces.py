"""What stays written of a flow whatever becomes of it: who, when, what file, which counts."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command

from porfse.flows import services, validation
from porfse.flows.services import Note
from porfse.models import AuditEvent, ExpectedFlow, Flow
from tests.factories.flows import acquired, payment, received, validated

pytestmark = pytest.mark.django_db
WRONG = "RSSMRA80A01F205A"


@pytest.fixture
def operatore(user):
    return user("operatore")


def trace(flow: Flow) -> dict[str, tuple[object, dict[str, object]]]:
    """What the register says of a flow: by action, who and the details."""
    events = AuditEvent.objects.filter(object_type="porfse.flow", object_id=str(flow.pk))
    return {
        event.action.removeprefix("flusso."): (event.actor, event.details)
        for event in events.select_related("actor")
    }


def test_the_register_keeps_file_hash_counts_and_sums(operatore):
    row = payment(importo="100,00", data_decreto="16/05/2020")
    flow = acquired([row, payment(importo="7,00", ore="x")], by=operatore, name="maggio.csv")
    services.cancel(flow.pk, by=operatore, reason="doppio")
    found = trace(flow)
    assert {who for who, _ in found.values()} == {operatore}
    assert found["caricato"][1] == {
        "file": "maggio.csv",
        "sha256": flow.sha256,
        "byte": flow.dimensione,
        "esempio": False,
        "messaggio": "",
    }
    assert found["validato"][1] == {
        "righe": 2,
        "accettate": 1,
        "scartate": 1,
        "segnalate": 1,
        "importo": "100.00",
        "codici": {"E003": 1, "W105": 1},
    }
    assert found["acquisizione_chiesta"][1] == {"decisione": "prova", "errori_confermati": True}
    assert found["acquisito"][1] == {"righe": 1, "importo": "100.00", "decisione": "prova"}
    assert found["annullato"][1] == {"motivo": "doppio", "importo": "100.00"}


def test_the_register_keeps_what_was_refused_and_thrown_away(operatore):
    refused = validated(b"niente;di;noto\n1;2;3\n", by=operatore, name="errato.csv")
    found = trace(refused)
    assert found["caricato"][1]["sha256"] == refused.sha256
    assert found["rifiutato"] == (operatore, {"messaggio": refused.messaggio})
    discarded = validated([payment(ore="x")], by=operatore)
    services.discard(discarded.pk, by=operatore, reason="tutto errato")
    found = trace(discarded)
    assert found["validato"][1]["codici"] == {"E003": 1}
    assert found["scartato"] == (operatore, {"motivo": "tutto errato"})


def test_the_page_says_who_and_when(as_role, user):
    sender, decider = user("operatore", username="ada"), user("operatore", username="ugo")
    with time_machine.travel("2026-03-10 08:05Z", tick=False):
        flow = validated([payment()], by=sender)
    with time_machine.travel("2026-07-10 22:30Z", tick=False):  # the 11th in Italy
        services.ask_acquisition(flow.pk, by=decider)
        services.acquire(flow.pk, by=decider)
    table = as_role("operatore").get(f"/flussi/{flow.pk}/").context["storia"]
    told = [tuple(row.get_cell(name) for name in ("at", "actor", "action")) for row in table.rows]
    morning, night = "10.03.2026 09:05", "11.07.2026 00:30"
    assert told == [
        (morning, "ada", "caricato"),
        (morning, "ada", "in validazione"),
        (morning, "ada", "validato"),
        (night, "ugo", "chiesta l'acquisizione"),
        (night, "ugo", "acquisito"),
    ]


def expected(month: int, source: str = "inps-cigd") -> ExpectedFlow:
    return ExpectedFlow.objects.create(
        sorgente=source, periodo=f"2021-{month:02d}", entro=date(2021, month, 15)
    )


def answer(item: ExpectedFlow) -> Flow | None:
    return ExpectedFlow.objects.get(pk=item.pk).flusso


def test_a_flow_that_is_thrown_away_or_refused_answers_nothing_any_more(operatore):
    first, second = expected(1), expected(2)
    discarded = received([payment()], by=operatore, note=Note(attesi=[first.pk]))
    broken = received(b"niente;di;noto\n1;2;3\n", by=operatore, note=Note(attesi=[second.pk]))
    assert (answer(first), answer(second)) == (discarded, broken)
    services.discard(discarded.pk, by=operatore)
    validation.validate(broken.pk, by=operatore)
    assert (answer(first), answer(second)) == (None, None)


def test_a_flow_answers_only_what_its_source_is_to_send_and_nobody_has_sent(operatore):
    other, taken, free = expected(1, "avanzamento"), expected(2), expected(3)
    first = received([payment()], by=operatore, note=Note(attesi=[taken.pk]))
    note = Note(attesi=[other.pk, taken.pk, free.pk])
    second = received([payment()], by=operatore, note=note)
    assert [answer(item) for item in (other, taken, free)] == [None, first, second]


def test_the_rows_for_the_sender_are_in_the_order_of_the_file(as_role):
    row = payment()
    flow = validated([row, row | {"importo": "1,00"}, payment(codice_fiscale=WRONG)])
    response = as_role("operatore").get(f"/flussi/{flow.pk}/scarti/")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    assert [(line["riga"], line["codici"]) for line in found] == [("3", "E006"), ("4", "E002")]


def test_a_new_validation_replaces_the_warnings_of_the_one_before():
    paid = payment(data_decreto="16/05/2020")
    flow = validated([paid])
    assert flow.codici == {"W105": 1}
    acquired([paid | {"importo": "1,00"}])
    again = validation.validate(flow.pk, by=flow.caricato_da)
    assert (again.codici, again.segnalate, again.importo) == ({"E007": 1}, 0, Decimal(0))


def test_the_command_cancels_only_a_flow_of_the_source_that_is_named():
    flow = acquired([payment()])
    with pytest.raises(CommandError, match=f"Il flusso {flow.pk} di questa fonte non esiste"):
        call_command("import_flow", "avanzamento", cancel=flow.pk)
    assert Flow.objects.get(pk=flow.pk).stato == "acquisito"
