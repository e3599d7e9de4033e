"""The one way to write the rows of active policies: replaced, not changed; whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale, Procedura, UnitaProduttiva
from crisi.models.pal import PASSI, Strumento
from crisi.services import trimestri
from crisi.trimestri import chiuso, quarter
from porfse import audit, roles
from porfse.errors import BadInput, NotThere
from porfse.models import Flow, User
from porfse.models.people import SYSTEM_USERNAME
from porfse.periods import Periodo
from programme.services import Conflict

NUMERI = ("sospesi", *PASSI)
VALORI = (*NUMERI, "motivo_esonero", "strumenti", "altro_strumento")


class Vista(Enum):
    ANY = "any"


ANY: Final = Vista.ANY  # whatever row is in force is replaced: a flow does


class Locked(BadInput):
    """The quarter may not be changed now; the message says why and what to do."""

    status = 409


@dataclass(frozen=True)
class Riga:
    """What is to stand for a site in a quarter; numbers are of workers, None is not known.

    Attributes:
        vista: the key of the row in force that the person saw, None if there was none, or ANY.
    """

    unita_id: int
    sospesi: int | None = None
    step1: int | None = None
    step2: int | None = None
    step3: int | None = None
    step4: int | None = None
    no_pal: int | None = None
    motivo_esonero: str = ""
    strumenti: tuple[str, ...] = ()
    altro_strumento: str = ""
    vista: int | Vista | None = None

    @property
    def valori(self) -> dict[str, object]:
        found = {name: getattr(self, name) for name in VALORI}
        return found | {"strumenti": [s for s in Strumento.values if s in self.strumenti]}

    @property
    def vuota(self) -> bool:
        """Whether nothing is said: such a row takes the one in force away."""
        return not any(value not in (None, "", []) for value in self.valori.values())

    @property
    def senza_motivo(self) -> bool:
        """Whether workers are exempt, and nobody says why (W306)."""
        return bool(self.no_pal and not self.motivo_esonero)

    @property
    def eccede(self) -> bool:
        """Whether the steps and the exempt are more than the suspended (E023)."""
        return self.sospesi is not None and self.sospesi < sum(
            getattr(self, name) or 0 for name in PASSI
        )


@transaction.atomic
def save(*, by: User, trimestre: str, rows: Sequence[Riga], flusso: Flow | None = None) -> int:
    """Write rows of a quarter, of one or more provinces; return how many were written.

    A row equal to the one in force is not written again, nor is one that the person left as he saw
    it while somebody else changed it. An empty row takes away the one in force, which stays in the
    history.

    Args:
        trimestre: `2025-T3`.
        flusso: the flow that brings them; its sender may write what the flow was allowed to load.

    Raises:
        NotThere: a site is not among those the person may write.
        Locked: the quarter of a provincia is not open to changes.
        Conflict: somebody else wrote since; `current` maps the keys of the sites to the rows in
            force, None where there is none any more. Nothing is written.
        BadInput: steps over the suspended, a site twice, a procedure that reports no PAL; a person
            exempts workers without a reason (a flow is only warned).
    """
    roles.require(by, "crisi.load_pal" if flusso else "crisi.edit_procedure")
    periodo = quarter(trimestre)
    sites = _sites(by, periodo, rows, flusso)
    quarters = _locked(trimestre, {site.comune.provincia_id for site in sites.values()})
    in_force = _in_force(trimestre, sites)
    changed = _changed(rows, in_force, trimestre)
    if flusso is None:
        _with_reasons(changed, sites)
    _write(changed, in_force, by=by, trimestre=trimestre, flusso=flusso)
    for sigla, monitoraggio in quarters.items():
        of_it = [row for row in changed if sites[row.unita_id].comune.provincia_id == sigla]
        if of_it:
            _record(monitoraggio, of_it, by=by, flusso=flusso)
    return len(changed)


def _sites(
    by: User, periodo: Periodo, rows: Sequence[Riga], flusso: Flow | None
) -> dict[int, UnitaProduttiva]:
    wanted = {row.unita_id for row in rows}
    if len(wanted) != len(rows):
        raise BadInput("La stessa unità produttiva compare due volte: inviare una riga ciascuna.")
    hold_sites(wanted)
    every = UnitaProduttiva.objects.select_related("comune", "procedura")
    allowed = every if flusso and _loads_all(by) else every.editable_by(by)
    found = allowed.in_bulk(wanted)
    if len(found) != len(wanted):
        raise NotThere(
            "Una delle unità produttive non è tra quelle della propria provincia, o è stata tolta"
            " dalla sua procedura: ricaricare la pagina. Nulla è stato salvato."
        )
    for row in rows:
        _checked(row, found[row.unita_id], periodo)
    return found


def hold_sites(keys: Iterable[int]) -> None:
    """Hold sites until the transaction ends: nobody takes one away while its numbers are written.

    The weakest lock that does it, which other writers of the same sites do not wait for. Sites
    come before quarters, for whoever changes a procedure holds them in this order.
    """
    table = connection.ops.quote_name(UnitaProduttiva._meta.db_table)
    sql = f"SELECT FROM {table} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
    with connection.cursor() as cursor:
        cursor.execute(sql, [sorted(keys)])


def _with_reasons(rows: Iterable[Riga], sites: Mapping[int, UnitaProduttiva]) -> None:
    """Refuse what a person writes of exempt workers without a reason; what stands is not judged."""
    for row in rows:
        if row.senza_motivo:
            raise BadInput(
                f"Unità {sites[row.unita_id].codice}: indicare il motivo dell'esonero dei"
                f" lavoratori in NO PAL ({row.no_pal})."
            )


def _loads_all(by: User) -> bool:
    return by.username == SYSTEM_USERNAME or by.has_perm("porfse.load_flows")


def _checked(row: Riga, site: UnitaProduttiva, periodo: Periodo) -> None:
    procedura = site.procedura
    if row.eccede:
        raise BadInput(
            f"Unità {site.codice}: i lavoratori nei passi e gli esonerati superano i sospesi."
        )
    if any((getattr(row, name) or 0) < 0 for name in NUMERI):
        raise BadInput(f"Unità {site.codice}: i numeri di lavoratori non possono essere negativi.")
    if set(row.strumenti) - set(Strumento.values):
        raise BadInput(f"Unità {site.codice}: strumento non previsto.")
    if row.altro_strumento and Strumento.ALTRO not in row.strumenti:
        raise BadInput(f"Unità {site.codice}: l'altro strumento va indicato insieme ad «Altro».")
    if procedura.tipo == Procedura.Tipo.LIC:
        raise BadInput(f"{procedura}: le PAL si rilevano solo per le CIGS.")
    if procedura.stato == Procedura.Stato.RITIRATA or procedura.data_avvio > periodo.fine:
        raise BadInput(f"{procedura}: la procedura non è in corso nel {periodo.nome}.")


def _locked(trimestre: str, sigle: Iterable[str]) -> dict[str, MonitoraggioTrimestrale]:
    """Hold the quarters until the transaction ends: whoever writes the same rows waits."""
    wanted = sorted(sigle)
    found = (
        MonitoraggioTrimestrale.objects.select_for_update()
        .filter(trimestre=trimestre, provincia__in=wanted)
        .order_by("pk")
    )
    quarters = {item.provincia_id: item for item in found}
    for sigla in wanted:
        if sigla not in quarters:
            raise Locked(
                f"Il {quarter(trimestre).nome} non è aperto per {sigla}: lo apre l'Autorità di"
                " Gestione alla fine del trimestre."
            )
        closed = chiuso(quarters[sigla], timezone.localdate())
        if closed:
            raise Locked(closed)
    return quarters


def _in_force(trimestre: str, sites: Iterable[int]) -> dict[int, AvanzamentoPAL]:
    rows = AvanzamentoPAL.objects.in_force().filter(trimestre=trimestre, unita__in=list(sites))
    return {row.unita_id: row for row in rows.select_related("autore")}


def _differs(row: Riga, stored: AvanzamentoPAL | None) -> bool:
    if stored is None:
        return not row.vuota
    return row.vuota or row.valori != values_of(stored)


def values_of(stored: AvanzamentoPAL) -> dict[str, object]:
    """Return the values of a stored row by name, the instruments in the order of their list."""
    found = {name: getattr(stored, name) for name in VALORI}
    return found | {"strumenti": [s for s in Strumento.values if s in stored.strumenti]}


def _changed(
    rows: Sequence[Riga], in_force: Mapping[int, AvanzamentoPAL], trimestre: str
) -> list[Riga]:
    """Return the rows to write; none where what stands is not what their author saw."""
    differing = [row for row in rows if _differs(row, in_force.get(row.unita_id))]
    late = [row for row in differing if not _saw(row, in_force.get(row.unita_id))]
    seen = {
        row.pk: row
        for row in AvanzamentoPAL.objects.filter(
            pk__in=[row.vista for row in late if row.vista], trimestre=trimestre
        )
    }
    lost = []
    for row in late:
        before = seen.get(row.vista)
        same_site = before is None or before.unita_id == row.unita_id
        if not same_site or _differs(row, before):
            lost.append(row)
    if lost:
        raise Conflict(
            "Un'altra persona ha modificato le stesse righe nel frattempo: nulla è stato salvato.",
            {row.unita_id: in_force.get(row.unita_id) for row in lost},
        )
    return [row for row in differing if row not in late]


def _saw(row: Riga, stored: AvanzamentoPAL | None) -> bool:
    return row.vista is ANY or row.vista == (stored and stored.pk)


def _write(
    rows: Sequence[Riga],
    in_force: Mapping[int, AvanzamentoPAL],
    *,
    by: User,
    trimestre: str,
    flusso: Flow | None,
) -> None:
    replaced = [in_force[row.unita_id].pk for row in rows if row.unita_id in in_force]
    now = timezone.now()
    AvanzamentoPAL.objects.filter(pk__in=replaced).update(sostituito_il=now)
    AvanzamentoPAL.objects.bulk_create(
        [
            AvanzamentoPAL(
                unita_id=row.unita_id,
                trimestre=trimestre,
                autore=by,
                flusso=flusso,
                inserito_il=now,
                **row.valori,
            )
            for row in rows
            if not row.vuota
        ],
        batch_size=5_000,
    )


def _record(
    monitoraggio: MonitoraggioTrimestrale, rows: Sequence[Riga], *, by: User, flusso: Flow | None
) -> None:
    audit.record(
        by=by,
        action="pal.salvato",
        on=monitoraggio,
        unita=[row.unita_id for row in rows if not row.vuota],
        tolte=[row.unita_id for row in rows if row.vuota],
        flusso=flusso and flusso.pk,
    )
    if monitoraggio.riaperto_fino_al:
        trimestri.correct(monitoraggio, len(rows), by=by)
    else:
        trimestri.settle(monitoraggio, by=by)
