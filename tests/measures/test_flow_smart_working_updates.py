"""Applications that come again: forward, backwards, paid twice, taken back; the preview."""

from datetime import date
from decimal import Decimal

import pytest

from measures.models import Passaggio, SintesiMisura
from measures.smart_working.models import Domanda
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.flows.source import source_of
from porfse.flows.stage import Stage
from porfse.models import Azienda, Flow, FlowRow, User
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


def cancelled(flow: Flow) -> Flow:
    return services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")


def domanda(codice: str) -> Domanda:
    return Domanda.objects.select_related("azienda").get(codice=codice)


def as_is() -> list[dict]:
    return list(Domanda.objects.order_by("codice").values())


def summed(stato: str) -> tuple[int, Decimal, Decimal]:
    row = SintesiMisura.objects.get(misura="smart-working", taglio="", stato=stato, esempio=False)
    return row.numero, row.concesso, row.liquidato


def test_a_known_application_goes_forward_and_keeps_what_it_was():
    row = application(id_domanda="A-1", stato="presentata", importo_ammesso="", data_ammissione="")
    first = acquired(row)
    second = acquired(
        row | {"stato": "ammessa", "importo_ammesso": "10500,00", "data_ammissione": "20/05/2020"}
    )
    paid = {
        "stato": "liquidata",
        "importo_ammesso": "10500,00",
        "importo_liquidato": "9000,00",
        "data_liquidazione": "01/02/2021",
    }
    third = acquired(row | paid)
    found = domanda("A-1")
    assert (found.stato, found.liquidato, found.flusso_id) == ("liquidata", 9000, third.pk)
    # A file that leaves the day of admission empty does not make it unknown.
    assert found.data_ammissione == date(2020, 5, 20)
    steps = Passaggio.objects.filter(codice="A-1").order_by("pk")
    assert [(step.da, step.a, step.data.isoformat()) for step in steps] == [
        ("", "presentata", "2020-04-10"),
        ("presentata", "ammessa", "2020-05-20"),
        ("ammessa", "liquidata", "2021-02-01"),
    ]
    assert [step.flusso_id for step in steps] == [first.pk, second.pk, third.pk]
    assert steps[2].prima["concesso"] == "10500.00"
    assert summed("liquidata") == (1, Decimal(10500), Decimal(9000))
    assert not SintesiMisura.objects.filter(misura="smart-working", stato="presentata").exists()


def test_a_row_that_says_the_same_changes_nothing():
    row = application(id_domanda="A-1")
    first = acquired(row)
    second = acquired(row, application())
    assert second.codici == {}
    assert domanda("A-1").flusso_id == first.pk
    assert Passaggio.objects.filter(codice="A-1").count() == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ammessa", "presentata"),
        ("ammessa", "non_ammessa"),
        ("non_ammessa", "ammessa"),
        ("rinunciata", "ammessa"),
        ("decaduta", "liquidata"),
        ("liquidata", "ammessa"),
        ("liquidata", "decaduta"),
    ],
)
def test_a_state_that_goes_backwards_is_refused(before, after):
    row = application(id_domanda="A-1", importo_liquidato="0,00")
    acquired(row | {"stato": before})
    flow = validated(row | {"stato": after}, application())
    assert flow.codici == {"E044": 1}
    assert FlowRow.objects.get(flusso=flow).identificativo == "A-1"


@pytest.mark.parametrize(
    "again",
    [
        {"importo_liquidato": "9000,00"},
        {"data_liquidazione": "02/03/2021"},
    ],
)
def test_an_application_that_is_paid_twice_is_refused(again):
    row = application(
        id_domanda="A-1",
        stato="liquidata",
        importo_liquidato="8000,00",
        data_liquidazione="01/03/2021",
    )
    acquired(row)
    flow = validated(row | again, application())
    assert flow.codici == {"E045": 1}
    assert domanda("A-1").liquidato == 8000


def test_of_a_paid_application_the_day_may_come_later_and_other_data_may_change():
    row = application(id_domanda="A-1", stato="liquidata", importo_liquidato="8000,00")
    acquired(row)
    acquired(row | {"data_liquidazione": "01/03/2021", "ateco": "70.22.00"})
    found = domanda("A-1")
    assert (found.data_liquidazione, found.ateco) == (date(2021, 3, 1), "70.22.00")


