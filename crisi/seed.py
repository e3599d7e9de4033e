"""The published tables of the crises."""

from collections.abc import Iterator

from crisi.models import DatoPubblicato
from crisi.selection import TIPI
from porfse.models import Fonte, User
from porfse.seeding import published_sources, read_csv

YEARS = (2024, 2025)
REGION = "TOT"


def load(*, by: User) -> None:
    """Load the tables as printed; a second run changes nothing."""
    sources = published_sources("crisi/fonti.csv")
    rows = [row for year in YEARS for row in _table(year, sources[f"002-{year}"])]
    DatoPubblicato.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["anno", "provincia", "tipo"],
        update_fields=["unita", "lavoratori", "fonte"],
    )


def _table(year: int, fonte: Fonte) -> Iterator[DatoPubblicato]:
    for row in read_csv(f"crisi/tavola_{year}.csv"):
        place = {"anno": year, "fonte": fonte, "provincia_id": _provincia(row["provincia"])}
        for tipo in TIPI:
            yield DatoPubblicato(
                **place,
                tipo=tipo,
                unita=_number(row[f"{tipo}_unita"]),
                lavoratori=_number(row[f"{tipo}_lavoratori"]),
            )
        yield DatoPubblicato(**place, tipo="", lavoratori=_number(row["totale_lavoratori"]))


def _provincia(sigla: str) -> str | None:
    return None if sigla == REGION else sigla


def _number(text: str) -> int | None:
    return int(text) if text else None  # blank is not known, and is not zero
