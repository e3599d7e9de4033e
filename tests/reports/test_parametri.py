from datetime import UTC, date, datetime

import pytest
import time_machine

from porfse.errors import BadInput, NotThere
from porfse.periods import PeriodError, Periodo
from reports.parametri import Cadenza, Parametri, leggi, riletti

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)
AS = ": scrivere il periodo come "


def read(cadenza: Cadenza, periodo: str, provincia: str = "") -> Parametri:
    with time_machine.travel(NOW, tick=False):
        return leggi(cadenza, periodo, provincia, provinciale=cadenza is not Cadenza.ANNO)


def test_a_period_of_each_cadence_is_read():
    assert read(Cadenza.BIMESTRE, "2025-B5").al == date(2025, 10, 31)
    assert read(Cadenza.TRIMESTRE, " 2025-T3 ", "BG") == Parametri(Periodo(2025, 3, 3), "BG")
    assert read(Cadenza.ANNO, "2024").nome == "anno 2024"
    day = read(Cadenza.DATA, "30.09.2021")
    assert (day.inizio, day.al, day.testo, day.nome) == (
        date(2021, 9, 30),
        date(2021, 9, 30),
        "2021-09-30",
        "al 30.09.2021",
    )


@pytest.mark.parametrize(
    ("cadenza", "periodo", "message"),
    [
        (Cadenza.BIMESTRE, "2025-T3", f"bimestrale{AS}2025-B5 oppure settembre-ottobre 2025"),
        (Cadenza.TRIMESTRE, "2025", f"trimestrale{AS}2025-T3 oppure 3° trimestre 2025"),
        (Cadenza.TRIMESTRE, "2025-S1", "Periodo non valido: «2025-S1»"),
        (Cadenza.ANNO, "", f"non valido: «». Il report è annuale{AS}2024"),
        (Cadenza.BIMESTRE, "settembre-novembre 2025", "non valido: «settembre-novembre 2025»"),
        (Cadenza.TRIMESTRE, "settembre-ottobre 2025", "Il report è trimestrale"),
        (Cadenza.ANNO, "<b>" * 50, "Periodo non valido: «(<b>){13}<»"),
        (Cadenza.ANNO, "2025", "non è ancora concluso: termina il 31.12.2025"),
        (Cadenza.BIMESTRE, "2025-B6", "L'ultimo concluso è 2025-B5"),
        (Cadenza.TRIMESTRE, "2027-T1", "non è ancora concluso"),
        (Cadenza.ANNO, "2013", "Periodo non valido|precede l'inizio del programma"),
        (Cadenza.DATA, "2025-11-10", r"10\.11\.2025 è troppo avanti.* al più tardi 09\.11\.2025"),
        (Cadenza.DATA, "2025-11-11", "è troppo avanti"),
        (Cadenza.DATA, "2013-12-31", "precede l'inizio del periodo"),
        (Cadenza.DATA, "2025-T3", r"Data non valida: .* Scriverla come 30\.09\.2025 oppure"),
    ],
)
def test_a_period_that_does_not_suit_is_refused_with_what_to_do(cadenza, periodo, message):
    with pytest.raises(PeriodError, match=message):
        read(cadenza, periodo)


@pytest.mark.parametrize(
    ("cadenza", "periodo", "code"),
    [
        (Cadenza.BIMESTRE, "settembre-ottobre 2025", "2025-B5"),
        (Cadenza.TRIMESTRE, "3° trimestre 2025", "2025-T3"),
        (Cadenza.TRIMESTRE, "2025-t3", "2025-T3"),
        (Cadenza.ANNO, "Anno 2024", "2024"),
    ],
)
def test_a_period_may_be_written_in_words(cadenza, periodo, code):
    assert read(cadenza, periodo).testo == code


def test_a_period_ends_with_its_last_day_in_rome():
    still_october = time_machine.travel(datetime(2025, 10, 31, 22, 30, tzinfo=UTC), tick=False)
    with still_october, pytest.raises(PeriodError, match="non è ancora concluso"):  # 23:30
        leggi(Cadenza.BIMESTRE, "2025-B5", provinciale=True)
    with time_machine.travel(datetime(2025, 10, 31, 23, 30, tzinfo=UTC), tick=False):  # 00:30
        assert leggi(Cadenza.BIMESTRE, "2025-B5", provinciale=True).testo == "2025-B5"


def test_a_day_is_read_when_it_has_ended_in_rome():
    today = time_machine.travel(datetime(2025, 10, 31, 22, 30, tzinfo=UTC), tick=False)
    with today, pytest.raises(PeriodError, match=r"al più tardi 30\.10\.2025"):  # 23:30
        leggi(Cadenza.DATA, "2025-10-31", provinciale=False)
    with time_machine.travel(datetime(2025, 10, 31, 23, 30, tzinfo=UTC), tick=False):  # 00:30
        assert leggi(Cadenza.DATA, "2025-10-31", provinciale=False).al == date(2025, 10, 31)


def test_an_unknown_provincia_is_not_there_and_the_known_ones_are_named():
    with pytest.raises(NotThere, match="«XX» non esiste: scegliere fra BG, BS, CO"):
        read(Cadenza.BIMESTRE, "2025-B5", "XX")


def test_a_report_of_the_region_takes_no_provincia():
    with pytest.raises(BadInput, match="solo regionale"):
        read(Cadenza.ANNO, "2024", "BG")


@pytest.mark.parametrize(
    ("cadenza", "periodo"),
    [(Cadenza.BIMESTRE, "2030-B5"), (Cadenza.ANNO, "2030"), (Cadenza.DATA, "2030-09-30")],
)
def test_what_was_stored_is_read_again_without_asking_the_clock(cadenza, periodo):
    assert riletti(cadenza, periodo, "BG").testo == periodo
