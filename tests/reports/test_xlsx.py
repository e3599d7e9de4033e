"""The workbook is opened again, as a program of others would, and held against the document."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from porfse.charts import Colour
from porfse.exports import neutral
from reports.builders import grafici, xlsx
from reports.builders.parole import SOPPRESSA
from reports.documento import (
    SUPPRESSED,
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Grafico,
    Riga,
    Serie,
    Tabella,
)
from tests.reports.documenti import (
    BOZZA,
    CONSOLIDATO,
    ESTRATTO,
    FONTE,
    NOMI_OSTILI,
    di_soli_esempi,
    ostile,
    ricco,
    riga,
    vuoto,
)

NS = {
    "s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "xdr": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
}
REFERENCE = re.compile(r"'([^']+)'!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?")


class Book:
    """A workbook, read by another library, with its XML at hand."""

    def __init__(self, content: bytes) -> None:
        self.archive = ZipFile(io.BytesIO(content))
        reader = CalamineWorkbook.from_filelike(io.BytesIO(content))
        self.names = reader.sheet_names
        self.cells = {
            name: reader.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in self.names
        }

    def xml(self, path: str) -> ET.Element:
        return ET.fromstring(self.archive.read(path))  # noqa: S314 - our own file

    def sheet(self, name: str) -> ET.Element:
        return self.xml(f"xl/worksheets/sheet{self.names.index(name) + 1}.xml")

    @property
    def ranges(self) -> dict[str, str]:
        found = self.xml("xl/workbook.xml").findall(".//s:definedName", NS)
        return {item.get("name", ""): item.text or "" for item in found}

    def resolve(self, reference: str) -> list[list[object]]:
        """Return the cells of a reference, line by line."""
        lines = []
        for sheet, left, top, right, bottom in REFERENCE.findall(reference):
            first, last = column(left), column(right or left)
            lines += [
                [self.at(sheet, line, place) for place in range(first, last + 1)]
                for line in range(int(top), int(bottom or top) + 1)
            ]
        return lines

    def at(self, sheet: str, line: int, place: int) -> object:
        rows = self.cells[sheet]
        if line > len(rows) or place >= len(rows[line - 1]):
            return ""
        return rows[line - 1][place]

    def charts(self) -> list[ET.Element]:
        names = [name for name in self.archive.namelist() if name.startswith("xl/charts/chart")]
        return [self.xml(name) for name in sorted(names)]


def column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def built(documento: Documento, frontespizio=CONSOLIDATO) -> Book:
    return Book(xlsx.build(documento, frontespizio))


def exact(value: object) -> object:
    """A number as it is in the file, exactly."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def expected(cella: Cella) -> object:
    """What a cell holds: the value itself, a blank for what is not known."""
    if cella.soppressa:
        return SUPPRESSED
    if cella.valore is None or cella.stampato == "":
        return cella.stampato or ""
    return neutral(cella.valore) if isinstance(cella.valore, str) else cella.valore


def header(tabella: Tabella) -> int:
    """The line of the header, from 1: below the title."""
    return 2 + any(colonna.gruppo for colonna in tabella.colonne)


def table(*righe: Riga, nome: str = "prova", **others) -> Tabella:
    colonne = (Colonna("nome", "Nome"), Colonna("importo", "Importo", Forma.EURO))
    return Tabella(nome, "Prova", colonne, righe, FONTE, **others)


def document(*tabelle: Tabella) -> Documento:
    return Documento(
        "prova",
        "Prova",
        "2025",
        "anno 2025",
        date(2025, 12, 31),
        (Capitolo("Uno", (), (), tabelle),),
    )


def series(chart: ET.Element) -> Iterator[tuple[str, str, str]]:
    for item in chart.findall(".//c:ser", NS):
        yield (
            item.findtext("c:tx//c:v", "", NS),
            item.findtext("c:cat//c:f", "", NS),
            item.findtext("c:val//c:f", "", NS),
        )


@pytest.mark.parametrize("made", [ricco, ostile, vuoto])
def test_every_cell_holds_the_value_of_the_document(made):
    documento = made()
    book = built(documento)
    for tabella in documento.tabelle:
        top = header(tabella)
        titles = [book.at(tabella.nome, top, place) for place in range(len(tabella.colonne))]
        assert titles == [neutral(colonna.titolo) for colonna in tabella.colonne]
        for line, item in enumerate(tabella.righe, start=top + 1):
            found = [exact(book.at(tabella.nome, line, at)) for at in range(len(item.celle))]
            assert found == [expected(cella) for cella in item.celle]


