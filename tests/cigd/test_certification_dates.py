"""The days of certification: no application before one that is certified, pages of a past day."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from cigd import certification, decisions
from cigd.figures_pool import declared
from cigd.models import ControlloFlusso, Lotto
from porfse.figures import evaluate, parse
from porfse.figures.sources import label_of, source_of
from porfse.flows.errors import NotNow
from programme.models import DomandaPagamento, SpesaCertificata
from tests.factories.flows import payment
from tests.factories.pool import MILANO, cap, certified, checked, counted, rate
from tests.factories.programme import make_movement
from tests.programme.test_walk import Page

BEFORE, DAY = date(2022, 1, 10), date(2022, 2, 10)


@pytest.fixture
def certifier(user):
    return user("certificatore")


def milano(amount):
    return payment(comune_istat=MILANO, importo=amount)


def withdrawn(row, flow, by):
    decisions.withdraw(by=by, flusso_id=flow.pk, id_pagamento=row["id_pagamento"], motivo="errore")


def by_hand(*, data, **where):
    """100.00 euro certified without a batch."""
    make_movement(
        "certificata",
        perimetro="cigd",
        importo=Decimal("100.00"),
        quota_ue=Decimal("50.00"),
        domanda=DomandaPagamento.objects.create(numero="DPX", data=data),
        data=data,
        **where,
    )


def amounts():
    rows = SpesaCertificata.objects.filter(natura="movimento", perimetro="cigd").order_by("pk")
    return [(row.data, row.importo) for row in rows]


# --- Applications ---------------------------------------------------------------------------------
@pytest.mark.parametrize("example", [False, True])
def test_an_application_before_a_certified_one_is_refused(certifier, settings, example):
    settings.DEMO = example
    rate()
    row = milano("100,00")
    flow = checked(row, example=example)
    first = certified("1", day=DAY)
    withdrawn(row, flow, certifier)
    with pytest.raises(ValidationError) as refused:
        counted("2", day=BEFORE)
    said = (
        f"La domanda, del 10.01.2022, precede quella del Lotto n. {first.pk}, già certificato:"
        " preparare il lotto con una data dal 10.02.2022 in poi."
    )
    assert refused.value.message_dict == {"domanda_data": [said]}
    assert Lotto.objects.get() == first
    assert certified("2", day=DAY).stato == "certificato"
    assert amounts() == [(DAY, Decimal("100.00")), (DAY, Decimal("-100.00"))]


def test_one_that_is_not_certified_holds_no_other_up(certifier):
    rate()
    checked(milano("100,00"))
    later = counted("DP2", day=DAY)
    certification.discard(later.pk, by=certifier, reason="x")
    counted("DP3", day=DAY)
    assert certified("DP1", day=BEFORE).stato == "certificato"


def test_one_decided_before_a_later_one_was_certified_is_put_back(certifier):
    rate()
    row = milano("100,00")
    flow = checked(row)
    early = counted("DP1", day=BEFORE, by=certifier)
    certification.decide(early.pk, by=certifier)
    later = certified("DP2", day=DAY)
    withdrawn(row, flow, certifier)
    early = certification.certify(early.pk)
    assert early.stato == "pronto"
    assert f"precede quella del Lotto n. {later.pk}" in early.messaggio
    with pytest.raises(NotNow, match=f"precede quella del Lotto n. {later.pk}"):
        certification.decide(early.pk, by=certifier)
    assert amounts() == [(DAY, Decimal("100.00"))]


# --- Pages of a past day --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "certificata", "residuo"),
    [("2022-02-09", "0", "250.00"), ("2022-02-10", "200.00", "50.00")],
)
def test_the_page_says_what_was_certified_by_its_day(gestore, day, certificata, residuo):
    rate()
    cap("8.6.1", "250.00")
    checked(milano("200,00"))
    certified(day=DAY)
    page = Page(gestore.get("/cigd/certificabile/", {"data": day}).content.decode())
    values = [Decimal(value) for _, value, _ in page.figures][:3]
    assert values == [Decimal("250.00"), Decimal(certificata), Decimal(residuo)]
    # Its figures open the rows of that day, and say it.
    href, _, _ = page.figures[1]
    opened = gestore.get(href).content.decode()
    said = f"{day[8:]}.02.2022"
    assert f"Spesa certificata della CIGD, azione 8.6.1, al {said}" in opened
    assert f"con perimetro CIGD, fino al {said}" in opened
    assert [Decimal(total) for total in Page(opened).totals] == [Decimal(certificata)]


def test_without_a_day_the_figure_is_of_all_dates(db):
    rate()
    checked(milano("200,00"))
    certified(day=DAY)
    leaf = declared("8.6.1")
    assert label_of(leaf) == "Spesa certificata della CIGD, azione 8.6.1"
    until = declared("8.6.1", al=BEFORE)
    values = evaluate([leaf, until])  # together, as a page asks for them
    assert [values[item].amount for item in (leaf, until)] == [Decimal("200.00"), Decimal(0)]
    assert "di ogni data" in source_of(leaf).rows(leaf).note


def test_a_batch_is_held_to_what_is_certified_at_any_date(db):
    rate()
    cap("8.6.1", "150.00")
    by_hand(azione_id="8.6.1", data=date(2022, 3, 1))
    checked(milano("60,00"))
    row = counted(day=DAY).azioni.get(azione="8.6.1")
    assert (row.gia_certificato, row.importo) == (Decimal("100.00"), Decimal(0))


def test_what_stands_on_an_initiative_alone_is_of_its_azione(db):
    """The figure and the rows behind it say the same."""
    by_hand(iniziativa_id="cigd-asse-i", data=DAY)
    for leaf in (declared("8.6.1"), declared("8.6.1", al=DAY)):
        assert evaluate([leaf])[leaf].amount == source_of(leaf).rows(leaf).total
        assert evaluate([leaf])[leaf].amount == Decimal("100.00")


@pytest.mark.parametrize("day", ["2022-02-30", "1999-01-01", "9999-12-31"])
def test_a_day_that_makes_no_sense_is_refused(lettore, day):
    figure = f"cigd_certificata(al={day})"
    assert parse(figure)
    assert lettore.get("/cifre/", {"f": figure}).status_code == 400


def test_a_flow_was_checked_on_a_day_of_rome(gestore):
    checked(payment())
    late = datetime(2021, 6, 30, 22, 30, tzinfo=UTC)  # half past midnight there
    ControlloFlusso.objects.update(controllato_il=late)
    assert "controllato il 01.07.2021 da" in gestore.get("/cigd/certificabile/").content.decode()
