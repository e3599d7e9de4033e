"""The table calculated from procedures: by hand, across years, without examples and withdrawn."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crisi.models import Procedura
from crisi.selection import SIGLE, TIPI
from porfse.figures import FigureError, Unit, Value, evaluate, leaf, source_of
from porfse.periods import Periodo
from tests.crisi.test_tavola_pubblicata import shown
from tests.factories.crisi import make_nucleo, make_procedura, make_unita

pytestmark = pytest.mark.django_db


def worth(name: str, **params: object) -> Value:
    asked = leaf(f"crisi_{name}", **params)
    return evaluate([asked])[asked]


@pytest.fixture
def cases():
    """Two sites of a procedure over the end of 2024; others of 2025, one of which ended at once."""
    over = make_procedura("CIGS_MIN", data_avvio=date(2024, 12, 31), data_fine=date(2025, 3, 31))
    make_unita("BG", 100, procedura=over)
    make_unita("MI", 50, procedura=over)
    make_unita("BG", 25, data_avvio=date(2025, 1, 1))  # still in corso
    make_unita("MI", None, data_avvio=date(2025, 2, 28))
    make_unita("MI", 15, tipo="CIGS_REG", data_avvio=date(2025, 4, 1), data_fine=date(2025, 4, 1))
    make_unita("LO", None, tipo="LIC", data_avvio=date(2025, 12, 31), data_fine=date(2026, 1, 1))


def row(response, sigla: str, fonte: str = "calcolata") -> list[str]:
    return next(found[1:] for found in shown(response, fonte) if found[0] == sigla)


def test_avviate_in_the_year(lettore, cases):
    page = lettore.get("/crisi/?periodo=2025&fonte=calcolata")
    assert row(page, "BG") == [
        *("1", "50,0", "25", "100,0"),
        *("0", "0,0", "0", "0,0"),
        *("0", "0,0", "0", ""),  # of a total that is not known there is no share
        "25",
    ]
    assert row(page, "MI") == [
        *("1", "50,0", "", ""),  # the only site does not declare its workers
        *("1", "100,0", "15", "100,0"),
        *("0", "0,0", "0", ""),
        "15",
    ]
    assert row(page, "LO") == [
        *("0", "0,0", "0", "0,0", "0", "0,0", "0", "0,0"),
        *("1", "100,0", "", ""),
        "",
    ]
    assert row(page, "TOT") == [
        *("2", "100,00", "25", "100,00"),
        *("1", "100,00", "15", "100,00"),
        *("1", "100,00", "", ""),
        "40",
    ]


def test_in_corso_in_the_year_holds_what_began_before(lettore, cases):
    page = lettore.get("/crisi/?periodo=2025&fonte=calcolata&criterio=in_corso")
    assert row(page, "BG")[:4] == ["2", "50,0", "125", "71,4"]
    assert row(page, "MI")[:4] == ["2", "50,0", "50", "28,6"]
    assert row(page, "TOT") == [
        *("4", "100,00", "175", "100,00"),
        *("1", "100,00", "15", "100,00"),
        *("1", "100,00", "", ""),
        "190",
    ]


@pytest.mark.parametrize(
    ("periodo", "criterio", "units", "workers"),
    [
        ("2024", "avviate", 2, 150),
        ("2024-T4", "in_corso", 2, 150),
        ("2024-B5", "in_corso", 0, 0),
        ("2025-T1", "avviate", 2, 25),
        ("2025-T1", "in_corso", 4, 175),
        ("2025-B2", "avviate", 1, 15),
        ("2025-B2", "in_corso", 5, 190),  # of 31 March, and of 1 April
        ("2025-T2", "in_corso", 3, 40),
        ("2025-T3", "in_corso", 2, 25),
        ("2025-T3", "avviate", 0, 0),
        ("2026", "in_corso", 3, 25),  # one ended on 1 January 2026
        ("2026-B2", "in_corso", 2, 25),
        ("2026-B1", "avviate", 0, 0),
    ],
)
def test_periods(cases, periodo, criterio, units, workers):
    assert worth("unita", periodo=periodo, criterio=criterio).amount == units
    assert worth("lavoratori", periodo=periodo, criterio=criterio).amount == workers


@pytest.mark.parametrize("criterio", ["avviate", "in_corso"])
@pytest.mark.parametrize("periodo", ["2024", "2025", "2025-T1", "2025-T4", "2025-B2", "2026"])
def test_the_summary_counts_as_the_procedures_do(cases, periodo, criterio):
    rows = Procedura.objects
    asked = rows.started_in if criterio == "avviate" else rows.running_in
    sites = [unit for found in asked(Periodo.parse(periodo)) for unit in found.unita.all()]
    assert worth("unita", periodo=periodo, criterio=criterio).amount == len(sites)


def test_a_cell_where_nobody_declares_workers_is_not_known(cases):
    value = worth("lavoratori", periodo=2025, provincia="LO", tipo="LIC")
    assert (value.amount, value.missing) == (None, "lavoratori non noti")
    assert worth("lavoratori", periodo=2025, provincia="MI").amount == 15
    assert worth("non_noti", periodo=2025).amount == 2
    assert worth("lavoratori", periodo=2025, provincia="SO") == Value(Decimal(0), Unit.PERSONE)


def test_the_page_says_how_many_units_do_not_declare_workers(lettore, cases):
    page = lettore.get("/crisi/?periodo=2025&fonte=calcolata").content.decode()
    first, notes = page.split("Unità che non dichiarano i lavoratori")[1:]
    assert ">2</a>." in first
    notes = notes.partition("</details>")[0]
    assert notes.count("<li>") == 2
    assert "Milano, CIGS ministeriali: <a" in notes
    assert "Lodi, licenziamenti collettivi: <a" in notes


def test_examples_and_withdrawn_procedures_never_enter(lettore, cases):
    before = shown(lettore.get("/crisi/?periodo=2025&fonte=calcolata"), "calcolata")
    make_unita("BG", 7, data_avvio=date(2025, 5, 5), esempio=True)
    make_unita("BG", 7, data_avvio=date(2025, 5, 5), stato="ritirata")
    assert shown(lettore.get("/crisi/?periodo=2025&fonte=calcolata"), "calcolata") == before
    page = lettore.get("/crisi/?periodo=2025&fonte=esempio")
    assert row(page, "BG", "esempio")[:2] == ["1 (esempio)", "100,0 (esempio)"]
    assert "Questa pagina contiene dati di esempio" in page.content.decode()


def test_there_are_no_examples_outside_the_demonstration(lettore, settings):
    make_unita("BG", 7, data_avvio=date(2025, 5, 5), esempio=True)
    settings.DEMO = False
    assert lettore.get("/crisi/?periodo=2025&fonte=esempio").status_code == 400
    with pytest.raises(FigureError, match="«esempio»"):
        worth("unita", periodo=2025, fonte="esempio")
    assert "esempio" not in lettore.get("/crisi/?periodo=2025").content.decode()


def test_a_nucleo_reads_the_totals_of_the_region(client, lettore, cases):
    client.force_login(make_nucleo("SO"), backend="porfse.accounts.RoleBackend")
    url = "/crisi/?periodo=2025&fonte=calcolata&criterio=in_corso"
    assert shown(client.get(url), "calcolata") == shown(lettore.get(url), "calcolata")


@pytest.mark.parametrize("criterio", ["avviate", "in_corso"])
@pytest.mark.parametrize("place", [{}, {"provincia": "MI"}, {"tipo": "CIGS_MIN"}])
@pytest.mark.parametrize("what", ["unita", "lavoratori", "non_noti"])
def test_the_rows_add_up_to_the_figure(cases, criterio, place, what):
    asked = leaf(f"crisi_{what}", periodo="2025-T2", criterio=criterio, **place)
    rows = source_of(asked).rows(asked)
    added = sum(getattr(found.record, f"contati_{what}") for found in rows.table.rows)
    assert added == rows.total == evaluate([asked])[asked].amount


def test_any_number_of_figures_costs_one_query_for_each_source(cases):
    asked = [
        leaf(f"crisi_{what}", periodo=periodo, fonte=fonte, provincia=sigla, tipo=tipo)
        for fonte in ("pubblicata", "calcolata", "esempio")
        for periodo in (2024, 2025)
        for what in ("unita", "lavoratori")
        for sigla in (*SIGLE, None)
        for tipo in (*TIPI, None)
    ]
    with CaptureQueriesContext(connection) as queries:
        found = evaluate(asked)
    assert (len(found), len(queries)) == (624, 2)
