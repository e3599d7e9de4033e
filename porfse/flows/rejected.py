"""The rejected rows as a file for who sent them: corrected there, it is a flow as any other."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from porfse import audit
from porfse.exports import neutral
from porfse.flows.columns import Column
from porfse.flows.scope import require_on
from porfse.flows.source import Source, source_of
from porfse.models import Flow, FlowRow, User

HEADER = ("riga", "codici", "spiegazione")
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*").fullmatch
_BATCH = 2_000


def rejected_csv(flow: Flow, *, by: User) -> Iterator[bytes]:
    """Return the rejected rows of a flow as pieces of a CSV file, never all in memory.

    It holds what pages mask, so that who takes it is recorded first.

    Raises:
        PermissionDenied: the person may not load this source.
    """
    source = source_of(flow.sorgente)
    require_on(flow, source, by=by)
    audit.record(by=by, action="flusso.scarti_esportati", on=flow, righe=flow.scartate)
    rows = FlowRow.objects.filter(flusso=flow).order_by("riga")
    return _lines(flow, source, rows.iterator(chunk_size=_BATCH))


def _lines(flow: Flow, source: Source, rows: Iterable[FlowRow]) -> Iterator[bytes]:
    writer = csv.writer(_Line(), delimiter=";")
    yield (_BOM + writer.writerow((*HEADER, *flow.colonne))).encode()
    known = {column.name: column for column in source.columns}
    columns = [known.get(name) for name in flow.colonne]
    batch: list[str] = []
    for row in rows:
        why = "; ".join(source.explain(code) for code in row.codici)
        cells = [_cell(*each, row.codici) for each in zip(row.campi, columns, strict=False)]
        batch.append(writer.writerow((row.riga, " ".join(row.codici), why, *cells)))
        if len(batch) == _BATCH:
            yield "".join(batch).encode()
            batch.clear()
    if batch:
        yield "".join(batch).encode()


class _Line:
    """Gives each line back to who writes it."""

    def write(self, text: str) -> str:
        return text


def _cell(text: str, column: Column | None, codes: Sequence[str]) -> str:
    """A number keeps its sign: it is no formula, and it must be readable again, also by itself."""
    if not _NUMBER(text):
        return neutral(text)
    # What was read by what other rows tell is written so that it needs none.
    return text if column is None or column.code in codes else column.alone(text)
