"""Who gets in: what is refused at the door, what is asked of those who write."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialLogin
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory

from porfse.accounts import AccountAdapter, SocialAccountAdapter, lacks_second_factor
from porfse.models import User
from porfse.roles import ROLES

pytestmark = pytest.mark.django_db

PASSWORD = "una-password-lunga"
LOGIN = "/accesso/login/"
TO_LOGIN = "/accesso/login/?next=/"
ACTIVATE = "/accesso/2fa/totp/activate/"
WRITERS = [role.slug for role in ROLES if role.writes]


@pytest.fixture(autouse=True)
def _quick_hash(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(user):
    """Make a person with a password."""

    def make(*roles: str, **fields: object) -> User:
        made = user(*roles, **fields)
        made.set_password(PASSWORD)
        made.save()
        return made

    return make


def log_in(client: Client, login: str, password: str = PASSWORD):
    return client.post(LOGIN, {"login": login, "password": password})


def fail(client: Client, login: str, times: int):
    """Fail to log in; return the last answer."""
    return [log_in(client, login, f"sbagliata-{number}") for number in range(times)][-1]


def inside(client: Client) -> bool:
    answer = client.get("/")
    assert answer.status_code == 200 or answer.url == TO_LOGIN
    return answer.status_code == 200


def text_of(answer) -> str:
    words = html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return re.sub(r"\s+", " ", words)


# --- The door -----------------------------------------------------------------------------------
def test_one_gets_in_by_name_or_by_address(person):
    reader = person("lettore")
    for login in (reader.username, reader.email, reader.email.upper()):
        client = Client()
        assert log_in(client, login).url == "/inizio/"
        assert inside(client)


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(person):
    reader = person("lettore")
    client = Client()
    wrong, unknown = fail(client, reader.username, 1), fail(client, "nessuno", 1)
    assert (wrong.status_code, unknown.status_code) == (200, 200)
    (message,) = wrong.context["form"].non_field_errors()
    assert unknown.context["form"].non_field_errors() == [message]
    assert message in text_of(wrong)
    assert not inside(client)


def test_who_is_not_active_stays_out(person):
    former = person("lettore", is_active=False)
    client = Client()
    answer = client.get(log_in(client, former.username).url)
    assert answer.status_code == 200
    assert "disattivat" in text_of(answer)
    assert not inside(client)


LOST = "L'operazione inviata prima dell'accesso, a sessione scaduta, non è stata eseguita"


def test_what_was_lost_for_want_of_a_login_is_said_once_more_where_it_was_sent(person):
    reader, client = person("lettore"), Client()
    page = "/programma/movimenti/?data=2021-09-30"
    lost = client.post("/flussi/carica/", headers={"Referer": f"http://testserver{page}"})
    assert LOST not in text_of(client.get(lost.url))
    fail(client, reader.username, 1)
    answer = client.post(LOGIN, {"login": reader.username, "password": PASSWORD, "next": page})
    assert answer.url == page
    shown = client.get(answer.url)
    assert LOST in text_of(shown)
    assert "Sessione scaduta" not in text_of(shown)
    assert LOST not in text_of(client.get(answer.url))


def test_it_waits_for_the_one_time_code(person):
    writer, client, secret = person("gestore"), Client(), totp.generate_totp_secret()
    totp.TOTP.activate(writer, secret)
    client.get(client.post("/flussi/carica/").url)
    asked = log_in(client, writer.username).url
    assert LOST not in text_of(client.get(asked))
    answer = client.post(asked, {"code": code_of(secret)})
    assert LOST in text_of(client.get(answer.url, follow=True))


def test_who_has_lost_nothing_is_told_nothing(person):
    reader, client = person("lettore"), Client()
    client.get("/programma/movimenti/")
    assert LOST not in text_of(client.get(log_in(client, reader.username).url, follow=True))


def test_nobody_opens_an_account_alone(person):
    fields = {"username": "nuovo", "email": "nuovo@esempio.invalid"}
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    client = Client()
    assert client.post("/accesso/signup/", fields | passwords).status_code in {302, 403, 404}
    assert client.get("/accesso/signup/").status_code in {302, 403, 404}
    assert not User.objects.filter(username="nuovo").exists()
    request = RequestFactory().get("/")
    assert AccountAdapter().is_open_for_signup(request) is False
    assert SocialAccountAdapter().is_open_for_signup(request, SocialLogin()) is False


# --- Demonstration accounts ---------------------------------------------------------------------
def test_a_demo_account_gets_in_during_the_demonstration(person):
    client = Client()
    log_in(client, person("lettore", demo=True).username)
    assert inside(client)


def test_a_demo_account_stays_out_of_production(settings, person):
    demo = person("lettore", demo=True)
    settings.DEMO = False
    client = Client()
    log_in(client, demo.username)
    assert not inside(client)
    request = RequestFactory().post(LOGIN)
    assert authenticate(request, username=demo.username, password=PASSWORD) is None
    assert authenticate(request, email=demo.email, password=PASSWORD) is None


def test_a_demo_session_ends_with_the_demonstration(settings, person):
    client = Client()
    client.force_login(person("lettore", demo=True), backend="porfse.accounts.RoleBackend")
    assert inside(client)
    settings.DEMO = False
    assert not inside(client)


def test_a_refused_demo_account_is_told_and_not_recorded_as_logged_in(settings, person):
    demo = person("lettore", demo=True)
    settings.DEMO = False
    answer = log_in(Client(), demo.username)
    demo.refresh_from_db()
    assert demo.last_login is None
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()


# --- Repeated failures --------------------------------------------------------------------------
def test_five_failures_lock_and_the_page_says_for_how_long(person):
    reader = person("lettore")
    client = Client()
    assert fail(client, reader.username, 4).status_code == 200
    locked = fail(client, reader.username, 1)
    assert locked.status_code == 429
    assert "account/locked.html" in [template.name for template in locked.templates]
    assert "Accesso sospeso" in text_of(locked)
    assert "Dopo 5 tentativi non riusciti" in text_of(locked)
    assert "sospeso per 15 minuti" in text_of(locked)
    assert log_in(client, reader.username).status_code == 429
    assert not inside(client)


def test_a_lock_is_of_one_person_and_ends(person):
    reader, other = person("lettore"), person("lettore")
    fail(Client(), reader.username, 5)
    client = Client()
    log_in(client, other.username)
    assert inside(client)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        client = Client()
        log_in(client, reader.username)
        assert inside(client)


def test_getting_in_forgets_the_failures(person):
    reader = person("lettore")
    for _ in range(2):
        assert fail(Client(), reader.username, 4).status_code == 200
        assert log_in(Client(), reader.username).status_code == 302


@pytest.mark.parametrize("spelling", ["upper", "address"])
def test_a_lock_holds_however_the_name_is_written(person, spelling):
    reader = person("lettore")
    fail(Client(), reader.username, 5)
    other = reader.username.upper() if spelling == "upper" else reader.email
    client = Client()
    assert log_in(client, other).status_code == 429
    assert not inside(client)


# --- The second factor --------------------------------------------------------------------------
@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True
    return settings


def code_of(secret: str) -> str:
    counter = next(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def test_who_writes_must_have_a_second_factor(required, user):
    assert [role.slug for role in ROLES if lacks_second_factor(user(role.slug))] == WRITERS
    assert lacks_second_factor(user("lettore", "gestore"))
    assert not lacks_second_factor(user())
    person = user("gestore")
    totp.TOTP.activate(person, totp.generate_totp_secret())
    assert not lacks_second_factor(person)
    required.SECOND_FACTOR_REQUIRED = False
    assert not lacks_second_factor(user("gestore"))


@pytest.mark.parametrize("role", WRITERS)
def test_who_writes_is_sent_to_set_it_up_before_anything_else(required, as_role, role):
    client = as_role(role)
    for url in ("/", "/amministrazione/utenti/", "/cifre/?f=x()", "/inizio/"):
        answer = client.get(url)
        assert (answer.status_code, answer.url) == (302, ACTIVATE)
    assert client.post("/programma/movimenti/impegnate/nuovo/").url == ACTIVATE
    for url in ("/accesso/logout/", "/privacy/", "/accessibilita/", "/salute/"):
        assert client.get(url).status_code == 200


def test_who_only_reads_passes_without(required, lettore):
    assert lettore.get("/").status_code == 200


def test_who_has_set_it_up_passes(required, user):
    person = user("gestore")
    totp.TOTP.activate(person, totp.generate_totp_secret())
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    assert client.get("/").status_code == 200


def test_the_demonstration_may_go_without(gestore):
    assert gestore.get("/").status_code == 200


def test_a_reader_who_is_given_a_role_that_writes_is_asked_at_once(required, user):
    person = user("lettore")
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    assert client.get("/").status_code == 200
    person.groups.add(Group.objects.get(name="gestore"))
    assert client.get("/").url == ACTIVATE


def test_who_removes_the_codes_is_asked_again(required, user):
    person = user("gestore")
    totp.TOTP.activate(person, totp.generate_totp_secret())
    client = Client()
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    assert client.get("/").status_code == 200
    Authenticator.objects.filter(user=person).delete()
    assert client.get("/").url == ACTIVATE


def test_a_password_alone_does_not_let_in_who_has_codes(person):
    writer = person("gestore")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(writer, secret)
    client = Client()
    assert log_in(client, writer.username).url == "/accesso/2fa/authenticate/"
    assert not inside(client)
    assert client.post("/accesso/2fa/authenticate/", {"code": code_of(secret)}).url == "/inizio/"
    assert inside(client)


def test_codes_cannot_be_guessed_without_end(person):
    writer = person("gestore")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(writer, secret)
    client = Client()
    log_in(client, writer.username)
    right = code_of(secret)
    for number in range(30):
        wrong = f"{(int(right) + 500 + number) % 1_000_000:06}"
        client.post("/accesso/2fa/authenticate/", {"code": wrong})
    client.post("/accesso/2fa/authenticate/", {"code": code_of(secret)})
    assert not inside(client)
