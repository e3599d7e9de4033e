"""Reminders of the quarters by mail: each nucleo of its own, each kind once for a day."""

import logging
from datetime import date, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from crisi.models import MonitoraggioTrimestrale, PassaggioTrimestre, Promemoria
from crisi.scope import EDIT
from crisi.trimestri import Copertura, coverage, days_late, open_until, stato_words
from porfse.models import User
from porfse.periods import italian
from porfse.roles import ROLES

log = logging.getLogger(__name__)
Genere = Promemoria.Genere
Stato = MonitoraggioTrimestrale.Stato
_LOST = timedelta(hours=1)  # no run lasts so long
OGGETTI = {
    Genere.PRIMA: "da trasmettere entro il {giorno}",
    Genere.GIORNO: "scade oggi",
    Genere.DOPO: "scaduto il {giorno}",
    Genere.RESTITUITO: "restituito il {giorno}, da completare e trasmettere di nuovo",
    Genere.RIAPERTO: "riaperto fino al {giorno}",
}
# A quarter that came back before its term.
OGGETTI_RESTITUITO = {
    Genere.PRIMA: "restituito, da trasmettere di nuovo entro il {giorno}",
    Genere.GIORNO: "restituito, il termine scade oggi",
}


class NotSent(Exception):
    """Some reminders could not be sent; they are to be tried again."""


def due(monitoraggio: MonitoraggioTrimestrale, oggi: date) -> tuple[Genere, date] | None:
    """Return which reminder a day is for, and the day that it tells of; None if for none.

    A day that was missed is made up on the next.
    """
    days = timedelta(days=settings.CRISI_PROMEMORIA_PRIMA)
    if monitoraggio.stato == Stato.VALIDATO:
        last = open_until(monitoraggio, oggi)
        return (Genere.RIAPERTO, last) if last and oggi >= last - days else None
    entro = monitoraggio.entro
    if oggi > entro:
        back = _returned(monitoraggio)
        # Who sent it in time is not late because it came back.
        return (Genere.RESTITUITO, timezone.localdate(back.il)) if back else (Genere.DOPO, entro)
    if oggi == entro:
        return Genere.GIORNO, entro
    return (Genere.PRIMA, entro) if oggi >= entro - days else None


def send_due(oggi: date) -> int:
    """Send what is due on a day and was not sent yet; return how many mails went out.

    Each mail stands or falls alone: a failure is written down, and the others go on.

    Raises:
        NotSent: some failed.
    """
    sent, failed = 0, []
    for pk in _waiting(oggi).values_list("pk", flat=True):
        try:
            sent += _send(pk, oggi)
        except (SMTPException, OSError):
            log.exception("promemoria del monitoraggio %s non inviato", pk)
            failed.append(pk)
    if failed:
        raise NotSent(f"promemoria non inviati: {len(failed)}")
    return sent


def _waiting(oggi: date) -> QuerySet[MonitoraggioTrimestrale]:
    """The quarters that a nucleo has yet to send, or may correct for some days."""
    return MonitoraggioTrimestrale.objects.filter(
        Q(stato__in=MonitoraggioTrimestrale.MODIFICABILI) | Q(riaperto_fino_al__gte=oggi)
    ).order_by("pk")


def _send(pk: int, oggi: date) -> bool:
    """Send the reminder of a quarter, if it is due and not sent.

    It is written down first, so that of two runs one alone sends it; no lock is held while the
    server is spoken to. What the server did not take may be tried again.
    """
    claimed = _claim(pk, oggi)
    if claimed is None:
        return False
    note, mail = claimed
    try:
        mail.send()
    except Exception:
        _settle(note, Promemoria.Stato.FALLITO)
        raise
    _settle(note, Promemoria.Stato.INVIATO)
    return True


def _settle(note: Promemoria, stato: Promemoria.Stato) -> None:
    note.stato = stato
    note.save(update_fields=["stato"])


@transaction.atomic
def _claim(pk: int, oggi: date) -> tuple[Promemoria, EmailMessage] | None:
    """Take a reminder upon this run, if it is due and no other has; return it with its mail."""
    monitoraggio = _waiting(oggi).select_for_update().filter(pk=pk).first()
    found = monitoraggio and due(monitoraggio, oggi)
    if not monitoraggio or not found:
        return None
    kind, day = found
    addresses = recipients(monitoraggio.provincia_id)
    if not addresses:
        return None
    note, new = Promemoria.objects.get_or_create(
        monitoraggio=monitoraggio,
        genere=kind,
        scadenza=day,
        # Of two returns on one day, each is told.
        passaggio=_returned(monitoraggio) if kind == Genere.RESTITUITO else None,
        defaults={"destinatari": addresses},
    )
    if not new:
        if note.stato != Promemoria.Stato.FALLITO:
            _report_lost(note)
            return None
        note.stato, note.destinatari = Promemoria.Stato.IN_INVIO, addresses
        note.save()
    return note, message(note, oggi)


def _report_lost(note: Promemoria) -> None:
    """Tell the log of a mail whose sender was stopped on the way: it may have left, or not."""
    if note.stato == Promemoria.Stato.IN_INVIO and timezone.now() - note.preso_il > _LOST:
        log.warning("promemoria %s: non si sa se sia partito, e non si ripete", note.pk)


def recipients(sigla: str) -> list[str]:
    """Return the addresses of the people of a nucleo who are active and have one, in order."""
    editors = [role.slug for role in ROLES if EDIT in role.permissions]
    people = User.objects.filter(is_active=True, provincia=sigla, groups__name__in=editors)
    return sorted(set(people.exclude(email="").values_list("email", flat=True)))


def message(note: Promemoria, oggi: date) -> EmailMessage:
    """Return the mail of a reminder: it tells of this nucleo's quarter alone."""
    monitoraggio, kind = note.monitoraggio, Genere(note.genere)
    back = _returned(monitoraggio)
    subjects = OGGETTI | OGGETTI_RESTITUITO if back else OGGETTI
    cover = coverage(monitoraggio.trimestre).get(monitoraggio.provincia_id, Copertura())
    context = {
        "monitoraggio": monitoraggio,
        "periodo": monitoraggio.periodo,
        "genere": kind,
        "entro": italian(monitoraggio.entro),
        "giorno": italian(note.scadenza),
        "ritardo": days_late(monitoraggio, oggi),
        "copertura": cover,
        "stato": stato_words(monitoraggio, oggi),
        "restituito": back,
        "url": f"{settings.PUBLIC_URL}{monitoraggio.get_absolute_url()}",
    }
    subject = subjects[kind].format(giorno=italian(note.scadenza))
    return EmailMessage(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}Monitoraggio PAL, {monitoraggio}: {subject}",
        render_to_string("crisi/mail/promemoria.txt", context),
        to=note.destinatari,
    )


def _returned(monitoraggio: MonitoraggioTrimestrale) -> PassaggioTrimestre | None:
    """The step by which the Region returned a quarter that has not been sent again."""
    if monitoraggio.stato != Stato.RESTITUITO:
        return None
    return monitoraggio.passaggi.filter(a=Stato.RESTITUITO).last()
