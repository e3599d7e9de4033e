"""Table 1 of art. 112: what the sources say to the cent, and blanks where they do not."""

from datetime import date
from decimal import Decimal

import pytest

from porfse.errors import BadInput
from reports.celle import cella
from reports.codifica import decode, encode
from reports.documento import NOT_KNOWN, Cella, Documento, Forma, Frontespizio, Tabella
from reports.report import report_of
from tests.factories.programme import make_movement

pytestmark = pytest.mark.django_db
BLANK = ("categoria", "base", "tasso", "pubblico", "dichiarata", "quota_dichiarata", "operazioni")


def document(periodo: str = "2020-12-31") -> Documento:
    report = report_of("dati-finanziari")
    return report.documento(report.leggi(periodo))


def table(documento: Documento, nome: str) -> Tabella:
    return next(item for item in documento.tabelle if item.nome == nome)


def cells(tabella: Tabella, chiave: str) -> dict[str, Cella]:
    """The cells of a row, by column."""
    (row,) = (row for row in tabella.righe if row.chiave == chiave)
    return dict(zip([column.chiave for column in tabella.colonne], row.celle, strict=True))


def amounts(tabella: Tabella, colonna: str) -> dict[str, object]:
    place = tabella.posizione(colonna)
    return {row.chiave: row.celle[place].valore for row in tabella.righe}


def test_the_columns_are_those_of_the_regulation_in_its_order():
    found = table(document(), "tabella_1")
    numbers = [int(column.titolo.partition(".")[0]) for column in found.colonne]
    assert numbers == list(range(1, 13))
    assert [column.forma for column in found.colonne[4:]] == [
        Forma.EURO, Forma.PERCENTO, Forma.EURO, Forma.PERCENTO,
        Forma.EURO, Forma.EURO, Forma.PERCENTO, Forma.NUMERO,
    ]  # fmt: skip


def test_funding_and_selected_operations_are_those_of_the_sources():
    found = table(document(), "tabella_1")
    assert amounts(found, "dotazione") == {
        "I": 236_700_000, "II": 379_000_000, "III": 301_900_000, "IV": 20_000_000,
        "V": 32_874_516, "programma": 970_474_516,
    }  # fmt: skip
    assert amounts(found, "selezionate") == {
        "I": 190_920_000, "II": Decimal("352812574.33"), "III": 226_250_000, "IV": 15_900_000,
        "V": 24_200_000, "programma": Decimal("810082574.33"),
    }  # fmt: skip
    share = cells(found, "IV")["quota_selezionate"]
    assert (share.valore, share.show(Forma.PERCENTO)) == (Decimal("79.5"), "79,5%")
    assert [row.totale for row in found.righe] == [False] * 5 + [True]


def test_what_is_not_known_stays_blank_and_the_note_says_why():
    found = table(document(), "tabella_1")
    for key in ("I", "V", "programma"):
        row = cells(found, key)
        assert {name: row[name].valore for name in BLANK} == dict.fromkeys(BLANK)
        assert row["operazioni"].show(Forma.NUMERO) == NOT_KNOWN
        assert row["categoria"].show(Forma.TESTO) == NOT_KNOWN
        assert row["fondo"].show(Forma.TESTO) == "FSE"
    notes = " ".join(found.note)
    for words in ("Colonne 3, 4 e 6", "Colonna 9", "Colonne 10 e 11", "Colonna 12"):
        assert words in notes


def test_payments_and_certified_expenditure_stand_apart_and_are_put_in_no_column_of_table_1():
    found = document()
    other = table(found, "altre_grandezze")
    assert amounts(other, "liquidate")["II"] == 309_100_000
    assert amounts(other, "ordinarie")["II"] == Decimal("184312574.33")
    assert amounts(other, "certificata") == {
        "I": 120_530_000, "II": 109_800_000, "III": 192_540_000, "IV": 4_500_000,
        "V": 15_100_000, "programma": 442_470_000,
    }  # fmt: skip
    values = {cell.valore for row in table(found, "tabella_1").righe for cell in row.celle}
    assert values.isdisjoint({309_100_000, 120_530_000, 442_470_000})


