"""The IGRUE codes of a flow: each on a file of its own, over the ledger with the flow in it."""

import html
import re
from datetime import date
from decimal import Decimal

import pytest

from porfse.flows import services
from porfse.models import Flow, FlowWarning, User
from tests.factories.flows import acquired
from tests.factories.programme import make_initiative, make_movement, make_source
from tests.programme.test_flow_avanzamento import certified, check, movement

pytestmark = pytest.mark.django_db


def warnings(flow: Flow) -> dict[int, list[str]]:
    """The codes of the accepted rows by line."""
    found: dict[int, list[str]] = {}
    for line, code in FlowWarning.objects.filter(flusso=flow).values_list("riga", "codice"):
        found.setdefault(line, []).append(code)
    return found


@pytest.fixture
def initiative() -> str:
    return make_initiative("I").pk


def rows(initiative: str, *moves: tuple[str, str, str]) -> list[dict[str, str]]:
    """Rows of an initiative: kind, day, amount."""
    made = []
    for kind, day, amount in moves:
        make = certified if kind == "certificazione" else movement
        options = {"domanda_pagamento": f"DP-{day}"} if kind == "certificazione" else {}
        fields = {"tipo": kind, "data": day, "importo": amount, "iniziativa": initiative}
        made.append(make(**fields, **options, **({"quota_ue": "0"} if options else {})))
    return made


def test_commitments_above_what_is_programmed(initiative):
    flow = check(
        rows(
            initiative,
            ("programmazione", "01/02/2022", "100,00"),
            ("impegno", "02/02/2022", "100,00"),
            ("impegno", "03/02/2022", "0,01"),
            ("impegno", "04/02/2022", "-0,01"),  # it mends
            ("impegno", "05/02/2022", "-1,00"),
        )
    )
    assert warnings(flow) == {3: ["W201"], 4: ["W201"]}
    assert (flow.accettate, flow.segnalate, flow.codici) == (5, 2, {"W201": 2})


def test_what_is_programmed_may_not_fall_below_commitments(initiative):
    make_movement("impegnate", iniziativa_id=initiative, importo=Decimal("80.00"))
    flow = check(
        rows(
            initiative,
            ("programmazione", "10/01/2022", "100,00"),
            ("programmazione", "01/02/2022", "-30,00"),
        )
    )
    assert warnings(flow) == {3: ["W201"]}


def test_payments_above_commitments(initiative):
    flow = check(
        rows(
            initiative,
            ("impegno", "01/02/2022", "100,00"),
            ("liquidazione", "02/02/2022", "60,00"),
            ("liquidazione", "03/02/2022", "60,00"),
        )
    )
    assert warnings(flow) == {3: ["W202"], 4: ["W202"]}


def test_certified_above_payments(initiative):
    flow = check(
        rows(
            initiative,
            ("impegno", "01/02/2022", "100,00"),
            ("liquidazione", "02/02/2022", "60,00"),
            ("certificazione", "03/02/2022", "60,01"),
        )
    )
    assert warnings(flow) == {4: ["W203"]}


def test_a_negative_balance(initiative):
    flow = check(
        rows(
            initiative,
            ("impegno", "01/02/2022", "-5,00"),
            ("impegno", "02/02/2022", "10,00"),
            ("impegno", "03/02/2022", "-2,00"),  # after it is mended
        )
    )
    assert warnings(flow) == {2: ["W204"]}


def test_a_payment_before_its_commitment(initiative):
    flow = check(
        rows(
            initiative,
            ("liquidazione", "01/02/2022", "5,00"),
            ("liquidazione", "02/02/2022", "5,00"),
            ("impegno", "02/02/2022", "100,00"),
        )
    )
    assert warnings(flow) == {2: ["W205"]}  # on the day itself it is not before


