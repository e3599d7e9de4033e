"""What people decide on the payments, before and after they are certified.

Every change waits for its turn (`cigd.turns`) and keeps the sums by state, and what waits by code,
in its own transaction.
"""

from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from cigd import warned
from cigd.azioni import azione_sql
from cigd.models import ControlloAnnullato, ControlloFlusso, Pagamento, Posizione, Stato
from cigd.positions import (
    allowed,
    certified_in,
    checked,
    counting_flow,
    known_decision,
    payment_of,
    position,
)
from cigd.scope import scope
from cigd.states import listed, look_again, recoveries, release, run, touching, withhold
from cigd.turns import my_turn
from porfse import audit, roles
from porfse.flows.errors import NotNow
from porfse.models import Flow, User
from porfse.money import euro

CHECK, CERTIFY = "cigd.check_flow", "cigd.certify"
NOT_CHECKED = (
    "Il flusso non è controllato: non c'è un controllo da annullare. Quelli già annullati sono"
    " nella sua pagina."
)
_ONE = "SELECT %s::bigint AS flusso_id, %s AS riga"
# Those of a flow, and those of its payments in other flows, which may have waited for its check.
# OFFSET has each looked up by the index on the identifier, instead of reading all payments.
_RECOVERIES = """
    SELECT r.flusso_id, r.riga FROM cigd_pagamento r
    WHERE r.tipo = 'R' AND r.flusso_id IN ({flussi}) AND (r.flusso_id = %(flusso)s OR EXISTS (
        SELECT FROM cigd_pagamento o WHERE o.flusso_id = %(flusso)s
        AND o.id_pagamento = r.id_pagamento_origine AND o.tipo = 'P' OFFSET 0))
"""


@transaction.atomic
def check_flow(*, by: User, flusso_id: int, nota: str) -> ControlloFlusso:
    """Record that a flow was checked: its payments without warnings become certifiable.

    Raises:
        NotNow: it is checked already.
        NotThere: it is not a flow that counts.
    """
    roles.require(by, CHECK)
    my_turn()
    flow = counting_flow(flusso_id)
    if ControlloFlusso.objects.filter(pk=flusso_id).exists():
        raise NotNow("Il flusso è già stato controllato.")
    look_again("porfse_flowwarning")
    found = _RECOVERIES.format(flussi=listed(scope().flussi))
    with touching(found, {"flusso": flusso_id}, recoveries):
        _follow_origins(flusso_id, by)
        made = ControlloFlusso.objects.create(flusso=flow, nota=nota, controllato_da=by)
        release(flusso_id)
    audit.record(by=by, action="flusso.controllato", on=flow, nota=nota)
    return made


@transaction.atomic
def undo_check(
    *, by: User, flusso_id: int, motivo: str, visto: datetime | None = None
) -> ControlloAnnullato:
    """Take back that a flow was checked: what was certifiable of it is to be checked again.

    Suspensions, exclusions, cuts and moves stay; what was decided to be certifiable waits again.
    `visto` is when the check was made that the person was shown: another one is not taken back.

    Raises:
        NotNow: it is not checked, was checked anew, or `why_not_undo`.
        NotThere: it is not a flow that counts.
    """
    roles.require(by, CHECK)
    my_turn()
    flow = counting_flow(flusso_id)
    check = ControlloFlusso.objects.filter(pk=flusso_id).first()
    if check is None:
        raise NotNow(NOT_CHECKED)
    if visto not in (None, check.controllato_il):
        raise NotNow(
            "Nel frattempo il controllo è stato annullato e registrato di nuovo: leggere quello"
            " nuovo nella pagina del flusso, poi decidere."
        )
    if words := why_not_undo(flow):
        raise NotNow(words)
    look_again("porfse_flowwarning")
    found = _RECOVERIES.format(flussi=listed(scope().flussi))
    with touching(found, {"flusso": flusso_id}, recoveries):
        check.delete()
        _forget_certifiable(flusso_id, f"Controllo annullato: {motivo}", by)
        withhold(flusso_id)
    warned.recount([flusso_id])
    made = ControlloAnnullato.objects.create(
        flusso=flow, nota=check.nota, controllato_da_id=check.controllato_da_id,
        controllato_il=check.controllato_il, motivo=motivo, annullato_da=by,
    )  # fmt: skip
    audit.record(
        by=by, action="flusso.controllo_annullato", on=flow, nota=check.nota, motivo=motivo
    )
    return made


