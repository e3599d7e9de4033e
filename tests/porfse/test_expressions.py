"""The language of figures: what is written is read back, and nothing else gets past the parser."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porfse.errors import BadInput
from porfse.figures import (
    FigureError,
    Leaf,
    Operation,
    differenza,
    leaf,
    parse,
    rapporto,
    somma,
)
from porfse.figures.expressions import MAX_DEPTH, MAX_LENGTH, OPERATORS

UNREADABLE = "L'indirizzo della cifra non è leggibile: aprire la cifra dalla sua pagina."
INCOMPLETE = "L'indirizzo della cifra è incompleto: aprire la cifra dalla sua pagina."
TOO_LONG = "L'indirizzo della cifra è troppo lungo."
TOO_DEEP = "L'indirizzo della cifra è troppo annidato."
LEFT_OVER = "L'indirizzo della cifra contiene caratteri in più."

words = st.from_regex(r"[A-Za-z0-9_.+:-]{1,8}", fullmatch=True)
leaves = st.builds(
    lambda name, params: leaf(name, **params),
    words.filter(lambda name: name not in OPERATORS),
    st.dictionaries(words, words, max_size=3),
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: somma(*items)),
        st.tuples(inner, inner).map(lambda pair: differenza(*pair)),
        st.tuples(inner, inner).map(lambda pair: rapporto(*pair)),
    ),
    max_leaves=6,
)
# Pieces of the language in any order: far deeper into the parser than any text.
scraps = st.lists(
    st.sampled_from(["somma", "rapporto", "a", "al", "2021-09-30", "(", ")", ",", "=", " ", "é"]),
    max_size=20,
).map("".join)


def depth(expression) -> int:
    return 1 + max(map(depth, getattr(expression, "operands", ())), default=0)


def refusal(text: str) -> str:
    with pytest.raises(FigureError) as error:
        parse(text)
    return str(error.value)


@settings(deadline=None)
@given(expressions.filter(lambda item: depth(item) <= MAX_DEPTH and len(str(item)) <= MAX_LENGTH))
def test_what_is_written_is_read_back(expression):
    assert parse(str(expression)) == expression


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), scraps))
def test_no_text_breaks_the_parser(text):
    try:
        expression = parse(text)
    except FigureError:
        return
    assert parse(str(expression)) == expression


@settings(deadline=None, max_examples=300)
@given(expressions.map(str), st.data())
def test_one_wrong_character_is_refused_or_makes_another_expression(text, data):
    at = data.draw(st.integers(0, len(text)))
    wrong = text[:at] + data.draw(st.sampled_from(["(", ")", ",", "=", "x", "é", ""])) + text[at:]
    cut = data.draw(st.integers(0, len(wrong)))
    for damaged in (wrong, wrong[:cut] + wrong[cut + 1 :]):
        try:
            expression = parse(damaged)
        except FigureError:
            continue
        assert parse(str(expression)) == expression


def test_a_leaf_is_written_with_sorted_parameters():
    asked = leaf("impegnate", asse="I", al=date(2020, 12, 31))
    assert str(asked) == "impegnate(al=2020-12-31,asse=I)"
    assert parse("impegnate(asse=I,al=2020-12-31)") == asked
    assert (asked.get("asse"), asked.get("al"), asked.get("azione")) == ("I", "2020-12-31", None)


def test_parameters_without_value_are_left_out_and_zero_is_a_value():
    assert leaf("x", a=None, b="", c=0, d=Decimal("1.50")) == Leaf("x", (("c", "0"), ("d", "1.50")))
    assert str(leaf("x")) == "x()"
    assert parse("x()") == Leaf("x")


def test_leaves_are_all_those_of_the_operands():
    a, b, c = leaf("a"), leaf("b"), leaf("c")
    assert list(rapporto(somma(a, b), differenza(a, c)).leaves()) == [a, b, a, c]
    assert str(rapporto(somma(a, b), c)) == "rapporto(somma(a(),b()),c())"
    assert parse("differenza(a(),b())") == Operation("differenza", (a, b))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a() ",
        " a()",
        "a(b=c d)",
        "a(b='c')",
        "è()",
        "a()\n",
        "a(\x00)",
        "a;b",
        "{a}",
        "a%",
    ],
)
def test_characters_outside_the_language_are_refused(text):
    assert refusal(text) == UNREADABLE


@pytest.mark.parametrize(
    "text",
    [
        *("a", "a(", "(", ")", ",", "=", "()", "a(b", "a(b=", "a(b=c", "a(b=c,", "a(b=c,)", "a(,)"),
        *("a(=c)", "a(b=)", "a(b==c)", "a(b=c=d)", "a(b,c)", "a(b(c))", "a(b=c(d))", "a(b=c,,d=e)"),
        *("somma", "somma(", "somma()", "somma(a)", "somma(a(),)", "somma(,a())", "somma(a()"),
        *("somma(a()b())", "somma(a()=b())", "somma(b=c)", "differenza(a(),b()", "(a())"),
    ],
)
def test_incomplete_expressions_are_refused(text):
    assert refusal(text) == INCOMPLETE


@pytest.mark.parametrize("text", ["a())", "a()a()", "a()(b=c)", "somma(a()))", "a(),b()"])
def test_what_comes_after_the_end_is_refused(text):
    assert refusal(text) == LEFT_OVER


def test_a_repeated_parameter_is_refused_by_name():
    assert refusal("a(al=1,asse=I,al=2)") == "Il parametro «al» è ripetuto."


@pytest.mark.parametrize(
    ("name", "count"),
    [("differenza", 1), ("differenza", 3), ("rapporto", 1), ("rapporto", 3), ("somma", 41)],
)
def test_operations_have_their_number_of_operands(name, count):
    operands = ",".join(["a()"] * count)
    assert refusal(f"{name}({operands})") == (
        f"L'operazione «{name}» non ha il numero giusto di operandi."
    )


def test_a_sum_has_one_to_forty_operands():
    assert parse("somma(a())") == somma(leaf("a"))
    assert parse(f"somma({','.join(['a()'] * 40)})") == somma(*[leaf("a")] * 40)


def test_depth_is_bounded():
    deepest = "somma(" * (MAX_DEPTH - 1) + "a()" + ")" * (MAX_DEPTH - 1)
    assert depth(parse(deepest)) == MAX_DEPTH
    assert refusal(f"somma({deepest})") == TOO_DEEP
    assert refusal("somma(" * 600) == TOO_DEEP


def test_length_is_bounded():
    name = "a" * (MAX_LENGTH - 2)
    assert parse(f"{name}()") == Leaf(name)
    assert refusal(f"a{name}()") == TOO_LONG


def test_a_refusal_is_a_bad_input():
    assert issubclass(FigureError, BadInput)
