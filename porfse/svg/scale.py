"""From values to places along an axis, with few round ticks."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from porfse import money

_ROUND = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_MOST = 6  # steps of an axis


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` at places from `start` to `end`."""

    low: Decimal
    high: Decimal
    step: Decimal
    start: Decimal
    end: Decimal

    def at(self, value: Decimal) -> Decimal:
        """Return the place of a value."""
        return self.start + (value - self.low) * (self.end - self.start) / (self.high - self.low)

    @property
    def ticks(self) -> list[Decimal]:
        count = int((self.high - self.low) / self.step)
        return [self.low + index * self.step for index in range(count + 1)]

    def shown(self, tick: Decimal) -> str:
        """Return a tick in Italian, with the decimals that the step needs."""
        exponent = self.step.normalize().as_tuple().exponent
        return money.number(tick, max(0, -exponent) if isinstance(exponent, int) else 0)


def scale(values: Iterable[Decimal], start: Decimal | int, end: Decimal | int) -> Scale:
    """Return the scale of some values, which holds zero and ends at round ticks."""
    known = [Decimal(0), *values]
    low, high = min(known), max(known)
    step = _step(high - low) if high > low else Decimal(1)
    first = (low / step).to_integral_value(ROUND_FLOOR) * step
    last = (high / step).to_integral_value(ROUND_CEILING) * step
    return Scale(first, last if last > first else first + step, step, Decimal(start), Decimal(end))


def _step(span: Decimal) -> Decimal:
    """The smallest round step that gives few ticks."""
    least = span / _MOST
    unit = Decimal(1).scaleb(least.adjusted())
    return next(unit * item for item in _ROUND if unit * item >= least)
