"""Where one payment stands, and what may be decided on it."""

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Q, Sum

from cigd.models import (
    Causale,
    ControlloFlusso,
    Lotto,
    LottoRiga,
    Pagamento,
    Posizione,
    Stato,
    Voce,
)
from cigd.scope import scope
from cigd.states import run, states
from porfse.errors import NotThere
from porfse.models import Flow

DECISIONS = (Stato.CERTIFICABILE, Stato.SOSPESO, Stato.NON_AMMISSIBILE)
_FINAL = (Stato.CERTIFICATO, Stato.RITIRATO)


@dataclass(frozen=True)
class Position:
    """Where one payment stands; euro.

    Attributes:
        azione: under which it is eligible, or certified.
        taglio: the part of it that is not eligible.
        certificato: what is certified of it now, recoveries and withdrawals taken away.
        lotti: the numbers of the batches that it entered.
        motivo: of the last decision, empty if there was none.
    """

    stato: Stato
    azione: str
    taglio: Decimal
    certificato: Decimal
    lotti: tuple[int, ...]
    motivo: str


def position(payment: Pagamento) -> Position:
    """Return where a payment of a flow that counts stands."""
    found = states([payment.flusso_id], " AND p.riga = %(riga)s")
    [(stato, azione, cut)] = run(
        f"SELECT stato, azione, taglio FROM ({found}) s", {"riga": payment.riga}
    )
    own = Q(flusso=payment.flusso_id, riga=payment.riga)
    # As the index has it: what lowers a certified payment is found by its origin.
    entered = own & Q(causale__in=[Causale.PAGAMENTO, Causale.RECUPERO])
    lowering = Q(origine_flusso_id=payment.flusso_id, origine_riga=payment.riga)
    entries = Voce.objects.filter(entered | lowering)
    decision = Posizione.objects.filter(own).first()
    return Position(
        stato=Stato(stato),
        azione=azione,
        taglio=cut,
        certificato=entries.aggregate(total=Sum("importo"))["total"] or Decimal(0),
        lotti=tuple(sorted(set(entries.values_list("lotto", flat=True)))),
        motivo=decision.motivo if decision else "",
    )


def counting_flow(flusso_id: int) -> Flow:
    """Return a flow that counts.

    Raises:
        NotThere: it does not.
    """
    if flusso_id not in scope().flussi:
        raise NotThere("Il flusso richiesto non è fra quelli acquisiti: sceglierlo dall'elenco.")
    return Flow.objects.get(pk=flusso_id)


def certified_in(flow: Flow) -> str:
    """Return the certified batches that took payments of a flow, in words; empty if none did."""
    lines = LottoRiga.objects.filter(flusso=flow, lotto__stato=Lotto.Stato.CERTIFICATO)
    numbers = sorted(set(lines.values_list("lotto", flat=True)))
    return f"lotto {', '.join(f'n. {number}' for number in numbers)}" if numbers else ""


def payment_of(flusso_id: int, id_pagamento: str) -> Pagamento:
    """Return a payment of a flow.

    Raises:
        NotThere: the flow has none with this identifier.
    """
    found = Pagamento.objects.filter(flusso=flusso_id, id_pagamento=id_pagamento).first()
    if found is None:
        raise NotThere(f"Il flusso {flusso_id} non ha il pagamento «{id_pagamento[:20]}».")
    return found


def known_decision(stato: str) -> None:
    """Refuse what is not a decision.

    Raises:
        ValidationError: it is not.
    """
    if stato not in DECISIONS:
        words = ", ".join(str(item.label) for item in DECISIONS)
        raise ValidationError({"stato": f"La decisione non esiste: scegliere fra {words}."})


def checked(flusso_id: int) -> None:
    """Refuse to make anything certifiable of a flow that nobody has checked.

    Raises:
        ValidationError: nobody has.
    """
    if not ControlloFlusso.objects.filter(pk=flusso_id).exists():
        raise ValidationError(
            {"stato": "Il flusso non è ancora stato controllato: registrare prima il controllo."}
        )


def allowed(payment: Pagamento, current: Position, stato: str) -> None:
    """Refuse a decision that the state of a payment does not allow.

    Raises:
        ValidationError: it does not; by field.
    """
    known_decision(stato)
    if current.stato in _FINAL:
        raise ValidationError(
            {
                "id_pagamento": f"Il pagamento è {current.stato.label}: la spesa certificata si"
                " riduce solo con un ritiro o un recupero."
            }
        )
    if stato != Stato.CERTIFICABILE:
        if payment.tipo == Pagamento.Tipo.RECUPERO:
            raise ValidationError(
                {"stato": "Un recupero riduce sempre la spesa: non si sospende né si esclude."}
            )
        return
    checked(payment.flusso_id)
    if current.taglio and current.taglio == payment.importo:
        raise ValidationError({"stato": "Il pagamento è decurtato per intero: non è ammissibile."})
