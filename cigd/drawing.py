"""How a sample is drawn: pure, in constant memory, the same for the same seed on any machine.

The random number of a payment is the SHA-256 of `seed:flow:id_pagamento`; those with the smallest
are drawn. Monetary unit sampling starts at the SHA-256 of the seed modulo the interval in cents.
Nothing here depends on the random numbers of a library, which may change.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import NamedTuple

Stratum = tuple[str, str]  # azione and provincia


class Item(NamedTuple):
    """A payment of the population; euro, positive."""

    flusso: int
    riga: int
    id_pagamento: str
    importo: Decimal
    strato: Stratum


class Drawn(NamedTuple):
    """A payment that was drawn; `certo` if its amount alone made sure of it."""

    item: Item
    certo: bool = False


class Size(NamedTuple):
    """How large a stratum is: payments and their euro."""

    pagamenti: int
    importo: Decimal


def cents(amount: Decimal) -> int:
    """Return euro as whole cents."""
    return int(amount.scaleb(2))


def number_of(seed: str, item: Item) -> int:
    """Return the random number of a payment, below 2^256."""
    text = f"{seed}:{item.flusso}:{item.id_pagamento}"
    return int.from_bytes(sha256(text.encode()).digest())


class _Smallest:
    """Keeps the items with the smallest numbers, as many as asked, and no more."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._heap: list[tuple[int, int, int, Item]] = []  # the largest number on top

    def offer(self, number: int, item: Item) -> None:
        # Nearly all items end here, once the heap is full.
        if len(self._heap) == self._wanted and number > -self._heap[0][0]:
            return
        entry = (-number, -item.flusso, -item.riga, item)
        if len(self._heap) < self._wanted:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def items(self) -> Iterator[Item]:
        return (entry[-1] for entry in self._heap)


def _in_order(items: Iterable[Item]) -> list[Drawn]:
    return [Drawn(item) for item in sorted(items, key=lambda item: (item.flusso, item.riga))]


def simple(items: Iterable[Item], number: int, seed: str) -> list[Drawn]:
    """Draw some payments, each with the same chance; in order of flow and row."""
    smallest = _Smallest(number)
    for item in items:
        smallest.offer(number_of(seed, item), item)
    return _in_order(smallest.items())


def stratified(items: Iterable[Item], shares: Mapping[Stratum, int], seed: str) -> list[Drawn]:
    """Draw from each stratum its share, each payment of it with the same chance."""
    kept = {stratum: _Smallest(share) for stratum, share in shares.items()}
    for item in items:
        kept[item.strato].offer(number_of(seed, item), item)
    return _in_order(item for smallest in kept.values() for item in smallest.items())


def allocate(number: int, sizes: Mapping[Stratum, Size], *, by_amount: bool) -> dict[Stratum, int]:
    """Share out the elements over the strata, in proportion to their amount or their number.

    Each stratum gets at least one and at most all its payments, the others share what is left; then
    by the largest remainder, ties by name. The shares add up to `number`.

    Raises:
        ValueError: there are fewer elements than strata, or more than payments.
    """
    if not len(sizes) <= number <= sum(size.pagamenti for size in sizes.values()):
        raise ValueError(number)
    quotas = _quotas(number, sizes, by_amount=by_amount)
    shares = {stratum: int(quota) for stratum, quota in quotas.items()}
    left = number - sum(shares.values())
    by_remainder = sorted(quotas, key=lambda stratum: (shares[stratum] - quotas[stratum], stratum))
    for stratum in by_remainder[:left]:
        shares[stratum] += 1
    return shares


def _quotas(
    number: int, sizes: Mapping[Stratum, Size], *, by_amount: bool
) -> dict[Stratum, Fraction]:
    """The exact quotas, between one and all payments of a stratum, that add up to `number`."""
    weights = {
        stratum: cents(size.importo) if by_amount else size.pagamenti
        for stratum, size in sizes.items()
    }
    bound: dict[Stratum, Fraction] = {}
    while True:
        open_ = {stratum: weight for stratum, weight in weights.items() if stratum not in bound}
        left, whole = number - sum(bound.values()), sum(open_.values())
        free = {stratum: Fraction(left) * weight / whole for stratum, weight in open_.items()}
        held = {
            stratum: min(max(quota, Fraction(1)), Fraction(sizes[stratum].pagamenti))
            for stratum, quota in free.items()
        }
        # What the bounds give away or take is shared by the others: those that it moves further
        # beyond their bound stay there.
        beyond = sum(held.values()) - left
        if not beyond:
            return {stratum: (bound | held)[stratum] for stratum in sizes}
        bound |= {
            stratum: quota
            for stratum, quota in held.items()
            if (quota > free[stratum] if beyond > 0 else quota < free[stratum])
        }


def interval_of(total: Decimal, number: int) -> int:
    """Return the interval of monetary unit sampling in cents: the value over the number."""
    return max(cents(total) // number, 1)


def start_of(seed: str, interval: int) -> int:
    """Return the first cent that is hit, from 0 to less than the interval."""
    return int.from_bytes(sha256(seed.encode()).digest()) % interval


def monetary(items: Iterable[Item], interval: int, start: int) -> Iterator[Drawn]:
    """Draw by monetary units: what is not below the interval for certain, the rest by its cents.

    The cents of the rest stand in a row, in the order of the items; one in every `interval` is hit,
    from `start` on, and with it the payment that it belongs to.
    """
    ahead = start  # cents up to the next hit
    for item in items:
        size = cents(item.importo)
        if size >= interval:
            yield Drawn(item, certo=True)
            continue
        if ahead < size:
            yield Drawn(item)
            ahead += interval
        ahead -= size


def counted(drawn: Iterable[Drawn]) -> dict[Stratum, int]:
    """Return how many were drawn from each stratum."""
    found: defaultdict[Stratum, int] = defaultdict(int)
    for one in drawn:
        found[one.item.strato] += 1
    return dict(found)
