"""How the courses are held, month by month of the grant: in a room, at a distance, on line."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import dateformat

from measures.figures import granted, number
from measures.formazione_continua.models import Voucher
from measures.models import SintesiMisura
from measures.scope import Ambito
from porfse import charts
from porfse.charts import Colour, Voce
from porfse.figures import Board, rapporto, somma

FASE = "concessi"  # all that were granted, those revoked afterwards too
Modalita = Voucher.Modalita
DISTANZA = (Modalita.FAD, Modalita.E_LEARNING)
VOCI = (
    Voce("numero_aula", Modalita.AULA.label, Colour.GREY),
    Voce("numero_fad", Modalita.FAD.label, Colour.BLUE),
    Voce("numero_e_learning", Modalita.E_LEARNING.label, Colour.OCHRE),
)
Row = dict[str, Any]


def month_rows(board: Board, scope: Ambito) -> list[Row]:
    """One row for each month with a voucher, then the total; none without vouchers."""
    if not scope.righe:
        return []
    sums = SintesiMisura.objects.filter(
        misura=scope.misura.slug, esempio=scope.esempio, taglio="mese"
    )
    months = sorted(set(sums.order_by().values_list("mese", flat=True)))
    rows = [_row(board, scope, _name(month), mese=month) | {"mese": month} for month in months]
    return [*rows, _row(board, scope, "Totale") | {"totale": True}]


def _row(board: Board, scope: Ambito, name: str, **cut: str) -> Row:
    asked = {"fonte": scope.righe, **cut}
    by_mode = {mode: number(scope.misura, FASE, gruppo=mode.value, **asked) for mode in Modalita}
    away = somma(*(by_mode[mode] for mode in DISTANZA))
    return {
        "nome": name,
        **{f"numero_{mode.name.lower()}": board(figure) for mode, figure in by_mode.items()},
        "distanza": board(rapporto(away, number(scope.misura, FASE, **asked))),
        "concesso": board(granted(scope.misura, FASE, **asked)),
    }


def _name(month: str) -> str:
    return dateformat.format(date.fromisoformat(f"{month}-01"), "F Y").lower()


def chart(rows: Sequence[Row]) -> charts.Figure:
    """Return the lines of the three modes; the board of the rows must be loaded."""
    points = [
        {"giorno": date.fromisoformat(f"{row['mese']}-01")}
        | {voce.campo: row[voce.campo].amount for voce in VOCI}
        for row in rows
        if "mese" in row
    ]
    return charts.lines(points, day="giorno", voci=VOCI, measure=charts.NUMERO)
