"""The base of the tables whose figures are within the perimetro that the reader has chosen."""

from collections.abc import Iterable, Mapping
from typing import Any

from porfse.tables import Tabella
from programme.models import Perimetro

ALL = "CIGD inclusa"  # the perimetro of who chooses none


class VistaTable(Tabella):
    """A table whose files say the perimetro of their page."""

    def about(self, context: Mapping[str, Any]) -> Iterable[str]:
        view = context.get("vista")
        if view is None:
            return ()
        return [f"Perimetro scelto: {Perimetro(view.perimetro).label if view.perimetro else ALL}"]
