"""Figures of the measures: how many, and euro granted and paid, from the sums or as published."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from measures.misura import Fase, Misura, misura_of
from measures.models import DIMENSIONI, SintesiMisura, StatisticaPubblicata
from measures.tables.core import PubblicateTable, SommeTable
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value, leaf
from porfse.periods import italian, parse_date

FIELDS = {
    "misura_numero": ("numero", Unit.NUMERO, "numero"),
    "misura_concesso": ("concesso", Unit.EURO, "importo ammesso"),
    "misura_liquidato": ("liquidato", Unit.EURO, "importo liquidato"),
}
CARICATA, ESEMPIO, PUBBLICATA = "caricata", "esempio", "pubblicata"
_FIELD = {"provincia": "provincia_id"}  # the column of the sums, where it is not the name
Cut = tuple[str, bool, str]  # measure, whether examples, name of the cut
Group = tuple[str, bool, str, tuple[str, ...]]  # the same, and the values of the cut
Place = tuple[str, str, str, str, date | None]  # measure, phase, dimension and its value, day


def is_example(leaf: Leaf) -> bool:
    """Say whether a figure is one of examples.

    Raises:
        FigureError: it is, and this is not the demonstration.
    """
    if leaf.get("fonte") == ESEMPIO and not settings.DEMO:
        raise FigureError("I dati di esempio si vedono solo nella dimostrazione.")
    return leaf.get("fonte") == ESEMPIO


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
    params = ("misura", "fase", "fonte", "al", *DIMENSIONI)
    permission = "measures.view_misure"

    def label(self, leaf: Leaf) -> str:
        misura, fase = _asked(leaf)
        parts = [f"{misura.nome}, {fase.nome.lower()}: {FIELDS[leaf.name][2]}"]
        for name, value in _cut_of(leaf).items():
            dimension = misura.dimensioni[name]
            parts.append(f"{dimension.nome.lower()} {dimension.voci.get(value, value)}")
        source = leaf.get("fonte") or CARICATA
        words = {CARICATA: "dati acquisiti", ESEMPIO: "dati di esempio"}
        printed = f"dato pubblicato al {italian(day)}" if (day := _day(leaf)) else "dato pubblicato"
        return ", ".join([*parts, words.get(source, printed)])

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
        return Rows(
            SommeTable(rows, exclude=[name for name in DIMENSIONI if name not in _cut_of(leaf)]),
            total if _loaded(misura, example=is_example(leaf)) else None,
            note="Somme per stato, scritte insieme a ogni flusso acquisito.",
            # Not the list: not all who read figures may open it, and it has one kind of rows.
            link=(f"Misura: {misura.nome}", reverse("measures:misura", args=[misura.slug])),
        )


def _asked(leaf: Leaf) -> tuple[Misura, Fase]:
    misura = misura_of(leaf.get("misura") or "")
    fase = misura.fasi.get(leaf.get("fase") or "")
    if fase is None:
        known = ", ".join(misura.fasi)
        raise FigureError(f"La fase «{leaf.get('fase')}» non esiste: scegliere fra {known}.")
    if (leaf.get("fonte") or CARICATA) not in (CARICATA, ESEMPIO, PUBBLICATA):
        raise FigureError("La fonte è «caricata», «esempio» o «pubblicata».")
    if leaf.get("al") and leaf.get("fonte") != PUBBLICATA:
        raise FigureError("La data si sceglie per i soli dati pubblicati.")
    unknown = set(_cut_of(leaf)) - set(misura.dimensioni)
    if unknown:
        raise FigureError(f"La misura «{misura.nome}» non è divisa per «{min(unknown)}».")
    cut = tuple(sorted(_cut_of(leaf)))
    if leaf.get("fonte") != PUBBLICATA and cut not in misura.cuts():
        raise FigureError(f"La misura «{misura.nome}» non è divisa per {' e '.join(cut)} insieme.")
    return misura, fase


def _day(leaf: Leaf) -> date | None:
    text = leaf.get("al")
    return parse_date(text, earliest=settings.EARLIEST_DATE) if text else None


def _cut_of(leaf: Leaf) -> dict[str, str]:
    return {name: value for name, value in leaf.params if name in DIMENSIONI}


def _loaded(misura: Misura, *, example: bool) -> bool:
    return SintesiMisura.objects.filter(misura=misura.slug, esempio=example, taglio="").exists()


def _states(leaf: Leaf) -> Iterable[SintesiMisura]:
    misura, fase = _asked(leaf)
    cut = _cut_of(leaf)
    narrowed = {_FIELD.get(name, name): cut[name] for name in cut}
    return SintesiMisura.objects.filter(
        misura=misura.slug,
        esempio=is_example(leaf),
        taglio="+".join(sorted(cut)),
        stato__in=fase.stati,
        **narrowed,
    )


def _summed_values(leaves: Collection[Leaf]) -> dict[Leaf, Value]:
    """Read the rows of all cuts that are asked for in one query."""
    asked = {item: (_asked(item), _cut_of(item)) for item in leaves}
    cuts = {
        (misura.slug, is_example(item), name)
        for item, ((misura, _), cut) in asked.items()
        for name in ("", "+".join(sorted(cut)))
    }
    sums = _sums(cuts)
    found = {}
    for item, ((misura, fase), cut) in asked.items():
        whole = (misura.slug, is_example(item), "")
        rows = sums.get((*whole[:2], "+".join(sorted(cut)), _values(cut)), ())
        found[item] = _value(item, fase, rows, known=(*whole, ()) in sums)
    return found


def _sums(cuts: Collection[Cut]) -> dict[Group, list[SintesiMisura]]:
    """The rows of some cuts, by the values that they are cut by."""
    if not cuts:
        return {}
    wanted = Q()
    for slug, example, name in sorted(cuts):
        wanted |= Q(misura=slug, esempio=example, taglio=name)
    sums: defaultdict[Group, list[SintesiMisura]] = defaultdict(list)
    for row in SintesiMisura.objects.filter(wanted):
        names = row.taglio.split("+") if row.taglio else []
        cut = {name: getattr(row, _FIELD.get(name, name)) for name in names}
        sums[row.misura, row.esempio, row.taglio, _values(cut)].append(row)
    return dict(sums)


def _values(cut: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(cut[name] for name in sorted(cut))


def _value(leaf: Leaf, fase: Fase, rows: Iterable[SintesiMisura], *, known: bool) -> Value:
    field, unit, _ = FIELDS[leaf.name]
    if not known:
        return Value(None, unit, missing="nessun flusso acquisito", example=is_example(leaf))
    amounts = (Decimal(getattr(row, field)) for row in rows if row.stato in fase.stati)
    return Value(sum(amounts, Decimal(0)), unit, example=is_example(leaf))


def _printed(leaf: Leaf) -> StatisticaPubblicata | None:
    misura, _ = _asked(leaf)
    found = _published([misura.slug])
    return found.get(_place(leaf))


def _place(leaf: Leaf) -> Place:
    cut = _cut_of(leaf)
    if len(cut) > 1:
        raise FigureError("I dati pubblicati sono divisi per una sola dimensione.")
    name, value = next(iter(cut.items()), ("", ""))
    return leaf.get("misura") or "", leaf.get("fase") or "", name, value, _day(leaf)


def _published(slugs: Iterable[str]) -> dict[Place, StatisticaPubblicata]:
    """The published figures of sources in force: each on its day, the latest without a day too."""
    found: dict[Place, StatisticaPubblicata] = {}
    for row in printed(slugs).order_by("data"):
        where = row.misura, row.fase, row.dimensione, row.voce
        found[*where, row.data] = found[*where, None] = row
    return found


def printed(slugs: Iterable[str]) -> QuerySet[StatisticaPubblicata]:
    """Return what documents in force print of some measures."""
    rows = StatisticaPubblicata.objects.filter(misura__in=list(slugs), fonte__ritirata_il=None)
    return rows.select_related("fonte")


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
