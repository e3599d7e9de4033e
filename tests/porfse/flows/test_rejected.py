"""The rejected rows as a file: corrected there, it is a flow as any other."""

import csv
import io

import pytest

from porfse.flows import services, validation
from porfse.models import AuditEvent, Flow
from tests.factories.flows import csv_bytes, payment, received, validated

pytestmark = pytest.mark.django_db
WRONG = "RSSMRA80A01F205A"


@pytest.fixture
def operatore(as_role):
    return as_role("operatore")


def downloaded(browser, flow: Flow) -> tuple[bytes, list[dict[str, str]]]:
    answer = browser.get(f"/flussi/{flow.pk}/scarti/")
    assert answer.streaming
    content = b"".join(answer.streaming_content)
    text = content.decode("utf-8-sig")
    return content, list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_each_row_bears_line_codes_and_explanation_then_what_came(operatore):
    rows = [payment(), payment(codice_fiscale=WRONG, comune_istat="999999", iban="IT1")]
    flow = validated([{"iban": "", **row} for row in rows])
    content, [row] = downloaded(operatore, flow)
    assert content.startswith(b"\xef\xbb\xbfriga;codici;spiegazione;id_pagamento;tipo;")
    assert (row["riga"], row["codici"]) == ("3", "E002 E005")
    assert row["spiegazione"].startswith("codice fiscale errato")
    assert row["codice_fiscale"] == WRONG
    assert "iban" not in row
    event = AuditEvent.objects.get(action="flusso.scarti_esportati")
    assert (event.object_id, event.details) == (str(flow.pk), {"righe": 1})


def test_formulas_are_made_harmless_and_amounts_stay_as_they_are(operatore):
    flow = validated([payment(denominazione_azienda="=1+1", importo="-12,50")])
    _, [row] = downloaded(operatore, flow)
    assert (row["denominazione_azienda"], row["importo"]) == ("'=1+1", "-12,50")


def test_a_thousand_that_other_rows_told_is_told_without_them(operatore, user):
    good, bad = payment(importo="5,00"), payment(importo="1.234", codice_fiscale=WRONG)
    _, [row] = downloaded(operatore, validated([good, bad]))
    row["codice_fiscale"] = good["codice_fiscale"]
    person = user("operatore")
    again = validation.validate(received(csv_bytes([row]), by=person).pk, by=person)
    assert (row["importo"], again.accettate, again.scartate) == ("1.234,00", 1, 0)
    assert again.importo_file == 1234


def test_what_could_not_be_told_stays_as_it_came(operatore):
    _, [row] = downloaded(operatore, validated([payment(importo="1.234")]))
    assert (row["codici"], row["importo"]) == ("E003", "1.234")


@pytest.mark.parametrize("cell", ["-2+3", "+A1", "@x", "-1;2|cmd", "--1"])
def test_what_only_begins_as_a_number_is_no_number(operatore, cell):
    flow = validated([payment(denominazione_azienda=cell, codice_fiscale=WRONG)])
    _, [row] = downloaded(operatore, flow)
    assert row["denominazione_azienda"] == f"'{cell}"


def test_corrected_and_sent_again_it_is_acquired(operatore, user):
    good = payment()
    back = payment(
        tipo="R",
        id_pagamento_origine=good["id_pagamento"],
        codice_fiscale=WRONG,
        importo="-12,50",
    )
    flow = validated([good, back])
    person = user("operatore")
    services.ask_acquisition(flow.pk, by=person, confirm=True)
    services.acquire(flow.pk, by=person)
    _, [row] = downloaded(operatore, flow)
    row["codice_fiscale"] = good["codice_fiscale"]
    again = received(csv_bytes([row]), by=person)
    again = validation.validate(again.pk, by=person)
    assert (again.stato, again.accettate, again.scartate) == ("validato", 1, 0)
    assert again.colonne_ignorate == ["riga", "codici", "spiegazione"]
    services.ask_acquisition(again.pk, by=person)
    assert services.acquire(again.pk, by=person).stato == "acquisito"


def test_many_rows_come_in_pieces(operatore):
    flow = validated([payment(codice_fiscale=WRONG) for _ in range(4_500)])
    answer = operatore.get(f"/flussi/{flow.pk}/scarti/")
    pieces = list(answer.streaming_content)
    assert [piece.count(b"\n") for piece in pieces] == [1, 2_000, 2_000, 500]
