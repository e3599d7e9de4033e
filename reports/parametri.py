"""What a report is asked for: its period, and the provincia of a provincial one."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from django.conf import settings
from django.utils import timezone

from porfse.errors import BadInput, NotThere
from porfse.models import Provincia
from porfse.periods import PeriodError, Periodo, italian, parse_date


class Cadenza(Enum):
    """How often a report is made: the months of its period; 0 is a single day."""

    BIMESTRE = 2, "bimestre", "2025-B5 (settembre-ottobre)"
    TRIMESTRE = 3, "trimestre", "2025-T3"
    ANNO = 12, "anno", "2025"
    DATA = 0, "data", "30.09.2021"

    @property
    def mesi(self) -> int:
        return self.value[0]

    @property
    def nome(self) -> str:
        return self.value[1]

    @property
    def forma(self) -> str:
        """How its period is written."""
        return self.value[2]


@dataclass(frozen=True)
class Parametri:
    """Period or day, and provincia (empty: the Region)."""

    periodo: Periodo | date
    provincia: str = ""

    @property
    def inizio(self) -> date:
        return self.periodo.inizio if isinstance(self.periodo, Periodo) else self.periodo

    @property
    def al(self) -> date:
        """The last day of the data."""
        return self.periodo.fine if isinstance(self.periodo, Periodo) else self.periodo

    @property
    def testo(self) -> str:
        """The period as it is written in addresses: `2025-B5`, `2021-09-30`."""
        if isinstance(self.periodo, Periodo):
            return str(self.periodo)
        return self.periodo.isoformat()

    @property
    def nome(self) -> str:
        """The period in words."""
        if isinstance(self.periodo, Periodo):
            return self.periodo.nome
        return f"al {italian(self.periodo)}"


def leggi(cadenza: Cadenza, periodo: str, provincia: str = "", *, provinciale: bool) -> Parametri:
    """Read what a report is asked for, of a period that has ended.

    Args:
        periodo: `2025-B5`, `2025-T3`, `2025`, `2021-09-30`, as the cadence has it.
        provincia: a sigla, or empty for the Region.
        provinciale: whether the report is made for single provinces.

    Raises:
        PeriodError: unreadable, of another cadence, before the programme, or not ended yet: a
            day is at most yesterday.
        NotThere: no provincia of Lombardia has this sigla.
        BadInput: the report is not made for provinces.
    """
    if provincia and not provinciale:
        raise BadInput("Questo report è solo regionale: non indicare una provincia.")
    if provincia and not Provincia.objects.filter(pk=provincia).exists():
        known = ", ".join(Provincia.objects.order_by("pk").values_list("pk", flat=True))
        raise NotThere(f"La provincia «{provincia[:20]}» non esiste: scegliere fra {known}.")
    return Parametri(_period(cadenza, periodo.strip()), provincia)


def riletti(cadenza: Cadenza, periodo: str, provincia: str) -> Parametri:
    """Return what `leggi` accepted once, from its text."""
    if cadenza is Cadenza.DATA:
        return Parametri(date.fromisoformat(periodo), provincia)
    return Parametri(Periodo.parse(periodo), provincia)


def _period(cadenza: Cadenza, text: str) -> Periodo | date:
    if cadenza is Cadenza.DATA:
        return parse_date(text, earliest=settings.EARLIEST_DATE, latest=_yesterday())
    try:
        found = Periodo.parse(text)
    except PeriodError as error:
        raise PeriodError(_wrong(cadenza, text)) from error
    if found.mesi != cadenza.mesi:
        raise PeriodError(_wrong(cadenza, text))
    if found.fine > _yesterday():
        raise PeriodError(
            f"Il periodo «{found.nome}» non è ancora concluso: termina il {italian(found.fine)}."
            f" L'ultimo concluso è {Periodo.of(timezone.localdate(), found.mesi).precedente}."
        )
    if found.inizio < settings.EARLIEST_DATE:
        raise PeriodError(
            f"Il periodo «{found.nome}» precede l'inizio del programma,"
            f" {italian(settings.EARLIEST_DATE)}."
        )
    return found


def _yesterday() -> date:
    """The last day that has ended."""
    return timezone.localdate() - timedelta(days=1)


def _wrong(cadenza: Cadenza, text: str) -> str:
    return (
        f"Periodo non valido: «{text[:20]}». Il report è per {cadenza.nome}: scriverlo come"
        f" {cadenza.forma}."
    )
