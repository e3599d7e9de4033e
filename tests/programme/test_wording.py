"""The words of the pages: what an official reads, never a code."""

import re
from datetime import date

import pytest

from porfse.models import Fonte
from porfse.printed import catalogue
from programme.forms import IniziativaForm, MovimentoForm
from programme.models import Azione, Destinatari, Impegno, Iniziativa, ValoreIndicatore
from programme.tables_quadratura import PERIMETRI
from programme.views.fonti import _retired
from tests.factories.programme import make_initiative
from tests.programme.test_pages import text_of

MODIFY = "/programma/iniziative/smart-working/modifica/"


def test_every_perimetro_of_the_sources_has_its_words():
    assert {printed.perimetro for printed in catalogue.figures.values()} == set(PERIMETRI)


def test_quadratura_says_the_perimetro_in_words(lettore):
    page = lettore.get("/programma/quadratura/?verdetto=contraddizione").content.decode()
    cells = {cell.strip() for cell in re.findall(r"<td[^>]*>([^<]*)</td>", page)}
    assert cells & set(PERIMETRI.values())
    assert not cells & {"ordinaria", "cigd", "ordinaria+cigd", "non dichiarata"}


@pytest.mark.parametrize("code", ["ordinaria", "cigd", "ordinaria+cigd", "non dichiarata"])
def test_a_printed_figure_is_told_in_words(lettore, code):
    printed = next(item for item in catalogue.figures.values() if item.perimetro == code)
    shown = text_of(lettore.get(f"/programma/quadratura/{printed.id}/"))
    assert f"Perimetro {PERIMETRI[code]} " in shown
    assert f"Punto del documento {printed.sezione} Testo della fonte" in shown


def test_an_asse_names_its_section(lettore):
    page = lettore.get("/programma/assi/I/").content.decode()
    assert "<h2>Beneficiari e destinatari</h2>" in page


@pytest.mark.parametrize(
    ("number", "words"), [(1, "È stata ritirata 1 fonte."), (3, "Sono state ritirate 3 fonti.")]
)
def test_how_many_sources_were_retired(number, words):
    assert _retired(number) == words


def test_retiring_says_how_many(gestore):
    fonte = Fonte.objects.get(documento="001", sezione="Totali del programma")
    form = {"motivo": "movimenti propri", "conferma": "on"}
    response = gestore.post(f"/programma/fonti/{fonte.pk}/ritiro/", form, follow=True)
    number = Fonte.objects.exclude(ritirata_il=None).count()
    assert number
    assert _retired(number) in text_of(response)


def test_known_rows_without_a_sum_are_not_summed(lettore):
    shown = text_of(lettore.get("/cifre/?f=certificata_ue(al=2020-12-31,asse=I)"))
    assert "La cifra non è nota" in shown
    assert "Le righe note sommano" not in shown


def test_known_rows_with_a_sum_are_summed(lettore):
    shown = text_of(lettore.get("/cifre/?f=certificata(al=2021-09-30,asse=I)"))
    assert "Le righe note sommano 120.530.000,00 €" in shown


def test_recipients_say_what_the_report_prints(lettore):
    note = re.search(
        r"<p[^>]*data-lettura>.*?</p>",
        lettore.get("/programma/destinatari/").content.decode(),
        re.DOTALL,
    )[0]
    assert "86.970" in note
    assert "86.968" in note


@pytest.mark.parametrize("page", ["destinatari", "indicatori"])
@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2021-09-30", "Ultimo dato pubblicato: 31.12.2020."),
        ("2015-06-30", "Nessun dato pubblicato al 30.06.2015."),
    ],
)
def test_pages_of_facts_say_the_date_of_their_data(lettore, page, day, words):
    assert words in text_of(lettore.get(f"/programma/{page}/?data={day}"))


def test_the_date_of_the_data_is_that_of_the_latest(lettore):
    later = date(2021, 6, 30)
    for model in (Destinatari, ValoreIndicatore):
        fact = model.objects.first()
        fact.pk, fact.data = None, later
        fact.save()
    for page in ("destinatari", "indicatori"):
        shown = text_of(lettore.get(f"/programma/{page}/?data=2021-09-30"))
        assert "Ultimo dato pubblicato: 30.06.2021." in shown


@pytest.mark.parametrize(
    "url",
    [
        "/programma/assi/I/",
        "/programma/azioni/8.6.1/",
        "/programma/obiettivi/8.6/",
        "/programma/priorita/8.v/",
        "/programma/iniziative/",
        "/programma/iniziative/smart-working/",
        "/programma/movimenti/",
    ],
)
def test_a_perimetro_that_is_not_the_usual_is_said(lettore, url):
    assert "Perimetro: CIGD esclusa" in text_of(lettore.get(f"{url}?perimetro=ordinaria"))
    assert '<p class="nota">Perimetro:' not in lettore.get(url).content.decode()


def test_a_node_without_children_has_no_empty_table(lettore):
    azione = Azione.objects.filter(iniziative=None).first()
    page = lettore.get(azione.get_absolute_url()).content.decode()
    assert "<h2>Iniziative</h2>" not in page
    assert "Nessun dato." not in page
    make_initiative(azione.obiettivo.asse_id, azione=azione)
    page = lettore.get(azione.get_absolute_url()).content.decode()
    assert "<h2>Iniziative</h2>" in page


def test_both_forms_offer_an_azione_with_its_title(db):
    azione = Azione.objects.get(pk="8.6.1")
    node = Iniziativa.objects.filter(asse="I").first()
    for form in (MovimentoForm(model=Impegno), IniziativaForm(instance=node)):
        offered = {str(value): label for value, label in form.fields["azione"].choices}
        assert offered["8.6.1"].startswith(f"8.6.1 – {azione.titolo[:40]}")
        assert all(len(label) <= 80 for label in offered.values())


def test_the_priority_is_called_by_its_name(gestore):
    assert "Priorità d'investimento" in text_of(gestore.get(MODIFY))


def test_a_conflict_shows_both_values_in_words(gestore):
    form = {"versione": "1", "nome": "Primo nome", "stato": "in_corso", "descrizione": "Breve"}
    assert gestore.post(MODIFY, form | {"covid": "on"}).status_code == 302
    mine = {"nome": "Secondo nome", "stato": "realizzata", "descrizione": ""}
    response = gestore.post(MODIFY, form | mine)
    assert response.status_code == 409
    page = response.content.decode()
    rows = re.findall(
        r'<tr><th scope="row">([^<]*)</th><td>([^<]*)</td><td>([^<]*)</td></tr>', page
    )
    assert rows == [
        ("Nome", "Primo nome", "Secondo nome"),
        ("Stato", "in corso", "realizzata"),
        ("Descrizione", "Breve", "—"),
        ("Intervento Covid-19", "sì", "no"),
    ]
    assert "<title>Modifica: Primo nome " in page
    assert 'value="Secondo nome"' in page
