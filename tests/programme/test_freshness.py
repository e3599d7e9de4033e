"""Old data are shown as old: beside each quantity, above each table, in a change of nothing."""

import re
from datetime import date

import pytest

from tests.factories.programme import make_movement
from tests.programme.test_pages import text_of


def tiles_of(response) -> list[str]:
    shown = text_of(response)
    return shown.partition("Applica")[2].partition("Ogni cifra")[0].split("Risorse ")


def test_a_tile_says_of_what_day_its_data_are(lettore):
    _, _, committed, _ = tiles_of(lettore.get("/?data=2021-05-31"))
    assert committed.startswith("impegnate 810,08 Mln€ ultimo dato al 31.12.2020 83,5%")
    assert "nessun dato nuovo dal 31.12.2020" in committed
    assert "0,00 Mln€ dal" not in committed


def test_data_of_the_day_are_not_called_old(lettore):
    shown = text_of(lettore.get("/?data=2021-09-30"))
    assert "Risorse impegnate 853,90 Mln€ 88,0%" in shown
    assert "Nel programma, ultimo dato" not in shown
    assert "nessun dato nuovo" not in shown


def test_a_change_of_nothing_is_not_called_uneven(lettore):
    """Both days rest on the same amounts, whose perimetro nobody has declared."""
    certified = tiles_of(lettore.get("/?data=2022-12-31"))[-1]
    assert "nessun dato nuovo dal 31.12.2021" in certified
    assert "CIGD non dichiarata" in certified
    assert "non omogeneo" not in lettore.get("/?data=2022-12-31").content.decode()
    assert "non omogeneo" in lettore.get("/?data=2021-09-30").content.decode()


def test_one_new_movement_leaves_the_other_quantities_old(lettore):
    make_movement("impegnate", data=date(2026, 11, 20))
    _, allotted, committed, paid = tiles_of(lettore.get("/?data=2026-11-20"))
    assert "ultimo dato al 30.09.2021" in allotted
    assert "nessun dato nuovo dal 31.12.2025" in allotted
    assert "ultimo dato" not in committed
    assert "0,00 Mln€ dal 31.12.2025" in committed
    assert "nessun dato nuovo" not in committed
    assert "ultimo dato al 30.09.2021" in paid


def test_a_change_between_two_data_is_a_figure_though_they_are_old(lettore):
    _, _, committed, _ = tiles_of(lettore.get("/?data=2021-05-31&confronto=2020-06-30"))
    assert "ultimo dato al 31.12.2020" in committed
    assert "nessun dato nuovo" not in committed


@pytest.mark.parametrize(
    "url",
    [
        "/?data=2021-05-31&assi-formato=csv",
        "/?data=2021-05-31&variazioni-formato=csv",
        "/programma/assi/I/?data=2021-05-31&azioni-formato=csv",
        "/programma/azioni/8.6.1/?data=2021-05-31&totale-formato=csv",
        "/programma/iniziative/?data=2021-05-31&iniziative-formato=csv",
        "/programma/iniziative/smart-working/?data=2021-05-31&totale-formato=csv",
        "/programma/movimenti/?data=2021-05-31&totale-formato=csv",
        "/programma/covid/?data=2021-05-31&interventi-formato=csv",
    ],
)
def test_a_table_says_so_above_it_and_its_file_above_the_header(lettore, url):
    name = url.rpartition("&")[2].removesuffix("-formato=csv")
    page = lettore.get(url.partition("&")[0]).content.decode()
    said = re.search(rf'<p class="nota" id="{name}-ultimi">(.*)\.</p>', page)[1]
    assert said.startswith("Nel programma, ultimo dato al 31.12.2020: ")
    assert "rogrammate, Impegnate, Liquidate" in said
    assert f'aria-describedby="{name}-ultimi"' in page
    headings = re.findall(r"<th .*?</th>", page, re.DOTALL)
    assert not any("ultimo dato" in heading for heading in headings)
    about, _, table = lettore.get(url).content.decode().partition("\r\n\r\n")
    assert said in [line.strip('"') for line in about.splitlines()]
    assert "ultimo dato" not in table.partition("\r\n")[0]


def test_quantities_that_are_old_since_different_days_are_told_apart(lettore):
    make_movement("impegnate", data=date(2022, 3, 10))
    page = lettore.get("/?data=2022-03-31").content.decode()
    assert (
        ">Nel programma, ultimo dato al 30.09.2021: Programmate, Liquidate, Certificata."
        " Nel programma, ultimo dato al 10.03.2022: Impegnate.</p>"
    ) in page
    file = lettore.get("/?data=2022-03-31&assi-formato=csv").content.decode()
    assert "Nel programma, ultimo dato al 10.03.2022: Impegnate" in file.splitlines()


def test_a_change_of_nothing_is_in_words_in_the_file_too(lettore):
    file = lettore.get("/?data=2021-05-31&variazioni-formato=csv").content.decode()
    total = next(line for line in file.splitlines() if line.startswith("Programma"))
    assert total.split(";")[1:5] == ["nessun dato nuovo"] * 4
    asse = text_of(lettore.get("/programma/assi/I/?data=2021-05-31"))
    assert "nessun dato nuovo dal 31.12.2020" in asse
    assert "ultimo dato al 31.12.2020" in asse
