"""Fields that read what Italians write."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django import forms

from porfse.forms import GiornoField, ImportoField


def problem(field, text) -> str:
    with pytest.raises(forms.ValidationError) as refusal:
        field.clean(text)
    (message,) = refusal.value.messages
    return message


def test_an_amount_has_cents():
    assert str(ImportoField().clean(" 1.234,5 ")) == "1234.50"
    assert ImportoField().clean("-10") == Decimal(-10)


@pytest.mark.parametrize(
    ("options", "text", "message"),
    [
        ({}, "0", "L'importo non può essere zero."),
        ({}, "-0,00", "L'importo non può essere zero."),
        ({"positive": True}, "0,00", "L'importo deve essere maggiore di zero."),
        ({"positive": True}, "-0,01", "L'importo deve essere maggiore di zero."),
        ({"positive": True, "zero": True}, "-1", "L'importo deve essere maggiore di zero."),
        ({}, "dodici", "Importo non leggibile: scrivere ad esempio 1.234.567,89."),
        ({}, "99999999999999", "Importo troppo grande: al massimo 13 cifre prima della virgola."),
        ({}, "1" * 31, "Assicurati che questo valore non contenga più di 30 caratteri (ne ha 31)."),
        ({}, "", "Questo campo è obbligatorio."),
        ({}, "  ", "Questo campo è obbligatorio."),
    ],
)
def test_amounts_that_are_refused(options, text, message):
    assert problem(ImportoField(**options), text) == message


def test_an_amount_of_21_digits_is_refused_beside_its_field():
    assert problem(ImportoField(), "1" * 21) == (
        "Importo troppo grande: al massimo 13 cifre prima della virgola."
    )


def test_zero_where_it_is_allowed():
    assert ImportoField(zero=True).clean("0") == 0
    assert ImportoField(positive=True, zero=True).clean("0,00") == 0


def test_an_optional_amount_left_blank_is_none_and_not_zero():
    assert ImportoField(required=False).clean("") is None


def test_days_are_typed_or_picked():
    with time_machine.travel("2022-06-01T12:00:00Z", tick=False):
        assert GiornoField().clean("30.09.2021") == date(2021, 9, 30)
        assert GiornoField().clean("2021-09-30") == date(2021, 9, 30)
        assert GiornoField().clean("2022-06-01") == date(2022, 6, 1)
        assert problem(GiornoField(), "2022-06-02") == (
            "La data 02.06.2022 è troppo avanti: scegliere al più tardi 01.06.2022."
        )


def test_a_day_may_have_a_later_limit():
    assert GiornoField(latest=date(2023, 12, 31)).clean("31.12.2023") == date(2023, 12, 31)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("31.12.2013", "La data 31.12.2013 precede l'inizio del periodo: la prima è 01.01.2014."),
        ("ieri", "Data non valida: «ieri». Scriverla come 31.12.2023 oppure 2023-12-31."),
        ("", "Questo campo è obbligatorio."),
        ("2" * 21, "Assicurati che questo valore non contenga più di 20 caratteri (ne ha 21)."),
    ],
)
def test_days_that_are_refused(text, message):
    assert problem(GiornoField(latest=date(2023, 12, 31)), text) == message


def test_an_optional_day_left_blank_is_none():
    assert GiornoField(required=False).clean(" ") is None


def test_a_form_shows_what_browsers_can_pick():
    class Prova(forms.Form):
        importo = ImportoField()
        giorno = GiornoField(latest=date(2023, 12, 31))

    form = Prova({"importo": "1.000,00", "giorno": "2021-09-30"})
    assert form.is_valid()
    assert form.cleaned_data == {"importo": Decimal("1000.00"), "giorno": date(2021, 9, 30)}
    assert 'inputmode="decimal"' in str(form["importo"])
    assert 'type="date"' in str(Prova(initial={"giorno": date(2021, 9, 30)})["giorno"])
    assert 'value="2021-09-30"' in str(Prova(initial={"giorno": date(2021, 9, 30)})["giorno"])
