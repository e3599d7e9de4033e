"""Each code of `vertenze-online` on a file of its own, and what becomes of the good rows."""

import io
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import count

import pytest
import xlsxwriter
from django.utils import timezone

from crisi.models import Procedura, UnitaProduttiva
from porfse.models import Azienda, Flow, FlowRow
from tests.factories.crisi import COMUNI, make_azienda, partita_iva
from tests.factories.flows import acquired, codice_fiscale, csv_bytes, validated

pytestmark = pytest.mark.django_db

_numbers = count(1)


def vertenza(**fields: object) -> dict[str, str]:
    """A row of `vertenze-online` that is right in all, of a pratica of its own."""
    number = next(_numbers)
    values = {
        "codice_pratica": f"P-{number:05d}",
        "tipo": "CIGS_MIN",
        "linea_guida": "A",
        "denominazione_azienda": f"Ditta {number} S.p.A.",
        "codice_fiscale_azienda": partita_iva(500_000 + number),
        "ateco": "25.62",
        "causale": "Crisi aziendale",
        "data_avvio": "03/03/2025",
        "data_fine": "",
        "id_unita": "U1",
        "comune_istat": COMUNI["BG"],
        "lavoratori": "40",
        "alta_complessita": "N",
    }
    return values | {name: str(value) for name, value in fields.items()}


def check(rows: Iterable[Mapping[str, str]], **options: object) -> Flow:
    return validated(list(rows), source="vertenze-online", **options)


def acquire(*rows: Mapping[str, str], **options: object) -> Flow:
    flow = acquired(list(rows), source="vertenze-online", **options)
    assert flow.stato == "acquisito", flow.messaggio
    return flow


def codes(flow: Flow) -> dict[int, list[str]]:
    """The codes of the refused rows by line; the header is line 1."""
    return dict(FlowRow.objects.filter(flusso=flow).values_list("riga", "codici"))


WRONG = [
    ({"codice_pratica": ""}, ["E001"]),
    ({"codice_pratica": "P" * 41}, ["E001"]),
    ({"tipo": "CIGO"}, ["E001"]),
    ({"tipo": ""}, ["E001"]),
    ({"linea_guida": ""}, ["E001"]),
    ({"linea_guida": "E"}, ["E020"]),
    ({"linea_guida": "B"}, ["E020"]),
    ({"tipo": "CIGS_REG", "linea_guida": "A"}, ["E020"]),
    ({"tipo": "CIGS_REG", "linea_guida": "D"}, ["E020"]),
    ({"tipo": "LIC", "linea_guida": "C"}, ["E020"]),
    ({"denominazione_azienda": ""}, ["E001"]),
    ({"codice_fiscale_azienda": ""}, ["E001"]),
    ({"codice_fiscale_azienda": "12345678900"}, ["E002"]),
    ({"codice_fiscale_azienda": "1234567890"}, ["E002"]),
    ({"codice_fiscale_azienda": "RSSMRA80A01F205A"}, ["E002"]),
    ({"causale": ""}, ["E001"]),
    ({"data_avvio": ""}, ["E001"]),
    ({"data_avvio": "30/02/2025"}, ["E004"]),
    ({"data_avvio": "01/01/2999"}, ["E004"]),
    ({"data_fine": "02/03/2025"}, ["E004"]),
    ({"data_fine": "presto"}, ["E004"]),
    ({"data_fine": "01/01/2999"}, ["E004"]),
    ({"id_unita": ""}, ["E001"]),
    ({"comune_istat": "058091"}, ["E005"]),
    ({"comune_istat": "Bergamo"}, ["E005"]),
    ({"lavoratori": "-1"}, ["E021"]),
    ({"lavoratori": "12,5"}, ["E021"]),
    ({"lavoratori": "circa 40"}, ["E021"]),
    ({"alta_complessita": "SI"}, ["E001"]),
    (
        {"linea_guida": "D", "codice_fiscale_azienda": "1", "comune_istat": "?", "lavoratori": "?"},
        ["E002", "E005", "E020", "E021"],
    ),
]


