"""The slides are opened again and held against the document."""

import io
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

import pytest
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.presentation import Presentation as Prs
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from python_calamine import CalamineWorkbook

from porfse import money
from porfse.charts import Colour
from reports.builders import grafici, pptx
from reports.builders.pptx.testi import breve
from reports.documento import (
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Grafico,
    Indicatore,
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

LONGEST = 300  # characters of a cell


def opened(documento: Documento, frontespizio=CONSOLIDATO) -> Prs:
    return Presentation(io.BytesIO(pptx.build(documento, frontespizio)))


def titles(prs: Prs) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in prs.slides]


def named(prs: Prs, title: str) -> list[Slide]:
    """The slides of a title, whatever their number."""
    return [
        slide
        for slide in prs.slides
        if re.sub(r" \(\d+/\d+\)$", "", slide.shapes.title.text_frame.text) == title
    ]


def words(slide: Slide) -> list[str]:
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def tables(slides: list[Slide]) -> Iterator[list[list[str]]]:
    for slide in slides:
        for shape in slide.shapes:
            if shape.has_table:
                yield [[cell.text for cell in row.cells] for row in shape.table.rows]


def charts(slides: list[Slide]) -> list[BaseShape]:
    return [shape for slide in slides for shape in slide.shapes if shape.has_chart]


def shown(tabella: Tabella, *, milioni: Collection[str] = ()) -> list[list[str]]:
    """The cells as people read them; those of some columns in millions."""

    def text(cella: Cella, colonna: Colonna) -> str:
        if colonna.chiave in milioni and cella.valore is not None:
            note = f" ({cella.nota})" if cella.nota else ""
            return f"{money.mln(cella.valore)}{note}"
        return breve(cella.show(colonna.forma), LONGEST)

    return [
        [text(*pair) for pair in zip(item.celle, tabella.colonne, strict=True)]
        for item in tabella.righe
    ]


def document(*tabelle: Tabella, **others) -> Documento:
    chapter = Capitolo("Capitolo", tabelle=tabelle)
    made = Documento("prova", "Prova", "2025", "anno 2025", date(2025, 12, 31), (chapter,))
    return replace(made, **others)


def table(*righe, **others) -> Tabella:
    colonne = (Colonna("nome", "Nome"), Colonna("importo", "Importo", Forma.EURO))
    return replace(Tabella("prova", "Tabella di prova", colonne, righe, FONTE), **others)


# --- Tables -------------------------------------------------------------------------------------
@pytest.mark.parametrize("made", [ricco, ostile])
def test_the_rows_of_a_table_are_all_there_as_people_read_them(made):
    documento = made()
    prs = opened(documento)
    for tabella in documento.tabelle:
        if tabella.righe:
            head = 1 + any(colonna.gruppo for colonna in tabella.colonne)
            title = breve(tabella.titolo, 110)
            found = [row for rows in tables(named(prs, title)) for row in rows[head:]]
            milioni = ("dotazione", "impegni", "liquidate", "certificata")
            assert found == shown(tabella, milioni=milioni)


def test_every_slide_of_a_long_table_has_its_header():
    rows = [riga(str(n), f"Azienda {n}", Decimal(n)) for n in range(50)]
    prs = opened(document(table(*rows)), ESTRATTO)
    found = list(tables(named(prs, "Tabella di prova")))
    assert len(found) > 1
    assert [rows[0] for rows in found] == [["Nome", "Importo"]] * len(found)
    assert titles(prs)[1:] == [
        f"Tabella di prova ({n}/{len(found)})" for n in range(1, len(found) + 1)
    ]


def test_a_table_wider_than_a_slide_goes_on_with_the_name_of_each_row():
    colonne = (
        Colonna("nome", "Nome"),
        *(Colonna(f"c{n}", f"Colonna {n}", Forma.EURO) for n in range(20)),
    )
    rows = tuple(riga(f"r{i}", f"Riga {i}", *[Decimal(10_000_000 + i)] * 20) for i in range(3))
    found = list(tables(named(opened(document(table(*rows, colonne=colonne))), "Tabella di prova")))
    assert len(found) > 1
    assert all([row[0] for row in rows] == ["Nome", "Riga 0", "Riga 1", "Riga 2"] for rows in found)
    headers = [title for rows in found for title in rows[0][1:]]
    assert headers == [f"Colonna {n}" for n in range(20)]


