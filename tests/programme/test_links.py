"""Where pages lead: what the reader chose goes along, and a link opens what it promises."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from porfse.models import Fonte
from programme.filters import IniziativeFilter
from programme.models import GRANDEZZE, Impegno, Iniziativa
from tests.factories.programme import make_movement
from tests.programme.test_pages import text_of

INDEXES = {
    "/programma/struttura/": "Struttura",
    "/programma/iniziative/": "Iniziative",
    "/programma/movimenti/": "Movimenti",
    "/programma/indicatori/": "Indicatori",
    "/programma/destinatari/": "Destinatari",
    "/programma/covid/": "Interventi Covid-19",
    "/programma/piano-finanziario/": "Piano finanziario",
    "/programma/quadratura/": "Quadratura",
    "/programma/fonti/": "Fonti",
}
WITH_TABLES = (
    *("/", *INDEXES, "/programma/assi/I/", "/programma/azioni/9.8.1/", "/programma/obiettivi/8.6/"),
    *("/programma/priorita/8.v/", "/programma/iniziative/smart-working/"),
    *(f"/programma/movimenti/{quantity}/" for quantity in GRANDEZZE),
    "/cifre/?f=impegnate(al=2021-09-30,asse=I)",
)


def page(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def links(text: str) -> list[str]:
    return [html.unescape(address) for address in re.findall(r'href="([^"]+)"', text)]


def side_links(text: str) -> list[str]:
    return links(re.search(r'<nav id="menu".*?</nav>', text, re.DOTALL)[0])


def register_links(text: str) -> dict[str, str]:
    """The links to a narrowed register, by quantity."""
    found = [link for link in links(text) if re.match(r"/programma/movimenti/[a-z]+/\?", link)]
    return {urlsplit(link).path.split("/")[-2]: link for link in found}


def trail_of(text: str) -> list[tuple[str, str]]:
    """Address and name of each step of the breadcrumb; the page itself has no address."""
    steps = re.search(r'<ol class="breadcrumb">.*?</ol>', text, re.DOTALL)[0]
    items = re.findall(
        r'<li class="breadcrumb-item[^>]*>(?:<a href="([^"]*)">)?([^<]+)', steps, re.DOTALL
    )
    return [(address, html.unescape(name)) for address, name in items]


@pytest.mark.parametrize(
    ("url", "along"),
    [
        ("/programma/movimenti/programmate/?perimetro=cigd", ""),
        ("/programma/movimenti/programmate/?perimetro=cigd&data=2020-12-31", "data=2020-12-31"),
        ("/programma/movimenti/programmate/?data=1999-01-01", ""),
        ("/programma/movimenti/programmate/?data=ieri", ""),
        ("/programma/fonti/?data=31.12.2020", "data=31.12.2020"),
        ("/programma/struttura/?perimetro=ordinaria", "perimetro=ordinaria"),
        (
            "/?data=2020-12-31&perimetro=ordinaria&confronto=2019-12-31",
            "data=2020-12-31&perimetro=ordinaria",
        ),
    ],
)
def test_only_what_a_page_accepts_goes_along(lettore, url, along):
    found = side_links(page(lettore, url))
    assert {urlsplit(link).query for link in found} == {along}
    for link in found:
        assert lettore.get(link).status_code == 200, link


@pytest.mark.parametrize(
    ("asked", "along"),
    [("asse=ZZ&data=2020-12-31", "data=2020-12-31"), ("data=2020-12-31&perimetro=cigd", "")],
)
def test_a_refused_page_leads_on_with_what_was_good(lettore, asked, along):
    response = lettore.get(f"/programma/iniziative/?{asked}")
    assert response.status_code == 400
    found = side_links(response.content.decode())
    assert {urlsplit(link).query for link in found} == {along}


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ("asse=ZZ", "Asse"),
        ("stato=boh", "Stato"),
        ("nome=%00", "Nome contiene"),
        ("covid=forse", "Covid-19"),
    ],
)
def test_an_invalid_filter_of_the_initiatives_is_refused(lettore, asked, label):
    response = lettore.get(f"/programma/iniziative/?{asked}")
    assert response.status_code == 400
    assert f"Un filtro non è valido ({label})" in text_of(response)


@pytest.mark.parametrize("asked", ["fonte=0", "fonte=x", "fonte=%00", "fonte=99999999999999999999"])
def test_an_invalid_source_of_the_register_is_refused(lettore, asked):
    response = lettore.get(f"/programma/movimenti/impegnate/?{asked}")
    assert response.status_code == 400
    assert "Un filtro non è valido (Fonte)" in text_of(response)


@pytest.mark.parametrize(("asked", "covid"), [("true", True), ("false", False)])
def test_initiatives_about_covid_or_not(db, asked, covid):
    found = IniziativeFilter({"covid": asked}, Iniziativa.objects.all()).qs
    assert set(found) == set(Iniziativa.objects.filter(covid=covid))
    assert found


def test_filtering_keeps_the_perimetro_and_the_date(lettore):
    text = page(lettore, "/programma/iniziative/?perimetro=ordinaria&data=2020-12-31")
    form = re.search(r'<form class="filtri".*?</form>', text, re.DOTALL)[0]
    assert '<input type="hidden" name="perimetro" value="ordinaria">' in form
    assert '<input type="hidden" name="data" value="2020-12-31">' in form


def test_the_register_asks_for_the_perimetro_once(lettore):
    text = page(lettore, "/programma/movimenti/impegnate/?perimetro=cigd")
    assert text.count('name="perimetro"') == 1


@pytest.mark.parametrize(
    "url",
    [
        "/programma/movimenti/",
        "/programma/movimenti/?data=2020-12-31",
        "/programma/movimenti/?data=2020-12-31&perimetro=ordinaria",
        "/programma/iniziative/cigd-asse-ii/",
        "/programma/iniziative/cigd-asse-ii/?data=2020-12-31",
        "/programma/iniziative/smart-working/?perimetro=ordinaria",
    ],
)
def test_the_register_sums_to_the_figure_that_led_there(lettore, url):
    make_movement("impegnate", iniziativa_id="smart-working", asse_id="III")
    # What a measure puts on the page of its initiative holds all perimetri, and other days.
    text, *_ = page(lettore, url).partition("<h2>Misura:")
    figures = re.findall(r'href="/cifre/\?f=([a-z]+)\([^"]*" data-valore="([^"]*)"', text)
    found = register_links(text)
    assert set(found) == set(GRANDEZZE)
    for quantity, value in figures:
        if value:
            assert f'data-totale="{value}"' in page(lettore, found[quantity]), quantity
    assert any(value for _, value in figures)


def test_the_register_of_a_past_date_leaves_out_what_came_later(lettore):
    later = make_movement("impegnate")
    link = register_links(page(lettore, "/programma/movimenti/?data=2021-09-30"))["impegnate"]
    assert parse_qs(urlsplit(link).query) == {"data": ["2021-09-30"], "al": ["2021-09-30"]}
    assert later.get_absolute_url() not in page(lettore, link)


def test_the_register_of_one_source(lettore):
    fonte = Fonte.objects.get(documento="001", sezione="Panoramica per assi")
    figure = re.search(
        r'href="(/cifre/\?f=impegnate[^"]*)" data-valore="([^"]+)"',
        page(lettore, f"/programma/fonti/{fonte.pk}/"),
    )
    explained = page(lettore, html.unescape(figure[1]))
    link = register_links(explained)["impegnate"]
    assert f"fonte={fonte.pk}" in link
    register = page(lettore, link)
    assert f'data-totale="{figure[2]}"' in register
    assert "Solo i movimenti della fonte" in register
    assert f'<input type="hidden" name="fonte" value="{fonte.pk}"' in register


@pytest.mark.parametrize(("url", "name"), INDEXES.items())
def test_an_index_says_where_it_lies(lettore, url, name):
    assert trail_of(page(lettore, url)) == [("/", "Panoramica"), ("", name)]


def test_a_page_below_an_index_says_the_whole_way(gestore):
    movement = make_movement()
    steps = trail_of(page(gestore, f"{movement.get_absolute_url()}storno/?data=2021-09-30"))
    assert steps == [
        ("/?data=2021-09-30", "Panoramica"),
        ("/programma/movimenti/?data=2021-09-30", "Movimenti"),
        ("/programma/movimenti/impegnate/?data=2021-09-30", "Risorse impegnate"),
        (f"{movement.get_absolute_url()}?data=2021-09-30", movement.riferimento),
        ("", "Storno"),
    ]


def test_a_refused_reversal_leads_back_to_its_movement(gestore):
    balance = Impegno.objects.exclude(natura="movimento").first()
    answer = gestore.get(f"{balance.get_absolute_url()}storno/")
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert trail_of(shown)[-2:] == [
        (balance.get_absolute_url(), balance.riferimento),
        ("", "Storno"),
    ]
    assert f'<a href="{balance.get_absolute_url()}">Torna al movimento' in shown
    assert '<form method="post" class="modulo"' not in shown


def test_a_refused_form_leads_back_to_the_stored_name(gestore):
    stored = Iniziativa.objects.get(pk="smart-working").nome
    url = "/programma/iniziative/smart-working/modifica/"
    form = {"versione": "1", "nome": "Nome mai salvato", "stato": "boh", "descrizione": ""}
    response = gestore.post(url, form)
    text = response.content.decode()
    assert response.status_code == 400
    assert ("/programma/iniziative/smart-working/", stored) in trail_of(text)
    assert f"<title>Modifica: {stored} " in html.unescape(text)
    assert 'value="Nome mai salvato"' in text


@pytest.mark.parametrize("url", WITH_TABLES)
def test_no_export_contains_markup(lettore, url):
    exports = [link for link in links(page(lettore, url)) if link.endswith("formato=csv")]
    assert exports or url == "/programma/struttura/"
    path = urlsplit(url).path
    for link in exports:
        response = lettore.get(f"{path}{link}")
        assert response["Content-Type"].startswith("text/csv"), link
        assert "<" not in response.content.decode("utf-8-sig"), link


def test_quadratura_is_exported_as_it_is_read(lettore):
    csv = lettore.get("/programma/quadratura/?cifre-formato=csv").content.decode("utf-8-sig")
    line = next(row for row in csv.splitlines() if row.startswith("000-01;"))
    assert line.split(";")[1:5] == [
        "CIGD, risorse individuate con l’Accordo Provenzano",
        "CONTESTO",
        "168.500.000,00",
        "sola CIGD",
    ]
    counts = lettore.get("/programma/quadratura/?conteggio-formato=csv")
    assert re.search(r"^Totale(;\d+){5}\r?$", counts.content.decode("utf-8-sig"), re.MULTILINE)