@pytest.mark.parametrize(("fields", "expected"), WRONG)
def test_a_wrong_value_refuses_its_row_with_its_code(fields, expected):
    flow = check([vertenza(), vertenza(**fields), vertenza()])
    assert codes(flow) == {3: expected}
    assert (flow.righe, flow.accettate, flow.importo) == (3, 2, 80)


@pytest.mark.parametrize(
    ("tipo", "linea"), [("CIGS_MIN", "A"), ("CIGS_REG", "B"), ("CIGS_REG", "C"), ("LIC", "D")]
)
def test_each_kind_has_its_guideline(tipo, linea):
    assert codes(check([vertenza(tipo=tipo, linea_guida=linea)])) == {}


def test_a_company_may_be_a_person():
    code = codice_fiscale(4)
    acquire(vertenza(codice_fiscale_azienda=code.lower()))
    assert Azienda.objects.get().codice_fiscale == code


def test_a_planned_end_may_be_in_the_future():
    end = timezone.localdate() + timedelta(days=200)
    acquire(vertenza(data_fine=f"{end:%d/%m/%Y}"))
    assert Procedura.objects.values_list("data_fine", "stato").get() == (end, "aperta")


def test_an_end_that_has_passed_concludes():
    acquire(vertenza(data_fine="30/09/2025"))
    found = Procedura.objects.get()
    assert (found.data_fine, found.stato) == (date(2025, 9, 30), "conclusa")


def test_a_site_twice_in_its_pratica_stands_where_it_came_first():
    first = vertenza()
    rows = [
        first,
        first | {"id_unita": "U2"},
        first | {"lavoratori": "7"},
        vertenza(),  # the same U1, of another pratica
        first | {"id_unita": "U2", "comune_istat": COMUNI["MI"]},
    ]
    assert codes(check(rows)) == {4: ["E006"], 6: ["E006"]}


def test_a_site_repeats_one_that_was_refused_too():
    first = vertenza(lavoratori="?")
    assert codes(check([first, first | {"lavoratori": "7"}])) == {2: ["E021"], 3: ["E006"]}
    assert codes(check([vertenza(), first | {"id_unita": "'=1"}, first | {"id_unita": "=1"}])) == {
        3: ["E021"],
        4: ["E006", "E021"],
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"tipo": "LIC", "linea_guida": "D"},
        {"denominazione_azienda": "Altra ditta S.r.l."},
        {"codice_fiscale_azienda": partita_iva(499_999)},
        {"ateco": ""},
        {"causale": "Riorganizzazione"},
        {"data_avvio": "04/03/2025"},
        {"data_fine": "31/12/2025"},
        {"alta_complessita": "S"},
    ],
)
def test_rows_of_a_pratica_agree_with_its_first(fields):
    first = vertenza()
    rows = [
        first,
        first | {"id_unita": "U2", "comune_istat": COMUNI["MI"], "lavoratori": ""},
        first | {"id_unita": "U3"} | fields,
        first | {"id_unita": "U4"} | fields,
        first | {"id_unita": "U5"},
    ]
    assert codes(check(rows)) == {4: ["E022"], 5: ["E022"]}


def test_a_refused_row_is_not_the_first():
    first = vertenza(codice_fiscale_azienda="1")
    good = first | {"codice_fiscale_azienda": partita_iva(499_998)}
    flow = check([first, good | {"id_unita": "U2"}, good | {"id_unita": "U3"}])
    assert codes(flow) == {2: ["E002"]}


def test_other_names_of_columns_and_columns_that_are_not_known():
    row = vertenza()
    text = csv_bytes([{**row, "iban": "IT00"}]).decode()
    head, body = text.split("\r\n", 1)
    head = head.replace("codice_pratica", "Numero Pratica").replace("ateco", "CODICE_ATECO")
    head = head.replace("denominazione_azienda", "Ragione sociale")
    flow = check_bytes(f"{head}\r\n{body}".encode("cp1252"))
    assert (flow.accettate, flow.colonne_ignorate) == (1, ["iban"])


