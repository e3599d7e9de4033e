"""The tables of the programme."""

from decimal import Decimal
from typing import Any, ClassVar

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from porfse import money
from porfse.reference import carried
from porfse.tables import (
    LONG,
    CifraColumn,
    DataColumn,
    ImportoColumn,
    NumeroColumn,
    Tabella,
)
from programme.models import Destinatari, Dotazione, Movimento, TargetN3, ValoreIndicatore
from programme.tables_vista import VistaTable


class MovimentiTable(Tabella):
    """Rows of the ledger; `share` shows the EU share too."""

    caption = "Movimenti"
    data = DataColumn(order_by=("data", "pk"))  # pages of one day stay in order
    importo = ImportoColumn(default="—")
    quota_ue = ImportoColumn(verbose_name="Quota UE")
    asse = tables.Column(accessor="asse_id", order_by="asse", default="Non ripartito")
    dove = tables.Column(verbose_name="Iniziativa o livello", orderable=False, attrs=LONG)
    perimetro = tables.Column(accessor="get_perimetro_display", order_by="perimetro")
    natura = tables.Column(accessor="get_natura_display", order_by="natura")
    atto = tables.Column(default="—")
    fonte = tables.Column(attrs=LONG)
    descrizione = tables.Column(
        verbose_name="Parole della fonte o motivo", orderable=False, attrs=LONG
    )
    apri = tables.Column(
        accessor="pk", verbose_name="Dettaglio", orderable=False, exclude_from_export=True
    )

    class Meta:
        order_by = ("data",)

    def __init__(self, *args: object, share: bool = False, **kwargs: object) -> None:
        super().__init__(*args, exclude=() if share else ("quota_ue",), **kwargs)

    def render_importo(self, value: Decimal) -> str:
        # Only the published EU share has no amount of its own: a blank, not a zero.
        return money.euro(value) if value else "—"

    def value_importo(self, value: Decimal) -> Decimal | None:
        return value or None

    def render_apri(self, record: Movimento) -> SafeString:
        return format_html(
            '<a href="{}" aria-label="Apri il movimento {}">Apri</a>',
            record.get_absolute_url(),
            record.riferimento,
        )


class DotazioniTable(Tabella):
    caption = "Dotazioni"
    asse = tables.Column(orderable=False)
    importo = ImportoColumn(orderable=False)
    versione = tables.Column(orderable=False)
    fonte = tables.Column(orderable=False)

    class Meta:
        model = Dotazione
        fields = ("asse", "importo", "versione", "fonte")


class DestinatariTable(Tabella):
    caption = "Destinatari"
    asse = tables.Column(orderable=False)
    gruppo = tables.Column(accessor="get_gruppo_display", orderable=False)
    numero = NumeroColumn(orderable=False)
    data = DataColumn(orderable=False)
    fonte = tables.Column(orderable=False)

    class Meta:
        model = Destinatari
        fields = ("asse", "gruppo", "numero", "data", "fonte")


class ValoriTable(Tabella):
    caption = "Valore dell'indicatore"
    indicatore = tables.Column(orderable=False)
    valore = NumeroColumn(orderable=False)
    data = DataColumn(orderable=False)
    nota = tables.Column(orderable=False, default="—")
    fonte = tables.Column(orderable=False)

    class Meta:
        model = ValoreIndicatore
        fields = ("indicatore", "valore", "data", "nota", "fonte")


class TargetN3Table(Tabella):
    caption = "Target N+3"
    anno = tables.Column(orderable=False)
    importo = ImportoColumn(orderable=False)
    base = tables.Column(accessor="get_base_display", orderable=False)
    base_dichiarata = tables.BooleanColumn(
        verbose_name="Base dichiarata dalla fonte", orderable=False, yesno="sì,no"
    )
    fonte = tables.Column(orderable=False)

    class Meta:
        model = TargetN3
        fields = ("anno", "importo", "base", "base_dichiarata", "fonte")


