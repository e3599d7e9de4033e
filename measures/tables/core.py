"""Tables that every measure has."""

from collections.abc import Mapping, Sequence
from typing import Any

import django_tables2 as tables
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from measures.models import Istanza
from porfse.codes import masked
from porfse.models import Azienda
from porfse.tables import (
    LONG,
    CifraColumn,
    DataColumn,
    ImportoColumn,
    NumeroColumn,
    Tabella,
)

TOTAL: Mapping[str, Any] = {"class": lambda record: "totale" if record.get("totale") else None}


class SommeTable(Tabella):
    """The sums that a figure is made of, by state."""

    stato = tables.Column("Stato")
    provincia = tables.Column("Provincia", accessor="provincia_id", default="—")
    classe = tables.Column("Classe", default="—")
    gruppo = tables.Column("Gruppo", default="—")
    settore = tables.Column("Settore", default="—")
    mese = tables.Column("Mese", default="—")
    numero = NumeroColumn("Numero")
    concesso = ImportoColumn("Ammesso")
    liquidato = ImportoColumn("Liquidato")


class PubblicateTable(Tabella):
    """A published figure with its place in the document."""

    parole = tables.Column("Come è stampata", attrs=LONG)
    numero = NumeroColumn("Numero")
    importo = ImportoColumn("Importo")
    data = DataColumn("Dati al")
    fonte = tables.Column("Fonte", attrs=LONG)


class TempiRigheTable(Tabella):
    """What is kept of the length of a stretch."""

    numero = NumeroColumn("Con le due date", orderable=False)
    non_noti = NumeroColumn("Senza una data", orderable=False)
    primo_quartile = NumeroColumn("Primo quartile", orderable=False)
    mediana = NumeroColumn("Mediana", orderable=False)
    terzo_quartile = NumeroColumn("Terzo quartile", orderable=False)


class DotazioniTable(Tabella):
    """The endowments of a measure; `importo` may be a figure of the row."""

    importo = ImportoColumn("Dotazione", orderable=False)
    atto = tables.Column("Atto", orderable=False, default="n.d.")
    parole = tables.Column("Come lo dice la fonte", orderable=False, attrs=LONG)
    dati = DataColumn("Dati al", accessor="fonte__data", orderable=False)
    fonte = tables.Column("Fonte", orderable=False, attrs=LONG)


class StoriaTable(DotazioniTable):
    """The same, with amounts that explain themselves."""

    importo = CifraColumn(verbose_name="Dotazione")
    azione = tables.Column("Azione", orderable=False, default="n.d.")

    class Meta:
        sequence = ("importo", "azione", "...")


class RigheTable(Tabella):
    """Rows of figures; a column that no row has is not shown."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        names = set().union(*rows) if rows else set()
        absent = [name for name in type(self).base_columns if rows and name not in names]
        # Not in Meta: a table that has no Meta of its own would not inherit it.
        kwargs.setdefault("row_attrs", TOTAL)
        super().__init__(rows, exclude=[*kwargs.pop("exclude", ()), *absent], **kwargs)


class VociTable(RigheTable):
    """A phase or a part of it in each row: as published, by the rows, and the difference."""

    nome = tables.Column("Voce", orderable=False, attrs=LONG)
    pub_numero = CifraColumn(verbose_name="Numero pubblicato", style="short")
    pub_quota = CifraColumn(verbose_name="% pubblicata", style="short")
    pub_concesso = CifraColumn(verbose_name="Importo pubblicato", style="short")
    pub_media = CifraColumn(verbose_name="Media pubblicata", style="short")
    numero = CifraColumn(verbose_name="Numero", style="short")
    quota = CifraColumn(verbose_name="%", style="short")
    concesso = CifraColumn(verbose_name="Ammesso", style="short")
    media = CifraColumn(verbose_name="Media", style="short")
    liquidato = CifraColumn(verbose_name="Liquidato", style="short")
    diff_numero = CifraColumn(verbose_name="Differenza numero", style="short")
    diff_concesso = CifraColumn(verbose_name="Differenza importo", style="short")


class ImbutoTable(RigheTable):
    """The steps of a measure, with the share of the first and of the step before."""

    nome = tables.Column("Fase", orderable=False)
    pub_numero = CifraColumn(verbose_name="N. pubblicato", style="short")
    pub_quota = CifraColumn(verbose_name="% prima", style="short")
    pub_passo = CifraColumn(verbose_name="% prec.", style="short")
    pub_concesso = CifraColumn(verbose_name="Importo pubblicato", style="short")
    numero = CifraColumn(verbose_name="Numero", style="short")
    quota = CifraColumn(verbose_name="% prima", style="short")
    passo = CifraColumn(verbose_name="% prec.", style="short")
    concesso = CifraColumn(verbose_name="Ammesso", style="short")
    liquidato = CifraColumn(verbose_name="Liquidato", style="short")
    diff_numero = CifraColumn(verbose_name="Diff. numero", style="short")
    diff_concesso = CifraColumn(verbose_name="Diff. importo", style="short")


class UsoTable(Tabella):
    """How much of the endowment each kind of data uses."""

    nome = tables.Column("Dati", orderable=False)
    concesso = CifraColumn(verbose_name="Ammesso", style="short")
    quota = CifraColumn(verbose_name="% dotazione", style="short")
    margine = CifraColumn(verbose_name="Ancora disponibile", style="short")
    liquidato = CifraColumn(verbose_name="Liquidato", style="short")
    residuo = CifraColumn(verbose_name="Da liquidare", style="short")


class StampateTable(Tabella):
    """All that documents print of a measure, each figure on its date."""

    data = DataColumn("Dati al", orderable=False)
    nome = tables.Column("Che cosa", orderable=False, attrs=LONG)
    numero = CifraColumn(style="short")
    importo = CifraColumn(style="short")
    parole = tables.TemplateColumn(
        "<q>{{ value }}</q>", verbose_name="Come è stampata", orderable=False, attrs=LONG
    )
    fonte = tables.Column(orderable=False, attrs=LONG)

    def value_parole(self, value: str) -> str:
        return value


class MisureTable(RigheTable):
    """All measures, a row for each kind of data."""

    caption = "Misure"
    misura = tables.Column("Misura", orderable=False, attrs=LONG)
    dati = tables.Column("Dati", orderable=False)
    dotazione = CifraColumn(verbose_name="Dotazione in vigore", style="short_mln")
    prime = CifraColumn(verbose_name="Presentati o concessi", style="short")
    numero = CifraColumn(verbose_name="In essere", style="short")
    concesso = CifraColumn(verbose_name="Ammesso", style="short_mln")
    quota = CifraColumn(verbose_name="% dotazione", style="short")
    pagate = CifraColumn(verbose_name="Liquidati", style="short")
    liquidato = CifraColumn(verbose_name="Importo liquidato", style="short_mln")

    def render_misura(self, value: Any) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("measures:misura", args=[value.slug]), value
        )

    def value_misura(self, value: Any) -> str:
        return str(value)


class PerditeTable(VociTable):
    """The ways of being lost, each with its share of the phase that it leaves."""

    di = tables.Column("Quota di", orderable=False)

    class Meta:
        sequence = ("nome", "pub_numero", "pub_quota", "numero", "quota", "di", "...")


class TempiTable(Tabella):
    """How long each stretch of the way lasts, in days."""

    nome = tables.Column("Tratto", orderable=False, attrs=LONG)
    primo_quartile = CifraColumn(verbose_name="Primo quartile (giorni)", style="short")
    mediana = CifraColumn(verbose_name="Mediana (giorni)", style="short")
    terzo_quartile = CifraColumn(verbose_name="Terzo quartile (giorni)", style="short")
    numero = CifraColumn(verbose_name="Con le due date", style="short")
    non_noti = CifraColumn(verbose_name="Tempo non noto", style="short")


def company_code(azienda: Azienda) -> str:
    """Return the codice fiscale of a company; covered if it is a person's."""
    return masked(azienda.codice_fiscale) if azienda.persona else azienda.codice_fiscale