def test_columns_of_a_group_have_it_above_them():
    (rows,) = tables(named(opened(ricco()), "Avanzamento finanziario per asse"))
    assert rows[0] == ["", "", "Impegni", "", "Liquidazioni", ""]
    assert rows[1][2:4] == ["Importo", "Su dotazione"]


def test_a_table_without_rows_says_so():
    (slide,) = named(opened(ricco()), "Procedure cessate nel periodo")
    assert "Nessuna procedura è cessata nel periodo." in words(slide)


AMOUNTS = tuple(
    Colonna(key, title, Forma.EURO)
    for key, title in (("dot", "Dotazione"), ("imp", "Impegnate"), ("liq", "Liquidate"))
)


def per_asse(*colonne: Colonna) -> Tabella:
    million = Decimal(1_000_000)
    rows = (
        riga("I", "I", "Occupazione", 236 * million, Cella(260 * million, nota="CIGD inclusa"), 0),
        riga("V", "V", "Assistenza", 33 * million, Cella(None), 20 * million),
        riga("T", "Programma", "", 269 * million, Cella(260 * million, nota="CIGD inclusa"),
             20 * million, totale=True),
    )  # fmt: skip
    names = (Colonna("asse", "Asse"), Colonna("nome", "Denominazione"))
    return table(*rows, colonne=(*names, *colonne))


def test_a_small_table_of_amounts_is_a_box_for_each_row_its_notes_explained_below():
    (slide,) = named(opened(document(per_asse(*AMOUNTS))), "Tabella di prova")
    boxes = [text.split("\n") for text in words(slide)]
    assert boxes[1:5] == [
        ["I – Occupazione", "Dotazione: 236,00\u00a0Mln€", "Impegnate: 260,00\u00a0Mln€ (1)",
         "Liquidate: 0,00\u00a0Mln€"],
        ["V – Assistenza", "Dotazione: 33,00\u00a0Mln€", "Impegnate: n.d.",
         "Liquidate: 20,00\u00a0Mln€"],
        ["Programma", "Dotazione: 269,00\u00a0Mln€", "Impegnate: 260,00\u00a0Mln€ (1)",
         "Liquidate: 20,00\u00a0Mln€"],
        ["(1) CIGD inclusa"],
    ]  # fmt: skip
    assert list(tables([slide])) == []


@pytest.mark.parametrize(
    "colonne",
    [
        (*AMOUNTS[:2], Colonna("quota", "Quota", Forma.PERCENTO)),
        (*AMOUNTS[:2], replace(AMOUNTS[2], gruppo="Gruppo")),
    ],
)
def test_another_table_is_no_boxes(colonne):
    slides = named(opened(document(per_asse(*colonne))), "Tabella di prova")
    assert len(list(tables(slides))) == 1


def amounts(*values: Decimal | int | None) -> list[str]:
    rows = [riga(str(n), f"Voce {n}", value) for n, value in enumerate(values)]
    (found,) = tables(named(opened(document(table(*rows))), "Tabella di prova"))
    return [row[1].replace("\u00a0", " ") for row in found[1:]]


def test_amounts_are_in_millions_where_one_reaches_it_and_none_is_lost():
    assert amounts(Decimal("1234567.89"), 0, None, -100_000) == [
        "1,23 Mln€", "0,00 Mln€", "n.d.", "−0,10 Mln€",
    ]  # fmt: skip
    assert amounts(999_999, 0) == ["999.999,00 €", "0,00 €"]
    assert amounts(1_000_000, 99_999) == ["1.000.000,00 €", "99.999,00 €"]


