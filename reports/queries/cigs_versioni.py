"""What the versions of the procedures tell: which were extended, and how each stood before."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Case, F, IntegerField, Q, When

from crisi.models import Procedura, VersioneProcedura
from porfse.periods import Periodo, italian
from reports.queries.cigs_siti import TIPI, Sito


@dataclass(frozen=True)
class Proroga:
    """An end that was moved later, or taken away; when it was written last."""

    prima: date
    dopo: date | None
    registrata: datetime


class Testata(NamedTuple):
    """What decides whether a procedure is a CIGS in corso."""

    tipo: str
    stato: str
    avvio: date
    fine: date | None

    def ostacolo(self, dal: date, entro: date) -> str:
        """Say why it is not a CIGS that runs on a day and has begun by another; empty if it is."""
        if self.stato == Procedura.Stato.RITIRATA:
            return "ritirata"
        if self.tipo not in TIPI:
            return "di licenziamento collettivo"
        if self.fine is not None and self.fine < dal:
            return f"conclusa il {italian(self.fine)}"
        return f"con avvio il {italian(self.avvio)}" if self.avvio > entro else ""


@dataclass(frozen=True)
class Allora:
    """A procedure as it stood at a moment.

    Attributes:
        contenuto: as `VersioneProcedura` keeps it; the sites are those of all provinces.
    """

    procedura: int
    inserita: datetime
    contenuto: Mapping[str, Any]

    @property
    def testata(self) -> Testata:
        kept = self.contenuto
        start, end = date.fromisoformat(kept["data_avvio"]), _day(kept["data_fine"])
        return Testata(kept["tipo"], kept["stato"], start, end)

    @property
    def province(self) -> set[str]:
        return {site["provincia"] for site in self.contenuto["unita"]}

    def siti(self, provincia: str) -> list[Sito]:
        """Return its sites in a provincia, or all of them."""
        sites = self.contenuto["unita"]
        return [self._sito(site) for site in sites if provincia in ("", site["provincia"])]

    def _sito(self, site: Mapping[str, Any]) -> Sito:
        kept, header, sigla = self.contenuto, self.testata, site["provincia"]
        return Sito(
            pk=site["id"],
            codice=site["codice"],
            lavoratori=site["lavoratori"],
            presa_in_carico=_day(site["presa_in_carico_il"]),
            comune=site["comune"],
            comune_nome=site["comune_nome"].removesuffix(f" ({sigla})"),
            sigla=sigla,
            provincia=sigla,
            procedura=self.procedura,
            codice_pratica=kept["codice_pratica"],
            azienda=kept["azienda"],
            tipo=kept["tipo"],
            linea_guida=kept["linea_guida"],
            causale=kept["causale"],
            avvio=header.avvio,
            fine=header.fine,
            alta_complessita=kept["alta_complessita"],
            inserita=self.inserita,
        )


def proroghe(procedure: Collection[int], *, dal: datetime, fino_al: datetime) -> dict[int, Proroga]:
    """Return those whose end was known, and was moved later by the versions of some days."""
    versions = VersioneProcedura.objects.filter(procedura__in=procedure)
    before = versions.filter(il__lt=dal).order_by("procedura", "-versione").distinct("procedura")
    ends = dict(before.values_list("procedura", "contenuto__data_fine"))
    during = versions.filter(il__gte=dal, il__lt=fino_al).order_by("procedura", "versione")
    columns = ("procedura", "contenuto__data_fine", "il", "procedura__inserita_il")
    last: dict[int, tuple[str | None, datetime]] = {}
    for key, end, moment, entered in during.values_list(*columns):
        if key not in ends:
            # Its first version was kept when it was changed: it is what stood until then. Of one
            # that was entered since, the reader knows nothing yet.
            ends[key] = end if entered < dal else None
        if end != last.get(key, (ends[key],))[0]:
            last[key] = end, moment
    return {
        key: Proroga(date.fromisoformat(known), _day(end), moment)
        for key, (end, moment) in last.items()
        # A day is written `2025-03-01`: the order of the texts is that of the days.
        if (known := ends.get(key)) and (end is None or end > known)
    }


def allora(
    quando: datetime, periodo: Periodo, procedure: Collection[int], *, esempio: bool
) -> dict[int, Allora]:
    """Return how procedures stood at a moment, of those that were written since; one query.

    Of one that was entered since there is nothing, nor of one that went with its flow.

    Args:
        periodo: those that ran in it then are among them.
        procedure: these are, too.
    """
    written = VersioneProcedura.objects.filter(il__gte=quando).values("procedura")
    there = Q(il__lt=quando) | Q(procedura__inserita_il__lt=quando)
    # The last before the moment; or else the first, which kept what stood until it was changed.
    nearest = Case(
        When(il__lt=quando, then=-F("versione")),
        default=F("versione"),
        output_field=IntegerField(),
    )
    stood = VersioneProcedura.objects.filter(
        there, procedura__in=written, procedura__esempio=esempio
    )
    stood = stood.order_by("procedura_id", nearest).distinct("procedura_id")
    end = Q(contenuto__data_fine=None) | Q(contenuto__data_fine__gte=str(periodo.inizio))
    ran = end & Q(contenuto__data_avvio__lte=str(periodo.fine))
    rows = VersioneProcedura.objects.filter(
        Q(procedura__in=procedure) | ran, pk__in=stood.values("pk")
    )
    columns = ("procedura", "procedura__inserita_il", "contenuto")
    return {row[0]: Allora(*row) for row in rows.order_by().values_list(*columns)}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
