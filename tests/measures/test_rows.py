"""The list and the page of a row: bounds of the filters, words, what became of it, examples."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from measures.autorita_giudiziaria.models import Progetto
from measures.formazione_continua.models import Voucher
from measures.models import Passaggio
from measures.smart_working.models import Domanda
from tests.factories import flows
from tests.factories.misure import application, make_domanda, make_voucher, summed
from tests.programme.test_pages import text_of

pytestmark = pytest.mark.django_db
SW, FC = "/misure/smart-working/", "/misure/formazione-continua/"
NBSP = "\xa0"


def acquired(*rows: dict[str, str]) -> None:
    flow = flows.acquired(list(rows), source="domande-smart-working")
    assert flow.stato == "acquisito", flow.messaggio


@pytest.mark.parametrize("month", ["9999-12", "0000-01", "2020-13", "2020-W1", "202006", "marzo"])
def test_a_month_that_cannot_be_is_refused_in_words(lettore, month):
    make_voucher()
    summed("formazione-continua")
    response = lettore.get(f"{FC}elenco/?mese={month}")
    assert response.status_code == 400
    assert "mese" in text_of(response).lower()


@pytest.mark.parametrize("sector", ["6", "62.01", "621", "x2"])
@pytest.mark.parametrize("more", ["", "&provincia=BG"])
def test_a_sector_is_two_digits_alone_and_with_other_filters(lettore, sector, more):
    make_domanda(ateco="62.01.00")
    summed()
    assert lettore.get(f"{SW}elenco/?settore={sector}{more}").status_code == 400


@pytest.mark.parametrize("more", ["", "&provincia=BG"])
def test_a_sector_counts_the_rows_that_it_shows(lettore, more):
    for ateco in ("62.01.00", "63.01.00", "6", ""):
        make_domanda(ateco=ateco)
    summed()
    for sector, expected in (("62", 1), ("n.d.", 2)):
        page = lettore.get(f"{SW}elenco/?settore={sector}{more}")
        assert page.context["trovate"].totale == expected
        assert len(page.context["elenco"].page.object_list) == expected


@pytest.mark.parametrize("model", [Domanda, Voucher, Progetto])
def test_the_lists_are_sorted_by_amount_with_an_index(model):
    indexes = [index.fields for index in model._meta.indexes]
    assert ["esempio", "concesso", "codice"] in indexes


def test_a_filter_that_finds_nothing_says_so_in_plain_words(lettore):
    make_domanda()
    summed()
    assert "Nessuna riga con questi filtri." in text_of(
        lettore.get(f"{SW}elenco/?stato=decaduta&classe=piccola")
    )


def test_the_history_shows_amounts_and_days_as_pages_do(lettore):
    row = application(id_domanda="F-1", importo_ammesso="1234567,89", dipendenti="30")
    acquired(row)
    paid = {"importo_liquidato": "9000,00", "data_liquidazione": "01/05/2021"}
    acquired(row | {"stato": "liquidata"} | paid)
    first, second = Passaggio.objects.filter(codice="F-1").order_by("pk")
    assert first.prima is None
    assert second.prima["concesso"] == "1234567.89"
    assert (second.prima["dipendenti"], second.prima["azione_b"]) == ("30", False)
    table = lettore.get(f"{SW}elenco/F-1/").context["passaggi"]
    assert [each.record["cambiati"] for each in table.rows] == [
        "riga nuova",
        f"prima: ammesso 1.234.567,89{NBSP}€, dipendenti 30, ammissione 10.05.2020",
    ]


def test_the_history_calls_the_day_of_an_outcome_so(lettore):
    row = application(id_domanda="F-1", stato="non_ammessa", importo_ammesso="")
    acquired(row)
    acquired(row | {"ateco": "70.22.00"})
    table = lettore.get(f"{SW}elenco/F-1/").context["passaggi"]
    assert [each.record["cambiati"] for each in table.rows] == [
        "riga nuova",
        "prima: dipendenti 12, esito 10.05.2020",
    ]


def test_another_amount_in_the_same_state_bears_the_day_of_its_flow():
    row = application(id_domanda="F-1", data_ammissione="10/05/2020")
    acquired(row)
    acquired(row | {"importo_ammesso": "9000,00"})
    steps = Passaggio.objects.filter(codice="F-1").order_by("pk")
    assert [(step.da, step.a, step.data) for step in steps] == [
        ("", "ammessa", date(2020, 5, 10)),
        ("ammessa", "ammessa", timezone.localdate()),
    ]


@pytest.mark.parametrize(
    ("stato", "label"),
    [("ammessa", "Ammissione"), ("decaduta", "Ammissione"), ("non_ammessa", "Esito istruttoria")],
)
def test_the_day_of_who_is_not_admitted_is_of_the_outcome(lettore, stato, label):
    make_domanda(stato, codice="N-1", data_ammissione=date(2020, 5, 4))
    summed()
    page = text_of(lettore.get(f"{SW}elenco/N-1/"))
    assert f"{label} 04.05.2020" in page
    assert sum(each in page for each in ("Ammissione", "Esito istruttoria")) == 1


@pytest.mark.parametrize("fonte", ["", "fonte=esempio,"])
def test_a_figure_opens_the_page_of_its_measure_which_all_may_read(as_role, fonte):
    make_domanda(esempio=bool(fonte))
    summed()
    client = as_role("nucleo", provincia_id="BG")
    address = f"/cifre/?f=misura_numero(fase=ammesse,{fonte}misura=smart-working)"
    label, url = client.get(address).context["origine"].link
    assert (label, url) == ("Misura: Piani aziendali di Smart Working", SW)
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", [SW, FC, "/misure/autorita-giudiziaria/"])
def test_the_endowments_say_what_is_not_known_of_them(lettore, url):
    table = lettore.get(url).context["dotazioni"]
    cells = [row.get_cell("azione") for row in table.rows]
    assert cells == ["n.d."] * len(cells) != []


def test_examples_are_seen_in_the_demonstration_alone(lettore, settings):
    make_domanda(codice="E-1", esempio=True, concesso=Decimal(7000))
    summed()
    figure = "/cifre/?f=misura_numero(fase=ammesse,fonte=esempio,misura=smart-working)"
    time = "/cifre/?f=misura_tempo_mediana(fonte=esempio,misura=smart-working,tratto=intero)"
    mean = figure.replace("numero", "media")
    ceiling = "/cifre/?f=fc_massimale(fonte=esempio,soggetto=impresa)"
    function = "/cifre/?f=giudiziaria_progetti(fonte=esempio,funzione=tutor)"
    figures = (figure, time, mean, ceiling, function)
    assert lettore.get(SW).context["ambito"].righe == "esempio"
    assert [lettore.get(url).status_code for url in figures] == [200] * 5
    settings.DEMO = False
    page = lettore.get(SW)
    assert (page.context["ambito"].righe, page.context["dati_esempio"]) == ("", False)
    assert lettore.get("/misure/").context["dati_esempio"] is False
    assert lettore.get(f"{SW}elenco/").context["trovate"].totale == 0
    assert lettore.get(f"{SW}elenco/E-1/").status_code == 404
    assert [lettore.get(url).status_code for url in figures] == [400] * 5
