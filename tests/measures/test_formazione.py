"""The pages of the vouchers: modes over time, ceilings, companies near theirs, workers unnamed."""

from datetime import date
from decimal import Decimal

import pytest

from measures.formazione_continua.massimali import band
from measures.formazione_continua.models import FasciaMassimale
from measures.models import ParametroAvviso
from porfse.figures import evaluate, leaf
from tests.factories.crisi import make_azienda
from tests.factories.flows import codice_fiscale
from tests.factories.misure import make_voucher, summed

pytestmark = pytest.mark.django_db
URL = "/misure/formazione-continua/"


def sums() -> None:
    summed("formazione-continua")


def text(response) -> str:
    return response.content.decode().replace("\xa0", " ").replace("&#x27;", "'")


def bands(holder: str, fonte: str = "caricata") -> list[int]:
    asked = [band(holder, part, fonte=fonte) for part in range(6)]
    values = evaluate(asked)
    return [int(values[each].amount) for each in asked]


def company(amount: str, vouchers: int = 1, **fields: object):
    """A company with some vouchers of an amount each, of as many workers."""
    azienda = make_azienda(esempio=bool(fields.get("esempio")))
    for _ in range(vouchers):
        make_voucher(azienda=azienda, concesso=Decimal(amount), **fields)
    return azienda


def test_companies_stand_in_the_band_of_their_ceiling_to_the_cent():
    for amount in ("9999.99", "10000.00", "39999.99", "40000.00", "50000.00", "50000.01"):
        company(amount)
    sums()
    assert bands("impresa") == [1, 1, 0, 1, 2, 1]


def test_workers_are_counted_by_the_sum_of_their_vouchers_without_the_revoked():
    person = codice_fiscale(900_001)
    for stato in ("concesso", "liquidato", "revocato"):
        make_voucher(
            stato, codice_fiscale_lavoratore=person, concesso=Decimal("800.00"),
            liquidato=Decimal("800.00") if stato == "liquidato" else None,
        )  # fmt: skip
    make_voucher(concesso=Decimal("100.00"))
    sums()
    assert bands("lavoratore") == [1, 0, 0, 0, 1, 0]
    kept = FasciaMassimale.objects.filter(soggetto="lavoratore")
    assert list(kept.values_list("fascia", "concesso", "massimale")) == [
        (0, Decimal("100.00"), Decimal("2000.00")),
        (4, Decimal("1600.00"), Decimal("2000.00")),
    ]


def test_the_ceilings_are_those_of_the_call():
    ParametroAvviso.objects.filter(chiave="massimale_impresa").update(valore=Decimal(1000))
    company("900.00")
    sums()
    assert bands("impresa") == [0, 0, 0, 0, 1, 0]


def test_without_a_ceiling_there_is_no_distribution(lettore):
    ParametroAvviso.objects.all().delete()
    company("900.00")
    sums()
    assert not FasciaMassimale.objects.exists()
    page = lettore.get(f"{URL}massimali/")
    assert page.status_code == 200
    assert "l'avviso non ne fissa" in text(page)
    assert "Nessuna impresa raggiunge" in text(page)


def test_companies_near_their_ceiling_come_in_order_and_are_exported(lettore):
    far, near, over = company("39999.99"), company("20000.00", 2), company("50000.01")
    sums()
    page = text(lettore.get(f"{URL}massimali/"))
    assert page.index(over.denominazione) < page.index(near.denominazione)
    assert far.denominazione not in page
    csv = lettore.get(f"{URL}massimali/", {"vicine-formato": "csv"}).content.decode("utf-8-sig")
    assert csv.splitlines()[1:] == [
        f"{over.denominazione};1;1;50.000,01;-0,01;100,00",
        f"{near.denominazione};2;2;40.000,00;10.000,00;80,00",
    ]


def test_a_company_with_the_code_of_a_person_is_shown_without_it(lettore):
    code = codice_fiscale(900_002)
    azienda = make_azienda(codice_fiscale=code, denominazione="Ditta individuale")
    make_voucher(azienda=azienda, concesso=Decimal(45_000))
    sums()
    page = text(lettore.get(f"{URL}massimali/"))
    assert "Ditta individuale" in page
    assert code not in page


@pytest.mark.parametrize("role", ["nucleo", "certificatore", "controllore"])
def test_who_may_not_see_rows_sees_the_numbers_alone(as_role, role):
    azienda = company("45000.00")
    sums()
    page = as_role(role).get(f"{URL}massimali/")
    assert page.status_code == 200
    assert "Imprese e lavoratori per parte del massimale" in text(page)
    assert azienda.denominazione not in text(page)
    answer = as_role(role).get(f"{URL}massimali/", {"vicine-formato": "csv"})
    assert azienda.denominazione not in answer.content.decode()


