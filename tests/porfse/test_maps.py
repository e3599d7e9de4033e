"""The map of the provinces: whole, in order, coloured by fifths, zero apart from not known."""

from decimal import Decimal

import pytest

from porfse import money
from porfse.maps import geometry, provinces

SIGLE = ["BG", "BS", "CO", "CR", "LC", "LO", "MN", "MI", "MB", "PV", "SO", "VA"]  # by name


def drawn(values):
    return provinces(values, show=money.euro, link=lambda sigla: f"/p/{sigla}/")


def classes(values) -> dict[str, str]:
    return {area.shape.sigla: area.classe for area in drawn(values).areas}


def legend(values) -> list[tuple[str, str]]:
    return [(step.classe, step.testo) for step in drawn(values).legend]


def test_all_provinces_stand_by_name():
    assert [shape.sigla for shape in geometry().shapes] == SIGLE


def test_shapes_lie_within_the_drawing():
    found = geometry()
    for shape in found.shapes:
        numbers = [int(word) for word in shape.path.replace("M", " ").replace("L", " ")
                   .replace("Z", " ").split()]  # fmt: skip
        across, down = numbers[::2], numbers[1::2]
        assert min(across) >= 0
        assert max(across) <= found.width
        assert min(down) >= 0
        assert max(down) <= found.height
        assert min(across) < shape.x < max(across)
        assert min(down) < shape.y < max(down)


def test_the_map_is_not_stretched():
    # Lombardy: about 200 km from west to east, 220 from south to north.
    found = geometry()
    assert Decimal("0.95") < Decimal(found.height) / found.width < Decimal("1.15")


def test_north_is_up_and_east_is_right():
    place = {shape.sigla: (shape.x, shape.y) for shape in geometry().shapes}
    assert place["SO"][1] < place["BG"][1] < place["LO"][1]
    assert place["VA"][0] < place["MI"][0] < place["BS"][0]


def test_what_lies_apart_is_drawn_too():
    parts = {shape.sigla: shape.path.count("M") for shape in geometry().shapes}
    assert (parts["CO"], parts["MI"], parts["PV"], parts["BG"]) == (2, 2, 4, 1)


def test_classes_are_fifths_of_the_provinces():
    values = {sigla: Decimal(number) for number, sigla in enumerate(SIGLE, start=1)}
    assert list(classes(values).values()) == list("111223334455")


def test_equal_values_have_equal_colours():
    values = dict.fromkeys(SIGLE, Decimal("5.00")) | {"VA": Decimal("9.00")}
    assert set(classes(values).values()) == {"1", "5"}
    assert legend(values) == [("1", "5,00\u00a0€"), ("5", "9,00\u00a0€")]


def test_zero_and_not_known_are_told_apart():
    values = {"BG": Decimal("10.50"), "BS": Decimal("0.00"), "CO": None}
    found = classes(values)
    assert (found["BG"], found["BS"], found["CO"], found["VA"]) == ("1", "zero", "nd", "nd")
    texts = {area.shape.sigla: area.testo for area in drawn(values).areas}
    assert texts["BG"] == "Bergamo: 10,50\u00a0€"
    assert texts["BS"] == "Brescia: 0,00\u00a0€"
    assert texts["CO"] == "Como: n.d."
    assert legend(values) == [("1", "10,50\u00a0€"), ("zero", "0,00\u00a0€"), ("nd", "n.d.")]


def test_the_legend_gives_the_bounds_of_each_colour():
    values = {sigla: Decimal(number) for number, sigla in enumerate(SIGLE, start=1)}
    assert legend(values)[0] == ("1", "da 1,00\u00a0€ a 3,00\u00a0€")
    assert legend(values)[-1] == ("5", "da 11,00\u00a0€ a 12,00\u00a0€")


def test_what_was_recovered_beyond_payments_is_the_least():
    values = {"BG": Decimal("-3.00"), "BS": Decimal("4.00")}
    assert classes(values)["BG"] == "1"
    assert legend(values)[0] == ("1", "\u22123,00\u00a0€")


def test_each_province_opens_its_address():
    assert {area.shape.sigla: area.url for area in drawn({}).areas}["MB"] == "/p/MB/"


@pytest.mark.parametrize("values", [{}, dict.fromkeys(SIGLE, Decimal(0))])
def test_nothing_known_and_nothing_paid_still_make_a_map(values):
    assert len(drawn(values).areas) == 12
    assert len(legend(values)) == 1
