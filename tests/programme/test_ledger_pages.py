"""What the pages of the ledger refuse and say: the azioni of the CIGD, a reversal made already."""

import pytest

from programme.models import GRANDEZZE
from tests.factories.programme import make_initiative, make_movement
from tests.programme.test_page_forms import form_of
from tests.programme.test_pages import text_of

ELSEWHERE = "La CIGD sta solo sulle azioni 8.6.1 e 9.8.1"
URL = "/programma/movimenti/impegnate/nuovo/"


def sent(gestore, **fields: str):
    form = form_of(gestore.get(URL)) | {"perimetro": "cigd"} | fields
    return gestore.post(URL, form)


def entered() -> int:
    return GRANDEZZE["impegnate"].objects.filter(natura="movimento").count()


@pytest.mark.parametrize("azione", ["9.1.3", "9.3.3", ""])
def test_the_wage_support_is_refused_where_it_cannot_be(gestore, azione):
    response = sent(gestore, asse="II", azione=azione)
    assert response.status_code == 400
    assert ELSEWHERE in text_of(response)
    assert entered() == 0


@pytest.mark.parametrize(("asse", "azione"), [("I", "8.6.1"), ("II", "9.8.1")])
def test_the_wage_support_is_entered_on_its_azioni(gestore, asse, azione):
    assert sent(gestore, asse=asse, azione=azione).status_code == 302
    assert entered() == 1


def test_an_initiative_stands_for_its_azione(gestore):
    other = make_initiative("II", azione_id="9.1.3")
    assert ELSEWHERE in text_of(sent(gestore, asse="II", iniziativa=other.pk))
    assert sent(gestore, asse="II", iniziativa="cigd-asse-ii").status_code == 302


def test_other_money_goes_anywhere(gestore):
    assert sent(gestore, asse="II", azione="9.1.3", perimetro="ordinaria").status_code == 302


def test_the_azioni_are_those_of_the_documents_not_of_what_was_typed(gestore):
    make_movement("programmate", asse_id="II", azione_id="9.1.3", perimetro="cigd")
    assert ELSEWHERE in text_of(sent(gestore, asse="II", azione="9.1.3"))


def test_a_movement_that_is_reversed_offers_no_form(gestore):
    movement = make_movement()
    url = f"{movement.get_absolute_url()}storno/"
    assert gestore.get(url).status_code == 200
    reversal = make_movement(importo=-movement.importo, storno_di=movement)
    response = gestore.get(url)
    assert response.status_code == 409
    assert "già stato stornato" in text_of(response)
    assert reversal.get_absolute_url() in response.content.decode()


def test_the_page_of_an_azione_ends_with_one_full_stop(lettore):
    assert "Priorità d'investimento: n.d. " in text_of(lettore.get("/programma/azioni/9.1.3/"))
    assert "Priorità d'investimento: 8.v ." in text_of(lettore.get("/programma/azioni/8.6.1/"))


@pytest.mark.parametrize(
    ("figure", "printed", "code", "verdict"),
    [
        ("certificata(al=2020-12-31)", "442,5 Mln€", "004-022", "quadra"),
        ("liquidate(al=2020-12-31,perimetro=ordinaria)", "536,5 Mln€", "004-021", "quadra"),
    ],
)
def test_a_figure_names_what_the_document_prints_for_it(lettore, figure, printed, code, verdict):
    response = lettore.get(f"/cifre/?f={figure}")
    shown = text_of(response)
    assert f"Stampata {printed} ( documento 004, 2.1" in shown
    assert (
        shown.partition("Stampata meno calcolata")[2]
        .partition(" Tolleranza ")[0]
        .endswith(f": {verdict}")
    )
    assert f"/cifre/?f=stampata(id={code})" in response.content.decode()


def test_a_figure_that_no_document_prints_says_nothing_of_print(lettore):
    shown = text_of(lettore.get("/cifre/?f=certificata(al=2021-05-31)"))
    assert "Stampata" not in shown
