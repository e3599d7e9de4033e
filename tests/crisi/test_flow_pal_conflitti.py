"""A quarter that a person filled in, and a PAL flow that tells it otherwise."""

from datetime import date

import pytest

from crisi.models import AvanzamentoPAL, Conflitto, UnitaProduttiva
from crisi.services import conflitti as service
from crisi.services import pal as pal_service
from crisi.services.conflitti import Decisione
from crisi.services.pal import Riga
from porfse.flows import services, validation
from porfse.flows.errors import NotNow
from porfse.flows.source import source_of
from porfse.flows.stage import Stage
from porfse.models import Flow, User
from tests.crisi.test_flow_pal import T3, acquire, check, pal, warnings
from tests.factories.crisi import make_monitoraggio, make_nucleo, make_pal, make_unita

pytestmark = pytest.mark.django_db

STORED = "sospesi 30; STEP 1 9; STEP 2 8; STEP 3 5; STEP 4 4; NO PAL 2 (Malattia); strumenti GOL"
SENT = "sospesi 30; STEP 1 10; STEP 2 8; STEP 3 5; STEP 4 4; NO PAL 2 (Malattia); strumenti GOL"


@pytest.fixture
def operatore(user) -> User:
    return user("operatore")


@pytest.fixture
def site() -> UnitaProduttiva:
    """A site in Bergamo of forty workers whose open quarter a person has filled in."""
    make_monitoraggio("BG", T3)
    found = make_unita("BG", 40, data_avvio=date(2025, 3, 1))
    values = {"sospesi": 30, "step1": 9, "step2": 8, "step3": 5, "step4": 4, "no_pal": 2}
    make_pal(found, T3, **values, motivo_esonero="Malattia", strumenti=["gol"])
    return found


def sent(site: UnitaProduttiva, **fields: object) -> dict[str, str]:
    """A row without instruments and reason, which stay as they are."""
    return pal(site, **{"motivo_esonero": ""} | fields)


def decide(flow: Flow, scelta: str, by: User) -> None:
    item = Conflitto.objects.get(flusso=flow)
    service.decide(by=by, flusso=flow.pk, decisioni={item.pk: Decisione(scelta)})


def steps() -> list[int]:
    return list(AvanzamentoPAL.objects.in_force().values_list("step1", flat=True))


@pytest.mark.parametrize(("scelta", "left"), [("archivio", 9), ("flusso", 10)])
def test_a_row_by_hand_that_differs_waits_for_a_decision(site, operatore, scelta, left):
    flow = check([sent(site)], by=operatore)
    found = Conflitto.objects.get()
    assert (found.codice_pratica, found.id_unita, found.campo) == (
        site.procedura.codice_pratica,
        site.codice,
        T3,
    )
    assert (found.in_archivio, found.nel_flusso) == (STORED, SENT)
    source = source_of(flow.sorgente)
    _, shown = source.preview(Stage(flow, source))
    assert (shown.titolo, shown.totale, shown.righe[0][3:]) == (
        "Righe inserite a mano",
        1,
        (STORED, SENT, "da decidere"),
    )
    with pytest.raises(NotNow, match="Un dato inserito a mano è diverso nel flusso"):
        services.ask_acquisition(flow.pk, by=operatore)
    decide(flow, scelta, operatore)
    services.ask_acquisition(flow.pk, by=operatore)
    assert services.acquire(flow.pk, by=operatore).stato == "acquisito"
    assert steps() == [left]


def test_a_row_by_hand_that_is_the_same_is_no_conflict(site):
    acquire(sent(site, step1=9))
    assert AvanzamentoPAL.objects.get().flusso is None


def test_a_choice_stands_until_the_row_changes(site, operatore):
    flow = check([sent(site)], by=operatore)
    decide(flow, "flusso", operatore)
    validation.validate(flow.pk, by=operatore)
    assert Conflitto.objects.get().scelta == "flusso"
    AvanzamentoPAL.objects.update(step2=7)
    validation.validate(flow.pk, by=operatore)
    assert Conflitto.objects.get().scelta == ""


@pytest.mark.parametrize("step1", [9, 10])
def test_a_row_that_changes_after_the_validation_stops_the_acquisition(site, operatore, step1):
    # Also where the flow says what stood, or there was nothing.
    other = make_unita("BG", 40, procedura=site.procedura)
    flow = check([sent(site, step1=step1), sent(other, no_pal=0)], by=operatore)
    if step1 == 10:
        decide(flow, "flusso", operatore)
    services.ask_acquisition(flow.pk, by=operatore)
    person, seen = make_nucleo("BG"), AvanzamentoPAL.objects.get().pk
    target = (site, seen) if step1 == 9 else (other, None)
    row = Riga(unita_id=target[0].pk, sospesi=7, vista=target[1])
    assert pal_service.save(by=person, trimestre=T3, rows=[row]) == 1
    flow = services.acquire(flow.pk, by=operatore)
    assert flow.stato == "validato"
    assert "sono cambiati nel frattempo. Ripetere la validazione" in flow.messaggio
    assert AvanzamentoPAL.objects.in_force().filter(sospesi=7).count() == 1


def test_instruments_come_with_the_flow_and_a_blank_takes_them_away(site, operatore):
    def stored() -> list[list[str]]:
        return list(AvanzamentoPAL.objects.in_force().values_list("strumenti", flat=True))

    flow = check([sent(site, strumenti="FC , dul")], by=operatore)
    assert Conflitto.objects.get().nel_flusso.endswith("strumenti Dote Unica Lavoro, Formazione"
                                                       " Continua")  # fmt: skip
    decide(flow, "flusso", operatore)
    services.ask_acquisition(flow.pk, by=operatore)
    services.acquire(flow.pk, by=operatore)
    assert stored() == [["dul", "fc"]]
    acquire(sent(site, step1=8))  # without the column
    assert stored() == [["dul", "fc"]]
    acquire(sent(site, strumenti=""))
    assert stored() == [[]]


def test_exempt_workers_without_a_reason_are_a_warning(site):
    other, none = (make_unita("BG", 40, procedura=site.procedura) for _ in range(2))
    flow = check([sent(site), sent(other), sent(none, no_pal=0), pal(none, trimestre="2025-T2")])
    assert warnings(flow) == {3: ["W306"]}
