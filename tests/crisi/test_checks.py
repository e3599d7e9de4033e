"""The checks of a quarter: what breaks each, what does not, and who sees it."""

from datetime import date

import pytest

from crisi.checks import GRAVITA, TITOLI, segnalazioni
from crisi.models import UnitaProduttiva
from crisi.services.history import record_version
from porfse.models import User
from porfse.periods import Periodo
from tests.factories.crisi import make_nucleo, make_pal, make_procedura, make_unita

QUARTER = Periodo(2025, 3, 3)


@pytest.fixture
def region(user):
    return user("gestore")


def found(user, **asked) -> list[tuple]:
    asked.setdefault("trimestre", QUARTER)
    return [
        (each.codice, each.provincia, each.unita_id) for each in segnalazioni(user=user, **asked)
    ]


def test_a_quiet_quarter_has_nothing_to_report(region):
    site = make_unita("BG", 10)
    make_pal(site, "2025-T2", step4=2)
    make_pal(site, step1=3, step4=2, no_pal=5)
    assert found(region) == []


def test_every_code_has_a_title_and_a_severity():
    assert set(GRAVITA) == set(TITOLI) == {"W301", "W302", "W303", "W304", "W305"}
    assert set(GRAVITA.values()) <= {"alta", "media", "bassa"}


def test_w301_steps_and_exempted_beyond_the_workers_of_the_site(region):
    make_pal(make_unita("BG", 10), sospesi=11, step1=6, no_pal=4)
    beyond = make_unita("BG", 10, azienda=None, codice="U7")
    make_pal(beyond, sospesi=12, step1=6, step4=1, no_pal=4)
    make_pal(make_unita("BG", None), sospesi=50, step1=50)  # not known is no limit
    (only,) = segnalazioni(user=region, trimestre=QUARTER)
    assert (only.codice, only.gravita, only.unita_id) == ("W301", "alta", beyond.pk)
    assert only.testo == (
        f"{beyond.procedura.azienda}, unità U7, Bergamo (BG): nei passi e fra gli esonerati"
        " ci sono 11 lavoratori, l'unità ne ha 10."
    )


def test_w301_of_a_single_worker_is_said_so(region):
    make_pal(make_unita("BG", 0), sospesi=1, step1=1)
    (only,) = segnalazioni(user=region, trimestre=QUARTER)
    assert only.testo.endswith("fra gli esonerati c'è 1 lavoratore, l'unità ne ha 0.")


@pytest.mark.parametrize(
    ("before", "now", "reported"),
    [
        (10, 15, False),  # by half exactly
        (10, 16, True),
        (10, 5, False),
        (10, 4, True),
        (0, 1, True),
        (0, 0, False),
        (None, 9, False),
        (9, None, False),
    ],
)
def test_w302_suspended_workers_changed_by_more_than_half(region, before, now, reported):
    site = make_unita("BG", 100)
    make_pal(site, "2025-T2", sospesi=before)
    make_pal(site, sospesi=now)
    assert found(region) == ([("W302", "BG", site.pk)] if reported else [])


def test_w302_holds_the_rows_in_force_against_each_other(region):
    site = make_unita("BG", 100)
    make_pal(site, "2025-T2", sospesi=1, sostituito_il="2025-07-20T10:00Z")
    make_pal(site, "2025-T2", sospesi=20)
    make_pal(site, sospesi=90, sostituito_il="2025-10-20T10:00Z")
    make_pal(site, sospesi=21)
    assert found(region) == []


def enlarged(site: UnitaProduttiva, workers: int | None, by: User) -> None:
    """Change the workers of a site as the forms do."""
    UnitaProduttiva.objects.filter(pk=site.pk).update(lavoratori=workers)
    site.procedura.versione += 1
    site.procedura.save(update_fields=["versione"])
    record_version(site.procedura, by=by)


def test_w302_workers_of_the_site_changed_since_the_quarter_began(region, time_machine):
    time_machine.move_to("2025-06-30T23:30+02:00")
    halved, steady, unknown, late = (make_unita("BG", number) for number in (21, 21, None, 21))
    for site in (halved, steady, unknown):
        record_version(site.procedura, by=region)
    time_machine.move_to("2025-07-01T00:30+02:00")
    record_version(late.procedura, by=region)  # nothing is known of it before the quarter
    time_machine.move_to("2025-08-01T10:00+02:00")
    for site, workers in ((halved, 10), (steady, 11), (unknown, 40), (late, 1)):
        enlarged(site, workers, region)
    (only,) = segnalazioni(user=region, trimestre=QUARTER)
    assert (only.codice, only.unita_id) == ("W302", halved.pk)
    assert only.testo.endswith(
        "i lavoratori dell'unità erano 21 all'inizio del 3° trimestre 2025, ora sono 10."
    )
    assert segnalazioni(user=make_nucleo("MI"), trimestre=QUARTER) == []


