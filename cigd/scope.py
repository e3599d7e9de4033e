"""Which flows count on the pages: the real ones, or the examples while there is no real one."""

from dataclasses import dataclass

from porfse.models import Flow

SOURCE = "inps-cigd"


@dataclass(frozen=True)
class Scope:
    """The acquired flows that count, by number, and whether they are examples."""

    flussi: tuple[int, ...]
    esempio: bool


def scope() -> Scope:
    """Return what counts now. Acquiring a real flow cancels the examples: never both."""
    found = list(Flow.objects.acquired(SOURCE).order_by("pk").values_list("pk", "esempio"))
    real = tuple(pk for pk, example in found if not example)
    return Scope(real or tuple(pk for pk, _ in found), esempio=bool(found) and not real)
