"""The table of the meetings."""

import django_tables2 as tables
from django.utils.safestring import SafeString

from crisi.models import Tavolo
from crisi.tables.lavoro import linked, marked
from porfse.tables import LONG, DataColumn, NumeroColumn, Tabella


class TavoliTable(Tabella):
    """Meetings with what is left to do of them."""

    caption = "Tavoli"
    empty = "Nessun tavolo registrato corrisponde alla ricerca."
    data = DataColumn(order_by=("data", "pk"))
    tipo = tables.Column(accessor="get_tipo_display", order_by=("tipo", "data"), attrs=LONG)
    oggetto = tables.Column(order_by=("oggetto", "pk"), attrs=LONG)
    province = tables.Column(accessor="pk", orderable=False, attrs=LONG)
    seguiti = NumeroColumn(accessor="tutti", verbose_name="Seguiti", order_by=("tutti", "pk"))
    da_fare = NumeroColumn(verbose_name="Da fare", order_by=("da_fare", "pk"))
    scaduti = NumeroColumn(verbose_name="Scaduti", order_by=("scaduti", "pk"))

    def render_oggetto(self, record: Tavolo, value: str) -> SafeString:
        return linked(record.get_absolute_url(), value, example=record.esempio)

    def value_oggetto(self, record: Tavolo, value: str) -> str:
        return marked(value, example=record.esempio)

    def render_province(self, record: Tavolo) -> str:
        return places(record)

    def value_province(self, record: Tavolo) -> str:
        return places(record)


def places(tavolo: Tavolo) -> str:
    """Return the provinces that a meeting concerns, in words."""
    if tavolo.tipo == Tavolo.Tipo.REGIONALE:
        return "tutte"
    return ", ".join(each.nome for each in tavolo.province.all())
