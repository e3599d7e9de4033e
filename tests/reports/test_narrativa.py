"""Texts with named figures: what is read, refused, told, proposed, compared."""

from datetime import date
from decimal import Decimal

import pytest

from porfse.figures import Board, Unit, leaf
from porfse.periods import Periodo
from porfse.printed import catalogue
from reports.narrativa import ErroreTesto, Nome, Racconto, Segnaposto, errori, leggi, nomi
from reports.narrativa.confronto import Tratto, confronta
from reports.narrativa.elenco import elenco
from reports.narrativa.proposte import PROPOSTE, proposta
from reports.parametri import Parametri
from reports.report import report_of

ANNO_2020, ANNO_2021 = (Parametri(Periodo(year, 12)) for year in (2020, 2021))


def name(unita: Unit) -> Nome:
    return Nome(leaf("dotazione", al=date(2020, 12, 31)), "Prova", "Gruppo", unita)


NAMES = {
    "impegnate_asse_1": name(Unit.EURO),
    "impegnate_asse_2": name(Unit.EURO),
    "quota_uomini": name(Unit.PERCENTO),
    "persone": name(Unit.PERSONE),
}


# --- Reading ------------------------------------------------------------------------------------
def test_blank_lines_part_paragraphs_and_single_ones_do_not():
    assert leggi("\n\nUno\n due  \r\n \r\n\r\nTre\n") == (("Uno due",), ("Tre",))


def test_a_place_has_its_name_its_form_and_its_line():
    assert leggi("Uno\n\nsono { impegnate_asse_1 | mln } e\n{persone}.") == (
        ("Uno",),
        (
            "sono ",
            Segnaposto("impegnate_asse_1", "mln", 3),
            " e ",
            Segnaposto("persone", "", 4),
            ".",
        ),
    )


def test_doubled_braces_are_braces():
    assert leggi("{{a}} {{{persone}}}") == (("{a} {", Segnaposto("persone"), "}"),)


def test_a_text_of_blanks_has_no_paragraph():
    assert leggi(" \n\n ") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n{b", "Riga 2: la parentesi «{» non è chiusa sulla riga; per scriverla, «{{»."),
        ("a\n\nb}", "Riga 3: la parentesi «}» non è aperta; per scriverla, «}}»."),
        ("{a\nb}", "Riga 1: la parentesi «{» non è chiusa sulla riga; per scriverla, «{{»."),
        ("{ |mln}", "Riga 1: tra le parentesi manca il nome della cifra."),
    ],
)
def test_braces_that_make_no_sense_are_told_with_their_line(text, message):
    with pytest.raises(ErroreTesto) as error:
        leggi(text)
    assert error.value.errori[0] == message


def test_all_that_is_wrong_is_told_at_once():
    assert errori("{quota_uomni}\n\n{quota_uomini|mln} {persone|kg} {xyzzy}", NAMES) == [
        "Riga 1: la cifra «quota_uomni» non esiste. Forse: quota_uomini.",
        "Riga 3: la forma «mln» non è di «quota_uomini»: scegliere fra percento, percento0.",
        "Riga 3: la forma «kg» non è di «persone»: scegliere fra numero.",
        "Riga 3: la cifra «xyzzy» non esiste. I nomi sono nell'elenco delle cifre.",
    ]


def test_of_very_many_errors_the_first_are_told():
    assert len(errori("{a} " * 500, NAMES)) == 20
    assert len(errori("} " * 500, NAMES)) == 20


def test_a_good_text_has_nothing_wrong():
    assert errori("{impegnate_asse_1|mln1} {quota_uomini|percento0} {{x}}", NAMES) == []


# --- Telling ------------------------------------------------------------------------------------
def told(text: str, parametri: Parametri = ANNO_2020) -> tuple[str, ...]:
    board = Board()
    names = nomi(report_of("relazione-annuale"), parametri)
    story = Racconto(board, text, names)
    board.load()
    return story.testi()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{programmate|mln1}", "961,8 Mln€ (CIGD inclusa)"),
        ("{programmate_asse_1|mln}", "235,67 Mln€"),
        ("{quota_programmate|percento0}", "99% (CIGD inclusa)"),
        ("{impegnate_senza_cigd|mln1}", "641,6 Mln€"),
        ("{impegnate_senza_cigd_asse_2}", "184.312.574,33 €"),
        ("{impegnate_cigd_asse_2|euro}", "168.500.000,00 € (sola CIGD)"),
        ("{certificata_ue|mln1}", "234,6 Mln€ (CIGD non dichiarata)"),
        ("{dotazione}", "970.474.516,00 €"),
        ("{quota_dotazione_asse_5}", "3,4%"),
        ("{destinatari}", "397.748"),
        ("{quota_destinatari_uomini|percento0}", "54%"),
        ("{quota_destinatari_asse_1|percento0}", "53%"),
        ("{destinatari_vulnerabili_asse_1|numero}", "35.204"),
        ("{indicatore_disoccupati}", "161.345"),
        ("{target_disoccupati}", "131.480"),
        ("{raggiungimento_disoccupati}", "122,7%"),
        ("{indicatore_spesa_certificata_ii|mln1}", "109,8 Mln€ (CIGD non dichiarata)"),
        ("{target_n3_2021|mln1}", "225,5 Mln€"),
        ("{impegnate_smart_working|mln}", "5,26 Mln€"),
        ("{stampata_004_052} progetti", "53 progetti"),
    ],
)
def test_the_words_of_2020_can_be_written_by_name(text, words):
    assert told(text) == (words.replace(" Mln", "\u00a0Mln").replace(" €", "\u00a0€"),)


