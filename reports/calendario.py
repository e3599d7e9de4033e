"""When reports are made by themselves: what is due, what was made of it, what comes next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from django.db.models import Min
from django.utils import timezone

from porfse.models import Provincia, User
from porfse.periods import Periodo
from reports.models import Edizione
from reports.parametri import QUARTER, Parametri, ended
from reports.report import Report, reports
from reports.services import costruzione

ARRETRATI = 6  # periods that are made up for, at most, after a long stop
_KEY = ("report", "periodo", "provincia_id")
Luogo = str  # the sigla of a provincia; empty is the Region
Chiave = tuple[str, str, Luogo]  # slug and period of a report, and where


@dataclass(frozen=True)
class Scadenza:
    """The last period of a report that is due, and the one after it.

    Attributes:
        edizioni: of the last period, the last one of each place.
        mancanti: what is due and was never asked for, of earlier periods too, the oldest first.
    """

    report: Report
    ultimo: Parametri
    dovuto_il: datetime
    edizioni: Sequence[Edizione]
    mancanti: Sequence[Parametri]
    prossimo: Parametri
    prossimo_il: datetime


def due(now: datetime) -> list[tuple[Report, Parametri]]:
    """Return what should exist by a moment and was never asked for, the oldest first.

    Of each report and place: the last ARRETRATI periods without an edition of their own, from the
    first that the calendar itself asked for; before it has asked for any, only the last period.
    """
    return [(item.report, lacking) for item in scadenze(now) for lacking in item.mancanti]


def richiedi_dovuti(now: datetime) -> list[Edizione]:
    """Ask for what is due in the name of the system; two at once ask for each once."""
    by = User.objects.sistema()
    asked = (
        costruzione.prepara(by=by, report=report, parametri=parametri)
        for report, parametri in due(now)
    )
    return [edizione for edizione in asked if edizione is not None]


def scadenze(now: datetime) -> list[Scadenza]:
    """Return where each report of the calendar stands."""
    planned = {report: _past(report, now) for report in reports() if report.calendario}
    made = _made({Parametri(period).al for past in planned.values() for period in past})
    first, sigle = _first_days(), Provincia.objects.order_by("pk").values_list("pk", flat=True)
    everywhere = ["", *sigle]
    return [
        _standing(
            report, past, made, first.get(report.slug), everywhere if report.provinciale else [""]
        )
        for report, past in planned.items()
    ]


def moment(report: Report, period: Periodo | date) -> datetime:
    """Return when the report of a period is due, in UTC: a day and an hour of Rome."""
    if report.calendario is None:
        raise ValueError(f"{report.slug} non ha un calendario")
    day = Parametri(period).al + timedelta(days=report.calendario.giorni)
    hour = datetime.combine(day, report.calendario.ora, timezone.get_default_timezone())
    return hour.astimezone(UTC)  # two times of Rome are compared by the clock on the wall


def _past(report: Report, now: datetime) -> list[Periodo | date]:
    """The periods that are due, the last first."""
    periods = ended(report.cadenza, timezone.localdate(now))
    return list(islice((each for each in periods if moment(report, each) <= now), ARRETRATI))


def _made(days: Iterable[date]) -> dict[Chiave, Edizione]:
    """The last edition of each report, period and place whose data end on some days."""
    found = Edizione.objects.filter(al__in=days).order_by(*_KEY, "-edizione").distinct(*_KEY)
    return {
        (item.report, item.periodo, item.provincia_id or ""): item
        for item in found.defer("contenuto")
    }


def _first_days() -> dict[str, date]:
    """Of each report, the last day of the first period that the calendar asked for."""
    asked = Edizione.objects.filter(dal_calendario=True).order_by()
    return dict(asked.values_list("report").annotate(Min("al")))


def _standing(
    report: Report,
    past: Sequence[Periodo | date],
    made: Mapping[Chiave, Edizione],
    first: date | None,
    places: Sequence[Luogo],
) -> Scadenza:
    last, coming = Parametri(past[0]), _after(report, past[0])
    wanted = [
        Parametri(period, place)
        for period in reversed(past)
        for place in places
        if period == past[0] or (first and Parametri(period).al >= first)
    ]
    of_last = [made.get((report.slug, last.testo, place)) for place in places]
    return Scadenza(
        report=report,
        ultimo=last,
        dovuto_il=moment(report, past[0]),
        edizioni=[item for item in of_last if item],
        mancanti=[item for item in wanted if (report.slug, item.testo, item.provincia) not in made],
        prossimo=Parametri(coming),
        prossimo_il=moment(report, coming),
    )


def _after(report: Report, period: Periodo | date) -> Periodo | date:
    if isinstance(period, Periodo):
        return period.successivo
    return Periodo.of(period, QUARTER).successivo.fine
