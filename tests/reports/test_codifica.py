from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from porfse.charts import Colour
from reports.codifica import decode, encode, sha256
from reports.documento import (
    Avviso,
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Frontespizio,
    Grafico,
    Indicatore,
    Riga,
    Serie,
    Stato,
    Tabella,
)


def documento() -> Documento:
    colonne = (
        Colonna("nome", "Nome"),
        Colonna("importo", "Importo", Forma.EURO, gruppo="Spesa", somma=True),
    )
    righe = (
        Riga("a", (Cella("«A» & <b>"), Cella(Decimal("0.10"), nota="derivata", cifra="x(al=1)"))),
        Riga("b", (Cella("B"), Cella(None, nota="non pubblicata"))),
        Riga("c", (Cella("C"), Cella(soppressa=True))),
        Riga("tot", (Cella("Totale"), Cella(7)), totale=True),
    )
    grafico = Grafico("Spesa", "nome", (Serie("importo", Colour.BLUE),), Grafico.Tipo.SDRAIATE)
    tabella = Tabella("spesa", "Spesa", colonne, righe, "fonte", ("nota",), grafico)
    voce = Indicatore("giorno", "Giorno", Cella(date(2021, 9, 30)), Forma.DATA)
    return Documento(
        "prova", "Prova", "2025", "anno 2025", date(2025, 12, 31),
        (Capitolo("Uno", ("testo 😀",), (voce,), (tabella,)),),
    )  # fmt: skip


FRONTE = Frontespizio(
    Stato.CONSOLIDATO,
    "12/2026",
    2,
    datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    "Maria Rossi",
    avvisi=(Avviso("W201", "attenzione", "testo"),),
)


def test_a_document_comes_back_from_its_text_as_it_was():
    assert decode(encode(documento(), FRONTE)) == (documento(), FRONTE)


def test_a_text_that_was_read_is_written_the_same():
    text = encode(documento(), FRONTE)
    assert encode(*decode(text)) == text


def test_amounts_are_written_as_exact_text():
    assert '"decimale":"0.10"' in encode(documento(), FRONTE)


def test_a_whole_number_stays_one():
    table = next(decode(encode(documento(), FRONTE))[0].tabelle)
    assert type(table.righe[3].celle[1].valore) is int


def test_of_how_many_sites_a_number_is_is_kept_and_older_texts_do_without():
    table = next(documento().tabelle)
    row = replace(table.righe[3], celle=(Cella("Totale"), Cella(7, dichiaranti=3)))
    chapter = replace(documento().capitoli[0], tabelle=(replace(table, righe=(row,)),))
    found = replace(documento(), capitoli=(chapter,))
    text = encode(found, FRONTE)
    assert decode(text) == (found, FRONTE)
    assert "dichiaranti" not in encode(documento(), FRONTE)
    (older,) = decode(text.replace(',"dichiaranti":3', ""))[0].tabelle
    assert older.righe[0].celle[1] == Cella(7)


def test_another_version_is_refused():
    text = encode(documento(), FRONTE).replace('"versione":1', '"versione":99')
    with pytest.raises(ValueError, match="versione 99"):
        decode(text)


def test_the_digest_is_of_the_bytes():
    assert sha256("è") == sha256("è".encode())


@pytest.mark.parametrize(
    ("forma", "valore", "shown"),
    [
        (Forma.EURO, Decimal("1234.505"), "1.234,51\u00a0€"),
        (Forma.PERCENTO, Decimal("12.45"), "12,5%"),
        (Forma.NUMERO, 1234, "1.234"),
        (Forma.NUMERO, None, "n.d."),
        (Forma.TESTO, None, ""),
        (Forma.TESTO, "n", "n"),
        (Forma.DATA, date(2021, 9, 30), "30.09.2021"),
        (Forma.ORE, Decimal("1.5"), "1,50"),
    ],
)
def test_values_are_shown_as_people_read_them(forma, valore, shown):
    assert Cella(valore).show(forma) == shown


def test_a_hidden_cell_shows_neither_value_nor_note():
    assert Cella(None, nota="esempio", soppressa=True).show(Forma.NUMERO) == "*"


def test_a_document_of_empty_tables_is_empty():
    assert not documento().vuoto
    assert Documento("p", "P", "2025", "anno", date(2025, 1, 1), (Capitolo("Uno"),)).vuoto
