"""The tables of the payments and of their sums."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_tables2 as tables
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cigd.models import Pagamento
from porfse import money
from porfse.codes import masked
from porfse.figures import Figure, Unit, Value, leaf
from porfse.models import Comune
from porfse.periods import month
from porfse.tables import (
    LONG,
    CifraColumn,
    DataColumn,
    ImportoColumn,
    NumeroColumn,
    Tabella,
)
from programme.tables import NodoColumn

TOTAL = {"class": lambda record: "totale" if record.get("totale") else None}


class MeseColumn(tables.Column):
    """A month of competence: `marzo 2020`, in files `03.2020`."""

    def render(self, value: date | str) -> str:
        return month(value) if isinstance(value, date) else value

    def value(self, value: date | str) -> str:
        return f"{value:%m.%Y}" if isinstance(value, date) else value


class OreColumn(CifraColumn):
    """A figure in hours, with their hundredths, on the page and in files."""

    def render(self, value: Figure) -> SafeString:  # type: ignore[override]
        return value.linked("n.d." if value.amount is None else money.number(value.amount, 2))

    def value(self, value: Any) -> Any:
        return value.amount if isinstance(value, Figure) else None


class AzioniTable(Tabella):
    """Each azione: its allocation, what was paid, what is left."""

    caption = "Massimali e pagamenti per azione"
    nome = NodoColumn(verbose_name="Azione")
    massimale = CifraColumn()
    pagamenti = CifraColumn(verbose_name="Pagamenti netti")
    numero = CifraColumn(verbose_name="N. pagamenti")
    recuperi = CifraColumn(verbose_name="N. recuperi")
    quota = CifraColumn(verbose_name="% mass.", style="short")
    margine = CifraColumn(verbose_name="Margine", style="short")
    esito = tables.Column(orderable=False, default="", attrs=LONG)

    class Meta:
        row_attrs: ClassVar = TOTAL


class MassimaliTable(Tabella):
    """The allocation of each azione at each date on which an act changed it."""

    caption = "Massimali per data"
    data = DataColumn(verbose_name="Dal", orderable=False)
    comuni = CifraColumn(verbose_name="Azione 8.6.1 (Asse I)", style="short")
    altri = CifraColumn(verbose_name="Azione 9.8.1 (Asse II)", style="short")
    totale = CifraColumn(verbose_name="Totale CIGD")
    atti = tables.Column(verbose_name="Atto o fonte", orderable=False, attrs=LONG)


class MesiTable(Tabella):
    """The payments of each month of competence, by azione."""

    caption = "Pagamenti per mese di competenza"
    mese = MeseColumn(orderable=False)
    comuni = CifraColumn(verbose_name="Azione 8.6.1")
    altri = CifraColumn(verbose_name="Azione 9.8.1")
    pagamenti = CifraColumn(verbose_name="Totale")
    numero = CifraColumn(verbose_name="Numero pagamenti")
    recuperi = CifraColumn(verbose_name="Numero recuperi")
    ore = OreColumn(verbose_name="Ore")

    class Meta:
        row_attrs: ClassVar = TOTAL


class ProvinceTable(Tabella):
    """The payments of each provincia, and its share."""

    caption = "Pagamenti per provincia"
    nome = NodoColumn(verbose_name="Provincia")
    pagamenti = CifraColumn(verbose_name="Importo")
    quota = CifraColumn(verbose_name="% del totale", style="short")
    numero = CifraColumn(verbose_name="Numero pagamenti")

    class Meta:
        row_attrs: ClassVar = TOTAL


class FlussiTable(Tabella):
    """The acquired flows that the figures are made of."""

    caption = "Pagamenti per flusso"
    nome = NodoColumn(verbose_name="Flusso")
    protocollo = tables.Column(verbose_name="Nota di INPS", orderable=False, default="—")
    pagamenti = CifraColumn(verbose_name="Importo")
    comuni = CifraColumn(verbose_name="di cui 8.6.1")
    altri = CifraColumn(verbose_name="di cui 9.8.1")
    numero = CifraColumn(verbose_name="Numero pagamenti")
    recuperi = CifraColumn(verbose_name="Numero recuperi")

    class Meta:
        row_attrs: ClassVar = TOTAL


class ComuniTable(Tabella):
    """Comuni with the sums of their payments (`querysets` of `Comune`, one page at a time).

    The figures are those of the row: no comune of another page is asked for.
    """

    caption = "Pagamenti per comune"
    empty = "Nessun comune ha pagamenti nei flussi acquisiti."
    nome = tables.Column(verbose_name="Comune", attrs=LONG)
    provincia = tables.Column(accessor="provincia_id", order_by=("provincia_id", "nome"))
    azione = tables.Column(orderable=False)
    importo = ImportoColumn(order_by=("importo", "nome"))
    pagamenti = NumeroColumn(verbose_name="Numero pagamenti", order_by=("pagamenti", "nome"))
    recuperi = NumeroColumn(verbose_name="Numero recuperi", order_by=("recuperi", "nome"))

    class Meta:
        order_by = ("nome",)

    def __init__(self, *args: Any, example: bool = False, **kwargs: Any) -> None:
        self.example = example
        super().__init__(*args, **kwargs)

    def is_example(self, record: Comune) -> bool:
        return self.example

    def render_importo(self, record: Comune, value: Decimal) -> SafeString:
        return self._figure("cigd_pagamenti", record, value, Unit.EURO).full

    def render_pagamenti(self, record: Comune, value: int) -> SafeString:
        return self._figure("cigd_numero", record, Decimal(value), Unit.NUMERO).full

    def render_recuperi(self, record: Comune, value: int) -> SafeString:
        return self._figure("cigd_recuperi", record, Decimal(value), Unit.NUMERO).full

    def value_importo(self, value: Decimal) -> Decimal:
        return value

    def value_pagamenti(self, value: int) -> int:
        return value

    def value_recuperi(self, value: int) -> int:
        return value

    def _figure(self, name: str, comune: Comune, amount: Decimal, unit: Unit) -> Figure:
        figure = Figure(leaf(name, comune=comune.pk))
        figure.value = Value(amount, unit, example=self.example)
        return figure


class SintesiTable(Tabella):
    """Rows of a summary: what a figure adds up; who may opens the payments behind each."""

    caption = "Somme dei flussi acquisiti"
    flusso = tables.Column(accessor="flusso_id", order_by="flusso_id")
    azione = tables.Column(accessor="azione_id", order_by="azione_id")
    luogo = tables.Column(accessor="provincia", verbose_name="Provincia", orderable=False)
    mese = MeseColumn()
    pagamenti = NumeroColumn(verbose_name="Numero pagamenti")
    recuperi = NumeroColumn(verbose_name="Numero recuperi")
    ore = NumeroColumn()
    importo = ImportoColumn()
    apri = tables.Column(
        accessor="pk", verbose_name="Pagamenti", orderable=False, exclude_from_export=True
    )

    def __init__(self, *args: Any, by_comune: bool = False, **kwargs: Any) -> None:
        self.place = "comune" if by_comune else "provincia"
        named = tables.Column(accessor=self.place, orderable=False)
        super().__init__(
            *args,
            extra_columns=[("luogo", named)],
            exclude=("azione",) if by_comune else (),
            **kwargs,
        )

    def before_render(self, request: HttpRequest) -> None:
        if not request.user.has_perm("cigd.view_pagamenti"):
            self.columns.hide("apri")

    def render_ore(self, value: Decimal) -> str:
        return money.number(value, 2)

    def value_ore(self, value: Decimal) -> Decimal:
        return value

    def render_apri(self, record: Any) -> SafeString:
        narrowed = {
            "flusso": record.flusso_id,
            "azione": getattr(record, "azione_id", ""),
            self.place: getattr(record, f"{self.place}_id"),
            "mese": f"{record.mese:%Y-%m}",
        }
        query = urlencode({name: value for name, value in narrowed.items() if value})
        return format_html(
            '<a href="{}?{}" aria-label="Apri i pagamenti del flusso {}, {}">Apri</a>',
            reverse("cigd:pagamenti"),
            query,
            record.flusso_id,
            f"{record.mese:%m.%Y}",
        )


class PagamentiTable(Tabella):
    """Single payments, codice fiscale covered."""

    caption = "Pagamenti"
    empty = "Nessun pagamento corrisponde alla ricerca nei flussi acquisiti."
    id_pagamento = tables.Column(verbose_name="Identificativo")
    importo = ImportoColumn()
    tipo = tables.Column(accessor="get_tipo_display")
    codice_fiscale = tables.Column(verbose_name="Codice fiscale")
    matricola_inps = tables.Column(verbose_name="Matricola INPS")
    denominazione_azienda = tables.Column(verbose_name="Azienda", attrs=LONG)
    comune = tables.Column(attrs=LONG)
    mese_competenza = MeseColumn(verbose_name="Mese")
    data_pagamento = DataColumn(verbose_name="Pagato il")
    flusso = tables.Column(accessor="flusso_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # In the order of the flows: what is shown may be only the first part of what is there.
        super().__init__(*args, orderable=False, **kwargs)

    def render_id_pagamento(self, record: Pagamento, value: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def value_id_pagamento(self, value: str) -> str:
        return value

    def render_codice_fiscale(self, value: str) -> str:
        return masked(value)

    def value_codice_fiscale(self, value: str) -> str:
        return masked(value)
