"""The lists of people and of operations: filters, files, details."""

import csv
import io

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone
from python_calamine import CalamineWorkbook

from porfse import audit
from porfse.administration.words import changes_of, facts_of
from porfse.models import AuditEvent, Provincia
from tests.porfse.administration.pages import REGISTER, USERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(user) -> None:
    nucleo = user("nucleo", username="bruno", first_name="Bruno", last_name="Sala")
    nucleo.provincia = Provincia.objects.get(pk="BG")
    nucleo.save()
    Authenticator.objects.create(user=nucleo, type=Authenticator.Type.TOTP, data={})
    user("lettore", "gestore", username="carla", is_active=False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ruolo=nucleo", ["bruno"]),
        ("ruolo=gestore", ["carla"]),
        ("stato=disattivate&nome=c", ["carla"]),
        ("stato=attive&nome=esempio", ["anna", "bruno"]),
        ("nome=SALA br", ["bruno"]),
        ("nome=sala carla", []),
    ],
)
def test_people_are_found_by_role_state_and_words(admin, people, query, expected):
    table = admin.get(f"{USERS}?{query}").context["utenti"]
    assert [row.get_cell_value("username") for row in table.rows] == expected


def test_a_row_says_what_a_person_may_do(admin, people):
    response = admin.get(f"{USERS}?nome=bruno&utenti-formato=csv")
    header, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";")
    assert dict(zip(header, row, strict=True)) == {
        "Utente": "bruno",
        "Nome": "Bruno Sala",
        "E-mail": "bruno@esempio.invalid",
        "Ruoli": "Nucleo Territoriale Crisi e Politiche Attive",
        "Provincia": "Bergamo",
        "Stato": "attiva",
        "Secondo fattore": "sì",
        "Ultimo accesso": "mai",
    }


def test_the_list_asks_the_database_as_often_for_one_as_for_many(
    admin, user, django_assert_num_queries
):
    admin.get(USERS)
    with django_assert_num_queries(4):
        admin.get(USERS)
    for _ in range(3):
        user("lettore", "gestore")
    with django_assert_num_queries(4):
        admin.get(USERS)


def test_operations_are_found_by_who_what_and_when(admin, anna, user):
    other = user("gestore")
    first = audit.record(by=anna, action="prova.fatta", on=other)
    second = audit.record(by=other, action="altra_prova.fatta", on=Provincia.objects.get(pk="BG"))
    day = timezone.localdate(first.at).isoformat()
    for query, expected in {
        "": [second, first],
        f"chi={anna.pk}": [first],
        "operazione=altra_prova.fatta": [second],
        "oggetto=porfse.provincia": [second],
        f"oggetto=porfse.user&codice={other.pk}": [first],
        f"dal={day}&al={day}": [second, first],
        "al=01.02.2020": [],
        "operazioni-sort=action": [second, first],
    }.items():
        table = admin.get(f"{REGISTER}?{query}").context["operazioni"]
        assert [row.record for row in table.rows] == expected, query


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("nome=%00", 400),
        ("ruolo=imperatore", 400),
        ("stato=%00", 400),
        ("utenti-page=0", 404),
        ("utenti-page=99999999999999999999", 404),
        ("utenti-page=%00", 404),
        ("utenti-page=-1", 404),
        ("utenti-formato=pdf", 400),
    ],
)
def test_the_list_of_people_refuses_what_it_cannot_read(admin, query, status):
    assert admin.get(f"{USERS}?{query}").status_code == status


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("chi=%00", 400),
        ("chi=99999999999999999999999", 400),
        ("operazione=%00", 400),
        ("oggetto=inesistente", 400),
        ("codice=%00", 400),
        ("dal=ieri", 400),
        ("al=9999-12-31", 400),
        ("dal=0001-01-01", 400),
        ("operazioni-page=99999999999999999999", 404),
        ("operazioni-page=%00", 404),
        ("operazioni-formato=%00", 400),
    ],
)
def test_the_register_refuses_what_it_cannot_read(admin, query, status):
    assert admin.get(f"{REGISTER}?{query}").status_code == status


@pytest.mark.parametrize("path", [f"{USERS}99999999999999999999/", f"{REGISTER}0/"])
def test_who_and_what_does_not_exist_is_not_found(admin, path):
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize(
    ("url", "field", "words"),
    [
        (f"{REGISTER}?dal=2999-01-01&codice=7", "dal", "è troppo avanti"),
        (f"{REGISTER}?operazione=niente&operazioni-formato=csv", "operazione", "niente non"),
        (f"{USERS}?ruolo=imperatore", "ruolo", "imperatore non"),
    ],
)
def test_a_wrong_filter_is_said_beside_its_field_and_hides_the_rows(admin, url, field, words):
    response = admin.get(url)
    assert response.status_code == 400
    assert list(response.context["filtro"].form.errors) == [field]
    page = response.content.decode()
    assert words in page
    assert "Un filtro non è valido" in page
    assert f'<a href="{url.partition("?")[0]}">togliere tutti i filtri</a>' in page
    assert "<table" not in page


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("unita.presa_in_carico", "Unità: presa in carico"),
        ("procedura.unita_aggiunte", "Procedura: unità aggiunte"),
        ("tasso_ue.inserito", "Tasso UE: inserito"),
        ("pal.salvato", "PAL: salvato"),
        ("utente.password_provvisoria", "Utente: password provvisoria"),
    ],
)
def test_an_operation_is_named_in_italian(admin, anna, action, words):
    event = audit.record(by=anna, action=action, on=anna)
    assert f">{words}</" in admin.get(REGISTER).content.decode()
    page = admin.get(f"{REGISTER}{event.pk}/").content.decode()
    assert f"<dt>Operazione</dt><dd>{words}</dd>" in page
    assert action not in page


def test_files_neutralise_formulas(admin, user):
    person = user("lettore", first_name="=1+1")
    audit.record(by=person, action="prova.fatta", on=person, motivo="vero")
    audit.record(by=person, action="@SUM(A1)", on=person)
    people = admin.get(f"{USERS}?utenti-formato=csv").content.decode()
    events = admin.get(f"{REGISTER}?operazioni-formato=csv").content.decode()
    assert ";'=1+1;" in people
    assert f";'=1+1 ({person.username});'@sum(a1);" in events
    assert ";motivo: vero" in events
    file = admin.get(f"{REGISTER}?operazioni-formato=xlsx").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()
    assert [row[1:3] for row in rows[1:]] == [
        [f"'=1+1 ({person.username})", "'@sum(a1)"],
        [f"'=1+1 ({person.username})", "Prova: fatta"],
    ]


def test_details_of_any_shape_are_shown(admin, anna):
    details = {"modifiche": "tutto", "righe": [{"a": None}, True], "importo": "1.5", "vuoto": []}
    event = audit.record(by=anna, action="prova.fatta", on=anna, **details)
    assert changes_of(event) == []
    assert facts_of(event) == [
        ("modifiche", "tutto"),
        ("righe", "a: n.d.; sì"),
        ("importo", "1.5"),
        ("vuoto", "n.d."),
    ]
    assert "a: n.d.; sì" in admin.get(f"{REGISTER}{event.pk}/").content.decode()


def test_an_object_of_a_model_that_is_gone_is_named_as_recorded(admin, anna):
    event = AuditEvent.objects.create(
        actor=anna, action="x.y", object_type="vecchia.cosa", object_id="7", details={"nome": "z"}
    )
    assert "vecchia.cosa 7" in admin.get(f"{REGISTER}{event.pk}/").content.decode()
