"""The date that a leaf bears."""

from datetime import date

from porfse.figures import FigureError, Leaf


def day_of(leaf: Leaf) -> date:
    """Return the date of a leaf.

    Raises:
        FigureError: it has none, or it is not a date.
    """
    try:
        return date.fromisoformat(leaf.get("al") or "")
    except ValueError as error:
        raise FigureError("Manca la data della cifra, o non è una data valida.") from error
