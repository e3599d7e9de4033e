"""The archive, the page of an edition, its files, what changed: who sees what of it."""

import hashlib
import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from porfse.models import AuditEvent
from reports.documento import Cella, Colonna, Forma, Riga, Tabella
from reports.models import Edizione
from reports.report import Controllo
from reports.services import costruzione
from reports.services.pubblicazione import pubblica, rettifica
from reports.tables.edizioni import cella, dati
from tests.factories.crisi import make_nucleo
from tests.factories.people import make_user
from tests.factories.reports import make_edizione

pytestmark = pytest.mark.django_db
ARCHIVE = "/report/archivio/"


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    return client


def text_of(response) -> str:
    words = unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", words)


def draft(prova, **fields) -> Edizione:
    return costruzione.costruisci(make_edizione(prova, "in_coda", **fields).pk)


def published(prova, **fields) -> Edizione:
    made = draft(prova, **fields)
    by = make_user("gestore", first_name="Ada", last_name="Neri")
    return pubblica(by=by, edizione=made, contenuto_sha256=made.contenuto_sha256)


def corrected(prova, old: Edizione) -> Edizione:
    """A draft that corrects a published edition: Bergamo has other numbers, Lodi is new."""
    prova.righe = [("Bergamo", 15, Decimal("99.25")), ("Treviglio", 7, Decimal("20.00"))]
    prova.righe.append(("Lodi", 1, None))
    new = rettifica(by=make_user("gestore"), edizione=old, errata="Bergamo sono 15.")
    return costruzione.costruisci(new.pk)


def url(edizione, step: str = "") -> str:
    return f"/report/edizioni/{edizione.pk}/{step}"


# --- Who sees what ------------------------------------------------------------------------------
PAGES = ("", "json/", "csv/", "contenuto/")


def test_a_reader_sees_what_is_published_and_no_draft(prova, lettore):
    made, other = published(prova), draft(prova, periodo="2025-B4")
    for page in PAGES:
        assert lettore.get(url(made, page)).status_code == 200
        assert lettore.get(url(other, page)).status_code == 404
    assert [row.record for row in lettore.get(ARCHIVE).context["edizioni"].rows] == [made]


def test_a_nucleo_sees_its_own_provincia_alone_in_page_file_and_archive(prova):
    own, other, region = (published(prova, provincia=sigla) for sigla in ("BG", "LO", ""))
    nucleo = browser_of(make_nucleo("BG"))
    for page in PAGES:
        assert nucleo.get(url(own, page)).status_code == 200
        for hidden in (other, region):
            assert nucleo.get(url(hidden, page)).status_code == 404
    assert [row.record for row in nucleo.get(ARCHIVE).context["edizioni"].rows] == [own]
    export = nucleo.get(f"{ARCHIVE}?edizioni-formato=csv").content.decode()
    assert own.contenuto_sha256 in export
    assert other.contenuto_sha256 not in export


def test_asking_for_what_is_another_nucleos_is_recorded(prova):
    other = published(prova, provincia="LO")
    nucleo = make_nucleo("BG")
    assert browser_of(nucleo).get(url(other, "json/")).status_code == 404
    event = AuditEvent.objects.get(action="accesso.negato")
    assert (event.actor, event.details["cercato"]) == (nucleo, {"pk": other.pk})


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore", "certificatore", "controllore"])
@pytest.mark.parametrize("step", ["pubblica/", "rettifica/", "abbandona/", "scarta/"])
def test_only_the_managing_authority_reaches_what_changes_editions(prova, role, step):
    made = published(prova, provincia="BG")
    client = browser_of(make_user(role, provincia_id="BG" if role == "nucleo" else None))
    assert client.get(url(made, step)).status_code == 403
    assert client.post(url(made, step), {"errata": "x"}).status_code == 403
    assert Edizione.objects.get() == made


def test_an_administrator_sees_no_reports(prova, as_role):
    made = published(prova)
    client = as_role("amministratore")
    for address in (ARCHIVE, url(made), url(made, "json/"), url(made, "differenze/")):
        assert client.get(address).status_code == 403