def test_what_is_not_known_is_a_blank_cell_and_zero_is_a_number():
    book = built(document(table(riga("a", "A", None), riga("b", "B", Decimal("0.00")))))
    cells = book.sheet("prova").findall(".//s:c", NS)
    values = {cell.get("r"): cell.findtext("s:v", None, NS) for cell in cells}
    assert (values["B3"], values["B4"]) == (None, "0.00")


def test_a_blank_of_the_source_is_a_blank_and_its_value_a_note():
    printed = Cella(Decimal(0), stampato="", nota="per differenza")
    book = built(document(table(riga("a", "A", printed))))
    note = "per differenza; nella fonte in bianco, valore 0,00\u00a0€"
    assert book.cells["prova"][2] == ["A", "", note]


def test_the_notes_of_cells_stand_beside_their_row_with_their_columns():
    book = built(ricco())
    lines = {line[0]: line for line in book.cells["attuazione"]}
    assert lines["Asse"][-1] == "Note"
    assert lines["V – Assistenza tecnica"][-1] == (
        "derivata (Impegni – Importo); non pubblicata (Spesa certificata)"
    )
    assert lines["I – Occupazione"][-1] == ""


def test_a_note_of_a_whole_row_is_written_once():
    colonne = (Colonna("a", "A", Forma.NUMERO), Colonna("b", "B", Forma.NUMERO))
    item = riga("x", Cella(1, nota="esempio"), Cella(2, nota="esempio"))
    tabella = Tabella("prova", "Prova", colonne, (item,), FONTE)
    assert built(document(tabella)).cells["prova"][2] == [1.0, 2.0, "esempio"]


def test_the_note_of_a_hidden_cell_is_hidden_too():
    hidden = Cella(None, nota="esempio", soppressa=True)
    content = built(document(table(riga("a", "A", hidden)))).cells["prova"]
    assert content[2] == ["A", "*"]


FORMATS = [
    ("B4", '#,##0.00 "€"'),
    ("D4", '0.0"%"'),
    ("B7", '#,##0.00 "€"'),
]


@pytest.mark.parametrize(("cell", "shown"), FORMATS)
def test_numbers_look_italian(cell, shown):
    book = built(ricco())
    (found,) = [
        item for item in book.sheet("attuazione").findall(".//s:c", NS) if item.get("r") == cell
    ]
    styles = book.xml("xl/styles.xml")
    codes = {item.get("numFmtId"): item.get("formatCode") for item in styles.find("s:numFmts", NS)}
    look = styles.find("s:cellXfs", NS)[int(found.get("s"))]
    assert codes[look.get("numFmtId")] == shown


# --- Names of ranges ----------------------------------------------------------------------------
def test_every_column_has_a_range_of_its_rows_without_totals():
    documento = ricco()
    book = built(documento)
    for tabella in documento.tabelle:
        rows = [item for item in tabella.righe if not item.totale]
        for place, colonna in enumerate(tabella.colonne):
            found = book.resolve(book.ranges[f"{tabella.nome}_{colonna.chiave}"])
            values = [expected(item.celle[place]) for item in rows]
            assert [exact(line[0]) for line in found] == (values or [""])


def test_the_range_of_a_table_is_header_and_rows():
    book = built(ricco())
    found = book.resolve(book.ranges["attuazione"])
    assert [line[0] for line in found] == [
        "Asse", "I – Occupazione", "II – Inclusione sociale e lotta alla povertà",
        "V – Assistenza tecnica",
    ]  # fmt: skip
    assert found[0][-1] == "Note"


def test_totals_between_rows_are_left_out_of_the_range_and_of_the_chart():
    grafico = Grafico("Prova", "nome", (Serie("importo", Colour.BLUE),))
    rows = (
        riga("a", "A", Decimal(1)),
        riga("t1", "Parziale", Decimal(1), totale=True),
        riga("b", "B", Decimal(2)),
        riga("t2", "Totale", Decimal(3), totale=True),
    )
    book = built(document(table(*rows, grafico=grafico)))
    assert [line[0] for line in book.resolve(book.ranges["prova_importo"])] == [1.0, 2.0]
    ((_, names, values),) = series(book.charts()[0])
    assert [line[0] for line in book.resolve(names)] == ["A", "B"]
    assert [line[0] for line in book.resolve(values)] == [1.0, 2.0]


