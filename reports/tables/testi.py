"""Tables of the texts of a report."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from porfse.periods import moment
from porfse.tables import LONG, Tabella
from reports.models import VersioneTesto


class CapitoliTable(Tabella):
    """The chapters of a report for a period, in their order, whether written or not."""

    caption = "Capitoli"
    titolo = tables.Column("Capitolo", orderable=False, attrs=LONG)
    stato = tables.Column("Stato", orderable=False)
    versione = tables.Column("Versione", orderable=False, default="—")
    scritto_da = tables.Column("Scritto da", orderable=False, default="—")
    scritto_il = tables.Column("Il", orderable=False, default="—")
    rivisto_da = tables.Column("Approvato da", orderable=False, default="—")

    def render_titolo(self, value: str, record: dict[str, Any]) -> SafeString:
        return format_html('<a href="{}">{}</a>', record["url"], value)

    def render_scritto_il(self, value: Any) -> str:
        return moment(value)

    def value_titolo(self, value: str) -> str:
        return value


class VersioniTable(Tabella):
    """The versions of a chapter, the last first; each opens what it changed."""

    caption = "Versioni"
    versione = tables.Column("Versione", orderable=False)
    il = tables.Column("Il", orderable=False)
    autore = tables.Column("Chi", orderable=False)
    stato = tables.Column("Stato", accessor="get_stato_display", orderable=False)
    nota = tables.Column("Motivo del rinvio", orderable=False, default="—", attrs=LONG)

    def render_versione(self, value: int) -> SafeString:
        return format_html(
            '<a href="?versione={}#modifiche">Versione {}</a>', str(value), str(value)
        )

    def value_versione(self, value: int) -> int:
        return value

    def render_il(self, record: VersioneTesto) -> str:
        return moment(record.il)


def chapter_url(name: str, slug: str, periodo: str, capitolo: str) -> str:
    """Return the address of a page of a chapter."""
    return reverse(f"reports:{name}", args=[slug, periodo, capitolo])