def test_what_is_not_there_is_a_404(prova, gestore):
    made = draft(prova)
    unknown = ("999999", "9" * 30)
    absent = (
        *(f"/report/edizioni/{key}/" for key in unknown),
        url(made, "pdf/"),
        url(made, "exe/"),
    )
    for address in absent:
        assert gestore.get(address).status_code == 404
    waiting = make_edizione(prova, "in_coda", periodo="2025-B4")
    assert gestore.get(url(waiting, "contenuto/")).status_code == 404


@pytest.mark.parametrize("step", ["", "json/", "differenze/"])
def test_pages_that_only_show_take_no_post(prova, gestore, step):
    assert gestore.post(url(published(prova), step)).status_code == 405


# --- Archive ------------------------------------------------------------------------------------
@pytest.fixture
def some(prova):
    """One superseded, its correction, a provincial one, a draft, a failed and a discarded one."""
    old = make_edizione(prova, "pubblicata")
    return {
        "old": old,
        "new": make_edizione(prova, "pubblicata", edizione=2, rettifica=old, errata="Errore"),
        "bg": make_edizione(prova, "pubblicata", periodo="2024-B5", provincia="BG"),
        "draft": make_edizione(prova, "bozza", periodo="2025-B4"),
        "failed": make_edizione(prova, "fallita", periodo="2025-B3"),
        "discarded": make_edizione(prova, "scartata", periodo="2025-B2"),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"old", "new", "bg", "draft", "failed"}),
        ("report=prova", {"old", "new", "bg", "draft", "failed"}),
        ("periodo=2025", {"old", "new", "draft", "failed"}),
        ("periodo=2025-b5", {"old", "new"}),
        ("periodo=2023", set()),
        ("territorio=BG", {"bg"}),
        ("territorio=LO", set()),
        ("territorio=regione", {"old", "new", "draft", "failed"}),
        ("stato=pubblicata", {"old", "new", "bg"}),
        ("stato=in_vigore", {"new", "bg"}),
        ("stato=sostituita", {"old"}),
        ("stato=bozza", {"draft"}),
        ("stato=fallita", {"failed"}),
        ("stato=scartata", {"discarded"}),
        ("stato=in_vigore&territorio=regione&periodo=2025-B5", {"new"}),
    ],
)
def test_the_archive_is_narrowed(some, gestore, query, expected):
    shown = gestore.get(f"{ARCHIVE}?{query}").context["edizioni"]
    assert {row.record.pk for row in shown.rows} == {some[name].pk for name in expected}


@pytest.mark.parametrize(
    "query",
    ["report=altro", "periodo=abc", "periodo=20", "territorio=XX", "stato=x", "edizioni-page=9"],
)
def test_a_filter_that_cannot_be_is_refused_in_words(some, gestore, query):
    answer = gestore.get(f"{ARCHIVE}?{query}")
    assert answer.status_code in (400, 404)
    assert "tornare all" in text_of(answer)


def test_who_builds_no_reports_cannot_ask_for_drafts(some, lettore):
    assert lettore.get(f"{ARCHIVE}?stato=in_vigore").status_code == 200
    assert lettore.get(f"{ARCHIVE}?stato=bozza").status_code == 400


def test_the_archive_tells_number_person_digest_and_what_was_superseded(prova, lettore):
    old = published(prova)
    new = corrected(prova, old)
    pubblica(by=make_user("gestore"), edizione=new, contenuto_sha256=new.contenuto_sha256)
    shown = lettore.get(f"{ARCHIVE}?edizioni-sort=numero_completo")
    rows = [[*map(str, row)] for row in shown.context["edizioni"].rows]
    assert [(row[2], row[3], row[4], row[5]) for row in rows] == [
        ("Regione", "1", "consolidato, sostituito", old.numero_completo),
        ("Regione", "2", "consolidato", f"2/{old.anno}"),
    ]
    assert rows[0][7] == "Ada Neri"
    assert rows[0][8] == f"<code>{old.contenuto_sha256[:12]}…</code>"
    export = lettore.get(f"{ARCHIVE}?edizioni-formato=csv&edizioni-sort=numero_completo")
    line = export.content.decode("utf-8-sig").splitlines()[1].split(";")
    assert line[:5] == ["Report di prova", "2025-B5", "Regione", "1", "consolidato, sostituito"]
    assert line[8] == old.contenuto_sha256


