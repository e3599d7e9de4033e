"""What a figure of the table counts: of which source, kind, provincia and period."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings

from crisi.models import Procedura
from porfse.figures import FigureError, Leaf
from porfse.periods import Periodo

# In the order of the published tables.
SIGLE = ("BG", "BS", "CO", "CR", "LC", "LO", "MN", "MI", "MB", "PV", "SO", "VA")
ALL = "tutte"  # the twelve added up, as opposed to the printed total of the region
TIPI: Mapping[str, str] = {
    Procedura.Tipo.CIGS_MIN: "CIGS ministeriali",
    Procedura.Tipo.CIGS_REG: "CIGS regionali",
    Procedura.Tipo.LIC: "licenziamenti collettivi",
}
AVVIATE, IN_CORSO = "avviate", "in_corso"
CRITERI = {AVVIATE: "avviate", IN_CORSO: "in corso"}
PUBBLICATA, CALCOLATA, ESEMPIO = "pubblicata", "calcolata", "esempio"
FONTI = {
    PUBBLICATA: "tabella pubblicata",
    CALCOLATA: "calcolata dalle procedure",
    ESEMPIO: "procedure di esempio",
}
PARAMS = ("periodo", "criterio", "fonte", "provincia", "tipo", "derivata")
_INSIDE = {12: "nell'", 3: "nel ", 2: "nel bimestre "}


@dataclass(frozen=True)
class Selection:
    """What a figure counts.

    Attributes:
        provincia: a sigla; None is the region, ALL the twelve of a published table added up.
        tipo: a kind; None is all three.
        derivata: a blank of the published table is taken as its total less the others.
    """

    periodo: Periodo
    criterio: str = AVVIATE
    fonte: str = CALCOLATA
    provincia: str | None = None
    tipo: str | None = None
    derivata: bool = False

    @property
    def words(self) -> str:
        """The period and the criterion, or the published table, in words."""
        if self.fonte == PUBBLICATA:
            return f"tabella pubblicata per l'anno {self.periodo.anno}"
        return f"procedure {CRITERI[self.criterio]} {inside(self.periodo)}"


def inside(periodo: Periodo) -> str:
    """Return `nell'anno 2025`, `nel 3° trimestre 2025`, `nel bimestre settembre-ottobre 2025`."""
    return f"{_INSIDE[periodo.mesi]}{periodo.nome}"


def selection(leaf: Leaf) -> Selection:
    """Read what a leaf asks for.

    Raises:
        FigureError: a parameter names something that does not exist, or two do not go together.
    """
    found = dict(leaf.params)
    _check(found, "criterio", CRITERI)
    _check(found, "fonte", sources())
    _check(found, "tipo", TIPI)
    _check(found, "provincia", (*SIGLE, ALL))
    _check(found, "derivata", ("si",))
    asked = Selection(
        Periodo.parse(found.get("periodo", "")),
        found.get("criterio", AVVIATE),
        found.get("fonte", CALCOLATA),
        found.get("provincia"),
        found.get("tipo"),
        "derivata" in found,
    )
    if asked.fonte == PUBBLICATA:
        _check_published(leaf.name, asked)
    elif asked.derivata or asked.provincia == ALL:
        raise FigureError("Solo della tabella pubblicata si ricavano celle per differenza.")
    return asked


def sources() -> list[str]:
    """Return the sources that there are here: examples only in the demonstration."""
    return [name for name in FONTI if name != ESEMPIO or settings.DEMO]


def _check(found: Mapping[str, str], name: str, allowed: Collection[str]) -> None:
    value = found.get(name)
    if value is not None and value not in allowed:
        raise FigureError(
            f"«{value[:20]}» non è un valore di «{name}»: scegliere fra {', '.join(allowed)}."
        )


def _check_published(name: str, asked: Selection) -> None:
    if asked.periodo.mesi != 12 or asked.criterio != AVVIATE:
        raise FigureError(
            "La tabella pubblicata è per anno intero e non distingue avviate e in corso: scegliere"
            " un anno, oppure il calcolo dalle procedure."
        )
    if name == "crisi_non_noti":
        raise FigureError("La tabella pubblicata non dice di quante unità non sa i lavoratori.")
    if asked.derivata and (asked.tipo is None or asked.provincia in (None, ALL)):
        raise FigureError("Per differenza si ricava la cella di una provincia e di un tipo.")
