"""Each code of `avanzamento` on a file of its own."""

import io
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import count

import pytest
import xlsxwriter

from porfse.flows import services
from porfse.models import Flow, FlowRow, Fonte, User
from programme.flows import Avanzamento
from programme.models import DomandaPagamento, Impegno
from programme.services import retire_source
from tests.factories.flows import acquired, validated
from tests.factories.programme import make_initiative, make_movement, make_source

pytestmark = pytest.mark.django_db

_numbers = count(1)


def movement(**fields: object) -> dict[str, str]:
    """A row of `avanzamento` that is right in all, after the published balances."""
    values = {
        "id_movimento": f"M{next(_numbers):06d}",
        "tipo": "impegno",
        "azione": "8.5.1",
        "iniziativa": "",
        "data": "15/03/2022",
        "importo": "1.000,00",
        "quota_ue": "",
        "perimetro": "ordinaria",
        "domanda_pagamento": "",
        "atto": "decreto 3516 del 18/03/2020",
        "beneficiario": "Ente di prova",
        "cup": "E11B22000123456",
    }
    return values | {name: str(value) for name, value in fields.items()}


def certified(**fields: object) -> dict[str, str]:
    return movement(
        **{"tipo": "certificazione", "quota_ue": "500,00", "domanda_pagamento": "DP-1"} | fields
    )


def check(rows: Iterable[Mapping[str, str]]) -> Flow:
    return validated(list(rows), source="avanzamento")