def test_the_archive_asks_as_much_for_three_editions_as_for_one(prova, gestore):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert gestore.get(ARCHIVE).status_code == 200
        assert not any('"contenuto"' in each["sql"] for each in asked.captured_queries)
        return len(asked)

    make_edizione(prova, "pubblicata")
    queries()
    one = queries()
    make_edizione(prova, "pubblicata", provincia="BG")
    make_edizione(prova, "bozza", provincia="LO")
    assert queries() == one


# --- Page of an edition -------------------------------------------------------------------------
def test_a_published_edition_shows_all_that_makes_it_defensible(prova, lettore):
    made = published(prova)
    page = lettore.get(url(made))
    shown = text_of(page)
    assert f"Consolidato, n. {made.numero_completo}." in shown
    assert f"SHA-256 dei dati {made.contenuto_sha256}" in shown
    assert "Ada Neri" in shown
    for each in made.file.all():
        assert each.sha256 in shown
        assert each.nome in shown
    assert "Pubblica" not in re.sub("Pubblicat[oi]", "", shown)
    for step in ("ricostruisci", "rettifica", "pubblica", "abbandona"):
        assert url(made, f"{step}/") not in page.content.decode()


def test_its_data_are_in_the_page(prova, lettore):
    shown = text_of(lettore.get(url(published(prova))))
    assert "Quanti sono." in shown
    assert "Lavoratori 19" in shown
    assert "Bergamo 12 100,50 € Treviglio 7 20,00 € Totale 19 120,50 €" in shown
    assert "Fonte: VertenzeOnline, flusso 7" in shown
    assert "Fonti: VertenzeOnline, flusso 7" in shown


def test_a_table_of_its_data_is_exported_with_native_values(prova, lettore):
    made = published(prova)
    answer = lettore.get(f"{url(made)}?dati_comuni-formato=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="dati_comuni.csv"'
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "Comune;Lavoratori;Importo",
        "Bergamo;12;100,50",
        "Treviglio;7;20,00",
        "Totale;19;120,50",
    ]


def test_a_long_table_comes_in_pages_at_no_cost_in_queries(prova, gestore):
    made = draft(prova)
    prova.righe = [(f"Comune {number:03}", number, None) for number in range(120)]
    long = draft(prova, periodo="2025-B4")

    def queries(edizione) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert gestore.get(url(edizione)).status_code == 200
        return len(asked)

    queries(made)
    assert queries(long) == queries(made)
    shown = text_of(gestore.get(f"{url(long)}?dati_comuni-page=3"))
    assert "Comune 100" in shown
    assert "Comune 099" not in shown


def test_names_of_the_data_are_shown_as_they_are_and_never_as_markup(prova, gestore):
    prova.righe = [('<b>"Rossi"</b> & C. 🏭', 1, None), ("X" * 300, 2, None)]
    page = gestore.get(url(draft(prova))).content.decode()
    assert "&lt;b&gt;&quot;Rossi&quot;&lt;/b&gt; &amp; C. 🏭" in page
    assert "X" * 300 in page
    assert "<b>" not in page


def test_a_draft_shows_its_warnings_its_files_and_the_form_that_publishes_it(
    prova, gestore, monkeypatch
):
    monkeypatch.setattr(type(prova), "controlli", (Controllo.TRIMESTRI,))
    made = draft(prova)
    page = gestore.get(url(made))
    shown = text_of(page)
    assert "R111 attenzione Tutti i Nuclei 3° trimestre 2025" in shown
    assert page.context["form"].initial == {"contenuto_sha256": made.contenuto_sha256}
    assert f'value="{made.contenuto_sha256}"' in page.content.decode()
    assert f'action="{url(made, "ricostruisci/")}"' in page.content.decode()
    assert "Bozza. Data di riferimento 31.10.2025." in shown


