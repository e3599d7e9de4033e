"""A document as PDF/UA-1: tagged, with its typeface, the same bytes from the same document."""

from reports.builders.pdf.compilatore import compila
from reports.builders.pdf.contenuto import contenuto
from reports.documento import Documento, Frontespizio


def build(documento: Documento, frontespizio: Frontespizio) -> bytes:
    """Return the PDF.

    Raises:
        typst.TypstError: the template is wrong; no document is a reason.
        ValueError: a chart mixes measures, or the numbers of a row are wider than a page.
    """
    return compila(contenuto(documento, frontespizio), documento.al)
