"""What a measure may spend: the endowments of its acts, and how much of the latest is used."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from measures.figures import CARICATA, ESEMPIO, PUBBLICATA, granted, paid
from measures.misura import Misura, misura_of
from measures.models import DotazioneMisura
from measures.scope import Ambito
from measures.tables.core import DotazioniTable
from porfse.figures import (
    Board,
    Figure,
    FigureError,
    Leaf,
    Rows,
    Source,
    Unit,
    Value,
    differenza,
    leaf,
    rapporto,
)


def endowment(misura: Misura, ordine: int | None = None) -> Leaf:
    """The endowment in force in euro, or the one with a place in the history."""
    return leaf("misura_dotazione", misura=misura.slug, ordine=ordine)


class MeasureEndowment(Source):
    names = ("misura_dotazione",)
    params = ("misura", "ordine")
    permission = "measures.view_misure"

    def label(self, leaf: Leaf) -> str:
        place = f" n. {leaf.get('ordine')}" if leaf.get("ordine") else " in vigore"
        return f"{misura_of(leaf.get('misura') or '').nome}: dotazione{place}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        found: dict[tuple[str, str | None], DotazioneMisura] = {}
        for row in endowments(misura_of(item.get("misura") or "").slug for item in leaves):
            found[row.misura, str(row.ordine)] = found[row.misura, None] = row
        return {
            item: _value(found.get((item.get("misura") or "", _place(item)))) for item in leaves
        }

    def rows(self, leaf: Leaf) -> Rows:
        rows = list(endowments([leaf.get("misura") or ""]))
        place = _place(leaf)
        chosen = [row for row in rows if str(row.ordine) == place] if place else rows[-1:]
        value = _value(chosen[0] if chosen else None)
        return Rows(DotazioniTable(chosen), value.amount, note="Come la fonte la dice.")


def endowments(slugs: Iterable[str]) -> QuerySet[DotazioneMisura]:
    """Return the endowments of some measures, from sources in force, the oldest first."""
    rows = DotazioneMisura.objects.filter(misura__in=set(slugs), fonte__ritirata_il=None)
    return rows.select_related("fonte", "atto", "azione").order_by("misura", "ordine")


def _place(leaf: Leaf) -> str | None:
    place = leaf.get("ordine")
    if place and not (place.isascii() and place.isdigit()):
        raise FigureError(f"L'ordine «{place[:20]}» della dotazione non è un numero.")
    return place


def _value(row: DotazioneMisura | None) -> Value:
    if row is None:
        return Value(None, Unit.EURO, missing="nessuna fonte la indica")
    return Value(row.importo, Unit.EURO)


@dataclass(frozen=True)
class Uso:
    """How much of the endowment one kind of data uses; figures, loaded with their board.

    Attributes:
        margine: endowment less granted; `residuo` granted less paid.
    """

    nome: str
    concesso: Figure
    liquidato: Figure
    quota: Figure
    margine: Figure
    residuo: Figure


NAMES = {CARICATA: "Dati acquisiti", ESEMPIO: "Dati di esempio", PUBBLICATA: "Dati pubblicati"}


def uses(board: Board, scope: Ambito) -> list[Uso]:
    """Return what each kind of data says: the published first, then the rows or the examples."""
    misura = scope.misura
    kinds = [PUBBLICATA] if scope.publishes_amount(misura.impegno) else []
    return [_use(board, misura, kind) for kind in [*kinds, *filter(None, [scope.righe])]]


def _use(board: Board, misura: Misura, kind: str) -> Uso:
    spent = granted(misura, misura.impegno, fonte=kind)
    settled = paid(misura, misura.pagamento, fonte=kind)
    whole = endowment(misura)
    return Uso(
        nome=NAMES[kind],
        concesso=board(spent),
        liquidato=board(settled),
        quota=board(rapporto(spent, whole)),
        margine=board(differenza(whole, spent)),
        residuo=board(differenza(spent, settled)),
    )


def warnings(found: Sequence[Uso]) -> list[tuple[str, Figure]]:
    """Return what is beyond what it should be, with by how much; the board must be loaded."""
    return [
        (f"{use.nome}: {words}", figure)
        for use in found
        for words, figure in (
            ("l'importo ammesso supera la dotazione. Margine:", use.margine),
            ("il liquidato supera l'ammesso. Differenza:", use.residuo),
        )
        if figure.amount is not None and figure.amount < 0
    ]