def test_figures_of_a_draft_explain_themselves_and_those_of_what_is_published_do_not(
    prova, gestore, monkeypatch
):
    figure = Cella(5, cifra="crisi_unita(periodo=2025,tipo=LIC)")
    monkeypatch.setattr(prova, "_voci", lambda: ())
    columns = (Colonna("x", "Unità", Forma.NUMERO),)
    table = Tabella("unita", "Unità", columns, (Riga("x", (figure,)),), "F")
    monkeypatch.setattr(prova, "_tabella", lambda: table)
    link = 'href="/cifre/?f=crisi_unita(periodo=2025,tipo=LIC)"'
    made = draft(prova)
    assert link in gestore.get(url(made)).content.decode()
    by = make_user("gestore")
    pubblica(by=by, edizione=made, contenuto_sha256=made.contenuto_sha256)
    assert link not in gestore.get(url(made)).content.decode()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Cella(1234), "1.234"),
        (Cella(None), "n.d."),
        (
            Cella(None, nota="non pubblicata"),
            'n.d. <small class="cifra-nota">(non pubblicata)</small>',
        ),
        (Cella(soppressa=True), "*"),
        (Cella(3, stampato=""), ""),
    ],
)
def test_a_cell_is_shown_with_what_must_be_said_of_it(given, expected):
    assert cella(given, Forma.NUMERO, linked=True) == expected


def test_a_hidden_cell_is_hidden_in_the_export_and_explained_on_the_page(
    prova, lettore, monkeypatch
):
    columns = (Colonna("nome", "Comune"), Colonna("x", "Lavoratori", Forma.NUMERO, "CIGS"))
    row = Riga("bg", (Cella("Bergamo"), Cella(soppressa=True)))
    table = Tabella("piccole", "Celle piccole", columns, (row,), "F", note=("Una nota.",))
    assert list(dati(table, linked=False).as_values()) == [
        ["Comune", "CIGS: Lavoratori"],
        ["Bergamo", "*"],
    ]
    monkeypatch.setattr(prova, "_tabella", lambda: table)
    shown = text_of(lettore.get(url(published(prova))))
    assert "Bergamo *" in shown
    assert "*: il dato c'è, ma non si mostra" in shown
    assert "Una nota." in shown


def test_an_edition_in_progress_shows_how_far_it_is_and_one_that_failed_says_why(prova, gestore):
    waiting = make_edizione(prova, "in_coda")
    assert "In attesa di un elaboratore" in text_of(gestore.get(url(waiting)))
    failed = make_edizione(prova, "fallita", periodo="2025-B4", messaggio="La memoria non basta.")
    page = gestore.get(url(failed))
    assert "La memoria non basta." in text_of(page)
    assert f'action="{url(failed, "ricostruisci/")}"' in page.content.decode()


def test_a_page_of_example_data_says_so(prova, gestore):
    prova.esempio = True
    shown = text_of(gestore.get(url(draft(prova))))
    assert "Questa pagina contiene dati di esempio" in shown
    assert "Lavoratori per comune (dati di esempio)" in shown
    assert "consolidato" not in shown
    assert "esempio" in text_of(gestore.get(ARCHIVE))


