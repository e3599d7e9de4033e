"""The annual report: what the published one of 2020 prints, and the texts within it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from porfse.money import half_up
from porfse.printed import catalogue
from programme.models import Destinatari
from reports import models
from reports.documento import TRATTINO, Cella, Documento
from reports.narrativa import ErroreTesto
from reports.report import report_of
from reports.soppressione import avvisi_soppressione
from reports.verifiche import avvisi
from tests.factories.people import make_user
from tests.factories.programme import make_movement, make_source

pytestmark = pytest.mark.django_db
REPORT = report_of("relazione-annuale")


def report(periodo: str = "2020") -> Documento:
    return REPORT.documento(REPORT.leggi(periodo))


def cell(documento: Documento, table: str, row: str, column: str) -> Cella:
    found = next(item for item in documento.tabelle if item.nome == table)
    line = next(item for item in found.righe if item.chiave == row)
    return line.celle[found.posizione(column)]


@pytest.fixture(scope="module")
def year_2020(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return report()


def of_asse(first: int, asse: str, *, vulnerable: bool = True, after: int = 0) -> dict:
    """The recipients of an asse, printed one after the other from a figure on."""
    columns = ["persone", "quota_uomini", "uomini", "quota_donne", "donne"]
    found = {first + n: ("destinatari", asse, name) for n, name in enumerate(columns)}
    if vulnerable:
        groups = ("disabilita", "migranti", "svantaggiati")
        parts = [name for group in groups for name in (group, f"quota_{group}")]
        found |= {after + n: ("vulnerabili", asse, name) for n, name in enumerate(parts)}
    return found


NUMBERED = {
    1: ("piano_finanziario", "Programma", "dotazione"),
    **{
        5 + 2 * n + m: ("piano_finanziario", f"Asse {asse}", column)
        for n, asse in enumerate(("I", "II", "III", "IV", "V"))
        for m, column in enumerate(("dotazione", "quota"))
    },
    15: ("piano_finanziario", "Programma", "dotazione"),
    17: ("avanzamento", "Programma", "programmate"),
    18: ("quote", "Programma", "quota_programmate"),
    20: ("avanzamento", "Programma", "impegnate"),
    22: ("avanzamento", "Programma", "certificata"),
    24: ("n3", "2020", "target"),
    25: ("n3", "2021", "target"),
    23: ("n3", "2021", "certificata"),
    26: ("destinatari", "Programma", "persone"),
    27: ("destinatari", "Programma", "quota_uomini"),
    28: ("destinatari", "Programma", "quota_donne"),
    30: ("politiche", "Politica attiva del lavoro (Asse I)", "quota"),
    34: ("politiche", "Inclusione attiva (Asse II)", "quota"),
    37: ("politiche", "Rafforzamento delle competenze (Assi III e IV)", "persone"),
    38: ("politiche", "Rafforzamento delle competenze (Assi III e IV)", "quota"),
    39: ("politiche", "Rafforzamento delle competenze (Assi III e IV)", "quota_uomini"),
    40: ("politiche", "Rafforzamento delle competenze (Assi III e IV)", "quota_donne"),
    42: ("vulnerabili", "Programma", "quota_asse"),
    43: ("vulnerabili", "Programma", "quota_disabilita"),
    44: ("vulnerabili", "Programma", "quota_migranti"),
    45: ("vulnerabili", "Programma", "quota_svantaggiati"),
    46: ("vulnerabili", "Asse II", "quota_vulnerabili"),
    47: ("vulnerabili", "Asse I", "quota_vulnerabili"),
    48: ("vulnerabili", "Asse III", "quota_vulnerabili"),
    60: ("avanzamento", "Asse II", "impegnate"),
    61: ("avanzamento", "Asse II", "impegnate_cigd"),
    62: ("avanzamento", "Asse I", "programmate"),
    63: ("avanzamento", "Asse I", "impegnate"),
    64: ("avanzamento", "Asse I", "liquidate"),
    **of_asse(65, "Asse I", after=72),
    70: ("vulnerabili", "Asse I", "vulnerabili"),
    71: ("vulnerabili", "Asse I", "quota_asse"),
    78: ("iniziative_1", "formazione-continua-vi", "programmate"),
    79: ("iniziative_1", "formazione-continua-vi", "impegnate"),
    80: ("iniziative_1", "smart-working", "programmate"),
    81: ("iniziative_1", "smart-working", "impegnate"),
    87: ("iniziative_1", "lombardia-plus-2019-cultura", "liquidate"),
    93: ("iniziative_1", "ifts-2020-2022", "programmate"),
    94: ("output_1", "disoccupati", "valore"),
    95: ("output_1", "disoccupati", "target"),
    96: ("spesa_e_target", "spesa-certificata-i", "valore"),
    97: ("spesa_e_target", "spesa-certificata-i", "target"),
    98: ("risultato_1", "occupati-entro-sei-mesi", "valore"),
    99: ("risultato_1", "occupati-entro-sei-mesi", "target"),
    100: ("avanzamento", "Asse II", "programmate"),
    102: ("avanzamento", "Asse II", "liquidate"),
    **of_asse(103, "Asse II", after=109),
    134: ("iniziative_2", "cigd-asse-ii", "programmate"),
    137: ("output_2", "partecipanti-disabilita", "valore"),
    140: ("output_2", "altre-svantaggiate", "target"),
    142: ("output_2", "nuclei-con-figli", "target"),
    143: ("spesa_e_target", "spesa-certificata-ii", "valore"),
    145: ("risultato_2", "svantaggiati-attivi", "valore"),
    147: ("avanzamento", "Asse III", "programmate"),
    148: ("avanzamento", "Asse III", "impegnate"),
    149: ("avanzamento", "Asse III", "liquidate"),
    **of_asse(150, "Asse III", after=156),
    171: ("output_3", "isced-1-2", "valore"),
    177: ("risultato_3", "qualifica-10iv", "valore"),
    180: ("risultato_3", "completano-10iv", "target"),
    181: ("avanzamento", "Asse IV", "programmate"),
    182: ("avanzamento", "Asse IV", "impegnate"),
    183: ("avanzamento", "Asse IV", "liquidate"),
    **of_asse(184, "Asse IV", vulnerable=False),
    197: ("iniziative_4", "aree-interne", "programmate"),
    199: ("output_4", "amministrazioni", "valore"),
    202: ("output_4", "polizia-locale", "target"),
    205: ("risultato_4", "interoperabilita-11i", "valore"),
    207: ("avanzamento", "Asse V", "impegnate"),
    208: ("avanzamento", "Asse V", "liquidate"),
    209: ("avanzamento", "Asse V", "certificata"),
    210: ("output_5", "progetti-assistenza", "valore"),
    212: ("output_5", "progetti-comunicazione", "valore"),
}


@pytest.mark.parametrize("number", NUMBERED)
def test_the_printed_figures_of_2020_are_in_the_report(year_2020, number):
    figure = catalogue.figures[f"004-{number:03}"]
    shown = Decimal(cell(year_2020, *NUMBERED[number]).valore)
    unit = 2 * figure.arrotondamento
    assert (half_up(shown / unit, 0) * unit if unit else shown) == figure.valore


def test_payments_are_the_sum_of_the_assi_not_the_printed_total(year_2020):
    assert cell(year_2020, "avanzamento", "Programma", "liquidate").valore == Decimal(
        "536390000.00"
    )
    assert catalogue.figures["004-021"].valore == Decimal(536_500_000)


def test_the_chapters_are_those_of_the_published_report(year_2020):
    assert [chapter.titolo for chapter in year_2020.capitoli] == [
        *REPORT.testi.values(),
        "Target di spesa N+3",
        "Quadratura con le cifre pubblicate",
    ]


def test_wage_support_stands_apart_and_an_asse_without_it_shows_a_dash(year_2020):
    assert cell(year_2020, "avanzamento", "Asse I", "impegnate_cigd") == Cella(stampato="—")
    table = next(item for item in year_2020.tabelle if item.nome == "avanzamento")
    assert [column.chiave for column in table.colonne if column.somma] == [
        "dotazione", "programmate", "impegnate", "liquidate", "certificata",
    ]  # fmt: skip
    assert "168.500.000,00" in table.note[0]
    overview = year_2020.capitoli[1].indicatori
    assert [(item.nome, item.cella.valore) for item in overview[:6]] == [
        ("dotazione", Decimal("970474516.00")),
        ("programmate", Decimal("961800000.00")),
        ("impegnate", Decimal("641582574.33")),
        ("liquidate", Decimal("536390000.00")),
        ("certificata", Decimal("442470000.00")),
        ("certificata_ue", Decimal("234600000.00")),
    ]
    assert overview[2].dettaglio == "oltre a 168.500.000,00\u00a0€ di CIGD"


def test_attainment_is_not_capped_and_asse_v_has_no_framework(year_2020):
    reached = cell(year_2020, "risultato_1", "occupati-entro-sei-mesi", "raggiungimento").valore
    assert half_up(reached, 1) == Decimal("196.7")
    assert cell(year_2020, "output_5", "valutazioni-e-studi", "target") == Cella(stampato="—")
    framework = next(item for item in year_2020.tabelle if item.nome == "quadro_efficacia")
    assert len(framework.righe) == 11
    assert not any("Asse V " in row.celle[0].valore for row in framework.righe)


def test_the_asse_of_technical_assistance_has_neither_recipients_nor_result_indicators(year_2020):
    chapter = year_2020.capitoli[6]
    assert [item.nome for item in chapter.indicatori][-1] == "certificata_asse_5"
    assert [table.nome for table in chapter.tabelle] == ["iniziative_5", "output_5"]


def test_what_the_published_report_prints_wrongly_is_told(year_2020):
    table = next(item for item in year_2020.tabelle if item.nome == "contraddizioni")
    assert [row.chiave for row in table.righe] == ["004-019", "004-041", "004-108", "004-155"]
    assert cell(year_2020, "contraddizioni", "004-108", "calcolata").valore == "34,3%"


def test_a_value_that_the_source_prints_about_says_so(year_2020):
    table = next(item for item in year_2020.tabelle if item.nome == "risultato_4")
    assert any("«circa il 70%»" in note for note in table.note)


def test_the_acts_of_a_later_year_are_not_in_it(year_2020):
    assert cell(year_2020, "iniziative_1", "smart-working", "atti").valore == (
        "Decreto n. 3516 del 18.03.2020"
    )


def test_a_year_without_data_is_told_as_such():
    early = report("2015")
    assert [table.nome for table in early.tabelle if table.righe] == ["versioni_piano"]
    assert [row.chiave for row in next(
        table for table in early.tabelle if table.nome == "versioni_piano"
    ).righe] == ["2014-12-17"]  # fmt: skip


def test_data_of_another_year_say_of_which_day_they_are():
    late = report("2025")
    assert [words for words in late.avvertenze if "allora" in words] == [
        f"{subject} entro il 31.12.2025 è del {day}: le cifre sono quelle di allora."
        for subject, day in (
            ("L'ultimo importo registrato", "30.09.2021"),
            ("L'ultimo dato sui destinatari", "31.12.2020"),
            ("L'ultimo valore degli indicatori", "31.12.2020"),
        )
    ]
    tables = {table.nome: table for table in late.tabelle}
    ledger, people = ("avanzamento", "quote"), ("destinatari", "politiche", "vulnerabili")
    for names, day in ((ledger, "30.09.2021"), (people, "31.12.2020")):
        for name in names:
            assert tables[name].titolo.endswith(f"(ultimo dato al {day})")
    assert "Destinatari raggiunti al 31.12.2025 (ultimo dato al 31.12.2020): " in (
        tables["destinatari"].fonte
    )
    assert cell(late, "output_1", "disoccupati", "dati_al").valore == date(2020, 12, 31)
    lines = {item.nome: item.dettaglio for item in late.capitoli[1].indicatori}
    assert lines["liquidate"].endswith("ultimo dato al 30.09.2021")
    assert lines["destinatari"].endswith("; ultimo dato al 31.12.2020")
    assert lines["vulnerabili"].endswith("; ultimo dato al 31.12.2020")
    assert "quadratura" not in tables


def test_data_of_the_year_say_nothing_of_their_age(year_2020):
    assert not any("ultimo dato" in table.titolo for table in year_2020.tabelle)
    assert not any(
        "ultimo dato" in item.dettaglio
        for chapter in year_2020.capitoli
        for item in chapter.indicatori
    )
    assert not any("allora" in words for words in year_2020.avvertenze)


def test_an_indicator_has_the_day_of_its_value(year_2020):
    assert cell(year_2020, "spesa_e_target", "spesa-certificata-i", "dati_al").valore == date(
        2020, 12, 31
    )
    assert cell(report("2021"), "quadro_efficacia", "spesa-certificata-i", "dati_al") == TRATTINO


def test_few_people_in_a_table_are_told_of_before_it_is_published(year_2020):
    assert avvisi_soppressione(year_2020) == ()
    day = date(2021, 12, 31)
    source = make_source(data=day)
    Destinatari.objects.create(asse_id="IV", gruppo="donne", numero=3, data=day, fonte=source)
    parametri = REPORT.leggi("2021")
    found = avvisi(REPORT, parametri, REPORT.documento(parametri))
    assert [(each.codice, each.testo) for each in found if each.codice.startswith("R14")] == [
        ("R142", "La cella «Donne, Persone», riga «Asse IV», è piccola e non è nascosta.")
    ]


# --- Texts --------------------------------------------------------------------------------------
def write(
    capitolo: str, testo: str, stato: str = models.Testo.Stato.APPROVATO, **fields
) -> models.Testo:
    author, now = make_user("gestore"), datetime(2021, 4, 1, tzinfo=UTC)
    values = {"report": REPORT.slug, "periodo": "2020", "versione": 1}
    values |= {"scritto_da": author, "scritto_il": now, "rivisto_da": author, "rivisto_il": now}
    return models.Testo.objects.create(
        capitolo=capitolo, testo=testo, stato=stato, **values | fields
    )


def test_an_approved_text_is_in_its_chapter_with_its_figures():
    write("asse-1", "Attivati {programmate_asse_1|mln}.\n\nDestinatari: {destinatari_asse_1}.")
    chapter = report().capitoli[2]
    assert chapter.testi == ("Attivati 235,67\u00a0Mln€.", "Destinatari: 209.754.")


def test_a_text_of_another_year_is_not_in_it():
    write("asse-1", "Del 2021.", periodo="2021")
    assert report().capitoli[2].testi == ()


def test_a_text_that_is_not_approved_says_so_in_the_report():
    write(
        "premessa",
        "Prima stesura.",
        models.Testo.Stato.DA_RIVEDERE,
        rivisto_da=None,
        rivisto_il=None,
    )
    assert report().capitoli[0].testi == ("[Testo non ancora approvato]", "Prima stesura.")


def test_a_figure_is_live_until_the_report_is_published():
    write("asse-3", "Impegni: {impegnate_asse_3}.")
    before = report("2020").capitoli[4].testi
    make_movement("impegnate", asse_id="III", importo=Decimal("0.50"), data="2020-12-31")
    assert before == ("Impegni: 226.250.000,00\u00a0€.",)
    assert report("2020").capitoli[4].testi == ("Impegni: 226.250.000,50\u00a0€.",)


def test_a_text_whose_figure_is_gone_stops_the_report_and_says_where():
    write("asse-2", "Uno.\n\nDi {impegnate_iniziativa_tolta}.")
    with pytest.raises(ErroreTesto) as error:
        report()
    assert str(error.value).startswith(
        "Il testo del capitolo «Asse II – Inclusione sociale e lotta alla povertà» va corretto."
        " Riga 3: la cifra «impegnate_iniziativa_tolta» non esiste."
    )
