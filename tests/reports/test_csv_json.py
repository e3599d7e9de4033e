"""The data of a report, read back and held against the document."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest

from porfse import money
from porfse.exports import neutral
from porfse.periods import italian
from reports.builders import csv_json
from reports.codifica import encode, sha256
from reports.documento import Capitolo, Cella, Colonna, Documento, Forma, Tabella, Valore
from tests.reports.documenti import BOZZA, CONSOLIDATO, ESTRATTO, FONTE, ostile, ricco, riga, vuoto


def archive(documento: Documento, frontespizio=CONSOLIDATO) -> dict[str, str]:
    content = ZipFile(io.BytesIO(csv_json.build_csv(documento, frontespizio)))
    assert all(content.read(name).startswith(b"\xef\xbb\xbf") for name in content.namelist())
    return {name: content.read(name).decode("utf-8-sig") for name in content.namelist()}


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def data(documento: Documento, frontespizio=CONSOLIDATO) -> dict[str, Any]:
    return json.loads(csv_json.build_json(documento, frontespizio))


def document(tabella: Tabella) -> Documento:
    return Documento(
        "prova",
        "Prova",
        "2025",
        "anno 2025",
        date(2025, 12, 31),
        (Capitolo("Uno", (), (), (tabella,)),),
    )


def table(*righe, forma: Forma = Forma.EURO, nome: str = "prova") -> Tabella:
    colonne = (Colonna("nome", "Nome"), Colonna("valore", "Valore", forma, gruppo="Spesa"))
    return Tabella(nome, "Prova", colonne, righe, FONTE)


def italian_number(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


# --- CSV ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("made", [ricco, ostile])
def test_every_cell_of_a_csv_is_the_value_of_the_document(made):
    documento = made()
    files = archive(documento)
    for tabella in documento.tabelle:
        ending = "_ESEMPIO.csv" if tabella.esempio else ".csv"
        found = rows(files[tabella.nome + ending])[1:]
        assert len(found) == len(tabella.righe)
        for line, item in zip(found, tabella.righe, strict=True):
            for text, cella, colonna in zip(line, item.celle, tabella.colonne, strict=False):
                assert_same(text, cella, colonna.forma)


def assert_same(text: str, cella: Cella, forma: Forma) -> None:
    if cella.soppressa:
        assert text == "*"
    elif cella.valore is None:
        assert text == ""
    elif forma.numerica:
        assert italian_number(text) == cella.valore
    elif isinstance(cella.valore, date):
        assert text == italian(cella.valore)
    else:
        assert text == neutral(cella.valore)


@pytest.mark.parametrize(
    ("forma", "valore", "written"),
    [
        (Forma.EURO, 7, "7,00"),
        (Forma.EURO, Decimal("1234567.5"), "1.234.567,50"),
        (Forma.EURO, Decimal("-0.01"), "-0,01"),
        (Forma.EURO, None, ""),
        (Forma.EURO, Decimal(0), "0,00"),
        (Forma.NUMERO, Decimal(7), "7"),
        (Forma.NUMERO, 0, "0"),
        (Forma.PERCENTO, Decimal("12.5"), "12,50"),
        (Forma.PERCENTO, Decimal("66.112"), "66,112"),
        (Forma.DATA, date(2025, 1, 2), "02.01.2025"),
        (Forma.TESTO, "=cmd()", "'=cmd()"),
        (Forma.TESTO, 'a;"b"\nc', 'a;"b"\nc'),
    ],
)
def test_values_are_written_as_an_italian_spreadsheet_reads_them(
    forma: Forma, valore: Valore, written: str
):
    files = archive(document(table(riga("a", "A", valore), forma=forma)))
    assert rows(files["prova.csv"]) == [["Nome", "Spesa – Valore"], ["A", written]]


def test_totals_and_notes_have_their_column():
    found = rows(archive(ricco())["attuazione.csv"])
    assert found[0][-2:] == ["Totale", "Note"]
    assert [line[-2] for line in found[1:]] == ["", "", "", "sì"]
    assert found[3][-1] == "derivata (Impegni – Importo); non pubblicata (Spesa certificata)"


def test_a_table_without_them_has_no_such_columns():
    found = rows(archive(ricco())["andamento_ESEMPIO.csv"])
    assert found[0] == ["Al", "Presentate", "Ammesse"]
    assert found[2] == ["28.06.2025", "18", ""]


def test_the_figures_have_a_file():
    found = rows(archive(ricco())["indicatori_ESEMPIO.csv"])
    assert found[1][:4] == ["dotazione", "Dotazione", "970.474.516,00", "euro"]
    assert found[3][2:5] == ["", "euro", "non pubblicata"]
    assert found[4][1:5] == ["Destinatari", "397748", "numero intero", "esempio"]


def test_names_of_files_are_each_its_own_and_of_examples_say_so():
    assert list(archive(ricco())) == [
        "LEGGIMI.txt", "indicatori_ESEMPIO.csv", "attuazione.csv", "scostamenti.csv",
        "andamento_ESEMPIO.csv", "procedure_ESEMPIO.csv", "cessate.csv",
    ]  # fmt: skip
    clashing = document(table(riga("a", "A", 1), nome="indicatori"))
    assert list(archive(clashing)) == ["LEGGIMI.txt", "indicatori_.csv"]


def test_a_table_of_examples_says_so_in_a_report_that_is_not():
    example = replace(table(riga("a", "A", 1)), esempio=True)
    assert list(archive(document(example))) == ["LEGGIMI.txt", "prova_ESEMPIO.csv"]


def test_what_to_read_first_says_what_the_files_are():
    documento = ricco()
    text = archive(documento)["LEGGIMI.txt"]
    lines = text.split("\r\n")
    assert lines[:2] == ["Attuazione del programma", "Periodo: settembre-ottobre 2025"]
    for line in (
        "Numero: 12/2026",
        "Dati: Contiene anche dati di esempio: le tabelle che li riportano lo dicono.",
        f"SHA-256 dei dati: {sha256(encode(documento, CONSOLIDATO))}",
        "attuazione.csv – Avanzamento finanziario per asse",
        "procedure_ESEMPIO.csv – Procedure in corso nel periodo – DATI DI ESEMPIO",
        "Nota: Il perimetro è quello ordinario: la CIGD è esclusa.",
        "  Impegni – Su dotazione: percentuale (12,5 è 12,5%)",
        *(f"- {item}" for item in (*documento.fonti, *documento.avvertenze)),
        *documento.capitoli[0].testi,
    ):
        assert line in lines


def test_a_draft_tells_of_its_warnings_and_a_published_one_only_their_codes():
    warning = "- errore E101: Il totale non è la somma delle righe. (Attuazione, totale)"
    assert warning in archive(ricco(), BOZZA)["LEGGIMI.txt"]
    published = archive(ricco(), CONSOLIDATO)["LEGGIMI.txt"]
    assert "Segnalazioni: W201" in published
    assert CONSOLIDATO.avvisi[0].testo not in published


def test_no_data_says_so():
    files = archive(vuoto(), ESTRATTO)
    assert "Nessun dato nel periodo." in files["LEGGIMI.txt"].split("\r\n")
    assert rows(files["procedure.csv"]) == [["Azienda", "Lavoratori"]]


# --- JSON ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("made", [ricco, ostile, vuoto])
def test_every_cell_of_the_json_is_the_value_of_the_document(made):
    documento = made()
    found = [table for chapter in data(documento)["capitoli"] for table in chapter["tabelle"]]
    for content, tabella in zip(found, documento.tabelle, strict=True):
        assert (content["nome"], content["titolo"]) == (tabella.nome, tabella.titolo)
        assert (content["fonte"], tuple(content["note"])) == (tabella.fonte, tabella.note)
        for line, item in zip(content["righe"], tabella.righe, strict=True):
            assert (line["chiave"], line["totale"]) == (item.chiave, item.totale)
            for colonna, cella in zip(tabella.colonne, item.celle, strict=True):
                assert_equal(line["celle"][colonna.chiave], cella, colonna.forma)


def assert_equal(content: dict[str, Any], cella: Cella, forma: Forma) -> None:
    if cella.soppressa:
        assert content == {"valore": None, "soppressa": True}
        return
    value: Any = content["valore"]
    if isinstance(cella.valore, date):
        value = date.fromisoformat(value)
    elif forma.numerica and value is not None:
        value = Decimal(value)
    assert value == cella.valore
    others = {"nota": cella.nota, "cifra": cella.cifra, "stampato": cella.stampato}
    kept = {key: text for key, text in others.items() if text or (key == "stampato" and text == "")}
    assert {key: content[key] for key in content if key != "valore"} == kept


@pytest.mark.parametrize(
    ("forma", "valore", "written"),
    [
        (Forma.EURO, Decimal("1234.5"), "1234.50"),
        (Forma.EURO, 7, "7.00"),
        (Forma.EURO, Decimal("9999999999999.99"), "9999999999999.99"),
        (Forma.PERCENTO, Decimal("12.345"), "12.345"),
        (Forma.EURO, Decimal("1E+3"), "1000.00"),
        (Forma.NUMERO, Decimal(7), 7),
        (Forma.NUMERO, 0, 0),
        (Forma.NUMERO, None, None),
        (Forma.DATA, date(2025, 1, 2), "2025-01-02"),
        (Forma.TESTO, "=cmd()", "=cmd()"),
    ],
)
def test_json_writes_amounts_as_exact_text(forma: Forma, valore: Valore, written: str | int | None):
    content = data(document(table(riga("a", "A", valore), forma=forma)))
    (line,) = content["capitoli"][0]["tabelle"][0]["righe"]
    assert line["celle"]["valore"] == {"valore": written}
    assert type(line["celle"]["valore"]["valore"]) is type(written)


def test_json_says_what_it_is_and_of_what_edition():
    documento = ricco()
    content = data(documento)
    assert content["schema"] == 1
    assert content["report"] == {
        "slug": "prova-ricca", "titolo": "Attuazione del programma", "periodo": "2025-B5",
        "periodo_nome": "settembre-ottobre 2025", "al": "2025-10-31", "provincia": "BG",
        "ambito": "Bergamo", "esempio": True, "pubblico": True,
    }  # fmt: skip
    assert content["edizione"] == {
        "stato": "consolidato", "numero": "12/2026", "edizione": 2,
        "pubblicato_il": "2026-01-15T09:30:00+00:00", "pubblicato_da": "Maria Rossi",
        "rettifica": "9/2026", "errata": "Corretti gli impegni dell'asse II.",
        "decisione": "L'asse V sarà certificato con la prossima domanda di pagamento.",
        "avvisi": [],
    }  # fmt: skip
    assert content["contenuto_sha256"] == sha256(encode(documento, CONSOLIDATO))
    assert tuple(content["fonti"]) == documento.fonti


def test_json_of_a_draft_has_its_warnings():
    assert data(ricco(), BOZZA)["edizione"]["avvisi"][1] == {
        "codice": "E101", "gravita": "errore", "testo": "Il totale non è la somma delle righe.",
        "dove": "Attuazione, totale",
    }  # fmt: skip


def test_json_has_the_figures_and_the_columns():
    chapter = data(ricco())["capitoli"][0]
    assert chapter["indicatori"][1] == {
        "nome": "impegni_dotazione", "etichetta": "Impegni su dotazione", "dettaglio": "",
        "forma": "percento", "esempio": False, "valore": "66.112", "nota": "derivata",
    }  # fmt: skip
    assert chapter["tabelle"][0]["colonne"][2] == {
        "chiave": "impegni", "titolo": "Importo", "gruppo": "Impegni", "forma": "euro",
    }  # fmt: skip
    assert [item["esempio"] for item in chapter["indicatori"]] == [False, False, False, True, False]
    assert [table["esempio"] for table in chapter["tabelle"]] == [False, False]
    assert [table["esempio"] for table in data(ricco())["capitoli"][2]["tabelle"]] == [True]


def test_five_thousand_rows_are_all_there():
    many = [riga(str(n), f"Azienda {n}", Decimal(n) / 100) for n in range(5_000)]
    documento = document(table(*many))
    found = rows(archive(documento)["prova.csv"])[1:]
    assert [italian_number(line[1]) for line in found] == [Decimal(n) / 100 for n in range(5_000)]
    lines = data(documento)["capitoli"][0]["tabelle"][0]["righe"]
    assert [Decimal(line["celle"]["valore"]["valore"]) for line in lines] == [
        Decimal(n) / 100 for n in range(5_000)
    ]
    assert found[1234][1] == money.number(Decimal("12.34"), 2)
