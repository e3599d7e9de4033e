"""Every figure printed in document 002 is in Quadratura, held against what makes it."""

from collections import Counter
from decimal import Decimal

import pytest

from porfse.figures import Board, Unit
from porfse.printed import Reconciled, Verdict, catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def items() -> dict[str, Reconciled]:
    board = Board()
    found = {
        code: Reconciled(board, item)
        for code, item in catalogue.figures.items()
        if item.documento == "002"
    }
    board.load()
    return found


def test_figures_by_verdict(items):
    assert len(items) == 341
    assert Counter(item.verdetto for item in items.values()) == {
        Verdict.QUADRA: 193,
        Verdict.CIRCOLARE: 2,
        Verdict.SOLO_CARICATA: 146,
    }


def test_the_341_are_two_tables_less_their_blanks_and_six_in_the_text(items):
    by_year = Counter(code.split("-")[1] for code in items)
    # 13 rows of 13 numbers; one blank in 2024, two in 2025.
    assert by_year == {"2024": 168, "2025": 167, **{f"{n:02}": 1 for n in range(1, 7)}}


def test_only_what_takes_a_blank_from_its_own_total_is_circular(items):
    circular = {code for code, item in items.items() if item.verdetto == Verdict.CIRCOLARE}
    assert circular == {"002-2025-TOT-MIN-unita", "002-2025-TOT-MIN-unita-peso"}


def test_units_and_workers_of_a_provincia_are_only_loaded_and_all_else_is_held(items):
    loaded = {code for code, item in items.items() if item.verdetto == Verdict.SOLO_CARICATA}
    cells = {
        code for code in items if code.endswith(("-unita", "-lavoratori")) and "-TOT-" not in code
    }
    assert loaded == cells | {"002-01", "002-02", "002-04", "002-05", "002-06"}


def test_shares_agree_half_up_to_the_printed_digit(items):
    shares = [item for code, item in items.items() if code.endswith("-peso")]
    assert len(shares) == 2 * 6 * 13
    for item in shares:
        places = -item.stampata.valore.as_tuple().exponent
        assert round_half_up(item.calcolata.amount, places) == item.stampata.valore
        assert item.calcolata.value.unit is Unit.PERCENTO


def round_half_up(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")


def test_a_total_with_a_blank_is_held_against_the_rows(items):
    for code, total in (("2024-TOT-REG", 2342), ("2025-TOT-MIN", 4377)):
        item = items[f"002-{code}-lavoratori"]
        assert (item.calcolata.amount, item.verdetto) == (total, Verdict.QUADRA)


def test_the_printed_shares_of_a_column_do_not_add_up_to_100(items):
    sums = {
        sum(
            item.stampata.valore
            for code, item in items.items()
            if code.startswith(f"002-{year}-")
            and code.endswith(f"-{kind}-{what}-peso")
            and "-TOT-" not in code
        )
        for year in (2024, 2025)
        for kind in ("MIN", "REG", "LIC")
        for what in ("unita", "lavoratori")
    }
    assert (min(sums), max(sums)) == (Decimal("99.8"), Decimal("100.1"))


def test_every_contradiction_names_figures_of_the_document(items):
    own = [item for item in catalogue.contradictions if any(c in items for c in item.cifre)]
    assert len(own) == 6
    assert all(code in items for item in own for code in item.cifre)


def test_a_share_of_the_policies_is_of_the_ministerial_workers_only(items):
    item = items["002-04"]
    assert (item.stampata.valore, item.calcolata) == (Decimal(51), None)
    words = [found.spiegazione for found in catalogue.explaining(item.stampata)]
    assert any("11.800" in text for text in words)
    assert items["002-03"].verdetto == Verdict.QUADRA


def test_the_page_of_a_printed_figure_opens_what_makes_it(lettore):
    page = lettore.get("/programma/quadratura/002-2024-CR-REG-lavoratori-peso/")
    assert page.status_code == 200
    assert "Celle vuote con accanto un peso di 0,0" in page.content.decode()