def why_not_undo(flow: Flow) -> str:
    """Say why the check of a flow cannot be taken back; empty if it can."""
    batches = certified_in(flow)
    if not batches:
        return ""
    return (
        f"Pagamenti o recuperi del flusso sono certificati ({batches}): il suo controllo non si"
        " annulla più. La spesa certificata si riduce con il ritiro di un pagamento o con i"
        " recuperi di un flusso successivo."
    )


def _forget_certifiable(flusso_id: int, motivo: str, by: User) -> None:
    """Have what was decided to be certifiable wait again, and recoveries follow nothing."""
    run(
        # The reason of a cut stays with it.
        "UPDATE cigd_posizione SET stato = '', deciso_il = now(),"
        " motivo = CASE WHEN taglio > 0 THEN motivo ELSE %s END,"
        " deciso_da_id = CASE WHEN taglio > 0 THEN deciso_da_id ELSE %s END"
        " WHERE flusso_id = %s AND stato = %s",
        [motivo[:300], by.pk, flusso_id, Stato.CERTIFICABILE],
    )
    Posizione.objects.filter(flusso=flusso_id, stato="", taglio=0, spostamento=None).delete()


def _follow_origins(flusso_id: int, by: User) -> None:
    """Put each recovery of a flow under the azione of the payment that it corrects."""
    azione = f"coalesce(v.azione_id, d.azione_id, {azione_sql('o.comune_istat')})"
    run(
        "INSERT INTO cigd_posizione (flusso_id, riga, id_pagamento, stato, taglio, azione_id,"
        " motivo, deciso_da_id, deciso_il)"
        f" SELECT r.flusso_id, r.riga, r.id_pagamento, '', 0, {azione},"
        " 'Segue il pagamento di origine', %s, now()"
        " FROM cigd_pagamento r JOIN cigd_pagamento o ON o.id_pagamento = r.id_pagamento_origine"
        f" AND o.tipo = 'P' AND o.flusso_id IN ({listed(scope().flussi)})"
        " LEFT JOIN cigd_posizione d ON d.flusso_id = o.flusso_id AND d.riga = o.riga"
        " LEFT JOIN cigd_voce v ON v.flusso_id = o.flusso_id AND v.riga = o.riga"
        " AND v.causale = 'pagamento'"
        f" WHERE r.flusso_id = %s AND r.tipo = 'R' AND {azione} <> {azione_sql('r.comune_istat')}"
        " ON CONFLICT (flusso_id, riga) DO UPDATE SET azione_id = EXCLUDED.azione_id",
        [by.pk, flusso_id],
    )


@transaction.atomic
def decide(*, by: User, flusso_id: int, id_pagamento: str, stato: str, motivo: str) -> None:
    """Decide on one payment: `certificabile`, `sospeso` or `non_ammissibile`.

    Raises:
        ValidationError: by field: the state it is in does not allow it.
        NotThere: there is no such payment in the flows that count.
    """
    roles.require(by, CHECK)
    my_turn()
    flow = counting_flow(flusso_id)
    payment = payment_of(flusso_id, id_pagamento)
    before = position(payment)
    allowed(payment, before, stato)
    with touching(_ONE, [flusso_id, payment.riga]):
        _set(flusso_id, stato, motivo, by)
    audit.record(
        by=by, action="pagamento.deciso", on=flow, id_pagamento=id_pagamento,
        prima=before.stato, stato=stato, motivo=motivo,
    )  # fmt: skip


@transaction.atomic
def decide_warned(*, by: User, flusso_id: int, codice: str, stato: str, motivo: str) -> int:
    """Decide on all payments of a flow that bear a code and wait for a decision; how many.

    A payment that bears other codes too is not made certifiable by deciding on one of them.

    Raises:
        ValidationError: the flow is not checked yet, or no such payment waits.
    """
    roles.require(by, CHECK)
    my_turn()
    flow = counting_flow(flusso_id)
    known_decision(stato)
    if stato == Stato.CERTIFICABILE:
        checked(flusso_id)
    which = "solo" if stato == Stato.CERTIFICABILE else "tipo = 'P'"
    rows = warned.undecided(flusso_id)
    found = f"SELECT flusso_id, riga FROM ({rows}) s WHERE codice = %s AND {which}"
    look_again("porfse_flowwarning", "cigd_posizione")
    with touching(found, [codice]) as number:
        if not number:
            raise ValidationError(
                {"codice": "Nessun pagamento con questo codice attende una decisione così."}
            )
        _set(flusso_id, stato, motivo, by)
    audit.record(
        by=by, action="segnalazione.decisa", on=flow, codice=codice, stato=stato,
        pagamenti=number, motivo=motivo,
    )  # fmt: skip
    return number


