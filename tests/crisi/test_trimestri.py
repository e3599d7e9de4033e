"""The life of a nucleo's quarter: opened, filled in, sent, approved, returned, reopened."""

import threading
from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from crisi.models import MonitoraggioTrimestrale, PassaggioTrimestre
from crisi.services import trimestri
from crisi.services.pal import Riga, save
from crisi.services.trimestri import NotNow
from crisi.tasks import open_last_quarter
from crisi.trimestri import (
    Copertura,
    chiuso,
    coverage,
    days_late,
    due_date,
    missing,
    quarter,
    stato_words,
)
from porfse.errors import NotThere
from porfse.models import AuditEvent
from tests.factories.crisi import make_monitoraggio, make_nucleo, make_pal, make_unita

pytestmark = pytest.mark.django_db
T3 = "2025-T3"
WHERE = {"trimestre": T3, "provincia": "BG"}
SENT = {"stato": "trasmesso", "trasmesso_il": "2025-10-20T10:00Z"}
APPROVED = SENT | {"stato": "validato"}


@pytest.fixture(autouse=True)
def _october():
    with time_machine.travel("2025-10-10 10:00Z", tick=True):
        yield


def stored(provincia="BG") -> MonitoraggioTrimestrale:
    return MonitoraggioTrimestrale.objects.get(provincia=provincia, trimestre=T3)


def test_a_quarter_opens_once_for_each_of_the_twelve(user):
    gestore = user("gestore")
    make_monitoraggio("BG", entro=date(2025, 11, 15))
    made = trimestri.open_quarter(by=gestore, trimestre=T3, entro=date(2025, 10, 30))
    assert made == 11
    assert trimestri.open_quarter(by=gestore, trimestre=T3, entro=date(2025, 12, 1)) == 0
    assert MonitoraggioTrimestrale.objects.filter(entro=date(2025, 10, 30)).count() == 11
    assert stored("BG").entro == date(2025, 11, 15)
    step = stored("MI").passaggi.get()
    assert (step.da, step.a, step.autore) == ("", "aperto", gestore)
    assert AuditEvent.objects.filter(action="trimestre.aperto").count() == 11


@pytest.mark.parametrize(
    ("trimestre", "entro", "field"),
    [("2025-T4", date(2026, 1, 30), "trimestre"), (T3, date(2025, 10, 9), "entro")],
)
def test_a_quarter_that_lasts_or_a_term_that_is_past_is_refused(user, trimestre, entro, field):
    with pytest.raises(ValidationError) as refused:
        trimestri.open_quarter(by=user("gestore"), trimestre=trimestre, entro=entro)
    assert list(refused.value.message_dict) == [field]
    assert not MonitoraggioTrimestrale.objects.exists()


@pytest.mark.parametrize("text", ["2025", "2025-B5", "2025-T5", "ieri", ""])
def test_what_is_no_quarter_is_not_there(text):
    with pytest.raises(NotThere):
        quarter(text)


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore", "amministratore"])
def test_the_region_alone_manages(user, role):
    make_monitoraggio(**SENT)
    person = user(role, provincia_id="BG")
    with pytest.raises(PermissionDenied):
        trimestri.open_quarter(by=person, trimestre=T3, entro=date(2025, 11, 1))
    for step in (trimestri.approve, trimestri.close_again):
        with pytest.raises(PermissionDenied):
            step(by=person, **WHERE)
    with pytest.raises(PermissionDenied):
        trimestri.give_back(by=person, motivo="x", **WHERE)
    assert stored().stato == "trasmesso"


def test_from_open_to_closed_by_way_of_a_return(user):
    nucleo, gestore, site = make_nucleo(), user("gestore"), make_unita()
    make_monitoraggio(stato="compilato")
    make_pal(site)
    trimestri.send(by=nucleo, trimestre=T3)
    first = stored().trasmesso_il
    trimestri.give_back(by=gestore, motivo="Manca il motivo degli esoneri", **WHERE)
    assert (stored().stato, stored().modificabile(date(2026, 5, 1))) == ("restituito", True)
    trimestri.send(by=nucleo, trimestre=T3)
    assert stored().trasmesso_il == first
    trimestri.approve(by=gestore, **WHERE)
    assert stato_words(stored(), date(2025, 10, 10)) == "validato e chiuso"
    steps = PassaggioTrimestre.objects.values_list("da", "a", "autore", "motivo")
    assert list(steps) == [
        ("compilato", "trasmesso", nucleo.pk, ""),
        ("trasmesso", "restituito", gestore.pk, "Manca il motivo degli esoneri"),
        ("restituito", "trasmesso", nucleo.pk, ""),
        ("trasmesso", "validato", gestore.pk, ""),
    ]


