"""Whether a procedure is open: said once, since an end that was foreseen comes by itself."""

from datetime import date

from django.db.models import Q
from django.utils import timezone

from crisi.models import Procedura

Stato = Procedura.Stato


def for_end(data_fine: date | None, oggi: date) -> Procedura.Stato:
    """Return the state that an end, or none, gives to a procedure that is not withdrawn."""
    return Stato.CONCLUSA if data_fine and data_fine < oggi else Stato.APERTA


def of_today(procedura: Procedura) -> Procedura.Stato:
    """Return the state as of today: open until the end that was foreseen, whoever has written."""
    if procedura.stato != Stato.APERTA:
        return Stato(procedura.stato)
    return for_end(procedura.data_fine, timezone.localdate())


def open_on(oggi: date, path: str = "") -> Q:
    """Those open on a day.

    Args:
        path: from the rows that are filtered to the procedure, as `procedura__`.
    """
    no_end = Q(**{f"{path}data_fine": None}) | Q(**{f"{path}data_fine__gte": oggi})
    return Q(**{f"{path}stato": Stato.APERTA}) & no_end


def ended_on(oggi: date) -> Q:
    """Those concluded on a day: by a person, or because their end has come."""
    return Q(stato=Stato.CONCLUSA) | Q(stato=Stato.APERTA, data_fine__lt=oggi)
