"""Figures of the measures: how many, and euro granted and paid, from the sums or as published."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode

from measures.misura import Fase, Misura, misura_of
from measures.models import DIMENSIONI, SintesiMisura, StatisticaPubblicata
from measures.tables.core import PubblicateTable, SommeTable
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value, leaf
from porfse.periods import italian

FIELDS = {
    "misura_numero": ("numero", Unit.NUMERO, "numero"),
    "misura_concesso": ("concesso", Unit.EURO, "importo ammesso"),
    "misura_liquidato": ("liquidato", Unit.EURO, "importo liquidato"),
}
CARICATA, ESEMPIO, PUBBLICATA = "caricata", "esempio", "pubblicata"
Cut = tuple[str, bool, str]


def number(misura: Misura, fase: str, **params: object) -> Leaf:
    """How many came to a phase; `fonte` is `caricata` (default), `esempio` or `pubblicata`."""
    return _leaf("misura_numero", misura, fase, params)


def granted(misura: Misura, fase: str, **params: object) -> Leaf:
    """Euro granted to those that came to a phase."""
    return _leaf("misura_concesso", misura, fase, params)


def paid(misura: Misura, fase: str, **params: object) -> Leaf:
    """Euro paid to those that came to a phase."""
    return _leaf("misura_liquidato", misura, fase, params)


def _leaf(name: str, misura: Misura, fase: str, params: Mapping[str, object]) -> Leaf:
    return leaf(name, misura=misura.slug, fase=fase, **params)


class Measured(Source):
    names = tuple(FIELDS)
    params = ("misura", "fase", "fonte", *DIMENSIONI)
    permission = "measures.view_misure"

    def label(self, leaf: Leaf) -> str:
        misura, fase = _asked(leaf)
        parts = [f"{misura.nome}, {fase.nome.lower()}: {FIELDS[leaf.name][2]}"]
        for name, value in _cut_of(leaf).items():
            dimension = misura.dimensioni[name]
            parts.append(f"{dimension.nome.lower()} {dimension.voci.get(value, value)}")
        source = leaf.get("fonte") or CARICATA
        words = {CARICATA: "dati acquisiti", ESEMPIO: "dati di esempio"}
        return ", ".join([*parts, words.get(source, "dato pubblicato")])

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        printed = {item for item in leaves if item.get("fonte") == PUBBLICATA}
        summed = set(leaves) - printed
        return {**_printed_values(printed), **_summed_values(summed)}

    def rows(self, leaf: Leaf) -> Rows:
        misura, _ = _asked(leaf)
        if leaf.get("fonte") == PUBBLICATA:
            found = _printed(leaf)
            value = _printed_value(leaf, found)
            rows = [found] if found else []
            return Rows(PubblicateTable(rows), value.amount, note="Come la fonte lo stampa.")
        rows = list(_states(leaf))
        field = FIELDS[leaf.name][0]
        total = sum((Decimal(getattr(row, field)) for row in rows), Decimal(0))
        query = urlencode({"fase": leaf.get("fase") or "", **_cut_of(leaf)})
        return Rows(
            SommeTable(rows),
            total if _loaded(misura, example=_example(leaf)) else None,
            note="Somme per stato, scritte insieme a ogni flusso acquisito.",
            link=(
                f"Elenco: {misura.plurale}",
                f"{reverse('measures:elenco', args=[misura.slug])}?{query}",
            ),
        )


def _asked(leaf: Leaf) -> tuple[Misura, Fase]:
    misura = misura_of(leaf.get("misura") or "")
    fase = misura.fasi.get(leaf.get("fase") or "")
    if fase is None:
        known = ", ".join(misura.fasi)
        raise FigureError(f"La fase «{leaf.get('fase')}» non esiste: scegliere fra {known}.")
    if (leaf.get("fonte") or CARICATA) not in (CARICATA, ESEMPIO, PUBBLICATA):
        raise FigureError("La fonte è «caricata», «esempio» o «pubblicata».")
    unknown = set(_cut_of(leaf)) - set(misura.dimensioni)
    if unknown:
        raise FigureError(f"La misura «{misura.nome}» non è divisa per «{min(unknown)}».")
    cut = tuple(sorted(_cut_of(leaf)))
    if leaf.get("fonte") != PUBBLICATA and cut not in misura.cuts():
        raise FigureError(f"La misura «{misura.nome}» non è divisa per {' e '.join(cut)} insieme.")
    return misura, fase


def _cut_of(leaf: Leaf) -> dict[str, str]:
    return {name: value for name, value in leaf.params if name in DIMENSIONI}


def _example(leaf: Leaf) -> bool:
    return leaf.get("fonte") == ESEMPIO


def _loaded(misura: Misura, *, example: bool) -> bool:
    return SintesiMisura.objects.filter(misura=misura.slug, esempio=example, taglio="").exists()


def _states(leaf: Leaf) -> Iterable[SintesiMisura]:
    misura, fase = _asked(leaf)
    cut = _cut_of(leaf)
    narrowed = {("provincia_id" if name == "provincia" else name): cut[name] for name in cut}
    return SintesiMisura.objects.filter(
        misura=misura.slug,
        esempio=_example(leaf),
        taglio="+".join(sorted(cut)),
        stato__in=fase.stati,
        **narrowed,
    )


def _summed_values(leaves: Collection[Leaf]) -> dict[Leaf, Value]:
    """Read the rows of all cuts that are asked for in one query."""
    asked = {item: (_asked(item), _cut_of(item)) for item in leaves}
    wanted = Q()
    for item, ((misura, _), cut) in asked.items():
        for name in {"", "+".join(sorted(cut))}:
            wanted |= Q(misura=misura.slug, esempio=_example(item), taglio=name)
    sums: defaultdict[Cut, list[SintesiMisura]] = defaultdict(list)
    if asked:
        for row in SintesiMisura.objects.filter(wanted):
            sums[row.misura, row.esempio, row.taglio].append(row)
    found = {}
    for item, ((misura, fase), cut) in asked.items():
        key = misura.slug, _example(item)
        rows = sums[(*key, "+".join(sorted(cut)))]
        known = bool(sums[(*key, "")])
        found[item] = _value(item, fase, cut, rows, known=known)
    return found


def _value(
    leaf: Leaf, fase: Fase, cut: Mapping[str, str], rows: list[SintesiMisura], *, known: bool
) -> Value:
    field, unit, _ = FIELDS[leaf.name]
    if not known:
        return Value(None, unit, missing="nessun flusso acquisito", example=_example(leaf))
    amount = sum(
        (
            Decimal(getattr(row, field))
            for row in rows
            if row.stato in fase.stati
            and all(
                (row.provincia_id if name == "provincia" else getattr(row, name)) == value
                for name, value in cut.items()
            )
        ),
        Decimal(0),
    )
    return Value(amount, unit, example=_example(leaf))


def _printed(leaf: Leaf) -> StatisticaPubblicata | None:
    misura, _ = _asked(leaf)
    found = _published([misura.slug])
    return found.get(_place(leaf))


def _place(leaf: Leaf) -> tuple[str, str, str, str]:
    cut = _cut_of(leaf)
    if len(cut) > 1:
        raise FigureError("I dati pubblicati sono divisi per una sola dimensione.")
    name, value = next(iter(cut.items()), ("", ""))
    return leaf.get("misura") or "", leaf.get("fase") or "", name, value


def _published(slugs: Iterable[str]) -> dict[tuple[str, str, str, str], StatisticaPubblicata]:
    """The latest published figure of each place, of sources that are in force."""
    rows = StatisticaPubblicata.objects.filter(
        misura__in=list(slugs), fonte__ritirata_il=None
    ).select_related("fonte")
    return {(row.misura, row.fase, row.dimensione, row.voce): row for row in rows.order_by("data")}


def _printed_values(leaves: Collection[Leaf]) -> dict[Leaf, Value]:
    asked = {item: _asked(item)[0].slug for item in leaves}
    found = _published(set(asked.values())) if asked else {}
    return {item: _printed_value(item, found.get(_place(item))) for item in asked}


def _printed_value(leaf: Leaf, row: StatisticaPubblicata | None) -> Value:
    unit = FIELDS[leaf.name][1]
    amount = None
    if row:
        amount = {"misura_numero": row.numero, "misura_concesso": row.importo}.get(leaf.name)
    if amount is None:
        return Value(None, unit, missing="non pubblicato")
    return Value(Decimal(amount), unit)


def published_on(misura: Misura) -> str:
    """Return the day of the latest published figures of a measure; empty if there are none."""
    days = [row.data for row in _published([misura.slug]).values()]
    return italian(max(days)) if days else ""