def test_rows_that_are_missing_need_a_reason(user):
    nucleo = make_nucleo()
    make_pal(make_unita())
    make_unita()
    made = make_monitoraggio()
    with pytest.raises(ValidationError, match="Mancano i dati di 1 unità"):
        trimestri.send(by=nucleo, trimestre=T3)
    trimestri.send(by=nucleo, trimestre=T3, motivo="L'azienda non risponde")
    assert made.passaggi.get().motivo == "Unità senza dati: 1. L'azienda non risponde"


def test_a_nucleo_sends_its_own_quarter_alone():
    make_monitoraggio("MI")
    with pytest.raises(NotThere):
        trimestri.send(by=make_nucleo("BG"), trimestre=T3)
    assert stored("MI").stato == "aperto"


@pytest.mark.parametrize("fields", [{}, {"stato": "restituito"}, APPROVED])
def test_only_what_was_sent_is_approved_or_returned(user, fields):
    make_monitoraggio(**fields)
    for step, more in ((trimestri.approve, {}), (trimestri.give_back, {"motivo": "x"})):
        with pytest.raises(NotNow, match=stored().get_stato_display()):
            step(by=user("gestore"), **WHERE, **more)


@pytest.mark.parametrize("fields", [{}, SENT])
def test_only_what_is_approved_is_reopened(user, fields):
    make_monitoraggio(**fields)
    with pytest.raises(NotNow):
        trimestri.reopen(by=user("gestore"), fino_al=date(2025, 11, 1), motivo="x", **WHERE)


def test_what_is_sent_or_approved_is_not_sent_again():
    nucleo = make_nucleo()
    made = make_monitoraggio(**SENT)
    with pytest.raises(NotNow):
        trimestri.send(by=nucleo, trimestre=T3)
    MonitoraggioTrimestrale.objects.filter(pk=made.pk).update(
        stato="validato", riaperto_fino_al=date(2025, 11, 1)
    )
    with pytest.raises(NotNow):
        trimestri.send(by=nucleo, trimestre=T3)


def test_a_reopening_ends_by_itself_or_before(user):
    gestore = user("gestore")
    make_monitoraggio(**APPROVED)
    trimestri.reopen(by=gestore, fino_al=date(2025, 10, 20), motivo="Errore", **WHERE)
    assert stored().modificabile(date(2025, 10, 20))
    assert not stored().modificabile(date(2025, 10, 21))
    assert stato_words(stored(), date(2025, 10, 20)) == "validato, riaperto fino al 20.10.2025"
    assert "terminata il 20.10.2025" in chiuso(stored(), date(2025, 10, 21))
    trimestri.close_again(by=gestore, **WHERE)
    assert not stored().modificabile(date(2025, 10, 11))
    with pytest.raises(NotNow):
        trimestri.close_again(by=gestore, **WHERE)
    assert [step.a for step in stored().passaggi.all()] == ["riaperto", "richiuso"]


@pytest.mark.parametrize("day", [date(2025, 10, 9), date(2025, 12, 10)])
def test_a_reopening_is_neither_past_nor_long(user, day):
    make_monitoraggio(**APPROVED)
    with pytest.raises(ValidationError, match="da oggi"):
        trimestri.reopen(by=user("gestore"), fino_al=day, motivo="x", **WHERE)


def test_a_return_wants_its_reason(user):
    make_monitoraggio(**SENT)
    with pytest.raises(ValidationError, match="motivo"):
        trimestri.give_back(by=user("gestore"), motivo="  ", **WHERE)


def test_the_term_moves_for_who_has_not_sent(user):
    gestore = user("gestore")
    make_monitoraggio("BG")
    make_monitoraggio("MI", **SENT)
    moved = trimestri.change_due(
        by=gestore, trimestre=T3, sigle=["BG", "MI"], entro=date(2025, 11, 20), motivo="Proroga"
    )
    assert [item.provincia_id for item in moved] == ["BG"]
    assert (stored("BG").entro, stored("MI").entro) == (date(2025, 11, 20), date(2025, 10, 31))
    assert stored("BG").passaggi.get().motivo == "Scadenza dal 31.10.2025 al 20.11.2025. Proroga"
    with pytest.raises(NotNow):
        trimestri.change_due(
            by=gestore, trimestre=T3, sigle=["MI"], entro=date(2025, 11, 20), motivo="Proroga"
        )


