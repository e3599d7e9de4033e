"""The printed balances are what the ledger sums to, at both dates."""

from datetime import date
from decimal import Decimal

import pytest

from programme.models import GRANDEZZE, Asse, Azione, Dotazione, ObiettivoSpecifico

END_2020 = date(2020, 12, 31)
SEPTEMBER_2021 = date(2021, 9, 30)
# Asse, day, then programmate, impegnate, liquidate, certificata in millions; None: not printed.
# At the end of 2020 commitments and payments exclude the Covid wage support.
PRINTED = [
    ("I", END_2020, ("235.67", "190.92", "166.65", "120.53")),
    ("II", END_2020, ("378.3", "184.31257433", "140.6", "109.8")),
    ("III", END_2020, ("295.78", "226.25", "203.14", "192.54")),
    ("IV", END_2020, ("19.9", "15.9", "8.4", "4.5")),
    ("V", END_2020, ("32.15", "24.2", "17.6", "15.1")),
    (None, END_2020, ("961.8", "641.58257433", "536.39", "442.47")),
    ("I", SEPTEMBER_2021, ("289.2", "260.3", "222.2", None)),
    ("II", SEPTEMBER_2021, ("324.9", "307.5", "271.7", None)),
    ("III", SEPTEMBER_2021, ("304.6", "238.4", "221.2", None)),
    ("IV", SEPTEMBER_2021, ("19.1", "19.1", "9.9", None)),
    ("V", SEPTEMBER_2021, ("33.0", "28.6", "20.5", None)),
    (None, SEPTEMBER_2021, ("970.8", "853.9", "745.5", "643.7")),
]


@pytest.mark.parametrize(("asse", "day", "amounts"), PRINTED)
def test_balances(db, asse, day, amounts):
    for quantity, millions in zip(GRANDEZZE, amounts, strict=True):
        if millions is None:
            continue
        rows = GRANDEZZE[quantity].objects.in_force().up_to(day)
        rows = rows.within({"asse": asse}) if asse else rows
        if day == END_2020 and quantity in ("impegnate", "liquidate"):
            rows = rows.within({"perimetro": "ordinaria"})
        assert rows.total() == Decimal(millions) * 1_000_000, quantity


@pytest.mark.parametrize("quantity", ["programmate", "impegnate", "liquidate"])
def test_the_wage_support_moves_between_assi(db, quantity):
    rows = GRANDEZZE[quantity].objects.in_force().within({"perimetro": "cigd"})
    assert rows.up_to(END_2020).within({"asse": "I"}).total() is None
    assert rows.up_to(END_2020).within({"asse": "II"}).total() == Decimal("168500000.00")
    assert rows.within({"azione": "8.6.1"}).total() == Decimal("51707979.97")
    assert rows.within({"azione": "9.8.1"}).total() == Decimal("116792020.03")
    assert rows.total() == Decimal("168500000.00")


def test_endowments_of_version_6(db):
    found = dict(Dotazione.objects.values_list("asse", "importo"))
    assert found == {
        "I": Decimal("236700000.00"),
        "II": Decimal("379000000.00"),
        "III": Decimal("301900000.00"),
        "IV": Decimal("20000000.00"),
        "V": Decimal("32874516.00"),
    }
    assert sum(found.values()) == Decimal("970474516.00")


def test_the_whole_structure_with_its_wording(db):
    assert Asse.objects.count() == 5
    assert list(ObiettivoSpecifico.objects.values_list("codice", flat=True)) == [
        *("8.1", "8.2", "8.5", "8.6"),
        *("9.1", "9.2", "9.3", "9.4", "9.5", "9.8"),
        *("10.1", "10.4", "10.6"),
        *("11.1", "11.3", "V.1"),
    ]
    assert Azione.objects.count() == 26
    assert Azione.objects.get(pk="9.8.1").titolo == (
        "Misura di politica passiva mediante il ricorso al finanziamento alla Cassa Integrazione "
        "in Deroga (CIGD)"
    )
    assert "leFP" not in Azione.objects.get(pk="10.1.7").titolo
    assert Asse.objects.get(pk="V").destinatari == ""


def test_every_movement_is_of_the_branch_that_it_names(db):
    for model in GRANDEZZE.values():
        for row in model.objects.select_related("iniziativa", "azione__obiettivo"):
            assert row.iniziativa is None or row.iniziativa.asse_id == row.asse_id
            assert row.azione is None or row.azione.obiettivo.asse_id == row.asse_id


def test_initiatives_keep_to_their_printed_amounts(db):
    rows = GRANDEZZE["programmate"].objects.in_force()
    at_2020, at_2021 = rows.up_to(END_2020), rows.up_to(SEPTEMBER_2021)
    smart_working = {"iniziativa": "smart-working"}
    assert at_2020.within(smart_working).total() == Decimal("9000000.00")
    assert at_2021.within(smart_working).total() == Decimal("11000000.00")
    assert at_2020.within({"iniziativa": "bollate-progetto-integrato"}).total() == Decimal(
        "550000.00"
    )
    rest = {"asse": "I", "iniziativa": "na"}
    assert at_2020.within(rest).total() == Decimal("166170000.00")
