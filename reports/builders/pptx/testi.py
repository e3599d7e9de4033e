"""Words on slides: cleaned, cut where a slide has no room, measured, written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from pptx.dml.color import RGBColor
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.text import PP_ALIGN
from pptx.text.text import TextFrame, _Paragraph
from pptx.util import Pt

# What XML cannot hold.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_SPACES = re.compile("[ \t\n\u2028\u2029]+")
ALTO = 1.52  # of a line of Titillium Web, in sizes of its letters
LARGO = 0.54  # of a character, in sizes of its font, with room for the font that stands in


@dataclass(frozen=True)
class Stile:
    """How a paragraph looks; without a colour it has that of its place."""

    punti: int
    colore: str = ""
    grassetto: bool = False
    destra: bool = False


def breve(text: str, size: int) -> str:
    """Return a text on one line, cut with an ellipsis if it is longer than `size` characters.

    Hard spaces stay: they hold a number to its unit.
    """
    words = _SPACES.sub(" ", _CONTROLS.sub("", text)).strip(" ")
    return words if len(words) <= size else f"{words[: size - 1]}…"


def a_righe(text: str, width: int, points: int) -> list[str]:
    """Return the lines that a text needs, at the most, in a width (EMU) and a size of letters."""
    characters = max(1, int(width / (Pt(points) * LARGO)))
    return [
        line
        for part in _CONTROLS.sub("", text).split("\n")
        for line in wrap(part, characters) or [""]
    ]


def impagina(texts: Sequence[str], width: int, points: int, lines: int) -> Iterator[list[str]]:
    """Yield paragraphs, as many as a slide holds at a time; one longer than a slide goes on.

    Args:
        lines: how many lines a slide holds; between two paragraphs there is one.
    """
    page: list[str] = []
    left = lines
    for text in _no_longer_than(texts, width, points, lines):
        height = len(a_righe(text, width, points))
        if page and height > left:
            yield page
            page, left = [], lines
        page.append(text)
        left -= height + 1
    if page:
        yield page


def _no_longer_than(texts: Sequence[str], width: int, points: int, lines: int) -> Iterator[str]:
    for text in filter(str.strip, texts):
        found = a_righe(text, width, points)
        if len(found) <= lines:
            yield text
        else:  # between two words, half a slide at a time, so that it surely fits
            room = len(text) * lines // len(found) // 2
            yield from wrap(text, room, break_long_words=False)


def scrivi(frame: TextFrame, texts: Sequence[tuple[str, Stile]]) -> None:
    """Write paragraphs into a frame, in place of what it holds."""
    frame.word_wrap = True
    for index, (text, stile) in enumerate(texts):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        _write(paragraph, text, stile)


def _write(paragraph: _Paragraph, text: str, stile: Stile) -> None:
    words = _CONTROLS.sub("", text)
    if not words:  # as high as its letters would be, which are of 18 points unless it says so
        end = paragraph._p.get_or_add_endParaRPr()  # noqa: SLF001 - there is no other way to it
        end.set("sz", str(stile.punti * 100))
        return
    run = paragraph.add_run()
    run.text = words
    run.font.size = Pt(stile.punti)
    run.font.language_id = MSO_LANGUAGE_ID.ITALIAN
    if stile.grassetto:
        run.font.bold = True
    if stile.colore:
        run.font.color.rgb = rgb(stile.colore)
    paragraph.alignment = PP_ALIGN.RIGHT if stile.destra else PP_ALIGN.LEFT


def rgb(colour: str) -> RGBColor:
    """Return a colour that is written `#0059b3`."""
    return RGBColor.from_string(colour.removeprefix("#").upper())
