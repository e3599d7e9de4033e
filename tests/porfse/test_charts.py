import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils.html import json_script

from porfse import charts
from porfse.charts import Colour, Voce
from porfse.staticfiles import package_path

STATIC = Path(__file__).resolve().parents[2] / "static"
IMPEGNI = Voce("impegni", "Impegni", Colour.BLUE)
PAGAMENTI = Voce("pagamenti", "Pagamenti", Colour.TEAL)
ROWS = [
    {"asse": "Asse I", "impegni": Decimal(190920000), "pagamenti": Decimal("166650000.125")},
    {"asse": "Asse II", "impegni": Decimal("184312574.33"), "pagamenti": None},
]


def grouped():
    return charts.grouped_bars(
        ROWS, category="asse", voci=[IMPEGNI, PAGAMENTI], measure=charts.MLN_EURO
    )


def test_grouped_bars_have_a_bar_for_each_voce_in_its_colour():
    first, second = grouped()["data"]
    assert first == {
        "type": "bar",
        "name": "Impegni",
        "x": ["Asse I", "Asse II"],
        "y": [Decimal("190.92"), Decimal("184.31257433")],
        "customdata": ["190,92\u00a0Mln€", "184,31\u00a0Mln€"],
        "hovertemplate": "%{x}<br><b>%{customdata}</b><extra>%{fullData.name}</extra>",
        "marker": {"color": "#0059b3"},
    }
    assert second["marker"] == {"color": "#00806b"}


def test_the_last_name_along_the_bars_has_room():
    assert grouped()["layout"]["xaxis"]["automargin"] is True


def test_a_blank_is_a_gap_and_never_zero():
    second = grouped()["data"][1]
    assert second["y"] == [Decimal("166.650000125"), None]
    assert second["customdata"] == ["166,65\u00a0Mln€", "n.d."]


def test_layout_writes_numbers_as_italians_do():
    layout = grouped()["layout"]
    assert layout["separators"] == ",."
    assert layout["barmode"] == "group"
    assert layout["yaxis"]["ticksuffix"] == "\u00a0Mln€"


def test_the_description_says_every_value():
    assert grouped()["descrizione"] == (
        "Impegni: Asse I 190,92\u00a0Mln€, Asse II 184,31\u00a0Mln€. "
        "Pagamenti: Asse I 166,65\u00a0Mln€, Asse II n.d."
    )


def test_amounts_reach_the_browser_whole():
    script = json_script(grouped(), "figura")
    figure = json.loads(re.search(r">(.*)<", script, re.DOTALL)[1])
    assert figure["data"][0]["y"] == ["190.92", "184.31257433"]
    assert figure["data"][1]["y"] == ["166.650000125", None]


def test_target_bars_lie_with_a_mark_at_each_target():
    rows = [{"nome": "Partecipanti", "valore": Decimal("112.1"), "target": Decimal(100)}]
    figure = charts.target_bars(
        rows,
        category="nome",
        voce=Voce("valore", "Raggiunto", Colour.BLUE),
        target=Voce("target", "Target 2023", Colour.RED),
        measure=charts.PERCENTO,
    )
    bar, mark = figure["data"]
    assert (bar["type"], bar["orientation"]) == ("bar", "h")
    assert (bar["x"], bar["y"]) == ([Decimal("112.1")], ["Partecipanti"])
    assert (mark["mode"], mark["x"], mark["y"]) == ("markers", [Decimal(100)], ["Partecipanti"])
    assert bar["hovertemplate"].startswith("%{y}")
    assert figure["layout"]["height"] == 150
    assert (
        figure["descrizione"] == "Raggiunto: Partecipanti 112,1%. Target 2023: Partecipanti 100,0%."
    )


def monthly(count):
    return [
        {"mese": date(2020 + index // 12, index % 12 + 1, 1), "impegni": Decimal(index * 100)}
        for index in range(count)
    ]


def test_lines_tell_series_apart_without_colour():
    rows = [{**row, "pagamenti": None} for row in monthly(2)]
    figure = charts.lines(rows, day="mese", voci=[IMPEGNI, PAGAMENTI], measure=charts.NUMERO)
    assert [trace["marker"]["symbol"] for trace in figure["data"]] == ["circle", "square"]
    assert figure["data"][0]["x"] == [date(2020, 1, 1), date(2020, 2, 1)]
    assert figure["layout"]["xaxis"]["type"] == "date"


def test_a_long_series_is_described_by_its_ends_and_its_peak():
    rows = [*monthly(13), {"mese": date(2021, 2, 1), "impegni": None}]
    rows[5]["impegni"] = Decimal(9000)
    figure = charts.lines(rows, day="mese", voci=[IMPEGNI], measure=charts.NUMERO)
    assert figure["descrizione"] == (
        "Impegni: da 01.01.2020 0 a 01.01.2021 1.200; massimo 01.06.2020 9.000."
    )


def test_a_long_series_without_values_is_described_as_unknown():
    rows = [{**row, "impegni": None} for row in monthly(13)]
    figure = charts.lines(rows, day="mese", voci=[IMPEGNI], measure=charts.NUMERO)
    assert figure["descrizione"] == "Impegni: n.d."


def test_a_chart_of_no_rows_is_empty():
    figure = charts.grouped_bars([], category="asse", voci=[IMPEGNI], measure=charts.EURO)
    assert figure["data"][0]["y"] == []
    assert figure["descrizione"] == "Impegni: n.d."


def luminance(colour):
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", Colour)
def test_every_colour_stands_out_on_white(colour):
    # WCAG 2.1, 1.4.11: 3:1 for graphics
    assert 1.05 / (luminance(colour) + 0.05) >= 3


def test_the_rules_of_plotly_are_those_of_the_installed_version():
    library = package_path("plotly/plotly.min.js").read_text(encoding="utf-8")
    version = re.search(r"plotly\.js v([\d.]+)", library[:500])[1]
    rules = (STATIC / "plotly" / "plotly.css").read_text(encoding="utf-8")
    assert rules.startswith(f"/* Rules of plotly.js v{version},"), (
        "run python -m tests.browser.plotly_css"
    )
    # Each style that the library would write is stopped by an element that our script makes.
    guards = re.findall(r'getElementById\("(\w{64})"\)', library)
    ours = (STATIC / "porfse.js").read_text(encoding="utf-8")
    assert guards
    assert [guard for guard in guards if guard not in ours] == []
