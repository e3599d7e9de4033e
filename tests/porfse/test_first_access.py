"""First access: what comes before every page, and the words of the login."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client

from porfse.administration import services
from porfse.models import AuditEvent, User

pytestmark = pytest.mark.django_db

CHANGE = "/accesso/password/change/"
LOGIN = "/accesso/login/"
RESET = "/accesso/password/reset/"
SET_UP = "/accesso/2fa/totp/activate/"
OWN = "parole scelte con cura"


@pytest.fixture
def admin(user) -> User:
    return user("amministratore")


@pytest.fixture
def newcomer(user, admin) -> tuple[User, str]:
    """Return a person of a role that reads and the temporary password."""
    person = user("lettore")
    password = services.set_temporary_password(person.pk, by=admin)
    person.refresh_from_db()
    return person, password


def browser_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    return client


def choose(client: Client, old: str, new: str, **more: str):
    data = {"oldpassword": old, "password1": new, "password2": new, **more}
    return client.post(CHANGE, data)


@pytest.mark.parametrize(
    "path",
    ["/", "/inizio/", "/accesso/2fa/", SET_UP, "/accesso/email/", "/programma/fonti/"],
)
def test_a_temporary_password_opens_one_page(newcomer, path):
    client = browser_of(newcomer[0])
    assert client.get(path).url == f"{CHANGE}?next={path}"
    assert client.post(path).url == f"{CHANGE}?next={path}"


def test_the_page_says_why_and_only_then(newcomer, lettore):
    reason = "La password attuale è provvisoria"
    assert reason in browser_of(newcomer[0]).get(CHANGE).content.decode()
    assert reason not in lettore.get(CHANGE).content.decode()


@pytest.mark.parametrize("path", ["/accessibilita/", "/privacy/", "/salute/", RESET])
def test_pages_open_to_all_stay_open(newcomer, path):
    assert browser_of(newcomer[0]).get(path).status_code == 200


def test_one_may_leave(newcomer):
    client = browser_of(newcomer[0])
    assert client.post("/accesso/logout/").status_code == 302
    assert client.get("/").url == f"{LOGIN}?next=/"


def test_the_whole_first_access(newcomer):
    person, temporary = newcomer
    client = Client()
    login = {"login": person.username, "password": temporary, "next": "/?data=2021-09-30"}
    asked = client.post(LOGIN, login).url
    gate = client.get(asked).url
    assert gate == f"{CHANGE}?next=/%3Fdata%3D2021-09-30"
    assert 'name="next" value="/?data=2021-09-30"' in client.get(gate).content.decode()
    assert choose(client, temporary, OWN, next=asked).url == asked
    assert client.get(asked).status_code == 200
    person.refresh_from_db()
    assert (person.password_provvisoria, person.check_password(OWN)) == (False, True)
    event = AuditEvent.objects.latest("pk")
    assert (event.actor, event.action) == (person, "utente.password_cambiata")
    assert (event.object_type, event.object_id, event.details) == (
        "porfse.user",
        str(person.pk),
        {},
    )


def test_the_temporary_password_is_not_a_choice(newcomer):
    person, temporary = newcomer
    client = browser_of(person)
    page = choose(client, temporary, temporary)
    assert page.context["form"].errors["password1"] == [
        "La nuova password deve essere diversa da quella provvisoria."
    ]
    assert client.get("/").url.startswith(CHANGE)
    assert [event.action for event in AuditEvent.objects.all()] == ["utente.password_provvisoria"]


@pytest.mark.parametrize(("old", "new"), [("sbagliata", OWN), (None, "corta"), (None, "")])
def test_a_refused_change_leaves_the_password_temporary(newcomer, old, new):
    person, temporary = newcomer
    client = browser_of(person)
    assert choose(client, old or temporary, new).context["form"].errors
    person.refresh_from_db()
    assert (person.password_provvisoria, person.check_password(temporary)) == (True, True)
    assert client.get("/").url.startswith(CHANGE)


def test_a_reset_by_mail_is_a_choice_too(newcomer):
    person, temporary = newcomer
    client = Client()
    client.post(RESET, {"email": person.email})
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    form = client.get(link).url
    refused = client.post(form, {"password1": temporary, "password2": temporary})
    assert "diversa da quella provvisoria" in refused.content.decode()
    assert client.post(form, {"password1": OWN, "password2": OWN}).status_code == 302
    person.refresh_from_db()
    assert (person.password_provvisoria, person.check_password(OWN)) == (False, True)
    event = AuditEvent.objects.latest("pk")
    assert (event.actor, event.action) == (person, "utente.password_cambiata")
    assert browser_of(person).get("/").status_code == 200


def test_a_second_temporary_password_asks_again(newcomer, admin):
    person, temporary = newcomer
    choose(browser_of(person), temporary, OWN)
    services.set_temporary_password(person.pk, by=admin)
    person.refresh_from_db()
    assert browser_of(person).get("/").url == f"{CHANGE}?next=/"


def test_the_page_of_the_person_tells_whose_choice_the_password_is(newcomer, admin):
    person, temporary = newcomer
    page, client = f"/amministrazione/utenti/{person.pk}/", browser_of(admin)
    assert "provvisoria, da cambiare al primo accesso" in client.get(page).content.decode()
    choose(browser_of(person), temporary, OWN)
    assert "<dd>scelta dalla persona</dd>" in client.get(page).content.decode()


def test_the_password_comes_first_and_then_the_codes(user, admin, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    person = user("gestore")
    temporary = services.set_temporary_password(person.pk, by=admin)
    person.refresh_from_db()
    client = browser_of(person)
    assert client.get("/").url == f"{CHANGE}?next=/"
    assert client.get(SET_UP).url == f"{CHANGE}?next={SET_UP}"
    assert choose(client, temporary, OWN, next="/").url == "/"
    assert client.get("/").url == SET_UP
    TOTP.activate(person, generate_totp_secret())
    assert client.get("/").status_code == 200


def test_who_only_reads_needs_no_codes(lettore, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    assert lettore.get("/").status_code == 200


def test_codes_given_up_close_the_pages_again(gestore, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    person = User.objects.get(pk=gestore.session["_auth_user_id"])
    codes = TOTP.activate(person, generate_totp_secret()).instance
    assert gestore.get("/").status_code == 200
    codes.delete()
    assert gestore.get("/").url == SET_UP


@pytest.mark.parametrize("path", ["/accesso/2fa/", CHANGE, "/privacy/", "/accessibilita/"])
def test_without_codes_ones_own_account_and_open_pages_stay_open(gestore, settings, path):
    settings.SECOND_FACTOR_REQUIRED = True
    assert gestore.get(path).status_code == 200


def test_a_page_reads_only_the_person_with_the_roles(gestore, settings, django_assert_num_queries):
    gestore.get("/inizio/")
    with django_assert_num_queries(1):
        gestore.get("/inizio/")
    settings.SECOND_FACTOR_REQUIRED = True
    with django_assert_num_queries(2):  # and the codes, of who must have them
        gestore.get("/inizio/")


def test_the_login_speaks_italian(client):
    page = client.get(LOGIN).content.decode()
    assert '<label for="id_login">Nome utente o e-mail</label>' in page
    assert "placeholder" not in page
    assert 'autocomplete="username"' in page


@pytest.mark.parametrize("name", ["nessuno", "nessuno@esempio.invalid"])
def test_a_wrong_login_does_not_tell_what_is_wrong(client, name):
    page = client.post(LOGIN, {"login": name, "password": "sbagliata"}).content.decode()
    assert "Il nome utente, l&#x27;e-mail o la password non sono corretti." in page


def test_too_many_requests_are_refused_in_italian(settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "1/m/ip"}
    client = Client(REMOTE_ADDR="192.0.2.7")
    login = {"login": "nessuno", "password": "sbagliata"}
    client.post(LOGIN, login)
    response = client.post(LOGIN, login)
    assert response.status_code == 429
    assert "attendere un minuto e riprovare" in response.content.decode()