def test_names_that_a_spreadsheet_takes_for_cells_are_marked():
    tables = [table(riga("a", "A", 1), nome=name) for name in ("tab1", "r", "r1c1", "true", "2025")]
    ranges = built(document(*tables)).ranges
    wanted = {"_tab1", "_r", "_r1c1", "_true", "_2025", "tab1_importo", "_2025_importo"}
    assert wanted <= ranges.keys()
    assert {"tab1", "r", "r1c1", "true", "2025"} & ranges.keys() == set()


def test_two_names_that_come_to_the_same_are_told_apart():
    first = replace(table(riga("a", "A", 1), nome="a"), colonne=(
        Colonna("nome", "Nome"), Colonna("b_c", "X", Forma.NUMERO),
    ))  # fmt: skip
    second = replace(table(riga("a", "A", 2), nome="a_b"), colonne=(
        Colonna("nome", "Nome"), Colonna("c", "Y", Forma.NUMERO),
    ))  # fmt: skip
    book = built(document(first, second))
    assert book.resolve(book.ranges["a_b_c"]) == [[1.0]]
    assert book.resolve(book.ranges["a_b_c_"]) == [[2.0]]


def test_sheets_have_valid_names_each_its_own():
    tables = [table(riga("a", "A", 1), nome=name) for name in ("report", "history", "a" * 24)]
    names = built(document(*tables)).names
    assert names == ["Report", "report_", "history_", "a" * 24]
    assert all(len(name) <= 31 for name in names)


# --- Charts -------------------------------------------------------------------------------------
def test_charts_draw_the_cells_of_their_columns():
    documento = ricco()
    book = built(documento)
    drawn = [tabella for tabella in documento.tabelle if grafici.figura(tabella)]
    charts = book.charts()
    assert len(charts) == len(drawn) == 3
    for tabella, chart in zip(drawn, charts, strict=True):
        rows = grafici.righe(tabella)
        category = tabella.posizione(tabella.grafico.categoria)
        voci = grafici.voci(tabella, tabella.grafico)
        found = list(series(chart))
        assert [name for name, _, _ in found] == [voce.nome for voce in voci]
        for voce, (_, names, values) in zip(voci, found, strict=True):
            place = tabella.posizione(voce.campo)
            assert [line[0] for line in book.resolve(names)] == [
                expected(item.celle[category]) for item in rows
            ]
            assert [exact(line[0]) for line in book.resolve(values)] == [
                expected(item.celle[place]) for item in rows
            ]


def test_series_have_the_colour_of_their_quantity_and_blanks_are_gaps():
    chart = built(ricco()).charts()[0]
    fills = [
        item.find("c:spPr/a:solidFill/a:srgbClr", NS) for item in chart.findall(".//c:ser", NS)
    ]
    serie = next(ricco().tabelle).grafico.serie
    assert [f"#{fill.get('val').lower()}" for fill in fills] == [item.colore for item in serie]
    # What is not written is a gap: so says the standard.
    assert chart.find(".//c:dispBlanksAs", NS) is None


def test_the_axis_of_amounts_counts_millions_as_the_pdf_does():
    axes = [
        chart.find(".//c:valAx/c:numFmt", NS).get("formatCode") for chart in built(ricco()).charts()
    ]
    assert axes == ['#,##0.0,,"  Mln€"', '#,##0.0 "punti"', "#,##0"]


def test_a_chart_draws_a_hidden_value_as_a_gap_not_as_zero():
    grafico = Grafico("Prova", "nome", (Serie("importo", Colour.BLUE),), Grafico.Tipo.LINEE)
    rows = (riga("a", "A", Decimal(5)), riga("b", "B", Cella(soppressa=True)), riga("c", "C", 7))
    book = built(document(table(*rows, grafico=grafico)))
    ((_, _, values),) = series(book.charts()[0])
    assert [line[0] for line in book.resolve(values)] == [5.0, "", 7.0]
    assert [line[1] for line in book.cells["prova"][2:5]] == [5.0, "*", 7.0]


def test_the_copy_of_values_of_examples_says_so():
    grafico = Grafico("Prova", "nome", (Serie("importo", Colour.BLUE),))
    hidden = riga("a", "A", Cella(soppressa=True))
    rows = (hidden, riga("b", "B", 2))
    book = built(document(table(*rows, grafico=grafico, esempio=True)))
    assert book.cells["Dati dei grafici"][1] == [
        "prova – DATI DI ESEMPIO: Nome",
        "prova – DATI DI ESEMPIO: Importo",
    ]


