"""What the kernel's tables refuse by themselves, whoever writes."""

from datetime import date
from itertools import product

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from porfse.models import Atto, Azienda, Comune, Fonte, Provincia, User
from tests.factories.programme import make_source

pytestmark = pytest.mark.django_db

PASSWORD = "una-password-lunga"


def refused(constraint: str, write) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


# --- People -------------------------------------------------------------------------------------
def test_there_is_no_superuser(user):
    person = user("gestore")
    refused("nessun_superutente", lambda: User.objects.create_superuser("capo", password="x"))
    refused(
        "nessun_superutente",
        lambda: User.objects.filter(pk=person.pk).update(is_superuser=True),
    )
    person.is_superuser = True
    with pytest.raises(ValidationError) as refusal:
        person.validate_constraints()
    assert refusal.value.messages == ["I permessi vengono solo dai ruoli."]


def test_a_name_and_an_address_are_one_person_in_whatever_case(user):
    user("lettore", username="anna")
    refused("utente_unico", lambda: User.objects.create(username="ANNA"))
    refused(
        "email_unica",
        lambda: User.objects.create(username="altra", email="Anna@esempio.invalid"),
    )
    User.objects.create(username="senza-indirizzo")
    User.objects.create(username="nemmeno-lei")  # no address is not an address


def test_the_system_is_one_account_that_nobody_can_use():
    system = User.objects.sistema()
    assert User.objects.sistema() == system
    assert User.objects.filter(username="sistema").count() == 1
    assert (system.is_active, system.has_usable_password()) == (False, False)
    assert str(system) == "Sistema"


def test_the_system_does_not_log_in_even_with_a_password():
    system = User.objects.sistema()
    for password in ("", "!", system.password):
        request = RequestFactory().post("/accesso/login/")
        assert authenticate(request, username="sistema", password=password) is None
    system.set_password(PASSWORD)
    system.save()
    client = Client()
    client.post("/accesso/login/", {"login": "sistema", "password": PASSWORD})
    assert client.get("/").url == "/accesso/login/?next=/"


def test_a_system_account_made_anew_is_closed_too():
    User.objects.filter(username="sistema").update(username="vecchio")
    system = User.objects.sistema()
    assert (system.is_active, system.has_usable_password()) == (False, False)


def test_a_person_is_called_by_name_else_by_username(user):
    assert str(user("lettore", first_name="Ada", last_name="Neri")) == "Ada Neri"
    assert str(user("lettore", username="ada")) == "ada"


# --- Sources ------------------------------------------------------------------------------------
@pytest.mark.parametrize("given", list(product([False, True], repeat=3)))
def test_a_retirement_has_always_its_day_its_author_and_its_reason(given):
    day, author, reason = given
    fields = {
        "ritirata_il": timezone.now() if day else None,
        "ritirata_da": User.objects.sistema() if author else None,
        "motivo_ritiro": "errore di stampa" if reason else "",
    }
    if len(set(given)) == 1:
        assert make_source(**fields).pk
    else:
        refused("fonte_ritiro_con_autore_e_motivo", lambda: make_source(**fields))
        with pytest.raises(ValidationError) as refusal:
            Fonte(genere="inserita", data=date(2021, 1, 1), **fields).validate_constraints()
        assert refusal.value.messages == ["Il ritiro di una fonte ha sempre autore e motivo."]


def test_a_source_is_one_for_each_document_day_and_section():
    first = make_source(sezione="1")
    same = {"documento": first.documento, "data": first.data}
    assert make_source(**same, sezione="2").pk
    refused("fonte_unica", lambda: make_source(**same, sezione="1"))


def test_retired_sources_and_examples_are_not_in_force():
    kept = make_source(Fonte.Genere.FLUSSO)
    make_source(Fonte.Genere.ESEMPIO)
    make_source(
        ritirata_il=timezone.now(), ritirata_da=User.objects.sistema(), motivo_ritiro="errore"
    )
    made = Fonte.objects.filter(documento__startswith="prova-")
    assert list(made.in_force()) == [kept]
    assert made.count() == 3


def test_a_source_is_called_by_title_and_section():
    assert str(Fonte(titolo="RAA 2020", sezione="tab. 1")) == "RAA 2020, tab. 1"
    assert str(Fonte(titolo="RAA 2020")) == "RAA 2020"


# --- Acts ---------------------------------------------------------------------------------------
def act(**fields) -> Atto:
    return Atto(**{"tipo": "DGR", "numero": "99401", "anno": 2021} | fields)


def test_the_year_of_an_act_is_that_of_its_day():
    act(data=date(2021, 10, 18)).save()
    act(numero="1").save()
    wrong = act(numero="2", data=date(2020, 12, 31))
    refused("atto_anno_della_data", wrong.save)
    with pytest.raises(ValidationError) as refusal:
        wrong.validate_constraints()
    assert refusal.value.messages == ["L'anno dell'atto non è quello della sua data."]


def test_an_act_is_one_for_each_kind_number_and_year():
    act(numero="prova").save()
    act(numero="prova", anno=2020).save()
    act(numero="prova", tipo="decreto").save()
    refused("atto_unico", act(numero="prova").save)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "D.G.R. n. 99401/2021"),
        ({"data": date(2021, 10, 18)}, "D.G.R. n. 99401 del 18.10.2021"),
        ({"tipo": "decisione", "numero": "C(2020) 7664"}, "Decisione CE C(2020) 7664/2021"),
        ({"tipo": "accordo", "numero": "Provenzano"}, "Accordo Provenzano/2021"),
        ({"tipo": "accordo", "numero": "2/bis"}, "Accordo n. 2/bis/2021"),
    ],
)
def test_acts_are_written_as_offices_do(fields, expected):
    assert str(act(**fields)) == expected


# --- Places -------------------------------------------------------------------------------------
def test_places_in_use_are_not_deleted():
    with pytest.raises(IntegrityError), transaction.atomic():
        Provincia.objects.get(sigla="BG").delete()
    into = Comune.objects.exclude(confluito_in=None).first().confluito_in
    with pytest.raises(IntegrityError), transaction.atomic():
        into.delete()


def test_places_are_called_by_name():
    assert str(Comune.objects.get(codice_istat="015146")) == "Milano (MI)"
    assert str(Provincia.objects.get(sigla="MB")) == "Monza e della Brianza"


def test_companies_are_found_by_the_start_of_their_name_through_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a few rows are sooner read whole
    assert "azienda_nome" in Azienda.objects.filter(denominazione__istartswith="Off").explain()
