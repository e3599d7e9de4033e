"""The sections of Smart Working: classes, addendum, sectors, times, companies that change class."""

from datetime import date
from decimal import Decimal

import pytest

from measures.smart_working.classi import CLASSI, bounds, class_of, of_class
from measures.smart_working.models import Domanda
from tests.factories.crisi import make_azienda
from tests.factories.misure import make_domanda, summed
from tests.programme.test_pages import text_of

pytestmark = pytest.mark.django_db
ROOT = "/misure/smart-working/"


def rows_of(client, page: str, table: str) -> dict[str, dict]:
    found = client.get(f"{ROOT}{page}").context[table]
    return {str(row.record["nome"]): row.record for row in found.rows}


def amounts(rows: dict[str, dict], *fields: str) -> dict[str, tuple]:
    return {
        name: tuple(row[field].amount if field in row else None for field in fields)
        for name, row in rows.items()
    }


def test_published_classes_have_number_amount_share_and_mean(lettore):
    rows = rows_of(lettore, "classi/", "classi")
    found = amounts(rows, "pub_numero", "pub_concesso")
    assert found == {
        CLASSI["micro"]: (264, 1_980_000),
        CLASSI["piccola"]: (324, 4_788_000),
        CLASSI["media"]: (151, 3_375_000),
        CLASSI["grande"]: (25, 562_500),
        "Totale": (764, 10_705_500),
    }
    assert rows[CLASSI["grande"]]["pub_media"].amount == 22500
    assert round(rows[CLASSI["micro"]]["pub_quota"].amount, 1) == Decimal("34.6")


def test_acquired_classes_stand_beside_the_published(lettore):
    make_domanda(dipendenti=300, concesso=Decimal(22500))
    make_domanda(dipendenti=251, concesso=Decimal(20000))
    make_domanda("rinunciata", dipendenti=400)
    summed()
    rows = rows_of(lettore, "classi/", "classi")
    row = rows[CLASSI["grande"]]
    fields = ("numero", "concesso", "media", "diff_numero", "diff_concesso")
    assert tuple(row[field].amount for field in fields) == (2, 42500, 21250, -23, -520_000)
    assert rows[CLASSI["micro"]]["numero"].amount == 0
    assert rows[CLASSI["micro"]]["media"].value.missing == "nessuna riga"


def test_the_grid_is_held_against_the_classes(lettore):
    rows = rows_of(lettore, "classi/", "confronto")
    assert amounts(rows, "pubblicato", "griglia", "differenza") == {
        CLASSI["micro"]: (1_980_000, 1_980_000, 0),
        CLASSI["piccola"]: (4_788_000, None, None),
        CLASSI["media"]: (3_375_000, 3_397_500, -22_500),
        CLASSI["grande"]: (562_500, 562_500, 0),
    }
    assert rows[CLASSI["piccola"]]["griglia"].value.missing == (
        "la classe copre più scaglioni della griglia"
    )


def test_addendum_against_the_original_call(lettore):
    make_domanda(addendum_covid=True, concesso=Decimal(7500))
    make_domanda(addendum_covid=False, concesso=Decimal(22500))
    make_domanda(addendum_covid=False, concesso=Decimal(10500))
    summed()
    rows = rows_of(lettore, "addendum/", "gruppi")
    assert amounts(rows, "pub_numero", "numero", "concesso", "media") == {
        "Addendum Covid-19": (379, 1, 7500, 7500),
        "Avviso originario": (385, 2, 33000, 16500),
        "Totale": (764, 3, 40500, 13500),
    }
    assert round(rows["Avviso originario"]["quota"].amount, 1) == Decimal("66.7")


def test_published_sectors_and_the_others_of_764(lettore):
    rows = rows_of(lettore, "settori/", "settori")
    assert amounts(rows, "pub_numero") == {
        "Commercio all'ingrosso": (62,),
        "Produzione di software, consulenza informatica e attività connesse": (60,),
        "Attività di direzione aziendale e consulenza gestionale": (46,),
        "Assistenza sociale": (45,),
        "Servizi informatici": (41,),
        "Fabbricazione di prodotti in metallo": (37,),
        "Altri settori": (473,),
        "Totale": (764,),
    }
    shown = text_of(lettore.get(f"{ROOT}settori/"))
    assert "l'abbinamento è nostro" in shown
    assert "Tutte le divisioni" not in shown


def test_acquired_sectors_come_from_the_ateco_where_there_is_one(lettore):
    for ateco in ("46.12", "62", "01.1", "01.2", "", "altro"):
        make_domanda(ateco=ateco)
    summed()
    rows = rows_of(lettore, "settori/", "settori")
    found = {name: value for name, (value,) in amounts(rows, "numero").items() if value}
    assert found == {
        "Commercio all'ingrosso": 1,
        "Produzione di software, consulenza informatica e attività connesse": 1,
        "Altri settori": 2,
        "ATECO non indicato": 2,
        "Totale": 6,
    }
    untold = rows["ATECO non indicato"]
    assert round(untold["quota"].amount, 1) == Decimal("33.3")
    assert "pub_numero" not in untold  # the source divides all companies: this cannot be there
    table = lettore.get(f"{ROOT}settori/").context["divisioni"]
    divisions = {row.record["divisione"]: row.record["numero"].amount for row in table.rows}
    assert divisions == {"01": 2, "46": 1, "62": 1, "non indicata": 2}


def test_times_say_how_many_are_not_known(lettore):
    begun = {"data_inizio": date(2020, 4, 1)}
    make_domanda(**begun, data_ammissione=date(2020, 5, 1))
    make_domanda(**begun, data_ammissione=date(2020, 5, 11))
    make_domanda("liquidata", **begun, data_ammissione=None, data_liquidazione=date(2021, 4, 1))
    summed()
    rows = rows_of(lettore, "tempi/", "tempi")
    assert amounts(rows, "mediana", "numero", "non_noti") == {
        "Dalla presentazione all'ammissione": (35, 2, 1),
        "Dall'ammissione al pagamento": (None, 0, 1),
        "Dalla presentazione al pagamento": (365, 1, 0),
    }


def test_without_rows_times_are_not_known(lettore):
    rows = rows_of(lettore, "tempi/", "tempi")
    assert set(amounts(rows, "mediana").values()) == {(None,)}
    assert "Le fonti non pubblicano tempi." in text_of(lettore.get(f"{ROOT}tempi/"))


def test_a_company_that_changes_class_is_told(lettore):
    company = make_azienda()
    make_domanda(codice="SW-1", azienda=company, dipendenti=9)
    make_domanda(codice="SW-2", azienda=company, dipendenti=10, data_inizio=date(2020, 6, 2))
    make_domanda(codice="SW-3", azienda=company, dipendenti=49, data_inizio=date(2020, 7, 3))
    summed()
    (shown,) = lettore.get(f"{ROOT}elenco/SW-2/").context["avvisi"]
    assert shown == (
        "Nella domanda SW-1 (01.04.2020) l'impresa dichiara 9 dipendenti, qui 10: la classe"
        " dimensionale cambia."
    )
    assert len(lettore.get(f"{ROOT}elenco/SW-1/").context["avvisi"]) == 2


@pytest.mark.parametrize("dipendenti", [1, 9, 10, 49, 50, 249, 250, 10_000])
def test_one_class_holds_each_number_of_employees(dipendenti):
    row = make_domanda(dipendenti=dipendenti)
    holding = [name for name in CLASSI if Domanda.objects.filter(of_class(name), pk=row.pk)]
    assert holding == [class_of(dipendenti)]
    low, high = bounds(holding[0])
    assert low <= dipendenti <= (high or dipendenti)
