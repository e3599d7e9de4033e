"""Tables of the projects by function."""

import django_tables2 as tables

from porfse.tables import LONG, CifraColumn, NumeroColumn, Tabella


class FunzioniTable(Tabella):
    caption = "Progetti e destinatari per funzione"
    empty = "Nessun progetto acquisito dichiara una funzione."

    nome = tables.Column("Funzione", orderable=False, attrs=LONG)
    progetti = CifraColumn("Progetti")
    destinatari = CifraColumn("Destinatari", style="short")
    non_noti = CifraColumn("Progetti senza numero di destinatari")


class FunzioneTable(Tabella):
    """What makes a figure of a function, by provincia and state."""

    provincia = tables.Column("Provincia")
    stato = tables.Column("Stato")
    progetti = NumeroColumn("Progetti")
    noti = NumeroColumn("Destinatari")
    non_noti = NumeroColumn("Progetti senza numero di destinatari")
