"""Reading a text with named figures: pure, no database."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from porfse.errors import BadInput
from reports.narrativa.forme import FORME
from reports.narrativa.nomi import Nome

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
MOST = 20  # errors told at once
_SHOWN = 60  # characters of what was written that a message repeats


class ErroreTesto(BadInput):
    """A text cannot be told; `errori` says why, each with its line, in Italian."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(" ".join(found))
        self.errori = found


@dataclass(frozen=True)
class Segnaposto:
    """The place of a figure: its name, how it is shown (empty: as its unit is), its line."""

    nome: str
    forma: str = ""
    riga: int = 1


@dataclass(frozen=True)
class _Errore:
    """What cannot be read."""

    riga: int
    testo: str

    def __str__(self) -> str:
        return f"Riga {self.riga}: {self.testo}"


Pezzo = str | Segnaposto
Paragrafo = tuple[Pezzo, ...]


def leggi(testo: str) -> tuple[Paragrafo, ...]:
    """Return the paragraphs of a text, each as words and places of figures.

    Raises:
        ErroreTesto: a brace is without its other one, or has no name in it.
    """
    paragraphs = [tuple(_pieces(text, line)) for line, text in _paragraphs(testo)]
    wrong = [str(piece) for pieces in paragraphs for piece in pieces if isinstance(piece, _Errore)]
    if wrong:
        raise ErroreTesto(wrong[:MOST])
    return tuple(_joined(pieces) for pieces in paragraphs)


def errori(testo: str, nomi: Mapping[str, Nome]) -> list[str]:
    """Return what is wrong with a text, each with its line and what to do; empty if nothing.

    The first MOST alone: they are mended first.
    """
    try:
        paragraphs = leggi(testo)
    except ErroreTesto as error:
        return error.errori
    places = (piece for pieces in paragraphs for piece in pieces if isinstance(piece, Segnaposto))
    wrong = (str(_Errore(place.riga, words)) for place in places if (words := _wrong(place, nomi)))
    return list(islice(wrong, MOST))


def _paragraphs(testo: str) -> Iterator[tuple[int, str]]:
    """The paragraphs that hold something, each with the number of its first line."""
    text = testo.replace("\r\n", "\n").replace("\r", "\n")
    start = 0
    for gap in [*_BLANK.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if text[start:end].strip():
            yield text.count("\n", 0, start) + 1, text[start:end]
        start = gap.end() if gap else end


def _pieces(text: str, line: int) -> Iterator[Pezzo | _Errore]:
    at = 0
    for found in _TOKEN.finditer(text):
        here = line + text.count("\n", 0, found.start())
        yield text[at : found.start()]
        yield _piece(found, here)
        at = found.end()
    yield text[at:]


def _piece(found: re.Match[str], line: int) -> Pezzo | _Errore:
    match found[0]:
        case "{{" | "}}":
            return found[0][0]
        case "{":
            return _Errore(line, "la parentesi «{» non è chiusa sulla riga; per scriverla, «{{».")
        case "}":
            return _Errore(line, "la parentesi «}» non è aperta; per scriverla, «}}».")
    name, _, form = (part.strip() for part in found[1].partition("|"))
    if not name:
        return _Errore(line, "tra le parentesi manca il nome della cifra.")
    return Segnaposto(name, form, line)


def _joined(pieces: tuple[Pezzo, ...]) -> Paragrafo:
    """Words side by side in one piece, on one line, without blanks around the paragraph."""
    whole: list[Pezzo] = []
    for piece in pieces:
        if isinstance(piece, str) and whole and isinstance(whole[-1], str):
            whole[-1] += piece
        else:
            whole.append(piece)
    whole = [re.sub(r"\s*\n\s*", " ", item) if isinstance(item, str) else item for item in whole]
    if isinstance(whole[0], str):
        whole[0] = whole[0].lstrip()
    if isinstance(whole[-1], str):
        whole[-1] = whole[-1].rstrip()
    return tuple(piece for piece in whole if piece)


def _wrong(place: Segnaposto, nomi: Mapping[str, Nome]) -> str:
    """Why a figure cannot be placed; empty if it can."""
    name = nomi.get(place.nome)
    if name is None:
        near = get_close_matches(place.nome, nomi, n=3, cutoff=0.5)
        hint = f" Forse: {', '.join(near)}." if near else " I nomi sono nell'elenco delle cifre."
        return f"la cifra «{place.nome[:_SHOWN]}» non esiste.{hint}"
    allowed = [key for key, form in FORME.items() if name.unita in form.unita]
    if place.forma and place.forma not in allowed:
        known = f"scegliere fra {', '.join(allowed)}" if allowed else "non ne ha"
        return f"la forma «{place.forma[:_SHOWN]}» non è di «{place.nome}»: {known}."
    return ""
