"""The page that writes a measure in the ledger, and the measure on the page of its initiative."""

from datetime import date
from decimal import Decimal

import pytest

from programme.models import Impegno
from tests.factories.misure import make_domanda, summed

pytestmark = pytest.mark.django_db
URL = "/misure/smart-working/movimenti/"
AL = "2021-10-21"
PRINTED = Decimal(10_000_000)


def rows(number: int = 1) -> None:
    """The printed ten million and, after them, 705,500 in some rows."""
    make_domanda("ammessa", concesso=PRINTED, data_ammissione=date(2021, 6, 1))
    for _ in range(number):
        make_domanda(
            "ammessa",
            concesso=Decimal(705_500) / number,
            data_ammissione=date(2021, 10, 10),
        )
    summed()


def form(**fields: str) -> dict[str, str]:
    values = {
        "al": AL,
        "grandezze": "impegnate",
        "atteso_impegnate": "705500.00",
        "atto_tipo": "decreto",
        "atto_numero": "900",
        "atto_data": AL,
    }
    return values | fields


def text(response) -> str:
    return response.content.decode().replace("\xa0", " ")


def test_the_preview_shows_both_sums_the_difference_and_the_movement(gestore):
    rows()
    page = gestore.get(URL, {"data": AL})
    assert page.status_code == 200
    shown = text(page)
    for amount in ("10.000.000,00 €", "10.705.500,00 €", "705.500,00 €"):
        assert amount in shown
    assert 'value="705500.00"' in shown
    assert "Scrivi i movimenti" in shown
    assert "Liquidazioni al 21.10.2021" in shown


def test_what_is_confirmed_is_written_and_stands_in_the_history(gestore):
    rows()
    answer = gestore.post(f"{URL}?data={AL}", form(), follow=True)
    assert answer.redirect_chain == [(f"{URL}?data={AL}", 302)]
    shown = text(answer)
    assert "Movimenti scritti nel registro: risorse impegnate al 21.10.2021." in shown
    assert "misura/smart-working/impegnate/2021-10-21/1" in shown
    assert "Non c'è nulla da scrivere a questa data." in shown.replace("&#x27;", "'")
    movement = Impegno.objects.get(natura="movimento")
    assert movement.importo == Decimal("705500.00")
    assert gestore.get(movement.get_absolute_url()).status_code == 200


def test_the_same_form_sent_twice_is_one_movement(gestore):
    rows()
    for _ in range(2):
        answer = gestore.post(f"{URL}?data={AL}", form(), follow=True)
    assert "nessun movimento scritto" in text(answer)
    assert Impegno.objects.filter(natura="movimento").count() == 1


def test_amounts_that_have_changed_are_shown_again_before_they_are_written(gestore):
    rows()
    answer = gestore.post(f"{URL}?data={AL}", form(atteso_impegnate="1.00"))
    assert answer.status_code == 409
    assert "rileggere l'anteprima" in text(answer).replace("&#x27;", "'")
    assert 'value="705500.00"' in text(answer)
    assert not Impegno.objects.filter(natura="movimento").exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"al": "2020-12-31", "atteso_impegnate": "-5260000.00"}, "saldo pubblicato al 30.09.2021"),
        ({"al": "ieri"}, "Data non valida"),
        ({"grandezze": "certificata"}, "non è tra quelle disponibili"),
        ({"atto_numero": ""}, "obbligatorio"),
        ({"atto_data": "31/02/2021"}, "Data non valida"),
        ({"atteso_impegnate": "molto"}, "Importo non leggibile"),
    ],
)
def test_what_cannot_be_is_refused_in_words(gestore, fields, words):
    rows()
    answer = gestore.post(f"{URL}?data={AL}", form(**fields))
    assert answer.status_code in (400, 409)
    assert words in text(answer)
    assert not Impegno.objects.filter(natura="movimento").exists()


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/misure/nessuna/movimenti/", 404),
        (f"{URL}?data=domani", 400),
        (f"{URL}?data=2999-01-01", 400),
        (f"{URL}?storia-page=9", 404),
    ],
)
def test_bad_addresses_are_refused(gestore, url, status):
    assert gestore.get(url).status_code == status


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore", "certificatore", "controllore"])
def test_who_may_not_write_reads_but_is_not_offered_the_form(as_role, role):
    rows()
    client = as_role(role)
    page = client.get(URL, {"data": AL})
    assert page.status_code == 200
    assert "705.500,00 €" in text(page)
    assert "Scrivi i movimenti" not in text(page)
    assert client.post(f"{URL}?data={AL}", form()).status_code == 403
    assert not Impegno.objects.filter(natura="movimento").exists()


def test_the_administrator_sees_nothing(as_role):
    assert as_role("amministratore").get(URL).status_code == 403


@pytest.mark.parametrize("number", [1, 5])
def test_the_page_asks_few_queries_whatever_the_rows(gestore, django_assert_num_queries, number):
    rows(number)
    gestore.post(f"{URL}?data={AL}", form())
    with django_assert_num_queries(11):
        gestore.get(URL, {"data": AL})


def test_the_tables_are_exported(gestore):
    rows()
    csv = gestore.get(URL, {"data": AL, "anteprima-formato": "csv"}).content.decode("utf-8-sig")
    lines = csv.splitlines()
    first = lines[lines.index("") + 2].split(";")  # below the header
    assert first[:5] == [
        "Impegni al 21.10.2021", "10.000.000,00", "10.705.500,00", "705.500,00", "705.500,00",
    ]  # fmt: skip
