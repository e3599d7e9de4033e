"""Administrators: none locks himself or everyone out; passwords; the first one."""

import io
import re
import time

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from porfse.administration import services, views
from porfse.administration.queries import administrators, slugs_of
from porfse.administration.services import Account
from porfse.models import AuditEvent, User
from tests.porfse.administration.pages import edit, errors, page_of

pytestmark = pytest.mark.django_db


def test_nobody_takes_his_own_role_away(admin, anna, user):
    user("amministratore")
    response = admin.post(page_of(anna), edit(anna, ruoli=["lettore"]))
    assert response.status_code == 400
    assert "può farlo un altro amministratore" in errors(response, "ruoli")[0]
    assert slugs_of(User.objects.get(pk=anna.pk)) == ["amministratore"]


def test_nobody_deactivates_himself(admin, anna, user):
    user("amministratore")
    response = admin.post(page_of(anna), edit(anna, is_active=False))
    assert response.status_code == 400
    assert "può farlo un altro amministratore" in errors(response, "is_active")[0]
    assert User.objects.get(pk=anna.pk).is_active


def test_another_administrator_may_do_both(admin, user):
    other = user("amministratore", first_name="Ugo")
    assert admin.post(page_of(other), edit(other, ruoli=["lettore"])).status_code == 302
    assert slugs_of(User.objects.get(pk=other.pk)) == ["lettore"]


@pytest.mark.parametrize("change", [{"ruoli": ["lettore"]}, {"is_active": False}])
def test_two_who_remove_each_other_leave_one(admin, anna, user, change):
    """Each passed the check of the permission before the other wrote."""
    other = user("amministratore")
    assert other.has_perm("porfse.manage_users")
    account = {"email": anna.email, "ruoli": ["amministratore"], "is_active": True} | change
    seen = services.fingerprint(anna)
    gone = {**account, "email": other.email}
    services.update_user(other.pk, Account(**gone), by=anna, seen=services.fingerprint(other))
    with pytest.raises(ValidationError, match="almeno un amministratore"):
        services.update_user(anna.pk, Account(**account), by=other, seen=seen)
    assert list(administrators()) == [anna]


def test_the_system_user_is_shown_and_not_changed(admin):
    system = User.objects.sistema()
    assert '<form method="post" class="modulo">' not in admin.get(page_of(system)).content.decode()
    data = edit(system, email="x@esempio.invalid", ruoli=["gestore"], is_active=True)
    assert admin.post(page_of(system), data).status_code == 403
    assert admin.post(f"{page_of(system)}password/").status_code == 403
    system.refresh_from_db()
    assert (system.is_active, slugs_of(system), system.has_usable_password()) == (False, [], False)


def test_a_temporary_password_is_shown_once_and_kept_nowhere(admin, user, anna):
    person = user("lettore")
    theirs = Client()
    theirs.force_login(person, backend="porfse.accounts.RoleBackend")
    own = f"{page_of(person)}password/"
    response = admin.post(own)
    assert (response.status_code, response.url) == (302, own)
    assert admin.head(own).status_code == 405
    response = admin.get(own)
    password = re.search(r"<code data-password>(\w{16})</code>", response.content.decode())[1]
    person.refresh_from_db()
    assert person.check_password(password)
    assert "no-store" in response["Cache-Control"]
    assert theirs.get("/").status_code == 302
    event = AuditEvent.objects.get()
    assert (event.actor, event.action) == (anna, "utente.password_provvisoria")
    assert event.details == {}
    assert password not in admin.get(page_of(person)).content.decode()
    assert password not in admin.post(own, follow=True).content.decode()


def test_reloading_the_page_of_a_temporary_password_neither_shows_nor_makes_one(admin, user):
    person = user("lettore")
    own = f"{page_of(person)}password/"
    admin.post(own, follow=True)
    made = User.objects.get(pk=person.pk).password
    again = admin.get(own, follow=True)
    assert again.redirect_chain == [(page_of(person), 302)]
    assert "si legge una volta sola" in again.content.decode()
    assert "data-password" not in again.content.decode()
    assert User.objects.get(pk=person.pk).password == made
    assert AuditEvent.objects.count() == 1


def test_a_temporary_password_that_nobody_reads_is_forgotten(admin, user, monkeypatch):
    monkeypatch.setattr(views, "TO_SHOW_SECONDS", 1)
    person = user("lettore")
    own = f"{page_of(person)}password/"
    admin.post(own)
    time.sleep(1.1)
    answer = admin.get(own, follow=True)
    assert answer.redirect_chain == [(page_of(person), 302)]
    assert "data-password" not in answer.content.decode()


def test_a_temporary_password_waits_for_minutes_and_outside_the_session(admin, user):
    assert views.TO_SHOW_SECONDS == 300
    person = user("lettore")
    before = dict(admin.session)
    admin.post(f"{page_of(person)}password/")
    assert dict(admin.session) == before
    assert [row.get_decoded() for row in Session.objects.all()] == [before]


def test_a_temporary_password_is_shown_to_the_session_that_made_it_alone(admin, anna, user):
    person = user("lettore")
    own = f"{page_of(person)}password/"
    admin.post(own)
    other = Client()
    other.force_login(anna, backend="porfse.accounts.RoleBackend")
    assert other.get(own).url == page_of(person)
    assert "data-password" in admin.get(own).content.decode()


def test_a_temporary_password_is_shown_on_the_page_of_its_person_alone(admin, user):
    person, other = user("lettore"), user("lettore")
    admin.post(f"{page_of(person)}password/")
    assert admin.get(f"{page_of(other)}password/").url == page_of(other)
    assert "data-password" in admin.get(f"{page_of(person)}password/").content.decode()


def test_ones_own_password_is_changed_elsewhere(admin, anna):
    response = admin.post(f"{page_of(anna)}password/")
    assert response.status_code == 400
    assert "«La mia utenza»" in response.content.decode()
    assert not AuditEvent.objects.exists()


def _create(*args: str) -> list[str]:
    out = io.StringIO()
    call_command("create_administrator", *args, stdout=out)
    return out.getvalue().split()


def test_the_first_administrator_is_opened_from_the_command_line():
    password = _create("primo", "Primo@esempio.invalid")[-1]
    made = User.objects.get(username="primo")
    assert (slugs_of(made), made.email) == (["amministratore"], "primo@esempio.invalid")
    assert made.check_password(password)
    assert len(password) == 16
    events = AuditEvent.objects.order_by("pk")
    assert [(event.actor.username, event.action) for event in events] == [
        ("sistema", "utente.creato"),
        ("sistema", "utente.password_provvisoria"),
    ]
    assert password not in str([event.details for event in events])


def test_the_second_only_by_force(anna):
    with pytest.raises(CommandError, match="--force"):
        _create("secondo", "secondo@esempio.invalid")
    assert list(administrators()) == [anna]
    _create("secondo", "secondo@esempio.invalid", "--force")
    assert {person.username for person in administrators()} == {"anna", "secondo"}


@pytest.mark.parametrize(
    "args", [("a b", "x@esempio.invalid"), ("primo", "x"), ("sistema", "x@esempio.invalid")]
)
def test_a_wrong_first_administrator_is_refused(args):
    with pytest.raises(CommandError):
        _create(*args)
    assert not administrators().exists()
    assert not AuditEvent.objects.exists()
