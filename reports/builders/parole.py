"""What the files of numbers say alike: the lines of the front, values, notes, names."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from porfse.periods import italian, moment
from reports.documento import (
    SUPPRESSED,
    Avviso,
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Frontespizio,
    Indicatore,
    Stato,
    Tabella,
    Valore,
)

ENTE = "Regione Lombardia – POR FSE 2014-2020"
ESEMPIO = "DATI DI ESEMPIO"
ANCHE_ESEMPIO = f"CONTIENE {ESEMPIO}"
_ESEMPI = {
    ESEMPIO: "I dati di questo report non sono reali.",
    ANCHE_ESEMPIO: "Contiene anche dati di esempio: le tabelle che li riportano lo dicono.",
}
DI_ESEMPIO = "esempio"  # the note of a value
STATI = {
    Stato.ESTRATTO: "Estratto dei dati: non è un report registrato",
    Stato.BOZZA: "BOZZA: non ancora pubblicata",
    Stato.CONSOLIDATO: "Consolidato",
}
VUOTA = "Una cella vuota è un dato non noto, che non è zero."
NASCOSTO = (
    "valore non mostrato, perché riguarda poche persone o unità produttive, o perché permetterebbe"
    " di calcolarne uno."
)
SOPPRESSA = f"{SUPPRESSED} {NASCOSTO}"


def fronte(documento: Documento, frontespizio: Frontespizio) -> Iterator[tuple[str, str]]:
    """Yield what stands on the front below the title: label and words."""
    yield "Periodo", documento.periodo_nome
    yield "Data di riferimento", italian(documento.al)
    yield "Ambito", documento.ambito
    yield "Stato", STATI[frontespizio.stato]
    if documento.esempio:
        yield "Dati", esempi(documento)
    if frontespizio.numero:
        yield "Numero", frontespizio.numero
    if frontespizio.numero or frontespizio.edizione > 1:
        yield "Edizione", str(frontespizio.edizione)
    if frontespizio.pubblicato_il is not None:
        by = f" da {frontespizio.pubblicato_da}" if frontespizio.pubblicato_da else ""
        yield "Pubblicato", f"{moment(frontespizio.pubblicato_il)}{by}"
    if frontespizio.rettifica:
        yield "Rettifica", f"sostituisce il report n. {frontespizio.rettifica}"
    if frontespizio.errata:
        yield "Nota di rettifica", frontespizio.errata
    if frontespizio.decisione:
        if frontespizio.avvisi:
            yield "Segnalazioni", _codici(frontespizio.avvisi)
        yield "Decisione", frontespizio.decisione


def marchio(documento: Documento) -> str:
    """Return what every page says of the data: nothing, that they are examples, or some of them."""
    if not documento.esempio:
        return ""
    every = all(table.esempio for table in documento.tabelle if table.righe)
    return ESEMPIO if every else ANCHE_ESEMPIO


def esempi(documento: Documento) -> str:
    """Return the same in a sentence, for the front."""
    return _ESEMPI.get(marchio(documento), "")


def _codici(avvisi: Iterable[Avviso]) -> str:
    """Return `R111 (4), W201`: the codes, each once, with how often it was found."""
    found = Counter(avviso.codice for avviso in avvisi)
    return ", ".join(code if times == 1 else f"{code} ({times})" for code, times in found.items())


def avvisi(frontespizio: Frontespizio) -> tuple[Avviso, ...]:
    """Return what the front of a draft warns of; a published one says what was decided of it."""
    return frontespizio.avvisi if frontespizio.stato is Stato.BOZZA else ()


def sigla(documento: Documento, frontespizio: Frontespizio) -> str:
    """Return the line that stands on every page: period, place, number or state, examples."""
    state = {Stato.BOZZA: "BOZZA", Stato.ESTRATTO: "estratto"}.get(frontespizio.stato, "")
    number = f"n. {frontespizio.numero}" if frontespizio.numero else state
    parts = (documento.periodo_nome, documento.ambito, number, marchio(documento))
    return " · ".join(part for part in parts if part)


def intestazione(colonna: Colonna) -> str:
    """Return the header of a column where there is one line for it."""
    return f"{colonna.gruppo} – {colonna.titolo}" if colonna.gruppo else colonna.titolo


def indicatori(capitolo: Capitolo) -> tuple[Indicatore, ...]:
    """Return the figures of a chapter; one that is an example says so in its note."""
    return tuple(
        replace(voce, cella=_di_esempio(voce.cella)) if voce.esempio else voce
        for voce in capitolo.indicatori
    )


def _di_esempio(cella: Cella) -> Cella:
    notes = [text for text in cella.nota.split(", ") if text]
    return cella if DI_ESEMPIO in notes else replace(cella, nota=", ".join([*notes, DI_ESEMPIO]))


def valore(cella: Cella) -> Valore:
    """Return what a file of numbers holds of a cell: the number itself, wherever it is known.

    A value that its source prints as a blank is a blank here too.
    """
    if cella.soppressa:
        return SUPPRESSED
    if cella.stampato is not None and (cella.valore is None or not cella.stampato):
        return cella.stampato or None
    return cella.valore


def note_sotto(tabella: Tabella) -> tuple[str, ...]:
    """Return what stands below a table: its notes, and why cells are hidden if none says it."""
    hidden = any(cella.soppressa for riga in tabella.righe for cella in riga.celle)
    told = any(text.startswith(SUPPRESSED) for text in tabella.note)
    return (*tabella.note, SOPPRESSA) if hidden and not told else tabella.note


def annotazioni(tabella: Tabella) -> tuple[str, ...]:
    """Return the notes of the cells, one text for each row; nothing if no cell has any.

    A note says of which columns it is, unless it is of every known value of the row.
    """
    texts = tuple(_of_row(tabella.colonne, riga.celle) for riga in tabella.righe)
    return texts if any(texts) else ()


def _of_row(colonne: tuple[Colonna, ...], celle: tuple[Cella, ...]) -> str:
    found: dict[str, list[Colonna]] = {}
    known = []
    for colonna, cella in zip(colonne, celle, strict=True):
        if colonna.forma.numerica and cella.valore is not None and not cella.soppressa:
            known.append(colonna)
        for text in note(cella, colonna.forma):
            found.setdefault(text, []).append(colonna)
    return "; ".join(
        text if columns == known else f"{text} ({', '.join(map(intestazione, columns))})"
        for text, columns in found.items()
    )


def note(cella: Cella, forma: Forma) -> Iterator[str]:
    """Yield what must be said of a cell; nothing of one that is hidden."""
    if cella.soppressa:
        return
    if cella.nota:
        yield cella.nota
    if cella.stampato is not None and cella.valore is not None:
        printed = f"«{cella.stampato}»" if cella.stampato else "in bianco"
        yield f"nella fonte {printed}, valore {forma.show(cella.valore)}"


class Nomi:
    """Names that are told apart whatever the case of their letters."""

    def __init__(self, *taken: str) -> None:
        self._taken = {name.casefold() for name in taken}

    def nuovo(self, wanted: str) -> str:
        """Return a name that was not given yet: the wanted one, or with underscores after it."""
        name = wanted
        while name.casefold() in self._taken:
            name += "_"
        self._taken.add(name.casefold())
        return name
