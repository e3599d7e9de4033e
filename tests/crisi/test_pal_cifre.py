"""The figures of the active policies: what they add up to, and the page that shows them."""

from datetime import date
from decimal import Decimal

import pytest

from crisi.figures_pal import pal, quota
from porfse.figures import FigureError, evaluate, leaf, parse
from tests.factories.crisi import (
    make_monitoraggio,
    make_nucleo,
    make_pal,
    make_procedura,
    make_unita,
)
from tests.programme.test_pages import cost, text_of
from tests.programme.test_walk import hold, walk  # noqa: F401

pytestmark = pytest.mark.django_db
T3 = "2025-T3"
PAGE = "/crisi/pal/"


def worth(expression):
    return evaluate([expression])[expression]


def amount(passo: str, **where: object) -> Decimal | None:
    return worth(pal(passo, **{"trimestre": T3, **where})).amount


@pytest.fixture
def filled() -> None:
    """Two sites of Bergamo, one of which does not tell STEP 4; one of Milano; one example."""
    make_pal(make_unita("BG"), sospesi=10, step1=2, step4=5, strumenti=["dul", "gol"])
    make_pal(make_unita("BG"), sospesi=20, step1=3, step4=None, strumenti=["gol"])
    make_pal(make_unita("MI"), sospesi=40, step4=10, no_pal=4)
    make_pal(make_unita("MI"), "2025-T2", sospesi=99)
    make_pal(make_unita("BG", esempio=True), sospesi=1000, step4=900)
    make_pal(make_unita("MI", procedura=make_procedura(stato="ritirata")), sospesi=7)


def test_steps_add_up_by_quarter_and_provincia(filled):
    assert [amount("sospesi", provincia=sigla) for sigla in ("BG", "MI")] == [30, 40]
    assert amount("sospesi") == 70
    assert amount("step1", provincia="BG") == 5
    assert amount("no_pal") == 4
    assert amount("unita") == 3
    assert [amount(name) for name in ("dul", "gol", "fc")] == [1, 2, 0]
    assert amount("sospesi", trimestre="2025-T2") == 99


def test_what_is_not_known_is_said_and_is_no_zero(filled):
    bergamo = worth(pal("step4", trimestre=T3, provincia="BG"))
    assert (bergamo.amount, bergamo.missing) == (5, "n.d. per 1 unità")
    lodi = worth(pal("step4", trimestre=T3, provincia="LO"))
    assert (lodi.amount, lodi.missing) == (None, "nessuna unità con dati")
    assert amount("unita", provincia="LO") == 0
    gol = worth(pal("gol", trimestre=T3, provincia="LO"))
    assert (gol.amount, gol.missing) == (None, "nessuna unità con dati")
    make_pal(make_unita("SO"), sospesi=3, step4=None)
    sondrio = worth(pal("step4", trimestre=T3, provincia="SO"))
    assert (sondrio.amount, sondrio.missing) == (None, "numero non noto")


def test_shares_are_of_the_sites_that_tell_both_numbers(filled):
    assert worth(quota("step4", trimestre=T3, provincia="BG")).amount == 50  # 5 of 10, not of 30
    assert worth(quota("step4", trimestre=T3)).amount == 30  # 15 of 50
    assert worth(quota("no_pal", trimestre=T3, provincia="MI")).amount == 10


def test_examples_are_apart(filled):
    example = worth(pal("step4", trimestre=T3, esempio=True))
    assert (example.amount, example.example) == (900, True)
    assert amount("step4") == 15


def test_only_rows_in_force_count():
    site = make_unita("BG")
    make_pal(site, sospesi=10, sostituito_il="2025-10-12T10:00Z")
    make_pal(site, sospesi=8)
    assert amount("sospesi") == 8


