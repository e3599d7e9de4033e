"""Search of payments: exact, bounded, covered; a person's is sent and recorded."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cigd import search
from cigd.models import Pagamento
from porfse.codes import masked
from porfse.flows import services
from porfse.models import AuditEvent, User
from tests.factories.flows import acquired, codice_fiscale, payment
from tests.factories.pool import checked, recovery
from tests.programme.test_pages import text_of

pytestmark = pytest.mark.django_db

MILANO, LODI = "015146", "098031"
SEARCH, PERSON = "/cigd/pagamenti/", "/cigd/pagamenti/percettore/"


@pytest.fixture
def controllore(as_role):
    return as_role("controllore")


def found(client, **criteria: object) -> list[str]:
    response = client.get(SEARCH, criteria)
    assert response.status_code == 200
    return [payment.id_pagamento for payment in response.context["trovati"].payments]


def refused(client, **criteria: object) -> str:
    response = client.get(SEARCH, criteria)
    assert response.status_code == 400
    return text_of(response)


def test_an_identifier_is_found_as_a_whole(gestore):
    one = payment(id_pagamento="ABC-1")
    acquired([one, payment(id_pagamento="ABC-12")])
    assert found(gestore, id_pagamento="ABC-1") == ["ABC-1"]
    assert found(gestore, id_pagamento="ABC") == []
    assert "Nessun pagamento corrisponde" in text_of(gestore.get(SEARCH, {"id_pagamento": "ABC"}))


def test_a_matricola_is_found_in_every_flow(gestore):
    rows = [payment(matricola_inps="0000000042") for _ in range(3)]
    acquired(rows[:2])
    acquired([rows[2], payment()])
    assert found(gestore, matricola="0000000042") == [row["id_pagamento"] for row in rows]


def test_a_flow_is_narrowed(gestore):
    milan = payment(comune_istat=MILANO)
    lodi = payment(comune_istat=LODI, mese_competenza="05/2020")
    flow = acquired([milan, lodi])
    acquired([payment(comune_istat=MILANO)])
    one, two = milan["id_pagamento"], lodi["id_pagamento"]
    assert found(gestore, flusso=flow.pk) == [one, two]
    assert found(gestore, flusso=flow.pk, azione="8.6.1") == [one]
    assert found(gestore, flusso=flow.pk, azione="9.8.1") == [two]
    assert found(gestore, flusso=flow.pk, comune="milano") == [one]
    assert found(gestore, flusso=flow.pk, comune=LODI) == [two]
    assert found(gestore, flusso=flow.pk, provincia="LO") == [two]
    assert found(gestore, flusso=flow.pk, mese="2020-05") == [two]
    assert found(gestore, flusso=flow.pk, mese="05/2020") == [two]
    assert found(gestore, flusso=flow.pk, mese="2020-05", comune=MILANO) == []


def test_the_payments_that_bear_a_warning_are_found(gestore):
    early, plain, both = payment(data_decreto="01/06/2020"), payment(), payment()
    early_too = payment(data_decreto="01/06/2020", mese_competenza="06/2020")
    flow = acquired([early, plain, both, early_too])
    asked = {"flusso": flow.pk, "segnalazione": "W105"}
    assert found(gestore, **asked) == [early["id_pagamento"], early_too["id_pagamento"]]
    assert found(gestore, flusso=flow.pk, segnalazione="W101") == [early_too["id_pagamento"]]
    assert found(gestore, flusso=flow.pk, segnalazione="W102") == []
    assert gestore.get(SEARCH, {"flusso": flow.pk, "segnalazione": "E001"}).status_code == 400


def test_payments_are_never_listed_without_an_exact_criterion_or_a_flow(gestore):
    acquired([payment()])
    words = "Indicare un identificativo, una matricola o un flusso"
    assert words in refused(gestore, mese="2020-03")
    assert words in refused(gestore, comune="Milano", azione="8.6.1")
    assert gestore.get(SEARCH).context["trovati"] is None


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ({"matricola": "123"}, "La matricola INPS è di 10 cifre"),
        ({"id_pagamento": "1", "comune": "Roma"}, "non è un comune lombardo"),
        ({"id_pagamento": "1", "mese": "2019-01"}, "non è di competenza della CIGD"),
        ({"id_pagamento": "1", "azione": "1.1.1"}, "correggere i campi"),
        ({"id_pagamento": "1" * 21}, "di 20 caratteri"),
        ({"flusso": "999999"}, "correggere i campi"),
        ({"flusso": "uno"}, "correggere i campi"),
    ],
)
def test_a_wrong_criterion_is_said(gestore, criteria, words):
    acquired([payment()])
    assert words in refused(gestore, **criteria)


def test_flows_that_do_not_count_are_not_found(gestore):
    row = payment()
    flow = acquired([row])
    services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")
    assert found(gestore, id_pagamento=row["id_pagamento"]) == []
    assert gestore.get(f"{SEARCH}{flow.pk}/{row['id_pagamento']}/").status_code == 404


def test_examples_are_not_found_beside_real_payments(gestore):
    example = payment()
    acquired([example], example=True)
    assert found(gestore, id_pagamento=example["id_pagamento"]) == [example["id_pagamento"]]
    acquired([payment()])
    assert found(gestore, id_pagamento=example["id_pagamento"]) == []


def test_a_long_list_is_cut_and_says_so(gestore, monkeypatch):
    monkeypatch.setattr(search, "LIMIT", 3)
    flow = acquired([payment() for _ in range(4)])
    shown = gestore.get(SEARCH, {"flusso": flow.pk})
    assert len(shown.context["trovati"].payments) == 3
    assert "Restringere la ricerca" in text_of(shown)
    monkeypatch.setattr(search, "LIMIT", 4)
    assert "Restringere" not in text_of(gestore.get(SEARCH, {"flusso": flow.pk}))


def test_payments_are_never_counted(gestore):
    flow = acquired([payment() for _ in range(60)])
    with CaptureQueriesContext(connection) as queries:
        shown = gestore.get(SEARCH, {"flusso": flow.pk})
    assert len(shown.context["pagamenti"].page) == 50
    asked = [query["sql"] for query in queries if "cigd_pagamento" in query["sql"]]
    assert len(asked) == 1
    assert "COUNT" not in asked[0].upper()
    assert "LIMIT 1001" in asked[0]


def test_the_codice_fiscale_is_covered_in_the_list(gestore, controllore):
    row = payment()
    acquired([row])
    for client in (gestore, controllore):
        page = client.get(SEARCH, {"id_pagamento": row["id_pagamento"]}).content.decode()
        assert row["codice_fiscale"] not in page
        assert masked(row["codice_fiscale"]) in page


def test_a_codice_fiscale_in_the_address_is_refused_to_all(gestore, controllore):
    for client in (gestore, controllore):
        assert "nell'indirizzo" in refused(client, codice_fiscale=codice_fiscale(1))


def test_the_list_does_not_leave_the_page_unrecorded(gestore):
    flow = acquired([payment()])
    assert "Esporta" in refused(gestore, flusso=flow.pk, **{"pagamenti-formato": "csv"})


def test_a_person_is_found_by_who_may_and_the_search_is_recorded(controllore):
    mine = payment()
    again = payment(codice_fiscale=mine["codice_fiscale"], mese_competenza="05/2020")
    acquired([mine, payment()])
    acquired([again])
    written = f" {mine['codice_fiscale'].lower()} "
    shown = controllore.post(PERSON, {"codice_fiscale": written})
    payments = shown.context["trovati"].payments
    assert [row.id_pagamento for row in payments] == [mine["id_pagamento"], again["id_pagamento"]]
    assert mine["codice_fiscale"] not in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    event = AuditEvent.objects.get(action="pagamenti.ricerca_persona")
    assert event.details == {"codice_fiscale": masked(mine["codice_fiscale"]), "trovati": 2}


def test_a_search_that_finds_nobody_is_recorded_too(controllore):
    acquired([payment()])
    shown = controllore.post(PERSON, {"codice_fiscale": codice_fiscale(123_456)})
    assert "Nessun pagamento corrisponde" in text_of(shown)
    assert AuditEvent.objects.get(action="pagamenti.ricerca_persona").details["trovati"] == 0


def test_a_person_is_not_searched_by_others(gestore, controllore):
    for role_page in (gestore.get(SEARCH), gestore.get(f"{SEARCH}?id_pagamento=1")):
        assert "codice_fiscale" not in role_page.content.decode()
    assert 'name="codice_fiscale"' in controllore.get(SEARCH).content.decode()
    assert gestore.post(PERSON, {"codice_fiscale": codice_fiscale(1)}).status_code == 403
    assert not AuditEvent.objects.filter(action="pagamenti.ricerca_persona").exists()


def test_a_wrong_codice_fiscale_is_said_and_not_searched(controllore):
    shown = controllore.post(PERSON, {"codice_fiscale": "RSSMRA85T10A562T"})
    assert shown.status_code == 400
    assert "non è corretto" in text_of(shown)
    assert not AuditEvent.objects.filter(action="pagamenti.ricerca_persona").exists()
    assert controllore.get(PERSON).status_code == 302


# --- One payment --------------------------------------------------------------------------------
def test_a_payment_shows_its_recoveries_and_warnings(gestore):
    row = payment(ore="209,00", importo="1.000,50", data_decreto="16/05/2020")
    first = acquired([row])
    back = recovery(row, "-0,50")
    second = acquired([back])
    url = f"{SEARCH}{first.pk}/{row['id_pagamento']}/"
    shown = text_of(gestore.get(url))
    assert "1.000,50 €" in shown
    assert "W105: pagamento anteriore alla data del decreto" in shown
    assert "W102: più di 208 ore" in shown
    assert back["id_pagamento"] in shown
    assert "da verificare, azione 8.6.1" in shown
    origin = text_of(gestore.get(f"{SEARCH}{second.pk}/{back['id_pagamento']}/"))
    assert "Pagamento recuperato" in origin
    assert row["id_pagamento"] in origin
    assert "\u22120,50 €" in origin


def test_a_payment_shows_where_it_stands(gestore):
    row = payment()
    flow = checked(row)
    shown = text_of(gestore.get(f"{SEARCH}{flow.pk}/{row['id_pagamento']}/"))
    assert "certificabile, azione 8.6.1" in shown


def test_an_identifier_may_hold_any_character(gestore):
    row = payment(id_pagamento="2020/INPS #1?")
    acquired([row])
    stored = Pagamento.objects.get()
    assert gestore.get(stored.get_absolute_url()).context["pagamento"] == stored


def test_what_is_not_there_is_404(gestore):
    row = payment()
    flow = acquired([row])
    for url in (f"{flow.pk}/altro/", f"999999/{row['id_pagamento']}/"):
        assert gestore.get(f"{SEARCH}{url}").status_code == 404


def test_the_codice_fiscale_is_shown_once_with_a_reason(controllore):
    row = payment()
    flow = acquired([row])
    url = f"{SEARCH}{flow.pk}/{row['id_pagamento']}/"
    assert row["codice_fiscale"] not in controllore.get(url).content.decode()
    without = controllore.post(url, {"motivo": " "})
    assert row["codice_fiscale"] not in without.content.decode()
    assert without.status_code == 400
    shown = controllore.post(url, {"motivo": "controllo in loco"})
    assert row["codice_fiscale"] in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    event = AuditEvent.objects.get(action="codice_fiscale.visto")
    assert event.details == {"id_pagamento": row["id_pagamento"], "motivo": "controllo in loco"}
    assert row["codice_fiscale"] not in controllore.get(url).content.decode()


def test_the_codice_fiscale_is_not_shown_to_others(gestore):
    row = payment()
    flow = acquired([row])
    url = f"{SEARCH}{flow.pk}/{row['id_pagamento']}/"
    assert "Mostra il codice fiscale" not in text_of(gestore.get(url))
    assert gestore.post(url, {"motivo": "curiosità"}).status_code == 403
    assert not AuditEvent.objects.filter(action="codice_fiscale.visto").exists()
