"""The pages of the catalogue, of a report, of the calendar, and of what is being built."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from porfse.models import AuditEvent, Provincia
from reports import report as declarations
from reports.models import Edizione
from reports.parametri import Cadenza
from reports.progress import Reporter
from reports.services import costruzione
from tests.factories.crisi import make_nucleo
from tests.factories.reports import PERIODO, Prova, make_edizione

pytestmark = pytest.mark.django_db
CATALOGO = "/report/"
PAGINA = "/report/prova/"
COSTRUISCI = "/report/prova/costruisci/"
CALENDARIO = "/report/calendario/"
UNKNOWN = "non è tra quelle disponibili"


@pytest.fixture(autouse=True)
def report(prova, monkeypatch):
    """The only report there is."""
    monkeypatch.setattr(declarations, "_REPORTS", {prova.slug: prova})
    with time_machine.travel("2026-01-20 10:00", tick=False):
        yield prova


@pytest.fixture
def nucleo() -> Client:
    client = Client()
    client.force_login(make_nucleo("BG"), backend="porfse.accounts.RoleBackend")
    return client


def text(response) -> str:
    """What is read on the page, in a line."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def links(response) -> set[str]:
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return set(re.findall(r'href="([^"?#]+)"', main))


def url(name: str, edizione: Edizione, *arguments: str) -> str:
    return reverse(f"reports:{name}", args=[edizione.pk, *arguments])


# --- The catalogue ------------------------------------------------------------------------------
def test_a_report_tells_what_it_is_and_its_last_published_edition_with_its_files(lettore, report):
    make_edizione(report, "pubblicata", periodo="2025-B3")
    last = make_edizione(report, "pubblicata", periodo="2025-B4")
    make_edizione(report, "pubblicata", periodo="2025-B4", provincia="BG")
    draft = make_edizione(report, "bozza")
    page = lettore.get(CATALOGO)
    shown = text(page)
    assert "Lavoratori e importi per comune. Regione e Nuclei, ciascuno il proprio" in shown
    assert f"luglio-agosto 2025 (n. {last.numero_completo})" in shown
    assert {PAGINA, url("file", last, "pdf"), url("file", last, "json")} <= links(page)
    assert "Ultima bozza" not in shown
    assert url("edizione", draft) not in links(page)


def test_of_a_corrected_report_the_correction_is_shown(lettore, report):
    old = make_edizione(report, "pubblicata")
    new = make_edizione(report, "pubblicata", edizione=2, rettifica=old, errata="Un refuso.")
    found = links(lettore.get(CATALOGO))
    assert url("edizione", new) in found
    assert url("edizione", old) not in found


def test_who_builds_sees_the_last_draft_too(gestore, report):
    draft = make_edizione(report, "bozza")
    page = gestore.get(CATALOGO)
    assert url("edizione", draft) in links(page)
    assert "Ultimo pubblicato Ultima bozza" in text(page)
    assert "settembre-ottobre 2025" in text(page)


def test_a_nucleo_reads_of_its_own_provincia_alone(nucleo, report):
    make_edizione(report, "pubblicata")
    make_edizione(report, "pubblicata", provincia="BS")
    own = make_edizione(report, "pubblicata", provincia="BG", periodo="2025-B1")
    for page in (nucleo.get(CATALOGO), nucleo.get(PAGINA)):
        found = {link for link in links(page) if "/edizioni/" in link}
        assert found == {url("edizione", own), url("file", own, "json"), url("file", own, "pdf")}


def test_a_report_that_is_not_for_a_role_is_not_there(as_role, report, monkeypatch):
    client = as_role("operatore")
    assert "Nessun report è destinato" in text(client.get(CATALOGO))
    assert client.get(PAGINA).status_code == 404
    event = AuditEvent.objects.get(action="accesso.negato")
    assert event.details == {"oggetto": "reports.report", "cercato": {"slug": "prova"}}


def test_the_catalogue_asks_as_much_of_many_editions(
    gestore, report, django_assert_max_num_queries
):
    gestore.get(CATALOGO)
    for sigla in Provincia.objects.values_list("pk", flat=True):
        make_edizione(report, "pubblicata", provincia=sigla)
        make_edizione(report, "bozza", provincia=sigla, periodo="2025-B4")
    with django_assert_max_num_queries(16):
        gestore.get(CATALOGO)
    with django_assert_max_num_queries(16):
        gestore.get(PAGINA)


