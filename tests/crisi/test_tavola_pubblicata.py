"""The page shows the tables of 2024 and 2025 as the document prints them, in every cell."""

import re

import pytest

from crisi.models import DatoPubblicato
from porfse.models import Fonte
from tests.factories.crisi import make_nucleo, make_unita
from tests.programme.test_pages import text_of

pytestmark = pytest.mark.django_db

# As printed: provincia, then units, share, workers, share of each kind, and all workers.
PRINTED = {
    2024: """
BG|9|10,3|438|19,6|6|12,8|561|24,0|28|12,8|616|12,4|1.615
BS|6|6,9|71|3,2|3|6,4|75|3,2|15|6,8|410|8,2|556
CO|4|4,6|258|11,5|3|6,4|108|4,6|9|4,1|183|3,7|549
CR|4|4,6|353|15,8|0|0,0||0,0|5|2,3|94|1,9|447
LC|2|2,3|38|1,7|1|2,1|134|5,7|3|1,4|39|0,8|211
LO|0|0,0|0|0,0|1|2,1|18|0,8|4|1,8|64|1,3|82
MN|3|3,4|152|6,8|1|2,1|71|3,0|3|1,4|94|1,9|317
MI|41|47,1|673|30,1|18|38,3|487|20,8|107|48,9|2.191|44,0|3.351
MB|6|6,9|116|5,2|4|8,5|390|16,7|22|10,0|625|12,5|1.131
PV|3|3,4|34|1,5|6|12,8|366|15,6|10|4,6|379|7,6|779
SO|1|1,1|2|0,1|1|2,1|59|2,5|1|0,5|59|1,2|120
VA|8|9,2|99|4,4|3|6,4|73|3,1|12|5,5|227|4,6|399
TOT|87|100,00|2.234|100,00|47|100,00|2.342|100,00|219|100,00|4.981|100,00|9.557
""",
    2025: """
BG|9|9,5|474|10,8|10|22,7|905|34,5|47|18,4|685|14,3|2.064
BS|11|11,6|620|14,2|2|4,5|325|12,4|16|6,3|324|6,7|1.269
CO|14|14,7|842|19,2|12|27,3|678|25,9|20|7,8|320|6,7|1.840
CR|1|1,1|2|0,0|1|2,3|54|2,1|2|0,8|17|0,4|73
LC|4|4,2|104|2,4|2|4,5|183|7,0|5|2,0|88|1,8|375
LO||0,0||0,0|2|4,5|75|2,9|1|0,4|13|0,3|88
MN|2|2,1|144|3,3|1|2,3|52|2,0|4|1,6|82|1,7|278
MI|27|28,4|949|21,7|10|22,7|243|9,3|115|45,1|2.034|42,3|3.226
MB|6|6,3|672|15,4|3|6,8|90|3,4|22|8,6|551|11,5|1.313
PV|3|3,2|29|0,7|1|2,3|15|0,6|5|2,0|381|7,9|425
SO|2|2,1|18|0,4|0|0,0|0|0,0|3|1,2|15|0,3|33
VA|16|16,8|523|11,9|0|0,0|0|0,0|15|5,9|293|6,1|816
TOT|95|100,00|4.377|100,00|44|100,00|2.620|100,00|255|100,00|4.803|100,00|11.800
""",
}


def printed(year: int) -> list[list[str]]:
    return [line.split("|") for line in PRINTED[year].strip().splitlines()]


def shown(response, fonte: str = "pubblicata") -> list[list[str]]:
    """The words in the cells of a table of the page; what only a screen reader says is left out."""
    page = response.content.decode()
    table = re.search(rf'<table[^>]*data-fonte="{fonte}".*?</table>', page, re.DOTALL)[0]
    body = table.partition("<tbody>")[2]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [
        [_words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows
    ]


def _words(cell: str) -> str:
    visible = re.sub(r'<span class="visually-hidden">[^<]*</span>', "", cell)
    return re.sub(r"<[^>]+>", "", visible).strip()


@pytest.mark.parametrize("year", PRINTED)
def test_every_cell_is_the_printed_one(lettore, year):
    table = shown(lettore.get(f"/crisi/?periodo={year}"))
    assert len(table) == 13
    assert {len(row) for row in table} == {14}
    assert table == printed(year)


def test_nothing_chosen_shows_the_latest_published_table(lettore):
    page = lettore.get("/crisi/")
    assert shown(page) == printed(2025)
    assert "Casi gestiti in forma coordinata con il livello territoriale, anno 2025" in text_of(
        page
    )
    assert "i dati stampati nel documento regionale" in text_of(page)


def test_procedures_do_not_change_what_was_published(lettore):
    make_unita("LO", 9, tipo="CIGS_MIN")
    make_unita("LO", 9, tipo="CIGS_MIN", esempio=True)
    assert shown(lettore.get("/crisi/?periodo=2025")) == printed(2025)


def test_a_nucleo_reads_the_same_table(client):
    client.force_login(make_nucleo("SO"), backend="porfse.accounts.RoleBackend")
    assert shown(client.get("/crisi/?periodo=2024")) == printed(2024)


def test_a_blank_says_what_it_is_by_difference_and_that_it_is_derived(lettore):
    words = text_of(lettore.get("/crisi/?periodo=2025"))
    assert "Lodi, CIGS ministeriali: unità produttive 0 (derivata) ;" in words
    assert "Lodi, CIGS ministeriali: lavoratori 0 (derivata) ." in words
    words = text_of(lettore.get("/crisi/?periodo=2024"))
    assert "Cremona, CIGS regionali: lavoratori 0 (derivata) ." in words
    assert "Cremona, CIGS regionali: unità produttive" not in words


def test_the_share_beside_a_blank_is_the_printed_figure(lettore):
    page = lettore.get("/crisi/?periodo=2025").content.decode()
    assert page.count("stampata(id=002-2025-LO-MIN-unita-peso)") == 1
    assert page.count("stampata(id=002-2025-LO-MIN-lavoratori-peso)") == 1
    assert page.count("stampata(") == 2


def test_a_retired_source_takes_its_table_away(lettore, user):
    fonte = Fonte.objects.get(sezione__contains="anno 2025", documento="002")
    fonte.ritirata_il, fonte.motivo_ritiro = "2026-01-01T00:00Z", "Ripubblicata"
    fonte.ritirata_da = user("gestore")
    fonte.save()
    assert shown(lettore.get("/crisi/")) == printed(2024)
    assert lettore.get("/crisi/?periodo=2025&fonte=pubblicata").status_code == 400
    assert DatoPubblicato.objects.filter(anno=2025).count() == 52
