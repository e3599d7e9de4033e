"""Fixtures of all tests. The database is the seeded one: published figures and roles are there."""

import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models.signals import post_migrate
from django.test import Client

from porfse.models import User
from tests.factories.people import make_user


def pytest_configure() -> None:
    # Django says when the tables are there: once they are made, and after each test that empties
    # them because it needs real transactions. The last app with models, so that all is there.
    *_, last = (config for config in apps.get_app_configs() if config.models_module)
    post_migrate.connect(_seed, sender=last, dispatch_uid="seed")


def _seed(**_: object) -> None:
    call_command("sync_roles", stdout=io.StringIO())
    call_command("seed", quiet=True)


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    """Hashed names need a collected folder, which only the browser tests have."""
    settings.STATIC_ROOT = None
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _own_cache(settings):
    """Each test has its own part of Redis: sessions and limits of others do not count in it."""
    prefix = uuid4().hex
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": prefix}}


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """What a test uploads goes with it."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def user(db) -> Callable[..., User]:
    """Make a person with some roles."""
    return make_user


@pytest.fixture
def as_role(db) -> Callable[..., Client]:
    """Return a browser in which a person with this role is logged in."""

    def log_in(role: str, **fields: object) -> Client:
        client = Client()
        client.force_login(make_user(role, **fields), backend="porfse.accounts.RoleBackend")
        return client

    return log_in


@pytest.fixture
def lettore(as_role) -> Client:
    return as_role("lettore")


@pytest.fixture
def gestore(as_role) -> Client:
    return as_role("gestore")