@pytest.mark.django_db
def test_what_is_derived_says_so():
    assert told("Asse V: {programmate_asse_5|mln}.") == ("Asse V: 32,15\u00a0Mln€ (derivata).",)


@pytest.mark.django_db
def test_what_is_not_known_is_nd_with_its_reason_and_not_zero():
    assert told("{destinatari}; {impegnate}", Parametri(Periodo(2015, 12))) == (
        "n.d. (dato non pubblicato); n.d. (nessun dato a questa data)",
    )
    assert told("{certificata_asse_2}", ANNO_2021) == ("n.d. (ultimo dato al 31.12.2020)",)


@pytest.mark.django_db
def test_a_share_beside_its_amount_does_not_say_the_perimetro_again():
    assert told(
        "Sono {programmate|mln1}, il {quota_programmate|percento0}.\n\n{liquidate|mln1}"
    ) == (
        "Sono 961,8\u00a0Mln€ (CIGD inclusa), il 99%.",
        "704,9\u00a0Mln€ (CIGD inclusa)",
    )


@pytest.mark.django_db
def test_a_change_between_unlike_days_says_so():
    assert told("{variazione_liquidate_asse_1|mln}", ANNO_2021) == (
        "+55,55\u00a0Mln€ (perimetri diversi: CIGD esclusa e CIGD inclusa)",
    )


@pytest.mark.django_db
def test_what_grew_bears_a_plus():
    assert told("{variazione_programmate|mln1}", ANNO_2021) == ("+9,0\u00a0Mln€ (CIGD inclusa)",)


@pytest.mark.django_db
def test_a_page_links_each_figure_and_escapes_the_words():
    board = Board()
    story = Racconto(
        board, "<b>{dotazione|mln}</b>", nomi(report_of("relazione-annuale"), ANNO_2020)
    )
    board.load()
    (shown,) = story.collegati()
    assert shown.startswith('&lt;b&gt;<a class="cifra" href="/cifre/?f=dotazione(al=2020-12-31)"')
    assert shown.endswith("970,47\u00a0Mln€</a>&lt;/b&gt;")


@pytest.mark.django_db
def test_a_page_shows_the_same_words_with_the_reason_and_the_perimetro_in_the_link():
    board = Board()
    names = nomi(report_of("relazione-annuale"), ANNO_2020)
    story = Racconto(board, "{certificata_ue|mln1} e {impegnate_asse_5|mln1}", names)
    board.load()
    (shown,) = story.collegati()
    assert ">234,6\u00a0Mln€ (CIGD non dichiarata)</a> e " in shown


@pytest.mark.django_db
@pytest.mark.parametrize("year", [2024, 2025])
def test_no_name_gives_a_figure_of_the_crises_whose_small_cells_are_hidden(year):
    names = nomi(report_of("relazione-annuale"), Parametri(Periodo(year, 12)))
    printed = [
        figure.get("id")
        for item in names.values()
        for figure in item.espressione.leaves()
        if figure.name == "stampata"
    ]
    assert printed == []
    assert not any("lavoratori" in name or "CR" in name for name in names)
    day = date(year, 12, 31)
    assert any(item.documento == "002" and item.data == day for item in catalogue.figures.values())
    with pytest.raises(ErroreTesto, match="non esiste"):
        told("{stampata_002_2025_CR_MIN_lavoratori}", Parametri(Periodo(year, 12)))


