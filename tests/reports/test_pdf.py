import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal

import page
import pytest

from porfse.fonts import font
from reports.builders import grafici
from reports.builders.parole import SOPPRESSA
from reports.builders.pdf import build, compilatore
from reports.builders.pdf.caratteri import spezzabile
from reports.builders.pdf.caratteri import testo as cleaned
from reports.builders.pdf.colonne import IN_PIEDI, MARGINE, SDRAIATA, pagina
from reports.builders.pdf.compilatore import mostrabile
from reports.builders.pdf.contenuto import contenuto
from reports.builders.pdf.tabelle import tabella
from reports.builders.pdf.tabelle import testata as header_of
from reports.documento import Capitolo, Cella, Colonna, Documento, Forma, Indicatore, Tabella
from tests.reports.documenti import (
    BOZZA,
    CONSOLIDATO,
    ESTRATTO,
    NOMI_OSTILI,
    di_soli_esempi,
    ostile,
    ricco,
    riga,
    vuoto,
)
from tests.reports.letto import Letto

A4 = (595, 841)
UNLIMITED = page.SafetyLimits.unlimited()


def failures(pdf: bytes) -> set[str]:
    report = page.validate_pdf_bytes(pdf, profile="ua1", limits=UNLIMITED)
    return {failure.rule_id for failure in report.failures}


@pytest.fixture(scope="module")
def rich() -> Letto:
    return Letto(build(ricco(), BOZZA))


@pytest.fixture(scope="module")
def hostile() -> Letto:
    return Letto(build(ostile(), CONSOLIDATO))


def words(letto: Letto) -> str:
    return letto.tree.text.replace("\u200b", "")


# --- The standard -------------------------------------------------------------------------------
@pytest.mark.parametrize("front", [ESTRATTO, BOZZA, CONSOLIDATO], ids=lambda front: front.stato)
@pytest.mark.parametrize("document", [ricco, vuoto, ostile], ids=lambda made: made.__name__)
def test_every_document_is_pdf_ua_1(document, front):
    assert failures(build(document(), front)) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        (b"/Marked true", b"/Marked null", "PDFUA1-TAGGED"),
        (b"/Lang(it-IT)", b"/Lanx(it-IT)", "LANGUAGE"),
        (b"/Alt(", b"/Alx(", "FIGURE-ALTERNATIVE-TEXT"),
        (b"DisplayDocTitle true", b"DisplayDocTitle null", "VIEWER-PREFERENCES"),
        (b"<pdfuaid:part>1<", b"<pdfuaid:part>2<", "ID-PART"),
    ],
)
def test_a_document_that_is_not_is_refused(right, wrong, rule):
    pdf = build(ricco(), BOZZA)
    assert right in pdf
    found = failures(pdf.replace(right, wrong))
    assert any(rule in name for name in found), found


def test_the_same_document_gives_the_same_bytes():
    assert build(ricco(), CONSOLIDATO) == build(ricco(), CONSOLIDATO)


def test_another_process_gives_the_same_bytes(tmp_path):
    code = (
        "import pathlib, sys; from tests.reports.documenti import ostile, CONSOLIDATO;"
        "from reports.builders.pdf import build;"
        "pathlib.Path(sys.argv[1]).write_bytes(build(ostile(), CONSOLIDATO))"
    )
    out = tmp_path / "altro.pdf"
    more = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    settings = {"DJANGO_SETTINGS_MODULE": "porfse.settings"}
    subprocess.run([sys.executable, "-c", code, out], env=os.environ | more | settings, check=True)
    assert out.read_bytes() == build(ostile(), CONSOLIDATO)


def test_the_file_bears_the_date_of_the_data_its_title_and_its_language(rich):
    assert rich.info["CreationDate"] == b"D:20251031000000Z"
    title = rich.info["Title"][2:].decode("utf-16-be")
    assert title == "Attuazione del programma – settembre-ottobre 2025 – Bergamo"
    assert rich.catalog["Lang"] == b"it-IT"


