"""An open quarter is `aperto` while it waits for a site, whoever makes the site come or go."""

from datetime import date

import pytest
import time_machine

from crisi.models import MonitoraggioTrimestrale, Procedura
from crisi.services import procedure, stati
from crisi.services.pal import Riga, save
from crisi.trimestri import missing
from porfse.flows import services as flows
from porfse.models import User
from tests.crisi.test_flow_vertenze import acquire, vertenza
from tests.crisi.test_procedure_at_once import header, said_of, site
from tests.factories.crisi import (
    COMUNI,
    make_monitoraggio,
    make_nucleo,
    make_pal,
    make_unita,
)
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
T3 = "2025-T3"
SENT = {"trasmesso_il": "2025-10-20T10:00Z"}


@pytest.fixture(autouse=True)
def _october():
    with time_machine.travel("2025-10-10 10:00Z", tick=True):
        yield


@pytest.fixture
def bergamo() -> User:
    return make_nucleo("BG")


def state(sigla: str = "BG") -> tuple[str, int]:
    """The state of a quarter, and for how many sites it waits."""
    found = MonitoraggioTrimestrale.objects.get(provincia=sigla, trimestre=T3)
    return found.stato, missing(found).count()


def half_done(sigla: str = "BG") -> Procedura:
    """Two sites, one of which has its row; returns the procedure of the other."""
    make_pal(make_unita(sigla))
    make_monitoraggio(sigla)
    return make_unita(sigla).procedura


def test_a_withdrawal_completes_a_quarter_and_taking_it_back_opens_it(bergamo):
    lacking = half_done()
    assert state() == ("aperto", 1)
    found = stati.withdraw(by=bergamo, pk=lacking.pk, versione=lacking.versione, motivo="Errore")
    assert state() == ("compilato", 0)
    stati.reopen(by=bergamo, pk=found.pk, versione=found.versione, motivo="Errore")
    assert state() == ("aperto", 1)
    steps = MonitoraggioTrimestrale.objects.get().passaggi.values_list("da", "a", "autore")
    assert list(steps) == [
        ("aperto", "compilato", bergamo.pk),
        ("compilato", "aperto", bergamo.pk),
    ]


def test_an_end_before_the_quarter_completes_it(bergamo):
    lacking = half_done()
    end = date(2025, 6, 30)
    stati.conclude(by=bergamo, pk=lacking.pk, versione=lacking.versione, data_fine=end)
    assert state() == ("compilato", 0)


def test_a_new_procedure_and_new_sites_open_a_quarter_again(bergamo):
    make_pal(make_unita("BG"))
    make_monitoraggio(stato="compilato")
    said = header(tipo="CIGS_MIN", linea_guida="A", causale="Crisi")
    made = procedure.create(by=bergamo, testata=said, siti=[site("BG", 5)])
    assert state() == ("aperto", 1)
    save(by=bergamo, trimestre=T3, rows=[Riga(made.unita.get().pk, 5)])
    assert state() == ("compilato", 0)
    make_monitoraggio("LO", stato="compilato")
    procedure.add_sites(by=make_nucleo("LO"), pk=made.pk, testata=said, siti=[site("LO", 7)])
    assert state("LO") == ("aperto", 1)
    assert state() == ("compilato", 0)


def test_a_site_that_is_taken_away_and_one_that_is_added_change_the_state(bergamo):
    reported = make_unita("BG", codice="U1")
    make_pal(reported)
    lacking = make_unita("BG", procedura=reported.procedura, codice="U2")
    make_monitoraggio()
    made = reported.procedura

    def change(**more: object) -> None:
        made.refresh_from_db()
        said = said_of(made)
        procedure.update(by=bergamo, pk=made.pk, versione=made.versione, testata=said, **more)

    change(siti=[], tolte=[lacking.pk])
    assert state() == ("compilato", 0)
    change(siti=[site("BG", 3)])
    assert state() == ("aperto", 1)


def test_a_flow_of_procedures_and_its_cancelling_change_the_state():
    make_pal(make_unita("BG"))
    for sigla in ("BG", "MI"):
        make_monitoraggio(sigla, stato="compilato")
    first = vertenza()
    flow = acquire(first)
    assert [state("BG"), state("MI")] == [("aperto", 1), ("compilato", 0)]
    moved = acquire(first | {"comune_istat": COMUNI["MI"]})
    assert [state("BG"), state("MI")] == [("compilato", 0), ("aperto", 1)]
    operatore = make_user("operatore")
    flows.cancel(moved.pk, by=operatore, reason="prova")
    assert [state("BG"), state("MI")] == [("aperto", 1), ("compilato", 0)]
    last = acquire(vertenza(comune_istat=COMUNI["MI"]))
    assert state("MI") == ("aperto", 1)
    flows.cancel(last.pk, by=operatore, reason="prova")
    assert state("MI") == ("compilato", 0)
    assert flow.stato == "acquisito"


def test_examples_that_go_leave_nothing_to_wait_for():
    make_monitoraggio()
    flow = acquire(vertenza(), example=True)
    assert state() == ("aperto", 1)
    flows.cancel(flow.pk, by=make_user("operatore"), reason="prova")
    assert state() == ("compilato", 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"stato": "restituito", **SENT},
        {"stato": "trasmesso", **SENT},
        {"stato": "validato", "riaperto_fino_al": date(2025, 10, 31), **SENT},
    ],
)
def test_a_quarter_that_was_sent_keeps_its_state(bergamo, fields):
    lacking = make_unita("BG").procedura
    make_monitoraggio(**fields)
    stati.withdraw(by=bergamo, pk=lacking.pk, versione=lacking.versione, motivo="Errore")
    assert state() == (fields["stato"], 0)
    assert not MonitoraggioTrimestrale.objects.get().passaggi.exists()


def test_the_quarters_of_another_provincia_are_left_alone(bergamo):
    half_done("MI")
    MonitoraggioTrimestrale.objects.update(stato="compilato")  # not so, but nobody touches it
    lacking = make_unita("BG").procedura
    stati.withdraw(by=bergamo, pk=lacking.pk, versione=lacking.versione, motivo="Errore")
    assert state("MI") == ("compilato", 1)
