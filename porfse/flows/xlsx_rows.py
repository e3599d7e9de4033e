"""The rows of an XLSX sheet, parsed as they are asked for: a million rows in constant memory."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from porfse.flows import xlsx_styles
from porfse.flows.errors import Refused
from porfse.flows.xlsx_xml import BROKEN, Attributes, Part, unescaped

MAX_COLUMNS = 500
_LAST_ROW = 1_048_576
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII).fullmatch
_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII).fullmatch
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII).fullmatch
# A number of XLSX is a double; columns read it back by its repr, which gives the digits typed.


def letters_of(column: int) -> str:
    """Return the letters of a column, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


_LETTERS = [letters_of(column) for column in range(MAX_COLUMNS)]


@dataclass(frozen=True)
class CellError:
    """What a cell shows where its value could not be worked out, `#N/A`; no column takes it."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Book:
    """What the cells of a sheet refer to.

    Attributes:
        strings: the texts, by number.
        dated: the styles that make a number a day or a time (`xlsx_styles.dated`).
        since_1904: days are counted from 1904.
    """

    strings: Sequence[str]
    dated: Mapping[str, str]
    since_1904: bool


class SheetPart(Part):
    """The part of a sheet; `rows` gathers row number and cells, without empty cells at the end."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.rows: deque[tuple[int, list[Any]]] = deque()
        self._book = book
        self._row = 0
        self._row_text = ""
        self._cells: list[Any] = []
        self._column = -1
        self._in_cell = False
        self._kind, self._style = "n", ""
        self._value: str | None = None
        self._readers: dict[str, Callable[[str], Any]] = {
            "n": self._number,
            "s": self._shared,
            "str": unescaped,
            "inlineStr": unescaped,
            "b": self._truth,
            "e": CellError,
            "d": self._moment,
        }
        self.takes_rich_text()
        self.starts |= {"row": self._row_begins, "c": self._cell_begins, "v": self.text_begins}
        self.starts["sheetData"] = lambda _: None
        self.starts |= {"is": self._inline_begins, "f": self._formula, "mergeCell": self._merged}
        self.ends |= {"row": self._row_ends, "c": self._cell_ends, "v": self._value_ends}
        self.ends["is"] = self._inline_ends

    def _row_begins(self, attributes: Attributes) -> None:
        number = attributes.get("r")
        row = self._row + 1
        if number is not None and number != str(row):
            if not _WHOLE(number) or not row <= int(number):
                raise Refused(BROKEN)
            row = int(number)
        if row > _LAST_ROW:
            raise Refused(BROKEN)
        self._row, self._row_text, self._column = row, str(row), -1
        self._cells = []

    def _row_ends(self) -> None:
        self.rows.append((self._row, self._cells))

    def _cell_begins(self, attributes: Attributes) -> None:
        column = self._column + 1
        reference = attributes.get("r")
        if reference is not None and (
            column >= MAX_COLUMNS or reference != _LETTERS[column] + self._row_text
        ):
            column = self._place(reference)
        self._column = column
        self._in_cell = True
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._value = None

    def _place(self, reference: str) -> int:
        """Return the column of a cell that is not beside the one before."""
        parts = _REFERENCE(reference)
        if not parts or parts[2] != self._row_text:
            raise Refused(BROKEN)
        column = 0
        for letter in parts[1]:
            column = column * 26 + ord(letter) - ord("A") + 1
        if column - 1 <= self._column:
            raise Refused(BROKEN)
        return column - 1

    def _value_ends(self) -> None:
        self._value = self.text()

    def _inline_begins(self, _: Attributes) -> None:
        self.runs.clear()

    def _inline_ends(self) -> None:
        self._value = "".join(self.runs)
        self.runs.clear()

    def _cell_ends(self) -> None:
        self._in_cell = False
        if not self._value:
            return
        read = self._readers.get(self._kind)
        if read is None:
            raise Refused(BROKEN)
        value = read(self._value)
        if value == "":
            return
        cells, column = self._cells, self._column
        if column >= MAX_COLUMNS:
            raise Refused(
                f"La cella {self._name()} è oltre la colonna {_LETTERS[-1]}: togliere ciò che sta"
                " fuori dalla tabella e ricaricare il file."
            )
        if column > len(cells):
            cells.extend([""] * (column - len(cells)))
        cells.append(value)

    def _name(self) -> str:
        return f"{letters_of(self._column)}{self._row}"

    def _number(self, text: str) -> Any:
        number: int | float
        if _WHOLE(text):
            number = int(text)
        else:
            text = text.strip()
            if not _NUMBER(text):
                raise Refused(f"La cella {self._name()} ha un numero illeggibile. {BROKEN}")
            number = float(text)
            if number.is_integer() and abs(number) < 10**15:
                number = int(number)
        kind = self._book.dated.get(self._style)
        if kind is None:
            return number
        if kind == xlsx_styles.TIME:
            return xlsx_styles.clock(number) if abs(number) < 10**9 else number
        day = xlsx_styles.day_of(number, since_1904=self._book.since_1904)
        return number if day is None else day

    def _shared(self, text: str) -> str:
        try:
            return self._book.strings[int(text)] if _WHOLE(text) and text[0] != "-" else _no_text()
        except IndexError:
            return _no_text()

    def _truth(self, text: str) -> str:
        return "VERO" if text.strip() in {"1", "true"} else "FALSO"

    def _moment(self, text: str) -> date | str:
        """Read a date in ISO form; what is none stays text."""
        try:
            if len(text) == 10:
                return date.fromisoformat(text)
            return xlsx_styles.whole(datetime.fromisoformat(text).replace(tzinfo=None))
        except (ValueError, OverflowError):
            return text

    def _formula(self, _: Attributes) -> None:
        if self._in_cell:
            raise Refused(
                f"La cella {self._name()} contiene una formula, il cui risultato può non essere"
                " aggiornato: copiare il foglio e incollarlo come valori, poi ricaricarlo."
            )

    def _merged(self, attributes: Attributes) -> None:
        raise Refused(
            f"Le celle {attributes.get('ref', '')[:30]} sono unite: dividerle, con un valore in"
            " ogni cella, e ricaricare il file."
        )

    def unknown(self, name: str) -> None:
        # The same table under two names of one namespace: half of it would not be seen.
        if name.rpartition(":")[2] in {"row", "c", "sheetData"} and name not in self.starts:
            raise Refused(BROKEN)


def _no_text() -> str:
    raise Refused(BROKEN)


class XlsxRows:
    """The rows of a sheet, each as long as the header at least; a row without values is empty.

    Attributes:
        line_num: the number that the sheet gives to the row given last.
        width: the number of columns of the header, once it is known.
    """

    def __init__(self, blocks: Iterator[bytes], book: Book) -> None:
        self.line_num = 0
        self.width = 0
        self._blocks = blocks
        self._part = SheetPart(book)
        self._rows = self._part.rows
        self._closed = False

    def __iter__(self) -> "XlsxRows":
        return self

    def __next__(self) -> list[Any]:
        while not self._rows:
            self._more()
        self.line_num, cells = self._rows.popleft()
        if cells and len(cells) < self.width:
            cells.extend([""] * (self.width - len(cells)))
        return cells

    def _more(self) -> None:
        if self._closed:
            raise StopIteration
        block = next(self._blocks, None)
        if block is not None:
            self._part.feed(block)
            return
        self._closed = True
        self._part.close()
