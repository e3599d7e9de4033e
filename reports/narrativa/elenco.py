"""The figures that a text may name, as the page beside it lists them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from porfse.figures import Board, Figure
from reports.narrativa.nomi import Nome


@dataclass(frozen=True)
class Voce:
    """A name, what it stands for, and what it is worth now once the board is loaded."""

    nome: str
    etichetta: str
    cifra: Figure

    @property
    def segnaposto(self) -> str:
        """The name as a text writes it."""
        return f"{{{self.nome}}}"


@dataclass(frozen=True)
class Gruppo:
    nome: str
    voci: list[Voce]


def elenco(board: Board, names: Mapping[str, Nome], cerca: str = "") -> list[Gruppo]:
    """Return the names in their groups, narrowed to those that hold all the words asked for."""
    words = cerca.casefold().split()
    groups: dict[str, list[Voce]] = {}
    for key, item in names.items():
        if _holds(words, (key, key.replace("_", " "), item.etichetta, item.gruppo)):
            voice = Voce(key, item.etichetta, board(item.espressione))
            groups.setdefault(item.gruppo, []).append(voice)
    return [Gruppo(name, voices) for name, voices in groups.items()]


def _holds(words: Iterable[str], texts: Iterable[str]) -> bool:
    whole = " ".join(texts).casefold()
    return all(word in whole for word in words)
