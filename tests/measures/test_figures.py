"""Figures of the measures: what documents print one by one, sums of the rows, refusals."""

from datetime import date
from decimal import Decimal

import pytest

from measures.endowment import endowment
from measures.figures import PUBBLICATA, granted, number, paid
from measures.means import mean
from measures.misura import misura_of
from measures.models import DotazioneMisura, StatisticaPubblicata
from porfse.figures import Board, FigureError, leaf
from porfse.models import Fonte, User
from porfse.printed import Reconciled, Verdict, catalogue
from tests.factories.misure import make_domanda, summed

pytestmark = pytest.mark.django_db
DAY = date(2021, 10, 21)

# Phase, dimension, its value: how many, euro, and the words of document 001.
PRINTED = [
    ("presentate", "", "", 1001, None, "Sono state complessivamente presentate 1.001 domande"),
    ("ammesse", "", "", 884, None, "Di queste, 884 sono state ammesse al contributo"),
    (
        *("perse", "", "", 120, None),
        (
            "Delle 884 domande ammesse a contributo, 120 sono successivamente state rinunciate o"
            " sono decadute"
        ),
    ),
    ("beneficiarie", "", "", 764, "10705500", "764 € 10.705.500"),
    (
        *("beneficiarie", "classe", "micro", 264, "1980000"),
        "Microimpresa (meno di 10 dipendenti) 264 € 1.980.000",
    ),
    (
        *("beneficiarie", "classe", "piccola", 324, "4788000"),
        "Piccola impresa (tra 10 e 49 dipendenti) 324 € 4.788.000",
    ),
    (
        *("beneficiarie", "classe", "media", 151, "3375000"),
        "Media impresa (tra 50 e 249 dipendenti) 151 € 3.375.000",
    ),
    (
        *("beneficiarie", "classe", "grande", 25, "562500"),
        "Grande impresa (250 dipendenti e oltre) 25 € 562.500",
    ),
    (
        *("beneficiarie", "gruppo", "addendum", 379, None),
        (
            "Delle 764 imprese beneficiarie del contributo: 379 hanno partecipato seguendo le"
            " disposizioni previste dall’Addendum “Intervento per aziende in occasione"
            " dell’emergenza epidemiologica da COVID-19”"
        ),
    ),
    (
        *("beneficiarie", "gruppo", "originario", 385, None),
        (
            "Delle 764 imprese beneficiarie del contributo: 385 hanno partecipato seguendo le"
            " disposizioni previste dall’Avviso originario"
        ),
    ),
    ("beneficiarie", "settore", "46", 62, None, "1 Commercio all’ingrosso 62"),
    (
        *("beneficiarie", "settore", "62", 60, None),
        "2 Produzione di software, consulenza informatica e attività connesse 60",
    ),
    (
        *("beneficiarie", "settore", "70", 46, None),
        "3 Attività di direzione aziendale e consulenza gestionale 46",
    ),
    ("beneficiarie", "settore", "88", 45, None, "4 Assistenza sociale 45"),
    ("beneficiarie", "settore", "63", 41, None, "5 Servizi informatici 41"),
    ("beneficiarie", "settore", "25", 37, None, "6 Fabbricazione di prodotti in metallo 37"),
]


def smart_working():
    return misura_of("smart-working")


def value_of(expression):
    board = Board()
    figure = board(expression)
    board.load()
    return figure.value


@pytest.mark.parametrize("stamped", PRINTED, ids=lambda stamped: " ".join(stamped[:3]).strip())
def test_each_published_figure_is_that_of_the_document(stamped):
    fase, dimensione, voce, numero, importo, parole = stamped
    cut = {dimensione: voce} if dimensione else {}
    asked = {"fonte": PUBBLICATA, "al": DAY, **cut}
    assert value_of(number(smart_working(), fase, **asked)).amount == numero
    amount = value_of(granted(smart_working(), fase, **asked))
    assert amount.amount == (Decimal(importo) if importo else None)
    assert amount.missing == ("" if importo else "non pubblicato")
    row = StatisticaPubblicata.objects.get(
        misura="smart-working", fase=fase, dimensione=dimensione, voce=voce, data=DAY
    )
    assert row.parole == parole
    assert (row.fonte.documento, row.fonte.data) == ("001", DAY)


def test_nothing_else_is_published_of_smart_working():
    rows = StatisticaPubblicata.objects.filter(misura="smart-working")
    assert rows.filter(data=DAY).count() == len(PRINTED)
    assert rows.exclude(data=DAY).count() == 1


def test_the_two_dates_are_told_apart():
    september = {"fonte": PUBBLICATA, "al": date(2021, 9, 30)}
    assert value_of(number(smart_working(), "ammesse", **september)).amount == 700
    assert value_of(granted(smart_working(), "ammesse", **september)).amount == 10_000_000
    assert value_of(number(smart_working(), "ammesse", fonte=PUBBLICATA)).amount == 884
    assert value_of(granted(smart_working(), "ammesse", fonte=PUBBLICATA)).amount is None
    row = StatisticaPubblicata.objects.get(misura="smart-working", data=date(2021, 9, 30))
    assert row.parole == "Al 30.09.2021 sono stati ammessi oltre 700 voucher per 10 Mln€"


