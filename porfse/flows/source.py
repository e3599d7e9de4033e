"""What a source of data declares: its columns, its checks, and what becomes of its rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

from porfse import money
from porfse.errors import NotThere
from porfse.flows.columns import Column

if TYPE_CHECKING:
    from porfse.flows.late import Late
    from porfse.flows.stage import Stage
    from porfse.models import Flow, User

COMMON_CODES = {
    "E001": "manca un valore obbligatorio, o il valore non è fra quelli ammessi",
    "E003": "importo non leggibile, uguale a zero o di segno sbagliato",
    "E004": "data o mese non leggibile, impossibile o nel futuro",
    "E006": "identificativo ripetuto nel file (è tenuta la prima riga che lo porta)",
    "E007": "identificativo già acquisito con un altro flusso",
    "E011": "numero di campi diverso da quello dell'intestazione",
}
Checker = Callable[[Sequence[str]], Iterable[str]]
PartialChecker = Callable[[Sequence[str | None]], Iterable[str]]
Change = Mapping[str, Any]  # `voce`, `oggi`, `flusso`, `dopo` (in the unit of the amount)


@dataclass(frozen=True)
class Elenco:
    """What the preview of a flow lists in words: the first rows, and how many there are."""

    titolo: str
    spiegazione: str
    colonne: tuple[str, ...]
    righe: Sequence[Sequence[str]]
    totale: int

    @property
    def quanti(self) -> str:
        """How many there are, as pages show it."""
        return money.number(self.totale)


class Source:
    """One kind of file. Subclasses are declarations; the engine needs nothing else to know them.

    Attributes:
        slug: the name in commands and addresses.
        nome: the name on pages.
        columns: in the order of the layout.
        key: the column of the identifier, unique in the file and among what is acquired.
        within: the columns within whose values the identifier is unique in the file; none if it is
            so in the whole of it.
        amount: the column that is summed, by group and in all.
        euro: whether the amount is of euro; else it is a whole number, of what its label says.
        group: an SQL expression over the accepted rows (`s`) that gives the key of their group.
        group_label, amount_label: what they are called on pages.
        codes: the explanations of the codes that only this source has, and of its warnings.
        personal: columns that pages show masked.
        example_rows: how many rows the demonstration shows; 0 for none.
        table: the partitioned model that the accepted rows become a part of; None if `acquire`
            writes them elsewhere.
        after: the sources whose rows this one refers to: its example comes after theirs, and goes
            when a real flow takes their place.
        tried: what `forget_example` undoes besides the rows, for the preview of the flow that does.
    """

    slug: ClassVar[str]
    nome: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    key: ClassVar[str]
    within: ClassVar[tuple[str, ...]] = ()
    amount: ClassVar[str]
    euro: ClassVar[bool] = True
    group: ClassVar[str]
    group_label: ClassVar[str] = "Gruppo"
    amount_label: ClassVar[str] = "Importo"
    codes: ClassVar[Mapping[str, str]] = {}
    personal: ClassVar[tuple[str, ...]] = ()
    example_rows: ClassVar[int] = 0
    table: ClassVar[type[models.Model] | None] = None
    permission: ClassVar[str] = "porfse.load_flows"
    after: ClassVar[tuple[str, ...]] = ()
    tried: ClassVar[str] = ""

    def may_load(self, user: "User") -> bool:
        """Say whether a person may load files of this source, and act on them."""
        return user.has_perm(self.permission)

    def provincia_of(self, user: "User") -> str | None:
        """Return the provincia for which a person loads flows of this source; None for all."""
        return None

    def amount_text(self, amount: Decimal, *, signed: bool = False) -> str:
        """Return an amount in its unit, as pages show it."""
        show = money.euro if self.euro else money.number
        return show(amount, signed=signed)

    def checker(self) -> Checker:
        """Return what looks at a whole row in the hot loop; its cells are COPY text, all good.

        The function gives the codes that the row bears: an error (`E…`) refuses it.
        """
        return lambda _cells: ()

    def refused_checker(self) -> PartialChecker:
        """Return what looks at a row some of whose values are wrong: those are None.

        So that a refused row bears all its codes; it looks only at rules whose values are good.
        """
        return lambda _cells: ()

    def stored(self, stage: "Stage") -> tuple[str, Sequence[Any]] | None:
        """Return SQL for the identifiers acquired before (one column), with its parameters.

        None if there are none: real flows do not see examples, nor examples real ones.
        """
        return None

    def late_errors(self, late: "Late") -> int:
        """Find accepted rows that only the whole, or what is stored, shows as wrong (`late.add`).

        Returns how many were found.
        """
        return 0

    def warn(self, stage: "Stage") -> None:
        """Write the warnings that only the whole shows (`stage.warn`)."""

    def prepare(self, stage: "Stage") -> None:
        """Build what the acquisition will need, so that it takes an instant."""

    def changes(self, stage: "Stage") -> list[Change]:
        """Say what acquiring changes against what is stored, for the preview."""
        return []

    def preview(self, stage: "Stage") -> list[Elenco]:
        """List in words what the preview must show beside the changes of the amounts."""
        return []

    def undecided(self, flow: "Flow") -> str:
        """Say what somebody must decide before a validated flow is acquired; empty if nothing."""
        return ""

    def decisions_url(self, flow: "Flow") -> str:
        """Return the address where that is decided; empty if the flow asks for no decision."""
        return ""

    def acquire(self, stage: "Stage", *, by: "User") -> None:
        """Make the rows count, in the caller's transaction."""
        raise NotImplementedError

    def obstacle(self, flow: "Flow") -> str:
        """Say why an acquired flow cannot be cancelled; empty if it can."""
        return ""

    def hold(self, flow: "Flow") -> None:
        """Take what is to stand still from the look for obstacles until a flow is cancelled.

        Raises:
            NotNow: somebody else has it, and takes longer than a page may wait.
        """

    def cancel(self, flow: "Flow", *, by: "User") -> None:
        """Take the rows back, in the caller's transaction."""

    def forget_example(self, flow: "Flow", *, by: "User") -> None:
        """Take an example back when a real flow comes, with all that was done on it."""
        self.cancel(flow, by=by)

    def prepare_example(self, *, by: "User") -> None:
        """Make what the example needs to be accepted, where the demonstration has it not yet."""

    def example(self, *, rows: int, seed: int, defects: Decimal) -> Iterable[Sequence[str]]:
        """Yield the rows of an invented file; `defects` is the share (0 to 1) of wrong ones.

        Raises:
            NotThere: the source has no generator.
        """
        raise NotThere(f"La fonte «{self.slug}» non ha un generatore di esempi.")

    def explain(self, code: str) -> str:
        """Return a code in words."""
        return self.codes.get(code) or COMMON_CODES.get(code, "")

    def position(self, name: str) -> int:
        """Return the place of a column in the layout."""
        return [column.name for column in self.columns].index(name)


_SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make a source known; each app registers its own when Django starts."""
    _SOURCES[source.slug] = source


def source_of(slug: str) -> Source:
    """Return a source by its name.

    Raises:
        NotThere: there is no such source.
    """
    if slug not in _SOURCES:
        known = ", ".join(sorted(_SOURCES))
        raise NotThere(f"La fonte «{slug[:40]}» non esiste: scegliere fra {known}.")
    return _SOURCES[slug]


def with_dependents(source: Source) -> list[Source]:
    """Return the sources whose examples go with those of one: who refers to it first, it last."""
    others = [other for other in sources() if source.slug in other.after]
    return [*(found for other in others for found in with_dependents(other)), source]


def sources() -> list[Source]:
    """Return all sources, by name."""
    return sorted(_SOURCES.values(), key=lambda source: source.nome)
