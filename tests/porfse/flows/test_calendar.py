"""The calendar of expected flows: entered by the month, late when their day has passed."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from porfse.flows import calendar
from porfse.flows.source import source_of
from porfse.models import AuditEvent, ExpectedFlow
from tests.factories.flows import acquired, payment, validated

pytestmark = pytest.mark.django_db
FORM = {"fonte": "inps-cigd", "primo_mese": "2021-01", "mesi": "3", "giorno": "15", "nota": ""}


@pytest.fixture
def planner(user):
    return user("gestore")


def plan(by, first=date(2021, 1, 1), **fields) -> list[ExpectedFlow]:
    return calendar.plan(source_of("inps-cigd"), by=by, first=first, **{"day": 15, **fields})


def entered() -> list[tuple[str, date]]:
    return list(ExpectedFlow.objects.order_by("entro").values_list("periodo", "entro"))


def test_a_series_runs_over_the_year_and_keeps_to_the_length_of_the_months(planner):
    plan(planner, date(2020, 12, 9), months=3, day=31)
    assert entered() == [
        ("2020-12", date(2021, 1, 31)),
        ("2021-01", date(2021, 2, 28)),
        ("2021-02", date(2021, 3, 31)),
    ]
    assert AuditEvent.objects.filter(action="flusso_atteso.inserito").count() == 3


def test_a_month_that_is_there_already_refuses_the_whole_series(planner):
    plan(planner, date(2021, 3, 1))
    with pytest.raises(ValidationError, match="2021-03 è già nel calendario"):
        plan(planner, months=4)
    assert entered() == [("2021-03", date(2021, 4, 15))]


@pytest.mark.parametrize("fields", [{"months": 0}, {"months": 37}, {"day": 0}, {"day": 32}])
def test_bounds_are_held(planner, fields):
    with pytest.raises(ValidationError, match="da 1 a 36 mesi"):
        plan(planner, **fields)
    assert entered() == []


@pytest.mark.parametrize("role", ["lettore", "certificatore", "controllore", "amministratore"])
def test_others_may_not_plan(user, planner, role):
    [item] = plan(planner)
    with pytest.raises(PermissionDenied):
        plan(user(role), date(2022, 1, 1))
    with pytest.raises(PermissionDenied):
        calendar.remove(item.pk, by=user(role))
    assert entered() == [("2021-01", date(2021, 2, 15))]


@time_machine.travel(date(2021, 3, 15))
def test_late_is_what_is_not_acquired_the_day_after(planner):
    january, february, march, april = plan(planner, months=4)
    january.flusso = acquired([payment(data_pagamento="01/04/2020")])
    january.save()
    assert list(calendar.late()) == []
    with time_machine.travel(date(2021, 3, 16)):
        assert [(item.pk, item.condizione) for item in calendar.late()] == [
            (february.pk, "in ritardo")
        ]
        february.flusso = validated([payment()])
        february.save()
        assert [item.condizione for item in calendar.late()] == ["arrivato, da decidere"]
        assert [(item.pk, item.condizione) for item in calendar.in_time()] == [
            (january.pk, "acquisito"),
            (march.pk, "atteso"),
            (april.pk, "atteso"),
        ]


def test_the_pages_add_and_take_out(as_role):
    browser = as_role("operatore")
    assert browser.post("/flussi/calendario/nuovo/", FORM).url == "/flussi/calendario/"
    assert [period for period, _ in entered()] == ["2021-01", "2021-02", "2021-03"]
    again = browser.post("/flussi/calendario/nuovo/", FORM)
    assert again.status_code == 400
    assert "è già nel calendario" in again.content.decode()
    item = ExpectedFlow.objects.get(periodo="2021-02")
    url = f"/flussi/calendario/{item.pk}/rimozione/"
    assert "2021-02" in browser.get(url).content.decode()
    assert browser.post(url).url == "/flussi/calendario/"
    assert [period for period, _ in entered()] == ["2021-01", "2021-03"]
    assert AuditEvent.objects.get(action="flusso_atteso.rimosso").details["periodo"] == "2021-02"
    assert browser.post(url).status_code == 404


def test_what_was_answered_stays(as_role, planner):
    [item] = plan(planner)
    item.flusso = validated([payment()])
    item.save()
    browser = as_role("gestore")
    answer = browser.post(f"/flussi/calendario/{item.pk}/rimozione/")
    assert answer.status_code == 409
    assert entered() == [("2021-01", date(2021, 2, 15))]
    page = browser.get("/flussi/calendario/").content.decode()
    assert f'href="/flussi/{item.flusso_id}/"' in page
    assert "rimozione" not in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("primo_mese", "2021-13"),
        ("primo_mese", "ieri"),
        ("primo_mese", "2013-12"),
        ("primo_mese", "9999-01"),
        ("primo_mese", "²021-01"),
        ("mesi", "37"),
        ("giorno", "32"),
        ("fonte", "niente"),
        ("nota", "x" * 201),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(as_role, field, value):
    answer = as_role("gestore").post("/flussi/calendario/nuovo/", {**FORM, field: value})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert entered() == []


def test_a_month_may_be_typed(as_role):
    typed = {**FORM, "primo_mese": "03/2021", "mesi": "1"}
    assert as_role("gestore").post("/flussi/calendario/nuovo/", typed).status_code == 302
    assert entered() == [("2021-03", date(2021, 4, 15))]


def test_the_calendar_asks_as_often_for_one_as_for_three(
    as_role, planner, django_assert_num_queries
):
    browser = as_role("certificatore")
    plan(planner)
    browser.get("/flussi/calendario/")
    with django_assert_num_queries(4):
        browser.get("/flussi/calendario/")
    plan(planner, date(2022, 1, 1), months=2)
    with django_assert_num_queries(4):
        page = browser.get("/flussi/calendario/")
    assert "rimozione" not in page.content.decode()
