"""What `migrate` refuses to start on outside the demonstration."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from porfse.checks import no_demonstration_in_production
from porfse.models import Fonte
from tests.factories.programme import make_source

pytestmark = pytest.mark.django_db

DATABASES = ["default"]


@pytest.fixture
def production(settings):
    settings.DEMO = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.PUBLIC_URL = "https://por-fse.example.org"
    return settings


def ids() -> list[str]:
    return [error.id for error in no_demonstration_in_production(databases=DATABASES)]


def test_a_clean_database_passes(production):
    assert ids() == []


def test_active_demo_accounts_are_refused(production, user):
    person = user("lettore", demo=True)
    (error,) = no_demonstration_in_production(databases=DATABASES)
    assert (error.id, error.level) == ("porfse.E001", checks.ERROR)
    assert error.msg == "Il database contiene utenze dimostrative attive."
    assert "Disattivarle" in error.hint
    person.is_active = False
    person.save()
    assert ids() == []


def test_example_data_are_refused(production):
    make_source(Fonte.Genere.ESEMPIO)
    (error,) = no_demonstration_in_production(databases=DATABASES)
    assert (error.id, error.level) == ("porfse.E002", checks.ERROR)
    assert error.msg == "Il database contiene dati di esempio."


def test_both_are_told_at_once(production, user):
    user("lettore", demo=True)
    make_source(Fonte.Genere.ESEMPIO)
    assert ids() == ["porfse.E001", "porfse.E002"]


def test_the_demonstration_may_have_both(user):
    user("lettore", demo=True)
    make_source(Fonte.Genere.ESEMPIO)
    assert ids() == []


def test_without_a_database_nothing_is_asked(production, user, django_assert_num_queries):
    user("lettore", demo=True)
    with django_assert_num_queries(0):
        assert no_demonstration_in_production(databases=None) == []


def test_migrate_and_check_stop_on_it(production, user):
    user("lettore", demo=True)
    with pytest.raises(SystemCheckError, match=r"porfse\.E001"):
        call_command("migrate", verbosity=0, skip_checks=False)
    with pytest.raises(SystemCheckError, match=r"porfse\.E001"):
        call_command("check", databases=DATABASES)
    call_command("check")  # does not read the database


@pytest.mark.parametrize("kept", ["console", "dummy", "filebased", "locmem"])
def test_mails_that_would_not_leave_are_refused(production, kept):
    production.EMAIL_BACKEND = f"django.core.mail.backends.{kept}.EmailBackend"
    with pytest.raises(SystemCheckError, match=r"(?s)porfse\.E004.*EMAIL_URL"):
        call_command("check")
    with pytest.raises(SystemCheckError, match=r"porfse\.E004"):
        call_command("migrate", verbosity=0, skip_checks=False)
    production.DEMO = True
    call_command("check")


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://por-fse.example.org", ""])
def test_links_that_would_lead_nowhere_are_refused(production, address):
    production.PUBLIC_URL = address
    with pytest.raises(SystemCheckError, match=r"(?s)porfse\.E005.*PUBLIC_URL"):
        call_command("check")


def test_an_identifier_names_one_check():
    sources = (django_settings.BASE_DIR / "porfse").rglob("*.py")
    found = Counter(
        identifier
        for path in sources
        for identifier in re.findall(r'id="(porfse\.[EW]\d+)"', Path(path).read_text("utf-8"))
    )
    assert found
    assert [name for name, count in found.items() if count > 1] == []