def test_no_page_reads_what_is_in_the_files(gestore, report, django_assert_max_num_queries):
    make_edizione(report, "pubblicata")
    for address in (CATALOGO, PAGINA, CALENDARIO):
        with django_assert_max_num_queries(20) as asked:
            assert gestore.get(address).status_code == 200
        assert not [query for query in asked if '"contenuto"' in query["sql"]]


def test_examples_are_said_to_be_so(lettore, report):
    report.esempio = True
    make_edizione(report, "pubblicata")
    for address in (CATALOGO, PAGINA):
        assert "Questa pagina contiene dati di esempio." in text(lettore.get(address))


def test_the_catalogue_is_exported(gestore, report):
    make_edizione(report, "pubblicata")
    lines = gestore.get(f"{CATALOGO}?catalogo-formato=csv").content.decode()
    assert "Report di prova;Lavoratori e importi per comune." in lines
    assert "<" not in lines


# --- The page of a report -----------------------------------------------------------------------
def test_a_report_lists_its_editions_the_last_period_and_the_region_first(gestore, report):
    made = [
        make_edizione(report, "in_coda"),
        make_edizione(report, "bozza", provincia="BG"),
        make_edizione(report, "pubblicata", periodo="2025-B4"),
        make_edizione(report, "fallita", periodo="2025-B3"),
    ]
    page = gestore.get(PAGINA)
    found = re.findall(r'href="(/report/edizioni/\d+/)"', page.content.decode())
    assert found == [url("edizione", item) for item in made]
    shown = text(page)
    for words in (
        "in coda",
        "bozza",
        "consolidato",
        "costruzione non riuscita",
        "Regione",
        "Bergamo",
    ):
        assert words in shown


def test_who_only_reads_sees_what_is_published_and_no_form(lettore, report):
    make_edizione(report, "bozza")
    published = make_edizione(report, "pubblicata", periodo="2025-B4")
    page = lettore.get(PAGINA)
    assert {link for link in links(page) if link.startswith("/report/edizioni/")} == {
        url("edizione", published),
        url("file", published, "json"),
        url("file", published, "pdf"),
    }
    assert "Nuova costruzione" not in text(page)
    assert COSTRUISCI not in page.content.decode()


def test_the_last_periods_that_ended_are_offered(gestore, report):
    page = gestore.get(PAGINA).content.decode()
    offered = re.findall(r'<option value="(20[^"]+)"', page)
    assert offered == [
        *("2025-B6", "2025-B5", "2025-B4", "2025-B3", "2025-B2", "2025-B1", "2024-B6", "2024-B5"),
    ]


def test_the_periods_with_something_published_can_be_sent_to_all(gestore, lettore, report):
    old = make_edizione(report, "pubblicata", periodo="2025-B3", provincia="BG")
    make_edizione(report, "pubblicata", periodo="2025-B3", provincia="BS")
    make_edizione(
        report, periodo="2025-B3", provincia="BG", edizione=2, rettifica=old, errata="Un refuso."
    )
    make_edizione(report, "pubblicata", periodo="2025-B4")
    make_edizione(report, "bozza", periodo="2025-B5")
    page = gestore.get(PAGINA)
    found = re.findall(r'href="(/report/prova/[^"]+/invia/)">([^<]+)<', page.content.decode())
    assert found == [
        ("/report/prova/2025-B4/invia/", "Invia a tutti: luglio-agosto 2025"),
        ("/report/prova/2025-B3/invia/", "Invia a tutti: maggio-giugno 2025"),
    ]
    assert gestore.get(found[0][0]).status_code == 200
    assert "Invia a tutti" not in text(lettore.get(PAGINA))


def test_an_unknown_report_is_not_there(gestore):
    assert gestore.get("/report/inesistente/").status_code == 404


# --- Asking -------------------------------------------------------------------------------------
def test_a_chosen_period_is_built(gestore, report):
    form = {"periodo": PERIODO, "altro": "", "provincia": "BG"}
    answer = gestore.post(COSTRUISCI, form)
    edizione = Edizione.objects.get()
    assert (answer.status_code, answer.url) == (302, url("edizione", edizione))
    assert (edizione.periodo, edizione.provincia_id, edizione.stato) == (PERIODO, "BG", "in_coda")


@pytest.mark.parametrize("listed", ["altro", "2025-B6"])
def test_a_period_may_be_written_and_the_list_left_as_it_comes(gestore, report, listed):
    assert (
        re.search(r'<option value="([^"]+)"', gestore.get(PAGINA).content.decode())[1] == "2025-B6"
    )
    gestore.post(COSTRUISCI, {"periodo": listed, "altro": "2019-B2", "provincia": "regione"})
    assert Edizione.objects.get().periodo == "2019-B2"


