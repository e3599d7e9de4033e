"""The CIGS procedures of two months and of the two before, site by site, in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Q

from crisi.models import Procedura, UnitaProduttiva
from crisi.selection import ESEMPIO
from porfse.models import Flow, Provincia
from porfse.periods import Periodo, italian
from reports.queries.cigs_siti import TIPI, Sito, siti
from reports.queries.cigs_versioni import Allora, Proroga, Testata, allora, proroghe
from reports.queries.crisi import procedure_contate


@dataclass(frozen=True)
class Altrove:
    """The sites that a procedure has in other provinces: how many, and in which."""

    unita: int
    province: tuple[str, ...]


@dataclass(frozen=True)
class Precedente:
    """The report before, as what was registered at its moment made it.

    Attributes:
        procedure: those that were in corso in it.
        uscite: the sites, as they stood in it, of those that are not in corso any more, or that
            have begun only since.
        scritte: how the procedures stood then that were written since.
        oggi: how those of `uscite` stand now.
    """

    procedure: frozenset[int]
    uscite: tuple[Sito, ...]
    scritte: Mapping[int, Allora]
    oggi: Mapping[int, Testata]


@dataclass(frozen=True)
class Bimestre:
    """The sites of a territory whose procedures were in corso.

    The procedures in corso are those of the report before, less `uscite`, with `nuove` and, as far
    as they still run, `ritardi`: none is in two of them.

    Attributes:
        siti: in corso in the period, by provincia, comune and company.
        prima: in corso in the period before.
        proroghe: by procedure, those of `siti` that were extended.
        precedente: None if what is registered was not yet when this report was due: there is
            nothing by which one was late.
        altrove: of a provincial reading, by procedure, the sites of others.
    """

    periodo: Periodo
    provincia: str
    esempio: bool
    siti: tuple[Sito, ...]
    prima: tuple[Sito, ...]
    proroghe: Mapping[int, Proroga]
    precedente: Precedente | None
    altrove: Mapping[int, Altrove] = field(default_factory=dict)

    @property
    def vuoto(self) -> bool:
        told = self.precedente and self.precedente.procedure
        return not (self.siti or self.prima or told)

    @property
    def nuove(self) -> list[list[Sito]]:
        return _procedures(sito for sito in self.siti if sito.avviata(self.periodo))

    @property
    def ritardi(self) -> list[list[Sito]]:
        """Those that began before the period, and that the report before did not tell of.

        Also those that had ended by then.
        """
        if self.precedente is None:
            return []
        known = {sito.pk: sito for sito in (*self.siti, *self.prima)}
        return _procedures(
            sito
            for sito in known.values()
            if sito.avvio < self.periodo.inizio and sito.procedura not in self.precedente.procedure
        )

    @cached_property
    def in_ritardo(self) -> frozenset[int]:
        """The procedures of `ritardi`."""
        return frozenset(siti_[0].procedura for siti_ in self.ritardi)

    @property
    def prorogate(self) -> list[list[Sito]]:
        return _procedures(sito for sito in self.siti if sito.procedura in self.proroghe)

    @property
    def concluse(self) -> list[list[Sito]]:
        return _procedures(sito for sito in self.siti if sito.conclusa(self.periodo))

    @property
    def uscite(self) -> list[list[Sito]]:
        return _procedures(self.precedente.uscite if self.precedente else ())

    @property
    def con_altre(self) -> list[list[Sito]]:
        """Those that have sites elsewhere, too."""
        return _procedures(sito for sito in self.siti if sito.procedura in self.altrove)


def _procedures(siti_: Iterable[Sito]) -> list[list[Sito]]:
    """Return the sites in a list for each procedure, the oldest first."""
    found: defaultdict[int, list[Sito]] = defaultdict(list)
    for sito in siti_:
        found[sito.procedura].append(sito)
    return sorted(found.values(), key=lambda each: (each[0].avvio, each[0].procedura))


def di_esempio() -> bool:
    """Say whether the crises are told from examples: in the demonstration, if all are examples."""
    return procedure_contate() == ESEMPIO


def bimestre(
    periodo: Periodo, provincia: str = "", *, dal: datetime, fino_al: datetime
) -> Bimestre:
    """Read the sites of a provincia, or of the Region, in two months and in the two before.

    Args:
        dal: when the report of the two months before was due.
        fino_al: when this one is. A procedure was extended if its end was moved later by what was
            written between the two.
    """
    example = di_esempio()
    both = siti(periodo, provincia, esempio=example)
    now = tuple(sito for sito in both if sito.in_corso(periodo))
    running = {sito.procedura for sito in now}
    ours = Procedura.objects.filter(esempio=example, tipo__in=TIPI, inserita_il__lt=fino_al)
    remembered = ours.exists()
    return Bimestre(
        periodo,
        provincia,
        example,
        now,
        tuple(sito for sito in both if sito.in_corso(periodo.precedente)),
        proroghe(running, dal=dal, fino_al=fino_al),
        _before(periodo, provincia, both, dal, esempio=example) if remembered else None,
        _elsewhere(running, provincia) if provincia else {},
    )


def _before(
    periodo: Periodo, provincia: str, both: Collection[Sito], quando: datetime, *, esempio: bool
) -> Precedente:
    """Return the report before: what was written since as it stood, the rest as it stands."""
    before, keys = periodo.precedente, {sito.procedura for sito in both}
    written = allora(quando, before, keys, esempio=esempio)
    as_now = {
        sito.procedura
        for sito in both
        if sito.procedura not in written and sito.inserita < quando and sito.in_corso(before)
    }
    as_then = {
        key
        for key, each in written.items()
        if not each.testata.ostacolo(before.inizio, before.fine)
        and (not provincia or provincia in each.province)
    }
    goes_on = {s.procedura for s in both if s.in_corso(periodo) and not s.avviata(periodo)}
    gone = [sito for sito in both if sito.procedura in as_now - goes_on]
    for key in as_then - goes_on:
        gone += written[key].siti(provincia)
    rows = Procedura.objects.filter(pk__in={sito.procedura for sito in gone})
    columns = ("pk", "tipo", "stato", "data_avvio", "data_fine")
    now = {key: Testata(*rest) for key, *rest in rows.values_list(*columns)}
    return Precedente(frozenset(as_now | as_then), tuple(gone), written, now)


def _elsewhere(procedure: Collection[int], provincia: str) -> dict[int, Altrove]:
    rows = (
        UnitaProduttiva.objects.filter(procedura__in=procedure)
        .exclude(comune__provincia=provincia)
        .order_by("procedura", "comune__provincia__nome")
        .values_list("procedura", "comune__provincia__nome")
        .annotate(Count("pk"))
    )
    found: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for key, name, sites in rows:
        found[key].append((name, sites))
    return {
        key: Altrove(sum(sites for _, sites in parts), tuple(name for name, _ in parts))
        for key, parts in found.items()
    }


def luogo(provincia: Provincia | None) -> str:
    """Return `in Lombardia`, or `nella provincia di Bergamo`."""
    if provincia is None:
        return "in Lombardia"
    kind = "Città metropolitana" if provincia.citta_metropolitana else "provincia"
    return f"nella {kind} di {provincia.nome}"


def ultimo_flusso(sorgente: str, provincia: str, *, esempio: bool) -> str:
    """Name the last acquired flow of a source as a source of a document; empty without one.

    Args:
        provincia: of a provincial report, which does not tell of the flows of other nuclei.
    """
    rows = Flow.objects.acquired(sorgente, example=esempio).select_related("fonte")
    if provincia:
        rows = rows.filter(Q(provincia=provincia) | Q(provincia=None))
    flow = rows.order_by("pk").last()
    if flow is None:
        return ""
    return f"{flow.fonte}, ultimo flusso acquisito: n. {flow.pk} del {italian(flow.fonte.data)}"
