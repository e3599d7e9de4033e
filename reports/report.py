"""What a report declares: title, period, who may read it, and how its document is made.

Each report is a module of `reports.catalogue` with a `REPORT`, and is found by itself when Django
starts; a new one takes no change elsewhere.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar

from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.models import User
from porfse.periods import Periodo
from reports.documento import Documento
from reports.parametri import Cadenza, Parametri, leggi, riletti

FORMATI = {
    "pdf": "PDF",
    "xlsx": "Excel",
    "csv": "CSV (archivio ZIP, una tabella per file)",
    "json": "JSON",
    "pptx": "Presentazione",
}


class Controllo:
    """Names of the checks that are made before publishing (`reports.verifiche`)."""

    IGRUE = "igrue"
    TRIMESTRI = "trimestri"
    FLUSSI = "flussi"
    SOMME = "somme"
    TESTI = "testi"
    SOPPRESSIONE = "soppressione"


@dataclass(frozen=True)
class Calendario:
    """When a draft is made by itself: so many days after its period has ended, at an hour of Rome.

    Of a report at a date, the period is the quarter that the date ends.
    """

    giorni: int
    ora: time = time(6)


class Report(ABC):
    """One report of the catalogue. Subclasses are declarations.

    Attributes:
        slug: in addresses, file names and on the command line; never changed.
        ordine: its place in the catalogue.
        provinciale: it is made for each provincia too, beside the regional one.
        pubblico: small cells are hidden in it, and anybody may be given it.
        permesso: who has it reads the regional edition.
        permesso_provincia: who has it reads that of his own provincia.
        controlli: which checks are made of a draft.
        sorgenti: the flows whose waiting files the check `flussi` tells of.
        calendario: when it is made by itself; None is never.
        formati: which files it has, among FORMATI.
        testi: the chapters that an official writes, by key, with their titles.
        rifiuto: why no edition of it is made any more; empty of those of the catalogue.
    """

    slug: str
    titolo: str
    descrizione: ClassVar[str]
    ordine: ClassVar[int]
    cadenza: ClassVar[Cadenza]
    permesso: ClassVar[str]
    permesso_provincia: ClassVar[str] = ""
    provinciale: ClassVar[bool] = False
    pubblico: ClassVar[bool] = False
    controlli: ClassVar[Collection[str]] = (Controllo.SOMME,)
    sorgenti: ClassVar[Collection[str]] = ()
    calendario: ClassVar[Calendario | None] = None
    formati: ClassVar[Collection[str]] = ("pdf", "xlsx", "csv", "json")
    testi: ClassVar[dict[str, str]] = {}
    rifiuto: str = ""

    @abstractmethod
    def documento(self, parametri: Parametri) -> Documento:
        """Read all that the report shows and return it; the only place where it asks anything."""

    def leggi(self, periodo: str, provincia: str = "") -> Parametri:
        """Read what this report is asked for.

        Raises:
            BadInput: the period or the provincia does not suit it; the message is in Italian.
        """
        return leggi(self.cadenza, periodo, provincia, provinciale=self.provinciale)

    def riletti(self, periodo: str, provincia: str | None = "") -> Parametri:
        """Return what was stored of a request: it was right when it was made."""
        return riletti(self.cadenza, periodo, provincia or "")

    def nome_periodo(self, periodo: str) -> str:
        """Return a stored period in words."""
        return self.riletti(periodo).nome

    def readable_by(self, user: User, provincia: str = "") -> bool:
        """Say whether a person may read the report of a provincia, or of the Region."""
        if user.has_perm(self.permesso):
            return True
        own = bool(provincia) and user.provincia_id == provincia
        return own and bool(self.permesso_provincia) and user.has_perm(self.permesso_provincia)

    def __str__(self) -> str:
        return self.titolo


class FuoriCatalogo(Report):
    """What is left of a report that is not in the catalogue any more: its editions are read.

    It is called by its slug. Who reads it: of the Region, who reads every report of the catalogue;
    of a provincia, who reads there every provincial one.
    """

    formati = ()

    def __init__(self, slug: str = "") -> None:
        self.slug = self.titolo = slug
        self.rifiuto = (
            f"Il report «{slug}» non è più nel catalogo: le sue edizioni si consultano, ma non se"
            " ne costruiscono, pubblicano o rettificano altre."
        )

    def documento(self, parametri: Parametri) -> Documento:
        raise NotNow(self.rifiuto)

    def riletti(self, periodo: str, provincia: str | None = "") -> Parametri:
        a_day = periodo.count("-") == 2
        found = date.fromisoformat(periodo) if a_day else Periodo.parse(periodo)
        return Parametri(found, provincia or "")

    def readable_by(self, user: User, provincia: str = "") -> bool:
        known = [each for each in reports() if each.provinciale or not provincia]
        return bool(known) and all(each.readable_by(user, provincia) for each in known)


_REPORTS: dict[str, Report] = {}


def discover() -> None:
    """Make every report known; called once, when Django is ready."""
    package = import_module("reports.catalogue")
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        found = getattr(import_module(module.name), "REPORT", None)
        if found is not None:
            _REPORTS[found.slug] = found


def reports() -> list[Report]:
    """Return all reports, in the order of the catalogue."""
    return sorted(_REPORTS.values(), key=lambda report: (report.ordine, report.slug))


def declared(slug: str) -> Report:
    """Return the report of an edition, or what is left of it out of the catalogue."""
    return _REPORTS.get(slug) or FuoriCatalogo(slug)


def report_of(slug: str) -> Report:
    """Return a report by its slug.

    Raises:
        NotThere: there is none.
    """
    if slug not in _REPORTS:
        known = ", ".join(report.slug for report in reports())
        raise NotThere(f"Il report «{slug[:40]}» non esiste: scegliere fra {known}.")
    return _REPORTS[slug]
