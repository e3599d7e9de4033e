"""Slides: what each has (title, source, number), and those of words and of single figures."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.presentation import Presentation
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from pptx.util import Inches, Pt

from porfse.charts import Colour
from reports.builders import parole
from reports.builders.pptx.base import CORPO, FONTE_ALTA, FONTE_Y, MARGINE, PIENA, SOPRA
from reports.builders.pptx.importi import cifra_in_milioni
from reports.builders.pptx.testi import ALTO, Stile, a_righe, breve, impagina, rgb, scrivi
from reports.documento import Indicatore

TITOLO = 110  # characters of a title
FONTE = 460  # characters of what stands below
# Letters of words; smaller ones where they spare a second slide.
_TESTO = 18
_TESTI = (_TESTO, 16, 14, 12)
_TITLE_ONLY = 1
_PER_PAGE = 8
_GAP = Inches(0.25)


@dataclass(frozen=True)
class Diapositiva:
    """A slide before it is drawn.

    Attributes:
        disegna: puts what stands between title and source.
        fonte: what stands below it.
    """

    titolo: str
    disegna: Callable[[Slide], None]
    fonte: str = ""
    esempio: bool = False


def aggiungi(prs: Presentation, items: Sequence[Diapositiva], sigla: str) -> None:
    """Draw slides; those of the same title are numbered, so that each has its own."""
    titles = [breve(item.titolo, TITOLO) for item in items]
    seen: dict[str, int] = {}
    for item, title in zip(items, titles, strict=True):
        seen[title] = seen.get(title, 0) + 1
        count = titles.count(title)
        _draw(prs, item, f"{title} ({seen[title]}/{count})" if count > 1 else title, sigla)


def _draw(prs: Presentation, item: Diapositiva, title: str, sigla: str) -> None:
    slide = prs.slides.add_slide(prs.slide_layouts[_TITLE_ONLY])
    slide.shapes.title.text_frame.text = title
    if item.esempio:
        box = slide.shapes.add_textbox(MARGINE, Inches(0.1), PIENA, Inches(0.35))
        box.name = "Avvertenza"
        scrivi(box.text_frame, [(parole.ESEMPIO, Stile(14, Colour.RED, grassetto=True))])
    item.disegna(slide)
    if item.fonte:
        box = slide.shapes.add_textbox(MARGINE, FONTE_Y, PIENA, FONTE_ALTA)
        box.name = "Fonte"
        scrivi(box.text_frame, [(breve(item.fonte, FONTE), Stile(9, Colour.GREY))])
    piede(slide, sigla)


def piede(slide: Slide, sigla: str) -> None:
    """Put the foot of the layout on a slide: what it is of, and its number."""
    wanted = {PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER}
    for shape in slide.slide_layout.placeholders:
        if shape.placeholder_format.type in wanted:
            element = deepcopy(shape.element)
            taken = [int(found) for found in slide.element.xpath(".//p:cNvPr/@id")]
            element.nvSpPr.cNvPr.set("id", str(max(taken) + 1))
            slide.shapes.element.append(element)
    for shape in slide.placeholders:
        if shape.placeholder_format.type == PP_PLACEHOLDER.FOOTER:
            scrivi(shape.text_frame, [(breve(sigla, 150), Stile(10, Colour.GREY))])


def descrivi(shape: BaseShape, name: str, text: str) -> None:
    """Give a picture or a table its name and its text alternative."""
    (found,) = shape.element.xpath("./*/p:cNvPr")
    found.set("name", breve(name, TITOLO))
    found.set("descr", breve(text, 4000))


def di_testo(
    titolo: str, texts: Sequence[str], fonte: str, *, esempio: bool
) -> Iterator[Diapositiva]:
    """Yield the slides of paragraphs: one, if letters that can be read let it hold them all."""
    laid = [(points, _laid(texts, points)) for points in _TESTI]
    points, pages = next((found for found in laid if len(found[1]) == 1), laid[0])
    for page in pages:
        yield Diapositiva(titolo, _text(page, points), fonte, esempio)


def _laid(texts: Sequence[str], points: int) -> list[list[str]]:
    return list(impagina(texts, PIENA - Inches(0.2), points, int(CORPO.pt / (points * ALTO))))


def _text(paragraphs: Sequence[str], points: int) -> Callable[[Slide], None]:
    def draw(slide: Slide) -> None:
        box = slide.shapes.add_textbox(MARGINE, SOPRA, PIENA, CORPO)
        box.name = "Testo"
        scrivi(box.text_frame, [(text, Stile(points)) for text in paragraphs])
        for paragraph in box.text_frame.paragraphs[:-1]:
            paragraph.space_after = Pt(points * 0.7)

    return draw


def di_cifre(titolo: str, indicatori: Sequence[Indicatore], fonte: str) -> Iterator[Diapositiva]:
    """Yield the slides of figures that stand alone, large."""
    for start in range(0, len(indicatori), _PER_PAGE):
        part = [cifra_in_milioni(item) for item in indicatori[start : start + _PER_PAGE]]
        every = all(item.esempio for item in part)  # else each says it
        yield Diapositiva(titolo, _figures(part), fonte, every)


def _figures(indicatori: Sequence[Indicatore]) -> Callable[[Slide], None]:
    columns = max(2, len(indicatori) if len(indicatori) <= 3 else -(-len(indicatori) // 2))
    rows = -(-len(indicatori) // columns)
    width = (PIENA - _GAP * (columns - 1)) // columns
    height = min(Inches(2.6), (CORPO - _GAP * (rows - 1)) // rows)

    def draw(slide: Slide) -> None:
        for place, item in enumerate(indicatori):
            row, column = divmod(place, columns)
            left = MARGINE + column * (width + _GAP)
            top = SOPRA + row * (height + _GAP)
            _figure(slide, item, (left, top, width, height))

    return draw


def _figure(slide: Slide, item: Indicatore, box: tuple[int, int, int, int]) -> None:
    card = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *box)
    card.name = breve(item.etichetta, TITOLO)
    card.fill.solid()
    card.fill.fore_color.rgb = rgb("#ffffff")
    card.line.color.rgb = rgb(item.colore)
    card.line.width = Pt(2)
    card.shadow.inherit = False
    value = breve(item.cella.show(item.forma), 160)
    room = (box[2] - Inches(0.25)) * 9 // 10  # bold is wider
    points = next((size for size in (36, 30, 24, 20) if len(a_righe(value, room, size)) == 1), 16)
    scrivi(
        card.text_frame,
        [
            (breve(item.etichetta, 90), Stile(16, Colour.GREY)),
            (value, Stile(points, item.colore, grassetto=True)),
            (breve(item.dettaglio, 110), Stile(12, Colour.GREY)),
        ],
    )