def test_cancelling_a_flow_restores_what_it_changed_and_removes_what_it_brought():
    row = application(id_domanda="A-1")
    acquired(row)
    before, sums = as_is(), summed("ammessa")
    second = acquired(
        row | {
            "stato": "liquidata",
            "importo_liquidato": "10500,00",
            "codice_fiscale_azienda": partita_iva(99),
        },
        application(id_domanda="A-2"),
    )  # fmt: skip
    assert domanda("A-1").azienda.codice_fiscale == partita_iva(99)
    cancelled(second)
    assert as_is() == before
    assert summed("ammessa") == sums
    assert Passaggio.objects.count() == 1


def test_a_flow_whose_rows_a_later_one_changed_is_not_cancelled():
    row = application(id_domanda="A-1")
    first = acquired(row)
    second = acquired(row | {"stato": "rinunciata"})
    with pytest.raises(NotNow, match=rf"l'ultimo è il {second.pk}\) hanno cambiato 1 domanda"):
        cancelled(first)
    cancelled(second)
    cancelled(first)
    assert as_is() == []
    assert not SintesiMisura.objects.filter(misura="smart-working").exists()


def test_after_cancelling_the_same_state_may_come_again():
    row = application(id_domanda="A-1", stato="liquidata", importo_liquidato="8000,00")
    cancelled(acquired(row))
    acquired(row | {"stato": "ammessa", "importo_liquidato": ""})
    assert domanda("A-1").stato == "ammessa"


def test_a_known_company_keeps_its_name():
    Azienda.objects.create(codice_fiscale=partita_iva(5), denominazione="Nome di prima")
    acquired(
        application(id_domanda="A-1", codice_fiscale_azienda=partita_iva(5)),
        application(id_domanda="A-2", codice_fiscale_azienda=partita_iva(5)),
    )
    assert domanda("A-1").azienda == domanda("A-2").azienda
    assert domanda("A-1").azienda.denominazione == "Nome di prima"


def test_a_company_that_is_a_person_is_known_by_the_persons_code():
    acquired(application(id_domanda="A-1", codice_fiscale_azienda=codice_fiscale(4).lower()))
    assert domanda("A-1").azienda.codice_fiscale == codice_fiscale(4)


def test_the_preview_says_what_changes_and_what_does_not():
    same, other = application(id_domanda="A-1"), application(id_domanda="A-2")
    acquired(same, other)
    flow = validated(
        same,
        other | {"stato": "liquidata", "importo_liquidato": "9000,00"},
        application(id_domanda="A-3"),
    )
    source = source_of(SOURCE)
    granted, paid = source.changes(Stage(flow, source))
    assert (granted["oggi"], granted["flusso"], granted["dopo"]) == (21000, 10500, 31500)
    assert (paid["oggi"], paid["flusso"], paid["dopo"]) == (0, 9000, 9000)
    changed, unchanged = source.preview(Stage(flow, source))
    amounts = ("10.500,00\xa0€", "10.500,00\xa0€", "n.d.", "9.000,00\xa0€")
    assert changed.totale == 1
    assert list(changed.righe) == [("A-2", "ammessa", "liquidata", *amounts)]
    assert (unchanged.totale, list(unchanged.righe)) == (1, [("A-1", "ammessa")])


def test_the_page_of_a_validated_flow_lists_the_updates(as_role):
    row = application(id_domanda="A-2")
    acquired(row)
    flow = validated(row | {"stato": "rinunciata"})
    page = as_role("operatore").get(f"/flussi/{flow.pk}/").content.decode()
    assert "Domande: aggiornamenti" in page
    assert "rinunciata" in page


def test_a_renunciation_takes_its_amount_off():
    row = application(id_domanda="A-1")
    acquired(row)
    flow = validated(row | {"stato": "rinunciata"})
    source = source_of(SOURCE)
    granted = source.changes(Stage(flow, source))[0]
    assert (granted["oggi"], granted["flusso"], granted["dopo"]) == (10500, -10500, 0)


def test_examples_and_real_applications_with_one_identifier_are_two_rows(settings):
    example = acquired(application(id_domanda="A-1", stato="rinunciata"), example=True)
    flow = acquired(application(id_domanda="A-1"))
    example.refresh_from_db()
    assert example.stato == "annullato"
    assert flow.codici == {}
    assert [row.esempio for row in Domanda.objects.all()] == [False]
