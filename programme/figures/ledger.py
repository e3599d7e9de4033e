"""Sums of the ledger up to a date: the four quantities, and the EU share of the last."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from porfse.figures import FigureError, Leaf, Rows, Source, Value
from porfse.models import Fonte
from porfse.periods import italian
from programme.figures.days import day_of
from programme.figures.sums import EU_SHARE, LeafSum, Snapshot, perimeter_of
from programme.models import (
    GRANDEZZE,
    Asse,
    Azione,
    Iniziativa,
    Movimento,
    ObiettivoSpecifico,
    Priorita,
)
from programme.querysets import NON_ATTRIBUITO, NON_RIPARTITO, MovimentoQuerySet
from programme.tables import MovimentiTable

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
            parts.append(f"perimetro {perimeter_of(leaf).label}")
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
            snapshots = {day: Snapshot(groups, index) for index, day in enumerate(days)}
            for leaf in asked:
                values[leaf] = LeafSum(leaf, snapshots[day_of(leaf)]).value()
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
