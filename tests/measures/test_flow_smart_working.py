"""The flow of the applications: each code on a file of its own."""

from datetime import date
from decimal import Decimal

import pytest

from measures.models import DotazioneMisura, ParametroAvviso, Passaggio, SintesiMisura
from measures.smart_working.models import Domanda
from porfse.flows.source import source_of
from porfse.flows.stage import Stage
from porfse.models import Flow, FlowRow
from tests.factories import flows
from tests.factories.crisi import partita_iva
from tests.factories.flows import codice_fiscale
from tests.factories.misure import application

pytestmark = pytest.mark.django_db
SOURCE = "domande-smart-working"


def validated(*rows: dict[str, str], **options: object) -> Flow:
    return flows.validated(list(rows), source=SOURCE, **options)


def acquired(*rows: dict[str, str], **options: object) -> Flow:
    flow = flows.acquired(list(rows), source=SOURCE, **options)
    assert flow.stato == "acquisito", flow.messaggio
    return flow


def domanda(codice: str) -> Domanda:
    return Domanda.objects.select_related("azienda").get(codice=codice)


def summed(stato: str) -> tuple[int, Decimal, Decimal]:
    row = SintesiMisura.objects.get(misura="smart-working", taglio="", stato=stato, esempio=False)
    return row.numero, row.concesso, row.liquidato


def test_a_right_row_becomes_an_application_with_its_company_and_its_step():
    flow = acquired(
        application(id_domanda="A-1", codice_fiscale_azienda=partita_iva(5), importo_liquidato=0)
    )
    row = domanda("A-1")
    assert (row.azienda.codice_fiscale, row.azienda.ateco) == (partita_iva(5), "62.01.00")
    assert (row.stato, row.concesso, row.liquidato) == ("ammessa", Decimal(10500), Decimal(0))
    assert (row.data_inizio, row.data_ammissione) == (date(2020, 4, 10), date(2020, 5, 10))
    assert (row.dipendenti, row.addendum_covid, row.azione_a, row.azione_b) == (
        12, True, True, False,
    )  # fmt: skip
    assert (row.flusso_id, row.esempio) == (flow.pk, False)
    step = Passaggio.objects.get(codice="A-1")
    assert (step.da, step.a, step.data, step.prima) == ("", "ammessa", date(2020, 5, 10), None)
    assert summed("ammessa") == (1, Decimal(10500), Decimal(0))
    assert flow.gruppi == [{"key": "piccola", "rows": 1, "amount": "10500.00"}]


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("E001", {"denominazione_azienda": ""}),
        ("E001", {"stato": "sospesa"}),
        ("E001", {"importo_ammesso": ""}),
        ("E001", {"stato": "rinunciata", "importo_ammesso": ""}),
        ("E001", {"stato": "liquidata", "importo_liquidato": ""}),
        ("E001", {"dipendenti": ""}),
        ("E002", {"codice_fiscale_azienda": "00000150154"}),
        ("E002", {"codice_fiscale_azienda": codice_fiscale(3)[:15] + "1"}),
        ("E003", {"importo_ammesso": "10500,001"}),
        ("E003", {"importo_ammesso": "-10500,00"}),
        ("E003", {"importo_ammesso": "0,00"}),
        ("E003", {"importo_liquidato": "-1,00"}),
        ("E004", {"data_presentazione": "31/02/2020"}),
        ("E004", {"data_ammissione": "09/04/2020"}),
        ("E004", {"data_liquidazione": "09/05/2020"}),
        ("E005", {"comune_istat": "058091"}),
        ("E021", {"dipendenti": "0"}),
        ("E021", {"dipendenti": "12,5"}),
        ("E040", {"stato": "liquidata", "importo_liquidato": "10500,01"}),
        ("E040", {"stato": "presentata", "importo_ammesso": "", "importo_liquidato": "10,00"}),
        ("E041", {"stato": "liquidata", "azione_a": "N", "importo_liquidato": "100,00"}),
    ],
)
def test_a_wrong_row_is_refused_with_its_code(code, fields):
    flow = validated(application(**fields))
    assert flow.codici == {code: 1}
    assert (flow.accettate, flow.scartate) == (0, 1)
    assert source_of(SOURCE).explain(code)


def test_a_repeated_identifier_is_refused_after_the_first():
    flow = validated(application(id_domanda="A-1"), application(id_domanda="A-1"))
    assert flow.codici == {"E006": 1}
    assert flow.accettate == 1


def test_a_row_bears_all_its_errors():
    flow = validated(
        application(stato="liquidata", comune_istat="1", azione_a="N", importo_liquidato="20000,00")
    )
    assert FlowRow.objects.get(flusso=flow).codici == ["E005", "E040", "E041"]


