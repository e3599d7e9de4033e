"""What is checked of a draft: each check alone, and all of a report together."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from crisi.models import MonitoraggioTrimestrale
from porfse.models import Flow, Provincia, User
from porfse.periods import Periodo
from reports import models
from reports.documento import Avviso, Capitolo, Cella, Colonna, Documento, Forma, Riga, Tabella
from reports.parametri import Parametri
from reports.report import Controllo
from reports.verifiche import CONTROLLI, avvisi, da_decidere
from reports.verifiche.fonti import flussi, trimestri
from reports.verifiche.registro import igrue
from reports.verifiche.somme import somme
from reports.verifiche.testi import non_approvati
from tests.factories.crisi import make_monitoraggio
from tests.factories.flows import acquired, payment, received, validated
from tests.factories.programme import make_initiative, make_movement

T3 = Periodo.parse("2025-T3")
SENT = {"trasmesso_il": timezone.make_aware(timezone.datetime(2025, 10, 20))}


# --- Sums ---------------------------------------------------------------------------------------
def table(
    total: object, *values: object, forma: Forma = Forma.NUMERO, gruppo: str = "", more: int = 0
) -> Documento:
    """A document with one column of figures, and its row of totals."""
    columns = (Colonna("nome", "Nome"), Colonna("x", "Quanti", forma, gruppo, somma=True))
    cells = [each if isinstance(each, Cella) else Cella(each) for each in (*values, total)]
    rows = tuple(
        Riga(str(place), (Cella("x"), cell), totale=place >= len(values) - more)
        for place, cell in enumerate(cells)
    )
    tabella = Tabella("prova", "Tabella di prova", columns, rows, "F")
    return Documento(
        "x", "X", "2025", "anno 2025", date(2025, 12, 31), (Capitolo("C", tabelle=(tabella,)),)
    )


def codes(found) -> list[str]:
    return [each.codice for each in found]


@pytest.mark.parametrize(
    "made",
    [
        table(19, 12, 7),
        table(0, 0, 0),
        table(19, 12, 7, None),  # the rows that are known make it up
        table(None, 12, 7),
        table(None, None, 7),
        table(Cella(soppressa=True), 12, 7),
        table(20, 12, Cella(soppressa=True)),
        table(Decimal("100.50"), Decimal("60.25"), Decimal("40.25"), forma=Forma.EURO),
        table(Decimal("33.33"), Decimal("33.334"), forma=Forma.EURO),  # the same to the cent
        table(Decimal(-5), Decimal(3), Decimal(-8), forma=Forma.EURO),
        table(99, 12, 7, 8, more=1),  # several rows of totals: which adds up what is not said
    ],
)
def test_a_total_that_adds_up_or_claims_nothing_is_in_order(made):
    assert list(somme(made)) == []


def test_a_total_that_does_not_add_up_is_an_error_with_its_gap():
    assert list(somme(table(20, 12, 7, gruppo="CIGS"))) == [
        Avviso(
            "R101",
            "errore",
            "«CIGS, Quanti»: il totale è 20, la somma delle righe 19: non quadra, la differenza"
            " è 1.",
            "Tabella di prova",
        )
    ]
    (cent,) = somme(table(Decimal("100.51"), Decimal("100.50"), forma=Forma.EURO))
    assert cent.testo.endswith("la differenza è 0,01\u00a0€.")
    (alone,) = somme(table(3))  # a total of no rows
    assert alone.codice == "R101"


def test_a_total_of_rows_that_are_not_known_cannot_be_checked():
    assert list(somme(table(20, 12, None, None))) == [
        Avviso(
            "R102",
            "nota",
            "«Quanti»: il totale è 20, la somma delle righe 12: non si può verificare, perché 2"
            " righe non sono note.",
            "Tabella di prova",
        )
    ]
    euro = table(Decimal(5), Decimal(9), None, forma=Forma.EURO)
    assert codes(somme(euro)) == ["R102"]  # what is not known may be negative


def test_counts_never_make_less_than_those_that_are_known():
    assert codes(somme(table(20, 21, None))) == ["R101"]
    assert codes(somme(table(20, 21, Cella(soppressa=True)))) == ["R101"]


def test_a_column_that_is_no_sum_is_not_added_up():
    plain = table(20, 12, 7)
    (chapter,) = plain.capitoli
    (only,) = chapter.tabelle
    columns = (only.colonne[0], Colonna("x", "Quanti", Forma.NUMERO))
    made = Tabella(only.nome, only.titolo, columns, only.righe, only.fonte)
    loose = Documento(
        "x", "X", "2025", "anno 2025", plain.al, (Capitolo("C", tabelle=(made, only)),)
    )
    assert codes(somme(loose)) == ["R101"]


# --- Ledger -------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_broken_rule_of_the_ledger_is_told_with_place_and_amount():
    initiative = make_initiative()
    make_movement("programmate", iniziativa=initiative, importo=Decimal("100.00"))
    before = {*igrue(date(2022, 1, 31))}
    make_movement("impegnate", iniziativa=initiative, importo=Decimal("150.00"))
    made = {*igrue(date(2022, 1, 31))} - before
    assert (
        Avviso(
            "W201",
            "attenzione",
            "Gli impegni superano le risorse programmate: 50,00\u00a0€.",
            str(initiative),
        )
        in made
    )
    assert {*igrue(date(2022, 1, 14))}.isdisjoint(made)  # the day before it was not so


# --- Quarters -----------------------------------------------------------------------------------
@pytest.fixture
def november(time_machine):
    time_machine.move_to("2025-11-10T10:00+01:00", tick=False)


def quarters(periodo: str | date, provincia: str = "") -> list[tuple[str, str, str]]:
    asked = periodo if isinstance(periodo, date) else Periodo.parse(periodo)
    found = list(trimestri(Parametri(asked, provincia)))
    assert {each.gravita for each in found} <= {"attenzione"}
    return [(each.codice, each.dove, each.testo) for each in found]


@pytest.mark.django_db
@pytest.mark.usefixtures("november")
@pytest.mark.parametrize(
    ("stato", "fields", "code", "words"),
    [
        ("aperto", {}, "R112", "non è trasmesso ed è in ritardo: scadeva il 31.10.2025"),
        ("compilato", {}, "R112", "non è trasmesso ed è in ritardo: scadeva il 31.10.2025"),
        (
            "compilato",
            {"entro": date(2025, 11, 10)},
            "R113",
            "non è ancora trasmesso: scade il 10.11.2025",
        ),
        ("restituito", SENT, "R114", "è stato restituito con richiesta di integrazioni"),
        ("trasmesso", SENT, "R115", "è trasmesso, ma non ancora validato"),
    ],
)
def test_a_quarter_that_is_not_approved_is_told(stato, fields, code, words):
    make_monitoraggio("BG", stato=stato, **fields)
    assert quarters("2025-T3", "BG") == [
        (code, "Bergamo", f"3° trimestre 2025: il monitoraggio {words}.")
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("november")
def test_an_approved_quarter_is_in_order_unless_it_is_open_again():
    made = make_monitoraggio("BG", stato="validato", **SENT)
    assert quarters("2025-T3", "BG") == []
    made.riaperto_fino_al = date(2025, 11, 10)
    made.save()
    assert quarters("2025-T3", "BG") == [
        (
            "R116",
            "Bergamo",
            "3° trimestre 2025: il monitoraggio validato è riaperto fino al 10.11.2025.",
        )
    ]
    made.riaperto_fino_al = date(2025, 11, 9)
    made.save()
    assert quarters("2025-T3", "BG") == []


@pytest.mark.django_db
@pytest.mark.usefixtures("november")
def test_nuclei_in_one_state_are_told_together():
    for sigla in Provincia.objects.exclude(pk="SO").values_list("pk", flat=True):
        stato = "trasmesso" if sigla in ("BG", "BS") else "validato"
        make_monitoraggio(sigla, stato=stato, **SENT)
    assert [(code, where) for code, where, _ in quarters("2025-T3")] == [
        ("R111", "Sondrio"),
        ("R115", "Bergamo, Brescia"),
    ]
    MonitoraggioTrimestrale.objects.all().delete()
    assert quarters("2025-T3") == [
        (
            "R111",
            "Tutti i Nuclei",
            "3° trimestre 2025: il monitoraggio non è stato aperto.",
        )
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("november")
@pytest.mark.parametrize(
    ("periodo", "expected"),
    [
        ("2025-T3", ["3° trimestre 2025"]),
        ("2024", [f"{number}° trimestre 2024" for number in (1, 2, 3, 4)]),
        ("2025-B2", ["1° trimestre 2025"]),  # it ends within the two months
        ("2025-B1", []),
        (date(2025, 9, 30), ["3° trimestre 2025"]),
        (date(2025, 9, 29), ["2° trimestre 2025"]),
        (date(2025, 10, 1), ["3° trimestre 2025"]),
    ],
)
def test_the_quarters_are_those_that_end_in_the_period(periodo, expected):
    assert [text.partition(":")[0] for *_, text in quarters(periodo, "BG")] == expected


# --- Flows --------------------------------------------------------------------------------------
def rows() -> list[dict[str, str]]:
    return [payment()]


def waiting(provincia: str = "", *, esempi: bool = False) -> list[tuple[str, str]]:
    found = list(flussi(("inps-cigd",), provincia, esempi=esempi))
    assert all(each.dove == "Pagamenti INPS della CIGD" for each in found) or not found
    return [(each.codice, each.testo) for each in found]


@pytest.mark.django_db
def test_flows_that_wait_or_are_in_progress_are_told():
    acquired(rows())
    assert waiting() == []
    one, two, busy = received(rows()), validated(rows()), received(rows())
    Flow.objects.filter(pk=busy.pk).update(stato=Flow.Stato.IN_VALIDAZIONE)
    keys = f"{one.pk}, {two.pk}"
    assert waiting() == [
        ("R121", f"I flussi n. {keys} attendono una decisione: non sono nei dati del report."),
        ("R122", f"Il flusso n. {busy.pk} è in lavorazione: non è nei dati del report."),
    ]
    assert list(flussi(("vertenze",), "", esempi=False)) == []
    assert list(flussi((), "", esempi=True)) == []


@pytest.mark.django_db
def test_an_example_flow_matters_to_a_report_of_examples_alone():
    made = received(rows(), example=True)
    assert waiting() == []
    assert [code for code, _ in waiting(esempi=True)] == ["R121"]
    assert str(made.pk) in waiting(esempi=True)[0][1]


@pytest.mark.django_db
def test_a_provincial_report_does_not_tell_of_the_files_of_another_nucleo():
    whole, own, other = (received(rows()) for _ in range(3))
    for flow, sigla in ((own, "BG"), (other, "LO")):
        Flow.objects.filter(pk=flow.pk).update(provincia=sigla)
    ((_, text),) = waiting("BG")
    assert text.startswith(f"I flussi n. {whole.pk}, {own.pk} attendono")


# --- Texts --------------------------------------------------------------------------------------
def write(capitolo: str, stato: str, testo: str = "Testo.", **fields: object) -> None:
    by = User.objects.sistema()
    review = {"rivisto_da": by, "rivisto_il": timezone.now()} if stato == "approvato" else {}
    values = {"report": "prova", "periodo": "2025-B5", "scritto_da": by}
    models.Testo.objects.create(
        **values | review | fields,
        capitolo=capitolo,
        stato=stato,
        testo=testo,
        scritto_il=timezone.now(),
    )


@pytest.mark.django_db
def test_chapters_that_are_not_written_or_not_approved_are_told(prova, monkeypatch):
    titles = {"a": "Primo", "b": "Secondo", "c": "Terzo", "d": "Quarto", "e": "Quinto"}
    monkeypatch.setattr(type(prova), "testi", titles)
    write("a", "approvato")
    write("b", "bozza")
    write("c", "da_rivedere")
    write("d", "approvato", "  \n")
    write("e", "approvato", periodo="2025-B4")
    assert [(each.codice, each.dove, each.testo) for each in non_approvati(prova, "2025-B5")] == [
        ("R132", "Secondo", "Il testo non è approvato: è «bozza»."),
        ("R132", "Terzo", "Il testo non è approvato: è «da rivedere»."),
        ("R131", "Quarto", "Il testo non è stato scritto."),
        ("R131", "Quinto", "Il testo non è stato scritto."),
    ]


# --- All together -------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_report_has_the_checks_that_it_declares_the_gravest_first(prova, monkeypatch):
    asked = prova.leggi("2025-B5", "BG")
    monkeypatch.setattr(type(prova), "testi", {"a": "Primo"})
    wrong = table(20, 12, 7)
    assert codes(avvisi(prova, asked, wrong)) == ["R101"]
    monkeypatch.setattr(
        type(prova), "controlli", (Controllo.TESTI, Controllo.TRIMESTRI, Controllo.SOMME)
    )
    assert codes(avvisi(prova, asked, wrong)) == ["R101", "R111", "R131"]
    unknown = table(20, 12, None)
    assert codes(avvisi(prova, asked, unknown)) == ["R111", "R131", "R102"]
    assert codes(da_decidere(avvisi(prova, asked, unknown))) == ["R111", "R131"]
    monkeypatch.setattr(type(prova), "controlli", ())
    assert avvisi(prova, asked, wrong) == ()


def test_every_check_that_a_report_may_name_is_made():
    named = {value for name, value in vars(Controllo).items() if name.isupper()}
    assert set(CONTROLLI) == named
