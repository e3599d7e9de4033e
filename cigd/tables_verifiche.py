"""The tables of the samples and of their verifications."""

from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cigd.models import Campione, ElementoCampione, Estrazione
from cigd.projection import Term
from porfse import money
from porfse.tables import LONG, ND, NUMERIC, CifraColumn, ImportoColumn, NumeroColumn, Tabella


class CampioniTable(Tabella):
    """Samples: how they were drawn, how far they are, what they say of the population."""

    caption = "Campioni"
    empty = "Nessun campione è stato estratto."
    campione = tables.Column(orderable=False)
    metodo = tables.Column(accessor="campione__get_metodo_display", orderable=False, attrs=LONG)
    popolazione = CifraColumn(verbose_name="Popolazione")
    elementi = CifraColumn(verbose_name="Elementi")
    conclusi = CifraColumn(verbose_name="Conclusi")
    irregolare = CifraColumn(verbose_name="Importo irregolare")
    tasso = CifraColumn(verbose_name="Tasso d'errore", style="short")
    errore = CifraColumn(verbose_name="Errore proiettato", style="short")
    tasso_proiettato = CifraColumn(verbose_name="% della popolazione", style="short")
    esito = tables.Column(verbose_name="Rispetto alla soglia", orderable=False, default="—")

    def render_campione(self, value: Campione) -> SafeString:
        return format_html('<a href="{}">{}</a>', value.get_absolute_url(), value)

    def value_campione(self, value: Campione) -> int:
        return value.pk


class EstrazioniTable(Tabella):
    """The samples that are on their way."""

    caption = "Estrazioni da concludere"
    estrazione = tables.Column(accessor="pk", orderable=False)
    metodo = tables.Column(accessor="get_metodo_display", orderable=False, attrs=LONG)
    numero = NumeroColumn(verbose_name="Elementi", orderable=False)
    stato = tables.Column(accessor="get_stato_display", orderable=False)
    chiesta_da = tables.Column(verbose_name="Chiesta da", orderable=False)

    def render_estrazione(self, record: Estrazione) -> SafeString:
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), record)

    def value_estrazione(self, value: int) -> int:
        return value


class StratiTable(Tabella):
    """The population of a sample, by azione and provincia."""

    caption = "Popolazione per azione e provincia"
    azione = tables.Column(accessor="azione_id", order_by=("azione_id", "provincia_id"))
    provincia = tables.Column(accessor="provincia_id", order_by=("provincia_id", "azione_id"))
    pagamenti = NumeroColumn()
    importo = ImportoColumn()
    recuperi = NumeroColumn(verbose_name="Recuperi, non estratti")
    importo_recuperi = ImportoColumn(verbose_name="Importo dei recuperi")
    estratti = NumeroColumn(verbose_name="Elementi estratti")


class AnteprimaTable(Tabella):
    """The population that a sample would be drawn from."""

    caption = "Popolazione"
    azione = tables.Column(orderable=False)
    provincia = tables.Column(orderable=False, default="")
    pagamenti = NumeroColumn(orderable=False)
    importo = ImportoColumn(orderable=False)
    recuperi = NumeroColumn(verbose_name="Recuperi, non estratti", orderable=False)
    importo_recuperi = ImportoColumn(verbose_name="Importo dei recuperi", orderable=False)
    elementi = NumeroColumn(verbose_name="Elementi da estrarre", orderable=False, default="—")

    class Meta:
        row_attrs: ClassVar = {
            "class": lambda record: "totale" if record.get("totale") else None,
        }


class ElementiTable(Tabella):
    """The payments of a sample, and what was found of each."""

    caption = "Elementi del campione"
    empty = "Nessun elemento."
    id_pagamento = tables.Column(verbose_name="Pagamento", order_by=("id_pagamento", "pk"))
    flusso = tables.Column(accessor="flusso_id", order_by=("flusso_id", "riga"))
    riga = tables.Column(order_by=("flusso_id", "riga"))
    strato = tables.Column(order_by=("strato__azione_id", "strato__provincia_id", "pk"))
    importo = ImportoColumn(order_by=("importo", "pk"))
    certo = tables.Column(verbose_name="Preso con certezza", order_by=("certo", "pk"))
    stato = tables.Column(accessor="get_stato_display", order_by=("stato", "pk"))
    irregolare = ImportoColumn(verbose_name="Importo irregolare", order_by=("irregolare", "pk"))

    class Meta:
        order_by = ("flusso",)

    def render_id_pagamento(self, record: ElementoCampione, value: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def value_id_pagamento(self, value: str) -> str:
        return value

    def render_certo(self, value: Any) -> str:
        return "sì" if value else "no"

    def value_certo(self, value: Any) -> str:
        return self.render_certo(value)

    def _amount(self, record: ElementoCampione) -> Any:
        """What is irregular of an element, once its verifications say so; a blank is not zero."""
        waiting = record.stato in (
            ElementoCampione.Stato.DA_VERIFICARE,
            ElementoCampione.Stato.IN_CONTRADDITTORIO,
        )
        return None if waiting else record.irregolare

    def render_irregolare(self, record: ElementoCampione) -> str:
        amount = self._amount(record)
        return "—" if amount is None else money.euro(amount)

    def value_irregolare(self, record: ElementoCampione) -> Any:
        return self._amount(record)


class TerminiTable(Tabella):
    """The terms whose sum is the projected error."""

    caption = "Errore proiettato, parte per parte"
    nome = tables.Column(accessor="parte__nome", verbose_name="Parte", orderable=False, attrs=LONG)
    popolazione = ImportoColumn(accessor="parte__popolazione", orderable=False)
    estratti = NumeroColumn(accessor="parte__estratti", verbose_name="Elementi", orderable=False)
    conclusi = NumeroColumn(accessor="parte__conclusi", orderable=False)
    controllato = ImportoColumn(
        accessor="parte__controllato", verbose_name="Importo controllato", orderable=False
    )
    irregolare = ImportoColumn(
        accessor="parte__irregolare", verbose_name="Importo irregolare", orderable=False
    )
    tassi = tables.Column(
        accessor="parte__tassi",
        verbose_name="Somma dei tassi d'errore",
        orderable=False,
        attrs=NUMERIC,
    )
    errore = ImportoColumn(verbose_name="Errore proiettato", orderable=False)

    def render_tassi(self, record: Term) -> str:
        tassi = self.value_tassi(record)
        return ND if tassi is None else money.number(tassi, 4)

    def value_tassi(self, record: Term) -> Decimal | None:
        """In ten thousandths of a unit, rounded half up; None while nothing is concluded."""
        found = record.parte
        return money.half_up(_decimal(found.tassi), 4) if found.conclusi else None


def _decimal(fraction: Fraction) -> Decimal:
    return Decimal(fraction.numerator) / fraction.denominator
