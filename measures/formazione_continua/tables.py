"""Tables of the vouchers: modes by month, ceilings, companies near theirs."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables

from porfse import money
from porfse.tables import LONG, NUMERIC, CifraColumn, ImportoColumn, NumeroColumn, Tabella

TOTAL = {"class": lambda record: "totale" if record.get("totale") else None}


class FasceTable(Tabella):
    """The bands that a figure sums."""

    soggetto = tables.Column("Soggetti", accessor="get_soggetto_display", order_by="soggetto")
    fascia = tables.Column("Parte del massimale", accessor="get_fascia_display", order_by="fascia")
    numero = NumeroColumn("Numero")
    concesso = ImportoColumn("Voucher non revocati")
    massimale = ImportoColumn("Massimale")


class DistribuzioneTable(Tabella):
    """How many companies and workers are in each band of their ceiling."""

    caption = "Imprese e lavoratori per parte del massimale"

    nome = tables.Column("Parte del massimale", orderable=False)
    imprese = CifraColumn("Imprese")
    quota_imprese = CifraColumn("Quota")
    lavoratori = CifraColumn("Lavoratori")
    quota_lavoratori = CifraColumn("Quota")

    class Meta:
        row_attrs = TOTAL


class VicineTable(Tabella):
    """Companies from four fifths of their ceiling on."""

    caption = "Imprese vicine al massimale, o oltre"
    empty = "Nessuna impresa raggiunge l'80% del massimale."

    azienda = tables.Column("Impresa", order_by="azienda__denominazione", attrs=LONG)
    voucher = NumeroColumn("Voucher")
    lavoratori = NumeroColumn("Lavoratori")
    concesso = ImportoColumn("Voucher non revocati")
    residuo = ImportoColumn("Residuo", order_by="-concesso")
    quota = tables.Column("Parte del massimale", order_by="concesso", attrs=NUMERIC)

    class Meta:
        order_by = "-concesso"

    def render_quota(self, value: Decimal) -> str:
        return money.percento(value)

    def value_quota(self, value: Decimal) -> Any:
        return money.half_up(value, 2)


class ModalitaTable(Tabella):
    """Vouchers granted by month and mode: number and euro."""

    caption = "Voucher concessi per mese e modalità"
    empty = "Nessun voucher acquisito."

    nome = tables.Column("Mese di concessione", orderable=False)
    numero_aula = CifraColumn("Aula")
    numero_fad = CifraColumn("FAD")
    numero_e_learning = CifraColumn("E-learning")
    distanza = CifraColumn("A distanza")
    concesso = CifraColumn("Importo concesso")

    class Meta:
        row_attrs = TOTAL
