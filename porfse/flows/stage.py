"""The tables of one flow while it is validated: accepted rows, and what is built from them.

They stand in the schema `flussi`, apart from what pages read. The accepted rows of a source with a
partitioned table have its columns, keys and indexes, so that acquiring is to attach them.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection

from porfse.flows.source import Source
from porfse.models import Flow

SCHEMA = "flussi"


class Stage:
    """The tables of one flow; every statement runs in the caller's transaction.

    Attributes:
        absent: the optional columns that the file lacks; known while it is validated.
    """

    def __init__(self, flow: Flow, source: Source) -> None:
        self.flow = flow
        self.source = source
        self.absent: tuple[str, ...] = ()
        self.table = f"{SCHEMA}.{source.slug.replace('-', '_')}_{flow.pk}"

    def part(self, name: str) -> str:
        """Return the name of another table of this flow."""
        return f"{self.table}_{name}"

    def execute(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement; return its rows, if it gives any."""
        with connection.cursor() as cursor:
            cursor.execute(sql, params or None)
            return cursor.fetchall() if cursor.description else []

    def scratch(self, name: str, select: str, params: Sequence[Any] = ()) -> str:
        """Keep the rows of a query until the transaction ends; return the name of their table."""
        table = f"{name}_{self.flow.pk}"
        self.execute(f"DROP TABLE IF EXISTS {table}")  # of a validation in the same transaction
        self.execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {select}", params)
        self.execute(f"ANALYZE {table}")
        return table

    def count_stored(self) -> None:
        """Have the database count the rows of all flows anew, once they are a quarter more or less.

        By itself it knows those of each flow alone; all together it takes for a few thousand, and
        compares millions of them one by one with what comes in. To be called before the
        transaction of a validation: until that ends, no other flow could be acquired.
        """
        if self.source.table is None:
            return
        table = self.source.table._meta.db_table
        [(known, rows)] = self.execute(
            "SELECT greatest(whole.reltuples, 0), coalesce(sum(greatest(part.reltuples, 0)), 0)"
            " FROM pg_class whole LEFT JOIN pg_inherits ON inhparent = whole.oid"
            " LEFT JOIN pg_class part ON part.oid = inhrelid"
            " WHERE whole.oid = %s::regclass GROUP BY 1",
            [table],
        )
        if abs(rows - known) > known / 4:
            self.execute(f"ANALYZE {table}")

    def create(self) -> None:
        """Make the empty table of accepted rows."""
        if self.source.table is None:
            columns = ", ".join(f"{column.name} {column.sql}" for column in self.source.columns)
            self.execute(f"CREATE TABLE {self.table} (riga integer PRIMARY KEY, {columns})")
            return
        parent = self.source.table._meta.db_table
        self.execute(
            f"CREATE TABLE {self.table} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )
        self.execute(
            f"ALTER TABLE {self.table} ALTER flusso_id SET DEFAULT {self.flow.pk},"
            f" ADD CONSTRAINT {self._constraint} CHECK (flusso_id = {self.flow.pk})"
        )

    @property
    def _constraint(self) -> str:
        return f"del_flusso_{self.flow.pk}"

    @property
    def copy_in(self) -> str:
        """The statement that takes accepted rows in: line, then the columns of the source.

        The table was made in this transaction: rows are stored frozen, so that the indexes alone
        answer at once.
        """
        names = ", ".join(column.name for column in self.source.columns)
        return f"COPY {self.table} (riga, {names}) FROM STDIN (FREEZE)"

    def index(self) -> None:
        """Build the key and the indexes that the partitioned table has."""
        # Sorted and grouped in memory, for the rest of the transaction.
        self.execute("SET LOCAL maintenance_work_mem = '256MB'")
        self.execute("SET LOCAL work_mem = '16MB'")
        if self.source.table is None:
            self.execute(f'CREATE INDEX ON {self.table} ({self.source.key} COLLATE "C")')
        else:
            parent = self.source.table._meta.db_table
            self.execute(f"ALTER TABLE {self.table} ADD PRIMARY KEY (flusso_id, riga)")
            rows = self.execute(
                "SELECT pg_get_indexdef(indexrelid) FROM pg_index"
                " WHERE indrelid = %s::regclass AND NOT indisprimary",
                [parent],
            )
            for (definition,) in rows:
                unique, how = re.fullmatch(
                    r"CREATE (UNIQUE )?INDEX \S+ ON .+? (USING .+)", definition
                ).groups()  # type: ignore[union-attr]
                self.execute(f"CREATE {unique or ''}INDEX ON {self.table} {how}")
        self.execute(f"ANALYZE {self.table}")

    def warn(self, code: str, lines: str, params: Sequence[Any] = ()) -> None:
        """Write a warning for the lines that a query gives."""
        self.execute(
            "INSERT INTO porfse_flowwarning (flusso_id, riga, codice)"
            f" SELECT {self.flow.pk}, riga, '{code}' FROM ({lines}) found"
            " ON CONFLICT DO NOTHING",
            params,
        )

    def rows(self, lines: Sequence[int]) -> list[dict[str, Any]]:
        """Return accepted rows by their lines."""
        names = ["riga", *(column.name for column in self.source.columns)]
        # The key of a part begins with its flow.
        key = f"flusso_id = {self.flow.pk} AND" if self.source.table else ""
        found = self.execute(
            f"SELECT {', '.join(names)} FROM {self.table} WHERE {key} riga = ANY(%s) ORDER BY riga",
            [list(lines)],
        )
        return [dict(zip(names, row, strict=True)) for row in found]

    def attach(self) -> None:
        """Make the accepted rows part of the table that pages read."""
        parent = self.source.table._meta.db_table  # type: ignore[union-attr]
        self.execute(
            f"ALTER TABLE {parent} ATTACH PARTITION {self.table} FOR VALUES IN ({self.flow.pk})"
        )

    def drop(self) -> None:
        """Remove every table of the flow that is not part of another."""
        for name in tables_of(self.flow.pk):
            self.execute(f"DROP TABLE {name}")


def tables_of(flow: int | None = None) -> list[str]:
    """Return the tables in the schema that stand alone, of one flow or of all."""
    pattern = r"_[0-9]+(_[a-z_]+)?$" if flow is None else rf"_{flow}(_[a-z_]+)?$"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%%I.%%I', n.nspname, c.relname) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relkind = 'r' AND NOT c.relispartition"
            " AND c.relname ~ %s ORDER BY 1",
            [SCHEMA, pattern],
        )
        return [name for (name,) in cursor.fetchall()]
