"""The quarterly report on the active policies: the figures of the pages, and every site."""

import re
from datetime import UTC, date, datetime

import pytest

from crisi.models import MonitoraggioTrimestrale, PassaggioTrimestre, Procedura, Strumento
from crisi.views.pal import VOCI
from porfse.figures import evaluate, parse
from porfse.models import User
from reports.catalogue.pal_trimestrale import REPORT
from reports.codifica import decode, encode
from reports.documento import Documento, Frontespizio, Tabella
from reports.queries.pal_tabelle import COLORI
from reports.verifiche.somme import somme
from tests.crisi.test_flow_pal import acquire, pal
from tests.factories.crisi import (
    make_azienda,
    make_monitoraggio,
    make_nucleo,
    make_pal,
    make_procedura,
    make_unita,
)
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
T2, T3 = "2025-T2", "2025-T3"
Stato = MonitoraggioTrimestrale.Stato


def documento(provincia: str = "", periodo: str = T3) -> Documento:
    return REPORT.documento(REPORT.leggi(periodo, provincia))


def tabella(found: Documento, nome: str) -> Tabella:
    return next(table for table in found.tabelle if table.nome == nome)


def rows(found: Documento, nome: str, *colonne: str) -> list[tuple]:
    """The shown values of some columns, total left out."""
    table = tabella(found, nome)
    places = [table.posizione(colonna) for colonna in colonne]
    return [
        tuple(row.celle[place].show(table.colonne[place].forma) for place in places)
        for row in table.righe
        if not row.totale
    ]


def value(found: Documento, nome: str, chiave: str, colonna: str) -> object:
    table = tabella(found, nome)
    row = next(row for row in table.righe if row.chiave == chiave)
    return row.celle[table.posizione(colonna)].valore


def figures(found: Documento) -> dict[str, object]:
    return {
        item.nome: item.cella.valore for chapter in found.capitoli for item in chapter.indicatori
    }


@pytest.fixture
def filled() -> None:
    """Two sites of Bergamo, one of which does not tell STEP 4; one of Milano, in two quarters."""
    make_pal(make_unita("BG"), sospesi=10, step1=2, step4=5, strumenti=["dul", "gol"])
    make_pal(make_unita("BG"), sospesi=20, step1=3, step4=None, strumenti=["gol"])
    milano = make_unita("MI", codice="U1", codice_pratica="VOL-MI")
    make_pal(milano, sospesi=40, step4=10, no_pal=4, motivo_esonero="Pensione")
    make_pal(milano, T2, sospesi=50, step4=1)


def test_every_figure_is_that_of_the_pages(filled):
    for found in (documento(), documento("BG")):
        cells = [cell for table in found.tabelle for row in table.righe for cell in row.celle]
        cells += [item.cella for chapter in found.capitoli for item in chapter.indicatori]
        told = [cell for cell in cells if cell.cifra]
        values = evaluate(parse(cell.cifra) for cell in told)
        assert len(told) > 20
        assert [cell.valore for cell in told] == [values[parse(c.cifra)].amount for c in told]


def test_the_region_by_provincia(filled):
    found = documento()
    assert figures(found) == {
        "sospesi": 70, "step4": 15, "no_pal": 4, "rese": 3, "trasmessi": 0,
    }  # fmt: skip
    assert [value(found, "province", "BG", name) for name in ("unita", "sospesi", "step1")] == [
        *(2, 30, 5)
    ]
    assert value(found, "province", "LO", "sospesi") is None
    assert value(found, "province", "MI", "quota4") == 25
    used = ("unita", "dul", "gol", "fc")
    assert [value(found, "strumenti_province", "BG", name) for name in used] == [2, 1, 2, 0]
    assert [value(found, "strumenti_province", "LO", name) for name in used] == [0, *[None] * 3]
    assert [row.chiave for row in tabella(found, "province").righe][:2] == ["BG", "BS"]


def test_what_is_not_known_is_said_below_the_table(filled):
    note = tabella(documento(), "province").note
    assert " ".join(note) == (
        "Numeri non noti, che non entrano nelle somme: Bergamo, lavoratori allo STEP 4, attivazione"
        " delle PAL: n.d. per 1 unità."
    )
    assert tabella(documento("MI"), "confronto").note == ()


def test_the_quarter_is_compared_with_the_one_before(filled):
    found = documento("MI")
    three = ("prima", "ora", "variazione")
    assert [value(found, "confronto", "sospesi", name) for name in three] == [50, 40, -10]
    assert [value(found, "confronto", "step4", name) for name in three] == [1, 10, 9]
    assert [value(found, "strumenti", "unita", name) for name in three] == [1, 1, 0]
    assert rows(found, "trimestri", "trimestre", "sospesi") == [
        ("2° trimestre 2025", "50"),
        ("3° trimestre 2025", "40"),
    ]


