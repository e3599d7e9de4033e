"""From a document to what its template reads: words, widths and drawings, nothing to decide."""

import re
from collections.abc import Sequence
from typing import Any

from reports.builders import parole
from reports.builders.pdf.segni import segni
from reports.builders.pdf.tabelle import scritto, tabella
from reports.documento import Capitolo, Documento, Frontespizio, Indicatore, Stato

Content = dict[str, Any]
# The longer the words of a figure, the smaller its letters: up to so many characters, points.
_CORPI = ((18, 15), (30, 11))
_CORPO_MINIMO = 9
_INTRODUZIONE = 600  # characters of a text that stay with what follows
_ACCAPO = re.compile(r"[\r\n\u2028\u2029]+")


def contenuto(documento: Documento, frontespizio: Frontespizio) -> Content:
    """Return what `documento.typ` reads: dictionaries, lists, texts and whole numbers."""
    return {
        "ente": parole.ENTE,
        "titolo": documento.titolo,
        "periodo": documento.periodo_nome,
        "ambito": documento.ambito,
        "sigla": parole.sigla(documento, frontespizio),
        "esempio": parole.marchio(documento),
        "stato": _stato(frontespizio),
        "fronte": [list(pair) for pair in parole.fronte(documento, frontespizio)],
        "avvisi": [
            [avviso.codice, avviso.gravita, avviso.testo, avviso.dove]
            for avviso in parole.avvisi(frontespizio)
        ],
        "bozza": frontespizio.stato is Stato.BOZZA,
        "vuoto": documento.vuoto,
        "sezioni": _sezioni(documento),
        "fonti": list(documento.fonti),
        "avvertenze": list(documento.avvertenze),
        "segni": [list(pair) for pair in segni(documento)],
    }


def _stato(frontespizio: Frontespizio) -> str:
    number = f" n. {frontespizio.numero}" if frontespizio.numero else ""
    return f"{frontespizio.stato.value.upper()}{number}"


def _sezioni(documento: Documento) -> list[Content]:
    """Runs of chapters whose pages lie, or do not."""
    sections: list[Content] = []
    waiting: list[Content] = []  # of chapters without rows: they stand where the next one does
    for chapter in documento.capitoli:
        lies, blocks = _blocchi(chapter)
        waiting += blocks
        if lies is None:
            continue
        if not sections or sections[-1]["sdraiata"] != lies:
            sections.append({"sdraiata": lies, "blocchi": []})
        sections[-1]["blocchi"] += waiting
        waiting = []
    if waiting and not sections:
        sections.append({"sdraiata": False, "blocchi": []})
    if waiting:
        sections[-1]["blocchi"] += waiting
    return sections


def _blocchi(capitolo: Capitolo) -> tuple[bool | None, list[Content]]:
    """The blocks of a chapter; and whether its pages lie, as they do if a table asks for it."""
    blocks: list[Content] = [{"tipo": "capitolo", "titolo": capitolo.titolo}]
    paragraphs = [line for text in capitolo.testi for line in _ACCAPO.split(text) if line.strip()]
    if paragraphs:
        bound = _legati(paragraphs) if capitolo.tabelle else 0
        blocks.append({"tipo": "testi", "testi": paragraphs, "legati": bound})
    if capitolo.indicatori:
        figures = [_indicatore(item) for item in parole.indicatori(capitolo)]
        blocks.append({"tipo": "indicatori", "voci": figures, "legati": bool(capitolo.tabelle)})
    tables = [tabella(item) for item in capitolo.tabelle]
    lies = any(table["sdraiata"] for table in tables)
    if lies:
        tables = [
            made if made["sdraiata"] else tabella(item, sdraiata=True)
            for item, made in zip(capitolo.tabelle, tables, strict=True)
        ]
    some = any(item.righe for item in capitolo.tabelle)
    return lies if some else None, [*blocks, *tables]


def _legati(paragraphs: Sequence[str]) -> int:
    """How many of the last paragraphs stay on the page of the table that they introduce."""
    count = length = 0
    while count < len(paragraphs) and length < _INTRODUZIONE:
        count += 1
        length += len(paragraphs[-count])
    return count


def _indicatore(voce: Indicatore) -> Content:
    written = scritto(voce.cella, voce.forma)
    return {
        "etichetta": voce.etichetta,
        "valore": written,
        "corpo": next((size for most, size in _CORPI if len(written) <= most), _CORPO_MINIMO),
        "nota": "" if voce.cella.soppressa else voce.cella.nota,
        "dettaglio": voce.dettaglio,
        "colore": voce.colore.value,
    }
