"""The marks that a document uses, explained at its end."""

from collections.abc import Iterator

from reports.builders import parole
from reports.documento import NOT_KNOWN, SUPPRESSED, Cella, Documento, Forma

_DERIVATA = "derivata"
SPIEGAZIONI = {
    NOT_KNOWN: "dato non noto, che non è zero; la ragione, se è nota, è sotto il dato.",
    _DERIVATA: "cifra calcolata da altre pubblicate, non pubblicata come tale.",
    parole.DI_ESEMPIO: "dato di esempio, che mostra il funzionamento del sistema e non la realtà.",
    SUPPRESSED: parole.NASCOSTO,
}


def segni(documento: Documento) -> list[tuple[str, str]]:
    """Return each mark that stands somewhere in a document, with its explanation."""
    used: set[str] = set()
    for cella, forma in _celle(documento):
        if cella.soppressa:
            used.add(SUPPRESSED)
            continue
        if cella.stampato is None and cella.valore is None and forma is not Forma.TESTO:
            used.add(NOT_KNOWN)
        used |= {mark for mark in (_DERIVATA, parole.DI_ESEMPIO) if mark in cella.nota.split(", ")}
    return [(mark, words) for mark, words in SPIEGAZIONI.items() if mark in used]


def _celle(documento: Documento) -> Iterator[tuple[Cella, Forma]]:
    for chapter in documento.capitoli:
        for item in parole.indicatori(chapter):
            yield item.cella, item.forma
        for table in chapter.tabelle:
            for riga in table.righe:
                for cella, colonna in zip(riga.celle, table.colonne, strict=True):
                    yield cella, colonna.forma
