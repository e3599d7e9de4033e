"""The crises of a year and of the year before: published, calculated, beside each other."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Q

from crisi import confronti, published, summary
from crisi.confronti import MISURE
from crisi.figures_pal import LAVORATORI, QUOTE, counted, pal, quota
from crisi.models import Tavolo
from crisi.selection import AVVIATE, CALCOLATA, ESEMPIO, IN_CORSO, PUBBLICATA, Selection
from crisi.tavola import Tavola, tables
from crisi.tavoli import PUBBLICATI
from porfse.figures import Board, Figure, leaf
from porfse.models import Fonte, Provincia
from porfse.periods import Periodo
from porfse.printed import catalogue

Row = dict[str, Any]
# As printed: «un totale di 4.377 lavoratori sospesi», «il 51% circa di loro».
PAL_PUBBLICATE = ("002-03", "002-04")
TOTALE = "lavoratori"  # the measure that is compared by provincia


@dataclass(frozen=True)
class Confronto:
    """A table beside that of the year before: the region by measure, the provinces by workers."""

    prima: Selection
    regione: list[Row]
    province: list[Row]


@dataclass(frozen=True)
class Crisi:
    """What was read of a year. Figures have their values.

    Attributes:
        tavole: of the year, by name: `pubblicata`, `avviate`, `in_corso`, those that there are.
        prima: of the year before, likewise: what is hidden there is hidden in the comparison, too.
        confronti: by the name of the table.
        differenze: calculated less published; empty if there is only one of them, or examples.
        pal: a row for each quarter with data, and how many sites tell each number of workers, or
            both of a share; `pal_esempio` if they are of example procedures.
        pal_pubblicate: what a document prints of the year.
        tavoli: a row for each kind of meeting, published and entered.
        fonti: of the published tables, by year.
    """

    anno: int
    tavole: Mapping[str, Tavola]
    prima: Mapping[str, Tavola]
    confronti: Mapping[str, Confronto]
    differenze: list[Row]
    pal: list[Row]
    pal_esempio: bool
    pal_pubblicate: Mapping[str, Figure]
    tavoli: list[Row]
    fonti: Mapping[int, Fonte]


def crisi(anno: int) -> Crisi:
    """Read a year; the number of queries does not grow with what there is."""
    board, names = Board(), dict(Provincia.objects.values_list("sigla", "nome"))
    found, fonte = published.years(), procedure_contate()
    now, before = (_selections(year, found, fonte) for year in (anno, anno - 1))
    compared = {
        name: _compared(board, now[name], before[name], names)
        for name in ("pubblicata", "avviate")
        if name in now and name in before
    }
    gaps = []
    if "pubblicata" in now and fonte == CALCOLATA:
        gaps = confronti.differences(board, now["avviate"], now["pubblicata"], names)
    steps, example = _steps(board, anno)
    printed = {name: board(leaf("stampata", id=name)) for name in _printed_of(anno)}
    meetings = list(_meetings(board, anno))
    made = tables(board, [*now.values(), *before.values()], names)
    rows = published.in_force().filter(anno__in=(anno, anno - 1))
    sources = rows.order_by("anno").distinct("anno").select_related("fonte")
    return Crisi(
        anno,
        dict(zip(now, made, strict=False)),
        dict(zip(before, made[len(now) :], strict=True)),
        compared,
        gaps,
        steps,
        example,
        printed,
        meetings,
        {row.anno: row.fonte for row in sources},
    )


def procedure_contate() -> str | None:
    """Return which procedures are counted: real ones, or else examples in the demonstration."""
    begun = summary.first_years()
    if CALCOLATA in begun:
        return CALCOLATA
    return ESEMPIO if ESEMPIO in begun and settings.DEMO else None


def _selections(anno: int, years: Iterable[int], fonte: str | None) -> dict[str, Selection]:
    periodo, found = Periodo(anno), {}
    if anno in years:
        found["pubblicata"] = Selection(periodo, fonte=PUBBLICATA)
    if fonte:
        found["avviate"] = Selection(periodo, AVVIATE, fonte)
        found["in_corso"] = Selection(periodo, IN_CORSO, fonte)
    return found


def _compared(
    board: Board, now: Selection, before: Selection, names: Mapping[str, str]
) -> Confronto:
    by_kind = confronti.changes_by_kind(board, now, before)
    return Confronto(
        before,
        # The source prints no total of units, which is left out for all of them.
        [
            row | {"misura": code}
            for code, row in zip(MISURE, by_kind, strict=True)
            if code != "unita"
        ],
        [
            row | {"sigla": sigla}
            for (sigla, *_), row in zip(
                confronti.places(now, names),
                confronti.changes(board, now, before, MISURE[TOTALE], names),
                strict=True,
            )
        ],
    )


def _steps(board: Board, anno: int) -> tuple[list[Row], bool]:
    """The region in each quarter with rows; those of examples only if there are no others."""
    told = {name: Count(name) for name in LAVORATORI} | {
        name: Count(step, filter=Q(sospesi__isnull=False)) for name, step in QUOTE.items()
    }
    rows = (
        counted()
        .filter(trimestre__startswith=f"{anno}-T")
        .order_by()
        .values_list("trimestre", "unita__procedura__esempio")
        .annotate(**{f"noti_{name}": count for name, count in told.items()})
    )
    found = {(text, each): dict(zip(told, numbers, strict=True)) for text, each, *numbers in rows}
    example = settings.DEMO and bool(found) and all(each for _, each in found)
    quarters = sorted(text for text, each in found if each == example)
    return [
        _step(board, text, example=example) | {"dichiaranti": found[text, example]}
        for text in quarters
    ], example


def _step(board: Board, trimestre: str, *, example: bool) -> Row:
    where = {"trimestre": trimestre, "esempio": example}
    return {
        "trimestre": trimestre,
        "nome": Periodo.parse(trimestre).nome,
        **{name: board(pal(name, **where)) for name in ("unita", *LAVORATORI)},
        **{name: board(quota(step, **where)) for name, step in QUOTE.items()},
    }


def _printed_of(anno: int) -> Iterator[str]:
    """The printed figures on the active policies, if they are of this year."""
    return (name for name in PAL_PUBBLICATE if catalogue.figures[name].data.year == anno)


def _meetings(board: Board, anno: int) -> Iterator[Row]:
    """Meetings of each kind, as a document counts them and as entered; examples are left out."""
    rows = Tavolo.objects.filter(esempio=False, data__year=anno).order_by()
    entered = Counter(rows.values_list("tipo", flat=True))
    codes = PUBBLICATI.get(anno, {})
    if not entered and not codes:
        return
    for kind, label in Tavolo.Tipo.choices:
        yield {
            "tipo": kind,
            "nome": label,
            "pubblicati": board(leaf("stampata", id=codes[kind])) if kind in codes else None,
            "registrati": entered[kind],
        }
