"""What every kind of column shares: from a cell to text for COPY, or the code of what is wrong."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any, ClassVar

Cell = str | int | float | date
Parser = Callable[[Any], str | None]
NULL = "\\N"  # an empty value, as COPY writes it
_MEMORY = 16_384  # values that a column remembers: the worker's memory stays flat
_LONGEST = 256  # characters of a value worth remembering
_NEUTRAL = ("'=", "'+", "'-", "'@")


def plain_text(cell: Cell) -> str:
    """Return a cell as the text it stands for, without spaces around it.

    An apostrophe before a sign is ours: our files put it there, against spreadsheets.
    """
    text = str(cell).strip()
    return text[1:] if text.startswith(_NEUTRAL) else text


class Fault(ValueError):
    """The value is wrong; carries the code that its row gets."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Memo(dict[Cell, str | None]):
    """What a column made of the values it has seen, worked out at the first sight of each."""

    def __init__(self, parse: Callable[[Cell], str]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: Cell) -> str | None:
        try:
            found = self._parse(cell)
        except Fault:
            return None
        if isinstance(cell, str) and len(cell) > _LONGEST:
            return found
        if len(self) >= _MEMORY:
            self.clear()
        self[cell] = found
        return found


class Column:
    """A column of a source.

    Args:
        name: as in the layout, and in the table that holds the accepted rows.
        aliases: other names that senders give it.
        required: an empty value is `E001`.
        distinct: hardly any value comes twice, so that remembering them is of no use.
        present: the file must have the column, also where its values may be empty: what is not
            known is said, not left out.
    """

    sql: ClassVar[str] = "text"
    code: ClassVar[str] = "E001"

    def __init__(
        self,
        name: str,
        *,
        aliases: Collection[str] = (),
        required: bool = True,
        distinct: bool = False,
        present: bool = False,
    ) -> None:
        self.name = name
        self.aliases = tuple(aliases)
        self.required = required
        self.distinct = distinct
        self.present = present or required

    def fresh(self) -> "Column":
        """Return the column for one file; a kind that learns from the file returns a copy."""
        return self

    def parse(self, cell: Cell) -> str:
        """Return the value as COPY text.

        Raises:
            Fault: the value is wrong.
        """
        if isinstance(cell, str):
            text = cell.strip()
            if not text:
                if self.required:
                    raise Fault("E001")
                return NULL
            return self.of_text(text)
        return self.of_other(cell)

    def of_text(self, text: str) -> str:
        """Read a text that is not empty."""
        raise NotImplementedError

    def of_other(self, cell: Cell) -> str:
        """Read a number or a date of XLSX; in a column of codes it is an error of its row."""
        raise Fault(self.code)

    def alone(self, text: str) -> str:
        """Return a text that was read as it is read without the rest of its file, too."""
        return text

    def parser(self) -> Parser:
        """Return the function of the hot loop: None for a wrong value."""
        if not self.distinct:
            return Memo(self.parse).__getitem__

        def parse(cell: Cell) -> str | None:
            try:
                return self.parse(cell)
            except Fault:
                return None

        return parse
