"""What sending would do: to whom an edition goes, and the letter that carries it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from porfse.flows.errors import NotNow
from reports.models import Destinatario, Invio
from reports.services import invii
from reports.services.regole import fittizio
from tests.factories.reports import make_edizione
from tests.reports.invii import ADDRESS

pytestmark = pytest.mark.django_db


def test_the_preview_lists_the_active_addresses_of_the_territory_alone(edizione):
    for sigla, email, active in (
        ("BG", "z@esempio.invalid", True),
        ("BG", "via@esempio.invalid", False),
        ("MI", "milano@esempio.invalid", True),
        (None, "regione@esempio.invalid", True),
    ):
        Destinatario.objects.create(provincia_id=sigla, nome="Z", email=email, attivo=active)
    seen = invii.anteprima(edizione)
    assert seen.indirizzi == (ADDRESS, "z@esempio.invalid")
    assert seen.impedimento == ""
    assert not Invio.objects.exists()


def test_a_regional_report_goes_to_the_addresses_of_the_region(prova):
    Destinatario.objects.create(provincia_id="BG", nome="A", email=ADDRESS)
    Destinatario.objects.create(provincia=None, nome="B", email="regione@esempio.invalid")
    seen = invii.anteprima(make_edizione(prova, "pubblicata"))
    assert seen.indirizzi == ("regione@esempio.invalid",)


def test_the_letter_says_what_it_carries(edizione, settings):
    settings.PUBLIC_URL = "https://por-fse.example.org"
    letter = invii.anteprima(edizione).lettera
    settings.PUBLIC_URL += "/"
    assert invii.anteprima(edizione).lettera == letter
    pdf = edizione.file.get(formato="pdf")
    assert letter.oggetto == (
        f"POR FSE · Report di prova, settembre-ottobre 2025, Bergamo: n. {edizione.numero_completo}"
    )
    assert [item.nome for item in letter.allegati] == ["prova_2025-B5_BG.pdf"]
    assert letter.dimensione == pdf.dimensione
    assert "Provincia di Bergamo, settembre-ottobre 2025" in letter.testo
    assert f"n. {edizione.numero_completo}, consolidato il 10.11.2025" in letter.testo
    assert f"SHA-256 {pdf.sha256}" in letter.testo
    assert f"https://por-fse.example.org{edizione.get_absolute_url()}" in letter.testo
    assert "ESEMPIO" not in letter.testo + letter.oggetto


def test_a_reissue_says_what_it_replaces_and_the_old_one_is_not_sent(prova, edizione, by):
    new = make_edizione(
        prova, "pubblicata", provincia="BG", edizione=2, rettifica=edizione,
        errata="Corretti i <lavoratori> di «Treviglio» & altri",
    )  # fmt: skip
    text = invii.anteprima(new).lettera.testo
    assert f"Sostituisce il report n. {edizione.numero_completo}. Nota di rettifica:" in text
    assert "Corretti i <lavoratori> di «Treviglio» & altri" in text
    assert invii.anteprima(edizione).lettera is None
    with pytest.raises(NotNow, match="è stato rettificato"):
        invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])


def test_files_that_are_too_large_give_way_to_a_link(edizione, settings):
    size = edizione.file.get(formato="pdf").dimensione
    settings.REPORTS_MAIL_MAX_BYTES = size  # in a mail it takes a third more
    letter = invii.anteprima(edizione).lettera
    assert (letter.allegati, letter.pesante) == ((), True)
    assert "superano la dimensione di un messaggio" in letter.testo
    assert edizione.get_absolute_url() in letter.testo
    settings.REPORTS_MAIL_MAX_BYTES = size * 2
    assert not invii.anteprima(edizione).lettera.pesante


@pytest.mark.parametrize("stato", ["in_coda", "in_costruzione", "bozza", "fallita", "interrotta"])
def test_only_a_published_edition_is_sent(prova, by, stato):
    Destinatario.objects.create(provincia_id="BG", nome="A", email=ADDRESS)
    draft = make_edizione(prova, stato, provincia="BG")
    assert invii.anteprima(draft).indirizzi == ()
    with pytest.raises(NotNow, match="non è consolidato"):
        invii.invia(by=by, edizione=draft, destinatari=[ADDRESS])


def test_examples_are_sent_in_the_demonstration_alone_and_to_no_real_address(prova, by, settings):
    prova.esempio = True
    for email in (ADDRESS, "ufficio@regione.it"):
        Destinatario.objects.create(provincia_id="BG", nome="A", email=email)
    example = make_edizione(prova, "pubblicata", provincia="BG")
    seen = invii.anteprima(example)
    assert seen.indirizzi == (ADDRESS,)
    assert [voce.motivo for voce in seen.voci if voce.destinatario.email != ADDRESS] == [
        "I dati di esempio non si inviano a un indirizzo reale."
    ]
    assert "DATI DI ESEMPIO" in seen.lettera.oggetto
    assert "QUESTO REPORT CONTIENE DATI DI ESEMPIO" in seen.lettera.testo
    settings.DEMO = False
    with pytest.raises(NotNow, match="solo nella dimostrazione"):
        invii.invia(by=by, edizione=example, destinatari=[ADDRESS])


@pytest.mark.parametrize(
    ("email", "nowhere"),
    [
        ("a@esempio.invalid", True),
        ("a@x.test", True),
        ("a@EXAMPLE.com", True),
        ("a@posta.example.org.", True),
        ("a@notexample.com", False),
        ("a@invalid.it", False),
        ("a@regione.lombardia.it", False),
    ],
)
def test_addresses_that_lead_nowhere_are_told_by_their_name(email, nowhere):
    assert fittizio(email) is nowhere


def test_the_previews_of_many_editions_cost_as_much_as_that_of_one(prova, by):
    def cost(number: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            seen = invii.anteprime(by=by, report="prova", periodo="2025-B5")
            addresses = [item.indirizzi for item in seen]
        assert addresses == [(f"{item.edizione.provincia_id}@x.test",) for item in seen]
        assert len(seen) == number
        return len(queries)

    for number, sigla in enumerate(("BG", "BS", "CO", "MI"), start=1):
        Destinatario.objects.create(provincia_id=sigla, nome="A", email=f"{sigla}@x.test")
        make_edizione(prova, "pubblicata", provincia=sigla)
        if number == 1:
            cost(1)  # what the person may see is read once
            one = cost(1)
    assert cost(4) == one
