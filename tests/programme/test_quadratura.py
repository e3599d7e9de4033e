"""Every printed figure is there, and its verdict is the honest one."""

from decimal import Decimal

import pytest

from porfse.figures import Board
from porfse.printed import Reconciled, Verdict, catalogue, count_by_verdict


@pytest.fixture
def items(db) -> dict[str, Reconciled]:
    board = Board()
    found = {code: Reconciled(board, item) for code, item in catalogue.figures.items()}
    board.load()
    return found


def test_figures_by_document_and_verdict(items):
    columns = ("documento", *map(str, Verdict), "Totale")
    rows = [tuple(row[name] for name in columns) for row in count_by_verdict(items.values())]
    assert rows == [
        ("000", 11, 0, 0, 2, 13),
        ("001", 20, 2, 14, 24, 60),
        ("002", 193, 0, 2, 146, 341),
        ("003", 10, 0, 0, 0, 10),
        ("004", 85, 4, 11, 112, 212),
        ("Totale", 319, 6, 27, 284, 636),
    ]


def test_the_contradictions_are_those_of_the_sources(items):
    found = {
        code: (item.calcolata.amount, item.differenza.amount)
        for code, item in items.items()
        if item.verdetto == Verdict.CONTRADDIZIONE
    }
    assert set(found) == {"001-01", "001-44", "004-019", "004-041", "004-108", "004-155"}
    assert found["004-041"] == (Decimal(86968), Decimal(2))
    assert round(found["004-108"][0], 1) == Decimal("34.3")
    assert round(found["004-155"][0], 1) == Decimal("15.0")


@pytest.mark.parametrize(
    ("code", "tolerance", "difference"),
    [
        # 0.05 for the total; 0.005, 0, 0.005, 0.05 and 0.05 million for the assi.
        ("004-020", "160000.00", "17425.67"),
        ("004-021", "210000.00", "110000.00"),
        ("004-022", "210000.00", "30000.00"),
        ("001-30", "105000.00", "-40000.00"),
    ],
)
def test_the_tolerance_adds_the_roundings(items, code, tolerance, difference):
    item = items[code]
    assert item.tolleranza == Decimal(tolerance)
    assert item.differenza.amount == Decimal(difference)
    assert item.verdetto == Verdict.QUADRA


def test_what_follows_from_its_own_total_is_circular(items):
    assert items["001-02"].verdetto == Verdict.CIRCOLARE
    assert items["004-062"].verdetto == Verdict.CIRCOLARE


def test_no_computed_value_is_the_printed_one_itself(items):
    for code, item in items.items():
        if item.stampata.calcolo:
            leaves = {(leaf.name, leaf.get("id")) for leaf in item.stampata.calcolo.leaves()}
            assert ("stampata", code) not in leaves


def test_every_contradiction_names_figures_that_exist(db):
    assert len(catalogue.contradictions) == 27
    for item in catalogue.contradictions:
        assert item.spiegazione
        assert set(item.cifre) <= set(catalogue.figures)


def test_every_printed_figure_has_its_page(lettore):
    for code in catalogue.figures:
        response = lettore.get(f"/programma/quadratura/{code}/")
        assert response.status_code == 200, code


def test_filters(lettore):
    page = lettore.get("/programma/quadratura/?documento=004&verdetto=contraddizione")
    table = page.context["cifre"]
    assert [row.record.stampata.id for row in table.rows] == [
        "004-019",
        "004-041",
        "004-108",
        "004-155",
    ]


def test_words_and_values_are_those_of_the_document(db):
    """The digits of what is printed are those of the value: nothing was typed differently."""
    for printed in catalogue.figures.values():
        digits = "".join(char for char in printed.stampato if char.isdigit())
        value = format(printed.valore.normalize(), "f").replace(".", "")
        assert digits.rstrip("0") == value.rstrip("0") or digits.lstrip("0").rstrip(
            "0"
        ) == value.lstrip("0").rstrip("0"), printed.id
        assert printed.stampato.strip("€ ").split(" ")[0][:3] in printed.parole, printed.id
