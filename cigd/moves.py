"""The decision to move what exceeds the cap of 8.6.1 to 9.8.1.

It names its payments: those certifiable under 8.6.1 that do not fit its cap today, in the order in
which they would enter, as far as 9.8.1 has room after its own certifiable payments. Their
recoveries go with them.
"""

from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from cigd.azioni import AZIONE_ALTRI, AZIONE_COMUNI
from cigd.caps import rooms
from cigd.models import SintesiPool, Spostamento, Stato
from cigd.scope import Scope, scope
from cigd.selection import Room, Selection
from cigd.states import listed, look_again, run, touching
from cigd.turns import Work, my_turn, only_here, wait_for_turn
from porfse import audit, roles
from porfse.flows.errors import NotNow
from porfse.models import User
from programme.services import Act

PERMISSION = "cigd.move_excess"
_REASON = "Eccedenza dell'azione 8.6.1 spostata sulla 9.8.1"


@transaction.atomic
def decide(*, by: User, atto: Act, motivo: str) -> Spostamento:
    """Record the decision; the caller queues `carry_out`.

    Raises:
        NotNow: nothing exceeds, another move is being carried out, or the pool is being changed.
    """
    roles.require(by, PERMISSION)
    my_turn()  # two decisions at once: the second sees the first
    counted = scope()
    if words := why_not(counted):
        raise NotNow(words)
    move = Spostamento.objects.create(
        atto=atto.stored(by=by), motivo=motivo, esempio=counted.esempio, deciso_da=by
    )
    audit.record(by=by, action="spostamento.deciso", on=move, atto=move.atto, motivo=motivo)
    return move


def why_not(counted: Scope) -> str:
    """Return why nothing can be moved now; empty if it can."""
    if Spostamento.objects.filter(eseguito_il=None).exists():
        return "Uno spostamento è ancora in corso: attendere che finisca."
    if not counted.flussi or excess(example=counted.esempio) <= 0:
        return (
            "La spesa certificabile dell'azione 8.6.1 rientra nel suo massimale: non c'è nulla da"
            " spostare."
        )
    return ""


def excess(*, example: bool) -> Decimal:
    """Return by how much the certifiable payments of 8.6.1 exceed its room today; euro."""
    room = rooms(timezone.localdate(), example=example)[AZIONE_COMUNI]
    return _certifiable(AZIONE_COMUNI) - max(room.residuo, Decimal(0))


def carry_out(move_id: int) -> Spostamento:
    """Move the payments, all or none; may run twice."""
    with transaction.atomic():
        if only_here(Work.MOVE, move_id):
            wait_for_turn()
            waiting = Spostamento.objects.select_for_update().filter(eseguito_il=None)
            move = waiting.filter(pk=move_id).first()
            if move:
                _carry_out(move)
    return Spostamento.objects.get(pk=move_id)


def _carry_out(move: Spostamento) -> None:
    counted = scope()
    flows = counted.flussi if counted.esempio == move.esempio else ()
    found = rooms(timezone.localdate(), example=move.esempio)
    found[AZIONE_ALTRI].residuo -= _certifiable(AZIONE_ALTRI)
    move.pagamenti, move.importo = _choose(flows, found)
    recoveries = (
        "SELECT r.flusso_id, r.riga FROM cigd_pagamento r JOIN spostati s"
        f" ON s.id_pagamento = r.id_pagamento_origine WHERE r.flusso_id IN ({listed(flows)})"
        " AND r.tipo = 'R'"
    )
    with touching(f"SELECT flusso_id, riga FROM spostati UNION ALL {recoveries}"):
        run(
            "INSERT INTO cigd_posizione (flusso_id, riga, id_pagamento, stato, taglio, azione_id,"
            " spostamento_id, motivo, deciso_da_id, deciso_il)"
            " SELECT p.flusso_id, p.riga, p.id_pagamento, '', 0, %s, %s, %s, %s, now()"
            " FROM toccati t JOIN cigd_pagamento p USING (flusso_id, riga)"
            " ON CONFLICT (flusso_id, riga) DO UPDATE SET azione_id = EXCLUDED.azione_id,"
            " spostamento_id = EXCLUDED.spostamento_id",
            [AZIONE_ALTRI, move.pk, _REASON, move.deciso_da_id],
        )
    run("DROP TABLE spostati")
    move.eseguito_il = timezone.now()
    move.save()
    audit.record(
        by=move.deciso_da,
        action="spostamento.eseguito",
        on=move,
        pagamenti=move.pagamenti,
        importo=move.importo,
    )


def _choose(flows: tuple[int, ...], found: dict[str, Room]) -> tuple[int, Decimal]:
    """Fill the table `spostati`; return how many payments it holds and their amount."""
    look_again("porfse_flowwarning", "cigd_posizione", "cigd_voce")
    run("CREATE TEMP TABLE spostati (flusso_id bigint, riga integer) ON COMMIT DROP")
    chosen: list[tuple[int, int]] = []
    target, number, total = found[AZIONE_ALTRI], 0, Decimal(0)
    own = {AZIONE_COMUNI: found[AZIONE_COMUNI], AZIONE_ALTRI: Room(Decimal(0), Decimal(0))}

    def wait(flow: int, line: int, azione: str, amount: Decimal) -> None:
        nonlocal number, total
        if azione == AZIONE_COMUNI and amount <= target.residuo:
            target.residuo -= amount
            number, total = number + 1, total + amount
            chosen.append((flow, line))
            _flush(chosen, 20_000)

    for _ in Selection(flows, timezone.localdate(), own, on_wait=wait).entries():
        pass  # what enters under 8.6.1 stays there
    _flush(chosen, 0)
    run('ALTER TABLE spostati ADD id_pagamento varchar(20) COLLATE "C"')
    look_again("spostati")
    run(
        "UPDATE spostati s SET id_pagamento = p.id_pagamento FROM cigd_pagamento p"
        f" WHERE p.flusso_id = s.flusso_id AND p.riga = s.riga AND p.flusso_id IN ({listed(flows)})"
    )
    return number, total


def _flush(chosen: list[tuple[int, int]], beyond: int) -> None:
    if len(chosen) > beyond:
        with connection.cursor() as cursor, cursor.copy("COPY spostati FROM STDIN") as copy:
            copy.write("".join(f"{flow}\t{line}\n" for flow, line in chosen))
        chosen.clear()


def _certifiable(azione: str) -> Decimal:
    """What is certifiable in an azione, less cuts and recoveries; euro."""
    rows = SintesiPool.objects.filter(flusso__in=scope().flussi)
    return rows.net().get((azione, Stato.CERTIFICABILE), Decimal(0))
