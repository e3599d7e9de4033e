"""Payments that stand out: of a row that changes hands, and the same one under two identifiers."""

import pytest

from measures.models import DotazioneMisura
from porfse.models import Flow, FlowWarning, Fonte, User
from tests.factories import flows
from tests.factories.crisi import partita_iva
from tests.factories.flows import codice_fiscale
from tests.factories.misure import application, voucher
from tests.measures.test_giudiziaria import project

pytestmark = pytest.mark.django_db
PAID = {"importo_liquidato": "10500,00", "data_liquidazione": "01/05/2021"}
SLUGS = {"A": "domande-smart-working", "V": "voucher-formazione", "P": "progetti-giudiziaria"}


def row(kind: str, **fields: object) -> dict[str, str]:
    """A paid row of a measure: an application, a voucher or a project."""
    if kind == "A":
        return application(**{"id_domanda": "X-1", "stato": "liquidata"} | PAID | fields)
    if kind == "V":
        paid = {"id_voucher": "X-1", "stato": "liquidato", "data_liquidazione": "01/05/2021"}
        return voucher(**paid | fields)
    return project(**{"id_progetto": "X-1", "stato": "liquidato"} | PAID | fields)


def acquired(kind: str, *rows: dict[str, str]) -> Flow:
    flow = flows.acquired(list(rows), source=SLUGS[kind])
    assert flow.stato == "acquisito", flow.messaggio
    return flow


def validated(kind: str, *rows: dict[str, str]) -> Flow:
    return flows.validated(list(rows), source=SLUGS[kind])


def lines(flow: Flow, code: str) -> list[int]:
    found = FlowWarning.objects.filter(flusso=flow, codice=code)
    return list(found.order_by("riga").values_list("riga", flat=True))


@pytest.mark.parametrize("kind", SLUGS)
def test_a_paid_row_that_passes_to_another_company_is_warned_of(kind):
    before = row(kind)
    acquired(kind, before)
    flow = validated(kind, before | {"codice_fiscale_azienda": partita_iva(9_004_001)})
    assert flow.codici == {"W405": 1}


def test_a_paid_voucher_that_passes_to_another_worker_is_warned_of():
    before = row("V")
    acquired("V", before)
    flow = validated("V", before | {"codice_fiscale_lavoratore": codice_fiscale(900_402)})
    assert flow.codici == {"W405": 1}


def test_what_is_paid_while_it_changes_hands_is_no_warning():
    before = row("V", stato="concesso", data_liquidazione="")
    acquired("V", before)
    paid = {"stato": "liquidato", "data_liquidazione": "01/05/2021"}
    other = {"codice_fiscale_azienda": partita_iva(9_004_001)}
    assert validated("V", before | paid | other).codici == {}


@pytest.mark.parametrize("kind", SLUGS)
def test_the_same_payment_under_another_identifier_is_warned_of(kind):
    first = row(kind)
    acquired(kind, first)
    key = next(name for name in first if name.startswith("id_"))
    flow = validated(kind, first, first | {key: "X-2"})
    assert flow.codici == {"W406": 1}
    assert lines(flow, "W406") == [3]


@pytest.mark.parametrize("kind", SLUGS)
def test_the_same_payment_twice_in_a_file_is_warned_of_on_both_rows(kind):
    first = row(kind)
    key = next(name for name in first if name.startswith("id_"))
    assert lines(validated(kind, first, first | {key: "X-2"}), "W406") == [2, 3]


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("A", {"importo_liquidato": "10499,00"}),
        ("A", {"codice_fiscale_azienda": partita_iva(9_004_001)}),
        ("A", {"stato": "ammessa", "importo_liquidato": "", "data_liquidazione": ""}),
        ("V", {"codice_fiscale_lavoratore": codice_fiscale(900_402)}),
        ("V", {"corso": "Un altro corso"}),
        ("V", {"importo": "999,00"}),
        ("P", {"titolo": "Un altro progetto"}),
    ],
)
def test_payments_that_differ_are_two(kind, other):
    first = row(kind)
    acquired(kind, first)
    key = next(name for name in first if name.startswith("id_"))
    assert validated(kind, first | {key: "X-2"} | other).codici == {}


def test_the_endowment_that_is_not_in_force_does_not_count():
    *_, before, last = DotazioneMisura.objects.filter(misura="smart-working").order_by("ordine")
    assert before.importo < last.importo
    rows = [application(importo_ammesso=f"{before.importo}".replace(".", ",")), application()]
    assert "W401" not in validated("A", *rows).codici
    Fonte.objects.filter(pk=last.fonte_id).update(
        ritirata_il="2022-01-01T00:00Z", ritirata_da=User.objects.sistema(), motivo_ritiro="prova"
    )
    rows = [application(importo_ammesso=f"{before.importo}".replace(".", ",")), application()]
    assert lines(validated("A", *rows), "W401") == [3]
