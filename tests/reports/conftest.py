"""What the tests of the reports share."""

import pytest

from reports import report as declarations
from tests.factories.reports import Prova


@pytest.fixture
def prova(monkeypatch) -> Prova:
    """A small report, known while the test lasts."""
    made = Prova()
    monkeypatch.setitem(declarations._REPORTS, made.slug, made)
    return made
