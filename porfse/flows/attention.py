"""What the flows ask of people: what waits for a decision, and what is late."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from porfse.attention import Waiting
from porfse.models import ExpectedFlow, Flow, User

_AREA, _APRI = "Flussi", "Apri i flussi"


def waiting(user: User) -> Iterator[Waiting]:
    """Yield the flows that wait and those that are late; nothing for who may not see flows."""
    if not user.has_perm("porfse.view_flows"):
        return
    yield Waiting(
        _AREA,
        Flow.objects.waiting(),
        "flusso attende una decisione",
        "flussi attendono una decisione",
        _APRI,
        reverse("flussi:flussi"),
    )
    late = ExpectedFlow.objects.filter(
        Q(entro__lt=timezone.localdate()) & ~Q(flusso__stato=Flow.Stato.ACQUISITO)
    )
    yield Waiting(
        _AREA,
        late,
        "flusso atteso è in ritardo",
        "flussi attesi sono in ritardo",
        "Apri il calendario dei flussi",
        reverse("flussi:calendario"),
    )
