"""A flow of procedures and the closed quarters; its preview in words."""

import pytest

from crisi.models import Procedura, UnitaProduttiva
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.flows.source import source_of
from porfse.flows.stage import Stage
from porfse.models import AuditEvent, User
from tests.crisi.test_flow_vertenze import acquire, check, vertenza
from tests.crisi.test_flow_vertenze_aggiorna import lists, state
from tests.crisi.vertenze import by_hand, finish, row
from tests.factories.crisi import COMUNI, make_monitoraggio, make_pal

pytestmark = pytest.mark.django_db


@pytest.fixture
def operatore(user) -> User:
    return user("operatore")


# --- Closed quarters -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fields",
    [
        {"comune_istat": COMUNI["MI"]},
        {"tipo": "LIC", "linea_guida": "D"},
        {"data_fine": "30/06/2025"},
        {"data_avvio": "01/10/2025"},
    ],
)
def test_a_pratica_that_would_change_a_closed_quarter_stays_as_it_is(operatore, fields):
    found = by_hand()
    make_pal(found.unita.get())
    quarter = make_monitoraggio("BG", stato="trasmesso", trasmesso_il="2025-10-20T10:00:00Z")
    other = vertenza()
    flow = check([row(found, causale="Altra", **fields), other])
    assert lists(flow)["Pratiche che cambierebbero un trimestre chiuso"] == [
        ("V-1", "3° trimestre 2025", "Bergamo")
    ]
    before = state()
    flow = finish(flow, operatore)
    assert flow.stato == "acquisito"
    assert state()[0][0] == before[0][0]
    assert state()[1][0] == before[1][0]
    assert Procedura.objects.filter(codice_pratica=other["codice_pratica"]).exists()
    event = AuditEvent.objects.get(action="procedure.acquisite")
    assert event.details["lasciate_per_trimestri_chiusi"] == ["V-1"]
    # Once the quarter is open again the same data are taken.
    quarter.stato = "restituito"
    quarter.save()
    again = finish(check([row(found, causale="Altra", **fields)]), operatore)
    assert (again.stato, Procedura.objects.get(pk=found.pk).causale) == ("acquisito", "Altra")


def test_what_a_closed_quarter_does_not_count_changes(operatore):
    found = by_hand()
    make_pal(found.unita.get())
    make_monitoraggio("BG", stato="trasmesso", trasmesso_il="2025-10-20T10:00:00Z")
    flow = check([row(found, causale="Altra", lavoratori="41", data_fine="01/07/2025")])
    assert "Pratiche che cambierebbero un trimestre chiuso" not in lists(flow)
    finish(flow, operatore)
    assert (Procedura.objects.get().causale, UnitaProduttiva.objects.get().lavoratori) == (
        "Altra",
        41,
    )


def test_a_flow_is_not_cancelled_into_a_closed_quarter(operatore):
    found = by_hand()
    make_pal(found.unita.get())
    flow = finish(check([row(found, tipo="CIGS_REG", linea_guida="B")]), operatore)
    make_monitoraggio("BG", stato="trasmesso", trasmesso_il="2025-10-20T10:00:00Z")
    with pytest.raises(NotNow, match="trimestre chiuso"):
        services.cancel(flow.pk, by=operatore, reason="prova")
    assert Procedura.objects.get().tipo == "CIGS_REG"


# --- Words ---------------------------------------------------------------------------------------
def test_the_preview_speaks_in_words_and_does_not_turn_unknown_into_zero():
    first = vertenza(lavoratori="")
    acquire(first)
    flow = check([first | {"tipo": "CIGS_REG", "linea_guida": "B", "data_avvio": "01/04/2025"}])
    pratica, taken = first["codice_pratica"], "prende il dato del flusso"
    assert lists(flow)["Dati che cambiano"] == [
        (pratica, "", "data di avvio", "03.03.2025", "01.04.2025", taken),
        (pratica, "", "tipo e linea guida", "CIGS ministeriale, linea guida A",
         "CIGS regionale, linea guida B", taken),
    ]  # fmt: skip
    source = source_of(flow.sorgente)
    assert source.changes(Stage(flow, source)) == [
        {"voce": "Lavoratori, Bergamo", "oggi": None, "flusso": None, "dopo": None}
    ]
    assert lists(check([vertenza()]))["Pratiche nuove"][0][2] == "CIGS ministeriale"
