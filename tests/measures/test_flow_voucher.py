"""The flow of the vouchers: each code on a file of its own, updates, taking back."""

from datetime import date
from decimal import Decimal

import pytest

from measures.formazione_continua.models import Voucher
from measures.models import DotazioneMisura, Passaggio, SintesiMisura
from porfse.flows import services
from porfse.flows.source import source_of
from porfse.models import Azienda, Flow, User
from tests.factories import flows
from tests.factories.crisi import partita_iva
from tests.factories.flows import codice_fiscale
from tests.factories.misure import voucher

pytestmark = pytest.mark.django_db
SOURCE = "voucher-formazione"
ANNA, BRUNO = codice_fiscale(1001), codice_fiscale(1002)
ALFA = partita_iva(2001)


def validated(*rows: dict[str, str], **options: object) -> Flow:
    return flows.validated(list(rows), source=SOURCE, **options)


def acquired(*rows: dict[str, str], **options: object) -> Flow:
    flow = flows.acquired(list(rows), source=SOURCE, **options)
    assert flow.stato == "acquisito", flow.messaggio
    return flow


def cancelled(flow: Flow) -> Flow:
    return services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")


def found(codice: str) -> Voucher:
    return Voucher.objects.select_related("azienda").get(codice=codice)


def of(worker: str, codice: str, importo: int, day: str = "10/06/2020", **more: object) -> dict:
    return voucher(
        id_voucher=codice, codice_fiscale_lavoratore=worker, importo=f"{importo},00",
        data_concessione=day, **more,
    )  # fmt: skip


def test_a_right_row_becomes_a_voucher_granted_on_its_day():
    flow = acquired(of(ANNA, "V-1", 800, codice_fiscale_azienda=ALFA, modalita="e-learning"))
    row = found("V-1")
    assert (row.azienda.codice_fiscale, row.codice_fiscale_lavoratore) == (ALFA, ANNA)
    assert (row.stato, row.concesso, row.liquidato) == ("concesso", Decimal(800), None)
    assert (row.data_inizio, row.data_ammissione) == (date(2020, 6, 10), date(2020, 6, 10))
    assert (row.modalita, row.corso) == ("e-learning", "Sicurezza informatica")
    assert flow.gruppi == [{"key": "BG", "rows": 1, "amount": "800.00"}]
    sums = SintesiMisura.objects.get(misura="formazione-continua", taglio="gruppo+mese")
    assert (sums.gruppo, sums.mese, sums.numero) == ("e-learning", "2020-06", 1)


def test_a_paid_voucher_is_paid_for_its_amount():
    acquired(of(ANNA, "V-1", 800, stato="liquidato", data_liquidazione="01/12/2020"))
    row = found("V-1")
    assert (row.liquidato, row.data_liquidazione) == (Decimal(800), date(2020, 12, 1))
    assert Passaggio.objects.get(codice="V-1").data == date(2020, 12, 1)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("E001", {"corso": ""}),
        ("E001", {"modalita": "videoconferenza"}),
        ("E001", {"stato": "chiuso"}),
        ("E002", {"codice_fiscale_azienda": "00000150154"}),
        ("E002", {"codice_fiscale_lavoratore": ANNA[:15] + "1"}),
        ("E003", {"importo": "0,00"}),
        ("E003", {"importo": "-10,00"}),
        ("E003", {"importo": "dieci"}),
        ("E004", {"data_concessione": "31/02/2020"}),
        ("E004", {"data_liquidazione": "09/06/2020"}),
        ("E005", {"comune_istat": "058091"}),
        ("E042", {"importo": "2000,01"}),
    ],
)
def test_a_wrong_row_is_refused_with_its_code(code, fields):
    flow = validated(voucher(**fields))
    assert flow.codici == {code: 1}
    assert (flow.accettate, flow.scartate) == (0, 1)
    assert source_of(SOURCE).explain(code)


def test_a_row_refused_for_a_value_bears_the_sign_too():
    flow = validated(voucher(importo="-10,00", comune_istat="1"))
    assert flow.codici == {"E003": 1, "E005": 1}


def test_a_repeated_identifier_is_refused_after_the_first():
    flow = validated(of(ANNA, "V-1", 100), of(BRUNO, "V-1", 100))
    assert flow.codici == {"E006": 1}


def test_a_company_without_a_name_takes_the_first_that_comes():
    acquired(of(ANNA, "V-1", 100, codice_fiscale_azienda=ALFA, denominazione_azienda=""))
    assert found("V-1").azienda.denominazione == "Denominazione non comunicata"
    acquired(of(BRUNO, "V-2", 100, codice_fiscale_azienda=ALFA, denominazione_azienda="Alfa"))
    assert found("V-1").azienda.denominazione == "Alfa"
    acquired(of(BRUNO, "V-3", 100, codice_fiscale_azienda=ALFA, denominazione_azienda="Altra"))
    assert Azienda.objects.get(codice_fiscale=ALFA).denominazione == "Alfa"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("rendicontato", "concesso"),
        ("liquidato", "rendicontato"),
        ("liquidato", "revocato"),
        ("revocato", "concesso"),
    ],
)
def test_a_state_that_goes_backwards_is_refused(before, after):
    row = of(ANNA, "V-1", 500)
    acquired(row | {"stato": before})
    assert validated(row | {"stato": after}).codici == {"E044": 1}


@pytest.mark.parametrize("again", [{"importo": "600,00"}, {"data_liquidazione": "02/03/2021"}])
def test_a_voucher_that_is_paid_twice_is_refused(again):
    row = of(ANNA, "V-1", 500, stato="liquidato", data_liquidazione="01/03/2021")
    acquired(row)
    assert validated(row | again).codici == {"E045": 1}


def test_the_row_that_goes_beyond_the_endowment_bears_a_warning():
    DotazioneMisura.objects.filter(misura="formazione-continua").update(importo=1000)
    acquired(of(ANNA, "V-1", 600))
    flow = validated(of(BRUNO, "V-2", 400), of(BRUNO, "V-3", 100, "11/06/2020"))
    assert flow.codici == {"W401": 1}
    assert flow.accettate == 2


def test_cancelling_restores_and_removes():
    row = of(ANNA, "V-1", 500)
    acquired(row)
    before = list(Voucher.objects.values())
    second = acquired(row | {"stato": "revocato"}, of(BRUNO, "V-2", 100))
    cancelled(second)
    assert list(Voucher.objects.values()) == before
    sums = SintesiMisura.objects.get(misura="formazione-continua", taglio="")
    assert (sums.stato, sums.numero, sums.concesso) == ("concesso", 1, Decimal(500))


def test_workers_are_masked_in_the_page_of_the_flow_and_in_its_updates(as_role):
    row = of(ANNA, "V-1", 500)
    acquired(row)
    flow = validated(row | {"stato": "rendicontato"}, of(BRUNO, "V-2", 2500))
    page = as_role("operatore").get(f"/flussi/{flow.pk}/").content.decode()
    assert "Voucher: aggiornamenti" in page
    assert f"{BRUNO[:3]}••••" in page
    assert ANNA not in page
    assert BRUNO not in page