@pytest.mark.parametrize("address", ["modalita/", "massimali/", ""])
@pytest.mark.parametrize("role", ["lettore", "gestore", "operatore", "nucleo", "controllore"])
def test_a_worker_is_never_named(as_role, role, address):
    person = codice_fiscale(900_003)
    make_voucher(codice_fiscale_lavoratore=person)
    sums()
    page = as_role(role).get(f"{URL}{address}")
    assert page.status_code == 200
    assert person not in text(page)


def test_modes_are_shown_month_by_month(lettore):
    for mode, month, number in (("aula", 1, 2), ("fad", 3, 1), ("e-learning", 3, 2)):
        for _ in range(number):
            make_voucher(modalita=mode, data_inizio=date(2020, month, 7))
    make_voucher("revocato", modalita="aula", data_inizio=date(2020, 3, 9))
    sums()
    answer = lettore.get(f"{URL}modalita/", {"modalita-formato": "csv"})
    assert answer.content.decode("utf-8-sig").splitlines()[1:] == [
        "gennaio 2020;2;0;0;0,00;2.000,00",
        "marzo 2020;1;1;2;75,00;4.000,00",
        "Totale;3;1;2;50,00;6.000,00",
    ]
    page = text(lettore.get(f"{URL}modalita/"))
    assert "fase=concessi,fonte=caricata,gruppo=e-learning,mese=2020-03" in page
    assert "E-learning: 01.01.2020 0, 01.03.2020 2." in page


def test_the_list_is_narrowed_by_mode_and_month(lettore):
    first = make_voucher(modalita="fad", data_inizio=date(2020, 12, 31))
    other = make_voucher(modalita="aula", data_inizio=date(2020, 12, 31))
    late = make_voucher(modalita="fad", data_inizio=date(2021, 1, 1))
    sums()
    page = text(lettore.get(f"{URL}elenco/", {"gruppo": "fad", "mese": "2020-12"}))
    assert first.codice in page
    assert other.codice not in page
    assert late.codice not in page
    wrong = lettore.get(f"{URL}elenco/", {"mese": "2020-13"})
    assert wrong.status_code == 400
    assert "scriverlo come 2020-03" in text(wrong)


def test_examples_are_shown_labelled_and_never_beside_real_rows(lettore):
    company("45000.00", esempio=True)
    sums()
    for address in ("modalita/", "massimali/"):
        page = text(lettore.get(f"{URL}{address}"))
        assert "Questa pagina contiene dati di esempio" in page
        assert "fonte=esempio" in page
    company("1.00")
    sums()
    for address in ("modalita/", "massimali/"):
        page = text(lettore.get(f"{URL}{address}"))
        assert "Questa pagina contiene dati di esempio" not in page
        assert "fonte=esempio" not in page
    assert bands("impresa") == [1, 0, 0, 0, 0, 0]
    assert bands("impresa", "esempio") == [0, 0, 0, 0, 1, 0]


@pytest.mark.parametrize("address", ["modalita/", "massimali/"])
def test_without_vouchers_the_pages_say_so(lettore, address):
    page = lettore.get(f"{URL}{address}")
    assert page.status_code == 200
    assert "Nessun flusso di voucher è stato acquisito" in text(page)


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize(("address", "queries"), [("modalita/", 5), ("massimali/", 8)])
def test_pages_take_few_queries(lettore, django_assert_num_queries, address, queries, number):
    for each in range(number):
        company("45000.00", data_inizio=date(2020, 1 + each, 3))
    sums()
    with django_assert_num_queries(queries):
        lettore.get(f"{URL}{address}")


@pytest.mark.parametrize(
    "figure",
    [
        "fc_massimale(fascia=6,soggetto=impresa)",
        "fc_massimale(fascia=1,soggetto=nessuno)",
        "fc_massimale(fonte=pubblicata,soggetto=impresa)",
    ],
)
def test_a_figure_that_does_not_exist_is_refused(lettore, figure):
    assert lettore.get("/cifre/", {"f": figure}).status_code == 400


def test_a_figure_of_the_ceilings_opens_the_bands_that_make_it(lettore):
    company("45000.00", 1)
    company("1.00", 1)
    sums()
    whole = str(leaf("fc_massimale", soggetto="impresa"))
    page = text(lettore.get("/cifre/", {"f": whole}))
    assert "Formazione Continua: imprese, dati acquisiti" in page
    assert "dall'80% al 100%" in page
    assert "meno del 20%" in page
