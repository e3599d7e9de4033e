"""The sums of a measure: every cut, the examples apart, the lengths of its stretches."""

from datetime import date
from decimal import Decimal

import pytest

from measures import times
from measures.misura import misura_of
from measures.models import SintesiMisura, SintesiTempi
from porfse.figures import Board, FigureError, leaf
from tests.factories.misure import make_domanda, make_voucher, summed

pytestmark = pytest.mark.django_db
BEGUN = date(2020, 4, 1)


def sums(taglio: str, *fields: str, **where: object):
    rows = SintesiMisura.objects.filter(taglio=taglio, **where).order_by(*fields, "stato")
    return list(rows.values_list(*fields, "stato", "numero", "concesso", "liquidato"))


def test_the_whole_is_summed_by_state():
    make_domanda("liquidata", liquidato=Decimal("10000.01"))
    make_domanda("liquidata")
    make_domanda("presentata")
    summed()
    assert sums("") == [
        ("liquidata", 2, Decimal(21000), Decimal("20500.01")),
        ("presentata", 1, 0, 0),
    ]


@pytest.mark.parametrize(
    ("taglio", "field", "expected"),
    [
        ("classe", "classe", [("media", 1), ("micro", 2)]),
        ("gruppo", "gruppo", [("addendum", 2), ("originario", 1)]),
        ("settore", "settore", [("46", 1), ("62", 1), ("n.d.", 1)]),
        ("provincia", "provincia_id", [("BG", 2), ("SO", 1)]),
    ],
)
def test_each_dimension_is_summed_alone(taglio, field, expected):
    make_domanda(dipendenti=9)
    make_domanda(dipendenti=1, ateco="", addendum_covid=False)
    make_domanda(dipendenti=50, ateco="46.9", provincia="SO")
    summed()
    rows = SintesiMisura.objects.filter(taglio=taglio).order_by(field)
    assert list(rows.values_list(field, "numero")) == expected


@pytest.mark.parametrize(
    ("dipendenti", "classe"),
    [
        (9, "micro"),
        (10, "piccola"),
        (49, "piccola"),
        (50, "media"),
        (249, "media"),
        (250, "grande"),
    ],
)
def test_the_bounds_of_the_classes(dipendenti, classe):
    make_domanda(dipendenti=dipendenti)
    summed()
    assert SintesiMisura.objects.get(taglio="classe").classe == classe


def test_dimensions_are_summed_together_where_declared():
    make_domanda(dipendenti=9)
    make_domanda(dipendenti=9, provincia="SO")
    make_domanda(dipendenti=300, addendum_covid=False)
    summed()
    rows = sums("classe+gruppo+provincia", "classe", "gruppo", "provincia_id")
    assert [row[:5] for row in rows] == [
        ("grande", "originario", "BG", "ammessa", 1),
        ("micro", "addendum", "BG", "ammessa", 1),
        ("micro", "addendum", "SO", "ammessa", 1),
    ]


def test_a_rebuild_replaces_the_sums_of_its_measure_alone():
    make_voucher()
    summed("formazione-continua")
    make_domanda()
    summed()
    make_domanda(esempio=True)
    summed()
    assert sums("", "misura", "esempio") == [
        ("formazione-continua", False, "concesso", 1, Decimal(1000), 0),
        ("smart-working", False, "ammessa", 1, Decimal(10500), 0),
        ("smart-working", True, "ammessa", 1, Decimal(10500), 0),
    ]


def test_the_sums_equal_the_rows_in_every_cut():
    for number, state in enumerate(("ammessa", "rinunciata", "liquidata", "presentata")):
        for provincia in ("BG", "MI"):
            make_domanda(state, provincia=provincia, dipendenti=5 * 10**number)
    summed()
    for cut in misura_of("smart-working").cuts():
        rows = SintesiMisura.objects.filter(taglio="+".join(cut))
        assert sum(row.numero for row in rows) == 8, cut
        assert sum(row.concesso for row in rows) == 6 * Decimal(10500), cut


# --- Times ----------------------------------------------------------------------------------------
def day(number: int) -> date:
    return date.fromordinal(BEGUN.toordinal() + number)


def test_times_have_median_and_quartiles():
    for days in (10, 20, 30, 40):
        make_domanda(data_inizio=BEGUN, data_ammissione=day(days))
    make_domanda("rinunciata", data_inizio=BEGUN, data_ammissione=None)
    make_domanda("presentata")
    summed()
    found = SintesiTempi.objects.get(tratto="ammissione")
    assert (found.numero, found.non_noti) == (4, 1)
    quartiles = (found.primo_quartile, found.mediana, found.terzo_quartile)
    assert quartiles == (Decimal("17.5"), Decimal(25), Decimal("32.5"))


def test_payment_is_measured_from_admission_and_from_presentation():
    make_domanda(
        "liquidata", data_inizio=BEGUN, data_ammissione=day(30), data_liquidazione=day(130)
    )
    make_domanda("liquidata", data_inizio=BEGUN, data_ammissione=None, data_liquidazione=day(50))
    summed()
    found = {row.tratto: row for row in SintesiTempi.objects.all()}
    assert (found["pagamento"].mediana, found["pagamento"].non_noti) == (100, 1)
    assert (found["intero"].mediana, found["intero"].non_noti) == (90, 0)


def test_examples_have_their_own_times():
    make_domanda(data_inizio=BEGUN, data_ammissione=day(10))
    make_domanda(data_inizio=BEGUN, data_ammissione=day(80), esempio=True)
    summed()
    board = Board()
    asked = {
        kind: board(times.figures(misura_of("smart-working"), "ammissione", fonte=kind)["mediana"])
        for kind in ("caricata", "esempio")
    }
    board.load()
    values = {kind: (figure.amount, figure.value.example) for kind, figure in asked.items()}
    assert values == {"caricata": (10, False), "esempio": (80, True)}


def test_times_that_nobody_knows_are_not_zero():
    make_domanda(data_ammissione=None)
    summed()
    found = SintesiTempi.objects.get(tratto="ammissione")
    assert (found.numero, found.non_noti, found.mediana) == (0, 1, None)


@pytest.mark.parametrize(
    "params", [{"tratto": "volo"}, {"tratto": "intero", "fonte": "pubblicata"}]
)
def test_a_time_that_is_not_kept_is_refused(params):
    board = Board()
    board(leaf("misura_tempo_mediana", misura="smart-working", **params))
    with pytest.raises(FigureError):
        board.load()