def check_bytes(content: bytes) -> Flow:
    return validated(content, source="vertenze-online")


def test_a_file_must_say_the_workers_also_where_it_does_not_know_them():
    rows = [{name: value for name, value in vertenza().items() if name != "lavoratori"}]
    flow = check(rows)
    assert flow.stato == "rifiutato"
    assert "mancano le colonne: lavoratori" in flow.messaggio


def test_a_spreadsheet_with_numbers_and_days():
    row = vertenza()
    cells: list[object] = list(row.values())
    cells[7], cells[11] = date(2025, 3, 3), 12
    wrong = [*cells]
    wrong[0], wrong[4] = "altra", 12345678903  # a number in a column of codes
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd/mm/yyyy"}) as workbook:
        sheet = workbook.add_worksheet()
        for number, line in enumerate([list(row), cells, wrong]):
            sheet.write_row(number, 0, line)
    flow = check_bytes(file.getvalue())
    assert codes(flow) == {3: ["E002"]}
    assert flow.importo == 12


def test_groups_are_provinces_and_sum_the_workers_that_are_known():
    first = vertenza()
    rows = [
        first,
        first | {"id_unita": "U2", "lavoratori": ""},
        vertenza(comune_istat=COMUNI["SO"], lavoratori="0"),
        vertenza(comune_istat=COMUNI["SO"], lavoratori="3"),
    ]
    assert check(rows).gruppi == [
        {"key": "BG", "rows": 2, "amount": "40.00"},
        {"key": "SO", "rows": 2, "amount": "3.00"},
    ]


def test_what_is_accepted_becomes_procedures_with_their_sites():
    row = vertenza(alta_complessita="S", data_fine="31/12/2025")
    flow = acquire(
        row,
        row | {"id_unita": "U2", "comune_istat": COMUNI["MI"], "lavoratori": ""},
        row | {"id_unita": "U3", "comune_istat": COMUNI["MI"], "lavoratori": "0"},
    )
    found = Procedura.objects.select_related("azienda").get()
    assert (found.codice_pratica, found.tipo, found.linea_guida, found.causale) == (
        row["codice_pratica"],
        "CIGS_MIN",
        "A",
        "Crisi aziendale",
    )
    assert (found.data_avvio, found.data_fine, found.alta_complessita) == (
        date(2025, 3, 3),
        date(2025, 12, 31),
        True,
    )
    assert (found.esempio, found.versione, found.campi_a_mano) == (False, 1, [])
    assert found.azienda.codice_fiscale == row["codice_fiscale_azienda"]
    assert (found.azienda.denominazione, found.azienda.ateco) == (
        row["denominazione_azienda"],
        "25.62",
    )
    assert list(UnitaProduttiva.objects.values_list("codice", "comune", "lavoratori")) == [
        ("U1", COMUNI["BG"], 40),
        ("U2", COMUNI["MI"], None),
        ("U3", COMUNI["MI"], 0),
    ]
    [version] = found.versioni.all()
    assert (version.versione, version.flusso, version.autore) == (1, flow, flow.caricato_da)
    assert [site["lavoratori"] for site in version.contenuto["unita"]] == [40, None, 0]


def test_a_known_company_keeps_its_name_and_gets_the_ateco_that_it_lacked():
    known = make_azienda(denominazione="Nome noto S.p.A.")
    acquire(vertenza(codice_fiscale_azienda=known.codice_fiscale))
    known.refresh_from_db()
    assert (known.denominazione, known.ateco) == ("Nome noto S.p.A.", "25.62")
    assert Procedura.objects.get().azienda == known


def test_refused_rows_leave_nothing():
    acquire(vertenza(lavoratori="?"), vertenza(id_unita="B"))
    assert list(UnitaProduttiva.objects.values_list("codice", flat=True)) == ["B"]
    assert Azienda.objects.count() == 1
