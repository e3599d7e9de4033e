"""The accounts of the demonstration: one for each role, the same each time, never elsewhere."""

import io
import stat

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from porfse.models import User
from porfse.roles import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """Secrets of their own, not those of the checkout; a quick hash for so many passwords."""
    settings.VAR_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path / "demo"


def run() -> dict[str, str]:
    """Make the accounts; return the printed password of each."""
    out = io.StringIO()
    call_command("demo_accounts", stdout=out)
    title, *lines = out.getvalue().splitlines()
    assert title == "Utenze dimostrative (utente / password / ruolo):"
    return {line.split()[0]: line.split()[1] for line in lines}


def test_there_is_one_for_each_role_with_a_password_of_its_own(folder):
    passwords = run()
    assert list(passwords) == [role.slug for role in ROLES]
    assert len(set(passwords.values())) == len(ROLES)
    for person in User.objects.filter(demo=True):
        assert person.role_names == {person.username}
        assert person.check_password(passwords[person.username])
        assert len(passwords[person.username]) == 16
        assert (person.is_active, person.provincia_id) == (
            True,
            "BG" if person.username == "nucleo" else None,
        )
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_second_time_changes_nothing(folder):
    passwords = run()
    before = list(User.objects.order_by("pk").values())
    assert run() == passwords
    assert list(User.objects.order_by("pk").values()) == before


def test_a_role_changed_by_hand_stays():
    run()
    person = User.objects.get(username="gestore")
    person.groups.set(Group.objects.filter(name="lettore"))
    run()
    assert User.objects.get(username="gestore").role_names == {"lettore"}


def test_a_changed_password_comes_back_to_the_printed_one():
    passwords = run()
    person = User.objects.get(username="gestore")
    person.set_password("un'altra-password")
    person.save()
    run()
    assert User.objects.get(username="gestore").check_password(passwords["gestore"])


def test_they_log_in(client):
    passwords = run()
    answer = client.post("/accesso/login/", {"login": "lettore", "password": passwords["lettore"]})
    assert answer.url == "/inizio/"
    assert client.get("/").status_code == 200


def test_production_has_none(settings, folder):
    settings.DEMO = False
    with pytest.raises(CommandError) as refusal:
        run()
    assert str(refusal.value) == (
        "Le utenze dimostrative non esistono in produzione: usare /amministrazione/utenti/."
    )
    assert not User.objects.filter(demo=True).exists()
    assert not folder.exists()


def test_a_real_account_is_not_taken_over(user):
    person = user("lettore", username="gestore")
    person.set_password("la-sua-password")
    person.save()
    with pytest.raises(CommandError) as refusal:
        run()
    assert str(refusal.value) == "Esiste già un'utenza «gestore» che non è dimostrativa."
    person = User.objects.get(pk=person.pk)
    assert person.check_password("la-sua-password")
    assert (person.demo, person.role_names) == (False, {"lettore"})


def test_a_refusal_leaves_nothing_behind(user):
    user("lettore", username="gestore")
    with pytest.raises(CommandError):
        run()
    assert not User.objects.filter(demo=True).exists()


def test_without_roles_it_says_what_to_do():
    Group.objects.all().delete()
    with pytest.raises(CommandError, match="sync_roles"):
        run()
