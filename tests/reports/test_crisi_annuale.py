"""The annual report on the crises: the numbers of the page, less those of few people."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crisi.models import DatoPubblicato
from crisi.models.pal import PASSI
from crisi.selection import SIGLE
from porfse import money
from porfse.errors import BadInput
from reports.builders.csv_json import build_json
from reports.catalogue.crisi_annuale import REPORT
from reports.codifica import decode, encode
from reports.documento import Cella, Documento, Forma, Frontespizio, Indicatore, Tabella
from reports.report import report_of
from reports.soppressione import avvisi_soppressione
from tests.crisi.test_tavola_pubblicata import PRINTED, printed, shown
from tests.factories.crisi import make_nucleo, make_pal, make_unita
from tests.factories.tavoli import make_tavolo

pytestmark = pytest.mark.django_db


@pytest.fixture
def intero(settings):
    """Nothing is hidden."""
    settings.REPORT_SOGLIA_UNITA = settings.REPORT_SOGLIA_LAVORATORI = 1


def documento(anno: int = 2025) -> Documento:
    return REPORT.documento(REPORT.leggi(str(anno)))


def tabella(found: Documento, nome: str) -> Tabella:
    return next(table for table in found.tabelle if table.nome == nome)


def nomi(found: Documento) -> list[str]:
    return [table.nome for table in found.tabelle]


def indicatore(found: Documento, nome: str) -> Indicatore:
    chapters = found.capitoli
    return next(item for each in chapters for item in each.indicatori if item.nome == nome)


def as_page(table: Tabella) -> list[list[str]]:
    """The cells as the page shows them: a sigla, and a total's shares with two decimals."""
    rows = []
    for row in table.righe:
        texts = [row.chiave]
        for cell, column in zip(row.celle[1:], table.colonne[1:], strict=True):
            places = (2 if row.totale else 1) if column.forma is Forma.PERCENTO else 0
            known = "" if cell.valore is None else money.number(cell.valore, places)
            texts.append("*" if cell.soppressa else known)
        rows.append(texts)
    return rows


def columns(table: Tabella, chiave: str, *names: str) -> list[str]:
    """What a row shows in some columns."""
    row = next(row for row in table.righe if row.chiave == chiave)
    places = map(table.posizione, names)
    return [row.celle[place].show(table.colonne[place].forma) for place in places]


TRE = ("unita_cigs_min", "lavoratori_cigs_min", "lavoratori")


# --- The published tables -------------------------------------------------------------------------
@pytest.mark.parametrize("anno", PRINTED)
def test_every_cell_is_the_printed_one_when_nothing_is_hidden(intero, anno):
    assert as_page(tabella(documento(anno), "pubblicata")) == printed(anno)


HIDDEN = {  # provincia and kind of the cells that the public may not have
    2024: {"LC": "01", "LO": "12", "MN": "12", "SO": "012", "VA": "01"},
    2025: {"BS": "12", "CR": "012", "LC": "12", "LO": "12", "MN": "01", "PV": "01", "SO": "02"},
}


