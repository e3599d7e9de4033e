"""What the measures granted and paid day by day: sums that read no row, and their figures."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from measures.ledger.models import GiornoMisura
from measures.misura import misura_of
from measures.models import SintesiMisura
from porfse.figures import evaluate, leaf
from tests.factories.misure import make_domanda, make_voucher, summed

pytestmark = pytest.mark.django_db
SW, FC = "smart-working", "formazione-continua"


def test_a_row_that_came_already_lost_never_counts():
    make_domanda("rinunciata", data_ammissione=date(2021, 10, 1))
    summed()
    assert not GiornoMisura.objects.exclude(numero=0, importo=0).exists()
    paid = leaf("misura_impegnato", misura=SW, al=timezone.localdate())
    assert evaluate([paid])[paid].amount == 0


def test_a_voucher_counts_from_its_first_day():
    make_voucher("concesso", data_inizio=date(2021, 10, 5))
    make_voucher("revocato", data_inizio=date(2021, 10, 5))
    make_voucher("liquidato", data_inizio=date(2021, 10, 7), data_liquidazione=date(2021, 11, 2))
    summed(FC)
    days = GiornoMisura.objects.exclude(numero=0).values_list(
        "grandezza", "giorno", "numero", "importo"
    )
    assert list(days) == [
        ("impegnate", date(2021, 10, 5), 1, Decimal("1000.00")),
        ("impegnate", date(2021, 10, 7), 1, Decimal("1000.00")),
        ("liquidate", date(2021, 11, 2), 1, Decimal("1000.00")),
    ]


def test_over_all_days_the_sums_are_those_of_the_measure():
    for stato in ("presentata", "ammessa", "rinunciata", "decaduta", "liquidata", "non_ammessa"):
        make_domanda(stato)
        make_domanda(stato, data_ammissione=None, esempio=True)
    summed()
    misura = misura_of(SW)
    today = timezone.localdate()
    for example in (False, True):
        kept = SintesiMisura.objects.filter(misura=SW, taglio="", esempio=example)
        by_state = {row.stato: row for row in kept}
        fonte = "esempio" if example else "caricata"
        rows = leaf("misura_impegnato", misura=SW, al=today, fonte=fonte)
        paid = leaf("misura_pagato", misura=SW, al=today, fonte=fonte)
        values = evaluate([rows, paid])
        granted = sum(by_state[state].concesso for state in misura.fasi["beneficiarie"].stati)
        assert values[rows].amount == granted == Decimal("21000.00")
        assert values[paid].amount == by_state["liquidata"].liquidato == Decimal("10500.00")
        assert values[rows].example is example


def test_figures_by_day_explain_themselves(gestore):
    make_domanda("ammessa", concesso=Decimal("100.00"), data_ammissione=date(2021, 10, 1))
    make_domanda("ammessa", concesso=Decimal("11.00"), data_ammissione=date(2021, 10, 9))
    summed()
    page = gestore.get("/cifre/", {"f": "misura_impegnato(al=2021-10-08,misura=smart-working)"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "importi concessi al 08.10.2021, dati acquisiti" in text
    assert "100,00" in text
    assert "111,00" not in text
    for wrong in ("misura_impegnato(misura=smart-working)", "misura_impegnato(al=2021-10-08)"):
        assert gestore.get("/cifre/", {"f": wrong}).status_code in (400, 404)
