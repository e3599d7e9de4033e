"""What the calendar makes by itself: each period once, at its hour of Rome, whatever happened."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.utils import timezone

from porfse.models import AuditEvent, Provincia
from porfse.periods import Periodo
from reports import calendario
from reports import report as declarations
from reports.models import Edizione
from reports.parametri import Cadenza, Parametri, ended
from reports.report import Calendario
from reports.services import costruzione
from reports.tasks.calendario import build_due
from tests.factories.people import make_user
from tests.factories.reports import make_edizione
from tests.programme.test_services import at_once
from tests.reports.queue import broker

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def queue():
    with broker() as taken:
        yield taken


@pytest.fixture
def report(prova, monkeypatch):
    """The only report there is; regional, unless a test says otherwise."""
    monkeypatch.setattr(declarations, "_REPORTS", {prova.slug: prova})
    monkeypatch.setattr(type(prova), "provinciale", False)
    return prova


@pytest.fixture
def provinciale(report, monkeypatch):
    monkeypatch.setattr(type(report), "provinciale", True)
    return report


@pytest.fixture
def declared(report, monkeypatch):
    """Give the report another cadence, and another day and hour."""

    def declare(cadenza: Cadenza, giorni: int, ora: time = time(6)):
        monkeypatch.setattr(type(report), "cadenza", cadenza)
        monkeypatch.setattr(type(report), "calendario", Calendario(giorni, ora))
        return report

    return declare


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def due(now: datetime) -> list[tuple[str, str]]:
    return [(item.testo, item.provincia) for _, item in calendario.due(now)]


def by_the_calendar(report, periodo: str) -> None:
    make_edizione(report, periodo=periodo, dal_calendario=True)


def made() -> list[tuple[str, str | None]]:
    return list(Edizione.objects.order_by("pk").values_list("periodo", "provincia_id"))


# --- Which periods ------------------------------------------------------------------------------
def test_the_last_period_is_due_five_days_after_its_end_at_six_of_rome(report):
    make_edizione(report, periodo="2025-B4")
    assert due(utc(2025, 11, 5, 4, 59)) == []
    assert due(utc(2025, 11, 5, 5, 0)) == [("2025-B5", "")]


def test_at_first_only_the_last_period_is_made(report):
    assert due(utc(2025, 11, 5, 4, 59)) == [("2025-B4", "")]
    assert due(utc(2026, 2, 1, 12)) == [("2025-B6", "")]


@pytest.mark.parametrize("stato", Edizione.Stato.values)
def test_whatever_became_of_a_period_it_is_not_made_again(report, stato):
    make_edizione(report, stato)
    assert due(utc(2025, 11, 20)) == []


def test_after_months_each_missed_period_is_made_once(report):
    by_the_calendar(report, "2025-B1")
    now = utc(2026, 1, 20)
    missed = [("2025-B2", ""), ("2025-B3", ""), ("2025-B4", ""), ("2025-B5", ""), ("2025-B6", "")]
    assert due(now) == missed
    with time_machine.travel(now, tick=False):
        build_due()
        build_due()
    assert made() == [("2025-B1", None), *((period, None) for period, _ in missed)]
    assert due(now) == []


def test_after_years_the_last_six_are_made(report):
    by_the_calendar(report, "2021-B1")
    assert [period for period, _ in due(utc(2026, 1, 20))] == [
        f"2025-B{number}" for number in range(1, 7)
    ]


def test_what_a_person_made_early_is_not_made_again(report):
    make_edizione(report, periodo="2025-B5")
    assert due(utc(2025, 11, 20)) == []


def test_a_later_edition_made_by_hand_hides_nothing_before_it(report):
    by_the_calendar(report, "2025-B2")
    make_edizione(report, periodo="2025-B5")
    assert due(utc(2025, 11, 20)) == [("2025-B3", ""), ("2025-B4", "")]
    (found,) = calendario.scadenze(utc(2025, 11, 20))
    assert [item.testo for item in found.mancanti] == ["2025-B3", "2025-B4"]


def test_one_made_by_hand_of_long_ago_makes_no_others_due(report):
    make_edizione(report, periodo="2021-B4")
    assert due(utc(2025, 11, 20)) == [("2025-B5", "")]


def test_nothing_is_due_before_what_the_calendar_made_first(report):
    by_the_calendar(report, "2025-B3")
    assert due(utc(2025, 11, 20)) == [("2025-B4", ""), ("2025-B5", "")]


def test_what_a_person_asks_for_again_was_made_by_the_calendar_all_the_same(report):
    with time_machine.travel(utc(2025, 9, 10), tick=False):
        build_due()
    first = Edizione.objects.get()
    costruzione.costruisci(first.pk)
    costruzione.ricostruisci(by=make_user("gestore"), edizione=first)
    assert due(utc(2026, 1, 20)) == [("2025-B5", ""), ("2025-B6", "")]


def test_each_place_has_its_own_count(provinciale):
    by_the_calendar(provinciale, "2025-B3")
    for sigla in Provincia.objects.values_list("pk", flat=True):
        make_edizione(provinciale, periodo="2025-B3", provincia=sigla)
        if sigla not in ("BG", "BS"):
            make_edizione(provinciale, periodo="2025-B4", provincia=sigla)
            make_edizione(provinciale, periodo="2025-B5", provincia=sigla)
    make_edizione(provinciale, periodo="2025-B4")
    make_edizione(provinciale, periodo="2025-B5", provincia="BS")
    assert due(utc(2025, 11, 20)) == [
        *(("2025-B4", "BG"), ("2025-B4", "BS"), ("2025-B5", ""), ("2025-B5", "BG")),
    ]


def test_all_that_is_due_takes_as_many_queries_as_little(provinciale, django_assert_num_queries):
    with django_assert_num_queries(3):
        assert len(due(utc(2025, 11, 20))) == 13
    by_the_calendar(provinciale, "2024-B5")
    with django_assert_num_queries(3):
        assert len(due(utc(2025, 11, 20))) == 13 * 6


def test_the_tasks_that_run_by_themselves_are_there():
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    current_app.loader.import_default_modules()
    assert planned <= set(current_app.tasks)
    assert planned >= {
        "reports.tasks.calendario.build_due",
        "reports.tasks.costruzione.resume_builds",
        "reports.tasks.invii.resume_mails",
    }


def test_a_report_without_a_calendar_is_never_due(report, monkeypatch):
    monkeypatch.setattr(type(report), "calendario", None)
    assert due(utc(2025, 11, 20)) == []
    assert calendario.scadenze(utc(2025, 11, 20)) == []


def test_nothing_precedes_the_programme(declared):
    report = declared(Cadenza.ANNO, 30)
    years = [period.anno for period in ended(report.cadenza, date(2017, 1, 1))]
    assert years == [2016, 2015, 2014]


@pytest.mark.parametrize(
    ("cadenza", "giorni", "before", "moment", "period"),
    [
        (Cadenza.TRIMESTRE, 35, "2025-T2", utc(2025, 11, 4, 5), "2025-T3"),
        (Cadenza.ANNO, 120, "2024", utc(2026, 4, 30, 4), "2025"),
        (Cadenza.DATA, 10, "2025-06-30", utc(2025, 10, 10, 4), "2025-09-30"),
    ],
)
def test_each_cadence_has_its_day(declared, *, cadenza, giorni, before, moment, period):
    report = declared(cadenza, giorni)
    make_edizione(report, periodo=before)
    assert due(moment - timedelta(seconds=1)) == []
    assert due(moment) == [(period, "")]


def test_a_report_at_any_other_day_does_not_count_among_the_quarters(declared):
    report = declared(Cadenza.DATA, 10)
    by_the_calendar(report, "2025-06-30")
    make_edizione(report, periodo="2025-10-05")
    assert due(utc(2026, 1, 20)) == [("2025-09-30", ""), ("2025-12-31", "")]


# --- The hour, when the clocks change -----------------------------------------------------------
@pytest.mark.parametrize(
    ("giorni", "ora", "moment"),
    [
        (25, time(6), utc(2025, 10, 25, 4)),  # the last day of summer time
        (26, time(1, 59), utc(2025, 10, 25, 23, 59)),
        (26, time(2, 30), utc(2025, 10, 26, 0, 30)),  # comes twice: the first counts
        (26, time(3), utc(2025, 10, 26, 2)),
        (26, time(6), utc(2025, 10, 26, 5)),
        (31, time(6), utc(2025, 10, 31, 5)),
    ],
)
def test_in_october_the_hour_is_that_of_the_clock_on_the_wall(declared, giorni, ora, moment):
    report = declared(Cadenza.TRIMESTRE, giorni, ora)
    assert calendario.moment(report, Periodo(2025, 3, 3)) == moment


@pytest.mark.parametrize(
    ("giorni", "ora", "moment"),
    [
        (28, time(6), utc(2026, 3, 28, 5)),
        (29, time(1, 59), utc(2026, 3, 29, 0, 59)),
        (29, time(2, 30), utc(2026, 3, 29, 1, 30)),  # does not come: as if the clock went on
        (29, time(6), utc(2026, 3, 29, 4)),
    ],
)
def test_in_march_the_hour_is_that_of_the_clock_on_the_wall(declared, giorni, ora, moment):
    report = declared(Cadenza.BIMESTRE, giorni, ora)
    assert calendario.moment(report, Periodo(2026, 2, 1)) == moment


@pytest.mark.parametrize(
    ("cadenza", "giorni", "ora", "begin", "at", "period"),
    [
        (Cadenza.TRIMESTRE, 25, time(6), utc(2025, 10, 24, 12), utc(2025, 10, 25, 4), "2025-T3"),
        (Cadenza.TRIMESTRE, 26, time(2), utc(2025, 10, 25, 12), utc(2025, 10, 26, 0), "2025-T3"),
        (Cadenza.TRIMESTRE, 31, time(6), utc(2025, 10, 30, 12), utc(2025, 10, 31, 5), "2025-T3"),
        (Cadenza.BIMESTRE, 28, time(6), utc(2026, 3, 27, 12), utc(2026, 3, 28, 5), "2026-B1"),
        (Cadenza.BIMESTRE, 29, time(2), utc(2026, 3, 28, 12), utc(2026, 3, 29, 1), "2026-B1"),
    ],
)
def test_run_every_hour_it_is_made_once_at_its_hour(
    declared, *, cadenza, giorni, ora, begin, at, period
):
    report = declared(cadenza, giorni, ora)
    before = Parametri(Periodo.parse(period).precedente).testo
    make_edizione(report, periodo=before)
    found = []
    with time_machine.travel(begin, tick=False) as clock:
        for _ in range(36):
            build_due()
            if Edizione.objects.count() > 1 and not found:
                found.append(timezone.now())
            clock.shift(HOUR)
    assert found == [at]
    assert made() == [(before, None), (period, None)]


# --- Running ------------------------------------------------------------------------------------
def test_all_places_are_asked_for_at_once_in_the_name_of_the_system(
    provinciale, queue, django_capture_on_commit_callbacks
):
    with (
        time_machine.travel(utc(2025, 11, 5, 5, 10), tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        build_due()
    assert Edizione.objects.filter(stato="in_coda", periodo="2025-B5").count() == 13
    assert {item.richiesta_da.username for item in Edizione.objects.all()} == {"sistema"}
    assert [arguments for _, arguments in queue()] == [
        [pk] for pk in Edizione.objects.order_by("pk").values_list("pk", flat=True)
    ]


@pytest.mark.django_db(transaction=True)
def test_twice_at_once_makes_each_once(provinciale, queue):
    with time_machine.travel(utc(2025, 11, 5, 5, 10), tick=False):
        found = at_once(lambda _: build_due(), times=3)
    assert found == [None, None, None]
    assert Edizione.objects.count() == 13
    assert len(queue()) == 13
    assert AuditEvent.objects.filter(action="report.richiesto").count() == 13


def test_where_a_report_stands(provinciale):
    make_edizione(provinciale, "pubblicata")
    make_edizione(provinciale, "fallita", provincia="BG")
    (found,) = calendario.scadenze(utc(2025, 11, 20))
    assert (found.ultimo.testo, found.dovuto_il) == ("2025-B5", utc(2025, 11, 5, 5))
    assert (found.prossimo.testo, found.prossimo_il) == ("2025-B6", utc(2026, 1, 5, 5))
    assert {item.provincia_id: item.stato for item in found.edizioni} == {
        None: "pubblicata",
        "BG": "fallita",
    }
    assert len(found.mancanti) == 11


def test_after_a_report_at_a_date_comes_the_end_of_the_next_quarter(declared):
    declared(Cadenza.DATA, 10)
    (found,) = calendario.scadenze(utc(2026, 1, 5))
    assert (found.ultimo.testo, found.prossimo.testo) == ("2025-09-30", "2025-12-31")
    assert found.prossimo_il == utc(2026, 1, 10, 5)


def test_of_a_corrected_report_the_last_edition_counts(report):
    old = make_edizione(report, "pubblicata")
    new = make_edizione(report, "bozza", edizione=2, rettifica=old, errata="Un refuso.")
    (found,) = calendario.scadenze(utc(2025, 11, 20))
    assert found.edizioni == [new]
