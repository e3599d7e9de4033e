"""Every address of the crises, walked as a nucleo of another provincia: it finds nothing."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from html import unescape

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from crisi.figures_pal import Policies, pal, quota
from crisi.models import Bozza, Nota, Seguito, Tavolo
from crisi.services.history import record_version
from crisi.urls import urlpatterns
from porfse.figures import differenza
from porfse.models import AuditEvent, User
from tests.factories.crisi import (
    make_azienda,
    make_monitoraggio,
    make_nucleo,
    make_pal,
    make_procedura,
    make_unita,
)
from tests.factories.flows import validated
from tests.factories.people import make_user

WORKERS = 73519
SECRETS = (
    *("FONDERIE SEGRETE", "PRATICA-SEGRETA", "UNITA-SEGRETA", "causale segreta"),
    *("nota segreta", "tavolo segreto", "seguito segreto", "bozza segreta", "soggetti segreti"),
)
AMOUNTS = (str(WORKERS), "73.519")
# Sums of the region and of each provincia are for everybody: the workers of Bergamo are among them.
# Not those of the active policies, of which the total alone is.
AGGREGATES = {"tavola", "provincia"}
# What the key of an address is, where it is not that of a procedure.
OTHERS = {
    "bozza_elimina": ("bozza",),
    "carico_annulla": ("unita",),
    "tavolo": ("tavolo",),
    "tavolo_modifica": ("tavolo",),
    "seguito": ("tavolo", "seguito"),
    "conflitti": ("flusso",),
}
VALUES = {"sigla": "BG", "trimestre": "2025-T3", "azione": "valida"}
# Pages of all nuclei, or of nobody's data, though their address has parameters.
OPEN = {"provincia", "trimestri_scadenza"}


@pytest.fixture
def secret(db) -> dict[str, object]:
    """A procedure of Bergamo with all that can be attached to it; returns the keys of each."""
    bergamo = make_nucleo("BG", username="nucleo-bg")
    procedure = make_procedura(
        by=bergamo,
        azienda=make_azienda(denominazione="FONDERIE SEGRETE"),
        codice_pratica="PRATICA-SEGRETA",
        causale="causale segreta",
        alta_complessita=True,
        data_avvio=date(2025, 3, 1),
    )
    site = make_unita("BG", WORKERS, procedura=procedure, codice="UNITA-SEGRETA")
    make_pal(site, "2025-T3", sospesi=WORKERS, step1=WORKERS)
    record_version(procedure, by=bergamo)
    Nota.objects.create(
        procedura=procedure, provincia_id="BG", testo="nota segreta", autore=bergamo
    )
    table = Tavolo.objects.create(
        tipo="bilaterale",
        data=date(2025, 9, 1),
        oggetto="tavolo segreto",
        soggetti="soggetti segreti",
        inserito_da=bergamo,
    )
    table.province.set(["BG"])
    table.procedure.set([procedure])
    follow = Seguito.objects.create(
        tavolo=table, descrizione="seguito segreto", provincia_id="BG", entro=date(2025, 12, 1)
    )
    make_monitoraggio("BG", "2025-T3")
    make_monitoraggio("MI", "2025-T3")
    row = "BG;2025-T3;PRATICA-SEGRETA;UNITA-SEGRETA;73519;0;0;0;73519;0"
    header = "provincia;trimestre;codice_pratica;id_unita;sospesi;step1;step2;step3;step4;no_pal"
    flow = validated(f"{header}\n{row}\n".encode(), source="pal-trimestrale", by=bergamo)
    assert flow.stato == "validato", flow.messaggio
    return {
        "procedura": procedure.pk,
        "unita": site.pk,
        "tavolo": table.pk,
        "seguito": follow.pk,
        "flusso": flow.pk,
        "bozza": Bozza.objects.create(autore=bergamo, dati={"causale": "bozza segreta"}).pk,
    }


@pytest.fixture
def milano(secret) -> Client:
    """A nucleo of Milano with a procedure of its own."""
    person = make_nucleo("MI", username="nucleo-mi")
    own = make_unita("MI", 7, data_avvio=date(2025, 5, 1))
    make_pal(own, sospesi=7, step1=7)  # so that the total is not Bergamo's
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    return client


def routes(
    found: Sequence[URLPattern | URLResolver], above: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name of each address with the names of its parameters."""
    for route in found:
        own = (*above, *route.pattern.converters)
        if isinstance(route, URLResolver):
            yield from routes(route.url_patterns, own)
        else:
            yield route.name, own


