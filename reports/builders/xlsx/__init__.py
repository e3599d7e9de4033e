"""A report as a workbook: a front sheet, then a sheet a table, to be filtered, pivoted and drawn.

Numbers and dates are native, percentages as they are printed (12.5 is 12,5%), names of ranges stand
for tables (`attuazione`: header and rows) and columns (`attuazione_impegni`: rows without totals).
"""

import io
from datetime import datetime, time

import xlsxwriter

from reports.builders.parole import ENTE, STATI, Nomi, marchio, sigla
from reports.builders.xlsx.disegni import Disegni
from reports.builders.xlsx.fogli import disponi
from reports.builders.xlsx.fronte import scrivi_fronte
from reports.builders.xlsx.scrittura import scrivi
from reports.builders.xlsx.stili import MAX_PROPERTY, Stili
from reports.documento import Documento, Frontespizio

FRONTE = "Report"
# Excel keeps the second one for itself.
_RESERVED = (FRONTE, "History")


def build(documento: Documento, frontespizio: Frontespizio) -> bytes:
    """Return the workbook of a document."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties(_properties(documento, frontespizio))
        stili = Stili(book)
        front = book.add_worksheet(FRONTE)
        sheets, ranges = Nomi(*_RESERVED), Nomi()
        placed = [disponi(table, sheets.nuovo(table.nome)) for table in documento.tabelle]
        line = sigla(documento, frontespizio)
        written = [scrivi(book, foglio, stili, line, ranges) for foglio in placed]
        charts = Disegni(book, stili)
        for foglio, sheet in zip(placed, written, strict=True):
            charts.disegna(foglio, sheet)
        scrivi_fronte(front, documento, frontespizio, placed, stili)
    return buffer.getvalue()


def _properties(documento: Documento, frontespizio: Frontespizio) -> dict[str, str | datetime]:
    words = {
        "title": f"{documento.titolo} – {documento.periodo_nome}",
        "subject": documento.ambito,
        "author": ENTE,
        "status": STATI[frontespizio.stato],
        "category": marchio(documento),
    }
    clipped = {name: text[:MAX_PROPERTY] for name, text in words.items()}
    return {**clipped, "created": datetime.combine(documento.al, time())}
