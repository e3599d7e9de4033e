"""The two-monthly report on the CIGS: each site in its place, and the numbers of the pages."""

import re
from datetime import UTC, date, datetime

import pytest

from crisi.figures import of
from crisi.models import Procedura, VersioneProcedura
from crisi.selection import IN_CORSO, Selection
from crisi.services.history import record_version
from porfse.figures import evaluate, parse
from porfse.models import Flow, User
from porfse.periods import Periodo
from reports.catalogue.cigs_bimestrale import REPORT
from reports.codifica import decode, encode
from reports.documento import Documento, Frontespizio, Tabella
from reports.verifiche.somme import somme
from tests.crisi.test_flow_vertenze import acquire, vertenza
from tests.factories.crisi import COMUNI, make_azienda, make_nucleo, make_procedura, make_unita
from tests.factories.people import make_user

B5 = "2025-B5"  # September and October
HOSTILE = '«Acme» "S.p.A." & <b>figli</b> 🏭 ' + "x" * 160


def documento(provincia: str = "", periodo: str = B5) -> Documento:
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


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def written(procedura: Procedura, moment: datetime, **fields: object) -> None:
    """A change of a procedure, recorded on a day."""
    for name, new in fields.items():
        setattr(procedura, name, new)
    procedura.versione = procedura.versioni.count() + 1
    procedura.save()
    version = record_version(procedura, by=User.objects.sistema())
    VersioneProcedura.objects.filter(pk=version.pk).update(il=moment)


def entered(procedura: Procedura, moment: datetime) -> None:
    """It came in on a day."""
    procedura.inserita_il = moment
    procedura.save()


@pytest.mark.django_db
def test_it_lists_the_sites_of_the_cigs_that_run_for_a_day_of_the_period():
    for day_from, day_to, pratica in (
        ((2025, 10, 31), None, "ultimo giorno"),
        ((2024, 1, 1), (2025, 9, 1), "primo giorno"),
        ((2025, 11, 1), None, "dopo"),
        ((2024, 1, 1), (2025, 8, 31), "prima"),
    ):
        end = date(*day_to) if day_to else None
        make_unita(data_avvio=date(*day_from), data_fine=end, codice_pratica=pratica, codice="U1")
    make_unita(tipo="LIC", codice_pratica="licenziamento")
    make_unita(stato=Procedura.Stato.RITIRATA, codice_pratica="ritirata")
    found = documento()
    assert {unita for (unita,) in rows(found, "unita", "unita")} == {
        "primo giorno / U1",
        "ultimo giorno / U1",
    }


@pytest.mark.django_db
def test_a_site_is_told_with_all_that_the_office_asks_for():
    by = make_nucleo("LO")
    procedura = make_procedura(
        "CIGS_REG",
        codice_pratica="VOL-7",
        linea_guida="C",
        causale="Riorganizzazione",
        azienda=make_azienda(denominazione=HOSTILE),
        data_avvio=date(2025, 2, 3),
        data_fine=date(2025, 12, 31),
        alta_complessita=True,
    )
    make_unita(
        "LO", 44, procedura=procedura, codice="U9",
        presa_in_carico_il=date(2025, 2, 10), presa_in_carico_da=by,
    )  # fmt: skip
    table = tabella(documento(), "unita")
    shown = [
        cell.show(column.forma)
        for cell, column in zip(table.righe[0].celle, table.colonne, strict=True)
    ]
    assert shown == [
        *("VOL-7 / U9", HOSTILE, "Lodi", "LO", "regionale", "C", "Riorganizzazione"),
        *("03.02.2025", "31.12.2025", "44", "10.02.2025", "sì", ""),
    ]


@pytest.mark.django_db
def test_what_is_not_known_of_a_site_stays_so():
    site = make_unita("LO", None, codice_pratica="", codice="U1")
    found = documento()
    assert rows(found, "unita", "unita", "fine", "lavoratori", "presa_in_carico") == [
        (f"n. {site.procedura_id} / U1", "—", "n.d.", "da prendere")
    ]
    assert figures(found)["lavoratori"] is None
    assert figures(found)["unita"] == 1


@pytest.mark.django_db
def test_known_workers_are_summed_beside_those_not_known():
    make_unita("BG", 12)
    make_unita("BG", None)
    make_unita("BG", 0)
    found = documento("BG")
    assert value(found, "comuni", COMUNI["BG"], "lavoratori") == 12
    assert value(found, "comuni", COMUNI["BG"], "non_noti") == 1
    assert any("1 unità produttiva" in text for text in found.avvertenze)