@pytest.mark.parametrize(
    ("old", "new"), [('"versione":1', '"versione":0'), ('"titolo":', '"titolo_di_allora":')]
)
def test_what_is_written_in_another_form_is_told_with_its_number_and_files(
    prova, gestore, lettore, old, new
):
    made = make_edizione(prova, "bozza")
    made.contenuto = made.contenuto.replace(old, new, 1)
    made.stato, made.numero, made.anno = "pubblicata", 77, 2025
    made.pubblicata_da, made.pubblicata_il = made.richiesta_da, made.richiesta_il
    made.save()
    page = lettore.get(url(made))
    assert page.status_code == 200
    shown = text_of(page)
    assert "Consolidato, n. 77/2025." in shown
    assert "in una forma che questa versione dell'applicazione non legge" in shown
    assert made.contenuto_sha256 in shown
    for each in made.file.all():
        assert each.sha256 in shown
    assert lettore.get(url(made, "json/")).status_code == 200
    assert lettore.get(url(made, "contenuto/")).content.decode() == made.contenuto


def test_what_was_published_is_called_as_it_was_then(prova, lettore, monkeypatch):
    made = published(prova, provincia="BG")
    monkeypatch.setattr(type(prova), "titolo", "Un altro titolo")
    page = lettore.get(url(made))
    title = "Report di prova, settembre-ottobre 2025, Provincia di Bergamo"
    assert page.context["titolo"] == title
    assert "Un altro titolo" not in text_of(page)


def test_an_empty_report_says_so(prova, gestore):
    prova.righe = []
    assert "Nessun dato nel periodo." in text_of(gestore.get(url(draft(prova))))


# --- Files --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("formato", "kind"),
    [("json", "application/json"), ("csv", "application/zip"), ("contenuto", "application/json")],
)
def test_a_file_is_what_its_digest_says(prova, lettore, formato, kind):
    made = published(prova)
    answer = lettore.get(url(made, f"{formato}/"))
    digest = hashlib.sha256(answer.content).hexdigest()
    assert answer["ETag"] == f'"{digest}"'
    assert digest in text_of(lettore.get(url(made)))
    assert answer["Content-Type"] == kind
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-cache"
    name = "prova_2025-B5." + {"csv": "csv.zip", "json": "json"}.get(formato, "contenuto.json")
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