ROUTES = dict(routes(urlpatterns))
KEYED = sorted(name for name, parameters in ROUTES.items() if parameters and name not in OPEN)
LISTS = sorted(name for name, parameters in ROUTES.items() if not parameters or name in OPEN)


def address(name: str, keys: dict[str, object]) -> str:
    """The address of Bergamo's: a parameter that the table above does not know is an error."""
    numbers = iter(OTHERS.get(name, ("procedura",)))
    return reverse(
        f"crisi:{name}",
        args=[
            VALUES[parameter] if parameter in VALUES else keys[next(numbers)]
            for parameter in ROUTES[name]
        ],
    )


def text_of(response: HttpResponse) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return unescape(body.decode("utf-8", "replace"))


def told(name: str, response: HttpResponse) -> list[str]:
    """What a page tells of Bergamo's that it should not."""
    hidden = SECRETS if name in AGGREGATES else (*SECRETS, *AMOUNTS)
    text = text_of(response)
    return [words for words in hidden if words in text]


def stored() -> str:
    """All rows of the crises, as text."""
    models = apps.get_app_config("crisi").get_models(include_auto_created=True)
    return "".join(serialize("json", model.objects.order_by("pk")) for model in models)


def forged(keys: dict[str, object]) -> dict[str, object]:
    """Whatever a form may ask for, with the keys of Bergamo's rows."""
    return {
        **{name: str(key) for name, key in keys.items()},
        "pk": keys["procedura"],
        "solo": keys["unita"],
        "mostrate": keys["unita"],
        "giorno": "2025-11-01",
        "motivo": "una prova",
        "testo": "una prova",
        "versione": "1",
        "data_fine": "2025-10-31",
        "azione": "salva",
        "entro": "2025-12-31",
        "unita-TOTAL_FORMS": "1",
        "unita-INITIAL_FORMS": "1",
        "unita-0-id": keys["unita"],
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-unita": keys["unita"],
    }


@pytest.mark.parametrize("name", KEYED)
def test_what_is_of_another_nucleo_is_not_there(milano, secret, name):
    before = stored()
    path = address(name, secret)
    got = milano.get(path)
    sent = milano.post(path, forged(secret))
    statuses = {got.status_code, sent.status_code}
    assert statuses <= {403, 404, 405}, statuses
    assert statuses - {405}, "an address that takes neither"
    assert told(name, got) == told(name, sent) == []
    assert stored() == before


# Conflicts are of flows that only an operator loads.
@pytest.mark.parametrize("name", [name for name in KEYED if name != "conflitti"])
def test_its_own_nucleo_finds_it(secret, name):
    """Else the walk would prove nothing."""
    client = Client()
    bergamo = User.objects.get(username="nucleo-bg")
    client.force_login(bergamo, backend="porfse.accounts.RoleBackend")
    assert client.get(address(name, secret)).status_code in {200, 403, 405}


@pytest.mark.parametrize("name", LISTS)
def test_lists_and_their_exports_tell_nothing_of_another_nucleo(milano, secret, name):
    path = address(name, secret) if ROUTES[name] else reverse(f"crisi:{name}")
    first = milano.get(path)
    assert first.status_code in {200, 403, 404, 405}
    links = set(re.findall(r'href="(\?[^"]*-formato=csv[^"]*)"', text_of(first)))
    asked = [path, f"{path}?provincia=BG", *(path + unescape(link) for link in links)]
    for each in asked:
        response = milano.get(each)
        assert response.status_code in {200, 400, 403, 404, 405}, each
        assert told(name, response) == [], each


@pytest.mark.parametrize("name", [name for name in LISTS if not ROUTES[name]])
def test_forged_forms_of_lists_change_nothing_of_another_nucleo(milano, secret, name):
    before = stored()
    response = milano.post(reverse(f"crisi:{name}"), forged(secret))
    assert told(name, response) == []
    drafts = "crisi.bozza"  # a person may always write a draft of its own
    if name != "bozza_salva":
        assert stored() == before
    else:
        assert drafts in stored()


def test_forged_keys_are_recorded(milano, secret):
    for name in ("procedura", "procedura_modifica", "procedura_ritira"):
        milano.post(address(name, secret), forged(secret))
    milano.get(address("procedura", secret))
    refused = AuditEvent.objects.filter(action="accesso.negato", actor__username="nucleo-mi")
    assert {event.details["oggetto"] for event in refused} == {"crisi.procedura"}
    assert refused.count() >= 3


@pytest.mark.parametrize("role", ["lettore", "gestore"])
def test_the_region_finds_all(as_role, secret, role):
    client = as_role(role)
    page = client.get(address("procedura", secret))
    assert page.status_code == 200
    assert "FONDERIE SEGRETE" in text_of(page)
    assert "FONDERIE SEGRETE" in text_of(client.get(reverse("crisi:procedure")))


