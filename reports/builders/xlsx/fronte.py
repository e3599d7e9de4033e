"""The first sheet: what the report is, its figures, its sources, its words, and its sheets."""

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from reports.builders import parole
from reports.builders.xlsx.fogli import Foglio
from reports.builders.xlsx.stili import A4, Stili, altezza, contenuto, scrivi_largo, scrivi_valore
from reports.documento import Avviso, Documento, Frontespizio, Indicatore

_WIDTHS = (30, 60, 60)
_COME_LEGGERE = (
    parole.VUOTA,
    parole.SOPPRESSA,
    "Le percentuali sono scritte come si leggono: 12,5 è 12,5%.",
    "Intervalli con nome: «tabella» per intestazione e righe, «tabella_colonna» per una colonna.",
    "Gli intervalli e i filtri lasciano fuori i totali in fondo alla tabella.",
)


def scrivi_fronte(
    sheet: Worksheet,
    documento: Documento,
    frontespizio: Frontespizio,
    fogli: Sequence[Foglio],
    stili: Stili,
) -> None:
    """Write the front sheet."""
    front = _Fronte(sheet, stili)
    front.titolo(documento.titolo)
    for label, words in parole.fronte(documento, frontespizio):
        front.coppia(label, words, in_evidenza=words == parole.esempi(documento))
    if documento.vuoto:
        front.coppia("Dati", "Nessun dato nel periodo.")
    front.avvisi(parole.avvisi(frontespizio))
    figures = [item for chapter in documento.capitoli for item in parole.indicatori(chapter)]
    front.indicatori(figures)
    front.elenco("Fonti", documento.fonti)
    front.elenco("Avvertenze", documento.avvertenze)
    front.fogli(fogli)
    for chapter in documento.capitoli:
        if chapter.testi:
            front.elenco(chapter.titolo, chapter.testi)
    front.elenco("Come leggere i fogli", _COME_LEGGERE)
    _page(sheet)


def _page(sheet: Worksheet) -> None:
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    sheet.set_footer("&RPagina &P di &N")


class _Fronte:
    """The sheet, and the line that is written next."""

    def __init__(self, sheet: Worksheet, stili: Stili) -> None:
        self._sheet = sheet
        self._stili = stili
        self._row = 0

    def titolo(self, text: str) -> None:
        self._sheet.write_string(0, 0, contenuto(text), self._stili.titolo)
        self._row = 1

    def coppia(self, label: str, words: str, *, in_evidenza: bool = False) -> None:
        look = self._stili.esempio if in_evidenza else self._stili.testo
        self._sheet.write_string(self._row, 1, contenuto(words), look)
        self._close(label, words)

    def elenco(self, title: str, texts: Sequence[str]) -> None:
        """Write a section of paragraphs."""
        if texts:
            self._section(title)
        for text in texts:
            scrivi_largo(self._sheet, self._row, (0, len(_WIDTHS) - 1), text, self._stili.testo)
            self._sheet.set_row(self._row, altezza([text], [sum(_WIDTHS)]))
            self._row += 1

    def avvisi(self, avvisi: Sequence[Avviso]) -> None:
        if avvisi:
            self._section("Segnalazioni da valutare prima della pubblicazione")
        for item in avvisi:
            self._sheet.write_string(self._row, 1, contenuto(item.testo), self._stili.testo)
            self._close(f"{item.gravita} {item.codice}", item.testo, item.dove)

    def indicatori(self, indicatori: Sequence[Indicatore]) -> None:
        """Write the figures that stand alone, each with its number, its note and its words."""
        if indicatori:
            self._section("Indicatori")
        for item in indicatori:
            value = parole.valore(item.cella)
            notes = (*parole.note(item.cella, item.forma), item.dettaglio)
            scrivi_valore(self._sheet, self._row, 1, value, self._stili.sinistra[item.forma])
            self._close(item.etichetta, str(value), ", ".join(filter(None, notes)))

    def fogli(self, fogli: Sequence[Foglio]) -> None:
        """Write the list of the sheets, with a link to each."""
        if fogli:
            self._section("Fogli")
        for foglio in fogli:
            self._sheet.write_string(self._row, 1, contenuto(foglio.titolo), self._stili.testo)
            address = f"internal:'{foglio.nome}'!A1"
            self._sheet.write_url(self._row, 0, address, self._stili.legame, foglio.nome)
            self._close("", foglio.titolo)

    def _section(self, title: str) -> None:
        self._row += 1
        for column in range(len(_WIDTHS)):
            self._sheet.write_blank(self._row, column, None, self._stili.sezione)
        self._sheet.write_string(self._row, 0, contenuto(title), self._stili.sezione)
        self._row += 1

    def _close(self, label: str, words: str, details: str = "") -> None:
        """Write what stands beside the words of a line, and make it as high as they need."""
        if label:
            self._sheet.write_string(self._row, 0, contenuto(label), self._stili.etichetta)
        if details:
            self._sheet.write_string(self._row, 2, contenuto(details), self._stili.testo)
        # The label is bold, which is wider.
        self._sheet.set_row(
            self._row, altezza([label, words, details], [_WIDTHS[0] - 4, *_WIDTHS[1:]])
        )
        self._row += 1
