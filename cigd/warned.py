"""What bears a code and was not decided on: as a query, and kept counted by flow and code.

The counts change in the transaction that acquires a flow, or that decides on what bears a code, so
that a page need not read the warnings, which may be a hundred thousand.
"""

from collections.abc import Iterable
from typing import NamedTuple

from cigd.models import ControlloFlusso, SintesiSegnalazione, Stato
from cigd.states import listed, run

# What bears a code is to be checked until it is decided on: only then may a batch take it.
# NOT EXISTS, since the server knows how many rows that leaves.
_UNDECIDED = """
    SELECT p.flusso_id, p.riga, p.tipo, w.codice, w.codici = 1 AS solo
    FROM (SELECT flusso_id, riga, codice, count(*) OVER (PARTITION BY flusso_id, riga) AS codici
        FROM porfse_flowwarning WHERE {which}) w
    JOIN cigd_pagamento p ON p.flusso_id = w.flusso_id AND p.riga = w.riga
    WHERE p.flusso_id IN ({flows}) AND NOT EXISTS (SELECT FROM cigd_posizione d
        WHERE d.flusso_id = p.flusso_id AND d.riga = p.riga AND d.stato <> '')
"""
_TOUCHED = " AND riga IN (SELECT riga FROM toccati)"
_COUNTS = """
    SELECT flusso_id, codice, count(*) FILTER (WHERE tipo = 'P') AS pagamenti,
        count(*) FILTER (WHERE tipo = 'R') AS recuperi,
        count(*) FILTER (WHERE tipo = 'P' AND solo) AS pagamenti_soli,
        count(*) FILTER (WHERE tipo = 'R' AND solo) AS recuperi_soli
    FROM ({undecided}) s GROUP BY 1, 2
"""


class Waiting(NamedTuple):
    """How many of the rows that bear a code wait for a decision that somebody may take.

    Attributes:
        righe: all of them, payments and recoveries.
        pagamenti: those that may be suspended or excluded.
        certificabili: those that may be made certifiable.
    """

    righe: int
    pagamenti: int
    certificabili: int

    def allows(self, stato: str) -> bool:
        """Say whether a decision finds anything that waits for it."""
        return bool(self.certificabili if stato == Stato.CERTIFICABILE else self.pagamenti)


def undecided(flow: int, *, where: str = "") -> str:
    """Return SQL that gives what waits in a flow, once for each code that it bears.

    Columns: `flusso_id`, `riga`, `tipo`, `codice`, `solo` (it bears no other code).

    Args:
        flow: one that counts.
        where: `AND …`, a condition on the warnings, that keeps or leaves all those of a row.
    """
    flows = listed([flow])
    return _UNDECIDED.format(flows=flows, which=f"flusso_id IN ({flows}){where}")


def waiting(flow: int) -> dict[str, Waiting]:
    """Return what decisions by code would find in a flow that counts, by code, in their order."""
    checked = ControlloFlusso.objects.filter(pk=flow).exists()
    found = {}
    for row in SintesiSegnalazione.objects.filter(flusso=flow):
        # A recovery is neither suspended nor excluded.
        recoveries = row.recuperi_soli if checked else 0
        payments = row.pagamenti_soli if checked else 0
        rows = row.pagamenti + recoveries
        if rows:
            found[row.codice] = Waiting(rows, row.pagamenti, payments + recoveries)
    return found


def to_decide(flow: int) -> dict[str, int]:
    """Return how many rows of a flow that counts bear each code and were not decided on.

    More than decisions by code would find: of what bears several codes, or was not checked, too.
    """
    rows = SintesiSegnalazione.objects.filter(flusso=flow)
    return {row.codice: row.pagamenti + row.recuperi for row in rows}


def recount(flows: Iterable[int]) -> None:
    """Count what waits in some flows anew, from all their warnings."""
    for flow in flows:
        SintesiSegnalazione.objects.filter(flusso=flow).delete()
        run(
            "INSERT INTO cigd_sintesisegnalazione (flusso_id, codice, pagamenti, recuperi,"
            f" pagamenti_soli, recuperi_soli) {_COUNTS.format(undecided=undecided(flow))}"
        )


def decided(flow: int) -> None:
    """Take out of the counts what waits of a flow in the table `toccati` (`cigd.states`).

    To be called before the decision is written, inside `touching`.
    """
    counts = _COUNTS.format(undecided=undecided(flow, where=_TOUCHED))
    run(
        "UPDATE cigd_sintesisegnalazione s SET pagamenti = s.pagamenti - n.pagamenti,"
        " recuperi = s.recuperi - n.recuperi, pagamenti_soli = s.pagamenti_soli - n.pagamenti_soli,"
        f" recuperi_soli = s.recuperi_soli - n.recuperi_soli FROM ({counts}) n"
        " WHERE s.flusso_id = n.flusso_id AND s.codice = n.codice"
    )
