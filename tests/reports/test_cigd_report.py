"""The report on the CIGD: the figures of the pages to the cent, and nobody's name."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from cigd import decisions, moves
from cigd.models import Lotto, Spostamento
from cigd.scope import SOURCE
from porfse.figures import evaluate, parse
from porfse.flows import services
from porfse.flows.services import Note
from porfse.models import User
from reports.catalogue.cigd import REPORT
from reports.codifica import decode, encode
from reports.documento import Documento, Frontespizio, Tabella
from reports.verifiche.somme import somme
from tests.factories.crisi import make_nucleo
from tests.factories.flows import acquired, payment
from tests.factories.people import make_user
from tests.factories.pool import (
    ACT,
    LODI,
    MILANO,
    cap,
    certified,
    checked,
    counted,
    in_pool,
    rate,
    recovery,
)
from tests.factories.samples import drawn, verified

pytestmark = pytest.mark.django_db
DAY = "2022-03-31"
RECORDED = "2022-03-15 10:00"  # when all that is not told otherwise was entered
LATER = "2022-04-20 10:00"


@pytest.fixture(autouse=True)
def recorded():
    with time_machine.travel(RECORDED):
        yield


def documento(al: str = DAY) -> Documento:
    with time_machine.travel("2022-06-01 10:00"):
        return REPORT.documento(REPORT.leggi(al))


def tabella(found: Documento, nome: str) -> Tabella:
    return next(table for table in found.tabelle if table.nome == nome)


def value(found: Documento, nome: str, chiave: str, colonna: str) -> object:
    table = tabella(found, nome)
    row = next(row for row in table.righe if row.chiave == chiave)
    return row.celle[table.posizione(colonna)].valore


def rows(found: Documento, nome: str, *colonne: str) -> list[tuple]:
    """The shown values of some columns, total left out."""
    table = tabella(found, nome)
    places = [table.posizione(colonna) for colonna in colonne]
    return [
        tuple(row.celle[place].show(table.colonne[place].forma) for place in places)
        for row in table.righe
        if not row.totale
    ]


def figures(found: Documento) -> dict[str, object]:
    return {
        item.nome: item.cella.valore for chapter in found.capitoli for item in chapter.indicatori
    }


@pytest.fixture
def worked():
    """Payments of two azioni and two months, a recovery, one certified batch, one that waits."""
    rate()
    cap("8.6.1", "250.00")
    big = payment(comune_istat=MILANO, importo="200,00", ore="10,00")
    flow = checked(
        big,
        payment(comune_istat=LODI, importo="300,00", mese_competenza="05/2020", ore="20,50"),
        recovery(big, "-50,00"),
        payment(comune_istat=MILANO, importo="100,01", ore="5,00"),
    )
    batch = certified("DP1")
    in_pool(payment(comune_istat=LODI, importo="7,77"))
    counted("DP2")
    return flow, batch


def test_every_figure_is_that_of_the_pages(worked):
    found = documento()
    cells = [cell for table in found.tabelle for row in table.righe for cell in row.celle]
    cells += [item.cella for chapter in found.capitoli for item in chapter.indicatori]
    told = [cell for cell in cells if cell.cifra]
    with time_machine.travel(LATER):
        values = evaluate(parse(cell.cifra) for cell in told)
    assert len(told) > 100
    assert [cell.valore for cell in told] == [values[parse(cell.cifra)].amount for cell in told]


def test_payments_stand_against_the_caps_of_the_day(worked):
    found = documento()
    told = ("massimale", "pagamenti", "margine", "numero", "recuperi")
    assert [value(found, "azioni", "8.6.1", name) for name in told] == [
        *(Decimal("250.00"), Decimal("250.01"), Decimal("-0.01"), 2, 1)
    ]
    assert rows(found, "azioni", "esito")[0] == (
        "oltre il massimale: non certificabile senza decisione",
    )
    assert figures(found)["pagamenti"] == Decimal("557.78")
    before = documento("2022-01-14")  # the day before the cap was lowered
    assert value(before, "azioni", "8.6.1", "massimale") == Decimal("51707979.97")
    assert value(before, "azioni", "8.6.1", "pagamenti") == Decimal("250.01")


def paid(day: str, amount: str, **fields: str) -> dict[str, str]:
    return payment(data_pagamento=day, importo=amount, **fields)


@pytest.fixture
def two_days():
    """Payments of May and of June 2020, in two flows, with a recovery in June."""
    first = paid("15/05/2020", "100,00", comune_istat=MILANO, ore="10,00")
    one = in_pool(
        first,
        paid("31/05/2020", "30,00", comune_istat=LODI, mese_competenza="04/2020", ore="3,00"),
        recovery(first, "-40,00", data_pagamento="10/06/2020", ore="4,00"),
    )
    two = in_pool(paid("01/06/2020", "7,00", comune_istat=LODI, ore="1,00"))
    return one, two


def test_payments_are_those_made_by_the_day(two_days):
    one, two = two_days
    may, june = documento("2020-05-31"), documento("2020-06-10")
    told = ("pagamenti", "numero", "recuperi")
    totals = [[value(found, "azioni", "totale", name) for name in told] for found in (may, june)]
    assert totals == [[Decimal("130.00"), 2, 0], [Decimal("97.00"), 3, 1]]
    assert [figures(found)["pagamenti"] for found in (may, june)] == [
        Decimal("130.00"), Decimal("97.00"),
    ]  # fmt: skip
    assert rows(may, "mesi", "mese", "comuni", "altri", "ore") == [
        ("marzo 2020", "100,00\u00a0€", "0,00\u00a0€", "10,00"),
        ("aprile 2020", "0,00\u00a0€", "30,00\u00a0€", "3,00"),
    ]
    assert value(june, "mesi", "2020-03", "ore") == Decimal("7.00")
    assert value(may, "province", "LO", "altri") == Decimal("30.00")
    assert value(may, "province", "LO", "quota") == 100 * Decimal("30.00") / Decimal("130.00")
    assert value(may, "flussi", str(one.pk), "pagamenti") == Decimal("130.00")
    assert value(june, "flussi", str(two.pk), "altri") == Decimal("7.00")
    assert list(somme(may)) == list(somme(june)) == []


def test_a_flow_is_listed_from_its_first_payment(two_days):
    one, two = map(str, (flow.pk for flow in two_days))
    may, june = documento("2020-05-31"), documento("2020-06-01")
    for name in ("flussi", "impronte"):
        shown = [[row.chiave for row in tabella(found, name).righe if not row.totale]
                 for found in (may, june)]  # fmt: skip
        assert shown == [[one], [one, two]]
    assert may.fonti[0].endswith(f"flussi acquisiti n. {one}")


def test_a_figure_of_the_day_does_not_open_the_rows_of_all_dates(two_days):
    may, june = documento("2020-05-31"), documento("2020-06-10")
    row = tabella(may, "azioni").righe[0]
    cells = dict(zip((item.chiave for item in tabella(may, "azioni").colonne), row.celle,
                     strict=True))  # fmt: skip
    assert cells["massimale"].cifra.startswith("programmate(al=2020-05-31")
    assert [cells[name].cifra for name in ("pagamenti", "numero", "quota", "margine")] == [""] * 4
    assert tabella(june, "azioni").righe[0].celle[2].cifra == "cigd_pagamenti(azione=8.6.1)"


def test_sums_of_a_day_are_those_of_the_summaries_to_the_cent(worked):
    """A payment that is a day too late makes the report count all the others by itself."""
    before = documento()
    with time_machine.travel(LATER):
        in_pool(paid("01/04/2022", "9,99", mese_competenza="12/2021"))
    after = documento()
    for name in ("azioni", "mesi", "province", "flussi"):
        one, two = (
            [[(cell.valore, cell.nota) for cell in row.celle] for row in tabella(each, name).righe]
            for each in (before, after)
        )
        assert one == two, name


def test_states_of_an_earlier_day_are_left_out_with_words(worked):
    shown, earlier = documento("2022-03-15"), documento("2022-03-14")
    assert value(shown, "capienza", "8.6.1", "certificabile") == Decimal("100.01")
    assert shown.capitoli[3].testi == ()
    assert [table.nome for table in earlier.capitoli[3].tabelle] == ["capienza", "spostamenti"]
    assert "certificabile" not in [item.chiave for item in tabella(earlier, "capienza").colonne]
    assert "certificabile" not in figures(earlier)
    assert "non si conserva la storia" in earlier.capitoli[3].testi[0]


@pytest.mark.parametrize("change", ["flow", "check", "uncheck", "batch"])
def test_whatever_changes_the_states_later_leaves_them_out(change):
    rate()
    done = checked(payment(comune_istat=LODI))
    waiting = in_pool(payment(comune_istat=LODI))
    assert "certificabile" in figures(documento())
    with time_machine.travel(LATER):
        if change == "flow":
            acquired([payment()])
        elif change == "check":
            decisions.check_flow(by=User.objects.sistema(), flusso_id=waiting.pk, nota="prova")
        elif change == "uncheck":
            decisions.undo_check(by=User.objects.sistema(), flusso_id=done.pk, motivo="prova")
        else:
            certified("DP1", day=date(2022, 4, 19))
    assert "certificabile" not in figures(documento())
    assert "certificabile" in figures(documento("2022-04-20"))


def test_a_check_taken_back_later_was_there_by_the_day():
    flow = checked(payment(comune_istat=LODI))

    def told(al):
        [row] = rows(documento(al), "flussi", "controllo")
        return row

    before = told(DAY)
    with time_machine.travel(LATER):
        decisions.undo_check(by=User.objects.sistema(), flusso_id=flow.pk, motivo="prova")
        assert told("2022-04-20") == ("da controllare",)
        decisions.check_flow(by=User.objects.sistema(), flusso_id=flow.pk, nota="di nuovo")
    assert told(DAY) == before == ("15.03.2022",)
    assert told("2022-04-20") == ("20.04.2022",)


def test_a_decision_on_a_payment_since_then_leaves_the_states_out():
    row = payment(comune_istat=LODI)
    flow = checked(row)
    assert "certificabile" in figures(documento())
    decisions.decide(  # recorded with the clock of the database, which does not travel
        by=User.objects.sistema(), flusso_id=flow.pk, id_pagamento=row["id_pagamento"],
        stato="sospeso", motivo="prova",
    )  # fmt: skip
    assert "certificabile" not in figures(documento())


def test_a_batch_is_of_the_day_of_its_application(worked):
    before, then = documento("2022-02-09"), documento("2022-02-10")
    assert tabella(before, "lotti").righe == tabella(before, "lotti_azioni").righe == ()
    assert figures(before)["certificata"] == Decimal(0)
    assert before.capitoli[4].testi == ()
    cell = tabella(before, "capienza").righe[0].celle[2]
    assert (cell.valore, cell.cifra) == (Decimal(0), "")
    assert len(tabella(then, "lotti").righe) == 2
    assert figures(then)["certificata"] > 0


def test_what_is_verified_later_is_left_out_and_told():
    checked(*(payment(comune_istat=LODI, importo="100,00") for _ in range(3)))
    sample = drawn("semplice", 2)
    first, second = sample.elementi.all()
    verified(first, "irregolare", importo_irregolare=Decimal("12.50"))
    assert tabella(documento("2022-03-14"), "campioni").righe == ()
    with time_machine.travel(LATER):
        verified(second)
    found = documento()
    assert value(found, "campioni", str(sample.pk), "estratto") == Decimal("200.00")
    results = ("conclusi", "irregolare", "tasso", "errore", "tasso_proiettato")
    assert {value(found, "campioni", str(sample.pk), name) for name in results} == {None}
    assert value(found, "esiti", "totale", "numero") == 1
    assert (
        found.capitoli[5]
        .testi[0]
        .startswith("Verifiche registrate o modificate dopo il 31.03.2022: 1.")
    )
    assert value(documento("2022-04-20"), "campioni", str(sample.pk), "conclusi") == 2


def test_before_everything_there_is_nothing_and_it_says_so(worked):
    found = documento("2015-01-01")
    assert found.vuoto
    payments, cap = found.capitoli[0].testi
    assert payments.startswith("Nessun flusso acquisito ha pagamenti INPS entro il 01.01.2015:")
    assert cap == "Il massimale al 01.01.2015 non è noto."


def test_examples_of_later_days_make_no_example_of_the_report(settings):
    settings.DEMO = True
    in_pool(payment(importo="5,00"), example=True)
    assert not documento("2015-01-01").esempio


def test_payments_by_month_provincia_and_azione(worked):
    found = documento()
    assert rows(found, "mesi", "mese", "comuni", "altri", "ore") == [
        ("marzo 2020", "250,01\u00a0€", "7,77\u00a0€", "15,00"),
        ("aprile 2020", "0,00\u00a0€", "0,00\u00a0€", "0,00"),
        ("maggio 2020", "0,00\u00a0€", "300,00\u00a0€", "20,50"),
    ]
    assert value(found, "province", "MI", "comuni") == Decimal("250.01")
    assert value(found, "province", "LO", "altri") == Decimal("307.77")
    assert value(found, "province", "totale", "pagamenti") == Decimal("557.78")


def test_a_flow_is_told_with_its_note_its_days_and_its_digest():
    note = Note(protocollo="INPS.123", protocollo_data=date(2020, 6, 3))
    flow = acquired([payment(importo="12,00")], name="giugno.csv", note=note)
    found = documento()
    assert rows(found, "flussi", "flusso", "protocollo", "controllo", "accettate", "pagamenti") == [
        (f"n. {flow.pk}", "INPS.123 del 03.06.2020", "da controllare", "1", "12,00\u00a0€")
    ]
    assert value(found, "flussi", str(flow.pk), "acquisito") == flow.fonte.data
    assert rows(found, "impronte", "file", "sha256") == [("giugno.csv", flow.sha256)]
    assert found.fonti[0] == f"Pagamenti INPS della CIGD: flussi acquisiti n. {flow.pk}"


def test_a_flow_that_was_cancelled_is_not_told():
    flow = acquired([payment(importo="12,00")])
    other = acquired([payment(importo="5,00")])
    services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")
    assert [row.chiave for row in tabella(documento(), "flussi").righe] == [
        str(other.pk),
        "totale",
    ]


def test_the_pool_and_what_is_certified(worked):
    flow, batch = worked
    found = documento()
    assert batch.stato == Lotto.Stato.CERTIFICATO
    assert figures(found)["certificata"] == value(found, "lotti", "totale", "importo")
    assert value(found, "lotti", str(batch.pk), "recupero") == Decimal("-50.00")
    assert value(found, "lotti", str(batch.pk), "quota_ue") * 2 == figures(found)["certificata"]
    assert value(found, "lotti_azioni", f"{batch.pk}/8.6.1", "massimale") == Decimal("250.00")
    assert value(found, "stati", "da verificare", "importo_981") == Decimal("7.77")
    assert value(found, "capienza", "8.6.1", "certificabile") == Decimal("100.01")
    assert value(found, "pool_flussi", str(flow.pk), "certificabile") == Decimal("100.01")
    assert found.capitoli[4].testi == (
        "Un lotto è in preparazione o in attesa di decisione: non è compreso.",
    )


def test_moves_are_told_with_their_act(worked):
    move = moves.decide(by=make_user("gestore"), atto=ACT, motivo="Impresa Rossi")
    moves.carry_out(move.pk)
    move.refresh_from_db()
    found = documento()
    assert rows(found, "spostamenti", "atto", "pagamenti", "importo") == [
        (str(move.atto), str(move.pagamenti), "100,01\u00a0€")
    ]
    assert Spostamento.objects.count() == 1
    assert "Impresa Rossi" not in encode(found, Frontespizio())
    assert tabella(documento("2022-03-14"), "spostamenti").righe == ()


def test_a_move_carried_out_later_was_under_way(worked):
    move = moves.decide(by=make_user("gestore"), atto=ACT, motivo="Impresa Rossi")
    with time_machine.travel(LATER):
        moves.carry_out(move.pk)
    assert rows(documento(), "spostamenti", "eseguito", "pagamenti", "importo") == [
        ("in corso", "n.d.", "n.d.")
    ]


def test_samples_outcomes_and_cuts():
    checked(*(payment(comune_istat=LODI, importo="100,00") for _ in range(3)))
    sample = drawn("semplice", 2)
    first, second = sample.elementi.all()
    verified(first, "irregolare", importo_irregolare=Decimal("12.50"))
    verified(second)
    found = documento()
    told = ("popolazione", "elementi", "conclusi", "irregolare", "tasso", "errore")
    assert [value(found, "campioni", str(sample.pk), name) for name in told] == [
        *(Decimal("300.00"), 2, 2, Decimal("12.50"), Decimal("6.25"), Decimal("18.75"))
    ]
    assert rows(found, "esiti", "tipo", "esito", "numero", "irregolare") == [
        ("verifica desk", "irregolare", "1", "12,50\u00a0€"),
        ("verifica desk", "regolare", "1", "0,00\u00a0€"),
    ]
    totals = ("numero", "irregolare", "tagliato")
    assert [value(found, "esiti", "totale", name) for name in totals] == [
        *(2, Decimal("12.50"), Decimal("12.50"))
    ]


def test_nobody_is_named():
    row = payment(denominazione_azienda="Segreta S.r.l.", comune_istat=LODI, importo="100,00")
    checked(row, payment(comune_istat=LODI))
    sample = drawn("semplice", 1)
    verified(sample.elementi.get(), "irregolare", importo_irregolare=Decimal("1.00"),
             descrizione="Segreta S.r.l. non aveva titolo")  # fmt: skip
    text = encode(documento(), Frontespizio())
    for word in ("Segreta", row["codice_fiscale"], row["matricola_inps"], row["id_pagamento"]):
        assert word not in text


def test_without_flows_payments_are_not_known_and_caps_are():
    found = documento()
    assert figures(found)["pagamenti"] is None
    assert figures(found)["massimale"] == Decimal("168500000.00")
    assert tabella(found, "mesi").righe == tabella(found, "province").righe == ()
    assert found.capitoli[0].testi[0].startswith("Nessun flusso acquisito ha pagamenti INPS")
    assert figures(found)["certificata"] is None
    assert value(found, "capienza", "8.6.1", "certificata") is None
    assert value(found, "massimali", tabella(found, "massimali").righe[-1].chiave, "totale") == (
        Decimal("168500000.00")
    )


def test_examples_are_told_apart_from_the_caps_that_are_published(settings):
    settings.DEMO = True
    in_pool(payment(importo="5,00"), example=True)
    found = documento()
    assert found.esempio
    shown = {table.nome: table.esempio for table in found.tabelle if table.righe}
    assert [name for name, example in shown.items() if not example] == [
        "azioni", "massimali", "capienza",
    ]  # fmt: skip
    assert tabella(found, "azioni").titolo.endswith("(pagamenti di esempio)")
    cells = tabella(found, "azioni").righe[0].celle
    assert [cell.nota for cell in cells[1:4]] == ["", "esempio", "esempio"]
    assert {cell.nota for row in tabella(found, "mesi").righe for cell in row.celle} == {""}
    marks = {item.nome: item.esempio for item in found.capitoli[0].indicatori}
    assert (marks["massimale"], marks["pagamenti"]) == (False, True)


@pytest.mark.parametrize("number", [1, 3])
def test_it_asks_the_same_few_queries_whatever_there_is(django_assert_num_queries, number):
    rate()
    for place in range(number):
        checked(*(payment(comune_istat=LODI, importo="100,00") for _ in range(2)))
        verified(drawn("semplice", 1, seme=f"s{place}").elementi.get())
        certified(f"DP{place}")
    with time_machine.travel(LATER):
        asked = REPORT.leggi(DAY)
        with django_assert_num_queries(39):
            found = REPORT.documento(asked)
    assert len(rows(found, "lotti", "lotto")) == len(rows(found, "flussi", "flusso")) == number


def test_the_sums_add_up_and_the_document_comes_back_from_its_text(worked):
    found = documento()
    assert list(somme(found)) == []
    assert decode(encode(found, Frontespizio()))[0] == found
    for table in found.tabelle:
        keys = [row.chiave for row in table.righe]
        assert len(keys) == len(set(keys)), table.nome
        assert table.fonte


def test_it_is_of_the_region_alone():
    assert not REPORT.provinciale
    assert REPORT.sorgenti == (SOURCE,)
    assert REPORT.readable_by(make_user("certificatore"))
    assert REPORT.readable_by(make_nucleo("BG"))
    assert not REPORT.readable_by(make_user("amministratore"))
