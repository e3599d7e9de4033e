"""Procedures that may be one entered twice: same company, same kind, dates that overlap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from crisi.models import Procedura, UnitaProduttiva
from porfse.models import Azienda, User
from porfse.periods import italian

_AGAIN = timedelta(minutes=10)  # in which the same form is more likely sent twice than meant
_SAME = ("tipo", "linea_guida", "causale", "data_avvio", "data_fine")


@dataclass(frozen=True)
class Found:
    """A procedure that looks like the one that is being entered, as far as a person may know it.

    Attributes:
        visibile: whether the person may open it.
        nuclei: names of the provinces with sites in it.
    """

    procedura: Procedura
    visibile: bool
    nuclei: Sequence[str]


class Duplicate(Exception):
    """What is being entered may be there already; `found` says where."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__("Esiste già una procedura della stessa azienda, dello stesso tipo.")
        self.found = found


def overlapping(
    *,
    azienda: Azienda,
    tipo: str,
    data_avvio: date,
    data_fine: date | None,
    but: int | None = None,
) -> list[Procedura]:
    """Return the procedures of a company and kind with a day in common, not the withdrawn ones.

    Args:
        data_fine: None if there is no end yet.
        but: the key of the procedure itself, if it is there already.
    """
    found = (
        Procedura.objects.counted()
        .filter(Q(data_fine=None) | Q(data_fine__gte=data_avvio), azienda=azienda, tipo=tipo)
        .exclude(pk=but)
        .select_related("azienda")
    )
    return list(found.filter(data_avvio__lte=data_fine) if data_fine else found)


def described(procedure: Sequence[Procedura], *, user: User) -> list[Found]:
    """Say of each procedure what a person may know of it."""
    keys = [each.pk for each in procedure]
    visible = set(
        Procedura.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    )
    places: dict[int, list[str]] = {key: [] for key in keys}
    names = UnitaProduttiva.objects.filter(procedura__in=keys).order_by("comune__provincia__nome")
    for key, name in names.values_list("procedura", "comune__provincia__nome").distinct():
        places[key].append(name)
    return [Found(each, each.pk in visible, places[each.pk]) for each in procedure]


def refuse_sent_twice(similar: Iterable[Procedura], *, by: User, **said: Any) -> None:
    """Stop the second copy of a form, whose reason for being another procedure came along.

    A procedure with a number needs no such check: the number is of one alone.

    Args:
        similar: the procedures of the company that it looks like.
        said: its fields by name.

    Raises:
        ValidationError: the person has entered the same minutes ago.
    """
    since = timezone.now() - _AGAIN
    for each in similar:
        just = each.inserita_da_id == by.pk and each.inserita_il >= since
        same = all(getattr(each, name) == said[name] for name in _SAME)
        if just and same and not (each.codice_pratica or said["codice_pratica"]):
            raise ValidationError(
                f"La stessa procedura è stata registrata da poco ({each}): il modulo è arrivato due"
                " volte. Controllarla nell'elenco delle procedure; se questa è davvero un'altra,"
                " indicarne il numero o una causale che la distingua."
            )


def dal_al(procedura: Procedura) -> str:
    """Return `dal 01.03.2025 al 31.05.2025`; without the end if there is none yet."""
    end = f" al {italian(procedura.data_fine)}" if procedura.data_fine else ""
    return f"dal {italian(procedura.data_avvio)}{end}"