class _Known(Paginator):
    """Pages of rows whose number is known without counting them."""

    def __init__(self, *args: Any, total: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.total = total

    @cached_property
    def count(self) -> int:
        return self.total


class IstanzeTable(Tabella):
    """Rows of a measure, sorted by what an index holds; `total` is how many they are."""

    codice = tables.Column("Codice", order_by=("codice",))
    azienda = tables.Column("Impresa", orderable=False, default="—", attrs=LONG)
    comune = tables.Column("Comune", orderable=False)
    stato = tables.Column("Stato", orderable=False)
    data_inizio = DataColumn("Dal", order_by=("data_inizio", "-codice"))
    concesso = ImportoColumn("Ammesso", order_by=("concesso", "codice"))
    liquidato = ImportoColumn("Liquidato", orderable=False)

    class Meta:
        sequence = ("codice", "azienda", "comune", "stato", "data_inizio", "...")
        order_by = ("-data_inizio",)

    def __init__(self, *args: Any, slug: str, total: int, **kwargs: Any) -> None:
        self.slug = slug
        self.total = total
        super().__init__(*args, **kwargs)

    def paginate(self, *args: Any, **kwargs: Any) -> None:
        super().paginate(_Known, *args, total=self.total, **kwargs)

    def render_codice(self, value: str) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("measures:istanza", args=[self.slug, value]), value
        )

    def value_codice(self, value: str) -> str:
        return value

    def render_azienda(self, value: Azienda) -> SafeString:
        return format_html("{}<br><small>{}</small>", value, company_code(value))

    def value_azienda(self, value: Azienda) -> str:
        return f"{value} ({company_code(value)})"

    def render_stato(self, record: Istanza) -> str:
        return record.stato_nome


class PassaggiTable(Tabella):
    """What the flows made of a row."""

    data = DataColumn("Data", orderable=False)
    da = tables.Column("Da", orderable=False, empty_values=(None,))
    a = tables.Column("A", orderable=False)
    cambiati = tables.Column("Che cosa cambia", orderable=False, attrs=LONG)
    flusso = tables.Column("Flusso", orderable=False)


class CollegateTable(Tabella):
    """Other rows of a company, in every measure and area."""

    empty = "L'impresa non ha altre righe."
    dove = tables.Column("Dove", orderable=False)
    nome = tables.Column("Che cosa", orderable=False, attrs=LONG)
    stato = tables.Column("Stato", orderable=False, default="—")
    data = DataColumn("Dal", orderable=False)
    concesso = ImportoColumn("Ammesso", orderable=False, default="—")

    def render_nome(self, value: str, record: Mapping[str, Any]) -> str | SafeString:
        return format_html('<a href="{}">{}</a>', record["url"], value) if record["url"] else value

    def value_nome(self, value: str) -> str:
        return value
