"""The rows that a figure of the table adds up."""

from typing import Any
from urllib.parse import urlencode

import django_tables2 as tables
from django.http import HttpRequest
from django.urls import reverse
from django.utils import dateformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crisi.models import SintesiMese
from crisi.scope import own_provincia, sees_all
from crisi.selection import ESEMPIO, Selection
from porfse.tables import LONG, NumeroColumn, Tabella


class SintesiTable(Tabella):
    """Rows of the monthly summary; who may opens the procedures behind each."""

    caption = "Procedure per mese, provincia e tipo"
    mese = tables.Column(orderable=False)
    provincia = tables.Column(orderable=False)
    tipo = tables.Column(accessor="get_tipo_display", orderable=False, attrs=LONG)
    verso = tables.Column(verbose_name="Conta", orderable=False)
    unita = NumeroColumn(accessor="contati_unita", verbose_name="Unità produttive", orderable=False)
    lavoratori = NumeroColumn(accessor="contati_lavoratori", orderable=False)
    non_noti = NumeroColumn(
        accessor="contati_non_noti", verbose_name="Unità con lavoratori non noti", orderable=False
    )
    apri = tables.Column(
        accessor="pk",
        verbose_name="Procedure del periodo",
        orderable=False,
        exclude_from_export=True,
    )

    def __init__(self, *args: Any, asked: Selection, **kwargs: Any) -> None:
        self.asked = asked
        super().__init__(*args, **kwargs)

    def before_render(self, request: HttpRequest) -> None:
        self.reader = request.user
        if not request.user.has_perm("crisi.view_procedure") or self.asked.fonte == ESEMPIO:
            self.columns.hide("apri")

    def render_mese(self, record: SintesiMese) -> str:
        return dateformat.format(record.mese, "F Y").lower()

    def value_mese(self, record: SintesiMese) -> str:
        return f"{record.mese:%m.%Y}"

    def render_verso(self, value: str) -> str:
        return "concluse prima del periodo" if value == SintesiMese.Verso.FINE else "avviate"

    def render_apri(self, record: SintesiMese) -> SafeString | str:
        own = sees_all(self.reader) or own_provincia(self.reader) == record.provincia_id
        if not own or record.verso == SintesiMese.Verso.FINE:
            return "—"
        asked = {
            "provincia": record.provincia_id,
            "tipo": record.tipo,
            "periodo": str(self.asked.periodo),
            "criterio": self.asked.criterio,
        }
        return format_html(
            '<a href="{}?{}" aria-label="Apri le procedure del periodo: {}, {}">Apri</a>',
            reverse("crisi:procedure"),
            urlencode(asked),
            record.provincia,
            record.get_tipo_display(),
        )


class PubblicateTable(Tabella):
    """Rows of a published table; a blank is as it was printed."""

    caption = "Righe della tabella pubblicata"
    anno = tables.Column(orderable=False)
    provincia = tables.Column(orderable=False, default="Totale regione", attrs=LONG)
    tipo = tables.Column(accessor="get_tipo_display", orderable=False, default="Tutti i tipi")
    unita = NumeroColumn(accessor="contati_unita", verbose_name="Unità produttive", orderable=False)
    lavoratori = NumeroColumn(accessor="contati_lavoratori", orderable=False)
    fonte = tables.Column(orderable=False, attrs=LONG)
