"""The calendar of the flows that are expected: what may be entered and taken out."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils import timezone

from porfse import audit, roles
from porfse.flows.errors import NotNow
from porfse.flows.source import Source, source_of
from porfse.models import ExpectedFlow, Flow, User
from porfse.periods import italian

PLAN = "porfse.plan_flows"
MOST_MONTHS = 36


class Month(date):
    """The first day of a month, that can be moved by months."""

    def plus(self, months: int) -> Self:
        """Return the month that comes so many months later."""
        years, month = divmod(self.month - 1 + months, 12)
        return type(self)(self.year + years, month + 1, 1)

    def at(self, day: int) -> date:
        """Return a day of the month; the last one if the month is shorter."""
        return date(self.year, self.month, min(day, monthrange(self.year, self.month)[1]))


def plan(
    source: Source, *, by: User, first: date, months: int = 1, day: int, note: str = ""
) -> list[ExpectedFlow]:
    """Enter one flow for each month, expected by a day of the month after it; all or none.

    Args:
        first: any day of the first month.
        months: how many, from 1 to 36.
        day: of the month after; the last one where the month is shorter.

    Raises:
        ValidationError: a number is out of bounds, or a month is in the calendar already.
    """
    roles.require(by, PLAN)
    if not (1 <= months <= MOST_MONTHS and 1 <= day <= 31):
        raise ValidationError(
            f"Indicare da 1 a {MOST_MONTHS} mesi e un giorno da 1 a 31: correggere e ripetere."
        )
    with transaction.atomic():
        return [
            _enter(ExpectedFlow(sorgente=source.slug, periodo=name, entro=entro, nota=note), by)
            for name, entro in _series(first, months, day)
        ]


def _series(first: date, months: int, day: int) -> Iterator[tuple[str, date]]:
    start = Month(first.year, first.month, 1)
    for number in range(months):
        month = start.plus(number)
        yield f"{month:%Y-%m}", month.plus(1).at(day)


def _enter(expected: ExpectedFlow, by: User) -> ExpectedFlow:
    if ExpectedFlow.objects.filter(sorgente=expected.sorgente, periodo=expected.periodo).exists():
        raise ValidationError(
            f"Il periodo {expected.periodo} è già nel calendario di questa fonte: togliere quella"
            " riga dal calendario o scegliere altri mesi."
        )
    expected.full_clean()
    expected.save()
    audit.record(
        by=by, action="flusso_atteso.inserito", on=expected, sorgente=expected.sorgente,
        periodo=expected.periodo, entro=expected.entro,
    )  # fmt: skip
    return expected


def remove(expected_id: int, *, by: User) -> None:
    """Take an expected flow out of the calendar.

    Raises:
        NotNow: a flow has answered it, or somebody has removed it.
    """
    roles.require(by, PLAN)
    with transaction.atomic():
        expected = ExpectedFlow.objects.select_for_update().filter(pk=expected_id).first()
        if expected is None:
            raise NotNow("Il flusso atteso è già stato tolto dal calendario.")
        if expected.flusso_id:
            raise NotNow(
                f"Il flusso {expected.flusso_id} risponde a questa attesa: resta nel calendario."
            )
        audit.record(
            by=by, action="flusso_atteso.rimosso", on=expected, sorgente=expected.sorgente,
            periodo=expected.periodo, entro=expected.entro,
        )  # fmt: skip
        expected.delete()


def late() -> QuerySet[ExpectedFlow]:
    """What should have been acquired before today, the oldest first."""
    return _with_flow().filter(_is_late())


def in_time() -> QuerySet[ExpectedFlow]:
    """All the others, by the day by which they are expected."""
    return _with_flow().exclude(_is_late())


def _is_late() -> Q:
    return Q(entro__lt=timezone.localdate()) & ~Q(flusso__stato=Flow.Stato.ACQUISITO)


def _with_flow() -> QuerySet[ExpectedFlow]:
    """With `condizione`, the words for where each stands."""
    words = Case(
        When(flusso__stato=Flow.Stato.ACQUISITO, then=Value("acquisito")),
        When(flusso__isnull=False, then=Value("arrivato, da decidere")),
        When(entro__lt=timezone.localdate(), then=Value("in ritardo")),
        default=Value("atteso"),
    )
    rows = ExpectedFlow.objects.select_related("flusso").annotate(condizione=words)
    return rows.order_by("entro", "sorgente", "pk")


def open_for(sources: list[Source]) -> QuerySet[ExpectedFlow]:
    """What no flow has answered yet, of some sources."""
    slugs = [source.slug for source in sources]
    return ExpectedFlow.objects.filter(flusso=None, sorgente__in=slugs)


def label(expected: ExpectedFlow) -> str:
    """Return an expected flow in words."""
    name = source_of(expected.sorgente).nome
    return f"{name}, {expected.periodo} (entro il {italian(expected.entro)})"