@pytest.mark.parametrize(
    ("cadenza", "said", "example"),
    [
        (Cadenza.BIMESTRE, "Bimestre concluso", "2025-B6 oppure novembre-dicembre 2025"),
        (Cadenza.TRIMESTRE, "Trimestre concluso", "2025-T4 oppure 4° trimestre 2025"),
        (Cadenza.ANNO, "Anno concluso", "2025"),
        (Cadenza.DATA, "Un giorno, dal 01.01.2014 a ieri", "31.12.2025"),
    ],
)
def test_what_may_be_asked_for_is_said_as_it_is_written(
    gestore, monkeypatch, cadenza, said, example
):
    monkeypatch.setattr(Prova, "cadenza", cadenza)
    shown, field = text(gestore.get(PAGINA)).split("Altro periodo")
    assert f"{said}, scritto come {example} Per chi" in shown
    assert f"scritto come {example}." in field
    assert not re.search(r"20\d\d-\d\d-\d\d", shown + field)


@pytest.mark.parametrize("cadenza", Cadenza)
def test_every_example_of_a_period_is_itself_accepted(gestore, monkeypatch, cadenza):
    monkeypatch.setattr(Prova, "cadenza", cadenza)
    hint = re.search(r"scritto come (.*?)\. ", text(gestore.get(PAGINA)).split("Altro periodo")[1])
    for example in hint[1].split(" oppure "):
        form = {"periodo": "altro", "altro": example, "provincia": "regione"}
        assert gestore.post(COSTRUISCI, form).status_code == 302, example
    assert Edizione.objects.get().al.isoformat() == "2025-12-31"  # the same one


def test_a_wrong_day_is_shown_the_same_example_as_its_field(gestore, monkeypatch):
    monkeypatch.setattr(Prova, "cadenza", Cadenza.DATA)
    form = {"periodo": "altro", "altro": "2025-T3", "provincia": "regione"}
    shown = text(gestore.post(COSTRUISCI, form))
    assert "Scriverla come 31.12.2025 oppure 2025-12-31." in shown


def test_a_report_at_a_date_is_built_of_a_day_that_is_written(gestore, report, monkeypatch):
    monkeypatch.setattr(type(report), "cadenza", Cadenza.DATA)
    form = {"periodo": "2025-12-31", "altro": "21.10.2021", "provincia": "regione"}
    gestore.post(COSTRUISCI, form)
    assert Edizione.objects.get().periodo == "2021-10-21"


def test_all_places_are_asked_for_and_the_published_ones_named(gestore, report):
    make_edizione(report, "pubblicata", provincia="LO")
    page = gestore.post(COSTRUISCI, {"periodo": PERIODO, "provincia": "tutte"}, follow=True)
    assert page.redirect_chain == [(PAGINA, 302)]
    assert Edizione.objects.filter(stato="in_coda").count() == 12
    shown = text(page)
    assert "In corso: 12 costruzioni." in shown
    assert "Già pubblicati, e perciò lasciati come sono: LO." in shown


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"periodo": ""}, "Questo campo è obbligatorio."),
        ({"periodo": "altro"}, "Scrivere il periodo."),
        ({"periodo": PERIODO, "altro": "2025-B1"}, "Sono indicati due periodi: svuotare"),
        ({"periodo": "2025-B6", "altro": "2025-B9"}, "Periodo non valido: «2025-B9»."),
        ({"altro": "2025-T3"}, "Il report è bimestrale: scrivere il periodo come 2025-B6 oppure"),
        ({"altro": "2025-B9"}, "Periodo non valido: «2025-B9»."),
        ({"altro": "2026-B1"}, "non è ancora concluso: termina il 28.02.2026"),
        ({"altro": "<b>2025"}, "Periodo non valido: «<b>2025»."),
        ({"altro": "2013-B1"}, "precede l'inizio del programma"),
        ({"altro": "x" * 500}, f"Periodo non valido: «{'x' * 40}»."),
        ({"periodo": "2018-B1"}, UNKNOWN),
        ({"periodo": PERIODO, "provincia": "RM"}, UNKNOWN),
        ({"periodo": PERIODO, "provincia": ""}, "Questo campo è obbligatorio."),
    ],
)
def test_what_cannot_be_built_is_said_beside_its_field(gestore, report, form, message):
    page = gestore.post(COSTRUISCI, {"periodo": "altro", "provincia": "regione"} | form)
    assert page.status_code == 400
    assert message in text(page)
    assert not Edizione.objects.exists()


