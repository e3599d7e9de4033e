"""What a report is asked for: its period, and the provincia of a provincial one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from django.conf import settings
from django.utils import timezone

from porfse.errors import BadInput, NotThere
from porfse.models import Provincia
from porfse.periods import PeriodError, Periodo, italian, parse_date

QUARTER = 3  # months of the period that a report at a date belongs to


class Cadenza(Enum):
    """How often a report is made: the months of its period; 0 is a single day."""

    BIMESTRE = 2, "bimestre", "bimestrale"
    TRIMESTRE = 3, "trimestre", "trimestrale"
    ANNO = 12, "anno", "annuale"
    DATA = 0, "data", "a una data"

    @property
    def mesi(self) -> int:
        return self.value[0]

    @property
    def nome(self) -> str:
        return self.value[1]

    @property
    def aggettivo(self) -> str:
        """What kind of report it makes."""
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


def ended(cadenza: Cadenza, today: date) -> Iterator[Periodo | date]:
    """Yield the periods of a cadence that have ended by a day, the last first.

    Of a report at a date, the last days of the quarters.
    """
    at_a_date = cadenza is Cadenza.DATA
    period = Periodo.of(today, QUARTER if at_a_date else cadenza.mesi).precedente
    while period.inizio >= settings.EARLIEST_DATE:
        yield period.fine if at_a_date else period
        period = period.precedente


def written(cadenza: Cadenza) -> str:
    """Return how a period is written, by the last that has ended: all of it is read by `leggi`."""
    last = _last(cadenza)
    if cadenza is Cadenza.DATA:
        return italian(last.al)
    return last.testo if cadenza is Cadenza.ANNO else f"{last.testo} oppure {last.nome}"


def leggi(cadenza: Cadenza, periodo: str, provincia: str = "", *, provinciale: bool) -> Parametri:
    """Read what a report is asked for, of a period that has ended.

    Args:
        periodo: `2025-B5`, `2025-T3`, `2025`, `2021-09-30`, as the cadence has it, or in words:
            `settembre-ottobre 2025`.
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
        earliest, example = settings.EARLIEST_DATE, _last(cadenza).al
        return parse_date(text, earliest=earliest, latest=_yesterday(), example=example)
    try:
        found = Periodo.read(text)
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


def _last(cadenza: Cadenza) -> Parametri:
    """The last period that has ended."""
    return Parametri(next(ended(cadenza, timezone.localdate())))


def _yesterday() -> date:
    """The last day that has ended."""
    return timezone.localdate() - timedelta(days=1)


def _wrong(cadenza: Cadenza, text: str) -> str:
    return (
        f"Periodo non valido: «{text[:40]}». Il report è {cadenza.aggettivo}: scrivere il periodo"
        f" come {written(cadenza)}."
    )
