"""What a measure declares: its initiative, its model, its phases and how its figures are cut.

Each measure is a package of this app with a module `misura`, which declares a subclass of `Misura`
and is found by itself when Django starts; a new one takes no change elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import ClassVar

from django.db.models import Q
from django.urls import URLPattern
from django_tables2 import Column

from measures.models import Istanza
from porfse import figures
from porfse.errors import NotThere
from porfse.flows.source import Source, register

UNKNOWN = "n.d."  # the value of a dimension in the rows that do not tell it


@dataclass(frozen=True)
class Fase:
    """A step of the way from application to payment: the states that have come so far, or left.

    Attributes:
        persa: whether it is a loss on the way, not a step of it.
        lascia: the phase that a loss is a share of; the first if it is not given.
    """

    nome: str
    stati: tuple[str, ...]
    persa: bool = False
    lascia: str = ""


@dataclass(frozen=True)
class Dimensione:
    """How the rows of a measure are told apart.

    Attributes:
        nome: as pages call it.
        sql: its value as text, over the rows `t` of the measure's table and their comune `c`.
        voci: the values in their order, with their names; empty if they come from the data.
        filtro: the condition on the rows for a value; None if the list is not narrowed by it.
        aperta: whether the data may have values beside those of `voci`.
        forma: the regular expression of a value that comes from the data.
    """

    nome: str
    sql: str
    voci: Mapping[str, str]
    filtro: Callable[[str], Q] | None = None
    aperta: bool = False
    forma: str = r"[\w.+-]{1,40}"


@dataclass(frozen=True)
class Tempo:
    """A stretch of the way: days from a date to another, of the rows that came to a phase."""

    nome: str
    da: str
    a: str
    fase: str


PROVINCIA = Dimensione(
    "Provincia", "c.provincia_id", {}, filtro=lambda value: Q(comune__provincia=value)
)


class Misura:
    """One measure. Subclasses are declarations.

    Attributes:
        slug: in addresses and in the tables.
        iniziativa: the code of the initiative that holds its money in the programme.
        model: the table of its applications, vouchers or projects.
        singolare, plurale: what a row of it is.
        fasi: the funnel, by key, in order; `impegno` and `pagamento` name the phases whose
            amounts are commitments and payments.
        dimensioni: by key, among DIMENSIONI.
        tagli: which dimensions are summed together, beside those alone; each with the state.
        tempi: by key, the stretches whose length is kept.
        colonne: columns of its own in the list of its rows, by field.
        sorgenti: the flows that write its rows; their modules reach the measure by `misura_of`.
        cifre: figures of its own, beside those of all measures.
        addresses: pages of its own, below `/misure/<slug>/`.
        sezioni: its pages in their order: name of the address and name on the page.
        istruttoria: the states of what is not admitted, or not yet: a day of theirs is not that of
            an admission.
        parti: templates of its own in the pages that all have: `quadro`, `province`, `istanza`.
    """

    slug: ClassVar[str]
    nome: ClassVar[str]
    descrizione: ClassVar[str]
    iniziativa: ClassVar[str]
    model: ClassVar[type[Istanza]]
    singolare: ClassVar[str]
    plurale: ClassVar[str]
    fasi: ClassVar[Mapping[str, Fase]]
    impegno: ClassVar[str]
    pagamento: ClassVar[str]
    dimensioni: ClassVar[Mapping[str, Dimensione]] = {"provincia": PROVINCIA}
    tagli: ClassVar[Sequence[tuple[str, ...]]] = ()
    tempi: ClassVar[Mapping[str, Tempo]] = {}
    colonne: ClassVar[Sequence[tuple[str, Column]]] = ()
    sorgenti: ClassVar[Sequence[type[Source]]] = ()
    cifre: ClassVar[Sequence[type[figures.Source]]] = ()
    addresses: ClassVar[Sequence[URLPattern]] = ()
    sezioni: ClassVar[Sequence[tuple[str, str]]] = ()
    istruttoria: ClassVar[Sequence[str]] = ()
    parti: ClassVar[Mapping[str, str]] = {}

    def cuts(self) -> list[tuple[str, ...]]:
        """Return all sets of dimensions that are summed, the empty one first."""
        return [(), *((name,) for name in self.dimensioni), *map(_sorted, self.tagli)]

    def summarize(self) -> None:
        """Write sums of its own from the rows as they stand, in the transaction of a flow."""

    def notes(self, row: Istanza, others: Sequence[Istanza]) -> list[str]:
        """Say what strikes in a row, given the others of its company in this measure."""
        return []

    def __str__(self) -> str:
        return self.nome


def _sorted(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names))


_MISURE: dict[str, Misura] = {}


def packages() -> Iterator[str]:
    """Yield the packages of this app that hold a measure."""
    package = import_module("measures")
    for module in iter_modules(package.__path__, "measures."):
        if module.ispkg and find_spec(f"{module.name}.misura"):
            yield module.name


def discover() -> None:
    """Make every measure, its flows and its figures known; called once, when Django is ready."""
    for name in packages():
        found = import_module(f"{name}.misura").MISURA
        _MISURE[found.slug] = found
        for source in found.sorgenti:
            register(source())
        for shown in found.cifre:
            figures.register(shown())


def misure() -> list[Misura]:
    """Return all measures, by name."""
    return sorted(_MISURE.values(), key=lambda misura: misura.nome)


def misura_of(slug: str) -> Misura:
    """Return a measure by its slug.

    Raises:
        NotThere: there is none.
    """
    if slug not in _MISURE:
        known = ", ".join(sorted(_MISURE))
        raise NotThere(f"La misura «{slug[:40]}» non esiste: scegliere fra {known}.")
    return _MISURE[slug]
