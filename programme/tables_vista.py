"""The base of the tables whose figures are within the perimetro that the reader has chosen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from porfse.tables import Tabella
from programme.models import Perimetro

ALL = "CIGD inclusa"  # the perimetro of who chooses none


class VistaTable(Tabella):
    """A table whose files say the perimetro of their page, and how old its figures are.

    `ultimi` says it, a line for each day; above the table the page says the same.
    """

    ultimi: Sequence[str] = ()

    def about(self, context: Mapping[str, Any]) -> Iterable[str]:
        view = context.get("vista")
        if view is not None:
            yield f"Perimetro scelto: {Perimetro(view.perimetro).label if view.perimetro else ALL}"
        yield from self.ultimi
