"""Sums of the ledger up to a date: the four quantities, and the EU share of the last."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value
from porfse.models import Fonte
from porfse.periods import italian
from programme.figures.days import day_of
from programme.models import (
    GRANDEZZE,
    Asse,
    Azione,
    Iniziativa,
    Movimento,
    ObiettivoSpecifico,
    Perimetro,
    Priorita,
)
from programme.querysets import NON_ATTRIBUITO, NON_RIPARTITO, MovimentoQuerySet
from programme.tables import MovimentiTable

EU_SHARE = "certificata_ue"
LABELS = {
    "programmate": "Risorse programmate",
    "impegnate": "Risorse impegnate",
    "liquidate": "Risorse liquidate",
    "certificata": "Spesa certificata",
    EU_SHARE: "Spesa certificata, quota UE",
}
_NODES: dict[str, type[Asse | Priorita | ObiettivoSpecifico | Azione | Iniziativa]] = {
    "asse": Asse,
    "priorita": Priorita,
    "obiettivo": ObiettivoSpecifico,
    "azione": Azione,
    "iniziativa": Iniziativa,
}
_LEVELS = (*_NODES, "perimetro", "fonte")
Natura = Movimento.Natura
Group = dict[str, Any]


class Ledger(Source):
    names = tuple(LABELS)
    params = ("al", *_LEVELS)
    permission = "programme.view_programma"

    def label(self, leaf: Leaf) -> str:
        parts = [LABELS[leaf.name]]
        for level, model in _NODES.items():
            code = leaf.get(level)
            if code == NON_RIPARTITO:
                parts.append("non ripartita tra gli assi")
            elif code == NON_ATTRIBUITO:
                parts.append("non attribuite a iniziative")
            elif code:
                parts.append(_existing(model, code))
        if leaf.get("fonte"):
            parts.append(f"dalla fonte «{_existing(Fonte, leaf.get('fonte'))}»")
        parts.append(f"al {italian(day_of(leaf))}")
        if leaf.get("perimetro"):
            parts.append(f"perimetro {_perimeter(leaf).label}")
        return ", ".join(parts)

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        by_model: defaultdict[type[Movimento], list[Leaf]] = defaultdict(list)
        for leaf in leaves:
            by_model[model_of(leaf.name)].append(leaf)
        values: dict[Leaf, Value] = {}
        for model, asked in by_model.items():
            days = sorted({day_of(leaf) for leaf in asked})
            share = any(leaf.name == EU_SHARE for leaf in asked)
            by_source = any(leaf.get("fonte") for leaf in asked)
            groups = list(model.objects.in_force().grouped(days, share=share, by_source=by_source))
            for leaf in asked:
                values[leaf] = _Sum(leaf, groups, days.index(day_of(leaf))).value()
        return values

    def rows(self, leaf: Leaf) -> Rows:
        movements = movements_of(leaf)
        share = leaf.name == EU_SHARE
        link = reverse("programme:movimenti", args=[model_of(leaf.name).grandezza])
        return Rows(
            table=MovimentiTable(movements.with_context(), share=share),
            total=movements.total("quota_ue" if share else "importo"),
            note="Movimenti in vigore fino alla data, con atto o fonte. Un saldo pubblicato è un "
            "movimento: quanto aggiunge al saldo precedente.",
            link=("Apri nel registro dei movimenti", f"{link}?{urlencode(dict(leaf.params))}"),
        )


def model_of(name: str) -> type[Movimento]:
    """Return the table behind a quantity."""
    return GRANDEZZE["certificata" if name == EU_SHARE else name]


def movements_of(leaf: Leaf) -> MovimentoQuerySet:
    """Return the movements that add up to a leaf."""
    levels = {level: code for level in _LEVELS if (code := leaf.get(level))}
    rows = model_of(leaf.name).objects.in_force().up_to(day_of(leaf)).within(levels)
    return rows.filter(quota_ue__isnull=False) if leaf.name == EU_SHARE else rows.exclude(importo=0)


def _existing(model: type[Any], code: str) -> str:
    valid = code.isdigit() if model is Fonte else True
    found = model.objects.filter(pk=code).first() if valid else None
    if found is None:
        raise FigureError(f"Non esiste: {model._meta.verbose_name} «{code}».")
    return str(found)


def _words(groups: Iterable[Group]) -> frozenset[str]:
    """What a sum includes of the Covid wage support, as pages say it."""
    found = {Perimetro(group["perimetro"]) for group in groups}
    if Perimetro.NON_DICHIARATA in found:
        return frozenset({Perimetro.NON_DICHIARATA.label})
    if len(found) > 1:
        return frozenset({"CIGD inclusa"})
    return frozenset(perimeter.label for perimeter in found)


def _perimeter(leaf: Leaf) -> Perimetro:
    try:
        return Perimetro(leaf.get("perimetro"))
    except ValueError as error:
        raise FigureError(f"Il perimetro «{leaf.get('perimetro')}» non esiste.") from error


class _Sum:
    """One leaf over the groups of its table, at the day with this index."""

    def __init__(self, leaf: Leaf, groups: Iterable[Group], index: int) -> None:
        self.leaf = leaf
        self.name = leaf.name
        self.day = index
        self.everything = [group for group in groups if group[f"importo_{index}"] is not None]
        self.wider = [group for group in self.everything if self._within(group, perimeter=False)]
        self.groups = [group for group in self.wider if self._within(group, perimeter=True)]

    def _within(self, group: Group, *, perimeter: bool) -> bool:
        levels = all(self._matches(group, level) for level in _NODES)
        source = self.leaf.get("fonte")
        wanted = self.leaf.get("perimetro") if perimeter else None
        return (
            levels
            and (not source or str(group["codice_fonte"]) == source)
            and (not wanted or group["perimetro"] == _perimeter(self.leaf))
        )

    def _matches(self, group: Group, level: str) -> bool:
        wanted, actual = self.leaf.get(level), group[f"codice_{level}"]
        if (level, wanted) == ("asse", NON_RIPARTITO):
            return actual is None
        if (level, wanted) == ("iniziativa", NON_ATTRIBUITO):
            return actual is None and group["codice_azione"] is None and group["codice_asse"]
        return wanted in (None, actual)

    def value(self) -> Value:
        if self.name == EU_SHARE:
            return self._share()
        groups = [group for group in self.groups if group[f"ultima_{self.day}"]]
        missing = self._not_split() or self._undeclared()
        if missing or not groups:
            return Value(None, Unit.EURO, missing=missing or self._never())
        natures = {group["natura"] for group in groups}
        return Value(
            amount=sum(group[f"importo_{self.day}"] for group in groups),
            unit=Unit.EURO,
            scope=_words(groups),
            derived=bool(natures & self._derived()),
            rounding=self._rounding(groups),
            circular=bool(natures & self._circular()),
        )

    def _share(self) -> Value:
        known = [group for group in self.groups if group[f"ultima_quota_{self.day}"]]
        if not known:
            return Value(None, Unit.EURO, missing="quota UE non pubblicata a questo livello")
        last = max(group[f"ultima_quota_{self.day}"] for group in known)
        later = [
            group[f"ultima_{self.day}"]
            for group in self.groups
            if group[f"quota_{self.day}"] is None and group[f"ultima_{self.day}"]
        ]
        if later and max(later) > last:
            return Value(
                None, Unit.EURO, missing=f"ultimo dato al {italian(last)}", last_known=last
            )
        return Value(
            amount=sum(group[f"quota_{self.day}"] for group in known),
            unit=Unit.EURO,
            scope=_words(known),
            rounding=sum((group["arrotondamento"] for group in known), Decimal(0)),
        )

    def _never(self) -> str:
        return "" if self.everything else "nessun dato a questa data"

    def _not_split(self) -> str:
        """An asse is not known after a total was published without its assi."""
        if self.leaf.get("asse") in (None, NON_RIPARTITO):
            return ""
        last = self._last(self.wider)
        unsplit = self._last(group for group in self.everything if group["codice_asse"] is None)
        if last and unsplit and unsplit > last:
            return f"ultimo dato al {italian(last)}"
        return ""

    def _undeclared(self) -> str:
        """A perimetro cannot be told apart where a source does not declare its own."""
        wanted = self.leaf.get("perimetro")
        if wanted in (None, Perimetro.NON_DICHIARATA):
            return ""
        undeclared = any(
            group["perimetro"] == Perimetro.NON_DICHIARATA and group[f"ultima_{self.day}"]
            for group in self.wider
        )
        return "la fonte non dichiara il perimetro" if undeclared else ""

    def _last(self, groups: Iterable[Group]) -> date | None:
        days = (group[f"ultima_{self.day}"] for group in groups)
        return max((day for day in days if day), default=None)

    def _derived(self) -> set[str]:
        if self.leaf.get("iniziativa") == NON_ATTRIBUITO or self.leaf.get("asse") == NON_RIPARTITO:
            return {Natura.RESTO, Natura.SCORPORO, Natura.DIFFERENZA}
        derived = {str(Natura.SCORPORO)} if self.leaf.get("perimetro") else set()
        return derived | ({Natura.DIFFERENZA} if self.leaf.get("asse") else set())

    def _circular(self) -> set[str]:
        if self.leaf.get("asse"):
            return {Natura.RESTO, Natura.SCORPORO, Natura.DIFFERENZA}
        return {Natura.DIFFERENZA}

    def _rounding(self, groups: list[Group]) -> Decimal:
        """Of each asse (or initiative) the rounding of its latest printed balance."""
        below = self.leaf.get("iniziativa") or self.leaf.get("azione")
        latest: dict[object, tuple[date, Decimal]] = {}
        for group in groups:
            if group["codice_iniziativa"] and not below:
                continue
            key = group["codice_iniziativa"] or group["codice_asse"]
            found = (group[f"ultima_{self.day}"], group["arrotondamento"])
            latest[key] = max(latest.get(key, found), found)
        return sum((rounding for _, rounding in latest.values()), Decimal(0))
