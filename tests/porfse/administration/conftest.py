import pytest
from django.test import Client

from porfse.models import User


@pytest.fixture
def admin(as_role) -> Client:
    return as_role("amministratore", username="anna")


@pytest.fixture
def anna(admin) -> User:
    return User.objects.get(username="anna")
