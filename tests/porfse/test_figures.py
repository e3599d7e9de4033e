"""Figures: each source is asked once, operations are exact, what is not known stays so."""

from decimal import Decimal

import pytest

from porfse.figures import (
    FigureError,
    Unit,
    Value,
    differenza,
    evaluate,
    leaf,
    rapporto,
    raw,
    somma,
    source_of,
)
from porfse.figures.sources import label_of
from tests.porfse.example_source import of, registered


@pytest.fixture(autouse=True)
def source():
    with registered() as found:
        yield found


def worth(expression) -> Value:
    return evaluate([expression])[expression]


# --- Evaluation ---------------------------------------------------------------------------------
def test_a_source_is_asked_once_for_all_its_leaves(source):
    a, b, c = of("cento"), of("ottanta"), of("persone", "prova_due")
    values = evaluate([rapporto(a, b), a, somma(a, b), c])
    assert source.asked == [{a, b, c}]
    assert values[somma(a, b)].amount == Decimal("180.00")
    assert values[c].amount == 397748


def test_what_is_known_is_not_asked_again(source):
    a, b = of("cento"), of("ottanta")
    known = {a: Value(Decimal(1), Unit.EURO)}
    values = evaluate([somma(a, b)], known)
    assert source.asked == [{b}]
    assert values[somma(a, b)].amount == Decimal("81.00")
    assert known == {a: Value(Decimal(1), Unit.EURO)}


def test_nothing_asked_is_nothing_queried(source):
    assert evaluate([]) == {}
    assert source.asked == []


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (somma(of("cento"), of("ottanta"), of("ricavata")), "159.995"),
        (somma(of("zero")), "0"),
        (differenza(of("ottanta"), of("cento")), "-20.00"),
        (rapporto(of("ottanta"), of("cento")), "80"),
        (rapporto(of("zero"), of("cento")), "0"),
        (rapporto(of("ricavata"), of("cento")), "-20.005"),
        (differenza(somma(of("cento"), of("cento")), of("ottanta")), "120.00"),
    ],
)
def test_operations_are_exact(expression, expected):
    assert worth(expression).amount == Decimal(expected)


@pytest.mark.parametrize(
    "expression",
    [
        somma(of("cento"), of("ignota")),
        differenza(of("cento"), of("ignota")),
        differenza(of("ignota"), of("cento")),
        rapporto(of("cento"), of("ignota")),
        rapporto(of("ignota"), of("zero")),
        somma(of("cento"), differenza(of("cento"), of("ignota"))),
    ],
)
def test_what_is_not_known_in_a_part_is_not_known_in_all(expression):
    value = worth(expression)
    assert (value.amount, value.missing) == (None, "ultimo dato al 31.12.2020")


def test_a_ratio_to_zero_is_not_known():
    value = worth(rapporto(of("cento"), of("zero")))
    assert (value.amount, value.missing) == (None, "il denominatore è zero")
    assert value.unit is Unit.PERCENTO


def test_a_ratio_is_a_percentage_and_the_rest_keeps_its_unit():
    assert worth(rapporto(of("cento"), of("ottanta"))).unit is Unit.PERCENTO
    assert worth(somma(of("cento"), of("ottanta"))).unit is Unit.EURO
    assert worth(rapporto(of("persone"), of("imprese"))).amount == Decimal(39774800) / 764


def test_between_two_percentages_there_are_points():
    value = worth(differenza(of("quota"), rapporto(of("ottanta"), of("cento"))))
    assert (value.amount, value.unit) == (Decimal("-67.55"), Unit.PUNTI)
    unknown = worth(differenza(of("quota"), rapporto(of("cento"), of("zero"))))
    assert (unknown.amount, unknown.unit) == (None, Unit.PUNTI)


@pytest.mark.parametrize("operation", [somma, differenza, rapporto])
@pytest.mark.parametrize("other", ["persone", "quota"])
def test_unlike_units_do_not_mix(operation, other):
    with pytest.raises(FigureError) as refusal:
        worth(operation(of("cento"), of(other)))
    assert str(refusal.value) == (
        "Non si possono sommare o confrontare grandezze di unità diverse."
    )