def test_smaller_letters_spare_a_slide_and_rows_are_shared_evenly():
    def counts(rows: int) -> list[int]:
        items = [riga(str(n), f"Azienda {n}", n) for n in range(rows)]
        slides = named(opened(document(table(*items))), "Tabella di prova")
        return [len(found) - 1 for found in tables(slides)]

    assert counts(16) == [16]  # of which 14 points would leave some for a second slide
    assert counts(18) == [9, 9]


def test_an_empty_cell_is_no_higher_than_its_letters():
    (slide,) = named(opened(document(table(riga("a", "", 1)))), "Tabella di prova")
    (shape,) = [shape for shape in slide.shapes if shape.has_table]
    size = shape.table.cell(1, 0)._tc.xpath(".//a:endParaRPr/@sz")
    assert size == shape.table.cell(1, 1)._tc.xpath(".//a:rPr/@sz")


# --- Charts -------------------------------------------------------------------------------------
def workbook(shape: BaseShape) -> list[list[object]]:
    blob = shape.chart.part.chart_workbook.xlsx_part.blob
    reader = CalamineWorkbook.from_filelike(io.BytesIO(blob))
    return reader.get_sheet_by_name("Sheet1").to_python(skip_empty_area=False)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_chart_and_its_workbook_hold_the_values_of_the_table(place):
    tabella = [item for item in ricco().tabelle if grafici.figura(item)][place]
    (shape,) = charts(named(opened(ricco()), tabella.grafico.titolo))
    rows, cells = grafici.righe(tabella), workbook(shape)
    category = tabella.posizione(tabella.grafico.categoria)
    assert [line[0] for line in cells[1:]] == [item.celle[category].valore for item in rows]
    for column, (drawn, voce) in enumerate(
        zip(shape.chart.plots[0].series, grafici.voci(tabella, tabella.grafico), strict=True), 1
    ):
        values = [item.celle[tabella.posizione(voce.campo)].valore for item in rows]
        assert drawn.name == voce.nome == cells[0][column]
        assert [None if v is None else Decimal(repr(v)) for v in drawn.values] == values
        assert [Decimal(repr(line[column])) if line[column] != "" else None
                for line in cells[1:]] == values  # fmt: skip


def test_series_have_the_colour_of_their_quantity_and_blanks_are_gaps():
    (shape,) = charts(named(opened(ricco()), "Dotazione, impegni e liquidazioni per asse"))
    colours = [f"#{drawn.format.fill.fore_color.rgb}".lower()
               for drawn in shape.chart.plots[0].series]  # fmt: skip
    assert colours == [Colour.GREY, Colour.BLUE, Colour.TEAL, Colour.OCHRE]
    assert shape.chart.element.xpath(".//c:dispBlanksAs/@val") == ["gap"]


def test_a_hidden_value_is_not_in_the_chart():
    grafico = Grafico("Disegno", "nome", (Serie("importo", Colour.BLUE),))
    rows = (riga("a", "A", Decimal(5)), riga("b", "B", Cella(soppressa=True)))
    (shape,) = charts(named(opened(document(table(*rows, grafico=grafico))), "Disegno"))
    assert list(shape.chart.plots[0].series[0].values) == [5.0, None]


def test_a_chart_of_many_rows_goes_on_along_the_same_axis():
    grafico = Grafico("Disegno", "nome", (Serie("importo", Colour.BLUE),), Grafico.Tipo.SDRAIATE)
    rows = [riga(str(n), f"Azienda {n}", Decimal(n * 10 - 45)) for n in range(30)]
    found = charts(named(opened(document(table(*rows, grafico=grafico))), "Disegno"))
    values = [value for shape in found for value in shape.chart.plots[0].series[0].values]
    assert values == [n * 10 - 45 for n in range(30)]
    axes = {(shape.chart.value_axis.minimum_scale, shape.chart.value_axis.maximum_scale)
            for shape in found}  # fmt: skip
    assert axes == {(-50.0, 300.0)}