def test_endowments_are_those_of_the_acts():
    rows = DotazioneMisura.objects.order_by("misura", "ordine")
    found = [(row.misura, row.importo, str(row.atto or ""), row.fonte.documento) for row in rows]
    assert found == [
        ("autorita-giudiziaria", 5_400_000, "", "004"),
        ("formazione-continua", 26_000_000, "", "000"),
        ("smart-working", 4_500_000, "", "001"),
        ("smart-working", 9_000_000, "", "004"),
        ("smart-working", 11_000_000, "D.G.R. n. 5112/2021", "001"),
    ]
    assert value_of(endowment(smart_working())).amount == 11_000_000
    assert value_of(endowment(smart_working(), 1)).amount == 4_500_000
    assert value_of(endowment(smart_working(), 4)).missing == "nessuna fonte la indica"


def test_a_retired_source_no_longer_counts():
    Fonte.objects.filter(documento="001", sezione="Smart Working, monitoraggio domande").update(
        ritirata_il="2022-01-01T00:00Z", ritirata_da=User.objects.sistema(), motivo_ritiro="prova"
    )
    assert value_of(number(smart_working(), "presentate", fonte=PUBBLICATA)).amount is None
    assert value_of(number(smart_working(), "ammesse", fonte=PUBBLICATA)).amount == 700


def test_phases_add_up_their_states():
    for state in ("presentata", "non_ammessa", "ammessa", "rinunciata", "decaduta", "liquidata"):
        make_domanda(state)
    summed()
    found = {
        fase: (
            value_of(number(smart_working(), fase)).amount,
            value_of(granted(smart_working(), fase)).amount,
            value_of(paid(smart_working(), fase)).amount,
        )
        for fase in smart_working().fasi
    }
    each = Decimal(10500)
    assert found == {
        "presentate": (6, 4 * each, each),
        "ammesse": (4, 4 * each, each),
        "beneficiarie": (2, 2 * each, each),
        "liquidate": (1, each, each),
        "non_ammesse": (1, 0, 0),
        "rinunciate": (1, each, 0),
        "decadute": (1, each, 0),
        "perse": (2, 2 * each, 0),
    }


def test_examples_and_rows_are_never_added_together():
    make_domanda("ammessa")
    make_domanda("ammessa", esempio=True)
    make_domanda("ammessa", esempio=True)
    summed()
    real = value_of(number(smart_working(), "ammesse"))
    example = value_of(number(smart_working(), "ammesse", fonte="esempio"))
    assert (real.amount, real.example) == (1, False)
    assert (example.amount, example.example) == (2, True)


def test_without_flows_nothing_is_known():
    value = value_of(number(smart_working(), "presentate"))
    assert (value.amount, value.missing) == (None, "nessun flusso acquisito")


def test_means_divide_what_is_granted():
    asked = {"fonte": PUBBLICATA, "classe": "micro"}
    assert value_of(mean(smart_working(), "beneficiarie", **asked)).amount == 7500
    nothing = value_of(mean(smart_working(), "beneficiarie"))
    assert (nothing.amount, nothing.missing) == (None, "nessun flusso acquisito")
    make_domanda("rinunciata")
    summed()
    none = value_of(mean(smart_working(), "beneficiarie"))
    assert (none.amount, none.missing) == (None, "nessuna riga")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"fase": "finite"}, "La fase «finite» non esiste"),
        ({"fase": "ammesse", "fonte": "sentito dire"}, "La fonte è"),
        ({"fase": "ammesse", "mese": "2021-01"}, "non è divisa per «mese»"),
        ({"fase": "ammesse", "settore": "62", "classe": "micro"}, "classe e settore insieme"),
        ({"fase": "ammesse", "al": "2021-10-21"}, "per i soli dati pubblicati"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(lettore, params, words):
    expression = leaf("misura_numero", misura="smart-working", **params)
    with pytest.raises(FigureError, match=words):
        value_of(expression)
    assert lettore.get("/cifre/", {"f": str(expression)}).status_code == 400


def test_a_measure_that_is_not_there_is_404(lettore):
    assert lettore.get("/cifre/?f=misura_numero(fase=ammesse,misura=altra)").status_code == 404


# --- Quadratura -----------------------------------------------------------------------------------
def reconciled():
    board = Board()
    found = {
        code: Reconciled(board, item)
        for code, item in catalogue.figures.items()
        if code.startswith("001-") and "001-37" <= code <= "001-60"
    }
    board.load()
    return found


def test_all_statistics_of_smart_working_are_in_the_quadratura():
    found = reconciled()
    verdicts = {
        verdict: sorted(code for code, item in found.items() if item.verdetto == verdict)
        for verdict in Verdict
    }
    assert len(found) == 24
    assert verdicts[Verdict.QUADRA] == [
        f"001-{number}" for number in (38, 40, 46, 47, 48, 49, 50, 51, 52)
    ]
    assert verdicts[Verdict.CONTRADDIZIONE] == ["001-44"]
    assert verdicts[Verdict.CIRCOLARE] == []


def test_the_medium_companies_are_one_grant_away_from_the_grid():
    found = reconciled()["001-44"]
    assert found.calcolata.amount == 151 * 22500
    assert found.differenza.amount == -22500
    explained = [item.titolo for item in catalogue.explaining(found.stampata)]
    assert explained == [
        "Smart Working: gli importi seguono la griglia dell'avviso, non la classe dimensionale"
    ]


def test_the_printed_figures_are_those_that_are_loaded():
    """Each statistic that is loaded stands in the Quadratura with the same number."""
    printed = sorted(item.stampata.valore for item in reconciled().values())
    loaded = []
    for row in StatisticaPubblicata.objects.filter(misura="smart-working", data=DAY):
        loaded += [Decimal(row.numero), *([row.importo] if row.importo else [])]
    # 884 is printed twice and 764 three times.
    assert sorted([*loaded, *map(Decimal, (884, 764, 764))]) == printed
