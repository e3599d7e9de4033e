"""What a sum of the ledger is worth, and when it is not known."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from porfse.errors import BadInput
from porfse.figures import Board, evaluate, leaf
from porfse.models import Fonte, User
from programme.models import (
    DomandaPagamento,
    Iniziativa,
    Movimento,
    Programmazione,
    SpesaCertificata,
)
from programme.n3 import Deadline
from programme.progress import View
from programme.services import retire_source
from programme.sources import balances
from tests.factories.programme import make_initiative, make_movement, make_source

END_2020 = date(2020, 12, 31)
SEPTEMBER_2021 = date(2021, 9, 30)
LATER = date(2022, 12, 31)


def worth(name: str, al: date = SEPTEMBER_2021, **levels: object):
    expression = leaf(name, al=al, **levels)
    return evaluate([expression])[expression]


def test_an_asse_is_not_known_after_an_unsplit_total(db):
    value = worth("certificata", asse="I")
    assert value.amount is None
    assert value.missing == "ultimo dato al 31.12.2020"
    assert worth("certificata", END_2020, asse="I").amount == Decimal("120530000.00")


def test_what_is_not_split_is_known_and_derived(db):
    value = worth("certificata", asse="nr")
    assert value.amount == Decimal("201230000.00")
    assert value.derived
    assert worth("certificata").amount == Decimal("643700000.00")


def test_nothing_is_known_before_the_first_balance(db):
    value = worth("impegnate", date(2019, 12, 31))
    assert value.amount is None
    assert value.missing == "nessun dato a questa data"


def test_a_blank_is_not_zero(db):
    assert worth("impegnate", azione="8.1.1").amount is None


def test_the_eu_share_is_known_only_for_the_programme_and_until_its_day(db):
    assert worth("certificata_ue", END_2020).amount == Decimal("234600000.00")
    assert worth("certificata_ue", END_2020, asse="I").amount is None
    later = worth("certificata_ue")
    assert (later.amount, later.last_known) == (None, END_2020)


def test_perimeters_add_up_and_say_their_name(db):
    whole = worth("impegnate", asse="II")
    ordinary = worth("impegnate", asse="II", perimetro="ordinaria")
    support = worth("impegnate", asse="II", perimetro="cigd")
    assert whole.amount == ordinary.amount + support.amount == Decimal("307500000.00")
    assert whole.scope == {"CIGD inclusa"}
    assert ordinary.scope == {"CIGD esclusa"}
    assert support.scope == {"sola CIGD"}
    assert ordinary.derived
    assert not whole.derived


def test_a_perimeter_is_not_known_where_the_source_does_not_declare_it(db):
    value = worth("certificata", perimetro="ordinaria")
    assert value.amount is None
    assert value.missing == "la fonte non dichiara il perimetro"


def test_asse_v_is_derived_and_its_totals_are_circular(db):
    assert worth("programmate", asse="V").derived
    assert worth("programmate").circular
    assert not worth("impegnate", END_2020).circular


def test_the_rounding_is_that_of_the_latest_balances(db):
    value = worth("liquidate", END_2020, perimetro="ordinaria")
    # I 5,000 + II 50,000 + III 5,000 + IV 50,000 + V 50,000
    assert value.rounding == Decimal("160000.00")


def test_a_later_movement_takes_nothing_from_the_rounding_of_a_balance(db):
    day = date(2021, 10, 15)
    before = worth("impegnate", asse="IV").rounding
    assert before > 0
    make_movement("impegnate", asse_id="IV", data=day)
    after = evaluate([asked := leaf("impegnate", al=day, asse="IV")])[asked]
    assert after.rounding == before


def test_priority_comes_from_the_initiative_then_from_the_azione(db):
    initiative = make_initiative("II", priorita_id="9.i")
    make_movement("impegnate", asse_id="II", iniziativa=initiative, importo=Decimal("70.00"))
    assert worth("impegnate", LATER, priorita="9.i").amount == Decimal("70.00")
    assert worth("impegnate", LATER, priorita="8.v").amount == Decimal("51707979.97")


def test_examples_and_retired_sources_never_count(db):
    before = worth("impegnate", LATER).amount
    make_movement(fonte=make_source(Fonte.Genere.ESEMPIO))
    retired = make_source()
    make_movement(fonte=retired)
    assert worth("impegnate", LATER).amount == before + Decimal("1000.00")
    Fonte.objects.filter(pk=retired.pk).update(
        ritirata_il=timezone.now(), ritirata_da=User.objects.sistema(), motivo_ritiro="prova"
    )
    assert worth("impegnate", LATER).amount == before


def test_a_date_between_two_balances_has_the_earlier(db):
    assert worth("impegnate", date(2021, 6, 1), asse="III").amount == Decimal("226250000.00")


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ({"al": "2021-02-30"}, "data"),
        ({"al": "domani"}, "data"),
        ({"al": "2021-01-01", "colore": "rosso"}, "parametro"),
        ({"al": "2021-01-01", "perimetro": "tutto"}, "perimetro"),
    ],
)
def test_an_impossible_leaf_is_refused_in_words(db, levels, words):
    with pytest.raises(BadInput, match=f"(?i){words}"):
        evaluate([leaf("impegnate", **levels)])


@pytest.mark.parametrize(
    "fields",
    [
        {"importo": Decimal(0)},
        {"atto": None},
        {"asse_id": None, "iniziativa_id": "smart-working"},
    ],
)
def test_the_database_refuses_what_cannot_be(db, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_movement(**fields)


@pytest.mark.parametrize(
    ("importo", "quota"), [("100", "100.01"), ("100", "-1"), ("-100", "1"), ("-100", "-101")]
)
def test_the_eu_share_has_the_sign_of_the_amount_and_stays_within(db, importo, quota):
    claim = DomandaPagamento.objects.create(numero="DP1", data=date(2022, 1, 1))
    with pytest.raises(IntegrityError, match="quota_entro"), transaction.atomic():
        make_movement(
            "certificata", importo=Decimal(importo), quota_ue=Decimal(quota), domanda=claim
        )


def test_certified_expenditure_needs_claim_and_share(db):
    with pytest.raises(IntegrityError, match="con_domanda"), transaction.atomic():
        make_movement("certificata")


def test_the_accounting_year_follows_from_the_date():
    assert str(SpesaCertificata(data=date(2021, 6, 30)).anno_contabile) == "2020/2021"
    assert str(SpesaCertificata(data=date(2021, 7, 1)).anno_contabile) == "2021/2022"


def test_the_ledger_table_reads_where_an_amount_belongs(db):
    assert make_movement(iniziativa_id="smart-working").dove.startswith("Adozione di piani")
    assert make_movement(azione_id="8.6.1").dove == "Azione 8.6.1"
    assert make_movement().dove == "Intero asse"
    assert Movimento.Natura.RESTO in Movimento.DERIVATE


def test_an_asse_stays_unknown_while_a_part_is_not_split(db):
    """A movement entered after the unsplit total does not tell what the asse had in it."""
    claim = DomandaPagamento.objects.create(numero="DP1", data=date(2022, 1, 1))
    certified = {"domanda": claim, "quota_ue": Decimal("50.00"), "importo": Decimal("100.00")}
    make_movement("certificata", **certified)
    value = worth("certificata", LATER, asse="I")
    assert value.amount is None
    assert value.missing == "dal 30.09.2021 una parte non è ripartita tra gli assi"
    assert worth("certificata", LATER).amount == Decimal("643700100.00")


def certify(quota: str = "50.00", **fields: object) -> None:
    """A movement of the CIGD after all published balances, with its EU share."""
    claim, _ = DomandaPagamento.objects.get_or_create(numero="DP1", data=date(2022, 1, 1))
    levels = {"azione_id": "8.6.1", "perimetro": "cigd", "domanda": claim}
    amounts = {"importo": Decimal("100.00"), "quota_ue": Decimal(quota)}
    make_movement("certificata", **levels | amounts | fields)


def test_the_eu_share_stays_unknown_after_a_later_certification(db):
    """What is certified later does not tell the share of a balance printed without it."""
    before = [worth("certificata_ue", LATER, **levels) for levels in ({}, {"asse": "I"})]
    certify()
    after = [worth("certificata_ue", LATER, **levels) for levels in ({}, {"asse": "I"})]
    assert after == before
    assert [(value.amount, value.missing, value.last_known) for value in after] == [
        (None, "ultimo dato al 31.12.2020", END_2020),
        (None, "quota UE non pubblicata a questo livello", None),
    ]
    assert worth("certificata_ue", END_2020).amount == Decimal("234600000.00")


def test_the_eu_share_of_what_has_no_published_balance_is_that_of_its_movements(db):
    certify()
    certify("25.50")
    assert worth("certificata_ue", LATER, azione="8.6.1").amount == Decimal("75.50")


def test_the_eu_share_of_a_perimeter_is_not_known_where_a_source_does_not_declare_it(db):
    certify()
    value = worth("certificata_ue", LATER, perimetro="cigd")
    assert (value.amount, value.missing) == (None, "la fonte non dichiara il perimetro")


def test_the_eu_share_goes_on_from_the_last_balance_once_those_without_it_are_retired(db):
    totals = Fonte.objects.get(documento="001", sezione="Totali del programma")
    retire_source(totals, by=User.objects.sistema(), motivo="prova")
    certify()
    assert worth("certificata_ue", LATER).amount == Decimal("234600050.00")
    assert worth("certificata_ue", LATER, asse="I").amount is None


def test_the_eu_share_is_the_sum_of_the_movements_where_no_balance_is_in_force(db):
    while found := balances():
        fonte = Fonte.objects.get(pk=found[0].fonte)
        retire_source(fonte, by=User.objects.sistema(), motivo="prova")
    certify()
    for levels in ({}, {"asse": "I"}, {"asse": "I", "perimetro": "cigd"}):
        assert worth("certificata_ue", LATER, **levels).amount == Decimal("50.00")


def test_a_target_in_eu_share_is_not_valued_by_a_later_certification(db):
    certify(data=date(2021, 12, 15))
    board = Board()
    deadline = Deadline(board, View(date(2021, 12, 31)), only=2021)
    board.load()
    deadline.fall_back(board)
    (target,) = deadline.target
    assert (target.al, target.certificata.amount) == (END_2020, Decimal("234600000.00"))


@pytest.mark.parametrize(
    ("levels", "rounding"),
    [
        ({"asse": "V"}, "250000.00"),  # the total and the four other assi, 0.05 million each
        ({}, "50000.00"),  # the printed total again: the differences cancel
        ({"asse": "I"}, "50000.00"),
    ],
)
def test_a_difference_bears_all_that_it_took_away(db, levels, rounding):
    assert worth("programmate", **levels).rounding == Decimal(rounding)


def test_what_no_initiative_accounts_for_bears_their_roundings_too(db):
    rest = worth("liquidate", END_2020, asse="I", iniziativa="na")
    # The balance 166.65 and Lombardia Plus 2.15, each printed to a hundredth of a million.
    assert (rest.amount, rest.rounding) == (Decimal("164500000.00"), Decimal("10000.00"))


def test_what_is_deduced_is_derived_below_the_asse(db):
    assert worth("impegnate", iniziativa="cigd-asse-i").derived
    assert not worth("programmate", iniziativa="cigd-asse-i").derived
    assert not worth("impegnate", asse="I").derived


def test_placing_an_initiative_places_its_money(db):
    Iniziativa.objects.filter(pk="smart-working").update(azione="8.6.1", priorita="8.v")
    with_cigd = Decimal("51707979.97") + Decimal("11000000.00")
    assert worth("programmate", azione="8.6.1").amount == with_cigd
    assert worth("programmate", obiettivo="8.6").amount == with_cigd
    assert worth("programmate", priorita="8.v").amount == with_cigd
    rows = Programmazione.objects.in_force().within({"obiettivo": "8.6", "priorita": "8.v"})
    assert rows.total() == with_cigd
