"""What every reader of a file gives, whatever its kind."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Rows(Protocol):
    """The rows after the header; a blank row is an empty list.

    A cell is text, "" if there is nothing; in XLSX also a number, a date (`datetime` if it has a
    time of day), or a `CellError`, which no column takes.
    """

    @property
    def line_num(self) -> int:
        """The line (CSV) or row (XLSX) of the row given last, from 1, the header's included."""

    def __iter__(self) -> Iterator[list[Any]]: ...

    def __next__(self) -> list[Any]: ...


# Says how many cells of a possible header are known columns.
HeaderOf = Callable[[list[str]], int]
# Returns the row that has a `line_num`; to be asked in the order of the file.
RowAt = Callable[[int], list[Any]]
Again = Callable[[], AbstractContextManager[RowAt]]