def test_delay_runs_to_the_first_sending_or_to_today():
    late = make_monitoraggio("BG")
    assert days_late(late, date(2025, 10, 31)) == 0
    assert days_late(late, date(2025, 11, 3)) == 3
    # 00:30 of 2 November in Rome is still the 1st in Greenwich.
    make_monitoraggio("MI", stato="trasmesso", trasmesso_il="2025-11-01T23:30Z")
    assert days_late(stored("MI"), date(2026, 1, 1)) == 2


def test_coverage_counts_the_sites_that_the_quarter_asks_for():
    make_pal(make_unita("BG"))
    make_unita("BG")
    make_unita("BG", tipo="LIC")
    make_pal(make_unita("BG", data_fine=date(2025, 6, 30)))  # not asked for
    make_pal(make_unita("MI"), "2025-T2")
    assert coverage(T3) == {"BG": Copertura(2, 1), "MI": Copertura(1, 0)}


def test_examples_are_counted_apart():
    make_pal(make_unita("BG"))
    make_pal(make_unita("BG", esempio=True))
    make_unita("BG", esempio=True)
    make_unita("MI", esempio=True)
    found = coverage(T3)
    assert found == {"BG": Copertura(1, 1, 2, 1), "MI": Copertura(0, 0, 1, 0)}
    assert [str(each) for each in found.values()] == ["1 di 1; esempi 1 di 2", "esempi 0 di 1"]
    assert [each.mancanti for each in found.values()] == [0, 1]


def test_an_example_keeps_no_real_quarter_open_and_completes_one_of_examples():
    real, example, alone = (
        make_unita("BG"),
        make_unita("BG", esempio=True),
        make_unita("MI", esempio=True),
    )
    for sigla in ("BG", "MI"):
        make_monitoraggio(sigla)
    assert list(missing(stored("BG"))) == [real]
    assert list(missing(stored("MI"))) == [alone]
    make_pal(example)
    assert list(missing(stored("BG"))) == [real]
    save(by=make_nucleo("BG"), trimestre=T3, rows=[Riga(real.pk, 10)])
    assert stored("BG").stato == "compilato"
    save(by=make_nucleo("MI"), trimestre=T3, rows=[Riga(alone.pk, 10)])
    assert stored("MI").stato == "compilato"


def test_beat_opens_the_last_quarter_once_and_makes_up_for_missed_days():
    open_last_quarter()
    open_last_quarter()
    assert MonitoraggioTrimestrale.objects.count() == 12
    assert set(MonitoraggioTrimestrale.objects.values_list("trimestre", "entro")) == {
        (T3, date(2025, 10, 30))
    }
    assert PassaggioTrimestre.objects.first().autore.username == "sistema"
    with time_machine.travel("2025-12-31 23:30Z"):  # the new year, in Rome
        open_last_quarter()
    assert MonitoraggioTrimestrale.objects.filter(trimestre="2025-T4").count() == 12


def test_a_quarter_opened_late_leaves_some_days():
    assert due_date(quarter(T3), date(2025, 10, 1)) == date(2025, 10, 30)
    assert due_date(quarter(T3), date(2025, 11, 20)) == date(2025, 11, 27)


@pytest.mark.django_db(transaction=True)
def test_two_of_the_region_at_once_one_decides_and_the_other_is_told(user):
    make_monitoraggio(**SENT)
    people, together, outcomes = [user("gestore"), user("gestore")], threading.Barrier(2), []

    def decide(person, step, **more) -> None:
        together.wait()
        try:
            outcomes.append(step(by=person, **WHERE, **more).stato)
        except NotNow as told:
            outcomes.append(str(told))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(people[0], trimestri.approve)),
        threading.Thread(
            target=decide, args=(people[1], trimestri.give_back), kwargs={"motivo": "Dati"}
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    step = PassaggioTrimestre.objects.select_related("autore").get()
    assert stored().stato == step.a
    (told,) = [each for each in outcomes if each != step.a]
    assert str(step.autore) in told
