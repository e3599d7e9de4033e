"""What the tests of the reports share."""

from collections.abc import Iterator

import pytest

from porfse.models import User
from reports import report as declarations
from reports.models import Destinatario, Edizione, Invio
from tests.factories.reports import Prova, make_edizione
from tests.reports.invii import ADDRESS, make_invio
from tests.reports.smtp import Posta, running


@pytest.fixture
def prova(monkeypatch) -> Prova:
    """A small report, known while the test lasts."""
    made = Prova()
    monkeypatch.setitem(declarations._REPORTS, made.slug, made)
    return made


@pytest.fixture
def by(user) -> User:
    return user("gestore")


@pytest.fixture
def server(settings) -> Iterator[Posta]:
    """A mail server of this test's own, which the product speaks to."""
    with running() as posta:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", posta.porta
        settings.EMAIL_TIMEOUT = 0.5
        yield posta


@pytest.fixture
def edizione(prova) -> Edizione:
    """A published report of Bergamo, and the one address that it goes to."""
    Destinatario.objects.create(provincia_id="BG", nome="Nucleo", email=ADDRESS)
    return make_edizione(prova, "pubblicata", provincia="BG")


@pytest.fixture
def invio(edizione, by) -> Invio:
    """A mail that waits for a worker."""
    return make_invio(edizione, by)