@pytest.mark.parametrize("anno", PRINTED)
def test_small_cells_and_those_that_tell_of_them_are_hidden_and_no_others(anno):
    expected = [
        [
            "*" if place and place < 13 and str((place - 1) // 4) in HIDDEN[anno].get(row[0], "")
            else text
            for place, text in enumerate(row)
        ]
        for row in printed(anno)
    ]  # fmt: skip
    found = documento(anno)
    assert as_page(tabella(found, "pubblicata")) == expected
    assert avvisi_soppressione(found) == ()


def test_a_blank_stays_blank_and_a_note_says_what_it_is_by_difference():
    table = tabella(documento(), "pubblicata")
    assert columns(table, "LO", "unita_cigs_min", "peso_unita_cigs_min") == ["", "0,0%"]
    blanks = next(note for note in table.note if note.startswith("Celle vuote"))
    assert blanks == (
        "Celle vuote nella fonte, che non valgono zero: Lodi, CIGS ministeriali: unità produttive"
        " (0 per differenza dal totale); Lodi, CIGS ministeriali: lavoratori (0 per differenza dal"
        " totale)."
    )


def test_the_figures_of_the_region_and_the_sources():
    found = documento()
    assert indicatore(found, "lavoratori").cella.valore == 11800
    ministerial = indicatore(found, "lavoratori_cigs_min")
    assert (ministerial.cella.valore, ministerial.dettaglio) == (4377, "unità produttive: 95")
    title = "Il modello di Regione Lombardia per i lavoratori di aziende in crisi"
    section = "Casi gestiti in forma coordinata con il livello territoriale, anno"
    assert found.fonti == (f"{title}: {section} 2024; {section} 2025.",)
    assert all(table.fonte for table in found.tabelle)
    assert (found.pubblico, found.esempio) == (True, False)


def test_the_year_before_stands_beside():
    table = tabella(documento(), "province_pubblicata")
    names = ("prima", "ora", "variazione", "percento")
    assert columns(table, "CR", *names) == ["447", "73", "−374", "−83,7%"]
    assert columns(table, "TOT", *names) == ["9.557", "11.800", "2.243", "23,5%"]
    region = tabella(documento(), "regione_pubblicata")
    assert columns(region, "unita-CIGS_REG", *names) == ["47", "44", "−3", "−6,4%"]
    assert [row.chiave for row in region.righe] == [
        "lavoratori",
        *(f"{what}-{kind}" for kind in ("CIGS_MIN", "CIGS_REG", "LIC") for what in
          ("lavoratori", "unita")),
    ]  # fmt: skip


# --- What is calculated ---------------------------------------------------------------------------
@pytest.fixture
def casi():
    """Four provinces in 2025, of which Sondrio has one site; one that began before still runs."""
    for sigla, sites, workers in (("BG", 4, 50), ("BS", 5, 30), ("MI", 6, 80), ("SO", 1, 7)):
        for _ in range(sites):
            make_unita(sigla, workers, data_avvio=date(2025, 3, 1))
            make_unita(sigla, workers + 1, tipo="LIC", data_avvio=date(2025, 6, 1))
    make_unita("VA", 33, data_avvio=date(2024, 5, 1))
    make_unita("BG", 33, data_avvio=date(2024, 5, 1))
    make_unita("MI", None, data_avvio=date(2025, 4, 1))


@pytest.mark.parametrize("criterio", ["avviate", "in_corso"])
@pytest.mark.parametrize("anno", [2024, 2025])
def test_calculated_tables_are_those_of_the_page(intero, lettore, casi, anno, criterio):
    page = lettore.get(f"/crisi/?periodo={anno}&fonte=calcolata&criterio={criterio}")
    assert as_page(tabella(documento(anno), criterio)) == shown(page, "calcolata")


@pytest.mark.parametrize("anno", [2024, 2025])
def test_what_is_shown_of_them_is_of_the_page_and_the_rest_is_hidden(lettore, casi, anno):
    found = documento(anno)
    for criterio in ("avviate", "in_corso"):
        page = lettore.get(f"/crisi/?periodo={anno}&fonte=calcolata&criterio={criterio}")
        for row, whole in zip(
            as_page(tabella(found, criterio)), shown(page, "calcolata"), strict=True
        ):
            assert [text for text in row if text != "*"] == [
                text for text, known in zip(whole, row, strict=True) if known != "*"
            ]
    assert avvisi_soppressione(found) == ()


def stars(table: Tabella) -> set[tuple[str, str]]:
    """The rows and columns of what is hidden."""
    return {
        (row.chiave, column.chiave)
        for row in table.righe
        for cell, column in zip(row.celle, table.colonne, strict=True)
        if cell.soppressa
    }


def test_what_runs_tells_of_what_began(casi):
    """Varese has one site that runs and began before; Sondrio one that began, and runs."""
    found = documento()
    begun, running = (stars(tabella(found, name)) for name in ("avviate", "in_corso"))
    assert {("SO", "unita_cigs_min"), ("SO", "lavoratori_cigs_min")} <= begun & running
    assert begun <= running
    assert ("VA", "unita_cigs_min") in running - begun
    assert columns(tabella(found, "avviate"), "VA", "unita_cigs_min") == ["0"]  # zero is seen


def test_what_was_published_does_not_tell_of_a_hidden_number_that_is_nearly_the_same(casi):
    before = stars(tabella(documento(), "pubblicata"))
    assert ("MB", "unita_cigs_reg") not in before
    for _ in range(2):  # of three that were published, with 90 workers
        make_unita("MB", 20, tipo="CIGS_REG", data_avvio=date(2025, 4, 1))
    found = documento()
    assert ("MB", "unita_cigs_reg") in stars(tabella(found, "avviate"))
    assert ("MB", "unita_cigs_reg") in stars(tabella(found, "pubblicata"))
    assert ("MI", "unita_cigs_min") not in stars(tabella(found, "pubblicata"))
    assert avvisi_soppressione(found) == ()


def test_calculated_less_published_where_both_can_be_shown(intero, lettore, casi):
    found = documento()
    assert nomi(found)[:4] == ["pubblicata", "avviate", "differenze", "in_corso"]
    table = tabella(found, "differenze")
    assert columns(table, "Bergamo", *TRE) == ["−5", "−274", "−1.660"]
    assert columns(table, "Lodi", *TRE) == ["n.d.", "n.d.", "−88"]


def test_a_difference_of_a_hidden_number_is_hidden(casi):
    table = tabella(documento(), "differenze")
    assert columns(table, "Sondrio", "unita_cigs_min", "lavoratori_cigs_min") == ["*", "*"]
    assert columns(table, "Totale regione", "unita_cigs_min") == ["−78"]
    assert any(note.startswith("* Cella nascosta") for note in table.note)


def test_a_number_hidden_in_the_year_before_is_hidden_beside_this_one():
    for sigla in ("BG", "BS", "MI"):
        for year in (2022, 2023):
            for _ in range(4):
                make_unita(sigla, 20, data_avvio=date(year, 2, 1))
    make_unita("SO", 9, data_avvio=date(2022, 2, 1))
    for _ in range(3):
        make_unita("SO", 12, data_avvio=date(2023, 2, 1))
    assert columns(tabella(documento(2022), "avviate"), "SO", "lavoratori") == ["*"]
    found = documento(2023)
    names = ("prima", "ora", "variazione", "percento")
    assert columns(tabella(found, "province_avviate"), "SO", *names) == ["*", "36", "*", "*"]
    assert avvisi_soppressione(found) == ()


def test_workers_that_nobody_declares_are_not_zero_and_not_counted_one_by_one():
    for _ in range(3):
        make_unita("MI", None, tipo="LIC", data_avvio=date(2023, 2, 1))
        make_unita("BG", 90, tipo="LIC", data_avvio=date(2023, 2, 1))
    table = tabella(documento(2023), "avviate")
    assert columns(table, "MI", "unita_lic", "lavoratori_lic", "lavoratori") == [
        "3",
        "n.d.",
        "n.d.",
    ]
    assert any(note.startswith("3 unità produttive non dichiarano") for note in table.note)
    make_unita("MI", None, tipo="LIC", data_avvio=date(2022, 2, 1))
    for _ in range(3):
        make_unita("BG", 90, tipo="LIC", data_avvio=date(2022, 2, 1))
    notes = " ".join(tabella(documento(2022), "avviate").note)
    assert "Qualche unità non dichiara i lavoratori" in notes


@pytest.mark.parametrize(("declared", "hidden"), [([7], True), ([0], True), ([7, 9], True),
                                                  ([7, 9, 11], False), ([], False)])  # fmt: skip
def test_workers_that_one_site_of_several_declares_are_hidden(declared, hidden):
    """Four sites in Sondrio, of which some declare: what they declare is as theirs alone."""
    for sigla in ("BG", "BS", "MI"):
        for kind in ("CIGS_REG", "LIC"):
            for number in range(6):
                make_unita(sigla, 50 + number, tipo=kind, data_avvio=date(2023, 3, 1))
    for workers in (*declared, *[None] * (4 - len(declared))):
        make_unita("SO", workers, tipo="CIGS_REG", data_avvio=date(2023, 3, 1))
    found = documento(2023)
    assert avvisi_soppressione(found) == ()
    shown_ = columns(
        tabella(found, "avviate"), "SO", "unita_cigs_reg", "lavoratori_cigs_reg", "lavoratori"
    )
    told = str(sum(declared)) if declared else "n.d."
    assert shown_ == (["*"] * 3 if hidden else ["4", told, told])
    region = columns(tabella(found, "avviate"), "TOT", "lavoratori_cigs_reg")
    assert region == [str(3 * 315 + sum(declared))]


def with_seen(found: Documento, nome: str, row: str, **numbers: tuple[int, int]) -> Documento:
    """A document in which some numbers of a table can be seen, of so many sites."""
    table = tabella(found, nome)
    rows = tuple(
        replace(
            each,
            celle=tuple(
                Cella(numbers[column.chiave][0], dichiaranti=numbers[column.chiave][1])
                if each.chiave == row and column.chiave in numbers
                else cell
                for cell, column in zip(each.celle, table.colonne, strict=True)
            ),
        )
        for each in table.righe
    )
    chapters = tuple(
        replace(each, tabelle=tuple(replace(table, righe=rows) if one is table else one
                                    for one in each.tabelle))
        for each in found.capitoli
    )  # fmt: skip
    return replace(found, capitoli=chapters)


def test_the_auditor_sees_a_number_that_few_sites_declare(casi):
    """From the stored document alone."""
    for workers in (40, None, None, None):
        make_unita("VA", workers, tipo="CIGS_REG", data_avvio=date(2025, 3, 1))
    found = decode(encode(documento(), Frontespizio()))[0]
    assert avvisi_soppressione(found) == ()
    seen = with_seen(found, "avviate", "VA", unita_cigs_reg=(4, None), lavoratori_cigs_reg=(40, 1))
    words = "Lavoratori», riga «VA», è piccola e non è nascosta."
    assert [each.codice for each in avvisi_soppressione(seen) if words in each.testo] == ["R142"]


def test_who_runs_and_began_before_is_not_told_by_the_difference(casi):
    """In Bergamo one site began in 2024 and still runs: 233 that run less 200 that began is it."""
    found = documento()
    three = ("unita_cigs_min", "lavoratori_cigs_min", "lavoratori")
    assert columns(tabella(found, "avviate"), "BG", *three) == ["4", "200", "404"]
    assert columns(tabella(found, "in_corso"), "BG", *three) == ["*", "*", "*"]
    assert avvisi_soppressione(found) == ()
    seen = with_seen(
        found, "in_corso", "BG", unita_cigs_min=(5, None), lavoratori_cigs_min=(233, 5)
    )
    words = "riga «BG», è visibile, e la differenza dalla tabella che contiene è piccola."
    assert [each.codice for each in avvisi_soppressione(seen) if words in each.testo] == [
        "R142",
        "R142",
    ]
    for sigla in ("BG", "BG", "VA", "VA"):
        make_unita(sigla, 33, data_avvio=date(2024, 5, 1))
    assert columns(tabella(documento(), "in_corso"), "BG", *three) == ["7", "299", "503"]


def test_how_many_sites_declare_is_in_no_file(casi):
    found = documento()
    assert '"dichiaranti"' in encode(found, Frontespizio())
    assert b"dichiaranti" not in build_json(found, Frontespizio())


def test_the_query_count_does_not_grow(casi):
    make_pal(make_unita("BG", 9, data_avvio=date(2025, 7, 1)))
    with CaptureQueriesContext(connection) as few:
        documento()
    for sigla in SIGLE:
        for kind in ("CIGS_MIN", "CIGS_REG", "LIC"):
            make_pal(make_unita(sigla, 40, tipo=kind, data_avvio=date(2025, 7, 1)), step1=40)
    make_tavolo(data=date(2025, 3, 3))
    with CaptureQueriesContext(connection) as many:
        documento()
    assert (len(few), len(many)) == (10, 10)


# --- Examples, and nothing ------------------------------------------------------------------------
def test_examples_are_shown_as_such_and_only_without_real_procedures(intero, lettore, settings):
    for _ in range(3):
        make_unita("BG", 70, data_avvio=date(2025, 5, 5), esempio=True)
    found = documento()
    assert found.esempio
    flags = {table.nome: table.esempio for table in found.tabelle}
    assert flags == {
        **dict.fromkeys(("pubblicata", "regione_pubblicata", "province_pubblicata"), False),
        **dict.fromkeys(("avviate", "in_corso", "regione_avviate", "province_avviate"), True),
        **dict.fromkeys(("pal", "tavoli"), False),
    }
    indicators = [item for each in found.capitoli for item in each.indicatori]
    assert [item.nome for item in indicators if item.esempio] == []
    only = documento(2022)  # nothing was published of it
    assert not only.esempio
    assert not any(table.esempio for table in only.tabelle)
    assert columns(tabella(found, "avviate"), "BG", *TRE) == ["3", "210", "210"]
    assert "differenze" not in nomi(found)  # examples are not held against what was published
    page = lettore.get("/crisi/?periodo=2025&fonte=esempio")
    marked = [[text.removesuffix(" (esempio)") for text in row] for row in shown(page, "esempio")]
    assert as_page(tabella(found, "avviate")) == marked
    settings.DEMO = False
    assert not documento().esempio
    assert "avviate" not in nomi(documento())
    settings.DEMO = True
    make_unita("BG", 9, data_avvio=date(2025, 5, 5))
    found = documento()
    assert not found.esempio
    assert columns(tabella(found, "avviate"), "BG", *TRE) == ["1", "9", "9"]


def test_figures_made_of_examples_say_so(intero):
    for _ in range(3):
        make_unita("BG", 70, data_avvio=date(2022, 5, 5), esempio=True)
    found = documento(2022)
    assert found.esempio
    assert indicatore(found, "lavoratori").cella.valore == 210
    assert all(item.esempio for item in found.capitoli[0].indicatori)
    make_pal(make_unita("BG", 9, esempio=True), step1=1)
    assert tabella(documento(), "pal").esempio


def test_examples_do_not_hide_what_was_published():
    before = tabella(documento(), "pubblicata")
    make_unita("MI", 3, data_avvio=date(2025, 5, 5), esempio=True)
    assert tabella(documento(), "pubblicata") == before


def test_a_year_of_which_nothing_is_known_says_so():
    found = documento(2019)
    assert found.vuoto
    assert found.capitoli[0].testi == ("Nessuna crisi aziendale nota nell'anno 2019.",)
    assert avvisi_soppressione(found) == ()
    make_unita("BG", 9, data_avvio=date(2025, 5, 5))
    found = documento(2019)
    assert found.vuoto
    assert tabella(found, "avviate").vuota == "Nessuna procedura avviata nell'anno 2019."


def test_the_table_of_a_retired_year_is_gone():
    DatoPubblicato.objects.filter(anno=2025).delete()
    assert "pubblicata" not in nomi(documento())


# --- Active policies and meetings -----------------------------------------------------------------
def test_the_policies_as_the_document_prints_them():
    found = documento()
    shown_ = [
        indicatore(found, name).cella.show(indicatore(found, name).forma)
        for name in ("pal_03", "pal_04")
    ]
    assert shown_ == ["4.377", "51%"]
    assert not any(
        item.nome.startswith("pal") for each in documento(2024).capitoli for item in each.indicatori
    )


def test_steps_by_quarter_with_those_who_are_in_none(intero):
    for _ in range(3):
        make_pal(make_unita("BG", 50), step1=10, step4=20, no_pal=5)
    make_pal(make_unita("BG", 50), "2024-T4", step1=10)
    make_pal(make_unita("BG", 9, esempio=True), step1=1)
    table = tabella(documento(), "pal")
    assert [row.chiave for row in table.righe] == ["2025-T3"]
    names = ("unita", "sospesi", "step1", "step2", "step4", "no_pal", "altri", "quota4")
    assert columns(table, "2025-T3", *names) == [
        *("3", "150", "30", "0", "60", "15", "45 (derivata)", "40,0%")
    ]


def test_few_in_a_step_are_hidden_with_enough_of_the_others():
    for _ in range(3):
        make_pal(make_unita("BG", 50), step1=10, step4=20, no_pal=1)
    found = documento()
    names = ("sospesi", "step1", "step4", "no_pal", "altri", "quota4", "quota_no")
    assert columns(tabella(found, "pal"), "2025-T3", *names) == [
        *("150", "*", "60", "*", "57 (derivata)", "40,0%", "*")
    ]
    assert avvisi_soppressione(found) == ()


def test_a_quarter_of_fewer_than_three_sites_is_left_out_and_said():
    make_pal(make_unita("BG", 50), step1=50)
    table = tabella(documento(), "pal")
    assert table.righe == ()
    assert table.note == ("Non sono riportati i trimestri con dati di meno di 3 unità.",)


def test_a_step_that_few_sites_tell_is_hidden_with_the_shares_that_tell_of_it():
    """Six at STEP 1 are of one site: the others do not say, which is not zero."""
    told = {"sospesi": 100, "step2": 30, "step3": 20, "step4": 40, "no_pal": 10}
    make_pal(make_unita("BG", 100), sospesi=100, step1=6, **dict.fromkeys(PASSI[1:]))
    for _ in range(2):
        make_pal(make_unita("BG", 100), step1=None, motivo_esonero="pensione", **told)
    found = documento()
    names = ("unita", "sospesi", *PASSI, "altri", "quota4", "quota_no")
    assert columns(tabella(found, "pal"), "2025-T3", *names) == [
        *("3", "300", "*", "*", "*", "*", "*", "n.d. (derivata)", "*", "*")
    ]
    assert avvisi_soppressione(found) == ()
    seen = with_seen(found, "pal", "2025-T3", step1=(6, 1))
    (said,) = avvisi_soppressione(seen)
    assert (said.codice, "STEP 1" in said.testo) == ("R142", True)
    make_pal(make_unita("BG", 100), step1=None, motivo_esonero="pensione", **told)
    assert columns(tabella(documento(), "pal"), "2025-T3", *names) == [
        *("4", "400", "*", "90", "60", "120", "30", "n.d. (derivata)", "*", "*")
    ]


def test_zero_that_one_site_tells_is_hidden_and_what_nobody_tells_is_not_known():
    for step1 in (0, None, None):
        make_pal(make_unita("BG", 50), sospesi=50, step1=step1, step2=None, step4=None)
    found = documento()
    names = ("sospesi", "step1", "step2", "step3", "step4", "quota4", "quota_no")
    assert columns(tabella(found, "pal"), "2025-T3", *names) == [
        *("150", "*", "n.d.", "0", "n.d.", "n.d.", "0,0%")
    ]
    assert avvisi_soppressione(found) == ()


def test_suspended_that_few_sites_tell_are_hidden_with_all_shares():
    for sospesi in (50, 60, None):
        make_pal(make_unita("BG", 50), sospesi=sospesi, step1=10, step4=20)
    found = documento()
    names = ("sospesi", "step1", "step4", "altri", "quota4", "quota_no")
    assert columns(tabella(found, "pal"), "2025-T3", *names) == [
        *("*", "30", "60", "n.d. (derivata)", "*", "*")
    ]
    assert avvisi_soppressione(found) == ()


@pytest.mark.parametrize("unknown", ["sospesi", *PASSI])
def test_who_is_in_no_step_is_not_known_if_a_site_does_not_tell_a_number(intero, unknown):
    """n.d. is not zero: who does not tell a step may have some there."""
    for _ in range(4):
        make_pal(make_unita("BG", 50), sospesi=50, step1=10)
    assert columns(tabella(documento(), "pal"), "2025-T3", "altri") == ["160 (derivata)"]
    make_pal(make_unita("BG", 50), **{"sospesi": 50, "step1": 10, unknown: None})
    table = tabella(documento(), "pal")
    assert columns(table, "2025-T3", "altri") == ["n.d. (derivata)"]
    assert any(note.startswith("Qualche unità non dichiara") for note in table.note)


def test_a_quarter_that_is_not_whole_does_not_hide_the_others():
    for _ in range(3):
        make_pal(make_unita("BG", 50), sospesi=50, step1=10)
        make_pal(make_unita("BG", 50), "2025-T2", sospesi=50, step1=10, step2=None, no_pal=1)
    table = tabella(documento(), "pal")
    names = ("sospesi", "step1", "step2", "no_pal", "altri")
    assert columns(table, "2025-T2", *names) == ["150", "30", "n.d.", "*", "n.d. (derivata)"]
    assert columns(table, "2025-T3", *names) == ["150", "30", "0", "0", "120 (derivata)"]


def test_meetings_as_published_and_as_entered():
    make_tavolo(data=date(2025, 3, 3))
    make_tavolo("BG", data=date(2025, 4, 3))
    make_tavolo("BG", data=date(2024, 4, 3))
    make_tavolo("BS", data=date(2025, 5, 3), esempio=True)
    table = tabella(documento(), "tavoli")
    assert columns(table, "regionale", "pubblicati", "registrati") == ["4", "1"]
    assert columns(table, "bilaterale", "pubblicati", "registrati") == ["21", "1"]
    before = tabella(documento(2024), "tavoli")
    assert columns(before, "bilaterale", "pubblicati", "registrati") == ["n.d.", "1"]


# --- The report -----------------------------------------------------------------------------------
def test_it_is_in_the_catalogue_and_read_by_all_who_read_the_totals(user):
    assert report_of("crisi-annuale") is REPORT
    assert REPORT.readable_by(make_nucleo("SO"))
    assert REPORT.readable_by(user("lettore"))
    assert not REPORT.readable_by(user("amministratore"))


@pytest.mark.parametrize("periodo", ["2025-T3", "2025-B5", "l'anno 2025", "2013", "2999"])
def test_another_period_is_refused(periodo):
    with pytest.raises(BadInput):
        REPORT.leggi(periodo)


def test_it_is_not_made_for_a_provincia():
    with pytest.raises(BadInput, match="solo regionale"):
        REPORT.leggi("2025", "BG")


def test_it_comes_back_from_its_text(casi):
    found = documento()
    assert decode(encode(found, Frontespizio())) == (found, Frontespizio())
    assert documento() == found


def test_names_of_tables_are_fit_for_files(casi):
    found = nomi(documento())
    assert len(found) == len(set(found))
    assert all(len(name) <= 24 and name.replace("_", "").isalnum() for name in found)