@transaction.atomic
def withdraw(*, by: User, flusso_id: int, id_pagamento: str, motivo: str) -> None:
    """Withdraw a certified payment; what is certified of it leaves with the next batch.

    Raises:
        ValidationError: it is not a certified payment.
    """
    roles.require(by, CERTIFY)
    my_turn()
    flow = counting_flow(flusso_id)
    payment = payment_of(flusso_id, id_pagamento)
    before = position(payment)
    if payment.tipo != Pagamento.Tipo.PAGAMENTO or before.stato != Stato.CERTIFICATO:
        raise ValidationError(
            {"id_pagamento": f"Si ritira solo un pagamento certificato: è {before.stato.label}."}
        )
    with touching(_ONE, [flusso_id, payment.riga]):
        _set(flusso_id, Stato.RITIRATO, motivo, by)
    audit.record(
        by=by, action="pagamento.ritirato", on=flow, id_pagamento=id_pagamento,
        certificato=before.certificato, motivo=motivo,
    )  # fmt: skip


@transaction.atomic
def cut(*, by: User, flusso_id: int, id_pagamento: str, amount: Decimal, reason: str) -> Posizione:
    """Take a part of a payment out of what is eligible, besides what was taken before; euro.

    A payment cut to nothing is not eligible; of a certified one the part leaves with the next
    batch.

    Raises:
        ValidationError: not positive, more than is left of it, a recovery, or withdrawn.
        NotThere: there is no such payment in the flows that count.
    """
    roles.require(by, CHECK)
    my_turn()
    flow = counting_flow(flusso_id)
    payment = payment_of(flusso_id, id_pagamento)
    before = position(payment)
    if payment.tipo != Pagamento.Tipo.PAGAMENTO or before.stato == Stato.RITIRATO:
        raise ValidationError(
            "Si decurta solo un pagamento, non un recupero, che non sia ritirato."
        )
    left = payment.importo - before.taglio
    if not 0 < amount <= left:
        raise ValidationError(
            {"amount": f"La decurtazione è maggiore di zero e al massimo {euro(left)}."}
        )
    whole = amount == left and before.stato != Stato.CERTIFICATO
    with touching(_ONE, [flusso_id, payment.riga]):
        _set(flusso_id, Stato.NON_AMMISSIBILE if whole else None, reason, by)
        run("UPDATE cigd_posizione SET taglio = taglio + %s WHERE (flusso_id, riga) IN"
            " (SELECT flusso_id, riga FROM toccati)", [amount])  # fmt: skip
    audit.record(
        by=by, action="pagamento.decurtato", on=flow, id_pagamento=id_pagamento,
        importo=amount, motivo=reason,
    )  # fmt: skip
    return Posizione.objects.get(flusso=flusso_id, riga=payment.riga)


def _set(flusso_id: int, stato: str | None, motivo: str, by: User) -> None:
    """Write a decision on the payments of a flow touched; None leaves the state as it is."""
    if stato:
        warned.decided(flusso_id)
    run(
        "INSERT INTO cigd_posizione (flusso_id, riga, id_pagamento, stato, taglio, motivo,"
        " deciso_da_id, deciso_il)"
        " SELECT p.flusso_id, p.riga, p.id_pagamento, coalesce(%(stato)s, ''), 0, %(motivo)s,"
        " %(by)s, now() FROM toccati t JOIN cigd_pagamento p USING (flusso_id, riga)"
        " ON CONFLICT (flusso_id, riga) DO UPDATE SET motivo = EXCLUDED.motivo,"
        " stato = coalesce(%(stato)s, cigd_posizione.stato),"
        " deciso_da_id = EXCLUDED.deciso_da_id, deciso_il = now()",
        {"stato": stato, "motivo": motivo[:300], "by": by.pk},
    )
