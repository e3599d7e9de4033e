"""What a person entered and a flow tells otherwise: somebody decides, and it is recorded."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from crisi.models import Conflitto, Procedura, UnitaProduttiva
from crisi.services import conflitti as service
from crisi.services.conflitti import Decisione
from porfse.flows import services, validation
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent, Azienda, User
from programme.services import Conflict
from tests.crisi.test_flow_vertenze import check
from tests.crisi.vertenze import HAND, by_hand, conflicts, finish, procedure, row
from tests.factories.crisi import COMUNI, partita_iva

pytestmark = pytest.mark.django_db


@pytest.fixture
def operatore(user) -> User:
    return user("operatore")


def test_what_a_person_entered_and_differs_is_a_conflict_and_nothing_else():
    found = by_hand(**HAND)
    UnitaProduttiva.objects.update(campi_a_mano=["lavoratori"])
    flow = check(
        [row(found, causale="Altra", lavoratori="", comune_istat=COMUNI["MI"], data_fine="")]
    )
    assert conflicts(flow) == [
        ("", "causale", "Crisi aziendale", "Altra", ""),
        ("U1", "lavoratori", "40", None, ""),
    ]


@pytest.mark.parametrize(
    ("fields", "campo", "values"),
    [
        ({"tipo": "CIGS_REG", "linea_guida": "C"}, "tipo", ("CIGS_MIN A", "CIGS_REG C")),
        ({"data_avvio": "01/04/2025"}, "data_avvio", ("2025-03-03", "2025-04-01")),
        ({"data_fine": "01/04/2025"}, "data_fine", (None, "2025-04-01")),
        ({"alta_complessita": "S"}, "alta_complessita", ("N", "S")),
    ],
)
def test_each_field_may_be_one(fields, campo, values, operatore):
    found = by_hand(**HAND)
    flow = check([row(found, **fields)])
    assert conflicts(flow) == [("", campo, *values, "")]
    service.decide_all(
        by=operatore, flusso=flow.pk, scelta="flusso", visti=service.seen(Conflitto.objects.all())
    )
    finish(flow, operatore)
    assert conflicts(check([row(found, **fields, lavoratori="41")])) == []
    assert set(procedure(found.pk).campi_a_mano) == set(HAND["campi_a_mano"]) - {campo}


def test_another_company_is_one(operatore):
    found = by_hand(**HAND)
    other = partita_iva(700_000)
    flow = check([row(found, codice_fiscale_azienda=other)])
    assert conflicts(flow) == [("", "azienda", found.azienda.codice_fiscale, other, "")]
    service.decide_all(
        by=operatore, flusso=flow.pk, scelta="archivio", visti=service.seen(Conflitto.objects.all())
    )
    finish(flow, operatore)
    assert procedure(found.pk).azienda == found.azienda
    assert not Azienda.objects.filter(codice_fiscale=other).exists()


def test_the_flow_waits_while_one_is_undecided(operatore):
    found = by_hand(**HAND)
    flow = check([row(found, causale="Altra", data_avvio="01/04/2025")])
    assert validation.obstacles(flow)["sospese"].startswith("2 dati inseriti a mano sono diversi")
    first, second = Conflitto.objects.all()
    service.decide(by=operatore, flusso=flow.pk, decisioni={first.pk: Decisione("archivio")})
    with pytest.raises(NotNow, match="Un dato inserito a mano è diverso nel flusso"):
        services.ask_acquisition(flow.pk, by=operatore)
    service.decide(by=operatore, flusso=flow.pk, decisioni={second.pk: Decisione("flusso")})
    assert finish(flow, operatore).stato == "acquisito"
    after = procedure(found.pk)
    assert (after.causale, after.data_avvio) == ("Crisi aziendale", date(2025, 4, 1))
    assert "causale" in after.campi_a_mano
    assert "data_avvio" not in after.campi_a_mano


def test_choices_are_recorded_with_who_made_them(operatore):
    found = by_hand(**HAND)
    flow = check([row(found, causale="Altra")])
    item = Conflitto.objects.get()
    service.decide(by=operatore, flusso=flow.pk, decisioni={item.pk: Decisione("archivio")})
    item.refresh_from_db()
    assert (item.deciso_da, item.deciso_il is not None) == (operatore, True)
    event = AuditEvent.objects.get(action="conflitti.decisi")
    assert event.details["scelte"] == [["V-1", "", "causale", "archivio"]]


def test_a_choice_stands_while_both_values_do(operatore):
    found = by_hand(**HAND)
    flow = check([row(found, causale="Altra", alta_complessita="S")])
    service.decide_all(
        by=operatore, flusso=flow.pk, scelta="archivio", visti=service.seen(Conflitto.objects.all())
    )
    Procedura.objects.filter(pk=found.pk).update(causale="Corretta ancora")
    validation.validate(flow.pk, by=operatore)
    assert conflicts(flow) == [
        ("", "alta_complessita", "N", "S", "archivio"),
        ("", "causale", "Corretta ancora", "Altra", ""),
    ]


def test_two_people_who_decide_otherwise_learn_of_each_other(operatore, user):
    found = by_hand(**HAND)
    flow = check([row(found, causale="Altra", alta_complessita="S")])
    item, other = Conflitto.objects.order_by("campo").reverse()
    seen = service.seen([item, other])
    service.decide(by=operatore, flusso=flow.pk, decisioni={item.pk: Decisione("archivio")})
    late = user("operatore")
    with pytest.raises(Conflict) as raised:
        service.decide(
            by=late,
            flusso=flow.pk,
            decisioni={item.pk: Decisione("flusso"), other.pk: Decisione("flusso")},
        )
    assert raised.value.current == [item]
    with pytest.raises(Conflict):
        service.decide_all(by=late, flusso=flow.pk, scelta="flusso", visti=seen)
    assert conflicts(flow)[0][-1] == ""
    # The same choice twice is no conflict; and a seen choice may be changed.
    service.decide(by=late, flusso=flow.pk, decisioni={item.pk: Decisione("archivio")})
    service.decide(by=late, flusso=flow.pk, decisioni={item.pk: Decisione("flusso", "archivio")})
    item.refresh_from_db()
    assert item.scelta == "flusso"


def test_choices_on_conflicts_that_were_found_anew_are_refused(operatore):
    found = by_hand(**HAND)
    flow = check([row(found, causale="Altra")])
    old = Conflitto.objects.get().pk
    validation.validate(flow.pk, by=operatore)
    with pytest.raises(Conflict, match="ripetuta"):
        service.decide(by=operatore, flusso=flow.pk, decisioni={old: Decisione("flusso")})


def test_choices_that_would_end_a_pratica_before_it_begins_are_refused(operatore):
    found = by_hand(**HAND | {"data_fine": date(2025, 3, 20)})
    flow = check([row(found, data_avvio="01/04/2025", data_fine="30/04/2025")])
    start, end = Conflitto.objects.order_by("campo")
    service.decide(
        by=operatore,
        flusso=flow.pk,
        decisioni={start.pk: Decisione("flusso"), end.pk: Decisione("archivio")},
    )
    with pytest.raises(NotNow, match="V-1 finirebbe prima di iniziare"):
        services.ask_acquisition(flow.pk, by=operatore)


def test_what_a_person_enters_after_the_validation_stops_the_acquisition(operatore):
    found = by_hand()
    flow = check([row(found, causale="Altra")])
    services.ask_acquisition(flow.pk, by=operatore)
    Procedura.objects.filter(pk=found.pk).update(campi_a_mano=["causale"], causale="A mano")
    flow = services.acquire(flow.pk, by=operatore)
    assert flow.stato == "validato"
    assert "una persona ha modificato la pratica V-1" in flow.messaggio
    assert procedure(found.pk).causale == "A mano"


def test_only_who_loads_the_source_decides(user):
    found = by_hand(**HAND)
    flow = check([row(found, causale="Altra")])
    item = Conflitto.objects.get()
    for role in ("gestore", "lettore", "controllore"):
        with pytest.raises(PermissionDenied):
            service.decide(
                by=user(role), flusso=flow.pk, decisioni={item.pk: Decisione("archivio")}
            )
    assert conflicts(flow)[0][-1] == ""
