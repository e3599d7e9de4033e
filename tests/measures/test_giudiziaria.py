"""The third measure: a declaration, a model, templates; its flow, its functions, its example."""

import re
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings

from measures.autorita_giudiziaria.models import FunzioneProgetti, Progetto
from measures.esempi import company_code
from measures.figures import granted, number, paid
from measures.misura import misura_of, misure
from measures.models import Passaggio
from porfse.figures import evaluate
from porfse.flows import services
from porfse.flows.source import source_of
from porfse.models import Flow, User
from tests.factories.flows import acquired, validated
from tests.factories.misure import summed

SOURCE = "progetti-giudiziaria"
URL = "/misure/autorita-giudiziaria/"
_numbers = count(1)


def project(**fields: object) -> dict[str, str]:
    """A row of `progetti-giudiziaria` that is right in all, unless told otherwise."""
    number = next(_numbers)
    values = {
        "id_progetto": f"AG-{number:04d}",
        "codice_fiscale_azienda": company_code(8_500_000 + number),
        "ente": f"Ente {number}",
        "titolo": "Accompagnamento",
        "comune_istat": "016024",
        "funzioni": "agente di rete",
        "destinatari": "30",
        "stato": "avviato",
        "data_finanziamento": "01/09/2020",
        "importo_finanziato": "100000,00",
        "importo_liquidato": "",
        "data_liquidazione": "",
    }
    return values | {name: str(value) for name, value in fields.items()}


def codes(**fields: object) -> dict[str, int]:
    """The codes that a file with this row and a right one gets."""
    return validated([project(), project(**fields)], source=SOURCE).codici


@pytest.mark.django_db
def test_projects_are_acquired_and_summed():
    acquired(
        [
            project(),
            project(
                stato="liquidato", importo_liquidato="90000,00", data_liquidazione="01/03/2021"
            ),
            project(stato="revocato"),
        ],
        source=SOURCE,
    )
    misura = misura_of("autorita-giudiziaria")
    asked = [number(misura, "in_essere"), granted(misura, "in_essere"), paid(misura, "liquidati")]
    values = evaluate(asked)
    assert [values[each].amount for each in asked] == [2, 200_000, 90_000]
    row = Progetto.objects.get(stato="liquidato")
    assert row.azienda.denominazione == row.ente
    assert row.data_liquidazione == date(2021, 3, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"codice_fiscale_azienda": "80000000000"}, "E002"),
        ({"comune_istat": "058091"}, "E005"),
        ({"destinatari": "molti"}, "E021"),
        ({"stato": "aperto"}, "E001"),
        ({"stato": "liquidato"}, "E001"),
        ({"funzioni": "f" * 61}, "E001"),
        ({"funzioni": "agente di rete | ???"}, "E001"),
        ({"funzioni": "㍐" * 60}, "E001"),
        ({"funzioni": "㏙" * 30}, "E001"),
        ({"importo_finanziato": "-1,00"}, "E003"),
        ({"importo_finanziato": "0,00"}, "E003"),
        ({"importo_liquidato": "-1,00"}, "E003"),
        ({"importo_liquidato": "100000,01"}, "E040"),
        ({"data_finanziamento": "31/02/2020"}, "E004"),
        ({"data_liquidazione": "01/08/2020"}, "E004"),
    ],
)
def test_each_code_of_the_flow(fields, code):
    assert codes(**fields) == {code: 1}


@pytest.mark.django_db
def test_a_project_goes_forward_and_never_back():
    first = project(stato="concluso", funzioni="Agente  di rete | tutor")
    acquired([first], source=SOURCE)
    back = validated([first | {"stato": "avviato"}, project()], source=SOURCE)
    assert back.codici == {"E044": 1}
    services.discard(back.pk, by=User.objects.sistema())
    done = first | {
        "stato": "liquidato", "importo_liquidato": "5,00", "data_liquidazione": "01/02/2021",
    }  # fmt: skip
    flow = acquired([done], source=SOURCE)
    assert Progetto.objects.get().liquidato == Decimal("5.00")
    assert validated([done | {"importo_liquidato": "6,00"}, project()], source=SOURCE).codici == {
        "E045": 1
    }
    assert list(Passaggio.objects.values_list("da", "a")) == [
        ("", "concluso"), ("concluso", "liquidato"),
    ]  # fmt: skip
    services.cancel(flow.pk, by=User.objects.sistema(), reason="Prova")
    row = Progetto.objects.get()
    assert (row.stato, row.liquidato) == ("concluso", None)


@pytest.mark.django_db
def test_functions_are_written_alike_and_counted_with_their_recipients():
    acquired(
        [
            project(funzioni="Agente  di rete|tutor", destinatari="30"),
            project(funzioni="agente di rete", destinatari=""),
            project(funzioni="agente di rete", stato="revocato"),
            project(funzioni=""),
        ],
        source=SOURCE,
    )
    kept = FunzioneProgetti.objects.values_list("nome", "progetti", "destinatari", "non_noti")
    assert list(kept) == [("agente di rete", 2, 30, 1), ("tutor", 1, 30, 0)]


