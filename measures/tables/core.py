"""Tables that every measure has."""

import django_tables2 as tables

from porfse.tables import DataColumn, ImportoColumn, NumeroColumn, Tabella


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

    parole = tables.Column("Come è stampata")
    numero = NumeroColumn("Numero")
    importo = ImportoColumn("Importo")
    data = DataColumn("Dati al")
    fonte = tables.Column("Fonte")
