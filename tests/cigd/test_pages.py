"""The pages on payments: what they show, what they cost, whom they let in."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from porfse.models import Flow
from tests.factories.flows import acquired, payment
from tests.factories.pool import recovery
from tests.factories.programme import make_movement
from tests.programme.test_pages import cost, text_of
from tests.programme.test_walk import hold, walk  # noqa: F401

pytestmark = pytest.mark.django_db

MILANO, LODI = "015146", "098031"
# Page, and how many queries it makes: the same for 1 flow and for 3.
COSTS = {
    "/cigd/": 9,
    "/cigd/province/MI/": 7,
    "/cigd/comuni/": 5,
    "/cigd/comuni/?provincia=LO": 6,
    "/cigd/mesi/": 5,
    "/cigd/mesi/?provincia=LO": 6,
    "/cigd/per-flusso/": 5,
    "/cigd/pagamenti/": 4,
    "/cigd/pagamenti/?matricola=0000000001": 5,
    "/cifre/?f=cigd_pagamenti(azione=9.8.1)": 7,
}
FIGURES = [url for url in COSTS if "pagamenti" not in url]


def filled(**options):
    """A flow with a payment in Milano, one of them recovered in part, and one in Lodi."""
    milan = payment(comune_istat=MILANO, importo="1.000,50", ore="10,50")
    lodi = payment(comune_istat=LODI, importo="300,25", mese_competenza="05/2020")
    back = recovery(milan, "-0,25", ore="0,25")
    return acquired([milan, lodi, back], **options)


@pytest.mark.parametrize("url", COSTS)
def test_queries_do_not_grow_with_flows(gestore, url):
    filled()
    assert cost(gestore, url) == COSTS[url] <= 12
    filled()
    filled()
    assert cost(gestore, url) == COSTS[url]


@pytest.mark.parametrize("url", FIGURES)
def test_no_page_sums_payments(gestore, url):
    filled()
    with CaptureQueriesContext(connection) as queries:
        gestore.get(url)
    assert not any("cigd_pagamento" in query["sql"] for query in queries)


@pytest.mark.parametrize("url", FIGURES[:-1])
def test_every_figure_opens_what_makes_it(walk, url):  # noqa: F811
    filled()
    filled()
    assert hold(walk, url)
    assert walk(url).bare == []


@pytest.mark.parametrize("url", [*FIGURES, "/cigd/pagamenti/"])
def test_without_flows_pages_say_so(gestore, url):
    shown = gestore.get(url)
    assert shown.status_code == 200
    if not url.startswith("/cifre/"):
        assert "Nessun flusso acquisito" in text_of(shown)


def test_the_quadro_holds_payments_against_allocations(lettore):
    filled()
    shown = text_of(lettore.get("/cigd/?data=2021-09-30"))
    assert "51.707.979,97 €" in shown
    assert "116.792.020,03 €" in shown
    assert "1.000,25 €" in shown  # Milano less what was recovered: 8.6.1
    assert "300,25 €" in shown  # Lodi: 9.8.1
    assert "51.706.979,72 €" in shown  # what is left of 8.6.1
    assert "oltre il massimale" not in shown
    assert "nostra lettura" in shown


def test_the_quadro_shows_the_move_of_2021(lettore):
    before = text_of(lettore.get("/cigd/?data=2020-12-31"))
    assert "168.500.000,00 €" in before
    assert "51.707.979,97 €" not in before
    after = text_of(lettore.get("/cigd/?data=2021-09-30"))
    moves = after[after.index("Come sono cambiati") :]
    assert moves.index("31.12.2020") < moves.index("168.500.000,00") < moves.index("30.09.2021")
    assert moves.index("30.09.2021") < moves.index("51.707.979,97")


def test_what_exceeds_a_cap_is_said(lettore):
    filled()
    make_movement(
        "programmate",
        asse_id="I",
        azione_id="8.6.1",
        iniziativa_id="cigd-asse-i",
        perimetro="cigd",
        importo=Decimal("-51707079.97"),  # leaves 900.00 €
        data=date(2022, 1, 15),
    )
    shown = text_of(lettore.get("/cigd/"))
    assert "oltre il massimale: non certificabile senza decisione" in shown
    assert "\u2212100,25 €" in shown


def test_a_date_that_cannot_be_read_is_refused(lettore):
    assert lettore.get("/cigd/?data=ieri").status_code == 400


def test_the_map_opens_the_provinces(lettore):
    filled()
    page = lettore.get("/cigd/?data=2021-09-30").content.decode()
    assert 'href="/cigd/province/MI/?data=2021-09-30" aria-label="Milano: 1.000,25\u00a0€"' in page
    assert "Varese: 0,00\u00a0€" in page
    assert len(re.findall(r'class="mappa__area ', page)) == 12


def test_months_stand_from_the_first_to_the_last_paid(lettore):
    filled()
    shown = text_of(lettore.get("/cigd/mesi/"))
    months = ["febbraio", "marzo", "aprile", "maggio", "giugno"]
    assert [name for name in months if f" {name} 2020 " in shown] == months[1:4]
    assert "10,25" in shown
    narrowed = text_of(lettore.get("/cigd/mesi/?provincia=LO"))
    assert "1.000,25" not in narrowed
    assert "300,25 €" in narrowed


def test_comuni_are_narrowed_and_sorted(lettore):
    filled()
    table = lettore.get("/cigd/comuni/").context["comuni"]
    assert [row.record.nome for row in table.rows] == ["Lodi", "Milano"]
    table = lettore.get("/cigd/comuni/?comuni-sort=-importo").context["comuni"]
    assert [row.record.importo for row in table.rows] == [Decimal("1000.25"), Decimal("300.25")]
    table = lettore.get("/cigd/comuni/?provincia=MI").context["comuni"]
    assert [row.record.azione for row in table.rows] == ["8.6.1"]
    assert lettore.get("/cigd/comuni/?provincia=RM").status_code == 400


def test_comuni_leave_the_page_as_numbers(lettore):
    filled()
    lines = lettore.get("/cigd/comuni/?comuni-formato=csv").content.decode().splitlines()
    assert lines[1:] == ["Lodi;LO;9.8.1;300,25;1;0", "Milano;MI;8.6.1;1.000,25;1;1"]


def test_a_provincia_has_its_comuni_and_months(lettore):
    filled()
    shown = text_of(lettore.get("/cigd/province/MI/"))
    assert "Città metropolitana di Milano" in shown
    assert "1.000,25 €" in shown
    assert "300,25" not in shown
    assert lettore.get("/cigd/province/RM/").status_code == 404


def test_hours_leave_the_page_with_their_hundredths(lettore):
    filled()
    lines = lettore.get("/cigd/mesi/?mesi-formato=csv").content.decode().splitlines()
    assert lines[1].startswith("03.2020;1.000,25;0,00;1.000,25;1;1;10,25")


def test_flows_are_opened_by_who_may(gestore, lettore):
    flow = filled()
    link = f'href="{flow.get_absolute_url()}"'
    assert link in gestore.get("/cigd/per-flusso/").content.decode()
    assert link not in lettore.get("/cigd/per-flusso/").content.decode()
    assert f"Flusso {flow.pk}" in text_of(lettore.get("/cigd/per-flusso/"))


def test_the_rows_of_a_figure_open_payments_for_who_may(gestore, lettore):
    flow = filled()
    url = "/cifre/?f=cigd_pagamenti(provincia=LO)"
    query = f"flusso={flow.pk}&amp;azione=9.8.1&amp;provincia=LO&amp;mese=2020-05"
    link = f'href="/cigd/pagamenti/?{query}"'
    assert link in gestore.get(url).content.decode()
    assert link not in lettore.get(url).content.decode()


def test_examples_are_labelled_on_every_page(gestore):
    filled(example=True)
    for url in (*FIGURES[:-1], "/cigd/pagamenti/"):
        assert "contiene dati di esempio" in text_of(gestore.get(url))
    filled()
    assert "dati di esempio" not in text_of(gestore.get("/cigd/"))


def test_two_years_of_flows_are_shown(lettore):
    for month in range(24):
        acquired([payment(mese_competenza=f"{month % 12 + 1:02d}/2021", importo="1,01")])
    assert Flow.objects.acquired("inps-cigd").count() == 24
    shown = text_of(lettore.get("/cigd/per-flusso/"))
    assert shown.count("1,01 €") == 24 * 2
    assert "24,24 €" in shown


@pytest.mark.parametrize(
    ("role", "pages", "payments"),
    [
        ("lettore", 200, 403),
        ("nucleo", 200, 403),
        ("gestore", 200, 200),
        ("operatore", 200, 200),
        ("certificatore", 200, 200),
        ("controllore", 200, 200),
        ("amministratore", 403, 403),
    ],
)
def test_each_role_opens_what_it_may(as_role, role, pages, payments):
    filled()
    client = as_role(role)
    for url in FIGURES:
        assert client.get(url).status_code == pages, url
    for url in ("/cigd/pagamenti/", "/cigd/pagamenti/esporta/?mese=x"):
        expected = 400 if payments == 200 and "=x" in url else payments
        assert client.get(url).status_code == expected, url