# --- Tables -------------------------------------------------------------------------------------
def shown(table: Tabella) -> list[list[str]]:
    return [
        [cella.show(colonna.forma) for cella, colonna in zip(row.celle, table.colonne, strict=True)]
        for row in table.righe
    ]


def test_every_cell_is_in_its_row_and_in_its_column(rich):
    _avvisi, *tables = rich.tree.all("Table")
    with_rows = [table for table in ricco().tabelle if table.righe]
    for found, table in zip(tables, with_rows, strict=True):
        header = 2 if any(colonna.gruppo for colonna in table.colonne) else 1
        assert rich.rows(found)[header:] == shown(table)


def test_a_header_above_several_columns_spans_them(rich):
    table = list(rich.tree.all("Table"))[1]
    assert rich.rows(table)[:2] == [
        ["Asse", "Dotazione", "Impegni", "Liquidazioni", "Spesa certificata"],
        ["Importo", "Su dotazione", "Importo"],
    ]
    header = next(cell for cell in table.all("TH") if cell.text == "Impegni")
    assert header.entries["A"][0]["ColSpan"] == 2
    assert header.entries["A"][0]["Scope"] == "Column"


def test_columns_that_do_not_follow_each_other_have_a_header_each():
    columns = [Colonna(key, key, gruppo=group) for key, group in zip("abc", "XYX", strict=True)]
    above, below = header_of(columns)
    assert [(cell["testo"], cell["colonne"]) for cell in above] == [("X", 1), ("Y", 1), ("X", 1)]
    assert [cell["testo"] for cell in below] == ["a", "b", "c"]


def test_a_table_says_its_notes_and_its_source(rich):
    paragraphs = [tag.text for tag in rich.tree.all("P")]
    at = paragraphs.index("Importi al 31.12.2020.")
    assert paragraphs[at - 1 : at + 2] == [
        "Il perimetro è quello ordinario: la CIGD è esclusa.",
        "Importi al 31.12.2020.",
        "Fonte: Relazione di attuazione annuale 2020, tabella 2",
    ]


def test_a_table_with_hidden_cells_explains_them_and_no_other_does(rich):
    assert words(rich).count(SOPPRESSA) == 1


def test_a_table_that_explains_its_hidden_cells_is_not_explained_twice():
    columns = (Colonna("n", "N", Forma.NUMERO),)
    rows = (riga("a", Cella(soppressa=True)),)
    table = Tabella("t", "T", columns, rows, "F", ("Altro", "* meno di tre persone"))
    assert tabella(table)["note"] == ["Altro", "* meno di tre persone"]
    assert tabella(replace(table, note=("Altro",)))["note"] == ["Altro", SOPPRESSA]


def test_a_table_without_rows_says_so(rich):
    said = "Procedure cessate nel periodo. Nessuna procedura è cessata nel periodo."
    assert said in [tag.text for tag in rich.tree.all("P")]


def test_two_thousand_rows_are_all_there_under_a_header_on_each_page():
    columns = (Colonna("nome", "Nome dell'azienda"), Colonna("n", "Numero", Forma.NUMERO))
    rows = tuple(riga(str(index), f"Azienda {index}", index) for index in range(2000))
    table = Tabella("t", "Tante", columns, (*rows, riga("tot", "Totale", 9, totale=True)), "Fonte")
    pdf = build(of_table(table), ESTRATTO)
    assert failures(pdf) == set()
    letto = Letto(pdf)
    (found,) = letto.tree.all("Table")
    assert letto.rows(found) == [["Nome dell'azienda", "Numero"], *shown(table)]
    repeated = [texts for texts in letto.artifacts.values() if "Nome dell'azienda" in texts]
    assert len(repeated) == len(letto.pages) - 2  # neither the front nor the first page of it