@pytest.mark.django_db
def test_the_numbers_are_those_of_the_pages():
    for sigla, tipo, workers, start, end in (
        ("BG", "CIGS_MIN", 10, date(2025, 9, 15), None),
        ("BG", "CIGS_MIN", None, date(2025, 1, 1), date(2025, 9, 3)),
        ("BG", "CIGS_REG", 7, date(2024, 5, 1), date(2025, 8, 31)),
        ("MI", "CIGS_REG", 70, date(2025, 7, 1), date(2026, 1, 1)),
        ("MI", "CIGS_REG", None, date(2025, 7, 1), date(2025, 7, 2)),
        ("LO", "CIGS_MIN", None, date(2025, 7, 1), None),
        ("SO", "LIC", 9, date(2025, 9, 1), None),
    ):
        make_unita(sigla, workers, tipo=tipo, data_avvio=start, data_fine=end)
    found = documento()
    cells = [
        (cell.cifra, cell.valore)
        for name in ("province", "confronto")
        for row in tabella(found, name).righe
        for cell in row.celle
        if cell.cifra
    ]
    assert len(cells) == 13 * 4 + 2 * 4
    values = evaluate(parse(cifra) for cifra, _ in cells)
    assert [amount for _, amount in cells] == [values[parse(cifra)].amount for cifra, _ in cells]


@pytest.mark.django_db
def test_the_totals_are_those_of_the_page_of_the_same_two_months():
    make_unita("BG", 10, data_fine=date(2025, 9, 30))
    make_unita("MI", 70, tipo="CIGS_REG")
    make_unita("MI", 5, data_avvio=date(2025, 11, 5))
    found = documento()
    for tipo, key in (("CIGS_MIN", "min"), ("CIGS_REG", "reg")):
        asked = Selection(Periodo.parse(B5), IN_CORSO, tipo=tipo)
        for what in ("unita", "lavoratori"):
            figure = of(what, asked)
            page = evaluate([figure])[figure].amount
            assert value(found, "confronto", key, f"{what}_ora") == page
            assert value(found, "province", "totale", f"{key}_{what}") == page


@pytest.mark.django_db
def test_now_is_compared_with_the_two_months_before():
    make_unita("BG", 10, data_fine=date(2025, 8, 31))
    make_unita("BG", 20, data_avvio=date(2025, 9, 1))
    running = make_unita("BG", 30)
    make_unita("MI", 5, procedura=running.procedura)
    found = documento()
    names = [f"{what}_{when}" for what in ("procedure", "unita", "lavoratori")
             for when in ("prima", "ora", "variazione")]  # fmt: skip
    assert [value(found, "confronto", "totale", name) for name in names] == [
        *(2, 2, 0), *(3, 3, 0), *(45, 55, 10),
    ]  # fmt: skip
    assert value(found, "province", "BG", "prima_lavoratori") == 40
    assert value(found, "province", "totale", "procedure") == 2


@pytest.mark.django_db
def test_a_change_of_workers_that_are_not_known_is_not_known():
    make_unita("BG", None, data_avvio=date(2025, 9, 1))
    make_unita("BG", 8, data_fine=date(2025, 8, 31))
    found = documento()
    assert value(found, "confronto", "min", "lavoratori_variazione") is None
    assert value(found, "confronto", "min", "unita_variazione") == 0


@pytest.mark.django_db
def test_new_and_ended_procedures_are_listed_once_with_their_sites():
    new = make_procedura(codice_pratica="nuova", data_avvio=date(2025, 9, 1))
    make_unita("BG", 3, procedura=new)
    make_unita("MI", 4, procedura=new)
    make_unita("LO", 9, codice_pratica="finita", data_fine=date(2025, 10, 31))
    make_unita("LO", 1, codice_pratica="altra", data_fine=date(2025, 11, 1))
    found = documento()
    told = ("pratica", "luoghi", "unita", "lavoratori")
    assert rows(found, "nuove", *told) == [("nuova", "Bergamo (BG), Milano (MI)", "2", "7")]
    assert rows(found, "concluse", *told) == [("finita", "Lodi (LO)", "1", "9")]
    assert figures(found)["nuove"] == figures(found)["concluse"] == 1
    assert sorted(rows(found, "unita", "novita")) == [("",), ("conclusa",), ("nuova",), ("nuova",)]