def test_no_name_is_a_formula_in_the_workbook_of_a_chart():
    found = charts(named(opened(ostile()), f"Grafico {NOMI_OSTILI[0]}"))
    sheets = [
        ZipFile(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob)).read(
            "xl/worksheets/sheet1.xml"
        )
        for shape in found
    ]
    assert [b"<f>" in sheet for sheet in sheets] == [False, False]
    names = [line[0] for shape in found for line in workbook(shape)[1:]]
    assert "'=SOMMA(A1:A9)" in names
    assert max(len(name) for name in names) == 50


# --- Words and figures --------------------------------------------------------------------------
def test_the_title_says_period_number_and_edition():
    slide = opened(ricco()).slides[0]
    assert slide.shapes.title.text_frame.text == "Attuazione del programma"
    lines = slide.placeholders[1].text_frame.text.split("\n")
    assert lines[:6] == [
        "CONTIENE DATI DI ESEMPIO", "Periodo: settembre-ottobre 2025", "Ambito: Bergamo",
        "Stato: Consolidato",
        "Dati: Contiene anche dati di esempio: le tabelle che li riportano lo dicono.",
        "Numero: 12/2026",
    ]  # fmt: skip


def test_figures_stand_large_with_their_words():
    slide = named(opened(ricco()), "Quadro d'insieme")[0]
    cards = [text.split("\n") for text in words(slide)]
    assert ["Dotazione", "970,47\u00a0Mln€",
            "Decisione C(2020) 7664 del 9.11.2020, versione 6.0"] in cards  # fmt: skip
    assert ["Quota UE certificata", "n.d. (non pubblicata)", ""] in cards


def test_more_figures_than_a_slide_holds_go_on():
    items = tuple(Indicatore(f"i{n}", f"Cifra {n}", Cella(n), Forma.NUMERO) for n in range(11))
    made = replace(document(), capitoli=(Capitolo("Cifre", indicatori=items),))
    slides = named(opened(made), "Cifre")
    text = "\n".join(text for slide in slides for text in words(slide))
    assert len(slides) == 2
    assert [n for n in range(11) if f"Cifra {n}\n{n}\n" in text] == list(range(11))


def test_texts_of_any_length_are_there_to_the_last_word():
    paragraphs = tuple(" ".join(f"parola{n}-{i}" for i in range(n * 60 + 5)) for n in range(8))
    made = replace(document(), capitoli=(Capitolo("Testi", testi=paragraphs),))
    found = " ".join(
        shape.text_frame.text
        for slide in named(opened(made), "Testi")
        for shape in slide.shapes
        if shape.name == "Testo"
    )
    assert found.split() == " ".join(paragraphs).split()


def test_words_that_fit_one_slide_in_smaller_letters_stand_on_one():
    def slides(count: int) -> list[Slide]:
        texts = tuple(f"Capoverso {n}" for n in range(count))
        return named(opened(replace(document(), capitoli=(Capitolo("Testi", texts),))), "Testi")

    assert [len(slides(count)) for count in (7, 10, 30)] == [1, 1, 5]
    (ten,) = slides(10)
    (box,) = [shape for shape in ten.shapes if shape.name == "Testo"]
    assert {run.font.size.pt for item in box.text_frame.paragraphs for run in item.runs} == {12.0}


def test_texts_keep_their_signs():
    found = [text for slide in opened(ostile()).slides for text in words(slide)]
    whole = "\n".join(found)
    kept = [name for name in NOMI_OSTILI if name.strip()]
    assert [name for name in kept if name not in whole] == []


def test_reasons_and_warnings_have_their_slide():
    (slide,) = named(opened(ricco()), "Sulla pubblicazione")
    assert "Nota di rettifica: Corretti gli impegni dell'asse II." in "\n".join(words(slide))
    (slide,) = named(opened(ricco(), BOZZA), "Segnalazioni sulla bozza")
    assert "errore E101: Il totale non è la somma delle righe." in "\n".join(words(slide))
    assert named(opened(ricco()), "Segnalazioni sulla bozza") == []