def spreadsheet(rows: list[list[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd/mm/yyyy"}) as workbook:
        sheet = workbook.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return file.getvalue()


def codes(flow: Flow) -> dict[int, list[str]]:
    """The codes of the refused rows by line; the header is line 1."""
    return dict(FlowRow.objects.filter(flusso=flow).values_list("riga", "codici"))


WRONG = [
    ({"id_movimento": ""}, ["E001"]),
    ({"id_movimento": "M" * 61}, ["E001"]),
    ({"tipo": "pagamento"}, ["E001"]),
    ({"azione": ""}, ["E001"]),
    ({"perimetro": "non_dichiarata"}, ["E001"]),
    ({"atto": ""}, ["E001"]),
    ({"atto": "come da accordi"}, ["E001"]),
    ({"importo": "0,00"}, ["E003"]),
    ({"importo": "mille"}, ["E003"]),
    ({"quota_ue": "metà"}, ["E003"]),
    ({"data": ""}, ["E001"]),
    ({"data": "30/02/2022"}, ["E004"]),
    ({"data": "01/01/2999"}, ["E004"]),
    ({"azione": "8.9.9"}, ["E030"]),
    ({"iniziativa": "che-non-esiste"}, ["E030"]),
    ({"iniziativa": "seav"}, ["E030"]),  # of another asse
    ({"iniziativa": "cigd-asse-i"}, ["E030"]),  # of azione 8.6.1
    ({"cup": "E11B2200012345"}, ["E032"]),
    ({"cup": "E11B2200012345-"}, ["E032"]),
    ({"data": "30/09/2021"}, ["E033"]),
    ({"data": "01/06/2019", "importo": "-5,00"}, ["E033"]),
    ({"perimetro": "cigd"}, ["E034"]),
    ({"perimetro": "cigd", "azione": "9.3.3", "data": "30/09/2021"}, ["E033", "E034"]),
    ({"tipo": "certificazione", "domanda_pagamento": "DP-1"}, ["E001"]),
    ({"tipo": "certificazione", "quota_ue": "1,00"}, ["E001"]),
    ({"azione": "?", "importo": "x", "cup": "1", "atto": "?"}, ["E001", "E003", "E030", "E032"]),
    ({"iniziativa": "seav", "data": "2021-01-01", "quota_ue": "-1,00"}, ["E030", "E031", "E033"]),
]


def test_the_words_of_a_code_promise_no_list_that_is_not_there():
    assert not [code for code, words in Avanzamento.codes.items() if "di queste" in words]


@pytest.mark.parametrize(("fields", "expected"), WRONG)
def test_a_wrong_value_refuses_its_row_with_its_code(fields, expected):
    flow = check([movement(), movement(**fields), movement()])
    assert codes(flow) == {3: expected}
    assert (flow.righe, flow.accettate, flow.importo) == (3, 2, Decimal("2000.00"))


@pytest.mark.parametrize(
    ("amount", "share", "expected"),
    [
        ("100,00", "100,00", {}),
        ("100,00", "100,01", {2: ["E031"]}),
        ("100,00", "0", {}),
        ("100,00", "-0,01", {2: ["E031"]}),
        ("-100,00", "-100,00", {}),
        ("-100,00", "-100,01", {2: ["E031"]}),
        ("-100,00", "0,00", {}),
        ("-100,00", "0,01", {2: ["E031"]}),
    ],
)
def test_the_eu_share_lies_between_zero_and_the_amount(amount, share, expected):
    assert codes(check([certified(importo=amount, quota_ue=share)])) == expected


@pytest.mark.parametrize(
    "text",
    [
        "DGR 5112/2021",
        "D.G.R. n. XI/5112 del 02/08/2021",
        "Decreto n. 3516 del 18.03.2020",
        "decreto n.3516 del 2020-03-18",
        "Decisione CE C(2020) 7664 del 09/11/2020",
        "accordo Provenzano del 2020-07-16",
    ],
)
def test_an_act_may_be_written_as_offices_write_it(text):
    assert codes(check([movement(atto=text)])) == {}


@pytest.mark.parametrize(
    "text",
    [
        "DGR 5112",
        "DGR XI/5112",
        "DGR 5112/21",
        "DGR 5112/2999",
        "decreto 3516 del 31/02/2020",
        "decreto 3516 del 01/01/2999",
        "decreto 3516 del 18-03-2020",
        "decreto senza numero del 18/03/2020",
        "decreto 3516 del 18/03/2020 del 19/03/2020",
        "delibera 12/2021",
    ],
)
def test_an_act_that_is_unclear_is_not_guessed(text):
    assert codes(check([movement(atto=text)])) == {2: ["E001"]}


@pytest.mark.parametrize("azione", ["8.6.1", "9.8.1"])
@pytest.mark.parametrize("tipo", ["programmazione", "impegno", "liquidazione"])
def test_the_wage_support_is_accepted_on_its_azioni(azione, tipo):
    assert codes(check([movement(azione=azione, tipo=tipo, perimetro="cigd")])) == {}


def test_an_identifier_twice_in_the_file_stands_where_it_came_first():
    first = movement()
    assert codes(check([first, movement(), first | {"importo": "5,00"}])) == {4: ["E006"]}


def test_an_identifier_that_was_acquired_is_refused_until_its_flow_is_cancelled():
    rows = [movement(), movement(tipo="liquidazione")]
    first = acquired(rows, source="avanzamento")
    again = [rows[1] | {"tipo": "impegno", "importo": "7,00"}, movement()]
    assert codes(check(again)) == {2: ["E007"]}
    services.cancel(first.pk, by=User.objects.sistema(), reason="prova")
    flow = acquired(again, source="avanzamento")
    assert codes(flow) == {}
    assert Impegno.objects.in_force().filter(fonte=flow.fonte).count() == 2


def test_an_identifier_that_somebody_entered_by_hand_is_refused():
    make_movement(riferimento="m-0123456789ab")
    assert codes(check([movement(id_movimento="m-0123456789ab")])) == {2: ["E007"]}


def test_real_rows_and_examples_do_not_see_each_other():
    row = movement()
    acquired([row], source="avanzamento", example=True)
    assert codes(check([row | {"importo": "2,00"}])) == {}


def test_a_row_of_another_number_of_fields():
    content = b";".join(name.encode() for name in movement()) + b"\nsolo;tre;campi\n"
    assert codes(validated(content, source="avanzamento")) == {2: ["E011"]}


def test_a_balance_closes_its_asse_and_quantity_alone():
    by_asse = make_source(Fonte.Genere.PUBBLICATA)
    make_movement("impegnate", natura="saldo", atto=None, fonte=by_asse, data=date(2022, 6, 30))
    rows = [
        movement(),  # Asse I, within
        movement(data="30/06/2022"),
        movement(data="01/07/2022"),
        movement(tipo="liquidazione"),
        movement(azione="9.3.3"),
    ]
    assert codes(check(rows)) == {2: ["E033"], 3: ["E033"]}


def test_a_balance_that_is_not_split_closes_every_asse():
    rows = [certified(azione=code, data="30/09/2021") for code in ("8.5.1", "V.1.1")]
    assert codes(check(rows)) == {2: ["E033"], 3: ["E033"]}
    assert codes(check([row | {"data": "01/10/2021"} for row in rows])) == {}


def test_after_its_source_is_retired_the_movement_is_accepted(user):
    source = make_source(Fonte.Genere.PUBBLICATA)
    make_movement("impegnate", natura="saldo", atto=None, fonte=source, data=date(2022, 6, 30))
    row = movement()
    assert codes(check([row])) == {2: ["E033"]}
    retire_source(source, by=user("gestore"), motivo="prova")
    assert codes(check([row])) == {}


def test_a_payment_application_has_one_day():
    DomandaPagamento.objects.create(numero="DP-9", data=date(2022, 4, 1))
    rows = [
        certified(),
        certified(),
        certified(data="16/03/2022"),  # not that of the first row
        certified(domanda_pagamento="DP-9"),  # not that of the register
        certified(domanda_pagamento="DP-9", data="01/04/2022"),
    ]
    assert codes(check(rows)) == {4: ["E004"], 5: ["E004"]}


def test_an_act_has_one_day():
    rows = [
        movement(atto="decreto 77/2022"),
        movement(atto="decreto 77 del 01/03/2022"),
        movement(atto="decreto 77 del 02/03/2022"),
        movement(atto="decreto 3516 del 19/03/2020"),  # the seed knows the 18th
    ]
    assert codes(check(rows)) == {4: ["E004"], 5: ["E004"]}


def test_a_refused_row_sets_no_day():
    rows = [certified(data="10/03/2022", cup="x"), certified(azione="8.9.9"), certified()]
    assert codes(check(rows)) == {2: ["E032"], 3: ["E030"]}


def test_a_repeated_row_sets_no_day():
    known = movement()
    acquired([known], source="avanzamento")
    other = {"data": "10/03/2022", "domanda_pagamento": "DP-2", "atto": "decreto 9 del 01/03/2022"}
    own = {**other, "data": "11/03/2022", "atto": "decreto 9 del 02/03/2022"}
    rows = [
        first := certified(),
        certified(**other, id_movimento=known["id_movimento"]),
        certified(**other, id_movimento=first["id_movimento"]),
        certified(**own),
        certified(**own),
        certified(**{**own, "atto": other["atto"]}),
        certified(**{**own, "data": other["data"]}),
    ]
    assert codes(check(rows)) == {3: ["E007"], 4: ["E006"], 7: ["E004"], 8: ["E004"]}


def test_a_row_with_another_day_sets_none_for_what_else_it_quotes():
    rows = [
        certified(),
        certified(data="16/03/2022", atto="decreto 9 del 01/03/2022"),
        movement(atto="decreto 9 del 02/03/2022"),
        certified(domanda_pagamento="DP-2", data="16/03/2022", atto="decreto 9 del 01/03/2022"),
        certified(domanda_pagamento="DP-2", data="17/03/2022"),
    ]
    assert codes(check(rows)) == {3: ["E004"], 5: ["E004"]}


def test_a_spreadsheet_with_numbers_and_days():
    row = certified(importo="", quota_ue="", data="", iniziativa="smart-working")
    cells = [*row.values()]
    cells[4:7] = [date(2022, 3, 15), 1000.5, 250]
    wrong = [*cells]
    wrong[0], wrong[5] = "altro", 0.001
    flow = validated(spreadsheet([list(row), cells, wrong]), source="avanzamento")
    assert codes(flow) == {3: ["E003"]}
    assert flow.importo == Decimal("1000.50")


def test_groups_are_by_asse_and_kind():
    rows = [
        movement(),
        movement(importo="-0,50"),
        movement(azione="V.1.1", tipo="programmazione"),
        movement(azione="9.3.3", tipo="liquidazione", importo="3,25"),
    ]
    assert check(rows).gruppi == [
        {"key": "I impegno", "rows": 2, "amount": "999.50"},
        {"key": "II liquidazione", "rows": 1, "amount": "3.25"},
        {"key": "V programmazione", "rows": 1, "amount": "1000.00"},
    ]


def test_an_initiative_without_azione_goes_with_any_of_its_asse():
    free, placed = make_initiative("I"), make_initiative("I", azione_id="8.5.5")
    rows = [movement(iniziativa=free.pk), movement(iniziativa=placed.pk, azione="8.5.5")]
    assert codes(check([*rows, movement(iniziativa=placed.pk)])) == {4: ["E030"]}