@pytest.mark.parametrize(
    "text",
    [
        "crisi_pal(passo=boh,trimestre=2025-T3)",
        "crisi_pal(passo=step1)",
        "crisi_pal(passo=step1,trimestre=2025)",
        "crisi_pal(passo=step1,trimestre=2025-T3,provincia=RM)",
        "crisi_pal(passo=step1,trimestre=2025-T3,esempio=2)",
        "crisi_pal(noto=dul,passo=step1,trimestre=2025-T3)",
        "crisi_pal(noto=step1,passo=dul,trimestre=2025-T3)",
    ],
)
def test_a_figure_that_cannot_be_is_refused(lettore, text):
    with pytest.raises(FigureError):
        evaluate([parse(text)])
    assert lettore.get(f"/cifre/?f={text}").status_code == 400


def test_every_figure_opens_what_makes_it(walk, filled):  # noqa: F811
    assert hold(walk, PAGE)
    assert hold(walk, f"{PAGE}?trimestre=2025-T2")
    assert walk(PAGE).bare == []


def test_the_page_shows_the_latest_quarter_and_the_published_figures_beside(lettore, filled):
    shown = text_of(lettore.get(PAGE))
    assert "3° trimestre 2025" in shown
    assert "4.377" in shown
    assert "51%" in shown
    assert "non si somma" in shown
    assert "Dati di esempio" in shown
    assert "Dati di esempio" not in text_of(lettore.get(f"{PAGE}?trimestre=2025-T2"))
    assert lettore.get(f"{PAGE}?trimestre=boh").status_code == 404


def states(shown: str, name: str) -> list[str]:
    """The state of each row of an exported table."""
    lines = [line.split(";") for line in shown.splitlines()]
    header = next(line for line in lines if line[0].lstrip("\ufeff") == name)
    return [line[header.index("Stato")] for line in lines[lines.index(header) + 1 :]]


def test_the_page_says_which_quarters_may_still_change(lettore, filled):
    sent = {"trasmesso_il": "2025-10-20T10:00Z"}
    make_monitoraggio("BG", stato="validato", **sent)
    make_monitoraggio("BS", stato="validato", riaperto_fino_al=date(2999, 1, 1), **sent)
    make_monitoraggio("CO", stato="trasmesso", **sent)
    make_monitoraggio("CR", stato="restituito", **sent)
    make_monitoraggio("LC", stato="compilato")
    make_monitoraggio("LO")
    make_monitoraggio("MN", "2025-T2")
    for table in ("passi", "passi_esempio"):
        shown = lettore.get(f"{PAGE}?trimestre={T3}&{table}-formato=csv").content.decode()
        assert states(shown, "Provincia") == [
            "validato e chiuso",
            "validato, riaperto fino al 01.01.2999",
            "trasmesso",
            "restituito con richiesta di integrazioni",
            "compilato",
            "aperto",
            *["non aperto"] * 6,
            "validati: 2 di 12",
        ]
    assert "Sono definitivi i dati dei trimestri validati" in text_of(lettore.get(PAGE))
    history = lettore.get(f"{PAGE}?trimestri-formato=csv").content.decode()
    assert "Stato" not in history


def test_without_rows_the_page_says_so(lettore):
    shown = text_of(lettore.get(PAGE))
    assert "Nessun Nucleo ha ancora inserito dati." in shown
    assert "4.377" in shown


def test_a_nucleo_reads_the_totals_of_the_region(client, filled):
    client.force_login(make_nucleo("SO"), backend="porfse.accounts.RoleBackend")
    assert "70" in text_of(client.get(PAGE))
    figure = pal("sospesi", trimestre=T3)
    shown = text_of(client.get(f"/cifre/?f={figure}"))
    assert "Azienda" not in shown
    assert "altre 3 0 70" in shown
    assert "MI 1 0 40" not in shown


def test_queries_do_not_grow(lettore, filled):
    url = f"/cifre/?f={leaf('crisi_pal', passo='step4', trimestre=T3)}"
    few = [cost(lettore, PAGE), cost(lettore, url)]
    for sigla in ("SO", "VA", "LO"):
        make_pal(make_unita(sigla))
        make_pal(make_unita(sigla), "2025-T1")
    assert few == [6, 3]
    assert [cost(lettore, PAGE), cost(lettore, url)] == few
