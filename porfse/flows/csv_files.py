"""CSV files: one pass over the bytes finds what could hurt, then the standard reader reads them."""

import codecs
import csv
import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from porfse.flows.errors import Refused
from porfse.flows.rows import Again, HeaderOf, RowAt

if TYPE_CHECKING:
    from _csv import Reader

MAX_COLUMNS = 500
LONGEST_LINE = 1 << 20  # bytes
LONGEST_FIELD = 131_072  # characters
_BLOCK = 1 << 18  # bytes of the pass; shorter than a line may be
_BATCH = 1 << 16  # characters of lines given to the reader at once
_BLANK = 100  # lines without anything before the header
_BOM = codecs.BOM_UTF8
_NOT_IN_1252 = b"\x81\x8d\x8f\x90\x9d"
# What no Italian text in Windows-1252 spells by chance: in it `è` of UTF-8 would be `Ã¨`.
_LETTER_OF_UTF_8 = re.compile("[\u0080-\u00ff\u2000-\u20bf]").search
_OTHER_DELIMITERS = {"\t": "dalla tabulazione", "|": "da «|»"}


@dataclass(frozen=True)
class Scan:
    """What the pass over the bytes found: the encoding, and about how many lines there are."""

    encoding: str
    lines: int


class _Encoding:
    """Tells UTF-8 from Windows-1252 over the whole file, block by block."""

    def __init__(self, *, marked: bool) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._marked = marked
        self._read = self._kept = 0
        self._letters = self._undefined = False

    def feed(self, block: bytes) -> None:
        if block.isascii() and not self._decoder.getstate()[0]:
            return
        self._undefined |= len(block.translate(None, _NOT_IN_1252)) != len(block)
        text = self._decoder.decode(block)
        self._read += len(block)
        self._kept += len(text.encode())
        self._letters = self._letters or bool(not text.isascii() and _LETTER_OF_UTF_8(text))

    def name(self, path: Path) -> str:
        """Return the encoding.

        Raises:
            Refused: it is neither, or both: names would be stored with wrong letters.
        """
        wrong = self._read - self._kept
        if not wrong:
            return "utf-8-sig"
        if self._marked or self._letters:
            raise Refused(
                f"Il file è in UTF-8, ma la riga {_first_wrong_line(path)} ha caratteri che non lo"
                " sono: correggerla, o salvare il file come «CSV UTF-8», e ricaricarlo."
            )
        if self._undefined:
            raise Refused(
                f"La riga {_first_wrong_line(path)} ha byte che non sono testo né in UTF-8 né in"
                " Windows-1252: salvare il file come «CSV UTF-8» e ricaricarlo."
            )
        return "cp1252"


def _first_wrong_line(path: Path) -> int:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.encode()
            except UnicodeEncodeError:
                return number
    return 1


def scan(path: Path) -> Scan:
    """Pass once over the bytes of a CSV file.

    Raises:
        Refused: it has NUL bytes, a line too long, nothing at all, or no known encoding.
    """
    lines, length, blank = 0, 0, True
    with path.open("rb") as file:
        marked = file.read(len(_BOM)) == _BOM
        if not marked:
            file.seek(0)
        encoding = _Encoding(marked=marked)
        while block := file.read(_BLOCK):
            if b"\0" in block:
                raise Refused(
                    "Il file contiene byte nulli: è in UTF-16, è danneggiato o non è un CSV."
                    " Salvarlo come «CSV UTF-8» e ricaricarlo."
                )
            encoding.feed(block)
            lines += max(block.count(b"\n"), block.count(b"\r"))  # \r\n is one end
            length = _open_length(block, length, lines)
            blank = blank and not block.strip()
    if blank:
        raise Refused("Il file è vuoto: controllare l’invio e ricaricarlo.")
    return Scan(encoding.name(path), lines + bool(length))


def _open_length(block: bytes, before: int, lines: int) -> int:
    """Return how long the line is that the block leaves open; one within a block is short."""
    ends = [place for place in (block.find(b"\n"), block.find(b"\r")) if place >= 0]
    if before + min(ends, default=len(block)) > LONGEST_LINE:
        raise Refused(
            f"Il file ha una riga di più di 1 MiB (intorno alla riga {lines + 1}): non è un CSV"
            " con una riga per record. Controllare come è stato prodotto e ricaricarlo."
        )
    if not ends:
        return before + len(block)
    return len(block) - 1 - max(block.rfind(b"\n"), block.rfind(b"\r"))


