"""What the rest of the product needs of the pool of certifiable expenditure.

`position` says where a payment stands, `cut` is for who verifies; the others are called by what
acquires and cancels flows, in its transaction and while it holds its turn.
"""

from django.db.models import Q
from django.utils import timezone

from cigd.decisions import cut
from cigd.models import (
    ControlloAnnullato,
    ControlloFlusso,
    Lotto,
    Posizione,
    SintesiPool,
    SintesiSegnalazione,
    Spostamento,
    Voce,
)
from cigd.positions import Position, certified_in, position
from cigd.scope import SOURCE
from cigd.states import recoveries, rewrite, start, touching
from cigd.warned import recount
from porfse import audit
from porfse.models import Flow, Fonte, User

__all__ = [
    "Position",
    "cut",
    "forget_example",
    "on_acquired",
    "on_cancelled",
    "position",
    "why_not_cancel",
]

# What these take no more is left to those of the same payments in other flows.
_RECOVERIES_OF_CUT = """
    SELECT r.flusso_id, r.riga FROM cigd_posizione d
    JOIN cigd_pagamento o ON o.flusso_id = d.flusso_id AND o.riga = d.riga
    JOIN cigd_pagamento r ON r.id_pagamento_origine = o.id_pagamento AND r.tipo = 'R'
    WHERE d.taglio > 0 AND r.flusso_id = %s
"""


def on_acquired(flow: Flow) -> None:
    """Take the payments of a flow into the pool: all are to be checked."""
    start(flow.pk)
    recount([flow.pk])


def on_cancelled(flow: Flow) -> None:
    """Take the payments of a flow, and what was decided on them, out of the pool."""
    with touching(_RECOVERIES_OF_CUT, [flow.pk], recoveries):
        Posizione.objects.filter(flusso=flow).delete()
        ControlloFlusso.objects.filter(flusso=flow).delete()
    ControlloAnnullato.objects.filter(flusso=flow).delete()
    _forget_sums(flow)


def why_not_cancel(flow: Flow) -> str:
    """Say why a flow cannot be cancelled, as far as certification goes; empty if it can."""
    batches = certified_in(flow)
    if not batches:
        return ""
    return (
        f"Il flusso ha pagamenti certificati ({batches}): non si annulla più. La spesa"
        " certificata si riduce con i recuperi di un flusso successivo o con un ritiro."
    )


def forget_example(flow: Flow, *, by: User) -> None:
    """Undo all that was tried on the examples: decisions, moves, batches and their movements.

    The movements stay in the ledger, as all do, under sources that are retired.
    """
    flows = Flow.objects.filter(esempio=True)
    over = (Lotto.Stato.ANNULLATO, Lotto.Stato.FALLITO)
    for batch in Lotto.objects.filter(esempio=True).exclude(stato__in=over):
        Voce.objects.filter(lotto=batch).delete()
        Fonte.objects.filter(lotto=batch).update(
            ritirata_il=timezone.now(), ritirata_da=by, motivo_ritiro="Esempio annullato."
        )
        batch.stato, batch.messaggio = Lotto.Stato.ANNULLATO, "Sono arrivati i dati reali."
        batch.save(update_fields=["stato", "messaggio"])
        audit.record(by=by, action="lotto.annullato", on=batch, motivo=batch.messaggio)
    Posizione.objects.filter(Q(flusso__in=flows) | Q(spostamento__esempio=True)).delete()
    Spostamento.objects.filter(esempio=True).delete()
    ControlloFlusso.objects.filter(flusso__in=flows).delete()
    ControlloAnnullato.objects.filter(flusso__in=flows).delete()
    _forget_sums(flow)
    others = Flow.objects.acquired(SOURCE, example=True).exclude(pk=flow.pk)
    left = list(others.values_list("pk", flat=True))
    rewrite(left)
    recount(left)


def _forget_sums(flow: Flow) -> None:
    SintesiPool.objects.filter(flusso=flow).delete()
    SintesiSegnalazione.objects.filter(flusso=flow).delete()
