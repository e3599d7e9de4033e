"""The grid of a quarter: what it saves, what it refuses, what it keeps of what was typed."""

from datetime import date

import pytest
import time_machine
from django.test import Client

from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale
from crisi.services.pal import Riga, save
from porfse.models import AuditEvent
from tests.crisi.test_trimestri_pagine import (
    APPROVED,
    PAGE,
    SENT,
    T3,
    client_of,
)
from tests.factories.crisi import make_monitoraggio, make_nucleo, make_pal, make_unita
from tests.programme.test_pages import text_of

pytestmark = pytest.mark.django_db
NUMBERS = {"sospesi": "10", "step1": "1", "step2": "2", "step3": "3", "step4": "4", "no_pal": "0"}


@pytest.fixture(autouse=True)
def _october():
    with time_machine.travel("2025-10-10 10:00Z", tick=True):
        yield


@pytest.fixture
def nucleo() -> Client:
    return client_of(make_nucleo("BG"))


def sent(*rows: tuple, **values: str) -> dict[str, object]:
    """What the form of the grid sends: `(site, key of the row that was seen, values)`."""
    data: dict[str, object] = dict(values)
    for site, vista, numbers in rows:
        fields = {"motivo_esonero": "", "altro_strumento": "", "ripresa": ""}
        for name, value in {**dict.fromkeys(NUMBERS, ""), **fields, **numbers}.items():
            data[f"{site.pk}-{name}"] = value
        data[f"{site.pk}-vista"] = vista.pk if vista else ""
    return data


def in_force(site) -> AvanzamentoPAL | None:
    return AvanzamentoPAL.objects.in_force().filter(unita=site, trimestre=T3).first()


def test_the_grid_is_saved_and_says_what_was_written(nucleo):
    sites = [make_unita(lavoratori=10), make_unita()]
    make_monitoraggio()
    shown = nucleo.post(
        PAGE,
        sent((sites[0], None, NUMBERS | {"strumenti": ["gol"]}), (sites[1], None, {})),
        follow=True,
    )
    assert "1 riga salvata." in text_of(shown)
    row = in_force(sites[0])
    assert (row.sospesi, row.step4, row.no_pal, row.strumenti) == (10, 4, 0, ["gol"])
    assert in_force(sites[1]) is None
    assert f'name="{sites[0].pk}-vista" value="{row.pk}"' in shown.content.decode()
    again = nucleo.post(PAGE, sent((sites[0], row, NUMBERS | {"strumenti": ["gol"]})), follow=True)
    assert "Nessuna riga è cambiata." in text_of(again)


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"step1": "dieci"}, "step1", "Scrivere un numero intero"),
        ({"step1": "1,5"}, "step1", "Scrivere un numero intero"),
        ({"step1": "1.5"}, "step1", "Scrivere un numero intero"),
        ({"step1": "-1"}, "step1", "Non può essere negativo."),
        ({"step1": "²"}, "step1", "Scrivere un numero intero"),
        ({"step1": "1000000"}, "step1", "Scrivere un numero intero"),
        ({"sospesi": "9"}, "sospesi", "I passi e gli esonerati sono 10: più dei sospesi."),
        ({"sospesi": ""}, "sospesi", "Indicare i lavoratori sospesi."),
        ({"no_pal": "1", "sospesi": "20"}, "motivo_esonero", "Indicare il motivo dell"),
        ({"strumenti": ["altro"]}, "altro_strumento", "Indicare quale."),
        ({"strumenti": ["boh"]}, "strumenti", "boh"),
    ],
)
def test_an_error_stands_beside_its_cell_and_nothing_is_saved(nucleo, values, field, words):
    site, other = make_unita(), make_unita()
    make_monitoraggio()
    shown = nucleo.post(PAGE, sent((site, None, NUMBERS | values), (other, None, NUMBERS)))
    assert shown.status_code == 400
    (row,) = [row for row in shown.context["righe"] if row["voce"].unita == site]
    assert list(row["form"].errors) == [field]
    assert words in str(row["form"].errors[field])
    assert f'href="#id_{site.pk}-{field}' in shown.content.decode()
    assert not AvanzamentoPAL.objects.exists()