# --- Pages --------------------------------------------------------------------------------------
def test_a_page_lies_for_a_wide_table_and_for_no_other(rich):
    lying = (A4[1], A4[0])
    assert rich.sizes() == [A4, A4, A4, lying, lying, lying]


def test_a_chapter_without_tables_stands_where_the_next_one_does():
    wide = next(table for table in ricco().tabelle if table.nome == "procedure")
    chapters = (Capitolo("Uno", ("Parole",)), Capitolo("Due", tabelle=(wide,)), Capitolo("Tre"))
    sections = contenuto(replace(vuoto(), capitoli=chapters), ESTRATTO)["sezioni"]
    assert [section["sdraiata"] for section in sections] == [True]
    titles = [block["titolo"] for block in sections[0]["blocchi"] if block["tipo"] == "capitolo"]
    assert titles == ["Uno", "Due", "Tre"]


@pytest.mark.parametrize("filled", [25, 31, 34, 37, 40])
def test_a_small_table_is_whole_on_one_page_with_its_source(filled):
    rows = tuple(riga(str(index), f"Riga {index}") for index in range(8))
    table = Tabella("t", "T", (Colonna("a", "A"),), rows, "da questa parte")
    texts = tuple(f"Capoverso {index}" for index in range(filled))
    document = replace(vuoto(), capitoli=(Capitolo("Uno", texts, tabelle=(table,)),))
    letto = Letto(build(document, ESTRATTO))
    cells = list(next(letto.tree.all("Table")).all("TD"))
    source = [tag for tag in letto.tree.all("P") if tag.text == "Fonte: da questa parte"]
    assert len(cells) == 8
    assert len({page_ for tag in cells + source for page_ in tag.pages}) == 1


def test_every_page_says_what_it_is(rich):
    for number, texts in enumerate(rich.artifacts.values(), start=1):
        joined = "".join(texts)
        assert "Attuazione del programma" in joined
        assert "settembre-ottobre 2025 · Bergamo · BOZZA · CONTIENE DATI DI ESEMPIO" in joined
        assert f"pagina {number} di 6" in joined


def test_every_page_says_its_number():
    letto = Letto(build(ricco(), CONSOLIDATO))
    assert ["n. 12/2026" in "".join(texts) for texts in letto.artifacts.values()] == [True] * 6


def test_real_data_are_not_called_examples():
    letto = Letto(build(vuoto(), BOZZA))
    everything = words(letto) + "".join(map("".join, letto.artifacts.values()))
    assert "ESEMPIO" not in everything


def test_each_table_says_whether_it_is_of_examples(rich):
    captions = [tag.text for tag in rich.tree.all("Caption")]
    for table in ricco().tabelle:
        (found,) = [text for text in captions if table.titolo in text] or [""]
        assert ("DATI DI ESEMPIO" in found) is (table.esempio and bool(table.righe))
        drawn = table.grafico.titolo if grafici.figura(table) else table.titolo
        marks = ["DATI DI ESEMPIO" in text for text in captions if drawn in text]
        assert set(marks) <= {table.esempio}


def test_the_front_says_whether_all_data_are_examples_or_some(rich):
    some = "Contiene anche dati di esempio: le tabelle che li riportano lo dicono."
    every = "I dati di questo report non sono reali."
    assert (some in words(rich), every in words(rich)) == (True, False)
    made = Letto(build(di_soli_esempi(), BOZZA))
    assert (some in words(made), every in words(made)) == (False, True)
    assert "CONTIENE" not in words(made) + "".join(map("".join, made.artifacts.values()))


# --- Nothing is left alone on a page -----------------------------------------------------------
def of_rows(count: int, *, columns: int = 1, **others) -> Tabella:
    heads = tuple(Colonna(f"c{place}", f"Colonna {place}") for place in range(columns))
    rows = tuple(
        riga(f"{index}", *["precipitevolissimevolmente"] * columns) for index in range(count)
    )
    return Tabella(others.pop("nome", "t"), "Tabella", heads, rows, "la fonte", **others)