def test_no_data_says_so():
    (slide,) = named(opened(vuoto(), ESTRATTO), "Nessun dato")
    assert "Nessun dato nel periodo." in words(slide)


# --- Every slide --------------------------------------------------------------------------------
@pytest.mark.parametrize("made", [ricco, ostile, vuoto])
def test_every_slide_has_a_title_of_its_own_and_its_number(made):
    prs = opened(made())
    found = titles(prs)
    assert all(found)
    assert len(set(found)) == len(found)
    for slide in prs.slides:
        kinds = [shape.placeholder_format.type for shape in slide.placeholders]
        assert PP_PLACEHOLDER.SLIDE_NUMBER in kinds
        assert slide.element.xpath(".//a:fld[@type='slidenum']")
        ids = slide.element.xpath(".//p:cNvPr/@id")
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("made", [ricco, ostile, vuoto])
def test_nothing_stands_outside_its_slide(made):
    prs = opened(made())
    assert (prs.slide_width * 9) // 16 - prs.slide_height in range(-400, 400)
    for slide in prs.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= prs.slide_width
            assert shape.top + shape.height <= prs.slide_height


def test_charts_and_tables_have_a_text_alternative():
    for slide in opened(ricco()).slides:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                (text,) = shape.element.xpath("./*/p:cNvPr/@descr")
                assert len(text) > 20


def test_every_chart_and_table_has_its_source():
    documento = ricco()
    prs = opened(documento)
    for tabella in documento.tabelle:
        for slide in named(prs, tabella.titolo):
            assert any(text.startswith(f"Fonte: {tabella.fonte}") for text in words(slide))
    (slide,) = named(prs, "Avanzamento finanziario per asse")
    assert (
        "Fonte: Relazione di attuazione annuale 2020, tabella 2. Il perimetro è quello ordinario:"
        " la CIGD è esclusa. Importi al 31.12.2020."
    ) in words(slide)


def test_notes_that_do_not_stand_below_a_table_have_their_slide():
    notes = tuple(f"Nota {n} {'che spiega ' * 15}fine." for n in range(4))
    prs = opened(document(table(riga("a", "A", 1), note=notes)))
    (slide,) = named(prs, "Note: Tabella di prova")
    assert [note for note in notes if note in "\n".join(words(slide))] == list(notes)


def test_every_slide_of_examples_says_so():
    for slide in opened(di_soli_esempi()).slides:
        assert any(text.startswith("DATI DI ESEMPIO") for text in words(slide))
    prs = opened(ricco())
    assert all("CONTIENE DATI DI ESEMPIO" in " ".join(words(slide)) for slide in prs.slides)
    for tabella in ricco().tabelle:
        for slide in named(prs, tabella.titolo):
            assert ("DATI DI ESEMPIO" in words(slide)) is tabella.esempio
    real = opened(document(table(riga("a", "A", 1))))
    assert not any("ESEMPIO" in text for slide in real.slides for text in words(slide))


def test_a_draft_says_so_on_every_slide():
    for slide in opened(ricco(), BOZZA).slides:
        assert any("BOZZA" in text for text in words(slide))


def test_the_font_is_titillium_and_the_language_italian():
    content = ZipFile(io.BytesIO(pptx.build(ricco(), CONSOLIDATO)))
    theme = content.read("ppt/theme/theme1.xml").decode()
    assert re.findall(r'<a:latin typeface="([^"]+)"', theme) == ["Titillium Web"] * 2
    slides = [content.read(name).decode() for name in content.namelist() if "slides/slide" in name]
    assert {lang for text in slides for lang in re.findall(r' lang="([^"]+)"', text)} == {"it-IT"}


def test_properties_are_those_of_the_report():
    core = opened(ricco()).core_properties
    assert core.title == "Attuazione del programma – settembre-ottobre 2025"
    assert core.created.date() == core.modified.date() == date(2025, 10, 31)
    assert core.content_status == "Consolidato"
