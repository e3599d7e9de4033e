"""What every answer has: the policy for the browser, and words where the input is wrong."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from porfse.errors import BadInput, NotThere
from porfse.flows.errors import NotNow
from porfse.urls import urlpatterns as product

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.porfse.test_middleware")]

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
NASTY = "<script>alert('à')</script>"


def bad(request: HttpRequest) -> HttpResponse:
    raise BadInput(f"Non leggibile: {NASTY}. Scrivere altro.")


def absent(request: HttpRequest) -> HttpResponse:
    raise NotThere("Non c'è: cercare altrove.")


def not_now(request: HttpRequest) -> HttpResponse:
    raise NotNow("Il flusso è già annullato: caricarne un altro.")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def plain_value_error(request: HttpRequest) -> HttpResponse:
    raise ValueError("non è colpa di chi legge")


urlpatterns = [
    path("prova/male/", bad),
    path("prova/assente/", absent),
    path("prova/adesso/", not_now),
    path("prova/rotto/", broken),
    path("prova/valore/", plain_value_error),
    *product,
]


@pytest.fixture
def reader(lettore) -> Client:
    lettore.raise_request_exception = False
    return lettore


def policy(answer) -> dict[str, str]:
    directives = answer["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


# --- Bad input ----------------------------------------------------------------------------------
def test_bad_input_is_a_page_with_its_message_escaped(reader):
    answer = reader.get("/prova/male/")
    assert answer.status_code == 400
    assert answer.templates[0].name == "400.html"
    page = answer.content.decode()
    assert "<h1>Richiesta non valida</h1>" in page
    assert (
        "Non leggibile: &lt;script&gt;alert(&#x27;à&#x27;)&lt;/script&gt;. Scrivere altro." in page
    )
    assert "<script>alert" not in page


def test_what_is_not_there_has_its_own_status(reader):
    answer = reader.get("/prova/assente/")
    assert answer.status_code == 404
    assert "Non c&#x27;è: cercare altrove." in answer.content.decode()


def test_what_cannot_be_done_now_is_not_called_a_wrong_request(reader):
    answer = reader.get("/prova/adesso/")
    page = answer.content.decode()
    assert (answer.status_code, "Richiesta non valida" in page) == (409, False)
    assert "<h1>Operazione non possibile</h1>" in page
    assert "Il flusso è già annullato: caricarne un altro." in page


@pytest.mark.parametrize("url", ["/prova/rotto/", "/prova/valore/"])
def test_a_fault_of_the_program_is_not_blamed_on_the_reader(reader, url):
    answer = reader.get(url)
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "<h1>Errore del sistema</h1>" in page
    assert "Traceback" not in page
    assert "colpa" not in page


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/cifre/", "non è leggibile"),
        ("/cifre/?f=)(", "è incompleto"),
        ("/cifre/?f=nessuna()", "La grandezza «nessuna» non esiste."),
        ("/?data=ieri", "Data non valida: «ieri»."),
        ("/?data=01.01.2013", "precede l&#x27;inizio del periodo"),
        ("/programma/struttura/?data=31.12.2999", "è troppo avanti"),
    ],
)
def test_wrong_addresses_of_the_product_are_answered_in_words(reader, url, words):
    answer = reader.get(url)
    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_a_huge_year_is_answered_in_words(reader):
    assert reader.get("/?data=30.09.99999999999999999999").status_code == 400


# --- The login ----------------------------------------------------------------------------------
PAGE = "http://testserver/flussi/1/?stato=validato"
BUTTON = "/flussi/1/acquisizione/"
LOST = "Sessione scaduta: l&#x27;operazione non è stata eseguita."


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (PAGE, "/flussi/1/%3Fstato%3Dvalidato"),
        (f"{PAGE}#righe", "/flussi/1/%3Fstato%3Dvalidato"),
        ("http://testserver", "/"),
        ("https://altrove.invalid/flussi/1/", "/inizio/"),
        ("http://testserver.altrove.invalid/", "/inizio/"),
        ("javascript:alert(1)", "/inizio/"),
        ("http://[", "/inizio/"),
        (None, "/inizio/"),
    ],
)
def test_an_operation_lost_for_want_of_a_login_leads_back_to_its_page(client, referer, back):
    answer = client.post(BUTTON, headers={"Referer": referer} if referer else {})
    assert (answer.status_code, answer.url) == (302, f"/accesso/login/?next={back}")
    assert LOST in client.get(answer.url).content.decode()
    assert LOST not in client.get(answer.url).content.decode()


def test_an_upload_that_is_lost_is_not_even_read(client):
    answer = client.post("/flussi/carica/", headers={"Referer": "http://testserver/flussi/carica/"})
    assert answer.url == "/accesso/login/?next=/flussi/carica/"


def test_a_part_of_a_page_does_not_become_the_page_of_the_login(client):
    part = {"HX-Request": "true", "Referer": PAGE}
    unsaved = client.post("/crisi/procedure/bozze/salva/", headers=part)
    assert unsaved.status_code == 401
    assert unsaved.text.startswith("Sessione scaduta: non è stato salvato. Copiare quanto scritto")
    read = client.get("/flussi/1/avanzamento/", headers=part)
    assert (read.status_code, read.headers["HX-Refresh"], read.text) == (200, "true", "")


def test_who_only_reads_has_lost_nothing(client):
    answer = client.get("/flussi/?stato=validato", headers={"Referer": PAGE})
    assert answer.url == "/accesso/login/?next=/flussi/%3Fstato%3Dvalidato"
    assert LOST not in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("method", "url", "allowed"), [("get", BUTTON, "POST"), ("post", "/privacy/", "GET, HEAD")]
)
def test_a_method_that_is_not_allowed_is_answered_in_words(reader, method, url, allowed):
    answer = getattr(reader, method)(url)
    assert (answer.status_code, answer["Allow"]) == (405, allowed)
    page = answer.content.decode()
    assert "<h1>Operazione non eseguita</h1>" in page
    assert "usare il pulsante" in page
    assert 'href="/inizio/"' in page


# --- The policy ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "status"),
    [
        *(("/", 200), ("/privacy/", 200), ("/salute/", 200), ("/inizio/", 302)),
        *(("/accesso/password/change/", 200), ("/accesso/logout/", 200)),
        *(("/prova/male/", 400), ("/amministrazione/utenti/", 403), ("/nulla/", 404)),
        *(("/prova/assente/", 404), ("/prova/rotto/", 500)),
    ],
)
def test_every_answer_has_the_whole_policy(reader, url, status):
    answer = reader.get(url)
    assert answer.status_code == status
    assert policy(answer) == POLICY
    assert "Content-Security-Policy-Report-Only" not in answer
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_who_is_not_logged_in_gets_it_too(client):
    answers = [client.get("/"), client.get("/accesso/login/"), client.get("/nulla/")]
    answers.append(client.post("/salute/"))
    assert [answer.status_code for answer in answers] == [302, 200, 404, 405]
    assert [policy(answer) for answer in answers] == [POLICY] * 4


def test_a_form_without_its_token_is_refused_in_italian(lettore):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = lettore.cookies
    answer = strict.post("/accesso/logout/")
    assert answer.status_code == 403
    assert answer.templates[0].name == "403_csrf.html"
    assert policy(answer) == POLICY


@pytest.mark.parametrize("word", ["unsafe", "*", "http", "nonce"])
def test_the_policy_lets_nothing_else_in(word):
    assert word not in "; ".join(POLICY.values())