def pages(letto: Letto, tags) -> list[int]:
    """The places of the pages where some words stand, from 0."""
    return sorted({letto.pages.index(page_) for tag in tags for page_ in tag.pages})


@pytest.mark.parametrize("count", range(53, 58))
def test_notes_and_source_stand_with_the_last_row(count):
    table = of_rows(count, note=("Prima nota", "Seconda nota"))
    letto = Letto(build(of_table(table), ESTRATTO))
    cells = list(next(letto.tree.all("Table")).all("TD"))
    below = [tag for tag in letto.tree.all("P") if tag.text in (*table.note, "Fonte: la fonte")]
    assert len(cells) == count
    assert len(below) == 3
    assert pages(letto, below) == pages(letto, cells[-1:])


def test_notes_longer_than_a_page_do_not_stop_a_build():
    table = of_rows(50, note=("parola " * 3000,))
    assert failures(build(of_table(table), ESTRATTO)) == set()


@pytest.mark.parametrize("filled", range(24, 34, 2))
def test_a_chapter_begins_where_its_table_does(filled):
    before = Capitolo("Prima", tuple(f"Capoverso {index}" for index in range(filled)))
    figures = (Indicatore("i", "Cifra sola", Cella(1), Forma.NUMERO),)
    after = Capitolo("Dopo", ("Parole prima della tabella.",), figures, (of_rows(8),))
    letto = Letto(build(replace(vuoto(), capitoli=(before, after)), ESTRATTO))
    head = [tag for tag in letto.tree.all("H1") if tag.text == "Dopo"]
    said = ("Parole prima della tabella.", "Cifra sola")
    spoken = [tag for tag in letto.tree.all("P") if tag.text in said]
    cells = list(letto.tree.all("TD"))
    assert len(head + spoken) == 3
    assert len(pages(letto, [*head, *spoken, *cells])) == 1


def test_all_tables_of_a_chapter_lie_if_one_does():
    tables = (of_rows(3), of_rows(3, columns=7, nome="larga"), of_rows(0, nome="vuota"))
    letto = Letto(build(replace(vuoto(), capitoli=(Capitolo("Uno", tabelle=tables),)), ESTRATTO))
    assert letto.sizes() == [A4, (A4[1], A4[0])]


def test_a_table_without_rows_stands_on_the_page_of_its_neighbours():
    wide, empty = of_rows(3, columns=7), of_rows(0, columns=9, nome="vuota")
    assert build_sizes(of_rows(3), empty) == [A4, A4]
    assert build_sizes(wide, empty) == [A4, (A4[1], A4[0])]
    assert build_sizes(empty, wide) == [A4, (A4[1], A4[0])]
    assert build_sizes(empty) == [A4, A4]
    chapter = Capitolo("Uno", tabelle=(of_rows(3), empty))
    assert Letto(build(replace(vuoto(), capitoli=(chapter,)), ESTRATTO)).sizes() == [A4, A4]


def build_sizes(*tables: Tabella) -> list[tuple[int, int]]:
    """The sizes of the pages of a document with a chapter for each table."""
    chapters = tuple(Capitolo(table.nome, tabelle=(table,)) for table in tables)
    return Letto(build(replace(vuoto(), capitoli=chapters), ESTRATTO)).sizes()


@pytest.mark.parametrize("filled", range(36, 42))
def test_the_end_is_on_one_page(filled):
    texts = tuple(f"Capoverso {index}" for index in range(filled))
    document = replace(
        vuoto(), capitoli=(Capitolo("Uno", texts, tabelle=(of_rows(0),)),),
        fonti=("Prima fonte", "Seconda fonte"), avvertenze=("Prima avvertenza",),
    )  # fmt: skip
    letto = Letto(build(document, ESTRATTO))
    end = [tag for tag in letto.tree.all("H1") if tag.text == "Fonti e avvertenze"]
    last = [tag for tag in letto.tree.all("LBody") if tag.text == "Prima avvertenza"]
    assert len(end + last) == 2
    assert len(pages(letto, end + last)) == 1