@pytest.mark.parametrize("role", ["operatore", "certificatore", "controllore"])
def test_other_roles_read_sums_alone(as_role, secret, role):
    client = as_role(role)
    assert client.get(reverse("crisi:tavola")).status_code == 200
    for name in ("procedure", "lavoro", "cruscotto"):
        assert client.get(reverse(f"crisi:{name}")).status_code == 403
    assert client.get(address("procedura", secret)).status_code == 403


PAL = "/crisi/pal/?trimestre=2025-T3"


def pal_rows(client: Client, table: str) -> dict[str, list[str]]:
    """The rows of an exported table of the active policies, by what they are of."""
    lines = text_of(client.get(f"{PAL}&{table}-formato=csv")).splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("Provincia;"))
    return {name: cells for name, *cells in (line.split(";") for line in lines[start + 1 :])}


@pytest.mark.parametrize("table", ["passi", "strumenti"])
def test_a_nucleo_reads_its_own_active_policies_and_the_total(milano, as_role, secret, table):
    assert list(pal_rows(milano, table)) == ["Milano", "Totale"]
    assert list(pal_rows(as_role("operatore"), table)) == ["Totale"]
    assert len(pal_rows(as_role("lettore"), table)) == 13
    assert milano.get(f"{PAL}&{table}-formato=xlsx").status_code == 200
    page = text_of(milano.get(PAL))
    assert "73.526" in page
    assert "Delle altre province si legge la somma" in page
    assert "Delle altre province" not in text_of(as_role("lettore").get(PAL))


def test_a_nucleo_reads_no_figure_of_another_provincia(milano, secret):
    people = {
        "nucleo-mi": User.objects.get(username="nucleo-mi"),
        "operatore": make_user("operatore"),
        "lettore": make_user("lettore"),
    }
    source = Policies()
    read = {
        name: [
            source.may_read(person, pal("sospesi", trimestre="2025-T3", provincia=sigla))
            for sigla in ("BG", "MI", None)
        ]
        for name, person in people.items()
    }
    assert read == {
        "nucleo-mi": [False, True, True],
        "operatore": [False, False, True],
        "lettore": [True, True, True],
    }
    total = pal("sospesi", trimestre="2025-T3")
    rows = {name: source.rows_for(person, total) for name, person in people.items()}
    assert {each.total for each in rows.values()} == {73526}
    assert {
        name: [(row["provincia"], row["unita"], row["valore"]) for row in each.table.data]
        for name, each in rows.items()
    } == {
        "nucleo-mi": [("MI", 1, 7), ("altre", 1, WORKERS)],
        "operatore": [("altre", 2, 73526)],
        "lettore": [("BG", 1, WORKERS), ("MI", 1, 7)],
    }


def test_the_page_of_a_figure_refuses_that_of_another_provincia(milano, as_role, secret):
    where = {"trimestre": "2025-T3"}
    asked = [
        *(pal("sospesi", provincia=sigla, **where) for sigla in ("BG", "MI")),
        *(quota("step1", provincia=sigla, **where) for sigla in ("BG", "MI")),
        differenza(pal("sospesi", **where), pal("sospesi", provincia="BG", **where)),
        pal("sospesi", **where),
    ]
    people = (milano, as_role("operatore"), as_role("lettore"))
    answers = [[person.get(f"/cifre/?f={each}") for each in asked] for person in people]
    assert [[answer.status_code for answer in each] for each in answers] == [
        [403, 200, 403, 200, 403, 200],
        [403, 403, 403, 403, 403, 200],
        [200] * 6,
    ]
    rows = f"/cifre/?f={asked[-1]}&righe-formato=csv"
    listed = [
        [line.split(";")[1] for line in text_of(person.get(rows)).splitlines() if "T3;" in line]
        for person in people
    ]
    assert listed == [["MI", "altre"], ["altre"], ["BG", "MI"]]


def test_flows_of_another_nucleo_are_not_there(milano, secret):
    for name in ("flusso", "scarti", "avanzamento"):
        assert milano.get(reverse(f"flussi:{name}", args=[secret["flusso"]])).status_code == 404
    for name in ("valida", "acquisisci", "scarta", "annulla"):
        path = reverse(f"flussi:{name}", args=[secret["flusso"]])
        assert milano.post(path, forged(secret)).status_code == 404
    listed = milano.get(reverse("flussi:flussi"))
    assert str(secret["flusso"]) not in re.findall(r"/flussi/(\d+)/", text_of(listed))