def test_numbers_are_read_as_italians_write_them(nucleo):
    site = make_unita()
    make_monitoraggio()
    nucleo.post(PAGE, sent((site, None, {"sospesi": "1.615"})))
    assert (in_force(site).sospesi, in_force(site).step1) == (1615, None)


def test_naming_another_instrument_is_choosing_it(nucleo):
    site = make_unita()
    make_monitoraggio()
    nucleo.post(PAGE, sent((site, None, NUMBERS | {"altro_strumento": "Tirocinio"})))
    assert (in_force(site).strumenti, in_force(site).altro_strumento) == (["altro"], "Tirocinio")


def test_a_row_that_a_flow_left_without_reason_does_not_stop_the_others(nucleo):
    site, other = make_unita(), make_unita()
    make_monitoraggio()
    old = make_pal(site, sospesi=10, no_pal=2)
    as_it_was = dict.fromkeys(NUMBERS, "0") | {"sospesi": "10", "no_pal": "2"}
    shown = nucleo.post(PAGE, sent((site, old, as_it_was), (other, None, NUMBERS)))
    assert shown.status_code == 302
    assert in_force(site) == old
    assert in_force(other) is not None


def test_who_saved_in_between_is_shown_beside_what_was_typed(nucleo):
    site = make_unita()
    make_monitoraggio()
    seen = make_pal(site, sospesi=10)
    other = make_nucleo("BG", first_name="Ada", last_name="Bianchi")
    save(by=other, trimestre=T3, rows=[Riga(site.pk, 10, 7, vista=seen.pk)])
    theirs = in_force(site)
    shown = nucleo.post(PAGE, sent((site, seen, NUMBERS)))
    assert shown.status_code == 409
    assert "Ada Bianchi ha salvato nel frattempo" in text_of(shown)
    assert "sospesi 10; STEP 1 7; STEP 2 n.d." in text_of(shown)
    page = shown.content.decode()
    assert f'name="{site.pk}-step4" value="4"' in page
    assert f'name="{site.pk}-vista" value="{theirs.pk}"' in page
    assert in_force(site) == theirs
    back = nucleo.post(PAGE, sent((site, theirs, NUMBERS), prendi=str(site.pk)))
    assert f'name="{site.pk}-step1" value="7"' in back.content.decode()
    assert nucleo.post(PAGE, sent((site, theirs, NUMBERS))).status_code == 302
    assert in_force(site).step1 == 1


def test_the_quarter_before_is_taken_up_on_demand_and_not_saved(nucleo):
    filled, empty, new = make_unita(), make_unita(), make_unita()
    make_monitoraggio()
    for site in (filled, empty):
        make_pal(site, "2025-T2", sospesi=8, step1=5, strumenti=["dul"])
    typed = sent((filled, None, {"sospesi": "3"}), (empty, None, {}), (new, None, {}))
    plain = nucleo.get(PAGE)
    assert 'value="5"' not in plain.content.decode()  # nothing is carried forward by itself
    shown = nucleo.post(PAGE, typed | {"riprendi": "tutte"})
    values = {row["voce"].unita: row["form"]["sospesi"].value() for row in shown.context["righe"]}
    assert values == {filled: "3", empty: 8, new: ""}
    assert text_of(shown).count("Valori ripresi dal trimestre precedente, non ancora salvati") == 1
    assert not AvanzamentoPAL.objects.filter(trimestre=T3).exists()
    one = nucleo.post(PAGE, typed | {"riprendi": str(filled.pk)})
    values = {row["voce"].unita: row["form"]["sospesi"].value() for row in one.context["righe"]}
    assert values == {filled: 8, empty: "", new: ""}
    none = nucleo.post(PAGE, typed | {"riprendi": str(new.pk)})
    assert "Nulla da riprendere per questa unità" in text_of(none)


