"""From the header of a file to the columns of a source."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from porfse.flows.columns import Column
from porfse.flows.errors import Refused


def plain(name: str) -> str:
    """Return a name without case, accents, spaces, underscores and other signs."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


@dataclass(frozen=True)
class Layout:
    """Where each column of the source stands in the file.

    Attributes:
        places: for each column of the source its place in a row; None if the file lacks it.
        ignored: the names of the columns that the source does not know.
        width: the number of fields of a row.
    """

    places: tuple[int | None, ...]
    ignored: tuple[str, ...]
    width: int


def known(header: Sequence[str], columns: Sequence[Column]) -> int:
    """Return how many names of a header are columns of the source."""
    names = _names(columns)
    return sum(plain(cell) in names for cell in header)


def layout_of(header: Sequence[str], columns: Sequence[Column]) -> Layout:
    """Find the columns of a source in a header.

    Raises:
        Refused: one is missing or comes twice, or this is no header.
    """
    names = _names(columns)
    places: dict[str, int] = {}
    ignored = []
    for place, cell in enumerate(header):
        name = names.get(plain(cell))
        if name is None:
            ignored.append(cell.strip()[:60] or f"(colonna {place + 1} senza nome)")
        elif name in places:
            raise Refused(
                f"La colonna «{name}» compare due volte nell'intestazione: lasciarne una sola."
            )
        else:
            places[name] = place
    if not places:
        raise Refused(
            "La prima riga non è un'intestazione riconoscibile: deve portare i nomi delle colonne"
            f" ({', '.join(column.name for column in columns)}), separati da «;» o da «,»."
        )
    missing = [column.name for column in columns if column.present and column.name not in places]
    if missing:
        raise Refused(
            f"Nell'intestazione mancano le colonne: {', '.join(missing)}. Aggiungerle e ricaricare."
        )
    found = tuple(places.get(column.name) for column in columns)
    return Layout(found, tuple(ignored), len(header))


def _names(columns: Sequence[Column]) -> dict[str, str]:
    return {
        plain(alias): column.name for column in columns for alias in (column.name, *column.aliases)
    }
