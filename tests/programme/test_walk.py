"""Every figure of every page explains itself: its link opens what makes it, to the cent."""

import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from porfse.figures import parse
from porfse.models import Fonte
from programme.models import GRANDEZZE, Asse, Azione, Iniziativa, ObiettivoSpecifico, Priorita

PAGES = [
    "/",
    "/?data=2020-12-31",
    "/?perimetro=ordinaria",
    "/?data=2020-12-31&confronto=2019-12-31&perimetro=ordinaria",
    "/programma/struttura/",
    "/programma/iniziative/",
    "/programma/movimenti/",
    "/programma/indicatori/",
    "/programma/indicatori/?data=2020-12-31",
    "/programma/destinatari/",
    "/programma/covid/",
    "/programma/covid/?data=2020-12-31",
    "/programma/n3/",
    "/programma/n3/?data=2020-12-31&totale=10.000.000,55&quota_ue=5.000.000&entro=2021-12-31",
    "/programma/piano-finanziario/",
    "/programma/quadratura/",
]
DATE = re.compile(r"\d{2}\.\d{2}\.\d{4}")
NUMBER = re.compile(r"\d[\d.]*,\d|€|\d\s?%|\d{1,3}(\.\d{3})+(?!\.)")


class Page(HTMLParser):
    """The figures of a page, and the text of its main part that stands in none of them."""

    VOID = frozenset({"input", "meta", "link", "br", "img", "hr"})
    # Words quoted from a source, what the reader types, and what a chart repeats of its table.
    APART = frozenset({"a", "q", "script", "option", "textarea", "figure"})

    # Words on how a source is read, and tolerances, which the page of the difference explains.
    MARKS = frozenset({"data-lettura", "data-tolleranza"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.figures: list[tuple[str, str, str]] = []
        self.totals: list[str] = []
        self.values: list[str] = []
        self.bare: list[str] = []
        self._open: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "cifra" in found.get("class", "").split():
            self.figures.append((found["href"], found["data-valore"], ""))
        if "data-totale" in found:
            self.totals.append(found["data-totale"])
        if "data-valore-cifra" in found:
            self.values.append(found["data-valore-cifra"])
        if tag not in self.VOID:
            self._open.append((tag, found))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tags = [tag for tag, _ in self._open]
        marked = any(self.MARKS & found.keys() for _, found in self._open)
        apart = marked or "main" not in tags or self.APART & set(tags)
        if not apart and NUMBER.search(DATE.sub("", data)):
            self.bare.append(data.strip())


@pytest.fixture
def walk(gestore):
    seen: dict[str, Page] = {}

    def load(url: str) -> Page:
        if url not in seen:
            response = gestore.get(url)
            assert response.status_code == 200, url
            seen[url] = Page(response.content.decode())
        return seen[url]

    return load


def _nodes():
    kinds = {
        "asse": Asse,
        "priorita": Priorita,
        "obiettivo": ObiettivoSpecifico,
        "azione": Azione,
        "iniziativa": Iniziativa,
    }
    for name, model in kinds.items():
        yield from (reverse(f"programme:{name}", args=[node.pk]) for node in model.objects.all())


def hold(walk, url: str) -> int:
    """Follow every figure of a page down to its rows; return how many were held."""
    page = walk(url)
    for href, value, _ in page.figures:
        held(walk, href, value)
    return len(page.figures)


def held(walk, href: str, value: str) -> None:
    explanation = walk(href)
    assert explanation.values == [value], href
    # What is not known has no total: the page says why instead.
    known = [Decimal(value)] if value else []
    assert [Decimal(total) for total in explanation.totals] == known, href
    expression = parse(href.partition("?f=")[2])
    operands = [_number(found) for _, found, _ in explanation.figures]
    if hasattr(expression, "operator"):
        assert _result(expression.operator, operands) == _number(value), href
        for inner, inner_value, _ in explanation.figures:
            held(walk, inner, inner_value)


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _result(operator: str, operands: list[Decimal | None]) -> Decimal | None:
    if None in operands or (operator == "rapporto" and operands[1] == 0):
        return None
    if operator == "somma":
        return sum(operands, Decimal(0))
    first, second = operands
    return first - second if operator == "differenza" else 100 * first / second


@pytest.mark.parametrize("url", PAGES)
def test_every_figure_opens_what_makes_it(walk, url):
    held_figures = hold(walk, url)
    assert held_figures or url == "/programma/struttura/"


def test_every_figure_of_every_node(walk, db):
    assert sum(hold(walk, url) for url in _nodes()) > 500


@pytest.mark.parametrize("url", PAGES)
def test_no_number_stands_outside_a_figure(walk, url):
    assert walk(url).bare == []


def test_every_figure_of_the_sources_and_of_what_retiring_them_does(walk, db):
    for fonte in Fonte.objects.filter(genere=Fonte.Genere.PUBBLICATA):
        hold(walk, f"/programma/fonti/{fonte.pk}/")
    first = Fonte.objects.get(documento="001", sezione="Panoramica per assi")
    assert hold(walk, f"/programma/fonti/{first.pk}/ritiro/") == 12


@pytest.mark.parametrize("code", ["000-09", "001-01", "004-020", "004-041", "004-108"])
def test_every_figure_of_a_printed_one(walk, code):
    assert hold(walk, f"/programma/quadratura/{code}/") == 3


@pytest.mark.parametrize("quantity", GRANDEZZE)
def test_the_ledger_sums_its_rows(walk, quantity):
    model = GRANDEZZE[quantity]
    totals = walk(reverse("programme:movimenti", args=[quantity])).totals
    assert totals == [str(model.objects.in_force().total())]
