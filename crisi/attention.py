"""What the quarters ask of people: the nucleo of its own, the Region of all twelve."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from crisi.models import MonitoraggioTrimestrale
from crisi.scope import own_provincia, sees_all
from porfse.attention import Waiting
from porfse.models import Provincia, User

Stato = MonitoraggioTrimestrale.Stato
Quarters = QuerySet[MonitoraggioTrimestrale]
_AREA = "Crisi territoriali"


def waiting(user: User) -> Iterator[Waiting]:
    """Yield the quarters that are late or came back to a nucleo, or that wait for the Region."""
    quarters = MonitoraggioTrimestrale.objects.visible_to(user)
    late = quarters.filter(
        stato__in=(Stato.APERTO, Stato.COMPILATO), entro__lt=timezone.localdate()
    )
    if own_provincia(user) is not None:
        yield from _for_nucleo(quarters, late)
    elif sees_all(user):
        yield from _for_region(user, quarters, late)


def _for_nucleo(quarters: Quarters, late: Quarters) -> Iterator[Waiting]:
    link = ("Apri il lavoro del Nucleo", reverse("crisi:lavoro"))
    yield Waiting(
        _AREA,
        late,
        "trimestre da trasmettere è in ritardo",
        "trimestri da trasmettere sono in ritardo",
        *link,
    )
    yield Waiting(
        _AREA,
        quarters.filter(stato=Stato.RESTITUITO),
        "trimestre è stato restituito con richiesta di integrazioni",
        "trimestri sono stati restituiti con richiesta di integrazioni",
        *link,
    )


def _for_region(user: User, quarters: Quarters, late: Quarters) -> Iterator[Waiting]:
    link = ("Apri i trimestri", reverse("crisi:trimestri"))
    yield Waiting(
        _AREA,
        Provincia.objects.filter(Exists(late.filter(provincia=OuterRef("pk")))),
        "Nucleo è in ritardo con il monitoraggio trimestrale",
        "Nuclei sono in ritardo con il monitoraggio trimestrale",
        *link,
    )
    if user.has_perm("crisi.manage_trimestri"):
        yield Waiting(
            _AREA,
            quarters.filter(stato=Stato.TRASMESSO),
            "trimestre trasmesso attende la validazione",
            "trimestri trasmessi attendono la validazione",
            *link,
        )
