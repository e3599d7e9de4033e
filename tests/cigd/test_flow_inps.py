"""Each code of `inps-cigd` on a file of its own, and the sums of what is accepted."""

from decimal import Decimal

import pytest

from cigd.models import Pagamento, SintesiAzione, SintesiComune
from porfse.flows import services
from porfse.flows.source import source_of
from porfse.flows.stage import Stage
from porfse.models import Flow, FlowRow, FlowWarning, User
from tests.factories.flows import acquired, codice_fiscale, csv_bytes, payment, validated

pytestmark = pytest.mark.django_db


def recovery(origin: dict[str, str], **fields: object) -> dict[str, str]:
    """A row that takes a payment back, all of it unless told otherwise."""
    values = {
        "tipo": "R",
        "id_pagamento_origine": origin["id_pagamento"],
        "codice_fiscale": origin["codice_fiscale"],
        "matricola_inps": origin["matricola_inps"],
        "importo": f"-{origin['importo']}",
        "data_pagamento": "20/06/2020",
    }
    return payment(**values | fields)


def codes(flow: Flow) -> dict[int, list[str]]:
    """The codes of the refused rows by line; the header is line 1."""
    return dict(FlowRow.objects.filter(flusso=flow).values_list("riga", "codici"))


def warnings(flow: Flow) -> dict[int, list[str]]:
    """The codes of the accepted rows by line."""
    found: dict[int, list[str]] = {}
    for line, code in FlowWarning.objects.filter(flusso=flow).values_list("riga", "codice"):
        found.setdefault(line, []).append(code)
    return found


WRONG = [
    ({"id_pagamento": ""}, ["E001"]),
    ({"id_pagamento": "P" * 21}, ["E001"]),
    ({"tipo": "X"}, ["E001"]),
    ({"tipo": "p"}, ["E001"]),
    ({"denominazione_azienda": " "}, ["E001"]),
    ({"numero_decreto": ""}, ["E001"]),
    ({"tipo": "R", "importo": "-5,00"}, ["E001"]),  # a recovery that names no payment
    ({"codice_fiscale": "RSSMRA85T10A562T"}, ["E002"]),
    ({"importo": "zero"}, ["E003"]),
    ({"importo": "0,00"}, ["E003"]),
    ({"importo": "-300,00"}, ["E003"]),
    ({"tipo": "R", "id_pagamento_origine": "P1", "importo": "5,00"}, ["E003"]),
    ({"ore": "-1"}, ["E003"]),
    ({"ore": "molte"}, ["E003"]),
    ({"data_pagamento": "31/02/2021"}, ["E004"]),
    ({"data_pagamento": "01/01/2999"}, ["E004"]),
    ({"data_decreto": "oggi"}, ["E004"]),
    ({"mese_competenza": "marzo"}, ["E004"]),
    ({"comune_istat": "058091"}, ["E005"]),  # Roma
    ({"comune_istat": "16024"}, ["E005"]),
    ({"mese_competenza": "01/2020"}, ["E008"]),
    ({"mese_competenza": "01/2022"}, ["E008"]),
    ({"matricola_inps": "123456789"}, ["E009"]),
    ({"codice_fiscale": "", "importo": "x", "comune_istat": "?"}, ["E001", "E003", "E005"]),
]


@pytest.mark.parametrize(("fields", "expected"), WRONG)
def test_a_wrong_value_refuses_its_row_with_its_code(fields, expected):
    flow = validated([payment(), payment(**fields), payment()])
    assert codes(flow) == {3: expected}
    assert (flow.righe, flow.accettate, flow.scartate) == (3, 2, 1)
    assert flow.importo == Decimal("600.00")
    assert flow.codici == dict.fromkeys(expected, 1)


def test_an_identifier_twice_in_the_file_stands_where_it_came_first():
    one, two = payment(), payment()
    flow = validated([one, two, one | {"importo": "1,00"}, one | {"codice_fiscale": "?"}])
    assert codes(flow) == {4: ["E006"], 5: ["E002", "E006"]}
    assert flow.importo == Decimal("600.00")


def test_the_repetition_of_a_refused_row_is_a_repetition():
    one = payment(matricola_inps="1")
    flow = validated([payment(), one, one | {"matricola_inps": "0123456789"}])
    assert codes(flow) == {3: ["E009"], 4: ["E006"]}


def test_identifiers_in_no_order_are_compared_all():
    rows = [payment(id_pagamento=f"{(number * 7919) % 1000:06d}") for number in range(1000)]
    flow = validated([*rows, rows[500], rows[3]])
    assert codes(flow) == {1002: ["E006"], 1003: ["E006"]}


def test_an_identifier_that_was_acquired_is_refused_until_its_flow_is_cancelled():
    rows = [payment(), payment()]
    first = acquired(rows)
    again = [rows[1] | {"importo": "5,00"}, rows[0] | {"ore": "x"}, payment()]
    flow = validated(again)
    assert codes(flow) == {2: ["E007"], 3: ["E003", "E007"]}
    services.cancel(first.pk, by=User.objects.sistema(), reason="prova")
    assert codes(validated(again)) == {3: ["E003"]}