def test_what_is_published_is_refused_with_the_way_to_correct_it(gestore, report):
    make_edizione(report, "pubblicata")
    page = gestore.post(COSTRUISCI, {"periodo": PERIODO, "provincia": "regione"})
    assert page.status_code == 409
    assert "Rettifica" in page.content.decode()


def test_of_a_regional_report_no_place_is_asked(gestore, report, monkeypatch):
    monkeypatch.setattr(type(report), "provinciale", False)
    assert 'name="provincia"' not in gestore.get(PAGINA).content.decode()
    gestore.post(COSTRUISCI, {"periodo": PERIODO, "provincia": "BG"})
    assert Edizione.objects.get().provincia_id is None


# --- The calendar -------------------------------------------------------------------------------
def test_the_calendar_tells_where_each_report_stands(gestore, report):
    make_edizione(report, "pubblicata", periodo="2025-B6")
    make_edizione(report, "fallita", periodo="2025-B6", provincia="BG")
    shown = text(gestore.get(CALENDARIO))
    assert "novembre-dicembre 2025 05.01.2026 06:00" in shown
    assert "costruzione non riuscita: 1, consolidato: 1" in shown
    assert "novembre-dicembre 2025: BS, CO, CR, LC, LO, MB, MI, MN, PV, SO, VA" in shown
    assert "gennaio-febbraio 2026 05.03.2026 06:00" in shown


def test_a_calendar_where_nothing_is_missing_says_so(gestore, report, monkeypatch):
    monkeypatch.setattr(type(report), "provinciale", False)
    make_edizione(report, "bozza", periodo="2025-B6")
    shown = text(gestore.get(CALENDARIO))
    assert "bozza: 1 nulla gennaio-febbraio 2026" in shown


def test_of_a_regional_report_the_periods_alone_are_named(gestore, report, monkeypatch):
    monkeypatch.setattr(type(report), "provinciale", False)
    make_edizione(report, "bozza", periodo="2025-B4", dal_calendario=True)
    shown = text(gestore.get(CALENDARIO))
    assert "— settembre-ottobre 2025; novembre-dicembre 2025 gennaio-febbraio 2026" in shown


# --- What is being built ------------------------------------------------------------------------
def test_the_bar_tells_the_phase_and_asks_again(gestore, report):
    edizione = make_edizione(report, "in_costruzione")
    Reporter(edizione.pk, ("pdf",)).begin("pdf")
    address = f"{url('stato', edizione)}?stato=in_costruzione"
    bar = gestore.get(address, headers={"hx-request": "true"}).content.decode()
    assert 'value="50"' in bar
    assert "Preparazione del file PDF" in bar
    assert f'hx-get="{url("stato", edizione)}?stato=in_costruzione&amp;detto=' in bar
    assert 'hx-trigger="every 1s"' in bar
    assert 'role="status"' in bar
    told = f"{address}&detto=Preparazione%20del%20file%20PDF"
    assert 'role="status"' not in gestore.get(told, headers={"hx-request": "true"}).content.decode()


@pytest.mark.parametrize(
    ("stato", "shown"),
    [("bozza", "in_costruzione"), ("in_costruzione", "in_coda"), ("fallita", "in_costruzione")],
)
def test_when_the_state_is_another_the_page_comes_anew(gestore, report, stato, shown):
    edizione = make_edizione(report, stato)
    address = f"{url('stato', edizione)}?stato={shown}"
    answer = gestore.get(address, headers={"hx-request": "true"})
    assert answer.headers["HX-Refresh"] == "true"


def test_without_javascript_the_bar_is_on_the_page_of_the_edition(gestore, report):
    edizione = make_edizione(report, "in_costruzione")
    assert gestore.get(url("stato", edizione)).url == url("edizione", edizione)
    page = gestore.get(url("edizione", edizione))
    assert page.status_code == 200
    assert "Costruzione in corso" in text(page)
    assert "Interrompi la costruzione" in text(page)
    assert url("edizione", edizione) in links(page)


