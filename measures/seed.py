"""What the documents print of the measures: endowments, statistics, parameters of the calls."""

from datetime import date
from decimal import Decimal

from measures import avvisi
from measures.models import DotazioneMisura, StatisticaPubblicata
from porfse.models import Fonte, User
from porfse.seeding import act, published_sources, read_csv

Sources = dict[str, Fonte]


def load(*, by: User) -> None:
    """Load everything that the sources print; a second run changes nothing."""
    sources = published_sources("measures/fonti.csv")
    _endowments(sources)
    _statistics(sources)
    avvisi.load(by=by)


def _endowments(sources: Sources) -> None:
    for row in read_csv("measures/dotazioni.csv"):
        DotazioneMisura.objects.update_or_create(
            misura=row["misura"],
            ordine=int(row["ordine"]),
            defaults={
                "dal": date.fromisoformat(row["dal"]) if row["dal"] else None,
                "importo": Decimal(row["importo"]),
                "azione_id": row["azione"] or None,
                "atto": act(row["atto"]) if row["atto"] else None,
                "fonte": sources[row["fonte"]],
                "parole": row["parole"],
            },
        )


def _statistics(sources: Sources) -> None:
    for row in read_csv("measures/statistiche.csv"):
        StatisticaPubblicata.objects.update_or_create(
            misura=row["misura"],
            fase=row["fase"],
            dimensione=row["dimensione"],
            voce=row["voce"],
            data=date.fromisoformat(row["data"]),
            defaults={
                "numero": int(row["numero"]) if row["numero"] else None,
                "importo": Decimal(row["importo"]) if row["importo"] else None,
                "fonte": sources[row["fonte"]],
                "parole": row["parole"],
            },
        )