def test_an_end_longer_than_a_page_goes_on():
    letto = Letto(build(replace(vuoto(), fonti=tuple(f"F {n}" for n in range(200))), ESTRATTO))
    found = [tag for tag in letto.tree.all("LBody") if tag.text.startswith("F ")]
    assert len(found) == 200
    assert len(pages(letto, found)) > 2


def of_table(table: Tabella) -> Documento:
    return replace(vuoto(), capitoli=(Capitolo("Uno", tabelle=(table,)),))


def made(count: int, forma: Forma, value: str) -> Tabella:
    columns = tuple(Colonna(f"c{index}", "Colonna", forma) for index in range(count))
    cell = value if forma is Forma.TESTO else Decimal(value)
    return Tabella("t", "T", columns, (riga("a", *[cell] * count),), "Fonte")


def laid(table: Tabella):
    notes = [{row.celle[place].nota for row in table.righe} for place in range(len(table.colonne))]
    return pagina(table.colonne, shown(table), notes)


@pytest.mark.parametrize(
    ("count", "forma", "value", "lies"),
    [
        (2, Forma.TESTO, "breve", False),
        (7, Forma.EURO, "1234567.89", False),
        (11, Forma.EURO, "1234567.89", True),
        (5, Forma.TESTO, "una frase lunga " * 20, False),
        (12, Forma.TESTO, "una frase lunga " * 20, True),
        (30, Forma.TESTO, "precipitevolissimevolmente", True),
    ],
)
def test_the_page_is_chosen_by_what_the_columns_need(count, forma, value, lies):
    page_ = laid(made(count, forma, value))
    assert page_.sdraiata is lies
    room = SDRAIATA if lies else IN_PIEDI
    assert room - Decimal("0.01") < sum(page_.larghezze) <= room + Decimal("0.01")


def test_numbers_that_are_wider_than_a_page_are_refused():
    with pytest.raises(ValueError, match="40 colonne"):
        laid(made(40, Forma.EURO, "1234567.89"))


@pytest.mark.parametrize("count", [3, 9, 14])
def test_a_number_is_never_wrapped(count):
    page_ = laid(made(count, Forma.EURO, "-9876543210.99"))
    needed = font(600).width("−9.876.543.210,99\u00a0€", page_.corpo) + MARGINE
    assert min(page_.larghezze) >= needed


def test_widths_are_whole_hundredths_of_a_point():
    widths = tabella(made(3, Forma.EURO, "1234567.89"))["larghezze"]
    assert [type(width) for width in widths] == [int] * 3
    assert sum(widths) <= IN_PIEDI * 100


# --- The front ----------------------------------------------------------------------------------
def test_a_draft_lists_its_warnings(rich):
    table = next(rich.tree.all("Table"))
    assert rich.rows(table) == [
        ["Codice", "Gravità", "Avviso", "Dove"],
        *([item.codice, item.gravita, item.testo, item.dove] for item in BOZZA.avvisi),
    ]


def test_a_draft_without_warnings_says_so():
    text = words(Letto(build(vuoto(), replace(BOZZA, avvisi=()))))
    assert "Le verifiche non hanno trovato nulla da segnalare." in text


def test_what_is_published_says_its_number_its_correction_and_its_decision():
    text = words(Letto(build(vuoto(), CONSOLIDATO)))
    for part in (
        "CONSOLIDATO n. 12/2026",
        "15.01.2026 10:30 da Maria Rossi",
        "9/2026",
        "Corretti gli impegni dell'asse II.",
        "L'asse V sarà certificato con la prossima domanda di pagamento.",
    ):
        assert part in text
    assert "Avvisi" not in text


