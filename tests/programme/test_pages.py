"""The pages: what they show, what they cost, what they refuse."""

import html
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from porfse.models import Fonte
from programme.models import GRANDEZZE
from tests.factories.programme import make_initiative, make_movement

# Page, and how many queries it makes: the same for 1 and for 50 initiatives, never above 12.
COSTS = {
    "/": 12,
    "/programma/struttura/": 6,
    "/programma/assi/I/": 10,
    "/programma/priorita/8.v/": 9,
    "/programma/obiettivi/8.6/": 9,
    "/programma/azioni/8.6.1/": 8,
    "/programma/iniziative/": 8,
    "/programma/iniziative/smart-working/": 12,  # its measure stands there too
    "/programma/movimenti/": 6,
    "/programma/movimenti/impegnate/": 9,
    "/programma/movimenti/certificata/": 10,
    "/programma/indicatori/": 7,
    "/programma/destinatari/": 5,
    "/programma/covid/": 6,
    "/programma/n3/": 5,
    "/programma/piano-finanziario/": 5,
    "/programma/quadratura/": 12,
    "/programma/quadratura/004-108/": 2,
    "/programma/fonti/": 3,
    "/programma/movimenti/impegnate/nuovo/": 4,
    "/programma/iniziative/smart-working/modifica/": 5,
    "/cifre/?f=impegnate(al=2021-09-30,asse=I)": 6,
    "/cifre/?f=rapporto(impegnate(al=2021-09-30,asse=I),dotazione(al=2021-09-30,asse=I))": 7,
}


def text_of(response) -> str:
    words = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", words)


def cost(client, url: str) -> int:
    client.get("/privacy/")  # the session is in Redis from here on
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("url", COSTS)
def test_queries_do_not_grow_with_initiatives(gestore, url):
    assert cost(gestore, url) == COSTS[url] <= 12
    for _ in range(50):
        initiative = make_initiative("I", azione_id="8.6.1", covid=True)
        make_movement("programmate", iniziativa=initiative, data=date(2021, 9, 30))
        make_movement("impegnate", iniziativa=initiative, data=date(2021, 9, 30))
    assert cost(gestore, url) == COSTS[url]


def test_panoramica_shows_both_dates(lettore):
    shown = text_of(lettore.get("/?data=2021-09-30&confronto=2020-12-31"))
    assert "853,90 Mln€" in shown
    assert "+43,82 Mln€" in shown  # 853.9 less 641.58 and the 168.5 of the wage support
    assert "n.d. (ultimo dato al 31.12.2020)" in shown
    assert "CIGD esclusa prima, CIGD inclusa ora" in shown


def test_panoramica_without_the_wage_support(lettore):
    shown = text_of(lettore.get("/?data=2020-12-31&perimetro=ordinaria"))
    assert "641,58 Mln€" in shown
    assert "la fonte non dichiara il perimetro" in shown


def test_what_the_reader_chose_goes_along(lettore):
    page = lettore.get("/?data=2020-12-31&perimetro=ordinaria").content.decode()
    assert 'href="/programma/n3/?data=2020-12-31&amp;perimetro=ordinaria"' in page
    assert 'href="/programma/assi/I/?data=2020-12-31&amp;perimetro=ordinaria"' in page
    assert 'value="2020-12-31"' in page
    inner = lettore.get("/programma/azioni/9.8.1/?data=2020-12-31").content.decode()
    assert 'href="/programma/obiettivi/9.8/?data=2020-12-31"' in inner
    assert "168,50" in inner


def test_overbooking_is_a_note_with_its_excess(lettore):
    shown = text_of(lettore.get("/"))
    assert "52.500.000,00 €" in shown  # 289.2 against 236.7
    assert "W201" not in shown


def test_broken_rules_are_warnings(lettore):
    initiative = make_initiative("I")
    make_movement("programmate", iniziativa=initiative, importo=Decimal("100.00"))
    make_movement("impegnate", iniziativa=initiative, importo=Decimal("150.00"))
    make_movement("liquidate", iniziativa=initiative, importo=Decimal("-1.00"))
    shown = text_of(lettore.get("/?data=2022-12-31"))
    assert (
        f"W201 attenzione {initiative.nome} gli impegni superano le risorse programmate 50,00 €"
        in shown
    )
    assert f"W204 errore {initiative.nome} saldo negativo: liquidate −1,00 €" in shown
    assert f"W202 attenzione {initiative.nome}" not in shown