@pytest.mark.django_db
def test_a_procedure_is_extended_by_what_was_written_since_the_last_report():
    procedura = make_unita("BG", 6, codice_pratica="P", data_fine=date(2025, 10, 1)).procedura
    written(procedura, at(2025, 3, 1))
    written(procedura, at(2025, 9, 20), data_fine=date(2025, 12, 31))
    written(procedura, at(2025, 10, 2), causale="Contratto di solidarietà")
    told = ("pratica", "fine_prima", "fine_dopo", "registrata", "unita")
    expected = [("P", "01.10.2025", "31.12.2025", "20.09.2025", "1")]
    assert rows(documento(), "prorogate", *told) == expected
    assert rows(documento(periodo="2025-B4"), "prorogate", "pratica") == []
    assert rows(documento(), "unita", "novita") == [("prorogata",)]


@pytest.mark.django_db
def test_an_extension_belongs_to_the_first_report_made_after_it():
    """The report of July and August is made on 5 September, that of the next on 5 November."""
    for pratica, moment in (
        ("già detta", datetime(2025, 9, 5, 3, 59, tzinfo=UTC)),  # 05:59 in Rome
        ("appena dopo", datetime(2025, 9, 5, 4, 0, tzinfo=UTC)),
        ("appena prima", datetime(2025, 11, 5, 4, 59, tzinfo=UTC)),  # winter: one hour, not two
        ("del prossimo", datetime(2025, 11, 5, 5, 0, tzinfo=UTC)),
    ):
        procedura = make_unita(codice_pratica=pratica, data_fine=date(2025, 10, 1)).procedura
        written(procedura, at(2025, 3, 1))
        written(procedura, moment, data_fine=date(2026, 1, 31))
    assert rows(documento(), "prorogate", "pratica") == [("appena dopo",), ("appena prima",)]
    assert rows(documento(periodo="2025-B4"), "prorogate", "pratica") == [("già detta",)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (date(2025, 10, 1), None, [("01.10.2025", "—")]),  # no end any more
        (date(2025, 12, 1), date(2025, 11, 1), []),  # brought forward
        (None, date(2025, 12, 31), []),  # an end that was not known before
    ],
)
def test_only_an_end_that_was_known_and_comes_later_is_an_extension(db, before, after, shown):
    procedura = make_unita(data_fine=before).procedura
    written(procedura, at(2025, 3, 1))
    written(procedura, at(2025, 9, 20), data_fine=after)
    assert rows(documento(), "prorogate", "fine_prima", "fine_dopo") == shown


@pytest.mark.django_db
def test_what_stood_before_the_first_version_is_what_that_version_says():
    procedura = make_unita(data_fine=date(2025, 10, 1)).procedura
    procedura.inserita_il = at(2025, 3, 1)
    written(procedura, at(2025, 9, 20))
    written(procedura, at(2025, 9, 20), data_fine=date(2025, 12, 31))
    assert rows(documento(), "prorogate", "fine_prima", "fine_dopo") == [
        ("01.10.2025", "31.12.2025")
    ]


@pytest.mark.django_db
def test_a_procedure_that_is_new_to_the_reader_is_not_an_extension():
    procedura = make_unita(data_fine=date(2025, 10, 1)).procedura
    written(procedura, at(2025, 9, 10))
    written(procedura, at(2025, 9, 20), data_fine=date(2025, 12, 31))
    assert rows(documento(), "prorogate", "pratica") == []


@pytest.mark.django_db
def test_a_provincia_has_its_own_sites_whole_and_nothing_of_the_others():
    shared = make_procedura(codice_pratica="condivisa")
    make_unita("BG", 2, procedura=shared, codice="nostra")
    make_unita("SO", 765432, procedura=shared, codice="segreta-1")
    make_unita("MI", 876543, procedura=shared, codice="segreta-2")
    make_unita("MI", 987654, codice_pratica="d'altri", azienda=make_azienda(denominazione="Altrui"))
    found = documento("BG")
    assert found.provincia_nome == "Bergamo"
    assert rows(found, "unita", "unita", "lavoratori") == [("condivisa / nostra", "2")]
    assert rows(found, "altrove", "pratica", "unita", "altre", "province") == [
        ("condivisa", "1", "2", "Milano, Sondrio")
    ]
    assert figures(found)["lavoratori"] == 2
    text = encode(found, Frontespizio())
    assert not [
        word
        for word in ("segreta", "Altrui", "d'altri", "765432", "876543", "987654")
        if word in text
    ]


@pytest.mark.django_db
def test_the_region_has_no_table_of_what_is_elsewhere():
    make_unita()
    assert "altrove" not in {table.nome for table in documento().tabelle}


