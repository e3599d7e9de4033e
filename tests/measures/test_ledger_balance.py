"""A measure and the published balances: what they hold is neither caught up nor balanced out."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from measures.formazione_continua.models import Voucher
from measures.models import Passaggio
from measures.smart_working.models import Domanda
from porfse.figures import evaluate, leaf
from porfse.models import User
from programme.models import Impegno, Liquidazione
from tests.factories import flows
from tests.factories.misure import application, make_domanda, make_voucher, summed
from tests.factories.programme import make_initiative, make_movement, make_source
from tests.measures.test_ledger import (
    AL,
    FC,
    PRINTED,
    SW,
    amounts,
    granted_after,
    paid,
    position,
    posted,
    ten_million,
)

pytestmark = pytest.mark.django_db
UNDATED = {"data_ammissione": "", "data_liquidazione": ""}


@pytest.fixture
def gestore_user(user):
    return user("gestore")


def acquired(*rows):
    flow = flows.acquired(list(rows), source="domande-smart-working")
    assert flow.stato == "acquisito", flow.messaggio
    return flow


def to_write(misura=SW, al=None):
    return [each.da_scrivere for each in position(misura, al or timezone.localdate())]


def held_by(initiative, quantity="impegnate"):
    asked = leaf(quantity, iniziativa=initiative, al=timezone.localdate())
    return evaluate([asked])[asked].amount


def test_few_rows_beside_a_printed_balance_lower_nothing(gestore_user):
    granted_after("10500.00")
    summed()
    impegni, _ = position()
    assert impegni.da_scrivere == Decimal("10500.00")
    assert (
        "Al 30.09.2021 il registro attribuisce all'iniziativa 10.000.000,00\u00a0€ più delle righe"
        in impegni.perche
    )
    assert "nessun movimento di pareggio" in impegni.perche
    assert amounts(posted(gestore_user)) == [(Impegno, AL, Decimal("10500.00"))]
    assert held_by(SW) == PRINTED + 10_500


def test_rows_loaded_later_of_before_the_balance_are_not_caught_up(gestore_user):
    granted_after("500.00")
    summed()
    posted(gestore_user)
    ten_million()
    make_domanda("ammessa", concesso=Decimal(400_000), data_ammissione=date(2021, 9, 30))
    summed()
    assert to_write(al=AL) == [0, 0]
    impegni, _ = position()
    assert impegni.prima == 400_000
    assert "400.000,00\u00a0€ concessi entro il 30.09.2021" in impegni.perche


def test_an_undated_file_writes_nothing_of_before_the_balance(gestore_user):
    rows = [application(stato="liquidata", importo_liquidato="10500,00", **UNDATED) for _ in "123"]
    acquired(*rows)
    today = timezone.localdate()
    assert to_write() == [0, 0]
    for each, word in zip(position(al=today), ("concesse", "liquidate"), strict=True):
        assert "3 domande senza data per 31.500,00\u00a0€" in each.perche, word
    assert posted(gestore_user, al=today) == []
    # Once a flow dates them after the balance, they are written; before it, they are not.
    known = [("10/10/2021", "20/10/2021"), ("10/05/2020", "20/10/2021"), ("", "")]
    acquired(
        *(
            row | {"data_ammissione": granted, "data_liquidazione": settled}
            for row, (granted, settled) in zip(rows, known, strict=True)
        )
    )
    assert amounts(posted(gestore_user, al=AL)) == [
        (Impegno, AL, Decimal("10500.00")),
        (Liquidazione, AL, Decimal("21000.00")),
    ]
    impegni, _ = position(al=today)
    assert "1 domanda senza data per 10.500,00\u00a0€" in impegni.perche


def test_undated_payments_of_grants_dated_after_the_balance_are_written():
    acquired(
        application(
            stato="liquidata", importo_liquidato="10500,00", data_presentazione="01/10/2021",
            data_ammissione="05/10/2021", data_liquidazione="",
        )
    )  # fmt: skip
    assert to_write() == [10_500, 10_500]
    _, liquidazioni = position(al=timezone.localdate())
    assert "contano dal giorno del flusso" in liquidazioni.perche


def test_a_grant_without_a_day_was_there_when_it_was_paid():
    acquired(
        application(
            stato="liquidata", importo_liquidato="10500,00", data_ammissione="",
            data_liquidazione="01/05/2021",
        )
    )  # fmt: skip
    impegni, _ = position(al=timezone.localdate())
    assert (impegni.righe_al_saldo.amount, impegni.incerto.amount) == (10_500, 0)
    assert impegni.da_scrivere == 0


def test_the_loss_of_an_undated_row_is_left_out_with_it():
    row = application(**UNDATED)
    acquired(row)
    acquired(row | {"stato": "rinunciata"})
    assert to_write() == [0, 0]
    impegni, _ = position(al=timezone.localdate())
    assert impegni.incerte.amount == 0


def test_the_balance_of_another_initiative_does_not_cover_this_one(gestore_user):
    granted_after("500.00")
    summed()
    other, day = make_initiative("I"), date(2021, 11, 30)
    make_movement(
        iniziativa=other, natura="saldo", data=day, atto=None, fonte=make_source("pubblicata")
    )
    impegni, _ = position(al=date(2021, 12, 31))
    assert (impegni.saldo_al, impegni.da_scrivere) == (date(2021, 9, 30), 500)
    # Within it the register of the asse is closed all the same.
    with pytest.raises(ValidationError, match=r"saldo pubblicato al 30\.11\.2021"):
        posted(gestore_user, grandezze=["impegnate"])
    assert len(posted(gestore_user, al=date(2021, 12, 31))) == 1


@pytest.mark.parametrize("place", ["smart-working", None])
def test_a_later_balance_of_the_initiative_or_of_its_asse_covers_it(place):
    granted_after("500.00")
    summed()
    make_movement(
        iniziativa_id=place, natura="saldo", data=date(2021, 11, 30),
        fonte=make_source("pubblicata"),
    )  # fmt: skip
    impegni, _ = position(al=date(2021, 12, 31))
    assert (impegni.saldo_al, impegni.da_scrivere) == (date(2021, 11, 30), 0)


def test_a_balance_of_the_wage_support_alone_holds_nothing_of_a_measure():
    granted_after("500.00")
    summed()
    make_movement(
        natura="saldo", perimetro="cigd", data=date(2021, 11, 30), fonte=make_source("pubblicata")
    )
    impegni, _ = position(al=date(2021, 12, 31))
    assert (impegni.saldo_al, impegni.da_scrivere) == (date(2021, 9, 30), 500)


def test_an_amount_changed_by_a_flow_counts_from_the_day_of_the_flow(gestore_user):
    row = application(importo_ammesso="10100000,00", dipendenti="40", data_ammissione="01/06/2021")
    acquired(row)
    today = timezone.localdate()
    assert to_write() == [0, 0]
    acquired(row | {"importo_ammesso": "10200000,00"})
    assert to_write(al=AL) == [0, 0]
    assert to_write() == [100_000, 0]
    assert amounts(posted(gestore_user, al=today)) == [(Impegno, today, Decimal(100_000))]
    last = acquired(row | {"importo_ammesso": "10050000,00"})
    assert to_write() == [-150_000, 0]
    flows.services.cancel(last.pk, by=User.objects.sistema(), reason="prova")
    assert to_write() == [0, 0]


def test_a_loss_is_of_the_amount_as_it_then_was():
    row = application(importo_ammesso="10000,00", data_ammissione="01/10/2021")
    acquired(row)
    acquired(row | {"importo_ammesso": "12000,00"})
    assert to_write() == [12_000, 0]
    acquired(row | {"importo_ammesso": "9000,00", "stato": "rinunciata"})
    assert to_write() == [0, 0]
    assert Domanda.objects.get().concesso == 9_000


def test_losses_take_no_more_than_the_ledger_gives_the_initiative(gestore_user):
    rows = [make_voucher(concesso=Decimal(1_000_000), data_inizio=date(2021, 3, 1)) for _ in "123"]
    summed(FC)
    assert to_write(FC, AL) == [0, 0]
    Voucher.objects.update(stato="revocato")
    for row in rows:
        Passaggio.objects.create(
            misura=FC, codice=row.codice, da="concesso", a="revocato", data=date(2021, 10, 15),
            prima={"concesso": "1000000.00"}, flusso=row.flusso,
        )  # fmt: skip
    summed(FC)
    impegni, _ = position(FC)
    assert (impegni.da_scrivere, impegni.non_scritto) == (-1_970_000, -1_030_000)
    assert "−1.030.000,00\u00a0€ non si possono scrivere" in impegni.perche
    assert amounts(posted(gestore_user, FC)) == [(Impegno, AL, Decimal(-1_970_000))]
    assert held_by("formazione-continua-vi") == 0
    assert to_write(FC, AL) == [0, 0]
    # What is granted afterwards makes up first for what could not be taken away.
    make_voucher(concesso=Decimal(2_000_000), data_inizio=date(2021, 10, 20))
    summed(FC)
    assert to_write(FC, AL) == [970_000, 0]


def test_one_quantity_that_may_not_be_written_does_not_hide_the_other(gestore):
    paid(50, AL, AL)
    summed()
    make_movement(iniziativa_id=SW, data=date(2021, 12, 31), importo=Decimal(7))
    url = f"/misure/smart-working/movimenti/?data={AL}"
    page = gestore.get(url)
    shown = page.content.decode()
    assert "fino al 31.12.2021 (impegni)" in shown
    assert page.context["form"].initial["grandezze"] == ["liquidate"]
    values = {
        "al": AL, "grandezze": "liquidate", "atteso_liquidate": "50.00", "atto_tipo": "decreto",
        "atto_numero": "900", "atto_data": AL,
    }  # fmt: skip
    assert gestore.post(url, values).status_code == 302
    assert Liquidazione.objects.get(natura="movimento").importo == 50
    refused = gestore.post(url, values | {"grandezze": "impegnate", "atteso_impegnate": "50.00"})
    assert refused.status_code == 400
    assert Impegno.objects.filter(natura="movimento").count() == 1


def test_figures_of_undated_rows_explain_themselves(gestore):
    acquired(application(stato="liquidata", importo_liquidato="10500,00", **UNDATED))
    today = timezone.localdate()
    for name, value in (("incerto", "10.500,00"), ("incerte", "1")):
        asked = f"misura_impegnato_{name}(al={today},misura={SW},saldo=2021-09-30)"
        page = gestore.get("/cifre/", {"f": asked})
        assert page.status_code == 200
        assert "forse già nel saldo al 30.09.2021" in page.content.decode()
        assert value in page.content.decode()
    for wrong in (f"misura_impegnato_incerto(al={today},misura={SW})",):
        assert gestore.get("/cifre/", {"f": wrong}).status_code in (400, 404)
