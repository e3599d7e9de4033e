"""What may be sent, and where to."""

from collections.abc import Collection

from django.conf import settings

from reports.models import Edizione

# Names that lead nowhere (RFC 2606, RFC 6761): the demonstration sends only there.
FITTIZI = (
    *("invalid", "test", "example", "localhost"),
    *("example.com", "example.org", "example.net"),
)


def impedimenti(edizioni: Collection[Edizione]) -> dict[int, str]:
    """Return why editions, by key, cannot be sent to anybody; empty of those that can."""
    keys = [item.pk for item in edizioni]
    superseded = set(Edizione.objects.superseded().filter(pk__in=keys).values_list("pk", flat=True))
    return {item.pk: _why_not(item, superseded=item.pk in superseded) for item in edizioni}


def impedimento(edizione: Edizione) -> str:
    """Return why an edition cannot be sent to anybody; empty if it can."""
    return impedimenti([edizione])[edizione.pk]


def _why_not(edizione: Edizione, *, superseded: bool) -> str:
    if not edizione.pubblicata:
        return "Il report non è consolidato: si inviano solo le edizioni pubblicate."
    if superseded:
        return "Il report è stato rettificato: inviare l'edizione che lo sostituisce."
    if edizione.esempio and not settings.DEMO:
        return "Il report contiene dati di esempio: si invia solo nella dimostrazione."
    return ""


def motivo(edizione: Edizione, email: str) -> str:
    """Return why an edition cannot be sent to an address; empty if it can."""
    if edizione.esempio and not fittizio(email):
        return "I dati di esempio non si inviano a un indirizzo reale."
    return ""


def fittizio(email: str) -> bool:
    """Say whether mail to an address reaches nobody."""
    host = email.rpartition("@")[2].rstrip(".").lower()
    return any(host == name or host.endswith(f".{name}") for name in FITTIZI)