def test_w303_active_policies_of_a_procedure_that_had_ended(region):
    late = make_unita("BG", 10, data_fine=date(2025, 6, 30))
    make_pal(late)
    make_pal(make_unita("BG", 10, data_fine=date(2025, 7, 1)))
    (only,) = segnalazioni(user=region, trimestre=QUARTER)
    assert (only.codice, only.unita_id) == ("W303", late.pk)
    assert only.testo.endswith("ha una riga di PAL, ma la procedura è finita il 30.06.2025.")


def test_w304_the_share_of_a_provincia_falls(region):
    for sigla, before, now in (("BG", 4, 3), ("SO", 3, 3), ("MI", 3, 4)):
        site = make_unita(sigla, 10)
        make_pal(site, "2025-T2", step4=before)
        make_pal(site, step4=now)
    (only,) = segnalazioni(user=region, trimestre=QUARTER)
    assert (only.codice, only.provincia, only.unita_id) == ("W304", "BG", None)
    assert only.testo == (
        "Provincia BG: la quota di lavoratori attivati (STEP 4 sui sospesi) scende dal 40,0%"
        " al 30,0%."
    )


def test_w304_keeps_examples_apart_and_leaves_out_what_is_not_known(region):
    for example, before, now in ((False, 2, 2), (True, 5, 1)):
        site = make_unita("BG", 10, esempio=example)
        make_pal(site, "2025-T2", step4=before)
        make_pal(site, step4=now)
    blank = make_unita("BG", 10)
    make_pal(blank, "2025-T2", step4=9)
    make_pal(blank, step4=None)
    reported = segnalazioni(user=region, trimestre=QUARTER)
    # The blank one counts in the second quarter of 2025 alone: 11 of 20, then 2 of 10.
    assert [(each.codice, each.esempio) for each in reported] == [("W304", False), ("W304", True)]


def test_w305_numbers_sent_by_the_nucleo_of_another_provincia(region):
    milan = make_nucleo("MI")
    moved = make_unita("BG", 10)
    make_pal(moved, autore=milan)
    make_pal(make_unita("MI", 10), autore=milan)
    make_pal(make_unita("MI", 10), autore=region)  # who is of no nucleo loads for all
    (only,) = segnalazioni(user=region, trimestre=QUARTER)
    assert (only.codice, only.provincia, only.unita_id) == ("W305", "BG", moved.pk)
    assert "i dati sono del Nucleo di Milano" in only.testo


def test_withdrawn_procedures_are_not_looked_at(region):
    make_pal(make_unita("BG", 1, stato="ritirata"), sospesi=5, step1=5)
    assert found(region) == []


def test_a_nucleo_is_told_of_its_own_sites_alone(region, user):
    procedure = make_procedura()
    sites = [make_unita(sigla, 1, procedura=procedure) for sigla in ("BG", "MI")]
    for site in sites:
        make_pal(site, sospesi=5, step1=5)
    bergamo, milan = (
        ("W301", sigla, site.pk) for sigla, site in zip(("BG", "MI"), sites, strict=True)
    )
    assert found(make_nucleo("BG")) == [bergamo]
    assert found(make_nucleo("BG"), provincia="MI") == []
    assert found(user("operatore")) == []
    assert sorted(found(region)) == sorted([bergamo, milan])
    assert found(region, provincia="MI") == [milan]


@pytest.mark.parametrize("sites", [1, 5])
def test_the_queries_are_three_whatever_there_is(region, django_assert_num_queries, sites):
    for _ in range(sites):
        site = make_unita("BG", 5, data_fine=date(2025, 4, 1))
        make_pal(site, "2025-T2", step4=3)
        make_pal(site, sospesi=50, step1=50, autore=make_nucleo("MI"))
    region.has_perm("crisi.view_regione")  # its roles are read once in a request
    with django_assert_num_queries(3):
        reported = found(region)
    assert [code for code, *_ in reported].count("W301") == sites
    assert len(reported) == 4 * sites + 1


def test_without_a_quarter_it_is_the_one_that_ended_last(region, time_machine):
    site = make_unita("BG", 1)
    make_pal(site, "2025-T3", sospesi=5, step1=5)
    time_machine.move_to("2025-10-01T00:30+02:00")
    assert [each.trimestre for each in segnalazioni(user=region)] == ["2025-T3"]
    time_machine.move_to("2025-09-30T23:30+02:00")
    assert segnalazioni(user=region) == []
