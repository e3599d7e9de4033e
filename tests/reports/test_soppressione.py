"""Small cells: hidden, and not to be computed back; the auditor agrees with trying all numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porfse.figures import parse
from reports.documento import (
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Indicatore,
    Riga,
    Tabella,
)
from reports.soppressione import (
    Gruppo,
    Margini,
    Motivo,
    Soglie,
    avvisi_soppressione,
    cifre_nascoste,
    copri,
    dichiara,
    ricavabili,
    ricavabili_insieme,
    sopprimi,
    sopprimi_insieme,
)
from reports.soppressione.griglia import Griglia
from reports.soppressione.margini import dichiarazione
from reports.soppressione.verifica import intervalli

KINDS = range(3)
SOGLIE = Soglie(unita=3, lavoratori=5)
MARGINI = Margini(
    tuple(Gruppo(f"u{kind}", (f"l{kind}",), (f"pu{kind}", f"pl{kind}")) for kind in KINDS),
    totale="tot",
)
UNITA = Margini((Gruppo("u0"),))
Numbers = Sequence[Sequence[int | None]]


def margini(kinds: int) -> Margini:
    return replace(MARGINI, gruppi=MARGINI.gruppi[:kinds])


def colonna(name: str) -> Colonna:
    return Colonna(name, name, Forma.PERCENTO if name.startswith("p") else Forma.NUMERO)


def known(numbers: Sequence[int | None]) -> int:
    return sum(filter(None, numbers))


def tavola(unita: Numbers, lavoratori: Numbers) -> Tabella:
    """A table of the crises with its totals; None is not known, and adds nothing."""
    totals = [[known(column) for column in zip(*rows, strict=True)] for rows in (unita, lavoratori)]
    rows = []
    for number, (sites, workers) in enumerate(
        zip([*unita, totals[0]], [*lavoratori, totals[1]], strict=True)
    ):
        values = {"tot": known(workers)}
        for kind, (site, worker) in enumerate(zip(sites, workers, strict=True)):
            values |= {f"u{kind}": site, f"l{kind}": worker}
            values[f"pu{kind}"] = share(site, totals[0][kind])
            values[f"pl{kind}"] = share(worker, totals[1][kind])
        last = number == len(unita)
        cells = tuple(map(Cella, values.values()))
        rows.append(Riga("TOT" if last else str(number), cells, totale=last))
    return Tabella("crisi", "Crisi", tuple(map(colonna, values)), tuple(rows), "fonte")


def share(part: int | None, whole: int) -> Decimal | None:
    return None if part is None or not whole else Decimal(100 * part) / whole


def una_colonna(*unita: int, nome: str = "unita") -> Tabella:
    """A table of sites alone, of one kind, with its total."""
    rows = [Riga(str(row), (Cella(value),)) for row, value in enumerate(unita)]
    rows.append(Riga("TOT", (Cella(sum(unita)),), totale=True))
    return Tabella(nome, "Unità", (colonna("u0"),), tuple(rows), "fonte")


def con_nascoste(tabella: Tabella, places: set[tuple[int, str]]) -> Tabella:
    rows = tuple(
        replace(
            row,
            celle=tuple(
                Cella(soppressa=True) if (number, column.chiave) in places else cell
                for cell, column in zip(row.celle, tabella.colonne, strict=True)
            ),
        )
        for number, row in enumerate(tabella.righe)
    )
    return replace(tabella, righe=rows)


def cell(tabella: Tabella, row: int, column: str) -> Cella:
    return tabella.righe[row].celle[tabella.posizione(column)]


def shown(tabella: Tabella) -> list[str]:
    """Each row, a star for what is hidden."""
    return [" ".join(each.show(Forma.NUMERO) for each in row.celle) for row in tabella.righe]


# --- What is hidden -------------------------------------------------------------------------------
def test_a_small_cell_is_hidden_with_all_that_tells_of_it():
    table = tavola(
        [[9, 1, 20], [6, 4, 15], [5, 8, 30], [4, 9, 12]],
        [[400, 59, 600], [70, 75, 400], [250, 100, 183], [353, 90, 94]],
    )
    found = sopprimi(table, MARGINI, SOGLIE)
    for column in ("u1", "l1", "pu1", "pl1"):
        assert cell(found, 0, column) == Cella(soppressa=True)
    assert ricavabili(found, MARGINI, SOGLIE) == []


@pytest.mark.parametrize(("unita", "lavoratori", "hidden"), [
    (2, 80, True), (3, 4, True), (3, 5, False), (3, 0, False), (1, None, True), (0, 0, False),
])  # fmt: skip
def test_fewer_than_three_sites_or_five_workers_is_few(unita, lavoratori, hidden):
    table = tavola(
        [[unita, 9], [8, 7], [9, 9], [7, 8]], [[lavoratori, 99], [88, 77], [91, 95], [70, 85]]
    )
    found = sopprimi(table, margini(2), SOGLIE)
    assert cell(found, 0, "u0").soppressa is hidden
    assert cell(found, 0, "l0").soppressa is hidden


def test_what_need_not_be_hidden_is_left_as_it_is():
    table = tavola([[9, 8, 7]] * 3, [[90, 80, 70]] * 3)
    assert sopprimi(table, MARGINI, SOGLIE) == table


def test_thresholds_come_from_the_settings(settings):
    table = tavola([[9, 2, 7]] * 4, [[90, 80, 70]] * 4)
    assert sopprimi(table, MARGINI) != table
    settings.REPORT_SOGLIA_UNITA, settings.REPORT_SOGLIA_LAVORATORI = 2, 5
    assert sopprimi(table, MARGINI) == table


def test_a_total_of_few_sites_is_hidden_though_it_has_many_workers():
    table = tavola(
        [[1, 1, 0], [9, 8, 7], [9, 9, 9], [6, 7, 8]],
        [[40, 50, 0], [90, 80, 70], [95, 85, 75], [60, 70, 80]],
    )
    assert cell(sopprimi(table, MARGINI, SOGLIE), 0, "tot").soppressa


def test_zero_is_never_hidden_nor_used_to_hide():
    found = sopprimi(una_colonna(1, 0, 0, 0, 9), UNITA, SOGLIE)
    assert shown(found) == ["*", "0", "0", "0", "*", "10"]


def test_a_cell_alone_in_its_column_takes_the_total_with_it():
    found = sopprimi(una_colonna(2, 0, 0), UNITA, SOGLIE)
    assert shown(found) == ["*", "0", "0", "*"]


def test_shares_of_a_hidden_total_are_hidden_in_every_row():
    table = tavola([[2, 9], [0, 8], [0, 7]], [[50, 90], [0, 80], [0, 70]])
    found = sopprimi(table, margini(2), SOGLIE)
    assert [cell(found, row, "u0").soppressa for row in range(4)] == [True, False, False, True]
    assert all(cell(found, row, "pu0").soppressa for row in range(4))
    assert all(cell(found, row, "pl0").soppressa for row in range(4))


def test_ones_that_add_up_to_their_number_are_not_safe_together():
    """Four cells that are not zero and add up to four are one each."""
    found = sopprimi(una_colonna(1, 1, 1, 1, 3, 20, 30), UNITA, SOGLIE)
    assert shown(found) == ["*", "*", "*", "*", "*", "20", "30", "57"]


def test_the_smallest_cells_are_lost():
    found = sopprimi(una_colonna(2, 40, 5, 30), UNITA, SOGLIE)
    assert shown(found) == ["*", "40", "*", "30", "77"]


def test_a_blank_is_left_blank_and_adds_nothing():
    table = tavola([[5, None], [1, 9], [7, 8], [6, 7]], [[50, None], [9, 99], [77, 88], [66, 70]])
    found = sopprimi(table, margini(2), SOGLIE)
    assert cell(found, 0, "u1") == Cella() == cell(found, 0, "l1")
    assert cell(found, 1, "l0").soppressa
    assert ricavabili(found, margini(2), SOGLIE) == []


def test_a_table_whose_sums_are_not_right_hides_every_count():
    table = una_colonna(1, 7, 9)
    wrong = replace(table.righe[-1], celle=(Cella(18),))
    table = replace(table, righe=(*table.righe[:-1], wrong))
    found = sopprimi(table, UNITA, SOGLIE)
    assert shown(found) == ["*"] * 4
    assert "non si è potuto garantire" in found.note[-1]
    larger = replace(table, righe=tuple(row for row in table.righe if row.chiave != "0"))
    assert sopprimi(larger, UNITA, SOGLIE) == larger  # nothing in it is small


def test_a_table_without_rows_or_without_totals():
    empty = replace(una_colonna(), righe=())
    assert sopprimi(empty, UNITA, SOGLIE) == empty
    table = una_colonna(1, 7, 9)
    assert shown(sopprimi(replace(table, righe=table.righe[:-1]), UNITA, SOGLIE)) == ["*", "7", "9"]


def test_a_note_says_why_and_by_which_threshold():
    note = sopprimi(una_colonna(1, 7, 9), UNITA, Soglie(4, 6)).note[-1]
    assert note.startswith("* Cella nascosta")
    assert "meno di 4 unità" in note
    assert "meno di 6 lavoratori" in note


def test_a_count_that_is_not_whole_is_refused():
    table = una_colonna(1, 7)
    odd = replace(table.righe[0], celle=(Cella(Decimal("1.5")),))
    with pytest.raises(ValueError, match=r"1\.5"):
        sopprimi(replace(table, righe=(odd, *table.righe[1:])), UNITA, SOGLIE)


def test_nearly_the_same_number_in_another_table_is_hidden_with_it():
    found = sopprimi_insieme(
        [una_colonna(1, 4, 30, 31), una_colonna(9, 5, 40, 41)], UNITA, soglie=SOGLIE
    )
    assert shown(found[0]) == ["*", "*", "30", "31", "66"]
    # Nine does not tell of one, five tells of four; then five takes another with it.
    assert shown(found[1]) == ["*", "*", "40", "41", "95"]
    found = sopprimi_insieme(
        [una_colonna(1, 4, 30, 31), una_colonna(9, 15, 40, 41)], UNITA, soglie=SOGLIE
    )
    assert shown(found[1]) == ["9", "15", "40", "41", "105"]


def test_only_the_larger_table_hides_what_the_smaller_one_would_tell_of_it():
    """One site began earlier and still runs; how many ran in all would say so."""
    found = sopprimi_insieme([una_colonna(0, 9, 8), una_colonna(1, 9, 8)], UNITA, [(0, 1)], SOGLIE)
    assert shown(found[0]) == ["0", "9", "8", "17"]
    assert found[1].righe[0].celle[0].soppressa
    assert found[1].righe[-1].celle[0].soppressa


# --- Of how many sites a number is ----------------------------------------------------------------
def con_dichiaranti(tabella: Tabella, sites: dict[tuple[int, str], int]) -> Tabella:
    """A table of which all numbers of workers are of many sites, but for some."""
    rows = tuple(
        replace(
            row,
            celle=tuple(
                replace(cell, dichiaranti=sites.get((number, column.chiave), 9))
                if column.chiave[0] in "lt"
                else cell
                for cell, column in zip(row.celle, tabella.colonne, strict=True)
            ),
        )
        for number, row in enumerate(tabella.righe)
    )
    return replace(tabella, righe=rows)


@pytest.mark.parametrize(("told", "hidden"), [(1, True), (2, True), (3, False), (9, False)])
def test_workers_that_few_sites_tell_are_few_however_many_sites_there_are(told, hidden):
    table = tavola([[9, 8], [8, 7], [9, 9]], [[90, 80], [88, 77], [91, 95]])
    table = con_dichiaranti(table, {(0, "l0"): told})
    found = sopprimi(table, margini(2), SOGLIE)
    assert [cell(found, 0, column).soppressa for column in ("u0", "l0", "pl0")] == [hidden] * 3
    assert (("0", "l0", Motivo.SCOPERTA) in motivi(table, margini(2))) is hidden
    assert ricavabili(found, margini(2), SOGLIE) == []
    assert all(each.dichiaranti is None for row in found.righe for each in row.celle
               if each.soppressa)  # fmt: skip


def test_a_total_that_few_sites_tell_is_few():
    table = tavola([[9, 8], [8, 7], [9, 9]], [[90, None], [88, 77], [91, 95]])
    table = con_dichiaranti(table, {(0, "tot"): 2})
    assert cell(sopprimi(table, margini(2), SOGLIE), 0, "tot").soppressa
    assert ("0", "tot", Motivo.SCOPERTA) in motivi(table, margini(2))


def test_a_zero_that_few_sites_tell_is_theirs():
    table = tavola([[9, 8], [8, 7], [9, 9]], [[0, 80], [88, 77], [91, 95]])
    workers = workers_only(2)
    assert not cell(sopprimi(con_dichiaranti(table, {}), workers, SOGLIE), 0, "l0").soppressa
    told = con_dichiaranti(table, {(0, "l0"): 1})
    assert ("0", "l0", Motivo.SCOPERTA) in motivi(told, workers)
    found = sopprimi(told, workers, SOGLIE)
    assert cell(found, 0, "l0").soppressa
    assert ricavabili(found, workers, SOGLIE) == []


@pytest.mark.parametrize(("more", "workers", "told", "hidden"), [
    (1, 40, 9, True), (2, 40, 9, True), (3, 40, 9, False), (3, 4, 9, True), (5, 40, 6, False),
    (5, 40, 5, True), (5, 40, 4, True), (0, 0, 3, False),
])  # fmt: skip
def test_what_a_larger_table_has_beyond_the_other_is_not_of_few(more, workers, told, hidden):
    """Both can be seen, so that a reader has the difference of sites, and that of their workers."""
    inner = tavola([[9, 8], [8, 7], [9, 9]], [[90, 80], [88, 77], [91, 95]])
    outer = tavola(
        [[9 + more, 18], [18, 17], [19, 19]], [[90 + workers, 180], [188, 177], [191, 195]]
    )
    three = {(row, column): 3 for row in range(4) for column in ("l0", "l1", "tot")}
    inner, outer = con_dichiaranti(inner, three), con_dichiaranti(outer, {(0, "l0"): told})
    seen = ricavabili_insieme(inner, outer, margini(2), SOGLIE)
    expected = {("0", "l0"), ("0", "u0")} if hidden else set()
    assert {(each.riga, each.colonna) for each in seen} == expected
    assert {each.motivo for each in seen} <= {Motivo.DIFFERENZA}
    found = sopprimi_insieme([inner, outer], margini(2), [(0, 1)], SOGLIE)
    assert cell(found[1], 0, "l0").soppressa is hidden
    assert found[0] == inner
    assert ricavabili_insieme(*found, margini(2), SOGLIE) == []


PASSI = Margini(
    (Gruppo(lavoratori=("l0",), quote=("pl0",)), Gruppo(lavoratori=("l1",))),
    totale="tot", quote=("pl0",), resto="l1",
)  # fmt: skip


def passi(*righe: tuple[int, int | None, int]) -> Tabella:
    """Rows of one step, the rest and their total, without totals."""
    columns = tuple(map(colonna, ("l0", "l1", "tot", "pl0")))
    rows = [Riga(str(number), (*map(Cella, row), Cella())) for number, row in enumerate(righe)]
    return Tabella("passi", "Passi", columns, tuple(rows), "fonte")


def test_a_row_whose_rest_is_not_known_adds_up_to_nothing():
    """Its numbers are of other sites each: the sum is not right, and no other need be hidden."""
    found = sopprimi(passi((4, None, 90), (40, 50, 90)), PASSI, SOGLIE)
    assert [text.rsplit(" ", 1)[0] for text in shown(found)] == ["* n.d. 90", "40 50 90"]
    assert ricavabili(found, PASSI, SOGLIE) == []
    known_ = sopprimi(passi((4, 86, 90), (40, 50, 90)), PASSI, SOGLIE)
    assert [text.rsplit(" ", 1)[0] for text in shown(known_)] == ["* * 90", "40 50 90"]
    hidden = con_nascoste(passi((4, 86, 90)), {(0, "l0")})
    assert motivi(hidden, PASSI) == {("0", "l0", Motivo.CALCOLABILE)}


@pytest.mark.parametrize(("step", "both", "whole", "hidden"), [
    (9, 9, 9, False), (9, 2, 9, True), (9, 3, 9, False), (9, 8, 12, True), (12, 8, 9, True),
    (3, 3, 9, False), (9, 6, 9, False),
])  # fmt: skip
def test_a_share_does_not_tell_of_few_sites(step, both, whole, hidden):
    """Neither of those that tell both its numbers, nor of those that tell one of them alone."""
    sites = {"l0": step, "l1": 9, "tot": whole, "pl0": both}
    table = passi((40, None, 90))
    cells = (
        replace(each, dichiaranti=sites[column.chiave])
        for each, column in zip(table.righe[0].celle, table.colonne, strict=True)
    )
    row = replace(table.righe[0], celle=tuple(cells))
    place = table.posizione("pl0")
    row = replace(row, celle=(*row.celle[:place], replace(row.celle[place], valore=Decimal(44))))
    table = replace(table, righe=(row,))
    assert (("0", "pl0", Motivo.SCOPERTA) in motivi(table, PASSI)) is hidden
    found = sopprimi(table, PASSI, SOGLIE)
    assert [each.soppressa for each in found.righe[0].celle] == [False] * 3 + [hidden]
    assert ricavabili(found, PASSI, SOGLIE) == []


# --- For all tables -------------------------------------------------------------------------------
cells = st.one_of(st.just((0, 0)), st.tuples(st.integers(1, 30), st.integers(0, 400) | st.none()))
tables = st.lists(
    st.lists(cells, min_size=3, max_size=3), min_size=12, max_size=12
).map(lambda rows: tavola(
    [[sites for sites, _ in row] for row in rows], [[workers for _, workers in row] for row in rows]
))  # fmt: skip


@given(tables)
@settings(deadline=None, max_examples=60)
def test_whatever_the_table_nothing_small_is_seen_or_computed_back(table):
    found = sopprimi(table, MARGINI, SOGLIE)
    assert ricavabili(found, MARGINI, SOGLIE) == []
    assert not any("non si è potuto garantire" in note for note in found.note)
    for row, (before, after) in enumerate(zip(table.righe, found.righe, strict=True)):
        for kind in KINDS:
            sites, workers = (cell(table, row, f"{what}{kind}").valore for what in "ul")
            if 0 < sites < 3 or 0 < (workers or 0) < 5:
                assert cell(found, row, f"u{kind}").soppressa
                assert cell(found, row, f"l{kind}").soppressa
        for was, now in zip(before.celle, after.celle, strict=True):
            assert now in (was, Cella(soppressa=True))
    assert sopprimi(table, MARGINI, SOGLIE) == found


@given(tables, tables)
@settings(deadline=None, max_examples=25)
def test_nor_from_a_table_within_it(dentro, oltre):
    """What began in the year is within what ran in it."""
    grids = [Griglia.of(table, MARGINI) for table in (dentro, oltre)]
    both = [
        [
            [
                grids[0].numeri[f"{what}{kind}"][row] + grids[1].numeri[f"{what}{kind}"][row]
                for kind in KINDS
            ]
            for row in range(12)
        ]
        for what in "ul"
    ]
    found = sopprimi_insieme([dentro, tavola(*both)], MARGINI, [(0, 1)], SOGLIE)
    assert ricavabili(found[0], MARGINI, SOGLIE) == []
    assert ricavabili(found[1], MARGINI, SOGLIE) == []
    assert ricavabili_insieme(*found, MARGINI, SOGLIE) == []
    assert not any("non si è potuto garantire" in note for table in found for note in table.note)


# --- The auditor against all possible numbers -----------------------------------------------------
def possible(table: Tabella, kinds: int, minimo: int) -> Iterator[dict[tuple[int, str], int]]:
    """Every way to fill the hidden cells of a table of workers whose grand total can be seen."""
    rows, columns = len(table.righe) - 1, [f"l{kind}" for kind in range(kinds)]
    body = [(row, column) for row in range(rows) for column in columns]
    grand = cell(table, rows, "tot").valore

    def fill(place: int, chosen: dict[tuple[int, str], int], rest: int):
        if place == len(body):
            if rest == 0:
                yield chosen
            return
        row, column = body[place]
        seen = cell(table, row, column)
        tried = range(minimo, rest + 1) if seen.soppressa else [seen.valore or 0]
        for value in tried:
            if value <= rest:
                yield from fill(place + 1, chosen | {body[place]: value}, rest - value)

    for filled in fill(0, {}, grand):
        whole = filled | {
            (row, "tot"): sum(filled[row, column] for column in columns) for row in range(rows)
        }
        whole |= {
            (rows, column): sum(filled[row, column] for row in range(rows)) for column in columns
        }
        whole[rows, "tot"] = grand
        if all(
            cell(table, row, column).soppressa or cell(table, row, column).valore == value
            for (row, column), value in whole.items()
        ):
            yield whole


def workers_only(kinds: int) -> Margini:
    return Margini(tuple(Gruppo("", (f"l{kind}",)) for kind in range(kinds)), "tot")


@st.composite
def small(draw, rows: int, kinds: int = 3):
    """A small table of workers in which any cells are hidden, but not the grand total."""
    numbers = draw(
        st.lists(
            st.lists(st.integers(0, 3), min_size=kinds, max_size=kinds),
            min_size=rows,
            max_size=rows,
        )
    )
    places = [
        (row, column)
        for row in range(rows + 1)
        for column in (*(f"l{kind}" for kind in range(kinds)), "tot")
        if (row, column) != (rows, "tot")
    ]
    hidden = draw(st.lists(st.sampled_from(places), unique=True, max_size=9))
    return con_nascoste(tavola(numbers, numbers), set(hidden))


@pytest.mark.parametrize("rows", [2, 3])
def test_the_bounds_of_the_auditor_are_those_of_all_tables_there_can_be(rows):
    @given(small(rows))
    @settings(deadline=None, max_examples=60)
    def agree(table):
        grid = Griglia.of(table, workers_only(3))
        ways = list(possible(table, 3, 0))
        assert ways
        expected = {
            place: (min(way[place] for way in ways), max(way[place] for way in ways))
            for place in grid.nascosti
        }
        assert intervalli(grid) == expected

    agree()


@given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.data())
@settings(deadline=None, max_examples=60)
def test_hidden_sites_are_one_at_least(unita, data):
    hidden = data.draw(st.sets(st.integers(0, len(unita) - 1), min_size=1))
    table = con_nascoste(una_colonna(*unita), {(row, "u0") for row in hidden})
    grid, total = Griglia.of(table, UNITA), sum(unita[row] for row in hidden)
    ways = [way for way in product(range(1, total + 1), repeat=len(hidden)) if sum(way) == total]
    bounds = (min(way[0] for way in ways), max(way[0] for way in ways))
    assert intervalli(grid) == {(row, "u0"): bounds for row in hidden}


def test_without_a_total_a_number_has_no_bound():
    table = con_nascoste(una_colonna(4, 5), {(0, "u0"), (2, "u0")})
    assert intervalli(Griglia.of(table, UNITA)) == {(0, "u0"): (1, None), (2, "u0"): (6, None)}


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=3, max_size=4),
)
@settings(deadline=None, max_examples=60)
def test_a_table_and_one_within_it_leave_as_many_possible_numbers_as_the_threshold(pairs):
    """All pairs of tables that there can be, tried: nothing hidden has fewer values than three."""
    inner, outer = [small for small, _ in pairs], [small + more for small, more in pairs]
    found = sopprimi_insieme([una_colonna(*inner), una_colonna(*outer)], UNITA, [(0, 1)], SOGLIE)
    open_total = any(table.righe[-1].celle[0].soppressa for table in found)
    if open_total:  # no bound: nothing to count
        return
    limits = [
        [
            range(1, total + 1) if row.celle[0].soppressa else [row.celle[0].valore]
            for row in table.righe[:-1]
        ]
        for table, total in zip(found, (sum(inner), sum(outer)), strict=True)
    ]
    within = [way for way in product(*limits[0]) if sum(way) == sum(inner)]
    ways = [
        (way, other)
        for other in product(*limits[1])
        if sum(other) == sum(outer)
        for way in within
        if all(one <= two for one, two in zip(way, other, strict=True))
    ]
    for place, table in enumerate(found):
        for row, each in enumerate(table.righe[:-1]):
            if each.celle[0].soppressa:
                assert len({way[place][row] for way in ways}) >= 3


# --- What the auditor tells of --------------------------------------------------------------------
def motivi(tabella: Tabella, margini: Margini = MARGINI) -> set[tuple[str, str, Motivo]]:
    return {(each.riga, each.colonna, each.motivo) for each in ricavabili(tabella, margini, SOGLIE)}


def test_one_hidden_cell_is_its_total_less_the_others():
    table = con_nascoste(una_colonna(2, 7, 9), {(0, "u0")})
    (found,) = ricavabili(table, UNITA, SOGLIE)
    assert (found.riga, found.colonna, found.motivo) == ("0", "u0", Motivo.CALCOLABILE)
    assert (found.minimo, found.massimo) == (2, 2)


def test_a_small_cell_that_can_be_seen():
    assert motivi(una_colonna(2, 7, 9), UNITA) == {("0", "u0", Motivo.SCOPERTA)}


def test_shares_and_counts_beside_what_is_hidden():
    table = tavola([[5, 6, 7]] * 3, [[50, 60, 70]] * 3)
    everywhere = {(row, column) for row in (0, 1) for column in ("u0", "l0", "u1", "l1")}
    shares = {(row, column) for row in (0, 1) for column in ("pu0", "pl0", "pu1", "pl1")}
    assert motivi(con_nascoste(table, everywhere | shares)) == set()
    partly = con_nascoste(table, (everywhere | shares) - {(0, "pl0"), (1, "u1")})
    assert ("0", "pl0", Motivo.ACCANTO) in motivi(partly)
    assert ("1", "u1", Motivo.ACCANTO) in motivi(partly)


def test_a_share_of_a_hidden_total_gives_it_back():
    table = con_nascoste(tavola([[9], [8]], [[90], [80]]), {(2, "u0"), (2, "l0"), (2, "tot")})
    found = motivi(table, margini(1))
    assert {("0", "pu0", Motivo.TOTALE), ("1", "pl0", Motivo.TOTALE)} <= found


def test_sums_that_cannot_be_right_prove_nothing():
    table = con_nascoste(una_colonna(9, 7, 9), {(0, "u0")})
    wrong = replace(table.righe[-1], celle=(Cella(12),))
    broken = replace(table, righe=(*table.righe[:-1], wrong))
    assert motivi(broken, UNITA) == {("0", "u0", Motivo.INCOERENTE)}


def test_a_table_within_tells_what_its_own_sums_do_not():
    """One more ran than began: of the cell where none began, that is all there is."""
    inner = con_nascoste(una_colonna(0, 3, 1, 4), {(1, "u0"), (2, "u0"), (3, "u0")})
    outer = con_nascoste(una_colonna(1, 3, 1, 4), {(row, "u0") for row in range(4)})
    assert ricavabili(inner, UNITA, SOGLIE) == ricavabili(outer, UNITA, SOGLIE) == []
    total, found = ricavabili_insieme(inner, outer, UNITA, SOGLIE)
    assert (found.riga, found.minimo, found.massimo) == ("0", 1, 1)
    assert (total.riga, total.motivo) == ("TOT", Motivo.DIFFERENZA)


def test_what_is_hidden_within_is_hidden_in_the_larger_table():
    inner = con_nascoste(una_colonna(5, 5, 9), {(0, "u0"), (1, "u0")})
    found = ricavabili_insieme(inner, una_colonna(6, 7, 9), UNITA, SOGLIE)
    assert {(each.riga, each.motivo) for each in found} == {
        ("0", Motivo.CONTENUTA),
        ("1", Motivo.CONTENUTA),
    }


def test_tables_of_other_rows_are_not_hidden_together():
    with pytest.raises(ValueError, match="righe diverse"):
        sopprimi_insieme([una_colonna(1, 2), una_colonna(1, 2, 3)], UNITA, soglie=SOGLIE)


# --- Documents ------------------------------------------------------------------------------------
@pytest.fixture
def slug():
    dichiara("prova-pubblica", {"unita": UNITA, "oltre": UNITA}, [("unita", "oltre")])
    return "prova-pubblica"


def documento(slug: str, *tabelle: Tabella, **fields: object) -> Documento:
    values = {"pubblico": True} | fields
    indicators = values.pop("indicatori", ())
    chapter = Capitolo("Uno", indicatori=indicators, tabelle=tabelle)
    return Documento(slug, "Prova", "2025", "anno 2025", date(2025, 12, 31), (chapter,), **values)


def test_a_document_that_hides_well_has_no_warning(slug):
    assert avvisi_soppressione(documento(slug, sopprimi(una_colonna(1, 7, 9), UNITA, SOGLIE))) == ()


def test_a_warning_says_the_place_and_no_number(slug):
    (found,) = avvisi_soppressione(documento(slug, una_colonna(1, 7, 9)))
    assert (found.codice, found.gravita, found.dove) == ("R142", "errore", "Unità")
    assert found.testo == "La cella «u0», riga «0», è piccola e non è nascosta."
    hidden = con_nascoste(una_colonna(2, 7, 9), {(0, "u0")})
    (found,) = avvisi_soppressione(documento(slug, hidden))
    assert found.codice == "R141"
    assert found.testo == "La cella «u0», riga «0», è nascosta, ma si ricava dalle altre."


def test_the_pairs_that_were_declared_are_checked(slug):
    inner = con_nascoste(una_colonna(5, 5, 9), {(0, "u0"), (1, "u0")})
    found = avvisi_soppressione(documento(slug, inner, una_colonna(6, 7, 9, nome="oltre")))
    assert [each.codice for each in found] == ["R141", "R141"]


def test_what_is_not_public_may_show_small_cells(slug):
    assert avvisi_soppressione(documento(slug, una_colonna(1, 7, 9), pubblico=False)) == ()


def test_a_report_that_declares_nothing_has_nothing_checked():
    assert dichiarazione("mai-dichiarato").margini == {}
    assert avvisi_soppressione(documento("mai-dichiarato", una_colonna(1, 7, 9))) == ()


def test_a_figure_made_of_a_hidden_one_is_covered_and_told_of(slug):
    secret, other = "crisi_unita(periodo=2025,provincia=SO)", "crisi_unita(periodo=2024)"
    hidden = Tabella(
        "altra",
        "Altra",
        (colonna("u0"),),
        (Riga("0", (Cella(soppressa=True, cifra=secret),)),),
        "f",
    )
    derived = f"differenza({secret},{other})"
    beside = Tabella(
        "confronto",
        "Confronto",
        (colonna("u0"), colonna("u1")),
        (Riga("0", (Cella(3, cifra=derived), Cella(5, cifra=other))),),
        "f",
    )
    single = Indicatore("n", "Numero", Cella(2, cifra=secret), Forma.NUMERO)
    found = avvisi_soppressione(documento(slug, hidden, beside, indicatori=(single,)))
    assert [(each.codice, each.dove) for each in found] == [("R142", "Uno"), ("R142", "Confronto")]
    assert cifre_nascoste(hidden) == {parse(secret)}
    covered = copri(beside, cifre_nascoste(hidden))
    assert covered.righe[0].celle == (Cella(soppressa=True, cifra=derived), Cella(5, cifra=other))
    assert copri(beside, set()) == beside
    assert avvisi_soppressione(documento(slug, hidden, covered)) == ()


# --- Speed ----------------------------------------------------------------------------------------
def test_a_table_of_twelve_provinces_takes_less_than_fifty_milliseconds():
    numbers = [[(7 * row + 5 * kind) % 13 for kind in KINDS] for row in range(12)]
    table = tavola(numbers, [[11 * value for value in row] for row in numbers])
    times = []
    for _ in range(5):
        start = perf_counter()
        sopprimi(table, MARGINI, SOGLIE)
        times.append(perf_counter() - start)
    assert min(times) < 0.05
