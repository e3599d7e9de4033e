from decimal import Decimal

import pytest

from porfse import fonts


@pytest.mark.parametrize("weight", [400, 600, 700])
def test_all_figures_are_as_wide_as_each_other(weight):
    advances = fonts.font(weight).advances
    assert {advances[digit] for digit in "0123456789"} == {Decimal("0.56")}


def test_widths_are_those_of_the_file():
    # Advances of the font's table `hmtx`: 560 for a figure, 216 for a full stop, of 1000.
    assert fonts.font().width("1.0", 10) == Decimal("13.36")


def test_a_letter_of_another_typeface_counts_as_a_wide_one():
    assert fonts.font().width("株", 10) == 6


def test_the_typeface_has_what_italian_amounts_need():
    font = fonts.font()
    assert [sign for sign in "àèéìòùÀÈÉ€−–«»’°…\u00a0" if not font.has(sign)] == []
    assert not font.has("→")
    assert not font.has("😀")


def test_the_folder_holds_the_files():
    names = {path.name for path in fonts.folder().glob("*.ttf")}
    assert "titillium-web-v10-latin-ext_latin-regular.ttf" in names
