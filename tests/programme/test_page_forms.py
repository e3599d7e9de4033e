"""The forms of the programme: what they write, what they refuse, what the second person is told."""

import re

import pytest

from porfse.models import Fonte
from programme.models import GRANDEZZE, Iniziativa
from tests.factories.programme import make_movement
from tests.programme.test_pages import text_of


def form_of(response) -> dict[str, str]:
    reference = re.search(r'name="riferimento" value="(m-[0-9a-f]{12})"', response.content.decode())
    return {
        "riferimento": reference[1],
        "asse": "I",
        "data": "2022-02-01",
        "importo": "1.234,56",
        "perimetro": "ordinaria",
        "atto_tipo": "decreto",
        "atto_numero": "77",
        "atto_data": "2022-01-31",
    }


def test_entering_a_movement(gestore):
    url = "/programma/movimenti/impegnate/nuovo/"
    form = form_of(gestore.get(url))
    response = gestore.post(url, form, follow=True)
    assert "1.234,56 €" in text_of(response)
    assert gestore.post(url, form, follow=True).redirect_chain == response.redirect_chain
    assert GRANDEZZE["impegnate"].objects.filter(natura="movimento").count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"atto_numero": ""}, "obbligatorio"),
        ({"importo": "0"}, "non può essere zero"),
        ({"importo": "mille"}, "Importo non leggibile"),
        ({"importo": "1,234"}, "Importo non leggibile"),
        ({"data": "2999-01-01"}, "troppo avanti"),
        ({"data": "2021-09-30"}, "conta due volte"),
        ({"asse": "IX"}, "scelta"),
        ({"azione": "9.8.1"}, "non è dell'Asse I"),
        ({"riferimento": "x"}, "valore valido"),
    ],
)
def test_a_bad_movement_is_refused_and_what_was_typed_stays(gestore, change, words):
    url = "/programma/movimenti/impegnate/nuovo/"
    response = gestore.post(url, form_of(gestore.get(url)) | change)
    assert response.status_code == 400
    assert words in text_of(response)
    assert 'value="77"' in response.content.decode() or "atto_numero" in change
    assert not GRANDEZZE["impegnate"].objects.filter(natura="movimento").exists()


def test_reversing_twice_is_told(gestore):
    url = make_movement().get_absolute_url() + "storno/"
    form = {
        "data": "2022-03-01",
        "descrizione": "errore di asse",
        "atto_tipo": "decreto",
        "atto_numero": "78",
        "atto_data": "2022-03-01",
    }
    assert gestore.post(url, form).status_code == 302
    second = gestore.post(url, form)
    assert second.status_code == 409
    assert "già stato stornato" in text_of(second)


def test_who_edits_second_sees_both_values(gestore):
    url = "/programma/iniziative/smart-working/modifica/"
    form = {"versione": "1", "nome": "Primo nome", "stato": "in_corso", "descrizione": ""}
    assert gestore.post(url, form).status_code == 302
    second = gestore.post(url, form | {"nome": "Secondo nome"})
    assert second.status_code == 409
    assert "Primo nome" in text_of(second)
    assert "Secondo nome" in second.content.decode()
    assert Iniziativa.objects.get(pk="smart-working").nome == "Primo nome"
    again = form | {"nome": "Secondo nome", "versione": "2"}
    assert gestore.post(url, again).status_code == 302
    assert Iniziativa.objects.get(pk="smart-working").nome == "Secondo nome"


def test_retiring_a_source_wants_a_reason(gestore):
    fonte = Fonte.objects.get(documento="001", sezione="Totali del programma")
    url = f"/programma/fonti/{fonte.pk}/ritiro/"
    assert gestore.post(url, {"motivo": ""}).status_code == 400
    assert gestore.post(url, {"motivo": "movimenti propri", "conferma": "on"}).status_code == 302
    assert gestore.post(url, {"motivo": "di nuovo", "conferma": "on"}).status_code == 409
    assert "ritirata il" in text_of(gestore.get(f"/programma/fonti/{fonte.pk}/"))