def test_a_document_with_nothing_says_so_on_its_front():
    assert "Nessun dato. Per Regione Lombardia" in words(Letto(build(vuoto(), ESTRATTO)))


def test_a_document_with_something_does_not(rich):
    assert "Nessun dato." not in words(rich)


def test_a_document_of_no_chapter_is_a_front():
    document = Documento("p", "Prova", "2025", "anno 2025", date(2025, 12, 31), ())
    letto = Letto(build(document, ESTRATTO))
    assert len(letto.pages) == 1
    assert [tag.text for tag in letto.tree.all("Title")] == ["Prova"]


# --- Chapters, figures, charts ------------------------------------------------------------------
def test_chapters_are_headings(rich):
    assert [tag.text for tag in rich.tree.all("H1")] == [
        "Avvisi",
        "Sommario",
        "Quadro d'insieme",
        "Andamento nel periodo",
        "Procedure",
        "Procedure cessate",
        "Fonti e avvertenze",
    ]


def test_a_figure_is_read_after_its_words_and_before_its_detail(rich):
    paragraphs = [tag.text for tag in rich.tree.all("P")]
    at = paragraphs.index("Dotazione")
    assert paragraphs[at : at + 9] == [
        "Dotazione",
        "970.474.516,00\u00a0€",
        "Decisione C(2020) 7664 del 9.11.2020, versione 6.0",
        "Impegni su dotazione",
        "66,1%",
        "derivata",
        "Quota UE certificata",
        "n.d.",
        "non pubblicata",
    ]


def test_a_text_of_several_lines_is_as_many_paragraphs():
    document = replace(vuoto(), capitoli=(Capitolo("Uno", ("Prima\r\n\r\nSeconda\nTerza",)),))
    paragraphs = [tag.text for tag in Letto(build(document, ESTRATTO)).tree.all("P")]
    assert paragraphs[-3:] == ["Prima", "Seconda", "Terza"]


def test_every_chart_has_its_description(rich):
    expected = [
        figure["descrizione"]
        for table in ricco().tabelle
        if (figure := grafici.figura(table)) is not None
    ]
    found = [tag.entries["Alt"] for tag in rich.tree.all("Figure")]
    assert [
        alt[2:].decode("utf-16-be") if alt.startswith(b"\xfe\xff") else alt.decode("latin-1")
        for alt in found
    ] == expected


def test_a_chart_of_too_many_rows_is_not_drawn_and_says_so():
    scostamenti = next(table for table in ricco().tabelle if table.nome == "scostamenti")
    rows = tuple(riga(str(index), f"Nome {index}", Decimal(index)) for index in range(51))
    assert tabella(replace(scostamenti, righe=rows[:50]))["grafico"]["assente"] == ""
    assert tabella(replace(scostamenti, righe=rows))["grafico"] == {
        "assente": "Il grafico «Scostamento per indicatore» non è disegnato, perché le righe sono"
        " 51: i valori sono nella tabella."
    }


def test_the_end_says_sources_warnings_and_the_marks_that_are_used(rich):
    text = words(rich).partition("Fonti e avvertenze")[2].partition("Fonti e avvertenze")[2]
    assert "Estrazione VertenzeOnline del 31.10.2025" in text
    assert "Dal 30.09.2021 gli impegni degli assi I e II comprendono la CIGD." in text
    marks = [tag.text for tag in rich.tree.all("Lbl")][-4:]
    assert marks == ["n.d.", "derivata", "esempio", "*"]


# --- Names that mean harm -----------------------------------------------------------------------
REPLACED = {
    "Emoji 😀 e famiglia 👨‍👩‍👧‍👦": "Emoji � e famiglia ����",
    "株式会社トヨタ": "�������",
    "\u202erovesciato": "�rovesciato",
    "combinato: e\u0301 o\u0308": "combinato: é ö",
    "tabulazione\tqui e\na capo": "tabulazione qui e a capo",
}
RIGHT_TO_LEFT = NOMI_OSTILI[9:11]  # read in another order than written


