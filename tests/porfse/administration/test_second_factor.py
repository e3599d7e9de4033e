"""Lost telephones: an administrator takes the second factor away, and the person sets it anew."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from porfse.administration import services
from porfse.models import AuditEvent, User
from porfse.roles import ROLES
from tests.porfse.administration.pages import REGISTER, page_of

pytestmark = pytest.mark.django_db

SET_UP = "/accesso/2fa/totp/activate/"


def with_codes(person: User) -> User:
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    return person


def reset_of(person: User) -> str:
    return f"{page_of(person)}secondo-fattore/"


def test_the_codes_go_after_a_confirmation_and_it_is_recorded(admin, anna, user):
    person, other = with_codes(user("gestore")), with_codes(user("gestore"))
    assert reset_of(person) in admin.get(page_of(person)).content.decode()
    assert admin.get(reset_of(person)).status_code == 200
    assert Authenticator.objects.filter(user=person).count() == 2
    assert admin.post(reset_of(person)).url == page_of(person)
    assert not Authenticator.objects.filter(user=person).exists()
    assert Authenticator.objects.filter(user=other).count() == 2
    event = AuditEvent.objects.get()
    assert (event.actor, event.action) == (anna, "utente.secondo_fattore_azzerato")
    assert (event.object_id, event.details) == (str(person.pk), {})
    assert "<dd>no</dd>" in admin.get(page_of(person)).content.decode()
    assert "Utente: secondo fattore azzerato" in admin.get(REGISTER).content.decode()


def test_there_is_nothing_to_take_from_who_has_none(admin, user):
    person = user("gestore")
    assert reset_of(person) not in admin.get(page_of(person)).content.decode()
    response = admin.post(reset_of(person))
    assert response.status_code == 400
    assert "non ha un secondo fattore" in response.content.decode()
    assert not AuditEvent.objects.exists()


def test_nobody_takes_away_his_own(admin, anna):
    with_codes(anna)
    assert reset_of(anna) not in admin.get(page_of(anna)).content.decode()
    response = admin.post(reset_of(anna))
    assert response.status_code == 400
    assert "«La mia utenza»" in response.content.decode()
    with pytest.raises(ValidationError, match="La mia utenza"):
        services.reset_second_factor(anna.pk, by=anna)
    assert Authenticator.objects.filter(user=anna).count() == 2
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", [role.slug for role in ROLES if role.slug != "amministratore"])
def test_nobody_else_does_it(as_role, user, role):
    person = with_codes(user("gestore"))
    client = as_role(role, username="altri")
    assert client.get(reset_of(person)).status_code == 403
    assert client.post(reset_of(person)).status_code == 403
    with pytest.raises(PermissionDenied):
        services.reset_second_factor(person.pk, by=User.objects.get(username="altri"))
    assert Authenticator.objects.filter(user=person).count() == 2


def test_the_system_user_has_none_to_take(admin):
    system = with_codes(User.objects.sistema())
    assert admin.post(reset_of(system)).status_code == 403
    assert Authenticator.objects.filter(user=system).count() == 2


def test_who_does_not_exist_is_not_found(admin):
    path = "/amministrazione/utenti/999999999/secondo-fattore/"
    assert (admin.get(path).status_code, admin.post(path).status_code) == (404, 404)


def test_every_open_session_asks_for_new_codes(anna, user, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    person = with_codes(user("gestore"))
    sessions = [Client(), Client()]
    for session in sessions:
        session.force_login(person, backend="porfse.accounts.RoleBackend")
        assert session.get("/").status_code == 200
    services.reset_second_factor(person.pk, by=anna)
    assert [session.get("/").url for session in sessions] == [SET_UP, SET_UP]
    with_codes(person)
    assert [session.get("/").status_code for session in sessions] == [200, 200]


def test_at_the_next_login_the_password_is_enough_to_set_up_new_codes(anna, user, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    person = with_codes(user("gestore"))
    person.set_password("una-password-lunga")
    person.save()
    login = {"login": person.username, "password": "una-password-lunga"}
    assert Client().post("/accesso/login/", login).url == "/accesso/2fa/authenticate/"
    services.reset_second_factor(person.pk, by=anna)
    client = Client()
    assert client.post("/accesso/login/", login).url == "/inizio/"
    assert client.get("/inizio/").url == SET_UP
