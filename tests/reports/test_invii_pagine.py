"""The pages of the sending: what is seen is what is sent, and the outbox tells the rest."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from porfse.models import User
from reports.models import Destinatario, Edizione, Invio
from reports.services import consegna
from tests.factories.reports import make_edizione
from tests.programme.test_pages import text_of

pytestmark = pytest.mark.django_db
ADDRESSES = ["bergamo@esempio.invalid", "seconda@esempio.invalid"]
OUTBOX = "/report/invii/"


@pytest.fixture
def edizione(prova) -> Edizione:
    for email in ADDRESSES:
        Destinatario.objects.create(provincia_id="BG", nome=f"Ufficio {email[0]}", email=email)
    return make_edizione(prova, "pubblicata", provincia="BG")


def page(edizione: Edizione) -> str:
    return f"/report/edizioni/{edizione.pk}/invia/"


def make_invio(edizione: Edizione, stato: str, email: str = ADDRESSES[0], **fields) -> Invio:
    values = {"edizione": edizione, "email": email, "nome": "Ufficio", "stato": stato}
    if stato == "inviato":
        fields.setdefault("inviato_il", timezone.now())
    return Invio.objects.create(richiesto_da=User.objects.sistema(), **values | fields)


def make_old(invio: Invio) -> None:
    Invio.objects.filter(pk=invio.pk).update(aggiornato_il=timezone.now() - timedelta(hours=1))


def states(client, query: str = "") -> list[str]:
    rows = client.get(f"{OUTBOX}{query}").context["invii"].rows
    return [row.get_cell("stato") for row in rows]


def test_what_is_seen_is_what_is_sent(gestore, edizione, django_capture_on_commit_callbacks):
    make_invio(edizione, "inviato")
    shown = gestore.get(page(edizione))
    text, html = text_of(shown), shown.content.decode()
    assert "già inviato il" in text
    assert "sarà inviato" in text
    assert "prova_2025-B5_BG.pdf" in text
    assert f"n. {edizione.numero_completo}" in text
    assert html.count('name="destinatari"') == 1
    assert f'name="destinatari" value="{ADDRESSES[1]}"' in html
    assert "Invia a 1 destinatario" in text
    with django_capture_on_commit_callbacks() as queued:
        answer = gestore.post(page(edizione), {"destinatari": [ADDRESSES[1]]})
    assert (answer.status_code, answer.url) == (302, f"{OUTBOX}?edizione={edizione.pk}")
    waiting = Invio.objects.get(email=ADDRESSES[1])
    assert (waiting.stato, len(queued)) == ("in_coda", 1)
    consegna.consegna(waiting.pk)
    (message,) = mail.outbox
    assert message.to == [ADDRESSES[1]]
    assert message.subject in text
    assert " ".join(message.body.split()) in text


def test_a_list_that_changed_is_refused_and_shown_as_it_is_now(gestore, edizione):
    Destinatario.objects.filter(email=ADDRESSES[0]).update(attivo=False)
    answer = gestore.post(page(edizione), {"destinatari": ADDRESSES})
    assert answer.status_code == 409
    assert "I destinatari sono cambiati" in text_of(answer)
    assert 'value="bergamo@esempio.invalid"' not in answer.content.decode()
    assert not Invio.objects.exists()


def test_a_draft_says_why_it_is_not_sent(gestore, prova):
    draft = make_edizione(prova, "bozza", provincia="BG")
    shown = gestore.get(page(draft))
    assert shown.status_code == 200
    assert "si inviano solo le edizioni pubblicate" in text_of(shown)
    assert "csrfmiddlewaretoken" not in shown.content.decode().partition("<main")[2]
    answer = gestore.post(page(draft), {"destinatari": ADDRESSES})
    assert answer.status_code == 409
    assert text_of(answer).count("si inviano solo le edizioni pubblicate") == 1


def test_hostile_names_are_shown_as_they_are(gestore, prova):
    Destinatario.objects.create(provincia_id="BG", nome="<script>x</script>", email="a@x.test")
    shown = gestore.get(page(make_edizione(prova, "pubblicata", provincia="BG")))
    assert "&lt;script&gt;x&lt;/script&gt;" in shown.content.decode()


def test_who_may_not_send_or_see_is_kept_out(as_role, gestore, edizione, prova):
    assert as_role("lettore").get(page(edizione)).status_code == 403
    assert as_role("nucleo", provincia_id="BG").post(page(edizione)).status_code == 403
    assert gestore.put(page(edizione)).status_code == 405
    assert gestore.get("/report/edizioni/0/invia/").status_code == 404
    failed = make_invio(edizione, "fallito")
    prova.permesso = prova.permesso_provincia = "porfse.manage_users"
    assert gestore.get(page(edizione)).status_code == 404
    assert gestore.post(f"{OUTBOX}{failed.pk}/ripeti/").status_code == 404
    assert states(gestore) == []


def test_the_outbox_counts_and_narrows_by_state(gestore, edizione):
    for number, stato in enumerate(("inviato", "fallito", "in_coda", "da_riprovare", "in_invio")):
        make_invio(edizione, stato, f"{number}@x.test")
    make_old(make_invio(edizione, "in_invio", "perso@x.test"))
    make_invio(edizione, "in_invio", "incerto@x.test", errore=consegna.INCERTO)
    counts = gestore.get(OUTBOX).context["conteggi"]
    assert {item["nome"]: item["numero"] for item in counts} == {
        "in coda": 1,
        "in invio": 1,
        "inviato": 1,
        "da riprovare": 1,
        "non inviato": 1,
        "esito non noto": 2,
    }
    assert states(gestore, "?stato=non_noto") == ["esito non noto"] * 2
    assert states(gestore, "?stato=da_chiarire") == []  # nobody is to be written to there
    assert states(gestore, "?stato=in_invio") == ["in invio"]
    assert states(gestore, "?stato=fallito") == ["non inviato"]
    assert gestore.get(f"{OUTBOX}?stato=altro").status_code == 400


def test_the_outbox_narrows_by_report_territory_and_edition(gestore, edizione, prova):
    region = make_edizione(prova, "pubblicata")
    make_invio(edizione, "inviato")
    make_invio(region, "fallito")
    assert states(gestore, "?report=prova") == ["non inviato", "inviato"]
    assert states(gestore, "?report=dati-finanziari") == []
    assert states(gestore, "?territorio=BG") == ["inviato"]
    assert states(gestore, "?territorio=regione") == ["non inviato"]
    assert states(gestore, f"?edizione={region.pk}") == ["non inviato"]


def test_the_outbox_is_exported_with_its_errors(gestore, edizione):
    make_invio(edizione, "fallito", errore="=Rifiutato", tentativi=7)
    text = gestore.get(f"{OUTBOX}?invii-formato=csv").content.decode("utf-8-sig")
    header, row = text.splitlines()
    assert header == (
        "Richiesto il;Report;Numero;Territorio;Destinatario;Indirizzo;Stato;Inviato il;"
        "Tentativi;Ultimo errore;Richiesto da"
    )
    assert "Report di prova, settembre-ottobre 2025" in row
    assert "non inviato" in row
    assert "'=Rifiutato" in row


def test_a_mail_that_failed_is_sent_again_from_the_outbox(gestore, edizione):
    failed = make_invio(edizione, "fallito", errore="Rifiutato.")
    url = f"{OUTBOX}{failed.pk}/ripeti/"
    assert f'href="{url}"' in gestore.get(OUTBOX).content.decode()
    assert "Rifiutato." in text_of(gestore.get(url))
    assert gestore.post(url).url == f"{OUTBOX}?edizione={edizione.pk}"
    assert Invio.objects.get().stato == "in_coda"
    assert gestore.post(url).status_code == 409


def test_all_that_failed_and_are_wanted_are_sent_again_from_the_outbox(gestore, edizione, as_role):
    url = f"{OUTBOX}ripeti/"
    button = "Invia di nuovo tutti i non riusciti"
    assert button not in text_of(gestore.get(OUTBOX))
    for email in ADDRESSES:
        make_invio(edizione, "fallito", email)
    gone = make_invio(edizione, "fallito", "via@x.test")
    shown = gestore.get(OUTBOX)
    assert f"2 messaggi . {button}" in text_of(shown)
    assert f'action="{url}"' in shown.content.decode()
    assert states(gestore, "?stato=da_curare") == ["non inviato"] * 2
    assert states(gestore, "?stato=fallito") == ["non inviato"] * 3
    assert as_role("lettore").post(url).status_code == 403
    assert gestore.get(url).status_code == 405
    assert gestore.post(url).url == OUTBOX
    assert "Invio richiesto di nuovo: 2 messaggi." in text_of(gestore.get(OUTBOX))
    assert list(Invio.objects.filter(stato="fallito")) == [gone]
    assert gestore.post(url).status_code == 409


def test_a_mail_that_may_have_arrived_wants_a_word_more(gestore, edizione):
    unsure = make_invio(edizione, "in_invio", errore=consegna.INCERTO)
    url = f"{OUTBOX}{unsure.pk}/ripeti/"
    assert "può arrivare due volte" in text_of(gestore.get(url))
    refused = gestore.post(url)
    assert (refused.status_code, Invio.objects.get().stato) == (400, "in_invio")
    assert gestore.post(url, {"conferma": "on"}).status_code == 302
    assert Invio.objects.get().stato == "in_coda"


def test_what_was_sent_has_no_way_to_be_sent_again(gestore, edizione):
    sent = make_invio(edizione, "inviato")
    assert "ripeti" not in gestore.get(OUTBOX).content.decode()
    for ask in (gestore.get, gestore.post):
        answer = ask(f"{OUTBOX}{sent.pk}/ripeti/")
        assert answer.status_code == 409
        assert "si ripete solo un invio non riuscito" in text_of(answer)


def test_the_outbox_costs_the_same_for_one_mail_and_for_many(gestore, edizione, prova):
    def cost() -> int:
        gestore.get("/privacy/")
        with CaptureQueriesContext(connection) as queries:
            assert gestore.get(OUTBOX).status_code == 200
        return len(queries)

    make_invio(edizione, "inviato")
    one = cost()
    region = make_edizione(prova, "pubblicata")
    for number in range(5):
        make_invio(region, "fallito", f"{number}@x.test")
    assert cost() == one


def test_example_data_are_said_so(gestore, prova):
    prova.esempio = True
    example = make_edizione(prova, "pubblicata", provincia="BG")
    make_invio(example, "inviato")
    for url in (page(example), OUTBOX):
        assert "Questa pagina contiene dati di esempio" in text_of(gestore.get(url))
    assert "(esempio)" in text_of(gestore.get(OUTBOX))


# --- All provinces at once ----------------------------------------------------------------------
ALL = "/report/prova/2025-B5/invia/"


def sent_by(client) -> list[str]:
    """What the page would send: a key and an address in each field."""
    seen = client.get(ALL).context["anteprime"]
    return [f"{item.edizione.pk}:{email}" for item in seen for email in item.indirizzi]


def test_all_editions_of_a_period_are_sent_at_once(gestore, edizione, prova):
    Destinatario.objects.create(provincia_id="MI", nome="Milano", email="mi@x.test")
    Destinatario.objects.create(provincia=None, nome="Regione", email="re@x.test")
    milano, region = (make_edizione(prova, "pubblicata", provincia=place) for place in ("MI", ""))
    make_edizione(prova, "bozza", provincia="CO")
    make_edizione(prova, "pubblicata", provincia="LC", periodo="2025-B4")
    make_edizione(prova, "pubblicata", provincia="SO")
    chosen = [f"{edizione.pk}:{email}" for email in ADDRESSES]
    assert sent_by(gestore) == [
        f"{region.pk}:re@x.test", *chosen, f"{milano.pk}:mi@x.test",
    ]  # fmt: skip
    text = text_of(gestore.get(ALL))
    assert "nessun destinatario: aggiungerne" in text  # Sondrio
    assert "Invia 4 messaggi" in text
    answer = gestore.post(ALL, {"destinatari": sent_by(gestore)})
    assert answer.url == f"{OUTBOX}?report=prova"
    assert Invio.objects.count() == 4
    assert sent_by(gestore) == []
    assert "Nessun indirizzo a cui inviare." in text_of(gestore.get(ALL))


def test_if_one_list_changed_nothing_at_all_is_sent(gestore, edizione, prova):
    Destinatario.objects.create(provincia=None, nome="Regione", email="re@x.test")
    make_edizione(prova, "pubblicata")
    chosen = sent_by(gestore)
    Destinatario.objects.filter(email=ADDRESSES[1]).update(attivo=False)
    answer = gestore.post(ALL, {"destinatari": chosen})
    assert answer.status_code == 409
    assert "Bergamo: I destinatari sono cambiati" in text_of(answer)
    assert not Invio.objects.exists()


@pytest.mark.parametrize("wrong", ["x", "x:a@x.test", "²:a@x.test", f"{'9' * 30}:a@x.test", ":"])
def test_an_unreadable_list_is_refused(gestore, edizione, wrong):
    assert gestore.post(ALL, {"destinatari": [wrong]}).status_code == 400
    assert not Invio.objects.exists()


def test_nothing_to_send_is_refused(gestore, edizione):
    assert gestore.post(ALL).status_code == 409
    assert gestore.post(ALL, {"destinatari": ["0:a@x.test"]}).status_code == 404


def test_a_period_without_editions_and_a_report_that_is_not_there(gestore, edizione, as_role):
    assert gestore.get("/report/prova/2025-B3/invia/").status_code == 404
    for wrong in ("mai", "%00", "2025-B7", "2199-B1", "2025-T1"):
        for ask in (gestore.get, gestore.post):
            assert ask(f"/report/prova/{wrong}/invia/").status_code == 400
    assert gestore.get("/report/altro/2025-B5/invia/").status_code == 404
    assert as_role("lettore").get(ALL).status_code == 403