def test_a_build_is_stopped_and_asked_for_again(gestore, report):
    edizione = make_edizione(report, "in_coda")
    page = gestore.post(url("interrompi", edizione), follow=True)
    assert page.redirect_chain == [(url("edizione", edizione), 302)]
    assert "Costruzione interrotta" in text(page)
    edizione.refresh_from_db()
    assert edizione.stato == "interrotta"

    answer = gestore.post(url("ricostruisci", edizione))
    assert answer.url == url("edizione", edizione)
    edizione.refresh_from_db()
    assert edizione.stato == "in_coda"


def test_what_is_not_being_built_is_not_stopped(gestore, report):
    edizione = make_edizione(report, "bozza")
    page = gestore.post(url("interrompi", edizione))
    assert page.status_code == 409
    assert "non c'è una costruzione da interrompere" in unescape(page.content.decode())


def test_a_published_edition_is_not_built_anew_nor_its_correction_in_its_place(gestore, report):
    old = make_edizione(report, "pubblicata")
    assert gestore.post(url("ricostruisci", old)).status_code == 409
    new = make_edizione(report, "bozza", edizione=2, rettifica=old, errata="Un refuso.")
    page = gestore.post(url("ricostruisci", old))
    assert (page.status_code, "«Rettifica»" in unescape(page.content.decode())) == (409, True)
    new.refresh_from_db()
    assert new.stato == "bozza"


def test_progress_does_not_read_what_an_edition_holds(
    gestore, report, django_assert_max_num_queries
):
    old = make_edizione(report, "pubblicata")
    new = make_edizione(report, "in_coda", edizione=2, rettifica=old, errata="Un refuso.")
    with django_assert_max_num_queries(20) as asked:
        gestore.get(f"{url('stato', new)}?stato=in_coda", headers={"hx-request": "true"})
    assert not [query for query in asked if '"contenuto"' in query["sql"]]


def test_a_wait_without_news_says_so(gestore, report):
    before = timezone.now() - timedelta(minutes=4)
    edizione = make_edizione(report, "in_coda", richiesta_il=before)
    address = f"{url('stato', edizione)}?stato=in_coda"
    bar = gestore.get(address, headers={"hx-request": "true"}).content.decode()
    assert "In attesa di un elaboratore libero" in bar
    assert "nessuna notizia da 4 minuti" in bar


# --- Who may ------------------------------------------------------------------------------------
POSTS = ("costruisci", "interrompi", "ricostruisci")


def address_of(name: str, edizione: Edizione) -> str:
    return COSTRUISCI if name == "costruisci" else url(name, edizione)


@pytest.mark.parametrize("name", POSTS)
def test_only_who_builds_may_act(as_role, report, name):
    edizione = make_edizione(report, "in_coda")
    for role in ("lettore", "nucleo", "amministratore"):
        form = {"periodo": "2025-B4"}
        assert as_role(role).post(address_of(name, edizione), form).status_code == 403
    edizione.refresh_from_db()
    assert (Edizione.objects.count(), edizione.stato) == (1, "in_coda")


@pytest.mark.parametrize("name", POSTS)
def test_acts_are_posts(gestore, report, name):
    edizione = make_edizione(report, "in_coda")
    assert gestore.get(address_of(name, edizione)).status_code == 405


@pytest.mark.parametrize("address", [CATALOGO, PAGINA, CALENDARIO])
def test_pages_are_read(gestore, address):
    assert gestore.post(address).status_code == 405


def test_calendar_and_progress_are_for_who_builds(lettore, as_role, report):
    edizione = make_edizione(report, "in_coda")
    for address in (CALENDARIO, url("stato", edizione)):
        assert lettore.get(address).status_code == 403
    for address in (CATALOGO, PAGINA):
        assert as_role("amministratore").get(address).status_code == 403


@pytest.mark.parametrize("name", ["stato", "interrompi", "ricostruisci"])
def test_an_edition_that_is_not_for_a_person_is_not_there(gestore, report, monkeypatch, name):
    monkeypatch.setattr(type(report), "permesso", "porfse.manage_users")
    edizione = make_edizione(report, "in_coda")
    method = gestore.get if name == "stato" else gestore.post
    assert method(url(name, edizione)).status_code == 404
    assert method(reverse(f"reports:{name}", args=[0])).status_code == 404
    edizione.refresh_from_db()
    assert (edizione.stato, edizione.interrotta_da) == ("in_coda", None)


def test_what_the_pages_ask_for_can_be_built(gestore, report):
    gestore.post(COSTRUISCI, {"periodo": PERIODO, "provincia": "regione"})
    assert costruzione.costruisci(Edizione.objects.get().pk).stato == "bozza"