@pytest.mark.parametrize("stato", ["presentata", "non_ammessa"])
def test_what_is_not_admitted_needs_no_amount(stato):
    acquired(application(id_domanda="A-1", stato=stato, importo_ammesso="", data_ammissione=""))
    assert domanda("A-1").concesso is None


def test_without_azione_a_nothing_may_be_paid_but_nothing_is_right():
    flow = validated(application(stato="liquidata", azione_a="N", importo_liquidato="0,00"))
    assert flow.codici == {}


def test_whether_azione_a_is_due_is_for_the_call_to_say():
    ParametroAvviso.objects.filter(chiave="azione_a_obbligatoria").update(valore=0)
    flow = validated(application(stato="liquidata", azione_a="N", importo_liquidato="100,00"))
    assert flow.codici == {}


@pytest.mark.parametrize(
    ("dipendenti", "importo"),
    [("3", "7500"), ("10", "7500"), ("11", "10500"), ("20", "10500"), ("21", "15000"),
     ("30", "15000"), ("31", "22500"), ("4000", "22500")],
)  # fmt: skip
def test_amounts_of_the_grid_bear_no_warning_and_others_do(dipendenti, importo):
    other = str(int(importo) - 1)
    flow = validated(
        application(dipendenti=dipendenti, importo_ammesso=importo),
        application(dipendenti=dipendenti, importo_ammesso=other),
    )
    assert flow.codici == {"W402": 1}
    assert flow.accettate == 2


def test_below_the_grid_any_amount_bears_the_warning():
    assert validated(application(dipendenti="2", importo_ammesso="7500")).codici == {"W402": 1}


def test_the_grid_is_a_parameter():
    ParametroAvviso.objects.filter(chiave="griglia", da=11).update(valore=Decimal(9000))
    assert validated(application(importo_ammesso="9000,00")).codici == {}


def test_what_is_paid_before_the_state_says_so_is_remarked_upon():
    assert validated(application(importo_liquidato="500,00")).codici == {"W404": 1}


def test_the_row_that_goes_beyond_the_endowment_bears_a_warning():
    DotazioneMisura.objects.filter(misura="smart-working", ordine=3).update(importo=25_000)
    acquired(application(id_domanda="A-1"))
    flow = validated(
        application(id_domanda="B-1", data_presentazione="02/04/2020"),
        application(id_domanda="B-2", data_presentazione="01/04/2020"),
        application(id_domanda="B-3", data_presentazione="03/04/2020", stato="rinunciata"),
    )
    assert flow.codici == {"W401": 1}
    assert lines(flow, "W401") == [2]


def test_an_application_sent_again_is_not_counted_twice_against_the_endowment():
    DotazioneMisura.objects.filter(misura="smart-working", ordine=3).update(importo=10_500)
    row = application(id_domanda="A-1")
    acquired(row)
    assert validated(row | {"ateco": "70.22.00"}).codici == {}


def lines(flow: Flow, code: str) -> list[int]:
    found = Stage(flow, source_of(SOURCE)).execute(
        "SELECT riga FROM porfse_flowwarning WHERE flusso_id = %s AND codice = %s ORDER BY 1",
        [flow.pk, code],
    )
    return [line for (line,) in found]


def test_a_company_that_changes_class_between_its_applications_is_remarked_upon():
    code = partita_iva(9_000_077)
    acquired(application(codice_fiscale_azienda=code, dipendenti="9", importo_ammesso="7500"))
    flow = validated(
        application(),
        application(codice_fiscale_azienda=code, dipendenti="12"),
    )
    assert flow.codici == {"W403": 1}
    assert lines(flow, "W403") == [3]


def test_a_company_that_changes_class_within_a_file_bears_it_in_each_row():
    code = partita_iva(9_000_077)
    flow = validated(
        application(codice_fiscale_azienda=code, dipendenti="9", importo_ammesso="7500"),
        application(codice_fiscale_azienda=code, dipendenti="12"),
    )
    assert flow.codici == {"W403": 2}


def test_other_employees_of_the_same_class_are_no_change():
    code = partita_iva(9_000_077)
    acquired(application(codice_fiscale_azienda=code, dipendenti="12"))
    assert validated(application(codice_fiscale_azienda=code, dipendenti="15")).codici == {}


def test_an_example_does_not_change_the_class_of_a_real_company(settings):
    code = partita_iva(9_000_077)
    acquired(
        application(codice_fiscale_azienda=code, dipendenti="9", importo_ammesso="7500"),
        example=True,
    )
    assert validated(application(codice_fiscale_azienda=code, dipendenti="12")).codici == {}
