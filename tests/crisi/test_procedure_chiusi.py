"""A quarter that was sent or approved stays as it is, whatever becomes of the procedures in it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from crisi.models import Procedura, UnitaProduttiva
from crisi.services.chiusi import RigaChiusa, closed_rows, quarters_kept
from porfse.models import User
from tests.crisi.test_procedure_form import as_sent, change_of, client_of, row_of, text_of
from tests.factories.crisi import (
    make_monitoraggio,
    make_nucleo,
    make_pal,
    make_procedura,
    make_unita,
)
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
SENT = {"trasmesso_il": timezone.now()}
TODAY = timezone.localdate()
CLOSED = [
    {"stato": "trasmesso", **SENT},
    {"stato": "validato", **SENT},
    {"stato": "validato", "riaperto_fino_al": TODAY - timedelta(days=1), **SENT},
]
OPEN = [
    {"stato": "aperto"},
    {"stato": "compilato"},
    {"stato": "restituito", **SENT},
    {"stato": "validato", "riaperto_fino_al": TODAY, **SENT},
]
KEPT = "cambierebbe i dati PAL di un trimestre chiuso, e non è stata salvata"
ENDED = {"data_fine": "2025-06-30"}


@pytest.fixture
def nucleo():
    return client_of(make_nucleo("BG"))


def reported(**quarter: object) -> UnitaProduttiva:
    """A site of a CIGS from 1 March 2025 with its row in 2025-T3, whose state is given."""
    site = make_unita("BG", codice="U1")
    make_pal(site)
    make_monitoraggio(**quarter)
    return site


def stands(procedura: Procedura) -> tuple:
    return Procedura.objects.values_list(
        "tipo", "data_avvio", "data_fine", "stato", "versione"
    ).get(pk=procedura.pk)


# --- What counts ---------------------------------------------------------------------------------
@pytest.mark.parametrize("quarter", CLOSED)
def test_the_rows_of_a_closed_quarter_are_found(quarter):
    site = reported(**quarter)
    make_pal(site, "2025-T2")
    other = make_unita("LO", procedura=site.procedura)
    make_pal(other)
    assert closed_rows([site.procedura_id]) == {
        RigaChiusa("2025-T3", "BG", site.pk, "CIGS_MIN", attesa=True)
    }


@pytest.mark.parametrize("quarter", OPEN)
def test_the_rows_of_an_open_quarter_may_change(nucleo, quarter):
    site = reported(**quarter)
    assert closed_rows([site.procedura_id]) == frozenset()
    answer = nucleo.post(change_of(site.procedura), as_sent(site.procedura, row_of(site), **ENDED))
    assert answer.status_code == 302


def test_what_counts_nowhere_is_not_found():
    site = reported(**CLOSED[0])
    site.avanzamenti.update(sostituito_il=timezone.now())
    assert closed_rows([site.procedura_id]) == frozenset()
    site.avanzamenti.update(sostituito_il=None)
    Procedura.objects.update(stato="ritirata")
    assert closed_rows([site.procedura_id]) == frozenset()


def test_the_rows_of_many_procedures_are_found_with_as_many_queries(django_assert_num_queries):
    site = reported(**CLOSED[0])
    for _ in range(5):
        make_pal(make_unita("BG"))
    every = list(Procedura.objects.values_list("pk", flat=True))
    with django_assert_num_queries(2):
        assert len(closed_rows(every)) == 6
    with django_assert_num_queries(2):
        assert len(closed_rows([site.procedura_id])) == 1
    with django_assert_num_queries(0):
        assert closed_rows([]) == frozenset()


def test_a_change_of_many_is_held_to_what_was_counted():
    site, sistema = reported(**CLOSED[0]), User.objects.sistema()
    with quarters_kept([site.procedura_id], by=sistema):
        Procedura.objects.update(causale="Altra")
    with (
        pytest.raises(ValidationError, match="Il 3° trimestre 2025 di BG è stato trasmesso"),
        quarters_kept([site.procedura_id], by=sistema),
    ):
        UnitaProduttiva.objects.update(comune="098031")


# --- What a nucleo does ---------------------------------------------------------------------------
@pytest.mark.parametrize("quarter", CLOSED)
@pytest.mark.parametrize(
    "fields",
    [
        ENDED,
        {"data_avvio": "2025-10-01"},
        {"tipo_linea": "LIC-D"},
        {"tipo_linea": "CIGS_REG-B"},
    ],
)
def test_a_correction_does_not_change_a_closed_quarter(nucleo, quarter, fields):
    site = reported(**quarter)
    before = stands(site.procedura)
    answer = nucleo.post(change_of(site.procedura), as_sent(site.procedura, row_of(site), **fields))
    assert answer.status_code == 400
    assert KEPT in text_of(answer)
    assert "Il 3° trimestre 2025 di BG è" in text_of(answer)
    assert stands(site.procedura) == before


@pytest.mark.parametrize(
    "fields",
    [{"causale": "Altra"}, {"data_fine": "2025-07-01"}, {"data_avvio": "2025-09-30"}],
)
def test_what_leaves_the_closed_quarter_as_it_is_goes_on(nucleo, fields):
    site = reported(**CLOSED[0])
    body = as_sent(site.procedura, row_of(site, comune="Treviglio", lavoratori="9"), **fields)
    assert nucleo.post(change_of(site.procedura), body).status_code == 302
    site.refresh_from_db()
    assert (site.comune.nome, site.lavoratori) == ("Treviglio", 9)


def test_the_conclusion_before_a_closed_quarter_is_refused(nucleo):
    site = reported(**CLOSED[1])
    url = f"{site.procedura.get_absolute_url()}concludi/"
    answer = nucleo.post(url, {"versione": "1", **ENDED})
    assert answer.status_code == 400
    assert KEPT in text_of(answer)
    assert "Il 3° trimestre 2025 di BG è validato e chiuso." in text_of(answer)
    assert stands(site.procedura)[2:] == (None, "aperta", 1)
    assert nucleo.post(url, {"versione": "1", "data_fine": "2025-07-01"}).status_code == 302


def test_what_a_closed_quarter_counts_is_not_withdrawn(nucleo):
    site = reported(**CLOSED[0])
    url = f"{site.procedura.get_absolute_url()}ritira/"
    answer = nucleo.post(url, {"versione": "1", "motivo": "Doppione"})
    assert answer.status_code == 400
    assert KEPT in text_of(answer)
    assert stands(site.procedura)[3:] == ("aperta", 1)


def test_what_was_withdrawn_does_not_come_back_into_a_closed_quarter(nucleo):
    site = reported(**CLOSED[0])
    Procedura.objects.update(stato="ritirata")
    url = f"{site.procedura.get_absolute_url()}riapri/"
    answer = nucleo.post(url, {"versione": "1", "motivo": "Errore"})
    assert answer.status_code == 400
    assert KEPT in text_of(answer)
    assert stands(site.procedura)[3:] == ("ritirata", 1)


def test_a_quarter_closed_for_another_nucleo_stays_too(nucleo):
    procedura = make_procedura()
    site = make_unita("BG", procedura=procedura)
    make_pal(make_unita("LO", procedura=procedura))
    make_monitoraggio("LO", **CLOSED[0])
    answer = nucleo.post(change_of(procedura), as_sent(procedura, row_of(site), **ENDED))
    assert answer.status_code == 400
    assert "Il 3° trimestre 2025 di LO è stato trasmesso" in text_of(answer)
    assert stands(procedura)[2] is None


# --- What the page says ---------------------------------------------------------------------------
def test_the_page_names_the_closed_quarters_that_one_may_see(nucleo):
    site = reported(**CLOSED[0])
    url = site.procedura.get_absolute_url()
    make_pal(make_unita("LO", procedura=site.procedura), "2025-T2")
    make_monitoraggio("LO", "2025-T2", **CLOSED[1])
    make_monitoraggio("BG", "2025-T1", **CLOSED[1])
    own, everything = text_of(nucleo.get(url)), text_of(client_of(make_user("lettore")).get(url))
    assert "<li>3° trimestre 2025, Bergamo: trasmesso</li></ul>" in own
    assert "<li>3° trimestre 2025, Bergamo: trasmesso</li>" in everything
    assert "<li>2° trimestre 2025, Lodi: validato</li></ul>" in everything


@pytest.mark.parametrize("quarter", OPEN)
def test_no_quarter_is_called_closed_that_is_not(nucleo, quarter):
    url = reported(**quarter).procedura.get_absolute_url()
    assert "Trimestri chiusi" not in text_of(nucleo.get(url))
