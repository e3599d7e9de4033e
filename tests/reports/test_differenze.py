"""What changed between two documents: every cell, and nothing that did not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from reports.differenze import ABSENT, Differenza, differenze
from reports.documento import (
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Indicatore,
    Riga,
    Tabella,
)

COMUNE = Colonna("comune", "Comune")
LAVORATORI = Colonna("lavoratori", "Lavoratori", Forma.NUMERO, "CIGS", somma=True)
IMPORTO = Colonna("importo", "Importo", Forma.EURO)
FINE = Colonna("fine", "Fine", Forma.DATA)
COLONNE = (COMUNE, LAVORATORI, IMPORTO, FINE)
PLACE = ("comuni", "Per comune")


def row(key: str, *values: object, totale: bool = False) -> Riga:
    cells = (each if isinstance(each, Cella) else Cella(each) for each in values)
    return Riga(key, tuple(cells), totale)


BERGAMO = row("bg", "Bergamo", 12, Decimal("100.50"), date(2025, 12, 31))
TREVIGLIO = row("tr", "Treviglio", None, Decimal("20.00"), None)
TABELLA = Tabella("comuni", "Per comune", COLONNE, (BERGAMO, TREVIGLIO), "Fonte 1")
VOCE = Indicatore("totale", "Lavoratori", Cella(12), Forma.NUMERO, "di due comuni")


def document(*tables: Tabella, testi=("Primo.", "Secondo."), voci=(VOCE,), **fields) -> Documento:
    chapter = Capitolo("Quadro", testi, voci, tables or (TABELLA,))
    values = {
        "slug": "prova",
        "titolo": "Prova",
        "periodo": "2025-B5",
        "periodo_nome": "settembre-ottobre 2025",
        "al": date(2025, 10, 31),
        "fonti": ("F1", "F2"),
        "avvertenze": ("A1",),
    }
    return Documento(**{"capitoli": (chapter,)} | values | fields)


def changed(*rows: Riga, **fields: object) -> list[Differenza]:
    """What differs if the table has these rows."""
    return differenze(document(), document(replace(TABELLA, **{"righe": rows} | fields)))


def test_the_same_document_has_no_difference():
    assert differenze(document(), document()) == []


def test_a_number_that_changed_is_told_with_its_exact_difference():
    now = row("bg", "Bergamo", 15, Decimal("99.25"), date(2025, 12, 31))
    assert changed(now, TREVIGLIO) == [
        Differenza(*PLACE, "Bergamo", "CIGS: Lavoratori", "12", "15", Decimal(3), Forma.NUMERO),
        Differenza(
            *PLACE,
            "Bergamo",
            "Importo",
            "100,50\u00a0€",
            "99,25\u00a0€",
            Decimal("-1.25"),
            Forma.EURO,
        ),
    ]


def test_what_was_not_known_has_no_numeric_difference():
    now = row("tr", "Treviglio", 0, None, date(2026, 1, 31))
    assert changed(BERGAMO, now) == [
        Differenza(*PLACE, "Treviglio", "CIGS: Lavoratori", "n.d.", "0", forma=Forma.NUMERO),
        Differenza(*PLACE, "Treviglio", "Importo", "20,00\u00a0€", "n.d.", forma=Forma.EURO),
        Differenza(*PLACE, "Treviglio", "Fine", "n.d.", "31.01.2026", forma=Forma.DATA),
    ]


def test_values_that_look_alike_rounded_still_differ():
    share = Colonna("quota", "Quota", Forma.PERCENTO)
    tables = [
        Tabella("quote", "Quote", (share,), (row("x", Decimal(value)),), "F")
        for value in ("12.31", "12.34")
    ]
    (found,) = differenze(*map(document, tables))
    assert (found.prima, found.dopo, found.variazione) == ("12,3%", "12,3%", Decimal("0.03"))


def test_a_note_or_a_hidden_cell_is_a_difference():
    noted = row("bg", "Bergamo", Cella(12, nota="derivata"), *BERGAMO.celle[2:])
    hidden = row("bg", "Bergamo", Cella(soppressa=True), *BERGAMO.celle[2:])
    (one,), (two,) = changed(noted, TREVIGLIO), changed(hidden, TREVIGLIO)
    assert (one.prima, one.dopo, one.variazione) == ("12", "12 (derivata)", Decimal(0))
    assert (two.prima, two.dopo, two.variazione) == ("12", "*", None)


def test_rows_and_columns_are_matched_by_key_and_not_by_place():
    assert changed(TREVIGLIO, BERGAMO) == []
    order = (1, 3, 0, 2)
    moved = [replace(each, celle=tuple(each.celle[i] for i in order)) for each in TABELLA.righe]
    now = replace(TABELLA, colonne=tuple(COLONNE[i] for i in order), righe=tuple(moved))
    assert differenze(document(), document(now)) == []


def test_an_added_row_is_told_with_each_of_its_cells():
    new = row("lo", "Lodi", 3, None, None)
    assert changed(BERGAMO, new, TREVIGLIO) == [
        Differenza(*PLACE, "Lodi", "Riga", ABSENT, "riga aggiunta"),
        Differenza(*PLACE, "Lodi", "Comune", ABSENT, "Lodi"),
        Differenza(*PLACE, "Lodi", "CIGS: Lavoratori", ABSENT, "3", forma=Forma.NUMERO),
        Differenza(*PLACE, "Lodi", "Importo", ABSENT, "n.d.", forma=Forma.EURO),
        Differenza(*PLACE, "Lodi", "Fine", ABSENT, "n.d.", forma=Forma.DATA),
    ]


def test_a_removed_row_is_told_after_those_that_are_there():
    now = row("tr", "Treviglio", 1, *TREVIGLIO.celle[2:])
    found = changed(now)
    assert [(each.riga, each.colonna, each.dopo) for each in found] == [
        ("Treviglio", "CIGS: Lavoratori", "1"),
        ("Bergamo", "Riga", ABSENT),
        ("Bergamo", "Comune", ABSENT),
        ("Bergamo", "CIGS: Lavoratori", ABSENT),
        ("Bergamo", "Importo", ABSENT),
        ("Bergamo", "Fine", ABSENT),
    ]
    assert found[1].prima == "riga tolta"


def test_rows_with_one_key_are_compared_in_turn_and_none_is_lost():
    twice = (BERGAMO, row("bg", "Bergamo", 1, None, None))
    again = (BERGAMO, row("bg", "Bergamo", 2, None, None))
    (found,) = differenze(
        document(replace(TABELLA, righe=twice)), document(replace(TABELLA, righe=again))
    )
    assert (found.prima, found.dopo) == ("1", "2")


def test_columns_come_and_go_with_their_cells():
    kept = tuple(replace(each, celle=each.celle[:3]) for each in TABELLA.righe)
    found = changed(*kept, colonne=COLONNE[:3])
    assert [(each.riga, each.colonna, each.prima, each.dopo) for each in found] == [
        ("", "Colonna", "Fine", ABSENT),
        ("Bergamo", "Fine", "31.12.2025", ABSENT),
        ("Treviglio", "Fine", "n.d.", ABSENT),
    ]
    back = differenze(document(replace(TABELLA, righe=kept, colonne=COLONNE[:3])), document())
    assert [(each.riga, each.prima, each.dopo) for each in back] == [
        ("", ABSENT, "Fine"),
        ("Bergamo", ABSENT, "31.12.2025"),
        ("Treviglio", ABSENT, "n.d."),
    ]


def test_what_is_said_of_a_table_is_compared():
    found = changed(
        *TABELLA.righe, titolo="Per comune e fine", fonte="Fonte 2", note=("Uno", "Due")
    )
    assert [(each.dove, each.colonna, each.prima, each.dopo) for each in found] == [
        ("Per comune e fine", "Titolo", "Per comune", "Per comune e fine"),
        ("Per comune e fine", "Fonte", "Fonte 1", "Fonte 2"),
        ("Per comune e fine", "Note", ABSENT, "Uno\nDue"),
    ]


def test_tables_come_and_go():
    other = replace(TABELLA, nome="altra", titolo="Altra", righe=(BERGAMO,))
    found = differenze(document(TABELLA), document(other))
    assert found == [
        Differenza("altra", "Altra", "", "Tabella", ABSENT, "1 riga"),
        Differenza("comuni", "Per comune", "", "Tabella", "2 righe", ABSENT),
    ]


def test_indicators_are_matched_by_name():
    now = replace(VOCE, etichetta="Lavoratori coinvolti", cella=Cella(10), dettaglio="di uno")
    new = Indicatore("siti", "Siti", Cella(), Forma.NUMERO)
    found = differenze(document(), document(voci=(new, now)))
    where = ("Indicatori", "Indicatori")
    assert found == [
        Differenza(*where, "Siti", "Valore", ABSENT, "n.d.", forma=Forma.NUMERO),
        Differenza(
            *where, "Lavoratori coinvolti", "Etichetta", "Lavoratori", "Lavoratori coinvolti"
        ),
        Differenza(*where, "Lavoratori coinvolti", "Dettaglio", "di due comuni", "di uno"),
        Differenza(*where, "Lavoratori coinvolti", "Valore", "12", "10", Decimal(-2), Forma.NUMERO),
    ]
    (gone,) = differenze(document(), document(voci=()))
    assert (gone.riga, gone.prima, gone.dopo) == ("Lavoratori", "12", ABSENT)


def test_texts_are_compared_paragraph_by_paragraph():
    found = differenze(document(), document(testi=("Primo.", "Altro.", "Terzo.")))
    assert found == [
        Differenza("Testi", "Quadro", "", "Paragrafo 2", "Secondo.", "Altro."),
        Differenza("Testi", "Quadro", "", "Paragrafo 3", ABSENT, "Terzo."),
    ]


def test_sources_warnings_and_names_of_the_document_are_compared():
    now = document(titolo="Prova 2", fonti=("F2", "F3"), avvertenze=(), esempio=True)
    assert [(each.colonna, each.prima, each.dopo) for each in differenze(document(), now)] == [
        ("Titolo", "Prova", "Prova 2"),
        ("Dati di esempio", "no", "sì"),
        ("Fonte", "F1", ABSENT),
        ("Fonte", ABSENT, "F3"),
        ("Avvertenza", "A1", ABSENT),
    ]
