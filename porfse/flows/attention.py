"""What the flows ask of people: for the page that says what needs attention."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q, Value
from django.urls import reverse
from django.utils import timezone

from porfse import money
from porfse.models import ExpectedFlow, Flow, User


@dataclass(frozen=True)
class Attention:
    """A sentence, and the page where it is dealt with."""

    testo: str
    url: str


def attention_for(user: User) -> list[Attention]:
    """Return what waits for a decision and what is late; nothing for who may not see flows."""
    if not user.has_perm("porfse.view_flows"):
        return []
    late = ExpectedFlow.objects.filter(
        Q(entro__lt=timezone.localdate()) & ~Q(flusso__stato=Flow.Stato.ACQUISITO)
    )
    flows = Flow.objects.waiting().order_by().values_list(Value("waiting"))
    counts = Counter(flows.union(late.order_by().values_list(Value("late")), all=True))
    waiting, overdue = counts["waiting",], counts["late",]
    found = []
    if waiting:
        words = "flusso attende" if waiting == 1 else "flussi attendono"
        found.append(
            Attention(f"{money.number(waiting)} {words} una decisione.", reverse("flussi:flussi"))
        )
    if overdue:
        words = "flusso atteso è" if overdue == 1 else "flussi attesi sono"
        found.append(
            Attention(f"{money.number(overdue)} {words} in ritardo.", reverse("flussi:calendario"))
        )
    return found