def test_attainment_is_not_capped_and_asse_v_has_no_framework(lettore):
    shown = text_of(lettore.get("/programma/indicatori/"))
    assert "122,7%" in shown  # 161,345 of 131,480
    framework = shown.partition("Indicatori dell'Asse I ")[0]
    assert "Valutazioni e studi" not in framework


def test_n3_on_both_bases_and_the_last_known_share(lettore):
    shown = text_of(lettore.get("/programma/n3/"))
    assert "base: spesa totale (dedotta: la fonte non la dichiara)" in shown
    assert "Certificato al 31.12.2020 234.600.000,00 €" in shown
    assert "Margine 9.100.000,00 €" in shown


def test_a_target_counts_what_is_certified_by_its_deadline(lettore):
    shown = text_of(lettore.get("/programma/n3/?data=2021-09-30"))
    assert "Certificato al 31.12.2020 442.470.000,00 €" in shown  # not the 643.7 of 2021
    assert "129,2%" in shown


def test_n3_simulation_starts_from_the_last_known_day(lettore):
    shown = text_of(
        lettore.get("/programma/n3/?totale=20.000.000&quota_ue=1.000.000&entro=2021-12-31")
    )
    assert "partendo da quanto certificato al 31.12.2020" in shown
    assert "235.600.000,00 €" in shown


def test_the_change_of_an_asse_says_that_the_wage_support_moved(lettore):
    shown = text_of(lettore.get("/?data=2021-09-30&confronto=2020-12-31"))
    assert "Risorse impegnate: comprende CIGD spostata tra gli assi" in shown
    assert "perimetro non dichiarato" in shown


def test_without_the_wage_support_there_is_no_ratio_to_the_endowment(lettore):
    shown = text_of(lettore.get("/?data=2021-09-30&perimetro=ordinaria"))
    assert "della dotazione" not in shown


def test_an_excess_within_the_rounding_is_no_warning(lettore):
    shown = text_of(lettore.get("/?data=2021-09-30"))
    assert shown.count("W210") == 2  # Asse I and III; Asse V is known to 0.25 million only


def test_n3_simulation(lettore):
    asked = "?data=2020-12-31&totale=20.000.000&quota_ue=10.000.000,50&entro=2021-12-31"
    shown = text_of(lettore.get(f"/programma/n3/{asked}"))
    assert "Ipotesi, non dato" in shown
    assert "19.100.000,50 €" in shown


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("totale=abc&entro=2021-12-31", "Importo non leggibile"),
        ("totale=-5&entro=2021-12-31", "maggiore di zero"),
        ("totale=100&entro=2019-01-01", "deve stare tra"),
        ("totale=100&entro=2031-01-01", "scegliere al più tardi 31.12.2023"),
        ("totale=100&quota_ue=200&entro=2021-12-31", "non può superare"),
        ("totale=99999999999999999999&entro=2021-12-31", "troppo grande"),
    ],
)
def test_n3_simulation_refuses_in_words(lettore, asked, words):
    response = lettore.get(f"/programma/n3/?data=2020-12-31&{asked}")
    assert response.status_code == 400
    assert words in text_of(response)


def test_covid_adds_up_to_the_printed_total(lettore):
    assert "210.900.000,00 €" in text_of(lettore.get("/programma/covid/?data=2021-09-30"))


def test_plan_versions_without_amounts_say_so(lettore):
    shown = text_of(lettore.get("/programma/piano-finanziario/"))
    assert shown.count("n.d. (importi di questa versione non pubblicati)") == 4
    assert "970.474.516,00 €" in shown


def test_recipients_have_the_right_denominators(lettore):
    shown = text_of(lettore.get("/programma/destinatari/"))
    assert "397.748" in shown
    assert "34,3%" in shown
    assert "15,0%" in shown


