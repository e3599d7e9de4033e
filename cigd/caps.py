"""What each azione may still certify: its allocation at a day, less what is certified there."""

from datetime import date
from decimal import Decimal

from django.db.models import Q

from cigd.azioni import AZIONE_ALTRI, AZIONE_COMUNI
from cigd.selection import Room
from porfse.figures import Leaf, leaf
from porfse.models import Fonte
from programme.caps import least_from, stored
from programme.models import Perimetro, Programmazione, SpesaCertificata
from programme.querysets import MovimentoQuerySet

AZIONI = (AZIONE_COMUNI, AZIONE_ALTRI)
# The initiative of the programme that each azione's expenditure belongs to.
INIZIATIVE = {AZIONE_COMUNI: "cigd-asse-i", AZIONE_ALTRI: "cigd-asse-ii"}


def allocation(azione: str, al: date) -> Leaf:
    """The figure of the resources that acts allot to an azione for the CIGD, up to a day."""
    return leaf("programmate", al=al, azione=azione, perimetro=Perimetro.CIGD)


def certified(azione: str | None, *, example: bool, al: date | None = None) -> MovimentoQuerySet:
    """Return the movements of certified CIGD expenditure in one azione or in all.

    Whoever entered them: batches, flows or people. While examples are shown, theirs count too.
    Up to a day if one is given, else of all dates: a cap binds them all together.
    """
    rows = SpesaCertificata.objects.filter(fonte__ritirata_il=None)
    counted = ~Q(fonte__genere=Fonte.Genere.ESEMPIO)
    counted |= Q(fonte__lotto__esempio=True) if example else Q(pk=None)
    levels = {"perimetro": str(Perimetro.CIGD)} | ({"azione": azione} if azione else {})
    rows = rows.filter(counted).within(levels)
    return rows if al is None else rows.up_to(al)


def rooms(al: date, *, example: bool) -> dict[str, Room]:
    """Return each azione with its cap from a day on and what is certified there; euro.

    An allocation that is not known at that day is none.
    """
    return {
        azione: Room(
            massimale=least_from(stored(Programmazione, azione), al),
            gia_certificato=certified(azione, example=example).total() or Decimal(0),
        )
        for azione in AZIONI
    }
