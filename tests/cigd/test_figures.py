"""Figures of the payments: what they are worth, which rows add up to them, what they cost."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cigd.figures import amount, hours, number, recoveries
from cigd.models import SintesiAzione, SintesiComune
from porfse.figures import FigureError, Unit, differenza, evaluate, leaf, source_of
from porfse.figures.sources import label_of
from porfse.flows import services
from porfse.models import User
from tests.factories.flows import acquired, payment
from tests.factories.pool import recovery

pytestmark = pytest.mark.django_db

MILANO, LODI, BERGAMO = "015146", "098031", "016024"


def worth(expression):
    return evaluate([expression])[expression]


@pytest.fixture
def flows():
    """Two flows: 1,000.50 € in Milano, of which 0.50 recovered later; 300 in Lodi; 7 in Bergamo."""
    milan = payment(comune_istat=MILANO, importo="1.000,50", ore="10,50")
    lodi = payment(comune_istat=LODI, importo="300,00", mese_competenza="04/2020")
    first = acquired([milan, lodi])
    bergamo = payment(comune_istat=BERGAMO, importo="7,00", ore="1,00")
    second = acquired([bergamo, recovery(milan, "-0,50", ore="0,25")])
    return first, second


def test_amounts_are_net_of_recoveries(flows):
    first, second = flows
    assert worth(amount()).amount == Decimal("1307.00")
    assert worth(amount(azione="8.6.1")).amount == Decimal("1007.00")
    assert worth(amount(azione="9.8.1")).amount == Decimal("300.00")
    assert worth(amount(provincia="MI")).amount == Decimal("1000.00")
    assert worth(amount(mese=date(2020, 4, 1))).amount == Decimal("300.00")
    assert worth(amount(flusso=second.pk)).amount == Decimal("6.50")
    assert worth(amount(comune=MILANO)).amount == Decimal("1000.00")
    assert worth(amount(comune=MILANO, flusso=first.pk)).amount == Decimal("1000.50")
    assert worth(amount(azione="8.6.1", mese=date(2020, 4, 1))).amount == Decimal(0)


def test_hours_and_numbers(flows):
    assert worth(hours(provincia="MI")).amount == Decimal("10.25")
    assert (worth(number()).amount, worth(recoveries()).amount) == (Decimal(3), Decimal(1))
    assert worth(number(comune=MILANO)).amount == Decimal(1)
    assert worth(recoveries(comune=MILANO)).amount == Decimal(1)
    assert worth(amount()).unit is Unit.EURO
    assert worth(number()).unit is Unit.NUMERO


def test_nothing_is_known_without_flows():
    found = worth(amount())
    assert (found.amount, found.missing) == (None, "nessun flusso acquisito")


def test_a_cancelled_flow_counts_no_more(flows):
    services.cancel(flows[1].pk, by=User.objects.sistema(), reason="prova")
    assert worth(amount()).amount == Decimal("1300.50")
    found = worth(amount(flusso=flows[1].pk))
    assert (found.amount, found.missing) == (None, "il flusso non è fra quelli acquisiti")


def test_examples_say_so_until_a_real_flow_comes():
    acquired([payment(importo="5,00")], example=True)
    assert worth(amount()).example
    assert worth(amount()).amount == Decimal("5.00")
    acquired([payment(importo="7,00")])
    assert not worth(amount()).example
    assert worth(amount()).amount == Decimal("7.00")


def test_the_rows_add_up_to_the_figure(flows):
    for found in (
        amount(),
        hours(),
        number(azione="8.6.1"),
        recoveries(provincia="MI"),
        amount(comune=MILANO, mese=date(2020, 3, 1)),
        hours(flusso=flows[1].pk),
        amount(provincia="VA"),
    ):
        rows = source_of(found).rows(found)
        assert rows.total == worth(found).amount
        field = {"cigd_pagamenti": "importo", "cigd_ore": "ore", "cigd_numero": "pagamenti"}
        name = field.get(found.name, "recuperi")
        assert sum(getattr(row, name) for row in rows.table.data) == rows.total


def test_what_is_not_known_has_no_total(flows):
    found = amount(flusso=999_999)
    assert source_of(found).rows(found).total is None


def test_both_summaries_tell_the_same(flows):
    for provincia in ("MI", "LO", "BG"):
        by_comune = SintesiComune.objects.filter(comune__provincia=provincia).totals("mese")
        by_azione = SintesiAzione.objects.filter(provincia=provincia).totals("mese")
        assert list(by_comune) == list(by_azione) != []


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"azione": "1.1.1"}, "non è della CIGD"),
        ({"provincia": "RM"}, "Non esiste: provincia «RM»"),
        ({"comune": "058091"}, "Non esiste: comune «058091»"),
        ({"comune": MILANO, "azione": "8.6.1"}, "togliere gli altri due"),
        ({"mese": "2020-13"}, "non è di competenza"),
        ({"mese": "2020-01"}, "scriverlo come 2020-02"),
        ({"mese": "2022-01"}, "al più tardi 2021-12"),
        ({"mese": "marzo"}, "non è di competenza"),
        ({"flusso": "uno"}, "non è un numero"),
        ({"flusso": "9" * 40}, "non è un numero"),
        ({"fonte": "1"}, "non ha il parametro «fonte»"),
    ],
)
def test_what_does_not_exist_is_refused(params, words):
    with pytest.raises(FigureError, match=words):
        label_of(leaf("cigd_pagamenti", **params))


def test_a_figure_is_said_in_full(flows):
    found = amount(azione="8.6.1", provincia="MI", mese=date(2020, 3, 1), flusso=flows[0].pk)
    assert label_of(found) == (
        "Pagamenti INPS della CIGD al netto dei recuperi, azione 8.6.1, provincia di Milano, mese"
        f" di competenza 03.2020, flusso {flows[0].pk}"
    )
    assert label_of(number(comune=LODI)).endswith("comune di Lodi (LO)")


def test_queries_do_not_grow_with_leaves(flows):
    few = [amount()]
    many = [
        *(amount(azione=azione) for azione in ("8.6.1", "9.8.1")),
        *(amount(provincia=sigla) for sigla in ("MI", "BG", "VA")),
        *(hours(mese=date(2020, month, 1), azione="8.6.1") for month in range(2, 13)),
        *(number(comune=code) for code in (MILANO, LODI)),
        differenza(amount(), amount(flusso=flows[0].pk)),
    ]
    for expressions, cost in ((few, 2), (many, 3)):  # the flows, then each summary once
        with CaptureQueriesContext(connection) as queries:
            evaluate(expressions)
        assert len(queries) == cost
        assert not any("cigd_pagamento" in query["sql"] for query in queries)
