"""Accounts: who may open and change one, what is refused, what is recorded."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.test import Client

from porfse import audit
from porfse.administration import services
from porfse.administration.queries import slugs_of
from porfse.administration.services import Account
from porfse.models import AuditEvent, User
from porfse.roles import ROLES
from tests.porfse.administration.pages import NEW, REGISTER, USERS, edit, errors, new, page_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [role.slug for role in ROLES])
def test_only_the_administrator_enters(as_role, user, role):
    person = user("lettore")
    event = audit.record(by=person, action="prova.fatta", on=person)
    client = as_role(role)
    expected = 200 if role == "amministratore" else 403
    addresses = (USERS, NEW, page_of(person), REGISTER, f"{REGISTER}{event.pk}/")
    assert {url: client.get(url).status_code for url in addresses} == dict.fromkeys(
        addresses, expected
    )


@pytest.mark.parametrize("role", [role.slug for role in ROLES if role.slug != "amministratore"])
def test_nobody_else_writes(as_role, user, role):
    person = user("lettore")
    client = as_role(role)
    assert client.post(NEW, new()).status_code == 403
    assert client.post(page_of(person), edit(person, first_name="Altro")).status_code == 403
    assert client.post(f"{page_of(person)}password/").status_code == 403
    assert not User.objects.filter(username="mario.rossi").exists()
    assert not AuditEvent.objects.exists()


def test_services_ask_for_the_permission_themselves(user):
    person, reader = user("lettore"), user("lettore")
    account = Account("nuovo@esempio.invalid", ["lettore"])
    with pytest.raises(PermissionDenied):
        services.create_user(account, by=reader, username="nuovo")
    with pytest.raises(PermissionDenied):
        services.update_user(person.pk, account, by=reader, seen=services.fingerprint(person))
    with pytest.raises(PermissionDenied):
        services.set_temporary_password(person.pk, by=reader)


def test_navigation_shows_the_pages_to_the_administrator_alone(admin, as_role):
    assert f'href="{REGISTER}"' in admin.get(USERS).content.decode()
    assert USERS not in as_role("lettore").get("/").content.decode()


def test_a_new_account_has_no_password_and_is_recorded(admin, anna):
    response = admin.post(NEW, new(ruoli=["nucleo", "operatore"], provincia="BG"))
    made = User.objects.get(username="mario.rossi")
    assert response.url == page_of(made)
    assert made.email == "mario.rossi@esempio.invalid"
    assert slugs_of(made) == ["nucleo", "operatore"]
    assert made.provincia_id == "BG"
    assert not made.has_usable_password()
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.object_id) == (anna, "utente.creato", str(made.pk))
    assert event.details == {
        "username": "mario.rossi",
        "first_name": "Mario",
        "last_name": "Rossi",
        "email": "mario.rossi@esempio.invalid",
        "ruoli": ["nucleo", "operatore"],
        "provincia": "BG",
        "is_active": True,
    }


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("username", {"username": "ANNA"}),
        ("username", {"username": "Sistema"}),
        ("username", {"username": "mario@esempio.invalid"}),
        ("username", {"username": "niccolò"}),
        ("username", {"username": "a\0b"}),
        ("username", {"username": "x" * 151}),
        ("first_name", {"first_name": ""}),
        ("first_name", {"first_name": "x" * 151}),
        ("email", {"email": ""}),
        ("email", {"email": "mario"}),
        ("email", {"email": "ANNA@esempio.invalid"}),
        ("ruoli", {"ruoli": []}),
        ("ruoli", {"ruoli": ["imperatore"]}),
        ("provincia", {"ruoli": ["nucleo"]}),
        ("provincia", {"provincia": "BG"}),
        ("provincia", {"ruoli": ["nucleo"], "provincia": "XX"}),
    ],
)
def test_a_wrong_account_is_refused_beside_the_field(admin, field, changes):
    before = User.objects.count()
    response = admin.post(NEW, new(**changes))
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert User.objects.count() == before
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("username", "ANNA", "Esiste già un'utenza con questo nome."),
        ("email", "ANNA@esempio.invalid", "Esiste già un'utenza con questo indirizzo."),
    ],
)
def test_one_person_one_name_one_address_in_any_case(admin, anna, field, value, message):
    EmailAddress.objects.create(user=anna, email=anna.email)
    assert errors(admin.post(NEW, new(**{field: value})), field) == [message]


def test_an_address_kept_for_login_by_another_is_taken(admin, user):
    EmailAddress.objects.create(user=user("lettore"), email="mario.rossi@esempio.invalid")
    assert errors(admin.post(NEW, new()), "email") == [
        "Questo indirizzo appartiene già a un'altra utenza."
    ]


def test_fields_that_the_form_does_not_show_are_not_written(admin, user):
    admin.post(NEW, new(demo="on", is_superuser="on", is_staff="on", password="x"))
    made = User.objects.get(username="mario.rossi")
    admin.post(page_of(made), edit(made, demo="on", is_superuser="on", username="altro"))
    made.refresh_from_db()
    assert (made.demo, made.is_superuser, made.is_staff) == (False, False, False)
    assert (made.username, made.has_usable_password()) == ("mario.rossi", False)


def test_a_change_is_recorded_with_before_and_after(admin, user, anna):
    person = user("lettore", first_name="Ada")
    changes = {"ruoli": ["nucleo"], "provincia": "SO", "email": "ADA@esempio.invalid"}
    assert admin.post(page_of(person), edit(person, **changes)).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.actor, event.action) == (anna, "utente.modificato")
    assert event.details == {
        "modifiche": {
            "email": [f"{person.username}@esempio.invalid", "ada@esempio.invalid"],
            "ruoli": [["lettore"], ["nucleo"]],
            "provincia": [None, "SO"],
        }
    }
    page = admin.get(f"{REGISTER}{event.pk}/").content.decode()
    assert "<td>Utente in consultazione</td>" in page
    assert "<td>Nucleo Territoriale Crisi e Politiche Attive</td>" in page
    assert "<td>n.d.</td>" in page
    assert page_of(person) in page


def test_a_form_sent_back_unchanged_records_nothing(admin, user):
    person = user("lettore", first_name="Ada")
    assert admin.post(page_of(person), edit(person)).status_code == 302
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("email", {"email": "ANNA@esempio.invalid"}),
        ("provincia", {"ruoli": ["nucleo"]}),
        ("provincia", {"provincia": "BG"}),
        ("ruoli", {"ruoli": []}),
        ("visto", {"visto": ""}),
    ],
)
def test_a_wrong_change_is_refused_beside_the_field(admin, user, field, changes):
    person = user("lettore", first_name="Ada")
    response = admin.post(page_of(person), edit(person, **changes))
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert services.state_of(User.objects.get(pk=person.pk)) == services.state_of(person)


def test_who_comes_second_sees_both_values_and_overwrites_nothing(admin, user):
    person = user("lettore", first_name="Ada", last_name="Neri")
    stale = edit(person, last_name="Bianchi", ruoli=["operatore"])
    admin.post(page_of(person), edit(person, last_name="Verdi"))
    response = admin.post(page_of(person), stale)
    assert response.status_code == 409
    assert response.context["differenze"] == [
        ("Cognome", "Verdi", "Bianchi"),
        ("Ruoli", "Utente in consultazione", "Operatore flussi"),
    ]
    assert User.objects.get(pk=person.pk).last_name == "Verdi"
    again = {**stale, "visto": response.context["form"]["visto"].value()}
    assert admin.post(page_of(person), again).status_code == 302
    assert User.objects.get(pk=person.pk).last_name == "Bianchi"


def test_roles_count_as_a_change_of_the_other(admin, user):
    person = user("lettore", first_name="Ada")
    stale = edit(person, last_name="Neri")
    admin.post(page_of(person), edit(person, ruoli=["lettore", "gestore"]))
    assert admin.post(page_of(person), stale).status_code == 409


def test_the_old_address_no_longer_opens_the_door(admin, user):
    person = user("lettore", first_name="Ada")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    admin.post(page_of(person), edit(person, email="nuova@esempio.invalid"))
    assert not EmailAddress.objects.filter(user=person).exists()


def test_deactivation_ends_the_sessions_and_deletes_nothing(admin, user):
    person = user("lettore", first_name="Ada")
    person.set_password("una-password-lunga")
    person.save()
    theirs = Client()
    theirs.force_login(person, backend="porfse.accounts.RoleBackend")
    assert theirs.get("/").status_code == 200
    admin.post(page_of(person), edit(person, is_active=False))
    assert theirs.get("/").url == "/accesso/login/?next=/"
    assert User.objects.get(pk=person.pk).is_active is False
    login = {"login": person.username, "password": "una-password-lunga"}
    Client().post("/accesso/login/", login)
    assert User.objects.get(pk=person.pk).last_login == person.last_login
    person.refresh_from_db()
    admin.post(page_of(person), edit(person, is_active=True))
    assert Client().post("/accesso/login/", login).url == "/inizio/"
