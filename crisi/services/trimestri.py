"""The quarter of a nucleo from its opening to its approval: each step once, with who and why."""

from collections.abc import Collection, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from crisi.models import MonitoraggioTrimestrale, PassaggioTrimestre
from crisi.scope import EDIT, own_provincia
from crisi.trimestri import missing, quarter
from porfse import audit, roles
from porfse.errors import BadInput, NotThere
from porfse.models import Provincia, User
from porfse.periods import italian, moment

PERMISSION = "crisi.manage_trimestri"
LONGEST = 60  # days that an approved quarter may be open again
RIAPERTO, RICHIUSO = "riaperto", "richiuso"  # steps within the state `validato`
Stato = MonitoraggioTrimestrale.Stato


class NotNow(BadInput):
    """The quarter is not in the state that the step needs; the message says in which it is."""

    status = 409


@transaction.atomic
def open_quarter(*, by: User, trimestre: str, entro: date) -> int:
    """Open a quarter that has ended for each nucleo that has it not yet; return for how many.

    Raises:
        ValidationError: the quarter has not ended, or the due date is not after today.
    """
    roles.require(by, PERMISSION)
    periodo, oggi = quarter(trimestre), timezone.localdate()
    if periodo.fine >= oggi:
        raise ValidationError(
            {"trimestre": f"Il {periodo.nome} finisce il {italian(periodo.fine)}: si apre dopo."}
        )
    _not_past(entro, oggi)
    made = 0
    for provincia in Provincia.objects.order_by("pk"):
        monitoraggio, new = MonitoraggioTrimestrale.objects.get_or_create(
            provincia=provincia, trimestre=trimestre, defaults={"entro": entro}
        )
        if new:
            _trace(monitoraggio, "", Stato.APERTO, by=by, entro=entro)
            made += 1
    return made


@transaction.atomic
def change_due(
    *, by: User, trimestre: str, sigle: Sequence[str], entro: date, motivo: str
) -> list[MonitoraggioTrimestrale]:
    """Move the day by which some nuclei send a quarter; one sent already keeps its own.

    Raises:
        NotNow: every nucleo named has sent it already.
        ValidationError: the day is past.
    """
    roles.require(by, PERMISSION)
    _not_past(entro, timezone.localdate())
    found = MonitoraggioTrimestrale.objects.select_for_update().filter(
        trimestre=trimestre, provincia__in=sigle, trasmesso_il=None
    )
    moved = [item for item in found.order_by("pk") if item.entro != entro]
    if not moved:
        raise NotNow(
            "Nessuna scadenza da cambiare: il trimestre è già stato trasmesso, o scade già in"
            " quel giorno."
        )
    for monitoraggio in moved:
        words = f"Scadenza dal {italian(monitoraggio.entro)} al {italian(entro)}. {motivo}"
        _trace(monitoraggio, monitoraggio.stato, "scadenza", by=by, motivo=words)
        monitoraggio.entro = entro
        monitoraggio.save(update_fields=["entro"])
    return moved


@transaction.atomic
def send(*, by: User, trimestre: str, motivo: str = "") -> MonitoraggioTrimestrale:
    """Send the quarter of a person's own nucleo to the Region; from then its rows are locked.

    Args:
        motivo: why rows are missing; needed if some are.

    Raises:
        ValidationError: rows are missing, and there is no word on why.
        NotNow: it is sent or approved already.
    """
    roles.require(by, EDIT)
    monitoraggio = _locked(trimestre, own_provincia(by) or "")
    _in_state(monitoraggio, *MonitoraggioTrimestrale.MODIFICABILI, verbo="trasmettere")
    lacking = missing(monitoraggio).count()
    if lacking and not motivo:
        raise ValidationError(
            {"motivo": f"Mancano i dati di {lacking} unità: compilarli, o scrivere perché mancano."}
        )
    words = f"Unità senza dati: {lacking}. {motivo}" if lacking else motivo
    first = monitoraggio.trasmesso_il or timezone.now()
    return _step(monitoraggio, Stato.TRASMESSO, by=by, motivo=words, trasmesso_il=first)


@transaction.atomic
def approve(*, by: User, trimestre: str, provincia: str) -> MonitoraggioTrimestrale:
    """Approve a quarter that was sent: it is closed.

    Raises:
        NotNow: it is not `trasmesso`.
    """
    monitoraggio = _managed(by, trimestre, provincia)
    _in_state(monitoraggio, Stato.TRASMESSO, verbo="validare")
    return _step(monitoraggio, Stato.VALIDATO, by=by)


@transaction.atomic
def give_back(*, by: User, trimestre: str, provincia: str, motivo: str) -> MonitoraggioTrimestrale:
    """Return a quarter that was sent, with what is to be completed: its rows are open again.

    Raises:
        NotNow: it is not `trasmesso`.
    """
    monitoraggio = _managed(by, trimestre, provincia)
    _in_state(monitoraggio, Stato.TRASMESSO, verbo="restituire")
    return _step(monitoraggio, Stato.RESTITUITO, by=by, motivo=_reason(motivo))