BAD = [
    ("/?data=1999-01-01", 400, "precede l'inizio"),
    ("/?data=2999-01-01", 400, "troppo avanti"),
    ("/?data=ieri", 400, "Data non valida"),
    ("/?data=2021-02-30", 400, "Data non valida"),
    ("/?data=20210930", 400, "Data non valida"),
    ("/?data=%00", 400, "Data non valida"),
    ("/?confronto=2021-12-31&data=2021-09-30", 400, "deve precedere"),
    ("/?perimetro=tutto", 400, "perimetro"),
    ("/?assi-formato=pdf", 400, "csv oppure xlsx"),
    ("/?assi-page=0", 404, "prima pagina"),
    ("/programma/assi/IX/", 404, ""),
    ("/programma/assi/%00/", 404, ""),
    ("/programma/azioni/99.9.9/", 404, ""),
    ("/programma/priorita/1.x/", 404, ""),
    ("/programma/obiettivi/1.1/", 404, ""),
    ("/programma/iniziative/nessuna/", 404, ""),
    ("/programma/iniziative/?asse=IX", 400, "filtro"),
    ("/programma/movimenti/impegnate/99999999/", 404, ""),
    ("/programma/movimenti/impegnate/99999999999999999999999/", 404, ""),
    ("/programma/movimenti/tasse/", 404, ""),
    ("/programma/movimenti/impegnate/?movimenti-page=-1", 404, "prima pagina"),
    ("/programma/movimenti/impegnate/?movimenti-page=99999999999999999999", 404, "prima pagina"),
    ("/programma/movimenti/impegnate/?movimenti-page=due", 404, "prima pagina"),
    ("/programma/movimenti/impegnate/?al=ieri", 400, "filtro"),
    ("/programma/movimenti/impegnate/?asse=IX", 400, "filtro"),
    ("/programma/movimenti/impegnate/?iniziativa=%00", 400, "filtro"),
    ("/programma/quadratura/?documento=999", 400, "elenco"),
    ("/programma/quadratura/?verdetto=boh", 400, "elenco"),
    ("/programma/quadratura/009-01/", 404, ""),
    ("/programma/fonti/0/", 404, ""),
    ("/cifre/", 400, "indirizzo"),
    ("/cifre/?f=impegnate", 400, "incompleto"),
    ("/cifre/?f=impegnate()", 400, "data"),
    ("/cifre/?f=tasse(al=2021-09-30)", 400, "non esiste"),
    ("/cifre/?f=impegnate(al=2021-09-30,asse=IX)", 400, "Non esiste"),
    ("/cifre/?f=impegnate(al=2021-09-30,fonte=x)", 400, "Non esiste"),
    ("/cifre/?f=indicatore(al=2021-09-30,codice=x)", 400, "non esiste"),
    ("/cifre/?f=somma(dotazione(al=2021-09-30),destinatari(al=2021-09-30))", 400, "unità diverse"),
    ("/cifre/?f=" + "somma(" * 20, 400, "annidato"),
    ("/cifre/?f=" + "x" * 5000, 400, "troppo lungo"),
]


@pytest.mark.parametrize(("url", "status", "words"), BAD)
def test_bad_input_is_answered_in_words(gestore, url, status, words):
    response = gestore.get(url)
    assert response.status_code == status
    assert words in text_of(response)


@pytest.mark.parametrize("url", COSTS)
def test_pages_with_no_data_at_all(gestore, url):
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE programme_programmazione, programme_impegno, programme_liquidazione,"
            " programme_spesacertificata, programme_dotazione, programme_destinatari,"
            " programme_valoreindicatore, programme_targetn3 CASCADE"
        )
    response = gestore.get(url)
    assert response.status_code == 200
    assert "Mln€ della dotazione" not in text_of(response)


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore", "certificatore", "controllore"])
def test_readers_read_and_do_not_write(as_role, role):
    client = as_role(role)
    balance = GRANDEZZE["impegnate"].objects.first().pk
    fonte = Fonte.objects.filter(documento="001").first().pk
    assert client.get("/").status_code == 200
    for url in (
        "/programma/movimenti/impegnate/nuovo/",
        f"/programma/movimenti/impegnate/{balance}/storno/",
        "/programma/iniziative/smart-working/modifica/",
        f"/programma/fonti/{fonte}/ritiro/",
    ):
        assert client.get(url).status_code == 403, url
        assert client.post(url).status_code == 403, url


def test_an_administrator_alone_reads_no_programme(as_role):
    client = as_role("amministratore")
    assert client.get("/programma/assi/I/").status_code == 403
    assert client.get("/cifre/?f=impegnate(al=2021-09-30)").status_code == 403


def test_latest_day_is_the_default(lettore):
    make_movement(data=date(2022, 5, 17))
    assert "Panoramica del programma al 17.05.2022" in text_of(lettore.get("/"))
