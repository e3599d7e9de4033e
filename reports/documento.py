"""A report as data: chapters of words, figures and tables, frozen.

Every file of a report is made from a `Documento` and its `Frontespizio`, and from nothing else: no
database, no clock. Amounts are `Decimal`, exact; where they are shown decides how to round them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from porfse import money
from porfse.charts import Colour
from porfse.periods import italian

NOT_KNOWN = "n.d."
SUPPRESSED = "*"  # explained below the table: the cell is hidden, not blank
Valore = Decimal | int | str | date | None


class Forma(StrEnum):
    """How the values of a column are shown and written."""

    TESTO = "testo"
    NUMERO = "numero"  # counts: people, sites, applications
    EURO = "euro"
    ORE = "ore"
    PERCENTO = "percento"  # 12.5 is 12,5%
    PUNTI = "punti"
    DATA = "data"

    @property
    def numerica(self) -> bool:
        return self not in (Forma.TESTO, Forma.DATA)

    @property
    def decimali(self) -> int:
        """How many decimals a file of numbers shows."""
        return {Forma.NUMERO: 0, Forma.PERCENTO: 1, Forma.PUNTI: 1}.get(self, 2)

    def show(self, valore: Valore) -> str:
        """Return a value as people read it, in Italian; a blank is `n.d.` for a number."""
        match valore:
            case None:
                return NOT_KNOWN if self is not Forma.TESTO else ""
            case date():
                return italian(valore)
            case str():
                return valore
        number = Decimal(valore)
        match self:
            case Forma.EURO:
                return money.euro(number)
            case Forma.PERCENTO:
                return money.percento(number)
            case Forma.PUNTI:
                return f"{money.number(number, 1)}\u00a0punti"
            case _:
                return money.number(number, self.decimali)


@dataclass(frozen=True)
class Cella:
    """A value, and what must be said of it.

    Attributes:
        valore: None is not known, which is not zero.
        nota: beside the value: `derivata`, `esempio`; or why it is not known.
        soppressa: there is a value, but it would tell of few people: it is None here.
        cifra: the expression of the figure (`porfse.figures`), so that it can explain itself.
        stampato: what is shown in place of the value: what its source prints, or why it has none.
        dichiaranti: how many sites tell the value, if it is known; no file shows it, nor is it
            kept where the value is hidden.
    """

    valore: Valore = None
    nota: str = ""
    soppressa: bool = False
    cifra: str = ""
    stampato: str | None = None
    dichiaranti: int | None = None

    def show(self, forma: Forma) -> str:
        """Return the cell as people read it, its note in brackets."""
        if self.soppressa:
            return SUPPRESSED
        text = forma.show(self.valore) if self.stampato is None else self.stampato
        return f"{text} ({self.nota})" if self.nota else text


# There is no such amount, nor could there be: not zero, and not something that is not known.
TRATTINO = Cella(stampato="—")


@dataclass(frozen=True)
class Colonna:
    """A column: its key, unique in its table, its words, and the header above several columns.

    Attributes:
        somma: its totals are the sums of the other rows, and are checked to be.
    """

    chiave: str
    titolo: str
    forma: Forma = Forma.TESTO
    gruppo: str = ""
    somma: bool = False


@dataclass(frozen=True)
class Riga:
    """A row; `chiave` tells it from the others of the table, now and in a later edition."""

    chiave: str
    celle: tuple[Cella, ...]
    totale: bool = False


@dataclass(frozen=True)
class Serie:
    """A column drawn in a chart, in the colour that its quantity has everywhere."""

    colonna: str
    colore: Colour


@dataclass(frozen=True)
class Grafico:
    """A chart of a table: its rows without totals, named by the column `categoria`."""

    class Tipo(StrEnum):
        BARRE = "barre"  # groups side by side
        SDRAIATE = "sdraiate"  # lying, one below the other: for many or long names
        LINEE = "linee"

    titolo: str
    categoria: str
    serie: tuple[Serie, ...]
    tipo: Tipo = Tipo.BARRE


@dataclass(frozen=True)
class Tabella:
    """A table, with its source.

    Attributes:
        nome: of its sheet, ranges and file: at most 24 of `a-z0-9_`, unique in the document.
        fonte: where the data come from, in words; every table says it.
        note: below the table.
        vuota: what is said in place of the rows if there are none.
        esempio: its data are examples; shown with the title, not again in its cells.
    """

    nome: str
    titolo: str
    colonne: tuple[Colonna, ...]
    righe: tuple[Riga, ...]
    fonte: str
    note: tuple[str, ...] = ()
    grafico: Grafico | None = None
    vuota: str = "Nessun dato nel periodo."
    esempio: bool = False

    def posizione(self, chiave: str) -> int:
        """Return the place of a column."""
        return [colonna.chiave for colonna in self.colonne].index(chiave)


@dataclass(frozen=True)
class Indicatore:
    """A figure that stands alone, large, with its words; `dettaglio` is a line below it.

    Attributes:
        esempio: it is made of example data; shown with its words.
    """

    nome: str
    etichetta: str
    cella: Cella
    forma: Forma
    dettaglio: str = ""
    colore: Colour = Colour.BLUE
    esempio: bool = False


@dataclass(frozen=True)
class Capitolo:
    """A chapter: paragraphs first, then figures, then tables."""

    titolo: str
    testi: tuple[str, ...] = ()
    indicatori: tuple[Indicatore, ...] = ()
    tabelle: tuple[Tabella, ...] = ()


@dataclass(frozen=True)
class Documento:
    """A whole report, without number and state.

    Attributes:
        periodo: as `Parametri` writes it: `2025-B5`, `2021-09-30`.
        periodo_nome: the same in words.
        al: the last day of the data; it dates the files too, so that they repeat byte for byte.
        provincia: the sigla of a provincial report; empty is the Region.
        fonti: the documents and flows that the data come from, each once.
        avvertenze: what must be known to read it, e.g. a perimetro that changes.
        esempio: it holds example data, which every page says.
        pubblico: small cells are hidden in it.
    """

    slug: str
    titolo: str
    periodo: str
    periodo_nome: str
    al: date
    capitoli: tuple[Capitolo, ...]
    provincia: str = ""
    provincia_nome: str = ""
    fonti: tuple[str, ...] = ()
    avvertenze: tuple[str, ...] = ()
    esempio: bool = False
    pubblico: bool = False

    @property
    def nome_file(self) -> str:
        """The name of its files, without ending: `cigs-bimestrale_2025-B5_BG`."""
        place = f"_{self.provincia}" if self.provincia else ""
        return f"{self.slug}_{self.periodo}{place}{'_ESEMPIO' if self.esempio else ''}"

    @property
    def ambito(self) -> str:
        return self.provincia_nome or "Regione Lombardia"

    @property
    def vuoto(self) -> bool:
        """Whether there is nothing at all to tell: no row and no figure that is known."""
        figures = any(
            item.cella.valore is not None
            for chapter in self.capitoli
            for item in chapter.indicatori
        )
        return not figures and not any(table.righe for table in self.tabelle)

    @property
    def tabelle(self) -> Iterator[Tabella]:
        for chapter in self.capitoli:
            yield from chapter.tabelle


class Stato(StrEnum):
    """What a file says that it is."""

    ESTRATTO = "estratto"  # made by the command, never registered
    BOZZA = "bozza"
    CONSOLIDATO = "consolidato"


@dataclass(frozen=True)
class Avviso:
    """Something to be known before publishing: code, how grave, where, in words."""

    codice: str
    gravita: str
    testo: str
    dove: str = ""


@dataclass(frozen=True)
class Frontespizio:
    """What the front says of a file, beside its content.

    Attributes:
        numero: `12/2026`; empty until it is published.
        edizione: 1, or more for one that corrects another.
        pubblicato_il, pubblicato_da: empty until it is published.
        rettifica: the number of the edition that this one replaces.
        errata: what was wrong in it.
        avvisi: what a check found; on the front of a draft, and kept with what is published.
        decisione: why it was published in spite of them.
    """

    stato: Stato = Stato.ESTRATTO
    numero: str = ""
    edizione: int = 1
    pubblicato_il: datetime | None = None
    pubblicato_da: str = ""
    rettifica: str = ""
    errata: str = ""
    avvisi: tuple[Avviso, ...] = ()
    decisione: str = ""


@dataclass(frozen=True)
class File:
    """A finished file."""

    formato: str
    nome: str
    contenuto: bytes = field(repr=False)
