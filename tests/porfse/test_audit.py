"""The register of operations, and the tables that nobody may change afterwards."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from porfse import audit
from porfse.models import AuditEvent
from programme.models import GRANDEZZE, DomandaPagamento
from tests.factories.programme import make_movement

pytestmark = pytest.mark.django_db

LEDGER = list(GRANDEZZE)


@pytest.fixture
def event(user) -> AuditEvent:
    person = user("gestore")
    return audit.record(by=person, action="prova.fatta", on=person, motivo="prova")


@pytest.fixture(params=["registro", *LEDGER])
def row(request, event):
    """A row of each table that is never changed."""
    if request.param == "registro":
        return event
    claim = DomandaPagamento.objects.create(numero="99", data=date(2022, 1, 15))
    fields = {"domanda": claim, "quota_ue": Decimal(500)}
    return make_movement(request.param, **fields if request.param == "certificata" else {})


def refused(change) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change()


def test_an_event_says_who_what_and_when(user):
    person, other = user("gestore"), user("lettore")
    before = timezone.now()
    audit.record(by=person, action="utente.provato", on=other, giorno=date(2021, 9, 30))
    event = AuditEvent.objects.get()
    assert (event.actor, event.action) == (person, "utente.provato")
    assert (event.object_type, event.object_id) == ("porfse.user", str(other.pk))
    assert event.details == {"giorno": "2021-09-30"}
    assert before <= event.at <= timezone.now()


def test_details_keep_amounts_and_days_as_text(event):
    details = {
        "importo": Decimal("1234567.10"),
        "giorno": date(2021, 9, 30),
        "vuoto": None,
        "vero": True,
        "numero": 3,
        "testo": "à",
        "coppia": (Decimal("0.10"), None),
        "dentro": {1: [date(2021, 1, 1), {"x": Decimal(5)}]},
    }
    made = audit.record(by=event.actor, action="prova", on=event.actor, **details)
    made.refresh_from_db()
    assert made.details == {
        "importo": "1234567.10",
        "giorno": "2021-09-30",
        "vuoto": None,
        "vero": True,
        "numero": 3,
        "testo": "à",
        "coppia": ["0.10", None],
        "dentro": {"1": ["2021-01-01", {"x": "5"}]},
    }


def test_an_event_falls_with_its_change(user):
    person = user("gestore")

    def change() -> None:
        with transaction.atomic():
            audit.record(by=person, action="prova", on=person)
            raise ValueError

    with pytest.raises(ValueError):
        change()
    assert not AuditEvent.objects.exists()


def test_the_latest_event_comes_first(event):
    later = audit.record(by=event.actor, action="prova.seconda", on=event.actor)
    assert list(AuditEvent.objects.all()) == [later, event]


def test_a_row_is_never_changed_or_deleted_through_the_models(row):
    model = type(row)
    refused(row.save)
    refused(row.delete)
    refused(lambda: model.objects.filter(pk=row.pk).delete())
    field = "action" if isinstance(row, AuditEvent) else "riferimento"
    refused(lambda: model.objects.filter(pk=row.pk).update(**{field: "altro"}))
    refused(lambda: model.objects.bulk_update([row], [field]))
    assert getattr(model.objects.get(pk=row.pk), field) == getattr(row, field)


def test_a_row_is_never_changed_or_deleted_by_sql(row):
    table = connection.ops.quote_name(row._meta.db_table)

    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [row.pk])

    refused(lambda: run(f"UPDATE {table} SET id = id WHERE id = %s"))
    refused(lambda: run(f"DELETE FROM {table} WHERE id = %s"))
    assert type(row).objects.filter(pk=row.pk).exists()


def test_who_acted_cannot_be_deleted(event):
    with pytest.raises(IntegrityError), transaction.atomic():
        event.actor.delete()
    assert AuditEvent.objects.get().actor == event.actor


def test_the_ledger_has_four_tables():
    assert len({model._meta.db_table for model in GRANDEZZE.values()}) == 4
