"""Writing a chapter, having it reviewed, its versions; two people at once lose nothing."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from porfse.errors import BadInput, NotThere
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent
from programme.models import GRANDEZZE
from programme.services import Conflict
from reports import models
from reports.report import report_of
from reports.services import testi as services
from tests.factories.people import make_user
from tests.programme.test_services import at_once

REPORT = report_of("relazione-annuale")
ADDRESS = ("relazione-annuale", "2020", "asse-1")
STATI = models.Testo.Stato
NAMES = [f"{name}_asse_{number}" for name in ("dotazione", *GRANDEZZE) for number in range(1, 5)]


def url(name: str = "testo", *address: str) -> str:
    return reverse(f"reports:{name}", args=address or ADDRESS)


def place(capitolo: str = "asse-1"):
    return services.posto(REPORT, REPORT.leggi("2020"), capitolo)


def written(text: str = "Uno.", by=None, *, review: bool = False, approve: bool = False):
    """A chapter as the services make it."""
    author, where = by or make_user("gestore"), place()
    found = services.salva(by=author, dove=where, testo=text, versione=0)
    if review or approve:
        found = services.chiedi_revisione(by=author, dove=where, versione=1)
    if approve:
        found = services.approva(by=author, dove=where, versione=2)
    return found


def text(answer) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


# --- Services -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_each_change_is_a_version_and_in_the_register():
    author, reviewer = make_user("gestore"), make_user("gestore")
    where = place()
    services.salva(by=author, dove=where, testo="Uno.", versione=0)
    services.chiedi_revisione(by=author, dove=where, versione=1)
    services.rimanda(by=reviewer, dove=where, versione=2, motivo=" Manca la CIGD. ")
    services.salva(by=author, dove=where, testo="Uno. \r\nDue.", versione=3)
    services.chiedi_revisione(by=author, dove=where, versione=4)
    found = services.approva(by=reviewer, dove=where, versione=5)
    assert (found.versione, found.stato, found.testo) == (6, STATI.APPROVATO, "Uno. \nDue.")
    assert (found.scritto_da, found.rivisto_da) == (author, reviewer)
    assert list(found.versioni.values_list("versione", "stato", "autore", "contenuto", "nota")) == [
        (6, "approvato", reviewer.pk, "Uno. \nDue.", ""),
        (5, "da_rivedere", author.pk, "Uno. \nDue.", ""),
        (4, "bozza", author.pk, "Uno. \nDue.", ""),
        (3, "bozza", reviewer.pk, "Uno.", "Manca la CIGD."),
        (2, "da_rivedere", author.pk, "Uno.", ""),
        (1, "bozza", author.pk, "Uno.", ""),
    ]
    events = AuditEvent.objects.filter(object_type="reports.testo", object_id=str(found.pk))
    assert list(events.order_by("pk").values_list("action", "details")) == [
        ("testo.salvato", {"versione": 1}),
        ("testo.da_rivedere", {"versione": 2}),
        ("testo.rimandato", {"versione": 3, "motivo": "Manca la CIGD."}),
        ("testo.salvato", {"versione": 4}),
        ("testo.da_rivedere", {"versione": 5}),
        ("testo.approvato", {"versione": 6}),
    ]


@pytest.mark.django_db
def test_the_same_text_again_changes_nothing_not_even_its_approval():
    found = written(approve=True)
    same = services.salva(by=make_user("gestore"), dove=place(), testo="Uno.\n", versione=3)
    assert (same.versione, same.stato) == (3, STATI.APPROVATO)
    assert found.versioni.count() == 3


@pytest.mark.django_db
def test_another_text_takes_the_approval_away():
    written(approve=True)
    found = services.salva(by=make_user("gestore"), dove=place(), testo="Due.", versione=3)
    assert (found.stato, found.rivisto_da, found.rivisto_il) == (STATI.BOZZA, None, None)


@pytest.mark.django_db
def test_who_comes_second_is_told_and_writes_nothing():
    first = written("Della prima.")
    with pytest.raises(Conflict) as conflict:
        services.salva(by=make_user("gestore"), dove=place(), testo="Della seconda.", versione=0)
    assert conflict.value.current == first
    first.refresh_from_db()
    assert (first.testo, first.versione) == ("Della prima.", 1)
    for service in (services.approva, services.chiedi_revisione):
        with pytest.raises(Conflict):
            service(by=make_user("gestore"), dove=place(), versione=9)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_a_blank_chapter_at_once_one_is_told():
    people = [make_user("gestore"), make_user("gestore")]

    def work(index):
        return services.salva(by=people[index], dove=place(), testo=f"Di {index}.", versione=0)

    found = at_once(work)
    assert sorted(type(each).__name__ for each in found) == ["Conflict", "Testo"]
    (stored,) = models.Testo.objects.all()
    assert (stored.versione, stored.versioni.count()) == (1, 1)


@pytest.mark.django_db
def test_only_a_draft_with_words_goes_to_review_and_only_what_waits_is_approved():
    author, where = make_user("gestore"), place()
    services.salva(by=author, dove=where, testo="", versione=0)
    with pytest.raises(NotNow, match="vuoto"):
        services.chiedi_revisione(by=author, dove=where, versione=1)
    with pytest.raises(NotNow, match="è «bozza»"):
        services.approva(by=author, dove=where, versione=1)
    services.salva(by=author, dove=where, testo="Uno.", versione=1)
    services.chiedi_revisione(by=author, dove=where, versione=2)
    with pytest.raises(NotNow, match="è «da rivedere»"):
        services.chiedi_revisione(by=author, dove=where, versione=3)
    with pytest.raises(BadInput, match="motivo"):
        services.rimanda(by=author, dove=where, versione=3, motivo="  ")


@pytest.mark.django_db
def test_a_chapter_that_is_not_there_cannot_be_written_or_approved():
    with pytest.raises(NotThere, match="asse-9"):
        place("asse-9")
    with pytest.raises(NotThere, match="non è ancora stato scritto"):
        services.approva(by=make_user("gestore"), dove=place(), versione=1)
    with pytest.raises(BadInput, match="20000 caratteri"):
        services.salva(by=make_user("gestore"), dove=place(), testo="a" * 20_001, versione=0)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["lettore", "operatore", "nucleo"])
def test_who_may_not_write_is_refused_by_the_services(role):
    other = make_user(role)
    for service, more in (
        (services.salva, {"testo": "Uno.", "versione": 0}),
        (services.chiedi_revisione, {"versione": 1}),
        (services.approva, {"versione": 1}),
        (services.rimanda, {"versione": 1, "motivo": "No."}),
    ):
        with pytest.raises(PermissionDenied):
            service(by=other, dove=place(), **more)


# --- Pages --------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("role", ["lettore", "operatore", "certificatore"])
def test_who_neither_writes_nor_approves_sees_no_text(as_role, role):
    written()
    client = as_role(role)
    for name in ("testo", "testo_versioni"):
        assert client.get(url(name)).status_code == 403
    assert client.get(reverse("reports:testi")).status_code == 403
    assert client.post(url(), {"testo": "x", "versione": 1}).status_code == 403
    assert client.post(url("testo_approva"), {"versione": 1}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"),
    [
        (("relazione-annuale", "2020", "asse-9"), 404),
        (("relazione-annuale", "2020-T1", "asse-1"), 400),
        (("relazione-annuale", "2199", "asse-1"), 400),
        (("nessuno", "2020", "asse-1"), 404),
        (("attuazione-por", "2020-12-31", "asse-1"), 404),
    ],
)
def test_what_is_not_a_chapter_is_refused(gestore, address, status):
    assert gestore.get(url("testo", *address)).status_code == status
    assert gestore.post(url("testo", *address), {"versione": 0}).status_code == status


@pytest.mark.django_db
def test_a_review_is_posted_and_nothing_else(gestore):
    for name in ("testo_approva", "testo_rimanda"):
        assert gestore.get(url(name)).status_code == 405
    assert gestore.delete(url()).status_code == 405


@pytest.mark.django_db
def test_the_list_shows_every_chapter_and_how_far_it_is(gestore):
    author = make_user("gestore", first_name="Anna", last_name="Bianchi")
    with time_machine.travel(datetime(2021, 4, 2, 8, 30, tzinfo=UTC), tick=False):
        written(by=author, review=True)
    shown = text(gestore.get(reverse("reports:testi")))  # the last period that has texts
    assert "Testi: Relazione di attuazione annuale, sintesi, anno 2020" in shown
    assert all(title.replace("'", "&#x27;") in shown for title in REPORT.testi.values())
    assert shown.count("da scrivere") == len(REPORT.testi) - 1
    assert re.search(r"<td\s*>da rivedere</td> <td\s*>2</td>", shown)
    assert str(author) in shown
    assert "02.04.2021 10:30" in shown


@pytest.mark.django_db
def test_the_list_of_a_period_without_texts_and_its_export(gestore):
    answer = gestore.get(reverse("reports:testi"), {"periodo": "2019", "report": REPORT.slug})
    assert text(answer).count("da scrivere") == len(REPORT.testi)
    data = {"periodo": "2019", "capitoli-formato": "csv"}
    rows = gestore.get(reverse("reports:testi"), data).content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("Premessa;da scrivere;")
    assert len(rows) == 1 + len(REPORT.testi)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"periodo": "2020-B1"}, 400),
        ({"periodo": "2199"}, 400),
        ({"report": "nessuno"}, 404),
        ({"report": "attuazione-por"}, 404),
    ],
)
def test_a_list_that_cannot_be_is_refused(gestore, asked, status):
    assert gestore.get(reverse("reports:testi"), asked).status_code == status


@pytest.mark.django_db
def test_a_chapter_that_nobody_has_written_is_proposed_and_not_saved(gestore):
    shown = text(gestore.get(url()))
    assert "<strong>Proposta.</strong>" in shown
    assert "{programmate_asse_1|mln}" in shown
    assert "235,67 Mln€</a>" in shown  # in the preview
    assert models.Testo.objects.count() == 0


@pytest.mark.django_db
def test_the_figures_stand_beside_with_their_value_and_what_makes_it(gestore):
    shown = text(gestore.get(url()))
    assert "<code>{impegnate_asse_1}</code>" in shown
    assert 'href="/cifre/?f=impegnate(al=2020-12-31,asse=I)" data-valore="190920000.00"' in shown
    assert "<code>|percento0</code>: 53%" in shown


@pytest.mark.django_db
def test_figures_are_searched_and_what_is_typed_stays(gestore):
    sent = {"testo": "Ancora da finire {", "versione": 0, "cerca": "migranti", "azione": "cerca"}
    answer = gestore.post(url(), sent)
    shown = text(answer)
    assert answer.status_code == 200
    assert "<code>{destinatari_migranti_asse_1}</code>" in shown
    assert "<code>{impegnate_asse_1}</code>" not in shown
    assert "Ancora da finire {</textarea>" in shown
    assert "Riga 1: la parentesi «{» non è chiusa sulla riga" in shown
    assert models.Testo.objects.count() == 0


@pytest.mark.django_db
def test_a_preview_shows_the_figures_and_saves_nothing(gestore):
    sent = {"testo": "Sono {destinatari} & <i>tutti</i>.", "versione": 0, "azione": "anteprima"}
    shown = text(gestore.post(url(), sent))
    assert "397.748</a> &amp; &lt;i&gt;tutti&lt;/i&gt;.</p>" in shown
    assert models.Testo.objects.count() == 0


@pytest.mark.django_db
def test_a_draft_is_saved_and_then_sent_to_review(gestore):
    answer = gestore.post(url(), {"testo": "Uno.\r\n\r\nDue.", "versione": 0, "azione": "salva"})
    assert (answer.status_code, answer.url) == (302, url())
    found = models.Testo.objects.get()
    assert (found.testo, found.stato) == ("Uno.\n\nDue.", STATI.BOZZA)
    sent = {"testo": "Uno.\r\n\r\nTre.", "versione": 1, "azione": "revisione"}
    assert gestore.post(url(), sent).status_code == 302
    found.refresh_from_db()
    assert (found.testo, found.stato, found.versione) == ("Uno.\n\nTre.", STATI.DA_RIVEDERE, 3)
    assert "inviata in revisione" in text(gestore.get(url()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("a {impegnate_asse_7}", "Riga 1: la cifra «impegnate_asse_7» non esiste. Forse: "),
        ("a {b", "Riga 1: la parentesi «{» non è chiusa sulla riga"),
        ("a {destinatari|mln}", "la forma «mln» non è di «destinatari»: scegliere fra numero."),
        ("x" * 20_001, "20000"),
        ("zero\0", "null"),
    ],
)
def test_a_text_that_cannot_be_told_is_refused_and_stays_in_the_form(gestore, typed, message):
    answer = gestore.post(url(), {"testo": typed, "versione": 0, "azione": "salva"})
    assert answer.status_code == 400
    assert message in text(answer)
    assert "Quanto scritto resta nel modulo" in text(answer)
    assert models.Testo.objects.count() == 0


@pytest.mark.django_db
def test_an_empty_text_is_saved_but_not_sent_to_review(gestore):
    answer = gestore.post(url(), {"testo": "", "versione": 0, "azione": "revisione"})
    assert answer.status_code == 400
    assert "Il testo è vuoto: scriverlo prima di chiederne la revisione." in text(answer)


@pytest.mark.django_db
def test_what_cannot_go_to_review_is_not_saved_either(gestore):
    written("Il primo testo.")
    refused = gestore.post(url(), {"testo": " ", "versione": 1, "azione": "revisione"})
    assert refused.status_code == 400
    assert "Il testo è vuoto: scriverlo prima di chiederne la revisione." in text(refused)
    assert "Nulla è stato salvato" in text(refused)
    assert 'name="versione" value="1"' in text(refused)
    found = models.Testo.objects.get()
    assert (found.testo, found.versione, found.versioni.count()) == ("Il primo testo.", 1, 1)
    sent = {"testo": "Il secondo testo.", "versione": 1, "azione": "revisione"}
    assert gestore.post(url(), sent).status_code == 302
    found.refresh_from_db()
    assert (found.testo, found.stato) == ("Il secondo testo.", STATI.DA_RIVEDERE)
    again = gestore.post(url(), {**sent, "versione": 3})  # it is there already
    assert again.status_code == 400
    assert "Il secondo testo.</textarea>" in text(again)


@pytest.mark.django_db
def test_a_conflict_shows_both_texts_and_then_the_typed_one_may_stand(gestore):
    written("Il primo testo.")
    sent = {"testo": "Il secondo testo.", "versione": 0, "azione": "salva"}
    answer = gestore.post(url(), sent)
    shown = text(answer)
    assert answer.status_code == 409
    assert "Il testo è stato modificato nel frattempo." in shown
    assert '<span class="visually-hidden">[tolto: </span>primo' in shown
    assert '<span class="visually-hidden">[aggiunto: </span>secondo' in shown
    assert "data-registrato>Il primo testo.</div>" in shown
    assert "Il secondo testo.</textarea>" in shown
    assert models.Testo.objects.get().testo == "Il primo testo."
    assert 'name="versione" value="1"' in shown
    assert gestore.post(url(), {**sent, "versione": 1}).status_code == 302
    found = models.Testo.objects.get()
    assert found.testo == "Il secondo testo."
    assert [row.contenuto for row in found.versioni.all()] == [found.testo, "Il primo testo."]


@pytest.mark.django_db
def test_a_reviewer_approves_the_version_that_he_has_read(gestore):
    written(review=True)
    assert 'id="esame_versione"' in text(gestore.get(url()))
    stale = gestore.post(url("testo_approva"), {"versione": 1})
    assert stale.status_code == 409
    assert "Rileggerlo prima di decidere" in text(stale)
    assert gestore.post(url("testo_approva"), {"versione": 2}).status_code == 302
    assert models.Testo.objects.get().stato == STATI.APPROVATO
    shown = text(gestore.get(url()))
    assert "<dt>Approvato da</dt>" in shown
    assert 'id="esame_versione"' not in shown


@pytest.mark.django_db
def test_beside_a_text_that_is_only_typed_nothing_can_be_approved(gestore):
    written(review=True)
    sent = {"testo": "Un altro.", "versione": 2, "azione": "anteprima"}
    assert 'id="esame_versione"' not in text(gestore.post(url(), sent))


@pytest.mark.django_db
def test_a_reviewer_sends_back_with_a_reason_that_the_writer_reads(gestore):
    written(review=True)
    blank = gestore.post(url("testo_rimanda"), {"versione": 2, "motivo": " "})
    assert blank.status_code == 400
    assert models.Testo.objects.get().stato == STATI.DA_RIVEDERE
    sent = {"versione": 2, "motivo": "Manca la <CIGD>."}
    assert gestore.post(url("testo_rimanda"), sent).status_code == 302
    assert "<dt>Motivo del rinvio</dt><dd>Manca la &lt;CIGD&gt;.</dd>" in text(gestore.get(url()))


@pytest.mark.django_db
def test_the_versions_show_what_each_changed(gestore):
    written("Uno due.")
    services.salva(by=make_user("gestore"), dove=place(), testo="Uno tre.", versione=1)
    services.chiedi_revisione(by=make_user("gestore"), dove=place(), versione=2)
    last = text(gestore.get(url("testo_versioni")))
    assert "Il testo è quello della versione 2: è cambiato il suo stato." in last
    second = text(gestore.get(url("testo_versioni"), {"versione": 2}))
    assert 'Uno <del><span class="visually-hidden">[tolto: </span>due.' in second
    first = text(gestore.get(url("testo_versioni"), {"versione": 1}))
    assert "È la prima versione" in first
    assert gestore.get(url("testo_versioni"), {"versione": 9}).status_code == 404
    answer = gestore.get(url("testo_versioni"), {"versioni-formato": "csv"})
    assert len(answer.content.decode("utf-8-sig").splitlines()) == 4


@pytest.mark.django_db
def test_a_chapter_without_versions_is_not_there(gestore):
    assert gestore.get(url("testo_versioni")).status_code == 404


@pytest.mark.django_db
def test_after_publication_the_page_says_that_the_published_report_does_not_change(gestore):
    written()
    author, now = make_user("gestore"), datetime(2021, 4, 1, tzinfo=UTC)
    edition = models.Edizione.objects.create(
        report=REPORT.slug, periodo="2020", al="2020-12-31", stato="pubblicata", contenuto="{}",
        contenuto_sha256="0" * 64, richiesta_da=author, richiesta_il=now, numero=7, anno=2021,
        pubblicata_da=author, pubblicata_il=now,
    )  # fmt: skip
    said = f'<a href="/report/edizioni/{edition.pk}/">report n. 7/2021</a>, che non cambia'
    assert said in text(gestore.get(url()))
    assert said in text(gestore.get(reverse("reports:testi")))
    sent = {"testo": "Dopo.", "versione": 1, "azione": "salva"}
    assert gestore.post(url(), sent).status_code == 302
    assert said not in text(gestore.get(url("testo", "relazione-annuale", "2019", "asse-1")))


@pytest.mark.django_db
def test_the_page_asks_as_much_for_one_figure_as_for_twenty(gestore):
    queries = []
    written("Uno {destinatari}.")
    for names in (1, 20):
        wanted = " ".join(f"{{{name}}}" for name in NAMES[:names])
        sent = {"testo": wanted, "versione": 1, "azione": "anteprima"}
        with CaptureQueriesContext(connection) as asked:
            assert gestore.post(url(), sent).status_code == 200
        queries.append(len(asked))
    assert queries[0] == queries[1]