def test_a_name_is_its_words_whatever_it_holds(hostile):
    table = next(hostile.tree.all("Table"))
    found = [row[0].replace("\u200b", "") for row in hostile.rows(table)[2:]]
    for name, text in zip(NOMI_OSTILI, found, strict=False):
        expected = REPLACED.get(name, name).replace("\u200b", "")
        if name in RIGHT_TO_LEFT:
            assert sorted(text) == sorted(expected)
        else:
            assert text == expected


def test_what_was_replaced_is_said_at_the_end(hostile, rich):
    said = "carattere che non si può stampare: il nome è intero nei file XLSX, CSV e JSON"
    assert said in words(hostile)
    assert said not in words(rich)


@pytest.mark.parametrize(
    ("character", "shown_"),
    [("a", True), ("→", True), ("Ж", True), ("א", True), ("�", True), ("😀", False), ("株", False)],
)
def test_the_compiler_says_which_characters_it_can_show(character, shown_):
    assert mostrabile(character) is shown_


def of_name(name: str) -> Documento:
    columns = (Colonna("a", "A"), Colonna("b", "B", Forma.EURO))
    table = Tabella("t", name, columns, (riga("a", name, Decimal(1)),), "Fonte")
    return of_table(table)


def test_no_sign_of_any_script_stops_a_build():
    everything = "".join(
        map(chr, [*range(1, 0x20), *range(0x300, 0x370), *range(0x370, 0x3100, 37)])
    )
    assert failures(build(of_name(everything + "\U0001f1ee\U0001f1f9\ud800"), ESTRATTO)) == set()


def test_signs_that_are_shown_alone_but_not_together_are_replaced(monkeypatch):
    monkeypatch.setattr(compilatore, "mostrabile", lambda _: True)
    letto = Letto(build(of_name("Rossi → 株"), ESTRATTO))
    assert letto.rows(next(letto.tree.all("Table")))[1][0] == "Rossi � �"


def test_only_what_can_not_be_shown_is_replaced():
    assert cleaned("è → 株\x07\ue000", lambda sign: sign == "→") == "è → ���"
    assert cleaned("a\r\nb\u2028c", mostrabile) == "a b c"


def test_a_long_word_may_be_broken_anywhere_and_a_short_one_not():
    assert spezzabile("A" * 24) == "A" * 24
    assert spezzabile("B " + "A" * 25) == "B AAAAAA\u200bAAAAAA\u200bAAAAAA\u200bAAAAAA\u200bA"


@pytest.mark.parametrize("columns", [1, 9])
def test_a_cell_that_is_longer_than_a_page_goes_on_with_the_next(columns):
    text = "parola " * (2500 // columns)
    heads = tuple(Colonna(f"c{index}", "Colonna") for index in range(columns))
    rows = (riga("a", *["breve"] * columns), riga("b", text, *["x" * 20] * (columns - 1)))
    letto = Letto(build(of_table(Tabella("t", "T", heads, rows, "F")), ESTRATTO))
    cells = list(next(letto.tree.all("Table")).all("TD"))
    long = cells[columns]
    assert long.text.split() == text.split()
    assert long.pages[0] == cells[0].pages[0]
    assert len(set(long.pages)) >= 2


def test_a_cell_that_its_source_prints_otherwise_is_shown_so():
    cells = (Cella(Decimal(0), stampato=""), Cella(None, stampato="–", nota="non dovuta"))
    table = Tabella(
        "t", "T", (Colonna("a", "A", Forma.EURO), Colonna("b", "B", Forma.EURO)),
        (riga("a", *cells),), "F",
    )  # fmt: skip
    letto = Letto(build(of_table(table), ESTRATTO))
    assert letto.rows(next(letto.tree.all("Table")))[1] == ["", "– (non dovuta)"]
