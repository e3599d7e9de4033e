"""Asking for a mail, and for one that failed again: to exactly whom a person saw, and once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import TestCase
from django.utils import timezone

from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.local.processes import wait_until
from porfse.models import AuditEvent
from reports.models import Destinatario, Edizione, Invio
from reports.services import consegna, invii
from reports.services.consegna import da_curare
from tests.factories.reports import make_edizione
from tests.reports.invii import ADDRESS, again, make_invio
from tests.reports.queue import broker
from tests.threads import at_once

pytestmark = pytest.mark.django_db


# --- Asking -------------------------------------------------------------------------------------
def test_asking_writes_the_mails_and_tells_the_workers_after(
    edizione, by, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as queued:
        (made,) = invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])
    assert (made.stato, made.email, made.nome, made.richiesto_da) == (
        "in_coda", ADDRESS, "Nucleo", by,
    )  # fmt: skip
    assert len(queued) == 1
    event = AuditEvent.objects.get(action="report.invio_chiesto")
    assert (event.object_id, event.details) == (str(edizione.pk), {"destinatari": [ADDRESS]})


@pytest.mark.parametrize("seen", [[], ["altro@esempio.invalid"], [ADDRESS, "altro@x.test"]])
def test_addresses_that_are_no_longer_those_seen_are_refused(edizione, by, seen):
    with pytest.raises(NotNow, match="destinatari sono cambiati"):
        invii.invia(by=by, edizione=edizione, destinatari=seen)
    assert not Invio.objects.exists()


def test_an_edition_goes_once_to_an_address_whatever_its_case(edizione, by):
    invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])
    with pytest.raises(NotNow, match="destinatari sono cambiati"):
        invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])
    Destinatario.objects.update(email=ADDRESS.upper())
    seen = invii.anteprima(edizione)
    assert seen.indirizzi == ()
    assert seen.voci[0].invio.stato == "in_coda"
    with pytest.raises(NotNow, match="nessun destinatario"):
        invii.invia(by=by, edizione=edizione, destinatari=[])
    Destinatario.objects.create(provincia_id="BG", nome="B", email="b@esempio.invalid")
    assert invii.anteprima(edizione).indirizzi == ("b@esempio.invalid",)


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore"])
def test_only_who_may_send_sends(user, edizione, role):
    person = user(role, provincia_id="BG" if role == "nucleo" else None)
    with pytest.raises(PermissionDenied):
        invii.invia(by=person, edizione=edizione, destinatari=[ADDRESS])


def test_what_a_person_may_not_see_is_not_there(edizione, by, prova):
    prova.permesso = prova.permesso_provincia = "porfse.manage_users"
    with pytest.raises(NotThere):
        invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_sends(prova, user):
    Destinatario.objects.create(provincia_id="BG", nome="A", email=ADDRESS)
    edizione, by = make_edizione(prova, "pubblicata", provincia="BG"), user("gestore")
    told = at_once(*[lambda: invii.invia(by=by, edizione=edizione, destinatari=[ADDRESS])] * 2)
    (sent,) = (each for each in told if not isinstance(each, NotNow))
    assert len(sent) == 1
    assert Invio.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_editions_are_locked_in_the_order_in_which_they_are_asked_for(prova, user):
    first = make_edizione(prova, "pubblicata", provincia="BG")
    region = make_edizione(prova, "pubblicata")  # the higher key, and yet the first
    by, refused = user("gestore"), []

    def run() -> None:
        try:
            invii.invia_insieme(by=by, destinatari={first.pk: [], region.pk: []})
        except NotNow as told:
            refused.append(told.status)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        Edizione.objects.select_for_update(of=("self",)).get(pk=region.pk)
        thread.start()
        wait_until(somebody_waits, seconds=10)
        Edizione.objects.select_for_update(of=("self",), nowait=True).get(pk=first.pk)
    thread.join()
    assert refused == [409]


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] == 1


# --- Sending again ------------------------------------------------------------------------------
def test_a_mail_that_failed_is_sent_again_and_it_is_recorded(edizione, by, server):
    failed = make_invio(edizione, by, "fallito", errore="Rifiutato.", tentativi=7)
    invii.ripeti(by=by, invio=failed)
    waiting = again(failed)
    assert (waiting.stato, waiting.errore, waiting.tentativi) == ("in_coda", "", 0)
    event = AuditEvent.objects.get(action="report.invio_ripetuto")
    assert event.details == {
        "destinatario": ADDRESS, "esito": "non inviato", "errore": "Rifiutato.",
    }  # fmt: skip
    assert consegna.consegna(failed.pk) is True
    assert server.indirizzi == [ADDRESS]


@pytest.mark.parametrize("stato", ["in_coda", "da_riprovare", "inviato"])
def test_what_waits_or_was_sent_is_not_sent_again(edizione, by, stato):
    sent = timezone.now() if stato == "inviato" else None
    mail = make_invio(edizione, by, stato, inviato_il=sent)
    with pytest.raises(NotNow, match="si ripete solo"):
        invii.ripeti(by=by, invio=mail, forse_arrivato=True)
    assert again(mail).stato == stato


def test_a_mail_whose_sender_was_stopped_waits_for_a_person(edizione, by):
    with time_machine.travel(datetime(2026, 1, 5, 8, tzinfo=UTC), tick=False) as clock:
        mail = make_invio(edizione, by, "in_invio", tentativi=1)
        assert consegna.consegna(mail.pk) is False
        with pytest.raises(NotNow, match="si ripete solo"):  # its sender may be alive
            invii.ripeti(by=by, invio=mail, forse_arrivato=True)
        clock.shift(timedelta(minutes=31))
        with pytest.raises(NotNow, match="può essere già arrivato"):
            invii.ripeti(by=by, invio=mail)
        invii.ripeti(by=by, invio=mail, forse_arrivato=True)
    assert again(mail).stato == "in_coda"
    event = AuditEvent.objects.get(action="report.invio_ripetuto")
    assert event.details["esito"] == "non noto"


def test_a_corrected_edition_is_not_sent_again(prova, edizione, by):
    failed = make_invio(edizione, by, "fallito")
    make_edizione(
        prova, "pubblicata", provincia="BG", edizione=2, rettifica=edizione, errata="Corretto"
    )
    with pytest.raises(NotNow, match="rettificato"):
        invii.ripeti(by=by, invio=failed)


def test_sending_again_is_of_who_may_send(edizione, by, user):
    failed = make_invio(edizione, by, "fallito")
    with pytest.raises(PermissionDenied):
        invii.ripeti(by=user("lettore"), invio=failed)


def test_what_a_person_may_not_see_is_not_sent_again(prova, edizione, by):
    failed = make_invio(edizione, by, "fallito")
    prova.permesso = prova.permesso_provincia = "porfse.manage_users"
    with pytest.raises(NotThere):
        invii.ripeti(by=by, invio=failed)
    with pytest.raises(NotNow, match="Nessun messaggio"):
        invii.ripeti_tutti(by=by)
    assert again(failed).stato == "fallito"


def test_to_an_address_that_was_deactivated_nothing_is_sent_again(edizione, by):
    failed = make_invio(edizione, by, "fallito")
    Destinatario.objects.update(attivo=False)
    with pytest.raises(NotNow, match="tolto o disattivato"):
        invii.ripeti(by=by, invio=failed)
    assert again(failed).stato == "fallito"


def test_all_that_failed_and_are_wanted_are_sent_again_at_once(prova, edizione, by):
    region = make_edizione(prova, "pubblicata")
    Destinatario.objects.create(provincia=None, nome="R", email="re@x.test")
    failed = [
        make_invio(edizione, by, "fallito", errore="Rifiutato.", tentativi=7),
        make_invio(region, by, "fallito", email="RE@x.test", tentativi=1),
    ]
    gone = make_invio(edizione, by, "fallito", email="via@x.test", errore="Rifiutato.")
    unsure = make_invio(region, by, "in_invio", email="x@x.test", errore=consegna.INCERTO)
    with broker() as queued, TestCase.captureOnCommitCallbacks(execute=True):
        assert invii.ripeti_tutti(by=by) == failed
        assert queued() == []
    for mail in failed:
        assert (again(mail).stato, again(mail).errore, again(mail).tentativi) == ("in_coda", "", 0)
    assert (again(gone).stato, again(unsure).stato) == ("fallito", "in_invio")
    events = AuditEvent.objects.filter(action="report.invio_ripetuto").order_by("pk")
    assert [event.details["destinatario"] for event in events] == [ADDRESS, "RE@x.test"]
    assert {event.actor for event in events} == {by}
    with pytest.raises(NotNow, match="Nessun messaggio non riuscito"):
        invii.ripeti_tutti(by=by)


def test_sending_all_again_is_of_who_may_send(edizione, by, user):
    make_invio(edizione, by, "fallito")
    with pytest.raises(PermissionDenied):
        invii.ripeti_tutti(by=user("lettore"))


# --- What asks for attention --------------------------------------------------------------------
def wanted() -> list[Invio]:
    return list(Invio.objects.filter(da_curare()))


def test_what_failed_is_to_be_seen_to_until_it_is_overtaken(prova, edizione, by):
    failed = make_invio(edizione, by, "fallito", email=ADDRESS.upper())
    assert wanted() == [failed]
    Destinatario.objects.update(attivo=False)
    assert wanted() == []
    Destinatario.objects.update(attivo=True, provincia="MI")
    assert wanted() == []
    Destinatario.objects.update(provincia="BG")
    assert wanted() == [failed]
    make_edizione(
        prova, "pubblicata", provincia="BG", edizione=2, rettifica=edizione, errata="Corretto"
    )
    assert wanted() == []


@pytest.mark.parametrize(
    ("other", "minutes", "left"),
    [
        ({"stato": "inviato"}, 1, False),
        ({"stato": "inviato"}, -1, True),  # asked for together with the one that failed
        ({"stato": "in_coda"}, 1, True),
        ({"stato": "inviato", "nome": "Altro ufficio"}, 1, True),
    ],
)
def test_who_has_had_the_edition_since_at_another_address_wants_it_no_more(
    edizione, by, other, minutes, left
):
    failed = make_invio(edizione, by, "fallito")
    sent = timezone.now() if other["stato"] == "inviato" else None
    mail = make_invio(edizione, by, email="giusto@x.test", inviato_il=sent, **other)
    moment = failed.aggiornato_il + timedelta(minutes=minutes)
    Invio.objects.filter(pk=mail.pk).update(richiesto_il=moment)
    assert (failed in wanted()) is left


def test_a_regional_mail_that_failed_is_to_be_seen_to_outside_the_demonstration_if_it_is_real(
    prova, by, settings
):
    Destinatario.objects.create(provincia=None, nome="R", email=ADDRESS)
    real = make_invio(make_edizione(prova, "pubblicata"), by, "fallito")
    prova.esempio = True
    example = make_invio(make_edizione(prova, "pubblicata", periodo="2025-B4"), by, "fallito")
    assert wanted() == [example, real]
    settings.DEMO = False
    assert wanted() == [real]
