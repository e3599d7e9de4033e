"""What needs attention: each area says it for itself, a page gathers it with one query."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value

from porfse import money
from porfse.models import User


@dataclass(frozen=True)
class Attention:
    """A sentence of an area, and the page where it is dealt with."""

    area: str
    testo: str
    apri: str
    url: str


@dataclass(frozen=True)
class Waiting:
    """Things that wait for a person, to be counted.

    Attributes:
        cose: one row for each of them.
        una: what is said of one, after its number: `flusso attende una decisione`.
        molte: what is said of more.
        apri: the words of the link to `url`.
    """

    area: str
    cose: QuerySet[Any]
    una: str
    molte: str
    apri: str
    url: str

    def sentence(self, number: int) -> Attention:
        words = self.una if number == 1 else self.molte
        return Attention(self.area, f"{money.number(number)} {words}.", self.apri, self.url)


Provider = Callable[[User], Iterable[Waiting]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add what an area has to say; it says nothing to who may not see it."""
    if provider not in _providers:
        _providers.append(provider)


def attention_for(user: User) -> list[Attention]:
    """Return what waits for a person, in the order of registration; one query for all areas."""
    waiting = [each for provider in _providers for each in provider(user)]
    if not waiting:
        return []
    first, *others = (
        each.cose.order_by().values_list(Value(number)) for number, each in enumerate(waiting)
    )
    counts = Counter(number for (number,) in first.union(*others, all=True))
    return [each.sentence(counts[number]) for number, each in enumerate(waiting) if counts[number]]
