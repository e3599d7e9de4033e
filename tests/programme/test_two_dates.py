"""The two dates of the Panoramica, and the date of the N+3 simulator."""

import html
import re
from datetime import date

import pytest

from tests.factories.programme import make_movement
from tests.programme.test_pages import text_of


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("2021-09-30", "La data di confronto 30.09.2021 deve precedere quella di riferimento"),
        ("2020-12-31", "La data di confronto 31.12.2020 deve precedere quella di riferimento"),
        ("ieri", "Data non valida: «ieri»"),
    ],
)
def test_a_wrong_comparison_is_told_beside_its_field(lettore, asked, words):
    response = lettore.get(f"/?data=2020-12-31&confronto={asked}")
    assert response.status_code == 400
    page = response.content.decode()
    told = re.search(r'<ul class="errorlist" id="confronto_error"><li>(.*?)</li>', page)[1]
    assert html.unescape(told).startswith(words)
    assert told.endswith("Il confronto mostrato è con il 31.12.2019: scegliere la data.")
    assert 'name="confronto" value="2019-12-31"' in page
    assert 'aria-describedby="confronto_error"' in page
    assert "810,08 Mln€" in text_of(response)


def test_no_file_is_made_with_another_comparison_than_the_one_asked_for(lettore):
    response = lettore.get("/?data=2020-12-31&confronto=2021-09-30&variazioni-formato=csv")
    assert response.status_code == 400
    assert "deve precedere" in text_of(response)
    assert "attachment" not in response.headers.get("Content-Disposition", "")


def test_a_change_of_the_date_keeps_the_comparison(lettore):
    page = lettore.get("/?data=2021-09-30&confronto=2020-06-30").content.decode()
    form = re.search(r'<form class="data-riferimento".*?</form>', page, re.DOTALL)[0]
    sent = dict(re.findall(r'name="([a-z]+)" value="([^"]*)"', form))
    assert sent == {"confronto": "2020-06-30"}
    later = text_of(lettore.get("/", {**sent, "data": "2021-10-31"}))
    assert "Che cosa è cambiato dal 30.06.2020" in later
    earlier = lettore.get("/", {**sent, "data": "2020-03-31"})
    assert "Che cosa è cambiato dal 31.12.2019" in text_of(earlier)
    assert "La data di confronto 30.06.2020 deve precedere" in text_of(earlier)


def test_after_the_last_deadline_there_is_nothing_to_simulate(lettore):
    make_movement("impegnate", data=date(2026, 11, 20))
    for asked in ("", "?totale=20.000.000&entro=2021-12-31"):
        response = lettore.get(f"/programma/n3/{asked}")
        assert response.status_code == 200
        shown = text_of(response)
        assert "Alla data di riferimento, 20.11.2026, è passata anche l'ultima scadenza" in shown
        assert "Simula dai dati al 30.09.2021" in shown
        page = response.content.decode()
        assert 'name="totale"' not in page.partition('id="simulazione"')[2]
        assert 'href="?data=2021-09-30#simulazione"' in page
    assert 'name="totale"' in lettore.get("/programma/n3/?data=2021-09-30").content.decode()


def test_on_the_last_deadline_one_may_still_simulate(lettore):
    assert 'name="totale"' in lettore.get("/programma/n3/?data=2023-12-31").content.decode()
    assert 'id="id_totale"' not in lettore.get("/programma/n3/?data=2024-01-01").content.decode()


def test_where_all_is_certified_late_no_day_is_offered(lettore):
    make_movement("certificata", data=date(2026, 11, 20), quota_ue=None, natura="saldo")
    shown = text_of(lettore.get("/programma/n3/"))
    assert "scegliere in «Dati al» una data precedente" in shown
    assert "Simula dai dati" not in shown
