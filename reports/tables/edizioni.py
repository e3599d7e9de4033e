"""Tables of the editions: the archive, what one holds, what changed from one to the next."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote

import django_tables2 as tables
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from porfse import money
from porfse.administration.tables import MomentoColumn
from porfse.tables import LONG, NUMERIC, NumeroColumn, Tabella
from reports import documento as doc
from reports.builders import parole
from reports.differenze import Differenza
from reports.models import Edizione, FileEdizione

REGION = "Regione"
_SHORT = 12  # characters of a digest in a list
_MOST = 6  # decimals of a difference; its export has them all
_CODE = {"td": {"class": "lungo"}}
_SUFFIX = {doc.Forma.EURO: "\u00a0€", doc.Forma.PERCENTO: "\u00a0punti"}


class ArchivioTable(Tabella):
    """Editions of all reports; `sostituita` says which are corrected by a later one."""

    caption = "Edizioni dei report"
    empty = "Nessuna edizione corrisponde alla ricerca."
    report = tables.Column(verbose_name="Report", order_by=("report", "-al", "pk"), attrs=LONG)
    al = tables.Column(verbose_name="Periodo", order_by=("al", "pk"))
    provincia = tables.Column(
        verbose_name="Territorio", empty_values=(), order_by=("provincia__nome", "pk")
    )
    edizione = NumeroColumn(verbose_name="Edizione", order_by=("edizione", "pk"))
    stato = tables.Column(verbose_name="Stato", order_by=("stato", "pk"), attrs=LONG)
    numero_completo = tables.Column(
        verbose_name="Numero", default="—", order_by=("anno", "numero", "pk")
    )
    pubblicata_il = MomentoColumn(
        verbose_name="Pubblicato il", default="—", order_by=("pubblicata_il", "pk")
    )
    pubblicata_da = tables.Column(verbose_name="Da", default="—", orderable=False)
    contenuto_sha256 = tables.Column(verbose_name="SHA-256", default="—", orderable=False)

    def render_report(self, record: Edizione) -> SafeString:
        return format_html(
            '<a href="{}">{}<span class="visually-hidden">, {}, {}</span></a>',
            record.get_absolute_url(),
            record.dichiarazione.titolo,
            record.periodo_nome,
            record.provincia or REGION,
        )

    def value_report(self, record: Edizione) -> str:
        return record.dichiarazione.titolo

    def render_al(self, record: Edizione) -> str:
        return record.periodo_nome

    def value_al(self, record: Edizione) -> str:
        return record.periodo

    def render_provincia(self, record: Edizione) -> str:
        return str(record.provincia or REGION)

    def render_stato(self, record: Edizione) -> SafeString:
        mark = format_html(' <span class="badge bg-secondary">{}</span>', "esempio")
        return format_html("{}{}", _state(record), mark if record.esempio else "")

    def value_stato(self, record: Edizione) -> str:
        return f"{_state(record)} (esempio)" if record.esempio else _state(record)

    def render_contenuto_sha256(self, value: str) -> SafeString:
        return format_html("<code>{}…</code>", value[:_SHORT])

    def value_contenuto_sha256(self, value: str) -> str:
        return value


def _state(edizione: Edizione) -> str:
    words = edizione.get_stato_display()
    return f"{words}, sostituito" if getattr(edizione, "sostituita", False) else words


class AvvisiTable(Tabella):
    """What the checks found, the gravest first."""

    caption = "Segnalazioni"
    empty = "Nessuna segnalazione."
    codice = tables.Column(orderable=False)
    gravita = tables.Column(verbose_name="Gravità", orderable=False)
    dove = tables.Column(orderable=False, default="—", attrs=LONG)
    testo = tables.Column(verbose_name="Segnalazione", orderable=False, attrs=LONG)


class FileTable(Tabella):
    """The files of an edition."""

    caption = "File"
    empty = "Nessun file: non è ancora stato costruito."
    formato = tables.Column(verbose_name="Formato", orderable=False)
    nome = tables.Column(orderable=False, attrs=LONG)
    dimensione = NumeroColumn(verbose_name="Dimensione", orderable=False)
    sha256 = tables.Column(verbose_name="SHA-256", orderable=False, attrs=_CODE)

    def render_formato(self, record: FileEdizione) -> SafeString:
        return format_html(
            '<a href="{}" download>{}</a>',
            reverse("reports:file", args=[record.edizione_id, record.formato]),
            record.get_formato_display(),
        )

    def value_formato(self, record: FileEdizione) -> str:
        return record.formato

    def render_dimensione(self, value: int) -> str:
        return filesizeformat(value)

    def render_sha256(self, value: str) -> SafeString:
        return format_html("<code>{}</code>", value)

    def value_sha256(self, value: str) -> str:
        return value


class DifferenzeTable(Tabella):
    """What changed, cell by cell."""

    caption = "Differenze"
    empty = "Nessuna differenza: le due edizioni dicono lo stesso."
    dove = tables.Column(orderable=False, attrs=LONG)
    riga = tables.Column(orderable=False, default="—", attrs=LONG)
    colonna = tables.Column(orderable=False)
    prima = tables.Column(orderable=False)
    dopo = tables.Column(orderable=False)
    variazione = tables.Column(orderable=False, default="—", attrs=NUMERIC)

    def render_variazione(self, value: Decimal, record: Differenza) -> str:
        exact = -int(value.normalize().as_tuple().exponent)
        places = max(record.forma.decimali, min(exact, _MOST))
        return money.number(value, places, signed=True) + _SUFFIX.get(record.forma, "")

    def value_variazione(self, value: Decimal | None) -> Decimal | None:
        return value


class CellaColumn(tables.Column):
    """A column of a table of the document.

    Args:
        linked: whether its figures lead to what they are made of.
    """

    def __init__(self, colonna: doc.Colonna, *, linked: bool, attrs: Any) -> None:
        self.forma, self.linked = colonna.forma, linked
        title = f"{colonna.gruppo}: {colonna.titolo}" if colonna.gruppo else colonna.titolo
        super().__init__(verbose_name=title, orderable=False, attrs=attrs)

    def render(self, value: doc.Cella) -> SafeString:  # type: ignore[override]
        return cella(value, self.forma, linked=self.linked)

    def value(self, value: Any) -> Any:
        return parole.valore(value)


class DatiTable(Tabella):
    """A table of the document; `dati` makes one."""

    class Meta:
        row_attrs: ClassVar = {"class": lambda record: "totale" if record["totale"] else None}


def dati(tabella: doc.Tabella, *, linked: bool) -> DatiTable:
    """Return a table of the document as a page shows it.

    Args:
        linked: whether its figures lead to what they are made of: those of today, which what is
            published may no longer be.
    """
    names = [f"c{place}" for place in range(len(tabella.colonne))]
    rows = [
        {**dict(zip(names, row.celle, strict=True)), "totale": row.totale} for row in tabella.righe
    ]
    columns = [
        (name, CellaColumn(column, linked=linked, attrs=_look(tabella, place)))
        for place, (name, column) in enumerate(zip(names, tabella.colonne, strict=True))
    ]
    made = DatiTable(rows, extra_columns=columns, empty_text=tabella.vuota)
    made.caption = tabella.titolo + (" (dati di esempio)" if tabella.esempio else "")
    return made


def _look(tabella: doc.Tabella, place: int) -> Any:
    forma = tabella.colonne[place].forma
    if forma.numerica:
        return NUMERIC
    return LONG if forma is doc.Forma.TESTO and _long(tabella.righe, place) else {}


def _long(rows: Iterable[doc.Riga], place: int) -> bool:
    return any(len(row.celle[place].show(doc.Forma.TESTO)) > 24 for row in rows)


def cella(value: doc.Cella, forma: doc.Forma, *, linked: bool) -> SafeString:
    """Return a cell as people read it, with a link to what its figure is made of."""
    text = replace(value, nota="").show(forma)
    note = format_html(' <small class="cifra-nota">({})</small>', value.nota) if value.nota else ""
    unknown = value.valore is None and value.stampato is None and not value.soppressa
    if linked and value.cifra:
        return format_html(
            '<a class="cifra{}" href="{}?f={}" title="Da dove viene questa cifra">{}{}</a>',
            " cifra--nd" if unknown else "",
            reverse("cifra"),
            quote(value.cifra, safe="(),=:"),
            text,
            note,
        )
    return format_html("{}{}", text, note)