def test_what_is_not_split_between_the_assi_has_a_row_of_its_own():
    found = document("2021-09-30")
    other = table(found, "altre_grandezze")
    assert [row.chiave for row in other.righe] == ["I", "II", "III", "IV", "V", "nr", "programma"]
    assert "nr" not in amounts(table(found, "tabella_1"), "dotazione")
    certified = amounts(other, "certificata")
    assert certified == {
        **dict.fromkeys(("I", "II", "III", "IV", "V")),
        "nr": 201_230_000,
        "programma": 643_700_000,
    }
    assert cells(other, "I")["certificata"].nota == "ultimo dato al 31.12.2020"
    assert cells(other, "nr")["dotazione"].valore is None
    assert "derivata" in cells(table(found, "tabella_1"), "V")["selezionate"].nota


def test_the_wage_support_of_covid_is_told_and_taken_off_where_the_sources_tell_it_apart():
    before, after = (document(day) for day in ("2020-12-31", "2021-09-30"))
    for found in (before, after):
        assert "(perimetro del totale: CIGD inclusa)" in table(found, "tabella_1").note[0]
    other = table(before, "altre_grandezze")
    assert other.note[:2] == (
        "Pagamenti: perimetro CIGD inclusa.",
        "Spesa certificata: perimetro CIGD non dichiarata.",
    )
    assert amounts(other, "ordinarie")["programma"] == Decimal("641582574.33")
    assert amounts(table(after, "altre_grandezze"), "ordinarie")["programma"] == 685_400_000


def test_every_table_names_its_documents_and_the_law_is_cited():
    found = document()
    assert found.fonti[0].startswith("Regolamento (UE) n. 1303/2013, art. 112")
    assert "1011/2014" in found.fonti[1]
    assert found.fonti[2:] == (
        "POR FSE 2014-2020, Opportunità e inclusione: struttura del programma (dati al 09.11.2020)",
        "Relazione di attuazione annuale 2020, sintesi per i cittadini (dati al 31.12.2020)",
    )
    assert all(item.fonte == "; ".join(found.fonti[2:]) for item in found.tabelle)


def test_the_deadline_of_the_day_is_told():
    assert any("entro il 31 gennaio 2021" in words for words in document().avvertenze)
    assert any("entro il 31 ottobre 2021" in words for words in document("2021-09-30").avvertenze)
    assert any("solo al monitoraggio" in words for words in document("2021-03-31").avvertenze)


def test_a_day_after_the_last_datum_says_whose_figures_they_are():
    make_movement("impegnate", data=date(2022, 1, 15), importo=Decimal("0.01"))
    words = document("2022-12-31").avvertenze
    assert any("entro il 31.12.2022 è del 15.01.2022" in item for item in words)
    found = document("2022-12-31")
    assert table(found, "tabella_1").titolo.endswith("(ultimo dato al 15.01.2022)")
    assert found.capitoli[0].indicatori[1].dettaglio.endswith("; ultimo dato al 15.01.2022")
    amount = amounts(table(found, "tabella_1"), "selezionate")["I"]
    assert amount == Decimal("260300000.01")


def test_before_any_datum_all_is_blank_and_said_so():
    found = document("2015-06-30")
    assert found.avvertenze[0] == "Al 30.06.2015 nessun importo è registrato."
    assert found.vuoto
    for item in found.tabelle:
        assert (item.righe, item.note, item.grafico) == ((), (), None)
        assert item.vuota == "Nessun dato a questa data."


def test_the_plan_alone_is_something_known():
    found = document("2020-11-30")
    assert not found.vuoto
    row = cells(table(found, "tabella_1"), "I")
    assert (row["dotazione"].valore, row["selezionate"].valore) == (236_700_000, None)


def test_a_cell_can_explain_itself_and_the_document_comes_back_from_its_text():
    found = document()
    cell = cells(table(found, "tabella_1"), "II")["selezionate"]
    assert cell.cifra == "impegnate(al=2020-12-31,asse=II)"
    assert decode(encode(found, Frontespizio()))[0] == found
    assert cella(cell) is cell


@pytest.mark.parametrize("wrong", ["2021", "2021-T3", "2021-02-30", "2013-12-31", "2999-12-31", ""])
def test_it_is_asked_for_by_a_day_alone(wrong):
    with pytest.raises(BadInput):
        report_of("dati-finanziari").leggi(wrong)
