"""What a worker does with a mail of the outbox: takes it, gives it to the server, writes it down.

No transaction or lock is held while the server is spoken to. What the server does not take now is
taken up when it is due (`dovuti`); what failed for good, or may have left, is left to a person.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from porfse import audit
from reports.models import Destinatario, Edizione, Invio
from reports.services import posta
from reports.services.lettera import messaggio
from reports.services.regole import impedimento, motivo

log = logging.getLogger(__name__)
Stato = Invio.Stato
# After each attempt that the server answered with «later»: two days in all, then a person decides.
PAUSE = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)),
    *(timedelta(hours=4),) * 12,
)
TENTATIVI = len(PAUSE) + 1  # of one request, the first included
INCERTO = (
    "Il server di posta ha avuto il messaggio e non ha confermato: non si sa se lo consegnerà."
)
INTERNO = "Errore interno: il messaggio non è partito. È scritto nel registro del servizio."
_LOST = timedelta(minutes=30)  # longer than a task may last
_REGION = Value("")  # in place of no provincia


def consegna(invio_id: int) -> bool:
    """Send a mail of the outbox, if it is due and nobody else has it; say whether it left.

    It is taken first, so that of two workers one alone sends it.
    """
    invio = _prendi(invio_id)
    if invio is None:
        return False
    try:
        posta.consegna(messaggio(invio))
    except posta.NonConfermato:
        log.warning("invio %s: il server non ha confermato, e non si ripete", invio.pk)
        _annota(invio, Stato.IN_INVIO, INCERTO)
        return False
    except posta.ERRORI as error:
        _non_preso(invio, error)
        return False
    except Exception:
        _annota(invio, Stato.FALLITO, INTERNO)
        raise
    _annota(invio, Stato.INVIATO)
    return True


def smarrito(invio: Invio) -> bool:
    """Say whether it is not known if a mail left: the server did not say, or the sender is gone."""
    if invio.stato != Stato.IN_INVIO:
        return False
    return bool(invio.errore) or timezone.now() - invio.aggiornato_il > _LOST


def smarriti() -> Q:
    """The condition of the mails of the outbox of which `smarrito` holds."""
    late = Q(aggiornato_il__lt=timezone.now() - _LOST)
    return Q(stato=Stato.IN_INVIO) & (~Q(errore="") | late)


def dovuti() -> Q:
    """The condition of the mails that may be taken now: never tried, or tried long enough ago."""
    now, found = timezone.now(), Q(stato=Stato.IN_CODA)
    for done, pause in enumerate(PAUSE, start=1):
        found |= Q(stato=Stato.DA_RIPROVARE, tentativi=done, aggiornato_il__lte=now - pause)
    return found


def da_curare() -> Q:
    """The condition of the mails that did not leave and are still wanted."""
    return Q(stato=Stato.FALLITO) & _attuali()


def da_chiarire() -> Q:
    """The condition of the mails that may not have left and are still wanted."""
    return smarriti() & _attuali()


def _attuali() -> Q:
    """The condition of the mails that nothing has overtaken.

    Not so those of a corrected edition, to an address that gets nothing any more, or to who has had
    the edition since, at another address.
    """
    known = Destinatario.objects.alias(place=Coalesce("provincia", _REGION)).filter(
        attivo=True,
        email__iexact=OuterRef("email"),
        place=Coalesce(OuterRef("edizione__provincia"), _REGION),
    )
    since = Invio.objects.filter(
        stato=Stato.INVIATO,
        edizione=OuterRef("edizione"),
        nome=OuterRef("nome"),
        richiesto_il__gt=OuterRef("aggiornato_il"),
    )
    wanted = Q(edizione__in=Edizione.objects.in_force().values("pk"))
    if not settings.DEMO:
        wanted &= Q(edizione__esempio=False)
    return wanted & Exists(known) & ~Exists(since)


def rifiuto(invio: Invio) -> str:
    """Why a mail must not leave, though it was asked for: things have changed; empty if it may."""
    edizione = invio.edizione
    known = Destinatario.objects.of(edizione).filter(email__iexact=invio.email)
    if not known.exists():
        return "L'indirizzo nel frattempo è stato tolto o disattivato."
    return impedimento(edizione) or motivo(edizione, invio.email)


def _non_preso(invio: Invio, error: posta.Errore) -> None:
    words = posta.parole(error)
    log.warning("invio %s, tentativo %s: %s", invio.pk, invio.tentativi, words)
    last = posta.definitivo(error) or invio.tentativi >= TENTATIVI
    _annota(invio, Stato.FALLITO if last else Stato.DA_RIPROVARE, words)


@transaction.atomic
def _prendi(invio_id: int) -> Invio | None:
    """Take a mail that is due; None if it is not, or must not leave any more."""
    rows = Invio.objects.filter(dovuti()).select_related("edizione__provincia", "richiesto_da")
    invio = rows.select_for_update(of=("self",)).filter(pk=invio_id).first()
    if invio is None:
        return None
    refused = rifiuto(invio)
    if refused:
        _write(invio, Stato.FALLITO, refused)
        return None
    invio.tentativi += 1
    _write(invio, Stato.IN_INVIO, "")
    return invio


def _annota(invio: Invio, stato: Invio.Stato, errore: str = "") -> None:
    """Write the outcome down, unless somebody has decided otherwise in the meantime."""
    with transaction.atomic():
        mine = Invio.objects.select_for_update().filter(
            pk=invio.pk, stato=Stato.IN_INVIO, aggiornato_il=invio.aggiornato_il
        )
        if mine.exists():
            _write(invio, stato, errore)
        else:
            log.warning("invio %s: esito «%s» arrivato dopo un'altra decisione", invio.pk, stato)


def _write(invio: Invio, stato: Invio.Stato, errore: str) -> None:
    invio.stato, invio.errore = stato, errore
    invio.inviato_il = timezone.now() if stato == Stato.INVIATO else None
    invio.save(update_fields=["stato", "errore", "tentativi", "inviato_il", "aggiornato_il"])
    outcomes = {Stato.INVIATO: "report.inviato", Stato.FALLITO: "report.non_inviato"}
    if stato in outcomes:
        audit.record(
            by=invio.richiesto_da, action=outcomes[stato], on=invio.edizione,
            destinatario=invio.email, tentativi=invio.tentativi, errore=errore,
        )  # fmt: skip
