"""The figures on the pages of samples: each explains itself, to who may see it."""

from decimal import Decimal

import pytest

from tests.factories.flows import payment
from tests.factories.pool import LODI, MILANO, in_pool, recovery
from tests.factories.samples import drawn, verified
from tests.programme.test_walk import Page, held

LIST = "/cigd/verifiche/"


@pytest.fixture
def flow(db):
    first = payment(comune_istat=MILANO, importo="1.000,00")
    return in_pool(
        first,
        *(payment(comune_istat=LODI, importo="150,00") for _ in range(3)),
        recovery(first, "-40,00"),
    )


@pytest.fixture
def controllore(as_role):
    return as_role("controllore")


@pytest.fixture
def sample(flow):
    return drawn("mus", 2)


@pytest.fixture
def element(sample):
    return sample.elementi.filter(certo=True).get()


def test_every_figure_of_a_sample_explains_itself(controllore, sample, element):
    verified(element, "irregolare", importo_irregolare=Decimal(70))
    strata = drawn("stratificato", 2, ripartizione="importo")
    verified(strata.elementi.first())
    walked = {}

    def walk(url):
        if url not in walked:
            response = controllore.get(url)
            assert response.status_code == 200, url
            walked[url] = Page(response.content.decode())
        return walked[url]

    for url in (LIST, sample.get_absolute_url(), strata.get_absolute_url()):
        figures = walk(url).figures
        assert len(figures) >= 10
        for href, value, _ in figures:
            held(walk, href, value)


def test_what_is_not_known_before_a_verification_ends_is_no_zero(controllore, flow):
    sample = drawn("stratificato", 2, ripartizione="numero")
    first, second = sample.elementi.order_by("importo")
    url, unknown = sample.get_absolute_url(), "non si può confrontare l'errore con la soglia"

    def shown():
        answer = controllore.get(url)
        text = answer.content.decode()
        assert (unknown in text) is not ("Rispetto alla soglia di rilevanza" in text)
        rows = answer.context["termini"].rows
        cells = {(row.get_cell("tassi"), row.get_cell_value("tassi")) for row in rows}
        return unknown not in text, cells

    nothing = ("n.d.", None)
    assert shown() == (False, {nothing})
    verified(first, "irregolare", importo_irregolare=Decimal(75))
    half = ("0,5000", Decimal("0.5000"))
    assert shown() == (False, {half, nothing})
    verified(second)
    assert shown() == (True, {half, ("0,0000", Decimal("0.0000"))})


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("cigd_campione(campione=999999,voce=estratto)", 404),
        ("cigd_campione(campione=x,voce=estratto)", 400),
        ("cigd_campione(campione=1,voce=altro)", 400),
        ("cigd_campione(voce=estratto)", 400),
    ],
)
def test_a_forged_figure_is_refused(controllore, flow, text, status):
    assert controllore.get("/cifre/", {"f": text}).status_code == status


def test_figures_of_samples_are_for_who_reads_payments(as_role, sample):
    text = f"cigd_campione(campione={sample.pk},voce=estratto)"
    assert as_role("lettore").get("/cifre/", {"f": text}).status_code == 403
    assert as_role("gestore").get("/cifre/", {"f": text}).status_code == 200


def test_the_list_takes_as_many_queries_for_three_samples_as_for_one(
    controllore, flow, django_assert_num_queries
):
    drawn("stratificato", 2, ripartizione="numero")
    with django_assert_num_queries(14):
        controllore.get(LIST)
    drawn("mus", 2)
    drawn("semplice", 2)
    with django_assert_num_queries(14):
        controllore.get(LIST)
