"""The state of the programme at a date: every figure that the document of 30.09.2021 prints."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest

from porfse.money import half_up
from porfse.printed import catalogue
from reports.builders import build
from reports.documento import Capitolo, Cella, Documento, Forma, Frontespizio
from reports.report import report_of
from reports.tables.edizioni import dati
from tests.factories.programme import make_initiative, make_movement
from tests.reports.letto import Letto

pytestmark = pytest.mark.django_db
NEW = "nessun dato nuovo"
DAY = "2021-09-30"
QUERIES = 20
ASSI = {"06": "I", "10": "II", "14": "III", "18": "IV"}  # the first figure of each asse
FOUR = ("dotazione", "programmate", "impegnate", "liquidate")
INITIATIVES = {
    "001-22": ("iniziative_1", "smart-working", "variazione"),
    "001-23": ("iniziative_1", "smart-working", "programmate"),
    "001-26": ("iniziative_2", "allievi-disabilita-2021-2022", "programmate"),
    "001-27": ("iniziative_2", "nidi-gratis-2021-2022", "programmate"),
    "001-28": ("iniziative_3", "ifts-2021-2022", "programmate"),
    "001-29": ("iniziative_3", "its-2021-2022-asse-iii", "programmate"),
    "001-30": ("atti_comuni", "D.G.R. n. 4994/2021", "programmate"),
    "001-31": ("iniziative_3", "lombardia-plus-alta-formazione-cultura", "programmate"),
    "001-32": ("iniziative_4", "contrasto-riciclaggio", "programmate"),
    "001-33": ("iniziative_4", "reclutamento-comuni", "programmate"),
}
SMART_WORKING = {
    "001-24": ("sw_domande", "ammesse-2021-09-30", "numero"),
    "001-25": ("sw_domande", "ammesse-2021-09-30", "importo"),
    "001-34": ("sw_dotazioni", "3", "importo"),
    "001-35": ("sw_dotazioni", "1", "importo"),
    "001-36": ("sw_dotazioni", "3", "importo"),
    "001-37": ("sw_domande", "presentate-2021-10-21", "numero"),
    "001-38": ("sw_domande", "ammesse-2021-10-21", "numero"),
    "001-39": ("sw_classe", "beneficiarie-micro", "numero"),
    "001-40": ("sw_classe", "beneficiarie-micro", "importo"),
    "001-41": ("sw_classe", "beneficiarie-piccola", "numero"),
    "001-42": ("sw_classe", "beneficiarie-piccola", "importo"),
    "001-43": ("sw_classe", "beneficiarie-media", "numero"),
    "001-44": ("sw_classe", "beneficiarie-media", "importo"),
    "001-45": ("sw_classe", "beneficiarie-grande", "numero"),
    "001-46": ("sw_classe", "beneficiarie-grande", "importo"),
    "001-47": ("sw_classe", "beneficiarie-2021-10-21", "numero"),
    "001-48": ("sw_classe", "beneficiarie-2021-10-21", "importo"),
    "001-49": ("sw_domande", "ammesse-2021-10-21", "numero"),
    "001-50": ("sw_domande", "perse-2021-10-21", "numero"),
    "001-51": ("sw_domande", "beneficiarie-2021-10-21", "numero"),
    "001-52": ("sw_gruppo", "beneficiarie-2021-10-21", "numero"),
    "001-53": ("sw_gruppo", "beneficiarie-addendum", "numero"),
    "001-54": ("sw_gruppo", "beneficiarie-originario", "numero"),
    "001-55": ("sw_settore", "beneficiarie-46", "numero"),
    "001-56": ("sw_settore", "beneficiarie-62", "numero"),
    "001-57": ("sw_settore", "beneficiarie-70", "numero"),
    "001-58": ("sw_settore", "beneficiarie-88", "numero"),
    "001-59": ("sw_settore", "beneficiarie-63", "numero"),
    "001-60": ("sw_settore", "beneficiarie-25", "numero"),
}
PLACES = {
    **{
        f"001-0{n}": ("programma", voce, "importo")
        for n, voce in enumerate((*FOUR, "certificata"), 1)
    },
    **{
        f"001-{int(first) + n:02}": ("assi", f"Asse {asse}", voce)
        for first, asse in ASSI.items()
        for n, voce in enumerate(FOUR)
    },
    **INITIATIVES,
    **SMART_WORKING,
}


def report(day: str = DAY) -> Documento:
    declared = report_of("attuazione-por")
    return declared.documento(declared.leggi(day))


def cell(documento: Documento, table: str, row: str, column: str) -> Cella:
    found = next(item for item in documento.tabelle if item.nome == table)
    line = next(item for item in found.righe if item.chiave == row)
    return line.celle[found.posizione(column)]


def names(documento: Documento) -> list[str]:
    return [table.nome for table in documento.tabelle]


@pytest.fixture(scope="module")
def panorama(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return report()


def test_every_figure_of_the_document_has_its_place():
    assert set(PLACES) == {id_ for id_ in catalogue.figures if id_.startswith("001-")}


@pytest.mark.parametrize("printed", PLACES)
def test_every_printed_figure_is_in_the_report_as_it_is_printed(panorama, printed):
    figure = catalogue.figures[printed]
    shown = Decimal(cell(panorama, *PLACES[printed]).valore)
    if printed == "001-01":  # printed cut off, not rounded: 970,4 of 970.474.516
        shown = shown // 100_000 * 100_000
    if not figure.arrotondamento:
        assert shown == figure.valore
    else:
        unit = 2 * figure.arrotondamento
        assert half_up(shown / unit, 0) * unit == figure.valore


def test_the_single_figures_are_in_the_order_from_endowment_to_certified(panorama):
    first = panorama.capitoli[0]
    assert [(item.nome, item.cella.valore, item.forma) for item in first.indicatori] == [
        ("dotazione", Decimal(970_474_516), Forma.EURO),
        ("programmate", Decimal(970_800_000), Forma.EURO),
        ("impegnate", Decimal(853_900_000), Forma.EURO),
        ("liquidate", Decimal(745_500_000), Forma.EURO),
        ("certificata", Decimal(643_700_000), Forma.EURO),
    ]
    assert first.indicatori[2].dettaglio == (
        "CIGD inclusa; 88,0% della dotazione; +43,82\u00a0Mln€ dal 31.12.2020"
    )


def test_the_endowment_of_the_year_before_is_shown_with_a_change_of_nothing(panorama):
    assert cell(panorama, "programma", "dotazione", "prima").valore == Decimal(970_474_516)
    assert cell(panorama, "programma", "dotazione", "variazione").valore == 0
    assert panorama.capitoli[0].indicatori[0].dettaglio == ""
    before = cell(report("2020-12-31"), "programma", "dotazione", "prima")
    assert (before.valore, before.nota) == (None, "importi di questa versione non pubblicati")


def test_asse_v_is_marked_as_derived_and_what_is_not_published_says_why(panorama):
    derived = cell(panorama, "assi", "Asse V", "impegnate")
    assert derived == Cella(
        Decimal("28600000.00"), nota="derivata", cifra="impegnate(al=2021-09-30,asse=V)"
    )
    unknown = cell(panorama, "assi", "Asse II", "certificata")
    assert (unknown.valore, unknown.nota) == (None, "ultimo dato al 31.12.2020")


def test_the_asterisk_of_the_document_is_said_beside_the_amount(panorama):
    assert cell(panorama, "assi", "Asse I", "impegnate").nota == "CIGD inclusa"
    assert cell(panorama, "assi", "Asse III", "impegnate").nota == ""
    assert cell(panorama, "programma", "certificata", "importo").nota == "CIGD non dichiarata"
    row = "Asse I, Risorse impegnate"
    assert cell(panorama, "perimetri", row, "cigd").valore == Decimal("51707979.97")
    assert cell(panorama, "perimetri", row, "senza").valore == Decimal("208592020.03")


def test_the_change_since_the_year_end_says_where_it_is_not_alike(panorama):
    assert cell(panorama, "variazioni", "Asse III", "liquidate").valore == Decimal("18060000.00")
    assert cell(panorama, "variazioni", "Asse III", "avvertenza").valore == ""
    said = "CIGD esclusa prima, CIGD inclusa ora"
    assert said in cell(panorama, "variazioni", "Asse I", "avvertenza").valore
    assert any(said in warning for warning in panorama.avvertenze)
    assert any("la fonte non dichiara" in warning for warning in panorama.avvertenze)


def test_the_totals_that_can_be_checked_are_and_add_up(panorama):
    table = next(item for item in panorama.tabelle if item.nome == "assi")
    checked = [column.chiave for column in table.colonne if column.somma]
    assert checked == ["dotazione", "programmate", "impegnate", "liquidate"]
    for key in checked:
        at = table.posizione(key)
        *parts, total = [row.celle[at].valore for row in table.righe]
        assert sum(parts) == total
    (note,) = table.note
    assert "201.230.000,00" in note
    assert table.righe[-1].totale


def test_the_ratios_are_not_capped(panorama):
    assert half_up(cell(panorama, "quote", "Asse I", "quota_programmate").valore, 1) == Decimal(
        "122.2"
    )


def test_an_initiative_has_its_acts_up_to_the_day(panorama):
    acts = cell(panorama, "iniziative_1", "smart-working", "atti").valore
    assert acts == "Decreto n. 3516 del 18.03.2020; D.G.R. n. 5112/2021"
    # The DGR on the convention with INPS is of 18.10.2021.
    assert "5401" not in cell(panorama, "iniziative_1", "cigd-asse-i", "atti").valore


def test_n3_is_on_both_bases_and_says_at_which_day(panorama):
    assert cell(panorama, "n3", "2020", "base").valore == (
        "spesa totale (non dichiarata dalla fonte: dedotta)"
    )
    assert cell(panorama, "n3", "2020", "margine").valore == Decimal("99970000.00")
    assert cell(panorama, "n3", "2021", "certificata").valore == Decimal("234600000.00")
    assert cell(panorama, "n3", "2021", "al").valore == date(2020, 12, 31)


def test_the_sectors_that_are_not_printed_are_found_by_difference(panorama):
    others = cell(panorama, "sw_settore", "altri", "numero")
    assert (others.valore, others.nota) == (473, "per differenza")


def test_what_the_document_prints_otherwise_is_told(panorama):
    assert cell(panorama, "contraddizioni", "001-01", "differenza").valore == "−74.516,00\u00a0€"
    assert cell(panorama, "quadratura", "001", "in_tutto").valore == 36


def test_every_table_has_a_source_and_its_rows_a_key_of_their_own(panorama):
    tables = list(panorama.tabelle)
    assert all(table.fonte for table in tables)
    assert len({table.nome for table in tables}) == len(tables)
    assert all(
        len({row.chiave for row in table.righe}) == len(table.righe)
        and len({column.chiave for column in table.colonne}) == len(table.colonne)
        for table in tables
    )
    assert any("3.2. Asse II" in source for source in panorama.fonti)


def test_a_day_before_smart_working_was_published_has_no_box():
    shown = names(report("2020-12-31"))
    assert "assi" in shown
    assert not any(name.startswith("sw_") for name in shown)


@pytest.mark.parametrize("day", ["2021-12-31", "2024-12-31", "2025-12-31"])
def test_a_day_that_no_document_of_the_programme_prints_has_no_reconciliation(day):
    assert "quadratura" not in names(report(day))


def test_a_day_before_any_datum_is_empty_and_says_so():
    early = report("2014-06-30")
    assert early.vuoto
    table = next(item for item in early.tabelle if item.nome == "assi")
    assert (table.righe, table.grafico) == ((), None)


def test_a_movement_of_today_is_in_the_report_of_today_alone(panorama):
    make_movement("impegnate", asse_id="III", importo=Decimal("1000.50"), data=date(2022, 1, 15))
    now = cell(report("2022-01-31"), "assi", "Asse III", "impegnate").valore
    assert now == Decimal("238401000.50")
    assert report() == panorama


def test_data_older_than_the_day_say_of_which_day_they_are():
    late = report("2022-12-31")
    assert late.avvertenze[0] == (
        "L'ultimo importo registrato entro il 31.12.2022 è del 30.09.2021: le cifre sono quelle di"
        " allora."
    )
    assert (
        "Dopo il 31.12.2021 nessun importo è stato registrato: non ci sono variazioni."
        in late.avvertenze
    )
    for name in ("programma", "variazioni"):  # what has not changed is compared with itself
        table = next(item for item in late.tabelle if item.nome == name)
        place = [column.chiave for column in table.colonne].index("avvertenza")
        assert {row.celle[place].valore for row in table.righe} == {""}
    titles = {table.nome: table.titolo for table in late.tabelle if not table.nome.startswith("sw")}
    undated = {name for name, title in titles.items() if "ultimo dato al 30.09.2021" not in title}
    assert undated == {"n3"}  # it has a column of its own
    assert [item.dettaglio.split("; ")[-1] for item in late.capitoli[0].indicatori[1:]] == [
        "ultimo dato al 30.09.2021"
    ] * 4
    assert late.capitoli[0].indicatori[0].dettaglio == ""
    table = next(item for item in late.tabelle if item.nome == "assi")
    assert table.fonte.startswith(
        "Registro dei movimenti del programma al 31.12.2022 (ultimo dato al 30.09.2021): «"
    )


def changes_of(documento: Documento) -> Iterator[tuple[str, Cella]]:
    """Each cell that tells a change, with the name of its table."""
    for table in documento.tabelle:
        columns = (*FOUR[1:], "certificata") if table.nome == "variazioni" else ("variazione",)
        for place, column in enumerate(table.colonne):
            if column.chiave in columns:
                yield from ((table.nome, row.celle[place]) for row in table.righe)


def written(formato: str, documento: Documento) -> str:
    """All the words of a file."""
    content = BytesIO(build(formato, documento, Frontespizio()).contenuto)
    if formato == "pdf":
        return Letto(content.getvalue()).tree.text
    if formato == "json":
        return content.getvalue().decode()
    with ZipFile(content) as archive:
        return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def test_where_nothing_is_new_a_change_says_so_in_words():
    found = list(changes_of(report("2022-12-31")))
    assert {name for name, _ in found} >= {"variazioni", "programma", "iniziative_1"}
    told = {(name, item.valore, item.stampato, item.nota) for name, item in found}
    assert ("variazioni", None, NEW, "") in told
    assert ("iniziative_1", None, NEW, "") in told
    # Of the endowment what is known is that it did not change.
    assert {name for name, valore, *_ in told if valore == 0} == {"programma"}
    assert all(item.cifra for _, item in found if item.stampato == NEW)


def test_every_format_says_that_nothing_is_new():
    late = report("2022-12-31")
    table = next(item for item in late.tabelle if item.nome == "variazioni")
    alone = replace(late, capitoli=(Capitolo("Variazioni", tabelle=(table,)),), avvertenze=())
    assert not any(item.somma for item in table.colonne)
    count = sum(item.stampato == NEW for row in table.righe for item in row.celle)
    assert count >= 4
    for formato in ("pdf", "csv", "json", "pptx"):
        text = written(formato, alone)
        assert (formato, text.count(NEW)) == (formato, count)
        assert "0,00" not in text
    assert NEW in written("xlsx", alone)
    assert "nella fonte" not in written("xlsx", alone)
    exported = list(dati(table, linked=False).as_values())
    assert sum(row.count(NEW) for row in exported) == count


def test_a_quantity_without_news_says_so_beside_one_that_has_some():
    make_movement("impegnate", asse_id="III", importo=Decimal("1000.50"), data=date(2022, 1, 15))
    found = report("2022-01-31")
    assert cell(found, "variazioni", "Asse III", "impegnate").valore == Decimal("1000.50")
    # The quantity has a new datum, of another asse.
    nothing = cell(found, "variazioni", "Asse I", "impegnate")
    assert (nothing.valore, nothing.stampato) == (Decimal(0), None)
    assert cell(found, "variazioni", "Asse III", "liquidate").stampato == NEW
    assert cell(found, "programma", "liquidate", "variazione").stampato == NEW


def test_data_of_the_day_say_nothing_of_their_age(panorama):
    assert not any("ultimo dato" in table.titolo for table in panorama.tabelle)
    assert not any("allora" in words or "nuovi" in words for words in panorama.avvertenze)
    assert not any(item.stampato == NEW for _, item in changes_of(panorama))


def test_a_quantity_that_is_older_than_the_others_is_named():
    make_movement("impegnate", asse_id="III", importo=Decimal(1), data=date(2022, 1, 15))
    found = report("2022-01-15")
    assert found.avvertenze[0] == (
        "L'ultimo importo registrato entro il 15.01.2022 è del 15.01.2022 (risorse programmate:"
        " 30.09.2021; risorse liquidate: 30.09.2021; spesa certificata: 30.09.2021): le cifre sono"
        " quelle di allora."
    )
    lines = {item.nome: item.dettaglio for item in found.capitoli[0].indicatori}
    assert "ultimo dato" not in lines["impegnate"]
    assert lines["liquidate"].endswith("; ultimo dato al 30.09.2021")


def test_what_was_certified_for_n3_bears_the_day_of_its_datum():
    assert cell(report("2021-06-30"), "n3", "2021", "al").valore == date(2020, 12, 31)


def test_queries_do_not_grow_with_the_initiatives(django_assert_num_queries):
    with django_assert_num_queries(QUERIES):
        report()
    for _ in range(3):
        make_movement("programmate", asse_id="II", iniziativa=make_initiative("II"))
    with django_assert_num_queries(QUERIES):
        report()
