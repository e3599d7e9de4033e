"""Meetings as the Region records them, with what they ask for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from crisi.models import Procedura, Seguito, Tavolo
from porfse import audit, roles
from porfse.errors import NotThere
from porfse.models import Provincia, User
from porfse.periods import italian
from programme.services import Conflict

MANAGE = "crisi.manage_tavoli"
AHEAD = timedelta(days=365)  # a meeting may be called so far in advance
LATEST_TERM = timedelta(days=730)  # of what it asks for, after the meeting
FIELDS = ("tipo", "data", "oggetto", "soggetti", "decisioni")
_GONE = "Il tavolo non c'è, o non è tra quelli consultabili: cercarlo nell'elenco."


@dataclass(frozen=True)
class Dati:
    """What is said of a meeting; a regional one is of all provinces and names none."""

    tipo: str
    data: date
    oggetto: str
    soggetti: str = ""
    decisioni: str = ""
    province: tuple[str, ...] = ()
    procedure: tuple[int, ...] = ()


@dataclass(frozen=True)
class Richiesta:
    """Something a meeting asks for; `provincia` None is of the Region; `id` None is new."""

    descrizione: str
    entro: date
    provincia: str | None = None
    id: int | None = None


@transaction.atomic
def create(
    *, by: User, dati: Dati, seguiti: Sequence[Richiesta] = (), esempio: bool = False
) -> Tavolo:
    """Record a meeting, held or called.

    Raises:
        ValidationError: by field; that of the second follow-up as `1.entro`.
    """
    roles.require(by, MANAGE)
    _check(dati, seguiti)
    given = {name: getattr(dati, name) for name in FIELDS}
    tavolo = Tavolo(inserito_da=by, esempio=esempio, **given)
    tavolo.save()
    _link(tavolo, dati)
    for each in seguiti:
        _write(Seguito(tavolo=tavolo), each)
    audit.record(
        by=by, action="tavolo.inserito", on=tavolo, **_facts(tavolo, dati), seguiti=len(seguiti)
    )
    return tavolo


@transaction.atomic
def update(
    *,
    by: User,
    pk: int,
    versione: int,
    dati: Dati,
    seguiti: Sequence[Richiesta] = (),
    tolti: Collection[int] = (),
) -> Tavolo:
    """Correct a meeting; follow-ups that are not named stay as they are.

    Args:
        versione: the one that the person read.
        tolti: keys of open follow-ups to take away.

    Raises:
        Conflict: somebody has changed it since, or a follow-up was done; `current` is the meeting.
        NotThere: there is no such meeting, or a follow-up is not one of its own.
        ValidationError: by field.
    """
    roles.require(by, MANAGE)
    tavolo = Tavolo.objects.select_for_update().filter(pk=pk).first()
    if tavolo is None:
        raise NotThere(_GONE)
    if tavolo.versione != versione:
        raise Conflict("Qualcuno ha modificato il tavolo nel frattempo.", tavolo)
    standing = {each.pk: each for each in tavolo.seguiti.select_for_update(of=("self",))}
    named = {each.id for each in seguiti if each.id is not None} | set(tolti)
    if not named <= standing.keys():
        raise NotThere("Un seguito non è di questo tavolo: ricaricare la pagina e ripetere.")
    changed = [each for each in seguiti if each.id is None or _differs(standing[each.id], each)]
    _still_open(tavolo, standing, {each.id for each in changed} | set(tolti))
    _check(dati, seguiti)
    _none_left_outside(dati, standing, named)
    modifiche = _changes(tavolo, dati)
    if not (modifiche or changed or tolti):
        return tavolo
    _rewrite(tavolo, dati)
    Seguito.objects.filter(pk__in=tolti).delete()
    for each in changed:
        _write(standing[each.id] if each.id is not None else Seguito(tavolo=tavolo), each)
    audit.record(
        by=by,
        action="tavolo.modificato",
        on=tavolo,
        versione=tavolo.versione,
        modifiche=modifiche,
        seguiti_scritti=[each.descrizione for each in changed],
        seguiti_tolti=[standing[key].descrizione for key in tolti],
    )
    return tavolo


def _check(dati: Dati, seguiti: Sequence[Richiesta]) -> None:
    errors: dict[str, str] = {}
    known = set(Provincia.objects.values_list("pk", flat=True))
    latest = timezone.localdate() + AHEAD
    if not settings.EARLIEST_DATE <= dati.data <= latest:
        errors["data"] = f"Dal {italian(settings.EARLIEST_DATE)} al {italian(latest)}."
    if dati.tipo == Tavolo.Tipo.BILATERALE and not dati.province:
        errors["province"] = "Un tavolo bilaterale riguarda almeno una provincia: sceglierla."
    if dati.tipo == Tavolo.Tipo.REGIONALE and dati.province:
        errors["province"] = (
            "Un tavolo regionale riguarda tutte le province: togliere quelle scelte, o cambiare"
            " il tipo in bilaterale."
        )
    if not set(dati.province) <= known:
        errors["province"] = "Una delle province scelte non esiste."
    if Procedura.objects.filter(pk__in=dati.procedure).count() != len(set(dati.procedure)):
        errors["procedure"] = "Una delle procedure scelte non esiste più: sceglierle di nuovo."
    allowed = known if dati.tipo == Tavolo.Tipo.REGIONALE else set(dati.province)
    for place, each in enumerate(seguiti):
        if not dati.data <= each.entro <= dati.data + LATEST_TERM:
            errors[f"{place}.entro"] = "La scadenza va dal giorno del tavolo a due anni dopo."
        if each.provincia is not None and each.provincia not in allowed:
            errors[f"{place}.provincia"] = "Il seguito è di una provincia che non è nel tavolo."
    if errors:
        raise ValidationError(errors)  # type: ignore[arg-type]


def _none_left_outside(dati: Dati, standing: Mapping[int, Seguito], named: Collection[int]) -> None:
    """Whoever was asked for something must go on reading the meeting that asked."""
    if dati.tipo == Tavolo.Tipo.REGIONALE:
        return
    left = {
        each.provincia_id
        for key, each in standing.items()
        if key not in named and each.provincia_id
    }
    if not left <= set(dati.province):
        missing = ", ".join(sorted(left - set(dati.province)))
        raise ValidationError(
            {"province": f"Restano seguiti di {missing}: la provincia non si può togliere."}
        )


def _still_open(
    tavolo: Tavolo, standing: Mapping[int, Seguito], keys: Collection[int | None]
) -> None:
    done = [each for key, each in standing.items() if key in keys and each.fatto_il]
    if done:
        raise Conflict(f"Il seguito «{done[0]}» nel frattempo è stato segnato come fatto.", tavolo)


def _differs(standing: Seguito, sent: Richiesta) -> bool:
    now = (standing.descrizione, standing.entro, standing.provincia_id)
    return now != (sent.descrizione, sent.entro, sent.provincia)


def _write(seguito: Seguito, sent: Richiesta) -> None:
    seguito.descrizione, seguito.entro = sent.descrizione, sent.entro
    seguito.provincia_id = sent.provincia
    seguito.save()


def _rewrite(tavolo: Tavolo, dati: Dati) -> None:
    for name in FIELDS:
        setattr(tavolo, name, getattr(dati, name))
    tavolo.versione += 1
    tavolo.save()
    _link(tavolo, dati)


def _link(tavolo: Tavolo, dati: Dati) -> None:
    tavolo.province.set(dati.province)
    tavolo.procedure.set(dati.procedure)


def _facts(tavolo: Tavolo, dati: Dati) -> dict[str, Any]:
    return {
        "tipo": tavolo.tipo,
        "data": tavolo.data,
        "province": sorted(dati.province),
        "procedure": sorted(dati.procedure),
    }


def _changes(tavolo: Tavolo, dati: Dati) -> dict[str, list[Any]]:
    before: dict[str, Any] = {name: getattr(tavolo, name) for name in FIELDS}
    before["province"] = sorted(tavolo.province.values_list("pk", flat=True))
    before["procedure"] = sorted(tavolo.procedure.values_list("pk", flat=True))
    after: dict[str, Any] = {name: getattr(dati, name) for name in FIELDS}
    after |= {name: sorted(set(getattr(dati, name))) for name in ("province", "procedure")}
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}