def test_save_and_send_in_one(nucleo):
    site = make_unita()
    made = make_monitoraggio()
    shown = nucleo.post(PAGE, sent((site, None, NUMBERS), trasmetti="1"), follow=True)
    assert "Trimestre trasmesso all'Autorità di Gestione." in text_of(shown)
    assert "Dati bloccati." in text_of(shown)
    assert [step.a for step in made.passaggi.all()] == ["compilato", "trasmesso"]


def test_sending_with_missing_rows_asks_why(nucleo):
    site, other = make_unita(), make_unita()
    make_monitoraggio()
    data = sent((site, None, NUMBERS), (other, None, {}), trasmetti="1")
    answer = nucleo.post(PAGE, data)
    assert answer.url == f"{PAGE}trasmetti/"
    assert in_force(site) is not None
    refused = nucleo.post(answer.url, {"motivo": ""})
    assert refused.status_code == 400
    assert "Unità senza dati: 1." in text_of(refused)
    assert "Compilare i dati che mancano, o scrivere il perché." in text_of(refused)
    nucleo.post(answer.url, {"motivo": "L'azienda non risponde"})
    assert MonitoraggioTrimestrale.objects.get().stato == "trasmesso"


def test_sites_of_another_provincia_in_the_form_are_refused_and_recorded():
    person = make_nucleo("BG")
    make_unita("BG")
    foreign = make_unita("MI")
    make_monitoraggio()
    assert client_of(person).post(PAGE, sent((foreign, None, NUMBERS))).status_code == 404
    event = AuditEvent.objects.get(action="accesso.negato")
    assert (event.actor, event.details["cercato"]) == (person, {"pk": foreign.pk})
    assert not AvanzamentoPAL.objects.exists()


def test_a_site_that_the_grid_has_no_more_is_said(nucleo):
    gone = make_unita(data_fine=date(2025, 3, 31))
    make_monitoraggio()
    shown = nucleo.post(PAGE, sent((gone, None, NUMBERS)))
    assert shown.status_code == 400
    assert "non è più fra quelle del trimestre" in text_of(shown)


@pytest.mark.parametrize("vista", ["x", "-1", "9" * 19, "²"])
def test_a_form_that_cannot_be_read_is_refused(nucleo, vista):
    site = make_unita()
    make_monitoraggio()
    data = sent((site, None, NUMBERS)) | {f"{site.pk}-vista": vista}
    assert nucleo.post(PAGE, data).status_code == 400
    assert nucleo.post(PAGE, {"x-vista": ""}).status_code == 400


def test_a_quarter_that_was_closed_meanwhile_keeps_what_was_typed_on_the_page(nucleo):
    site = make_unita()
    make_monitoraggio(**SENT)
    shown = nucleo.post(PAGE, sent((site, None, NUMBERS)))
    assert shown.status_code == 409
    assert "restituzione con richiesta di integrazioni" in text_of(shown)
    assert f'name="{site.pk}-step4" value="4"' in shown.content.decode()
    assert in_force(site) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "finché il trimestre non è trasmesso"),
        (SENT, "bloccati finché l'Autorità di Gestione non lo valida o lo restituisce"),
        (APPROVED, "è validato e chiuso."),
        (APPROVED | {"riaperto_fino_al": date(2025, 10, 12)}, "fino al 12.10.2025 compreso"),
        (APPROVED | {"riaperto_fino_al": date(2025, 10, 9)}, "terminata il 09.10.2025"),
    ],
)
def test_the_page_says_what_locks_the_rows_and_until_when(nucleo, fields, words):
    make_unita()
    make_monitoraggio(**fields)
    assert words in text_of(nucleo.get(PAGE))


def test_history_and_checks_stand_beside_the_rows(nucleo, gestore):
    site = make_unita(lavoratori=5)
    make_monitoraggio()
    old = make_pal(site, sospesi=4, step1=1)
    save(by=make_nucleo(), trimestre=T3, rows=[Riga(site.pk, 9, 1, 2, 3, 2, 0, vista=old.pk)])
    for client in (nucleo, gestore):
        shown = text_of(client.get(PAGE))
        assert "W301" in shown
        assert "sospesi 4; STEP 1 1" in shown
    assert "Versioni precedenti (1)" in text_of(nucleo.get(PAGE))