def test_a_row_of_another_number_of_fields_keeps_its_line_alone():
    content = csv_bytes([payment(), payment()]) + b"solo;tre;campi\r\n"
    flow = validated(content)
    assert codes(flow) == {4: ["E011"]}
    assert FlowRow.objects.get().campi == ["solo", "tre", "campi", *[""] * 10]


def test_a_row_with_fields_beyond_the_header_keeps_none_of_them():
    iban = "IT60X0542811101000000123456"
    long = csv_bytes([payment()]).splitlines()[1] + f";{iban}\r\n".encode()
    flow = validated(csv_bytes([payment()]) + long)
    assert codes(flow) == {3: ["E011"]}
    assert FlowRow.objects.get().campi == []


def test_lines_of_spaces_and_separators_are_no_rows():
    flow = validated(csv_bytes([payment()]) + b" \r\n;;;\r\n; ;;;;;;;;;;;\r\n")
    assert (flow.righe, flow.scartate) == (1, 0)


def test_identifiers_are_compared_as_they_are_written_whatever_they_hold():
    one, two = payment(id_pagamento="A\\1"), payment(id_pagamento="A\\Z", ore="x")
    flow = validated([one, one | {"importo": "1,00"}, two, two | {"ore": "1"}])
    assert codes(flow) == {3: ["E006"], 4: ["E003"], 5: ["E006"]}


def test_a_refused_row_bears_all_its_codes():
    flow = validated(
        [
            payment(codice_fiscale="?", importo="-10,00"),
            payment(tipo="R", importo="-10,00", matricola_inps="1"),
            payment(tipo="R", importo="10,00", comune_istat="?", id_pagamento_origine="X"),
        ]
    )
    assert codes(flow) == {2: ["E002", "E003"], 3: ["E001", "E009"], 4: ["E003", "E005"]}


def test_an_amount_that_was_ambiguous_is_not_summed_afterwards():
    flow = validated([payment(importo="1.234"), payment(importo="10,50"), payment(ore="x")])
    assert codes(flow) == {2: ["E003"], 4: ["E003"]}
    assert flow.importo_scartate == Decimal("300.00")


@pytest.mark.parametrize("amount", ["10.000.000.000.000,00", "99999999999,00", "9" * 20])
def test_an_amount_beyond_all_measure_is_an_error_of_its_row(amount):
    flow = validated([payment(importo="5,00"), payment(importo=amount)])
    assert codes(flow) == {3: ["E003"]}


def test_what_our_files_neutralise_comes_back_as_it_was():
    flow = validated([payment(id_pagamento="'-A1", denominazione_azienda="'@HOME SRL")])
    [row] = Stage(flow, source_of("inps-cigd")).rows([2])
    assert (row["id_pagamento"], row["denominazione_azienda"]) == ("-A1", "@HOME SRL")


def test_what_is_not_declared_is_never_stored():
    iban = "IT60X0542811101000000123456"
    good, bad = payment(iban=iban), payment(iban=iban, ore="x")
    content = csv_bytes([good, bad]) + f"P;{iban};corta\r\n".encode()
    flow = validated(content)
    assert flow.colonne_ignorate == ["iban"]
    assert codes(flow) == {3: ["E003"], 4: ["E011"]}
    assert not any(iban in field for row in FlowRow.objects.all() for field in row.campi)


def test_a_recovery_needs_an_accepted_payment_of_the_same_worker():
    paid, refused = payment(), payment(comune_istat="?")
    flow = validated(
        [
            paid,
            refused,
            recovery(paid),  # 4
            recovery(refused),  # 5
            recovery(paid, codice_fiscale=codice_fiscale(999)),  # 6
            recovery(payment()),  # 7: names nothing
        ]
    )
    assert codes(flow) == {3: ["E005"], 5: ["E010"], 6: ["E010"], 7: ["E010"]}
    assert flow.importo == 0


def test_recoveries_never_exceed_their_payment_in_the_order_of_the_file():
    paid = payment(importo="100,00")
    rows = [recovery(paid, importo=text) for text in ("-60,00", "-50,00", "-40,00", "-0,01")]
    flow = validated([*rows, paid])  # the payment may come after
    assert codes(flow) == {3: ["E010"], 5: ["E010"]}  # 60 + 50 exceed; 60 + 40 fit; a cent more not
    assert flow.importo == 0


