"""Which data of a measure there are: published, acquired, or examples while nothing is acquired."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from measures.figures import CARICATA, ESEMPIO, printed
from measures.misura import Misura
from measures.models import SintesiMisura


@dataclass(frozen=True)
class Ambito:
    """What there is to show of a measure; the three kinds of data are never added together.

    Attributes:
        righe: `caricata` if flows have been acquired, `esempio` if there are only examples, else
            empty.
        numeri, importi: phase and dimension of what is published as a number, and in euro.
        al: the day of the latest published figures.
    """

    misura: Misura
    righe: str
    numeri: frozenset[tuple[str, str]]
    importi: frozenset[tuple[str, str]]
    al: date | None

    @property
    def esempio(self) -> bool:
        return self.righe == ESEMPIO

    def publishes(self, fase: str, dimensione: str = "") -> bool:
        """Say whether a phase is published as a number, whole or by a dimension."""
        return (fase, dimensione) in self.numeri

    def publishes_amount(self, fase: str, dimensione: str = "") -> bool:
        """Say whether a phase is published in euro, whole or by a dimension."""
        return (fase, dimensione) in self.importi


def scopes(misure: Iterable[Misura]) -> list[Ambito]:
    """Return what there is of each measure, in two queries."""
    asked = {misura.slug: misura for misura in misure}
    sums = SintesiMisura.objects.filter(misura__in=asked, taglio="").order_by()
    loaded = set(sums.values_list("misura", "esempio").distinct())
    shown = loaded if settings.DEMO else ()  # examples are of the demonstration alone
    published = defaultdict(list)
    for row in printed(asked):
        published[row.misura].append(row)
    return [
        Ambito(
            misura,
            CARICATA if (slug, False) in loaded else ESEMPIO if (slug, True) in shown else "",
            frozenset(
                (row.fase, row.dimensione) for row in published[slug] if row.numero is not None
            ),
            frozenset(
                (row.fase, row.dimensione) for row in published[slug] if row.importo is not None
            ),
            max((row.data for row in published[slug]), default=None),
        )
        for slug, misura in asked.items()
    ]


def scope(misura: Misura) -> Ambito:
    """Return what there is of a measure."""
    return scopes([misura])[0]
