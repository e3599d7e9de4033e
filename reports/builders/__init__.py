"""From a document to its files: pure functions, byte for byte the same from the same document."""

from collections.abc import Callable, Mapping

from reports.builders import csv_json, pdf, pptx, xlsx
from reports.documento import Documento, File, Frontespizio

Builder = Callable[[Documento, Frontespizio], bytes]

# Format: the ending of its file, and who makes it.
BUILDERS: Mapping[str, tuple[str, Builder]] = {
    "pdf": ("pdf", pdf.build),
    "xlsx": ("xlsx", xlsx.build),
    "csv": ("csv.zip", csv_json.build_csv),
    "json": ("json", csv_json.build_json),
    "pptx": ("pptx", pptx.build),
}


def build(formato: str, documento: Documento, frontespizio: Frontespizio) -> File:
    """Make one file of a document.

    Args:
        formato: among the keys of BUILDERS.
    """
    ending, builder = BUILDERS[formato]
    return File(formato, f"{documento.nome_file}.{ending}", builder(documento, frontespizio))
