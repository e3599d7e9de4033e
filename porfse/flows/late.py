"""Errors that only the whole file, or what is stored, shows: found by the database after loading.

They are kept in a table of the transaction, since all rows of a file may be among them.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from porfse.flows.stage import Stage

_BLOCK = 50_000

_KEYS = """
    SELECT {key} AS chiave, riga FROM {table}
    UNION ALL
    SELECT {refused}, riga FROM porfse_flowrow
    WHERE flusso_id = {flow} AND identificativo <> ''
"""
# What `columns.plain_text` makes of a field as it came.
_PLAIN = r"regexp_replace(campi[{place}], '^''([=+@-])', '\1')"
_REPEATED = """
    WITH chiavi AS ({keys}),
    doppie AS (SELECT chiave FROM chiavi GROUP BY 1 HAVING count(*) > 1)
    SELECT riga FROM (
        SELECT riga, row_number() OVER (PARTITION BY chiave ORDER BY riga) AS volta
        FROM chiavi JOIN doppie USING (chiave)
    ) contate WHERE volta > 1
"""

# The same for a few rows: a row repeats one with its identifier that came before it.
_REPEATED_AMONG = """
    SELECT dubbie.riga
    FROM unnest(%s::integer[], %s::text[]) AS dubbie (riga, chiave)
    WHERE EXISTS (
        SELECT FROM {table} t WHERE t.{key} = dubbie.chiave COLLATE "C" AND t.riga < dubbie.riga
    ) OR (dubbie.chiave, dubbie.riga) IN (
        SELECT d.chiave, d.riga
        FROM unnest(%s::integer[], %s::text[]) AS d (riga, chiave)
        JOIN porfse_flowrow f ON f.flusso_id = {flow} AND f.identificativo = d.chiave
        WHERE f.riga < d.riga
    )
"""


class Late:
    """The late errors of one flow: line and code."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.table = stage.scratch("tardive", "SELECT 0 AS riga, ''::text AS codice WHERE false")

    def find(self, suspects: Sequence[tuple[int, str]] | None) -> bool:
        """Look for repeated and known identifiers, then for what the source looks for.

        Args:
            suspects: line and identifier of the only rows that can be repetitions; None for all.

        Accepted rows that turn out to be wrong leave the stage. Returns whether there were any.
        """
        keys = self._keys()
        found = self._repeated(keys, suspects)
        stored = self.stage.source.stored(self.stage)
        if stored is not None:
            sql, params = stored
            known = f"SELECT riga FROM ({keys}) chiavi WHERE chiave IN ({sql})"
            found += self.add("E007", known, params)
        if found:
            self._remove()
        more = self.stage.source.late_errors(self)
        if more:
            self._remove()
        return bool(found or more)

    def _keys(self) -> str:
        """Return SQL for the identifier (`chiave`) and line of every row, those refused too."""
        source = self.stage.source
        key, refused = source.key, "identificativo"
        if source.within:
            places = (_PLAIN.format(place=source.position(name) + 1) for name in source.within)
            key = f"ARRAY[{', '.join((*source.within, key))}]::text[]"
            refused = f"ARRAY[{', '.join((*places, refused))}]::text[]"
        return _KEYS.format(
            key=key, refused=refused, table=self.stage.table, flow=self.stage.flow.pk
        )

    def _repeated(self, keys: str, suspects: Sequence[tuple[int, str]] | None) -> int:
        if suspects is None:
            return self.add("E006", _REPEATED.format(keys=keys))
        if not suspects:
            return 0
        among = _REPEATED_AMONG.format(
            key=self.stage.source.key, table=self.stage.table, flow=self.stage.flow.pk
        )
        lines, identifiers = zip(*suspects, strict=True)
        return self.add("E006", among, [list(lines), list(identifiers)] * 2)

    def add(self, code: str, lines: str, params: Sequence[Any] = ()) -> int:
        """Give a code to the lines that a query returns; return how many they were."""
        [(count,)] = self.stage.execute(
            f"WITH nuove AS (INSERT INTO {self.table} SELECT riga, '{code}' FROM ({lines}) trovate"
            " RETURNING 1) SELECT count(*) FROM nuove",
            params,
        )
        return count

    def _remove(self) -> None:
        flow = self.stage.flow.pk
        lines = f"(SELECT riga FROM {self.table})"
        self.stage.execute(f"DELETE FROM {self.stage.table} WHERE riga IN {lines}")
        self.stage.execute(
            f"DELETE FROM porfse_flowwarning WHERE flusso_id = {flow} AND riga IN {lines}"
        )

    def join_refused(self) -> None:
        """Add the codes to the rows that were refused before for other reasons."""
        flow = self.stage.flow.pk
        self.stage.execute(
            "UPDATE porfse_flowrow r SET codici ="
            f" ARRAY(SELECT unnest(r.codici) UNION SELECT codice FROM {self.table} t"
            " WHERE t.riga = r.riga ORDER BY 1)"
            f" WHERE flusso_id = {flow} AND riga IN (SELECT riga FROM {self.table})"
        )
        self.stage.execute(
            f"DELETE FROM {self.table} WHERE riga IN"
            f" (SELECT riga FROM porfse_flowrow WHERE flusso_id = {flow})"
        )

    def blocks(self) -> Iterator[dict[int, list[str]]]:
        """Yield the codes of the other rows by line, in the order of the file."""
        last = 0
        while True:
            rows = self.stage.execute(
                f"SELECT riga, array_agg(DISTINCT codice ORDER BY codice) FROM {self.table}"
                f" WHERE riga > {last} GROUP BY 1 ORDER BY 1 LIMIT {_BLOCK}"
            )
            if not rows:
                return
            last = rows[-1][0]
            yield dict(rows)
