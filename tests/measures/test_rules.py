"""The parameters of the calls, and the ceilings against a plain count over random files."""

import random
from decimal import Decimal

import pytest

from measures import avvisi
from measures.formazione_continua import rules
from measures.formazione_continua.models import Voucher
from measures.models import ParametroAvviso
from porfse.models import User
from tests.factories import flows
from tests.factories.crisi import partita_iva
from tests.factories.flows import codice_fiscale
from tests.factories.misure import voucher

pytestmark = pytest.mark.django_db


def test_the_grid_of_smart_working_is_the_one_of_its_call():
    steps = avvisi.grid("smart-working")
    assert [(step.da, step.a, step.importo) for step in steps] == [
        (3, 10, 7500),
        (11, 20, 10500),
        (21, 30, 15000),
        (31, None, 22500),
    ]


@pytest.mark.parametrize(
    ("employees", "euro"),
    [(2, None), (3, 7500), (10, 7500), (11, 10500), (30, 15000), (31, 22500), (10_000, 22500)],
)
def test_the_grid_gives_the_euro_of_some_employees(employees, euro):
    assert avvisi.by_grid(avvisi.grid("smart-working"), employees) == euro


def test_the_grid_is_not_the_size_class():
    steps = avvisi.grid("smart-working")
    assert {avvisi.by_grid(steps, number) for number in range(10, 50)} == {
        7500, 10500, 15000, 22500,
    }  # fmt: skip


def test_ceilings_and_duties_are_those_printed():
    assert avvisi.value("formazione-continua", rules.LAVORATORE) == Decimal(2000)
    assert avvisi.value("formazione-continua", rules.IMPRESA) == Decimal(50000)
    assert avvisi.demands("smart-working", "azione_a_obbligatoria")


def test_what_a_call_does_not_set_is_not_known():
    assert avvisi.value("smart-working", rules.LAVORATORE) is None
    assert not avvisi.demands("formazione-continua", "azione_a_obbligatoria")
    assert avvisi.grid("formazione-continua") == []


def test_each_parameter_names_its_source_in_words():
    for row in ParametroAvviso.objects.all():
        assert row.fonte
        assert row.parole


def test_loading_again_brings_back_what_the_file_says():
    number = ParametroAvviso.objects.count()
    ParametroAvviso.objects.filter(chiave=rules.IMPRESA).update(valore=1)
    avvisi.load(by=User.objects.sistema())
    assert ParametroAvviso.objects.count() == number
    assert avvisi.value("formazione-continua", rules.IMPRESA) == 50000


def in_force() -> tuple[dict[str, Decimal], dict[int, Decimal]]:
    workers: dict[str, Decimal] = {}
    companies: dict[int, Decimal] = {}
    for row in Voucher.objects.exclude(stato="revocato"):
        key = row.codice_fiscale_lavoratore
        workers[key] = workers.get(key, 0) + row.concesso
        companies[row.azienda_id] = companies.get(row.azienda_id, 0) + row.concesso
    return workers, companies


def fits(file: list[dict[str, str]]) -> set[str]:
    """Which new vouchers of a file fit, counted one by one over what is stored."""
    stored = Voucher.objects.exclude(stato="revocato").select_related("azienda")
    had: dict[str, int] = {}
    for row in stored:
        for key in (row.codice_fiscale_lavoratore, row.azienda.codice_fiscale):
            had[key] = had.get(key, 0) + int(row.concesso)
    right = set()
    for row in sorted(file, key=lambda row: (row["data_concessione"][-4:], row["id_voucher"])):
        amount = 0 if row["stato"] == "revocato" else int(row["importo"].split(",")[0])
        worker, company = row["codice_fiscale_lavoratore"], row["codice_fiscale_azienda"]
        after = had.get(worker, 0) + amount, had.get(company, 0) + amount
        if not amount or (after[0] <= 2000 and after[1] <= 50_000):
            right.add(row["id_voucher"])
            had[worker], had[company] = after
    return right


def drawn(draw: random.Random, number: int, prefix: str) -> list[dict[str, str]]:
    return [
        voucher(
            id_voucher=f"{prefix}{draw.randrange(number * 2):04d}",
            codice_fiscale_lavoratore=codice_fiscale(draw.randrange(40)),
            codice_fiscale_azienda=partita_iva(draw.randrange(3)),
            importo=f"{draw.choice((300, 500, 900, 1400))},00",
            data_concessione=f"01/01/{draw.choice((2019, 2020, 2021))}",
            stato=draw.choice(("concesso", "concesso", "rendicontato", "revocato")),
        )
        for _ in range(number)
    ]


def once(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return list({row["id_voucher"]: row for row in rows}.values())


@pytest.mark.parametrize("seed", range(4))
def test_new_vouchers_are_accepted_exactly_where_a_plain_count_says(seed):
    draw = random.Random(seed)  # noqa: S311
    for turn in "AB":
        file = once(drawn(draw, 120, turn))
        right = fits(file)
        flow = flows.acquired(file, source="voucher-formazione")
        assert set(flow.codici) <= {"E042", "E043"}
        assert flow.scartate > 0
        kept = set(Voucher.objects.filter(flusso=flow).values_list("codice", flat=True))
        assert kept == right


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_updated_no_ceiling_is_ever_exceeded(seed):
    draw = random.Random(seed)  # noqa: S311
    ParametroAvviso.objects.filter(chiave=rules.IMPRESA).update(valore=12_000)
    refused = 0
    for _ in range(4):
        flow = flows.acquired(once(drawn(draw, 80, "V")), source="voucher-formazione")
        refused += flow.codici.get("E042", 0) + flow.codici.get("E043", 0)
        workers, companies = in_force()
        assert max(workers.values()) <= 2000
        assert max(companies.values()) <= 12_000
    assert refused > 0
