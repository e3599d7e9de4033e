"""How wide the columns of a table are, how large its letters, and whether its page lies."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from heapq import nlargest

from porfse.fonts import font
from reports.builders.pdf.caratteri import LUNGA
from reports.documento import Colonna, Forma

IN_PIEDI = Decimal(511)  # points between the margins of documento.typ
SDRAIATA = Decimal(757)
MARGINE = Decimal(7)  # between the words of two columns
# Letters as large as the page lets them be; a page is laid down before they become small.
_CORPI = tuple(map(Decimal, ("8.5", "8", "7.5")))
_PICCOLI = tuple(map(Decimal, ("7", "6.5", "6", "5.5", "5", "4.5")))
_COMODO = Decimal(12)  # of the size: how wide a column of long words would like to be
_TITOLO = Decimal(6)  # of the size: how wide a header may ask to be
_META = Decimal("0.58")  # of a header, so that it takes two lines
_MISURATI = 25  # the longest texts of a column, whose widths are looked up


@dataclass(frozen=True)
class Ingombro:
    """What a column takes, in parts of the size of its letters.

    Attributes:
        minimo: no word is cut.
        naturale: nothing is wrapped.
    """

    minimo: Decimal
    naturale: Decimal


@dataclass(frozen=True)
class Pagina:
    """Whether the page lies; the size of the letters; the widths in points, margins included."""

    sdraiata: bool
    corpo: Decimal
    larghezze: tuple[Decimal, ...]


def pagina(
    colonne: Sequence[Colonna],
    scritti: Sequence[Sequence[str]],
    note: Sequence[AbstractSet[str]],
    *,
    sdraiata: bool = False,
) -> Pagina:
    """Choose the page of a table: upright if its words fit there.

    Args:
        scritti: what is written in each row, by column.
        note: of each column, what is written below its values.
        sdraiata: the page lies in any case.

    Raises:
        ValueError: the numbers of a row are wider than a page.
    """
    if not scritti:
        return Pagina(sdraiata, _CORPI[0], ())
    texts = list(zip(*scritti, strict=True))
    taken = [_ingombro(*column) for column in zip(colonne, texts, note, strict=True)]
    choices = [
        *((False, IN_PIEDI, size) for size in _CORPI if not sdraiata),
        *((True, SDRAIATA, size) for size in _CORPI + _PICCOLI),
    ]
    for lies, width, size in choices:
        room = (width - MARGINE * len(taken)) / size
        if sum(item.minimo for item in taken) <= room:
            return Pagina(lies, size, tuple(_larghezze(taken, room, size)))
    return Pagina(sdraiata=True, corpo=size, larghezze=tuple(_strette(colonne, taken, size)))


def _strette(
    colonne: Sequence[Colonna], taken: Sequence[Ingombro], size: Decimal
) -> Iterator[Decimal]:
    """Where not even the smallest letters have room: numbers keep theirs, words share the rest."""
    words = [colonna.forma is Forma.TESTO for colonna in colonne]
    numbers = sum(
        item.minimo * size + MARGINE for item, word in zip(taken, words, strict=True) if not word
    )
    share = (SDRAIATA - numbers) / max(sum(words), 1)
    if share < (2 * MARGINE if any(words) else 0):
        raise ValueError(f"una pagina non basta per le {len(colonne)} colonne di una tabella")
    for item, word in zip(taken, words, strict=True):
        yield share if word else item.minimo * size + MARGINE


def _larghezze(taken: Sequence[Ingombro], room: Decimal, size: Decimal) -> Iterator[Decimal]:
    """Share the room: first what each needs, then to who would wrap, then to all alike."""
    spare = room - sum(item.minimo for item in taken)
    wanted = sum(item.naturale - item.minimo for item in taken)
    granted = min(Decimal(1), spare / wanted) if wanted else Decimal(0)
    each = (spare - granted * wanted) / len(taken)
    for item in taken:
        width = item.minimo + granted * (item.naturale - item.minimo) + each
        yield width * size + MARGINE


def _ingombro(colonna: Colonna, scritti: Sequence[str], note: AbstractSet[str]) -> Ingombro:
    halved = min(_widest([colonna.titolo]) * _META, _TITOLO)
    header = max(_widest(colonna.titolo.split()), halved)
    natural = _widest(scritti)
    if colonna.forma is Forma.TESTO:
        word = _widest(word for text in set(scritti) for word in text.split())
        least = max(header, word, min(natural, _COMODO))
        return Ingombro(least, max(least, natural))
    # A number is never wrapped; its note is, below it.
    least = max(header, natural, _widest(word for text in note for word in text.split()))
    return Ingombro(least, least)


def _widest(texts: Iterable[str]) -> Decimal:
    """The width of the widest text, in parts of its size; a long word counts up to its break."""
    longest = nlargest(_MISURATI, set(texts), key=len)
    return max((font(600).width(_cut(text), 1) for text in longest), default=Decimal(0))


def _cut(text: str) -> str:
    return text if " " in text else text[:LUNGA]
