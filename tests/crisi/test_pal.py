"""The rows of active policies: replaced and never changed, whole or not at all."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale, UnitaProduttiva
from crisi.services.pal import ANY, Locked, Riga, save
from crisi.services.procedure import update
from porfse.errors import BadInput, NotThere
from porfse.models import AuditEvent, Flow, User
from programme.services import Conflict
from tests.crisi.test_procedure_at_once import said_of
from tests.factories.crisi import (
    make_monitoraggio,
    make_nucleo,
    make_pal,
    make_procedura,
    make_unita,
)

pytestmark = pytest.mark.django_db
T3 = "2025-T3"


def row(unita, vista=None, **values):
    numbers = {"sospesi": 10, "step1": 1, "step2": 2, "step3": 3, "step4": 4, "no_pal": 0}
    return Riga(unita_id=unita.pk, vista=vista, **numbers | values)


def in_force(unita) -> AvanzamentoPAL | None:
    return AvanzamentoPAL.objects.in_force().filter(unita=unita, trimestre=T3).first()


def stato(provincia="BG") -> str:
    return MonitoraggioTrimestrale.objects.get(provincia=provincia, trimestre=T3).stato


def test_a_correction_is_a_new_row_and_the_earlier_one_stays():
    nucleo, site = make_nucleo(), make_unita()
    make_monitoraggio()
    assert save(by=nucleo, trimestre=T3, rows=[row(site, strumenti=("gol", "dul"))]) == 1
    first = in_force(site)
    assert (first.step4, first.strumenti, first.autore) == (4, ["dul", "gol"], nucleo)
    assert save(by=nucleo, trimestre=T3, rows=[row(site, first.pk, step4=3)]) == 1
    stored = AvanzamentoPAL.objects.filter(unita=site).order_by("pk")
    assert [(item.step4, item.sostituito_il is None) for item in stored] == [(4, False), (3, True)]
    event = AuditEvent.objects.filter(action="pal.salvato").latest("pk")
    assert event.details == {"unita": [site.pk], "tolte": [], "flusso": None}


def test_an_unchanged_row_is_not_written_again():
    nucleo, site = make_nucleo(), make_unita()
    make_monitoraggio()
    save(by=nucleo, trimestre=T3, rows=[row(site, strumenti=("gol",))])
    before = in_force(site)
    assert save(by=nucleo, trimestre=T3, rows=[row(site, before.pk, strumenti=("gol",))]) == 0
    assert AvanzamentoPAL.objects.get() == before
    assert AuditEvent.objects.filter(action="pal.salvato").count() == 1


def test_not_known_is_kept_and_is_not_zero():
    nucleo, site = make_nucleo(), make_unita()
    make_monitoraggio()
    save(by=nucleo, trimestre=T3, rows=[Riga(unita_id=site.pk, sospesi=0)])
    assert (in_force(site).sospesi, in_force(site).step1) == (0, None)


def test_an_empty_row_takes_the_one_in_force_away():
    nucleo, site = make_nucleo(), make_unita()
    make_monitoraggio()
    old = make_pal(site)
    assert save(by=nucleo, trimestre=T3, rows=[Riga(unita_id=site.pk, vista=old.pk)]) == 1
    assert in_force(site) is None
    assert AvanzamentoPAL.objects.get().sostituito_il is not None
    assert save(by=nucleo, trimestre=T3, rows=[Riga(unita_id=site.pk)]) == 0


def test_who_saved_in_between_is_told_and_nothing_is_written():
    nucleo, site, other = make_nucleo(), make_unita(), make_unita()
    make_monitoraggio()
    seen = make_pal(site, step1=1)
    save(by=make_nucleo(), trimestre=T3, rows=[row(site, seen.pk, step1=0)])
    theirs = in_force(site)
    with pytest.raises(Conflict) as told:
        save(by=nucleo, trimestre=T3, rows=[row(site, seen.pk, step2=0), row(other)])
    assert told.value.current == {site.pk: theirs}
    assert in_force(site) == theirs
    assert in_force(other) is None
    assert save(by=nucleo, trimestre=T3, rows=[row(site, theirs.pk, step2=0)]) == 1


def test_a_row_left_as_it_was_seen_does_not_undo_what_another_wrote():
    nucleo, site, other = make_nucleo(), make_unita(), make_unita()
    make_monitoraggio()
    seen = make_pal(site, step1=1)
    save(by=make_nucleo(), trimestre=T3, rows=[row(site, seen.pk)])
    theirs = in_force(site)
    mine = Riga(site.pk, 10, 1, 0, 0, 0, 0, vista=seen.pk)
    assert save(by=nucleo, trimestre=T3, rows=[mine, row(other)]) == 1
    assert in_force(site) == theirs
    assert in_force(other) is not None


def test_a_row_that_nobody_had_written_conflicts_with_one_written_since():
    nucleo, site = make_nucleo(), make_unita()
    make_monitoraggio()
    make_pal(site)
    with pytest.raises(Conflict):
        save(by=nucleo, trimestre=T3, rows=[row(site)])
    assert save(by=nucleo, trimestre=T3, rows=[row(site, ANY)]) == 1


def test_the_row_of_another_site_is_not_what_was_seen():
    nucleo, site, other = make_nucleo(), make_unita(), make_unita()
    make_monitoraggio()
    make_pal(site, step1=1)
    elsewhere = make_pal(other, step1=2)
    with pytest.raises(Conflict):
        save(by=nucleo, trimestre=T3, rows=[row(site, elsewhere.pk)])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sospesi": 9}, "superano i sospesi"),
        ({"step1": -1}, "negativi"),
        ({"strumenti": ("boh",)}, "strumento non previsto"),
        ({"altro_strumento": "Tirocinio"}, "Altro"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(values, words):
    site = make_unita()
    make_monitoraggio()
    with pytest.raises(BadInput, match=words):
        save(by=make_nucleo(), trimestre=T3, rows=[row(site, **values)])
    assert in_force(site) is None


def test_a_person_says_why_workers_are_exempt_and_a_flow_need_not():
    nucleo, site, other = make_nucleo(), make_unita(), make_unita()
    make_monitoraggio()
    exempt = {"step1": 0, "no_pal": 1}
    with pytest.raises(BadInput, match=r"indicare il motivo dell'esonero .* NO PAL \(1\)"):
        save(by=nucleo, trimestre=T3, rows=[row(other), row(site, **exempt)])
    assert not AvanzamentoPAL.objects.exists()
    flow = Flow.objects.create(
        sorgente="pal-trimestrale", nome_file="pal.csv", dimensione=1, caricato_da=nucleo
    )
    assert save(by=nucleo, trimestre=T3, rows=[row(site, ANY, **exempt)], flusso=flow) == 1
    unsaid = in_force(site)
    # What the flow left so does not stop who saves the rest of the grid.
    assert save(by=nucleo, trimestre=T3, rows=[row(site, unsaid.pk, **exempt), row(other)]) == 1
    said = row(site, unsaid.pk, **exempt, motivo_esonero="Pensione")
    assert save(by=nucleo, trimestre=T3, rows=[said]) == 1
    assert in_force(site).motivo_esonero == "Pensione"


@pytest.mark.parametrize(
    "fields", [{"tipo": "LIC"}, {"stato": "ritirata"}, {"data_avvio": date(2025, 10, 1)}]
)
def test_only_cigs_in_corso_report(fields):
    site = make_unita(procedura=make_procedura(**fields))
    make_monitoraggio()
    with pytest.raises(BadInput, match=r"si rilevano|in corso"):
        save(by=make_nucleo(), trimestre=T3, rows=[row(site)])


def test_a_site_comes_once():
    site = make_unita()
    make_monitoraggio()
    with pytest.raises(BadInput, match="due volte"):
        save(by=make_nucleo(), trimestre=T3, rows=[row(site), row(site)])


def test_a_nucleo_writes_its_own_provincia_alone():
    own, other = make_unita("BG"), make_unita("MI")
    make_monitoraggio("BG")
    make_monitoraggio("MI")
    with pytest.raises(NotThere):
        save(by=make_nucleo("BG"), trimestre=T3, rows=[row(own), row(other)])
    assert AvanzamentoPAL.objects.count() == 0


@pytest.mark.parametrize("role", ["gestore", "lettore", "operatore"])
def test_nobody_else_writes_by_hand(user, role):
    site = make_unita()
    make_monitoraggio()
    with pytest.raises(PermissionDenied):
        save(by=user(role), trimestre=T3, rows=[row(site)])


def test_a_flow_of_the_operatore_writes_every_provincia_and_that_of_a_nucleo_its_own(user):
    sites = [make_unita("BG"), make_unita("MI")]
    make_monitoraggio("BG")
    make_monitoraggio("MI")
    operatore, nucleo = user("operatore"), make_nucleo("BG")
    flow = Flow.objects.create(
        sorgente="inps-cigd", nome_file="pal.csv", dimensione=1, caricato_da=operatore
    )
    rows = [row(site, ANY) for site in sites]
    with pytest.raises(NotThere):
        save(by=nucleo, trimestre=T3, rows=rows, flusso=flow)
    assert save(by=operatore, trimestre=T3, rows=rows, flusso=flow) == 2
    assert {item.flusso for item in AvanzamentoPAL.objects.all()} == {flow}


def test_a_quarter_that_is_not_open_refuses():
    site = make_unita()
    with pytest.raises(Locked, match="non è aperto per BG"):
        save(by=make_nucleo(), trimestre=T3, rows=[row(site)])


@pytest.mark.parametrize("state", ["trasmesso", "validato"])
def test_a_quarter_that_was_sent_is_locked(state):
    site = make_unita()
    make_monitoraggio(stato=state, trasmesso_il="2025-10-20T10:00Z")
    with pytest.raises(Locked, match="chiedere all'Autorità"):
        save(by=make_nucleo(), trimestre=T3, rows=[row(site)])
    assert in_force(site) is None


def test_a_reopened_quarter_takes_corrections_to_its_last_day_and_records_them():
    nucleo, site = make_nucleo(), make_unita()
    made = make_monitoraggio(
        stato="validato", trasmesso_il="2025-10-20T10:00Z", riaperto_fino_al=date(2025, 12, 10)
    )
    with time_machine.travel("2025-12-10 22:59Z", tick=False):  # 23:59 in Rome
        assert save(by=nucleo, trimestre=T3, rows=[row(site)]) == 1
    step = made.passaggi.get()
    assert (step.da, step.a, step.autore) == ("validato", "corretto", nucleo)
    assert step.motivo == "Righe corrette nel periodo di riapertura: 1."
    assert stato() == "validato"
    with (
        time_machine.travel("2025-12-10 23:01Z", tick=False),
        pytest.raises(Locked, match=r"terminata il 10\.12\.2025"),
    ):
        save(by=nucleo, trimestre=T3, rows=[row(site, ANY, step1=0)])


def test_the_last_row_makes_the_quarter_compilato_and_taking_one_away_opens_it_again():
    nucleo, sites = make_nucleo(), [make_unita(), make_unita()]
    make_unita("MI")  # of another nucleo
    make_unita(tipo="LIC")  # reports no PAL
    make_unita(data_fine=date(2025, 6, 30))  # ended before the quarter
    made = make_monitoraggio()
    save(by=nucleo, trimestre=T3, rows=[row(sites[0])])
    assert stato() == "aperto"
    save(by=nucleo, trimestre=T3, rows=[row(sites[1])])
    assert stato() == "compilato"
    save(by=nucleo, trimestre=T3, rows=[Riga(unita_id=sites[1].pk, vista=ANY)])
    assert stato() == "aperto"
    assert [(step.da, step.a) for step in made.passaggi.all()] == [
        ("aperto", "compilato"),
        ("compilato", "aperto"),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_one_writes_and_the_other_is_told():
    people, site = [make_nucleo(), make_nucleo()], make_unita()
    make_monitoraggio()
    together, outcomes = threading.Barrier(2), []

    def write(person: User, step1: int) -> None:
        together.wait()
        try:
            outcomes.append(save(by=person, trimestre=T3, rows=[row(site, step1=step1)]))
        except Conflict as conflict:
            outcomes.append(conflict.current[site.pk].autore_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(each, n)) for n, each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = AvanzamentoPAL.objects.get()
    assert sorted(outcomes) == sorted([1, winner.autore_id])


def removal(nucleo: User, site: UnitaProduttiva) -> str:
    """Take a site away as the form of its procedure does; return what it says."""
    procedura = site.procedura
    try:
        update(
            by=nucleo,
            pk=procedura.pk,
            versione=procedura.versione,
            testata=said_of(procedura),
            siti=[],
            tolte=[site.pk],
        )
    except ValidationError as refused:
        return refused.messages[0]
    return "tolta"


def meanwhile(held: Callable[[], object], other: Callable[[], object]) -> object:
    """Do one thing, and before it is committed begin another; return what came of the other."""
    found = []

    def run() -> None:
        try:
            found.append(other())
        except NotThere as refused:
            found.append(refused)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        held()
        thread.start()
        thread.join(0.5)
        assert found == []  # it waits
    thread.join()
    return found[0]


@pytest.mark.django_db(transaction=True)
def test_a_site_whose_numbers_are_being_written_is_not_taken_away():
    nucleo, site = make_nucleo(), make_unita()
    make_unita(procedura=site.procedura)
    make_monitoraggio()
    told = meanwhile(
        lambda: save(by=nucleo, trimestre=T3, rows=[row(site)]), lambda: removal(nucleo, site)
    )
    assert "non si può togliere: ha dati PAL (3° trimestre 2025)" in told
    assert in_force(site) is not None


@pytest.mark.django_db(transaction=True)
def test_numbers_of_a_site_that_is_being_taken_away_are_refused():
    nucleo, site = make_nucleo(), make_unita()
    make_unita(procedura=site.procedura)
    make_monitoraggio()
    told = meanwhile(
        lambda: removal(nucleo, site), lambda: save(by=nucleo, trimestre=T3, rows=[row(site)])
    )
    assert isinstance(told, NotThere)
    assert "è stata tolta dalla sua procedura" in str(told)
    assert not AvanzamentoPAL.objects.exists()
