"""Tables of what a measure and the ledger of the programme hold."""

import django_tables2 as tables

from porfse.tables import LONG, CifraColumn, DataColumn, ImportoColumn, NumeroColumn, Tabella


class GiorniTable(Tabella):
    """What a measure granted or paid, by day."""

    giorno = DataColumn("Giorno")
    numero = NumeroColumn("Righe", accessor="righe")
    senza_data = NumeroColumn("di cui senza data")
    importo_senza_data = ImportoColumn("Importo senza data")
    importo = ImportoColumn("Importo", accessor="somma")


class ConfrontoTable(Tabella):
    """What the ledger holds of an initiative and what the rows of its measure give."""

    caption = "Registro del programma e righe della misura"

    voce = tables.Column("Grandezza", orderable=False)
    registro = CifraColumn("Registro del programma")
    righe = CifraColumn("Righe della misura")
    differenza = CifraColumn("Differenza", style="short")
    perche = tables.Column("Perché", orderable=False, attrs=LONG)


class AnteprimaTable(ConfrontoTable):
    """The same, and the movement that would make them agree."""

    caption = "Anteprima dei movimenti"

    da_scrivere = ImportoColumn("Movimento da scrivere", orderable=False)

    class Meta:
        sequence = ("voce", "registro", "righe", "differenza", "da_scrivere", "perche")


class StoriaTable(Tabella):
    """The movements that were posted from a measure."""

    caption = "Movimenti già scritti dalla misura"
    empty = "Nessun movimento è ancora stato scritto dalla misura."

    data = DataColumn("Data", orderable=False)
    voce = tables.Column("Grandezza", orderable=False)
    importo = ImportoColumn("Importo", orderable=False)
    atto = tables.Column("Atto", orderable=False)
    movimento = tables.Column("Movimento", orderable=False, linkify=lambda record: record["url"])
    stornato = tables.Column("Stornato da", orderable=False, default="—")
    inserito_da = tables.Column("Inserito da", orderable=False)


class PubblicatoTable(Tabella):
    """A published figure of a measure and the ledger on its date."""

    caption = "Dato pubblicato e registro alla stessa data"

    data = DataColumn("Dati al", orderable=False)
    voce = tables.Column("Grandezza", orderable=False)
    pubblicato = CifraColumn("Pubblicato")
    registro = CifraColumn("Registro del programma")
    differenza = CifraColumn("Differenza", style="short")
    perche = tables.Column("Perché", orderable=False, attrs=LONG)