@pytest.mark.django_db
def test_no_procedure_at_all_is_said():
    make_unita("MI")
    found = documento("BG")
    assert found.vuoto
    assert " ".join(found.capitoli[0].testi) == (
        "Nessuna procedura di CIGS in corso nella provincia di Bergamo nel bimestre"
        " settembre-ottobre 2025, né nel bimestre luglio-agosto 2025."
    )


@pytest.mark.django_db
def test_the_chief_town_of_the_region_is_a_metropolitan_city():
    assert "nella Città metropolitana di Milano" in documento("MI").capitoli[0].testi[0]


@pytest.mark.django_db
def test_examples_are_never_mixed_with_what_is_real(settings):
    settings.DEMO = True
    make_unita("BG", 5, esempio=True)
    found = documento("BG")
    assert (found.esempio, figures(found)["lavoratori"]) == (True, 5)
    assert all(table.esempio == bool(table.righe) for table in found.tabelle)
    assert all(item.esempio for chapter in found.capitoli for item in chapter.indicatori)
    make_unita("MI", 9)  # a real one, though elsewhere
    found = documento("BG")
    assert (found.esempio, found.vuoto) == (False, True)


@pytest.mark.django_db
def test_without_any_procedure_there_are_no_examples_either(settings):
    settings.DEMO = True
    found = documento("BG")
    assert (found.esempio, found.vuoto) == (False, True)
    assert not any(table.esempio for table in found.tabelle)


@pytest.mark.django_db
def test_its_sources_are_not_the_flows_of_other_nuclei():
    whole, milano = acquire(vertenza()), acquire(vertenza())
    Flow.objects.filter(pk=milano.pk).update(provincia="MI")
    numbers = [
        re.findall(r"flusso acquisito: n. (\d+) del", " ".join(documento(sigla).fonti))
        for sigla in ("BG", "MI", "")
    ]
    assert numbers == [[str(whole.pk)], [str(milano.pk)], [str(milano.pk)]]
    Flow.objects.filter(pk=whole.pk).update(provincia="LO")
    assert len(documento("BG").fonti) == 1


@pytest.mark.django_db
def test_there_are_no_examples_outside_the_demonstration(settings):
    settings.DEMO = False
    make_unita("BG", 5, esempio=True)
    assert not documento("BG").esempio
    assert documento("BG").vuoto


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize(("provincia", "queries"), [("", 9), ("BG", 10)])
def test_it_asks_the_same_few_queries_whatever_the_sites(
    django_assert_num_queries, number, provincia, queries
):
    for _ in range(number):
        procedura = make_unita("BG", data_fine=date(2025, 10, 1)).procedura
        make_unita("MI", procedura=procedura)
        gone = make_unita("BG", data_fine=date(2025, 12, 31)).procedura
        for each, end in ((procedura, date(2025, 12, 31)), (gone, date(2025, 8, 20))):
            entered(each, at(2025, 3, 1))
            written(each, at(2025, 3, 1))
            written(each, at(2025, 9, 20), data_fine=end)
    asked = REPORT.leggi(B5, provincia)
    with django_assert_num_queries(queries):
        found = REPORT.documento(asked)
    assert (
        len(rows(found, "prorogate", "pratica")) == len(rows(found, "uscite", "pratica")) == number
    )


@pytest.mark.django_db
def test_rows_are_told_apart_and_the_document_comes_back_from_its_text():
    procedura = make_procedura(codice_pratica="")
    for place in ("BG", "BG", "MI"):
        make_unita(place, procedura=procedura)
    found = documento()
    for table in found.tabelle:
        keys = [row.chiave for row in table.righe]
        assert len(keys) == len(set(keys))
        assert table.fonte
    assert decode(encode(found, Frontespizio()))[0] == found


@pytest.mark.django_db
def test_columns_that_say_so_add_up_to_their_total():
    for sigla, workers in (("BG", 3), ("BG", None), ("MI", 8), ("LO", None)):
        make_unita(sigla, workers, data_avvio=date(2025, 9, 2), data_fine=date(2025, 10, 30))
    for found in (documento(), documento("BG")):
        assert [each for each in somme(found) if each.codice == "R101"] == []
        summed = [table for table in found.tabelle if any(item.somma for item in table.colonne)]
        assert all(table.righe[-1].totale for table in summed if table.righe)


@pytest.mark.django_db
def test_who_reads_it():
    own, other = make_nucleo("BG"), make_nucleo("MI")
    assert REPORT.readable_by(own, "BG")
    assert not REPORT.readable_by(other, "BG")
    assert not REPORT.readable_by(own)
    assert REPORT.readable_by(make_user("lettore"))
