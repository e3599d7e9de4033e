from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from porfse import charts
from porfse.charts import Colour, Voce
from porfse.svg import svg
from porfse.svg.markup import shortened, wide, wrapped
from porfse.svg.scale import scale

SVG = "{http://www.w3.org/2000/svg}"
IMPEGNI = Voce("impegni", "Impegni", Colour.BLUE)
PAGAMENTI = Voce("pagamenti", "Pagamenti", Colour.TEAL)


def drawn(figure, width=480, **more):
    return ET.fromstring(svg(figure, width=width, **more))  # noqa: S314 - our own


def texts(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def bars(root, colour):
    """Left, top, width and height of the bars of a series; the first is that of the legend."""
    found = [rect for rect in root.iter(f"{SVG}rect") if rect.get("fill") == colour]
    return [[Decimal(rect.get(key)) for key in ("x", "y", "width", "height")] for rect in found][1:]


def standing(*values, names=None, measure=charts.NUMERO):
    rows = [
        {"nome": name, "impegni": first, "pagamenti": second}
        for name, (first, second) in zip(names or "ABCDEFGH", values, strict=False)
    ]
    return charts.grouped_bars(rows, category="nome", voci=[IMPEGNI, PAGAMENTI], measure=measure)


def test_bars_are_as_high_as_their_values():
    root = drawn(standing((Decimal(100), Decimal(50)), (Decimal(25), Decimal(0))))
    (_, _, _, hundred), (_, _, _, quarter) = bars(root, Colour.BLUE)
    (_, _, _, half), (_, _, _, nothing) = bars(root, Colour.TEAL)
    assert (abs(half * 2 - hundred), abs(quarter * 4 - hundred)) <= (Decimal("0.05"),) * 2
    assert nothing == 0


def test_bars_of_a_group_stand_side_by_side():
    root = drawn(standing((Decimal(1), Decimal(2))))
    (left, _, wide_, _), (right, _, _, _) = bars(root, Colour.BLUE)[0], bars(root, Colour.TEAL)[0]
    assert right == left + wide_


def test_a_blank_is_a_gap_that_says_so():
    root = drawn(standing((Decimal(1), None), (Decimal(2), Decimal(3))))
    assert len(bars(root, Colour.TEAL)) == 1
    assert texts(root).count("n.d.") == 1


def test_a_negative_bar_hangs_below_zero():
    root = drawn(standing((Decimal(10), Decimal(-10))))
    (_, up, _, tall), (_, down, _, deep) = bars(root, Colour.BLUE)[0], bars(root, Colour.TEAL)[0]
    assert (up + tall, tall) == (down, deep)


def test_ticks_are_few_and_round_and_italian():
    root = drawn(standing((Decimal(190920000), Decimal("379000000.50")), measure=charts.MLN_EURO))
    ticks = [text for text in texts(root) if text.endswith("Mln€")]
    assert ticks == [f"{tick}\u00a0Mln€" for tick in ("0", "100", "200", "300", "400")]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], ["0", "1"]),
        (["0"], ["0", "1"]),
        (["7"], ["0", "2", "4", "6", "8"]),
        (["-3", "9"], ["−4", "−2", "0", "2", "4", "6", "8", "10"]),
        (["0.021"], ["0,000", "0,005", "0,010", "0,015", "0,020", "0,025"]),
        (["123456"], ["0", "25.000", "50.000", "75.000", "100.000", "125.000"]),
    ],
)
def test_a_scale_holds_zero_and_all_values(values, ticks):
    made = scale([Decimal(value) for value in values], 0, 100)
    assert [made.shown(tick) for tick in made.ticks] == ticks
    assert made.at(made.low) == 0
    assert made.at(made.high) == 100


def test_the_legend_names_each_series_in_its_colour():
    root = drawn(standing((Decimal(1), Decimal(2))))
    assert texts(root)[:2] == ["Impegni", "Pagamenti"]
    assert [rect.get("fill") for rect in root.iter(f"{SVG}rect")][:2] == [
        Colour.BLUE,
        Colour.TEAL,
    ]


def test_a_long_legend_takes_more_lines():
    voci = [Voce("v", f"Serie dal nome lungo {number}", Colour.BLUE) for number in range(4)]
    rows = [{"nome": "A", "v": Decimal(1)}]
    root = drawn(
        charts.grouped_bars(rows, category="nome", voci=voci, measure=charts.NUMERO), width=240
    )
    feet = [
        Decimal(element.get("y"))
        for element in root.iter(f"{SVG}text")
        if element.text.startswith("Serie")
    ]
    assert feet == sorted(feet)
    assert len(set(feet)) == 2


def test_names_are_words_whatever_their_signs():
    name = "<b>\"Rossi\" & 'Figli'\x07"
    root = drawn(standing((Decimal(1), Decimal(2)), names=[name]))
    assert "<b>\"Rossi\" & 'Figli'\ufffd" in texts(root)
    fonts = {element.get("font-family") for element in root.iter(f"{SVG}text")}
    assert fonts == {"Titillium Web"}


def test_many_names_are_turned_and_stay_whole():
    names = [f"Assistenza {number}" for number in range(20)]
    root = drawn(standing(*[(Decimal(1), None)] * 20, names=names))
    turned = [
        element.text
        for element in root.iter(f"{SVG}text")
        if (element.get("transform") or "").startswith("rotate(-90")
    ]
    assert [text for text in turned if text != "n.d."] == names