@transaction.atomic
def reopen(
    *, by: User, trimestre: str, provincia: str, fino_al: date, motivo: str
) -> MonitoraggioTrimestrale:
    """Open an approved quarter until a day, included; after it, it is closed again by itself.

    Raises:
        NotNow: it is not `validato`.
        ValidationError: the day is past, or more than LONGEST days away.
    """
    monitoraggio = _managed(by, trimestre, provincia)
    _in_state(monitoraggio, Stato.VALIDATO, verbo="riaprire")
    oggi = timezone.localdate()
    if not 0 <= (fino_al - oggi).days <= LONGEST:
        raise ValidationError(
            {"fino_al": f"Scegliere un giorno da oggi a {LONGEST} giorni da oggi."}
        )
    words = f"Fino al {italian(fino_al)}. {_reason(motivo)}"
    monitoraggio.riaperto_fino_al = fino_al
    monitoraggio.save(update_fields=["riaperto_fino_al"])
    _trace(monitoraggio, Stato.VALIDATO, RIAPERTO, by=by, motivo=words)
    return monitoraggio


@transaction.atomic
def close_again(*, by: User, trimestre: str, provincia: str) -> MonitoraggioTrimestrale:
    """Close a quarter before the last day of its reopening.

    Raises:
        NotNow: it is not open again.
    """
    monitoraggio = _managed(by, trimestre, provincia)
    if monitoraggio.riaperto_fino_al is None:
        raise NotNow("Il trimestre non è riaperto: non c'è nulla da chiudere.")
    monitoraggio.riaperto_fino_al = None
    monitoraggio.save(update_fields=["riaperto_fino_al"])
    _trace(monitoraggio, Stato.VALIDATO, RICHIUSO, by=by)
    return monitoraggio


def settle(monitoraggio: MonitoraggioTrimestrale, *, by: User) -> None:
    """Set a quarter that was just written to `compilato` if no row is missing, or back.

    Called in the transaction that wrote the rows, with the quarter locked.
    """
    expected = Stato.APERTO if missing(monitoraggio).exists() else Stato.COMPILATO
    if {monitoraggio.stato, expected} == {Stato.APERTO, Stato.COMPILATO}:
        _step(monitoraggio, expected, by=by)


def settle_open(*, by: User, sigle: Collection[str]) -> None:
    """Settle the quarters of some provinces that are still to be sent, after sites have changed.

    Called in the transaction that changed them, when it has done with procedures and sites: who
    writes rows holds sites before quarters too, so that neither waits for the other for ever.
    """
    found = MonitoraggioTrimestrale.objects.select_for_update().filter(
        provincia__in=sigle, stato__in=(Stato.APERTO, Stato.COMPILATO)
    )
    for monitoraggio in found.order_by("trimestre", "pk"):
        settle(monitoraggio, by=by)


def correct(monitoraggio: MonitoraggioTrimestrale, righe: int, *, by: User) -> None:
    """Leave a trace of rows corrected in an approved quarter that is open again for a while."""
    words = f"Righe corrette nel periodo di riapertura: {righe}."
    _trace(monitoraggio, monitoraggio.stato, "corretto", by=by, motivo=words)


def _managed(by: User, trimestre: str, provincia: str) -> MonitoraggioTrimestrale:
    roles.require(by, PERMISSION)
    return _locked(trimestre, provincia)


def _locked(trimestre: str, provincia: str) -> MonitoraggioTrimestrale:
    found = (
        MonitoraggioTrimestrale.objects.select_for_update()
        .filter(trimestre=trimestre, provincia=provincia)
        .order_by("pk")
        .first()
    )
    if found is None:
        raise NotThere(f"Il {quarter(trimestre).nome} non è aperto per questa provincia.")
    return found


def _in_state(monitoraggio: MonitoraggioTrimestrale, *states: Stato, verbo: str) -> None:
    """Let a step go on only from some states; who comes second reads who was first."""
    if monitoraggio.stato in states:
        return
    last = monitoraggio.passaggi.select_related("autore").last()
    who = f" (da {last.autore}, {moment(last.il)})" if last else ""
    raise NotNow(
        f"Il {monitoraggio.periodo.nome} di {monitoraggio.provincia_id} è"
        f" «{monitoraggio.get_stato_display()}»{who}: non si può {verbo}."
    )


def _step(
    monitoraggio: MonitoraggioTrimestrale, a: Stato, *, by: User, motivo: str = "", **fields: object
) -> MonitoraggioTrimestrale:
    da = monitoraggio.stato
    for name, value in (fields | {"stato": a}).items():
        setattr(monitoraggio, name, value)
    monitoraggio.save(update_fields=["stato", *fields])
    _trace(monitoraggio, da, a, by=by, motivo=motivo)
    return monitoraggio


def _trace(
    monitoraggio: MonitoraggioTrimestrale,
    da: str,
    a: str,
    *,
    by: User,
    motivo: str = "",
    **details: object,
) -> None:
    PassaggioTrimestre.objects.create(
        monitoraggio=monitoraggio, da=da, a=a, autore=by, motivo=motivo
    )
    audit.record(by=by, action=f"trimestre.{a}", on=monitoraggio, da=da, motivo=motivo, **details)


def _reason(motivo: str) -> str:
    if not motivo.strip():
        raise ValidationError({"motivo": "Scrivere il motivo."})
    return motivo.strip()


def _not_past(entro: date, oggi: date) -> None:
    if entro < oggi:
        raise ValidationError({"entro": "La scadenza non può essere già passata."})