def test_without_a_quarter_before_no_change_is_known(filled):
    found = documento("BG")
    assert value(found, "confronto", "sospesi", "prima") is None
    assert value(found, "confronto", "sospesi", "variazione") is None
    three = ("prima", "ora", "variazione")
    assert [value(found, "strumenti", "unita", name) for name in three] == [0, 2, 2]
    assert [value(found, "strumenti", "gol", name) for name in three] == [None, 2, None]


@pytest.mark.parametrize("provincia", ["", "BG"])
def test_without_a_site_with_data_no_instrument_is_known_and_nothing_is_drawn(provincia):
    make_unita("BG", 9)
    found = documento(provincia)
    names = [name for name in Strumento.values for _ in range(3)]
    shown = [text for row in rows(found, "strumenti", "prima", "ora", "variazione")[1:]
             for text in row]  # fmt: skip
    assert len(shown) == len(names)
    assert set(shown) == {"n.d."}
    assert [table.nome for table in found.tabelle if table.grafico] == []
    assert provincia or value(found, "strumenti_province", "totale", "gol") is None


def test_what_has_something_to_draw_is_drawn(filled):
    drawn = {table.nome for table in documento().tabelle if table.grafico}
    assert drawn == {"confronto", "trimestri", "province", "strumenti"}


def test_the_history_ends_with_the_quarter_of_the_report(filled):
    make_pal(make_unita("MI"), "2025-T4", sospesi=1)
    assert [row.chiave for row in tabella(documento("MI"), "trimestri").righe] == [T2, T3]


def test_each_site_with_its_numbers(filled):
    found = documento("MI")
    told = ("unita", "comune", "sospesi", "step1", "step4", "no_pal", "step4_prima", "note")
    assert rows(found, "unita", *told) == [
        ("VOL-MI / U1", "Milano", "40", "0", "10", "4", "1", "esonero: Pensione")
    ]
    assert rows(documento("BG"), "unita", "strumenti") == [("Dote Unica Lavoro, GOL",), ("GOL",)]


def test_a_site_without_numbers_is_listed_and_not_zero():
    make_unita("LO", 9, codice="U1", codice_pratica="senza")
    found = documento("LO")
    assert rows(found, "unita", "unita", "sospesi", "step4", "note") == [
        ("senza / U1", "n.d.", "n.d.", "senza dati")
    ]
    assert "Unità di CIGS in corso nel trimestre senza dati: 1." in found.avvertenze
    assert figures(found)["sospesi"] is None


def test_a_site_that_is_not_asked_for_counts_if_it_has_numbers():
    ended = make_unita("LO", codice="U1", codice_pratica="finita", data_fine=date(2025, 5, 1))
    make_pal(ended, sospesi=3)
    make_unita("LO", data_fine=date(2025, 5, 1))
    make_unita("LO", tipo="LIC")
    make_pal(make_unita("LO", stato=Procedura.Stato.RITIRATA), sospesi=99)
    found = documento("LO")
    assert rows(found, "unita", "unita", "sospesi", "note") == [
        ("finita / U1", "3", "procedura non più in corso nel trimestre")
    ]
    assert figures(found)["sospesi"] == 3


def test_a_replaced_row_does_not_count(filled):
    site = make_unita("SO")
    old = make_pal(site, sospesi=100)
    old.sostituito_il = datetime(2025, 10, 5, tzinfo=UTC)
    old.save()
    make_pal(site, sospesi=6)
    assert rows(documento("SO"), "unita", "sospesi") == [("6",)]


def test_the_nuclei_and_how_complete_they_are(filled):
    make_monitoraggio("BG")
    sent = datetime(2025, 11, 2, 23, 30, tzinfo=UTC)  # the 3rd in Rome
    approved = make_monitoraggio("MI", stato=Stato.VALIDATO, trasmesso_il=sent)
    passage = PassaggioTrimestre.objects.create(
        monitoraggio=approved, da=Stato.TRASMESSO, a=Stato.VALIDATO, autore=User.objects.sistema()
    )
    PassaggioTrimestre.objects.filter(pk=passage.pk).update(il=datetime(2025, 11, 9, tzinfo=UTC))
    make_monitoraggio("LO", stato=Stato.RESTITUITO, trasmesso_il=sent, entro=date(2025, 11, 30))
    make_unita("LO")
    found = documento()
    told = ("stato", "entro", "trasmesso", "ritardo", "validato", "attese", "rese", "mancanti")
    shown = dict(zip((row.chiave for row in tabella(found, "nuclei").righe),
                     rows(found, "nuclei", *told), strict=False))  # fmt: skip
    assert shown["BG"] == ("aperto", "31.10.2025", "—", "—", "—", "2", "2", "0")
    assert shown["MI"] == (
        "validato", "31.10.2025", "03.11.2025", "3", "09.11.2025", "1", "1", "0",
    )  # fmt: skip
    assert shown["LO"] == (
        "restituito con richiesta di integrazioni",
        *("30.11.2025", "03.11.2025", "0", "—", "1", "0", "1"),
    )
    assert shown["SO"] == ("non aperto", "—", "—", "—", "—", "0", "0", "0")
    assert figures(found)["trasmessi"] == 1
    warned = next(text for text in found.avvertenze if text.startswith("Trimestre non trasmesso"))
    assert "Bergamo" in warned
    assert "Lodi" in warned
    assert "Milano" not in warned


