"""The published tables as data: loaded whole, blanks blank, and adding up."""

from decimal import Decimal

import pytest
from django.core.management import call_command

from crisi.models import DatoPubblicato
from crisi.selection import SIGLE, TIPI
from porfse.figures import FigureError, Unit, Value, evaluate, leaf, source_of
from porfse.figures.sources import label_of

pytestmark = pytest.mark.django_db


def worth(name: str, **params: object) -> Value:
    asked = leaf(f"crisi_{name}", fonte="pubblicata", **params)
    return evaluate([asked])[asked]


def test_blanks_are_the_three_of_the_source():
    blank = DatoPubblicato.objects.exclude(tipo="")
    assert list(blank.filter(unita=None).values_list("anno", "provincia", "tipo")) == [
        (2025, "LO", "CIGS_MIN")
    ]
    assert list(blank.filter(lavoratori=None).values_list("anno", "provincia", "tipo")) == [
        (2024, "CR", "CIGS_REG"),
        (2025, "LO", "CIGS_MIN"),
    ]
    assert not DatoPubblicato.objects.filter(tipo="").exclude(unita=None).exists()


@pytest.mark.parametrize("year", [2024, 2025])
@pytest.mark.parametrize("tipo", TIPI)
@pytest.mark.parametrize("what", ["unita", "lavoratori"])
def test_the_twelve_add_up_to_the_printed_total(year, tipo, what):
    rows = DatoPubblicato.objects.filter(anno=year, tipo=tipo)
    values = dict(rows.values_list("provincia", what))
    assert set(values) == {*SIGLE, None}
    assert sum(values[sigla] or 0 for sigla in SIGLE) == values[None]


@pytest.mark.parametrize("year", [2024, 2025])
def test_the_kinds_add_up_to_the_printed_total_of_each_row(year):
    for sigla in (*SIGLE, None):
        rows = DatoPubblicato.objects.filter(anno=year, provincia=sigla)
        values = dict(rows.values_list("tipo", "lavoratori"))
        assert sum(values[tipo] or 0 for tipo in TIPI) == values[""]


def test_loading_again_changes_nothing():
    before = list(DatoPubblicato.objects.order_by("pk").values_list())
    call_command("seed", quiet=True)
    assert list(DatoPubblicato.objects.order_by("pk").values_list()) == before
    assert len(before) == 2 * 13 * 4


def test_a_blank_is_not_known():
    value = worth("lavoratori", periodo=2024, provincia="CR", tipo="CIGS_REG")
    assert (value.amount, value.missing) == (None, "cella vuota nella fonte")
    assert worth("unita", periodo=2024, provincia="CR", tipo="CIGS_REG").amount == 0


def test_a_blank_by_difference_is_marked_derived():
    value = worth("unita", periodo=2025, provincia="LO", tipo="CIGS_MIN", derivata="si")
    assert value == Value(Decimal(0), Unit.NUMERO, derived=True)
    printed = worth("unita", periodo=2025, provincia="MI", tipo="CIGS_MIN", derivata="si")
    assert printed == Value(Decimal(27), Unit.NUMERO)


def test_by_difference_is_not_known_where_two_are_blank():
    DatoPubblicato.objects.filter(anno=2025, provincia="SO", tipo="CIGS_MIN").update(unita=None)
    asked = {"periodo": 2025, "provincia": "LO", "tipo": "CIGS_MIN", "derivata": "si"}
    assert worth("unita", **asked).amount is None


def test_by_difference_follows_the_printed_numbers():
    DatoPubblicato.objects.filter(anno=2025, provincia="SO", tipo="CIGS_MIN").update(unita=1)
    asked = {"periodo": 2025, "provincia": "LO", "tipo": "CIGS_MIN", "derivata": "si"}
    assert worth("unita", **asked).amount == 1


def test_a_sum_with_a_blank_by_difference_is_circular_and_says_so():
    assert worth("unita", periodo=2025, provincia="tutte", tipo="CIGS_MIN").circular
    whole = worth("unita", periodo=2024, provincia="tutte", tipo="CIGS_MIN")
    assert whole == Value(Decimal(87), Unit.NUMERO)


def test_all_kinds_of_a_place():
    assert worth("lavoratori", periodo=2024, provincia="CR").amount == 447  # printed
    assert worth("unita", periodo=2024, provincia="CR").amount == 9  # added up
    assert worth("unita", periodo=2025, provincia="LO").amount is None  # a part is blank
    assert worth("lavoratori", periodo=2025).amount == 11_800


def test_a_year_without_a_table_is_not_known():
    value = worth("unita", periodo=2023, tipo="LIC")
    assert (value.amount, value.missing) == (None, "anno senza tabella pubblicata")


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("unita", {"periodo": "2025-T1"}, "anno intero"),
        ("unita", {"periodo": 2025, "criterio": "in_corso"}, "non distingue"),
        ("unita", {"periodo": 2025, "provincia": "TO"}, "«TO»"),
        ("unita", {"periodo": 2025, "tipo": "CIGO"}, "«CIGO»"),
        ("unita", {}, "Periodo non valido"),
        ("unita", {"periodo": 2025, "provincia": "LO", "derivata": "si"}, "di un tipo"),
        ("unita", {"periodo": 2025, "derivata": "forse"}, "«forse»"),
        ("non_noti", {"periodo": 2025}, "non dice"),
    ],
)
def test_what_cannot_be_asked_is_refused(name, params, words):
    with pytest.raises(ValueError, match=words):
        worth(name, **params)


@pytest.mark.parametrize(
    "params",
    [
        {"provincia": "MI", "tipo": "LIC"},
        {"provincia": "MI"},
        {"tipo": "LIC"},
        {},
        {"provincia": "tutte", "tipo": "LIC"},
        {"provincia": "LO", "tipo": "CIGS_MIN", "derivata": "si"},
    ],
)
@pytest.mark.parametrize("what", ["unita", "lavoratori"])
def test_the_rows_add_up_to_the_figure(what, params):
    asked = leaf(f"crisi_{what}", fonte="pubblicata", periodo=2025, **params)
    rows = source_of(asked).rows(asked)
    amounts = [getattr(row.record, f"contati_{what}") for row in rows.table.rows]
    value = evaluate([asked])[asked]
    if None in amounts:  # the region's units of all kinds are printed; Lodi's are blank
        assert value.amount is None
    else:
        assert sum(amounts) == value.amount == rows.total
    assert "Il modello di Regione Lombardia" in rows.note


def test_the_label_says_what_and_where_from():
    asked = leaf(
        "crisi_unita",
        fonte="pubblicata",
        periodo=2025,
        provincia="LO",
        tipo="CIGS_MIN",
        derivata="si",
    )
    assert label_of(asked) == (
        "Unità produttive coinvolte, CIGS ministeriali, provincia di Lodi, tabella pubblicata per"
        " l'anno 2025, per differenza dal totale stampato"
    )


def test_only_a_published_cell_is_found_by_difference():
    with pytest.raises(FigureError, match="Solo della tabella pubblicata"):
        evaluate([leaf("crisi_unita", periodo=2025, provincia="tutte")])