@pytest.mark.django_db
def test_a_function_without_a_letter_never_breaks_the_page(lettore):
    acquired([project(funzioni="agente di rete")], source=SOURCE)
    Progetto.objects.update(funzioni=["???", "agente di rete"])
    summed("autorita-giudiziaria")
    assert list(FunzioneProgetti.objects.values_list("nome", flat=True)) == ["agente di rete"]
    assert lettore.get(f"{URL}funzioni/").status_code == 200


@pytest.mark.django_db
def test_a_function_of_which_no_recipient_is_known_has_no_number(lettore):
    acquired([project(destinatari="")], source=SOURCE)
    assert FunzioneProgetti.objects.get().destinatari is None
    page = lettore.get(f"{URL}funzioni/").content.decode()
    assert "giudiziaria_destinatari(fonte=caricata,funzione=agente-di-rete)" in page
    assert ">n.d.<" in page


@pytest.mark.django_db
def test_a_figure_of_a_function_opens_what_makes_it(lettore):
    acquired([project(), project(stato="concluso", destinatari="12")], source=SOURCE)
    figure = "giudiziaria_destinatari(fonte=caricata,funzione=agente-di-rete)"
    page = lettore.get("/cifre/", {"f": figure})
    assert page.status_code == 200
    text = page.content.decode()
    assert "Funzione «agente di rete»: destinatari, dati acquisiti" in text
    assert 'data-valore="42"' in text or ">42<" in text
    wrong = lettore.get("/cifre/", {"f": "giudiziaria_progetti(fonte=altra,funzione=x)"})
    assert wrong.status_code == 400
    assert lettore.get("/cifre/", {"f": "giudiziaria_progetti(fonte=caricata)"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "province/", "elenco/", "funzioni/", "movimenti/"])
@pytest.mark.parametrize("number", [0, 1, 3])
def test_pages_open_whatever_there_is(lettore, address, number):
    if number:
        acquired([project() for _ in range(number)], source=SOURCE)
    page = lettore.get(f"{URL}{address}")
    assert page.status_code == 200
    assert "Questa pagina contiene dati di esempio" not in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_functions_take_few_queries(lettore, django_assert_num_queries, number):
    acquired([project(funzioni=f"funzione {each}") for each in range(number)], source=SOURCE)
    with django_assert_num_queries(5):
        lettore.get(f"{URL}funzioni/")


@pytest.mark.django_db
def test_the_administrator_may_not_see_them(as_role):
    assert as_role("amministratore").get(f"{URL}funzioni/").status_code == 403


@pytest.mark.django_db
def test_the_example_is_a_dozen_projects_within_the_endowment_and_labelled(lettore):
    source = source_of(SOURCE)
    assert source.example_rows == 12
    names = [column.name for column in source.columns]
    rows = [
        dict(zip(names, row, strict=True))
        for row in source.example(rows=12, seed=2021, defects=Decimal(0))
    ]
    acquired(rows, source=SOURCE, example=True)
    assert Progetto.objects.filter(esempio=True).count() == 12
    assert sum(row.concesso for row in Progetto.objects.all()) <= Decimal(5_400_000)
    assert all("di esempio" in row.ente and row.azienda.esempio for row in Progetto.objects.all())
    assert len({row.comune.provincia_id for row in Progetto.objects.all()}) == 12
    page = lettore.get(f"{URL}funzioni/").content.decode()
    assert "Questa pagina contiene dati di esempio" in page
    assert "agente di rete" in page
    acquired([project()], source=SOURCE)
    assert not Progetto.objects.filter(esempio=True).exists()
    assert Flow.objects.get(esempio=True).stato == Flow.Stato.ANNULLATO


@pytest.mark.django_db
def test_the_example_repeats_itself_and_its_defects_are_refused():
    source = source_of(SOURCE)
    first, again = (list(source.example(rows=12, seed=7, defects=Decimal(0))) for _ in range(2))
    assert first == again
    names = [column.name for column in source.columns]
    spoilt = source.example(rows=30, seed=7, defects=Decimal(1))
    flow = validated([dict(zip(names, row, strict=True)) for row in spoilt], source=SOURCE)
    assert (flow.accettate, flow.scartate) == (0, 30)
    assert set(flow.codici) == {"E002", "E003", "E005", "E021"}


def test_a_measure_costs_its_package_its_templates_and_its_data():
    root = Path(settings.BASE_DIR)
    names = {
        each
        for misura in misure()
        for each in (misura.slug, type(misura).__module__.split(".")[1], misura.iniziativa)
    }
    word = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, sorted(names)))})(?![\w-])")
    own = [f"measures/{type(misura).__module__.split('.')[1]}/" for misura in misure()]
    own += [f"templates/measures/{misura.slug}/" for misura in misure()]
    assert word.search((root / "measures/smart_working/misura.py").read_text(encoding="utf-8"))
    found = []
    for folder in ("porfse", "programme", "cigd", "crisi", "measures", "templates", "static"):
        for path in sorted((root / folder).rglob("*")):
            place = path.relative_to(root).as_posix()
            mine = any(place.startswith(prefix) for prefix in own)
            if mine or "/migrations/" in place or path.suffix not in {".py", ".html", ".js"}:
                continue
            if word.search(path.read_text(encoding="utf-8")):
                found.append(place)
    assert found == []
