"""Whole numbers that add up to each other, as a flow: how far a hidden one can go.

Each number of a table stands in one row and in one column: it is an arc from the sum of its column
to that of its row, and a table whose sums are right is a flow that nowhere gains nor loses. A
number that is known is an arc that cannot change. A hidden one can rise by what can come back from
its end to its beginning along other hidden arcs, and fall by what can go the other way: the
theorem of flows makes these bounds exact in whole numbers.
"""

from collections.abc import Hashable, Sequence
from heapq import heappop, heappush

Costi = Sequence[int | None]  # of changing each arc; None is one that cannot change
Passi = list[tuple[int, bool]]  # arcs, and whether along their direction


class Rete:
    """The arcs between sums, each with the least that its number can be."""

    def __init__(self, archi: Sequence[tuple[Hashable, Hashable]], minimi: Sequence[int]) -> None:
        names = {name: None for ends in archi for name in ends}
        number = {name: place for place, name in enumerate(names)}
        self.archi = [(number[start], number[end]) for start, end in archi]
        self.minimi = list(minimi)
        self.vicini: list[list[tuple[int, int, bool]]] = [[] for _ in names]
        for arc, (start, end) in enumerate(self.archi):
            if start != end:
                self.vicini[start].append((arc, end, True))
                self.vicini[end].append((arc, start, False))

    def squilibri(self, flusso: Sequence[int]) -> list[int]:
        """Return, for each sum, what comes in less what goes out: all zero if they are right."""
        found = [0] * len(self.vicini)
        for arc, (start, end) in enumerate(self.archi):
            found[start] -= flusso[arc]
            found[end] += flusso[arc]
        return found

    def completa(self, flusso: list[int], costi: Costi) -> bool:
        """Find numbers for the arcs that can change, so that all sums are right, if there are any.

        Args:
            flusso: of the arcs that cannot change; the others are overwritten.

        Returns:
            whether there are.
        """
        for arc, cost in enumerate(costi):
            if cost is not None:
                flusso[arc] = self.minimi[arc]
        rest = self.squilibri(flusso)
        for start in range(len(rest)):
            for end in range(len(rest)):
                if rest[start] > 0 > rest[end]:
                    amount = self._push(flusso, start, end, costi, min(rest[start], -rest[end]))
                    rest[start] -= amount
                    rest[end] += amount
        return not any(rest)

    def intervallo(self, arco: int, flusso: Sequence[int], costi: Costi) -> tuple[int, int | None]:
        """Return the least and the most that a hidden number can be; None is any number.

        Args:
            flusso: numbers for which all sums are right.
        """
        start, end = self.archi[arco]
        if start == end:
            return self.minimi[arco], None
        others = [None if each == arco else cost for each, cost in enumerate(costi)]
        slack = flusso[arco] - self.minimi[arco]
        down = self._push(list(flusso), start, end, others, slack)
        up = self._push(list(flusso), end, start, others, None)
        return flusso[arco] - down, None if up is None else flusso[arco] + up

    def allarga(
        self, arco: int, flusso: Sequence[int], costi: Costi, ampiezza: int
    ) -> tuple[int, set[int]]:
        """Find the cheapest arcs along which a number can vary by so much.

        Args:
            flusso: the true numbers.
            costi: zero for those that may change already.

        Returns:
            by how much it then varies, at most `ampiezza`, and the arcs that this took.
        """
        start, end = self.archi[arco]
        if start == end:
            return ampiezza, set()
        others = [None if each == arco else cost for each, cost in enumerate(costi)]
        rising, falling = list(flusso), list(flusso)
        slack, reached, used = flusso[arco] - self.minimi[arco], 0, set()
        while reached < ampiezza:
            up = self._path(rising, end, start, others)
            dear = up is None or up[0] > 0
            down = self._path(falling, start, end, others) if dear and slack > 0 else None
            if up is None and down is None:
                break
            if down is None or (up is not None and up[0] <= down[0]):
                amount = self._move(rising, up[1], ampiezza - reached)
                taken = up[1]
            else:
                amount = self._move(falling, down[1], min(slack, ampiezza - reached))
                slack -= amount
                taken = down[1]
            reached += amount
            used |= {each for each, _ in taken}
        return reached, used

    def _push(
        self, flusso: list[int], start: int, end: int, costi: Costi, limite: int | None
    ) -> int | None:
        """Send as much as can go, up to a limit; None if there is none. Changes `flusso`."""
        sent = 0
        while limite is None or sent < limite:
            found = self._path(flusso, start, end, costi)
            if found is None:
                break
            rest = None if limite is None else limite - sent
            if rest is None and all(along for _, along in found[1]):
                return None
            sent += self._move(flusso, found[1], rest)
        return sent

    def _move(self, flusso: list[int], passi: Passi, limite: int | None) -> int:
        """Send along a path what it can bear, at most the limit, and return how much."""
        bounds = [flusso[arc] - self.minimi[arc] for arc, along in passi if not along]
        amount = min([*bounds, limite] if limite is not None else bounds)
        for arc, along in passi:
            flusso[arc] += amount if along else -amount
        return amount

    def _path(
        self, flusso: Sequence[int], start: int, end: int, costi: Costi
    ) -> tuple[int, Passi] | None:
        """Return the cheapest path, of those the shortest; its cost first."""
        waiting = [(0, 0, start)]
        came: dict[int, tuple[int, int, bool]] = {}
        best = {start: (0, 0)}
        while waiting:
            cost, steps, node = heappop(waiting)
            if node == end:
                break
            if (cost, steps) > best[node]:
                continue
            for arc, other, along in self.vicini[node]:
                price = costi[arc]
                if price is None or (not along and flusso[arc] <= self.minimi[arc]):
                    continue
                reached = (cost + price, steps + 1)
                if other not in best or reached < best[other]:
                    best[other] = reached
                    came[other] = (node, arc, along)
                    heappush(waiting, (*reached, other))
        if end not in best:
            return None
        path, node = [], end
        while node != start:
            node, arc, along = came[node]
            path.append((arc, along))
        return best[end][0], path