def test_its_sources_are_not_the_flows_of_other_nuclei(filled):
    """Each nucleo sends a file of its own; the system, one for all."""

    def told(provincia: str) -> list[str]:
        return re.findall(r"flusso acquisito: n. (\d+) del", " ".join(documento(provincia).fonti))

    site = make_unita("MI", 40)
    for sigla in ("MI", "BG"):
        make_monitoraggio(sigla)
    milano = acquire(pal(site), by=make_nucleo("MI"))
    assert milano.provincia_id == "MI"
    number = str(milano.pk)
    assert [told(sigla) for sigla in ("BG", "MI", "")] == [[], [number], [number]]
    whole = str(acquire(pal(make_unita("BG", 40))).pk)
    assert [told(sigla) for sigla in ("BG", "MI", "")] == [[whole]] * 3


def test_a_provincia_has_nothing_of_the_others(filled):
    secret = make_unita("SO", azienda=make_azienda(denominazione="Segreta"))
    make_pal(secret, sospesi=765432)
    make_monitoraggio("SO")
    found = documento("BG")
    text = encode(found, Frontespizio())
    assert not [word for word in ("Segreta", "765432", "VOL-MI", "Sondrio") if word in text]
    assert [row.chiave for row in tabella(found, "nuclei").righe] == ["BG"]
    assert {table.nome for table in found.tabelle}.isdisjoint({"province", "strumenti_province"})


def test_no_data_at_all_is_said():
    found = documento("SO")
    assert found.vuoto
    assert " ".join(found.capitoli[0].testi) == (
        "Nessuna unità di CIGS in corso e nessun dato sulle PAL nella provincia di Sondrio nel 3°"
        " trimestre 2025."
    )


def test_without_any_procedure_there_are_no_examples_either(settings):
    settings.DEMO = True
    make_monitoraggio("BG")
    found = documento("BG")
    assert not found.esempio
    assert not any(table.esempio for table in found.tabelle)


def test_examples_are_told_apart(settings):
    settings.DEMO = True
    make_pal(make_unita("BG", esempio=True), sospesi=5)
    found = documento("BG")
    assert (found.esempio, figures(found)["sospesi"]) == (True, 5)
    assert all(table.esempio == bool(table.righe) for table in found.tabelle)
    indicators = [item for chapter in found.capitoli for item in chapter.indicatori]
    assert all(item.esempio for item in indicators)
    cells = [cell for table in found.tabelle for row in table.righe for cell in row.celle]
    cells += [item.cella for item in indicators]
    assert not any("esempio" in cell.nota for cell in cells)  # the table says it, or the words
    assert value(found, "nuclei", "BG", "attese") == 1
    make_unita("MI")
    assert not documento("BG").esempio
    assert documento("BG").vuoto


@pytest.mark.parametrize("number", [1, 20])
@pytest.mark.parametrize(("provincia", "queries"), [("", 10), ("BG", 10)])
def test_it_asks_the_same_few_queries_whatever_the_sites(
    django_assert_num_queries, number, provincia, queries
):
    for _ in range(number):
        site = make_unita("BG", codice_pratica="")
        make_pal(site)
        make_pal(site, T2)
    asked = REPORT.leggi(T3, provincia)
    with django_assert_num_queries(queries):
        found = REPORT.documento(asked)
    assert len(rows(found, "unita", "unita")) == number


def test_the_sums_add_up_and_the_document_comes_back_from_its_text(filled):
    make_monitoraggio("BG")
    make_pal(make_unita("BG", procedura=make_procedura(codice_pratica="")), sospesi=1)
    for found in (documento(), documento("BG")):
        assert [each for each in somme(found) if each.codice == "R101"] == []
        assert decode(encode(found, Frontespizio()))[0] == found
        for table in found.tabelle:
            keys = [row.chiave for row in table.righe]
            assert len(keys) == len(set(keys))


def test_the_steps_have_their_colour_everywhere():
    assert {voce.campo: voce.colore for voce in VOCI} == COLORI


def test_who_reads_it():
    own, other = make_nucleo("BG"), make_nucleo("MI")
    assert REPORT.readable_by(own, "BG")
    assert not REPORT.readable_by(other, "BG")
    assert not REPORT.readable_by(own)
    assert REPORT.readable_by(make_user("lettore"))
