"""The pages that every measure has: what they show, what they cost, whom they let in."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from measures import listing
from measures.misura import misure
from measures.models import Passaggio
from measures.views import istanze
from porfse.models import AuditEvent
from tests.factories.crisi import make_azienda, make_procedura
from tests.factories.flows import codice_fiscale
from tests.factories.misure import make_domanda, make_flow, make_voucher, summed
from tests.programme.test_pages import cost, text_of
from tests.programme.test_walk import hold, walk  # noqa: F401

pytestmark = pytest.mark.django_db

ROOT = "/misure/smart-working/"
LIST = f"{ROOT}elenco/"
# Page, and how many queries it makes: the same for 1 application and for 40.
COSTS = {
    "/misure/": 6,
    ROOT: 10,
    f"{ROOT}province/": 5,
    f"{ROOT}tempi/": 4,
    f"{ROOT}classi/": 10,
    f"{ROOT}addendum/": 6,
    f"{ROOT}settori/": 6,
    LIST: 6,
    f"{LIST}?fase=ammesse&provincia=BG": 7,
    f"{LIST}?testo=SW-1": 6,
    f"{LIST}SW-1/": 9,
    "/cifre/?f=misura_numero(fase=ammesse,misura=smart-working)": 4,
    "/cifre/?f=misura_dotazione(misura=smart-working)": 3,
}
FIGURES = [url for url in COSTS if "elenco" not in url]


def example_of_all(**fields: object) -> None:
    """An application in each state, with the sums."""
    for state in ("presentata", "non_ammessa", "ammessa", "rinunciata", "decaduta", "liquidata"):
        make_domanda(state, **fields)
    summed()


def codes(response) -> list[str]:
    return [row.record.codice for row in response.context["elenco"].page.object_list]


@pytest.mark.parametrize("url", COSTS)
def test_queries_do_not_grow_with_applications(gestore, url):
    make_domanda("liquidata", codice="SW-1")
    summed()
    assert cost(gestore, url) == COSTS[url] <= 12
    for number in range(39):
        make_domanda("liquidata" if number % 2 else "ammessa", dipendenti=number + 1)
    summed()
    assert cost(gestore, url) == COSTS[url]


@pytest.mark.parametrize("url", FIGURES)
def test_no_page_of_figures_reads_applications(gestore, url):
    example_of_all()
    with CaptureQueriesContext(connection) as queries:
        gestore.get(url)
    assert not any('"measures_domanda"' in query["sql"] for query in queries)


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("url", [url for url in FIGURES if "cifre" not in url])
def test_every_figure_opens_what_makes_it(walk, url, loaded):  # noqa: F811
    if loaded:
        example_of_all(dipendenti=300)
    assert hold(walk, url) or not loaded


@pytest.mark.parametrize("page", ["misura", "province", "elenco", "movimenti"])
def test_every_measure_has_the_pages_of_all(gestore, page):
    for misura in misure():
        response = gestore.get(reverse(f"measures:{page}", args=[misura.slug]))
        assert response.status_code == 200, misura
        assert str(misura) in text_of(response).replace("&#x27;", "'")


def test_a_measure_without_times_has_no_page_of_them(lettore):
    assert lettore.get("/misure/autorita-giudiziaria/tempi/").status_code == 404
    assert "Tempi" not in text_of(lettore.get("/misure/autorita-giudiziaria/"))


def test_a_measure_that_is_not_there_is_404(lettore):
    response = lettore.get("/misure/altra/")
    assert response.status_code == 404
    assert "La misura «altra» non esiste" in text_of(response)


# --- Who may see ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "figures", "rows"),
    [
        ("lettore", 200, 200),
        ("gestore", 200, 200),
        ("operatore", 200, 200),
        ("nucleo", 200, 403),
        ("certificatore", 200, 403),
        ("controllore", 200, 403),
        ("amministratore", 403, 403),
    ],
)
def test_who_may_open_what(as_role, role, figures, rows):
    make_domanda(codice="SW-1")
    summed()
    client = as_role(role)
    for page in ("", "province/", "tempi/", "classi/", "addendum/", "settori/"):
        assert client.get(f"{ROOT}{page}").status_code == figures
    for url in (LIST, f"{LIST}SW-1/", f"{LIST}?elenco-formato=csv"):
        assert client.get(url).status_code == rows


def test_who_may_not_see_rows_is_offered_none(as_role):
    example_of_all()
    shown = as_role("nucleo").get(f"{ROOT}province/").content.decode()
    assert LIST not in shown
    assert "/cifre/?f=misura_numero(" in shown


# --- Which data -----------------------------------------------------------------------------------
def test_published_figures_stand_alone_until_rows_are_acquired(lettore):
    page = lettore.get(ROOT)
    assert "Solo dati pubblicati, al 21.10.2021." in text_of(page)
    table = page.context["fasi"]
    assert table.columns.names() == ["nome", "pub_numero", "pub_quota", "pub_passo", "pub_concesso"]
    numbers = {row.record["nome"]: row.record["pub_numero"].amount for row in list(table.rows)[:3]}
    assert numbers == {"Presentate": 1001, "Ammesse": 884, "Beneficiarie": 764}


def test_what_no_source_prints_is_not_known_and_says_why(lettore):
    page = lettore.get(ROOT)
    funnel = {row.record["nome"]: row.record for row in page.context["fasi"].rows}
    fields = ("pub_numero", "pub_quota", "pub_passo", "pub_concesso")
    assert [funnel["Liquidate"][name].short.count(">n.d.<") for name in fields] == [1] * 4
    assert funnel["Presentate"]["pub_concesso"].value.missing == "non pubblicato"
    (use,) = page.context["uso"].rows
    assert (use.record["concesso"].amount, use.record["liquidato"].amount) == (10_705_500, None)
    assert use.record["residuo"].value.missing == "non pubblicato"
    stamped = [row.record for row in page.context["stampate"].rows]
    assert {row["importo"].value.missing for row in stamped} == {"", "non pubblicato"}
    assert ">—<" not in page.content.decode()
    file = lettore.get(f"{ROOT}?fasi-formato=csv").content.decode()
    assert "n.d. (non pubblicato): N. pubblicato" in file


def test_the_index_has_no_blank_that_does_not_say_why(lettore):
    page = lettore.get("/misure/")
    rows = {row.record["misura"].slug: row.record for row in page.context["misure"].rows}
    assert {slug: row["liquidato"].value.missing for slug, row in rows.items()} == {
        "autorita-giudiziaria": "nessun flusso acquisito",
        "formazione-continua": "nessun flusso acquisito",
        "smart-working": "non pubblicato",
    }
    assert ">—<" not in page.content.decode()


def test_a_difference_from_what_is_not_published_is_not_known(lettore):
    example_of_all()
    funnel = {row.record["nome"]: row.record for row in lettore.get(ROOT).context["fasi"].rows}
    assert (funnel["Liquidate"]["numero"].amount, funnel["Liquidate"]["diff_numero"].amount) == (
        1,
        None,
    )


def test_acquired_rows_stand_beside_with_the_difference(lettore):
    example_of_all()
    row = next(iter(lettore.get(ROOT).context["fasi"].rows)).record
    assert (row["pub_numero"].amount, row["numero"].amount) == (1001, 6)
    assert row["diff_numero"].amount == 6 - 1001


def test_examples_are_labelled_and_compared_with_nothing(lettore):
    example_of_all(esempio=True)
    page = lettore.get(ROOT)
    assert "Questa pagina contiene dati di esempio" in text_of(page)
    row = next(iter(page.context["fasi"].rows)).record
    assert row["numero"].value.example
    assert "diff_numero" not in row


def test_real_rows_take_the_place_of_examples(lettore):
    make_domanda(codice="VERA")
    make_domanda(codice="FINTA", esempio=True)
    summed()
    assert codes(lettore.get(LIST)) == ["VERA"]
    assert lettore.get(f"{LIST}FINTA/").status_code == 404
    assert "dati di esempio" not in text_of(lettore.get(ROOT))


def test_losses_are_told_apart(lettore):
    example_of_all()
    rows = {row.record["nome"]: row.record for row in lettore.get(ROOT).context["perdite"].rows}
    assert {name: row["numero"].amount for name, row in rows.items()} == {
        "Non ammesse": 1,
        "Rinunciate": 1,
        "Decadute": 1,
        "Rinunciate o decadute": 2,
    }
    assert rows["Rinunciate o decadute"]["pub_numero"].amount == 120
    assert rows["Rinunciate"]["pub_numero"].value.missing == "non pubblicato"
    assert "pub_concesso" not in rows["Rinunciate"]  # of no loss an amount is published
    assert (rows["Rinunciate"]["di"], rows["Rinunciate"]["quota"].amount) == ("Ammesse", 25)


def test_the_history_of_the_endowment_is_told_in_the_words_of_the_sources(lettore):
    shown = text_of(lettore.get(ROOT))
    for words in (
        "4.500.000,00 €",
        "La dotazione finanziaria prevista inizialmente, pari a € 4,5 milioni",
        "9.000.000,00 €",
        "sono state complessivamente attivate risorse per 9 Mln€",
        "11.000.000,00 €",
        "D.G.R. n. 5112/2021",
        "97,3%",  # 10.705.500 of 11 million
        "«Oltre 700 voucher per 10 Mln€» è il dato al 30.09.2021",
    ):
        assert words in shown, words


def test_more_than_the_endowment_is_warned_of(lettore):
    make_domanda(concesso=Decimal("11000000.01"))
    summed()
    shown = text_of(lettore.get(ROOT))
    assert "Dati acquisiti: l'importo ammesso supera la dotazione" in shown
    assert "\u22120,01 €" in shown
    assert "supera la dotazione" not in text_of(lettore.get("/misure/formazione-continua/"))


def test_the_map_opens_the_rows_of_a_provincia(lettore):
    make_domanda(provincia="SO")
    make_domanda("rinunciata", provincia="SO")
    summed()
    page = lettore.get(f"{ROOT}province/").content.decode()
    address = f"{LIST}?fase=beneficiarie&amp;provincia=SO"
    assert f'href="{address}" aria-label="Sondrio: 1"' in page
    assert 'aria-label="Varese: 0"' in page
    assert len(codes(lettore.get(address.replace("&amp;", "&")))) == 1


# --- The list -------------------------------------------------------------------------------------
@pytest.fixture
def many():
    """Eight applications that differ in all that a list is narrowed by."""
    for number in range(8):
        make_domanda(
            ("ammessa", "rinunciata")[number % 2],
            codice=f"SW-{number}",
            provincia=("BG", "SO")[number // 2 % 2],
            dipendenti=(5, 300)[number // 4],
            addendum_covid=number < 2,
            ateco="46.1" if number == 7 else "",
            data_inizio=date(2020, 4, 1 + number),
        )
    summed()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [7, 6, 5, 4, 3, 2, 1, 0]),
        ("fase=beneficiarie", [6, 4, 2, 0]),
        ("fase=presentate", [7, 6, 5, 4, 3, 2, 1, 0]),
        ("stato=rinunciata", [7, 5, 3, 1]),
        ("fase=ammesse&stato=rinunciata", [7, 5, 3, 1]),
        ("fase=beneficiarie&stato=rinunciata", []),
        ("provincia=SO", [7, 6, 3, 2]),
        ("classe=grande", [7, 6, 5, 4]),
        ("gruppo=addendum", [1, 0]),
        ("provincia=SO&classe=grande&stato=ammessa", [6]),
        ("provincia=BG&classe=micro&gruppo=originario", []),
        ("settore=46", [7]),
        ("settore=n.d.", [6, 5, 4, 3, 2, 1, 0]),
        ("settore=46&classe=micro", []),
        ("settore=46&classe=grande&provincia=SO", [7]),
        ("testo=SW-3", [3]),
        ("testo=sw-3", [3]),
        ("testo=SW-3&provincia=BG", []),
        ("elenco-sort=codice&stato=ammessa", [0, 2, 4, 6]),
        ("elenco-sort=data_inizio&stato=ammessa", [0, 2, 4, 6]),
    ],
)
def test_the_list_is_narrowed_and_knows_how_many_it_has(lettore, many, query, expected):
    page = lettore.get(f"{LIST}?{query}")
    assert codes(page) == [f"SW-{number}" for number in expected]
    assert page.context["trovate"].totale == len(expected)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "fase=beneficiarie",
        "stato=ammessa&provincia=SO&classe=grande&gruppo=addendum",
        "settore=46",
    ],
)
def test_how_many_rows_there_are_is_not_counted(lettore, many, query):
    with CaptureQueriesContext(connection) as queries:
        lettore.get(f"{LIST}?{query}")
    rows = [query["sql"] for query in queries if 'FROM "measures_domanda"' in query["sql"]]
    assert not any("COUNT(" in sql for sql in rows)


@pytest.mark.parametrize(
    "query",
    [
        "fase=finite",
        "stato=persa",
        "provincia=RM",
        "classe=enorme",
        "settore=%3Cb%3E",
        "elenco-formato=pdf",
    ],
)
def test_a_filter_that_does_not_exist_is_refused(lettore, many, query):
    assert lettore.get(f"{LIST}?{query}").status_code == 400


def test_a_page_beyond_the_last_is_404(lettore, many):
    assert lettore.get(f"{LIST}?elenco-page=2").status_code == 404


def test_pages_follow_each_other(lettore):
    for number in range(60):
        make_domanda(codice=f"SW-{number:02d}", data_inizio=date(2020, 4, 1))
    summed()
    assert codes(lettore.get(LIST)) == [f"SW-{number:02d}" for number in range(50)]
    second = lettore.get(f"{LIST}?elenco-page=2&stato=ammessa")
    assert codes(second) == [f"SW-{number:02d}" for number in range(50, 60)]
    assert 'href="?elenco-page=1&amp;stato=ammessa"' in second.content.decode()


def test_companies_are_found_by_code_and_by_the_start_of_their_name(lettore):
    company = make_azienda(denominazione="Rossi & Figli S.r.l.")
    make_domanda(codice="SW-1", azienda=company)
    make_domanda(codice="SW-2", azienda=make_azienda(denominazione="Fratelli Rossi"))
    summed()
    assert codes(lettore.get(LIST, {"testo": "rossi &"})) == ["SW-1"]
    assert codes(lettore.get(LIST, {"testo": company.codice_fiscale})) == ["SW-1"]
    assert codes(lettore.get(LIST, {"testo": "%"})) == []


def test_a_text_that_finds_too_much_says_so(lettore, many, monkeypatch):
    monkeypatch.setattr(listing, "LIMIT", 3)
    page = lettore.get(f"{LIST}?testo=Azienda")
    assert len(codes(page)) == 3
    assert "La ricerca trova più di 3 righe" in text_of(page)


def test_the_code_of_a_person_is_covered(lettore):
    code = codice_fiscale(7)
    make_domanda(codice="SW-1", azienda=make_azienda(codice_fiscale=code))
    summed()
    for url in (LIST, f"{LIST}SW-1/"):
        shown = text_of(lettore.get(url))
        assert code not in shown
        assert code[:3] in shown
    assert codes(lettore.get(LIST, {"testo": code})) == ["SW-1"]
    sent = b"".join(lettore.get(f"{LIST}?elenco-formato=csv").streaming_content).decode()
    assert code not in sent


def test_the_rows_leave_as_a_file_and_it_is_recorded(lettore):
    company = make_azienda(denominazione="=1+1")
    make_domanda("liquidata", codice="SW-1", azienda=company, dipendenti=7)
    make_domanda("ammessa", codice="SW-2")
    summed()
    response = lettore.get(f"{LIST}?stato=liquidata&elenco-formato=csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    header, row = (line.split(";") for line in lines)
    assert dict(zip(header, row, strict=True)) == {
        "Codice": "SW-1",
        "Impresa": "'=1+1",  # no spreadsheet takes it for a formula
        "Codice fiscale": company.codice_fiscale,
        "Comune": "Bergamo",
        "Provincia": "BG",
        "Stato": "liquidata",
        "Dal": "01.04.2020",
        "Ammissione o esito": "01.05.2020",
        "Liquidazione": "01.05.2021",
        "Ammesso": "10.500,00",
        "Liquidato": "10.500,00",
        "Dipendenti": "7",
        "Dati": "acquisiti",
    }
    event = AuditEvent.objects.filter(action="istanze.esportate").latest("pk")
    assert event.details == {"misura": "smart-working", "criteri": {"stato": "liquidata"}}


def test_too_many_rows_for_a_workbook_are_refused(lettore, many, monkeypatch):
    assert lettore.get(f"{LIST}?elenco-formato=xlsx").content.startswith(b"PK")
    monkeypatch.setattr(istanze, "XLSX_ROWS", 7)
    response = lettore.get(f"{LIST}?elenco-formato=xlsx")
    assert response.status_code == 400
    assert "al massimo 7 righe" in text_of(response)


# --- One row --------------------------------------------------------------------------------------
def test_a_row_tells_what_became_of_it(lettore):
    row = make_domanda("liquidata", codice="A/1 b")
    first, second = make_flow(), make_flow()
    steps = [
        ("", "ammessa", first, None),
        ("ammessa", "liquidata", second, {"concesso": "9000.00"}),
    ]
    for before, after, flow, fields in steps:
        Passaggio.objects.create(
            misura="smart-working",
            codice=row.codice,
            da=before,
            a=after,
            data=date(2021, 5, 1),
            prima=fields,
            flusso=flow,
        )
    summed()
    page = lettore.get(reverse("measures:istanza", args=["smart-working", row.codice]))
    table = page.context["passaggi"]
    shown = [(step.record["da"], step.record["a"], step.record["cambiati"]) for step in table.rows]
    assert shown == [
        ("—", "ammessa", "riga nuova"),
        ("ammessa", "liquidata", "prima: ammesso 9.000,00\xa0€"),
    ]
    assert "Domanda A/1 b" in text_of(page)


def test_a_row_names_what_else_its_company_has(lettore):
    company = make_azienda()
    make_domanda(codice="SW-1", azienda=company)
    make_domanda(codice="SW-2", azienda=company)
    make_domanda(codice="SW-3")
    make_voucher(codice="FC-1", azienda=company)
    summed()
    summed("formazione-continua")
    table = lettore.get(f"{LIST}SW-1/").context["collegate"]
    assert [row.record["nome"] for row in table.rows] == ["domanda SW-2", "voucher FC-1"]


def test_a_row_names_the_crises_of_its_company_to_who_may_see_them(as_role):
    company = make_azienda()
    make_domanda(codice="SW-1", azienda=company)
    procedure = make_procedura(azienda=company)
    summed()
    rows = as_role("lettore").get(f"{LIST}SW-1/").context["collegate"].rows
    assert [row.record["url"] for row in rows] == [procedure.get_absolute_url()]
    assert not as_role("operatore").get(f"{LIST}SW-1/").context["collegate"].rows


def test_a_row_that_is_not_there_is_404(lettore, many):
    response = lettore.get(f"{LIST}SW-99/")
    assert response.status_code == 404
    assert "«SW-99» non esiste" in text_of(response)