def test_the_copy_of_values_says_what_it_is_and_is_printed_on_one_page():
    grafico = Grafico("Prova", "nome", (Serie("importo", Colour.BLUE),))
    rows = (riga("a", "A", Cella(soppressa=True)), riga("b", "B", 2))
    book = built(document(table(*rows, grafico=grafico)))
    assert book.cells["Dati dei grafici"][0][0] == (
        "Copia dei valori che i grafici disegnano, senza totali: i dati del report sono negli altri"
        " fogli."
    )
    setup = book.sheet("Dati dei grafici").find("s:pageSetup", NS)
    assert setup.get("fitToWidth", "1") == setup.get("fitToHeight", "1") == "1"


def test_a_chart_says_in_words_what_it_draws():
    book = built(ricco())
    words = [
        item.get("descr")
        for name in sorted(book.archive.namelist())
        if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)
        for item in book.xml(name).findall(".//xdr:cNvPr", NS)
    ]
    drawn = [grafici.figura(tabella) for tabella in ricco().tabelle if grafici.figura(tabella)]
    assert words == [figure["descrizione"] for figure in drawn]


# --- The sheet as a page ------------------------------------------------------------------------
def test_the_header_stays_and_the_rows_can_be_filtered_and_printed():
    sheet = built(ricco()).sheet("attuazione")
    assert sheet.find(".//s:pane", NS).attrib == {
        "xSplit": "1", "ySplit": "3", "topLeftCell": "B4", "activePane": "bottomRight",
        "state": "frozen",
    }  # fmt: skip
    assert sheet.find("s:autoFilter", NS).get("ref") == "A3:G6"  # without the total
    assert sheet.find("s:pageSetup", NS).get("fitToHeight") == "0"
    assert sheet.find("s:pageSetup", NS).get("orientation") == "landscape"
    assert "Pagina &P di &N" in sheet.findtext("s:headerFooter/s:oddFooter", "", NS)
    assert built(ricco()).ranges["_xlnm.Print_Titles"]


def test_every_sheet_has_its_title_on_top_which_says_whether_it_is_of_examples():
    documento = ricco()
    book = built(documento)
    assert {tabella.esempio for tabella in documento.tabelle} == {True, False}
    for tabella in documento.tabelle:
        mark = "DATI DI ESEMPIO – " if tabella.esempio else ""
        assert book.cells[tabella.nome][0][0] == f"{mark}{tabella.titolo}"
    assert "ESEMPIO" not in str(book.cells["attuazione"])


def test_the_front_says_whether_all_data_are_examples_or_some():
    assert front(built(ricco()))["Dati"] == (
        "Contiene anche dati di esempio: le tabelle che li riportano lo dicono."
    )
    every = built(di_soli_esempi())
    assert front(every)["Dati"] == "I dati di questo report non sono reali."
    real = built(document(table(riga("a", "A", 1))))
    assert "esempio" not in str(real.cells).casefold()


def test_a_figure_that_is_an_example_says_so():
    lines = {line[0]: line for line in built(ricco()).cells["Report"]}
    assert (lines["Destinatari"][2], lines["Dotazione"][2]) == (
        "esempio", "Decisione C(2020) 7664 del 9.11.2020, versione 6.0",
    )  # fmt: skip


def test_a_table_without_rows_says_so_below_its_header():
    cells = built(ricco()).cells["cessate"]
    assert cells[:2] == [["Procedure cessate nel periodo", "", ""], cells[1]]
    assert cells[1][:3] == ["Procedura", "Azienda", "Fine"]
    assert "Nessuna procedura è cessata nel periodo." in [line[0] for line in cells]


def test_notes_and_source_stand_below_the_table():
    lines = [line[0] for line in built(ricco()).cells["procedure"]]
    assert lines[-4:] == [
        "",
        "Una procedura può avere più unità produttive, in più province.",
        SOPPRESSA,
        "Fonte: Estrazione VertenzeOnline del 31.10.2025",
    ]


def test_a_table_that_says_why_cells_are_hidden_says_it_once():
    note = "* Cella nascosta a tutela della riservatezza."
    hidden = riga("a", "A", Cella(soppressa=True))
    lines = [line[0] for line in built(document(table(hidden, note=(note,)))).cells["prova"]]
    assert lines[-3:] == ["", note, f"Fonte: {FONTE}"]


