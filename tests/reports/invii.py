"""Mails of the outbox, and what became of them."""

from django.utils import timezone

from porfse.models import AuditEvent, User
from reports.models import Edizione, Invio
from reports.services.consegna import PAUSE

ADDRESS = "bergamo@esempio.invalid"


def make_invio(edizione: Edizione, by: User, stato: str = "in_coda", **fields) -> Invio:
    values = {"edizione": edizione, "email": ADDRESS, "nome": "Nucleo", "richiesto_da": by}
    return Invio.objects.create(stato=stato, **values | fields)


def again(invio: Invio) -> Invio:
    return Invio.objects.get(pk=invio.pk)


def make_due(invio: Invio) -> None:
    """Let pass the time until a mail is tried again."""
    ago = timezone.now() - PAUSE[again(invio).tentativi - 1]
    Invio.objects.filter(pk=invio.pk).update(aggiornato_il=ago)


def outcomes(edizione: Edizione) -> list[tuple[str, dict[str, object]]]:
    """What the register says became of the mails of an edition."""
    actions = ("report.inviato", "report.non_inviato")
    events = AuditEvent.objects.filter(action__in=actions, object_id=str(edizione.pk))
    return list(events.order_by("pk").values_list("action", "details"))
