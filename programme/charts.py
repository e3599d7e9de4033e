"""Charts of the programme: rows of figures in, plotly figure out."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from porfse import charts
from porfse.charts import Colour, Voce

# One colour for a quantity, on every page.
VOCI = (
    Voce("dotazione", "Dotazione", Colour.GREY),
    Voce("programmate", "Programmate", Colour.AZURE),
    Voce("impegnate", "Impegnate", Colour.BLUE),
    Voce("liquidate", "Liquidate", Colour.NIGHT),
    Voce("certificata", "Certificata", Colour.TEAL),
)


def asse_bars(rows: Iterable[dict[str, Any]]) -> charts.Figure:
    """The five quantities of each asse, side by side; `rows` as `progress.asse_rows` makes them."""
    points = [
        {
            "asse": f"Asse {row['nome'].codice}",
            **{voce.campo: row[voce.campo].amount for voce in VOCI},
        }
        for row in rows
        if hasattr(row["nome"], "codice")
    ]
    return charts.grouped_bars(points, category="asse", voci=VOCI, measure=charts.MLN_EURO)


def attainment_bars(rows: Iterable[dict[str, Any]]) -> charts.Figure:
    """Attainment of each indicator of the performance framework against 100 %, never capped."""
    points = [
        {"nome": row["breve"], "valore": row["raggiungimento"].amount, "target": Decimal(100)}
        for row in rows
    ]
    return charts.target_bars(
        points,
        category="nome",
        voce=Voce("valore", "Raggiungimento", Colour.BLUE),
        target=Voce("target", "Target 2023", Colour.OCHRE),
        measure=charts.PERCENTO,
    )
