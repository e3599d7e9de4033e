"""The date that a leaf bears."""

from datetime import date

from django.conf import settings

from porfse.figures import FigureError, Leaf
from porfse.periods import parse_date


def day_of(leaf: Leaf) -> date:
    """Return the date of a leaf.

    Raises:
        FigureError: it has none.
        PeriodError: it is not a date between the start of the period and today.
    """
    text = leaf.get("al")
    if not text:
        raise FigureError("Manca la data della cifra: aprirla dalla sua pagina.")
    return parse_date(text, earliest=settings.EARLIEST_DATE)
