"""What a flow leaves when it is taken back: rows that others tell too, and names of companies."""

import pytest

from measures.formazione_continua.models import Voucher
from measures.models import Conferma, NomeAzienda
from measures.smart_working.models import Domanda
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.models import Azienda, Flow, User
from tests.factories import flows
from tests.factories.crisi import make_azienda, make_procedura, partita_iva
from tests.factories.misure import application, voucher

pytestmark = pytest.mark.django_db
ALFA = partita_iva(9_003_001)
UNKNOWN = "Denominazione non comunicata"


def acquired(*rows: dict[str, str], source: str = "domande-smart-working") -> Flow:
    flow = flows.acquired(list(rows), source=source)
    assert flow.stato == "acquisito", flow.messaggio
    return flow


def vouchers(codice: str, name: str) -> Flow:
    """A flow with one voucher of the company ALFA, which it calls so; empty: it does not."""
    row = voucher(id_voucher=codice, codice_fiscale_azienda=ALFA, denominazione_azienda=name)
    return acquired(row, source="voucher-formazione")


def cancelled(flow: Flow) -> Flow:
    return services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")


def name() -> str:
    return Azienda.objects.get(codice_fiscale=ALFA, esempio=False).denominazione


def test_a_flow_whose_rows_a_later_one_tells_too_is_not_cancelled():
    row = application(id_domanda="A-1")
    first = acquired(row)
    second = acquired(row, application(id_domanda="A-2"))
    with pytest.raises(NotNow, match=rf"l'ultimo è il {second.pk}\) riportano 1 domanda di questo"):
        cancelled(first)
    assert set(Domanda.objects.values_list("codice", flat=True)) == {"A-1", "A-2"}
    cancelled(second)
    cancelled(first)
    assert not Domanda.objects.exists()
    assert not Conferma.objects.exists()


def test_what_a_later_flow_tells_is_what_the_last_change_made():
    row = application(id_domanda="A-1")
    acquired(row)
    second = acquired(row | {"stato": "rinunciata"})
    third = acquired(row | {"stato": "rinunciata"}, application())
    with pytest.raises(NotNow, match=rf"l'ultimo è il {third.pk}\) riportano 1 domanda"):
        cancelled(second)
    cancelled(third)
    cancelled(second)
    assert Domanda.objects.get().stato == "ammessa"


def test_a_flow_that_only_repeats_may_go():
    row = application(id_domanda="A-1")
    acquired(row)
    cancelled(acquired(row, application(id_domanda="A-2")))
    assert Domanda.objects.get().codice == "A-1"


def test_the_name_that_a_flow_alone_gave_to_a_company_goes_with_it():
    cancelled(vouchers("V-1", "Nome sbagliato"))
    vouchers("V-2", "Nome giusto")
    assert name() == "Nome giusto"
    assert Voucher.objects.get().azienda.denominazione == "Nome giusto"


def test_a_company_that_had_no_name_has_none_again():
    vouchers("V-1", "")
    second = vouchers("V-2", "Nome sbagliato")
    assert name() == "Nome sbagliato"
    cancelled(second)
    assert name() == UNKNOWN


def test_the_name_that_another_flow_tells_stays():
    first = vouchers("V-1", "Alfa S.r.l.")
    second = vouchers("V-2", "ALFA SRL")
    assert name() == "Alfa S.r.l."
    cancelled(first)
    assert name() == "ALFA SRL"
    cancelled(second)
    assert name() == UNKNOWN
    assert not NomeAzienda.objects.exists()


def test_a_name_that_was_known_before_stays():
    make_azienda(codice_fiscale=ALFA, denominazione="Alfa S.r.l.")
    cancelled(vouchers("V-1", "Alfa S.r.l."))
    assert name() == "Alfa S.r.l."


def test_a_name_that_is_of_use_elsewhere_stays():
    flow = vouchers("V-1", "Alfa S.r.l.")
    make_procedura(azienda=Azienda.objects.get(codice_fiscale=ALFA))
    cancelled(flow)
    assert name() == "Alfa S.r.l."
