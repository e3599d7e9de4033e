"""One sum of the ledger: what it is worth at a day, or why it is not known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from porfse.figures import FigureError, Leaf, Unit, Value
from porfse.periods import italian
from programme.models import Movimento, Perimetro
from programme.querysets import NON_ATTRIBUITO, NON_RIPARTITO

EU_SHARE = "certificata_ue"
LEVELS = ("asse", "priorita", "obiettivo", "azione", "iniziativa")
Natura = Movimento.Natura
Group = dict[str, Any]  # a row of MovimentoQuerySet.grouped


class Snapshot:
    """The groups of one table that exist at the day with this index, found by level."""

    def __init__(self, groups: Iterable[Group], index: int) -> None:
        self.index = index
        self.groups = [group for group in groups if group[f"importo_{index}"] is not None]
        self._by: defaultdict[tuple[str, str | None], list[Group]] = defaultdict(list)
        for group in self.groups:
            for level in ("asse", "iniziativa"):
                self._by[level, group[f"codice_{level}"]].append(group)

    def candidates(self, leaf: Leaf) -> list[Group]:
        """The groups among which those of a leaf are: few, so that many leaves stay cheap."""
        for level, apart in (("iniziativa", NON_ATTRIBUITO), ("asse", NON_RIPARTITO)):
            code = leaf.get(level)
            if code not in (None, apart):
                return self._by[level, code]
        return self.groups

    def unsplit(self) -> date | None:
        """Since when a part of the total is not split between the assi; None if all is."""
        groups = self._by["asse", None]
        if sum(group[f"importo_{self.index}"] for group in groups) == 0:
            return None
        return max(group[f"ultima_{self.index}"] or date.min for group in groups)


class LeafSum:
    """One leaf over the groups of its table, at the day of a snapshot."""

    def __init__(self, leaf: Leaf, snapshot: Snapshot) -> None:
        self.leaf = leaf
        self.snapshot = snapshot
        self.day = snapshot.index
        candidates = snapshot.candidates(leaf)
        self.wider = [group for group in candidates if self._within(group, perimeter=False)]
        self.groups = [group for group in self.wider if self._within(group, perimeter=True)]

    def _within(self, group: Group, *, perimeter: bool) -> bool:
        levels = all(self._matches(group, level) for level in LEVELS)
        source = self.leaf.get("fonte")
        wanted = self.leaf.get("perimetro") if perimeter else None
        return (
            levels
            and (not source or str(group["codice_fonte"]) == source)
            and (not wanted or group["perimetro"] == perimeter_of(self.leaf))
        )

    def _matches(self, group: Group, level: str) -> bool:
        wanted, actual = self.leaf.get(level), group[f"codice_{level}"]
        if (level, wanted) == ("asse", NON_RIPARTITO):
            return actual is None
        if (level, wanted) == ("iniziativa", NON_ATTRIBUITO):
            return actual is None and group["codice_azione"] is None and group["codice_asse"]
        return wanted in (None, actual)

    def value(self) -> Value:
        if self.leaf.name == EU_SHARE:
            return self._share()
        groups = [group for group in self.groups if group[f"ultima_{self.day}"]]
        missing = self._not_split() or self._undeclared()
        if missing or not groups:
            return Value(None, Unit.EURO, missing=missing or self._never())
        natures = {group["natura"] for group in groups}
        return Value(
            amount=sum(group[f"importo_{self.day}"] for group in groups),
            unit=Unit.EURO,
            scope=_words(groups),
            derived=bool(natures & self._derived()),
            rounding=self._rounding(groups),
            circular=bool(natures & self._circular()),
        )

    def _share(self) -> Value:
        """The EU share, which movements always have and few published balances do.

        It is not known while a balance without it comes after the last balance that has it: a
        movement entered later does not tell what that balance had.
        """
        known = [group for group in self.groups if group[f"ultima_quota_{self.day}"]]
        last = max(
            (
                group[f"ultima_quota_{self.day}"]
                for group in known
                if group["natura"] != Natura.MOVIMENTO
            ),
            default=None,
        )
        later = any(day > (last or date.min) for day in self._without_share())
        if not known or (later and last is None):
            return Value(None, Unit.EURO, missing="quota UE non pubblicata a questo livello")
        if later:
            return Value(
                None, Unit.EURO, missing=f"ultimo dato al {italian(last)}", last_known=last
            )
        if missing := self._undeclared():
            return Value(None, Unit.EURO, missing=missing)
        return Value(
            amount=sum(group[f"quota_{self.day}"] for group in known),
            unit=Unit.EURO,
            scope=_words(known),
            rounding=sum((group["arrotondamento"] for group in known), Decimal(0)),
        )

    def _without_share(self) -> list[date]:
        """The last day of each group whose latest amount came without an EU share."""
        return [
            day
            for group in self.groups
            if (day := group[f"ultima_{self.day}"])
            and day > (group[f"ultima_quota_{self.day}"] or date.min)
        ]

    def _never(self) -> str:
        return "" if self.snapshot.groups else "nessun dato a questa data"

    def _not_split(self) -> str:
        """No asse is known while a part of the total is not split between them."""
        unsplit = self.snapshot.unsplit()
        if self.leaf.get("asse") in (None, NON_RIPARTITO) or unsplit is None:
            return ""
        last = max(
            (day for group in self.wider if (day := group[f"ultima_{self.day}"])), default=None
        )
        if last is not None and last < unsplit:
            return f"ultimo dato al {italian(last)}"
        return f"dal {italian(unsplit)} una parte non è ripartita tra gli assi"

    def _undeclared(self) -> str:
        """A perimetro cannot be told apart where a source does not declare its own."""
        wanted = self.leaf.get("perimetro")
        if wanted in (None, Perimetro.NON_DICHIARATA):
            return ""
        undeclared = any(
            group["perimetro"] == Perimetro.NON_DICHIARATA and group[f"ultima_{self.day}"]
            for group in self.wider
        )
        return "la fonte non dichiara il perimetro" if undeclared else ""

    def _derived(self) -> set[str]:
        """The natures that make this figure derived: a printed total hides how its parts are."""
        if self.leaf.get("asse") == NON_RIPARTITO or self._below:
            return set(Movimento.DERIVATE)
        derived = {Natura.SCORPORO, Natura.DEDOTTO} if self.leaf.get("perimetro") else set()
        return derived | ({Natura.DIFFERENZA} if self.leaf.get("asse") else set())

    @property
    def _below(self) -> bool:
        """Whether the leaf asks for something below the asse."""
        return any(self.leaf.get(level) for level in LEVELS[1:])

    def _circular(self) -> set[str]:
        if self.leaf.get("asse"):
            return {Natura.RESTO, Natura.SCORPORO, Natura.DIFFERENZA}
        return {Natura.DIFFERENZA}

    def _rounding(self, groups: list[Group]) -> Decimal:
        """How far the roundings of the print may move the sum.

        A balance bears the rounding of its print. What was found by difference bears all that it
        took away, which cancels where the total that it came from is made again.
        """
        latest = self._latest(groups)
        if self.leaf.get("iniziativa") == NON_ATTRIBUITO:
            asse = self.snapshot.candidates(self.leaf)
            subtracted = self._latest(group for group in asse if group["codice_iniziativa"])
            return _total(latest) + _total(subtracted)
        if self._below:
            return _total(latest)
        balances = {key: found for key, found in latest.items() if not key[1]}
        implied = {key for key, found in balances.items() if found[2] == Natura.DIFFERENZA}
        if self.leaf.get("asse") or not implied:
            return _total(balances)
        others = {key: found for key, found in balances.items() if key not in implied}
        return abs(_total({key: balances[key] for key in implied}) - _total(others))

    def _latest(self, groups: Iterable[Group]) -> dict[tuple[str, str], tuple[date, Decimal, str]]:
        """Of each asse or initiative: the day, rounding and nature of its latest balance.

        A movement is exact, and takes nothing from the rounding of the balance that it comes after.
        """
        latest: dict[tuple[str, str], tuple[date, Decimal, str]] = {}
        for group in groups:
            day = group[f"ultima_{self.day}"]
            if day and group["natura"] != Natura.MOVIMENTO:
                key = (group["codice_asse"] or "", group["codice_iniziativa"] or "")
                found = (day, group["arrotondamento"], group["natura"])
                latest[key] = max(latest.get(key, found), found)
        return latest


def _total(latest: Mapping[tuple[str, str], tuple[date, Decimal, str]]) -> Decimal:
    return sum((rounding for _, rounding, _ in latest.values()), Decimal(0))


def _words(groups: Iterable[Group]) -> frozenset[str]:
    """What a sum includes of the Covid wage support, as pages say it."""
    found = {Perimetro(group["perimetro"]) for group in groups}
    if Perimetro.NON_DICHIARATA in found:
        return frozenset({Perimetro.NON_DICHIARATA.label})
    if len(found) > 1:
        return frozenset({"CIGD inclusa"})
    return frozenset(perimeter.label for perimeter in found)


def perimeter_of(leaf: Leaf) -> Perimetro:
    """Return the perimetro that a leaf asks for.

    Raises:
        FigureError: there is no such perimetro.
    """
    try:
        return Perimetro(leaf.get("perimetro"))
    except ValueError as error:
        raise FigureError(f"Il perimetro «{leaf.get('perimetro')}» non esiste.") from error