def test_a_commitment_that_comes_after_payments_of_the_ledger(initiative):
    make_movement("liquidate", iniziativa_id=initiative, data=date(2022, 1, 5))
    flow = check(
        rows(
            initiative,
            ("impegno", "02/02/2022", "2.000,00"),
            ("impegno", "03/02/2022", "1,00"),
        )
    )
    assert warnings(flow) == {2: ["W205"]}


def test_what_is_not_known_breaks_nothing(initiative):
    flow = check(
        rows(
            initiative,
            ("liquidazione", "01/02/2022", "5,00"),  # no commitment is known
            ("certificazione", "01/02/2022", "5,00"),
        )
    )
    assert warnings(flow) == {}


def test_the_order_within_a_day_does_not_matter(initiative):
    flow = check(
        rows(
            initiative,
            ("liquidazione", "01/02/2022", "100,00"),
            ("impegno", "01/02/2022", "100,00"),
            ("programmazione", "01/02/2022", "100,00"),
        )
    )
    assert warnings(flow) == {}


def test_a_day_in_between_breaks_though_the_end_is_right(initiative):
    flow = check(
        rows(
            initiative,
            ("programmazione", "01/02/2022", "100,00"),
            ("impegno", "02/02/2022", "150,00"),
            ("programmazione", "03/02/2022", "100,00"),
        )
    )
    assert warnings(flow) == {3: ["W201"]}


def test_the_asse_counts_with_its_published_balances():
    # Asse I: 289.2 programmed and 260.3 committed, each printed to 50,000 more or less.
    within = check([movement(importo="29.000.000,00")])
    assert warnings(within) == {}
    beyond = check([movement(importo="29.000.000,01"), movement(azione="9.3.3")])
    assert warnings(beyond) == {2: ["W201"]}


def test_earlier_flows_count_while_they_are_in_force():
    first = acquired([movement(importo="20.000.000,00")], source="avanzamento")
    row = movement(importo="10.000.000,00", data="16/03/2022")
    assert warnings(check([row])) == {2: ["W201"]}
    services.cancel(first.pk, by=User.objects.sistema(), reason="prova")
    assert warnings(check([row])) == {}


def test_examples_are_no_part_of_the_ledger():
    acquired([movement(importo="29.000.000,00")], source="avanzamento", example=True)
    assert warnings(check([movement(importo="29.000.000,00")])) == {}


def test_a_quantity_that_is_not_split_is_not_known_by_asse(initiative):
    make_movement("liquidate", iniziativa_id=initiative, importo=Decimal("10.00"))
    made = rows(initiative, ("certificazione", "01/02/2022", "11,00"))
    assert warnings(check(made)) == {2: ["W203"]}
    unsplit = {"asse_id": None, "data": date(2022, 1, 20), "importo": Decimal("5.00")}
    make_movement("liquidate", **unsplit, fonte=make_source("pubblicata"))
    assert warnings(check(made)) == {}


def test_a_published_balance_hides_the_day_of_the_first_commitment():
    make_movement("liquidate", iniziativa_id="smart-working", importo=Decimal("1.00"))
    row = movement(
        tipo="liquidazione", iniziativa="smart-working", data="01/10/2021", importo="1,00"
    )
    later = movement(iniziativa="smart-working", data="01/02/2022", importo="1,00")
    assert warnings(check([row, later])) == {}


def test_the_panoramica_tells_of_payments_before_their_commitment(lettore, initiative):
    acquired(
        rows(
            initiative,
            ("liquidazione", "01/02/2022", "5,00"),
            ("impegno", "02/02/2022", "100,00"),
        ),
        source="avanzamento",
    )
    shown = text_of(lettore, "/?data=2022-12-31")
    assert "liquidazioni anteriori al primo impegno, del 02.02.2022 5,00 €" in shown
    assert "W205 attenzione" in shown
    assert "W205" not in text_of(lettore, "/?data=2022-02-01")  # its commitment is not known yet


def text_of(client, url: str) -> str:
    words = html.unescape(re.sub(r"<[^>]+>", " ", client.get(url).content.decode()))
    return re.sub(r"\s+", " ", words)
