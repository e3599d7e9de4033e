"""The side navigation: to each the pages that he may open, with the date that he chose."""

from datetime import date

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from porfse import navigation
from porfse.navigation import areas, context
from porfse.roles import BY_SLUG

pytestmark = pytest.mark.django_db

ADMINISTRATION = [
    ("Utenti", "/amministrazione/utenti/"),
    ("Registro delle operazioni", "/amministrazione/registro/"),
]
PAGES = [page for config in apps.get_app_configs() for page in getattr(config, "navigation", ())]


@pytest.fixture
def ask(user):
    """Make the request of a person with some roles."""

    def make(url: str, *roles: str) -> HttpRequest:
        request = RequestFactory().get(url)
        request.user = user(*roles)
        return request

    return make


def shown(request: HttpRequest) -> dict[str, list[tuple[str, str]]]:
    return {area.nome: [(entry.nome, entry.url) for entry in area.voci] for area in areas(request)}


def active(request: HttpRequest) -> list[str]:
    return [entry.nome for area in areas(request) for entry in area.voci if entry.attiva]


def test_an_administrator_alone_sees_the_administration_alone(ask):
    assert shown(ask("/", "amministratore")) == {"Amministrazione": ADMINISTRATION}


def test_a_reader_sees_the_programme_and_no_administration(ask):
    seen = shown(ask("/", "lettore"))
    assert "Amministrazione" not in seen
    assert seen["Programma"][:2] == [
        ("Panoramica", "/"),
        ("Struttura e iniziative", "/programma/struttura/"),
    ]


def test_who_has_no_role_sees_nothing(ask):
    assert areas(ask("/")) == []


def test_two_roles_see_both_areas(ask):
    assert shown(ask("/", "amministratore", "lettore")).keys() == {
        *shown(ask("/", "lettore")),
        "Amministrazione",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.url_name)
def test_every_page_asks_a_permission_that_there_is_and_opens(page, as_role):
    app, _, codename = page.permission.partition(".")
    assert Permission.objects.filter(content_type__app_label=app, codename=codename).exists()
    role = "gestore" if page.permission in BY_SLUG["gestore"].permissions else "amministratore"
    assert as_role(role).get(reverse(page.url_name)).status_code == 200


def navigation_of(app: str):
    return apps.get_app_config(app).navigation


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", ["Panoramica"]),
        ("/programma/movimenti/", ["Movimenti"]),
        ("/programma/movimenti/impegnate/12/", ["Movimenti"]),
        ("/amministrazione/utenti/3/password/", ["Utenti"]),
        ("/cifre/", []),
        ("/programma/", []),
    ],
)
def test_the_page_that_one_is_in_is_marked(ask, path, expected):
    request = ask(path, "amministratore", "lettore")
    assert active(request) == expected
    assert [area.attiva for area in areas(request)].count(True) == len(expected)


def test_the_innermost_page_is_marked_where_one_lies_in_another():
    urls = ["/", "/crisi/", "/crisi/procedure/"]
    assert navigation._innermost("/crisi/procedure/5/", urls) == "/crisi/procedure/"
    assert navigation._innermost("/crisi/tavoli/", urls) == "/crisi/"
    assert navigation._innermost("/altro/", urls) == ""


def queries(request: HttpRequest) -> set[str]:
    urls = [entry.url for area in areas(request) for entry in area.voci]
    assert urls
    return {url.partition("?")[2] for url in urls}


def test_a_date_that_can_be_read_goes_along_and_nothing_else(ask):
    request = ask("/?data=30.09.2021&confronto=2020-12-31&a-page=2", "lettore")
    assert queries(request) == {"data=30.09.2021"}
    assert active(request) == ["Panoramica"]
    for wrong in ("", "ieri", "01.01.2013", "2021%26perimetro%3Dcigd"):
        assert queries(ask(f"/?data={wrong}", "lettore")) == {""}


def test_what_a_page_has_understood_goes_along_in_place_of_the_address(ask):
    request = ask("/?data=30.09.2021&perimetro=nessuno", "lettore")
    request.scelte = {"data": "30.09.2021", "perimetro": "a&b=c"}
    assert queries(request) == {"data=30.09.2021&perimetro=a%26b%3Dc"}
    request.scelte = {}
    assert queries(request) == {""}


def test_a_default_date_does_not_go_along(ask):
    request = ask("/", "lettore")
    request.data_riferimento = date(2021, 9, 30)
    assert queries(request) == {""}


def test_the_page_that_refuses_a_date_leads_out_of_it(lettore):
    page = lettore.get("/?data=ieri").content.decode()
    assert 'href="/programma/struttura/"' in page
    assert "?data=ieri" not in page


def test_the_shell_knows_roles_and_bounds(ask, settings):
    request = ask("/", "certificatore", "gestore")
    found = context(request)
    assert found["ruoli"] == ["Autorità di Gestione", "Autorità di Certificazione"]
    assert (found["data_minima"], found["data_massima"]) == (
        settings.EARLIEST_DATE,
        timezone.localdate(),
    )
    assert found["data_riferimento"] is None


def test_the_shell_is_made_once_for_each_request(ask, django_assert_num_queries):
    request = ask("/", "gestore")
    first = context(request)
    with django_assert_num_queries(0):
        assert context(request) == first


def test_the_shell_stands_without_a_person():
    found = context(RequestFactory().get("/"))
    assert (found["navigazione"], found["ruoli"]) == ([], [])