class NodoColumn(tables.Column):
    """A node of the programme, linked to its page; exported as its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", LONG)
        super().__init__(*args, orderable=False, **kwargs)

    def render(self, value: Any, table: tables.Table) -> str | SafeString:
        if not hasattr(value, "get_absolute_url"):
            return str(value)
        address = f"{value.get_absolute_url()}{carried(table.request)}"
        return format_html('<a href="{}">{}</a>', address, value)

    def value(self, value: Any) -> str:
        return str(value)


class AvanzamentoTable(VistaTable):
    """One row for each node of the programme: its quantities, in millions of euro."""

    nome = NodoColumn(verbose_name="Livello")
    programmate = CifraColumn(style="mln")
    impegnate = CifraColumn(style="mln")
    liquidate = CifraColumn(style="mln")
    certificata = CifraColumn(style="mln")

    class Meta:
        row_attrs: ClassVar = {"class": lambda record: "totale" if record.get("totale") else None}


class AssiTable(AvanzamentoTable):
    """The quantities of each asse beside their ratios to its endowment."""

    dotazione = CifraColumn(style="mln")
    quota_programmate = CifraColumn(verbose_name="% dot.", style="short")
    quota_impegnate = CifraColumn(verbose_name="% dot.", style="short")
    quota_liquidate = CifraColumn(verbose_name="% dot.", style="short")
    quota_certificata = CifraColumn(verbose_name="% dot.", style="short")

    class Meta(AvanzamentoTable.Meta):
        sequence = (
            "nome",
            "dotazione",
            "programmate",
            "quota_programmate",
            "impegnate",
            "quota_impegnate",
            "liquidate",
            "quota_liquidate",
            "certificata",
            "quota_certificata",
        )


class VariazioniTable(VistaTable):
    """What has changed between two dates."""

    nome = NodoColumn(verbose_name="Livello")
    programmate = CifraColumn(style="delta")
    impegnate = CifraColumn(style="delta")
    liquidate = CifraColumn(style="delta")
    certificata = CifraColumn(style="delta")
    avvertenza = tables.Column(orderable=False, default="", attrs=LONG)

    class Meta(AvanzamentoTable.Meta):
        pass


class SegnalazioniTable(VistaTable):
    codice = tables.Column(orderable=False)
    gravita = tables.Column(verbose_name="Gravità", orderable=False)
    dove = NodoColumn()
    testo = tables.Column(verbose_name="Che cosa", orderable=False, attrs=LONG)
    scarto = CifraColumn(verbose_name="Di quanto")

    empty = "Nessuna segnalazione a questa data."


class IniziativeTable(AvanzamentoTable):
    asse = tables.Column(orderable=False)
    stato = tables.Column(orderable=False)

    class Meta(AvanzamentoTable.Meta):
        sequence = ("nome", "asse", "stato", "...")


class FontiTable(Tabella):
    caption = "Fonti dei dati"
    titolo = tables.Column(verbose_name="Fonte", linkify=("programme:fonte", [tables.A("pk")]))
    documento = tables.Column()
    sezione = tables.Column(default="—")
    genere = tables.Column(accessor="get_genere_display", order_by="genere")
    data = DataColumn(verbose_name="Dati al")
    movimenti = NumeroColumn()
    ritirata_il = DataColumn(verbose_name="Ritirata il", default="in vigore")

    class Meta:
        order_by = ("documento", "data")


class ContributiTable(Tabella):
    caption = "Quanto la fonte aggiunge a ciascuna grandezza, a tutte le date"
    grandezza = tables.Column(orderable=False)
    importo = CifraColumn()


class EffettoTable(Tabella):
    caption = "Effetto sui totali del programma, a tutte le date"
    grandezza = tables.Column(orderable=False)
    ora = CifraColumn(verbose_name="Oggi")
    escono = CifraColumn(verbose_name="Esce con le fonti")
    dopo = CifraColumn(verbose_name="Dopo il ritiro")


class DestinatariAsseTable(Tabella):
    """Recipients of each asse by sex, with shares."""

    nome = NodoColumn(verbose_name="Asse")
    totale = CifraColumn()
    quota = CifraColumn(verbose_name="% del programma")
    uomini = CifraColumn()
    quota_uomini = CifraColumn(verbose_name="% uomini")
    donne = CifraColumn()
    quota_donne = CifraColumn(verbose_name="% donne")


class VulnerabiliTable(Tabella):
    """Vulnerable recipients of each asse, and their share of its recipients."""

    nome = NodoColumn(verbose_name="Asse")
    disabilita = CifraColumn(verbose_name="Persone con disabilità")
    migranti = CifraColumn()
    svantaggiati = CifraColumn(verbose_name="Altre svantaggiate")
    vulnerabili = CifraColumn(verbose_name="Totale vulnerabili")
    quota_asse = CifraColumn(verbose_name="% dei destinatari dell'asse")
    quota_vulnerabili = CifraColumn(verbose_name="% dei vulnerabili del programma")


class IndicatoriTable(Tabella):
    """Indicators with value, target and attainment, which is never capped at 100 %."""

    asse = tables.Column(orderable=False)
    nome = NodoColumn(verbose_name="Indicatore")
    tipo = tables.Column(orderable=False)
    priorita = tables.Column(verbose_name="Priorità", orderable=False, default="—")
    valore = CifraColumn()
    target = CifraColumn(verbose_name="Target 2023")
    raggiungimento = CifraColumn()


class CovidTable(VistaTable):
    caption = "Interventi a favore del contrasto dell'epidemia da Covid-19"
    nome = NodoColumn(verbose_name="Intervento")
    asse = tables.Column(orderable=False, default="—")
    programmate = CifraColumn(verbose_name="Risorse programmate")
    quota = CifraColumn(verbose_name="% del totale")
    impegnate = CifraColumn()
    liquidate = CifraColumn()

    class Meta(AvanzamentoTable.Meta):
        pass


class PianoTable(Tabella):
    caption = "Versioni del piano finanziario"
    numero = tables.Column(verbose_name="Versione", orderable=False, default="n.d.")
    decisione = tables.Column(orderable=False)
    data = DataColumn(orderable=False)
    nota = tables.Column(orderable=False, default="—", attrs=LONG)
    totale = CifraColumn(verbose_name="Dotazione totale")


class PianoAsseTable(Tabella):
    caption = "Dotazione per asse"
    nome = NodoColumn(verbose_name="Asse")
    obiettivo_tematico = tables.Column(verbose_name="OT", orderable=False, default="—")
    dotazione = CifraColumn()
    quota = CifraColumn(verbose_name="% del totale")

    class Meta(AvanzamentoTable.Meta):
        pass