def test_a_column_is_as_wide_as_its_numbers_not_as_their_notes():
    noted = riga("a", "A", Cella(Decimal(1), nota="per differenza dal totale stampato"))
    (_, width, _) = built(document(table(noted))).sheet("prova").findall(".//s:col", NS)
    assert Decimal(width.get("width")) < 15


# --- The front ----------------------------------------------------------------------------------
def front(book: Book) -> dict[str, str]:
    return {str(line[0]): line[1] for line in book.cells["Report"]}


def test_the_front_says_number_edition_and_what_was_wrong():
    book = built(ricco())
    found = front(book)
    assert found["Periodo"] == "settembre-ottobre 2025"
    assert (found["Numero"], found["Edizione"], found["Stato"]) == ("12/2026", "2", "Consolidato")
    assert found["Pubblicato"] == "15.01.2026 10:30 da Maria Rossi"
    assert found["Nota di rettifica"] == "Corretti gli impegni dell'asse II."
    assert "attenzione W201" not in found


def test_the_front_of_a_draft_warns():
    found = front(built(ricco(), BOZZA))
    assert found["errore E101"] == "Il totale non è la somma delle righe."
    assert found["Stato"] == "BOZZA: non ancora pubblicata"


def test_the_front_holds_the_figures_as_numbers():
    lines = {line[0]: line for line in built(ricco()).cells["Report"]}
    assert exact(lines["Dotazione"][1]) == Decimal("970474516.00")
    assert exact(lines["Impegni su dotazione"][1]) == Decimal("66.112")
    assert lines["Impegni su dotazione"][2] == "derivata"
    assert lines["Quota UE certificata"][1:] == ["", "non pubblicata"]
    assert lines["Chiusura del periodo"][1] == date(2025, 10, 31)


def test_the_front_leads_to_every_sheet():
    book = built(ricco())
    links = book.sheet("Report").findall(".//s:hyperlink", NS)
    assert [link.get("location") for link in links] == [f"'{name}'!A1" for name in book.names[1:]]


def test_the_front_has_the_words_of_the_chapters_and_the_sources():
    text = str(built(ricco()).cells["Report"])
    chapters = [item for capitolo in ricco().capitoli for item in capitolo.testi]
    for words in (*chapters, *ricco().fonti, *ricco().avvertenze):
        assert repr(words)[1:-1] in text or words in text


def test_a_report_of_nothing_says_so():
    assert front(built(vuoto(), ESTRATTO))["Dati"] == "Nessun dato nel periodo."


# --- What is hostile ----------------------------------------------------------------------------
def test_no_text_becomes_a_formula_or_a_link():
    book = built(ostile(), BOZZA)
    for name in book.names:
        sheet = book.sheet(name)
        assert sheet.findall(".//s:f", NS) == []
        if name != "Report":
            assert sheet.findall(".//s:hyperlink", NS) == []


def test_headers_are_no_formulas_either():
    colonne = (Colonna("a", "=1+1", gruppo="=2+2"), Colonna("b", "@b", gruppo="=2+2"))
    tabella = Tabella("prova", "Prova", colonne, (riga("x", "A", "B"),), FONTE)
    assert built(document(tabella)).cells["prova"][1:3] == [["'=2+2", ""], ["'=1+1", "'@b"]]


def test_names_of_charts_are_cut_not_those_of_cells():
    book = built(ostile())
    ((_, names, values),) = series(book.charts()[0])
    shown = [line[0] for line in book.resolve(names)]
    assert max(len(name) for name in shown) == 60
    rows = next(ostile().tabelle).righe
    assert [exact(line[0]) for line in book.resolve(values)] == [
        expected(item.celle[1]) for item in rows
    ]
    assert neutral(NOMI_OSTILI[18]) in [line[0] for line in book.cells["ostili"]]


def test_a_text_that_no_cell_holds_is_cut_with_a_mark():
    book = built(document(table(riga("a", "x" * 40_000, 1))))
    assert book.cells["prova"][2][0] == f"{'x' * 16_000} […]"


def test_five_thousand_rows_are_all_there():
    rows = [riga(str(n), f"Azienda {n}", Decimal(n) / 100) for n in range(5_000)]
    book = built(document(table(*rows)))
    found = book.resolve(book.ranges["prova_importo"])
    assert [exact(line[0]) for line in found] == [Decimal(n) / 100 for n in range(5_000)]
    assert book.at("prova", 5_002, 0) == "Azienda 4999"
