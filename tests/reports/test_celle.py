from datetime import date
from decimal import Decimal

import pytest

from porfse.figures import Board, Figure, Unit, Value, leaf, rapporto
from reports.celle import cella, riga, righe
from reports.documento import Cella, Colonna, Forma

pytestmark = pytest.mark.django_db
DAY = date(2020, 12, 31)


def figure(expression):
    board = Board()
    found = board(expression)
    board.load()
    return found


def test_a_figure_keeps_its_exact_value_and_its_expression():
    ratio = rapporto(leaf("liquidate", al=DAY, asse="I"), leaf("dotazione", al=DAY, asse="I"))
    found = figure(ratio)
    assert cella(found) == Cella(found.amount, cifra=str(ratio))
    assert isinstance(found.amount, Decimal)


def test_a_figure_that_is_not_known_says_why_and_a_derived_one_that_it_is():
    unknown = cella(figure(leaf("liquidate", al=date(2019, 12, 31), asse="I")))
    assert (unknown.valore, unknown.nota) == (None, "nessun dato a questa data")
    derived = cella(figure(leaf("programmate", al=DAY, asse="V")))
    assert (derived.valore, derived.nota) == (Decimal("32150000.00"), "derivata")


def test_a_table_of_examples_says_it_once():
    found = Figure(leaf("dotazione", al=DAY, asse="I"))
    found.value = Value(Decimal(3), Unit.EURO, derived=True, example=True)
    assert cella(found).nota == "derivata, esempio"
    assert cella(found, esempio=True).nota == "derivata"
    (row,) = righe(COLUMNS, [{"importo": found}], chiave=str, esempio=True)
    assert row.celle[1] == cella(found, esempio=True)


def test_a_count_is_whole():
    people = cella(figure(leaf("destinatari", al=DAY, asse="I")))
    assert (people.valore, type(people.valore)) == (209_754, int)


def test_plain_values_stay_what_they_are_and_objects_say_their_name():
    for value in (None, 3, "x", Decimal("1.20"), DAY):
        assert cella(value) == Cella(value)
    assert cella(Cella(1, nota="n")) == Cella(1, nota="n")
    assert cella(ValueError("nome")) == Cella("nome")


COLUMNS = (Colonna("nome", "Nome"), Colonna("importo", "Importo", Forma.EURO))


def test_rows_hold_the_columns_in_their_order_and_what_is_missing_is_not_known():
    rows = [{"importo": Decimal(1), "nome": "a", "altro": 9}, {"nome": "tot", "totale": True}]
    found = righe(COLUMNS, rows, chiave=lambda row: row["nome"])
    assert [row.celle for row in found] == [
        (Cella("a"), Cella(Decimal(1))),
        (Cella("tot"), Cella(None)),
    ]
    assert [(row.chiave, row.totale) for row in found] == [("a", False), ("tot", True)]


def test_a_single_row_may_be_a_total():
    assert riga("t", COLUMNS, {"nome": "T"}, totale=True).totale
