"""The figures of a page: asked together, shown as links, in HTML that nothing can break."""

from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.template import Context, Template

from porfse.figures import Board, Unit, Value, differenza, leaf, parse, rapporto, somma
from tests.porfse.example_source import EXAMPLES, of, registered


@pytest.fixture(autouse=True)
def source():
    with registered() as found:
        yield found


def test_a_board_asks_once_and_then_only_for_what_is_new(source):
    board = Board()
    first, same = board(of("cento")), board(of("cento"))
    ratio = board(rapporto(of("ottanta"), of("cento")))
    board.load()
    assert first is same
    assert source.asked == [{of("cento"), of("ottanta")}]
    assert (first.amount, ratio.amount) == (Decimal("100.00"), Decimal(80))
    later = board(differenza(of("cento"), of("zero")))
    again = board(of("cento"))
    board.load()
    assert source.asked[1:] == [{of("zero")}]
    assert (again is first, later.amount) == (True, Decimal("100.00"))
    board.load()
    assert len(source.asked) == 2


# --- HTML ---------------------------------------------------------------------------------------
class Seen(HTMLParser):
    """The tags, attributes and text of a fragment."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def figure(expression):
    board = Board()
    found = board(expression)
    board.load()
    return found


def test_a_figure_is_a_link_to_what_makes_it():
    assert str(figure(rapporto(of("ottanta"), of("cento")))) == (
        '<a class="cifra" href="/cifre/?f=rapporto(prova(voce=ottanta),prova(voce=cento))" '
        'data-valore="80" title="Perimetro: A + B. Da dove viene questa cifra">80,0%</a>'
    )


def test_a_figure_in_its_styles():
    shown = figure(of("esempio"))
    assert shown.text == "1.234.567,89\u00a0€"
    texts = {
        style: Seen(getattr(shown, style)).text
        for style in ("full", "mln", "delta", "short", "short_mln")
    }
    assert texts == {
        "full": "1.234.567,89\u00a0€ (esempio)",
        "mln": "1,23\u00a0Mln€ (esempio)",
        "delta": "+1,23\u00a0Mln€ (esempio)",
        "short": "1.234.567,89\u00a0€ (esempio)",
        "short_mln": "1,23\u00a0Mln€ (esempio)",
    }
    assert Seen(shown.linked("circa 1,2 milioni")).text == "circa 1,2 milioni (esempio)"


def test_what_is_not_known_is_nd_with_its_reason_and_never_zero():
    shown = figure(of("ignota"))
    tag, attributes = Seen(shown.full).tags[0]
    assert (tag, attributes["class"], attributes["data-valore"]) == ("a", "cifra cifra--nd", "")
    assert Seen(shown.full).text == "n.d. (ultimo dato al 31.12.2020)"
    assert Seen(shown.mln).text == "n.d. (ultimo dato al 31.12.2020)"
    assert [Seen(text).text for text in (shown.short, shown.short_mln, shown.delta)] == ["n.d."] * 3
    assert (shown.amount, shown.raw) == (None, "")


def test_a_derived_figure_says_so_beside_itself():
    seen = Seen(figure(of("ricavata")).full)
    assert seen.tags[0][1]["class"] == "cifra cifra--derivata"
    assert seen.tags[1] == ("small", {"class": "cifra-nota"})
    assert seen.text == "−20,01\u00a0€ (derivata)"
    both = Seen(figure(somma(of("ricavata"), of("esempio"))).full)
    assert both.tags[0][1]["class"] == "cifra cifra--derivata cifra--esempio"
    assert both.text.endswith("(derivata, esempio)")


def test_zero_is_not_unknown():
    seen = Seen(figure(of("zero")).full)
    assert (seen.tags[0][1]["class"], seen.text) == ("cifra", "0,00\u00a0€")


NASTY = "\"><script>alert(1)</script>&amp;'"


@pytest.mark.parametrize("style", ["full", "mln", "delta", "short", "short_mln"])
def test_no_word_of_a_value_becomes_markup(monkeypatch, style):
    monkeypatch.setitem(
        EXAMPLES, NASTY, Value(None, Unit.EURO, missing=NASTY, scope=frozenset({NASTY}))
    )
    shown = figure(of(NASTY))
    seen = Seen(getattr(shown, style))
    assert [tag for tag, _ in seen.tags] == ["a"]
    assert seen.tags[0][1]["title"] == f"Perimetro: {NASTY}. Da dove viene questa cifra"
    assert Seen(shown.full).text == f"n.d. ({NASTY})"
    assert [tag for tag, _ in Seen(shown.linked(NASTY)).tags] == ["a"]


def test_a_template_shows_figures_unescaped_once():
    shown = figure(of("cento"))
    rendered = Template("{{ f }}|{{ f.mln }}|{{ f.text }}").render(Context({"f": shown}))
    assert rendered == f"{shown.full}|{shown.mln}|100,00\u00a0€"


def test_the_address_of_a_figure_gives_back_its_expression(rf):
    expression = somma(leaf("prova", voce="9.i+a:b"), of("cento"))
    assert parse(rf.get(figure_url(expression)).GET["f"]) == expression


def figure_url(expression) -> str:
    return Board()(expression).url