def test_long_names_are_wrapped_and_then_cut():
    lines = wrapped("parola " * 30, 100, most=3)
    assert len(lines) == 3
    assert max(map(wide, lines)) <= 100
    assert [line.endswith("…") for line in lines] == [False, False, True]
    assert shortened("A" * 300, 50).endswith("A…")
    assert shortened("breve", 50) == "breve"


def targets(**more):
    rows = [
        {"nome": "Partecipanti", "valore": Decimal(80), "target": Decimal(40)},
        {"nome": "Imprese", "valore": None, "target": Decimal(80)},
    ]
    figure = charts.target_bars(
        rows,
        category="nome",
        voce=Voce("valore", "Raggiunto", Colour.BLUE),
        target=Voce("target", "Target 2023", Colour.RED),
        measure=charts.PERCENTO,
    )
    return drawn(figure, **more)


def test_lying_bars_have_their_value_at_their_end():
    root = targets()
    ((left, _, long, _),) = bars(root, Colour.BLUE)
    value = next(element for element in root.iter(f"{SVG}text") if element.text == "80,0%")
    assert Decimal(value.get("x")) == left + long + 4
    assert texts(root).count("n.d.") == 1


def test_the_first_row_lies_on_top():
    feet = {element.text: Decimal(element.get("y")) for element in targets().iter(f"{SVG}text")}
    assert feet["Partecipanti"] < feet["Imprese"]


def middle(polygon):
    points = [point.split(",") for point in polygon.get("points").split()]
    return sum(Decimal(x) for x, _ in points) / len(points)


def test_a_mark_stands_where_its_value_is():
    root = targets()
    ((left, _, long, _),) = bars(root, Colour.BLUE)
    _legend, first, second = root.iter(f"{SVG}polygon")
    assert abs(middle(first) - left - long / 2) < Decimal("0.01")
    assert middle(second) == left + long
    assert first.get("stroke") == "#fff"


def test_a_height_is_kept():
    assert targets(height=300).get("height") == "300"
    assert drawn(standing((Decimal(1), Decimal(1))), height=150).get("viewBox") == "0 0 480 150"


def lines(*values, days=None):
    days = days or [date(2025, 1, 1 + index) for index in range(len(values))]
    rows = [{"giorno": day, "impegni": value} for day, value in zip(days, values, strict=True)]
    return charts.lines(rows, day="giorno", voci=[IMPEGNI], measure=charts.NUMERO)


def test_a_blank_breaks_a_line():
    root = drawn(lines(Decimal(1), Decimal(2), None, Decimal(3), None, Decimal(4), Decimal(5)))
    pieces = [line.get("points").split() for line in root.iter(f"{SVG}polyline")]
    assert [len(piece) for piece in pieces] == [2, 2]
    # One symbol for each value, one in the legend: the value alone between blanks is seen too.
    assert len(list(root.iter(f"{SVG}circle"))) == 6


def test_days_stand_apart_as_they_are_in_time():
    days = [date(2025, 1, 1), date(2025, 1, 11), date(2025, 1, 31)]
    root = drawn(lines(Decimal(1), Decimal(2), Decimal(3), days=days))
    (line,) = root.iter(f"{SVG}polyline")
    first, second, third = (Decimal(point.split(",")[0]) for point in line.get("points").split())
    assert abs((third - first) - 3 * (second - first)) < Decimal("0.05")
    assert [text for text in texts(root) if "2025" in text] == [
        "01.01.2025",
        "11.01.2025",
        "31.01.2025",
    ]


def test_days_that_would_touch_are_left_out():
    root = drawn(lines(*[Decimal(1)] * 31), width=200)
    assert 1 < len([text for text in texts(root) if "2025" in text]) < 6


def test_lines_over_names_stand_evenly():
    figure = lines(Decimal(1), Decimal(2), days=["2025-T1", "2025-T2"])
    figure["layout"]["xaxis"] = {"type": "category"}
    assert {"2025-T1", "2025-T2"} <= set(texts(drawn(figure)))


def test_a_long_line_bears_symbols_at_its_ends_alone():
    root = drawn(lines(*[Decimal(1)] * 31, *[Decimal(2)] * 40, days=monthly(71)))
    assert len(list(root.iter(f"{SVG}circle"))) == 3


def monthly(count):
    return [date(2015 + index // 12, index % 12 + 1, 1) for index in range(count)]


def test_a_chart_of_no_rows_is_drawn():
    assert texts(drawn(standing())) == ["Impegni", "Pagamenti", "0", "1"]
    assert texts(drawn(lines())) == ["Impegni", "0", "1"]


def test_a_figure_without_series_is_refused():
    with pytest.raises(ValueError, match="senza serie"):
        svg({"data": [], "layout": {}}, width=480)


def test_the_same_figure_gives_the_same_text():
    figure = standing((Decimal(1), None), (Decimal("2.5"), Decimal(-3)))
    assert svg(figure, width=480) == svg(figure, width=480)


def test_nothing_is_drawn_beyond_the_edges():
    root = drawn(standing((Decimal(10**12), Decimal(-5)), measure=charts.EURO))
    for rect in root.iter(f"{SVG}rect"):
        left, width = Decimal(rect.get("x")), Decimal(rect.get("width"))
        assert left >= 0
        assert left + width <= 480
