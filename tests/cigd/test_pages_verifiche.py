"""The pages of samples and verifications, as each role."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from cigd import draws
from cigd.checklists import LISTE
from cigd.models import Campione, Estrazione, Pagamento, Verifica
from porfse.models import AuditEvent
from tests.factories.flows import payment
from tests.factories.pool import LODI, MILANO, in_pool, recovery
from tests.factories.samples import drawn, verified
from tests.threads import between

LIST, NEW = "/cigd/verifiche/", "/cigd/verifiche/nuovo/"
ASKED = {"metodo": "semplice", "numero": "2", "seme": "s", "periodo": "pagamento"}


@pytest.fixture
def flow(db):
    first = payment(comune_istat=MILANO, importo="1.000,00")
    return in_pool(
        first,
        *(payment(comune_istat=LODI, importo="150,00") for _ in range(3)),
        recovery(first, "-40,00"),
    )


@pytest.fixture
def controllore(as_role):
    return as_role("controllore")


@pytest.fixture
def sample(flow):
    return drawn("mus", 2)


@pytest.fixture
def element(sample):
    return sample.elementi.filter(certo=True).get()


def url_of(element, *steps):
    return "".join([element.get_absolute_url(), *(f"{step}/" for step in steps)])


def sent(tipo="desk", **fields):
    """A check list as the form sends it: all is well, unless told otherwise."""
    answers = {f"risposta_{question.codice}": "si" for question in LISTE[tipo]}
    return {**answers, "versione": "0", "data": "2022-03-01", "esito": "regolare", **fields}


NO = {"risposta_ore": "no", "nota_ore": "Due volte le stesse"}
IRREGULAR = {
    **NO,
    "esito": "irregolare",
    "importo_irregolare": "12,50",
    "descrizione": "Ore doppie",
}


def test_pages_without_any_flow_say_so(controllore):
    page = controllore.get(LIST)
    assert page.status_code == 200
    assert "Nessun flusso di pagamenti INPS è acquisito" in page.content.decode()
    assert NEW not in page.content.decode()
    asked = controllore.post(NEW, ASKED)
    assert asked.status_code == 404
    assert "Nessun flusso è acquisito" in asked.content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("controllore", 200),
        ("gestore", 200),
        ("operatore", 200),
        ("certificatore", 200),
        ("lettore", 403),
        ("nucleo", 403),
        ("amministratore", 403),
    ],
)
def test_who_may_read(as_role, element, role, status):
    client = as_role(role)
    for url in (LIST, element.campione.get_absolute_url(), url_of(element)):
        assert client.get(url).status_code == status, url


@pytest.mark.parametrize("role", ["gestore", "operatore", "certificatore", "lettore"])
def test_who_may_not_write(as_role, element, role):
    client = as_role(role)
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, ASKED).status_code == 403
    assert client.get(url_of(element, "desk")).status_code == 403
    assert client.post(url_of(element, "desk"), sent()).status_code == 403
    assert client.post(url_of(element, "seguiti"), {}).status_code == 403
    assert client.post(url_of(element, "seguiti", 1), {}).status_code == 403
    assert client.post(url_of(element), {"motivo": "x"}).status_code == 403
    assert not Verifica.objects.exists()
    assert "Registra la" not in client.get(url_of(element)).content.decode()


def test_forged_addresses_are_not_there(controllore, sample, element):
    other = drawn("semplice", 1)
    forged = [
        reverse("cigd:campione", args=[other.pk + 1]),
        reverse("cigd:verifica", args=[other.pk, element.pk]),
        reverse("cigd:verifica", args=[sample.pk, 10**15]),
        reverse("cigd:verifica", args=[sample.pk, 10**25]),
        url_of(element, "altro"),
        reverse("cigd:verifica_registra", args=[other.pk, element.pk, "desk"]),
    ]
    for url in forged:
        assert controllore.get(url).status_code == 404, url
    done = {"fatto_il": "2022-03-01"}
    assert controllore.post(url_of(element, "seguiti", 99), done).status_code == 404


def asked(client, **fields):
    """A draw that was asked for by the form, and its page once the task has counted."""
    answer = client.post(NEW, {**ASKED, **fields})
    made = Estrazione.objects.first()
    assert (answer.status_code, answer.url) == (302, made.get_absolute_url())
    assert "non è ancora contata" in client.get(answer.url).content.decode()
    draws.count(made.pk)
    return made, client.get(answer.url).content.decode()


def test_a_population_is_looked_at_and_then_drawn_from(controllore, flow):
    made, page = asked(controllore)
    url = made.get_absolute_url()
    assert "1.450,00\u00a0€" in page
    assert "−40,00" in page
    assert "in attesa di decisione" in page
    assert f'href="{url}"' in controllore.get(LIST).content.decode()
    told = controllore.post(f"{url}conferma/", follow=True)
    assert told.redirect_chain == [(url, 302)]
    assert "in estrazione" in told.content.decode()
    draws.draw(made.pk)
    sample = Campione.objects.get()
    assert (sample.metodo, sample.numero, sample.seme, sample.pagamenti) == ("semplice", 2, "s", 4)
    page = controllore.get(url).content.decode()
    assert f'href="{sample.get_absolute_url()}"' in page
    assert "Estrai il campione" not in page
    assert f'href="{url}"' not in controllore.get(LIST).content.decode()
    assert controllore.post(f"{url}conferma/").status_code == 409


def test_what_cannot_be_drawn_is_told_with_a_way_to_ask_again(controllore, flow):
    made, page = asked(controllore, numero="5", dal="2020-05-01")
    assert "Gli elementi sono da 1 a 4" in page
    assert "Estrai il campione" not in page
    again = f"{NEW}?da={made.pk}"
    assert f'href="{again}"' in page
    form = controllore.get(again).content.decode()
    assert 'value="5"' in form
    assert 'value="2020-05-01"' in form
    for strange in ("x", "²", "9" * 18, "9" * 30, "9" * 5_000, str(made.pk + 1)):
        assert controllore.get(NEW, {"da": strange}).status_code == 200


def test_a_page_read_before_the_task_ended_follows_it_still(controllore, flow):
    controllore.post(NEW, ASKED)
    made = Estrazione.objects.get()
    with between('FROM "cigd_estrazione"', lambda: draws.count(made.pk)):
        page = controllore.get(made.get_absolute_url()).content.decode()
    assert "in preparazione" in page
    assert 'hx-trigger="every 3s"' in page
    assert "Estrai il campione" in controllore.get(made.get_absolute_url()).content.decode()


def test_a_draw_is_given_up(controllore, flow):
    made, page = asked(controllore)
    url = made.get_absolute_url()
    assert f'action="{url}scarta/"' in page
    told = controllore.post(f"{url}scarta/", follow=True).content.decode()
    assert f"{made} scartata." in told
    assert f'href="{url}"' not in told
    page = controllore.get(url).content.decode()
    assert "Estrai il campione" not in page
    assert "Scarta" not in page
    for step in ("conferma", "scarta"):
        assert controllore.post(f"{url}{step}/").status_code == 409
        assert controllore.get(f"{url}{step}/").status_code == 405


@pytest.mark.parametrize("role", ["gestore", "certificatore", "lettore"])
def test_draws_are_for_who_verifies(as_role, controllore, flow, role):
    made, _ = asked(controllore)
    url, client = made.get_absolute_url(), as_role(role)
    assert client.get(url).status_code == 403
    for step in ("conferma", "scarta"):
        assert client.post(f"{url}{step}/").status_code == 403
    if role != "lettore":
        assert url not in client.get(LIST).content.decode()
    assert Estrazione.objects.get().stato == "pronta"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"numero": "zero"}, "numero"),
        ({"numero": "99999999999"}, "10000"),
        ({"seme": "à"}, "senza accento"),
        ({"metodo": "altro"}, "altro"),
        ({"metodo": "stratificato"}, "Scegliere se in base"),
        ({"flussi": "999"}, "999"),
        ({"dal": "31.02.2020"}, "Data non valida"),
        ({"dal": "2021-05-02", "al": "2021-05-01"}, "prima del suo inizio"),
    ],
)
def test_a_wrong_choice_is_explained(controllore, flow, fields, words):
    answer = controllore.post(NEW, {**ASKED, **fields})
    assert answer.status_code == 400
    assert not Estrazione.objects.exists()
    assert words in answer.content.decode()


def test_the_preview_of_a_stratified_sample_says_what_each_stratum_gives(controllore, flow):
    _, page = asked(controllore, metodo="stratificato", ripartizione="numero", numero="3")
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    # One of one in Milano, two of three in Lodi.
    assert [row[-1] for row in cells if row] == ["1", "2", "3"]


def test_an_element_is_verified_and_its_history_told(controllore, element):
    form = controllore.get(url_of(element, "desk")).content.decode()
    assert "almeno una risposta «No» che non sia un rilievo formale" in form
    assert all(question.testo.replace("'", "&#x27;") in form for question in LISTE["desk"])
    answer = controllore.post(url_of(element, "desk"), sent(**IRREGULAR), follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(url_of(element), 302)]
    assert "importo irregolare 12,50\u00a0€, decurtazione 12,50\u00a0€" in page
    assert "verifica registrata (irregolare)" in page
    assert "Registra la verifica in loco" in page
    assert "Registra la verifica desk" not in page
    assert controllore.post(url_of(element, "desk"), sent()).status_code == 409


def test_what_is_missing_stands_beside_its_field(controllore, element):
    answer = controllore.post(url_of(element, "desk"), sent(risposta_decreto="no"))
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Spiegare la risposta negativa." in page
    assert "Descrivere che cosa è stato trovato." in page


def test_an_outcome_against_its_list_is_refused_beside_it(controllore, element):
    url = url_of(element, "desk")
    for fields in ({**NO, "descrizione": "x"}, {**IRREGULAR, **dict.fromkeys(NO, "si")}):
        answer = controllore.post(url, sent(**fields))
        assert answer.status_code == 400
        [said] = re.findall(r'id="id_esito_error">(.*?)</ul>', answer.content.decode(), re.DOTALL)
        assert "risposta «No»" in said
    assert not Verifica.objects.exists()


@pytest.mark.parametrize(("amount", "all_of_it"), [("999.99", False), ("1000.00", True)])
def test_the_form_says_that_the_other_verification_has_taken_all(
    controllore, element, amount, all_of_it
):
    verified(element, "irregolare", importo_irregolare=Decimal(amount))
    url = url_of(element, "in-loco")
    words = "L&#x27;altra verifica ha già trovato irregolare tutto l&#x27;importo"
    assert (words in controllore.get(url).content.decode()) is all_of_it
    fields = {"risposta_unita": "no", "nota_unita": "Non c'è", "descrizione": "Sede inesistente"}
    answer = controllore.post(url, sent("in-loco", esito="irregolare", **fields), follow=True)
    assert answer.status_code == (200 if all_of_it else 400)
    told = "importo già irregolare per intero nell'altra verifica, decurtazione 0,00"
    assert (told in answer.content.decode()) is all_of_it


def test_who_comes_second_sees_both_values(as_role, element):
    first, second = as_role("controllore"), as_role("controllore")
    waiting = {**IRREGULAR, "esito": "in_contraddittorio", "scadenza": "2022-04-01"}
    first.post(url_of(element, "desk"), sent(**waiting))
    answer = second.post(
        url_of(element, "desk"), sent(**{**IRREGULAR, "importo_irregolare": "99,00"})
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "12,50\u00a0€" in page
    assert "99,00\u00a0€" in page
    assert Verifica.objects.get().importo_irregolare == Decimal("12.50")


def test_an_open_verification_is_taken_up_where_it_was_left(controllore, element):
    waiting = {**IRREGULAR, "esito": "in_contraddittorio", "scadenza": "2022-04-01"}
    controllore.post(url_of(element, "desk"), sent(**waiting))
    page = controllore.get(url_of(element, "desk")).content.decode()
    assert 'name="versione" value="1"' in page
    assert 'value="12,50"' in page
    ended = sent(versione="1", controdeduzioni="Chiarito", controdeduzioni_il="2022-03-10")
    controllore.post(url_of(element, "desk"), ended)
    element.refresh_from_db()
    assert element.stato == "regolare"


def test_follow_up_on_the_page(controllore, element):
    verified(element)
    asked = {"tipo": "desk", "cosa": "Chiedere il LUL", "entro": "2022-05-01"}
    before = controllore.post(url_of(element, "seguiti"), asked | {"entro": "2022-01-31"})
    assert before.status_code == 400
    assert "non può precedere la verifica, del " in before.content.decode()
    controllore.post(url_of(element, "seguiti"), asked)
    seguito = Verifica.objects.get().seguiti.get()
    page = controllore.get(url_of(element)).content.decode()
    assert "Chiedere il LUL" in page
    assert "<strong>in ritardo</strong>" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    wrong = controllore.post(url_of(element, "seguiti", seguito.pk), {"fatto_il": ""})
    assert wrong.status_code == 400
    done = {"fatto_il": "2022-04-02", "nota": "Arrivato"}
    controllore.post(url_of(element, "seguiti", seguito.pk), done)
    assert "fatto il 02.04.2022 (Arrivato)" in controllore.get(url_of(element)).content.decode()
    assert controllore.post(url_of(element, "seguiti", seguito.pk), done).status_code == 409
    assert controllore.post(url_of(element, "seguiti"), {}).status_code == 400


def test_a_codice_fiscale_is_covered_until_a_reason_is_given(controllore, element):
    whole = Pagamento.objects.get(flusso=element.flusso_id, riga=element.riga).codice_fiscale
    assert whole not in controllore.get(url_of(element)).content.decode()
    nothing = controllore.post(url_of(element), {"motivo": " "})
    assert nothing.status_code == 400
    assert whole not in nothing.content.decode()
    assert not AuditEvent.objects.filter(action="codice_fiscale.visto").exists()
    shown = controllore.post(url_of(element), {"motivo": "Confronto con il LUL"})
    assert whole in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert AuditEvent.objects.get(action="codice_fiscale.visto").details["motivo"]
    assert whole not in controllore.get(url_of(element)).content.decode()


def test_no_page_of_a_sample_shows_a_codice_fiscale(as_role, sample, element):
    codes = set(Pagamento.objects.values_list("codice_fiscale", flat=True))
    client = as_role("gestore")
    url = sample.get_absolute_url()
    for address in (url, f"{url}?elementi-formato=csv", url_of(element)):
        page = client.get(address).content.decode()
        assert not [code for code in codes if code in page], address


def test_examples_are_labelled(controllore):
    in_pool(payment(), payment(), example=True)
    sample = drawn("semplice", 1)
    element = sample.elementi.get()
    for url in (LIST, sample.get_absolute_url(), url_of(element), url_of(element, "desk")):
        assert "dati di esempio" in controllore.get(url).content.decode(), url
