import pytest
import time_machine

from porfse.flows import progress


@pytest.fixture
def clock():
    with time_machine.travel(1_600_000_000, tick=False) as traveller:
        yield traveller


def test_rows_speed_and_time_left(clock):
    report = progress.Reporter(1, 1_000)
    clock.shift(10)
    report.rows(250)
    told = progress.progress_of(1)
    assert (told.righe, told.attese, told.percentuale, told.fase) == (250, 1_000, 25, "lettura")
    assert told.velocita == 25
    assert told.secondi_rimanenti == 30


def test_at_the_beginning_nothing_is_promised(clock):
    progress.Reporter(1, 1_000)
    told = progress.progress_of(1)
    assert (told.percentuale, told.velocita, told.secondi_rimanenti) == (0, 0, None)


def test_more_rows_than_expected_do_not_pass_the_end(clock):
    report = progress.Reporter(1, 10)
    clock.shift(1)
    report.rows(50)
    report.phase("indici")
    told = progress.progress_of(1)
    assert (told.attese, told.percentuale, told.secondi_rimanenti) == (50, 99, 0)
    assert told.fase == "indici"


def test_each_flow_has_its_own_and_it_goes_at_the_end():
    progress.Reporter(1, 10)
    assert progress.progress_of(2) is None
    progress.forget(1)
    assert progress.progress_of(1) is None


def test_a_cache_that_is_away_does_not_end_the_work(settings, caplog):
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}
    progress.Reporter(3, 10).rows(5)
    progress.forget(3)
    assert caplog.text.count("avanzamento non") == 3
