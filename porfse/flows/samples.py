"""The first rows that bear each code, as pages show them: what is personal is masked."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.db import connection

from porfse import money
from porfse.codes import masked
from porfse.flows.columns import Mese
from porfse.flows.source import Source
from porfse.flows.stage import Stage
from porfse.models import Flow
from porfse.periods import italian, month

FIRST = 5
# What looks like a codice fiscale, also a wrong one, or one in a column that is not its own.
_PERSON = re.compile(
    r"(?<![0-9A-Za-z])[A-Za-z]{6}[0-9A-Za-z]{2}[A-Za-z][0-9A-Za-z]{2}[A-Za-z][0-9A-Za-z]{3}"
    r"[A-Za-z](?![0-9A-Za-z])"
)
_LONGEST = 60  # characters of a cell


@dataclass(frozen=True)
class Sample:
    """The first rows of a code: each its line, then the columns of the source."""

    codice: str
    spiegazione: str
    righe: int
    colonne: Sequence[str]
    prime: list[tuple[int, list[str]]]

    @property
    def titolo(self) -> str:
        """The code in words, with how many rows bear it."""
        rows = "1 riga" if self.righe == 1 else f"{money.number(self.righe)} righe"
        return f"{self.codice} · {rows}: {self.spiegazione}"

    @property
    def campi(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each column with its cell of every row; a short row has blanks where it ends."""
        cells = zip_longest(*(row for _, row in self.prime), fillvalue="")
        return list(zip(self.colonne, cells, strict=False))


def error_samples(flow: Flow, source: Source) -> list[Sample]:
    """Return the first five rejected rows of each error, in one query."""
    found: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    show = _shower(flow.colonne, source)
    codes = [code for code in sorted(flow.codici) if code.startswith("E")]
    for code, line, cells in _query(
        "SELECT codice, prime.riga, prime.campi FROM unnest(%s::text[]) AS codice"
        " CROSS JOIN LATERAL (SELECT riga, campi FROM porfse_flowrow"
        " WHERE flusso_id = %s AND codici @> ARRAY[codice]::varchar[]"
        " ORDER BY riga LIMIT %s) AS prime ORDER BY codice, riga",
        [codes, flow.pk, FIRST],
    ):
        found[code].append((line, show(cells)))
    return _samples(flow, source, flow.colonne, found)


def warning_samples(flow: Flow, source: Source) -> list[Sample]:
    """Return the first five accepted rows of each warning, while they are stored."""
    stage = Stage(flow, source)
    codes = [code for code in sorted(flow.codici) if code.startswith("W")]
    if not codes or not _exists(stage.table):
        return []
    lines = _query(
        "SELECT codice, prime.riga FROM unnest(%s::text[]) AS codice"
        " CROSS JOIN LATERAL (SELECT riga FROM porfse_flowwarning AS w"
        " WHERE w.flusso_id = %s AND w.codice = codice.codice ORDER BY riga LIMIT %s) AS prime"
        " ORDER BY codice, riga",
        [codes, flow.pk, FIRST],
    )
    rows = {row.pop("riga"): row for row in stage.rows([line for _, line in lines])}
    columns = [column.name for column in source.columns]
    show = _shower(columns, source)
    found: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    for code, line in lines:
        found[code].append((line, show([rows[line][name] for name in columns])))
    return _samples(flow, source, columns, found)


def stage_exists(flow: Flow, source: Source) -> bool:
    """Say whether the accepted rows of a flow stand in a table of their own, or as a part."""
    return _exists(Stage(flow, source).table)


def _samples(
    flow: Flow,
    source: Source,
    columns: Sequence[str],
    found: dict[str, list[tuple[int, list[str]]]],
) -> list[Sample]:
    return [
        Sample(code, source.explain(code), flow.codici[code], columns, rows)
        for code, rows in found.items()
    ]


def _shower(columns: Sequence[str], source: Source) -> Callable[[Sequence[Any]], list[str]]:
    """Return what turns the cells of a row into what a page may show of them."""
    personal = [name in source.personal for name in columns]
    months = {column.name for column in source.columns if isinstance(column, Mese)}
    monthly = [name in months for name in columns]

    def show(cells: Sequence[Any]) -> list[str]:
        # A month is stored as its first day; the cells of a refused row are the file's own words.
        texts = [
            month(cell) if of_month and isinstance(cell, date) else _text(cell)
            for cell, of_month in zip(cells, monthly, strict=False)
        ]
        return [
            masked(text) if hidden else _PERSON.sub(lambda match: masked(match[0]), text)
            for text, hidden in zip(texts, personal, strict=False)
        ]

    return show


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return money.number(cell, 2)
        case date():
            return italian(cell)
        case _:
            text = str(cell)
            return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _exists(table: str) -> bool:
    [(found,)] = _query("SELECT to_regclass(%s)::text", [table])
    return found is not None


def _query(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
