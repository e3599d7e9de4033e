"""Reminders of the quarters by mail: each nucleo of its own, each kind once for a due date."""

import logging
from datetime import date, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string

from crisi.models import MonitoraggioTrimestrale, Promemoria
from crisi.scope import EDIT
from crisi.trimestri import days_late, missing, sites_of
from porfse.models import User
from porfse.periods import italian
from porfse.roles import ROLES

log = logging.getLogger(__name__)
Genere = Promemoria.Genere
Stato = MonitoraggioTrimestrale.Stato
OGGETTI = {
    Genere.PRIMA: "da trasmettere entro il {entro}",
    Genere.GIORNO: "scade oggi",
    Genere.DOPO: "scaduto il {entro}",
}


class NotSent(Exception):
    """Some reminders could not be sent; they are to be tried again."""


def kind_of(entro: date, oggi: date) -> Genere | None:
    """Return which reminder a day is for; a day that was missed is made up on the next."""
    if oggi > entro:
        return Genere.DOPO
    if oggi == entro:
        return Genere.GIORNO
    days = settings.CRISI_PROMEMORIA_PRIMA
    return Genere.PRIMA if oggi >= entro - timedelta(days=days) else None


def send_due(oggi: date) -> int:
    """Send what is due on a day and was not sent yet; return how many mails went out.

    Each mail stands or falls alone: a failure is written down, and the others go on.

    Raises:
        NotSent: some failed.
    """
    sent, failed = 0, []
    for pk in _waiting().values_list("pk", flat=True):
        try:
            sent += _send(pk, oggi)
        except (SMTPException, OSError):
            log.exception("promemoria del monitoraggio %s non inviato", pk)
            failed.append(pk)
    if failed:
        raise NotSent(f"promemoria non inviati: {len(failed)}")
    return sent


def _waiting() -> QuerySet[MonitoraggioTrimestrale]:
    """The quarters that a nucleo has yet to send."""
    return MonitoraggioTrimestrale.objects.filter(
        stato__in=(Stato.APERTO, Stato.COMPILATO, Stato.RESTITUITO)
    ).order_by("pk")


@transaction.atomic
def _send(pk: int, oggi: date) -> bool:
    """Send the reminder of a quarter, if it is due and not sent.

    The quarter is held meanwhile, so that two runs come one after the other; the note that the mail
    went out is kept only if the server has taken it.
    """
    monitoraggio = _waiting().select_for_update().filter(pk=pk).first()
    kind = monitoraggio and kind_of(monitoraggio.entro, oggi)
    if not monitoraggio or not kind:
        return False
    which = {"monitoraggio": monitoraggio, "genere": kind, "scadenza": monitoraggio.entro}
    addresses = recipients(monitoraggio.provincia_id)
    if not addresses or Promemoria.objects.filter(**which).exists():
        return False
    Promemoria.objects.create(**which, destinatari=addresses)
    message(monitoraggio, kind, addresses, oggi).send()
    return True


def recipients(sigla: str) -> list[str]:
    """Return the addresses of the people of a nucleo who are active and have one, in order."""
    editors = [role.slug for role in ROLES if EDIT in role.permissions]
    people = User.objects.filter(is_active=True, provincia=sigla, groups__name__in=editors)
    return sorted(set(people.exclude(email="").values_list("email", flat=True)))


def message(
    monitoraggio: MonitoraggioTrimestrale, kind: Genere, addresses: list[str], oggi: date
) -> EmailMessage:
    """Return the mail of a reminder: it tells of this nucleo's quarter alone."""
    due = italian(monitoraggio.entro)
    subject = OGGETTI[kind].format(entro=due)
    context = {
        "monitoraggio": monitoraggio,
        "periodo": monitoraggio.periodo,
        "genere": kind,
        "entro": due,
        "ritardo": days_late(monitoraggio, oggi),
        "attese": sites_of(monitoraggio).count(),
        "mancanti": missing(monitoraggio).count(),
        "integrazioni": _asked(monitoraggio),
        "url": f"{settings.PUBLIC_URL}{monitoraggio.get_absolute_url()}",
    }
    return EmailMessage(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}Monitoraggio PAL, {monitoraggio}: {subject}",
        render_to_string("crisi/mail/promemoria.txt", context),
        to=addresses,
    )


def _asked(monitoraggio: MonitoraggioTrimestrale) -> str:
    """What the Region asked for when it returned the quarter; blank if it did not."""
    if monitoraggio.stato != Stato.RESTITUITO:
        return ""
    last = monitoraggio.passaggi.filter(a=Stato.RESTITUITO).last()
    return last.motivo if last else ""