@contextmanager
def open_csv(path: Path, header_of: HeaderOf) -> Iterator[tuple[list[str], "Reader", int, Again]]:
    """Open a CSV file; gives its header, the reader of its rows, about how many, `Sheet.again`.

    Raises:
        Refused: see `porfse.flows.readers.open_sheet`.
    """
    csv.field_size_limit(LONGEST_FIELD)
    found = scan(path)
    with path.open(encoding=found.encoding, newline="") as file:
        delimiter = _delimiter(file, header_of)
        file.seek(0)
        rows = _reader(file, delimiter)
        try:
            header = _header(rows)
            again = partial(_again, path, found.encoding, delimiter)
            yield header, rows, max(found.lines - rows.line_num, 0), again
        except csv.Error as error:
            line = _unreadable_record(file, delimiter)
            raise Refused(
                f"La riga {line} non si può leggere: apre virgolette che non si chiudono, oppure ha"
                " virgolette in mezzo a un campo che vanno raddoppiate, oppure un campo di più di"
                " 131.072 caratteri. Correggerla e ricaricare il file."
            ) from error


def _reader(file: TextIO, delimiter: str) -> "Reader":
    """Return the standard reader; between batches it looks at the record that is still open."""

    def batches() -> Iterator[list[str]]:
        while lines := file.readlines(_BATCH):
            yield lines
            _bound(reader)

    lines = chain.from_iterable(batches())
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    return reader


@contextmanager
def _again(path: Path, encoding: str, delimiter: str) -> Iterator[RowAt]:
    """Pass by the lines that are records of their own, as nearly all are, without reading them."""
    with path.open(encoding=encoding, newline="") as file:
        lines = enumerate(file, start=1)
        rest = (line for _, line in lines)

        def row_at(wanted: int) -> list[str]:
            for number, line in lines:
                if number == wanted or '"' in line:
                    reader = csv.reader(chain((line,), rest), delimiter=delimiter, strict=True)
                    row = next(reader)
                    if number + reader.line_num - 1 == wanted:
                        return row
            raise LookupError(f"no record ends at line {wanted}")

        yield row_at


def _bound(reader: "Reader") -> None:
    """Refuse a record that quotes carry over line after line: each field short, but no end.

    The fields read so far are held by the reader alone; the garbage collector can name them.
    """
    for held in gc.get_referents(reader):
        if isinstance(held, list) and (
            len(held) > MAX_COLUMNS or sum(map(len, held)) > LONGEST_LINE
        ):
            raise Refused(
                f"Prima della riga {reader.line_num} si aprono virgolette che proseguono per molte"
                " righe: chiuderle e ricaricare il file."
            )


def _header(rows: "Reader") -> list[str]:
    for row in islice(rows, _BLANK):
        if len(row) > MAX_COLUMNS:
            raise Refused(
                f"L’intestazione ha più di {MAX_COLUMNS} colonne: non è il tracciato di un flusso."
                " Controllare il file e ricaricarlo."
            )
        header = [cell.strip() for cell in row]
        if any(header):
            return header
    raise Refused(
        f"Le prime {_BLANK} righe sono vuote: portare l’intestazione alla prima riga e ricaricare."
    )


def _delimiter(file: TextIO, header_of: HeaderOf) -> str:
    counts = {mark: _known(file, mark, header_of) for mark in (";", ",")}
    best = max(counts, key=lambda mark: counts[mark])
    for mark, name in _OTHER_DELIMITERS.items():
        if counts[best] <= 0 < _known(file, mark, header_of):
            raise Refused(
                f"I campi sono separati {name}: usare «;» o «,» come separatore e ricaricare."
            )
    return best


def _known(file: TextIO, delimiter: str, header_of: HeaderOf) -> int:
    file.seek(0)
    try:
        return header_of(_header(_reader(file, delimiter)))
    except (csv.Error, Refused):  # said when the file is read with the delimiter that is chosen
        return -1


def _unreadable_record(file: TextIO, delimiter: str) -> int:
    """Return the line on which the record begins that cannot be read."""
    file.seek(0)
    rows, begins = _reader(file, delimiter), 1
    try:
        for _ in rows:
            begins = rows.line_num + 1
    except (csv.Error, Refused):
        pass
    return begins