def test_recoveries_of_earlier_flows_count():
    paid = payment(importo="100,00")
    acquired([paid])
    acquired([recovery(paid, importo="-70,00")])
    flow = validated([recovery(paid, importo="-30,01"), recovery(paid, importo="-30,00")])
    assert codes(flow) == {2: ["E010"]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"mese_competenza": "06/2020"}, ["W101"]),  # paid on 15 May
        ({"data_decreto": "16/05/2020"}, ["W105"]),
        ({"data_decreto": "15/05/2020"}, []),
        ({"mese_competenza": "05/2020"}, []),
        ({"mese_competenza": "06/2020", "data_decreto": "01/06/2020"}, ["W101", "W105"]),
        ({"ore": "208,00"}, []),
        ({"ore": "208,01"}, ["W102"]),
        ({"importo": "1.199,72"}, []),
        ({"importo": "1.199,73"}, ["W104"]),
    ],
)
def test_a_row_that_is_odd_by_itself_is_accepted_with_its_code(fields, expected):
    flow = validated([payment(importo="10,00"), payment(**fields)])
    assert warnings(flow) == ({3: expected} if expected else {})
    assert flow.accettate == 2
    assert flow.segnalate == bool(expected)
    assert flow.codici == dict.fromkeys(expected, 1)


def test_hours_of_a_worker_with_one_company_in_a_month_are_summed_over_flows():
    first = payment(ore="200,00")
    acquired([first])
    same = {name: first[name] for name in ("codice_fiscale", "matricola_inps")}
    flow = validated([payment(ore="9,00", **same), payment(ore="9,00")])
    assert warnings(flow) == {2: ["W102"]}


def test_a_recovery_subtracts_its_hours_and_amount():
    first = payment(ore="200,00", importo="1.100,00")
    same = {name: first[name] for name in ("codice_fiscale", "matricola_inps")}
    second = payment(ore="100,00", importo="500,00", **same)
    assert warnings(validated([first, second])) == {2: ["W102", "W104"], 3: ["W102", "W104"]}
    back = recovery(second, ore="100,00")
    assert warnings(validated([first, second, back])) == {}


def test_a_month_paid_by_two_matricole_is_remarked_on_every_payment_of_it():
    first = payment()
    second = payment(codice_fiscale=first["codice_fiscale"])
    other_month = payment(codice_fiscale=first["codice_fiscale"], mese_competenza="04/2020")
    assert warnings(validated([first, second, other_month])) == {2: ["W103"], 3: ["W103"]}
    # What is wholly taken back was not paid.
    assert warnings(validated([first, second, recovery(second)])) == {}


def test_real_flows_do_not_look_at_examples():
    rows = [payment(ore="208,00"), payment()]
    acquired(rows, example=True)
    again = [rows[0] | {"importo": "1,00"}, rows[1] | {"importo": "2,00"}]
    flow = validated(again)
    assert codes(flow) == {}
    assert warnings(flow) == {}


def test_the_sums_of_an_acquired_flow_are_those_of_its_rows():
    milan = payment(comune_istat="015146", importo="1.000,50", ore="10,50")
    rows = [milan, payment(importo="99,50"), recovery(milan, importo="-0,50", ore="0,50",
            comune_istat="015146")]  # fmt: skip
    flow = acquired([*rows, payment(importo="7,00", comune_istat="016001")])
    by_azione = SintesiAzione.objects.order_by("azione").values_list(
        "azione", "provincia", "pagamenti", "recuperi", "ore", "importo"
    )
    assert list(by_azione) == [
        ("8.6.1", "BG", 1, 0, Decimal("40.00"), Decimal("99.50")),
        ("8.6.1", "MI", 1, 1, Decimal("10.00"), Decimal("1000.00")),
        ("9.8.1", "BG", 1, 0, Decimal("40.00"), Decimal("7.00")),
    ]
    assert SintesiComune.objects.count() == 3
    assert flow.gruppi == [
        {"key": "8.6.1", "rows": 3, "amount": "1099.50"},
        {"key": "9.8.1", "rows": 1, "amount": "7.00"},
    ]
    assert sum(row.importo for row in Pagamento.objects.acquired()) == flow.importo
    services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")
    assert not SintesiAzione.objects.exists()
    assert not SintesiComune.objects.exists()
    assert not Pagamento.objects.acquired().exists()


def test_a_flow_that_another_recovers_cannot_be_cancelled():
    paid = payment()
    first = acquired([paid])
    second = acquired([recovery(paid)])
    by = User.objects.sistema()
    with pytest.raises(services.NotNow, match=f"Il flusso {second.pk} recupera"):
        services.cancel(first.pk, by=by, reason="prova")
    assert Flow.objects.get(pk=first.pk).stato == "acquisito"
    services.cancel(second.pk, by=by, reason="prova")
    services.cancel(first.pk, by=by, reason="prova")


def test_a_real_flow_cancels_the_examples_by_the_same_act():
    example = acquired([payment(importo="1,00")], example=True)
    real = acquired([payment(importo="2,00")])
    assert Flow.objects.get(pk=example.pk).stato == "annullato"
    assert list(Pagamento.objects.acquired().values_list("flusso", flat=True)) == [real.pk]
    with pytest.raises(services.Refused, match="non si mescolano"):
        acquired([payment()], example=True)
