"""The export of payments: Italian format, covered, narrowed, recorded, flat, and closed after use.

Its rows come over a connection of their own, so that the data must really be there.
"""

import csv
import io
import time
import tracemalloc

import pytest
from django.db import connection

from cigd import exports
from cigd.models import Pagamento
from porfse.models import AuditEvent
from tests.factories.flows import acquired, payment
from tests.factories.pool import recovery

pytestmark = pytest.mark.django_db(transaction=True)

EXPORT = "/cigd/pagamenti/esporta/"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


def exported(client, **criteria: object) -> list[dict[str, str]]:
    response = client.get(EXPORT, criteria)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    return sorted(rows, key=lambda row: (int(row["flusso"]), int(row["riga"])))


def sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        return cursor.fetchone()[0]


def come_back_to(number: int) -> bool:
    """Whether sessions are this many again soon: the server ends them in its own time."""
    for _ in range(100):
        if sessions() == number:
            return True
        time.sleep(0.05)
    return False


def test_payments_are_written_as_italians_read_them(gestore):
    row = payment(comune_istat="015146", importo="1.000,50", ore="10,50", numero_decreto="12345")
    back = recovery(row, "-0,50", ore="0,25")
    flow = acquired([row, back])
    first, second = exported(gestore)
    assert first == {
        "flusso": str(flow.pk),
        "riga": "2",
        "id_pagamento": row["id_pagamento"],
        "tipo": "P",
        "id_pagamento_origine": "",
        "codice_fiscale": f"{row['codice_fiscale'][:3]}***{row['codice_fiscale'][-1]}",
        "matricola_inps": row["matricola_inps"],
        "denominazione_azienda": row["denominazione_azienda"],
        "comune_istat": "015146",
        "azione": "8.6.1",
        "numero_decreto": "12345",
        "data_decreto": "01.04.2020",
        "mese_competenza": "01.03.2020",
        "ore": "10,50",
        "importo": "1000,50",
        "data_pagamento": "15.05.2020",
    }
    assert (second["id_pagamento_origine"], second["importo"]) == (row["id_pagamento"], "-0,50")


def test_the_file_has_a_name_and_a_mark_of_its_encoding(gestore):
    acquired([payment()])
    response = gestore.get(EXPORT)
    assert response["Content-Disposition"] == 'attachment; filename="pagamenti-cigd.csv"'
    assert b"".join(response.streaming_content).startswith(b"\xef\xbb\xbfflusso;riga;")


def test_examples_say_so_in_the_name_of_the_file(gestore):
    acquired([payment()], example=True)
    response = gestore.get(EXPORT)
    assert "pagamenti-cigd-esempio.csv" in response["Content-Disposition"]
    assert b"".join(response.streaming_content).count(b"\n") == 2


def test_no_text_is_a_formula(gestore):
    names = ["=1+1", "+39", "-1", "@somma", 'Rossi; "Bianchi" & C.', "Perché"]
    acquired([payment(denominazione_azienda=name, numero_decreto=name) for name in names])
    rows = exported(gestore)
    neutral = ["'=1+1", "'+39", "'-1", "'@somma", 'Rossi; "Bianchi" & C.', "Perché"]
    assert [row["denominazione_azienda"] for row in rows] == neutral
    assert [row["numero_decreto"] for row in rows] == neutral


def test_what_is_exported_is_what_the_search_asks_for(gestore):
    milan, lodi = payment(comune_istat="015146"), payment(comune_istat="098031")
    flow = acquired([milan, lodi])
    other = payment(comune_istat="098031", mese_competenza="05/2020")
    acquired([other])
    identifiers = [row["id_pagamento"] for row in (milan, lodi, other)]

    def found(**criteria: object) -> list[str]:
        return [row["id_pagamento"] for row in exported(gestore, **criteria)]

    assert found() == identifiers
    assert found(flusso=flow.pk) == identifiers[:2]
    assert found(azione="9.8.1") == identifiers[1:]
    assert found(provincia="LO", mese="2020-05") == identifiers[2:]
    assert found(id_pagamento=milan["id_pagamento"]) == identifiers[:1]
    assert found(matricola="9999999999") == []
    assert gestore.get(EXPORT, {"comune": "Roma"}).status_code == 400
    assert gestore.get(EXPORT, {"flusso": "999999"}).status_code == 400


def test_without_flows_the_file_has_its_header_alone(gestore):
    assert exported(gestore) == []


def test_who_takes_payments_out_is_recorded(gestore, lettore):
    flow = acquired([payment()])
    exported(gestore, flusso=flow.pk, azione="8.6.1")
    event = AuditEvent.objects.get(action="pagamenti.esportati")
    assert event.details == {
        "criteri": {"flusso": str(flow.pk), "azione": "8.6.1"},
        "esempio": False,
    }
    assert lettore.get(EXPORT).status_code == 403
    assert AuditEvent.objects.filter(action="pagamenti.esportati").count() == 1


def test_the_session_ends_with_the_file(gestore):
    acquired([payment() for _ in range(3)])
    before = sessions()
    exported(gestore)
    assert come_back_to(before)


def test_a_reader_who_goes_away_leaves_no_session(gestore, monkeypatch):
    monkeypatch.setattr(exports, "BLOCK", 1)
    acquired([payment() for _ in range(200)])
    before = sessions()
    response = gestore.get(EXPORT)
    blocks = iter(response.streaming_content)
    assert next(blocks).startswith(b"\xef\xbb\xbf")
    assert next(blocks)
    assert sessions() == before + 1
    response.close()
    assert come_back_to(before)
    # The request's own connection was never touched.
    assert Pagamento.objects.count() == 200


def test_memory_does_not_grow_with_the_rows(gestore):
    row = payment()
    flow = acquired([row])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cigd_pagamento SELECT flusso_id, riga + n, id_pagamento || n, tipo,"
            " id_pagamento_origine, codice_fiscale, matricola_inps, denominazione_azienda,"
            " comune_istat, numero_decreto, data_decreto, mese_competenza, ore, importo,"
            " data_pagamento FROM cigd_pagamento, generate_series(1, 50000) n WHERE flusso_id = %s",
            [flow.pk],
        )
    size = lines = 0
    tracemalloc.start()
    for block in exports.stream(Pagamento.objects.filter(flusso=flow)):
        size += len(block)
        lines += block.count(b"\n")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines == 50_002
    assert peak < 1 << 20 < size