def test_who_has_a_file_already_is_told_that_it_is_the_same(prova, lettore):
    made = published(prova)
    tag = lettore.get(url(made, "json/"))["ETag"]
    again = lettore.get(url(made, "json/"), headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert lettore.get(url(made, "json/"), headers={"If-None-Match": '"x"'}).status_code == 200
    assert lettore.head(url(made, "json/")).content == b""


def test_a_file_of_a_draft_says_in_its_name_that_it_is_one(prova, gestore):
    made = draft(prova, provincia="BG")
    answer = gestore.get(url(made, "json/"))
    assert answer["Content-Disposition"] == 'attachment; filename="BOZZA_prova_2025-B5_BG.json"'


# --- Publishing ---------------------------------------------------------------------------------
def test_a_draft_is_published_from_its_page(prova, gestore):
    made = draft(prova)
    form = {"contenuto_sha256": made.contenuto_sha256}
    answer = gestore.post(url(made, "pubblica/"), form, follow=True)
    made.refresh_from_db()
    assert answer.redirect_chain == [(url(made), 302)]
    assert f"Report pubblicato con il n. {made.numero_completo}." in text_of(answer)
    again = gestore.post(url(made, "pubblica/"), form)
    assert again.status_code == 409
    assert f"già pubblicato con il n. {made.numero_completo}" in text_of(again)
    assert gestore.get(url(made, "pubblica/")).status_code == 409


def test_publishing_over_warnings_asks_for_the_decision(prova, gestore, monkeypatch):
    monkeypatch.setattr(type(prova), "controlli", (Controllo.TRIMESTRI,))
    made = draft(prova)
    form = {"contenuto_sha256": made.contenuto_sha256}
    page = gestore.get(url(made, "pubblica/"))
    assert (page.status_code, "R111" in text_of(page)) == (200, True)
    refused = gestore.post(url(made, "pubblica/"), form)
    assert refused.status_code == 400
    assert refused.context["form"].errors == {"decisione": ["Questo campo è obbligatorio."]}
    gestore.post(url(made, "pubblica/"), form | {"decisione": "I Nuclei <b>non</b> hanno PAL"})
    made.refresh_from_db()
    assert made.pubblicata
    assert "Decisione I Nuclei <b>non</b> hanno PAL" in text_of(gestore.get(url(made)))


def test_a_draft_that_changed_meanwhile_is_not_published(prova, gestore):
    made = draft(prova)
    stopped = gestore.post(url(made, "pubblica/"), {"contenuto_sha256": "0" * 64})
    assert stopped.status_code == 409
    assert "Non è stato pubblicato nulla. La bozza è cambiata" in text_of(stopped)
    prova.righe[0] = ("Bergamo", 13, Decimal("100.50"))
    form = {"contenuto_sha256": made.contenuto_sha256}
    stopped = gestore.post(url(made, "pubblica/"), form)
    assert (stopped.status_code, "(3 differenze)" in text_of(stopped)) == (409, True)
    assert Edizione.objects.get().stato == "bozza"


def test_what_was_written_is_not_lost_when_publication_stops(prova, gestore, monkeypatch):
    monkeypatch.setattr(type(prova), "controlli", (Controllo.TRIMESTRI,))
    made = draft(prova)
    form = {"contenuto_sha256": made.contenuto_sha256, "decisione": "I Nuclei non hanno PAL."}
    prova.righe[0] = ("Bergamo", 13, Decimal("100.50"))
    for again in ("I dati sono cambiati dopo la bozza", "si pubblica solo una bozza"):
        stopped = gestore.post(url(made, "pubblica/"), form)
        assert stopped.status_code == 409
        assert again in text_of(stopped)
        assert "I Nuclei non hanno PAL.</textarea>" in stopped.content.decode()
        costruzione.ricostruisci(by=make_user("gestore"), edizione=made)  # now it waits


# --- Correcting ---------------------------------------------------------------------------------
def test_a_correction_is_begun_from_the_page_of_what_it_corrects(prova, gestore):
    old = published(prova)
    assert url(old, "rettifica/") in gestore.get(url(old)).content.decode()
    assert gestore.get(url(old, "rettifica/")).status_code == 200
    assert gestore.post(url(old, "rettifica/"), {"errata": " "}).status_code == 400
    answer = gestore.post(url(old, "rettifica/"), {"errata": "Un errore."})
    new = Edizione.objects.get(edizione=2)
    assert (answer.status_code, answer.url) == (302, url(new))
    assert url(old, "rettifica/") not in gestore.get(url(old)).content.decode()
    again = gestore.post(url(old, "rettifica/"), {"errata": "Un altro."})
    assert (again.status_code, "già una rettifica" in text_of(again)) == (409, True)
    assert "Un altro.</textarea>" in again.content.decode()
    assert gestore.get(url(old, "rettifica/")).status_code == 409
    assert gestore.get(url(new, "rettifica/")).status_code == 409


def test_a_correction_is_given_up_from_its_page(prova, gestore):
    old = published(prova)
    new = corrected(prova, old)
    assert url(new, "abbandona/") in gestore.get(url(new)).content.decode()
    assert gestore.get(url(new, "abbandona/")).status_code == 200
    answer = gestore.post(url(new, "abbandona/"))
    assert (answer.status_code, answer.url) == (302, url(old))
    assert Edizione.objects.get() == old
    for step in ("abbandona/", "scarta/"):
        assert gestore.get(url(old, step)).status_code == 409
        assert gestore.post(url(old, step)).status_code == 409


def test_a_first_edition_is_discarded_from_its_page(prova, gestore):
    made = draft(prova)
    page = gestore.get(url(made)).content.decode()
    assert url(made, "scarta/") in page
    assert url(made, "abbandona/") not in page
    assert gestore.get(url(made, "scarta/")).status_code == 200
    page = gestore.post(url(made, "scarta/"), {"motivo": "Chiesta <b>per errore</b>."}, follow=True)
    assert page.redirect_chain == [(url(made), 302)]
    shown = text_of(page)
    assert "Scartata. Data di riferimento 31.10.2025." in shown
    assert "Chiesta <b>per errore</b>." in shown
    assert url(made, "ricostruisci/") in page.content.decode()
    assert url(made, "scarta/") not in page.content.decode()
    assert gestore.get(url(made, "scarta/")).status_code == 409


def test_what_is_superseded_stays_whole_and_says_by_what(prova, lettore):
    old = published(prova)
    before = lettore.get(url(old, "json/")).content
    new = corrected(prova, old)
    assert f"/{new.pk}/" not in lettore.get(url(old)).content.decode()  # a draft is not for readers
    assert lettore.get(url(new, "differenze/")).status_code == 404
    pubblica(by=make_user("gestore"), edizione=new, contenuto_sha256=new.contenuto_sha256)
    new.refresh_from_db()
    page = lettore.get(url(old))
    assert f"Questa edizione è sostituita dal n. {new.numero_completo}" in text_of(page)
    assert url(new, "differenze/") in page.content.decode()
    assert lettore.get(url(old, "json/")).content == before
    shown = text_of(lettore.get(url(new)))
    assert f"2, che rettifica il n. {old.numero_completo}" in shown
    assert "Nota di rettifica Bergamo sono 15." in shown


# --- Differences --------------------------------------------------------------------------------
def changes(response) -> list[list[str]]:
    return [[*map(str, row)] for row in response.context["differenze"].rows]


def test_what_a_correction_changes_is_shown_cell_by_cell(prova, gestore):
    old = published(prova)
    new = corrected(prova, old)
    page = gestore.get(url(new, "differenze/"))
    table = "Lavoratori per comune"
    assert changes(page) == [
        ["Indicatori", "Lavoratori", "Valore", "19", "23", "+4"],
        [table, "Bergamo", "Lavoratori", "12", "15", "+3"],
        [table, "Bergamo", "Importo", "100,50\u00a0€", "99,25\u00a0€", "−1,25\u00a0€"],
        [table, "Lodi", "Riga", "—", "riga aggiunta", "—"],
        [table, "Lodi", "Comune", "—", "Lodi", "—"],
        [table, "Lodi", "Lavoratori", "—", "1", "—"],
        [table, "Lodi", "Importo", "—", "n.d.", "—"],
        [table, "Totale", "Lavoratori", "19", "23", "+4"],
        [table, "Totale", "Importo", "120,50\u00a0€", "119,25\u00a0€", "−1,25\u00a0€"],
    ]
    assert "Le differenze sono 9." in text_of(page)
    assert page.context["parti"] == {"Indicatori": "Indicatori", "comuni": table}


def test_differences_are_narrowed_to_a_part_and_exported(prova, gestore):
    new = corrected(prova, published(prova))
    page = gestore.get(url(new, "differenze/?tabella=Indicatori"))
    assert len(changes(page)) == 1
    assert len(changes(gestore.get(url(new, "differenze/?tabella=comuni")))) == 8
    assert gestore.get(url(new, "differenze/?tabella=altra")).status_code == 404
    export = gestore.get(url(new, "differenze/?tabella=comuni&differenze-formato=csv"))
    lines = export.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Dove;Riga;Colonna;Prima;Dopo;Variazione"
    assert lines[2] == "Lavoratori per comune;Bergamo;Importo;100,50\u00a0€;99,25\u00a0€;-1,25"


def test_a_published_correction_has_its_differences_for_all_readers(prova, lettore):
    new = corrected(prova, published(prova))
    pubblica(by=make_user("gestore"), edizione=new, contenuto_sha256=new.contenuto_sha256)
    assert len(changes(lettore.get(url(new, "differenze/")))) == 9


def test_what_corrects_nothing_has_no_differences(prova, gestore):
    old = published(prova)
    waiting = rettifica(by=make_user("gestore"), edizione=old, errata="x")
    for each in (old, waiting):
        answer = gestore.get(url(each, "differenze/"))
        assert answer.status_code == 404
        assert "non ci sono differenze da mostrare" in text_of(answer)
