"""A small table of amounts as boxes side by side: one for each asse, as people present them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR
from pptx.slide import Slide
from pptx.util import Inches, Pt

from porfse.charts import Colour
from reports.builders.pptx.base import CORPO, MARGINE, PIENA, SOPRA
from reports.builders.pptx.diapositive import TITOLO, Diapositiva
from reports.builders.pptx.testi import ALTO, Stile, a_righe, breve, rgb, scrivi
from reports.documento import Forma, Riga, Tabella

_MOST = 6  # boxes on a slide
_COLUMNS = 3
_AMOUNTS = range(3, 7)  # how many of them a box holds
_SIZES = (16, 14, 13, 12, 11)
_GAP = Inches(0.15)
_SIDE = Inches(0.1)
_BELOW = Inches(0.35)  # where the marks are explained
_WIDTH = (PIENA - _GAP * (_COLUMNS - 1)) // _COLUMNS
_HEIGHT = (CORPO - _BELOW - _GAP) // 2
_LONGEST = 200


@dataclass(frozen=True)
class _Riquadro:
    titolo: str
    righe: tuple[str, ...]
    totale: bool


def di_riquadri(tabella: Tabella, fonte: str, *, esempio: bool) -> Iterator[Diapositiva]:
    """Yield the slide of a table whose rows become boxes; none if it is no such table.

    It is one of at most six rows, with words in the first columns and amounts in all others, which
    stand whole in letters that can be read. Its notes have a number, explained below the boxes.
    """
    names = len(list(takewhile(lambda colonna: colonna.forma is Forma.TESTO, tabella.colonne)))
    amounts = tabella.colonne[names:]
    if (
        not names
        or not 1 < len(tabella.righe) <= _MOST
        or len(amounts) not in _AMOUNTS
        or any(colonna.forma is not Forma.EURO or colonna.gruppo for colonna in amounts)
    ):
        return
    marks: dict[str, int] = {}
    boxes = [_box(tabella, riga, names, marks) for riga in tabella.righe]
    below = "; ".join(f"({mark}) {text}" for text, mark in marks.items())
    if len(a_righe(below, PIENA - 2 * _SIDE, _SIZES[-1])) > 1:
        return
    for points in _SIZES:
        if all(_height(box, points) <= _HEIGHT for box in boxes):
            yield Diapositiva(tabella.titolo, _boxes(boxes, points, below), fonte, esempio)
            return


def _box(tabella: Tabella, riga: Riga, names: int, marks: dict[str, int]) -> _Riquadro:
    shown = []
    for cella, colonna in zip(riga.celle, tabella.colonne, strict=True):
        text = replace(cella, nota="").show(colonna.forma)
        if cella.nota and not cella.soppressa:
            text += f" ({marks.setdefault(cella.nota, len(marks) + 1)})"
        shown.append(breve(text, _LONGEST))
    amounts = zip(tabella.colonne[names:], shown[names:], strict=True)
    return _Riquadro(
        " – ".join(filter(None, shown[:names])),
        tuple(f"{colonna.titolo}: {text}" for colonna, text in amounts),
        riga.totale,
    )


def _height(box: _Riquadro, points: int) -> int:
    room = _WIDTH - 2 * _SIDE
    lines = sum(len(a_righe(text, room, points)) for text in box.righe)
    title = len(a_righe(box.titolo, room * 9 // 10, points + 1))  # bold is wider
    return Pt((lines * points + title * (points + 1)) * ALTO) + 2 * _SIDE


def _boxes(boxes: Sequence[_Riquadro], points: int, below: str) -> Callable[[Slide], None]:
    def draw(slide: Slide) -> None:
        for place, box in enumerate(boxes):
            row, column = divmod(place, _COLUMNS)
            left, top = MARGINE + column * (_WIDTH + _GAP), SOPRA + row * (_HEIGHT + _GAP)
            _draw(slide, box, points, (left, top, _WIDTH, _HEIGHT))
        if below:
            shape = slide.shapes.add_textbox(MARGINE, SOPRA + CORPO - _BELOW, PIENA, _BELOW)
            shape.name = "Segni"
            scrivi(shape.text_frame, [(below, Stile(_SIZES[-1]))])

    return draw


def _draw(slide: Slide, box: _Riquadro, points: int, area: tuple[int, int, int, int]) -> None:
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *area)
    shape.name = breve(box.titolo, TITOLO)
    shape.fill.solid()
    shape.fill.fore_color.rgb = rgb("#e6ecf2" if box.totale else "#ffffff")
    shape.line.color.rgb = rgb(Colour.NIGHT if box.totale else Colour.BLUE)
    shape.line.width = Pt(1.5)
    shape.shadow.inherit = False
    frame = shape.text_frame
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = _SIDE
    title = (box.titolo, Stile(points + 1, Colour.BLUE, grassetto=True))
    scrivi(frame, [title, *((text, Stile(points, Colour.NIGHT)) for text in box.righe)])
