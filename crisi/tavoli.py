"""The meetings, read: what each has left to do, how many were published beside those entered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from crisi.models import Procedura, Seguito, Tavolo
from porfse.figures import Board, Figure, leaf
from porfse.models import User

# The year in which a document counts the meetings, and its figure for each kind.
PUBBLICATI: Mapping[int, Mapping[str, str]] = {
    2025: {Tavolo.Tipo.REGIONALE: "002-01", Tavolo.Tipo.BILATERALE: "002-02"}
}


@dataclass(frozen=True)
class Confronto:
    """The meetings of a kind in a year: as published, and as entered; never added up.

    Attributes:
        inseriti: those that the reader may see, examples left out.
    """

    anno: int
    tipo: str
    nome: str
    pubblicati: Figure
    inseriti: int


def counted(rows: QuerySet[Tavolo], user: User, oggi: date) -> QuerySet[Tavolo]:
    """Add to each meeting how many follow-ups the person sees, and how many are open and late."""
    seen = Q(seguiti__in=Seguito.objects.visible_to(user))
    left = seen & Q(seguiti__fatto_il=None)
    return rows.annotate(
        tutti=Count("seguiti", filter=seen),
        da_fare=Count("seguiti", filter=left),
        scaduti=Count("seguiti", filter=left & Q(seguiti__entro__lt=oggi)),
    ).order_by("-data", "-pk")


def compared(user: User, board: Board) -> list[Confronto]:
    """Return what documents count beside what was entered; the board is loaded by the caller."""
    rows = Tavolo.objects.visible_to(user).filter(esempio=False, data__year__in=PUBBLICATI)
    entered = Counter(rows.order_by().values_list("data__year", "tipo"))
    return [
        Confronto(
            year,
            kind,
            str(Tavolo.Tipo(kind).label),
            board(leaf("stampata", id=code)),
            entered[year, kind],
        )
        for year, codes in PUBBLICATI.items()
        for kind, code in codes.items()
    ]


def follow_ups(tavolo: Tavolo, user: User) -> list[Seguito]:
    """Return what a meeting asked for, as far as the person may see it, the open ones first."""
    rows = tavolo.seguiti.visible_to(user).select_related("provincia", "fatto_da")
    return sorted(rows, key=lambda each: (each.fatto_il is not None, each.entro, each.pk))


def linked_procedures(tavolo: Tavolo, user: User) -> list[Procedura]:
    """Return the procedures that a meeting spoke of, those that the person may see."""
    rows = Procedura.objects.visible_to(user).filter(tavoli=tavolo)
    return list(rows.select_related("azienda").order_by("azienda__denominazione", "pk"))
