"""Charts of the payments: rows of figures in, plotly figure out."""

from collections.abc import Iterable
from typing import Any

from porfse import charts
from porfse.charts import Colour, Voce

VOCI = (
    Voce("comuni", "Azione 8.6.1", Colour.OCHRE),
    Voce("altri", "Azione 9.8.1", Colour.VIOLET),
)


def month_bars(rows: Iterable[dict[str, Any]]) -> charts.Figure:
    """The payments of each month by azione; `rows` as `progress.month_rows` makes them."""
    points = [
        {
            "mese": f"{row['mese']:%m.%Y}",
            **{voce.campo: row[voce.campo].amount for voce in VOCI},
        }
        for row in rows
        if not row.get("totale")
    ]
    return charts.grouped_bars(points, category="mese", voci=VOCI, measure=charts.EURO)
