"""The presentation that every report starts from: 16:9, its master, its fonts and colours."""

import io
import re
from functools import cache
from xml.sax.saxutils import quoteattr

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.presentation import Presentation as Prs
from pptx.shapes.placeholder import LayoutPlaceholder, MasterPlaceholder
from pptx.slide import SlideLayout, SlideMaster
from pptx.util import Inches, Length

from porfse.charts import Colour

LARGHEZZA, ALTEZZA = Inches(13.333), Inches(7.5)
MARGINE = Inches(0.5)
PIENA = LARGHEZZA - 2 * MARGINE
SOPRA = Inches(1.35)  # where the body begins, below the title
CORPO = Inches(4.85)  # its height
FONTE_Y, FONTE_ALTA = Inches(6.25), Inches(0.7)
_PIEDE_Y, _PIEDE_ALTO = Inches(6.95), Inches(0.35)
_NUMERO = Inches(1)
# A file cannot name a second choice for its Latin font: what it says of it (sans serif, of variable
# width) makes a program that lacks it take Calibri, Arial or the like.
_FONT = 'typeface="Titillium Web" panose="00000500000000000000" pitchFamily="34" charset="0"'
_SCHEME = {
    "dk2": Colour.NIGHT,
    "accent1": Colour.BLUE,
    "accent2": Colour.TEAL,
    "accent3": Colour.OCHRE,
    "accent4": Colour.VIOLET,
    "accent5": Colour.AZURE,
    "accent6": Colour.RED,
}
_LAYOUTS = ("Title Slide", "Title Only")


def presentazione() -> Prs:
    """Return an empty presentation."""
    return Presentation(io.BytesIO(_base()))


@cache
def _base() -> bytes:
    prs = Presentation()
    prs.slide_width, prs.slide_height = LARGHEZZA, ALTEZZA
    (size,) = prs.element.xpath("./p:sldSz")
    size.attrib.pop("type", None)  # it said 4:3
    for layout in list(prs.slide_layouts):
        if layout.name not in _LAYOUTS:
            prs.slide_layouts.remove(layout)
    _drop_leftovers(prs)
    _theme(prs.slide_master)
    _master(prs.slide_master)
    for layout in prs.slide_layouts:
        _layout(layout)
    for root in (prs.element, prs.slide_master.element, *(x.element for x in prs.slide_layouts)):
        for tagged in root.iter():
            if tagged.get("lang"):
                tagged.set("lang", "it-IT")
        for pale in root.xpath(".//a:tint"):  # too pale to be read by all
            pale.getparent().remove(pale)
    buffer = io.BytesIO()
    prs.save(buffer)
    return buffer.getvalue()


def _drop_leftovers(prs: Prs) -> None:
    """Drop the picture and the printer of whoever made the empty presentation."""
    package = prs.part.package
    thumbnail = package.part_related_by(RELATIONSHIP_TYPE.THUMBNAIL)
    package.drop_rel(package.relate_to(thumbnail, RELATIONSHIP_TYPE.THUMBNAIL))
    printer = prs.part.part_related_by(RELATIONSHIP_TYPE.PRINTER_SETTINGS)
    prs.part.drop_rel(prs.part.relate_to(printer, RELATIONSHIP_TYPE.PRINTER_SETTINGS))


def _theme(master: SlideMaster) -> None:
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    text = theme.blob.decode()
    text = text.replace('<a:latin typeface="Calibri"/>', f"<a:latin {_FONT}/>")
    text = text.replace("Office Theme", "POR FSE")
    for name, colour in _SCHEME.items():
        value = colour.removeprefix("#").upper()
        text = re.sub(rf'(<a:{name}><a:srgbClr val=)"\w+"', rf"\1{quoteattr(value)}", text)
    theme.blob = text.encode()


def _master(master: SlideMaster) -> None:
    for shape in list(master.placeholders):
        match shape.placeholder_format.type.name:
            case "TITLE":
                _place(shape, MARGINE, Inches(0.4), PIENA, Inches(0.85))
                shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
            case "BODY":
                _place(shape, MARGINE, SOPRA, PIENA, CORPO)
            case "FOOTER":
                _place(shape, MARGINE, _PIEDE_Y, PIENA - _NUMERO, _PIEDE_ALTO)
                shape.element.xpath(".//a:lstStyle/a:lvl1pPr")[0].set("algn", "l")
            case "SLIDE_NUMBER":
                _place(shape, LARGHEZZA - MARGINE - _NUMERO, _PIEDE_Y, _NUMERO, _PIEDE_ALTO)
            case _:  # the date: it would be that of whoever opens the file
                shape.element.getparent().remove(shape.element)
    style = ".//p:titleStyle/a:lvl1pPr"
    master.element.xpath(style)[0].set("algn", "l")
    (look,) = master.element.xpath(f"{style}/a:defRPr")
    look.set("sz", "2600")
    look.set("b", "1")
    for colour in master.element.xpath(f"{style}/a:defRPr//a:schemeClr"):
        colour.set("val", "tx2")


def _layout(layout: SlideLayout) -> None:
    for shape in list(layout.placeholders):
        match shape.placeholder_format.type.name:
            case "CENTER_TITLE":
                _place(shape, Inches(1), Inches(1.6), LARGHEZZA - Inches(2), Inches(1.7))
                shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
            case "SUBTITLE":
                _place(shape, Inches(1), Inches(3.45), LARGHEZZA - Inches(2), Inches(3.4))
                for level in shape.element.xpath(".//a:lstStyle/*"):
                    level.set("algn", "l")
            case "DATE":
                shape.element.getparent().remove(shape.element)


def _place(shape: MasterPlaceholder | LayoutPlaceholder, *box: Length) -> None:
    shape.left, shape.top, shape.width, shape.height = box