def test_marks_of_a_part_are_marks_of_the_whole():
    plain = worth(somma(of("cento"), of("zero")))
    assert (plain.derived, plain.example, plain.circular) == (False, False, False)
    marked = worth(somma(of("cento"), of("ricavata"), of("esempio")))
    assert (marked.derived, marked.example, marked.circular) == (True, True, True)
    assert worth(rapporto(of("ricavata"), of("cento"))).circular
    assert worth(somma(of("cento"), of("ottanta"))).scope == {"A", "B"}


def test_roundings_add_up():
    assert worth(somma(of("cento"), of("ottanta"))).rounding == Decimal("0.75")
    assert worth(differenza(of("cento"), of("ottanta"))).rounding == Decimal("0.75")
    assert worth(differenza(of("cento"), somma(of("ottanta")))).rounding == Decimal("0.75")
    assert worth(somma(of("zero"), of("esempio"))).rounding == 0


def test_the_rounding_of_a_ratio_is_the_widest_that_its_parts_allow():
    widest = 100 * Decimal("80.25") / Decimal("99.50")
    assert worth(rapporto(of("ottanta"), of("cento"))).rounding == widest - 80
    assert worth(rapporto(of("zero"), of("esempio"))).rounding == 0


def test_unknown_names_and_parameters_are_refused(source):
    for expression, words in (
        (leaf("nessuna"), "La grandezza «nessuna» non esiste."),
        (leaf("prova", voce="cento", b=1, a=2), "La grandezza «prova» non ha il parametro «a»."),
        (somma(of("cento"), leaf("nessuna")), "La grandezza «nessuna» non esiste."),
    ):
        with pytest.raises(FigureError) as refusal:
            evaluate([expression])
        assert str(refusal.value) == words
    assert source.asked == []


def test_who_evaluates_a_leaf(source):
    assert source_of(of("cento")) is source
    assert source_of(of("cento", "prova_due")) is source


def test_labels_say_the_operation():
    a, b = of("cento"), of("zero")
    assert label_of(a) == "Prova cento"
    assert label_of(rapporto(a, b)) == "Rapporto percentuale tra «Prova cento» e «Prova zero»"
    assert label_of(differenza(a, b)) == "Differenza tra «Prova cento» e «Prova zero»"
    assert label_of(somma(a, b, b)) == "Somma di 3 importi: «Prova cento» e seguenti"


# --- Units --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("unit", "how", "expected"),
    [
        (Unit.EURO, {}, "1.234.567,89\u00a0€"),
        (Unit.EURO, {"mln": True}, "1,23\u00a0Mln€"),
        (Unit.EURO, {"mln": True, "signed": True}, "+1,23\u00a0Mln€"),
        (Unit.PERCENTO, {"mln": True}, "1.234.567,9%"),
        (Unit.PUNTI, {"signed": True}, "+1.234.567,9\u00a0punti"),
        (Unit.PERSONE, {"signed": True}, "+1.234.568"),
        (Unit.NUMERO, {"mln": True}, "1.234.568"),
    ],
)
def test_units_show_their_amounts(unit, how, expected):
    assert unit.show(Decimal("1234567.89"), **how) == expected
    assert unit.show(None, **how) == "n.d."


def test_tolerances():
    assert Unit.EURO.tolerance(Decimal(210_000)) == "± 210.000,00\u00a0€"
    assert Unit.PERCENTO.tolerance(Decimal("0.5")) == "± 0,50"
    assert Unit.PUNTI.tolerance(Decimal("0.004")) == "± 0,004"  # not ± 0,00
    assert Unit.PERSONE.tolerance(Decimal(2)) == "± 2"


def test_raw_amounts_are_exact_and_without_exponent():
    assert raw(Decimal("1E+3")) == "1000"
    assert raw(Decimal("-0.001")) == "-0.001"
    assert raw(None) == ""
