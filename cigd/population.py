"""What a sample is drawn from: payments of acquired flows, narrowed, read once in constant memory.

Only payments are in a population; recoveries are counted beside it. The azione is that of the
comune, whatever was moved since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import connection

from cigd.azioni import azione_sql
from cigd.drawing import Item, Size, Stratum
from cigd.models import Campione
from cigd.states import listed, run

BLOCK = 10_000  # rows fetched at once
_AZIONE = azione_sql("p.comune_istat")
_FROM = " FROM cigd_pagamento p JOIN porfse_comune c ON c.codice_istat = p.comune_istat"
_COLUMNS = {
    Campione.Periodo.PAGAMENTO: "p.data_pagamento",
    Campione.Periodo.COMPETENZA: "p.mese_competenza",
}


@dataclass(frozen=True)
class Filters:
    """Which payments are in a population; both days are in it."""

    flussi: tuple[int, ...]
    azione: str = ""
    periodo: str = Campione.Periodo.PAGAMENTO
    dal: date | None = None
    al: date | None = None

    def where(self) -> tuple[str, list[Any]]:
        """Return the SQL condition on `p`, and its parameters."""
        parts = [f"p.flusso_id IN ({listed(self.flussi)})"]
        params: list[Any] = []
        column = _COLUMNS[Campione.Periodo(self.periodo)]
        # A month of competence is kept as its first day.
        whole_months = self.periodo == Campione.Periodo.COMPETENZA
        if self.azione:
            parts.append(f"{_AZIONE} = %s")
            params.append(self.azione)
        if self.dal:
            parts.append(f"{column} >= %s")
            params.append(self.dal.replace(day=1) if whole_months else self.dal)
        if self.al:
            parts.append(f"{column} <= %s")
            params.append(self.al)
        return " AND ".join(parts), params


@dataclass(frozen=True)
class Extent:
    """A stratum: its payments, and the recoveries that are kept apart. Euro."""

    pagamenti: Size
    recuperi: Size


def strata(filters: Filters) -> dict[Stratum, Extent]:
    """Count and sum a population by azione and provincia; a stratum may have recoveries alone."""
    where, params = filters.where()
    rows = run(
        f"SELECT {_AZIONE}, c.provincia_id, count(*) FILTER (WHERE p.tipo = 'P'),"
        " coalesce(sum(p.importo) FILTER (WHERE p.tipo = 'P'), 0),"
        " count(*) FILTER (WHERE p.tipo = 'R'),"
        " coalesce(sum(p.importo) FILTER (WHERE p.tipo = 'R'), 0)"
        f"{_FROM} WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2",
        params,
    )
    return {
        (azione, provincia): Extent(Size(number, amount), Size(recoveries, recovered))
        for azione, provincia, number, amount, recoveries, recovered in rows
    }


def total(extents: dict[Stratum, Extent]) -> Extent:
    """Return the extent of a whole population."""
    found = list(extents.values())
    return Extent(_sum([each.pagamenti for each in found]), _sum([each.recuperi for each in found]))


def _sum(sizes: list[Size]) -> Size:
    return Size(
        sum(size.pagamenti for size in sizes), sum((size.importo for size in sizes), Decimal(0))
    )


class Reading:
    """One passage over a population, in order of flow and row; its hash is known at the end."""

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self._digest = sha256()

    def items(self) -> Iterator[Item]:
        """Yield each payment; must be read to its end, inside a transaction."""
        where, params = self._filters.where()
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT p.flusso_id, p.riga, p.id_pagamento, p.importo, {_AZIONE}, c.provincia_id"
                f"{_FROM} WHERE {where} AND p.tipo = 'P' ORDER BY p.flusso_id, p.riga",
                params,
            )
            while rows := cursor.fetchmany(BLOCK):
                lines = "".join(f"{row[0]};{row[2]};{row[3]}\n" for row in rows)
                self._digest.update(lines.encode())
                for flow, line, identifier, amount, azione, provincia in rows:
                    yield Item(flow, line, identifier, amount, (azione, provincia))

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
