"""The measures: published beside acquired, to the unit, each of its day; examples never mixed."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from measures.formazione_continua.models import Voucher
from measures.models import StatisticaPubblicata
from measures.smart_working.classi import CLASSI
from porfse.errors import BadInput
from porfse.models import Flow
from reports.codifica import decode, encode
from reports.documento import Documento, Forma, Frontespizio, Tabella
from reports.report import report_of
from reports.verifiche.somme import somme
from tests.factories import misure as made
from tests.factories.misure import make_domanda, make_voucher, summed

pytestmark = pytest.mark.django_db
N_A = ("Formazione Continua fase VI: nessun flusso è acquisito.",)


def document(periodo: str = "2021-12-31") -> Documento:
    report = report_of("misure")
    return report.documento(report.leggi(periodo))


def table(documento: Documento, nome: str) -> Tabella:
    return next(item for item in documento.tabelle if item.nome == nome)


def values(tabella: Tabella, *colonne: str) -> dict[str, tuple]:
    places = [tabella.posizione(name) for name in colonne]
    return {
        row.celle[0].show(Forma.TESTO): tuple(row.celle[place].valore for place in places)
        for row in tabella.righe
    }


def keys(tabella: Tabella) -> list[str]:
    return [column.chiave for column in tabella.colonne]


def make_flow(*, on: date) -> Flow:
    """A flow of Smart Working that was acquired on a day."""
    flow = made.make_flow()
    flow.fonte.data = on
    flow.fonte.save()
    return flow


def acquire(**fields: object) -> None:
    """Some rows of both measures, with their sums."""
    make_domanda(dipendenti=5, concesso=Decimal("7500.00"), **fields)
    make_domanda("liquidata", provincia="MI", ateco="", **fields)
    make_domanda("rinunciata", **fields)
    make_voucher(**fields)
    make_voucher("liquidato", provincia="MI", modalita="fad", **fields)
    make_voucher("revocato", data_inizio=date(2020, 7, 1), **fields)
    for misura in ("smart-working", "formazione-continua"):
        summed(misura)


def test_the_published_way_is_that_of_the_source():
    found = table(document(), "sw_fasi")
    assert keys(found) == ["nome", "pub_numero", "pub_quota", "pub_passo", "pub_concesso"]
    assert values(found, "pub_numero", "pub_concesso") == {
        "Presentate": (1001, None),
        "Ammesse": (884, None),
        "Beneficiarie": (764, 10_705_500),
        "Liquidate": (None, None),
    }
    assert found.righe[1].celle[3].show(Forma.PERCENTO) == "88,3%"
    assert found.righe[3].celle[1].show(Forma.NUMERO) == "n.d. (non pubblicato)"
    assert found.note == ("I dati pubblicati sono al 21.10.2021.",)
    losses = values(table(document(), "sw_perdite"), "pub_numero")
    assert losses["Rinunciate o decadute"] == (120,)


def test_published_classes_provisions_and_sectors_add_up_to_764():
    found = document()
    assert values(table(found, "sw_classi"), "pub_numero", "pub_concesso") == {
        CLASSI["micro"]: (264, 1_980_000),
        CLASSI["piccola"]: (324, 4_788_000),
        CLASSI["media"]: (151, 3_375_000),
        CLASSI["grande"]: (25, 562_500),
        "Totale": (764, 10_705_500),
    }
    assert values(table(found, "sw_addendum"), "pub_numero") == {
        "Addendum Covid-19": (379,), "Avviso originario": (385,), "Totale": (764,),
    }  # fmt: skip
    sectors = values(table(found, "sw_settori"), "pub_numero")
    assert list(sectors.values()) == [(62,), (60,), (46,), (45,), (41,), (37,), (473,), (764,)]
    assert sectors["Altri settori"] == (473,)
    assert list(somme(found)) == []
    assert [column.somma for column in table(found, "sw_classi").colonne] == [
        False, True, False, True, False,
    ]  # fmt: skip


def test_the_classes_are_held_against_the_grid_of_the_call():
    found = table(document(), "sw_griglia")
    assert values(found, "griglia", "differenza") == {
        CLASSI["micro"]: (1_980_000, 0),
        CLASSI["piccola"]: (None, None),
        CLASSI["media"]: (3_397_500, -22_500),
        CLASSI["grande"]: (562_500, 0),
    }
    assert found.righe[1].celle[2].nota == "la classe copre più scaglioni della griglia"


def test_endowments_and_their_use():
    found = document()
    (use,) = values(table(found, "sw_dotazione"), "concesso", "margine", "liquidato").values()
    assert use == (10_705_500, 294_500, None)
    assert [row.celle[1].valore for row in table(found, "sw_storia").righe] == [
        4_500_000, 9_000_000, 11_000_000,
    ]  # fmt: skip
    assert [row.celle[1].valore for row in table(found, "fc_storia").righe] == [26_000_000]


def test_figures_of_two_days_stand_each_on_its_own():
    found = table(document(), "sw_pubblicate")
    admitted = [
        (row.celle[0].valore, row.celle[2].valore)
        for row in found.righe
        if row.celle[1].valore == "Ammesse"
    ]
    assert admitted == [(date(2021, 10, 21), 884), (date(2021, 9, 30), 700)]


def test_without_rows_the_tables_say_so_and_nothing_is_made_up():
    found = document()
    for name in ("sw_province", "fc_fasi", "fc_perdite", "fc_modalita", "fc_mesi", "fc_massimali"):
        empty = table(found, name)
        assert (empty.righe, empty.grafico) == ((), None)
        assert "nessun flusso di" in empty.vuota
    assert found.avvertenze[0] == (
        "Piani aziendali di Smart Working: i dati pubblicati sono al 21.10.2021."
    )
    assert found.avvertenze[-1:] == N_A
    assert not found.esempio


def test_acquired_rows_stand_beside_the_published_with_their_difference():
    acquire()
    found = document()
    assert values(table(found, "sw_fasi"), "pub_numero", "numero", "diff_numero") == {
        "Presentate": (1001, 3, -998),
        "Ammesse": (884, 3, -881),
        "Beneficiarie": (764, 2, -762),
        "Liquidate": (None, 1, None),
    }
    classes = values(table(found, "sw_classi"), "numero", "concesso", "media", "diff_concesso")
    assert classes[CLASSI["micro"]] == (1, 7500, 7500, 7500 - 1_980_000)
    assert classes["Totale"] == (2, 18_000, 9_000, 18_000 - 10_705_500)
    sectors = values(table(found, "sw_settori"), "pub_numero", "numero")
    assert sectors["Altri settori"] == (473, 0)
    assert sectors["ATECO non indicato"] == (None, 1)
    assert sectors["Totale"] == (764, 2)
    provinces = values(table(found, "sw_province"), "numero", "concesso", "liquidato")
    assert provinces["Milano"] == (1, 10_500, 10_500)
    assert provinces["Sondrio"] == (0, 0, 0)
    assert provinces["Lombardia"] == (2, 18_000, 10_500)
    assert len(provinces) == 13
    assert list(somme(found)) == []


def test_vouchers_by_state_mode_month_provincia_and_ceiling():
    acquire()
    found = document()
    assert values(table(found, "fc_fasi"), "numero", "concesso", "liquidato") == {
        "Concessi": (3, 3000, 1000),
        "In essere, non revocati": (2, 2000, 1000),
        "Rendicontati": (1, 1000, 1000),
        "Liquidati": (1, 1000, 1000),
    }
    assert values(table(found, "fc_perdite"), "numero") == {"Revocati": (1,)}
    assert values(table(found, "fc_modalita"), "numero") == {
        "Aula": (2,), "FAD": (1,), "E-learning": (0,), "Totale": (3,),
    }  # fmt: skip
    assert values(table(found, "fc_mesi"), "numero_aula", "numero_fad", "concesso") == {
        "giugno 2020": (1, 1, 2000), "luglio 2020": (1, 0, 1000), "Totale": (2, 1, 3000),
    }  # fmt: skip
    assert values(table(found, "fc_province"), "numero")["Lombardia"] == (2,)
    shares = values(table(found, "fc_massimali"), "imprese", "lavoratori")
    assert (shares["Meno del 20%"], shares["Dal 40% a meno del 60%"]) == ((2, 0), (0, 2))
    assert shares["Totale"] == (2, 2)
    assert [row.celle[1].valore for row in table(found, "fc_parametri").righe] == [50_000, 2_000]


def test_every_table_has_a_source_and_the_rows_name_their_flow():
    acquire()
    found = document()
    assert all(item.fonte for item in found.tabelle)
    source = table(found, "fc_fasi").fonte
    assert source.startswith("Dati acquisiti: Voucher di Formazione Continua: 3 flussi acquisiti")
    assert "Dati pubblicati: Panoramica dell'attuazione" in table(found, "sw_fasi").fonte
    assert len(found.fonti) == len(set(found.fonti))


def test_published_figures_are_the_latest_by_the_day():
    found = document("2021-10-20")  # the day before the figures of 21.10.2021
    assert values(table(found, "sw_fasi"), "pub_numero", "pub_concesso") == {
        "Presentate": (None, None),
        "Ammesse": (700, 10_000_000),
        "Beneficiarie": (None, None),
        "Liquidate": (None, None),
    }
    row = table(found, "sw_fasi").righe[1]
    assert row.celle[1].cifra.startswith("misura_numero(al=2021-09-30,")
    assert table(found, "sw_fasi").note == ("I dati pubblicati sono al 30.09.2021.",)
    for name in ("sw_perdite", "sw_dotazione", "sw_classi", "sw_griglia", "sw_addendum"):
        assert table(found, name).righe == (), name
    assert [row.celle[1].valore for row in table(found, "sw_pubblicate").righe] == ["Ammesse"]
    assert list(somme(found)) == []


def test_the_endowment_in_force_is_that_of_the_day():
    found = document("2021-09-29")
    assert values(table(found, "sw_storia"), "importo") == {"31.12.2020": (9_000_000,)}
    assert table(found, "fc_storia").righe == table(found, "fc_parametri").righe == ()
    acquire(flusso=make_flow(on=date(2021, 9, 29)))
    (use,) = values(table(document("2021-09-29"), "sw_dotazione"), "concesso", "margine").values()
    assert use == (18_000, 8_982_000)


def test_the_grid_is_held_against_the_latest_classes_alone():
    row = StatisticaPubblicata.objects.get(dimensione="classe", voce="micro")
    row.pk, row.data = None, date(2022, 6, 30)
    row.save()
    assert table(document(), "sw_griglia").righe == ()
    assert len(table(document("2022-06-30"), "sw_griglia").righe) == 4
    assert values(table(document(), "sw_classi"), "pub_numero")[CLASSI["micro"]] == (264,)


@pytest.mark.parametrize(("day", "shown"), [("2021-12-01", True), ("2021-11-30", False)])
def test_rows_are_shown_from_a_month_before_their_last_flow(day, shown):
    acquire()  # by flows of 01.01.2022
    found = document(day)
    assert ("numero" in keys(table(found, "sw_fasi"))) is shown
    assert bool(table(found, "fc_fasi").righe) is shown
    note = "I dati acquisiti sono quelli dell'ultimo flusso, al 01.01.2022."
    assert (note in table(found, "sw_fasi").note) is shown
    assert (note in table(found, "fc_mesi").note) is shown
    assert ("di voucher non si conosce lo stato" in table(found, "fc_fasi").vuota) is not shown
    told = "di domande non si conosce lo stato a quella data, e non è riportato"
    assert (told in " ".join(found.avvertenze)) is not shown


def test_the_last_flow_decides():
    acquire()
    make_domanda(flusso=make_flow(on=date(2022, 3, 1)))
    summed()
    assert "numero" not in keys(table(document("2022-01-28"), "sw_fasi"))
    found = document("2022-01-29")
    assert "al 01.03.2022." in table(found, "sw_fasi").note[-1]
    assert "numero" in keys(table(found, "fc_fasi"))  # its own last flow is of 01.01.2022


def test_before_everything_there_is_nothing():
    acquire()
    found = document("2015-01-01")
    assert found.vuoto
    assert not any(chapter.indicatori for chapter in found.capitoli)


def test_examples_of_a_later_day_are_not_there_nor_beside_real_rows_that_are_not_told():
    acquire(esempio=True)
    found = document("2021-11-30")
    assert not found.esempio
    assert found.avvertenze[-1:] == N_A
    make_domanda(flusso=make_flow(on=date(2022, 6, 1)))
    summed()
    assert "numero" not in keys(table(document(), "fc_fasi"))


def test_an_endowment_that_is_exceeded_is_warned_of():
    make_domanda(concesso=Decimal("11000000.01"))
    summed()
    assert any(
        "l'importo ammesso supera la dotazione. Margine: −0,01" in words
        for words in document().avvertenze
    )


def test_examples_are_marked_and_leave_the_published_as_they_are():
    acquire(esempio=True)
    found = document()
    assert found.esempio
    assert found.nome_file == "misure_2021-12-31_ESEMPIO"
    assert {item.nome for item in found.tabelle if item.esempio} == {
        "sw_province", "fc_fasi", "fc_perdite", "fc_dotazione",
        "fc_modalita", "fc_province", "fc_mesi", "fc_massimali",
    }  # fmt: skip
    mixed = table(found, "sw_fasi")
    assert {column.gruppo for column in mixed.colonne} == {
        "", "Dati pubblicati", "Dati di esempio",
    }  # fmt: skip
    assert "diff_numero" not in keys(mixed)
    uses = table(found, "sw_dotazione")
    assert (uses.esempio, list(values(uses))) == (False, ["Dati pubblicati", "Dati di esempio"])
    shown = [item for chapter in found.capitoli for item in chapter.indicatori]
    assert {item.nome for item in shown if item.esempio} == {
        "sw_numero", "sw_concesso", "fc_numero", "fc_concesso",
    }  # fmt: skip


def test_examples_of_one_measure_never_stand_beside_real_rows_of_the_other():
    make_domanda()
    make_voucher(esempio=True)
    for misura in ("smart-working", "formazione-continua"):
        summed(misura)
    found = document()
    assert not found.esempio
    assert table(found, "fc_fasi").righe == ()
    assert found.avvertenze[-1:] == N_A


def test_outside_the_demonstration_there_are_no_examples(settings):
    acquire(esempio=True)
    settings.DEMO = False
    found = document()
    assert not found.esempio
    assert "numero" not in keys(table(found, "sw_fasi"))


def test_figures_stand_alone_of_each_kind_of_data():
    acquire()
    shown = {
        item.nome: (item.cella.valore, item.dettaglio)
        for chapter in document().capitoli
        for item in chapter.indicatori
    }
    assert shown == {
        "sw_pub_numero": (764, "Dati pubblicati al 21.10.2021"),
        "sw_pub_concesso": (10_705_500, "Dati pubblicati al 21.10.2021"),
        "sw_numero": (2, "Dati acquisiti al 01.01.2022"),
        "sw_concesso": (18_000, "Dati acquisiti al 01.01.2022"),
        "fc_numero": (2, "Dati acquisiti al 01.01.2022"),
        "fc_concesso": (2_000, "Dati acquisiti al 01.01.2022"),
    }


def test_charts_draw_columns_that_their_tables_have():
    acquire()
    for item in document().tabelle:
        drawn = {serie.colonna for serie in item.grafico.serie} if item.grafico else set()
        assert drawn <= set(keys(item)), item.nome
    names = [item.nome for item in document().tabelle]
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 24


def test_no_person_or_company_is_in_it_and_it_comes_back_from_its_text():
    acquire()
    found = document()
    text = encode(found, Frontespizio())
    for voucher in Voucher.objects.select_related("azienda"):
        assert voucher.codice_fiscale_lavoratore not in text
        assert voucher.azienda.codice_fiscale not in text
    assert decode(text)[0] == found


def test_it_costs_the_same_for_few_rows_and_for_more():
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            document()
        return len(queries)

    acquire()
    few = cost()
    for _ in range(3):
        acquire()
    assert cost() == few


@pytest.mark.parametrize("wrong", ["2021", "2021-B5", "30/02/2021", "2999-01-01"])
def test_it_is_asked_for_by_a_day_alone(wrong):
    with pytest.raises(BadInput):
        report_of("misure").leggi(wrong)
