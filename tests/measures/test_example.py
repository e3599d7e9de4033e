"""The examples: what is published of Smart Working comes out of them to the euro."""

import csv
import io
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from django.core.management import call_command

from measures.formazione_continua.models import Voucher
from measures.misura import misura_of
from measures.models import SintesiMisura, StatisticaPubblicata
from measures.smart_working.models import Domanda
from porfse.codes import is_partita_iva
from porfse.flows.source import source_of
from porfse.models import Azienda, Flow
from tests.factories.flows import acquired
from tests.factories.misure import application, voucher

pytestmark = pytest.mark.django_db
SMART, VOUCHER = "domande-smart-working", "voucher-formazione"


def example(source: str, rows: int, *, seed: int = 2021, defects: str = "0") -> list[list[str]]:
    made = source_of(source).example(rows=rows, seed=seed, defects=Decimal(defects))
    return [list(row) for row in made]


def as_file(source: str, rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(column.name for column in source_of(source).columns)
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def loaded(settings) -> Flow:
    """The example as the demonstration loads it, wrong rows included."""
    return acquired(
        as_file(SMART, example(SMART, 1_001, defects="0.002")), source=SMART, example=True
    )


def summed(fase: str, taglio: str = "") -> dict[str, tuple[int, Decimal]]:
    """How many and how many euro came to a phase, by the value of a cut."""
    found: defaultdict[str, list] = defaultdict(lambda: [0, Decimal(0)])
    rows = SintesiMisura.objects.filter(
        misura="smart-working",
        esempio=True,
        taglio=taglio,
        stato__in=misura_of("smart-working").fasi[fase].stati,
    )
    for row in rows:
        key = getattr(row, taglio) if taglio else ""
        found[key][0] += row.numero
        found[key][1] += row.concesso
    return {key: (number, amount) for key, (number, amount) in found.items()}


def test_the_example_meets_every_published_total_of_the_21st_of_october_2021(loaded):
    printed = StatisticaPubblicata.objects.filter(misura="smart-working", data="2021-10-21")
    assert printed.count() == 16
    for row in printed:
        number, amount = summed(row.fase, row.dimensione)[row.voce]
        assert number == row.numero, row.parole
        if row.importo is not None:
            assert amount == row.importo, row.parole


def test_the_totals_are_those_that_the_document_prints(loaded):
    assert summed("presentate")[""][0] == 1_001
    assert summed("ammesse")[""][0] == 884
    assert summed("perse")[""][0] == 120
    assert summed("beneficiarie")[""] == (764, Decimal("10705500.00"))
    assert summed("beneficiarie", "classe") == {
        "micro": (264, Decimal("1980000.00")),
        "piccola": (324, Decimal("4788000.00")),
        "media": (151, Decimal("3375000.00")),
        "grande": (25, Decimal("562500.00")),
    }
    groups = summed("beneficiarie", "gruppo")
    assert {key: number for key, (number, _) in groups.items()} == {
        "addendum": 379,
        "originario": 385,
    }
    sectors = {key: number for key, (number, _) in summed("beneficiarie", "settore").items()}
    first = {"46": 62, "62": 60, "70": 46, "88": 45, "63": 41, "25": 37}
    assert {key: sectors[key] for key in first} == first
    assert max(number for key, number in sectors.items() if key not in first) < 37


def test_over_seven_hundred_were_admitted_for_ten_millions_at_the_30th_of_september(loaded):
    rows = Domanda.objects.filter(
        stato__in=("ammessa", "liquidata"), data_ammissione__lte="2021-09-30"
    )
    amounts = list(rows.values_list("concesso", flat=True))
    assert 700 < len(amounts) < 764
    assert round(sum(amounts) / 1_000_000) == 10


def test_each_beneficiary_is_a_company_and_all_provinces_have_some(loaded):
    rows = Domanda.objects.filter(stato__in=("ammessa", "liquidata"))
    assert rows.values("azienda").distinct().count() == 764
    assert rows.values("comune__provincia").distinct().count() == 12


def test_dates_are_in_order_and_end_with_the_published_day(loaded):
    for row in Domanda.objects.all():
        days = [row.data_inizio, row.data_ammissione, row.data_liquidazione]
        known = [day for day in days if day]
        assert known == sorted(known)
        assert known[-1].isoformat() <= "2021-10-21"
        assert (row.data_liquidazione is None) == (row.stato != "liquidata")
        assert (row.data_ammissione is None) == (row.stato == "presentata")


def test_amounts_are_of_the_grid_but_for_three_medium_companies(loaded):
    assert loaded.codici["W402"] == 3
    assert Domanda.objects.filter(
        dipendenti__range=(50, 249), concesso=Decimal(15000), stato__in=("ammessa", "liquidata")
    ).count() == 3  # fmt: skip
    assert loaded.codici["W403"] > 0
    assert "W401" not in loaded.codici


def test_wrong_rows_are_added_so_that_the_right_ones_stay_exact(loaded):
    assert loaded.scartate > 0
    assert loaded.accettate == 1_001


def test_companies_are_invented(loaded):
    codes = list(Azienda.objects.filter(esempio=True).values_list("codice_fiscale", flat=True))
    assert codes
    assert all(is_partita_iva(code) and code[7:10] == "000" for code in codes)
    assert Azienda.objects.filter(esempio=False).count() == 0


@pytest.mark.parametrize("source", [SMART, VOUCHER])
def test_the_same_seed_gives_the_same_rows_and_another_gives_others(source):
    assert example(source, 200) == example(source, 200)
    assert example(source, 200) != example(source, 200, seed=7)


@pytest.mark.parametrize("source", [SMART, VOUCHER])
def test_other_numbers_of_rows_can_be_asked_for(source):
    rows = example(source, 2_500)
    assert len(rows) == 2_500
    assert len({row[0] for row in rows}) == 2_500


def test_more_rows_repeat_the_published_proportions_with_other_companies():
    rows = example(SMART, 2_002)
    states = Counter(row[9] for row in rows)
    assert states["rinunciata"] + states["decaduta"] == 240
    assert states["ammessa"] + states["liquidata"] == 1_528
    winners = [row[1] for row in rows if row[9] in {"ammessa", "liquidata"}]
    assert len(set(winners)) == 1_528


@pytest.mark.parametrize("source", [SMART, VOUCHER])
def test_wrong_rows_are_refused_and_only_they(source):
    flow = acquired(as_file(source, example(source, 1_000, defects="0.05")), source=source)
    assert flow.accettate == 1_000
    assert 20 < flow.scartate < 90
    assert {code for code in flow.codici if code[0] == "E"} > {"E002", "E005", "E006"}


def test_vouchers_respect_the_ceilings_and_some_companies_are_near():
    flow = acquired(as_file(VOUCHER, example(VOUCHER, 3_000)), source=VOUCHER, example=True)
    assert flow.scartate == 0
    companies: Counter = Counter()
    workers: Counter = Counter()
    rows = Voucher.objects.exclude(stato="revocato")
    for azienda, worker, amount in rows.values_list(
        "azienda", "codice_fiscale_lavoratore", "concesso"
    ):
        companies[azienda] += amount
        workers[worker] += amount
    assert max(workers.values()) <= 2_000
    assert max(companies.values()) <= 50_000
    assert sum(amount >= 40_000 for amount in companies.values()) >= 3


def test_distance_learning_rises_in_2020():
    def share(rows: list[list[str]]) -> Decimal:
        return Decimal(sum(row[6] != "aula" for row in rows)) / len(rows)

    rows = example(VOUCHER, 3_000)
    days = [(row[7][6:] + row[7][3:5], row) for row in rows]
    before = [row for day, row in days if day < "202003"]
    after = [row for day, row in days if "202003" <= day < "202009"]
    assert share(before) < Decimal("0.2")
    assert share(after) > Decimal("0.8")


def test_a_real_flow_takes_the_place_of_the_example(loaded):
    flow = acquired([application()], source=SMART)
    assert flow.stato == "acquisito"
    loaded.refresh_from_db()
    assert loaded.stato == "annullato"
    assert Domanda.objects.filter(esempio=True).count() == 0
    assert not SintesiMisura.objects.filter(misura="smart-working", esempio=True).exists()
    assert Domanda.objects.filter(esempio=False).count() == 1


def test_a_real_flow_of_vouchers_takes_the_place_of_theirs():
    old = acquired(as_file(VOUCHER, example(VOUCHER, 100)), source=VOUCHER, example=True)
    acquired([voucher()], source=VOUCHER)
    old.refresh_from_db()
    assert old.stato == "annullato"
    assert Voucher.objects.count() == 1


def test_the_demonstration_loads_both():
    call_command("demo_flows", rows=50, stdout=io.StringIO())
    assert Domanda.objects.filter(esempio=True).count() == 50
    assert Voucher.objects.filter(esempio=True).count() == 50
