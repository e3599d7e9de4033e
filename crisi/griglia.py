"""The grid of a nucleo's quarter: its sites, what is stored of them, what the person typed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from crisi.checks import Segnalazione
from crisi.forms.trimestri import RigaForm
from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale, Procedura, UnitaProduttiva
from crisi.services.pal import VALORI, values_of
from crisi.trimestri import sites_of

TUTTE = "tutte"


@dataclass
class Voce:
    """A site of the grid.

    Attributes:
        attesa: the quarter asks for it; else it only has a row, which may be taken away.
        in_vigore: what is stored of the quarter.
        precedente: what is stored of the quarter before.
        storia: the rows of the quarter that were replaced, the latest first.
        conflitto: somebody else saved since the person opened the page.
    """

    unita: UnitaProduttiva
    attesa: bool
    in_vigore: AvanzamentoPAL | None = None
    precedente: AvanzamentoPAL | None = None
    storia: list[AvanzamentoPAL] = field(default_factory=list)
    segnalazioni: list[Segnalazione] = field(default_factory=list)
    form: RigaForm | None = None
    conflitto: bool = False


def voci(
    monitoraggio: MonitoraggioTrimestrale, segnalazioni: Iterable[Segnalazione] = ()
) -> list[Voce]:
    """Return the sites of a quarter with what is stored of them, in two queries."""
    found = {unita.pk: Voce(unita, unita.attesa) for unita in _sites(monitoraggio)}
    before = str(monitoraggio.periodo.precedente)
    rows = AvanzamentoPAL.objects.filter(
        unita__in=found.keys(), trimestre__in=(monitoraggio.trimestre, before)
    )
    for row in rows.select_related("autore").order_by("-pk"):
        voce = found[row.unita_id]
        if row.trimestre == before:
            voce.precedente = voce.precedente or (None if row.sostituito_il else row)
        elif row.sostituito_il is None:
            voce.in_vigore = row
        else:
            voce.storia.append(row)
    noted = defaultdict(list)
    for item in segnalazioni:
        noted[item.unita_id].append(item)
    for pk, voce in found.items():
        voce.segnalazioni = noted[pk]
    return list(found.values())


def _sites(monitoraggio: MonitoraggioTrimestrale) -> QuerySet[UnitaProduttiva]:
    """Those that the quarter asks for, and those that have a row in it all the same."""
    asked = sites_of(monitoraggio).filter(pk=OuterRef("pk"))
    stored = AvanzamentoPAL.objects.in_force().filter(
        unita=OuterRef("pk"), trimestre=monitoraggio.trimestre
    )
    return (
        UnitaProduttiva.objects.filter(comune__provincia=monitoraggio.provincia_id)
        .exclude(procedura__stato=Procedura.Stato.RITIRATA)
        .annotate(attesa=Exists(asked))
        .filter(Q(attesa=True) | Exists(stored))
        .select_related("comune", "procedura__azienda")
        .order_by("procedura__azienda__denominazione", "procedura", "codice")
    )


def with_stored(rows: Sequence[Voce]) -> None:
    """Give each site the form of what is stored."""
    for voce in rows:
        voce.form = _form(voce, initial=_initial(voce.in_vigore))


def with_typed(rows: Sequence[Voce], data: QueryDict) -> None:
    """Give each site the form of what was typed, to be judged."""
    for voce in rows:
        sent = f"{voce.unita.pk}-vista" in data
        voce.form = (
            _form(voce, data=data) if sent else _form(voce, initial=_initial(voce.in_vigore))
        )


def with_previous(rows: Sequence[Voce], data: QueryDict, chosen: str) -> int:
    """Show what was typed, and in the chosen rows what the quarter before said; save nothing.

    Args:
        chosen: the key of a site, or TUTTE for those in which nothing is written.

    Returns:
        in how many rows the values of the quarter before now stand.
    """
    filled = 0
    for voce in rows:
        typed = _typed(voce, data)
        wanted = _blank(typed) if chosen == TUTTE else chosen == str(voce.unita.pk)
        if wanted and voce.precedente:
            typed |= values_of(voce.precedente) | {"ripresa": "1"}
            filled += 1
        voce.form = _form(voce, initial=typed)
    return filled


def with_conflicts(
    rows: Sequence[Voce], data: QueryDict, current: Mapping[int, AvanzamentoPAL | None]
) -> None:
    """Show what was typed, and beside it what somebody else wrote; saving again replaces it."""
    for voce in rows:
        typed = _typed(voce, data)
        if voce.unita.pk in current:
            stored = current[voce.unita.pk]
            voce.conflitto, voce.in_vigore = True, stored
            typed["vista"] = stored.pk if stored else ""
        voce.form = _form(voce, initial=typed)


def with_theirs(rows: Sequence[Voce], data: QueryDict, chosen: str) -> None:
    """Show what was typed, but in the chosen row what is stored."""
    for voce in rows:
        typed = _typed(voce, data)
        if chosen == str(voce.unita.pk):
            typed = _initial(voce.in_vigore)
        voce.form = _form(voce, initial=typed)


def _form(voce: Voce, **kwargs: Any) -> RigaForm:
    return RigaForm(unita=voce.unita, stored=voce.in_vigore, **kwargs)


def _initial(stored: AvanzamentoPAL | None) -> dict[str, Any]:
    return {**values_of(stored), "vista": stored.pk} if stored else {}


def _typed(voce: Voce, data: QueryDict) -> dict[str, Any]:
    """What was sent of a site as it was written; what is stored if it was not on the page."""
    prefix = voce.unita.pk
    if f"{prefix}-vista" not in data:
        return _initial(voce.in_vigore)
    names = (*VALORI, "vista", "ripresa")
    found: dict[str, Any] = {name: data.get(f"{prefix}-{name}", "") for name in names}
    return found | {"strumenti": data.getlist(f"{prefix}-strumenti")}


def _blank(typed: Mapping[str, Any]) -> bool:
    return not any(typed.get(name) not in (None, "", []) for name in VALORI)


def sent_keys(data: QueryDict) -> set[str]:
    """The keys of the sites that a form names, whatever they are."""
    return {name.removesuffix("-vista") for name in data if name.endswith("-vista")}
