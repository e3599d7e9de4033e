"""The active policies of a quarter: each site with its numbers, and how far the nuclei are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from crisi import figures_pal
from crisi.models import (
    AvanzamentoPAL,
    MonitoraggioTrimestrale,
    Procedura,
    Strumento,
    UnitaProduttiva,
)
from crisi.selection import SIGLE
from crisi.trimestri import Copertura, coverage
from porfse.figures import Board
from porfse.models import Provincia
from porfse.periods import Periodo
from reports.queries.cigs import di_esempio

Stato = MonitoraggioTrimestrale.Stato
QUARTERS = 8  # that the history goes back
COLONNE = ("unita", *figures_pal.LAVORATORI)
Row = dict[str, Any]


@dataclass(frozen=True)
class Sito:
    """A site that the quarter asks for, or that has numbers in it all the same.

    Attributes:
        attesa: its procedure is a CIGS in corso in the quarter.
        ora: its numbers in force; None was not sent.
        prima: those of the quarter before.
    """

    unita: UnitaProduttiva
    attesa: bool
    ora: AvanzamentoPAL | None
    prima: AvanzamentoPAL | None


@dataclass(frozen=True)
class Nucleo:
    """A nucleo in the quarter; `monitoraggio` None: the quarter was not opened for it.

    Attributes:
        attese: the sites that the quarter asks for.
        rese: those of them that have their numbers.
        validato_il: the last time that it was approved, if it still is.
    """

    sigla: str
    monitoraggio: MonitoraggioTrimestrale | None
    attese: int
    rese: int
    validato_il: date | None

    @property
    def trasmesso(self) -> bool:
        """Whether the Region has it: sent, or approved, and not sent back."""
        quarter = self.monitoraggio
        return quarter is not None and quarter.stato in (Stato.TRASMESSO, Stato.VALIDATO)


def siti(trimestre: Periodo, provincia: str, *, esempio: bool) -> list[Sito]:
    """Return the sites of a quarter, by provincia, comune and company; two queries."""
    stored = AvanzamentoPAL.objects.in_force().filter(
        unita=OuterRef("pk"), trimestre=str(trimestre)
    )
    asked = UnitaProduttiva.objects.with_pal(trimestre).filter(pk=OuterRef("pk"))
    rows = (
        UnitaProduttiva.objects.exclude(procedura__stato=Procedura.Stato.RITIRATA)
        .filter(procedura__esempio=esempio)
        .annotate(attesa=Exists(asked))
        .filter(Q(attesa=True) | Exists(stored))
        .select_related("comune__provincia", "procedura__azienda")
        .order_by()
    )
    if provincia:
        rows = rows.filter(comune__provincia=provincia)
    found = sorted(rows, key=_order)
    numbers = _numbers(found, trimestre)
    now, before = str(trimestre), str(trimestre.precedente)
    return [
        Sito(unita, unita.attesa, numbers.get((unita.pk, now)), numbers.get((unita.pk, before)))
        for unita in found
    ]


def _order(unita: UnitaProduttiva) -> tuple[Any, ...]:
    comune, company = unita.comune, unita.procedura.azienda.denominazione
    return comune.provincia.nome, comune.nome, company.casefold(), unita.procedura_id, unita.codice


def _numbers(
    found: list[UnitaProduttiva], trimestre: Periodo
) -> Mapping[tuple[int, str], AvanzamentoPAL]:
    rows = AvanzamentoPAL.objects.in_force().filter(
        unita__in=[unita.pk for unita in found],
        trimestre__in=(str(trimestre), str(trimestre.precedente)),
    )
    return {(row.unita_id, row.trimestre): row for row in rows}


def nuclei(trimestre: Periodo, provincia: str, *, esempio: bool) -> list[Nucleo]:
    """Return the nuclei of a quarter in the order of the published tables; two queries.

    All twelve, or the one that is asked for; none if the quarter is of nobody.
    """
    approved = Max("passaggi__il", filter=Q(passaggi__a=Stato.VALIDATO))
    rows = MonitoraggioTrimestrale.objects.filter(trimestre=str(trimestre)).order_by()
    known = {row.provincia_id: row for row in rows.annotate(validato_il=approved)}
    cover = coverage(str(trimestre))
    sigle = [sigla for sigla in SIGLE if provincia in ("", sigla)]
    found = [
        _nucleo(sigla, known.get(sigla), cover.get(sigla, Copertura()), esempio=esempio)
        for sigla in sigle
    ]
    return found if any(each.monitoraggio or each.attese for each in found) else []


def _nucleo(sigla: str, quarter: Any, part: Copertura, *, esempio: bool) -> Nucleo:
    asked, given = (part.esempi, part.esempi_resi) if esempio else (part.attese, part.rese)
    approved = quarter and quarter.stato == Stato.VALIDATO and quarter.validato_il
    day = timezone.localdate(approved) if approved else None
    return Nucleo(sigla, quarter, asked, given, day)


def trimestri(fino_a: Periodo, provincia: str, *, esempio: bool) -> list[Periodo]:
    """Return the last quarters with numbers, up to one, in order of time; one query."""
    rows = figures_pal.counted().filter(
        trimestre__lte=str(fino_a), unita__procedura__esempio=esempio
    )
    if provincia:
        rows = rows.filter(unita__comune__provincia=provincia)
    texts = rows.order_by("-trimestre").values_list("trimestre", flat=True).distinct()[:QUARTERS]
    return [Periodo.parse(text) for text in reversed(texts)]


@dataclass(frozen=True)
class Trimestre:
    """All that a report says of a quarter; the figures of its rows have their values.

    Attributes:
        provincia: None is the Region.
        ora, prima: the figures of the territory in this quarter, and in the one before.
        storia: the same of the last quarters with numbers, in order of time.
        province: of a regional report, the same by provincia.
    """

    periodo: Periodo
    provincia: Provincia | None
    esempio: bool
    siti: list[Sito]
    nuclei: list[Nucleo]
    ora: Row
    prima: Row
    storia: list[Row]
    province: list[Row]
    nomi: Mapping[str, str]

    @property
    def vuoto(self) -> bool:
        return not (self.siti or self.nuclei or self.storia)


def trimestre(periodo: Periodo, sigla: str = "") -> Trimestre:
    """Read a quarter of a provincia, or of the Region."""
    example, board = di_esempio(), Board()
    known = Provincia.objects.in_bulk()
    quarters = trimestri(periodo, sigla, esempio=example)
    where = {"provincia": sigla, "esempio": example}
    places = () if sigla else SIGLE
    found = Trimestre(
        periodo,
        known.get(sigla),
        example,
        siti(periodo, sigla, esempio=example),
        nuclei(periodo, sigla, esempio=example),
        _row(board, periodo, **where),
        _row(board, periodo.precedente, **where),
        [_row(board, quarter, **where) for quarter in quarters],
        [_row(board, periodo, provincia=place, esempio=example) for place in places],
        {pk: place.nome for pk, place in known.items()},
    )
    board.load()
    return found


def _row(board: Board, quarter: Periodo, **where: Any) -> Row:
    where["trimestre"] = str(quarter)
    measures: Iterable[str] = (*COLONNE, *Strumento.values)
    return {
        **where,
        "periodo": quarter,
        **{name: board(figures_pal.pal(name, **where)) for name in measures},
        **{
            name: board(figures_pal.quota(step, **where))
            for name, step in figures_pal.QUOTE.items()
        },
    }