@pytest.mark.django_db
def test_a_wrong_text_is_not_told():
    with pytest.raises(ErroreTesto, match="«impegnate_asse_9» non esiste"):
        told("{impegnate_asse_9}")


@pytest.mark.django_db
def test_every_name_can_be_read_and_shown_in_its_own_unit():
    names = nomi(report_of("relazione-annuale"), ANNO_2020)
    board = Board()
    figures = {key: board(item.espressione) for key, item in names.items()}
    board.load()
    counted = {Unit.PERSONE: Unit.NUMERO}
    wrong = {
        key: (item.unita, figures[key].value.unit)
        for key, item in names.items()
        if counted.get(item.unita, item.unita)
        != counted.get(figures[key].value.unit, figures[key].value.unit)
    }
    assert wrong == {}
    assert figures["certificata_asse_3"].amount == Decimal(192_540_000)
    assert len({(item.etichetta, item.gruppo) for item in names.values()}) == len(names)


@pytest.mark.django_db
def test_the_list_is_narrowed_to_all_the_words():
    names = nomi(report_of("relazione-annuale"), ANNO_2020)
    groups = elenco(Board(), names, "Impegnate  asse ii, ordinaria".replace("ordinaria", "esclusa"))
    found = [voice.nome for group in groups for voice in group.voci]
    assert found == ["impegnate_senza_cigd_asse_2", "impegnate_senza_cigd_asse_3"]
    assert elenco(Board(), names, "nessunacosì") == []
    assert sum(len(group.voci) for group in elenco(Board(), names)) == len(names)


# --- Proposals ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_each_chapter_has_a_proposal_that_can_be_told():
    report = report_of("relazione-annuale")
    assert set(PROPOSTE) == set(report.testi)
    names = nomi(report, ANNO_2020)
    assert [wrong for key in report.testi for wrong in errori(proposta(key), names)] == []
    assert proposta("altro") == ""


@pytest.mark.django_db
def test_a_proposal_tells_the_figures_of_the_year():
    assert told(proposta("asse-5"))[0].startswith("Asse V, dotazione 32,87\u00a0Mln€: ")
    assert told(proposta("asse-1"))[1] == (
        "Destinatari raggiunti: 209.754, di cui 53% uomini (112.111) e 47% donne (97.643)."
    )


# --- Versions -----------------------------------------------------------------------------------
def test_versions_are_compared_word_by_word():
    assert confronta("Uno due\ntre", "Uno quattro\ntre cinque") == [
        Tratto("uguale", "Uno "),
        Tratto("tolto", "due"),
        Tratto("aggiunto", "quattro"),
        Tratto("uguale", "\ntre "),
        Tratto("aggiunto", "cinque"),
    ]


def test_words_that_change_side_by_side_are_one_change():
    assert confronta("Al 31 sono tre.", "Al 30 erano tre.") == [
        Tratto("uguale", "Al "),
        Tratto("tolto", "31 sono "),
        Tratto("aggiunto", "30 erano "),
        Tratto("uguale", "tre."),
    ]


@pytest.mark.parametrize(("old", "new"), [("", ""), ("a b", "a b "), ("a", ""), ("x y", "y x\n z")])
def test_no_word_of_either_text_is_left_out(old, new):
    found = confronta(old, new)
    before = [word for item in found if item.tipo != "aggiunto" for word in item.testo.split()]
    assert before == old.split()
    assert "".join(item.testo for item in found if item.tipo != "tolto") == new


def test_a_long_text_with_a_word_changed_shows_that_word_alone():
    old = " ".join(f"parola{number % 700}" for number in range(2_000))
    new = old.replace("parola500 ", "altra ", 1)
    assert [item.testo for item in confronta(old, new) if item.tipo != "uguale"] == [
        "parola500 ",
        "altra ",
    ]


def test_the_ends_of_lines_of_a_browser_are_no_difference():
    assert confronta("a\r\nb", "a\nb") == [Tratto("uguale", "a\nb")]
