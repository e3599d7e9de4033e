"""A second flow of the same pratiche: what changes, what a person had entered, and the way back."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crisi.models import Conflitto, Nota, Procedura, SintesiMese, UnitaProduttiva
from crisi.services import conflitti as service
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.flows.source import source_of
from porfse.flows.stage import Stage
from porfse.models import Flow, User
from tests.crisi.test_flow_vertenze import acquire, check, vertenza
from tests.crisi.vertenze import HAND, by_hand, finish, procedure, row
from tests.factories.crisi import COMUNI, make_pal

pytestmark = pytest.mark.django_db


@pytest.fixture
def operatore(user) -> User:
    return user("operatore")


def lists(flow: Flow) -> dict[str, list[tuple]]:
    stage = Stage(flow, source_of(flow.sorgente))
    return {item.titolo: list(item.righe) for item in source_of(flow.sorgente).preview(stage)}


# --- Two flows in a row -------------------------------------------------------------------------
def test_what_a_flow_brought_another_brings_up_to_date():
    first = vertenza(lavoratori="")
    acquire(first, vertenza())
    second = acquire(
        first | {"lavoratori": "12", "data_fine": "30/06/2025", "alta_complessita": "S"},
        first | {"id_unita": "U2", "lavoratori": "5", "data_fine": "30/06/2025",
                 "alta_complessita": "S"},
    )  # fmt: skip
    found = Procedura.objects.get(codice_pratica=first["codice_pratica"])
    assert (found.data_fine, found.stato, found.alta_complessita, found.versione) == (
        date(2025, 6, 30),
        "conclusa",
        True,
        2,
    )
    sites = found.unita.values_list("codice", "lavoratori")
    assert list(sites) == [("U1", 12), ("U2", 5)]
    assert list(found.versioni.values_list("versione", "flusso")) == [
        (2, second.pk),
        (1, second.pk - 1),
    ]
    other = Procedura.objects.exclude(pk=found.pk).get()
    assert other.versione == 1


def test_a_flow_that_says_the_same_writes_no_version():
    rows = [vertenza(), vertenza(lavoratori="")]
    acquire(*rows)
    acquire(*rows, vertenza())
    assert list(Procedura.objects.values_list("versione", flat=True)) == [1, 1, 1]


def test_what_a_flow_brought_becomes_not_known_if_another_says_so():
    first = vertenza(lavoratori="9", data_fine="31/12/2025")
    acquire(first)
    acquire(first | {"lavoratori": "", "data_fine": ""})
    assert UnitaProduttiva.objects.get().lavoratori is None
    found = Procedura.objects.get()
    assert (found.data_fine, found.stato) == (None, "aperta")


def test_a_file_without_the_column_of_ends_says_nothing_of_them():
    first = vertenza(data_fine="31/12/2025")
    acquire(first)
    shorter = {name: value for name, value in first.items() if name != "data_fine"}
    acquire(shorter | {"causale": "Altra"})
    found = Procedura.objects.get()
    assert (found.causale, found.data_fine) == ("Altra", date(2025, 12, 31))


def test_sites_and_pratiche_that_are_not_sent_are_listed_and_stay():
    first = vertenza()
    acquire(first, first | {"id_unita": "U2", "comune_istat": COMUNI["MI"]}, vertenza())
    other = Procedura.objects.exclude(codice_pratica=first["codice_pratica"]).get()
    shown = lists(check([first]))
    assert [line[:2] for line in shown["Unità non trasmesse"]] == [(first["codice_pratica"], "U2")]
    assert [line[0] for line in shown["Pratiche aperte non trasmesse"]] == [other.codice_pratica]
    acquire(first | {"lavoratori": "1"})
    assert UnitaProduttiva.objects.count() == 3


def test_the_preview_says_what_is_new_what_changes_and_what_moves():
    first = vertenza()
    acquire(first)
    flow = check(
        [first | {"comune_istat": COMUNI["MI"], "causale": "Riorganizzazione"}, vertenza()]
    )
    shown = lists(flow)
    assert len(shown["Pratiche nuove"]) == 1
    pratica, taken = first["codice_pratica"], "prende il dato del flusso"
    assert shown["Dati che cambiano"] == [
        (pratica, "", "causale", "Crisi aziendale", "Riorganizzazione", taken),
        (pratica, "U1", "comune", "Bergamo (BG)", "Milano (MI)", taken),
    ]
    assert shown["Unità che passano a un'altra provincia"] == [
        (pratica, "U1", "Bergamo (BG)", "Milano (MI)")
    ]
    source = source_of(flow.sorgente)
    assert source.changes(Stage(flow, source)) == [
        {"voce": "Lavoratori, Bergamo", "oggi": 40, "flusso": 40, "dopo": 40},
        {"voce": "Lavoratori, Milano", "oggi": 0, "flusso": 40, "dopo": 40},
    ]
    finish(flow, flow.caricato_da)
    kept = SintesiMese.objects.exclude(unita=0).values_list("provincia", "lavoratori")
    assert sorted(kept) == [("BG", 40), ("MI", 40)]


def test_a_withdrawn_pratica_is_listed_and_left_alone():
    found = by_hand(stato="ritirata")
    flow = check([row(found, lavoratori="1"), row(found, id_unita="U2")])
    assert list(lists(flow)) == ["Pratiche ritirate in archivio"]
    finish(flow, flow.caricato_da)
    assert (procedure(found.pk).stato, procedure(found.pk).versione) == ("ritirata", 1)
    assert list(UnitaProduttiva.objects.values_list("lavoratori", flat=True)) == [40]


def test_a_kind_without_compulsory_policies_forgets_whether_they_were():
    found = by_hand(obbligo_pal=True)
    acquire(row(found, tipo="LIC", linea_guida="D"))
    assert (procedure(found.pk).tipo, procedure(found.pk).obbligo_pal) == ("LIC", None)


# --- The way back -------------------------------------------------------------------------------
def state() -> tuple[list, list]:
    fields = (
        "codice_pratica", "tipo", "linea_guida", "azienda", "causale", "data_avvio", "data_fine",
        "alta_complessita", "obbligo_pal", "stato", "campi_a_mano",
    )  # fmt: skip
    sites = ("procedura__codice_pratica", "codice", "comune", "lavoratori", "campi_a_mano")
    return (
        list(Procedura.objects.order_by("pk").values_list(*fields)),
        list(UnitaProduttiva.objects.order_by("pk").values_list(*sites)),
    )


def test_cancelling_restores_what_stood_before(operatore):
    found = by_hand(**HAND | {"obbligo_pal": True, "stato": "aperta"})
    before = state()
    flow = check(
        [
            row(found, causale="Altra", data_fine="01/06/2025", comune_istat=COMUNI["MI"],
                lavoratori="", tipo="LIC", linea_guida="D"),
            row(found, causale="Altra", data_fine="01/06/2025", id_unita="U2", tipo="LIC",
                linea_guida="D"),
            vertenza(),
        ]
    )  # fmt: skip
    service.decide_all(
        by=operatore, flusso=flow.pk, scelta="flusso", visti=service.seen(Conflitto.objects.all())
    )
    finish(flow, operatore)
    assert Procedura.objects.count() == 2
    services.cancel(flow.pk, by=operatore, reason="prova")
    assert state() == before
    assert list(
        procedure(found.pk).versioni.order_by("versione").values_list("versione", "flusso")
    ) == [(1, None), (2, flow.pk), (3, None)]
    kept = SintesiMese.objects.exclude(unita=0).values_list("provincia", "lavoratori")
    assert list(kept) == [("BG", 40)]


def test_after_a_cancellation_the_same_file_comes_again():
    rows = [vertenza(), vertenza(lavoratori="")]
    flow = acquire(*rows)
    services.cancel(flow.pk, by=flow.caricato_da, reason="prova")
    assert state() == ([], [])
    acquire(*rows)
    assert len(state()[0]) == 2


def test_a_flow_on_which_somebody_worked_is_not_cancelled(operatore):
    changed, noted, reported, free = vertenza(), vertenza(), vertenza(), vertenza()
    source = source_of("vertenze-online")

    def refused(flow: Flow, words: str) -> None:
        assert words in source.obstacle(flow)
        with pytest.raises(NotNow, match=words):
            services.cancel(flow.pk, by=operatore, reason="prova")

    flow = acquire(changed)
    Procedura.objects.update(versione=2)
    refused(flow, f"La pratica {changed['codice_pratica']} è stata modificata dopo il flusso")
    flow = acquire(noted)
    last = Procedura.objects.latest("pk")
    Nota.objects.create(procedura=last, testo="Incontro", autore=operatore)
    refused(flow, "ha note, bozze o tavoli")
    flow = acquire(reported)
    make_pal(UnitaProduttiva.objects.latest("pk"))
    refused(flow, "ha dati PAL")
    flow = acquire(free)
    assert source.obstacle(flow) == ""
    # A later flow that changes the same pratica stands in the way too.
    acquire(free | {"lavoratori": "7"})
    refused(flow, "è stata modificata dopo il flusso")


def test_acquiring_takes_as_many_statements_for_few_pratiche_as_for_many():
    def statements(pratiche: int) -> int:
        rows = [
            vertenza(codice_pratica=f"Q-{pratiche}-{number}", lavoratori=number)
            for number in range(pratiche)
        ]
        flow = check(rows)
        services.ask_acquisition(flow.pk, by=flow.caricato_da)
        with CaptureQueriesContext(connection) as asked:
            services.acquire(flow.pk, by=flow.caricato_da)
        return len(asked)

    assert statements(2) == statements(200)
    assert Procedura.objects.count() == 202
