"""A report as slides: title, large figures, native tables and charts, words, sources."""

import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from pptx.presentation import Presentation

from porfse.charts import Colour
from reports.builders import parole
from reports.builders.archive import repack
from reports.builders.pptx.base import presentazione
from reports.builders.pptx.diapositive import (
    FONTE,
    TITOLO,
    Diapositiva,
    aggiungi,
    di_cifre,
    di_testo,
    piede,
)
from reports.builders.pptx.disegni import di_grafico
from reports.builders.pptx.importi import in_milioni
from reports.builders.pptx.riquadri import di_riquadri
from reports.builders.pptx.tabelle import di_tabella
from reports.builders.pptx.testi import Stile, breve, scrivi
from reports.documento import Capitolo, Documento, Frontespizio, Tabella

_TITLE_SLIDE = 0
_PROPERTY = 250  # a property holds 255 characters
_ON_THE_FRONT = (
    *("Periodo", "Ambito", "Stato", "Dati", "Numero", "Edizione", "Pubblicato", "Rettifica"),
)
_ON_THEIR_OWN = ("Nota di rettifica", "Decisione")  # too long for the front


def build(documento: Documento, frontespizio: Frontespizio) -> bytes:
    """Return the slides of a document."""
    prs = presentazione()
    _properties(prs, documento, frontespizio)
    line = parole.sigla(documento, frontespizio)
    _front(prs, documento, frontespizio, line)
    aggiungi(prs, list(_slides(documento, frontespizio)), line)
    buffer = io.BytesIO()
    prs.save(buffer)
    return repack(buffer.getvalue(), documento.al)


def _properties(prs: Presentation, documento: Documento, frontespizio: Frontespizio) -> None:
    core = prs.core_properties
    core.title = breve(f"{documento.titolo} – {documento.periodo_nome}", _PROPERTY)
    core.subject = breve(documento.ambito, _PROPERTY)
    core.author = core.last_modified_by = parole.ENTE
    core.content_status = parole.STATI[frontespizio.stato]
    core.category = parole.marchio(documento)
    core.keywords = core.comments = ""
    core.language = "it-IT"
    core.revision = 1
    core.created = core.modified = datetime.combine(documento.al, time())


def _front(prs: Presentation, documento: Documento, frontespizio: Frontespizio, line: str) -> None:
    slide = prs.slides.add_slide(prs.slide_layouts[_TITLE_SLIDE])
    slide.shapes.title.text_frame.text = breve(documento.titolo, TITOLO)
    lines = [
        (f"{label}: {breve(words, 120)}", Stile(16, Colour.NIGHT))
        for label, words in parole.fronte(documento, frontespizio)
        if label in _ON_THE_FRONT
    ]
    if documento.esempio:
        lines.insert(0, (parole.marchio(documento), Stile(20, Colour.RED, grassetto=True)))
    lines.append((parole.ENTE, Stile(14, Colour.GREY)))
    scrivi(slide.placeholders[1].text_frame, lines)
    piede(slide, line)


def _slides(documento: Documento, frontespizio: Frontespizio) -> Iterator[Diapositiva]:
    example = parole.marchio(documento) == parole.ESEMPIO
    warnings = [
        f"{item.gravita} {item.codice}: {item.testo}" for item in parole.avvisi(frontespizio)
    ]
    yield from di_testo("Segnalazioni sulla bozza", warnings, "", esempio=example)
    reasons = [
        f"{label}: {words}"
        for label, words in parole.fronte(documento, frontespizio)
        if label in _ON_THEIR_OWN
    ]
    yield from di_testo("Sulla pubblicazione", reasons, "", esempio=example)
    if documento.vuoto:
        words = ["Nessun dato nel periodo."]
        yield from di_testo("Nessun dato", words, _sources(documento.fonti), esempio=example)
    for chapter in documento.capitoli:
        yield from _chapter(chapter, documento, esempio=example)
    closing = [*(f"Fonte: {text}" for text in documento.fonti), *documento.avvertenze]
    yield from di_testo("Fonti e avvertenze", closing, "", esempio=example)


def _chapter(chapter: Capitolo, documento: Documento, *, esempio: bool) -> Iterator[Diapositiva]:
    known = dict.fromkeys(table.fonte for table in chapter.tabelle) or documento.fonti
    sources = _sources(known)
    yield from di_cifre(chapter.titolo, parole.indicatori(chapter), sources)
    yield from di_testo(chapter.titolo, chapter.testi, sources, esempio=esempio)
    for table in chapter.tabelle:
        yield from _tables(table, documento.al)


def _sources(texts: Iterable[str]) -> str:
    words = "; ".join(texts)
    return f"Fonti: {words}" if words else ""


def _tables(table: Tabella, al: date) -> Iterator[Diapositiva]:
    """Yield chart, table or boxes and, where they do not stand below it, its notes."""
    example, shown = table.esempio, in_milioni(table)
    notes = parole.note_sotto(table)
    source = f"Fonte: {table.fonte}"
    whole = " ".join(f"{text.rstrip('.')}." for text in (source, *notes))
    room = len(whole) <= FONTE
    below = whole if room else source
    yield from di_grafico(table, source, al, esempio=example)
    boxes = list(di_riquadri(shown, below, esempio=example))
    yield from boxes or di_tabella(shown, below, esempio=example)
    if not room:
        yield from di_testo(f"Note: {table.titolo}", notes, source, esempio=example)
