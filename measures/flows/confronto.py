"""The rows of a flow beside those that are stored: a table of the flow, made at its validation.

It stays right until the flow is acquired: whatever else is acquired or cancelled of the same source
meanwhile asks for a new validation, and flows alone write rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from measures.misura import Misura
from porfse.flows.stage import Stage

# `da` and `ex_…`: of the stored row. `cambia`: the row is new or tells something else.
_COMPARED = """
    CREATE TABLE {part} AS
    SELECT s.riga, s.{key} AS codice, s.codice_fiscale_azienda AS codice_fiscale, {values},
        t.stato AS da, t.concesso AS ex_concesso, t.liquidato AS ex_liquidato,
        t.data_liquidazione AS ex_liquidazione, a.codice_fiscale AS ex_codice_fiscale,
        t.id IS NULL OR ({expressions}, s.codice_fiscale_azienda)
            IS DISTINCT FROM ({stored}, a.codice_fiscale) AS cambia
    FROM {stage} s
    LEFT JOIN {rows} t ON t.codice = s.{key} AND t.esempio = {esempio}
    LEFT JOIN porfse_azienda a ON a.id = t.azienda_id
"""


class Confronto:
    """One flow of a measure, compared.

    Attributes:
        part: the table: `riga`, `codice`, `codice_fiscale` of the company, the fields of the row
            as they will be; of the stored one `da` (its state), `ex_concesso`, `ex_liquidato`,
            `ex_liquidazione`, `ex_codice_fiscale`; `cambia`.
        rows: the table of the measure.
    """

    def __init__(self, stage: Stage, misura: Misura, campi: Mapping[str, str]) -> None:
        self.stage = stage
        self.misura = misura
        self.campi = campi
        self.part = stage.part("confronto")
        self.rows = misura.model._meta.db_table

    def make(self) -> None:
        """Compare all rows that are in the stage."""
        self.run(
            _COMPARED,
            key=self.stage.source.key,
            values=", ".join(f"{sql} AS {name}" for name, sql in self.campi.items()),
            expressions=", ".join(self.campi.values()),
            stored=", ".join(f"t.{name}" for name in self.campi),
        )
        self.run("ANALYZE {part}")

    def keep_accepted(self) -> None:
        """Leave out the rows that were refused after the comparison."""
        self.run("DELETE FROM {part} p WHERE NOT EXISTS (SELECT FROM {stage} WHERE riga = p.riga)")

    def sql(self, template: str, **names: str) -> str:
        """Fill the names of the tables into a statement."""
        return template.format(
            part=self.part,
            rows=self.rows,
            stage=self.stage.table,
            esempio=str(self.stage.flow.esempio).lower(),
            flow=self.stage.flow.pk,
            **names,
        )

    def run(self, template: str, params: Sequence[Any] = (), **names: str) -> list[tuple[Any, ...]]:
        """Run a statement over the tables; return its rows."""
        return self.stage.execute(self.sql(template, **names), params)
