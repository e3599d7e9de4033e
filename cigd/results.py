"""What the verifications of samples have found so far: a few queries, however many samples."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, Sum

from cigd.models import Campione, ElementoCampione, StratoCampione
from cigd.projection import MUS, STRATIFICATO, Found, Term, projected, terms, verdict

CONCLUSI = Q(stato__in=(ElementoCampione.Stato.REGOLARE, ElementoCampione.Stato.IRREGOLARE))
ZERO = Decimal(0)
_CERTAIN, _OTHERS = 0, 1
Row = dict[str, Any]


@dataclass(frozen=True)
class Results:
    """A sample and its terms; the sums are over its elements, in euro."""

    campione: Campione
    termini: list[Term]
    estratto: Decimal

    @property
    def elementi(self) -> int:
        return sum(term.parte.estratti for term in self.termini)

    @property
    def conclusi(self) -> int:
        return sum(term.parte.conclusi for term in self.termini)

    @property
    def controllato(self) -> Decimal:
        return sum((term.parte.controllato for term in self.termini), ZERO)

    @property
    def irregolare(self) -> Decimal:
        return sum((term.parte.irregolare for term in self.termini), ZERO)

    @property
    def errore(self) -> Decimal | None:
        return projected(self.termini)

    @property
    def provvisorio(self) -> bool:
        return self.conclusi < self.elementi

    @property
    def esito(self) -> str:
        return verdict(self.errore, self.campione.importo, provisional=self.provvisorio)


def results(samples: Iterable[int]) -> dict[int, Results]:
    """Return what was found in each of some samples, by number; one that is not there is left out.

    Five queries.
    """
    known = Campione.objects.in_bulk(set(samples))
    parts, drawn = _parts(known), _drawn(known)
    return {
        pk: Results(sample, terms(sample.metodo, parts[pk], sample.intervallo), drawn[pk])
        for pk, sample in known.items()
    }


def _drawn(known: dict[int, Campione]) -> dict[int, Decimal]:
    rows = ElementoCampione.objects.filter(campione__in=known).order_by("campione")
    return dict(rows.values_list("campione").annotate(Sum("importo")))


def _parts(known: dict[int, Campione]) -> dict[int, list[Found]]:
    """The parts of each sample: its strata, certain and other elements, or the whole."""
    stratified = [pk for pk, sample in known.items() if sample.metodo == STRATIFICATO]
    strata = {row.pk: row for row in StratoCampione.objects.filter(campione__in=stratified)}
    groups: defaultdict[int, dict[int, list[Row]]] = defaultdict(dict)
    for row in _sums(known):
        sample = known[row["campione_id"]]
        groups[sample.pk].setdefault(_key(sample, row), []).append(row)
    taints = _taints(known)
    parts: dict[int, list[Found]] = {}
    for pk, sample in known.items():
        named = _named(sample, groups[pk], strata)
        parts[pk] = [
            _found(sample, key, named[key], rows, taints.get((pk, key), Fraction(0)))
            for key, rows in groups[pk].items()
        ]
    return parts


def _key(sample: Campione, row: Mapping[str, Any]) -> int:
    """What tells the parts of a sample: the stratum, whether certain, or nothing."""
    if sample.metodo == STRATIFICATO:
        return row["strato_id"]
    return _OTHERS if sample.metodo == MUS and not row["certo"] else _CERTAIN


def _sums(known: dict[int, Campione]) -> Any:
    return (
        ElementoCampione.objects.filter(campione__in=known)
        .order_by("campione", "strato", "certo")
        .values("campione_id", "strato_id", "certo")
        .annotate(
            estratti=Count("pk"),
            estratto=Sum("importo"),
            conclusi=Count("pk", filter=CONCLUSI),
            controllato=Sum("importo", filter=CONCLUSI, default=ZERO),
            irregolari=Sum("irregolare", filter=CONCLUSI, default=ZERO),
        )
    )


def _taints(known: dict[int, Campione]) -> dict[tuple[int, int], Fraction]:
    """The sum of irregular over amount of the irregular elements, exact."""
    sums: defaultdict[tuple[int, int], Fraction] = defaultdict(Fraction)
    irregular = ElementoCampione.objects.filter(
        campione__in=known, stato=ElementoCampione.Stato.IRREGOLARE
    )
    for row in irregular.values("campione_id", "strato_id", "certo", "importo", "irregolare"):
        sample = known[row["campione_id"]]
        sums[sample.pk, _key(sample, row)] += Fraction(row["irregolare"]) / Fraction(row["importo"])
    return dict(sums)


def _named(
    sample: Campione, groups: dict[int, list[Row]], strata: dict[int, StratoCampione]
) -> dict[int, tuple[str, Decimal]]:
    """The name of each part of a sample, and the amount that it stands for."""
    if sample.metodo == STRATIFICATO:
        return {key: (f"Strato {strata[key]}", strata[key].importo) for key in groups}
    if sample.metodo != MUS:
        return {0: ("Tutta la popolazione", sample.importo)}
    certain = sum((row["estratto"] for row in groups.get(_CERTAIN, [])), ZERO)
    return {
        _CERTAIN: ("Elementi non minori dell'intervallo", certain),
        _OTHERS: ("Altri elementi", sample.importo - certain),
    }


def _found(
    sample: Campione, key: int, named: tuple[str, Decimal], rows: list[Row], taint: Fraction
) -> Found:
    return Found(
        nome=named[0],
        popolazione=named[1],
        estratti=sum(row["estratti"] for row in rows),
        conclusi=sum(row["conclusi"] for row in rows),
        controllato=sum((row["controllato"] for row in rows), ZERO),
        irregolare=sum((row["irregolari"] for row in rows), ZERO),
        tassi=taint,
        certo=sample.metodo == MUS and key == _CERTAIN,
    )
