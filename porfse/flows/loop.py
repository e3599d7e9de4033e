"""The hot loop: rows of a file become rows of a table, a million in seconds, in constant memory.

What is done per row is all that counts here: no objects, no Decimal, no regular expression where a
dictionary does (docs/adr/0006). While this process checks rows, the server stores those before.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import islice
from operator import call, itemgetter
from typing import Any

from django.db import connection

from porfse.flows.columns import NULL, Cell, Fault, plain_text
from porfse.flows.header import Layout
from porfse.flows.rows import RowAt, Rows
from porfse.flows.stage import Stage

BLOCK = 50_000  # rows between two looks at the progress
_HELD = 8 << 20  # bytes, about, of refused rows held at once: a hostile file has nothing else
_KEY = 200  # characters of an identifier that are kept of a refused row
_CHUNK = 1_000  # rows given to the connection at once
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})


class Loop:
    """Reads the rows of one file into its stage.

    Attributes:
        read: the rows with data, so far.
        suspects: line and identifier of the rows whose identifier was not above all before it:
            only they can be repetitions. None where there are too many to keep.
        rejected: of the rows so far, how many were refused.
    """

    def __init__(self, stage: Stage, layout: Layout) -> None:
        self.stage = stage
        self.layout = layout
        source = stage.source
        self.columns = [column.fresh() for column in source.columns]
        self._check = source.checker()
        self._check_refused = source.refused_checker()
        self._key = source.position(source.key)
        self._amount = source.position(source.amount)
        self.read = 0
        self.rejected = 0
        # An identifier that is unique within others tells nothing by its order.
        self.suspects: list[tuple[int, str]] | None = None if source.within else []
        self._last = ""
        self._held = 0
        self._refused: list[tuple[int, list[str], Sequence[Cell], Decimal | None]] = []
        self._warned: list[tuple[int, str]] = []

    def run(self, rows: Rows, *, progress: Callable[[int], None]) -> None:
        """Read all rows; `progress` is told after each block how many there were."""
        pick = _picker(self.layout.places)
        parsers = [column.parser() for column in self.columns]
        more = True
        while more:
            with connection.cursor() as cursor, cursor.copy(self.stage.copy_in) as copy:
                more = self._block(rows, pick, parsers, copy.write)
            self._store_refused()
            self._store_warned()
            progress(self.read)

    def _block(  # noqa: C901, PLR0912 - the hot loop
        self,
        rows: Rows,
        pick: Callable[[Sequence[Cell]], Sequence[Cell]],
        parsers: Sequence[Callable[[Cell], str | None]],
        write: Callable[[str], None],
    ) -> bool:
        # long: the hot loop; a call more for each row is what its speed is made of
        width, check, key, last = self.layout.width, self._check, self._key, self._last
        out: list[str] = []
        seen = blank = 0
        for seen, row in enumerate(islice(rows, BLOCK), 1):  # noqa: B007
            if len(row) != width:
                if _blank(row):
                    blank += 1
                elif self._keep(rows.line_num, ["E011"], self._short(row)):
                    break
                continue
            cells: list[Any] = list(map(call, parsers, pick(row)))
            try:
                text = "\t".join(cells)
            except TypeError:  # a None: some value is wrong
                if _blank(row):
                    blank += 1
                    continue
                last = self._after(last, plain_text(pick(row)[key]), rows.line_num)
                if self._refuse(rows.line_num, pick(row), cells):
                    break
                continue
            found = cells[key]
            if "\\" in found:  # escaped for COPY: it is the text that counts
                found = plain_text(pick(row)[key])
            if found > last:
                last = found
            else:
                self._suspect(rows.line_num, found)
            codes = check(cells)
            if codes and self._bears(rows.line_num, list(codes), pick(row)):
                if self._held > _HELD:
                    break
                continue
            out.append(f"{rows.line_num}\t{text}\n")
            if len(out) == _CHUNK:
                write("".join(out))
                out.clear()
        write("".join(out))
        self._last = last
        self.read += seen - blank
        return seen == BLOCK or self._held > _HELD

    def _after(self, last: str, key: str, line: int) -> str:
        """A refused row's identifier counts too: what bears it afterwards is a repetition."""
        if key > last:
            return key
        if key:
            self._suspect(line, key)
        return last

    def _suspect(self, line: int, key: str) -> None:
        if self.suspects is not None:
            self.suspects.append((line, key[:_KEY]))
            if len(self.suspects) > BLOCK:  # in no order: the database finds them
                self.suspects = None

    def _keep(self, line: int, codes: list[str], cells: Sequence[Cell]) -> bool:
        """Hold a refused row until the block ends; True if it must end now, for their size."""
        amount = self._readable(cells[self._amount]) if "E011" not in codes else None
        self._refused.append((line, codes, cells, amount))
        self._held += sum(8 + len(str(cell)) for cell in cells)
        return self._held > _HELD

    def _short(self, row: Sequence[Cell]) -> list[Cell]:
        """The declared columns of a row that is too short; which is which cannot be told exactly.

        Where the file has columns that must not be kept, or more fields than columns, none is.
        """
        if self.layout.ignored or len(row) > self.layout.width:
            return []
        return [
            row[place] if place is not None and place < len(row) else ""
            for place in self.layout.places
        ]

    def _refuse(self, line: int, picked: Sequence[Cell], cells: Sequence[str | None]) -> bool:
        codes = []
        for column, cell in zip(self.columns, picked, strict=True):
            try:
                column.parse(cell)
            except Fault as fault:
                codes.append(fault.code)
        codes += self._check_refused(cells)
        return self._keep(line, codes, picked)

    def _bears(self, line: int, codes: list[str], picked: Sequence[Cell]) -> bool:
        """Keep the codes of a row; say whether it is refused for them."""
        if any(code.startswith("E") for code in codes):
            self._keep(line, codes, picked)
            return True
        self._warned.extend((line, code) for code in codes)
        return False

    def _store_refused(self) -> None:
        self.rejected += len(self._refused)
        store_refused(self.stage, (self._described(*refused) for refused in self._refused))
        self._refused.clear()
        self._held = 0

    def _described(
        self, line: int, codes: list[str], picked: Sequence[Cell], amount: Decimal | None
    ) -> "Refusal":
        fields = [str(cell).strip() for cell in picked]
        key = "" if "E011" in codes else plain_text(picked[self._key])
        return (line, codes, fields, key, amount)

    def _readable(self, cell: Cell) -> Decimal | None:
        try:
            text = self.columns[self._amount].parse(cell)
        except Fault:
            return None
        return None if text == NULL else Decimal(text)

    def refusals(self, row_at: RowAt, late: dict[int, list[str]]) -> Iterable["Refusal"]:
        """Yield rows that were accepted at first, as they came: the file is opened once more."""
        pick = _picker(self.layout.places)
        for line, codes in late.items():
            picked = pick(row_at(line))
            amount = self._readable(picked[self._amount])
            yield self._described(line, codes, picked, amount)

    def _store_warned(self) -> None:
        flow = self.stage.flow.pk
        sql = "COPY porfse_flowwarning (flusso_id, riga, codice) FROM STDIN"
        if self._warned:
            with connection.cursor() as cursor, cursor.copy(sql) as copy:
                copy.write("".join(f"{flow}\t{line}\t{code}\n" for line, code in self._warned))
            self._warned.clear()


# Line, codes, declared columns as they came, identifier, amount in euro if it can be read.
Refusal = tuple[int, list[str], list[str], str, Decimal | None]


def store_refused(stage: Stage, refusals: Iterable[Refusal]) -> None:
    """Write refused rows."""
    sql = "COPY porfse_flowrow (flusso_id, riga, codici, campi, identificativo, importo) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for line, codes, fields, key, amount in refusals:
            unique = sorted(Counter(codes))
            kept = [field.replace("\0", "") for field in fields]
            copy.write_row((stage.flow.pk, line, unique, kept, key[:_KEY], amount))


def _blank(row: Sequence[Cell]) -> bool:
    """Say whether a row has no data: separators and spaces alone."""
    return not any(str(cell).strip() for cell in row)


def _picker(places: Sequence[int | None]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what takes the declared columns out of a row, in the order of the layout."""
    if all(place is not None for place in places) and len(places) > 1:
        return itemgetter(*places)
    # An optional column that the file lacks is empty in every row.
    return lambda row: ["" if place is None else row[place] for place in places]
