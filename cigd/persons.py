"""The one way to a person's codice fiscale: asked for with a reason, and recorded."""

from django.core.exceptions import ValidationError
from django.db import transaction

from cigd.positions import payment_of
from porfse import audit, roles
from porfse.errors import NotThere
from porfse.models import Flow, User

PERMISSION = "cigd.view_persone"
LONGEST_REASON = 300


@transaction.atomic
def reveal(*, by: User, flusso_id: int, id_pagamento: str, reason: str) -> str:
    """Return the codice fiscale of a payment; that it was seen, by whom and why is recorded.

    The codice fiscale itself never enters the register.

    Raises:
        PermissionDenied: the person may not see who was paid.
        ValidationError: by field: no reason was given.
        NotThere: no acquired flow has such a payment.
    """
    roles.require(by, PERMISSION)
    why = reason.strip()
    if not why:
        raise ValidationError(
            {"motivo": "Indicare il motivo: ogni visione del codice fiscale viene registrata."}
        )
    if len(why) > LONGEST_REASON:
        raise ValidationError({"motivo": f"Il motivo ha al massimo {LONGEST_REASON} caratteri."})
    flow = Flow.objects.filter(pk=flusso_id, stato=Flow.Stato.ACQUISITO).first()
    if flow is None:
        raise NotThere("Il flusso richiesto non è fra quelli acquisiti: sceglierlo dall'elenco.")
    payment = payment_of(flusso_id, id_pagamento)
    audit.record(
        by=by, action="codice_fiscale.visto", on=flow, id_pagamento=id_pagamento, motivo=why
    )
    return payment.codice_fiscale
