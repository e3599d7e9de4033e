from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from porfse import charts
from porfse.charts import Colour
from reports.builders import grafici
from reports.documento import Cella, Forma, Grafico, Serie
from tests.reports.documenti import ricco, riga

TABLES = {table.nome: table for table in ricco().tabelle}
ATTUAZIONE, SCOSTAMENTI, ANDAMENTO = (
    TABLES[name] for name in ("attuazione", "scostamenti", "andamento")
)


def test_a_chart_draws_the_rows_of_its_table_without_the_totals():
    names = grafici.figura(ATTUAZIONE)["data"][0]["x"]
    assert names == [
        "I – Occupazione",
        "II – Inclusione sociale e lotta alla povertà",
        "V – Assistenza tecnica",
    ]


def test_series_bear_the_words_of_their_column_and_of_the_header_above():
    found = [(voce.nome, voce.colore) for voce in grafici.voci(ATTUAZIONE, ATTUAZIONE.grafico)]
    assert found == [
        ("Dotazione", Colour.GREY),
        ("Impegni – Importo", Colour.BLUE),
        ("Liquidazioni – Importo", Colour.TEAL),
        ("Spesa certificata", Colour.OCHRE),
    ]


def test_amounts_are_in_millions_where_one_reaches_a_million():
    assert grafici.misura(ATTUAZIONE, ATTUAZIONE.grafico) is charts.MLN_EURO
    small = replace(
        ATTUAZIONE,
        righe=(riga("I", "I", *[Decimal("999999.99")] * 2, Decimal(1), *[Decimal(-5)] * 2),),
    )
    assert grafici.misura(small, small.grafico) is charts.EURO


@pytest.mark.parametrize(
    ("forma", "shown"),
    [
        (Forma.NUMERO, "1.234"),
        (Forma.PERCENTO, "1.234,0%"),
        (Forma.ORE, "1.234,00"),
        (Forma.PUNTI, "1.234,0\u00a0punti"),
        (Forma.EURO, "1.234,00\u00a0€"),
    ],
)
def test_values_are_described_as_the_table_shows_them(forma, shown):
    colonne = (SCOSTAMENTI.colonne[0], replace(SCOSTAMENTI.colonne[1], forma=forma))
    table = replace(SCOSTAMENTI, colonne=colonne, righe=(riga("a", "A", Decimal(1234)),))
    assert grafici.figura(table)["descrizione"] == f"Scostamento: A {shown}."


def test_lying_bars_are_turned_over_with_the_first_row_on_top():
    figure = grafici.figura(SCOSTAMENTI)
    (trace,) = figure["data"]
    assert trace["orientation"] == "h"
    assert trace["x"] == [Decimal("12.5"), Decimal("-8.25"), None, Decimal("0.0")]
    assert trace["y"][0] == "Partecipanti inoccupati o disoccupati"
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
    assert figure["layout"]["xaxis"]["type"] == "linear"


def test_lines_stand_over_days():
    figure = grafici.figura(ANDAMENTO)
    assert figure["data"][0]["x"][0] == date(2025, 5, 28)
    assert figure["layout"]["xaxis"]["type"] == "date"


def test_lines_over_what_is_no_day_stand_over_its_words():
    rows = (riga("a", Cella(None), 1, 2), *ANDAMENTO.righe[:1])
    figure = grafici.figura(replace(ANDAMENTO, righe=rows))
    assert figure["layout"]["xaxis"]["type"] == "category"
    assert figure["data"][0]["x"] == ["n.d.", date(2025, 5, 28)]


def test_a_hidden_cell_is_a_gap_and_the_description_says_so():
    rows = (riga("a", "A", Cella(soppressa=True)), riga("b", "B", Decimal(1)))
    figure = grafici.figura(replace(SCOSTAMENTI, righe=rows))
    assert figure["data"][0]["x"] == [None, Decimal(1)]
    assert figure["data"][0]["customdata"] == ["*", "1,0\u00a0punti"]
    assert figure["descrizione"] == (
        "Scostamento: A *, B 1,0\u00a0punti. I valori segnati * nella tabella non sono disegnati."
    )


def test_nothing_known_is_no_chart():
    assert grafici.figura(replace(SCOSTAMENTI, grafico=None)) is None
    assert grafici.figura(replace(SCOSTAMENTI, righe=())) is None
    assert grafici.figura(replace(SCOSTAMENTI, righe=(riga("a", "A", None),))) is None


def test_measures_are_never_mixed():
    chart = replace(
        ATTUAZIONE.grafico,
        serie=(Serie("impegni", Colour.BLUE), Serie("impegni_pct", Colour.RED)),
    )
    with pytest.raises(ValueError, match="«attuazione»: serie di misure diverse"):
        grafici.figura(replace(ATTUAZIONE, grafico=chart))


def test_the_figure_is_not_shared_between_tables():
    first = grafici.figura(SCOSTAMENTI)
    grafici.figura(
        replace(SCOSTAMENTI, grafico=replace(SCOSTAMENTI.grafico, tipo=Grafico.Tipo.BARRE))
    )
    assert grafici.figura(SCOSTAMENTI) == first
